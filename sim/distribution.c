#include "sim/distribution.h"

#include <math.h>

const char *const distribution_names[DISTRIBUTION_FAMILIES] = {
    "constant", "exponential", "erlang",     "gamma",     "lognormal",
    "weibull",  "uniform",     "triangular", "empirical",
};

/* Up to this many stages a sum of exponentials costs less than a gamma variate. */
#define ERLANG_SUM_STAGES 3

static bool is_positive(double x)
{
    return x > 0 && isfinite(x);
}

/* Constants of Marsaglia and Tsang, "A simple method for generating gamma variables", ACM TOMS 26 (2000). */
static void prepare_gamma(struct distribution *self)
{
    double shape = self->shape < 1 ? self->shape + 1 : self->shape;
    self->a = shape - 1.0 / 3;
    self->b = 1 / sqrt(9 * self->a);
}

static bool prepare_lognormal(struct distribution *self, struct error *error)
{
    double variance = log1p(self->shape * self->shape);
    self->a = -0.5 * variance;
    self->b = sqrt(variance);
    if (!isfinite(variance))
        return error_set(error, ERROR_USAGE, "lognormal: the coefficient of variation %g is too large",
                         self->shape);
    return true;
}

static bool prepare_weibull(struct distribution *self, struct error *error)
{
    self->a = 1 / tgamma(1 + 1 / self->shape);
    self->b = 1 / self->shape;
    if (!is_positive(self->a))
        return error_set(error, ERROR_USAGE, "weibull: the shape %g is too small", self->shape);
    return true;
}

bool distribution_from_shape(struct distribution *self, enum distribution_family family, double shape,
                             struct error *error)
{
    *self = (struct distribution){.family = family};
    if (family == DISTRIBUTION_CONSTANT || family == DISTRIBUTION_EXPONENTIAL) return true;
    if (family < DISTRIBUTION_ERLANG || family > DISTRIBUTION_WEIBULL)
        return error_set(error, ERROR_USAGE, "this family is not given by a mean and a shape");
    if (!is_positive(shape))
        return error_set(error, ERROR_USAGE, "%s: the shape must be positive, not %g",
                         distribution_names[family], shape);
    self->shape = shape;
    if (family == DISTRIBUTION_LOGNORMAL) return prepare_lognormal(self, error);
    if (family == DISTRIBUTION_WEIBULL) return prepare_weibull(self, error);
    if (family == DISTRIBUTION_ERLANG && shape != floor(shape))
        return error_set(error, ERROR_USAGE, "erlang: the number of stages must be a whole number, not %g",
                         shape);
    prepare_gamma(self);
    return true;
}

bool distribution_from_bounds(struct distribution *self, enum distribution_family family, double low,
                              double mode, double high, double *mean, struct error *error)
{
    *self = (struct distribution){.family = family};
    *mean = 0;
    if (family != DISTRIBUTION_UNIFORM && family != DISTRIBUTION_TRIANGULAR)
        return error_set(error, ERROR_USAGE, "this family is not given by bounds");
    const char *name = distribution_names[family];
    if (!(low >= 0 && low < high && isfinite(high)))
        return error_set(error, ERROR_USAGE, "%s: the bounds must obey 0 <= low < high, not %g and %g", name,
                         low, high);
    bool has_mode = family == DISTRIBUTION_TRIANGULAR;
    if (has_mode && !(mode >= low && mode <= high))
        return error_set(error, ERROR_USAGE, "%s: the mode %g lies outside %g to %g", name, mode, low, high);
    double center = has_mode ? low / 3 + mode / 3 + high / 3 : low / 2 + high / 2;
    if (!is_positive(center)) return error_set(error, ERROR_USAGE, "%s: the bounds are too small", name);
    *mean = center;
    self->low = low / center;
    self->high = high / center;
    self->mode = has_mode ? mode / center : 1;
    self->a = self->high - self->low;
    self->b = (self->mode - self->low) / self->a; /* chance of a value below the mode */
    return true;
}

static bool check_table(const double *values, const double *weights, size_t count, struct error *error)
{
    for (size_t i = 0; i < count; i++) {
        if (!(values[i] >= 0 && isfinite(values[i])))
            return error_set(error, ERROR_USAGE,
                             "empirical: value %zu must be finite and not negative, but is %g", i + 1,
                             values[i]);
        if (i > 0 && !(values[i] > values[i - 1]))
            return error_set(error, ERROR_USAGE,
                             "empirical: value %zu (%g) must be above the one before it (%g)", i + 1,
                             values[i], values[i - 1]);
        if (!(weights[i] >= 0 && isfinite(weights[i])))
            return error_set(error, ERROR_USAGE,
                             "empirical: weight %zu must be finite and not negative, but is %g", i + 1,
                             weights[i]);
    }
    return true;
}

bool distribution_from_table(struct distribution *self, const double *values, const double *weights,
                             size_t count, double *value, double *cumulative, double *mean,
                             struct error *error)
{
    *self = (struct distribution){.family = DISTRIBUTION_EMPIRICAL};
    *mean = 0;
    if (!check_table(values, weights, count, error)) return false;
    double total = 0, sum = 0;
    for (size_t i = 0; i < count; i++) {
        total += weights[i];
        sum += weights[i] * values[i];
        cumulative[i] = total;
    }
    if (!is_positive(total))
        return error_set(error, ERROR_USAGE, "empirical: the weights must have a positive sum, not %g",
                         total);
    double center = sum / total;
    if (!is_positive(center))
        return error_set(error, ERROR_USAGE, "empirical: the mean must be positive, not %g", center);
    for (size_t i = 0; i < count; i++) {
        value[i] = values[i] / center;
        cumulative[i] /= total; /* exactly 1 from the last weight above 0 on */
    }
    *mean = center;
    self->value = value;
    self->cumulative = cumulative;
    self->count = count;
    return true;
}

static double draw_erlang(size_t stages, struct stream *stream)
{
    double sum = 0;
    for (size_t i = 0; i < stages; i++) sum += stream_exponential(stream);
    return sum / (double)stages;
}

static double draw_gamma(const struct distribution *self, struct stream *stream)
{
    for (;;) {
        double x = stream_normal(stream);
        double root = 1 + self->b * x;
        if (root <= 0) continue;
        double v = root * root * root;
        double u = random_unit_positive(stream_word(stream));
        double square = x * x;
        if (u >= 1 - 0.0331 * square * square && log(u) >= 0.5 * square + self->a * (1 - v + log(v)))
            continue;
        double gamma = self->a * v;
        /* U^(1/shape) turns a gamma of shape + 1 into one of shape. */
        if (self->shape < 1) gamma *= exp(-stream_exponential(stream) / self->shape);
        return gamma / self->shape;
    }
}

static double draw_triangular(const struct distribution *self, struct stream *stream)
{
    double u = stream_unit(stream);
    if (u < self->b) return self->low + sqrt(u * self->a * (self->mode - self->low));
    return self->high - sqrt((1 - u) * self->a * (self->high - self->mode));
}

/* Index of the first entry above x of an ascending array whose last entry is above x; no hard-to-guess
 * branch. */
static size_t first_above(const double *array, size_t count, double x)
{
    const double *base = array;
    while (count > 1) {
        size_t half = count / 2;
        base += base[half - 1] > x ? 0 : half;
        count -= half;
    }
    return (size_t)(base - array);
}

double distribution_draw(const struct distribution *self, double mean, struct stream *stream)
{
    if (!(mean > 0)) return 0;
    switch (self->family) {
    case DISTRIBUTION_EXPONENTIAL:
        return mean * stream_exponential(stream);
    case DISTRIBUTION_ERLANG:
        if (self->shape <= ERLANG_SUM_STAGES) return mean * draw_erlang((size_t)self->shape, stream);
        return mean * draw_gamma(self, stream);
    case DISTRIBUTION_GAMMA:
        return mean * draw_gamma(self, stream);
    case DISTRIBUTION_LOGNORMAL:
        return mean * exp(self->a + self->b * stream_normal(stream));
    case DISTRIBUTION_WEIBULL:
        return mean * self->a * pow(stream_exponential(stream), self->b);
    case DISTRIBUTION_UNIFORM:
        return mean * (self->low + self->a * stream_unit(stream));
    case DISTRIBUTION_TRIANGULAR:
        return mean * draw_triangular(self, stream);
    case DISTRIBUTION_EMPIRICAL:
        return mean * self->value[first_above(self->cumulative, self->count, stream_unit(stream))];
    case DISTRIBUTION_CONSTANT:
    case DISTRIBUTION_FAMILIES:
        break;
    }
    return mean;
}

static double variance_weibull(double shape)
{
    int sign;
    return expm1(lgamma_r(1 + 2 / shape, &sign) - 2 * lgamma_r(1 + 1 / shape, &sign));
}

static double variance_triangular(const struct distribution *self)
{
    double below = self->mode - self->low, above = self->high - self->mode;
    return (below * below + below * above + above * above) / 18;
}

static double variance_empirical(const struct distribution *self)
{
    double sum = 0, before = 0;
    for (size_t i = 0; i < self->count; i++) {
        sum += (self->cumulative[i] - before) * (self->value[i] - 1) * (self->value[i] - 1);
        before = self->cumulative[i];
    }
    return sum;
}

double distribution_variance(const struct distribution *self)
{
    switch (self->family) {
    case DISTRIBUTION_EXPONENTIAL:
        return 1;
    case DISTRIBUTION_ERLANG:
    case DISTRIBUTION_GAMMA:
        return 1 / self->shape;
    case DISTRIBUTION_LOGNORMAL:
        return self->shape * self->shape;
    case DISTRIBUTION_WEIBULL:
        return variance_weibull(self->shape);
    case DISTRIBUTION_UNIFORM:
        return self->a * self->a / 12;
    case DISTRIBUTION_TRIANGULAR:
        return variance_triangular(self);
    case DISTRIBUTION_EMPIRICAL:
        return variance_empirical(self);
    case DISTRIBUTION_CONSTANT:
    case DISTRIBUTION_FAMILIES:
        break;
    }
    return 0;
}
