/* Cohorts of those who left a line. */
#include "sim/cohort_line_arrays.h"
#include "sim/numbers.h"

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

/* In expectation: of each column of a block the share that left. */
static void settle_block(struct cohort_line *self, struct cohort total[], const struct line_leaving *leaving,
                         uint32_t first, struct cohort left[])
{
    const bool kept = self->dates == LINE_DATES_KEPT;
    const double keep[NUMBERS_RECORD] = {1, 1, 1, 1, 1, kept, kept, 0};
    double share[NETWORK_MAX_CLASSES];
    uint32_t count = self->end_class - self->first_class;
    const people_t *people = leaving->people + first;
    for (uint32_t c = 0; c < count; c++) {
        people_t whole = total[first + c].people;
        share[c] = people[c] < whole ? people[c] / whole : whole > 0;
    }
    numbers_move_records(&left->people, &total[first].people, count, share, keep);
}

static void settle_columns(struct cohort_line *self, struct cohort total[], struct dice *dice,
                           const struct line_leaving *leaving, uint32_t first, struct cohort left[])
{
    for (uint32_t c = 0; c < self->end_class - self->first_class; c++) {
        if (!(leaving->people[first + c] > 0)) continue;
        struct cohort one = cohort_take(&total[first + c], dice, leaving->people[first + c]);
        if (self->dates != LINE_DATES_KEPT) one.listed_days = one.listed_squares = 0;
        cohort_add(&left[c], &one);
    }
}

people_t cohort_line_settle(struct cohort_line *self, struct cohort_line_part part, struct dice *dice,
                            struct line_leaving leaving, struct cohort left[], uint32_t width)
{
    struct cohort *total = line_total(self) + part.first;
    double *dates = line_total_dates(self) + part.first;
    const bool by_column = self->dates == LINE_DATES_OF_COLUMN, registered = self->dates != LINE_DATES_KEPT;
    const struct range range = by_column ? dates_of_rows(self) : (struct range){0};
    people_t sum = 0;
    if (self->end_class <= self->first_class) return 0;
    for (uint32_t block = 0; block < part.columns; block += self->classes) {
        uint32_t first = block + self->first_class, count = self->end_class - self->first_class;
        struct cohort *to = left + first % width;
        if (dice->expected)
            settle_block(self, total, &leaving, first, to);
        else
            settle_columns(self, total, dice, &leaving, first, to);
        for (uint32_t c = 0; c < count; c++) {
            people_t people = leaving.people[first + c];
            double own = leaving.dates[first + c];
            if (!(people > 0)) continue;
            sum += people;
            dates[first + c] -= own;
            if (by_column) dates[first + c] = keep_dates(&range, total[first + c].people, dates[first + c]);
            if (!registered) continue;
            to[c].listed_days += own;
            to[c].listed_squares += own * (own / people) + people * self->spread;
        }
    }
    memset(leaving.people, 0, part.columns * sizeof *leaving.people);
    memset(leaving.dates, 0, part.columns * sizeof *leaving.dates);
    return sum;
}
