/* Binomial counts. */
#include "sim/random.h"
#include "sim/random_terms.h"

/* (1 - p)^n to a relative error of 1e-13: by squaring where that is quicker and loses no more. */
static double none_probability(double p, uint64_t n)
{
    if (n > 1024) return exp((double)n * log1p(-p));
    double power = n & 1 ? 1 - p : 1;
    for (double square = 1 - p; n >>= 1;) {
        square *= square;
        if (n & 1) power *= square;
    }
    return power;
}

/* Where the mean is below 10: sequential search from 0 (BINV of Kachitvichyanukul and Schmeiser, CACM 31,
 * 1988). p <= 1/2. */
static uint64_t binomial_inversion(struct stream *stream, double p, uint64_t trials)
{
    double unit = stream_unit(stream);
    double n = (double)trials, odds = p / (1 - p), k = 0;
    double probability = none_probability(p, trials);
    /* No probability below the mode is as small as the second bound; above it what is left of `unit` is
     * rounding error, and may be so at k = n. */
    while (unit >= probability && probability > 0x1p-60) {
        unit -= probability;
        probability *= (n - k) * odds / (k + 1);
        k++;
    }
    return (uint64_t)(k < n ? k : n);
}

/* Where the mean is at least 10: transformed rejection (BTRS of Hoermann, "The generation of binomial random
 * variates", J. Stat. Comput. Simul. 46, 1993). p <= 1/2. Works with distances from the whole part of the
 * mean, so that a large count costs no digits. */
static uint64_t binomial_rejection(struct stream *stream, double p, uint64_t trials)
{
    double n = (double)trials, mean = n * p, whole = floor(mean), part = mean - whole;
    double deviation = sqrt(mean * (1 - p));
    double b = 1.15 + 2.53 * deviation;
    double a = -0.0873 + 0.0248 * b + 0.01 * p;
    double alpha = (2.83 + 5.1 / b) * deviation;
    double squeeze = 0.92 - 4.2 / b;
    double mode = floor(part + p);
    for (;;) {
        double u = stream_unit(stream) - 0.5;
        double v = random_unit_positive(stream_word(stream));
        double edge = 0.5 - fabs(u);
        double step = floor((2 * a / edge + b) * u + part + 0.5);
        double k = whole + step;
        if (edge >= 0.07 && v <= squeeze) return (uint64_t)k;
        if (!(k >= 0 && k <= n)) continue;
        struct random_terms terms = random_binomial_terms(k, n, step - part);
        struct random_terms top = random_binomial_terms(whole + mode, n, mode - part);
        if (random_terms_at_most(v * alpha / (a / (edge * edge) + b), &terms, &top)) return (uint64_t)k;
    }
}

uint64_t stream_binomial(struct stream *stream, double p, uint64_t n)
{
    if (!(p > 0) || n == 0) return 0;
    if (p >= 1) return n;
    double rarer = p > 0.5 ? 1 - p : p;
    uint64_t count =
        rarer * (double)n < 10 ? binomial_inversion(stream, rarer, n) : binomial_rejection(stream, rarer, n);
    return p > 0.5 ? n - count : count;
}
