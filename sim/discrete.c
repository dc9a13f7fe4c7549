#include "sim/discrete.h"

#include <float.h>
#include <math.h>

/* Where the body of a table ends: what lies beyond is put on the two steps around its mean. */
#define BEYOND_CHANCE 1e-6

/* Longer means, all beyond any table, would leave no digits for differences of one step. */
#define LONGEST_MEAN 1e12

/* E[max(T - step, 0)] in steps. Its differences are P(K > step), because K > step just when T + U reaches
 * step + 1; their sum telescopes, so that the mean of a table is exact whatever rounding does to a single
 * entry. */
static double excess(const struct distribution *shape, double mean, uint32_t step)
{
    return mean > 0 ? mean * distribution_excess(shape, step / mean) : 0;
}

static double bounded_mean(double mean_steps)
{
    return fmin(fmax(mean_steps, 0), LONGEST_MEAN); /* fmax gives 0 for NaN */
}

/* The first step beyond which less than BEYOND_CHANCE lies. */
static uint32_t end_of_body(const struct distribution *shape, double mean, uint32_t most)
{
    uint32_t low = 1, high = mean > 0 ? most : 1;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (excess(shape, mean, middle - 1) - excess(shape, mean, middle) < BEYOND_CHANCE)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

/* How many steps behind the end of the body its remainder has its mean. */
static double tail_length(const struct distribution *shape, double mean, uint32_t body)
{
    double here = excess(shape, mean, body), chance = excess(shape, mean, body - 1) - here;
    return chance > 0 ? here / chance : 0;
}

uint32_t discrete_support(const struct distribution *shape, double mean_steps, uint32_t most)
{
    double mean = bounded_mean(mean_steps);
    uint32_t body = end_of_body(shape, mean, most);
    double count = body + ceil(tail_length(shape, mean, body)) + 1;
    return count < most ? (uint32_t)count : most;
}

/* tail[k] = P(K > k), kept between 0 and the entry before. Differences from 1 within the noise are not real:
 * they would let a journey of 8 to 9 steps take 3. */
static void fill_tail(double *tail, uint32_t count, const struct distribution *shape, double mean)
{
    double noise = 16 * DBL_EPSILON * (1 + mean);
    double before = 1, here = mean;
    for (uint32_t k = 0; k + 1 < count; k++) {
        double next = excess(shape, mean, k + 1);
        double wanted = here - next;
        tail[k] = wanted > 1 - noise ? before : fmin(fmax(wanted, 0), before);
        before = tail[k];
        here = next;
    }
    tail[count - 1] = 0;
}

/* Replaces what lies beyond the body by two steps with the same mean. */
static void shorten_tail(double *tail, uint32_t count, const struct distribution *shape, double mean)
{
    uint32_t body = end_of_body(shape, mean, count);
    if (body >= count || !(tail[body - 1] > 0)) return;
    double left = excess(shape, mean, body), chance = tail[body - 1];
    for (uint32_t k = body; k + 1 < count; k++) {
        tail[k] = fmin(left, chance);
        left -= tail[k];
    }
}

/* Raises P(K > 0) to 1 and takes the same sum from the entries that follow: moving all of the steps above 1
 * one step down takes away the first of these entries, so that whole rounds are a shift; then part of a
 * round. Returns the step from which on the table is as before; 0: none is. */
static uint32_t keep_off_zero(double *tail, uint32_t count)
{
    double surplus = 1 - tail[0];
    uint32_t shift = 0;
    tail[0] = 1;
    while (shift + 1 < count && tail[shift + 1] <= surplus) surplus -= tail[++shift];
    for (uint32_t k = 1; k < count; k++) tail[k] = k + shift < count ? tail[k + shift] : 0;
    uint32_t k = 1;
    for (; k + 1 < count && surplus > 0; k++) {
        double moved = fmin(tail[k] - tail[k + 1], surplus);
        tail[k] -= moved;
        surplus -= moved;
    }
    return shift == 0 && !(surplus > 0) ? k + 1 : 0;
}

static struct discrete_phases phases_of(const struct distribution *shape, double mean, uint32_t from)
{
    const bool staged = shape->family == DISTRIBUTION_ERLANG || shape->family == DISTRIBUTION_GAMMA;
    const double stages = shape->family == DISTRIBUTION_EXPONENTIAL ? 1 : staged ? shape->shape : 0;
    if (from == 0 || !(mean > 0) || !(stages >= 1 && stages <= DISCRETE_PHASES) || stages != floor(stages))
        return (struct discrete_phases){0};
    return (struct discrete_phases){.count = (uint32_t)stages, .from = from, .rate = stages / mean};
}

/* The arrays from the tail that stands in `rest`. */
static void finish(struct discrete *self)
{
    double before = 1;
    for (uint32_t k = 0; k < self->count; k++) {
        double after = self->rest[k];
        self->probability[k] = before - after;
        self->cumulative[k] = 1 - after;
        self->rest[k] = (before - after) / before;
        before = after;
    }
    uint32_t step = 0;
    for (int i = 0; i < DISCRETE_GUIDE; i++) {
        while (self->cumulative[step] <= (double)i / DISCRETE_GUIDE) step++;
        self->guide[i] = (uint16_t)step;
    }
    self->guide[DISCRETE_GUIDE] = (uint16_t)(self->count - 1);
}

void discrete_fill(struct discrete *self, const struct distribution *shape, double mean_steps,
                   bool at_least_one, uint32_t most)
{
    double *tail = self->rest, mean = bounded_mean(mean_steps);
    if (most > DISCRETE_MOST) most = DISCRETE_MOST;
    bool is_moved = at_least_one && most > 1;
    uint32_t count = discrete_support(shape, mean, most);
    if (is_moved && count < 2) count = 2;
    fill_tail(tail, count, shape, mean);
    shorten_tail(tail, count, shape, mean);
    self->phases = phases_of(shape, mean, is_moved ? keep_off_zero(tail, count) : 1);
    while (count > 1 && !(tail[count - 2] > 0)) count--; /* no steps without probability at the end */
    self->count = count;
    finish(self);
}

void discrete_fill_from_start(struct discrete *self, const struct distribution *shape, double mean_steps,
                              uint32_t most)
{
    double *tail = self->rest, mean = bounded_mean(mean_steps);
    uint32_t count = discrete_support(shape, mean, most < DISCRETE_MOST ? most : DISCRETE_MOST);
    /* K > k just when T reaches k + 1; a little below, so that what stands at k + 1 counts in spite of
     * rounding. */
    for (uint32_t k = 0; k < count; k++)
        tail[k] = mean > 0 ? distribution_survival(shape, (k + 1) / mean * (1 - 1e-12)) : 0;
    tail[count - 1] = 0;
    while (count > 1 && !(tail[count - 2] > 0)) count--;
    self->count = count;
    self->phases = (struct discrete_phases){0};
    finish(self);
}
