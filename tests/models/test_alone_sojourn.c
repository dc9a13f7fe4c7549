/* Stay and delay alone: how long, which hazard, hard room. All answers by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/helpers/alone.h"

#define MEASURES "measures: {done: {}, hurt: {}, tired: {}, full: {}}\n"
#define DONE     "  done: {kind: sink, counts_as: [done]}\n"
#define HURT     "  hurt: {kind: sink, counts_as: [hurt]}\n"
#define TIRED    "  tired: {kind: sink, counts_as: [tired]}\n"
#define FULL     "  full: {kind: sink, counts_as: [full]}\n"

/* Person-days spent at a place, in all. */
static double person_days(const struct alone *run, const char *place)
{
    return alone_total(run, "stocks", "people", "place", place, NULL);
}

/* Ten thousand people at once, a mean of 3.25 days: 32,500 person-days, whatever the distribution and the
 * step. Would catch a mean that a grid of steps rounds away, a spread that is doubled or lost, and the kind
 * delay going another way than stay. */
static void test_means(void **state)
{
    (void)state;
    static const struct {
        const char *duration;
        double variance; /* days squared */
    } cases[] = {{"{distribution: constant, mean_days: 3.25}", 0},
                 {"{distribution: exponential, mean_days: 3.25}", 3.25 * 3.25},
                 {"{distribution: erlang, shape: 4, mean_days: 3.25}", 3.25 * 3.25 / 4},
                 {"{distribution: lognormal, shape: 0.6, mean_days: 3.25}", 3.25 * 3.25 * 0.36},
                 {"{distribution: uniform, min_days: 2.5, max_days: 4}", 1.5 * 1.5 / 12},
                 {"{distribution: empirical, values_days: [1, 4], weights: [1, 3]}", 9 * 3.0 / 16}};
    static const struct engine engines[] = {
        {ENGINE_AGENTS, 1}, {ENGINE_FLOWS, 1}, {ENGINE_FLOWS, 4}, {ENGINE_MEAN, 1}, {ENGINE_MEAN, 4}};
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        for (size_t e = 0; e < sizeof engines / sizeof *engines; e++) {
            struct alone run;
            char text[1024];
            snprintf(text, sizeof text,
                     ALONE_DAYS("2023-05-31") MEASURES
                     "stations:\n" ALONE_BATCH("in", "2023-01-01", "10000",
                                               "road") "  road: {kind: %s, duration: %s, to: done}\n" DONE,
                     c % 2 ? "delay" : "stay", cases[c].duration);
            alone_run_scaled(&run, engines[e], text, 1, 17);
            double days = person_days(&run, "road");
            double grid = engines[e].kind == ENGINE_AGENTS ? 0 : 0.25; /* variance that a step adds at most */
            alone_expect(
                &run, cases[c].duration, days / 10000, 3.25,
                engines[e].kind == ENGINE_MEAN ? 1e-6 : 5 * sqrt((cases[c].variance + grid) / 10000) + 1e-7);
            alone_expect(&run, "all are through", alone_all_events(&run, "done"), 10000, 1e-3);
            alone_end(&run);
        }
    }
}

/* Constant times on the day: three days last three days. Would catch a step too many. */
static void test_constant(void **state)
{
    (void)state;
    static const double done[] = {0, 0, 0, 7, 0, 0};
    ALONE_FOR_ENGINES(e, 3)
    {
        struct alone run;
        alone_run(&run, *e,
                  ALONE_DAYS("2023-01-06") MEASURES "stations:\n" ALONE_BATCH(
                      "in", "2023-01-01", "7", "road") "  road: {kind: delay, duration: {distribution: "
                                                       "constant, mean_days: 3}, to: done}\n" DONE);
        alone_expect_days(&run, "done", done, 6);
        alone_end(&run);
    }
}

/* Rates of 0.1 (harm) and 0.3 (giving up) a day against an exponential stay with a mean of 1/0.6 day: shares
 * 0.1, 0.3 and 0.6 of those who left. Against a constant stay of two days: exp(-0.8) stay to the end, and of
 * the others a quarter is harmed. Would catch a hazard that acts at a wrong rate or only on some, and shares
 * that do not follow the rates. */
static void test_competing_hazards(void **state)
{
    (void)state;
    static const struct {
        const char *duration;
        double done, hurt;
    } cases[] = {{"{distribution: exponential, per_day: 0.6}", 0.6, 0.1},
                 {"{distribution: constant, mean_days: 2}", 0.44932896411722156, 0.25 * 0.55067103588277844}};
    static const struct engine engines[] = {
        {ENGINE_AGENTS, 1}, {ENGINE_FLOWS, 1}, {ENGINE_MEAN, 1}, {ENGINE_FLOWS, 24}, {ENGINE_MEAN, 24}};
    for (size_t c = 0; c < 2; c++) {
        for (size_t e = 0; e < 5; e++) {
            struct alone run;
            char text[1024];
            snprintf(
                text, sizeof text,
                ALONE_DAYS("2023-03-31") MEASURES "stations:\n" ALONE_BATCH(
                    "in", "2023-01-01", "40000",
                    "road") "  road: {kind: stay, duration: %s, hazards: {harm: {per_day: 0.1, to: hurt}, "
                            "give_up: {per_day: 0.3, to: tired}}, to: done}\n" DONE HURT TIRED,
                cases[c].duration);
            alone_run_scaled(&run, engines[e], text, 1, 17);
            double hurt = alone_all_events(&run, "hurt"), tired = alone_all_events(&run, "tired");
            bool chance = engines[e].kind != ENGINE_MEAN;
            /* A step of one day is long against a stay of 1.7 days: 2 %; none for constant times on the grid.
             */
            double bias = c == 1 || engines[e].kind == ENGINE_AGENTS ? 1e-9
                          : engines[e].steps_per_day == 1            ? 0.02
                                                                     : 5e-4;
            alone_expect(&run, "share that stayed", alone_all_events(&run, "done") / 40000, cases[c].done,
                         bias + (chance ? 5 * sqrt(cases[c].done / 40000) : 0));
            alone_expect(&run, "harmed of those struck", hurt / (hurt + tired), 0.25,
                         chance ? 5 * sqrt(0.25 * 0.75 / (hurt + tired)) : 1e-9);
            alone_expect(&run, "all", hurt + tired + alone_all_events(&run, "done"), 40000, 1e-6);
            alone_end(&run);
        }
    }
}

/* A hazard that doubles on a date acts at once on everyone present, a mean that changes on nobody already in.
 * 40,000 people, 100 days, 0.1 a day, from day 5 on 0.2: exp(-0.5) are there at the start of day 5, exp(-1.5)
 * at the start of day 10. Would catch a rate that holds for those to come only. */
static void test_changes_under_way(void **state)
{
    (void)state;
    ALONE_FOR_ENGINES(e, 3)
    {
        struct alone run;
        alone_run(
            &run, *e,
            ALONE_DAYS("2023-01-12") MEASURES "stations:\n" ALONE_BATCH(
                "in", "2023-01-01", "40000",
                "road") "  road: {kind: stay, duration: {distribution: constant, mean_days: 100}, hazards: "
                        "{harm: {per_day: "
                        "0.1, to: hurt}}, to: done}\n" DONE HURT "policies: [{on: 2023-01-06, why: t, set: "
                        "{stations.road.hazards.harm.per_day: 0.2, stations.road.duration.mean_days: 1}}]\n");
        /* Cohorts come in the middle of their day: half a day of hazard less. */
        double later = *e == ENGINE_AGENTS ? 0 : 0.05;
        double after5 = exp(-0.5 + later), after10 = exp(-1.5 + later);
        double chance = *e == ENGINE_MEAN ? 1e-9 : 5 * sqrt(0.25 / 40000);
        alone_expect(&run, "present after 5 days", alone_present(&run, "road", 4) / 40000, after5, chance);
        alone_expect(&run, "present after 10 days", alone_present(&run, "road", 9) / 40000, after10, chance);
        alone_expect(&run, "nobody's time was cut", alone_all_events(&run, "done"), 0, 0);
        alone_end(&run);
    }
}

/* Room for ten, 25 come, fifteen find it full; two days later ten are through and ten of another 25 come in.
 * Would catch an admission beyond the room, a place that is not given back, and people who wait at the door.
 */
static void test_hard_room(void **state)
{
    (void)state;
    static const double full[] = {15, 25, 0, 15, 0, 0}, done[] = {0, 0, 10, 0, 0, 10};
    ALONE_FOR_ENGINES(e, 3)
    {
        struct alone run;
        alone_run(&run, *e,
                  ALONE_DAYS("2023-01-06") MEASURES
                  "stations:\n" ALONE_BATCH("in1", "2023-01-01", "25", "cell")
                      ALONE_BATCH("in2", "2023-01-02", "25", "cell") ALONE_BATCH(
                          "in3", "2023-01-04", "25", "cell") "  cell: {kind: stay, duration: {distribution: "
                                                             "constant, mean_days: 2}, room: 10, full: "
                                                             "full, to: done}\n" DONE FULL);
        alone_expect_days(&run, "full", full, 6);
        alone_expect_days(&run, "done", done, 6);
        for (size_t day = 0; day < 6; day++)
            if (alone_present(&run, "cell", day) > 10 + 1e-9) fail_msg("more than ten on day %zu", day);
        alone_end(&run);
    }
}

/* Room that drops from ten to four on day 1: those inside stay their time, and nobody comes in before fewer
 * than four are left. Would catch people put out, or let in beyond the new room. */
static void test_room_that_drops(void **state)
{
    (void)state;
    static const double full[] = {0, 5, 0, 0, 1, 0, 0, 0}, done[] = {0, 0, 0, 10, 0, 0, 0, 4};
    ALONE_FOR_ENGINES(e, 3)
    {
        struct alone run;
        alone_run(&run, *e,
                  ALONE_DAYS("2023-01-08") MEASURES
                  "stations:\n" ALONE_BATCH("in1", "2023-01-01", "10", "cell")
                      ALONE_BATCH("in2", "2023-01-02", "5", "cell") ALONE_BATCH(
                          "in3", "2023-01-05", "5",
                          "cell") "  cell: {kind: stay, duration: {distribution: constant, mean_days: 3}, "
                                  "room: 10, full: "
                                  "full, to: done}\n" DONE FULL
                                  "policies: [{on: 2023-01-02, why: t, set: {stations.cell.room: 4}}]\n");
        alone_expect_days(&run, "full", full, 8);
        alone_expect_days(&run, "done", done, 8);
        alone_end(&run);
    }
}

/* A batch that keeps together stays three days with a hazard of 0.5 a day: a share of exp(-1.5) is left.
 * Would catch cohorts of batches that are spared on the day on which they come. */
static void test_batch_with_hazard(void **state)
{
    (void)state;
    ALONE_FOR_ENGINES(e, 3)
    {
        struct alone run;
        alone_run(&run, *e,
                  ALONE_DAYS("2023-01-12") MEASURES
                  "stations:\n  in: {kind: source, per_day: 0, batches: [{name: b, on: 2023-01-02, people: "
                  "20000}], cohesion_days: 60, to: cell}\n  cell: {kind: delay, duration: {distribution: "
                  "constant, mean_days: 3}, hazards: {h: {per_day: 0.5, to: full}}, to: done}\n" DONE FULL);
        double left = 20000 * exp(-1.5);
        alone_expect(&run, "done", alone_all_events(&run, "done"), left, 5 * sqrt(left));
        alone_end(&run);
    }
}

/* Half of a batch that keeps together are two days under way, the others twenty. Would catch cohorts that all
 * take as long as the first class. */
static void test_batch_of_two_classes(void **state)
{
    (void)state;
    ALONE_FOR_ENGINES(e, 3)
    {
        struct alone run;
        alone_run(
            &run, *e,
            ALONE_DAYS("2023-01-12") MEASURES
            "classes: {class: [quick, slow]}\nstations:\n  in: {kind: source, per_day: 0, mix: {class: "
            "{quick: 1, "
            "slow: 1}}, batches: [{name: b, on: 2023-01-01, people: 10000}], cohesion_days: 60, to: road}\n"
            "  road: {kind: delay, duration: {distribution: constant, mean_days: {quick: 2, slow: 20}}, to: "
            "done}\n" DONE);
        double quick = alone_total(&run, "events", "events", "event_kind", "done", "quick");
        alone_expect(&run, "quick", quick, 5000, 5 * sqrt(2500));
        alone_expect(&run, "done", alone_all_events(&run, "done"), quick, 1e-9);
        alone_end(&run);
    }
}

/* A hundred a day who stay for 2.4 hours, ten at a time: room for fifty is enough. Who stay for half a day
 * are fifty at a time: of room for forty each serves two a day. Would catch room that those hold all day who
 * leave within it, and more people than there is room for. */
static void test_room_for_short_stays(void **state)
{
    (void)state;
    static const struct {
        const char *days, *room;
        double full, tolerance;
    } cases[] = {{"0.1", "50", 0, 0}, {"0.5", "40", 25, 6}};
    enum { DAYS = 100 };
    for (size_t c = 0; c < 2; c++) ALONE_FOR_ENGINES(e, 3)
        {
            char text[1024];
            struct alone run;
            snprintf(text, sizeof text,
                     ALONE_DAYS("2023-04-10") MEASURES
                     "stations:\n  in: {kind: source, per_day: 100, to: inn}\n  inn: {kind: stay, duration: "
                     "{distribution: "
                     "exponential, mean_days: %s}, room: %s, full: full, to: done}\n" DONE FULL,
                     cases[c].days, cases[c].room);
            alone_run(&run, *e, text);
            alone_expect(&run, "turned away", alone_all_events(&run, "full"), DAYS * cases[c].full,
                         DAYS * cases[c].tolerance);
            for (size_t day = 0; day < DAYS; day++)
                if (alone_present(&run, "inn", day) > atof(cases[c].room) + 1e-9)
                    fail_msg("%s: %g people in a room for %s", engine_names[*e],
                             alone_present(&run, "inn", day), cases[c].room);
            alone_end(&run);
        }
}

/* Ten days at a step of a minute are 14,400 steps, more than cohorts hold: they say so instead of letting
 * people arrive early. A tail of which next to nobody is part is no reason. */
static void test_more_steps_than_there_are(void **state)
{
    (void)state;
    static const struct {
        const char *duration;
        uint32_t steps_per_day;
        bool good;
    } cases[] = {{"{distribution: constant, mean_days: 10}", 1440, false},
                 {"{distribution: constant, mean_days: 10}", 96, true},
                 {"{distribution: exponential, mean_days: 10}", 96, false},
                 {"{distribution: exponential, mean_days: 10}", 48, true}};
    for (size_t c = 0; c < 4; c++) ALONE_FOR_ENGINES(e, 3)
        {
            char text[512];
            struct alone run;
            snprintf(text, sizeof text,
                     ALONE_DAYS("2023-12-31") MEASURES
                     "stations:\n  in: {kind: source, per_day: 10, to: road}\n  road: {kind: delay, "
                     "duration: %s, to: done}\n" DONE,
                     cases[c].duration);
            const struct engine engine = {*e, cases[c].steps_per_day};
            bool good = alone_open(&run, engine, text, 1);
            if (good != (cases[c].good || *e == ENGINE_AGENTS))
                fail_msg("%s, case %zu: %s", engine_names[*e], c, good ? "can be run" : "cannot be run");
            if (good) alone_end(&run);
        }
}

/* A closed room turns everyone away, also those who would not stay in it. Would catch people who pass through
 * a room that has no place for them. */
static void test_closed_room(void **state)
{
    (void)state;
    ALONE_FOR_ENGINES(e, 3)
    {
        struct alone run;
        alone_run(&run, *e,
                  ALONE_DAYS("2023-01-12") MEASURES
                  "stations:\n  in: {kind: source, per_day: 0, batches: [{name: b, on: 2023-01-02, people: "
                  "100}], to: inn}\n"
                  "  inn: {kind: stay, duration: {distribution: constant, mean_days: 0}, room: 0, full: "
                  "full, to: done}\n" DONE FULL);
        alone_expect(&run, "turned away", alone_all_events(&run, "full"), 100, 1e-9);
        alone_end(&run);
    }
}

/* A hazard of next to nothing becomes one of 0.1 a day after ten days: of a thousand who came together,
 * exp(-1) are still there ten days later. Would catch times that were as good as never, scaled down to now.
 */
static void test_hazard_that_begins(void **state)
{
    (void)state;
    ALONE_FOR_ENGINES(e, 3)
    {
        struct alone run;
        alone_run(&run, *e,
                  ALONE_DAYS("2023-01-20") MEASURES
                  "stations:\n" ALONE_BATCH("in", "2023-01-01", "10000",
                                            "road") "  road: {kind: delay, duration: {distribution: "
                                                    "constant, mean_days: 300}, hazards: {h: {per_day: "
                                                    "1e-12, to: full}}, to: done}\n" DONE FULL
                                                    "policies: [{on: 2023-01-11, why: t, set: "
                                                    "{stations.road.hazards.h.per_day: 0.1}}]\n");
        alone_expect(&run, "struck", alone_all_events(&run, "full"), 10000 * (1 - exp(-1)),
                     *e == ENGINE_MEAN ? 1 : 250);
        alone_end(&run);
    }
}

/* A batch that keeps together comes to an inn for ten where at present nobody stays for any time. Would catch
 * room that is kept for people who need none. */
static void test_batch_that_does_not_stay(void **state)
{
    (void)state;
    ALONE_FOR_ENGINES(e, 3)
    {
        struct alone run;
        alone_run(
            &run, *e,
            ALONE_DAYS("2023-01-12") MEASURES
            "stations:\n  in: {kind: source, per_day: 0, cohesion_days: 20, batches: [{name: b, on: "
            "2023-01-02, "
            "people: 1000}], to: inn}\n"
            "  inn: {kind: stay, duration: {distribution: constant, mean_days: 0}, room: 10, full: full, to: "
            "done}\n" DONE FULL);
        alone_expect(&run, "gone on", alone_all_events(&run, "done"), 1000, 1e-9);
        alone_end(&run);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_means),
                                       cmocka_unit_test(test_constant),
                                       cmocka_unit_test(test_competing_hazards),
                                       cmocka_unit_test(test_changes_under_way),
                                       cmocka_unit_test(test_hard_room),
                                       cmocka_unit_test(test_room_that_drops),
                                       cmocka_unit_test(test_batch_with_hazard),
                                       cmocka_unit_test(test_batch_of_two_classes),
                                       cmocka_unit_test(test_room_for_short_stays),
                                       cmocka_unit_test(test_more_steps_than_there_are),
                                       cmocka_unit_test(test_closed_room),
                                       cmocka_unit_test(test_hazard_that_begins),
                                       cmocka_unit_test(test_batch_that_does_not_stay)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
