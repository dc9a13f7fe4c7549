/* People spread over the steps ahead: those who are on the way, in service or have an appointment. A ring of
 * slots, one for each step, each with a row of cohorts, one for every class; and that once for every plane (a
 * group of lanes, an office). Holds no pointers.
 *
 * Expectations of a duration that is a sum of a few exponential phases are not spread: they are kept by
 * phase, and each step brings a share of every phase on; so are drawn people where they are many
 * (cohort_ring_phases.c). */
#ifndef CORRIDOR_SIM_COHORT_RING_H
#define CORRIDOR_SIM_COHORT_RING_H

#include "sim/cohort.h"
#include "sim/discrete.h"
#include "sim/numbers.h"

#include <stddef.h>

#define COHORT_RING_LONGEST 4096 /* slots at most */
#define COHORT_RING_BLOCK   4    /* rows that wait to be spread together */
#define COHORT_RING_HEAD    4    /* steps from which on people may be in phases, at most */

/* A row that is spread by expectations is a load and a store of every slot that it reaches. So rows of a few
 * steps wait and are spread together: they are added to the slot that comes due with each step, and to all
 * the other slots at once when there is a block of them or somebody is to look ahead. */
struct cohort_ring_block {
    double kept;         /* what hazards left of those who are due later, see cohort_ring_strike.c */
    uint32_t rows;       /* that wait */
    uint32_t first, end; /* classes with people in them */
    uint32_t came[COHORT_RING_BLOCK]; /* when, as `now` */
    bool passing;                     /* people are in phases, or on the way into them: */
    uint32_t first_passing, end_passing;
    uint32_t vacant; /* bit i: nobody is in row i of those on the way; what stands there is old */
    bool due_aside;  /* those due in this step stand in such a row, not in their slot */
};

/* The phases that people pass, and their shares. */
struct cohort_ring_phases {
    struct discrete_phases by;     /* count 0: none */
    double head[COHORT_RING_HEAD]; /* of those who come, by the step on which they are due; head[0] is 0 */
    double later; /* of those who come: the others, who are in phases by.from - 1 steps later */
    struct numbers_phases shares; /* of a step; those who come have been in phases since the one before */
};

struct cohort_ring {
    uint32_t length, classes, planes;
    uint32_t head;        /* the slot of this step */
    uint32_t reach;       /* nobody is due more than this many steps from now, */
    uint32_t filled;      /* and nobody is in a slot further ahead than this */
    uint32_t used;        /* slots of each plane, from the first in memory on, in which somebody has been */
    uint32_t now;         /* steps so far */
    bool hazards;         /* may strike, in expectation */
    bool draws_phases;    /* drawn numbers may be in phases */
    uint32_t shares;      /* steps of the table by which rows wait; 0: none yet */
    uint32_t from, least; /* the first step of the table to look at, and the first that it gives */
    struct cohort_ring_phases phases;
    double last_rate; /* of phases by which people came last */
};

/* In memory: the head, the slots of all planes; for each plane rows that wait, people in phases, those on the
 * way into them by when they come there, everyone where hazards may strike; and more. */
enum {
    RING_WAITING,
    RING_PHASES = RING_WAITING + COHORT_RING_BLOCK,
    RING_COMING = RING_PHASES + DISCRETE_PHASES,
    RING_TOTAL = RING_COMING + COHORT_RING_HEAD,
    RING_ROWS
};
static inline struct cohort *cohort_ring_cohorts(const struct cohort_ring *self, size_t row)
{
    char *cohorts = (char *)self + ((sizeof *self + 63) & ~(size_t)63);
    return (struct cohort *)(void *)cohorts + row * self->classes;
}
static inline struct cohort *cohort_ring_row_behind(const struct cohort_ring *self, uint32_t plane,
                                                    uint32_t row)
{
    return cohort_ring_cohorts(self, (size_t)self->planes * self->length + (size_t)plane * RING_ROWS + row);
}

/* Bytes; the memory must be 64-byte aligned, and zero when a ring begins in it for the first time. Another
 * one of the same size may begin there later: it clears what was used. `longest`: steps ahead at most. */
size_t cohort_ring_memory(uint32_t longest, uint32_t planes, uint32_t classes);
void cohort_ring_begin(struct cohort_ring *self, uint32_t longest, uint32_t planes, uint32_t classes,
                       bool hazards);
/* With draws, before anybody comes: many may be kept in phases, as nobody looks at, or takes from, the steps
 * ahead. */
void cohort_ring_let_pass(struct cohort_ring *self);

/* The people of a plane due `ahead` steps from now, by class: who looks further than this step flushes first.
 */
static inline struct cohort *cohort_ring_row(const struct cohort_ring *self, uint32_t plane, uint32_t ahead)
{
    uint32_t slot = self->head + ahead;
    if (slot >= self->length) slot -= self->length;
    return cohort_ring_cohorts(self, (size_t)plane * self->length + slot);
}
/* Those of a plane who are due in this step, by class, until they have left or others come. */
struct cohort *cohort_ring_due(const struct cohort_ring *self, uint32_t plane);
/* The people of a plane in all slots, by class. */
static inline people_t *cohort_ring_people(const struct cohort_ring *self, uint32_t plane)
{
    people_t *people = (people_t *)(void *)cohort_ring_row_behind(self, self->planes, 0);
    return people + (size_t)plane * self->classes;
}

/* Goes on by a step; the slot that is left behind must have been emptied. While nobody is in a slot ahead it
 * serves again: memory that was used last is near. */
void cohort_ring_advance(struct cohort_ring *self, struct dice *dice);

/* Those due in this step, of `count` classes from `class` on, have left, and nobody else is due: empties
 * their slot. `left`: how many of each. */
void cohort_ring_leave(struct cohort_ring *self, uint32_t plane, uint32_t class, uint32_t count,
                       const people_t left[]);

/* Puts everyone into the slots: before looking at, or taking from, the steps ahead. */
void cohort_ring_flush(struct cohort_ring *self);

/* Spreads the cohort over the steps from `first` on, as `steps` has it for those who take at least `first`.
 * Time O(steps), or O(people) where that is less. */
void cohort_ring_spread(struct cohort_ring *self, uint32_t plane, uint32_t class, const struct cohort *cohort,
                        const struct discrete *steps, uint32_t first, struct dice *dice);
/* The same with expectations for all who come, who share one table: of `count` classes from `class` on the
 * share of each cohort, people[i] of the i-th. */
struct ring_comers {
    uint32_t class, count;
    const struct cohort *cohort;
    double share;
    const people_t *people;
};
void cohort_ring_spread_expected(struct cohort_ring *self, uint32_t plane, const struct ring_comers *comers,
                                 const struct discrete *steps, uint32_t first);
/* Puts the cohort into slots drawn for each of its people: what cohort_ring_spread does with dice. */
void cohort_ring_draw(struct cohort_ring *self, uint32_t plane, uint32_t class, const struct cohort *cohort,
                      const struct discrete *steps, uint32_t first, struct stream *stream);
/* With draws: whether so many people are better kept in phases; those of the classes `bits` of a row join
 * them. */
bool cohort_ring_draws_phases(struct cohort_ring *self, const struct discrete *steps, people_t people);
void cohort_ring_enter_drawn(struct cohort_ring *self, uint32_t plane, uint64_t bits,
                             const struct cohort row[], const struct discrete *steps, uint32_t first,
                             struct dice *dice);
/* All of them on one step. */
void cohort_ring_put(struct cohort_ring *self, uint32_t plane, uint32_t class, const struct cohort *cohort,
                     uint32_t ahead);

/* Takes each of a class with probability p, those due now with probability p_due. */
struct cohort cohort_ring_strike(struct cohort_ring *self, uint32_t plane, uint32_t class, double p,
                                 double p_due, struct dice *dice);
/* The same with expectations for all classes: puts them into `struck`. */
void cohort_ring_strike_alike(struct cohort_ring *self, uint32_t plane, double p, double p_due,
                              struct cohort struck[]);

/* ---- for sim/cohort_ring*.c alone ---- */

/* Somebody is in a slot that many steps ahead. */
static inline void cohort_ring_fill_to(struct cohort_ring *self, uint32_t ahead)
{
    if (self->filled >= ahead) return;
    const uint32_t end = self->head + ahead + 1;
    self->filled = ahead;
    if (self->used < end) self->used = end < self->length ? end : self->length;
}

struct cohort_ring_block *cohort_ring_block_of(const struct cohort_ring *self, uint32_t plane);
void cohort_ring_spread_waiting(struct cohort_ring *self, uint32_t plane);
void cohort_ring_flush_plane(struct cohort_ring *self, uint32_t plane);

/* Whether those who come by this table are to be kept in phases; they join them; a step of those of a plane:
 * who leaves is added to the slot of now. */
bool cohort_ring_takes_phases(struct cohort_ring *self, const struct discrete *steps, uint32_t first);
void cohort_ring_enter(struct cohort_ring *self, uint32_t plane, const struct ring_comers *comers);
void cohort_ring_pass(struct cohort_ring *self, uint32_t plane, struct dice *dice);

/* Books a cohort that comes. */
void cohort_ring_book(struct cohort_ring *self, uint32_t plane, uint32_t class, const struct cohort *cohort,
                      uint32_t furthest);

/* Puts those in phases into the slots; removes a share of those of a class and returns them; multiplies all.
 */
void cohort_ring_leave_phases(struct cohort_ring *self, uint32_t plane);
struct cohort cohort_ring_share_of_phases(struct cohort_ring *self, uint32_t plane, uint32_t class,
                                          double share);
void cohort_ring_scale_phases(struct cohort_ring *self, uint32_t plane, double factor);

/* Where hazards may strike: everyone in a plane's slots, by class. */
static inline struct cohort *cohort_ring_total(const struct cohort_ring *self, uint32_t plane)
{
    return cohort_ring_row_behind(self, plane, RING_TOTAL);
}

#endif
