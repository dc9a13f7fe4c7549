/* Integrals of the densities: chances and partial means on either side of a point. Each side has its own
 * form, because 1 minus the other side leaves nothing of a small one. Partial means are those of Klugman,
 * Panjer and Willmot, "Loss Models", appendix A: weighting by the value turns a gamma into a gamma of shape +
 * 1, shifts a lognormal by sigma squared, and makes an incomplete gamma function of a Weibull. */
#include "sim/distribution.h"

#include <math.h>

/* Up to here a whole k is a sum of k terms, cheaper and more exact than the general forms. */
#define SUM_TERMS 64

/* Beyond this z what the sums leave is below 1e-200, and exp(-z) nears the end of the doubles. */
#define SUM_FAR 700

static bool is_sum(double k)
{
    return k <= SUM_TERMS && k == floor(k);
}

/* Regularised incomplete gamma function of whole k: DLMF 8.4.10, and what the sum there leaves of exp(z). */
static double gamma_sum(double k, double z, bool upper)
{
    if (z > SUM_FAR) return upper ? 0 : 1;
    double term = exp(-z), sum = term;
    for (double j = 1; j < k; j++) {
        term *= z / j;
        sum += term;
    }
    if (upper) return fmin(sum, 1);
    if (z > k) return 1 - sum;
    sum = 0;
    do {
        term *= z / k++;
        sum += term;
    } while (term > 0x1p-54 * sum);
    return sum;
}

/* P(k, z) of any k > 0 by the series DLMF 8.11.4; `front` is z^k exp(-z) / Gamma(k). */
static double gamma_series(double k, double z, double front)
{
    double term = 1 / k, sum = term;
    for (double n = k + 1; term > 0x1p-54 * sum; n++) {
        term *= z / n;
        sum += term;
    }
    return fmin(front * sum, 1);
}

/* Q(k, z) by the continued fraction DLMF 8.9.2 (Lentz's method). */
static double gamma_fraction(double k, double z, double front)
{
    double b = z + 1 - k, c = 1e300, d = 1 / b, h = d;
    for (int i = 1; i < 100000; i++) {
        double a = -i * (i - k);
        b += 2;
        d = 1 / (a * d + b);
        c = b + a / c;
        h *= c * d;
        if (fabs(c * d - 1) < 0x1p-52) break;
    }
    return fmin(front * h, 1);
}

/* Regularised incomplete gamma function: Q(k, z) if `upper`, else P(k, z). Beyond k = 1e5 Wilson and Hilferty
 * (1931), good to 1e-7 there. GSL's may call the error handler on underflow, and 2.7 is wrong for k near 1e6.
 */
static double gamma_part(double k, double z, bool upper)
{
    if (!(z > 0)) return upper ? 1 : 0;
    if (isinf(z)) return upper ? 0 : 1;
    if (is_sum(k)) return gamma_sum(k, z, upper);
    if (k > 1e5) {
        double deviation = (cbrt(z / k) - (1 - 1 / (9 * k))) * 3 * sqrt(k);
        return 0.5 * erfc((upper ? deviation : -deviation) * M_SQRT1_2);
    }
    int sign;
    double front = exp(k * log(z) - z - lgamma_r(k, &sign));
    bool is_lower = z < k + 1;
    double part = is_lower ? gamma_series(k, z, front) : gamma_fraction(k, z, front);
    return is_lower == upper ? 1 - part : part;
}

static double chance_weibull(const struct distribution *self, double x, bool upper)
{
    double hazard = pow(x / self->a, self->shape);
    return upper ? exp(-hazard) : -expm1(-hazard);
}

static double chance_uniform(const struct distribution *self, double x, bool upper)
{
    return fmin(fmax(upper ? (self->high - x) / self->a : (x - self->low) / self->a, 0), 1);
}

/* Here as below: the near side of the mode is a triangle, the far side 1 minus it. */
static double chance_triangular(const struct distribution *self, double x, bool upper)
{
    if (x <= self->low) return upper ? 1 : 0;
    if (x >= self->high) return upper ? 0 : 1;
    bool is_lower = x < self->mode;
    double side = is_lower ? self->mode - self->low : self->high - self->mode;
    double distance = is_lower ? x - self->low : self->high - x;
    double part = distance * distance / (self->a * side);
    return is_lower == upper ? 1 - part : part;
}

static double chance_empirical(const struct distribution *self, double x, bool upper)
{
    size_t above = 0;
    while (above < self->count && self->value[above] <= x) above++;
    if (above == self->count) return upper ? 0 : 1;
    double part = above > 0 ? self->cumulative[above - 1] : 0;
    return upper ? 1 - part : part;
}

/* P(T > x) if `upper`, else P(T <= x). */
static double chance(const struct distribution *self, double x, bool upper)
{
    if (!(x >= 0)) return upper ? 1 : 0;
    switch (self->family) {
    case DISTRIBUTION_EXPONENTIAL:
        return upper ? exp(-x) : -expm1(-x);
    case DISTRIBUTION_ERLANG:
    case DISTRIBUTION_GAMMA:
        return gamma_part(self->shape, self->shape * x, upper);
    case DISTRIBUTION_LOGNORMAL:
        if (self->b == 0) break;
        return 0.5 * erfc((upper ? log(x) - self->a : self->a - log(x)) / self->b * M_SQRT1_2);
    case DISTRIBUTION_WEIBULL:
        return chance_weibull(self, x, upper);
    case DISTRIBUTION_UNIFORM:
        return chance_uniform(self, x, upper);
    case DISTRIBUTION_TRIANGULAR:
        return chance_triangular(self, x, upper);
    case DISTRIBUTION_EMPIRICAL:
        return chance_empirical(self, x, upper);
    case DISTRIBUTION_CONSTANT:
    case DISTRIBUTION_FAMILIES:
        break;
    }
    return (x >= 1) == upper ? 0 : 1;
}

/* The values of one side lie evenly between x and the bound. */
static double mean_uniform(const struct distribution *self, double x, bool upper)
{
    x = fmin(fmax(x, self->low), self->high);
    return chance_uniform(self, x, upper) * 0.5 * (x + (upper ? self->high : self->low));
}

/* A triangle has its mean at a third of its height: two thirds of the way from the bound to x. */
static double mean_triangular(const struct distribution *self, double x, bool upper)
{
    x = fmin(fmax(x, self->low), self->high);
    bool is_lower = x < self->mode;
    double part = chance_triangular(self, x, !is_lower) * ((is_lower ? self->low : self->high) + 2 * x) / 3;
    return is_lower == upper ? fmax(1 - part, 0) : part;
}

static double mean_empirical(const struct distribution *self, double x, bool upper)
{
    double sum = 0, before = 0;
    for (size_t i = 0; i < self->count; i++) {
        if ((self->value[i] > x) == upper) sum += (self->cumulative[i] - before) * self->value[i];
        before = self->cumulative[i];
    }
    return sum;
}

/* E[T; T > x] if `upper`, else E[T; T <= x]. */
static double mean_part(const struct distribution *self, double x, bool upper)
{
    if (!(x > 0)) return upper ? 1 : 0;
    if (isinf(x)) return upper ? 0 : 1;
    switch (self->family) {
    case DISTRIBUTION_EXPONENTIAL:
        return gamma_part(2, x, upper);
    case DISTRIBUTION_ERLANG:
    case DISTRIBUTION_GAMMA:
        return gamma_part(self->shape + 1, self->shape * x, upper);
    case DISTRIBUTION_LOGNORMAL:
        if (self->b == 0) break;
        return 0.5 * erfc((upper ? log(x) + self->a : -self->a - log(x)) / self->b * M_SQRT1_2);
    case DISTRIBUTION_WEIBULL:
        return gamma_part(1 + self->b, pow(x / self->a, self->shape), upper);
    case DISTRIBUTION_UNIFORM:
        return mean_uniform(self, x, upper);
    case DISTRIBUTION_TRIANGULAR:
        return mean_triangular(self, x, upper);
    case DISTRIBUTION_EMPIRICAL:
        return mean_empirical(self, x, upper);
    case DISTRIBUTION_CONSTANT:
    case DISTRIBUTION_FAMILIES:
        break;
    }
    return (x >= 1) == upper ? 0 : 1;
}

double distribution_cdf(const struct distribution *self, double x)
{
    return chance(self, x, false);
}

double distribution_survival(const struct distribution *self, double x)
{
    return chance(self, x, true);
}

double distribution_partial_mean(const struct distribution *self, double x)
{
    return mean_part(self, x, false);
}

/* The integral of Q(k, k s) over s > x: with DLMF 8.4.10 for each k, nothing cancels. */
static double excess_of_stages(double k, double x)
{
    double z = k * x;
    if (z > SUM_FAR) return 0;
    double term = exp(-z), sum = k * term;
    for (double j = 1; j < k; j++) {
        term *= z / j;
        sum += (k - j) * term;
    }
    return sum / k;
}

double distribution_excess(const struct distribution *self, double x)
{
    if (!(x > 0)) return 1 - x;
    bool has_stages = self->family == DISTRIBUTION_ERLANG || self->family == DISTRIBUTION_GAMMA;
    if (self->family == DISTRIBUTION_EXPONENTIAL) return exp(-x);
    if (has_stages && is_sum(self->shape)) return excess_of_stages(self->shape, x);
    double above = chance(self, x, true);
    return above > 0 ? fmax(mean_part(self, x, true) - x * above, 0) : 0;
}
