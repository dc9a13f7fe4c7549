/* Places and batches alone: who sleeps in the street, harm, and people who keep together. By hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/helpers/alone.h"

#define MEASURES "measures: {done: {}, stopped: {}, passed: {}}\n"
#define DONE     "  done: {kind: sink, counts_as: [done]}\n"

static double harm(const struct alone *run, const char *what, const char *class, size_t day)
{
    return alone_of_class(run, "harm", what, "place", "town", class, day);
}

/* 30 places for 40 of class a and 10 of class b: 20 in the street, 16 and 4 of them; from day 5 on 45 places
 * and 5 in the street. Those on the way (a delay) need no bed. Would catch overflow that is lost or shared
 * out wrongly, people on the way who are counted, and places that do not change. */
static void test_overflow(void **state)
{
    (void)state;
    ALONE_FOR_ENGINES(e, 3)
    {
        struct alone run;
        alone_run(
            &run, *e,
            ALONE_DAYS("2023-01-10") MEASURES
            "classes: {class: [a, b]}\n"
            "places: {town: {shelter_places: 30}}\nstations:\n" ALONE_MIXED_BATCH("in1", "2023-01-01", "40",
                                                                                  "a", "bed")
                ALONE_MIXED_BATCH("in2", "2023-01-01", "10", "b", "bed") ALONE_MIXED_BATCH(
                    "in3", "2023-01-01", "70", "b",
                    "way") "  bed: {kind: stay, at: town, duration: {distribution: constant, mean_days: "
                           "100}, to: done}\n"
                           "  way: {kind: delay, at: town, duration: {distribution: constant, mean_days: "
                           "100}, to: done}\n" DONE
                           "policies: [{on: 2023-01-06, why: t, set: {places.town.shelter_places: 45}}]\n");
        for (size_t day = 1; day < 10; day++) {
            alone_expect(&run, "a in the street", harm(&run, "unsheltered", "a", day), day < 5 ? 16 : 4,
                         1e-9);
            alone_expect(&run, "b in the street", harm(&run, "unsheltered", "b", day), day < 5 ? 4 : 1, 1e-9);
        }
        alone_end(&run);
    }
}

/* 4,000 sheltered at 0.02 a day, 6,000 in the street at 0.1: 680 events a day, which move nobody. Would catch
 * rates taken for each other, or harm that does not grow with the street. */
static void test_harm(void **state)
{
    (void)state;
    ALONE_FOR_ENGINES(e, 3)
    {
        struct alone run;
        alone_run(
            &run, *e,
            ALONE_DAYS("2023-01-31") MEASURES
            "places: {town: {shelter_places: 4000, harm_per_day_sheltered: 0.02, harm_per_day_unsheltered: "
            "0.1}}\nstations:\n" ALONE_BATCH("in", "2023-01-01", "10000",
                                             "bed") "  bed: {kind: stay, at: town, duration: {distribution: "
                                                    "constant, mean_days: 100}, to: done}\n" DONE);
        double harmed = alone_total(&run, "harm", "harmed", "place", "town", NULL);
        alone_expect(&run, "harmed", harmed / 30, 680, *e == ENGINE_MEAN ? 1e-6 : 5 * sqrt(680 / 30.0));
        alone_expect(&run, "still there", alone_present(&run, "town", 30), 10000, 1e-6);
        alone_end(&run);
    }
}

#define CARAVAN(cohesion)                                                                                    \
    "  in: {kind: source, per_day: 0, cohesion_days: " cohesion                                              \
    ", batches: [{name: b, on: 2023-01-02, people: 1000}], to: road}\n"                                      \
    "  road: {kind: delay, duration: {distribution: exponential, mean_days: 6}, to: gate}\n"                 \
    "  gate: {kind: gate, counts_as: [stopped], stop_probability: 0.5, batch_factor: 0, outcomes: [{o: "     \
    "{to: "                                                                                                  \
    "done}}], to: passed}\n" DONE "  passed: {kind: sink, counts_as: [passed]}\n"

/* A thousand people set out together. While they keep together all take one time on the road and none is
 * stopped; else they are spread over many days and half are stopped. Would catch a block that dissolves at
 * once or never, and people who are lost with it. */
static void test_batch_keeps_together(void **state)
{
    (void)state;
    ALONE_FOR_ENGINES(e, 2)
    {
        for (uint64_t seed = 1; seed < 6; seed++) {
            struct alone run;
            alone_run_scaled(&run, (struct engine){*e, 1},
                             ALONE_DAYS("2023-06-30") MEASURES "stations:\n" CARAVAN("1000"), 1, seed);
            size_t days = 0;
            for (size_t day = 0; day < 181; day++) {
                double passed = alone_events(&run, "passed", day);
                alone_expect(&run, "the block", passed, passed > 0 ? 1000 : 0, 0);
                days += passed > 0;
            }
            alone_expect(&run, "days on which somebody came", (double)days, 1, 0);
            alone_end(&run);
        }
    }
    ALONE_FOR_ENGINES(e, 2)
    {
        struct alone run;
        alone_run(&run, *e, ALONE_DAYS("2023-06-30") MEASURES "stations:\n" CARAVAN("0"));
        size_t days = 0;
        for (size_t day = 0; day < 181; day++) days += alone_events(&run, "passed", day) > 0;
        if (days < 15) fail_msg("%s: alone, but all on %zu days", engine_names[*e], days);
        alone_expect(&run, "stopped", alone_all_events(&run, "stopped"), 500, 80);
        alone_expect(&run, "all", alone_all_events(&run, "stopped") + alone_all_events(&run, "passed"), 1000,
                     0);
        alone_end(&run);
    }
}

/* One and the same seed gives a block of agents and one of cohorts the same time on the road, up to a step.
 * Would catch batches that the two engines know by different names. */
static void test_batch_is_the_same(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed < 9; seed++) {
        double came[2] = {0};
        ALONE_FOR_ENGINES(e, 2)
        {
            struct alone run;
            alone_run_scaled(&run, (struct engine){*e, 1},
                             ALONE_DAYS("2023-06-30") MEASURES "stations:\n" CARAVAN("1000"), 1, seed);
            for (size_t day = 0; day < 181; day++)
                if (alone_events(&run, "passed", day) > 0) came[e - alone_engines] = (double)day;
            alone_end(&run);
        }
        if (fabs(came[0] - came[1]) > 1) fail_msg("seed %d: days %g and %g", (int)seed, came[0], came[1]);
    }
}

/* The factor on stops holds while they keep together: two gates, three days apart, cohesion for two days.
 * Nobody is stopped at the first, half at the second. Would catch a factor that outlives the block. */
static void test_batch_dissolves(void **state)
{
    (void)state;
    ALONE_FOR_ENGINES(e, 3)
    {
        struct alone run;
        alone_run(
            &run, *e,
            ALONE_DAYS("2023-01-10") MEASURES
            "stations:\n  in: {kind: source, per_day: 0, cohesion_days: 2, batches: [{name: b, on: "
            "2023-01-02, "
            "people: 10000}], to: first}\n"
            "  first: {kind: gate, stop_probability: 0.5, batch_factor: 0, outcomes: [{o: {counts_as: "
            "[passed], to: done}}], to: road}\n"
            "  road: {kind: delay, duration: {distribution: constant, mean_days: 3}, to: second}\n"
            "  second: {kind: gate, counts_as: [stopped], stop_probability: 0.5, batch_factor: 0, outcomes: "
            "[{o: {to: done}}], to: done}\n" DONE);
        alone_expect(&run, "stopped at the first", alone_all_events(&run, "passed"), 0, 0);
        alone_expect(&run, "stopped at the second", alone_all_events(&run, "stopped"), 5000,
                     *e == ENGINE_MEAN ? 1e-6 : 250);
        alone_end(&run);
    }
}

/* Two beds for one of class b and two of class c; nobody is of class a, which stands first. Would catch
 * somebody in the street who is not there at all. */
static void test_class_of_nobody(void **state)
{
    (void)state;
    ALONE_FOR_ENGINES(e, 2)
    {
        struct alone run;
        alone_run(
            &run, *e,
            ALONE_DAYS(
                "2023-01-05") "classes: {class: [a, b, c]}\nplaces: {town: {shelter_places: "
                              "2}}\nstations:\n" ALONE_MIXED_BATCH("in1", "2023-01-01", "1", "b", "town")
                                  ALONE_MIXED_BATCH(
                                      "in2", "2023-01-01", "2", "c",
                                      "town") "  town: {kind: stay, duration: {distribution: constant, "
                                              "mean_days: 100}, to: out}\n  out: {kind: sink}\n");
        alone_expect(&run, "a in the street", harm(&run, "unsheltered", "a", 3), 0, 0);
        alone_expect(&run, "all in the street", harm(&run, "unsheltered", NULL, 3), 1, 0);
        alone_end(&run);
    }
}

/* A hundred people and forty beds at a scale of a hundredth: of the one person four tenths have a bed, or the
 * whole one two nights of five. Would catch beds that are rounded away. */
static void test_parts_of_beds(void **state)
{
    (void)state;
    ALONE_FOR_ENGINES(e, 3)
    {
        struct alone run;
        alone_run_scaled(
            &run, (struct engine){*e, 1},
            ALONE_DAYS("2023-01-20") "places: {road: {shelter_places: 40}}\nstations:\n" ALONE_BATCH(
                "in", "2023-01-01", "100", "road") "  road: {kind: stay, duration: {distribution: constant, "
                                                   "mean_days: 100}, to: out}\n  out: {kind: sink}\n",
            0.01, 5);
        double outside = 0;
        for (size_t day = 5; day < 15; day++)
            outside += alone_of_class(&run, "harm", "unsheltered", "place", "road", NULL, day);
        alone_expect(&run, "outside", outside, 600, 1e-6);
        alone_end(&run);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_overflow),
                                       cmocka_unit_test(test_harm),
                                       cmocka_unit_test(test_batch_keeps_together),
                                       cmocka_unit_test(test_batch_is_the_same),
                                       cmocka_unit_test(test_batch_dissolves),
                                       cmocka_unit_test(test_parts_of_beds),
                                       cmocka_unit_test(test_class_of_nobody)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
