/* With draws: how many people leave a line at once, all columns of all rows of a block drawn together. */
#include "sim/cohort_line_arrays.h"
#include "sim/numbers.h"

#include <math.h>
#include <string.h>

#define ROWS_TOGETHER 16
#define MANY          32 /* people for each row */
#define SPARE         1  /* standard deviations */

/* So many of each column of a block of a row leave. Returns how many people they are. */
static people_t leave_columns(struct cohort_line *self, uint32_t row, uint32_t block, const people_t left[],
                              struct line_leaving leaving, uint32_t to)
{
    const bool by_column = leaving.from_all && self->dates == LINE_DATES_OF_COLUMN;
    const uint32_t classes = self->classes;
    people_t sum = numbers_sum(left, classes);
    if (!(sum > 0)) return 0;
    numbers_remove(line_people(self, row) + block * classes, left, classes);
    numbers_add(leaving.people + to, left, classes);
    const double dated = self->row[row].dated;
    if (!by_column) numbers_add_times(leaving.dates + to, left, classes, dated);
    if (line_wants_squares(self, leaving))
        numbers_add_times(leaving.squares + to, left, classes, dated * dated);
    for (uint32_t c = 0; c < classes && by_column; c++)
        if (left[c] > 0) leaving.dates[to + c] += left[c] * line_date_of_column(self, block * classes + c);
    line_book(self, row, block, sum);
    return sum;
}

/* Of each row in a block, how many of each column with the row's chance. Rows lie one behind the
 * other in `left`. */
static void draw_block(const struct cohort_line *self, uint32_t block, struct dice *dice, const double p[],
                       people_t left[])
{
    people_t here[ROWS_TOGETHER * NETWORK_MAX_CLASSES];
    double chance[ROWS_TOGETHER * NETWORK_MAX_CLASSES];
    const size_t classes = self->classes;
    for (uint32_t first = 0, some; first < self->rows; first += some) {
        some = self->rows - first < ROWS_TOGETHER ? self->rows - first : ROWS_TOGETHER;
        for (uint32_t r = 0; r < some; r++) {
            memcpy(here + r * classes, line_people(self, first + r) + block * classes,
                   classes * sizeof *here);
            for (size_t c = 0; c < classes; c++) chance[r * classes + c] = p[first + r];
        }
        stream_binomials(&dice->stream, some * classes, here, chance, left + first * classes);
    }
}

void line_thin(struct cohort_line *self, struct dice *dice, const double p[], struct line_leaving leaving)
{
    people_t left[LINE_ROWS * NETWORK_MAX_CLASSES];
    for (uint32_t block = 0; block < self->blocks; block++) {
        if (!(line_block_sums(self)[block] > 0)) continue;
        draw_block(self, block, dice, p, left);
        for (uint32_t row = 0; row < self->rows; row++)
            leave_columns(self, row, block, left + row * self->classes, leaving, block * self->classes);
    }
}

bool line_are_many(const struct cohort_line *self, struct cohort_line_part part, people_t count,
                   people_t among)
{
    return !part.level && part.columns == self->classes && count < among && count > MANY * self->rows;
}

/* Everyone wins with one chance, again until they are not too many. Given how many win, they are a random
 * part of all, so the others can be drawn from those who are left. */
people_t line_take_most(struct cohort_line *self, struct cohort_line_part part, struct dice *dice,
                        people_t count, people_t among, struct line_leaving leaving)
{
    const uint32_t block = part.first / self->classes;
    const double share = (count - SPARE * sqrt(count * (1 - count / among))) / among;
    people_t won[LINE_ROWS * NETWORK_MAX_CLASSES], sum;
    double p[LINE_ROWS];
    for (uint32_t row = 0; row < self->rows; row++) p[row] = share;
    do {
        draw_block(self, block, dice, p, won);
        sum = numbers_sum(won, self->rows * self->classes);
    } while (sum > count);
    for (uint32_t row = 0; row < self->rows; row++) {
        people_t left = leave_columns(self, row, block, won + row * self->classes, leaving, 0);
        self->row[row].taken += left;
        self->row[row].taken_dates += left * self->row[row].dated;
    }
    return sum;
}
