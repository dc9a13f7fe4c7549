/* Probabilities of counts as products of Poisson terms, for the samplers of sim/random_*.c alone.
 *
 * A binomial probability is P(k; np) P(n-k; nq) / P(n; n) and a hypergeometric one has four such terms over a
 * norm, where P(k; m) is the Poisson probability of k at mean m. By Loader ("Fast and accurate computation of
 * binomial probabilities", 2000) each term is
 *     P(k; m) = exp(-deviance(k, m) - stirling_error(k)) / sqrt(2 pi k),  P(0; m) = exp(-m),
 * in which nothing large cancels. The distance k - m is handed in, not the mean: where the caller knows it to
 * full precision the product has a relative error of 2e-14 within 8 standard deviations, for counts up to
 * 2^53. */
#ifndef CORRIDOR_SIM_RANDOM_TERMS_H
#define CORRIDOR_SIM_RANDOM_TERMS_H

#include <math.h>

/* The product of the terms so far is exp(exponent) / sqrt(squared); starts as {0, 1}. */
struct random_terms {
    double exponent, squared;
};

/* ln k! - ((k + 1/2) ln k - k + ln(2 pi) / 2) for a whole number k > 0. */
static inline double random_stirling_error(double k)
{
    static const double small[16] = {
        0, /* never asked for */
        0.0810614667953272582197,
        0.0413406959554092940938,
        0.0276779256849983391488,
        0.0207906721037650931115,
        0.0166446911898211921632,
        0.0138761288230707479987,
        0.0118967099458917700951,
        0.0104112652619720964975,
        0.00925546218271273291773,
        0.00833056343336287125647,
        0.00757367548795184079497,
        0.00694284010720952986566,
        0.00640899418800420706844,
        0.00595137011275884773562,
        0.00555473355196280137104,
    };
    if (k < 16) return small[(int)k];
    double r = 1 / k, s = r * r;
    return r * (1.0 / 12 - s * (1.0 / 360 - s * (1.0 / 1260 - s * (1.0 / 1680 - s * (1.0 / 1188)))));
}

/* k ln(k / mean) + mean - k for k > 0, distance = k - mean; a series where the two nearly cancel. */
static inline double random_deviance(double k, double distance)
{
    double v = distance / (2 * k - distance), s = v * v;
    if (!(s < 0.01)) return k * log(k / (k - distance)) - distance;
    double series = 1.0 / 3 + s * (1.0 / 5 + s * (1.0 / 7 + s * (1.0 / 9)));
    if (s > 1e-4) series += (s * s) * (s * s) * (1.0 / 11 + s * (1.0 / 13 + s * (1.0 / 15 + s * (1.0 / 17))));
    return distance * v + 2 * k * v * s * series;
}

/* Multiplies by P(k; k - distance), k a whole number >= 0. */
static inline void random_terms_multiply(struct random_terms *terms, double k, double distance)
{
    if (k > 0) {
        terms->exponent -= random_deviance(k, distance) + random_stirling_error(k);
        terms->squared *= 6.28318530717958647693 * k;
    } else {
        terms->exponent += distance;
    }
}

/* Divides by P(k; k), k a whole number > 0. */
static inline void random_terms_divide(struct random_terms *terms, double k)
{
    terms->exponent += random_stirling_error(k);
    terms->squared /= 6.28318530717958647693 * k;
}

/* Of a binomial probability, but for what all counts have in common: `distance` of k from the mean. */
static inline struct random_terms random_binomial_terms(double k, double n, double distance)
{
    struct random_terms terms = {0, 1};
    random_terms_multiply(&terms, k, distance);
    random_terms_multiply(&terms, n - k, -distance);
    return terms;
}

/* True when x is at most the ratio of the two products, 0 < x and x^2 within the range of doubles. */
static inline int random_terms_at_most(double x, const struct random_terms *of, const struct random_terms *to)
{
    return log(x * x * (of->squared / to->squared)) <= 2 * (of->exponent - to->exponent);
}

#endif
