/* Durations on a grid of steps: tables against formulas and against simulation. Seeds are fixed: a failure is
 * a defect, not bad luck. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sim/discrete.h"
#include "tests/sim/distribution_cases.h"

#include <gsl/gsl_cdf.h>
#include <math.h>

enum { ROOM = 8192 };
static double probability[ROOM], cumulative[ROOM], rest[ROOM];

static struct discrete make_table(const struct distribution *shape, double mean, bool at_least_one,
                                  uint32_t most)
{
    struct discrete table = {.probability = probability, .cumulative = cumulative, .rest = rest};
    assert_true(most <= ROOM);
    discrete_fill(&table, shape, mean, at_least_one, most);
    return table;
}

static double table_mean(const struct discrete *table)
{
    double sum = 0;
    for (uint32_t k = 0; k < table->count; k++) sum += k * table->probability[k];
    return sum;
}

static const double means[] = {0, 0.01, 0.3, 1, 2.5, 8.35, 40};
#define MEANS (sizeof means / sizeof *means)

/* Everything that holds for any table. */
static void check_table(const struct discrete *table, const char *name, double at)
{
    long double sum = 0; /* so that the sum of thousands adds no error of its own */
    double before = 0, left = 1;
    for (uint32_t k = 0; k < table->count; k++) {
        double p = table->probability[k];
        assert_true(p >= 0 && p <= 1);
        assert_true(table->cumulative[k] >= before && table->cumulative[k] <= 1);
        assert_true(table->rest[k] >= 0 && table->rest[k] <= 1);
        sum += p;
        before = table->cumulative[k];
        check_within(before, (double)sum, 1e-14, name, at);
        check_within(left * table->rest[k], p, 1e-14, name, at);
        left *= 1 - table->rest[k];
    }
    check_within((double)sum, 1, 1e-14, name, at);
    assert_true(before == 1 && table->rest[table->count - 1] == 1);
}

/* Would catch a mean that drifts by rounding, a negative probability, or a sum that is not 1. */
static void test_tables_keep_the_mean(void **state)
{
    (void)state;
    struct distribution d;
    double at;
    for (size_t i = 0; make_case(i, &d, &at); i++) {
        for (size_t m = 0; m < MEANS; m++) {
            struct discrete table = make_table(&d, means[m], false, ROOM);
            check_table(&table, distribution_names[d.family], at);
            if (table.count == ROOM) continue; /* truncated */
            check_within(table_mean(&table), means[m], 1e-9 * means[m], distribution_names[d.family], at);
        }
    }
}

/* Would catch a wrong table: P(K <= k) is G(k + 1) - G(k), where G(x) = x F(x) - E[T; T <= x], in steps. */
static void test_tables_follow_the_integral_of_the_cdf(void **state)
{
    (void)state;
    struct distribution d;
    double at;
    for (size_t i = 0; make_case(i, &d, &at); i++) {
        for (size_t m = 1; m < MEANS; m++) {
            struct discrete table = make_table(&d, means[m], false, ROOM);
            double before = 0;
            for (uint32_t k = 0; k < table.count; k++) {
                double x = (k + 1) / means[m];
                double area = (k + 1) * distribution_cdf(&d, x) - means[m] * distribution_partial_mean(&d, x);
                double want = k + 1 < ROOM ? area - before : 1;
                /* The last millionth stands around its mean. */
                double slack = want > 1 - 1.000001e-6 ? 1e-6 : 1e-11;
                check_within(table.cumulative[k], want, slack, distribution_names[d.family], at);
                before = area;
            }
        }
    }
}

/* Would catch a table that is not the distribution of floor(T + U), whatever the formulas say. */
static void test_tables_agree_with_simulation(void **state)
{
    (void)state;
    enum { DRAWS = 100000 };
    struct distribution d;
    double at;
    for (size_t i = 0; make_case(i, &d, &at); i++) {
        for (size_t m = 2; m < MEANS; m += 2) {
            static uint32_t seen[ROOM];
            struct discrete table = make_table(&d, means[m], false, ROOM);
            for (uint32_t k = 0; k < ROOM; k++) seen[k] = 0;
            struct stream stream;
            stream_start(&stream, 31, (uint32_t)m, i, 0);
            for (int n = 0; n < DRAWS; n++) {
                double t = distribution_draw(&d, means[m], &stream);
                double step = floor(t + stream_unit(&stream));
                seen[step < table.count ? (uint32_t)step : table.count - 1]++;
            }
            double chi = 0, freedom = -1, observed = 0, expected = 0;
            for (uint32_t k = 0; k < table.count; k++) {
                bool last_millionth = k > 0 && table.cumulative[k - 1] > 1 - 1.000001e-6;
                assert_true(table.probability[k] > 1e-15 || seen[k] == 0 || (last_millionth && seen[k] <= 2));
                observed += seen[k];
                expected += DRAWS * table.probability[k];
                if (expected < 10) continue; /* joined with the next */
                chi += (observed - expected) * (observed - expected) / expected;
                freedom++;
                observed = expected = 0;
            }
            double chance = freedom > 0 ? gsl_cdf_chisq_Q(chi, freedom) : chi < 1e-6;
            if (!(chance > 1e-5))
                fail_msg("%s %g mean %g: %g", distribution_names[d.family], at, means[m], chance);
        }
    }
}

/* Would catch a delay of at least one step that still takes none, or that pays for it with a longer mean. */
static void test_at_least_one_keeps_the_mean(void **state)
{
    (void)state;
    const double moved_means[] = {0, 0.01, 0.999, 1, 1.001, 1.2, 2.5, 8.35, 40};
    struct distribution d;
    double at;
    for (size_t i = 0; make_case(i, &d, &at); i++) {
        for (size_t m = 0; m < sizeof moved_means / sizeof *moved_means; m++) {
            double mean = moved_means[m];
            struct discrete table = make_table(&d, mean, true, ROOM);
            check_table(&table, distribution_names[d.family], at);
            assert_true(table.probability[0] == 0 && table.cumulative[0] == 0);
            assert_true(discrete_draw(&table, 0) >= 1);
            if (mean < 1) assert_true(table.count == 2 && table.probability[1] == 1);
            if (discrete_support(&d, mean, ROOM) < ROOM)
                check_within(table_mean(&table), fmax(mean, 1), 1e-9 * fmax(mean, 1),
                             distribution_names[d.family], at);
        }
    }
}

/* Would catch probability taken from elsewhere than the steps next above 1, and rounds that are not whole
 * shifts.
 */
static void test_at_least_one_by_hand(void **state)
{
    (void)state;
    struct distribution d;
    double mean, value[2], sums[2];
    assert_true(distribution_from_bounds(&d, DISTRIBUTION_UNIFORM, 0, 0, 3, &mean, NULL));
    const double plain[] = {1.0 / 6, 1.0 / 3, 1.0 / 3, 1.0 / 6}, moved[] = {0, 2.0 / 3, 1.0 / 6, 1.0 / 6};
    struct discrete table = make_table(&d, mean, false, ROOM);
    assert_int_equal(table.count, 4);
    for (uint32_t k = 0; k < 4; k++) check_within(table.probability[k], plain[k], 1e-15, "plain", (double)k);
    table = make_table(&d, mean, true, ROOM);
    assert_int_equal(table.count, 4);
    for (uint32_t k = 0; k < 4; k++) check_within(table.probability[k], moved[k], 1e-15, "moved", (double)k);

    /* 0 or 20 steps: the tenth at 20 moves nine steps down to make up for nine tenths that move one up. */
    const double values[] = {0, 20}, weights[] = {0.9, 0.1};
    assert_true(distribution_from_table(&d, values, weights, 2, value, sums, &mean, NULL));
    table = make_table(&d, mean, true, ROOM);
    check_within(table.probability[1], 0.9, 1e-13, "two values", 1.0);
    check_within(table.probability[11], 0.1, 1e-13, "two values", 11.0);
}

/* Would catch a table that leaves its room, drops what lies beyond, or is longer than it need be. */
static void test_truncation(void **state)
{
    (void)state;
    struct distribution d;
    assert_true(distribution_from_shape(&d, DISTRIBUTION_EXPONENTIAL, 0, NULL));
    struct discrete table = make_table(&d, 40, false, 10);
    assert_int_equal(table.count, 10);
    check_table(&table, "exponential", 10);
    check_within(table.probability[9], 40 * (exp(-8 / 40.0) - exp(-9 / 40.0)), 1e-14, "exponential", 10.0);
    uint32_t count = discrete_support(&d, 40, ROOM);
    /* The body ends where a millionth is left; its mean stands 40 steps on. */
    table = make_table(&d, 40, false, ROOM);
    assert_int_equal(table.count, count);
    double beyond = 40 * expm1(1 / 40.0) * exp(-(double)(count - 41) / 40);
    assert_true(beyond < 1e-6 && beyond * exp(1 / 40.0) >= 1e-6);
    double last = table.probability[count - 2] + table.probability[count - 1];
    check_within(last / beyond, 1, 1e-6, "exponential", 40.0);
    for (uint32_t k = count - 40; k < count - 2; k++)
        check_within(table.probability[k], 0, 0, "gap", (double)k);
    assert_int_equal(discrete_support(&d, 40, count - 1), count - 1);

    double at;
    for (size_t i = 0; make_case(i, &d, &at); i++) {
        for (uint32_t most = 1; most <= 3; most++) {
            for (size_t m = 0; m < MEANS; m++) {
                for (int at_least_one = 0; at_least_one <= 1; at_least_one++) {
                    table = make_table(&d, means[m], at_least_one, most);
                    assert_true(table.count <= most);
                    check_table(&table, distribution_names[d.family], at);
                }
            }
            assert_int_equal(discrete_support(&d, 1e300, most), most);
        }
        table = make_table(&d, 1e15, false, 64); /* taken as 1e12: differences of steps keep digits */
        check_within(table.probability[63], distribution_survival(&d, 63e-12), 0.01,
                     distribution_names[d.family], at);
        check_table(&table, distribution_names[d.family], at);
    }
}

/* Would catch a mean that is not a number, or not positive, becoming a duration. */
static void test_no_mean_takes_no_step(void **state)
{
    (void)state;
    const double none[] = {0, -1, NAN, -INFINITY};
    struct distribution d;
    double at;
    for (size_t i = 0; make_case(i, &d, &at); i++) {
        for (size_t m = 0; m < 4; m++) {
            struct discrete table = make_table(&d, none[m], false, ROOM);
            assert_true(table.count == 1 && table.probability[0] == 1 && discrete_draw(&table, 0.7) == 0);
        }
    }
}

static uint32_t linear_draw(const struct discrete *table, double unit)
{
    uint32_t step = 0;
    while (table->cumulative[step] <= unit) step++;
    return step;
}

/* Would catch a guide that starts the search too late, also for units that are exactly a cumulative or a
 * cell. */
static void test_guided_search_equals_linear_search(void **state)
{
    (void)state;
    struct distribution d;
    double at;
    const double last = 1 - 0x1p-53;
    for (size_t i = 0; make_case(i, &d, &at); i++) {
        for (size_t m = 0; m < MEANS; m++) {
            struct discrete table = make_table(&d, means[m], m % 2 == 1, ROOM);
            for (int g = 0; g < DISCRETE_GUIDE; g++) {
                double unit = (double)g / DISCRETE_GUIDE, next = nextafter((g + 1.0) / DISCRETE_GUIDE, 0);
                assert_int_equal(discrete_draw(&table, unit), linear_draw(&table, unit));
                assert_int_equal(discrete_draw(&table, next), linear_draw(&table, next));
            }
            for (uint32_t k = 0; k + 1 < table.count && k < 300; k++) {
                double unit = fmin(table.cumulative[k], last), less = fmax(nextafter(unit, 0), 0);
                assert_int_equal(discrete_draw(&table, unit), linear_draw(&table, unit));
                assert_int_equal(discrete_draw(&table, less), linear_draw(&table, less));
            }
            struct stream stream;
            stream_start(&stream, 32, (uint32_t)m, i, 0);
            for (int n = 0; n < 500; n++) {
                double unit = stream_unit(&stream);
                assert_int_equal(discrete_draw(&table, unit), linear_draw(&table, unit));
            }
        }
    }
}

/* Would catch rounding that gives a constant an impossible step, and legs whose means add up to something
 * else. */
static void test_legs_of_a_constant(void **state)
{
    (void)state;
    enum { JOURNEYS = 100000, LEGS = 9 };
    struct distribution d;
    assert_true(distribution_from_shape(&d, DISTRIBUTION_CONSTANT, 0, NULL));
    struct discrete table = make_table(&d, 8.35, false, ROOM);
    assert_int_equal(table.count, 10);
    for (uint32_t k = 0; k < 8; k++) assert_true(table.probability[k] == 0);
    check_within(table.probability[8], 0.65, 1e-14, "constant", 8.35);
    check_within(LEGS * table_mean(&table), 75.15, 1e-12, "constant", 8.35);
    struct stream stream;
    stream_start(&stream, 33, 0, 0, 0);
    double sum = 0;
    for (int n = 0; n < JOURNEYS * LEGS; n++) sum += discrete_draw(&table, stream_unit(&stream));
    check_within(sum / JOURNEYS, 75.15, 5 * sqrt(LEGS * 0.35 * 0.65 / JOURNEYS), "constant", 8.35);
}

/* Would catch a whole duration that loses a step, or half a step added for those who begin at its start. */
static void test_from_the_start_of_a_step(void **state)
{
    (void)state;
    double numbers[3][64], mean;
    struct discrete steps = {.probability = numbers[0], .cumulative = numbers[1], .rest = numbers[2]};
    struct distribution shape;
    struct error error;
    assert_true(distribution_from_shape(&shape, DISTRIBUTION_CONSTANT, 0, &error));
    discrete_fill_from_start(&steps, &shape, 3, 64);
    assert_true(steps.count == 4 && steps.probability[3] == 1);
    assert_true(distribution_from_bounds(&shape, DISTRIBUTION_UNIFORM, 14, 0, 21, &mean, &error));
    discrete_fill_from_start(&steps, &shape, mean, 64);
    for (uint32_t k = 0; k < 21; k++)
        assert_true(fabs(steps.probability[k] - (k < 14 ? 0 : 1.0 / 7)) < 1e-10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_tables_keep_the_mean),
                                       cmocka_unit_test(test_tables_follow_the_integral_of_the_cdf),
                                       cmocka_unit_test(test_tables_agree_with_simulation),
                                       cmocka_unit_test(test_at_least_one_keeps_the_mean),
                                       cmocka_unit_test(test_at_least_one_by_hand),
                                       cmocka_unit_test(test_truncation),
                                       cmocka_unit_test(test_no_mean_takes_no_step),
                                       cmocka_unit_test(test_guided_search_equals_linear_search),
                                       cmocka_unit_test(test_legs_of_a_constant),
                                       cmocka_unit_test(test_from_the_start_of_a_step)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
