/* Values as written: their ranges, what is known of them, and their units. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/helpers/compile_text.h"

#define WITH(per_day)                                                                                        \
    HEAD "stations:\n  in: {kind: source, per_day: " per_day ", to: out}\n  out: {kind: sink}\n"

/* Catches a value that no draw would ever be near, on either side. */
static void values_lie_in_their_range(void **state)
{
    (void)state;
    ASSERT_PROBLEMS(WITH("{value: 1, range: [2, 4]}"), "the value 1 is not in its range");
    ASSERT_PROBLEMS(WITH("{value: 5, range: [2, 4]}"), "the value 5 is not in its range");
}

/* Catches what is not measured and yet passes for certain. */
static void what_is_not_measured_has_a_range(void **state)
{
    (void)state;
    ASSERT_PROBLEMS(WITH("{value: 5, status: calibrated}"), "is calibrated, so it needs a range");
    ASSERT_PROBLEMS(WITH("{value: 5, status: assumed}"), "is assumed, so it needs a range");
    struct compiled m;
    compile_good(&m, WITH("{value: 5, status: measured}"));
    discard(&m);
}

/* Catches a wrong factor between units, of durations and of rates. */
static void units_are_those_of_the_clock(void **state)
{
    (void)state;
    static const char *const same[] = {"mean_days: 0.25",
                                       "mean_hours: 6",
                                       "mean_minutes: 360",
                                       "mean_seconds: 21600",
                                       "per_day: 4",
                                       "per_hour: 0.16666666666666667",
                                       "per_minute: 0.002777777777777778",
                                       "per_second: 0.0000462962962962963"};
    for (size_t i = 0; i < sizeof same / sizeof *same; i++) {
        struct compiled m;
        char text[400];
        snprintf(text, sizeof text,
                 HEAD "stations:\n  in: {kind: source, interval: {distribution: exponential, %s}, to: out}\n"
                      "  out: {kind: sink}\n",
                 same[i]);
        compile_good(&m, text);
        const struct network *n = m.model.network;
        const double mean = n->slot[n->station[0].source.interval.mean_days.slot].value;
        if (fabs(mean - 0.25) > 1e-12) fail_msg("%s is %.12g days", same[i], mean);
        discard(&m);
    }
}

/* Catches a grant of before the account opens, which nobody would ever receive. */
static void grants_lie_within_the_run(void **state)
{
    (void)state;
#define GRANT(day)                                                                                           \
    HEAD "accounts: {a: {unit_cost_mxn: {stop: 1}, grants: [{name: g, on: " day ", amount_mxn: 5}]}}\n"      \
         "stations:\n  in: {kind: source, per_day: 1, to: gate}\n"                                           \
         "  gate: {kind: gate, stop_probability: 1, pays: a, outcomes: [{o: {to: out}}], to: out}\n"         \
         "  out: {kind: sink}\n"
    ASSERT_PROBLEMS(GRANT("2022-12-31"), "accounts.a.grants.g: the date is not between from and to");
    ASSERT_PROBLEMS(GRANT("2024-01-01"), "accounts.a.grants.g: the date is not between from and to");
    struct compiled m;
    compile_good(&m, GRANT("2023-01-01"));
    discard(&m);
}

/* The luck of the only range of a scenario: of a change on a date, a rule's threshold, or from the start. */
static uint64_t luck_of(const char *text)
{
    struct compiled m;
    uint64_t luck = 0;
    size_t found = 0;
    compile_good(&m, text);
    const struct network *n = m.model.network;
    for (size_t i = 0; i < n->slot_count; i++)
        if (n->slot[i].low < n->slot[i].high) luck = n->slot[i].range_key, found++;
    for (size_t i = 0; i < n->change_count; i++)
        if (n->change[i].low < n->change[i].high) luck = n->change[i].range_key, found++;
    assert_int_equal(found, 1);
    discard(&m);
    return luck;
}

/* Catches luck that hangs on the place of a policy in its list, or on the unit in which something is written:
 * another policy before it, or hours for days, would draw other values. */
static void luck_is_not_that_of_the_place(void **state)
{
    (void)state;
#define POLICIES(before, own)                                                                                \
    HEAD                                                                                                     \
        "measures: {came: {}}\nsignals: {s: {measure: came}}\nstations:\n  in: {kind: source, per_day: 1, "  \
        "counts_as: [came], to: road}\n  road: {kind: delay, duration: {distribution: constant, mean_days: " \
        "2}, to: out}\n  out: {kind: sink}\npolicies:\n" before own
#define OTHER   "  - {on: 2023-02-01, why: w, set: {stations.in.per_day: 1}}\n"
#define WIDE    "{value: 4, range: [2, 6]}"
#define DATED   "  - {on: 2023-02-01, why: w, set: {stations.in.per_day: {steps: {2023-03-01: " WIDE "}}}}\n"
#define RULE    "  - {when: {signal: s, above: " WIDE "}, why: w, set: {stations.in.per_day: 1}}\n"
#define LASTS   "set: {stations.road.duration."
#define IN_DAYS "  - {on: 2023-02-01, why: w, " LASTS "mean_days: {steps: {2023-03-01: " WIDE "}}}}\n"
#define IN_HOURS                                                                                             \
    "  - {on: 2023-02-01, why: w, " LASTS                                                                    \
    "mean_hours: {steps: {2023-03-01: {value: 96, range: [48, 144]}}}}}\n"
    assert_true(luck_of(POLICIES("", DATED)) == luck_of(POLICIES(OTHER, DATED)));
    assert_true(luck_of(POLICIES("", RULE)) == luck_of(POLICIES(OTHER, RULE)));
    assert_true(luck_of(POLICIES("", IN_DAYS)) == luck_of(POLICIES(OTHER, IN_HOURS)));
    assert_true(luck_of(POLICIES("", IN_DAYS)) != luck_of(POLICIES("", DATED)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_lie_in_their_range),     cmocka_unit_test(what_is_not_measured_has_a_range),
        cmocka_unit_test(units_are_those_of_the_clock),  cmocka_unit_test(grants_lie_within_the_run),
        cmocka_unit_test(luck_is_not_that_of_the_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
