/* Cohorts: people of one class at one place who need not be told apart, and how parts of them are drawn.
 *
 * A cohort also says how many of its people each memory has not counted yet (`fresh`), which gives distinct
 * people, and how many have registered for a ballot (`listed`) and when: mean and spread. Who these are
 * decides nothing on the way, so a part of a cohort holds a hypergeometric number of them. Two such sets are
 * drawn as if one held the other: right for each, silent about both together.
 *
 * Every draw goes through `struct dice`; with expectations it becomes its mean, so that one code runs both.
 * Internal to the room. */
#ifndef CORRIDOR_SIM_COHORT_H
#define CORRIDOR_SIM_COHORT_H

#include "sim/network.h"
#include "sim/random.h"

#include <stdbool.h>

/* A number of people or events: whole numbers with agents and flows, expectations with means. Doubles hold
 * every whole number up to 2^53. */
typedef double people_t;

#define COHORT_SETS (NETWORK_MEMORIES + 1)

struct cohort {
    people_t people;
    union {
        people_t set[COHORT_SETS];
        struct {
            people_t fresh[NETWORK_MEMORIES];
            people_t listed;
        };
    };
    double listed_dates;   /* the sum over the listed of the steps in which they registered, */
    double listed_squares; /* and of the squares of these */
    double unused;         /* 0: a cohort fills a cache line, and a register where these have 64 bytes */
};
#define COHORT_NUMBERS (sizeof(struct cohort) / sizeof(people_t))
_Static_assert(COHORT_NUMBERS == 4 + COHORT_SETS, "an array of cohorts is an array of numbers");

struct dice {
    struct stream stream;
    bool expected;
};

static inline void dice_start(struct dice *self, bool expected, uint64_t seed, uint32_t replication,
                              uint64_t identity, uint32_t purpose)
{
    self->expected = expected;
    if (!expected) stream_start(&self->stream, seed, replication, identity, purpose);
}

/* Of `people`, how many with probability p each; of `white` and `black`, how many white ones among `draws`.
 * Whole numbers stay whole; nothing is drawn where nothing is open. */
people_t dice_binomial(struct dice *self, people_t people, double p);
people_t dice_hypergeometric(struct dice *self, people_t white, people_t black, people_t draws);

static inline void cohort_add(struct cohort *self, const struct cohort *part)
{
    self->people += part->people;
    for (int i = 0; i < COHORT_SETS; i++) self->set[i] += part->set[i];
    self->listed_dates += part->listed_dates;
    self->listed_squares += part->listed_squares;
}
static inline void cohort_remove(struct cohort *self, const struct cohort *part)
{
    self->people -= part->people;
    for (int i = 0; i < COHORT_SETS; i++) self->set[i] -= part->set[i];
    self->listed_dates -= part->listed_dates;
    self->listed_squares -= part->listed_squares;
}
static inline struct cohort cohort_times(const struct cohort *self, double factor)
{
    struct cohort result = {.people = self->people * factor,
                            .listed_dates = self->listed_dates * factor,
                            .listed_squares = self->listed_squares * factor};
    for (int i = 0; i < COHORT_SETS; i++) result.set[i] = self->set[i] * factor;
    return result;
}

/* The sets as if one held the other: in ascending order, and the people that each adds to those before it;
 * last, those who are in none. */
struct cohort_layers {
    int order[COHORT_SETS];
    people_t people[COHORT_SETS + 1];
};
void cohort_layers(const struct cohort *self, struct cohort_layers *layers);

struct cohort cohort_thin_drawn(struct cohort *self, struct dice *dice, double p);
struct cohort cohort_take_drawn(struct cohort *self, struct dice *dice, people_t count);

static inline struct cohort cohort_share(struct cohort *self, double share)
{
    struct cohort part = cohort_times(self, share);
    cohort_remove(self, &part);
    return part;
}

/* Removes from `self`, and returns, those who leave: each with probability p, or `count` of them at random
 * (at most all). Time O(1). */
static inline struct cohort cohort_thin(struct cohort *self, struct dice *dice, double p)
{
    if (!dice->expected) return cohort_thin_drawn(self, dice, p);
    return cohort_share(self, p > 0 ? (p < 1 ? p : 1) : 0);
}
static inline struct cohort cohort_take(struct cohort *self, struct dice *dice, people_t count)
{
    if (!dice->expected) return cohort_take_drawn(self, dice, count);
    return cohort_share(self, count > 0 ? (count < self->people ? count / self->people : 1) : 0);
}

/* With draws, for many cohorts at once: of from[i] each with probability p[i] goes over to to[i]. */
void cohorts_thin_drawn(struct cohort from[], size_t count, struct dice *dice, const double p[],
                        struct cohort to[]);

/* People in `n` cohorts. */
people_t cohort_sum(const struct cohort cohorts[], size_t n);

#endif
