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

/* Of columns that some of `left` were in; `people` are in them now. */
FOR_EACH_WIDTH
static void keep_dates(double *restrict dates, const people_t *restrict people, const people_t *restrict left,
                       uint32_t count, struct range range)
{
    for (uint32_t c = 0; c < count; c++) {
        double least = people[c] * range.first, most = people[c] * range.last;
        double above = dates[c] > least ? dates[c] : least, within = above < most ? above : most;
        dates[c] = left[c] > 0 ? within : dates[c];
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
static void shares_of_leavers(double *restrict share, const people_t *restrict people,
                              const people_t *restrict whole, uint32_t count)
{
    for (uint32_t c = 0; c < count; c++) {
        double part = people[c] / (whole[c] > 0 ? whole[c] : 1);
        double share_of = part > 0 ? part : 0; /* rounding can leave less than nobody */
        share[c] = share_of < 1 ? share_of : whole[c] > 0;
    }
}

/* In expectation: moves the share that left out of each column. */
static void move_shares(struct cohort total[], const people_t people[], uint32_t count, bool dates_kept,
                        struct cohort left[])
{
    const double keep[NUMBERS_RECORD] = {1, 1, 1, 1, 1, dates_kept, dates_kept, 0};
    double whole[NETWORK_MAX_CLASSES], share[NETWORK_MAX_CLASSES];
    numbers_take_column(whole, &total->people, 0, count);
    shares_of_leavers(share, people, whole, count);
    numbers_move_records(&left->people, &total->people, count, share, keep);
}

/* With draws: takes those who left out of each column at random. */
static void move_drawn(struct cohort total[], const people_t people[], uint32_t count, bool dates_kept,
                       struct dice *dice, struct cohort left[])
{
    for (uint32_t c = 0; c < count; c++) {
        if (!(people[c] > 0)) continue;
        struct cohort one = cohort_take(&total[c], dice, people[c]);
        if (!dates_kept) one.listed_dates = one.listed_squares = 0;
        cohort_add(&left[c], &one);
    }
}

/* Takes the dates of those who left out of the columns, and gives them to their cohorts. `known`: the sums of
 * their squares; NULL: as spread as the rows. */
static void move_dates(const struct cohort_line *self, double dates[], const people_t people[],
                       const double own[], const double *known, uint32_t count, struct cohort left[])
{
    double spread[NETWORK_MAX_CLASSES];
    dates_of_leavers(dates, spread, people, own, count, self->spread);
    const double *squares = known ? known : spread;
    for (uint32_t c = 0; c < count; c++) {
        left[c].listed_dates += own[c];
        left[c].listed_squares += squares[c];
    }
}

/* Those who left the columns of one block; arrays from its first class in use on. */
static people_t settle_block(struct cohort_line *self, struct cohort total[], double dates[],
                             struct line_leaving leaving, struct range range, struct dice *dice,
                             struct cohort left[])
{
    const people_t *people = leaving.people;
    const bool dates_kept = self->dates == LINE_DATES_KEPT;
    const uint32_t count = self->end_class - self->first_class;
    double staying[NETWORK_MAX_CLASSES];
    if (dice->expected)
        move_shares(total, people, count, dates_kept, left);
    else
        move_drawn(total, people, count, dates_kept, dice, left);
    if (dates_kept || leaving.unlisted)
        numbers_remove(dates, leaving.dates, count);
    else
        move_dates(self, dates, people, leaving.dates, leaving.squares, count, left);
    if (self->dates == LINE_DATES_OF_COLUMN) {
        numbers_take_column(staying, &total->people, 0, count);
        keep_dates(dates, staying, people, count, range);
    }
    return numbers_sum(people, count);
}

people_t cohort_line_settle(struct cohort_line *self, struct cohort_line_part part, struct dice *dice,
                            struct line_leaving leaving, struct cohort left[], uint32_t width)
{
    struct cohort *total = line_total(self) + part.first;
    double *dates = line_total_dates(self) + part.first;
    const struct range range = self->dates == LINE_DATES_OF_COLUMN ? dates_of_rows(self) : (struct range){0};
    const bool squares = line_wants_squares(self, leaving);
    people_t sum = 0;
    if (self->end_class <= self->first_class) return 0;
    for (uint32_t block = 0; block < part.columns; block += self->classes) {
        uint32_t first = block + self->first_class;
        const struct line_leaving own = {.people = leaving.people + first,
                                         .dates = leaving.dates + first,
                                         .squares = squares ? leaving.squares + first : NULL,
                                         .unlisted = leaving.unlisted};
        sum += settle_block(self, total + first, dates + first, own, range, dice, left + first % width);
    }
    memset(leaving.people, 0, part.columns * sizeof *leaving.people);
    memset(leaving.dates, 0, part.columns * sizeof *leaving.dates);
    if (squares) memset(leaving.squares, 0, part.columns * sizeof *leaving.squares);
    return sum;
}
