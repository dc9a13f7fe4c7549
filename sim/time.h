/* Simulated time: integer ticks of 2^-28 day (0.32 ms), day 0 being the scenario's `from`.
 * Ticks before `from` (the spin-up) are negative. Dates are proleptic Gregorian, counted in days since
 * 1970-01-01. */
#ifndef CORRIDOR_SIM_TIME_H
#define CORRIDOR_SIM_TIME_H

#include <stdbool.h>
#include <stdint.h>

typedef int64_t tick_t;

#define TICK_BITS     28
#define TICKS_PER_DAY ((tick_t)1 << TICK_BITS)
#define TICK_NEVER    INT64_MAX

static inline int64_t tick_day(tick_t tick)
{
    return tick >> TICK_BITS;
}
static inline double tick_days(tick_t ticks)
{
    return (double)ticks * 0x1p-28;
}

/* Days as ticks, rounded to nearest; at least 1 (time moves on) and at most TICKS_MOST (never). */
#define TICKS_MOST ((tick_t)1 << 61)
static inline tick_t tick_from_days(double days)
{
    double ticks = days * 0x1p28 + 0.5;
    if (!(ticks >= 1.0)) return 1;
    return ticks < 0x1p61 ? (tick_t)ticks : TICKS_MOST;
}

struct date {
    int year, month, day; /* month 1..12, day 1..31 */
};

/* Days since 1970-01-01, and back (Howard Hinnant, "chrono-compatible low-level date algorithms", 2013). */
int32_t date_to_days(struct date date);
struct date date_from_days(int32_t days);
bool date_is_valid(struct date date);

/* Reads "YYYY-MM-DD" exactly; false when the text is anything else or no such day exists. */
bool date_parse(const char *text, int32_t *days);
/* Reads "YYYY", "YYYY-MM", "YYYY-MM-DD", or two of them with a slash between, the first and the last part of
 * a period: its first day, and the day after its last. */
bool period_parse(const char *text, int32_t *first_day, int32_t *end_day);
/* Writes "YYYY-MM-DD" and the terminating zero. */
void date_format(int32_t days, char text[11]);
int date_days_in_month(int year, int month);
/* ISO weekday, Monday = 1 .. Sunday = 7. */
int date_weekday(int32_t days);

#endif
