/* Departures alone: seats, days, money, parts of seats, patience, who comes first. All answers by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/helpers/alone.h"

#define BUS      "  bus: {kind: departures, "
#define LEFT     "  left: {kind: sink, counts_as: [left]}\n"
#define MEASURES "measures: {left: {}, tired: {}}\n"

/* 25 people stand there before the bus of day 1; ten seats every third day. Would catch a departure on a
 * wrong day, a seat too many, and waits counted from elsewhere. Cohorts come in the middle of their day, the
 * batch of persons at its start: half a day of waiting apart. */
static void test_seats_and_days(void **state)
{
    (void)state;
    static const double left[] = {0, 10, 0, 0, 10, 0, 0, 5, 0, 0};
    ALONE_FOR_ENGINES(e, 3)
    {
        struct alone run;
        alone_run(&run, *e,
                  ALONE_DAYS("2023-01-10") MEASURES "stations:\n" ALONE_BATCH("in", "2023-01-01", "25", "bus")
                      BUS "seats: 10, every_days: 3, starting: 2023-01-08, to: left}\n" LEFT);
        alone_expect_days(&run, "left", left, 10);
        alone_expect(&run, "waits", alone_total(&run, "waits", "total", "station", "bus", NULL),
                     10 * 1 + 10 * 4 + 5 * 7 - (*e == ENGINE_AGENTS ? 0 : 0.5 * 25), 1e-6);
        alone_expect(&run, "still waiting on day 4",
                     alone_of_class(&run, "waits", "still_waiting", "station", "bus", NULL, 4), 5, 1e-9);
        alone_end(&run);
    }
}

/* Three people, five seats a day: on a bus that comes back at once, and on one whose end is the stop of the
 * next. Would catch somebody who takes part in two departures of one moment. */
static void test_one_departure_at_a_time(void **state)
{
    (void)state;
    static const double left[] = {0, 0, 3, 0, 0}, back[] = {0, 3, 3, 3, 3};
    ALONE_FOR_ENGINES(e, 3)
    {
        struct alone run;
        alone_run(&run, *e,
                  ALONE_DAYS("2023-01-05") MEASURES "stations:\n" ALONE_BATCH("in", "2023-01-01", "3", "bus")
                      BUS "seats: 5, to: second}\n  second: {kind: departures, seats: 5, to: left}\n" LEFT);
        alone_expect_days(&run, "left", left, 5);
        alone_end(&run);
        alone_run(
            &run, *e,
            ALONE_DAYS("2023-01-05") MEASURES "stations:\n" ALONE_BATCH("in", "2023-01-01", "3", "bus") BUS
            "seats: 5, patience: {distribution: constant, mean_days: 90}, renege: left, to: bus}\n" LEFT);
        for (size_t day = 0; day < 5; day++)
            alone_expect(&run, "departures", alone_moves(&run, "bus:next", day), back[day], 1e-9);
        alone_end(&run);
    }
}

/* Two and a half seats a day. Would catch a part of a seat that is lost, or sold twice. */
static void test_parts_of_seats(void **state)
{
    (void)state;
    static const double whole[] = {0, 3, 2, 3, 2, 3, 2, 3, 2, 3},
                        mean[] = {0, 2.5, 2.5, 2.5, 2.5, 2.5, 2.5, 2.5, 2.5, 2.5};
    ALONE_FOR_ENGINES(e, 3)
    {
        struct alone run;
        alone_run(&run, *e,
                  ALONE_DAYS("2023-01-10") MEASURES
                  "stations:\n" ALONE_BATCH("in", "2023-01-01", "100", "bus") BUS
                  "seats: 2.5, to: left}\n" LEFT);
        alone_expect_days(&run, "left", *e == ENGINE_MEAN ? mean : whole, 10);
        alone_end(&run);
    }
}

/* The opening and the first release, 140 pesos, pay for fourteen seats; the release of February, 45 pesos,
 * for four more. Would catch a ride without money, a payment for an empty seat, and a departure that forgets
 * that money came. */
static void test_money(void **state)
{
    (void)state;
    ALONE_FOR_ENGINES(e, 2)
    {
        struct alone run;
        alone_run(&run, *e,
                  ALONE_DAYS("2023-02-03") MEASURES
                  "accounts: {purse: {currency: MXN, opening_mxn: 95, monthly_release_mxn: {value: 45}, "
                  "allotment_day: 1, carry_limit_mxn: 95, unit_cost_mxn: {seat: 10}}}\n"
                  "stations:\n" ALONE_BATCH("in", "2023-01-01", "100", "bus") BUS
                  "seats: 4, pays: purse, item: seat, to: left}\n" LEFT);
        static const double january[] = {0, 4, 4, 4, 2, 0, 0};
        alone_expect_days(&run, "left", january, 7);
        alone_expect(&run, "left on 1 February", alone_events(&run, "left", 31), 4, 0);
        alone_expect(&run, "left on 2 February", alone_events(&run, "left", 32), 0, 0);
        alone_expect(&run, "balance",
                     alone_of_class(&run, "balances", "balance", "account", "purse", NULL, 33), 5, 1e-9);
        alone_expect(&run, "spent", alone_total(&run, "spending", "spent", "item", "purse.seat", NULL), 180,
                     1e-9);
        alone_end(&run);
    }
}

/* Nobody leaves, everyone has a patience of two days. Would catch a patience that begins too early or too
 * late, or that a departure takes no notice of. */
static void test_patience(void **state)
{
    (void)state;
    static const double tired[] = {0, 0, 30, 0, 0};
    ALONE_FOR_ENGINES(e, 3)
    {
        struct alone run;
        alone_run(
            &run, *e,
            ALONE_DAYS("2023-01-05") MEASURES "stations:\n" ALONE_BATCH("in", "2023-01-01", "30", "bus") BUS
            "seats: 0, patience: {distribution: constant, mean_days: 2}, renege: tired, to: left}\n" LEFT
            "  tired: {kind: sink, counts_as: [tired]}\n");
        alone_expect_days(&run, "tired", tired, 5);
        alone_end(&run);
    }
}

/* Seats for all every tenth day, exponential patience with a mean of five days: of those who come evenly
 * over ten days m (1 - exp(-10/m)) / 10 are still there, 43.2 %. Would catch a patience at a wrong rate. */
static void test_exponential_patience(void **state)
{
    (void)state;
    static const uint32_t steps[] = {0, 4, 4};
    double share = 5 * (1 - exp(-2)) / 10;
    ALONE_FOR_ENGINES(e, 3)
    {
        struct alone run;
        alone_run_scaled(&run, (struct engine){*e, steps[e - alone_engines]},
                         "title: t\nfrom: 2023-01-01\nto: 2023-04-11\nrecord: {bins: day}\n" MEASURES
                         "stations:\n  in: {kind: source, per_day: 2000, to: bus}\n" BUS
                         "seats: 1000000, every_days: 10, patience: {distribution: exponential, mean_days: "
                         "5}, renege: tired, to: left}\n" LEFT "  tired: {kind: sink, counts_as: [tired]}\n",
                         1, 17);
        double left = alone_all_events(&run, "left"), came = 200000;
        /* Five standard errors of the binomial and of the Poisson count; for steps of six hours the half step
         * of exposure costs less than 0.1 %. */
        alone_expect(&run, "share that left", left / came, share,
                     (*e == ENGINE_MEAN ? 0 : 5 * sqrt(share / came)) + (*e == ENGINE_AGENTS ? 0 : 1e-3));
        alone_end(&run);
    }
}

/* A mean patience of ten days that becomes five on day 5, for all who wait: exp(-0.5) of 40,000 are there
 * when it changes, and exp(-1.5) five days later. Would catch a patience that changes only for those to come.
 */
static void test_patience_that_changes(void **state)
{
    (void)state;
    static const char *const stations[] = {
        "  stop: {kind: departures, seats: 0, patience: {distribution: exponential, mean_days: 10}, renege: "
        "tired, to: left}\n",
        "  stop: {kind: queue, servers: 0, service: {distribution: constant, mean_days: 1}, patience: "
        "{distribution: "
        "exponential, mean_days: 10}, renege: tired, to: left}\n",
        "  stop: {kind: ballot, ballot: b, preference: {x: 1}, offices: {x: left}, no_show: left, patience: "
        "{distribution: exponential, mean_days: 10}, renege: tired}\n"};
    for (size_t s = 0; s < 3; s++) {
        ALONE_FOR_ENGINES(e, 3)
        {
            struct alone run;
            char text[2048];
            snprintf(text, sizeof text,
                     ALONE_DAYS("2023-01-12") MEASURES
                     "ballots: {b: {lead: {distribution: constant, mean_days: 2}, offices: {x: "
                     "{slots_per_day: 0}}}}\n"
                     "stations:\n" ALONE_BATCH("in", "2023-01-01", "40000",
                                               "stop") "%s" LEFT "  tired: {kind: sink, counts_as: [tired]}\n"
                                                       "policies: [{on: 2023-01-06, why: t, set: "
                                                       "{stations.stop.patience.mean_days: 5}}]\n",
                     stations[s]);
            alone_run(&run, *e, text);
            double later = *e == ENGINE_AGENTS ? 0 : 0.05,
                   chance = *e == ENGINE_MEAN ? 1e-9 : 5 * sqrt(0.25 / 40000);
            alone_expect(&run, "waiting after 5 days", alone_present(&run, "stop", 4) / 40000,
                         exp(-0.5 + later), chance);
            alone_expect(&run, "waiting after 10 days", alone_present(&run, "stop", 9) / 40000,
                         exp(-1.5 + later), chance);
            alone_end(&run);
        }
    }
}

/* Ten of one class on day 0, ten of another on day 1, six seats a day. Would catch a later comer before an
 * earlier one. */
static void test_first_come_first_served(void **state)
{
    (void)state;
    static const double early[] = {0, 6, 4, 0, 0}, late[] = {0, 0, 2, 6, 2};
    ALONE_FOR_ENGINES(e, 3)
    {
        struct alone run;
        alone_run(&run, *e,
                  ALONE_DAYS("2023-01-05") MEASURES
                  "classes: {class: [early, late]}\nstations:\n" ALONE_MIXED_BATCH("in1", "2023-01-01", "10",
                                                                                   "early", "bus")
                      ALONE_MIXED_BATCH("in2", "2023-01-02", "10", "late", "bus") BUS
                  "seats: 6, to: left}\n" LEFT);
        for (size_t day = 0; day < 5; day++) {
            alone_expect(&run, "early",
                         alone_of_class(&run, "events", "events", "event_kind", "left", "early", day),
                         early[day], 1e-9);
            alone_expect(&run, "late",
                         alone_of_class(&run, "events", "events", "event_kind", "left", "late", day),
                         late[day], 1e-9);
        }
        alone_end(&run);
    }
}

/* 200 people a day; most have patience for a fraction of one: of those who come in a day, as many are still
 * there at its end as came in the last fifth of it, or on average have patience until then; where nobody is
 * served, as many wait at any time as come while one of them waits. Would catch patience that begins and ends
 * in the middle of a step: then no bus is ever met. */
static void test_short_patience(void **state)
{
    (void)state;
    enum { FIRST = 40, DAYS = 200 };
    static const struct {
        const char *station;
        double a_day, waiting;
    } cases[] = {
        {"stop: {kind: departures, seats: 1000, every_days: 1, to: left, renege: tired, "
         "patience: {distribution: constant, mean_days: 0.2}}",
         40, 40},
        {"stop: {kind: ballot, ballot: b, preference: {x: 1}, offices: {x: left}, no_show: left, renege: "
         "tired, "
         "patience: {distribution: exponential, mean_days: 0.4}}",
         73.43, 73.43},
        {"stop: {kind: queue, servers: 0, service: {distribution: constant, mean_days: 1}, to: left, "
         "renege: tired, patience: {distribution: gamma, shape: 2, mean_days: 0.5}}",
         0, 100},
        {"stop: {kind: queue, servers: 0, service: {distribution: constant, mean_days: 1}, to: left, "
         "renege: tired, patience: {distribution: constant, mean_days: 12}}",
         0, 2400},
    };
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        ALONE_FOR_ENGINES(e, 3)
        {
            struct alone run;
            char text[2048];
            double left = 0, waiting = 0;
            snprintf(text, sizeof text,
                     "title: t\nfrom: 2023-01-01\nto: 2023-07-19\nrecord: {bins: day}\n" MEASURES
                     "ballots: {b: {lead: {distribution: constant, mean_days: 0.001}, offices: {x: "
                     "{slots_per_day: 1000}}}}\nstations:\n  in: {kind: source, per_day: 200, to: stop}\n  "
                     "%s\n" LEFT "  tired: {kind: sink, counts_as: [tired]}\n",
                     cases[c].station);
            alone_run(&run, *e, text);
            for (size_t day = FIRST; day < DAYS; day++) {
                left += alone_events(&run, "left", day) / (DAYS - FIRST);
                waiting += alone_present(&run, "stop", day) / (DAYS - FIRST);
            }
            const double chance = *e == ENGINE_MEAN ? 0.01 : 5 * sqrt(cases[c].waiting / (DAYS - FIRST));
            alone_expect(&run, "left a day", left, cases[c].a_day, chance);
            alone_expect(&run, "waiting at midnight", waiting, cases[c].waiting, chance);
            alone_end(&run);
        }
    }
}

/* 2,000 people a day with a patience of 60 days on average, except on day 20, when it is one day: of the
 * 120,000 (1 - exp(-1/3)) who wait by then exp(-1) stay, and of those who come on that day 1 - exp(-1). Would
 * catch people who came long before and are taken for comers of that day. */
static void test_patience_of_a_day(void **state)
{
    (void)state;
    static const double waiting = 120000 * 0.28346869 * 0.36787944 + 2000 * 0.63212056;
    ALONE_FOR_ENGINES(e, 3)
    {
        struct alone run;
        alone_run(&run, *e,
                  ALONE_DAYS("2023-01-22") MEASURES
                  "stations:\n  in: {kind: source, per_day: 2000, to: stop}\n"
                  "  stop: {kind: departures, seats: 0, to: left, renege: tired, patience: {distribution: "
                  "exponential, mean_days: {steps: {2023-01-01: 60, 2023-01-21: 1, 2023-01-22: 60}}}}\n" LEFT
                  "  tired: {kind: sink, counts_as: [tired]}\n");
        alone_expect(&run, "waiting", alone_present(&run, "stop", 20), waiting,
                     *e == ENGINE_MEAN ? 0.01 * waiting : 5 * 120);
        alone_end(&run);
    }
}

/* On day 5 nobody has any patience; of the 200 who come on each day after it those are left on day 29 who
 * have patience of an Erlang distribution, for up to 24 days: 200 (20 - 44 exp(-2.4)). Would catch a clock
 * that has no time any more, and people who are lost on it. */
static void test_no_patience(void **state)
{
    (void)state;
    static const double waiting = 200 * (20 - 44 * 0.09071795);
    ALONE_FOR_ENGINES(e, 3)
    {
        struct alone run;
        alone_run(
            &run, *e,
            ALONE_DAYS("2023-02-01") MEASURES
            "stations:\n  in: {kind: source, per_day: 200, to: stop}\n"
            "  stop: {kind: departures, seats: 0, to: left, renege: tired, patience: {distribution: "
            "erlang, shape: 2, mean_days: {steps: {2023-01-01: 20, 2023-01-06: 0, 2023-01-07: 20}}}}\n" LEFT
            "  tired: {kind: sink, counts_as: [tired]}\n");
        alone_expect(&run, "waiting without patience", alone_present(&run, "stop", 5), 0, 1e-6);
        alone_expect(&run, "waiting", alone_present(&run, "stop", 29), waiting,
                     *e == ENGINE_MEAN ? 0.005 * waiting : 5 * sqrt(waiting));
        alone_expect(&run, "left and waiting",
                     alone_present(&run, "stop", 31) + alone_all_events(&run, "tired"), 200 * 32,
                     *e == ENGINE_MEAN ? 1e-6 : 5 * sqrt(200 * 32));
        alone_end(&run);
    }
}

/* Whoever comes in a day departs at its end: with cohorts after half a day, so that nobody's wait stands
 * among those of three quarters of a day or more. Would catch lengths of waits that are counted from the
 * start of the step. */
static void test_lengths_of_waits(void **state)
{
    (void)state;
    for (const enum engine_kind *e = alone_engines + 1; e < alone_engines + 3; e++) {
        struct alone run;
        alone_run(
            &run, *e,
            "title: t\nfrom: 2023-01-01\nto: 2023-01-31\nrecord: {wait_edges_days: [0, 0.75]}\nstations:\n"
            "  in: {kind: source, per_day: 100, to: bus}\n  bus: {kind: departures, seats: 1000000, to: "
            "out}\n"
            "  out: {kind: sink}\n");
        const struct results_dataset *histogram = run_model_dataset(&run.run, "waits", "histogram");
        alone_expect(&run, "long waits", run_model_at(&run.run, histogram, 0, 0, 1), 0, 0);
        if (!(run_model_at(&run.run, histogram, 0, 0, 0) > 2500)) fail_msg("nobody waits");
        alone_end(&run);
    }
}

/* A thousand a day wait for 40 days each, and nothing departs. Would catch those who came in several days,
 * and are kept together for long, leaving on one. */
static void test_sharp_patience(void **state)
{
    (void)state;
    ALONE_FOR_ENGINES(e, 3)
    {
        struct alone run;
        alone_run(&run, *e,
                  ALONE_DAYS(
                      "2023-03-31") "measures: {left: {}}\nstations:\n"
                                    "  in: {kind: source, per_day: 1000, to: stop}\n"
                                    "  stop: {kind: departures, seats: 0, patience: {distribution: constant, "
                                    "mean_days: 40}, renege: gone, to: gone}\n"
                                    "  gone: {kind: sink, counts_as: [left]}\n");
        for (size_t day = 42; day < 90; day++)
            alone_expect(&run, "left in a day", alone_events(&run, "left", day), 1000,
                         *e == ENGINE_MEAN ? 5 : 160);
        alone_end(&run);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_seats_and_days),
                                       cmocka_unit_test(test_one_departure_at_a_time),
                                       cmocka_unit_test(test_parts_of_seats),
                                       cmocka_unit_test(test_money),
                                       cmocka_unit_test(test_patience),
                                       cmocka_unit_test(test_exponential_patience),
                                       cmocka_unit_test(test_patience_that_changes),
                                       cmocka_unit_test(test_first_come_first_served),
                                       cmocka_unit_test(test_short_patience),
                                       cmocka_unit_test(test_patience_of_a_day),
                                       cmocka_unit_test(test_no_patience),
                                       cmocka_unit_test(test_lengths_of_waits),
                                       cmocka_unit_test(test_sharp_patience)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
