/* Durations and other positive quantities: one unit-mean shape each, scaled by a mean that may change over
 * time. */
#ifndef CORRIDOR_SIM_DISTRIBUTION_H
#define CORRIDOR_SIM_DISTRIBUTION_H

#include "sim/error.h"
#include "sim/random.h"

#include <stddef.h>

enum distribution_family {
    DISTRIBUTION_CONSTANT,
    DISTRIBUTION_EXPONENTIAL,
    DISTRIBUTION_ERLANG,     /* shape = number of stages */
    DISTRIBUTION_GAMMA,      /* shape = k */
    DISTRIBUTION_LOGNORMAL,  /* shape = coefficient of variation */
    DISTRIBUTION_WEIBULL,    /* shape = k */
    DISTRIBUTION_UNIFORM,    /* low, high */
    DISTRIBUTION_TRIANGULAR, /* low, mode, high */
    DISTRIBUTION_EMPIRICAL,  /* points of a table: value, weight */
    DISTRIBUTION_FAMILIES
};

/* A shape with mean 1. Immutable once made; empirical ones borrow `table`. */
struct distribution {
    enum distribution_family family;
    double shape;             /* as the family says */
    double low, mode, high;   /* bounds, divided by the mean */
    double a, b;              /* derived constants (for example mu and sigma of the lognormal) */
    const double *value;      /* empirical: `count` values, ascending, divided by their mean; borrowed */
    const double *cumulative; /* empirical: cumulative weight, the last 1; borrowed */
    size_t count;
};

/* The YAML names, in the order of the enum: "constant", "exponential", ... */
extern const char *const distribution_names[DISTRIBUTION_FAMILIES];

/* Families given by a mean and a shape (constant and exponential ignore the shape). Fails when the shape is
 * not positive and finite, or an Erlang's is not a whole number. */
bool distribution_from_shape(struct distribution *self, enum distribution_family family, double shape,
                             struct error *error);

/* Uniform (mode ignored) and triangular from bounds with 0 <= low <= mode <= high and low < high. `mean`
 * receives the mean in the units of the bounds; the shape itself is divided by it. */
bool distribution_from_bounds(struct distribution *self, enum distribution_family family, double low,
                              double mode, double high, double *mean, struct error *error);

/* Empirical: `count` values, strictly ascending and not negative, with weights that are not negative and do
 * not sum to 0. Sampling takes one of the values (no interpolation). `value` and `cumulative` (count each)
 * are scratch arrays owned by the caller that the distribution keeps and fills; `mean` receives the weighted
 * mean, which must be > 0. */
bool distribution_from_table(struct distribution *self, const double *values, const double *weights,
                             size_t count, double *value, double *cumulative, double *mean,
                             struct error *error);

/* Draws a variate with mean `mean` (in its units). mean <= 0 gives 0 and draws nothing. */
double distribution_draw(const struct distribution *self, double mean, struct stream *stream);

/* Of the unit-mean shape T: the variance, P(T <= x), P(T > x) (accurate however small it is), E[T; T <= x],
 * and E[max(T - x, 0)], the mean of what exceeds x. Closed forms; empirical shapes take time O(count). */
double distribution_variance(const struct distribution *self);
double distribution_cdf(const struct distribution *self, double x);
double distribution_survival(const struct distribution *self, double x);
double distribution_partial_mean(const struct distribution *self, double x);
double distribution_excess(const struct distribution *self, double x);

#endif
