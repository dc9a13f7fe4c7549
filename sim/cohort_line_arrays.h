/* The arrays behind the head of a line, for sim/cohort_line*.c alone. A row's arrays are at its place. */
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

/* Of each block of a row: its people, and the factor of what stands in its columns. */
static inline people_t *line_block_people(const struct cohort_line *self, uint32_t row)
{
    return line_arrays(self) + (size_t)(LINE_ROWS + 1) * self->clocks +
           (size_t)2 * self->place[row] * self->blocks;
}
static inline double *line_factor(const struct cohort_line *self, uint32_t row)
{
    return line_block_people(self, row) + self->blocks;
}

/* Of each block, the people in all rows. */
static inline people_t *line_block_sums(const struct cohort_line *self)
{
    return line_arrays(self) + (size_t)(LINE_ROWS + 1) * self->clocks + (size_t)2 * LINE_ROWS * self->blocks;
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

#endif
