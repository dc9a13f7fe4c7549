#include "sim/time.h"

#include <stdio.h>
#include <string.h>

int32_t date_to_days(struct date date)
{
    int year = date.year - (date.month <= 2);
    int era = (year >= 0 ? year : year - 399) / 400;
    int year_of_era = year - era * 400;
    int day_of_year = (153 * (date.month + (date.month > 2 ? -3 : 9)) + 2) / 5 + date.day - 1;
    int day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - 719468;
}

struct date date_from_days(int32_t days)
{
    int shifted = days + 719468;
    int era = (shifted >= 0 ? shifted : shifted - 146096) / 146097;
    int day_of_era = shifted - era * 146097;
    int year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int month_from_march = (5 * day_of_year + 2) / 153;
    int month = month_from_march + (month_from_march < 10 ? 3 : -9);
    return (struct date){.year = year_of_era + era * 400 + (month <= 2),
                         .month = month,
                         .day = day_of_year - (153 * month_from_march + 2) / 5 + 1};
}

int date_days_in_month(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return month == 2 && leap ? 29 : days[month - 1];
}

bool date_is_valid(struct date date)
{
    return date.year >= 1 && date.year <= 9999 && date.month >= 1 && date.month <= 12 && date.day >= 1 &&
           date.day <= date_days_in_month(date.year, date.month);
}

static bool read_digits(const char *text, int count, int *number)
{
    *number = 0;
    for (int i = 0; i < count; i++) {
        if (text[i] < '0' || text[i] > '9') return false;
        *number = *number * 10 + (text[i] - '0');
    }
    return true;
}

bool date_parse(const char *text, int32_t *days)
{
    struct date date;
    if (!read_digits(text, 4, &date.year) || text[4] != '-' || !read_digits(text + 5, 2, &date.month) ||
        text[7] != '-' || !read_digits(text + 8, 2, &date.day) || text[10] != '\0' || !date_is_valid(date))
        return false;
    *days = date_to_days(date);
    return true;
}

/* One date or part of a date: its first day, and the day after its last. */
static bool parse_span(const char *text, size_t length, int32_t *first, int32_t *end)
{
    char date[11] = "0000-01-01";
    if (length != 4 && length != 7 && length != 10) return false;
    memcpy(date, text, length);
    if (!date_parse(date, first)) return false;
    struct date start = date_from_days(*first);
    *end = *first + 1;
    if (length == 7) *end = *first + date_days_in_month(start.year, start.month);
    if (length == 4) *end = date_to_days((struct date){start.year + 1, 1, 1});
    return true;
}

bool period_parse(const char *text, int32_t *first_day, int32_t *end_day)
{
    const char *slash = strchr(text, '/');
    if (!slash) return parse_span(text, strlen(text), first_day, end_day);
    int32_t unused;
    return parse_span(text, (size_t)(slash - text), first_day, &unused) &&
           parse_span(slash + 1, strlen(slash + 1), &unused, end_day) && *end_day > *first_day;
}

void date_format(int32_t days, char text[11])
{
    struct date date = date_from_days(days);
    snprintf(text, 11, "%04d-%02d-%02d", (unsigned)date.year % 10000, (unsigned)date.month % 100,
             (unsigned)date.day % 100);
}

int date_weekday(int32_t days)
{
    int weekday = (days + 3) % 7; /* 1970-01-01 was a Thursday */
    return (weekday < 0 ? weekday + 7 : weekday) + 1;
}
