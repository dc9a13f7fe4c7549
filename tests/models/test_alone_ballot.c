/* Ballot alone: who wins, how many, when the appointment is, and what is remembered. All answers by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/helpers/alone.h"

#define MEASURES "measures: {shown: {}, shown_b: {}, missed: {}, tired: {}}\n"
#define SHOWN    "  shown: {kind: sink, counts_as: [shown]}\n"
#define MISSED   "  missed: {kind: sink, counts_as: [missed]}\n"
#define APP      "  app: {kind: ballot, ballot: b, preference: {x: 1}, offices: {x: shown}, no_show: missed"
#define ONE_OFFICE(slots, rest)                                                                              \
    "ballots: {b: {" rest                                                                                    \
    ", lead: {distribution: constant, mean_days: 2}, offices: {x: {slots_per_day: " slots "}}}}\n"
#define CLASSES "classes: {class: [early, late]}\n"

static double shown_of(const struct alone *run, const char *class, size_t day)
{
    return alone_of_class(run, "events", "events", "event_kind", "shown", class, day);
}

/* Two offices with three and five slots a day, a lead of two days, 400 people who ask either. Would catch
 * slots of one office given by the other, a draw on the day of registration, and a wrong lead. */
static void test_slots_by_office(void **state)
{
    (void)state;
    static const double x[] = {0, 0, 0, 3, 3, 3, 3}, y[] = {0, 0, 0, 5, 5, 5, 5};
    ALONE_FOR_ENGINES(e, 3)
    {
        struct alone run;
        alone_run(
            &run, *e,
            ALONE_DAYS("2023-01-07") MEASURES
            "ballots: {b: {lead: {distribution: constant, mean_days: 2}, offices: {x: {slots_per_day: "
            "3}, y: {slots_per_day: 5}}}}\nstations:\n" ALONE_BATCH(
                "in", "2023-01-01", "400", "app") "  app: {kind: ballot, ballot: b, preference: {x: 0.5, y: "
                                                  "0.5}, offices: {x: shown, y: "
                                                  "shown_b}, no_show: missed}\n" SHOWN
                                                  "  shown_b: {kind: sink, counts_as: [shown_b]}\n" MISSED);
        alone_expect_days(&run, "shown", x, 7);
        alone_expect_days(&run, "shown_b", y, 7);
        alone_end(&run);
    }
}

/* Two and a half slots a day, half as many again offered: 3.75, so that 15 win in four days. Would catch
 * parts of slots that are lost, and overbooking that is ignored. */
static void test_parts_of_slots_and_overbooking(void **state)
{
    (void)state;
    ALONE_FOR_ENGINES(e, 3)
    {
        struct alone run;
        alone_run(&run, *e,
                  ALONE_DAYS("2023-01-12") MEASURES ONE_OFFICE(
                      "2.5", "overbooking: 1.5") "stations:\n" ALONE_BATCH("in", "2023-01-01", "400", "app")
                      APP "}\n" SHOWN MISSED);
        double sum = 0;
        for (size_t day = 3; day < 7; day++) sum += alone_events(&run, "shown", day);
        /* Slots carry over from the first day, when nobody had registered yet. */
        alone_expect(&run, "shown on four days", sum, 15, *e == ENGINE_MEAN ? 1e-9 : 1);
        alone_expect(&run, "shown on eight days", alone_all_events(&run, "shown"), 9 * 3.75,
                     *e == ENGINE_MEAN ? 1e-9 : 1);
        alone_end(&run);
    }
}

/* One slot a person: 20 people, 50 slots a day. Would catch a person who wins twice, or a slot that is kept
 * for the next day. */
static void test_one_slot_a_person(void **state)
{
    (void)state;
    static const double shown[] = {0, 0, 0, 20, 0, 0, 50, 30, 0};
    ALONE_FOR_ENGINES(e, 3)
    {
        struct alone run;
        alone_run(&run, *e,
                  ALONE_DAYS("2023-01-09") MEASURES ONE_OFFICE(
                      "50", "oldest_share: 0.5") "stations:\n" ALONE_BATCH("in", "2023-01-01", "20", "app")
                      ALONE_BATCH("in2", "2023-01-04", "80", "app") APP "}\n" SHOWN MISSED);
        alone_expect_days(&run, "shown", shown, 9);
        alone_end(&run);
    }
}

#define TWO_CLASSES(slots, oldest, people)                                                                   \
    ALONE_DAYS("2023-01-08")                                                                                 \
    MEASURES CLASSES ONE_OFFICE(slots, "oldest_share: " oldest) "stations:\n" ALONE_MIXED_BATCH(             \
        "in1", "2023-01-01", people, "early", "app")                                                         \
        ALONE_MIXED_BATCH("in2", "2023-01-02", people, "late", "app") APP "}\n" SHOWN MISSED

/* 100 slots a day, all for the oldest: 90 early ones, then late ones. Would catch a list out of order. */
static void test_oldest_first(void **state)
{
    (void)state;
    ALONE_FOR_ENGINES(e, 3)
    {
        struct alone run;
        /* From day 2 on (before that only early ones stand there, 40 a day). */
        alone_run(&run, *e, TWO_CLASSES("{steps: {2023-01-01: 0, 2023-01-03: 40}}", "1", "90"));
        static const double early[] = {0, 0, 0, 0, 40, 40, 10, 0}, late[] = {0, 0, 0, 0, 0, 0, 30, 40};
        for (size_t day = 0; day < 8; day++) {
            alone_expect(&run, "early", shown_of(&run, "early", day), early[day], 1e-9);
            alone_expect(&run, "late", shown_of(&run, "late", day), late[day], 1e-9);
        }
        alone_end(&run);
    }
}

/* One draw of 10,000 among 10,000 early and 10,000 late ones: by lot half of the winners are early; with half
 * of the slots for the oldest, 5,000 early ones and of the other 5,000 slots a third (5,000 early among
 * 15,000). Would catch a lottery that favours somebody, and a share that is not kept. */
static void test_lottery(void **state)
{
    (void)state;
    static const struct {
        const char *oldest;
        double early;
    } cases[] = {{"0", 5000}, {"0.5", 5000 + 5000.0 / 3}};
    for (size_t i = 0; i < 2; i++) {
        ALONE_FOR_ENGINES(e, 3)
        {
            struct alone run;
            alone_run(&run, *e,
                      i == 0 ? TWO_CLASSES("{steps: {2023-01-01: 0, 2023-01-03: 10000, 2023-01-04: 0}}", "0",
                                           "10000")
                             : TWO_CLASSES("{steps: {2023-01-01: 0, 2023-01-03: 10000, 2023-01-04: 0}}",
                                           "0.5", "10000"));
            double early = shown_of(&run, "early", 4), late = shown_of(&run, "late", 4);
            alone_expect(&run, "winners", early + late, 10000, 1e-6);
            /* Five standard deviations of the hypergeometric, 35 and less. */
            alone_expect(&run, "early winners", early, cases[i].early, *e == ENGINE_MEAN ? 1e-6 : 177);
            alone_end(&run);
        }
    }
}

/* One slot a day, 40 % of them for the oldest: of 40 days' winners 16 are early, before 100,000 late ones.
 * Would catch slots for the oldest that are rounded anew each day, here to none: a small office, or a small
 * scale, would have another share than the file says. */
static void test_parts_of_slots_for_the_oldest(void **state)
{
    (void)state;
    struct alone run;
    alone_run(
        &run, ENGINE_AGENTS,
        ALONE_DAYS("2023-02-13") MEASURES CLASSES ONE_OFFICE(
            "{steps: {2023-01-01: 0, 2023-01-03: 1}}",
            "oldest_share: 0.4") "stations:\n" ALONE_MIXED_BATCH("in1", "2023-01-01", "100", "early", "app")
            ALONE_MIXED_BATCH("in2", "2023-01-02", "100000", "late", "app") APP "}\n" SHOWN MISSED);
    alone_expect(&run, "early winners", alone_total(&run, "events", "events", "event_kind", "shown", "early"),
                 0.4 * 40, 2);
    alone_end(&run);
}

/* Registered outside the fence nobody wins; from the day on which the fence moves, they do. Would catch a
 * fence that lets through, or that is read once only. */
static void test_fence(void **state)
{
    (void)state;
    static const double shown[] = {0, 0, 0, 0, 0, 0, 4, 4, 4};
    ALONE_FOR_ENGINES(e, 3)
    {
        struct alone run;
        alone_run(&run, *e,
                  ALONE_DAYS("2023-01-09") MEASURES ONE_OFFICE(
                      "4", "oldest_share: 0.3") "stations:\n" ALONE_BATCH("in", "2023-01-01", "400", "app")
                      APP ", inside_fence: 0}\n" SHOWN MISSED
                          "policies: [{on: 2023-01-05, why: t, set: {stations.app.inside_fence: 1}}]\n");
        alone_expect_days(&run, "shown", shown, 9);
        alone_end(&run);
    }
}

/* A lead of 3 to 5 days, evenly: those drawn on the morning of day 1 come on days 4 and 5, half on each. A
 * quarter does not show up. Would catch a lead outside its bounds, and a share of no-shows that is not kept.
 */
static void test_lead_and_no_show(void **state)
{
    (void)state;
    ALONE_FOR_ENGINES(e, 3)
    {
        struct alone run;
        alone_run(
            &run, *e,
            ALONE_DAYS("2023-01-10") MEASURES
            "ballots: {b: {no_show: 0.25, lead: {distribution: uniform, min_days: 3, max_days: 5}, "
            "offices: {x: {slots_per_day: {steps: {2023-01-01: 0, 2023-01-02: 40000, 2023-01-03: 0}}}}}}\n"
            "stations:\n" ALONE_BATCH("in", "2023-01-01", "40000", "app") APP "}\n" SHOWN MISSED);
        double tolerance = *e == ENGINE_MEAN ? 1e-6 : 5 * 100;
        for (size_t day = 0; day < 10; day++) {
            bool within = day == 4 || day == 5;
            double none = *e == ENGINE_MEAN ? 1e-6 : 0;
            alone_expect(&run, "shown", alone_events(&run, "shown", day), within ? 15000 : 0,
                         within ? tolerance : none);
            alone_expect(&run, "missed", alone_events(&run, "missed", day), within ? 5000 : 0,
                         within ? tolerance : none);
        }
        alone_expect(&run, "all", alone_all_events(&run, "shown") + alone_all_events(&run, "missed"), 40000,
                     1e-6);
        alone_end(&run);
    }
}

/* Early ones register on day 0 at a place outside the fence, lose patience after three days and register
 * again at another place on day 5; late ones registered there on day 2. From day 8 on three slots a day go to
 * the oldest: the early ones come first, with a wait since day 0. Would catch a date of registration that is
 * lost on the way, or kept by those who never had one. */
static void test_registration_is_kept(void **state)
{
    (void)state;
    static const double early[] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3, 3, 0, 0},
                        late[] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3, 3};
    ALONE_FOR_ENGINES(e, 3)
    {
        struct alone run;
        alone_run(
            &run, *e,
            ALONE_DAYS("2023-01-14") MEASURES CLASSES ONE_OFFICE(
                "{steps: {2023-01-01: 0, 2023-01-09: 3}}",
                "oldest_share: 1") "stations:\n" ALONE_MIXED_BATCH("in1", "2023-01-01", "6", "early", "far")
                ALONE_MIXED_BATCH("in2", "2023-01-03", "6", "late", "app") APP
            "}\n"
            "  far: {kind: ballot, ballot: b, inside_fence: 0, preference: {x: 1}, offices: {x: shown}, "
            "no_show: missed, patience: {distribution: constant, mean_days: 3}, renege: road}\n"
            "  road: {kind: delay, duration: {distribution: constant, mean_days: 2}, to: app}\n" SHOWN
                MISSED);
        for (size_t day = 0; day < 14; day++) {
            alone_expect(&run, "early", shown_of(&run, "early", day), early[day], 1e-9);
            alone_expect(&run, "late", shown_of(&run, "late", day), late[day], 1e-9);
        }
        alone_expect(&run, "waits of early ones",
                     alone_total(&run, "waits", "total", "station", "app", "early"), 3 * 8 + 3 * 9, 1e-6);
        alone_expect(&run, "waits of late ones",
                     alone_total(&run, "waits", "total", "station", "app", "late"), 3 * 8 + 3 * 9, 1e-6);
        alone_end(&run);
    }
}

/* Only early ones may register; 1,000 people come a day, nobody wins, patience is exponential with a mean of
 * eight days: by Little's law 8,000 wait in the end. Would catch eligibility that is ignored, and a patience
 * at a wrong rate. */
static void test_eligibility_and_patience(void **state)
{
    (void)state;
    ALONE_FOR_ENGINES(e, 3)
    {
        struct alone run;
        alone_run(
            &run, *e,
            "title: t\nfrom: 2023-01-01\nto: 2023-03-01\nspin_up_days: 100\nrecord: {bins: day}\n" MEASURES
                CLASSES ONE_OFFICE(
                    "0",
                    "oldest_share: 0.3") "stations:\n  in: {kind: source, per_day: 2000, mix: {class: "
                                         "{early: 1, late: 1}}, to: "
                                         "app}\n" APP
                                         ", classes: [early], not_eligible: other, patience: {distribution: "
                                         "exponential, mean_days: 8}, renege: tired}\n"
                                         "  other: {kind: sink}\n  tired: {kind: sink, counts_as: "
                                         "[tired]}\n" SHOWN MISSED);
        double waiting = alone_total(&run, "stocks", "people", "place", "app", NULL) / 60;
        /* The mean over 60 days of a stock whose variance is its mean and whose memory is 8 days. */
        double error = *e == ENGINE_MEAN ? 0 : 5 * sqrt(8000 * 2 * 8 / 60.0);
        alone_expect(&run, "people who wait", waiting, 8000,
                     error + (*e == ENGINE_AGENTS ? 0 : 0.002 * 8000));
        alone_expect(&run, "late ones who wait",
                     alone_total(&run, "stocks", "people", "place", "app", "late"), 0, 0);
        alone_expect(&run, "late ones turned away",
                     alone_total(&run, "flows", "moves", "route", "app:not_eligible", "late"), 60000,
                     *e == ENGINE_MEAN ? 1e-6 : 5 * sqrt(60000));
        alone_end(&run);
    }
}

/* 90 people a day register in a city, 10 in a small town, and 60 a day win, all of them the oldest: on day d
 * those of day 0.6 d, 54 from the city and 6 from the town, who have waited for 0.4 d + 0.8 days. Would catch
 * registrations of many days taken for one, so that for weeks only one place wins, and waits that jump. */
static void test_oldest_of_two_places(void **state)
{
    (void)state;
    enum { FIRST = 60, DAYS = 200 };
    static const char *const place[] = {"app", "town"};
    static const double a_day[] = {54, 6};
    ALONE_FOR_ENGINES(e, 3)
    {
        struct alone run;
        alone_run(&run, *e,
                  "title: t\nfrom: 2023-01-01\nto: 2023-07-19\nrecord: {bins: day}\n" MEASURES ONE_OFFICE(
                      "60", "oldest_share: 1") "stations:\n  in: {kind: source, per_day: 90, to: app}\n"
                                               "  in2: {kind: source, per_day: 10, to: town}\n" APP "}\n"
                                               "  town: {kind: ballot, ballot: b, preference: {x: 1}, "
                                               "offices: {x: shown}, no_show: missed}\n" SHOWN MISSED);
        for (int p = 0; p < 2; p++) {
            double ended = 0, waited = 0, expected = 0;
            for (size_t day = FIRST; day < DAYS; day++) {
                double won = alone_of_class(&run, "waits", "ended", "station", place[p], NULL, day);
                double days = alone_of_class(&run, "waits", "total", "station", place[p], NULL, day);
                if (*e == ENGINE_MEAN) {
                    alone_expect(&run, "winners of a day", won, a_day[p], 0.02 * a_day[p]);
                    alone_expect(&run, "their wait", days / won, 0.4 * (double)day + 0.8, 0.7);
                }
                ended += won;
                waited += days;
                expected += a_day[p] * (0.4 * (double)day + 0.8);
            }
            const double days = DAYS - FIRST, noise = *e == ENGINE_MEAN ? 0 : 1;
            alone_expect(&run, "winners", ended, days * a_day[p], 1e-3 * ended + noise * 5 * sqrt(2 * ended));
            alone_expect(&run, "waits", waited, expected, 0.01 * expected + noise * 5 * waited / sqrt(ended));
        }
        alone_end(&run);
    }
}

/* A thousand a day register where no draw reaches them, give up, and register again where there are a hundred
 * slots a day: a until March, b from then on. What agents say is what cohorts are to say, by lot and by age:
 * how long the winners have been registered, and in April, how many of them are a. Would catch people who
 * come again with the dates of others: those who give up again have been there for longer than most, and a
 * gave up before b did. */
static void test_coming_again(void **state)
{
    (void)state;
    static const char *const oldest[] = {"0", "1"};
    for (size_t o = 0; o < 2; o++) {
        double agents_wait = 0, agents_won = 0;
        ALONE_FOR_ENGINES(e, 3)
        {
            char text[2048];
            struct alone run;
            snprintf(
                text, sizeof text,
                ALONE_DAYS(
                    "2023-06-30") "measures: {shown: {}, tired: {}}\nclasses: {class: [a, b]}\n"
                                  "ballots: {n: {lead: {distribution: constant, mean_days: 2}, oldest_share: "
                                  "%s, offices: {x: {slots_per_day: 100}}}}\n"
                                  "stations:\n  in1: {kind: source, per_day: 1000, mix: {class: {a: 1}}, to: "
                                  "first}\n"
                                  "  in2: {kind: source, per_day: 0, mix: {class: {b: 1}}, to: first}\n"
                                  "  first: {kind: ballot, ballot: n, inside_fence: 0, preference: {x: 1}, "
                                  "offices: {x: shown}, no_show: tired, "
                                  "patience: {distribution: erlang, shape: 2, mean_days: 20}, renege: way}\n"
                                  "  way: {kind: delay, duration: {distribution: exponential, mean_days: 5}, "
                                  "to: again}\n"
                                  "  again: {kind: ballot, ballot: n, preference: {x: 1}, offices: {x: "
                                  "shown}, no_show: tired, "
                                  "patience: {distribution: erlang, shape: 2, mean_days: 20}, renege: "
                                  "tired}\n" SHOWN "  tired: {kind: sink, counts_as: [tired]}\npolicies:\n  "
                                  "- {on: 2023-03-01, why: t, set: "
                                  "{stations.in1.per_day: 0, stations.in2.per_day: 1000}}\n",
                oldest[o]);
            alone_run(&run, *e, text);
            double ended = 0, waited = 0, won = 0;
            for (size_t day = 31; day < 181; day++) {
                ended += alone_of_class(&run, "waits", "ended", "station", "again", NULL, day);
                waited += alone_of_class(&run, "waits", "total", "station", "again", NULL, day);
                if (day >= 90 && day < 120) won += shown_of(&run, "a", day);
            }
            if (*e == ENGINE_AGENTS) {
                agents_wait = waited / ended;
                agents_won = won;
            }
            alone_expect(&run, "mean wait", waited / ended, agents_wait,
                         (o == 0 ? 0.025 : 0.08) * agents_wait);
            alone_expect(&run, "a that won", won, agents_won, 150);
            alone_end(&run);
        }
    }
}

/* Whoever registers but prefers no office ends the run with all engines. Would catch people who wait for
 * ever, and an office that is chosen for them. */
static void test_no_preference(void **state)
{
    (void)state;
    ALONE_FOR_ENGINES(e, 3)
    {
        struct alone run;
        assert_true(alone_open(
            &run, (struct engine){*e, 1},
            ALONE_DAYS("2023-01-07") MEASURES CLASSES
            "ballots: {b: {lead: {distribution: constant, mean_days: 2}, offices: {x: {slots_per_day: 3}}}}\n"
            "stations:\n" ALONE_MIXED_BATCH("in", "2023-01-02", "40", "late",
                                            "app") "  app: {kind: ballot, ballot: b, preference: {x: {early: "
                                                   "1, late: 0}}, offices: {x: shown}, no_show: "
                                                   "missed}\n" SHOWN MISSED,
            1));
        assert_false(run_model_go(&run.run, 1, 0, 1, true));
        assert_non_null(strstr(run.run.replication.error.message, "prefers no office"));
        alone_end(&run);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_slots_by_office),
                                       cmocka_unit_test(test_parts_of_slots_and_overbooking),
                                       cmocka_unit_test(test_one_slot_a_person),
                                       cmocka_unit_test(test_oldest_first),
                                       cmocka_unit_test(test_lottery),
                                       cmocka_unit_test(test_parts_of_slots_for_the_oldest),
                                       cmocka_unit_test(test_fence),
                                       cmocka_unit_test(test_lead_and_no_show),
                                       cmocka_unit_test(test_registration_is_kept),
                                       cmocka_unit_test(test_eligibility_and_patience),
                                       cmocka_unit_test(test_oldest_of_two_places),
                                       cmocka_unit_test(test_coming_again),
                                       cmocka_unit_test(test_no_preference)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
