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

uint64_t stream_poisson(struct stream *stream, double mean)
{
    if (!(mean > 0)) return 0;
    return mean < 10 ? poisson_inversion(stream, mean) : poisson_rejection(stream, fmin(mean, 1e15));
}
