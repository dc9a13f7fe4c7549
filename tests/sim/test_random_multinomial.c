/* Multinomial counts. Seeds are fixed: a failure is a defect, not bad luck. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sim/random.h"
#include "tests/sim/frequencies.h"

#include <float.h>
#include <gsl/gsl_randist.h>

/* Would catch options that are not drawn together: frequencies of whole results of weights {3, 0, 1, 6, 2},
 * placed one by one (up to 4 trials) and by a chain, against gsl_ran_multinomial_pdf. */
static void test_joint_frequencies(void **state)
{
    (void)state;
    const double weights[] = {3, 0, 1, 6, 2};
    const double positive[] = {3, 1, 6, 2};
    const int n = 200000;
    for (unsigned trials = 1; trials <= 8; trials++) {
        unsigned base = trials + 1;
        struct frequencies tally = tally_new(0, (size_t)base * base * base);
        for (unsigned a = 0; a <= trials; a++)
            for (unsigned b = 0; a + b <= trials; b++)
                for (unsigned c = 0; a + b + c <= trials; c++) {
                    unsigned counts[] = {a, b, c, trials - a - b - c};
                    tally.want[(a * base + b) * base + c] = n * gsl_ran_multinomial_pdf(4, positive, counts);
                }
        struct stream stream;
        stream_start(&stream, 61, 0, trials, 0);
        for (int i = 0; i < n; i++) {
            uint64_t r[5];
            stream_multinomial(&stream, trials, weights, 5, r);
            assert_true(r[1] == 0 && r[0] + r[2] + r[3] + r[4] == trials);
            tally_add(&tally, (r[0] * base + r[2]) * base + r[3]);
        }
        if (!(tally_chance(&tally) > 1e-5)) fail_msg("%u trials", trials);
        tally_free(&tally);
    }
}

/* Would catch a count of one option off by about a percent where options are many: each is binomial, whether
 * placed one by one, by a chain, or by a chain that runs out. */
static void test_frequencies_of_each_option(void **state)
{
    (void)state;
    enum { OPTIONS = 40 };
    double weights[OPTIONS], sum = 0;
    for (size_t i = 0; i < OPTIONS; i++) sum += weights[i] = i % 7 == 3 ? 0 : pow(0.9, (double)i);
    const unsigned many[] = {1, 20, 21, 34, 35, 60, 1000};
    const int n = 30000;
    for (size_t m = 0; m < sizeof many / sizeof *many; m++) {
        struct frequencies tallies[OPTIONS];
        for (size_t i = 0; i < OPTIONS; i++) {
            tallies[i] = tally_new(0, many[m] + 1);
            for (unsigned k = 0; k <= many[m]; k++)
                tallies[i].want[k] = n * gsl_ran_binomial_pdf(k, weights[i] / sum, many[m]);
        }
        struct stream stream;
        stream_start(&stream, 62, 0, m, 0);
        for (int j = 0; j < n; j++) {
            uint64_t result[OPTIONS];
            stream_multinomial(&stream, many[m], weights, OPTIONS, result);
            for (size_t i = 0; i < OPTIONS; i++) tally_add(&tallies[i], result[i]);
        }
        for (size_t i = 0; i < OPTIONS; i++) {
            if (!(tally_chance(&tallies[i]) > 1e-5)) fail_msg("option %zu of %u trials", i, many[m]);
            tally_free(&tallies[i]);
        }
    }
}

/* Would catch a wrong mean or variance of an option, or of two options together, where trials are many. */
static void test_moments_of_many_trials(void **state)
{
    (void)state;
    const double weights[] = {0.5, 1e-6, 0, 4, 0.01, 2.5, 1e-3};
    const double sum = 0.5 + 1e-6 + 4 + 0.01 + 2.5 + 1e-3, n = 30000;
    const uint64_t many[] = {1000, 1000000, UINT64_C(1000000000), UINT64_C(1000000000000)};
    for (size_t m = 0; m < sizeof many / sizeof *many; m++) {
        double trials = (double)many[m];
        struct moments single[7] = {{0, 0}}, pair[7] = {{0, 0}};
        struct stream stream;
        stream_start(&stream, 63, 0, m, 0);
        for (int j = 0; j < (int)n; j++) {
            uint64_t result[7], all = 0;
            stream_multinomial(&stream, many[m], weights, 7, result);
            for (size_t i = 0; i < 7; i++) {
                all += result[i];
                double distance = (double)result[i] - trials * weights[i] / sum;
                moments_add(&single[i], distance);
                moments_add(&pair[i], distance + (double)result[5] - trials * 2.5 / sum);
            }
            assert_true(all == many[m]);
        }
        for (size_t i = 0; i < 7; i++) {
            double p = weights[i] / sum, both = p + 2.5 / sum;
            moments_check(&single[i], n, trials * p * (1 - p), (double)i);
            if (i != 5) moments_check(&pair[i], n, trials * both * (1 - both), (double)i);
        }
    }
}

/* Would catch an option of weight 0, below 0 or not a number that changes another's luck: with such strewn in
 * the rest has the same bits and the stream stands at the same place. Also sums over many shapes. */
static void test_options_without_weight_change_nothing(void **state)
{
    (void)state;
    const double nothing[] = {0, -0.0, -1, NAN};
    struct stream shape;
    stream_start(&shape, 64, 0, 0, 0);
    for (uint64_t c = 0; c < 50000; c++) {
        double dense[50], sparse[150];
        uint64_t drawn[50], strewn[150], sum = 0;
        size_t n = 1 + stream_word(&shape) % (c % 4 ? 6 : 50), wide = 0, where[50];
        for (size_t i = 0; i < n; i++) {
            while (stream_word(&shape) % 2 && wide < 100) sparse[wide++] = nothing[stream_word(&shape) % 4];
            where[i] = wide;
            dense[i] = sparse[wide++] = exp(3 * stream_normal(&shape));
        }
        uint64_t trials = stream_word(&shape) >> stream_word(&shape) % 64;
        struct stream a, b;
        stream_start(&a, 65, 0, c, 0);
        stream_start(&b, 65, 0, c, 0);
        stream_multinomial(&a, trials, dense, n, drawn);
        stream_multinomial(&b, trials, sparse, wide, strewn);
        for (size_t i = 0; i < n; i++) {
            assert_true(drawn[i] == strewn[where[i]]);
            sum += drawn[i];
            strewn[where[i]] = 0;
        }
        for (size_t i = 0; i < wide; i++) assert_true(strewn[i] == 0);
        assert_true(sum == trials);
        assert_true(a.block == b.block && (a.block == 0 || a.left == b.left));
    }
}

/* Would catch weights that count by size and not by proportion: a change of unit by a power of 2 keeps every
 * bit. */
static void test_unit_of_weights_does_not_matter(void **state)
{
    (void)state;
    double weights[] = {0.3, 0.11, 0, 0.7, 2.3}, scaled[5];
    for (size_t i = 0; i < 5; i++) scaled[i] = ldexp(weights[i], -700);
    for (uint64_t trials = 0; trials < 200; trials++) {
        uint64_t a[5], b[5];
        struct stream stream;
        stream_start(&stream, 66, 0, trials, 0);
        stream_multinomial(&stream, trials, weights, 5, a);
        stream_start(&stream, 66, 0, trials, 0);
        stream_multinomial(&stream, trials, scaled, 5, b);
        assert_memory_equal(a, b, sizeof a);
    }
}

/* Would catch what is left of the weights worked out by subtraction: after an option that takes nearly all,
 * the rounding error would decide how two slight ones of equal weight share. */
static void test_slight_options_share_fairly(void **state)
{
    (void)state;
    const double weights[] = {1, 3e-15, 3e-15};
    double second = 0, third = 0;
    struct stream stream;
    stream_start(&stream, 67, 0, 0, 0);
    for (int i = 0; i < 20000; i++) {
        uint64_t result[3];
        stream_multinomial(&stream, UINT64_C(1000000000000000000), weights, 3, result);
        second += (double)result[1];
        third += (double)result[2];
    }
    check_within(second, third, 5 * sqrt(second + third), 3e-15);
    /* The first option's chance itself is rounded, to 1 part in 50 of what it leaves. */
    check_within(second + third, 20000 * 6000, 20000 * 6000 * 0.02, 3e-15);
}

/* Would catch people lost or a search past the end where weights strain doubles. */
static void test_extreme_weights(void **state)
{
    (void)state;
    const double cases[][3] = {{1, 5e-324, 1e-300}, {5e-324, 1, 5e-324},         {5e-324, 5e-324, 5e-324},
                               {1e-17, 1e-17, 1},   {DBL_MAX, DBL_MAX, DBL_MAX}, {0.1, 0.2, 0.3}};
    struct stream stream;
    stream_start(&stream, 68, 0, 0, 0);
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++)
        for (uint64_t trials = 1; trials < (UINT64_C(1) << 62); trials *= 2)
            for (int i = 0; i < 200; i++) {
                uint64_t result[3];
                stream_multinomial(&stream, trials, cases[c], 3, result);
                assert_true(result[0] + result[1] + result[2] == trials);
            }
}

/* Would catch a draw spent where nothing is random (twins would part), and counts not set. */
static void test_certain_results(void **state)
{
    (void)state;
    const double weights[] = {0, 0.7, 0};
    uint64_t result[] = {9, 9, 9};
    struct stream stream;
    stream_start(&stream, 69, 0, 0, 0);
    for (uint64_t trials = 0; trials < 100; trials++) {
        stream_multinomial(&stream, trials, weights, 3, result);
        assert_true(result[0] == 0 && result[1] == trials && result[2] == 0);
    }
    stream_multinomial(&stream, 5, weights, 1, result);
    assert_true(result[0] == 0);
    stream_multinomial(&stream, 0, (double[]){1, 2, 3}, 3, result);
    assert_true(result[0] == 0 && result[1] == 0 && result[2] == 0);
    stream_multinomial(&stream, 5, weights, 0, result);
    assert_int_equal(stream.block, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_joint_frequencies),
        cmocka_unit_test(test_frequencies_of_each_option),
        cmocka_unit_test(test_moments_of_many_trials),
        cmocka_unit_test(test_options_without_weight_change_nothing),
        cmocka_unit_test(test_unit_of_weights_does_not_matter),
        cmocka_unit_test(test_slight_options_share_fairly),
        cmocka_unit_test(test_extreme_weights),
        cmocka_unit_test(test_certain_results),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
