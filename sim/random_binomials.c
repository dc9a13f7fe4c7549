/* Many binomial counts at once: BTRS as in random_binomial.c, step by step for all of them,
 * in loops in which every element stands alone, so that a processor works on several in wide registers. */
#include "sim/random.h"
#include "sim/random_terms.h"
#include "sim/widths.h"

#include <math.h>
#include <string.h>

#define TOGETHER 64
#define FEW      3 /* that are drawn one by one */
#define MOST     0x1p50   /* trials up to which numbers have digits for their parts */

/* Counts that are drawn together: points under their hats, and what becomes of them. */
struct batch {
    uint32_t count;
    uint32_t place[TOGETHER]; /* in the arrays of the caller */
    double trials[TOGETHER], p[TOGETHER];
    uint64_t first[TOGETHER], second[TOGETHER]; /* words */
    double drawn[TOGETHER], distance[TOGETHER]; /* from the mean */
    double height[TOGETHER];                    /* of the point, as a part of the hat's */
    double hat[TOGETHER];
    double verdict[TOGETHER];
};
enum verdict { REFUSED, TAKEN, UNDECIDED };

/* The whole number below x, |x| < 2^51: without a function of the library, which would keep loops narrow. */
static inline double below(double x)
{
    double near = (x + 0x1.8p52) - 0x1.8p52;
    return near - (near > x ? 1.0 : 0.0);
}

/* 52 bits in [0, 1), by putting them into a number from 1 on. */
static inline double unit_of(uint64_t word)
{
    uint64_t bits = word >> 12 | UINT64_C(0x3FF0000000000000);
    double number;
    memcpy(&number, &bits, sizeof number);
    return number - 1;
}

/* A point under the hat for each, and whether the squeeze takes it. */
FOR_EACH_WIDTH
static void propose(struct batch *batch)
{
    const uint32_t count = batch->count;
    for (uint32_t i = 0; i < count; i++) {
        double n = batch->trials[i], p = batch->p[i], mean = n * p, whole = below(mean), part = mean - whole;
        double deviation = sqrt(mean * (1 - p)), b = 1.15 + 2.53 * deviation, over_b = 1 / b;
        double a = -0.0873 + 0.0248 * b + 0.01 * p, alpha = (2.83 + 5.1 * over_b) * deviation;
        double u = unit_of(batch->first[i]) - 0.5, v = 1 - unit_of(batch->second[i]), edge = 0.5 - fabs(u);
        double steep = a / edge, step = below((2 * steep + b) * u + part + 0.5), k = whole + step;
        double possible = k >= 0 ? UNDECIDED : REFUSED;
        possible = k <= n ? possible : REFUSED;
        double sure = edge >= 0.07 ? TAKEN : possible;
        batch->verdict[i] = v <= 0.92 - 4.2 * over_b ? sure : possible;
        batch->drawn[i] = k;
        batch->distance[i] = step - part;
        batch->height[i] = v * alpha * edge;
        batch->hat[i] = steep + b * edge;
    }
}

/* ---- the exact test of those that the squeeze leaves open ---- */

#define SERIES_FROM 8 /* the count from which Stirling's series knows its logarithm to 1e-12 */

/* ln x for x > 0 within the range of normal numbers, to 1e-15 or better: of the power of 2, and 2 artanh of
 * (m - 1) / (m + 1) for m from sqrt(1/2) to sqrt(2). */
static inline double logarithm(double x)
{
    const uint64_t one = UINT64_C(0x3FF0000000000000), fraction = UINT64_C(0x000FFFFFFFFFFFFF),
                   half = UINT64_C(0x00095F619980C433); /* of sqrt(1/2): 1 - that */
    uint64_t bits, power_bits, mantissa_bits;
    double power, m;
    memcpy(&bits, &x, sizeof bits);
    uint64_t moved = bits + half;
    power_bits = moved >> 52 | UINT64_C(0x4330000000000000); /* 2^52 + the power */
    mantissa_bits = (moved & fraction) + (one - half);
    memcpy(&power, &power_bits, sizeof power);
    memcpy(&m, &mantissa_bits, sizeof m);
    power -= 0x1p52 + 1023;
    double r = (m - 1) / (m + 1), s = r * r;
    double series =
        1.0 / 3 +
        s * (1.0 / 5 +
             s * (1.0 / 7 +
                  s * (1.0 / 9 +
                       s * (1.0 / 11 + s * (1.0 / 13 + s * (1.0 / 15 + s * (1.0 / 17 + s * (1.0 / 19))))))));
    return power * 0.693147180559945309417 + (2 * r + 2 * r * s * series);
}

/* random_deviance + random_stirling_error of two counts with opposite distances, without branches. */
static inline double stirling_error(double k)
{
    double r = 1 / k, s = r * r;
    return r * (1.0 / 12 - s * (1.0 / 360 - s * (1.0 / 1260 - s * (1.0 / 1680 - s * (1.0 / 1188)))));
}
static inline double deviance(double k, double distance)
{
    double v = distance / (2 * k - distance), s = v * v;
    double series =
        1.0 / 3 +
        s * (1.0 / 5 +
             s * (1.0 / 7 +
                  s * (1.0 / 9 + s * (1.0 / 11 + s * (1.0 / 13 + s * (1.0 / 15 + s * (1.0 / 17)))))));
    double near = distance * v + 2 * k * v * s * series;
    double far = k * logarithm(k / (k - distance)) - distance;
    return s < 0.01 ? near : far;
}
static inline double exponent_of(double k, double others, double distance)
{
    return deviance(k, distance) + deviance(others, -distance) + stirling_error(k) + stirling_error(others);
}

/* Whether each point lies under the probability of its count, where the series say; else it stays open. */
FOR_EACH_WIDTH
static void decide(struct batch *batch)
{
    const uint32_t count = batch->count;
    for (uint32_t i = 0; i < count; i++) {
        double n = batch->trials[i], p = batch->p[i], mean = n * p, whole = below(mean), part = mean - whole;
        double k = batch->drawn[i], distance = batch->distance[i], x = batch->height[i], hat = batch->hat[i];
        double top = whole + below(part + p), top_distance = below(part + p) - part;
        double exponent = exponent_of(top, n - top, top_distance) - exponent_of(k, n - k, distance);
        double ratio = x * x * k * (n - k) / (hat * hat * top * (n - top));
        double under = logarithm(ratio) <= 2 * exponent ? TAKEN : REFUSED;
        double known = k >= SERIES_FROM ? under : UNDECIDED;
        batch->verdict[i] = n - k >= SERIES_FROM ? known : UNDECIDED;
    }
}

/* The same by the terms of the probability themselves. */
static bool is_under(const struct batch *batch, uint32_t i)
{
    const double n = batch->trials[i], p = batch->p[i], mean = n * p, whole = floor(mean), part = mean - whole,
                 mode = floor(part + p);
    const struct random_terms terms = random_binomial_terms(batch->drawn[i], n, batch->distance[i]),
                              top = random_binomial_terms(whole + mode, n, mode - part);
    return random_terms_at_most(batch->height[i] / batch->hat[i], &terms, &top);
}

/* Those of a verdict. */
static uint32_t find(const struct batch *batch, enum verdict verdict, uint32_t found[])
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < batch->count; i++) {
        found[count] = i;
        count += batch->verdict[i] == verdict;
    }
    return count;
}

/* Points that the squeeze leaves open are looked at together. */
static void settle(struct batch *batch)
{
    uint32_t open[TOGETHER], unsure[TOGETHER];
    struct batch few;
    few.count = find(batch, UNDECIDED, open);
    for (uint32_t i = 0; i < few.count; i++) {
        few.trials[i] = batch->trials[open[i]];
        few.p[i] = batch->p[open[i]];
        few.drawn[i] = batch->drawn[open[i]];
        few.distance[i] = batch->distance[open[i]];
        few.height[i] = batch->height[open[i]];
        few.hat[i] = batch->hat[open[i]];
    }
    decide(&few);
    const uint32_t unsures = find(&few, UNDECIDED, unsure);
    for (uint32_t i = 0; i < unsures; i++)
        few.verdict[unsure[i]] = is_under(&few, unsure[i]) ? TAKEN : REFUSED;
    for (uint32_t i = 0; i < few.count; i++) batch->verdict[open[i]] = few.verdict[i];
}

/* A point for each; those that are refused stay in the batch. */
static void draw_batch(struct batch *batch, struct stream *stream, double successes[])
{
    uint32_t refused[TOGETHER];
    stream_words(stream, batch->first, batch->count);
    stream_words(stream, batch->second, batch->count);
    propose(batch);
    settle(batch);
    for (uint32_t i = 0; i < batch->count; i++) successes[batch->place[i]] = batch->drawn[i];
    batch->count = find(batch, REFUSED, refused);
    for (uint32_t i = 0; i < batch->count; i++) {
        batch->place[i] = batch->place[refused[i]];
        batch->trials[i] = batch->trials[refused[i]];
        batch->p[i] = batch->p[refused[i]];
    }
}

/* ---- small means ---- */

#define SEARCHED   16   /* of the chance of 0 the logarithm, up to which a search is quicker */

/* 1 / k */
static const double inverse[] = {0,        1.0,      1.0 / 2,  1.0 / 3,  1.0 / 4,  1.0 / 5,  1.0 / 6,
                                 1.0 / 7,  1.0 / 8,  1.0 / 9,  1.0 / 10, 1.0 / 11, 1.0 / 12, 1.0 / 13,
                                 1.0 / 14, 1.0 / 15, 1.0 / 16, 1.0 / 17, 1.0 / 18, 1.0 / 19, 1.0 / 20,
                                 1.0 / 21, 1.0 / 22, 1.0 / 23, 1.0 / 24};
#define INVERSES (sizeof inverse / sizeof *inverse)

/* Counts that are found by a search from 0 on, each in the same steps. */
struct search {
    uint32_t count;
    uint32_t place[TOGETHER];
    double trials[TOGETHER], odds[TOGETHER];
    double none[TOGETHER]; /* minus the logarithm of the chance of 0 */
    uint64_t word[TOGETHER];
    double unit[TOGETHER], probability[TOGETHER], found[TOGETHER];
};

/* exp(-x) for x from 0 to 600, to 1e-15: of the power of 2, and the series of the rest. */
static inline double exponential(double x)
{
    double power = below(x * 1.44269504088896340736 + 0.5);
    double r = (power * 0.693147180369123816490 - x) + power * 1.90821492927058770002e-10;
    double series =
        1.0 / 120 +
        r * (1.0 / 720 + r * (1.0 / 5040 + r * (1.0 / 40320 + r * (1.0 / 362880 + r * (1.0 / 3628800 +
                                                                  r * (1.0 / 39916800))))));
    series = 1 + r * (1 + r * (0.5 + r * (1.0 / 6 + r * (1.0 / 24 + r * series))));
    double raised = 0x1p52 + 1023 - power;
    uint64_t bits;
    memcpy(&bits, &raised, sizeof bits);
    bits <<= 52;
    memcpy(&raised, &bits, sizeof raised);
    return series * raised;
}

FOR_EACH_WIDTH
static void begin_search(struct search *search)
{
    const uint32_t count = search->count;
    for (uint32_t i = 0; i < count; i++) {
        search->unit[i] = unit_of(search->word[i]);
        search->probability[i] = exponential(search->none[i]);
        search->found[i] = 0;
    }
}

/* Goes on from k to k + 1 where `unit` lies beyond. Returns whether it does anywhere. */
FOR_EACH_WIDTH
static uint64_t search_on(struct search *search, double k, double over_next)
{
    const uint32_t count = search->count;
    uint64_t beyond = 0;
    for (uint32_t i = 0; i < count; i++) {
        double unit = search->unit[i], probability = search->probability[i];
        uint64_t on = unit >= probability ? 1 : 0;
        on = probability > 0x1p-60 ? on : 0;
        search->unit[i] = on ? unit - probability : unit;
        search->probability[i] = on ? probability * (search->trials[i] - k) * (search->odds[i] * over_next) : probability;
        search->found[i] += on ? 1.0 : 0.0;
        beyond |= on;
    }
    return beyond;
}

static void draw_search(struct search *search, struct stream *stream, double successes[])
{
    stream_words(stream, search->word, search->count);
    begin_search(search);
    for (uint32_t k = 0; search_on(search, k, k + 1 < INVERSES ? inverse[k + 1] : 1.0 / (k + 1)); k++) {
    }
    for (uint32_t i = 0; i < search->count; i++) successes[search->place[i]] = search->found[i];
    search->count = 0;
}

/* ---- all of them ---- */

/* The rarer of success and failure; `rate`: minus the logarithm of the chance of the other. */
struct rarer {
    double of, p, rate;
};
static struct rarer rarer_of(double p)
{
    double rarer = p > 0.5 ? 1 - p : p;
    return (struct rarer){p, rarer, -log1p(-rarer)};
}

struct binomials {
    struct stream *stream;
    double *rarer; /* counts of the rarer */
    struct batch batch;
    struct search search;
};

static void add(struct binomials *self, uint32_t place, double trials, const struct rarer *rarer)
{
    struct batch *batch = &self->batch;
    struct search *search = &self->search;
    if (trials * rarer->rate <= SEARCHED) {
        search->place[search->count] = place;
        search->trials[search->count] = trials;
        search->odds[search->count] = rarer->p / (1 - rarer->p);
        search->none[search->count++] = trials * rarer->rate;
        if (search->count == TOGETHER) draw_search(search, self->stream, self->rarer);
        return;
    }
    batch->place[batch->count] = place;
    batch->trials[batch->count] = trials;
    batch->p[batch->count++] = rarer->p;
    if (batch->count == TOGETHER) draw_batch(batch, self->stream, self->rarer);
}

void stream_binomials(struct stream *stream, size_t count, const double trials[], const double p[],
                      double successes[])
{
    struct rarer rarer = rarer_of(0);
    struct binomials self;
    self.stream = stream;
    self.rarer = successes;
    self.batch.count = self.search.count = 0;
    for (size_t i = 0; i < count; i++) {
        successes[i] = 0;
        if (!(trials[i] > 0) || !(p[i] > 0)) continue;
        if (p[i] != rarer.of) rarer = rarer_of(p[i]);
        if (trials[i] <= MOST)
            add(&self, (uint32_t)i, trials[i], &rarer);
        else
            successes[i] = (double)stream_binomial(stream, rarer.p, (uint64_t)trials[i]);
    }
    if (self.search.count > 0) draw_search(&self.search, stream, successes);
    while (self.batch.count >= FEW) draw_batch(&self.batch, stream, successes);
    for (uint32_t i = 0; i < self.batch.count; i++)
        successes[self.batch.place[i]] =
            (double)stream_binomial(stream, self.batch.p[i], (uint64_t)self.batch.trials[i]);
    for (size_t i = 0; i < count; i++)
        if (p[i] > 0.5 && trials[i] > 0) successes[i] = trials[i] - successes[i];
}
