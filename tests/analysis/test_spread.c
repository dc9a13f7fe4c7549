/* Intervals of replications, paired differences, targets' periods: numbers worked out by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "analysis/estimate.h"
#include "analysis/paired.h"
#include "analysis/score.h"
#include "analysis/summary.h"
#include "sim/time.h"

#include <math.h>
#include <string.h>

#define assert_near(a, b) assert_true(fabs((double)(a) - (double)(b)) <= 1e-9 * (1 + fabs((double)(b))))
#define COUNT(array)      (sizeof(array) / sizeof *(array))

/* Catches wrong quantiles: 0..10 have exact ones at every tenth. */
static void quantiles_interpolate(void **state)
{
    (void)state;
    const double number[] = {10, 3, 7, 0, 1, 9, 2, 8, 4, 6, 5};
    struct spread spread = spread_of(number, NULL, COUNT(number), 0.8);
    assert_int_equal(spread.count, 11);
    assert_near(spread.mean, 5);
    assert_near(spread.low, 1);
    assert_near(spread.high, 9);
    assert_near(spread.width, 8);
    assert_near(spread.deviation, sqrt(11));
    spread = spread_of(number, NULL, COUNT(number), 0.9);
    assert_near(spread.low, 0.5);
    assert_near(spread.high, 9.5);
}

/* Catches pairs taken the wrong way round: within pairs 1 apart, between pairs far apart. */
static void chance_is_what_differs_within_pairs(void **state)
{
    (void)state;
    const double number[] = {0, 1, 100, 101, 200, 201};
    struct spread spread = spread_of(number, NULL, COUNT(number), 0.9);
    double variance = 0;
    for (size_t i = 0; i < COUNT(number); i++)
        variance += (number[i] - spread.mean) * (number[i] - spread.mean) / 5;
    assert_near(spread.chance_width, spread.width * sqrt(0.5 / variance));
}

/* Catches a standard error that takes replications of a pair for independent: pair means 0.5, 100.5, 200.5.
 */
static void pairs_are_the_units(void **state)
{
    (void)state;
    const double number[] = {0, 1, 100, 101, 200, 201};
    assert_near(spread_of(number, NULL, COUNT(number), 0.9).standard_error, 100 / sqrt(3));
}

/* Catches noise in the estimate of chance that would make a part wider than the whole. */
static void chance_is_never_wider_than_all(void **state)
{
    (void)state;
    const double number[] = {0, 10, 0, 10, 10, 0};
    struct spread spread = spread_of(number, NULL, COUNT(number), 0.9);
    assert_near(spread.chance_width, spread.width);
}

/* Catches incomplete replications or NaN entering a mean. */
static void missing_numbers_are_left_out(void **state)
{
    (void)state;
    const double number[] = {1, 1000, NAN, 3, 5};
    const unsigned char complete[] = {1, 0, 1, 1, 1};
    struct spread spread = spread_of(number, complete, COUNT(number), 0.9);
    assert_int_equal(spread.count, 3);
    assert_near(spread.mean, 3);
    assert_true(isnan(spread.chance_width)); /* no whole pair is left */
}

/* Catches rounding taken for spread: the sum of 40 tenths is not 4, and expectations of several replications
 * are the same. */
static void equal_numbers_do_not_vary(void **state)
{
    (void)state;
    double base[40], alternative[40];
    for (size_t i = 0; i < COUNT(base); i++) {
        base[i] = 0.1;
        alternative[i] = 0.3;
    }
    struct spread spread = spread_of(base, NULL, COUNT(base), 0.9);
    assert_true(spread.mean == base[0] && spread.low == base[0] && spread.high == base[0]);
    assert_true(spread.width == 0 && spread.chance_width == 0 && spread.standard_error == 0);
    struct paired paired = paired_of(base, alternative, COUNT(base), 0.95);
    assert_near(paired.mean, 0.2);
    assert_true(paired.low == paired.mean && paired.high == paired.mean);
    assert_true(isnan(paired.saved));
    /* A difference that varies by its rounding only. */
    for (size_t i = 0; i < COUNT(base); i++) {
        base[i] = 1000 + (double)(i / 2);
        alternative[i] = base[i] * (1 + (i % 4 < 2 ? 1e-15 : -1e-15));
    }
    assert_true(isnan(paired_of(base, alternative, COUNT(base), 0.95).saved));
}

/* Catches divisions by zero where there is one replication or none. */
static void few_replications_give_no_error(void **state)
{
    (void)state;
    const double number[] = {7};
    struct spread one = spread_of(number, NULL, 1, 0.9), none = spread_of(number, NULL, 0, 0.9);
    assert_near(one.mean, 7);
    assert_true(isnan(one.width) && isnan(one.low) && isnan(one.high));
    assert_true(isnan(one.standard_error));
    assert_int_equal(none.count, 0);
    assert_true(isnan(none.mean) && isnan(none.low));
}

/* Catches a wrong t interval: differences 1..4 in pairs, pair means 1.5 and 3.5, t(0.975, 1) = 12.7062. */
static void difference_has_a_t_interval(void **state)
{
    (void)state;
    const double base[] = {10, 20, 30, 40}, alternative[] = {11, 22, 33, 44};
    struct paired paired = paired_of(base, alternative, 4, 0.95);
    assert_int_equal(paired.count, 4);
    assert_int_equal(paired.units, 2);
    assert_near(paired.mean, 2.5);
    assert_near(paired.base, 25);
    assert_true(fabs(paired.high - (2.5 + 12.706204736)) < 1e-6);
    assert_true(fabs(paired.low - (2.5 - 12.706204736)) < 1e-6);
    /* Standard errors: base pair means 15, 35: 10; alternative 16.5, 38.5: 11; difference: 1. */
    assert_near(paired.saved, 221);
}

/* Catches a small effect on a large number that is taken for rounding: what pairing is for. */
static void small_differences_are_not_rounding(void **state)
{
    (void)state;
    const double base[] = {1000010, 1000020, 1000030, 1000040}, more[] = {1000011, 1000022, 1000033, 1000044};
    assert_true(fabs(paired_of(base, more, 4, 0.95).saved - 221) < 1e-6);
}

/* Catches replications that only one side has being compared with nothing. */
static void only_common_replications_count(void **state)
{
    (void)state;
    const double base[] = {1, NAN, 3, 4, 5}, alternative[] = {2, 3, 4, NAN, 6};
    struct paired paired = paired_of(base, alternative, 5, 0.95);
    assert_int_equal(paired.count, 3);
    assert_int_equal(paired.units, 3); /* of each pair one replication is left */
    assert_near(paired.mean, 1);
    assert_near(paired.base, 3);
    assert_true(isnan(paired.saved)); /* the difference never varies */
}

/* Catches periods read one day short or long. */
static void periods_are_whole(void **state)
{
    (void)state;
    static const struct {
        const char *text, *first, *end;
    } cases[] = {{"2024-02", "2024-02-01", "2024-03-01"},
                 {"2023", "2023-01-01", "2024-01-01"},
                 {"2023-12-31", "2023-12-31", "2024-01-01"},
                 {"2023-12-18/2023-12-24", "2023-12-18", "2023-12-25"},
                 {"2023-11/2024-01", "2023-11-01", "2024-02-01"}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        int32_t first, end, expected_first = 0, expected_end = 0;
        assert_true(period_parse(cases[i].text, &first, &end));
        assert_true(date_parse(cases[i].first, &expected_first) && date_parse(cases[i].end, &expected_end));
        assert_int_equal(first, expected_first);
        assert_int_equal(end, expected_end);
    }
    static const char *const wrong[] = {"",          "2023-13",     "2023-02-30", "2023-1",
                                        "2024/2023", "2023-12-01/", "May 2023"};
    int32_t first, end;
    for (size_t i = 0; i < COUNT(wrong); i++) assert_false(period_parse(wrong[i], &first, &end));
}

/* Catches stocks and waits being added up over months. */
static void kinds_follow_from_names(void **state)
{
    (void)state;
    assert_int_equal(measure_kind("encounters"), MEASURE_EVENTS);
    assert_int_equal(measure_kind("inm.stop_spent"), MEASURE_EVENTS);
    assert_int_equal(measure_kind("app_tijuana_wait_days"), MEASURE_WAIT);
    assert_int_equal(measure_kind("inm_balance"), MEASURE_LEVEL);
    assert_int_equal(measure_kind("present"), MEASURE_LEVEL);
}

/* Catches arrivals that ignore a dated change, the spin-up or a batch. */
static void arrivals_follow_changes(void **state)
{
    (void)state;
    struct network *network = network_new();
    assert_non_null(network);
    network->days = 10;
    network->spin_up_days = 5;
    network->slot_count = 2;
    network->slot = network_allocate(network, 2, sizeof *network->slot);
    network->slot[0] = (struct slot){.value = 100};
    network->slot[1] = (struct slot){.value = 7};
    network->change_count = 1;
    network->change = network_allocate(network, 1, sizeof *network->change);
    network->change[0] = (struct change){.day = 6, .slot = 0, .value = 10};
    network->station_count = 1;
    network->station = network_allocate(network, 1, sizeof *network->station);
    struct station *station = network->station;
    station->kind = KIND_SOURCE;
    const struct value none = {NETWORK_NONE, 0};
    station->source = (struct source){.per_day = {0, 0}, .level = none, .season = none, .batch_count = 1};
    station->source.batch = network_allocate(network, 1, sizeof(struct batch));
    station->source.batch[0] = (struct batch){.day = 3, .people = {1, 0}};
    assert_near(estimate_arrivals(network, 0.5), 0.5 * (11 * 100 + 4 * 10 + 7));
    network_free(network);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(quantiles_interpolate),
        cmocka_unit_test(chance_is_what_differs_within_pairs),
        cmocka_unit_test(pairs_are_the_units),
        cmocka_unit_test(chance_is_never_wider_than_all),
        cmocka_unit_test(missing_numbers_are_left_out),
        cmocka_unit_test(equal_numbers_do_not_vary),
        cmocka_unit_test(few_replications_give_no_error),
        cmocka_unit_test(difference_has_a_t_interval),
        cmocka_unit_test(small_differences_are_not_rounding),
        cmocka_unit_test(only_common_replications_count),
        cmocka_unit_test(periods_are_whole),
        cmocka_unit_test(kinds_follow_from_names),
        cmocka_unit_test(arrivals_follow_changes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
