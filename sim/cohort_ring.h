/* People spread over the steps ahead: those who are on the way, in service or have an appointment. A ring of
 * slots, one for each step, each with a cohort for every column (a lane, or more than that). Holds no
 * pointers. */
#ifndef CORRIDOR_SIM_COHORT_RING_H
#define CORRIDOR_SIM_COHORT_RING_H

#include "sim/cohort.h"
#include "sim/discrete.h"

#include <stddef.h>

struct cohort_ring {
    uint32_t length, columns; /* slots; cohorts of each */
    uint32_t head;            /* the slot of this step */
    uint32_t reach;           /* nobody is due more than this many steps from now */
};

/* Bytes, 64-byte aligned; the memory must be zero. `longest`: steps ahead at most. */
size_t cohort_ring_memory(uint32_t longest, uint32_t columns);
void cohort_ring_begin(struct cohort_ring *self, uint32_t longest, uint32_t columns);

/* The people due `ahead` steps from now, `columns` cohorts. */
static inline struct cohort *cohort_ring_slot(const struct cohort_ring *self, uint32_t ahead)
{
    uint32_t slot = self->head + ahead;
    if (slot >= self->length) slot -= self->length;
    return (struct cohort *)(void *)((char *)self + 64) + (size_t)slot * self->columns;
}
/* The people of a column in all slots. */
static inline people_t *cohort_ring_people(const struct cohort_ring *self)
{
    return (people_t *)(void *)((char *)self + 64 +
                                (size_t)self->length * self->columns * sizeof(struct cohort));
}

/* Goes on by a step; the slot that is left behind must have been emptied. */
static inline void cohort_ring_advance(struct cohort_ring *self)
{
    self->head = self->head + 1 == self->length ? 0 : self->head + 1;
    if (self->reach > 0) self->reach--;
}

/* Takes all who are due now out of a column. */
struct cohort cohort_ring_due(struct cohort_ring *self, uint32_t column);

/* Spreads the cohort over the steps from `first` on, as `steps` has it for those who take at least `first`.
 * Time O(steps), or O(people) where that is less. */
void cohort_ring_spread(struct cohort_ring *self, uint32_t column, const struct cohort *cohort,
                        const struct discrete *steps, uint32_t first, struct dice *dice);
/* The same with expectations for `columns` cohorts, from column `from` on, that share one table. */
void cohort_ring_spread_expected(struct cohort_ring *self, uint32_t from, const struct cohort cohorts[],
                                 uint32_t columns, const struct discrete *steps, uint32_t first);
/* All of them on one step. */
void cohort_ring_put(struct cohort_ring *self, uint32_t column, const struct cohort *cohort, uint32_t ahead);

/* Takes the shares p and, of those due now, p_due out of `columns` columns from `from` on, and adds them to
 * `struck`. */
void cohort_ring_strike_expected(struct cohort_ring *self, uint32_t from, uint32_t columns, double p,
                                 double p_due, struct cohort struck[]);
/* Takes each with probability p out of a column, those due now with probability p_due. */
struct cohort cohort_ring_strike(struct cohort_ring *self, uint32_t column, double p, double p_due,
                                 struct dice *dice);

#endif
