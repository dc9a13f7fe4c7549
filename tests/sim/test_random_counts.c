/* Poisson and binomial counts. Seeds are fixed: a failure is a defect, not bad luck. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sim/random.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#define check_within(got, want, tolerance, at)                                                               \
    do {                                                                                                     \
        double got_ = (got), want_ = (want), tolerance_ = (tolerance);                                       \
        if (!(fabs(got_ - want_) <= tolerance_))                                                             \
            fail_msg("at %g: %s is %.17g, not %.17g +- %g", (at), #got, got_, want_, tolerance_);            \
    } while (0)

/* Would catch a wrong mean or variance on either side of the change of method at 10, and at very large means.
 */
static void test_poisson_moments(void **state)
{
    (void)state;
    const double means[] = {0.01, 0.5, 3, 9.99, 10, 12.5, 40, 500, 1e6, 1e9, 1e12};
    const double n = 400000;
    for (size_t m = 0; m < sizeof means / sizeof *means; m++) {
        double mean = means[m], sum = 0, squares = 0;
        struct stream stream;
        stream_start(&stream, 11, 0, m, 0);
        for (int i = 0; i < (int)n; i++) {
            double difference = (double)stream_poisson(&stream, mean) - mean;
            sum += difference;
            squares += difference * difference;
        }
        check_within(sum / n, 0, 5 * sqrt(mean / n), mean);
        check_within(squares / n, mean, 5 * sqrt((mean + 2 * mean * mean) / n), mean);
    }
}

/* Counts of first, first + 1, ...; the last also holds all above it. */
struct frequencies {
    uint64_t first;
    size_t size;
    double *count;
};

/* Chi-square of counts against cdf(k) in cells that each expect at least 20, in standard deviations. */
static double chi_square_z(const struct frequencies *tally, double n,
                           double cdf(uint64_t k, const double *arguments), const double *arguments)
{
    double sum = 0, cells = 0, seen = 0, before = 0;
    for (size_t i = 0; i < tally->size; i++) {
        seen += tally->count[i];
        double p = i + 1 < tally->size ? cdf(tally->first + i, arguments) : 1;
        double want = n * (p - before);
        bool is_last = i + 1 == tally->size;
        if (!is_last && (want < 20 || (1 - p) * n < 20)) continue;
        sum += (seen - want) * (seen - want) / want;
        cells++;
        seen = 0;
        before = p;
    }
    return cells > 1 ? (sum - (cells - 1)) / sqrt(2 * (cells - 1)) : NAN;
}

static struct frequencies tally_around(double mean, double deviation)
{
    struct frequencies tally = {.first = mean > 8 * deviation ? (uint64_t)(mean - 8 * deviation) : 0};
    tally.size = (size_t)(16 * deviation + 40);
    tally.count = calloc(tally.size, sizeof *tally.count);
    assert_non_null(tally.count);
    return tally;
}

static void tally_add(struct frequencies *tally, uint64_t k)
{
    assert_true(k >= tally->first);
    uint64_t i = k - tally->first;
    tally->count[i < tally->size ? i : tally->size - 1]++;
}

static double poisson_cdf(uint64_t k, const double *mean)
{
    return gsl_cdf_poisson_P((unsigned)k, *mean);
}

/* Would catch a single count whose probability is off by about a percent. */
static void test_poisson_frequencies(void **state)
{
    (void)state;
    const double means[] = {0.2, 2, 9.5, 10, 17, 100, 3000};
    for (size_t m = 0; m < sizeof means / sizeof *means; m++) {
        const int n = 600000;
        struct frequencies tally = tally_around(means[m], sqrt(means[m]));
        struct stream stream;
        stream_start(&stream, 12, 0, m, 0);
        for (int i = 0; i < n; i++) tally_add(&tally, stream_poisson(&stream, means[m]));
        check_within(chi_square_z(&tally, n, poisson_cdf, &means[m]), 0, 5, means[m]);
        free(tally.count);
    }
}

/* Would catch tails cut by the rejection or by the end of the search (counts within 5 standard errors). */
static void test_poisson_tails(void **state)
{
    (void)state;
    const struct {
        double mean;
        unsigned low, high; /* P(k <= low) and P(k > high) are about 1e-4 */
    } cases[] = {{0.5, 0, 4}, {5, 0, 14}, {10.5, 1, 24}, {100, 65, 139}};
    const int n = 1000000;
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        struct stream stream;
        stream_start(&stream, 13, 0, c, 0);
        double low = 0, high = 0;
        for (int i = 0; i < n; i++) {
            uint64_t k = stream_poisson(&stream, cases[c].mean);
            low += k <= cases[c].low;
            high += k > cases[c].high;
        }
        double p = gsl_cdf_poisson_P(cases[c].low, cases[c].mean);
        check_within(low, n * p, 5 * sqrt(n * p * (1 - p)), cases[c].mean);
        p = gsl_cdf_poisson_Q(cases[c].high, cases[c].mean);
        check_within(high, n * p, 5 * sqrt(n * p), cases[c].mean);
    }
}

/* What PD takes for granted at this mean, count by count: beside the probability p of a count stands that of
 * its cell of the normal, q. From mean - 1.1484 on p is not below q, and what it is above lies under the hat;
 * below, q is never kept without a look where it should not be. */
static void check_modified_normal(double mean)
{
    const double deviation = sqrt(mean), least = floor(mean - 1.1484), hat = 0.1069 / mean;
    const double stride = fmax(1, floor(deviation / 100));
    for (double k = fmax(0, floor(mean - 8 * deviation)); k < mean + 9 * deviation; k += stride) {
        double low = (k - mean) / deviation, high = (k + 1 - mean) / deviation;
        double p = gsl_ran_poisson_pdf((unsigned)k, mean);
        double q = low > 0 ? gsl_cdf_ugaussian_Q(low) - gsl_cdf_ugaussian_Q(high)
                           : gsl_cdf_ugaussian_P(high) - gsl_cdf_ugaussian_P(low);
        double rounding = 1e-9 * q, far = fmax(fabs(low - 1.8), fabs(high - 1.8));
        if (k < least)
            assert_true(1 - p / q <= pow(mean - k, 3) / (6 * mean * mean) + 1e-9);
        else
            assert_true(p >= q - rounding && p - q <= hat * exp(-far) + rounding);
    }
}

/* Would catch means for which the modified normal is not the law of Poisson, as no sample would show. */
static void test_modified_normal(void **state)
{
    (void)state;
    for (double mean = 10; mean < 30; mean += 0.01) check_modified_normal(mean);
    for (double mean = 30; mean <= 1e6; mean *= 1.03) check_modified_normal(mean);
    check_modified_normal(1e6);
}

/* Would catch a draw spent where nothing is random (twins would part), and a hang on a hostile mean. */
static void test_poisson_bounds(void **state)
{
    (void)state;
    struct stream stream;
    stream_start(&stream, 14, 0, 0, 0);
    assert_true(stream_poisson(&stream, 0) == 0);
    assert_true(stream_poisson(&stream, -3) == 0);
    assert_true(stream_poisson(&stream, NAN) == 0);
    assert_int_equal(stream.block, 0);
    assert_true(stream_poisson(&stream, 1e-300) == 0);
    check_within((double)stream_poisson(&stream, INFINITY), 1e15, 1e9, INFINITY);
}

static double binomial_cdf(uint64_t k, const double *a)
{
    return gsl_cdf_binomial_P((unsigned)k, a[0], (unsigned)a[1]);
}

/* Would catch wrong frequencies in either of GSL's methods when fed by our generator. */
static void test_binomial_frequencies(void **state)
{
    (void)state;
    const double cases[][2] = {{0.5, 1}, {0.3, 10}, {0.9, 25}, {0.25, 400}, {0.7, 5000}};
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        const int n = 300000;
        double p = cases[c][0], trials = cases[c][1];
        struct frequencies tally = tally_around(p * trials, sqrt(trials * p * (1 - p)));
        struct stream stream;
        stream_start(&stream, 15, 0, c, 0);
        for (int i = 0; i < n; i++) tally_add(&tally, stream_binomial(&stream, p, (uint64_t)trials));
        check_within(chi_square_z(&tally, n, binomial_cdf, cases[c]), 0, 5, trials);
        free(tally.count);
    }
}

/* Would catch trials lost or counts wrapped where n exceeds what GSL can hold. */
static void test_binomial_of_many_trials(void **state)
{
    (void)state;
    const uint64_t trials[] = {UINT64_C(1) << 30, UINT64_C(5000000000), UINT64_C(100000000007)};
    const double chances[] = {1e-9, 0.2, 0.999};
    for (size_t t = 0; t < 3; t++) {
        for (size_t c = 0; c < 3; c++) {
            const int n = 4000;
            double p = chances[c], mean = p * (double)trials[t], sum = 0, squares = 0;
            double variance = mean * (1 - p);
            struct stream stream;
            stream_start(&stream, 16, (uint32_t)t, c, 0);
            for (int i = 0; i < n; i++) {
                double difference = (double)stream_binomial(&stream, p, trials[t]) - mean;
                sum += difference;
                squares += difference * difference;
            }
            check_within(sum / n, 0, 5 * sqrt(variance / n), mean);
            check_within(squares / n, variance, 5 * sqrt((2 * variance * variance + variance) / n), mean);
        }
    }
}

/* Would catch a draw spent on a certain outcome, and a chance outside 0 to 1 that reaches GSL. */
static void test_binomial_bounds(void **state)
{
    (void)state;
    struct stream stream;
    stream_start(&stream, 17, 0, 0, 0);
    assert_true(stream_binomial(&stream, 0, 1000) == 0);
    assert_true(stream_binomial(&stream, -1, 1000) == 0);
    assert_true(stream_binomial(&stream, NAN, 1000) == 0);
    assert_true(stream_binomial(&stream, 1, UINT64_MAX) == UINT64_MAX);
    assert_true(stream_binomial(&stream, 2, 7) == 7);
    assert_true(stream_binomial(&stream, 0.5, 0) == 0);
    assert_int_equal(stream.block, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_poisson_moments),         cmocka_unit_test(test_poisson_frequencies),
        cmocka_unit_test(test_poisson_tails),           cmocka_unit_test(test_modified_normal),
        cmocka_unit_test(test_poisson_bounds),          cmocka_unit_test(test_binomial_frequencies),
        cmocka_unit_test(test_binomial_of_many_trials), cmocka_unit_test(test_binomial_bounds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
