/* People who wait, by the step in which they came: rows, and in each a number of people for every column (a
 * lane, or more than that). Old rows are merged: a row holds the comers of at most a quarter of its age (as
 * many days as it is old where columns have dates of their own), so that hundreds of days need some forty
 * rows. Those of a merged row are taken to have registered evenly from its first date to its last one.
 *
 * Which of them are in the sets of a cohort is known for a column, not for a row: patience and lots take from
 * all rows alike, and where the oldest go first, those who go are a random part of the column. So those who
 * leave are counted row by row (`line_leaving`), and then taken out of their columns as cohorts (settled).
 *
 * Expectations scale what stands in a block of a row (a group of lanes, an office) by one factor, which is
 * kept beside it; the people of the block are what stands there times the factor. Whole numbers have the
 * factor 1.
 *
 * Patience runs on a clock of its own, in means: when the mean changes, what is left of everyone's patience
 * is rescaled. Holds no pointers. */
#ifndef CORRIDOR_SIM_COHORT_LINE_H
#define CORRIDOR_SIM_COHORT_LINE_H

#include "sim/cohort.h"
#include "sim/distribution.h"

#include <stddef.h>

#define LINE_ROWS 128

/* What the dates of registration of those who leave are. */
enum line_dates {
    LINE_DATES_KEPT,     /* what they were when they came: a queue asks nothing about them */
    LINE_DATES_OF_ROW,   /* in steps: all are listed, since the date of their row */
    LINE_DATES_OF_COLUMN /* in steps (a column for each office and class, at most): the mean of their column;
                            of the oldest, and of those who lose patience, as much earlier or later as their
                            rows are */
};

struct line_row {
    int64_t first, last; /* steps in which its people came */
    double entered;      /* the mean of these */
    double dated;        /* the mean of the steps from which their wait is counted; may be earlier */
    double last_dated;   /* the last of these, when the row is merged */
    people_t people;
    people_t taken;     /* since cohort_line_each_taken, */
    double taken_dates; /* and the sum of their dates */
    /* Patience: the share that keeps it up to this age, for steps of this width, in means; 0: not known. */
    double kept_age, kept_width, kept;
};

struct cohort_line {
    uint32_t columns, rows;
    uint32_t clocks;                 /* column c goes by clock c % clocks */
    uint32_t classes, blocks;        /* columns of a block; blocks */
    uint32_t first_class, end_class; /* of each block, columns outside were never used */
    enum line_dates dates;
    double spread; /* dates of columns: variance of those of the rows from which patience took people last */
    people_t people;
    struct line_row row[LINE_ROWS]; /* oldest first */
    uint32_t place[LINE_ROWS];      /* row -> where its people are; those behind `rows` are free */
};

/* What a line is made for: `columns` in blocks of `classes`; 1 clock, or one for each class. */
struct cohort_line_shape {
    uint32_t columns, classes, clocks;
    enum line_dates dates;
};

/* Bytes, a multiple of 64; the memory must be 64-byte aligned, and whatever is in it is forgotten. */
size_t cohort_line_memory(struct cohort_line_shape shape);
void cohort_line_begin(struct cohort_line *self, struct cohort_line_shape shape);

/* Adds people who came in this step, and whose wait is counted from it. Their patience begins `lead` means
 * (one for each clock; NULL: none) after what the clock shows. */
void cohort_line_add(struct cohort_line *self, int64_t step, uint32_t column, const struct cohort *cohort,
                     const double lead[]);

/* The same for many columns: begins with cohort_line_open, which returns the row of this step, and adds to it
 * column by column. `dates`: the sum of the steps from which the people's waits are counted. */
uint32_t cohort_line_open(struct cohort_line *self, int64_t step, const double lead[]);
void cohort_line_join(struct cohort_line *self, uint32_t row, uint32_t column, const struct cohort *cohort,
                      double dates);
/* In expectation: of each cohort of a row of classes share[i] joins the i-th of `blocks` blocks from `first`
 * on. `dates`: of each class, the sum of the steps from which the people's waits are counted. */
void cohort_line_join_blocks(struct cohort_line *self, uint32_t row, uint32_t first, uint32_t blocks,
                             const struct cohort cohorts[], const double dates[], const double share[]);

/* Adds people to the oldest row, at the head of the line: their wait is counted from this step, but their
 * patience is that of the row. */
void cohort_line_return(struct cohort_line *self, int64_t step, uint32_t column, const struct cohort *cohort);

/* Merges rows that are old enough and drops empty ones; once a step. */
void cohort_line_tidy(struct cohort_line *self, int64_t step);

/* The sum over all who wait of the steps since they came, at the start of `step`. */
double cohort_line_waited(const struct cohort_line *self, int64_t step);
/* The same since the dates from which their waits are counted, which may be earlier. */
double cohort_line_waited_by_date(const struct cohort_line *self, int64_t step);

/* ---- leaving (cohort_line_leave.c, cohort_line_settle.c) ---- */

/* People on their way out, by column: how many, the sum of the steps from which their wait is counted, and of
 * those who lose patience where dates are those of rows the sum of the squares of these. Arrays of the
 * caller, zero at first. */
struct line_leaving {
    people_t *people;
    double *dates, *squares;
    bool unlisted; /* nobody will ask since when they have been registered: their cohorts do not say */
    bool from_all; /* set by those functions that take from all rows alike */
};

/* The columns `first` to `first + columns - 1`, whole blocks of them. Those whose `level` is not `want` are
 * left alone; level NULL: none are. Arrays for a part begin at its first column. */
struct cohort_line_part {
    uint32_t first, columns;
    const uint8_t *level;
    uint8_t want;
};

/* People of a part in one row; in all rows. */
people_t cohort_line_count(const struct cohort_line *self, uint32_t row, struct cohort_line_part part);
people_t cohort_line_count_all(const struct cohort_line *self, struct cohort_line_part part);

/* Takes `count` of the `among` people of a part of a row, at random, and adds them to `leaving`. */
void cohort_line_take(struct cohort_line *self, uint32_t row, struct cohort_line_part part, struct dice *dice,
                      people_t count, people_t among, struct line_leaving leaving);

/* The dates of those of a block who are in one row. */
struct line_span {
    double first, last;
};
struct line_span cohort_line_span(const struct cohort_line *self, uint32_t row, uint32_t block);

/* Takes `count` of the `among` people of a part of one block, those of the row who registered first: on
 * average on `date`; nobody who did before `first` is left. */
void cohort_line_take_first(struct cohort_line *self, uint32_t row, struct cohort_line_part part,
                            struct dice *dice, people_t count, people_t among, double date, double first,
                            struct line_leaving leaving);

/* Takes `count` people of a part: those of the oldest rows, or by lot among all, who are `among`. */
void cohort_line_take_oldest(struct cohort_line *self, struct cohort_line_part part, struct dice *dice,
                             people_t count, struct line_leaving leaving);
void cohort_line_take_lots(struct cohort_line *self, struct cohort_line_part part, struct dice *dice,
                           people_t count, people_t among, struct line_leaving leaving);

/* Calls `handle` for each row that people were taken from since the last time, with their number; `entered`
 * and `dated` of the row are those of the people who were taken. */
typedef void cohort_line_row(void *context, const struct line_row *row, people_t count);
void cohort_line_each_taken(struct cohort_line *self, cohort_line_row *handle, void *context);

/* Moves the clocks on by elapsed[clock] means, which are so many `steps`, and takes those, of all columns,
 * who lose patience meanwhile; it is distributed as the distribution says. */
void cohort_line_expose(struct cohort_line *self, struct dice *dice, const struct distribution *distribution,
                        const double elapsed[], double steps, struct line_leaving leaving);

/* Makes cohorts of those who left a part since the last time, each a random part of its column, adds them to
 * left[column % width], and zeroes `leaving`. Returns how many people they are. */
people_t cohort_line_settle(struct cohort_line *self, struct cohort_line_part part, struct dice *dice,
                            struct line_leaving leaving, struct cohort left[], uint32_t width);

#endif
