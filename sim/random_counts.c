/* Poisson counts. */
#include "sim/random.h"
#include "sim/random_terms.h"

#include <math.h>

static uint64_t poisson_inversion(struct stream *stream, double mean)
{
    double unit = stream_unit(stream);
    double probability = exp(-mean);
    uint64_t k = 0;
    /* The second test ends the search where what is left of `unit` is rounding error. */
    while (unit >= probability && (probability > 0x1p-60 || (double)k < mean)) {
        unit -= probability;
        k++;
        probability *= mean / (double)k;
    }
    return k;
}

static uint64_t poisson_rejection(struct stream *stream, double mean)
{
    double b = 0.931 + 2.53 * sqrt(mean);
    double a = -0.059 + 0.02483 * b;
    double inverse_alpha = 1.1239 + 1.1328 / (b - 3.4);
    double squeeze = 0.9277 - 3.6224 / (b - 2);
    for (;;) {
        double u = stream_unit(stream) - 0.5;
        double v = random_unit_positive(stream_word(stream));
        double edge = 0.5 - fabs(u);
        double k = floor((2 * a / edge + b) * u + mean + 0.43);
        if (edge >= 0.07 && v <= squeeze) return (uint64_t)k;
        if (!(k >= 0) || (edge < 0.013 && v > edge)) continue;
        struct random_terms terms = {0, 1};
        const struct random_terms one = {0, 1};
        random_terms_multiply(&terms, k, k - mean);
        if (random_terms_at_most(v * inverse_alpha / (a / (edge * edge) + b), &terms, &one))
            return (uint64_t)k;
    }
}

/* What the chance of a count is above the one of its cell, k to k + 1, of a normal of the same mean and
 * variance; and that one. */
struct excess {
    double over, cell;
};
static struct excess excess_of(double k, double mean, double deviation)
{
    struct random_terms terms = {0, 1};
    random_terms_multiply(&terms, k, k - mean);
    const double scale = 0.70710678118654752440 / deviation, low = (k - mean) * scale,
                 high = (k + 1 - mean) * scale;
    double cell = low > 0 ? erfc(low) - erfc(high) : erfc(-high) - erfc(-low);
    return (struct excess){exp(terms.exponent) / sqrt(terms.squared) - cell / 2, cell / 2};
}

/* PD (Ahrens and Dieter, "Computer generation of Poisson deviates from modified normal distributions", ACM
 * Trans. Math. Software 8, 1982): a normal deviate rounded down is a count at once where its cell has no more
 * than the chance of the count, that is from the mean - 1.1484 on, and nearly always below; what is missing
 * is drawn under a double exponential. The chances of cells are computed, not expanded as there, so that the
 * law is exact. Their bounds hold for means of 10 to 1e6 (tests/sim/test_random_counts.c). */
static uint64_t poisson_normal(struct stream *stream, double mean)
{
    const double deviation = sqrt(mean), hat = 0.1069 / mean;
    const double drawn = mean + deviation * stream_normal(stream);
    if (drawn >= floor(mean - 1.1484)) return (uint64_t)drawn;
    if (drawn >= 0) {
        double k = floor(drawn), below = mean - k, unit = stream_unit(stream);
        if (6 * mean * mean * unit >= below * below * below) return (uint64_t)k;
        struct excess excess = excess_of(k, mean, deviation);
        if (unit * excess.cell >= -excess.over) return (uint64_t)k;
    }
    for (;;) {
        double length = stream_exponential(stream), u = 2 * stream_unit(stream) - 1;
        double at = 1.8 + copysign(length, u);
        if (at <= -0.6744) continue;
        double k = floor(mean + deviation * at);
        if (hat * fabs(u) <= excess_of(k, mean, deviation).over * exp(length)) return (uint64_t)k;
    }
}

uint64_t stream_poisson(struct stream *stream, double mean)
{
    if (!(mean > 0)) return 0;
    if (mean < 10) return poisson_inversion(stream, mean);
    return mean <= 1e6 ? poisson_normal(stream, mean) : poisson_rejection(stream, fmin(mean, 1e15));
}
