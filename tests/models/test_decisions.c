/* What users of every engine stumble over, decided and held: capacity that drops while servers are busy, an
 * arrival rate that changes while an arrival is pending, a patience that ends in the step in which the
 * service begins, a warm-up cut from the statistics, ties. Constant times force the ties. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/helpers/run_model.h"

#include <math.h>
#include <unistd.h>

static void run_text(struct run_model *run, const char *text)
{
    char path[64] = "/tmp/corridor-decision-XXXXXX.yaml";
    int file = mkstemps(path, 5);
    assert_true(file >= 0);
    assert_int_equal(write(file, text, strlen(text)), (ssize_t)strlen(text));
    close(file);
    assert_true(run_model_open(run, path, NULL, 0, 1));
    unlink(path);
    assert_true(run_model_go(run, 1, 0, 1, true));
}

#define HEAD                                                                                                 \
    "title: t\nfrom: 2023-01-01\nto: 2023-01-10\nrecord: {bins: day}\nmeasures: {served: {}, left: {}}\n"

static double events_on(struct run_model *run, const char *event, size_t bin)
{
    return run_model_at(run, run_model_dataset(run, "events", "events"), bin,
                        run_model_index(run, "event_kind", event), 0);
}

/* One arrival each 0.3 day, service of 0.6 day, patience of 0.3 day: at 0.6 the second arrival's patience
 * ends in the very step in which the first service ends. The service wins, so nobody who could be served then
 * leaves. */
static void test_patience_on_the_same_tick(void **state)
{
    (void)state;
    struct run_model run;
    run_text(&run, HEAD "stations:\n"
                        "  in: {kind: source, interval: {distribution: constant, mean_days: 0.5}, to: desk}\n"
                        "  desk: {kind: queue, servers: 1, service: {distribution: constant, mean_days: 1}, "
                        "patience: {distribution: constant, mean_days: 0.5}, renege: left, to: served}\n"
                        "  served: {kind: sink, counts_as: [served]}\n"
                        "  left: {kind: sink, counts_as: [left]}\n");
    /* Arrivals at 0.5, 1.0, 1.5, ...; services 0.5-1.5, 1.5-2.5, ...: the arrival at 1.0 waits until
     * exactly 1.5. */
    double served = run_model_sum(&run, "events", "events", "event_kind", "served");
    double left = run_model_sum(&run, "events", "events", "event_kind", "left");
    assert_true(served == 9);
    assert_true(left > 0 && left <= 10);
    assert_true(run_model_sum(&run, "waits", "total", "station", "desk") > 3.9);
    run_model_close(&run);
}

/* Capacity falls from 3 to 1 on day 3 while three are in service until day 4.5: they finish, and then one
 * works on. */
static const char *const drop =
    HEAD "stations:\n"
         "  in: {kind: source, interval: {distribution: constant, mean_days: 0.5}, to: desk}\n"
         "  desk: {kind: queue, servers: 3, preempt: %s, service: {distribution: constant, mean_days: 2}, "
         "to: served}\n"
         "  served: {kind: sink, counts_as: [served]}\n"
         "policies: [{on: 2023-01-04, why: test, set: {stations.desk.servers: 1}}]\n";

static void run_drop(struct run_model *run, const char *preempt)
{
    char text[1024];
    snprintf(text, sizeof text, drop, preempt);
    run_text(run, text);
}

static void test_capacity_drop(void **state)
{
    (void)state;
    struct run_model finish, preempt;
    run_drop(&finish, "false");
    run_drop(&preempt, "true");
    const struct results_dataset *busy = run_model_dataset(&finish, "waits", "servers_busy");
    assert_true(run_model_at(&finish, busy, 3, 0, 0) == 1.5); /* one until 3.5, one until 4.5 */
    assert_true(run_model_at(&finish, busy, 7, 0, 0) == 1);
    assert_true(run_model_at(&preempt, busy, 3, 0, 0) == 1); /* day 3: two are sent back at once */
    assert_true(run_model_at(&preempt, busy, 7, 0, 0) == 1);
    /* What was begun is not lost: with one server from day 3 on, each finishes the rest of a service. */
    assert_true(run_model_sum(&preempt, "events", "events", "event_kind", "served") <=
                run_model_sum(&finish, "events", "events", "event_kind", "served"));
    run_model_close(&finish);
    run_model_close(&preempt);
}

/* Arrivals every 4 days; on day 2 the mean becomes 1 day: half of the pending interval is left, so the next
 * arrival comes half a (new) interval later, at 2.5, and then 3.5, 4.5, ... */
static void test_rate_change_while_pending(void **state)
{
    (void)state;
    struct run_model run;
    run_text(&run,
             HEAD "stations:\n"
                  "  in: {kind: source, interval: {distribution: constant, mean_days: 4}, to: served}\n"
                  "  served: {kind: sink, counts_as: [served]}\n"
                  "policies: [{on: 2023-01-03, why: test, set: {stations.in.interval.mean_days: 1}}]\n");
    assert_true(events_on(&run, "served", 0) == 0);
    assert_true(events_on(&run, "served", 1) == 0);
    for (size_t day = 2; day < 10; day++) assert_true(events_on(&run, "served", day) == 1);
    run_model_close(&run);
}

/* A warm-up is cut from the statistics, not from the run. */
static void test_warm_up(void **state)
{
    (void)state;
    struct run_model run;
    run_text(&run, "title: t\nfrom: 2023-01-01\nto: 2023-01-10\nwarm_up_days: 4\nrecord: {bins: "
                   "day}\nmeasures: {served: {}}\n"
                   "stations:\n"
                   "  in: {kind: source, interval: {distribution: constant, mean_days: 1}, to: road}\n"
                   "  road: {kind: delay, duration: {distribution: constant, mean_days: 3}, to: served}\n"
                   "  served: {kind: sink, counts_as: [served]}\n");
    assert_int_equal(run.model.network->bin_count, 6);
    assert_true(events_on(&run, "served", 0) == 1);
    assert_true(run_model_at(&run, run_model_dataset(&run, "stocks", "people"), 0,
                             run_model_index(&run, "place", "road"), 0) == 3);
    run_model_close(&run);
}

/* A hundred people arrive, are served and leave on the same ticks; two runs and two orders of writing agree
 * to the byte. */
static void test_ties(void **state)
{
    (void)state;
    static const char *const text =
        HEAD "stations:\n"
             "  a: {kind: source, per_day: 0, batches: [{name: x, on: 2023-01-02, people: 100}], to: desk}\n"
             "  desk: {kind: queue, servers: 7, service: {distribution: constant, mean_days: 0.5}, to: "
             "{served: 0.5, left: 0.5}}\n"
             "  served: {kind: sink, counts_as: [served]}\n"
             "  left: {kind: sink, counts_as: [left]}\n";
    static const char *const swapped =
        HEAD "stations:\n"
             "  left: {kind: sink, counts_as: [left]}\n"
             "  served: {kind: sink, counts_as: [served]}\n"
             "  desk: {kind: queue, servers: 7, service: {distribution: constant, mean_days: 0.5}, to: "
             "{served: 0.5, left: 0.5}}\n"
             "  a: {kind: source, per_day: 0, batches: [{name: x, on: 2023-01-02, people: 100}], to: desk}\n";
    struct run_model one, two, other;
    run_text(&one, text);
    run_text(&two, text);
    run_text(&other, swapped);
    assert_memory_equal(one.replication.output, two.replication.output, one.replication.output_size);
    for (size_t day = 0; day < 10; day++) {
        assert_true(events_on(&one, "served", day) == events_on(&other, "served", day));
        assert_true(events_on(&one, "left", day) == events_on(&other, "left", day));
    }
    assert_true(events_on(&one, "served", 1) + events_on(&one, "left", 1) == 7);
    run_model_close(&one);
    run_model_close(&two);
    run_model_close(&other);
}

/* Two desks share two servers; somebody begins at `a` on day 0, somebody at `b` on day 2, for six days each.
 * On day 4 one server is left. Would catch the one who began first being sent back, because the desk stands
 * first. */
static void test_last_to_begin_is_sent_back(void **state)
{
    (void)state;
    struct run_model run;
    run_text(
        &run,
        "title: t\nfrom: 2023-01-01\nto: 2023-01-20\nrecord: {bins: day}\nmeasures: {served: {}, left: {}}\n"
        "capacities: {both: {at_once: 2}}\n"
        "policies: [{on: 2023-01-05, why: test, set: {capacities.both.at_once: 1}}]\n"
        "stations:\n"
        "  in_a: {kind: source, per_day: 0, batches: [{name: x, on: 2023-01-01, people: 1}], to: a}\n"
        "  in_b: {kind: source, per_day: 0, batches: [{name: y, on: 2023-01-03, people: 1}], to: b}\n"
        "  a: {kind: queue, capacity: both, preempt: true, service: {distribution: constant, mean_days: 6}, "
        "to: served}\n"
        "  b: {kind: queue, capacity: both, preempt: true, service: {distribution: constant, mean_days: 6}, "
        "to: left}\n"
        "  served: {kind: sink, counts_as: [served]}\n"
        "  left: {kind: sink, counts_as: [left]}\n");
    assert_true(events_on(&run, "served", 6) == 1);
    assert_true(events_on(&run, "left", 10) == 1); /* four days of service were left, from day 6 on */
    run_model_close(&run);
}

/* Servers come on the day on which priorities change places. Would catch a line that is served by those of
 * the day before. */
static void test_new_servers_know_the_priorities(void **state)
{
    (void)state;
    struct run_model run;
    run_text(&run,
             "title: t\nfrom: 2023-01-01\nto: 2023-01-10\nrecord: {bins: day}\nmeasures: {served: {}}\n"
             "classes: {c: [a, b]}\n"
             "policies:\n  - {on: 2023-01-03, why: w, set: {stations.desk.servers: 1, "
             "stations.desk.priority: {a: 3, b: 0}}}\n"
             "stations:\n"
             "  in: {kind: source, per_day: 0, batches: [{name: x, on: 2023-01-01, people: 30}], mix: {c: "
             "{a: 1, b: 1}}, to: desk}\n"
             "  desk: {kind: queue, servers: 0, service: {distribution: constant, mean_days: 1}, "
             "discipline: priority, priority: {a: 0, b: 3}, to: served}\n"
             "  served: {kind: sink, counts_as: [served]}\n");
    const struct results_dataset *events = run_model_dataset(&run, "events", "events");
    for (size_t day = 3; day < 10; day++) { /* the first who is served, on day 2, is so until day 3 */
        assert_true(run_model_at(&run, events, day, 0, 0) == 0);
        assert_true(run_model_at(&run, events, day, 0, 1) == 1);
    }
    run_model_close(&run);
}

/* A rule waits for waits below half a day; the first people come after 20 days. Would catch a rule that
 * applies where nothing has been measured. */
static void test_rules_wait_for_a_measure(void **state)
{
    (void)state;
    struct run_model run;
    run_text(&run,
             "title: t\nfrom: 2023-01-01\nto: 2023-02-10\nrecord: {bins: day}\nmeasures: {served: {}}\n"
             "signals: {wait: {measure: wait, of: desk, window_days: 7}}\n"
             "policies: [{name: slow, why: w, when: {signal: wait, below: 0.5}, set: "
             "{stations.desk.per_day: 0}}]\n"
             "stations:\n"
             "  in: {kind: source, per_day: 0, batches: [{name: x, on: 2023-01-01, people: 1}, {name: y, "
             "on: 2023-01-10, people: 1}], to: road}\n"
             "  road: {kind: delay, duration: {distribution: constant, mean_days: 20}, to: desk}\n"
             "  desk: {kind: queue, per_day: 5, to: served}\n"
             "  served: {kind: sink, counts_as: [served]}\n");
    /* The first, who did not wait, is what the rule waits for. */
    assert_true(run_model_sum(&run, "events", "events", "event_kind", "served") == 1);
    run_model_close(&run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_patience_on_the_same_tick),
                                       cmocka_unit_test(test_capacity_drop),
                                       cmocka_unit_test(test_rate_change_while_pending),
                                       cmocka_unit_test(test_warm_up),
                                       cmocka_unit_test(test_ties),
                                       cmocka_unit_test(test_last_to_begin_is_sent_back),
                                       cmocka_unit_test(test_new_servers_know_the_priorities),
                                       cmocka_unit_test(test_rules_wait_for_a_measure)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
