/* Queue alone: discipline, room, balking, staff shared in order. All answers by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/helpers/alone.h"

#define MEASURES "measures: {served: {}, balked: {}, left: {}}\n"
#define SERVED   "  served: {kind: sink, counts_as: [served]}\n"
#define BALKED   "  balked: {kind: sink, counts_as: [balked]}\n"
#define CLASSES  "classes: {class: [a, b]}\n"
#define DAYS(n)  "service: {distribution: constant, mean_days: " n "}"

static double served_of(const struct alone *run, const char *class, size_t day)
{
    return alone_of_class(run, "events", "events", "event_kind", "served", class, day);
}

#define TWO_CLASSES(rest)                                                                                    \
    ALONE_DAYS("2023-01-10")                                                                                 \
    MEASURES CLASSES "stations:\n" ALONE_MIXED_BATCH("in1", "2023-01-01", "6", "b", "desk")                  \
        ALONE_MIXED_BATCH("in2", "2023-01-02", "6", "a", "desk") "  desk: {kind: queue, servers: 2, " DAYS(  \
            "1") ", to: served" rest "}\n" SERVED

/* Two servers, a day each; six b on day 0, six a on day 1, on the very tick on which the first two services
 * end: arrivals come before movements. In order of coming all b are served first; by priority the a, from
 * then on. Would catch a discipline that is ignored or that interrupts who is being served, and ties by
 * chance. */
static void test_order(void **state)
{
    (void)state;
    static const double fifo_b[] = {0, 2, 2, 2, 0, 0, 0, 0}, fifo_a[] = {0, 0, 0, 0, 2, 2, 2, 0},
                        first_b[] = {0, 2, 0, 0, 0, 2, 2, 0}, first_a[] = {0, 0, 2, 2, 2, 0, 0, 0};
    ALONE_FOR_ENGINES(e, 3)
    {
        struct alone run;
        alone_run(&run, *e, TWO_CLASSES(""));
        for (size_t day = 0; day < 8; day++) {
            alone_expect(&run, "b, first come", served_of(&run, "b", day), fifo_b[day], 1e-9);
            alone_expect(&run, "a, first come", served_of(&run, "a", day), fifo_a[day], 1e-9);
        }
        alone_end(&run);
        alone_run(&run, *e, TWO_CLASSES(", discipline: priority, priority: {a: 0, b: 1}"));
        for (size_t day = 0; day < 8; day++) {
            alone_expect(&run, "a, priority", served_of(&run, "a", day), first_a[day], 1e-9);
            alone_expect(&run, "b, priority", served_of(&run, "b", day), first_b[day], 1e-9);
        }
        alone_end(&run);
    }
}

/* 4,000 servers open for one service on day 2, when 4,000 b and 4,000 a wait: by lot half of those served are
 * a, although they came later. Would catch a lottery that favours somebody. */
static void test_lottery(void **state)
{
    (void)state;
    ALONE_FOR_ENGINES(e, 3)
    {
        struct alone run;
        alone_run(&run, *e,
                  ALONE_DAYS("2023-01-05") MEASURES CLASSES
                  "stations:\n" ALONE_MIXED_BATCH("in1", "2023-01-01", "4000", "b", "desk")
                      ALONE_MIXED_BATCH("in2", "2023-01-02", "4000", "a",
                                        "desk") "  desk: {kind: queue, discipline: lottery, servers: "
                                                "0, " DAYS("1.5") ", to: served}\n" SERVED
                                                                  "policies:\n  - {on: 2023-01-03, why: t, "
                                                                  "set: {stations.desk.servers: 4000}}\n"
                                                                  "  - {on: 2023-01-04, why: t, set: "
                                                                  "{stations.desk.servers: 0}}\n");
        double a = alone_total(&run, "events", "events", "event_kind", "served", "a"),
               b = alone_total(&run, "events", "events", "event_kind", "served", "b");
        alone_expect(&run, "served", a + b, 4000, *e == ENGINE_AGENTS ? 0 : 1e-6);
        alone_expect(&run, "a served", a, 2000, *e == ENGINE_MEAN ? 1e-6 : 5 * sqrt(4000 * 0.125));
        alone_end(&run);
    }
}

/* Two servers who take long; of a hundred who come the next day 40 % do not join, and nobody is turned away
 * while a server is free. Would catch balking at a free server, or none at a busy one. */
static void test_balking(void **state)
{
    (void)state;
    ALONE_FOR_ENGINES(e, 3)
    {
        struct alone run;
        alone_run(
            &run, *e,
            ALONE_DAYS("2023-01-04") MEASURES "stations:\n" ALONE_BATCH("in1", "2023-01-01", "2", "desk")
                ALONE_BATCH("in2", "2023-01-02", "10000", "desk") "  desk: {kind: queue, servers: 2, " DAYS(
                    "300") ", balk_probability: 0.4, balk: balked, "
                           "to: served}\n" SERVED BALKED);
        alone_expect(&run, "balked on day 0", alone_events(&run, "balked", 0), 0, 0);
        alone_expect(&run, "balked on day 1", alone_events(&run, "balked", 1), 4000,
                     *e == ENGINE_MEAN ? 1e-6 : 5 * sqrt(2400));
        alone_end(&run);
        /* Of 10,000 at once 4,000 find a server free, and of the others 40 % do not join. */
        alone_run(
            &run, *e,
            ALONE_DAYS("2023-01-02") MEASURES "stations:\n" ALONE_BATCH(
                "in", "2023-01-01", "10000",
                "desk") "  desk: {kind: queue, servers: 4000, " DAYS("300") ", balk_probability: 0.4, balk: "
                                                                            "balked, "
                                                                            "to: served}\n" SERVED BALKED);
        alone_expect(&run, "balked of many", alone_events(&run, "balked", 0), 2400,
                     *e == ENGINE_MEAN ? 1e-6 : 5 * sqrt(6000 * 0.24));
        alone_end(&run);
    }
}

/* Room for ten, two servers with three days each: of 25 fifteen are turned away; three days later two places
 * are free. With room for two and a half, three come in, the last of whom fills it. Would catch people beyond
 * the room, a place that is not given back, and parts of people. */
static void test_room(void **state)
{
    (void)state;
    static const double balked[] = {15, 0, 0, 0, 23, 0}, served[] = {0, 0, 0, 2, 0, 0};
    ALONE_FOR_ENGINES(e, 3)
    {
        struct alone run;
        alone_run(
            &run, *e,
            ALONE_DAYS("2023-01-06") MEASURES "stations:\n" ALONE_BATCH("in1", "2023-01-01", "25", "desk")
                ALONE_BATCH("in2", "2023-01-05", "25", "desk") "  desk: {kind: queue, servers: 2, " DAYS(
                    "3") ", room: 10, balk: balked, to: served}\n" SERVED BALKED);
        alone_expect_days(&run, "balked", balked, 6);
        alone_expect_days(&run, "served", served, 6);
        alone_end(&run);
    }
    ALONE_FOR_ENGINES(e, 2)
    {
        struct alone run;
        alone_run(&run, *e,
                  ALONE_DAYS("2023-01-06") MEASURES "stations:\n" ALONE_BATCH(
                      "in", "2023-01-01", "5",
                      "desk") "  desk: {kind: queue, servers: 1, " DAYS("2") ", room: 2.5, balk: balked, to: "
                                                                             "served}\n" SERVED BALKED);
        alone_expect(&run, "balked", alone_events(&run, "balked", 0), 2, 0);
        alone_expect(&run, "in the room", alone_present(&run, "desk", 0), 3, 0);
        alone_end(&run);
    }
}

/* Two servers for two desks, from day 1 on: whoever waits at the desk that stands first in the file is served
 * before anyone at the other. Would catch precedence that is lost, or servers counted twice. */
static void test_shared_staff(void **state)
{
    (void)state;
    static const double first[] = {0, 0, 2, 2, 0, 0}, second[] = {0, 0, 0, 0, 2, 2};
    ALONE_FOR_ENGINES(e, 3)
    {
        struct alone run;
        alone_run(
            &run, *e,
            ALONE_DAYS("2023-01-06") "measures: {served: {}, left: {}}\ncapacities: {staff: {at_once: "
                                     "0}}\n"
                                     "stations:\n" ALONE_BATCH("in1", "2023-01-01", "4", "desk")
                                         ALONE_BATCH("in2", "2023-01-01", "4",
                                                     "other") "  desk: {kind: queue, capacity: "
                                                              "staff, " DAYS("1") ", to: served}\n"
                                                                                  "  other: {kind: queue, "
                                                                                  "capacity: staff, " DAYS(
                                                                                      "1") ", to: "
                                                                                           "left}\n" SERVED
                                                                                           "  left: "
                                                                                           "{kind: sink, "
                                                                                           "counts_as: "
                                                                                           "[left]}\n"
                                                                                           "policies: "
                                                                                           "[{on: "
                                                                                           "2023-01-02, "
                                                                                           "why: t, set: "
                                                                                           "{capacities."
                                                                                           "staff.at_once:"
                                                                                           " 2}}]\n");
        alone_expect_days(&run, "served", first, 6);
        alone_expect_days(&run, "left", second, 6);
        alone_expect(&run, "busy on day 2",
                     alone_of_class(&run, "waits", "servers_busy", "station", "desk", NULL, 2) +
                         alone_of_class(&run, "waits", "servers_busy", "station", "other", NULL, 2),
                     2, 1e-6);
        alone_end(&run);
    }
}

/* A crowd of 240 at once, of whom a third would balk, at a queue with room for 120. Would catch room that is
 * given to those who balk. */
static void test_balking_at_a_full_room(void **state)
{
    (void)state;
    ALONE_FOR_ENGINES(e, 3)
    {
        struct alone run;
        alone_run(
            &run, *e,
            ALONE_DAYS("2023-01-02") MEASURES "stations:\n" ALONE_BATCH(
                "in", "2023-01-01", "240",
                "desk") "  desk: {kind: queue, per_day: 0.01, "
                        "balk_probability: 0.333, room: 120, balk: balked, to: served}\n" SERVED BALKED);
        alone_expect(&run, "balked", alone_events(&run, "balked", 0), 120, 0.02);
        alone_end(&run);
    }
}

/* Five hundred a day come to a room for six, and 72 are served, at one desk or at three that need an hour:
 * all but these are turned away, however many steps a day has. Would catch room that nobody leaves within a
 * step. */
static void test_small_room(void **state)
{
    (void)state;
    static const char *const desks[] = {"per_day: 72",
                                        "servers: 3, service: {distribution: constant, mean_hours: 1}"};
    static const uint32_t steps[] = {1, 4, 24};
    for (size_t d = 0; d < 2; d++)
        for (size_t s = 0; s < 3; s++) ALONE_FOR_ENGINES(e, 2)
            {
                struct alone run;
                char text[512];
                snprintf(text, sizeof text,
                         ALONE_DAYS("2023-03-01") MEASURES "stations:\n  in: {kind: source, per_day: 500, "
                                                           "to: desk}\n  desk: {kind: queue, %s, room: 6, "
                                                           "balk: balked, to: served}\n" SERVED BALKED,
                         desks[d]);
                alone_run_scaled(&run, (struct engine){*e, *e == ENGINE_AGENTS ? 1 : steps[s]}, text, 1, 17);
                alone_expect(&run, "served", alone_all_events(&run, "served"), 60 * 72, 60 * 72 * 0.08);
                alone_end(&run);
            }
}

/* Twenty a day come to 150 servers who take ten days; on one day only twenty of them are there, and the
 * others' customers wait until the next: each of them one day. Would catch waits that are counted from before
 * somebody was sent back. */
static void test_sent_back(void **state)
{
    (void)state;
    ALONE_FOR_ENGINES(e, 3)
    {
        struct alone run;
        alone_run(
            &run, *e,
            ALONE_DAYS("2023-03-15") MEASURES
            "stations:\n  in: {kind: source, per_day: 0, batches: [{name: a, on: 2023-02-01, people: 100}, "
            "{name: "
            "b, on: 2023-02-09, people: 20}], to: desk}\n  desk: {kind: queue, servers: 100, preempt: "
            "true, " DAYS("30") ", to: "
                                "served}\n" SERVED
                                "policies:\n  - {on: 2023-02-11, why: t, set: {stations.desk.servers: 20}}\n"
                                "  - {on: 2023-02-12, why: t, set: {stations.desk.servers: 120}}\n");
        double ended = 0, waited = 0;
        for (size_t day = 0; day < 73; day++) {
            ended += alone_of_class(&run, "waits", "ended", "station", "desk", NULL, day);
            waited += alone_of_class(&run, "waits", "total", "station", "desk", NULL, day);
        }
        /* A hundred at once, twenty after three days, and eighty who were sent back for one. */
        alone_expect(&run, "ended", ended, 200, 1e-6);
        alone_expect(&run, "waited", waited, 20 * 3 + 80, 20 * 0.5 + 1e-6);
        alone_end(&run);
    }
}

/* A hundred of each class in service since the same day, to whom a hundred servers are left. Those who stay
 * are of both classes: 50 of a on average, with a standard deviation of 3.5. Would catch cohorts that send
 * one class back before the other. */
static void test_sent_back_by_lot(void **state)
{
    (void)state;
    ALONE_FOR_ENGINES(e, 3)
    {
        struct alone run;
        alone_run(&run, *e,
                  ALONE_DAYS("2023-01-31") MEASURES CLASSES
                  "stations:\n" ALONE_MIXED_BATCH("in1", "2023-01-01", "100", "a", "desk")
                      ALONE_MIXED_BATCH("in2", "2023-01-01", "100", "b",
                                        "desk") "  desk: {kind: queue, servers: 200, preempt: "
                                                "true, " DAYS("10") ", to: served}\n" SERVED
                                                                    "policies: [{on: 2023-01-04, why: "
                                                                    "t, set: {stations.desk.servers: "
                                                                    "100}}]\n");
        alone_expect(&run, "served on day 10", alone_events(&run, "served", 10), 100, 1e-6);
        alone_expect(&run, "of them a", served_of(&run, "a", 10), 50, *e == ENGINE_MEAN ? 1e-6 : 17);
        alone_expect(&run, "served in all", alone_all_events(&run, "served"), 200, 1e-6);
        alone_end(&run);
    }
}

/* A batch that keeps together comes to a desk with as many servers: each has a service of their own, and
 * exp(-1) are left after the mean of it. Would catch a batch that is served as one. */
static void test_batch_is_served_one_by_one(void **state)
{
    (void)state;
    struct alone run;
    alone_run(&run, ENGINE_AGENTS,
              ALONE_DAYS("2023-01-30") MEASURES "stations:\n  in: {kind: source, per_day: 0, cohesion_days: "
                                                "40, batches: [{name: b, on: 2023-01-01, people: "
                                                "1000}], to: desk}\n  desk: {kind: queue, servers: 1000, "
                                                "service: {distribution: exponential, mean_days: "
                                                "10}, to: served}\n" SERVED);
    double served = 0;
    for (size_t day = 0; day < 10; day++) served += alone_events(&run, "served", day);
    alone_expect(&run, "served in ten days", served, 1000 * (1 - exp(-1)), 80);
    alone_end(&run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_order),
                                       cmocka_unit_test(test_lottery),
                                       cmocka_unit_test(test_balking),
                                       cmocka_unit_test(test_room),
                                       cmocka_unit_test(test_shared_staff),
                                       cmocka_unit_test(test_balking_at_a_full_room),
                                       cmocka_unit_test(test_small_room),
                                       cmocka_unit_test(test_sent_back),
                                       cmocka_unit_test(test_sent_back_by_lot),
                                       cmocka_unit_test(test_batch_is_served_one_by_one)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
