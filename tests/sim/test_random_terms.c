/* The pieces of the probabilities that binomial and hypergeometric counts are drawn by. Frequencies of draws
 * are too coarse to show a wrong digit in them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sim/random_terms.h"
#include "tests/sim/frequencies.h"

/* Would catch a wrong entry of the table or a wrong coefficient of the series. With s(k) the error of
 * Stirling's formula for ln k!, s(k) - s(k+1) = (k + 1/2) ln(1 + 1/k) - 1 exactly; and s(1) = 1 - ln(2 pi)
 * / 2.
 */
static void test_stirling_error(void **state)
{
    (void)state;
    const long double first = 1 - 0.918938533204672741780329736405617640L;
    check_within(random_stirling_error(1), (double)first, 1e-16, 1.0);
    long double want = first;
    for (int k = 1; k < 200; k++) {
        want -= ((long double)k + 0.5L) * log1pl(1 / (long double)k) - 1;
        check_within(random_stirling_error(k + 1), (double)want, 1e-15, k + 1.0);
    }
    check_within(random_stirling_error(1e9) * 12e9, 1, 1e-15, 1e9);
}

/* The deviance in long doubles, which lose a few digits near the mean and have them to spare. */
static double long_deviance(double k, double distance)
{
    long double v = (long double)distance / (long double)k;
    return (double)((long double)k * (-log1pl(-v) - v));
}

/* Would catch a wrong coefficient of either series, or a jump where the formulas meet (|v| = 0.01 and 0.1).
 */
static void test_deviance(void **state)
{
    (void)state;
    const double counts[] = {1, 7, 250, 1e6};
    const double ratios[] = {-20,  -0.5,  -0.23, -0.2,  -0.1, -0.03, -0.021, -0.0201, -0.01,
                             0.01, 0.019, 0.02,  0.021, 0.1,  0.18,  0.19,   0.5,     0.99};
    for (size_t c = 0; c < sizeof counts / sizeof *counts; c++) {
        for (size_t r = 0; r < sizeof ratios / sizeof *ratios; r++) {
            double distance = counts[c] * ratios[r], want = long_deviance(counts[c], distance);
            check_within(random_deviance(counts[c], distance) / want, 1, 1e-14, ratios[r]);
        }
        assert_true(random_deviance(counts[c], 0) == 0);
    }
    /* Far too near the mean for the plain formula: distance^2 / 2k, and a third that. */
    check_within(random_deviance(1e12, 1e3) / (0.5e-6 * (1 + 1e-9 * 2 / 3)), 1, 1e-15, 1e12);
}

static double poisson(double k, double mean)
{
    struct random_terms terms = {0, 1};
    random_terms_multiply(&terms, k, k - mean);
    return exp(terms.exponent) / sqrt(terms.squared);
}

/* Would catch a factor of the Poisson probability left out, also at k = 0: each follows from the one before
 * by mean / k. */
static void test_poisson_terms(void **state)
{
    (void)state;
    const double means[] = {0.3, 4, 15.5, 90};
    for (size_t m = 0; m < sizeof means / sizeof *means; m++) {
        long double want = expl(-(long double)means[m]);
        for (int k = 0; k < 200; k++) {
            if (want < 1e-20L) break;
            check_within(poisson(k, means[m]) / (double)want, 1, 1e-13, k * 1000 + means[m]);
            want *= (long double)means[m] / (k + 1);
        }
    }
}

/* Would catch a division that does not undo the multiplication, and a comparison with a factor astray. */
static void test_ratios(void **state)
{
    (void)state;
    struct random_terms of = {0, 1}, to = {0, 1}, one = {0, 1};
    random_terms_multiply(&one, 30, 0);
    random_terms_divide(&one, 30);
    check_within(exp(one.exponent) / sqrt(one.squared), 1, 1e-15, 30.0);
    random_terms_multiply(&of, 7, 7 - 9.5);
    random_terms_multiply(&to, 11, 11 - 9.5);
    double ratio = 11 * 10 * 9 * 8 / pow(9.5, 4);
    assert_true(random_terms_at_most(ratio * (1 - 1e-14), &of, &to));
    assert_false(random_terms_at_most(ratio * (1 + 1e-14), &of, &to));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_stirling_error),
        cmocka_unit_test(test_deviance),
        cmocka_unit_test(test_poisson_terms),
        cmocka_unit_test(test_ratios),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
