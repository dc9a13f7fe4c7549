/* Queue that serves so many people a day, alone: when they pass, who balks, how long they wait. All answers
 * by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/helpers/alone.h"

#define MEASURES "measures: {served: {}, balked: {}, left: {}}\n"
#define SERVED   "  served: {kind: sink, counts_as: [served]}\n"
#define BALKED   "  balked: {kind: sink, counts_as: [balked]}\n"

/* Ten a day, one after the other: of 35 people ten are through each day, five on the last. Would catch a
 * day's number that is exceeded, or a day that is lost. Persons are served a tenth of a day each, so that the
 * tenth of a day ends as the next begins. */
static void test_people_per_day(void **state)
{
    (void)state;
    ALONE_FOR_ENGINES(e, 3)
    {
        struct alone run;
        alone_run(
            &run, *e,
            ALONE_DAYS("2023-01-06") MEASURES "stations:\n" ALONE_BATCH(
                "in", "2023-01-01", "35", "desk") "  desk: {kind: queue, per_day: 10, to: served}\n" SERVED);
        double sum = 0;
        for (size_t day = 0; day < 6; day++) {
            sum += alone_events(&run, "served", day);
            alone_expect(&run, "served so far", sum, fmin(35, 10 * (double)(day + 1)),
                         *e == ENGINE_AGENTS ? 1 : 1e-9);
        }
        alone_expect(&run, "served in all", sum, 35, 1e-9);
        alone_expect(&run, "days of work",
                     alone_total(&run, "waits", "servers_busy", "station", "desk", NULL), 3.5, 1e-6);
        alone_end(&run);
    }
}

/* Four a day, and nobody comes for ten days: nothing is saved up meanwhile. Would catch a credit that grows
 * over idle days. */
static void test_nothing_is_saved_up(void **state)
{
    (void)state;
    ALONE_FOR_ENGINES(e, 3)
    {
        struct alone run;
        alone_run(&run, *e,
                  ALONE_DAYS("2023-01-20") MEASURES
                  "stations:\n" ALONE_BATCH("in", "2023-01-11", "50",
                                            "desk") "  desk: {kind: queue, per_day: 4, to: served}\n" SERVED);
        /* On the first day at most four, and one that a cohort had begun. */
        double first = alone_events(&run, "served", 10);
        if (!(first >= 3 && first <= 5)) fail_msg("%s: %g on the first day", engine_names[*e], first);
        double sum = 0;
        for (size_t day = 10; day < 20; day++) sum += alone_events(&run, "served", day);
        alone_expect(&run, "served in ten days", sum, 40, 1.0 + 1e-9);
        alone_end(&run);
    }
}

/* 1,000 come a day to a queue that serves 900 or 20,000; half of those who meet a line go. The queue is busy
 * with those who stay: a share of 1000 / (900 + 500), and of 1000 / (20000 + 500). Would catch cohorts that
 * find everyone or nobody waiting. */
static void test_balking_by_day(void **state)
{
    (void)state;
    static const struct {
        const char *per_day;
        double served;
    } cases[] = {{"900", 900}, {"20000", 20000}};
    for (size_t c = 0; c < 2; c++) ALONE_FOR_ENGINES(e, 3)
        {
            char text[512];
            struct alone run;
            snprintf(
                text, sizeof text,
                ALONE_DAYS("2023-03-01") MEASURES
                "stations:\n  in: {kind: source, per_day: 1000, to: desk}\n  desk: {kind: queue, per_day: "
                "%s, balk_probability: 0.5, balk: balked, to: served}\n" SERVED BALKED,
                cases[c].per_day);
            alone_run(&run, *e, text);
            double came = alone_all_events(&run, "balked") + alone_all_events(&run, "served");
            double expected = came * 0.5 * 1000 / (cases[c].served + 500);
            alone_expect(&run, "balked", alone_all_events(&run, "balked"), expected, 0.005 * came);
            alone_end(&run);
        }
}

/* Six people a day, one after the other, among thirty that come: steps are shorter than a service. The same
 * formula. Would catch a service that is over with the step in which it began, or a lone comer who balks. */
static void test_balking_by_the_hour(void **state)
{
    (void)state;
    ALONE_FOR_ENGINES(e, 3)
    {
        struct alone run;
        alone_run_scaled(
            &run, (struct engine){*e, *e == ENGINE_AGENTS ? 1 : 24},
            ALONE_DAYS("2024-12-31") MEASURES
            "stations:\n  in: {kind: source, per_day: 30, to: desk}\n  desk: {kind: queue, per_day: "
            "6, balk_probability: 0.9, balk: balked, to: served}\n" SERVED BALKED,
            1, 17);
        double balked = alone_all_events(&run, "balked"), came = balked + alone_all_events(&run, "served");
        alone_expect(&run, "balked", balked, came * 0.9 * 30 / (6 + 0.9 * 30), 0.01 * came);
        alone_end(&run);
    }
}

/* 100 people come a day, 60 are served, first those who came first: on day d those of day 0.6 d, who have
 * waited for 0.4 d + 0.2 days. Would catch people of many days taken for one, so that waits jump. */
static void test_long_wait(void **state)
{
    (void)state;
    enum { FIRST = 60, DAYS = 200 };
    ALONE_FOR_ENGINES(e, 3)
    {
        struct alone run;
        double ended = 0, waited = 0, expected = 0;
        alone_run(&run, *e,
                  "title: t\nfrom: 2023-01-01\nto: 2023-07-19\nrecord: {bins: day}\n" MEASURES
                  "stations:\n  in: {kind: source, per_day: 100, to: desk}\n"
                  "  desk: {kind: queue, per_day: 60, to: served}\n" SERVED);
        for (size_t day = FIRST; day < DAYS; day++) {
            double served = alone_of_class(&run, "waits", "ended", "station", "desk", NULL, day),
                   days = alone_of_class(&run, "waits", "total", "station", "desk", NULL, day),
                   wait = 0.4 * (double)day + 0.2;
            if (*e == ENGINE_MEAN) alone_expect(&run, "the wait of a day", days / served, wait, 0.6);
            ended += served;
            waited += days;
            expected += 60 * wait;
        }
        const double noise = *e == ENGINE_MEAN ? 0 : 0.05;
        alone_expect(&run, "served", ended, 60 * (DAYS - FIRST), 61);
        alone_expect(&run, "waits", waited, expected, (0.005 + noise) * expected);
        alone_end(&run);
    }
}

/* A desk that is closed on the first three days. Would catch one who is let in on credit. */
static void test_closed_desk(void **state)
{
    (void)state;
    ALONE_FOR_ENGINES(e, 3)
    {
        struct alone run;
        double early = 0;
        alone_run(&run, *e,
                  ALONE_DAYS("2023-01-06") MEASURES "stations:\n" ALONE_BATCH(
                      "in", "2023-01-01", "20", "desk") "  desk: {kind: queue, per_day: {steps: {2023-01-01: "
                                                        "0, 2023-01-04: 5}}, to: served}\n" SERVED);
        for (size_t day = 0; day < 3; day++) early += alone_events(&run, "served", day);
        alone_expect(&run, "served while closed", early, 0, 0);
        alone_expect(&run, "served after that", alone_all_events(&run, "served"), 15, 1);
        alone_end(&run);
    }
}

/* 300 people a day at a desk for 400: three quarters of a day's work, and by Khinchine (1932) a wait of
 * 0.75 / (2 * 0.25) services of 1/400 day, during which they are there. Would catch a day as the shortest
 * wait, and waits that nobody is present for. */
static void test_wait_within_a_day(void **state)
{
    (void)state;
    enum { DAYS = 1000 };
    static const double wait = 0.75 / (2 * 0.25) / 400;
    for (int steps = 1; steps <= 4; steps += 3) ALONE_FOR_ENGINES(e, 3)
        {
            struct alone run;
            if (*e == ENGINE_AGENTS && steps > 1) continue;
            alone_run_scaled(&run, (struct engine){*e, (uint32_t)steps},
                             "title: t\nfrom: 2023-01-01\nto: 2025-09-26\nrecord: {bins: day}\n" MEASURES
                             "stations:\n  in: {kind: source, per_day: 300, to: desk}\n"
                             "  desk: {kind: queue, per_day: 400, to: served}\n" SERVED,
                             1, 17);
            double ended = alone_total(&run, "waits", "ended", "station", "desk", NULL),
                   days = alone_total(&run, "waits", "total", "station", "desk", NULL),
                   present = alone_total(&run, "stocks", "people", "place", "desk", NULL);
            /* With agents those being served are there too. */
            const double service = *e == ENGINE_AGENTS ? 1.0 / 400 : 0;
            alone_expect(&run, "wait", days / ended, wait, 0.05 * wait);
            alone_expect(&run, "people present", present / DAYS, 300 * (wait + service), 0.05 * 300 * wait);
            alone_end(&run);
        }
}

/* A crowd comes to a desk that had another one, worked it off, and was idle for weeks. Would catch a desk
 * that saves up what it could have done, because rounding left a trace of somebody who waits. */
static void test_two_crowds(void **state)
{
    (void)state;
    enum { DAYS = 130 };
    ALONE_FOR_ENGINES(e, 3)
    {
        struct alone run;
        alone_run(
            &run, *e,
            ALONE_DAYS("2023-05-10") MEASURES
            "classes: {class: [a, b, c]}\nstations:\n"
            "  in: {kind: source, per_day: 30, mix: {class: {a: 0.5, b: 0.3, c: 0.2}}, to: desk, batches: "
            "[{name: b1, on: 2023-02-01, people: 300}, {name: b2, on: 2023-05-01, people: 600}]}\n"
            "  desk: {kind: queue, per_day: 42.95, discipline: priority, priority: {a: 0, b: 2, c: 1}, room: "
            "200, balk: balked, balk_probability: {a: 0.2, b: 0, c: 0.5}, to: split}\n"
            "  split: {kind: choice, options: {walk: {to: walk, share: {a: 0.2, b: 0.3, c: 0.1}}, out: {to: "
            "served, share: rest}}}\n"
            "  walk: {kind: delay, duration: {distribution: gamma, shape: 2, mean_days: 8}, to: again}\n"
            "  again: {kind: choice, options: {back: {to: desk, share: 0.3}, out: {to: served, share: "
            "rest}}}\n" SERVED BALKED);
        for (size_t day = 0; day < DAYS; day++)
            if (alone_moves(&run, "desk:next", day) > 44)
                alone_expect(&run, "served in a day", alone_moves(&run, "desk:next", day), 43, 1);
        alone_end(&run);
    }
}

/* A hundred a day come to a queue with room for thirty that serves twenty: but for the first, all wait for
 * a day and a half. Would catch people counted with the dates
 * of those who found no room. */
static void test_waits_in_a_room(void **state)
{
    (void)state;
    ALONE_FOR_ENGINES(e, 3)
    {
        struct alone run;
        alone_run(&run, *e,
                  "title: t\nfrom: 2023-01-01\nto: 2023-03-01\nrecord: {bins: day, wait_edges_days: [0, 1, "
                  "2, 3]}\n" MEASURES "stations:\n  in: {kind: source, per_day: 100, to: desk}\n  desk: "
                  "{kind: queue, per_day: 20, room: 30, balk: balked, to: served}\n" SERVED BALKED);
        const struct network *network = run.run.model.network;
        const struct results_dataset *histogram = run_model_dataset(&run.run, "waits", "histogram");
        size_t desk = run_model_index(&run.run, "station", "desk");
        double counted = 0, short_waits = 0, of_three_days = 0;
        assert_true(histogram && desk != SIZE_MAX);
        for (size_t day = 0; day < network->bin_count; day++)
            for (size_t k = 0; k < network->wait_edge_count; k++) {
                double people = run_model_at(&run.run, histogram, day, desk, k);
                counted += people;
                short_waits += k == 0 ? people : 0;
                of_three_days += network->wait_edge[k] >= 3 ? people : 0;
            }
        alone_expect(&run, "waits of all", counted, alone_all_events(&run, "served"), 2 + 1e-6);
        alone_expect(&run, "waits of less than a day", short_waits, 0, 30);
        alone_expect(&run, "waits of three days", of_three_days, 0, 1e-6);
        alone_end(&run);
    }
}

/* Forty a and forty b wait, ten a day, a first; from the third day on b first. Would catch a line that does
 * not follow its priorities, and whoever loses patience in a line that is not theirs any more: of the last
 * ones with a patience of 2.5 days, 20 a and 15 b are left. */
static void test_priorities_change(void **state)
{
    (void)state;
    static const double a[] = {10, 10, 0, 0, 0, 0, 10, 10}, b[] = {0, 0, 10, 10, 10, 10, 0, 0};
    static const char *const patience[] = {"30", "2.55"};
    for (size_t p = 0; p < 2; p++) ALONE_FOR_ENGINES(e, p == 0 ? 3 : 1)
        {
            char text[1024];
            struct alone run;
            snprintf(
                text, sizeof text,
                ALONE_DAYS("2023-01-09") MEASURES "classes: {class: [a, b]}\nstations:\n" ALONE_MIXED_BATCH(
                    "in1", "2023-01-01", "40", "a", "desk")
                    ALONE_MIXED_BATCH(
                        "in2", "2023-01-01", "40", "b",
                        "desk") "  desk: {kind: queue, per_day: 10, discipline: priority, priority: {a: 0, "
                                "b: 1}, patience: {distribution: constant, mean_days: %s}, renege: left, to: "
                                "served}\n" SERVED
                                "  left: {kind: sink, counts_as: [left]}\npolicies:\n  - {on: 2023-01-03, "
                                "why: t, set: {stations.desk.priority: {a: 1, b: 0}}}\n",
                patience[p]);
            alone_run(&run, *e, text);
            double served[2] = {0, 0}, should[2] = {0, 0};
            for (size_t day = 0; day < 8; day++) {
                should[0] += a[day];
                should[1] += b[day];
                served[0] += alone_of_class(&run, "events", "events", "event_kind", "served", "a", day);
                served[1] += alone_of_class(&run, "events", "events", "event_kind", "served", "b", day);
                alone_expect(&run, "a served", served[0], fmin(should[0], p == 0 ? 40 : 20), 1 + 1e-9);
                alone_expect(&run, "b served", served[1], fmin(should[1], p == 0 ? 40 : 5), 1 + 1e-9);
            }
            alone_expect(&run, "left", alone_all_events(&run, "left"), 80 - served[0] - served[1], 1 + 1e-9);
            alone_end(&run);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_people_per_day),  cmocka_unit_test(test_nothing_is_saved_up),
        cmocka_unit_test(test_balking_by_day),  cmocka_unit_test(test_balking_by_the_hour),
        cmocka_unit_test(test_long_wait),       cmocka_unit_test(test_closed_desk),
        cmocka_unit_test(test_two_crowds),      cmocka_unit_test(test_wait_within_a_day),
        cmocka_unit_test(test_waits_in_a_room), cmocka_unit_test(test_priorities_change)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
