/* Many binomial counts at once. Seeds are fixed: a failure is a defect, not bad luck. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sim/random.h"
#include "sim/random_functions.h"
#include "tests/sim/frequencies.h"

#include <gsl/gsl_randist.h>

static const struct {
    double p;
    unsigned trials;
} cases[] = {{0.5, 1},      {0.3, 3},      {0.3, 10},        {0.9, 25},        {0.5, 23},   {0.5, 24},
             {0.009, 1024}, {0.009, 1790}, {0.995, 1900},    {1e-7, 30000000}, {0.1, 151},  {0.1, 152},
             {0.4, 31},     {0.6, 25},     {0.25, 400},      {0.75, 400},      {0.7, 5000}, {0.001, 10000},
             {0.99, 1000},  {0.02, 1000},  {1e-5, 10000000}, {0.3, 1000000},   {0.03, 700}};
enum { CASES = sizeof cases / sizeof *cases, COPIES = 7, COUNTS = CASES * COPIES };

static struct frequencies tally_of(unsigned trials, double p, double draws)
{
    double mean = p * trials, spread = 9 * sqrt(mean * (1 - p)) + 30;
    double first = fmax(0, floor(mean - spread)), last = fmin(trials, ceil(mean + spread));
    struct frequencies tally = tally_new((uint64_t)first, (size_t)(last - first) + 1);
    for (size_t i = 0; i < tally.size; i++)
        tally.want[i] = draws * gsl_ran_binomial_pdf((unsigned)(tally.first + i), p, trials);
    return tally;
}

/* Would catch a single count whose probability is off by about a percent: by search and by rejection, where
 * the two meet, where failures are the rarer, and where a count depends on those drawn with it. */
static void test_frequencies(void **state)
{
    (void)state;
    const int times = 120000;
    double trials[COUNTS], p[COUNTS], drawn[COUNTS];
    struct frequencies tally[CASES];
    for (int i = 0; i < COUNTS; i++) {
        trials[i] = cases[i % CASES].trials;
        p[i] = cases[i % CASES].p;
    }
    for (int c = 0; c < CASES; c++) tally[c] = tally_of(cases[c].trials, cases[c].p, times * COPIES);
    for (int t = 0; t < times; t++) {
        struct stream stream;
        stream_start(&stream, 55, (uint32_t)t, 0, 0);
        stream_binomials(&stream, COUNTS, trials, p, drawn);
        for (int i = 0; i < COUNTS; i++) {
            assert_true(drawn[i] >= 0 && drawn[i] <= trials[i] && drawn[i] == floor(drawn[i]));
            tally_add(&tally[i % CASES], (uint64_t)drawn[i]);
        }
    }
    for (int c = 0; c < CASES; c++) {
        if (!(tally_chance(&tally[c]) > 1e-5))
            fail_msg("counts of %u trials at %g", cases[c].trials, cases[c].p);
        tally_free(&tally[c]);
    }
}

/* Would catch counts that go together: the sum of those of one call varies as much as it should. */
static void test_sums(void **state)
{
    (void)state;
    const int times = 40000;
    enum { TOGETHER = 50 };
    double trials[TOGETHER], p[TOGETHER], drawn[TOGETHER], mean = 0, variance = 0;
    struct moments moments = {0, 0};
    for (int i = 0; i < TOGETHER; i++) {
        trials[i] = 20 * (i + 1);
        p[i] = 0.05 + 0.018 * i;
        mean += trials[i] * p[i];
        variance += trials[i] * p[i] * (1 - p[i]);
    }
    for (int t = 0; t < times; t++) {
        struct stream stream;
        double sum = 0;
        stream_start(&stream, 56, (uint32_t)t, 0, 0);
        stream_binomials(&stream, TOGETHER, trials, p, drawn);
        for (int i = 0; i < TOGETHER; i++) sum += drawn[i];
        moments_add(&moments, sum - mean);
    }
    moments_check(&moments, times, variance, mean);
}

/* Would catch digits lost where n is large, and a mean or a variance that is off. */
static void test_many_trials(void **state)
{
    (void)state;
    const double many[][2] = {{0.3, 1e12}, {0.5, 0x1p53}, {1e-12, 1e15}, {0.999999, 1e12}, {1e-14, 1e15}};
    for (size_t c = 0; c < sizeof many / sizeof *many; c++) {
        const int times = 2000;
        double trials[50], p[50], drawn[50], mean = many[c][0] * many[c][1];
        struct moments moments = {0, 0};
        struct stream stream;
        stream_start(&stream, 57, 0, c, 0);
        for (int i = 0; i < 50; i++) p[i] = many[c][0], trials[i] = many[c][1];
        for (int t = 0; t < times; t++) {
            stream_binomials(&stream, 50, trials, p, drawn);
            for (int i = 0; i < 50; i++) moments_add(&moments, drawn[i] - mean);
        }
        moments_check(&moments, 50 * times, mean * (1 - many[c][0]), many[c][1]);
    }
}

/* Would catch counts out of range, a search without end, and what is certain but drawn. */
static void test_extremes(void **state)
{
    (void)state;
    const double chances[] = {-1, 0, 5e-324, 1e-300, 1e-17, 0x1p-53, 0.5, 1 - 0x1p-53, 1, NAN};
    const double trials[] = {-1, 0, 1, 2, 64, 1024, 0x1p50, 0x1p51, 0x1p53, NAN};
    double n[100], p[100], drawn[100];
    struct stream stream;
    stream_start(&stream, 58, 0, 0, 0);
    for (int i = 0; i < 100; i++) p[i] = chances[i % 10], n[i] = trials[i / 10];
    for (int t = 0; t < 1000; t++) {
        stream_binomials(&stream, 100, n, p, drawn);
        for (int i = 0; i < 100; i++) {
            if (!(n[i] > 0) || !(p[i] > 0))
                assert_true(drawn[i] == 0);
            else if (p[i] == 1)
                assert_true(drawn[i] == n[i]);
            else
                assert_true(drawn[i] >= 0 && drawn[i] <= n[i]);
        }
    }
}

/* Would catch functions that are less exact than they say. */
static void test_functions(void **state)
{
    (void)state;
    struct stream stream;
    stream_start(&stream, 59, 0, 0, 0);
    for (int i = 0; i < 200000; i++) {
        double x = exp(600 * (2 * stream_unit(&stream) - 1)), near = 0.5 + stream_unit(&stream);
        check_within(logarithm_of(x), log(x), 1e-15 * fabs(log(x)) + 1e-15, x);
        check_within(logarithm_of(near), log(near), 1e-15 * fabs(log(near)) + 2e-16, near);
        double y = 600 * stream_unit(&stream) * stream_unit(&stream);
        check_within(exponential_of_minus(y), exp(-y), 1e-15 * exp(-y), y);
        check_within(whole_below(1e6 * (near - 1)), floor(1e6 * (near - 1)), 0, near);
    }
    for (double k = -5; k <= 5; k++) check_within(whole_below(k), k, 0, k);
}

/* Would catch a compiler, or a width of registers, that draws other counts. */
static void test_same_everywhere(void **state)
{
    (void)state;
    double trials[COUNTS], p[COUNTS], drawn[COUNTS];
    uint64_t hash = 0;
    struct stream stream;
    stream_start(&stream, 60, 0, 0, 0);
    for (int i = 0; i < COUNTS; i++) trials[i] = cases[i % CASES].trials, p[i] = cases[i % CASES].p;
    for (int t = 0; t < 200; t++) {
        stream_binomials(&stream, COUNTS, trials, p, drawn);
        for (int i = 0; i < COUNTS; i++) hash = random_mix(hash, (uint64_t)drawn[i]);
    }
    if (hash != UINT64_C(0x56d8f6d8df84aa61)) fail_msg("0x%llx", (unsigned long long)hash);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_frequencies), cmocka_unit_test(test_sums),
        cmocka_unit_test(test_many_trials), cmocka_unit_test(test_extremes),
        cmocka_unit_test(test_functions),   cmocka_unit_test(test_same_everywhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
