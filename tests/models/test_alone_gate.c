/* Gate alone: who is stopped, and which outcome. All answers by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/helpers/alone.h"

#define MEASURES             "measures: {stopped: {}, passed: {}, first: {}, second: {}, last: {}}\n"
#define SINKS                "  passed: {kind: sink, counts_as: [passed]}\n  out: {kind: sink}\n"
#define FIRST(more)          "{first: {counts_as: [first], to: out" more "}}, "
#define SECOND(more)         "{second: {counts_as: [second], to: out" more "}}, "
#define LAST                 "{last: {counts_as: [last], to: out}}]}\n"
#define GATE                 "  gate: {kind: gate, counts_as: [stopped], to: passed, "
#define CLASSES              "classes: {class: [a, b]}\n"
#define PURSE(opening, rest) "accounts: {purse: {currency: MXN, opening_mxn: " opening rest "}}\n"

static double of_class(const struct alone *run, const char *measure, const char *class)
{
    return alone_total(run, "events", "events", "event_kind", measure, class);
}

static void expect_share(const struct alone *run, const char *what, double count, double of, double share)
{
    double chance = run->engine.kind == ENGINE_MEAN ? 1e-6 : 5 * sqrt(of * share * (1 - share)) + 1e-9;
    alone_expect(run, what, count, of * share, chance);
}

/* Stop probability 0.4 for a and 0.1 for b, intensity 1.5; of those stopped 0.3 meet the first outcome, half
 * of the rest the second, unless they are b. Would catch outcomes out of order, shares of the whole instead
 * of what is left, an intensity that is ignored, and a class that is let through or not. */
static void test_ordered_outcomes(void **state)
{
    (void)state;
    const double n = 40000;
    ALONE_FOR_ENGINES(e, 3)
    {
        struct alone run;
        alone_run(&run, *e,
                  ALONE_DAYS("2023-01-02") MEASURES CLASSES
                  "stations:\n" ALONE_MIXED_BATCH("in1", "2023-01-01", "40000", "a", "gate")
                      ALONE_MIXED_BATCH("in2", "2023-01-01", "40000", "b", "gate") GATE
                  "stop_probability: {a: 0.4, b: 0.1}, intensity: 1.5, outcomes: [" FIRST(", share: 0.3")
                      SECOND(", share: 0.5, classes: [a]") LAST SINKS);
        expect_share(&run, "stopped a", of_class(&run, "stopped", "a"), n, 0.6);
        expect_share(&run, "stopped b", of_class(&run, "stopped", "b"), n, 0.15);
        expect_share(&run, "first a", of_class(&run, "first", "a"), n, 0.6 * 0.3);
        expect_share(&run, "second a", of_class(&run, "second", "a"), n, 0.6 * 0.35);
        expect_share(&run, "last a", of_class(&run, "last", "a"), n, 0.6 * 0.35);
        expect_share(&run, "first b", of_class(&run, "first", "b"), n, 0.15 * 0.3);
        expect_share(&run, "second b", of_class(&run, "second", "b"), n, 0);
        expect_share(&run, "last b", of_class(&run, "last", "b"), n, 0.15 * 0.7);
        alone_expect(&run, "all", alone_all_events(&run, "stopped") + alone_all_events(&run, "passed"), 2 * n,
                     1e-6);
        alone_end(&run);
    }
}

/* The product of probability and intensity is cut to one. Would catch a stop counted twice, or a chance above
 * one that fails. */
static void test_intensity_is_cut(void **state)
{
    (void)state;
    ALONE_FOR_ENGINES(e, 3)
    {
        struct alone run;
        alone_run(&run, *e,
                  ALONE_DAYS("2023-01-02") MEASURES
                  "stations:\n" ALONE_BATCH("in", "2023-01-01", "500", "gate") GATE
                  "stop_probability: 0.8, intensity: 7, outcomes: [" LAST SINKS);
        alone_expect(&run, "stopped", alone_all_events(&run, "stopped"), 500, 0);
        alone_end(&run);
    }
}

/* Staff for ten stops a day, seven seats for the first outcome: of a hundred people ten are stopped, seven
 * take the seats, three go on to the next outcome; on the next day again. Would catch staff or seats used
 * beyond their number, or not renewed. */
static void test_capacities(void **state)
{
    (void)state;
    static const double stopped[] = {10, 0, 10, 0}, first[] = {7, 0, 7, 0}, last[] = {3, 0, 3, 0},
                        passed[] = {90, 0, 90, 0};
    ALONE_FOR_ENGINES(e, 3)
    {
        struct alone run;
        alone_run(
            &run, *e,
            ALONE_DAYS("2023-01-04") MEASURES "stations:\n" ALONE_BATCH("in1", "2023-01-01", "100", "gate")
                ALONE_BATCH("in2", "2023-01-03", "100", "gate") GATE
            "stop_probability: 1, capacity_per_day: 10, outcomes: [" FIRST(", seats_per_day: 7") LAST SINKS);
        alone_expect_days(&run, "stopped", stopped, 4);
        alone_expect_days(&run, "first", first, 4);
        alone_expect_days(&run, "last", last, 4);
        alone_expect_days(&run, "passed", passed, 4);
        alone_end(&run);
    }
}

/* Staff for two and a half stops a day. Would catch half a stop that is lost each day. */
static void test_parts_of_staff(void **state)
{
    (void)state;
    static const double whole[] = {2, 3, 2, 3, 2, 3}, mean[] = {2.5, 2.5, 2.5, 2.5, 2.5, 2.5};
    ALONE_FOR_ENGINES(e, 3)
    {
        struct alone run;
        alone_run(&run, *e,
                  ALONE_DAYS("2023-01-06") MEASURES
                  "stations:\n  in: {kind: source, interval: {distribution: constant, mean_days: 0.09}, to: "
                  "gate}\n" GATE "stop_probability: 1, capacity_per_day: 2.5, outcomes: [" LAST SINKS);
        alone_expect_days(&run, "stopped", *e == ENGINE_MEAN ? mean : whole, 6);
        alone_end(&run);
    }
}

/* A purse of 100: stops at 10 each are ten; with a first outcome at 30 each, one person is stopped and
 * treated (40), a second too (80), a third only stopped (90), and a fourth (100). Would catch a stop or an
 * outcome without money, or paid at another price. */
static void test_cost(void **state)
{
    (void)state;
    ALONE_FOR_ENGINES(e, 2)
    {
        struct alone run;
        alone_run(&run, *e,
                  ALONE_DAYS("2023-01-02")
                      MEASURES PURSE("100", ", unit_cost_mxn: {stop: 10}") "stations:\n" ALONE_BATCH(
                          "in", "2023-01-01", "50", "gate") GATE
                  "stop_probability: 1, pays: purse, outcomes: [" LAST SINKS);
        alone_expect(&run, "stopped", alone_all_events(&run, "stopped"), 10, 0);
        alone_expect(&run, "passed", alone_all_events(&run, "passed"), 40, 0);
        alone_end(&run);
        alone_run(&run, *e,
                  ALONE_DAYS("2023-01-02")
                      MEASURES PURSE("100", ", unit_cost_mxn: {stop: 10, day: 15}") "stations:\n" ALONE_BATCH(
                          "in1", "2023-01-01", "4", "gate") GATE
                  "stop_probability: 1, pays: purse, outcomes: [" FIRST(", item: day, item_units: 2")
                      LAST SINKS);
        alone_expect(&run, "treated", alone_all_events(&run, "first"), 2, 0);
        alone_expect(&run, "stopped", alone_all_events(&run, "stopped"), 4, 0);
        alone_expect(&run, "balance",
                     alone_of_class(&run, "balances", "balance", "account", "purse", NULL, 1), 0, 1e-9);
        alone_end(&run);
    }
}

/* A crowd of 2,000, and money for a part of it: a stop costs 100 and, for six of ten, an outcome 50. Whoever
 * is stopped has paid for both before the next one comes: 100,000 pesos stop 769 people, and 461 of them are
 * treated.
 * Would catch money that goes to all stops first. */
static void test_stops_and_outcomes_share_money(void **state)
{
    (void)state;
    ALONE_FOR_ENGINES(e, 3)
    {
        struct alone run;
        alone_run(
            &run, *e,
            ALONE_DAYS("2023-01-02")
                MEASURES PURSE("100000", ", unit_cost_mxn: {stop: 100, day: 50}") "stations:\n" ALONE_BATCH(
                    "in1", "2023-01-01", "2000", "gate") GATE
            "stop_probability: 1, pays: purse, outcomes: [" FIRST(", share: 0.6, item: day") LAST SINKS);
        double stopped = 100000 / 130.0, noise = *e == ENGINE_MEAN ? 1 : 5 * sqrt(stopped * 0.24);
        alone_expect(&run, "stopped", alone_all_events(&run, "stopped"), stopped, noise);
        alone_expect(&run, "treated", alone_all_events(&run, "first"), 0.6 * stopped, noise);
        alone_end(&run);
    }
}

/* The last outcome takes everyone for whom there is no seat and no money. Would catch people who are stopped
 * and vanish, or who pass although they were stopped. */
static void test_last_outcome(void **state)
{
    (void)state;
    ALONE_FOR_ENGINES(e, 3)
    {
        struct alone run;
        alone_run(&run, *e,
                  ALONE_DAYS("2023-01-02")
                      MEASURES PURSE("0", ", unit_cost_mxn: {day: 30}") "stations:\n" ALONE_BATCH(
                          "in", "2023-01-01", "5", "gate") GATE
                  "stop_probability: 1, pays: purse, outcomes: [" FIRST(", item: day")
                      SECOND(", seats_per_day: 0") LAST SINKS);
        alone_expect(&run, "last", alone_all_events(&run, "last"), 5, 0);
        alone_expect(&run, "passed", alone_all_events(&run, "passed"), 0, 0);
        alone_end(&run);
    }
}

/* An outcome that leads to a room for ten is open to ten, also when two gates send people there: the others
 * are stopped too and take the last outcome. Would catch detainees beyond the places, counted and paid for.
 */
static void test_room_behind_outcomes(void **state)
{
    (void)state;
    ALONE_FOR_ENGINES(e, 3)
    {
        struct alone run;
        alone_run(&run, *e,
                  ALONE_DAYS("2023-01-02") MEASURES
                  "stations:\n" ALONE_BATCH("in1", "2023-01-01", "30", "gate")
                      ALONE_BATCH("in2", "2023-01-01", "30", "other") GATE
                  "stop_probability: 1, outcomes: [{detain: {counts_as: [first], to: cell}}, " LAST
                  "  other: {kind: gate, to: passed, stop_probability: 1, outcomes: [{detain: {counts_as: "
                  "[first], to: cell}}, " LAST
                  "  cell: {kind: stay, duration: {distribution: constant, mean_days: 20}, room: 10, full: "
                  "turned_away, to: passed}\n  turned_away: {kind: sink, counts_as: [second]}\n" SINKS);
        alone_expect(&run, "detained", alone_present(&run, "cell", 0), 10, 1e-9);
        alone_expect(&run, "turned away at the door", alone_all_events(&run, "second"), 0, 1e-9);
        alone_expect(&run, "counted as detained", alone_all_events(&run, "first"), 10, 1e-9);
        alone_expect(&run, "let go", alone_all_events(&run, "last"), 50, 1e-9);
        alone_end(&run);
    }
}

/* Two prices for one outcome, by class: what is drawn must still fit the purse. Would catch a purse overdrawn
 * beyond its limit because the mean price was paid for, and dear people came. */
static void test_prices_by_class(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 20; seed++) {
        ALONE_FOR_ENGINES(e, 2)
        {
            struct alone run;
            alone_run_scaled(
                &run, (struct engine){*e, 1},
                ALONE_DAYS("2023-01-02") MEASURES CLASSES PURSE(
                    "100", ", unit_cost_mxn: {day: 1}") "stations:\n" ALONE_MIXED_BATCH("in1", "2023-01-01",
                                                                                        "50", "a", "gate")
                    ALONE_MIXED_BATCH("in2", "2023-01-01", "50", "b", "gate") GATE
                "stop_probability: 1, pays: purse, outcomes: [" FIRST(
                    ", item: day, item_units: {a: 1, b: 10}") LAST SINKS,
                1, seed);
            double left = alone_of_class(&run, "balances", "balance", "account", "purse", NULL, 1);
            /* Cohorts pay the mean price of those who ask, and may leave a few dear ones out. */
            if (!(left >= 0 && left <= (*e == ENGINE_AGENTS ? 10 : 60)))
                fail_msg("%s, seed %d: %g is left", engine_names[*e], (int)seed, left);
            alone_end(&run);
        }
    }
}

/* Two gates whose staff are buses; the outcome of one takes seats of the same buses. Would catch stops at the
 * second gate that rely on seats which the outcomes at the first have taken. */
static void test_staff_that_are_seats(void **state)
{
    (void)state;
    ALONE_FOR_ENGINES(e, 3)
    {
        struct alone run;
        alone_run(
            &run, *e,
            ALONE_DAYS("2023-01-09") "capacities: {buses: {per_day: 80}}\nstations:\n"
                                     "  in: {kind: source, per_day: 113, to: hub}\n"
                                     "  hub: {kind: choice, options: {a: {share: 0.1, to: g2}, b: {share: "
                                     "rest, to: g1}}}\n"
                                     "  g1: {kind: gate, stop_probability: 1, capacity: buses, outcomes: "
                                     "[{name: x, capacity: buses, to: out}, {name: rel, to: out}], to: "
                                     "out}\n"
                                     "  g2: {kind: gate, stop_probability: 1, capacity: buses, outcomes: "
                                     "[{name: rel, to: out}], to: out}\n  out: {kind: sink}\n");
        for (size_t day = 0; day < 9; day++) {
            double used = alone_of_class(&run, "levels", "used", "capacity", "buses", NULL, day);
            if (!(used <= 80 + 1e-9)) fail_msg("%s: %g buses", engine_names[*e], used);
            if (day > 0) alone_expect(&run, "buses used", used, 80, 4);
        }
        alone_end(&run);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_ordered_outcomes),
                                       cmocka_unit_test(test_intensity_is_cut),
                                       cmocka_unit_test(test_capacities),
                                       cmocka_unit_test(test_parts_of_staff),

                                       cmocka_unit_test(test_cost),
                                       cmocka_unit_test(test_stops_and_outcomes_share_money),
                                       cmocka_unit_test(test_last_outcome),
                                       cmocka_unit_test(test_room_behind_outcomes),
                                       cmocka_unit_test(test_prices_by_class),
                                       cmocka_unit_test(test_staff_that_are_seats)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
