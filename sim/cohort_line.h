/* People who wait, by the step in which they came: rows, each with a cohort for every column (a lane, or more
 * than that). Old rows are merged: a row holds the comers of at most an eighth of its age, so that hundreds
 * of days need some forty rows. Within a row nobody is before another. Holds no pointers.
 *
 * Patience runs on a clock of its own, in means: when the mean changes, what is left of everyone's patience
 * is rescaled. */
#ifndef CORRIDOR_SIM_COHORT_LINE_H
#define CORRIDOR_SIM_COHORT_LINE_H

#include "sim/cohort.h"
#include "sim/distribution.h"

#include <stddef.h>

#define LINE_ROWS 256

struct line_row {
    int64_t first, last; /* steps in which its people came */
    double entered;      /* the mean of these */
    double dated;        /* the mean of the steps from which their wait is counted; may be earlier */
    people_t people;
};

struct cohort_line {
    uint32_t columns, rows;
    uint32_t clocks;                 /* column c goes by clock c % clocks */
    uint32_t classes;                /* columns of a block */
    uint32_t first_class, end_class; /* of each block, columns outside were never used */
    people_t people;
    struct line_row row[LINE_ROWS]; /* oldest first */
    uint32_t place[LINE_ROWS];      /* row -> where its cohorts are; those behind `rows` are free */
};

/* Bytes, 64-byte aligned; the memory must be zero. `clocks`: 1, or one for each class. */
size_t cohort_line_memory(uint32_t columns, uint32_t clocks);
/* `classes`: columns come in blocks of so many. */
void cohort_line_begin(struct cohort_line *self, uint32_t columns, uint32_t classes, uint32_t clocks);

struct cohort *cohort_line_cells(const struct cohort_line *self, uint32_t row);

/* Adds people who came in this step. Their patience begins `lead` means (one for each clock; NULL: none)
 * after what the clock shows. */
void cohort_line_add(struct cohort_line *self, int64_t step, uint32_t column, const struct cohort *cohort,
                     const double lead[]);

/* The same for all columns together, `people` of them, whose wait is counted from `dated`. */
void cohort_line_add_row(struct cohort_line *self, int64_t step, double dated, const struct cohort cohorts[],
                         people_t people, const double lead[]);

/* Adds people at the head of the line. */
void cohort_line_return(struct cohort_line *self, int64_t step, uint32_t column, const struct cohort *cohort);

/* Merges rows that are old enough and drops empty ones; once a step. */
void cohort_line_tidy(struct cohort_line *self, int64_t step);

/* Takes `count` of the `among` people who stand in the columns `first` to `first + columns - 1` of a row at
 * random, and adds them to `taken` (by column, from `first` on). Columns whose `level` is not `want` are left
 * alone; level NULL: none are. */
struct cohort_line_part {
    uint32_t first, columns;
    const uint8_t *level;
    uint8_t want;
};
void cohort_line_take(struct cohort_line *self, uint32_t row, struct cohort_line_part part, struct dice *dice,
                      people_t count, people_t among, struct cohort taken[]);
people_t cohort_line_count(const struct cohort_line *self, uint32_t row, struct cohort_line_part part);

/* What happens to the people taken from one row: they came in step `entered` on average. */
typedef void cohort_line_row(void *context, struct cohort taken[], double entered);

/* Takes `count` people of the whole line: those of the oldest rows, or by lot among all. `taken` (by column)
 * is used for one row after the other. */
void cohort_line_take_oldest(struct cohort_line *self, struct cohort_line_part part, struct dice *dice,
                             people_t count, struct cohort taken[], cohort_line_row *handle, void *context);
void cohort_line_take_lots(struct cohort_line *self, struct dice *dice, people_t count, struct cohort taken[],
                           cohort_line_row *handle, void *context);

/* Moves the clocks on by elapsed[clock] means and adds those who lose patience meanwhile to `lost`, by
 * column. */
void cohort_line_expose(struct cohort_line *self, struct dice *dice, const struct distribution *patience,
                        const double elapsed[], struct cohort lost[]);

/* The sum over all who wait of the steps since they came, at the start of `step`. */
double cohort_line_waited(const struct cohort_line *self, int64_t step);

#endif
