/* Partial integrals of the families: against numerical integration, each other, and GSL in the far tails. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sim/discrete.h"
#include "tests/sim/distribution_cases.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_errno.h>
#include <gsl/gsl_integration.h>

static double cdf_at(double x, void *shape)
{
    return distribution_cdf(shape, x);
}

/* The points up to x where the cdf has a kink or a jump, between 0 and x. */
static size_t kinks(const struct distribution *d, double x, double points[ROWS + 5])
{
    const double all[] = {d->low, d->mode, d->high, d->family == DISTRIBUTION_CONSTANT ? 1 : 0};
    size_t count = 0;
    points[count++] = 0;
    for (size_t i = 0; i < 4; i++)
        if (all[i] > points[count - 1] && all[i] < x) points[count++] = all[i];
    for (size_t i = 0; i < d->count; i++)
        if (d->value[i] > points[count - 1] && d->value[i] < x) points[count++] = d->value[i];
    points[count++] = x;
    return count;
}

/* Would catch a wrong partial mean: by parts, E[T; T <= x] is x F(x) minus the integral of F up to x. */
static void test_partial_means_agree_with_integrals(void **state)
{
    (void)state;
    gsl_integration_workspace *workspace = gsl_integration_workspace_alloc(2000);
    const double xs[] = {0.01, 0.3, 0.9, 0.999, 1.2, 2, 4, 20};
    struct distribution d;
    double at, points[ROWS + 5], integral, error;
    for (size_t i = 0; make_case(i, &d, &at); i++) {
        gsl_function f = {cdf_at, &d};
        for (size_t j = 0; j < sizeof xs / sizeof *xs; j++) {
            double x = xs[j];
            size_t count = kinks(&d, x, points);
            (void)gsl_integration_qagp(&f, points, count, 1e-12, 1e-12, 2000, workspace, &integral, &error);
            double want = x * distribution_cdf(&d, x) - integral;
            check_within(distribution_partial_mean(&d, x), want, 3e-10, distribution_names[d.family], at);
        }
    }
    gsl_integration_workspace_free(workspace);
}

/* Would catch no sense at the ends, a partial mean that falls, or four functions that contradict each other.
 */
static void test_limits_and_identities(void **state)
{
    (void)state;
    struct distribution d;
    double at;
    for (size_t i = 0; make_case(i, &d, &at); i++) {
        const double below[] = {-INFINITY, -1, NAN};
        for (size_t j = 0; j < 3; j++) {
            assert_true(distribution_cdf(&d, below[j]) == 0 && distribution_survival(&d, below[j]) == 1);
            assert_true(distribution_partial_mean(&d, below[j]) == 0);
        }
        assert_true(distribution_cdf(&d, INFINITY) == 1 && distribution_survival(&d, INFINITY) == 0);
        assert_true(distribution_partial_mean(&d, INFINITY) == 1 && distribution_excess(&d, INFINITY) == 0);
        assert_true(distribution_partial_mean(&d, 0) == 0);
        assert_true(distribution_excess(&d, 0) == 1 && distribution_excess(&d, -2) == 3);
        double before = 0;
        for (int k = -2000; k <= 1500; k++) {
            double x = exp(k * 0.01), part = distribution_partial_mean(&d, x);
            double above = distribution_survival(&d, x);
            assert_true(part >= before - 1e-13 && part <= 1 + 1e-14 && above >= 0 && above <= 1);
            check_within(distribution_cdf(&d, x) + above, 1, 1e-14, distribution_names[d.family], at);
            check_within(distribution_excess(&d, x) - (1 - part) + x * above, 0, 1e-13 + 1e-14 * x * above,
                         distribution_names[d.family], at);
            before = part;
        }
        check_within(before, 1, 1e-3, distribution_names[d.family], at);
    }
}

/* Would catch a survival that loses its digits where the cdf is 1: a hazard is a ratio of such numbers. */
static void test_far_tails_keep_their_digits(void **state)
{
    (void)state;
    const struct {
        enum distribution_family family;
        double shape;
    } likes[] = {{DISTRIBUTION_ERLANG, 1}, {DISTRIBUTION_GAMMA, 1}, {DISTRIBUTION_WEIBULL, 1}};
    struct distribution d;
    for (size_t i = 0; i < 3; i++) {
        assert_true(distribution_from_shape(&d, likes[i].family, likes[i].shape, NULL));
        check_within(distribution_survival(&d, 300) * exp(300), 1, 1e-12, distribution_names[d.family], 1.0);
        check_within(distribution_excess(&d, 300) * exp(300), 1, 1e-9, distribution_names[d.family], 1.0);
    }
    for (double k = 0.25; k < 60; k += 1.25) {
        assert_true(distribution_from_shape(&d, DISTRIBUTION_GAMMA, k, NULL));
        double x = 1 + 12 / sqrt(k), want = gsl_cdf_gamma_Q(x, k, 1 / k);
        check_within(distribution_survival(&d, x) / want, 1, 1e-11, "gamma", k);
    }
    assert_true(distribution_from_shape(&d, DISTRIBUTION_LOGNORMAL, 0.8, NULL));
    double sigma = sqrt(log1p(0.64)), x = exp(20 * sigma - sigma * sigma / 2);
    check_within(distribution_survival(&d, x) / gsl_cdf_ugaussian_Q(20), 1, 1e-11, "lognormal", 0.8);
}

/* Would catch a cdf or partial mean that is 1 minus something near 0: the first terms of the series say both.
 */
static void test_near_zero_keeps_its_digits(void **state)
{
    (void)state;
    const double ks[] = {1, 2, 4, 7, 0.7, 2.5};
    for (size_t i = 0; i < sizeof ks / sizeof *ks; i++) {
        struct distribution d;
        double k = ks[i], z = 1e-4;
        assert_true(distribution_from_shape(&d, DISTRIBUTION_GAMMA, k, NULL));
        for (int more = 0; more <= 1; more++) {
            double s = k + more, series = 1 / s - z / (s + 1) + z * z / (2 * (s + 2));
            double want = pow(z, s) / tgamma(s) * series;
            double got = more ? distribution_partial_mean(&d, z / k) : distribution_cdf(&d, z / k);
            check_within(got / want, 1, 1e-11, "gamma", k);
        }
    }
}

int main(void)
{
    (void)gsl_set_error_handler_off(); /* the integrals are checked by their values */
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_partial_means_agree_with_integrals),
        cmocka_unit_test(test_limits_and_identities),
        cmocka_unit_test(test_far_tails_keep_their_digits),
        cmocka_unit_test(test_near_zero_keeps_its_digits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
