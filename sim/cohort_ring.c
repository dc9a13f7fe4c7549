#include "sim/cohort_ring.h"

#include "sim/numbers.h"

#include <string.h>

#define NEAR          8                       /* slots */
#define WORTH_WAITING (2 * COHORT_RING_BLOCK) /* steps of a table */

/* Behind the cohorts: the people, the table by which rows that wait are spread, the shares that it gives with
 * as many zeros behind them, the blocks. */
size_t cohort_ring_memory(uint32_t longest, uint32_t planes, uint32_t classes)
{
    size_t head = (sizeof(struct cohort_ring) + 63) & ~(size_t)63,
           rows = (size_t)planes * (longest + RING_ROWS);
    return head + rows * classes * sizeof(struct cohort) + (size_t)planes * classes * sizeof(people_t) +
           3 * (size_t)longest * sizeof(double) + planes * sizeof(struct cohort_ring_block);
}

void cohort_ring_begin(struct cohort_ring *self, uint32_t longest, uint32_t planes, uint32_t classes,
                       bool hazards)
{
    const size_t used = self->used * classes * sizeof(struct cohort);
    memset(self, 0, sizeof *self);
    self->length = longest;
    self->planes = planes;
    self->classes = classes;
    self->hazards = hazards;
    self->used = 1; /* those due before the first step */
    for (uint32_t plane = 0; plane < planes; plane++) memset(cohort_ring_row(self, plane, 0), 0, used);
    char *behind = (char *)cohort_ring_row_behind(self, 0, 0);
    memset(behind, 0, (size_t)((char *)cohort_ring_block_of(self, planes) - behind));
    for (uint32_t plane = 0; plane < planes; plane++) cohort_ring_block_of(self, plane)->kept = 1;
}

void cohort_ring_let_pass(struct cohort_ring *self)
{
    self->draws_phases = true;
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

struct cohort_ring_block *cohort_ring_block_of(const struct cohort_ring *self, uint32_t plane)
{
    return (struct cohort_ring_block *)(void *)(shares_of(self) + 2 * (size_t)self->length) + plane;
}

static struct cohort *waiting_row(const struct cohort_ring *self, uint32_t plane, uint32_t row)
{
    return cohort_ring_row_behind(self, plane, RING_WAITING + row);
}

/* Adds to each of `slots` slots from `ahead` on what the rows of the block have for it; to the first of them
 * the table may have nothing to give yet. */
static void add_rows(struct cohort_ring *self, uint32_t plane, uint32_t ahead, uint32_t slots)
{
    const struct cohort_ring_block *block = cohort_ring_block_of(self, plane);
    const size_t stride = self->classes * COHORT_NUMBERS,
                 count = (block->end - block->first) * COHORT_NUMBERS;
    const double *weight[COHORT_RING_BLOCK], *from = &waiting_row(self, plane, 0)[block->first].people;
    const uint32_t given = self->now - block->came[0] + ahead,
                   skipped = self->least > given ? self->least - given : 0;
    if (skipped >= slots) return;
    slots -= skipped;
    double *to = &cohort_ring_row(self, plane, ahead)[block->first].people + skipped * stride;
    for (uint32_t r = 0; r < block->rows; r++)
        weight[r] = shares_of(self) + (self->now - block->came[r]) + ahead + skipped;
    if (block->rows == COHORT_RING_BLOCK) {
        numbers_add_four(to, slots, from, weight, stride, count);
        return;
    }
    for (uint32_t s = 0; s < slots; s++)
        for (uint32_t r = 0; r < block->rows; r++)
            if (weight[r][s] > 0) numbers_add_times(to + s * stride, from + r * stride, count, weight[r][s]);
}

void cohort_ring_spread_waiting(struct cohort_ring *self, uint32_t plane)
{
    struct cohort_ring_block *block = cohort_ring_block_of(self, plane);
    if (block->rows == 0) return;
    uint32_t age = self->now - block->came[block->rows - 1]; /* of the row that reaches furthest */
    uint32_t end = self->shares > age ? self->shares - age : 0, around = self->length - self->head;
    if (end > 1) add_rows(self, plane, 1, (end < around ? end : around) - 1);
    if (end > around) add_rows(self, plane, around, end - around);
    if (end > 0) cohort_ring_fill_to(self, end - 1);
    block->rows = 0;
}

void cohort_ring_flush_plane(struct cohort_ring *self, uint32_t plane)
{
    cohort_ring_spread_waiting(self, plane);
    cohort_ring_leave_phases(self, plane);
}

void cohort_ring_flush(struct cohort_ring *self)
{
    for (uint32_t plane = 0; plane < self->planes; plane++) cohort_ring_flush_plane(self, plane);
}

/* While only a few slots ahead are filled, they move back to the first ones now and then, which are near. */
static void rewind_slots(struct cohort_ring *self)
{
    const size_t row = self->classes * sizeof(struct cohort);
    for (uint32_t plane = 0; plane < self->planes; plane++)
        for (uint32_t ahead = 0; ahead <= self->filled; ahead++) {
            struct cohort *from = cohort_ring_row(self, plane, ahead);
            memcpy(from - self->head * self->classes, from, row);
            memset(from, 0, row);
        }
    self->head = 0;
}

void cohort_ring_advance(struct cohort_ring *self, struct dice *dice)
{
    if (self->filled > 0) {
        self->head = self->head + 1 == self->length ? 0 : self->head + 1;
        self->filled--;
    }
    if (self->filled < COHORT_RING_HEAD && self->head >= NEAR && self->head + self->filled < self->length)
        rewind_slots(self);
    if (self->reach > 0) self->reach--;
    self->now++;
    for (uint32_t plane = 0; plane < self->planes; plane++) {
        struct cohort_ring_block *block = cohort_ring_block_of(self, plane);
        block->due_aside = false;
        if (block->rows > 0) add_rows(self, plane, 0, 1);
        if (block->passing) cohort_ring_pass(self, plane, dice);
        if (block->kept != 1)
            numbers_scale(&cohort_ring_row(self, plane, 0)->people, self->classes * COHORT_NUMBERS,
                          block->kept);
        if (block->rows > 0 && self->now - block->came[0] >= self->shares)
            cohort_ring_spread_waiting(self, plane);
    }
}

/* Makes the table that by which rows wait. Those that wait by another one go first. */
static void wait_by(struct cohort_ring *self, const struct discrete *steps, uint32_t first)
{
    double *table = table_of(self), *shares = shares_of(self);
    if (self->shares == steps->count && self->from == first &&
        memcmp(table, steps->probability, steps->count * sizeof *table) == 0)
        return;
    for (uint32_t plane = 0; plane < self->planes; plane++) cohort_ring_spread_waiting(self, plane);
    double left = first > 0 ? 1 - steps->cumulative[first - 1] : 1;
    memcpy(table, steps->probability, steps->count * sizeof *table);
    memset(shares, 0, 2 * (size_t)self->length * sizeof *shares);
    for (uint32_t step = first; step < steps->count; step++) shares[step] = table[step] / left;
    self->shares = steps->count;
    self->from = first;
    for (self->least = first; !(shares[self->least] > 0);) self->least++;
}

/* Rows that come in one step wait each for itself. */
static void let_wait(struct cohort_ring *self, uint32_t plane, const struct ring_comers *comers)
{
    struct cohort_ring_block *block = cohort_ring_block_of(self, plane);
    const uint32_t first = comers->class, end = first + comers->count,
                   numbers = comers->count * COHORT_NUMBERS;
    if (block->rows == 0 || block->first > first) block->first = first;
    if (block->rows == 0 || block->end < end) block->end = end;
    struct cohort *row = waiting_row(self, plane, block->rows);
    memset(row, 0, first * sizeof *row);
    numbers_times(&row[first].people, &comers->cohort->people, numbers, comers->share / block->kept);
    memset(row + end, 0, (self->classes - end) * sizeof *row);
    if (shares_of(self)[0] > 0)
        numbers_add_times(&cohort_ring_row(self, plane, 0)[first].people, &comers->cohort->people, numbers,
                          comers->share * shares_of(self)[0]);
    block->came[block->rows++] = self->now;
    if (block->rows == COHORT_RING_BLOCK) cohort_ring_spread_waiting(self, plane);
}

/* ---- coming and going ---- */

void cohort_ring_book(struct cohort_ring *self, uint32_t plane, uint32_t class, const struct cohort *cohort,
                      uint32_t furthest)
{
    cohort_ring_people(self, plane)[class] += cohort->people;
    if (self->hazards) cohort_add(&cohort_ring_total(self, plane)[class], cohort);
    if (self->reach < furthest) self->reach = furthest;
}

static void book_comers(struct cohort_ring *self, uint32_t plane, const struct ring_comers *comers,
                        uint32_t furthest)
{
    numbers_add(cohort_ring_people(self, plane) + comers->class, comers->people, comers->count);
    if (self->hazards)
        numbers_add_times(&cohort_ring_total(self, plane)[comers->class].people, &comers->cohort->people,
                          comers->count * COHORT_NUMBERS, comers->share);
    if (self->reach < furthest) self->reach = furthest;
}

void cohort_ring_leave(struct cohort_ring *self, uint32_t plane, uint32_t class, uint32_t count,
                       const people_t left[])
{
    struct cohort_ring_block *block = cohort_ring_block_of(self, plane);
    struct cohort *due = cohort_ring_due(self, plane) + class;
    numbers_remove(cohort_ring_people(self, plane) + class, left, count);
    if (self->hazards)
        numbers_remove(&cohort_ring_total(self, plane)[class].people, &due->people, count * COHORT_NUMBERS);
    if (!block->due_aside) memset(due, 0, count * sizeof *due);
    block->due_aside = false;
}

void cohort_ring_put(struct cohort_ring *self, uint32_t plane, uint32_t class, const struct cohort *cohort,
                     uint32_t ahead)
{
    double kept = ahead > 0 ? cohort_ring_block_of(self, plane)->kept : 1;
    struct cohort as_before = cohort_times(cohort, 1 / kept);
    cohort_add(&cohort_ring_row(self, plane, ahead)[class], &as_before);
    cohort_ring_fill_to(self, ahead);
    cohort_ring_book(self, plane, class, cohort, ahead);
}

static void spread_at_once(struct cohort_ring *self, uint32_t plane, const struct ring_comers *comers,
                           const struct discrete *steps, uint32_t first)
{
    double left = first > 0 ? 1 - steps->cumulative[first - 1] : 1;
    const double kept = cohort_ring_block_of(self, plane)->kept;
    cohort_ring_fill_to(self, steps->count - 1);
    for (uint32_t step = first; step < steps->count; step++) {
        double share = steps->probability[step] / (step > 0 ? left * kept : left);
        if (!(share > 0)) continue;
        numbers_add_times(&cohort_ring_row(self, plane, step)[comers->class].people, &comers->cohort->people,
                          comers->count * COHORT_NUMBERS, comers->share * share);
    }
}

void cohort_ring_spread(struct cohort_ring *self, uint32_t plane, uint32_t class, const struct cohort *cohort,
                        const struct discrete *steps, uint32_t first, struct dice *dice)
{
    if (!(cohort->people > 0)) return;
    if (dice->expected) {
        spread_at_once(self, plane, &(struct ring_comers){class, 1, cohort, 1, &cohort->people}, steps,
                       first);
    } else {
        cohort_ring_draw(self, plane, class, cohort, steps, first, &dice->stream);
        cohort_ring_fill_to(self, steps->count - 1);
    }
    cohort_ring_book(self, plane, class, cohort, steps->count - 1);
}

void cohort_ring_spread_expected(struct cohort_ring *self, uint32_t plane, const struct ring_comers *comers,
                                 const struct discrete *steps, uint32_t first)
{
    if (cohort_ring_takes_phases(self, steps, first)) {
        cohort_ring_enter(self, plane, comers);
    } else if (steps->count > WORTH_WAITING) {
        wait_by(self, steps, first);
        let_wait(self, plane, comers);
    } else {
        spread_at_once(self, plane, comers, steps, first);
    }
    book_comers(self, plane, comers, steps->count - 1);
}
