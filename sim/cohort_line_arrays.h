/* The arrays behind the head of a line, for sim/cohort_line*.c alone. What a row has by column or clock is at
 * its place; what it has for each block stands row by row. */
#ifndef CORRIDOR_SIM_COHORT_LINE_ARRAYS_H
#define CORRIDOR_SIM_COHORT_LINE_ARRAYS_H

#include "sim/cohort_line.h"

static inline double *line_arrays(const struct cohort_line *self)
{
    return (double *)(void *)((char *)self + ((sizeof *self + 63) & ~(size_t)63));
}

/* What the clocks show now, and what they showed when the people of a row came. */
static inline double *line_clock(const struct cohort_line *self)
{
    return line_arrays(self);
}
static inline double *line_clock_of(const struct cohort_line *self, uint32_t row)
{
    return line_clock(self) + (size_t)(1 + self->place[row]) * self->clocks;
}

/* How long the step was in which the people of a row came, in means of then, until patience first acts on
 * them unknown; 0: short. */
#define LINE_WIDTH_UNKNOWN (-1)
#define LINE_CLOCK_ROWS    (1 + 2 * LINE_ROWS)
static inline double *line_width_of(const struct cohort_line *self, uint32_t row)
{
    return line_clock(self) + (size_t)(1 + LINE_ROWS + self->place[row]) * self->clocks;
}

/* Whether a row holds comers of several steps, and the last of its dates. */
static inline bool line_is_merged(const struct line_row *row)
{
    return row->first < row->last;
}
static inline double line_last_date(const struct line_row *row)
{
    return line_is_merged(row) ? row->last_dated : row->dated;
}

/* Of each row of a block: its people, the factor of what stands in its columns, and the first of their dates
 * when the row is merged. Arrays of which one begins a power of two behind the other would push each other
 * out of the cache. */
#define LINE_ROWS_APART (LINE_ROWS + 8)
#define LINE_ROW_ARRAYS 3
static inline people_t *line_block_people(const struct cohort_line *self, uint32_t block)
{
    return line_arrays(self) + (size_t)LINE_CLOCK_ROWS * self->clocks +
           (size_t)LINE_ROW_ARRAYS * block * LINE_ROWS_APART;
}
static inline double *line_factor(const struct cohort_line *self, uint32_t block)
{
    return line_block_people(self, block) + LINE_ROWS_APART;
}
static inline double *line_first_date(const struct cohort_line *self, uint32_t block)
{
    return line_factor(self, block) + LINE_ROWS_APART;
}

/* Makes the factor of a block 1: before other people come to it, and before it is so small that what is
 * divided by it loses its digits. */
#define LINE_SMALLEST_FACTOR 1e-100
void line_multiply_out(struct cohort_line *self, uint32_t row, uint32_t block);

/* Of each block, the people in all rows. */
static inline people_t *line_block_sums(const struct cohort_line *self)
{
    return line_block_people(self, self->blocks);
}

/* All who have not been settled yet, by column; and the sums of the steps from which their waits are counted.
 */
static inline struct cohort *line_total(const struct cohort_line *self)
{
    return (struct cohort *)(void *)(line_block_sums(self) + self->blocks);
}
static inline double *line_total_dates(const struct cohort_line *self)
{
    return (double *)(void *)(line_total(self) + self->columns);
}

/* People of a row by column, times the factor. */
static inline people_t *line_all_people(const struct cohort_line *self)
{
    return line_total_dates(self) + self->columns;
}
static inline people_t *line_people(const struct cohort_line *self, uint32_t row)
{
    return line_all_people(self) + (size_t)self->place[row] * self->columns;
}

/* ---- how people leave (cohort_line_leave.c) ---- */

/* People up to which, and no more than a row has columns, one by one is quicker than a draw for each column.
 */
#define LINE_SINGLY 48

/* In expectation: rows from `first` on, of each of which the same share of everyone in a part leaves. */
struct line_sharing {
    uint32_t first, rows;
    const double *share;
    double date[LINE_ROWS];
    people_t left[LINE_ROWS];
};
void line_leave_part(struct cohort_line *self, struct cohort_line_part part, uint32_t first, uint32_t rows,
                     const double share[], struct line_sharing *at, struct line_leaving leaving);

/* Whether the squares of dates are wanted of those who leave. */
static inline bool line_wants_squares(const struct cohort_line *self, struct line_leaving leaving)
{
    return leaving.squares && self->dates == LINE_DATES_OF_ROW;
}

/* `count` people leave one column of a row. */
void line_leave_cell(struct cohort_line *self, uint32_t row, uint32_t column, people_t count,
                     struct line_leaving leaving, uint32_t to);

/* Takes `count` of the `among` people of a part of a row, at random. */
void line_take(struct cohort_line *self, uint32_t row, struct cohort_line_part part, struct dice *dice,
               people_t count, people_t among, struct line_leaving leaving);

/* Books people who leave a block of a row. */
void line_book(struct cohort_line *self, uint32_t row, uint32_t block, people_t count);

/* The mean date of a column, as it was when people were settled last. */
double line_date_of_column(const struct cohort_line *self, uint32_t column);

/* ---- with draws, many at once (cohort_line_many.c) ---- */

/* Everyone leaves with the probability of the row, p[row]. */
void line_thin(struct cohort_line *self, struct dice *dice, const double p[], struct line_leaving leaving);

/* Whether so many of a part are better drawn together; takes most of them by lot, and returns how many. */
bool line_are_many(const struct cohort_line *self, struct cohort_line_part part, people_t count,
                   people_t among);
people_t line_take_most(struct cohort_line *self, struct cohort_line_part part, struct dice *dice,
                        people_t count, people_t among, struct line_leaving leaving);

#endif
