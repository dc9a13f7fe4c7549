#include "sim/cohort_line.h"

#include "sim/discrete.h"
#include "sim/numbers.h"

#include <math.h>
#include <string.h>

#define AGE_PER_WIDTH 4
#define NEGLIGIBLE    1e-6 /* people: expectations leave traces that need no row of their own */

static size_t header_size(void)
{
    return (sizeof(struct cohort_line) + 63) & ~(size_t)63;
}

size_t cohort_line_memory(uint32_t columns, uint32_t clocks)
{
    return header_size() + (size_t)(LINE_ROWS + 1) * clocks * sizeof(double) +
           (size_t)LINE_ROWS * columns * sizeof(struct cohort);
}

void cohort_line_begin(struct cohort_line *self, uint32_t columns, uint32_t classes, uint32_t clocks)
{
    self->columns = columns;
    self->classes = self->first_class = classes;
    self->clocks = clocks;
    for (uint32_t i = 0; i < LINE_ROWS; i++) self->place[i] = i;
}

/* What the clocks show now, and what they showed when the people of a row came. */
static double *clock_now(const struct cohort_line *self)
{
    return (double *)(void *)((char *)self + header_size());
}
static double *clock_of_row(const struct cohort_line *self, uint32_t row)
{
    return clock_now(self) + (size_t)(1 + self->place[row]) * self->clocks;
}

struct cohort *cohort_line_cells(const struct cohort_line *self, uint32_t row)
{
    double *end = clock_now(self) + (size_t)(LINE_ROWS + 1) * self->clocks;
    return (struct cohort *)(void *)end + (size_t)self->place[row] * self->columns;
}

static void merge_into_next(struct cohort_line *self, uint32_t row);

/* A new row before `place`. */
static void begin_row(struct cohort_line *self, uint32_t place, int64_t step, const double lead[])
{
    uint32_t cells = self->place[self->rows];
    for (uint32_t i = self->rows++; i > place; i--) {
        self->row[i] = self->row[i - 1];
        self->place[i] = self->place[i - 1];
    }
    self->place[place] = cells;
    self->row[place] =
        (struct line_row){.first = step, .last = step, .entered = (double)step, .dated = (double)step};
    memset(cohort_line_cells(self, place), 0, self->columns * sizeof(struct cohort));
    for (uint32_t c = 0; c < self->clocks; c++)
        clock_of_row(self, place)[c] = clock_now(self)[c] + (lead ? lead[c] : 0);
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

static void use_class(struct cohort_line *self, uint32_t column)
{
    uint32_t class = column % self->classes;
    if (class < self->first_class) self->first_class = class;
    if (class >= self->end_class) self->end_class = class + 1;
}

/* Moves a share of what stands in `columns` columns, a whole number of blocks. */
static void move_share(const struct cohort_line *self, struct cohort to[], struct cohort from[],
                       uint32_t columns, double share)
{
    size_t count = (size_t)(self->end_class - self->first_class) * COHORT_NUMBERS;
    for (uint32_t block = self->first_class; block < columns && count > 0; block += self->classes)
        numbers_move_share(&to[block].people, &from[block].people, count, share);
}

void cohort_line_add(struct cohort_line *self, int64_t step, uint32_t column, const struct cohort *cohort,
                     const double lead[])
{
    if (!(cohort->people > 0)) return;
    uint32_t row = row_of(self, step, lead);
    use_class(self, column);
    cohort_add(&cohort_line_cells(self, row)[column], cohort);
    self->row[row].people += cohort->people;
    self->people += cohort->people;
}

void cohort_line_add_row(struct cohort_line *self, int64_t step, double dated, const struct cohort cohorts[],
                         people_t people, const double lead[])
{
    uint32_t at = row_of(self, step, lead);
    struct line_row *row = &self->row[at];
    numbers_add(&cohort_line_cells(self, at)->people, &cohorts->people, self->columns * COHORT_NUMBERS);
    for (uint32_t c = 0; c < self->columns; c++)
        if (cohorts[c].people > 0) use_class(self, c);
    row->people += people;
    row->dated += people / row->people * (dated - row->dated);
    self->people += people;
}

void cohort_line_return(struct cohort_line *self, int64_t step, uint32_t column, const struct cohort *cohort)
{
    if (self->rows == 0) begin_row(self, 0, step, NULL);
    use_class(self, column);
    cohort_add(&cohort_line_cells(self, 0)[column], cohort);
    self->row[0].people += cohort->people;
    self->people += cohort->people;
}

static void drop_row(struct cohort_line *self, uint32_t row)
{
    uint32_t place = self->place[row];
    for (uint32_t i = row; i + 1 < self->rows; i++) {
        self->row[i] = self->row[i + 1];
        self->place[i] = self->place[i + 1];
    }
    self->place[--self->rows] = place;
}

static void merge_into_next(struct cohort_line *self, uint32_t row)
{
    struct line_row *old = &self->row[row], *next = &self->row[row + 1];
    people_t people = old->people + next->people;
    double share = people > 0 ? old->people / people : 0;
    if (old->people >= NEGLIGIBLE) next->first = old->first;
    next->entered += share * (old->entered - next->entered);
    next->dated += share * (old->dated - next->dated);
    next->people = people;
    double *from = clock_of_row(self, row), *to = clock_of_row(self, row + 1);
    for (uint32_t c = 0; c < self->clocks; c++) to[c] += share * (from[c] - to[c]);
    const struct cohort *cells = cohort_line_cells(self, row);
    struct cohort *sums = cohort_line_cells(self, row + 1);
    for (uint32_t i = 0; i < self->columns; i++) cohort_add(&sums[i], &cells[i]);
    drop_row(self, row);
}

void cohort_line_tidy(struct cohort_line *self, int64_t step)
{
    for (uint32_t i = self->rows; i-- > 0;) {
        if (!(self->row[i].people > 0)) {
            drop_row(self, i);
            continue;
        }
        if (i + 1 >= self->rows) continue;
        if (self->row[i].people < NEGLIGIBLE) {
            merge_into_next(self, i);
            continue;
        }
        int64_t width = self->row[i + 1].last - self->row[i].first + 1, age = step - self->row[i + 1].last;
        if (width * AGE_PER_WIDTH <= age) merge_into_next(self, i);
    }
    if (self->rows == 0) self->people = 0; /* expectations: what rounding left */
}

people_t cohort_line_count(const struct cohort_line *self, uint32_t row, struct cohort_line_part part)
{
    if (!part.level && part.columns == self->columns) return self->row[row].people;
    const struct cohort *cells = cohort_line_cells(self, row) + part.first;
    people_t sum = 0;
    for (uint32_t block = 0; block < part.columns; block += self->classes)
        for (uint32_t c = block + self->first_class; c < block + self->end_class; c++)
            if (!part.level || part.level[c] == part.want) sum += cells[c].people;
    return sum;
}

static void left(struct cohort_line *self, uint32_t row, people_t count)
{
    self->row[row].people -= count;
    self->people -= count;
}

void cohort_line_take(struct cohort_line *self, uint32_t row, struct cohort_line_part part, struct dice *dice,
                      people_t count, people_t among, struct cohort taken[])
{
    struct cohort *cells = cohort_line_cells(self, row) + part.first;
    double share = among > 0 ? fmin(1, count / among) : 0;
    if (dice->expected && !part.level) {
        move_share(self, taken, cells, part.columns, share);
        left(self, row, among * share);
        return;
    }
    for (uint32_t c = 0; c < part.columns && count > 0; c++) {
        people_t here = cells[c].people;
        if (!(here > 0) || (part.level && part.level[c] != part.want)) continue;
        among -= here;
        people_t chosen = dice->expected ? here * share : dice_hypergeometric(dice, here, among, count);
        if (!(chosen > 0)) continue;
        struct cohort cohort = cohort_take(&cells[c], dice, chosen);
        if (!dice->expected) count -= chosen;
        left(self, row, cohort.people);
        cohort_add(&taken[c], &cohort);
    }
}

void cohort_line_take_oldest(struct cohort_line *self, struct cohort_line_part part, struct dice *dice,
                             people_t count, struct cohort taken[], cohort_line_row *handle, void *context)
{
    for (uint32_t row = 0; row < self->rows && count > 0; row++) {
        people_t here = cohort_line_count(self, row, part), chosen = count < here ? count : here;
        if (!(chosen > 0)) continue;
        count -= chosen;
        memset(taken, 0, self->columns * sizeof *taken);
        cohort_line_take(self, row, part, dice, chosen, here, taken);
        handle(context, taken, self->row[row].entered);
    }
}

void cohort_line_take_lots(struct cohort_line *self, struct dice *dice, people_t count, struct cohort taken[],
                           cohort_line_row *handle, void *context)
{
    const struct cohort_line_part whole = {.columns = self->columns};
    people_t among = self->people;
    double share = among > 0 ? fmin(1, count / among) : 0;
    for (uint32_t row = 0; row < self->rows && count > 0; row++) {
        people_t here = self->row[row].people;
        among -= here;
        people_t chosen = dice->expected ? here * share : dice_hypergeometric(dice, here, among, count);
        if (!dice->expected) count -= chosen;
        if (!(chosen > 0)) continue;
        memset(taken, 0, self->columns * sizeof *taken);
        cohort_line_take(self, row, whole, dice, chosen, here, taken);
        handle(context, taken, self->row[row].entered);
    }
}

/* Probability of losing patience between two ages, in means. */
static double loss(const struct distribution *patience, double from, double to)
{
    if (from < 0) from = 0;
    if (!(to > from)) return 0;
    if (patience->family == DISTRIBUTION_EXPONENTIAL) return -expm1(from - to);
    double before = discrete_survival(patience, from), after = discrete_survival(patience, to);
    return before > 0 ? 1 - after / before : 1;
}

static void expose_row(struct cohort_line *self, uint32_t row, struct dice *dice,
                       const struct distribution *patience, const double elapsed[], struct cohort lost[])
{
    struct cohort *cells = cohort_line_cells(self, row);
    double p[NETWORK_MAX_CLASSES];
    for (uint32_t k = 0; k < self->clocks; k++) {
        double age = clock_now(self)[k] - clock_of_row(self, row)[k];
        p[k] = loss(patience, age, age + elapsed[k]);
    }
    if (dice->expected && self->clocks == 1) {
        move_share(self, lost, cells, self->columns, p[0]);
        left(self, row, self->row[row].people * p[0]);
        return;
    }
    for (uint32_t c = 0; c < self->columns; c++) {
        if (!(cells[c].people > 0)) continue;
        struct cohort part = cohort_thin(&cells[c], dice, p[self->clocks == 1 ? 0 : c % self->clocks]);
        if (!(part.people > 0)) continue;
        left(self, row, part.people);
        cohort_add(&lost[c], &part);
    }
}

void cohort_line_expose(struct cohort_line *self, struct dice *dice, const struct distribution *patience,
                        const double elapsed[], struct cohort lost[])
{
    for (uint32_t row = 0; row < self->rows; row++) expose_row(self, row, dice, patience, elapsed, lost);
    for (uint32_t k = 0; k < self->clocks; k++) clock_now(self)[k] += elapsed[k];
}

double cohort_line_waited(const struct cohort_line *self, int64_t step)
{
    double waited = 0;
    for (uint32_t row = 0; row < self->rows; row++)
        waited += self->row[row].people * ((double)step - self->row[row].entered - 0.5);
    return waited;
}
