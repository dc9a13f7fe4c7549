/* Shapes of every family, common and extreme, for tests that go through all of them. */
#ifndef CORRIDOR_TESTS_SIM_DISTRIBUTION_CASES_H
#define CORRIDOR_TESTS_SIM_DISTRIBUTION_CASES_H

#include "sim/distribution.h"

#include <math.h>

#define check_within(got, want, tolerance, name, at)                                                         \
    do {                                                                                                     \
        double got_ = (got), want_ = (want), tolerance_ = (tolerance);                                       \
        if (!(fabs(got_ - want_) <= tolerance_))                                                             \
            fail_msg("%s %g: %s is %.17g, not %.17g +- %g", (name), (at), #got, got_, want_, tolerance_);    \
    } while (0)

/* Families given by a shape, then by bounds, then tables. */
static const struct {
    enum distribution_family family;
    double shape;
} shapes[] = {
    {DISTRIBUTION_CONSTANT, 0},  {DISTRIBUTION_EXPONENTIAL, 0}, {DISTRIBUTION_ERLANG, 1},
    {DISTRIBUTION_ERLANG, 2},    {DISTRIBUTION_ERLANG, 4},      {DISTRIBUTION_ERLANG, 40},
    {DISTRIBUTION_ERLANG, 64},   {DISTRIBUTION_ERLANG, 65},     {DISTRIBUTION_GAMMA, 0.1},
    {DISTRIBUTION_GAMMA, 0.7},   {DISTRIBUTION_GAMMA, 3},       {DISTRIBUTION_GAMMA, 2.5},
    {DISTRIBUTION_GAMMA, 200},   {DISTRIBUTION_LOGNORMAL, 0.1}, {DISTRIBUTION_LOGNORMAL, 0.8},
    {DISTRIBUTION_LOGNORMAL, 3}, {DISTRIBUTION_WEIBULL, 0.5},   {DISTRIBUTION_WEIBULL, 1},
    {DISTRIBUTION_WEIBULL, 1.7}, {DISTRIBUTION_WEIBULL, 12},    {DISTRIBUTION_LOGNORMAL, 1e-200},
};
#define SHAPES (sizeof shapes / sizeof *shapes)

static const double bounds[][3] = {{0, 1, 2},   {3, 3, 10},      {3, 10, 10},
                                   {0.5, 4, 5}, {100, 101, 103}, {0, 0, 1}};
#define BOUNDS (sizeof bounds / sizeof *bounds)

enum { ROWS = 6, TABLES = 3 };
static const double table_values[TABLES][ROWS] = {
    {0, 0.5, 2, 7, 30, 31}, {0, 20, 21, 22, 23, 24}, {3, 4, 5, 6, 7, 8}};
static const double table_weights[TABLES][ROWS] = {
    {1, 4, 0, 3, 2, 0}, {9, 1, 0, 0, 0, 0}, {0, 1, 2, 3, 0.5, 1}};

/* All cases by number; false after the last. `at` names the case in messages. */
static inline bool make_case(size_t i, struct distribution *self, double *at)
{
    static double value[ROWS], cumulative[ROWS]; /* of the case at hand */
    double mean;
    if (i < SHAPES) {
        *at = shapes[i].shape;
        assert_true(distribution_from_shape(self, shapes[i].family, shapes[i].shape, NULL));
        return true;
    }
    i -= SHAPES;
    if (i < 2 * BOUNDS) {
        const double *b = bounds[i % BOUNDS];
        enum distribution_family family = i < BOUNDS ? DISTRIBUTION_UNIFORM : DISTRIBUTION_TRIANGULAR;
        *at = b[1];
        assert_true(distribution_from_bounds(self, family, b[0], b[1], b[2], &mean, NULL));
        return true;
    }
    i -= 2 * BOUNDS;
    if (i >= TABLES) return false;
    *at = (double)i;
    assert_true(distribution_from_table(self, table_values[i], table_weights[i], ROWS, value, cumulative,
                                        &mean, NULL));
    return true;
}

#endif
