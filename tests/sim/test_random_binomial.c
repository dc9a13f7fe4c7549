/* Binomial counts by our own methods (their use at large n: test_random_counts.c). Seeds are fixed: a failure
 * is a defect, not bad luck. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sim/random.h"
#include "tests/sim/frequencies.h"

#include <gsl/gsl_randist.h>

/* The chance of frequencies at least as far off as those of `draws` counts. */
static double frequencies_chance(double p, unsigned trials, int draws, uint64_t identity)
{
    double mean = p * trials, spread = 9 * sqrt(mean * (1 - p)) + 30;
    double first = fmax(0, floor(mean - spread)), last = fmin(trials, ceil(mean + spread));
    struct frequencies tally = tally_new((uint64_t)first, (size_t)(last - first) + 1);
    for (size_t i = 0; i < tally.size; i++)
        tally.want[i] = draws * gsl_ran_binomial_pdf((unsigned)(tally.first + i), p, trials);
    struct stream stream;
    stream_start(&stream, 51, 0, identity, 0);
    for (int i = 0; i < draws; i++) {
        uint64_t k = stream_binomial(&stream, p, trials);
        assert_true(k <= trials);
        tally_add(&tally, k);
    }
    double chance = tally_chance(&tally);
    tally_free(&tally);
    return chance;
}

/* Would catch a single count whose probability is off by about a percent: by inversion with either way to the
 * first probability, by rejection at its edge and beyond, each also where failures are the rarer. */
static void test_frequencies(void **state)
{
    (void)state;
    const struct {
        double p;
        unsigned trials;
    } cases[] = {{0.5, 1},      {0.3, 3},      {0.3, 10},      {0.9, 25},     {0.5, 19},
                 {0.5, 20},     {0.009, 1024}, {0.003, 1025},  {0.995, 1900}, {1e-7, 30000000},
                 {0.1, 99},     {0.1, 100},    {0.4, 25},      {0.6, 25},     {0.25, 400},
                 {0.75, 400},   {0.7, 5000},   {0.001, 10000}, {0.99, 1000},  {1e-5, 10000000},
                 {0.3, 1000000}};
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++)
        if (!(frequencies_chance(cases[c].p, cases[c].trials, 2000000, c) > 1e-5))
            fail_msg("counts of %u trials at %g", cases[c].trials, cases[c].p);
}

/* Would catch a method that fails at some small n, or a jump where the methods meet (mean 10). */
static void test_every_small_number_of_trials(void **state)
{
    (void)state;
    for (unsigned trials = 1; trials <= 48; trials++)
        for (unsigned percent = 2; percent < 100; percent += 12)
            if (!(frequencies_chance(percent / 100.0, trials, 10000, 1000 + trials * 100 + percent) > 1e-5))
                fail_msg("counts of %u trials at %u %%", trials, percent);
}

/* Would catch tails cut by the rejection or by the end of the search (counts within 5 standard errors). */
static void test_tails(void **state)
{
    (void)state;
    const struct {
        double p;
        unsigned trials, low, high; /* P(k <= low) and P(k > high) are about 1e-4 */
    } cases[] = {{0.01, 500, 0, 14}, {0.5, 25, 3, 21}, {0.001, 10500, 1, 24}, {0.3, 1000, 247, 354}};
    const int n = 1000000;
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        struct stream stream;
        stream_start(&stream, 52, 0, c, 0);
        double low = 0, high = 0;
        for (int i = 0; i < n; i++) {
            uint64_t k = stream_binomial(&stream, cases[c].p, cases[c].trials);
            low += k <= cases[c].low;
            high += k > cases[c].high;
        }
        double want = n * gsl_cdf_binomial_P(cases[c].low, cases[c].p, cases[c].trials);
        check_within(low, want, 5 * sqrt(want), cases[c].p);
        want = n * gsl_cdf_binomial_Q(cases[c].high, cases[c].p, cases[c].trials);
        check_within(high, want, 5 * sqrt(want), cases[c].p);
    }
}

/* Would catch digits lost where n is far beyond 32 bits: a wrong mean or variance, or counts above n. */
static void test_moments_of_many_trials(void **state)
{
    (void)state;
    const double cases[][2] = {{0.3, 1e12}, {0.5, 0x1p53}, {1e-12, 1e15}, {1e-17, 1e18}, {0.999999, 1e12}};
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        const int n = 100000;
        double p = cases[c][0], mean = p * cases[c][1];
        struct moments moments = {0, 0};
        struct stream stream;
        stream_start(&stream, 53, 0, c, 0);
        for (int i = 0; i < n; i++)
            moments_add(&moments, (double)stream_binomial(&stream, p, (uint64_t)cases[c][1]) - mean);
        moments_check(&moments, n, mean * (1 - p), cases[c][1]);
    }
}

/* Would catch counts out of range, or a search without end, at chances and counts that strain doubles. */
static void test_extremes(void **state)
{
    (void)state;
    const double chances[] = {5e-324, 1e-300, 1e-17, 0x1p-53, 0.5, 1 - 0x1p-53};
    const uint64_t trials[] = {1, 2, 64, 1024, 1025, UINT64_C(1) << 53, UINT64_C(1) << 62};
    struct stream stream;
    stream_start(&stream, 54, 0, 0, 0);
    for (size_t c = 0; c < sizeof chances / sizeof *chances; c++)
        for (size_t t = 0; t < sizeof trials / sizeof *trials; t++)
            for (int i = 0; i < 1000; i++)
                assert_true(stream_binomial(&stream, chances[c], trials[t]) <= trials[t]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_frequencies), cmocka_unit_test(test_every_small_number_of_trials),
        cmocka_unit_test(test_tails),       cmocka_unit_test(test_moments_of_many_trials),
        cmocka_unit_test(test_extremes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
