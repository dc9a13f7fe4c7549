/* What does not fit: a run fails with a word about it and at once, and what is long is not taken for longer
 * or for something else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/helpers/alone.h"

#define OFFICE(keys)                                                                                         \
    "ballots: {b: {" keys                                                                                    \
    ", lead: {distribution: constant, mean_days: 1}, offices: {o: {slots_per_day: 5}}}}\n"
#define DESK(keys)                                                                                           \
    "  desk: {kind: ballot, ballot: b, offices: {o: out}, no_show: out, patience: {" keys                    \
    "}, renege: out}\n  out: {kind: sink}\n"

static void assert_fails(enum engine_kind kind, const char *text, const char *word)
{
    struct alone run;
    assert_true(alone_open(&run, (struct engine){kind, 1}, text, 1));
    assert_false(run_model_go(&run.run, 17, 0, 1, true));
    const char *message = run.run.replication.error.message;
    if (!strstr(message, word)) fail_msg("'%s' does not say '%s'", message, word);
    alone_end(&run);
}

/* Catches a run that goes on after it has failed, and takes somebody out of a list who is not on it. */
static void test_full_list(void **state)
{
    (void)state;
    assert_fails(ENGINE_AGENTS,
                 ALONE_DAYS("2023-01-03") OFFICE("oldest_share: 0") "stations:\n" ALONE_BATCH(
                     "in", "2023-01-01", "4300000", "desk") DESK("distribution: constant, mean_hours: 1"),
                 "a ballot's list is full");
}

/* Catches counts that begin again below zero. */
static void test_counts_beyond_the_file(void **state)
{
    (void)state;
    assert_fails(
        ENGINE_FLOWS,
        "title: t\nfrom: 2023-01-01\nto: 2023-01-31\nmeasures: {came: {}}\n"
        "stations:\n  in: {kind: source, per_day: 1e8, to: out, counts_as: [came]}\n  out: {kind: sink}\n",
        "beyond 2,147,483,647");
}

/* Ten a day ask for five slots, for eleven years, and give up after 30 days on average; the oldest are
 * served. As many have patience for 21 days as are served, so nobody waits much longer. Would catch dates
 * that are no longer told apart after the first thousands of days, when who is served is a lottery. */
static void test_oldest_first_after_years(void **state)
{
    (void)state;
    struct alone run;
    alone_run(
        &run, ENGINE_AGENTS,
        "title: t\nfrom: 2023-01-01\nto: 2024-12-31\nspin_up_days: 3650\nrecord: {wait_edges_days: [0, 10, "
        "35]}\n" OFFICE("oldest_share: 1") "stations:\n  in: {kind: source, per_day: 10, to: desk}\n" DESK(
            "distribution: exponential, mean_days: 30"));
    const struct results_dataset *histogram = run_model_dataset(&run.run, "waits", "histogram");
    const size_t desk = run_model_index(&run.run, "station", "desk");
    for (size_t month = 0; month < 24; month++) {
        assert_true(run_model_at(&run.run, histogram, month, desk, 0) == 0);
        assert_true(run_model_at(&run.run, histogram, month, desk, 1) > 130);
        assert_true(run_model_at(&run.run, histogram, month, desk, 2) == 0);
    }
    alone_end(&run);
}

/* Ten register, give up after twenty days and register elsewhere, where nobody ever wins. Would catch waits
 * that are still running and are counted from the second door, while those that end are counted from the
 * first. */
static void test_waits_that_run(void **state)
{
    (void)state;
    ALONE_FOR_ENGINES(e, 3)
    {
        struct alone run;
        alone_run(&run, *e,
                  "title: t\nfrom: 2023-01-01\nto: 2023-01-26\nballots: {b: {lead: {distribution: constant, "
                  "mean_days: 1}, offices: {o: {slots_per_day: 0}}}}\nstations:\n" ALONE_BATCH(
                      "in", "2023-01-01", "10", "desk") "  desk: {kind: ballot, ballot: b, offices: {o: "
                                                        "out}, no_show: out, patience: {distribution: "
                                                        "constant, mean_days: 20}, renege: more}\n"
                                                        "  more: {kind: ballot, ballot: b, offices: {o: "
                                                        "out}, no_show: out}\n  out: {kind: sink}\n");
        alone_expect(&run, "people", run_model_sum(&run.run, "waits", "still_waiting", "station", "more"), 10,
                     1e-6);
        alone_expect(&run, "person-days",
                     run_model_sum(&run.run, "waits", "still_waiting_total", "station", "more"), 260, 1e-6);
        alone_end(&run);
    }
}

/* Nobody has any patience, and those who leave come back. Catches a run that goes round for ever. */
static void test_round_and_round(void **state)
{
    (void)state;
    assert_fails(
        ENGINE_AGENTS,
        ALONE_DAYS(
            "2023-01-03") "stations:\n  in: {kind: source, per_day: 5, to: desk}\n"
                          "  desk: {kind: queue, servers: 0, service: {distribution: constant, mean_days: "
                          "1}, patience: {distribution: constant, mean_days: 0}, renege: desk, to: out}\n"
                          "  out: {kind: sink}\n",
        "somebody was at more than 65,536 stations in a day");
}

/* Catches sums beyond what integers hold: of money, of prices, and of times that people are present. */
static void test_sums_beyond_integers(void **state)
{
    (void)state;
    struct alone run;
#define RICH(money, outcomes)                                                                                \
    "title: t\nfrom: 2014-01-01\nto: 2024-10-31\naccounts: {a: {" money                                      \
    "}}\nstations:\n  in: {kind: source, per_day: 10, to: g}\n  g: {kind: gate, stop_probability: 1, pays: " \
    "a, "                                                                                                    \
    "outcomes: [" outcomes "{all: {to: out}}], to: out}\n  out: {kind: sink}\n"
    for (int e = 0; e < 3; e++) {
        assert_fails(alone_engines[e], RICH("monthly_release_mxn: 1e15, unit_cost_mxn: {stop: 1}", ""),
                     "holds or owes more than");
        alone_run(&run, alone_engines[e],
                  RICH("opening_mxn: 1000, unit_cost_mxn: {det: 1e12}",
                       "{det: {item: det, item_units: 1e6, to: out}}, "));
        assert_true(run_model_sum(&run.run, "spending", "spent", "item", "a.det") <= 1000);
        alone_end(&run);
    }
    assert_fails(
        ENGINE_MEAN,
        "title: t\nfrom: 2023-01-01\nto: 2023-02-28\nstations:\n  in: {kind: source, per_day: 1e9, to: inn}\n"
        "  inn: {kind: stay, duration: {distribution: exponential, mean_days: 5}, to: out}\n"
        "  out: {kind: sink}\n",
        "people are present at once");
}

/* A million wait, and a policy changes everyone's patience on each of 39 days: more times to wake than the
 * calendar has room for, nearly all of them forgotten. Patience of 50 days, or 51 on every other one and from
 * then on, ends after 50.6. Catches a run that ends because the forgotten take up the room. */
static void test_patience_that_changes_daily(void **state)
{
    (void)state;
    enum { CHANGES = 39, LEAVE = 50 };
    char text[8192];
    struct alone run;
    int end = snprintf(text, sizeof text, ALONE_DAYS("2023-02-28") "measures: {left: {}}\npolicies:\n");
    for (int day = 1; day <= CHANGES; day++)
        end += snprintf(text + end, sizeof text - (size_t)end,
                        "  - {on: 2023-%02d-%02d, why: w, set: {stations.desk.patience.mean_days: %d}}\n",
                        1 + day / 31, 1 + day % 31, 50 + day % 2);
    snprintf(
        text + end, sizeof text - (size_t)end, "%s",
        "stations:\n"
        "  in: {kind: source, per_day: 0, batches: [{name: b, on: 2023-01-01, people: 1000000}], to: desk}\n"
        "  desk: {kind: queue, servers: 0, service: {distribution: constant, mean_days: 1},\n"
        "    patience: {distribution: constant, mean_days: 50}, renege: out, to: out}\n"
        "  out: {kind: sink, counts_as: [left]}\n");
    alone_run(&run, ENGINE_AGENTS, text);
    alone_expect(&run, "leave before", alone_events(&run, "left", LEAVE - 1), 0, 0);
    alone_expect(&run, "leave", alone_events(&run, "left", LEAVE), 1000000, 0);
    alone_end(&run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_full_list),
                                       cmocka_unit_test(test_counts_beyond_the_file),
                                       cmocka_unit_test(test_oldest_first_after_years),
                                       cmocka_unit_test(test_waits_that_run),
                                       cmocka_unit_test(test_round_and_round),
                                       cmocka_unit_test(test_sums_beyond_integers),
                                       cmocka_unit_test(test_patience_that_changes_daily)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
