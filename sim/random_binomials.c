/* Many binomial counts at once: the two methods of random_binomial.c, step by step for all, in loops in which
 * every element stands alone, so that a processor works on several of them together. */
#include "sim/random.h"
#include "sim/random_functions.h"
#include "sim/random_terms.h"
#include "sim/widths.h"

#define TOGETHER 64
#define SEARCHED 16     /* minus ln of the chance of 0, up to which a search is quicker */
#define FEW      3      /* counts that are refused over and over are drawn one by one */
#define MOST     0x1p50 /* trials up to which numbers have digits for their parts */

/* ---- small means: a search from 0 on ---- */

struct search {
    uint32_t count;
    uint32_t place[TOGETHER]; /* in the arrays of the caller */
    double trials[TOGETHER], odds[TOGETHER];
    double none[TOGETHER]; /* minus ln of the chance of 0 */
    uint64_t word[TOGETHER];
    double unit[TOGETHER], probability[TOGETHER], found[TOGETHER];
};

FOR_EACH_WIDTH
static void begin_search(struct search *search)
{
    const uint32_t count = search->count;
    for (uint32_t i = 0; i < count; i++) {
        search->unit[i] = unit_below_one(search->word[i]);
        search->probability[i] = exponential_of_minus(search->none[i]);
        search->found[i] = 0;
    }
}

/* Goes on from k to k + 1 where the unit lies beyond, and what is left of it is not rounding error. Returns
 * whether it does anywhere. */
FOR_EACH_WIDTH
static uint64_t search_on(struct search *search, double k, double over_next)
{
    const uint32_t count = search->count;
    uint64_t anywhere = 0;
    for (uint32_t i = 0; i < count; i++) {
        double unit = search->unit[i], probability = search->probability[i];
        uint64_t on = bits_above(probability, 0x1p-60) & ~bits_above(probability, unit);
        double next = probability * (search->trials[i] - k) * (search->odds[i] * over_next);
        search->unit[i] = unit - number_where(on, probability);
        search->probability[i] = either(on, next, probability);
        search->found[i] += number_where(on, 1);
        anywhere |= on;
    }
    return anywhere;
}

static void draw_search(struct search *search, struct stream *stream, double successes[])
{
    stream_words(stream, search->word, search->count);
    begin_search(search);
    for (double k = 0; search_on(search, k, 1 / (k + 1)) != 0;) k++;
    for (uint32_t i = 0; i < search->count; i++) successes[search->place[i]] = search->found[i];
    search->count = 0;
}

/* ---- large ones: transformed rejection ---- */

/* Points under the hats of counts, and what becomes of them. */
struct batch {
    uint32_t count;
    uint32_t place[TOGETHER];
    double trials[TOGETHER], p[TOGETHER];
    uint64_t first[TOGETHER], second[TOGETHER]; /* words */
    double drawn[TOGETHER], distance[TOGETHER]; /* the count, and from the mean */
    double height[TOGETHER], hat[TOGETHER];     /* of the point as a part of the hat's */
    uint64_t verdict[TOGETHER];
};
enum verdict { REFUSED, TAKEN, UNDECIDED };

/* A point for each, and whether the squeeze takes it. */
FOR_EACH_WIDTH
static void propose(struct batch *batch)
{
    const uint32_t count = batch->count;
    for (uint32_t i = 0; i < count; i++) {
        double n = batch->trials[i], p = batch->p[i], mean = n * p, whole = whole_below(mean),
               part = mean - whole;
        double deviation = sqrt(mean * (1 - p)), b = 1.15 + 2.53 * deviation, over_b = 1 / b;
        double a = -0.0873 + 0.0248 * b + 0.01 * p, alpha = (2.83 + 5.1 * over_b) * deviation;
        double u = unit_below_one(batch->first[i]) - 0.5, v = 1 - unit_below_one(batch->second[i]);
        double edge = 0.5 - fabs(u), steep = a / edge;
        double step = whole_below((2 * steep + b) * u + part + 0.5), k = whole + step;
        uint64_t possible = bits_above(k, -1) & ~bits_above(k, n);
        uint64_t sure = ~bits_above(0.07, edge) & ~bits_above(v, 0.92 - 4.2 * over_b);
        batch->verdict[i] = (sure & TAKEN) | (~sure & possible & UNDECIDED);
        batch->drawn[i] = k;
        batch->distance[i] = step - part;
        batch->height[i] = v * alpha * edge;
        batch->hat[i] = steep + b * edge;
    }
}

/* Stirling's error and deviance as in random_terms.h, without branches, for counts from here on: there the
 * first is right to 2e-13. */
#define SERIES_FROM 8

static inline double stirling_error(double k)
{
    double r = 1 / k, s = r * r;
    return r * (1.0 / 12 - s * (1.0 / 360 - s * (1.0 / 1260 - s * (1.0 / 1680 - s * (1.0 / 1188)))));
}

static inline double deviance(double k, double distance)
{
    double v = distance / (2 * k - distance), s = v * v;
    double far_terms = 1.0 / 11 + s * (1.0 / 13 + s * (1.0 / 15 + s * (1.0 / 17)));
    double series = 1.0 / 3 + s * (1.0 / 5 + s * (1.0 / 7 + s * (1.0 / 9 + s * far_terms)));
    double near = distance * v + 2 * k * v * s * series;
    double far = k * logarithm_of(k / (k - distance)) - distance;
    return either(bits_above(0.01, s), near, far);
}

/* Of the probability of k out of k + others, minus ln but for a root. */
static inline double exponent_of(double k, double others, double distance)
{
    return deviance(k, distance) + deviance(others, -distance) + stirling_error(k) + stirling_error(others);
}

/* Whether each point lies under the probability of its count; open where the series do not say. */
FOR_EACH_WIDTH
static void decide(struct batch *batch)
{
    const uint32_t count = batch->count;
    for (uint32_t i = 0; i < count; i++) {
        double n = batch->trials[i], p = batch->p[i], mean = n * p, whole = whole_below(mean),
               part = mean - whole;
        double mode = whole_below(part + p), top = whole + mode;
        double k = batch->drawn[i], x = batch->height[i], hat = batch->hat[i];
        double exponent = exponent_of(top, n - top, mode - part) - exponent_of(k, n - k, batch->distance[i]);
        double ratio = x * x * k * (n - k) / (hat * hat * top * (n - top));
        uint64_t known = bits_above(k, SERIES_FROM - 1) & bits_above(n - k, SERIES_FROM - 1);
        uint64_t above = bits_above(logarithm_of(ratio), 2 * exponent);
        batch->verdict[i] = (known & ~above & TAKEN) | (~known & UNDECIDED);
    }
}

/* The same by the terms of the probability themselves. */
static bool is_under(const struct batch *batch, uint32_t i)
{
    const double n = batch->trials[i], p = batch->p[i], mean = n * p, whole = floor(mean),
                 part = mean - whole, mode = floor(part + p);
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

/* ---- both ---- */

/* The rarer of success and failure; `rate`: minus ln of the chance of the other. */
struct rarer {
    double of, p, rate;
};
static struct rarer rarer_of(double p)
{
    double rarer = p > 0.5 ? 1 - p : p;
    return (struct rarer){p, rarer, -log1p(-rarer)};
}

struct counts {
    struct stream *stream;
    double *successes;
    struct search search;
    struct batch batch;
};

static void add(struct counts *self, uint32_t place, double trials, const struct rarer *rarer)
{
    struct search *search = &self->search;
    struct batch *batch = &self->batch;
    if (trials * rarer->rate <= SEARCHED) {
        search->place[search->count] = place;
        search->trials[search->count] = trials;
        search->odds[search->count] = rarer->p / (1 - rarer->p);
        search->none[search->count++] = trials * rarer->rate;
        if (search->count == TOGETHER) draw_search(search, self->stream, self->successes);
    } else {
        batch->place[batch->count] = place;
        batch->trials[batch->count] = trials;
        batch->p[batch->count++] = rarer->p;
        if (batch->count == TOGETHER) draw_batch(batch, self->stream, self->successes);
    }
}

static void draw_what_is_left(struct counts *self)
{
    struct batch *batch = &self->batch;
    if (self->search.count > 0) draw_search(&self->search, self->stream, self->successes);
    while (batch->count >= FEW) draw_batch(batch, self->stream, self->successes);
    for (uint32_t i = 0; i < batch->count; i++)
        self->successes[batch->place[i]] =
            (double)stream_binomial(self->stream, batch->p[i], (uint64_t)batch->trials[i]);
}

void stream_binomials(struct stream *stream, size_t count, const double trials[], const double p[],
                      double successes[])
{
    struct rarer rarer = rarer_of(0);
    struct counts self;
    self.stream = stream;
    self.successes = successes;
    self.search.count = self.batch.count = 0;
    for (size_t i = 0; i < count; i++) {
        successes[i] = 0;
        if (!(trials[i] > 0) || !(p[i] > 0)) continue;
        if (p[i] != rarer.of) rarer = rarer_of(p[i]);
        if (trials[i] <= MOST)
            add(&self, (uint32_t)i, trials[i], &rarer);
        else
            successes[i] = (double)stream_binomial(stream, rarer.p, (uint64_t)trials[i]);
    }
    draw_what_is_left(&self);
    for (size_t i = 0; i < count; i++)
        if (p[i] > 0.5 && trials[i] > 0) successes[i] = trials[i] - successes[i];
}
