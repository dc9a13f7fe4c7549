/* What distributions refuse: bad shapes, bounds and tables. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sim/distribution.h"

#include <math.h>
#include <string.h>

static void refuse_shape(enum distribution_family family, double shape)
{
    struct distribution d;
    struct error error = {0};
    assert_false(distribution_from_shape(&d, family, shape, &error));
    assert_int_equal(error.kind, ERROR_USAGE);
    assert_true(strlen(error.message) > 10);
    assert_false(distribution_from_shape(&d, family, shape, NULL));
}

/* Would catch a shape that is accepted and then draws NaN, infinity or zero. */
static void test_bad_shapes_are_refused(void **state)
{
    (void)state;
    const double bad[] = {0, -1, NAN, INFINITY};
    for (int family = DISTRIBUTION_ERLANG; family <= DISTRIBUTION_WEIBULL; family++)
        for (size_t i = 0; i < 4; i++) refuse_shape((enum distribution_family)family, bad[i]);
    refuse_shape(DISTRIBUTION_ERLANG, 2.5);
    refuse_shape(DISTRIBUTION_WEIBULL, 0.001);
    refuse_shape(DISTRIBUTION_LOGNORMAL, 1e200);
    refuse_shape(DISTRIBUTION_UNIFORM, 1);
    refuse_shape(DISTRIBUTION_EMPIRICAL, 1);
    refuse_shape(DISTRIBUTION_FAMILIES, 1);
}

/* Would catch bounds out of order, negative or not numbers, and a family that has no bounds. */
static void test_bad_bounds_are_refused(void **state)
{
    (void)state;
    const double bad[][3] = {{-1, 0, 1},  {2, 2, 2},   {3, 2, 1},   {1, 0.5, 2},      {1, 3, 2},
                             {NAN, 1, 2}, {0, 1, NAN}, {0, NAN, 2}, {0, 1, INFINITY}, {0, 0, 5e-324}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct distribution d;
        struct error error = {0};
        double mean;
        assert_false(distribution_from_bounds(&d, DISTRIBUTION_TRIANGULAR, bad[i][0], bad[i][1], bad[i][2],
                                              &mean, &error));
        assert_int_equal(error.kind, ERROR_USAGE);
        assert_non_null(strstr(error.message, "triangular"));
    }
    struct distribution d;
    double mean;
    assert_true(distribution_from_bounds(&d, DISTRIBUTION_UNIFORM, 0, NAN, 2, &mean, NULL));
    assert_false(distribution_from_bounds(&d, DISTRIBUTION_UNIFORM, 2, 0, 2, &mean, NULL));
    assert_false(distribution_from_bounds(&d, DISTRIBUTION_GAMMA, 0, 1, 2, &mean, NULL));
}

/* Would catch tables that are unsorted, negative, without weight, or of mean 0. */
static void test_bad_tables_are_refused(void **state)
{
    (void)state;
    const struct {
        size_t count;
        double values[3], weights[3];
    } bad[] = {
        {0, {0}, {0}},
        {3, {1, 2, 2}, {1, 1, 1}},
        {3, {1, 3, 2}, {1, 1, 1}},
        {3, {-1, 2, 3}, {1, 1, 1}},
        {3, {1, 2, NAN}, {1, 1, 1}},
        {3, {1, 2, INFINITY}, {1, 1, 1}},
        {3, {1, 2, 3}, {1, -1, 1}},
        {3, {1, 2, 3}, {1, NAN, 1}},
        {3, {1, 2, 3}, {0, 0, 0}},
        {3, {0, 2, 3}, {1, 0, 0}},
        {3, {1, 2, 3}, {1e308, 1e308, 1e308}},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct distribution d;
        struct error error = {0};
        double value[3], cumulative[3], mean;
        assert_false(distribution_from_table(&d, bad[i].values, bad[i].weights, bad[i].count, value,
                                             cumulative, &mean, &error));
        assert_int_equal(error.kind, ERROR_USAGE);
        assert_non_null(strstr(error.message, "empirical"));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bad_shapes_are_refused),
        cmocka_unit_test(test_bad_bounds_are_refused),
        cmocka_unit_test(test_bad_tables_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
