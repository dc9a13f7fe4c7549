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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_full_list), cmocka_unit_test(test_counts_beyond_the_file),
        cmocka_unit_test(test_oldest_first_after_years), cmocka_unit_test(test_waits_that_run)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
