/* Durations on a grid of steps. A duration T becomes floor(T + U) steps, U uniform in [0, 1), which keeps its
 * mean exactly: the mass of T is dispersed to the two steps around it (Gerber, "On the numerical evaluation
 * of the distribution of aggregate claims and its stop-loss premiums", Insurance: Mathematics and Economics
 * 1, 1982). */
#ifndef CORRIDOR_SIM_DISCRETE_H
#define CORRIDOR_SIM_DISCRETE_H

#include "sim/distribution.h"

#include <stdbool.h>
#include <stdint.h>

#define DISCRETE_GUIDE 1024
#define DISCRETE_MOST  65536 /* steps that the guide can name */

/* What is known of a sum of exponential phases, all of one rate, besides its table: an exponential duration
 * is one phase, an Erlang one has as many as its shape. `count` 0: more than DISCRETE_PHASES, or another
 * duration. */
#define DISCRETE_PHASES 4
struct discrete_phases {
    uint32_t count;
    uint32_t from; /* from this step on the table is what the phases come to; at least 1 */
    double rate;   /* per step */
};

struct discrete {
    uint32_t count; /* steps 0 .. count-1 */
    struct discrete_phases phases;
    double *probability; /* count; sums to 1 */
    double *cumulative;  /* count; the last is exactly 1 */
    double *rest;        /* count; probability of exactly k given at least k, the last is 1 */
    /* First step whose cumulative exceeds i/DISCRETE_GUIDE; behind them the last step. */
    uint16_t guide[DISCRETE_GUIDE + 1];
};

/* Steps that a table needs, from 1 to `most`. The last millionth of the chance is put on the two steps around
 * its mean: the steps between have none, and the mean stays exact. */
uint32_t discrete_support(const struct distribution *shape, double mean_steps, uint32_t most);

/* Fills `self`, whose three arrays have room for `most` steps and are owned by the caller; 1 <= most <=
 * DISCRETE_MOST. A mean that is not positive (or NaN) is 0. What lies beyond most-1 is put on the last step.
 * With `at_least_one` (and most > 1) nothing is left at step 0: its probability goes to step 1, and to keep
 * the mean as much is moved from the steps 2, 3, ... one step towards 1, in this order and again from the
 * start until it suffices; if the mean is below one step all is on step 1. Takes time O(steps). */
void discrete_fill(struct discrete *self, const struct distribution *shape, double mean_steps,
                   bool at_least_one, uint32_t most);

/* The same for those who begin at the start of a step, not anywhere in it: K = floor(T). */
void discrete_fill_from_start(struct discrete *self, const struct distribution *shape, double mean_steps,
                              uint32_t most);

/* The step for a uniform number in [0, 1): the first whose cumulative exceeds it. */
static inline uint32_t discrete_draw(const struct discrete *self, double unit)
{
    uint32_t step = self->guide[(uint32_t)(unit * DISCRETE_GUIDE)];
    while (self->cumulative[step] <= unit) step++;
    return step;
}

#endif
