#include "sim/cohort_ring.h"

#include "sim/numbers.h"

#include <string.h>

#define WORTH_WAITING (2 * COHORT_RING_BLOCK) /* steps of a table */

#define LINE 1 /* cohorts that fill whole cache lines, seven of them */

/* In memory: the head, the slots of all planes, the rows that wait, the people, the table by which these rows
 * are spread, the shares that it gives with as many zeros behind them, the blocks. */
static uint32_t width_of(uint32_t classes)
{
    return (classes + LINE - 1) / LINE * LINE;
}

static size_t rows_of(uint32_t longest, uint32_t planes)
{
    return (size_t)planes * (longest + COHORT_RING_BLOCK);
}

size_t cohort_ring_memory(uint32_t longest, uint32_t planes, uint32_t classes)
{
    return 64 + rows_of(longest, planes) * width_of(classes) * sizeof(struct cohort) +
           (size_t)planes * classes * sizeof(people_t) + 3 * (size_t)longest * sizeof(double) +
           planes * sizeof(struct cohort_ring_block);
}

void cohort_ring_begin(struct cohort_ring *self, uint32_t longest, uint32_t planes, uint32_t classes)
{
    self->length = longest;
    self->planes = planes;
    self->classes = classes;
    self->width = width_of(classes);
}

/* ---- rows that wait ---- */

static double *table_of(const struct cohort_ring *self)
{
    return cohort_ring_people(self, self->planes);
}

static double *shares_of(const struct cohort_ring *self)
{
    return table_of(self) + self->length;
}

static struct cohort_ring_block *block_of(const struct cohort_ring *self, uint32_t plane)
{
    return (struct cohort_ring_block *)(void *)(shares_of(self) + 2 * (size_t)self->length) + plane;
}

static struct cohort *waiting_row(const struct cohort_ring *self, uint32_t plane, uint32_t row)
{
    size_t before = (size_t)self->planes * self->length + (size_t)plane * COHORT_RING_BLOCK + row;
    return (struct cohort *)(void *)((char *)self + 64) + before * self->width;
}

/* Adds to each of `slots` slots from `ahead` on what the rows of the block have for it. */
static void add_rows(struct cohort_ring *self, uint32_t plane, uint32_t ahead, uint32_t slots)
{
    const struct cohort_ring_block *block = block_of(self, plane);
    const size_t stride = self->width * COHORT_NUMBERS, count = (block->end - block->first) * COHORT_NUMBERS;
    const double *weight[COHORT_RING_BLOCK], *from = &waiting_row(self, plane, 0)[block->first].people;
    double *to = &cohort_ring_row(self, plane, ahead)[block->first].people;
    for (uint32_t r = 0; r < block->rows; r++)
        weight[r] = shares_of(self) + (self->now - block->came[r]) + ahead;
    if (block->rows == COHORT_RING_BLOCK) {
        numbers_add_four(to, slots, from, weight, stride, count);
        return;
    }
    for (uint32_t s = 0; s < slots; s++)
        for (uint32_t r = 0; r < block->rows; r++)
            numbers_add_times(to + s * stride, from + r * stride, count, weight[r][s]);
}

static void flush_block(struct cohort_ring *self, uint32_t plane)
{
    struct cohort_ring_block *block = block_of(self, plane);
    if (block->rows == 0) return;
    uint32_t age = self->now - block->came[block->rows - 1]; /* of the row that reaches furthest */
    uint32_t end = self->shares > age ? self->shares - age : 0, around = self->length - self->head;
    if (end > 1) add_rows(self, plane, 1, (end < around ? end : around) - 1);
    if (end > around) add_rows(self, plane, around, end - around);
    block->rows = 0;
}

void cohort_ring_flush(struct cohort_ring *self)
{
    for (uint32_t plane = 0; plane < self->planes; plane++) flush_block(self, plane);
}

void cohort_ring_advance(struct cohort_ring *self)
{
    self->head = self->head + 1 == self->length ? 0 : self->head + 1;
    if (self->reach > 0) self->reach--;
    self->now++;
    for (uint32_t plane = 0; plane < self->planes; plane++) {
        struct cohort_ring_block *block = block_of(self, plane);
        if (block->rows == 0) continue;
        add_rows(self, plane, 0, 1);
        if (self->now - block->came[0] >= self->shares) flush_block(self, plane);
    }
}

/* Makes the table that by which rows wait. Those that wait by another one go first. */
static void wait_by(struct cohort_ring *self, const struct discrete *steps, uint32_t first)
{
    double *table = table_of(self), *shares = shares_of(self);
    if (self->shares == steps->count && self->from == first &&
        memcmp(table, steps->probability, steps->count * sizeof *table) == 0)
        return;
    cohort_ring_flush(self);
    double left = first > 0 ? 1 - steps->cumulative[first - 1] : 1;
    memcpy(table, steps->probability, steps->count * sizeof *table);
    memset(shares, 0, 2 * (size_t)self->length * sizeof *shares);
    for (uint32_t step = first; step < steps->count; step++) shares[step] = table[step] / left;
    self->shares = steps->count;
    self->from = first;
}

/* Rows that come in one step wait each for itself. */
static void let_wait(struct cohort_ring *self, uint32_t plane, uint32_t class, uint32_t count,
                     const struct cohort cohorts[])
{
    struct cohort_ring_block *block = block_of(self, plane);
    uint32_t first = class / LINE * LINE, end = width_of(class + count);
    if (block->rows == 0 || block->first > first) block->first = first;
    if (block->rows == 0 || block->end < end) block->end = end;
    struct cohort *row = waiting_row(self, plane, block->rows);
    memset(row, 0, self->width * sizeof *row);
    memcpy(row + class, cohorts, count * sizeof *row);
    if (shares_of(self)[0] > 0)
        numbers_add_times(&cohort_ring_row(self, plane, 0)[class].people, &cohorts->people,
                          count * COHORT_NUMBERS, shares_of(self)[0]);
    block->came[block->rows++] = self->now;
    if (block->rows == COHORT_RING_BLOCK) flush_block(self, plane);
}

/* ---- coming and going ---- */

void cohort_ring_put(struct cohort_ring *self, uint32_t plane, uint32_t class, const struct cohort *cohort,
                     uint32_t ahead)
{
    cohort_add(&cohort_ring_row(self, plane, ahead)[class], cohort);
    cohort_ring_people(self, plane)[class] += cohort->people;
    if (self->reach < ahead) self->reach = ahead;
}

static void spread_at_once(struct cohort_ring *self, uint32_t plane, uint32_t class, uint32_t count,
                           const struct cohort cohorts[], const struct discrete *steps, uint32_t first)
{
    double left = first > 0 ? 1 - steps->cumulative[first - 1] : 1;
    for (uint32_t step = first; step < steps->count; step++) {
        if (!(steps->probability[step] > 0)) continue;
        numbers_add_times(&cohort_ring_row(self, plane, step)[class].people, &cohorts->people,
                          count * COHORT_NUMBERS, steps->probability[step] / left);
    }
}

void cohort_ring_spread(struct cohort_ring *self, uint32_t plane, uint32_t class, const struct cohort *cohort,
                        const struct discrete *steps, uint32_t first, struct dice *dice)
{
    if (!(cohort->people > 0)) return;
    if (dice->expected)
        spread_at_once(self, plane, class, 1, cohort, steps, first);
    else
        cohort_ring_draw(self, plane, class, cohort, steps, first, &dice->stream);
    cohort_ring_people(self, plane)[class] += cohort->people;
    if (self->reach < steps->count - 1) self->reach = steps->count - 1;
}

void cohort_ring_spread_expected(struct cohort_ring *self, uint32_t plane, uint32_t class, uint32_t count,
                                 const struct cohort cohorts[], const struct discrete *steps, uint32_t first)
{
    if (steps->count > WORTH_WAITING) {
        wait_by(self, steps, first);
        let_wait(self, plane, class, count, cohorts);
    } else {
        spread_at_once(self, plane, class, count, cohorts, steps, first);
    }
    people_t *people = cohort_ring_people(self, plane) + class;
    for (uint32_t c = 0; c < count; c++) people[c] += cohorts[c].people;
    if (self->reach < steps->count - 1) self->reach = steps->count - 1;
}

/* `count` of the `among` people of a column who are not due now. Few are looked for one by one. */
static struct cohort take_later(struct cohort_ring *self, uint32_t plane, uint32_t class, people_t count,
                                people_t among, struct dice *dice)
{
    struct cohort taken = {0};
    for (uint32_t ahead = 1; ahead <= self->reach && count > 0; ahead++) {
        struct cohort *slot = &cohort_ring_row(self, plane, ahead)[class];
        if (!(slot->people > 0)) continue;
        people_t here = slot->people;
        people_t part = dice_hypergeometric(dice, here, among - here, count);
        among -= here;
        if (!(part > 0)) continue;
        struct cohort cohort = cohort_take(slot, dice, part);
        cohort_add(&taken, &cohort);
        count -= part;
    }
    return taken;
}

void cohort_ring_strike_expected(struct cohort_ring *self, uint32_t plane, uint32_t class, uint32_t count,
                                 double p, double p_due, struct cohort struck[])
{
    flush_block(self, plane);
    for (uint32_t ahead = 0; ahead <= self->reach; ahead++)
        numbers_move_share(&struck->people, &cohort_ring_row(self, plane, ahead)[class].people,
                           count * COHORT_NUMBERS, ahead == 0 ? p_due : p);
    people_t *people = cohort_ring_people(self, plane) + class;
    for (uint32_t c = 0; c < count; c++) people[c] -= struck[c].people;
}

struct cohort cohort_ring_strike(struct cohort_ring *self, uint32_t plane, uint32_t class, double p,
                                 double p_due, struct dice *dice)
{
    struct cohort struck = {0};
    people_t *people = &cohort_ring_people(self, plane)[class];
    if (!(*people > 0)) return struck;
    if (dice->expected) {
        cohort_ring_strike_expected(self, plane, class, 1, p, p_due, &struck);
        return struck;
    }
    struct cohort *due = &cohort_ring_row(self, plane, 0)[class];
    people_t later = *people - due->people;
    struck = cohort_thin(due, dice, p_due);
    struct cohort part = take_later(self, plane, class, dice_binomial(dice, later, p), later, dice);
    cohort_add(&struck, &part);
    *people -= struck.people;
    return struck;
}
