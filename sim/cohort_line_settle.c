/* Cohorts of those who left a line. */
#include "sim/cohort_line_arrays.h"
#include "sim/numbers.h"
#include "sim/widths.h"

#include <math.h>
#include <string.h>

/* The dates of a column after some left it: none of its people can have registered before the oldest row or
 * after the newest. */
struct range {
    double first, last;
};
static struct range dates_of_rows(const struct cohort_line *self)
{
    struct range range = {INFINITY, -INFINITY};
    for (uint32_t row = 0; row < self->rows; row++) {
        double date = self->row[row].dated;
        range.first = date < range.first ? date : range.first;
        range.last = date > range.last ? date : range.last;
    }
    return range;
}

static double keep_dates(const struct range *range, people_t people, double dates)
{
    double least = people * range->first, most = people * range->last;
    return dates < least ? least : dates > most ? most : dates;
}

/* ---- in expectation: of each column of a block the share that left ---- */

FOR_EACH_WIDTH
static void shares_of_leavers(double *restrict share, const people_t *restrict people,
                              const people_t *restrict whole, uint32_t count)
{
    for (uint32_t c = 0; c < count; c++) {
        double part = people[c] / (whole[c] > 0 ? whole[c] : 1);
        double share_of = part > 0 ? part : 0; /* rounding can leave less than nobody */
        share[c] = share_of < 1 ? share_of : whole[c] > 0;
    }
}

/* Takes the dates of the people who left out of those of the columns; `squares`: what their squares come to.
 */
FOR_EACH_WIDTH
static void dates_of_leavers(double *restrict dates, double *restrict squares,
                             const people_t *restrict people, const double *restrict own, uint32_t count,
                             double spread)
{
    for (uint32_t c = 0; c < count; c++) {
        squares[c] = own[c] * (own[c] / (people[c] > 0 ? people[c] : 1)) + people[c] * spread;
        dates[c] -= own[c];
    }
}

FOR_EACH_WIDTH
static void keep_all_dates(double *restrict dates, const people_t *restrict whole,
                           const double *restrict share, uint32_t count, double first, double last)
{
    for (uint32_t c = 0; c < count; c++) {
        people_t left = whole[c] - whole[c] * share[c];
        double least = left * first, most = left * last;
        double above = dates[c] > least ? dates[c] : least;
        dates[c] = above < most ? above : most;
    }
}

static people_t settle_block(struct cohort_line *self, struct cohort total[], double dates[],
                             const people_t people[], const double own[], const struct range *range,
                             struct cohort left[])
{
    const bool kept = self->dates == LINE_DATES_KEPT;
    const double keep[NUMBERS_RECORD] = {1, 1, 1, 1, 1, kept, kept, 0};
    const uint32_t count = self->end_class - self->first_class;
    double whole[NETWORK_MAX_CLASSES], share[NETWORK_MAX_CLASSES], squares[NETWORK_MAX_CLASSES];
    numbers_take_column(whole, &total->people, 0, count);
    shares_of_leavers(share, people, whole, count);
    numbers_move_records(&left->people, &total->people, count, share, keep);
    dates_of_leavers(dates, squares, people, own, count, self->spread);
    if (self->dates == LINE_DATES_OF_COLUMN)
        keep_all_dates(dates, whole, share, count, range->first, range->last);
    for (uint32_t c = 0; c < count && !kept; c++) {
        left[c].listed_days += own[c];
        left[c].listed_squares += squares[c];
    }
    return numbers_sum(people, count);
}

/* ---- with draws ---- */

static people_t settle_columns(struct cohort_line *self, struct cohort total[], double dates[],
                               const people_t people[], const double own[], const struct range *range,
                               struct dice *dice, struct cohort left[])
{
    people_t sum = 0;
    for (uint32_t c = 0; c < self->end_class - self->first_class; c++) {
        if (!(people[c] > 0)) continue;
        struct cohort one = cohort_take(&total[c], dice, people[c]);
        sum += people[c];
        dates[c] -= own[c];
        if (self->dates == LINE_DATES_OF_COLUMN) dates[c] = keep_dates(range, total[c].people, dates[c]);
        if (self->dates != LINE_DATES_KEPT) {
            one.listed_days = own[c];
            one.listed_squares = own[c] * (own[c] / people[c]) + people[c] * self->spread;
        }
        cohort_add(&left[c], &one);
    }
    return sum;
}

people_t cohort_line_settle(struct cohort_line *self, struct cohort_line_part part, struct dice *dice,
                            struct line_leaving leaving, struct cohort left[], uint32_t width)
{
    struct cohort *total = line_total(self) + part.first;
    double *dates = line_total_dates(self) + part.first;
    const struct range range = self->dates == LINE_DATES_OF_COLUMN ? dates_of_rows(self) : (struct range){0};
    people_t sum = 0;
    if (self->end_class <= self->first_class) return 0;
    for (uint32_t block = 0; block < part.columns; block += self->classes) {
        uint32_t first = block + self->first_class;
        struct cohort *to = left + first % width;
        const people_t *people = leaving.people + first;
        const double *own = leaving.dates + first;
        sum += dice->expected
                   ? settle_block(self, total + first, dates + first, people, own, &range, to)
                   : settle_columns(self, total + first, dates + first, people, own, &range, dice, to);
    }
    memset(leaving.people, 0, part.columns * sizeof *leaving.people);
    memset(leaving.dates, 0, part.columns * sizeof *leaving.dates);
    return sum;
}
