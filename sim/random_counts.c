/* Poisson counts. */
#include "sim/random.h"

#include <math.h>

/* ln k! for k < 10, where the Stirling series below is too short. */
static const double log_factorial_small[10] = {
    0,
    0,
    0.693147180559945309417,
    1.79175946922805500081,
    3.17805383034794561965,
    4.78749174278204599425,
    6.57925121201010099506,
    8.52516136106541430017,
    10.6046029027452502284,
    12.8018274800814696112,
};

/* k ln(k / mean) + mean - k without cancellation near k = mean (Loader, "Fast and accurate computation of
 * binomial probabilities", 2000). */
static double deviance(double k, double mean)
{
    double difference = k - mean;
    if (fabs(difference) >= 0.1 * (k + mean)) return k * log(k / mean) - difference;
    double v = difference / (k + mean);
    double sum = difference * v;
    double term = 2 * k * v;
    for (int j = 1; j < 1000; j++) {
        term *= v * v;
        double next = sum + term / (2 * j + 1);
        if (next == sum) break;
        sum = next;
    }
    return sum;
}

/* ln of the Poisson probability of k (a whole number >= 0). */
static double poisson_log_probability(double k, double mean)
{
    if (k < 10) return k * log(mean) - mean - log_factorial_small[(int)k];
    double r = 1 / (k * k);
    double stirling = (1.0 / 12 - r * (1.0 / 360 - r * (1.0 / 1260 - r * (1.0 / 1680)))) / k;
    return -deviance(k, mean) - 0.5 * log(6.28318530717958647693 * k) - stirling;
}

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
        if (log(v * inverse_alpha / (a / (edge * edge) + b)) <= poisson_log_probability(k, mean))
            return (uint64_t)k;
    }
}

uint64_t stream_poisson(struct stream *stream, double mean)
{
    if (!(mean > 0)) return 0;
    return mean < 10 ? poisson_inversion(stream, mean) : poisson_rejection(stream, fmin(mean, 1e15));
}
