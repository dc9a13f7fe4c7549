/* Hypergeometric counts. Seeds are fixed: a failure is a defect, not bad luck. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sim/random.h"
#include "tests/sim/frequencies.h"

#include <gsl/gsl_randist.h>
#include <gsl/gsl_sf_gamma.h>

/* The chance of frequencies at least as far off as those of n counts. */
static double frequencies_chance(const unsigned urn[3], int n, uint64_t identity)
{
    unsigned white = urn[0], black = urn[1], draws = urn[2];
    unsigned low = draws > black ? draws - black : 0, high = draws < white ? draws : white;
    double mean = (double)white * draws / (white + black + 1e-300), spread = 5 * sqrt(mean) + 60;
    double first = fmax(low, floor(mean - spread)), last = fmin(high, ceil(mean + spread));
    struct frequencies tally = tally_new((uint64_t)first, (size_t)(last - first) + 1);
    for (size_t i = 0; i < tally.size; i++)
        tally.want[i] = n * gsl_ran_hypergeometric_pdf((unsigned)(tally.first + i), white, black, draws);
    struct stream stream;
    stream_start(&stream, 41, 0, identity, 0);
    for (int i = 0; i < n; i++) {
        uint64_t k = stream_hypergeometric(&stream, white, black, draws);
        assert_true(k >= low && k <= high);
        tally_add(&tally, k);
    }
    double chance = tally_chance(&tally);
    tally_free(&tally);
    return chance;
}

/* Would catch a single count whose probability is off by about a percent, in each method, on both sides of
 * each change of method, and in each of the mirrored cases (the other colour, those left behind). */
static void test_frequencies(void **state)
{
    (void)state;
    const unsigned urns[][3] = {
        /* search from 0 */
        {5, 5, 1},
        {7, 3, 5},
        {3, 40, 20},
        {16, 100, 50},
        {2000, 1000, 16},
        {1000, 2000, 2984},
        /* search from the mode */
        {17, 17, 17},
        {40, 60, 30},
        {60, 40, 30},
        {40, 60, 70},
        {60, 40, 70},
        {20, 1000, 400},
        {1000, 20, 400},
        {500000, 500000, 30},
        {100, 1000000, 5000},
        {1999, 1999, 1999},
        /* rejection */
        {2001, 2001, 2001},
        {2000, 5000, 3000},
        {5000, 2000, 3000},
        {2000, 5000, 4000},
        {5000, 2000, 4000},
        {1300, 200000, 60000},
        {200000, 1300, 150000},
        {300, 100000000, 90000000},
        {100000, 200000, 20000},
        {1000000, 2000000, 1000000},
    };
    for (size_t c = 0; c < sizeof urns / sizeof *urns; c++)
        if (!(frequencies_chance(urns[c], 1000000, c) > 1e-5))
            fail_msg("counts of %u + %u, %u drawn", urns[c][0], urns[c][1], urns[c][2]);
}

/* Would catch a small urn that a symmetry or an end of the support gets wrong. */
static void test_every_small_urn(void **state)
{
    (void)state;
    for (unsigned white = 0; white <= 8; white++)
        for (unsigned black = 0; black <= 8; black++)
            for (unsigned draws = 0; draws <= white + black; draws++)
                if (!(frequencies_chance((unsigned[]){white, black, draws}, 5000,
                                         (white * 9 + black) * 17 + draws + 100) > 1e-5))
                    fail_msg("counts of %u + %u, %u drawn", white, black, draws);
}

/* Would catch tails cut by the rejection or by the end of the search (counts within 5 standard errors). */
static void test_tails(void **state)
{
    (void)state;
    const struct {
        unsigned white, black, draws, low, high; /* P(k <= low) and P(k > high) are about 1e-4 */
    } cases[] = {{1000, 2000, 16, 0, 12},
                 {40, 60, 30, 4, 19},
                 {3000, 5000, 2500, 863, 1011},
                 {5000, 3000, 5500, 3363, 3511},
                 {900, 200000, 60000, 219, 320}};
    const int n = 500000;
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        struct stream stream;
        stream_start(&stream, 42, 0, c, 0);
        double low = 0, high = 0;
        for (int i = 0; i < n; i++) {
            uint64_t k = stream_hypergeometric(&stream, cases[c].white, cases[c].black, cases[c].draws);
            low += k <= cases[c].low;
            high += k > cases[c].high;
        }
        double want =
            n * gsl_cdf_hypergeometric_P(cases[c].low, cases[c].white, cases[c].black, cases[c].draws);
        check_within(low, want, 5 * sqrt(want), (double)c);
        want = n * gsl_cdf_hypergeometric_Q(cases[c].high, cases[c].white, cases[c].black, cases[c].draws);
        check_within(high, want, 5 * sqrt(want), (double)c);
    }
}

/* Would catch digits lost in large urns: a wrong mean or variance, whichever the method. */
static void test_moments_of_large_urns(void **state)
{
    (void)state;
    const uint64_t million = 1000000, billion = 1000 * million;
    const uint64_t urns[][3] = {
        {million, 2 * million, million},
        {billion, 3 * billion, 16},
        {billion, 3 * billion, 100},
        {50, billion, billion / 2},
        {billion, billion, billion},
        {billion, 20 * billion, 15 * billion},
        {1000 * billion, 3000 * billion, 700 * billion},
        {UINT64_C(1) << 52, UINT64_C(1) << 52, UINT64_C(1) << 51},
        {(UINT64_C(1) << 62) - 1, 1000 * billion, 1000 * million},
        {UINT64_C(1) << 61, UINT64_C(1) << 62, 1000},
        {UINT64_C(1) << 61, UINT64_C(1) << 62, 16},
        {UINT64_C(1) << 61, UINT64_C(1) << 62, 20},
    };
    const int n = 100000;
    for (size_t c = 0; c < sizeof urns / sizeof *urns; c++) {
        long double white = (long double)urns[c][0], black = (long double)urns[c][1];
        long double draws = (long double)urns[c][2], total = white + black, mean = white * draws / total;
        double variance = (double)(mean * (black / total) * ((total - draws) / (total - 1)));
        struct moments moments = {0, 0};
        struct stream stream;
        stream_start(&stream, 43, 0, c, 0);
        for (int i = 0; i < n; i++) {
            uint64_t k = stream_hypergeometric(&stream, urns[c][0], urns[c][1], urns[c][2]);
            assert_true(k <= urns[c][0] && k <= urns[c][2]);
            moments_add(&moments, (double)((long double)k - mean));
        }
        moments_check(&moments, n, variance, (double)c);
    }
}

/* Would catch a draw spent where nothing is random (twins would part), and more draws than there are. */
static void test_certain_counts(void **state)
{
    (void)state;
    struct stream stream;
    stream_start(&stream, 44, 0, 0, 0);
    assert_true(stream_hypergeometric(&stream, 0, 0, 0) == 0);
    assert_true(stream_hypergeometric(&stream, 0, 9, 4) == 0);
    assert_true(stream_hypergeometric(&stream, 9, 0, 4) == 4);
    assert_true(stream_hypergeometric(&stream, 9, 7, 0) == 0);
    assert_true(stream_hypergeometric(&stream, 9, 7, 16) == 9);
    assert_true(stream_hypergeometric(&stream, 9, 7, UINT64_MAX) == 9);
    assert_int_equal(stream.block, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_frequencies),    cmocka_unit_test(test_every_small_urn),
        cmocka_unit_test(test_tails),          cmocka_unit_test(test_moments_of_large_urns),
        cmocka_unit_test(test_certain_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
