#include "sim/cohort_line.h"

#include "sim/cohort_line_arrays.h"
#include "sim/numbers.h"

#include <math.h>
#include <string.h>

/* How much older a row is than it is wide: less where rows say little about dates. */
#define AGE_PER_WIDTH       4
#define AGE_PER_MIXED_WIDTH 1
#define NEGLIGIBLE          1e-6 /* people: expectations leave traces that need no row of their own, */
#define NOBODY              1e-9 /* and rounding leaves traces of nobody */

size_t cohort_line_memory(struct cohort_line_shape shape)
{
    size_t blocks = shape.columns / shape.classes;
    size_t numbers = (size_t)LINE_CLOCK_ROWS * shape.clocks +
                     (LINE_ROW_ARRAYS * (size_t)LINE_ROWS_APART + 1) * blocks +
                     (size_t)shape.columns * (COHORT_NUMBERS + 1) + (size_t)LINE_ROWS * shape.columns;
    size_t head = (sizeof(struct cohort_line) + 63) & ~(size_t)63;
    return (head + numbers * sizeof(double) + 63) & ~(size_t)63;
}

void cohort_line_begin(struct cohort_line *self, struct cohort_line_shape shape)
{
    memset(self, 0, sizeof *self);
    self->columns = shape.columns;
    self->classes = self->first_class = shape.classes;
    self->blocks = shape.columns / shape.classes;
    self->clocks = shape.clocks;
    self->dates = shape.dates;
    /* Rows of people, which are most of the memory, are cleared when they begin. */
    memset(line_arrays(self), 0, (size_t)((char *)line_all_people(self) - (char *)line_arrays(self)));
    for (uint32_t i = 0; i < LINE_ROWS; i++) self->place[i] = i;
}

/* ---- rows ---- */

static void merge_into_next(struct cohort_line *self, uint32_t row);

/* Puts a number before the one at `place`; takes out that at `place`. `count`: with it. */
static void insert_number(double numbers[], uint32_t place, uint32_t count, double number)
{
    memmove(numbers + place + 1, numbers + place, (count - place - 1) * sizeof *numbers);
    numbers[place] = number;
}
static void drop_number(double numbers[], uint32_t place, uint32_t count)
{
    memmove(numbers + place, numbers + place + 1, (count - place - 1) * sizeof *numbers);
}

/* A new row before `place`. */
static void begin_row(struct cohort_line *self, uint32_t place, int64_t step, const double lead[])
{
    uint32_t own = self->place[self->rows];
    for (uint32_t i = self->rows++; i > place; i--) {
        self->row[i] = self->row[i - 1];
        self->place[i] = self->place[i - 1];
    }
    self->place[place] = own;
    self->row[place] =
        (struct line_row){.first = step, .last = step, .entered = (double)step, .dated = (double)step};
    memset(line_people(self, place), 0, self->columns * sizeof(people_t));
    for (uint32_t b = 0; b < self->blocks; b++) {
        insert_number(line_block_people(self, b), place, self->rows, 0);
        insert_number(line_factor(self, b), place, self->rows, 1);
        insert_number(line_first_date(self, b), place, self->rows, 0);
    }
    for (uint32_t c = 0; c < self->clocks; c++) {
        line_clock_of(self, place)[c] = line_clock(self)[c] + (lead && !isinf(lead[c]) ? lead[c] : 0);
        line_width_of(self, place)[c] = LINE_WIDTH_UNKNOWN;
    }
}

/* The row of a step; a new one where there is none. */
static uint32_t row_of(struct cohort_line *self, int64_t step, const double lead[])
{
    if (self->rows == LINE_ROWS) merge_into_next(self, 0); /* wider than its age allows, but nobody is lost */
    uint32_t row = self->rows;
    while (row > 0 && self->row[row - 1].first > step) row--;
    if (row > 0 && self->row[row - 1].last >= step) return row - 1;
    begin_row(self, row, step, lead);
    return row;
}

static void drop_row(struct cohort_line *self, uint32_t row)
{
    uint32_t place = self->place[row];
    for (uint32_t b = 0; b < self->blocks; b++) {
        drop_number(line_block_people(self, b), row, self->rows);
        drop_number(line_factor(self, b), row, self->rows);
        drop_number(line_first_date(self, b), row, self->rows);
    }
    for (uint32_t i = row; i + 1 < self->rows; i++) {
        self->row[i] = self->row[i + 1];
        self->place[i] = self->place[i + 1];
    }
    self->place[--self->rows] = place;
}

void line_multiply_out(struct cohort_line *self, uint32_t row, uint32_t block)
{
    double *factor = &line_factor(self, block)[row];
    if (*factor == 1) return;
    numbers_scale(line_people(self, row) + block * self->classes, self->classes, *factor);
    *factor = 1;
}

struct line_span cohort_line_span(const struct cohort_line *self, uint32_t row, uint32_t block)
{
    const double last = line_last_date(&self->row[row]), first = line_first_date(self, block)[row];
    if (!line_is_merged(&self->row[row])) return (struct line_span){last, last};
    return (struct line_span){first < last ? first : last, last};
}

/* The first date of a block when a row is merged into the next one: so that the mean stays. */
static double first_of_both(const struct cohort_line *self, uint32_t row, uint32_t block, double last)
{
    const struct line_span old = cohort_line_span(self, row, block),
                           new = cohort_line_span(self, row + 1, block);
    const people_t *people = line_block_people(self, block) + row, sum = people[0] + people[1];
    if (!(sum > 0)) return last;
    double mean = (people[0] * (old.first + old.last) + people[1] * (new.first + new.last)) / (2 * sum);
    return 2 * mean - last;
}

static void merge_cells(struct cohort_line *self, uint32_t row, double last)
{
    for (uint32_t b = 0; b < self->blocks; b++) {
        line_first_date(self, b)[row + 1] = first_of_both(self, row, b, last);
        line_multiply_out(self, row, b);
        line_multiply_out(self, row + 1, b);
        line_block_people(self, b)[row + 1] += line_block_people(self, b)[row];
    }
    numbers_add(line_people(self, row + 1), line_people(self, row), self->columns);
}

/* How long the time is in which the people of both rows came, in means: from the first step of the one to the
 * last of the other; short where both are, and unknown where one is. */
static double width_of_both(const struct line_row *old, const struct line_row *next, double old_width,
                            double width)
{
    if (old_width < 0 || width < 0) return LINE_WIDTH_UNKNOWN;
    const int64_t steps = old->last - old->first + 1 + next->last - next->first + 1;
    return (old_width + width) * ((double)(next->last - old->first + 1) / (double)steps);
}

static void merge_into_next(struct cohort_line *self, uint32_t row)
{
    struct line_row *old = &self->row[row], *next = &self->row[row + 1];
    people_t people = old->people + next->people;
    double share = people > 0 ? old->people / people : 0;
    double last = fmax(line_last_date(old), line_last_date(next));
    double *from = line_clock_of(self, row), *to = line_clock_of(self, row + 1);
    double *old_width = line_width_of(self, row), *width = line_width_of(self, row + 1);
    for (uint32_t c = 0; c < self->clocks; c++) {
        to[c] += share * (from[c] - to[c]);
        if (old->people >= NEGLIGIBLE) width[c] = width_of_both(old, next, old_width[c], width[c]);
    }
    merge_cells(self, row, last);
    next->last_dated = last;
    if (old->people >= NEGLIGIBLE) next->first = old->first;
    next->entered += share * (old->entered - next->entered);
    next->dated += share * (old->dated - next->dated);
    next->people = people;
    next->taken += old->taken;
    next->taken_dates += old->taken_dates;
    drop_row(self, row);
}

void cohort_line_tidy(struct cohort_line *self, int64_t step)
{
    const int64_t age_per_width = self->dates == LINE_DATES_OF_COLUMN ? AGE_PER_MIXED_WIDTH : AGE_PER_WIDTH;
    if (self->rows == 0) return;
    for (uint32_t i = self->rows; i-- > 0;) {
        if (!(self->row[i].people > NOBODY)) {
            drop_row(self, i);
            continue;
        }
        if (i + 1 >= self->rows) continue;
        if (self->row[i].people < NEGLIGIBLE) {
            merge_into_next(self, i);
            continue;
        }
        int64_t width = self->row[i + 1].last - self->row[i].first + 1, age = step - self->row[i + 1].last;
        if (width * age_per_width <= age) merge_into_next(self, i);
    }
    if (self->rows > 0) return;
    self->people = 0; /* expectations: what rounding left */
    memset(line_block_sums(self), 0, self->blocks * sizeof(people_t));
    memset(line_total(self), 0, self->columns * (COHORT_NUMBERS + 1) * sizeof(double));
}

/* ---- coming ---- */

static void use_classes(struct cohort_line *self, struct span span)
{
    if (span.first < self->first_class) self->first_class = span.first;
    if (span.first + span.count > self->end_class) self->end_class = span.first + span.count;
}

uint32_t cohort_line_open(struct cohort_line *self, int64_t step, const double lead[])
{
    return row_of(self, step, lead);
}

void cohort_line_join(struct cohort_line *self, uint32_t at, uint32_t column, const struct cohort *cohort,
                      double dates)
{
    struct line_row *row = &self->row[at];
    uint32_t block = column / self->classes;
    double *factor = &line_factor(self, block)[at];
    if (!(cohort->people > 0)) return;
    use_classes(self, (struct span){column % self->classes, 1});
    line_people(self, at)[column] += cohort->people / *factor;
    line_block_people(self, block)[at] += cohort->people;
    line_block_sums(self)[block] += cohort->people;
    cohort_add(&line_total(self)[column], cohort);
    line_total_dates(self)[column] += dates;
    row->people += cohort->people;
    row->dated += (dates - cohort->people * row->dated) / row->people;
    self->people += cohort->people;
}

void cohort_line_join_blocks(struct cohort_line *self, uint32_t at, uint32_t first, uint32_t blocks,
                             const struct cohort cohorts[], const double dates[], const double share[])
{
    struct line_row *row = &self->row[at];
    const uint32_t classes = self->classes;
    people_t people[NETWORK_MAX_CLASSES], all = 0;
    double all_dates = 0;
    numbers_take_column(people, &cohorts->people, 0, classes);
    for (uint32_t c = 0; c < classes; c++) {
        all += people[c];
        all_dates += dates[c];
    }
    if (!(all > 0)) return;
    use_classes(self, span_of(numbers_positive(people, classes)));
    for (uint32_t block = first; block < first + blocks; block++, share++) {
        const uint32_t column = block * classes;
        const people_t joining = all * *share;
        if (!(joining > 0)) continue;
        line_multiply_out(self, at, block);
        numbers_add_times(line_people(self, at) + column, people, classes, *share);
        numbers_add_times(line_total_dates(self) + column, dates, classes, *share);
        numbers_add_times(&line_total(self)[column].people, &cohorts->people, classes * COHORT_NUMBERS,
                          *share);
        line_block_people(self, block)[at] += joining;
        line_block_sums(self)[block] += joining;
        row->people += joining;
        row->dated += (all_dates * *share - joining * row->dated) / row->people;
        self->people += joining;
    }
}

void cohort_line_add(struct cohort_line *self, int64_t step, uint32_t column, const struct cohort *cohort,
                     const double lead[])
{
    if (!(cohort->people > 0)) return;
    cohort_line_join(self, row_of(self, step, lead), column, cohort, cohort->people * (double)step);
}

void cohort_line_return(struct cohort_line *self, int64_t step, uint32_t column, const struct cohort *cohort)
{
    if (self->rows == 0) begin_row(self, 0, step, NULL);
    cohort_line_join(self, 0, column, cohort, cohort->people * (double)step);
}

double cohort_line_waited(const struct cohort_line *self, int64_t step)
{
    double waited = 0;
    for (uint32_t row = 0; row < self->rows; row++)
        waited += self->row[row].people * ((double)step - self->row[row].entered - 0.5);
    return waited;
}

double cohort_line_waited_by_date(const struct cohort_line *self, int64_t step)
{
    return fmax(0, self->people * (double)step - numbers_sum(line_total_dates(self), self->columns));
}
