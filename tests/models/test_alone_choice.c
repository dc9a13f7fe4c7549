/* Choice, signals and rules alone. All answers by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/helpers/alone.h"

#define MEASURES "measures: {x: {}, y: {}, z: {}, seen: {}}\n"
#define SINKS                                                                                                \
    "  x: {kind: sink, counts_as: [x]}\n  y: {kind: sink, counts_as: [y]}\n"                                 \
    "  z: {kind: sink, counts_as: [z]}\n"
#define CLASSES "classes: {class: [a, b]}\n"

static double chosen(const struct alone *run, const char *measure, const char *class)
{
    return alone_total(run, "events", "events", "event_kind", measure, class);
}

static void expect_share(const struct alone *run, const char *what, double count, double of, double share)
{
    double chance = run->engine.kind == ENGINE_MEAN ? 1e-6 : 5 * sqrt(of * share * (1 - share)) + 1e-9;
    alone_expect(run, what, count, of * share, chance);
}

/* Shares 0.2, 0.3 and 0.5 for a; b may not choose z and has share 0 for x: all b go to y. Would catch an
 * option of share 0 that is chosen, shares that are not taken over those who may choose, and a class let in.
 */
static void test_shares(void **state)
{
    (void)state;
    const double n = 40000;
    ALONE_FOR_ENGINES(e, 3)
    {
        struct alone run;
        alone_run(&run, *e,
                  ALONE_DAYS("2023-01-02") MEASURES CLASSES
                  "stations:\n" ALONE_MIXED_BATCH("in1", "2023-01-01", "40000", "a", "fork")
                      ALONE_MIXED_BATCH("in2", "2023-01-01", "40000", "b",
                                        "fork") "  fork: {kind: choice, options: {x: {share: {a: 0.2, b: 0}, "
                                                "to: x}, y: {share: {a: 0.3, b: "
                                                "1}, to: y}, z: {share: 0.5, classes: [a], to: z}}}\n" SINKS);
        expect_share(&run, "x of a", chosen(&run, "x", "a"), n, 0.2);
        expect_share(&run, "y of a", chosen(&run, "y", "a"), n, 0.3);
        expect_share(&run, "z of a", chosen(&run, "z", "a"), n, 0.5);
        expect_share(&run, "x of b", chosen(&run, "x", "b"), n, 0);
        expect_share(&run, "y of b", chosen(&run, "y", "b"), n, 1);
        expect_share(&run, "z of b", chosen(&run, "z", "b"), n, 0);
        alone_end(&run);
    }
}

/* Logit with constants 0, ln 2 and ln 3 less a distaste of class b for z: weights 1, 2, 3 for a and 1, 2, 1
 * for b. Would catch constants taken as shares, and one class's utility used for another. */
static void test_logit(void **state)
{
    (void)state;
    const double n = 40000;
    ALONE_FOR_ENGINES(e, 3)
    {
        struct alone run;
        alone_run(&run, *e,
                  ALONE_DAYS("2023-01-02") MEASURES CLASSES
                  "stations:\n" ALONE_MIXED_BATCH("in1", "2023-01-01", "40000", "a", "fork")
                      ALONE_MIXED_BATCH("in2", "2023-01-01", "40000", "b",
                                        "fork") "  fork: {kind: choice, logit: true, options: {x: {constant: "
                                                "0, to: x}, y: {constant: "
                                                "0.69314718055994531, to: y}, z: {constant: {a: "
                                                "1.0986122886681098, b: 0}, to: z}}}\n" SINKS);
        expect_share(&run, "x of a", chosen(&run, "x", "a"), n, 1.0 / 6);
        expect_share(&run, "y of a", chosen(&run, "y", "a"), n, 2.0 / 6);
        expect_share(&run, "z of a", chosen(&run, "z", "a"), n, 3.0 / 6);
        expect_share(&run, "x of b", chosen(&run, "x", "b"), n, 0.25);
        expect_share(&run, "y of b", chosen(&run, "y", "b"), n, 0.5);
        expect_share(&run, "z of b", chosen(&run, "z", "b"), n, 0.25);
        alone_end(&run);
    }
}

/* Large utilities, as coefficients of stocks make them: of a 1,000 and ln 3 less, of b -899 and ln 3 less.
 * Would catch powers of e that are too large or too small for a double, with which people were lost. */
static void test_large_utilities(void **state)
{
    (void)state;
    const double n = 40000;
    ALONE_FOR_ENGINES(e, 3)
    {
        struct alone run;
        alone_run(
            &run, *e,
            ALONE_DAYS("2023-01-02") MEASURES CLASSES
            "stations:\n" ALONE_MIXED_BATCH("in1", "2023-01-01", "40000", "a", "fork")
                ALONE_MIXED_BATCH("in2", "2023-01-01", "40000", "b",
                                  "fork") "  fork: {kind: choice, logit: true, options: {x: {constant: {a: "
                                          "1000, b: -898.901387711332}, "
                                          "to: x}, y: {constant: {a: 998.901387711332, b: -900}, to: y}, "
                                          "z: {constant: {a: -1000, b: -1000}, to: z}}}\n" SINKS);
        for (int c = 0; c < 2; c++) {
            const char *class = c ? "b" : "a";
            expect_share(&run, "x", chosen(&run, "x", class), n, 0.75);
            expect_share(&run, "y", chosen(&run, "y", class), n, 0.25);
            expect_share(&run, "z", chosen(&run, "z", class), n, 0);
        }
        alone_end(&run);
    }
}

/* 100 people are seen on day 3. A signal over one day that ended two days ago stands at 100 on day 6 and at 0
 * on all others; with a coefficient of 0.02 the odds for x are then exp(2) to 1. A signal over two days
 * without lag stands at 50 on days 4 and 5: odds exp(1). Would catch a lag or a window off by a day, a sum in
 * place of a mean, and weights that are not renewed each day. */
static void test_lagged_signal(void **state)
{
    (void)state;
    static const struct {
        const char *window;
        double signal[10];
    } cases[] = {{"window_days: 1, lag_days: 2", {0, 0, 0, 0, 0, 0, 100, 0, 0, 0}},
                 {"window_days: 2, lag_days: 0", {0, 0, 0, 0, 50, 50, 0, 0, 0, 0}}};
    for (size_t c = 0; c < 2; c++) {
        ALONE_FOR_ENGINES(e, 3)
        {
            struct alone run;
            char text[2048];
            snprintf(
                text, sizeof text,
                ALONE_DAYS("2023-01-10") MEASURES
                "signals: {news: {measure: seen, %s}}\n"
                "stations:\n  in: {kind: source, per_day: 4000, to: fork}\n"
                "  other: {kind: source, per_day: 0, counts_as: [seen], batches: [{name: b, on: 2023-01-04, "
                "people: 100}], to: z}\n"
                "  fork: {kind: choice, logit: true, options: {x: {terms: {news: 0.02}, to: x}, y: {to: "
                "y}}}\n" SINKS,
                cases[c].window);
            alone_run(&run, *e, text);
            for (size_t day = 0; day < 10; day++) {
                double x = alone_events(&run, "x", day), all = x + alone_events(&run, "y", day);
                double odds = exp(0.02 * cases[c].signal[day]);
                expect_share(&run, cases[c].window, x, all, odds / (1 + odds));
            }
            alone_end(&run);
        }
    }
}

/* Stocks, waits and shares of stops as signals, each of which moves a choice. 500 people stand in a cell from
 * day 0 to day 4 (seen at the starts of days 1 to 4); 20 people wait two and a half days for a bus that
 * leaves on day 3 (2.5 with persons, 2 with cohorts); a gate stops a quarter. Would catch a signal of another
 * kind or in another unit. */
static void test_kinds_of_signals(void **state)
{
    (void)state;
    static const char *const signals[] = {"measure: stock, of: cell", "measure: wait, of: bus",
                                          "measure: stop_share, of: gate"};
    ALONE_FOR_ENGINES(e, 3)
    {
        for (size_t s = 0; s < 3; s++) {
            struct alone run;
            char text[3072];
            snprintf(text, sizeof text,
                     ALONE_DAYS("2023-01-08") MEASURES
                     "signals: {news: {%s, window_days: 1}}\nstations:\n" ALONE_BATCH("in1", "2023-01-01",
                                                                                      "500", "cell")
                         ALONE_BATCH("in2", "2023-01-01", "20",
                                     "bus") "  in3: {kind: source, per_day: 40000, to: gate}\n"
                                            "  in: {kind: source, per_day: 40000, to: fork}\n"
                                            "  cell: {kind: stay, duration: {distribution: constant, "
                                            "mean_days: 4.25}, to: z}\n"
                                            "  bus: {kind: departures, seats: 100, every_days: 7, starting: "
                                            "2023-01-04, to: z}\n"
                                            "  gate: {kind: gate, stop_probability: 0.25, outcomes: [{o: "
                                            "{to: z}}], to: z}\n"
                                            "  fork: {kind: choice, logit: true, options: {x: {terms: {news: "
                                            "%g}, to: x}, y: {to: "
                                            "y}}}\n" SINKS,
                     signals[s],
                     s == 0   ? 0.002
                     : s == 1 ? 0.5
                              : 4.0);
            alone_run(&run, *e, text);
            double wait = *e == ENGINE_AGENTS ? 3 : 2.5;
            for (size_t day = 0; day < 8; day++) {
                double utility = s == 0   ? (day >= 1 && day <= 4 ? 1 : 0)
                                 : s == 1 ? (day >= 4 ? 0.5 * wait : 0)
                                          : (day >= 1 ? 1 : 0);
                if (s == 0 && day == 5) continue; /* a quarter of the cohort is still there */
                double x = alone_events(&run, "x", day), all = x + alone_events(&run, "y", day);
                double share = exp(utility) / (1 + exp(utility));
                double chance = *e == ENGINE_MEAN ? 1e-6 * all : 5 * sqrt(all * share * (1 - share));
                /* The share of stops of one day, a quarter on average, is drawn too. */
                double drawn = s == 2 && *e != ENGINE_MEAN ? all * share * (1 - share) * 4 * 5 * 0.0022 : 0;
                alone_expect(&run, signals[s], x, all * share, chance + drawn);
            }
            alone_end(&run);
        }
    }
}

/* A rule that closes a gate when more than 40 are seen a day, and a policy that opens it on day 5: 50 are
 * seen on day 3 and again on day 6. */
static void run_closing(struct alone *run, enum engine_kind kind, const char *stop_probability)
{
    char text[2048];
    snprintf(text, sizeof text,
             ALONE_DAYS("2023-01-10") MEASURES
             "signals: {news: {measure: seen, window_days: 1}}\nstations:\n"
             "  in: {kind: source, per_day: 0, to: gate, batches: [{name: a, on: 2023-01-04, people: 10}, "
             "{name: b, on: 2023-01-05, people: 10}, {name: c, on: 2023-01-06, people: 10}, {name: d, on: "
             "2023-01-08, people: 10}]}\n"
             "  other: {kind: source, per_day: 0, counts_as: [seen], batches: [{name: b, on: 2023-01-04, "
             "people: 50}, {name: c, on: 2023-01-07, people: 50}], to: z}\n"
             "  gate: {kind: gate, stop_probability: %s, outcomes: [{o: {counts_as: [y], to: z}}], to: x}\n"
             "  x: {kind: sink, counts_as: [x]}\n  z: {kind: sink}\n"
             "policies:\n"
             "  - {name: close, why: t, when: {signal: news, above: 40}, set: "
             "{stations.gate.stop_probability: 1}}\n"
             "  - {name: open, on: 2023-01-06, why: t, set: {stations.gate.stop_probability: 0}}\n",
             stop_probability);
    alone_run(run, kind, text);
}

static const double closed_once[] = {0, 0, 0, 0, 10, 0, 0, 0, 0, 0};

/* The rule acts on the first day after the one with more than 40, day 4, and never again. Would catch a rule
 * that acts on the same day, twice, or not at all. */
static void test_rule_fires_once(void **state)
{
    (void)state;
    ALONE_FOR_ENGINES(e, 3)
    {
        struct alone run;
        run_closing(&run, *e, "1e-12");
        alone_expect_days(&run, "y", closed_once, 10);
        alone_end(&run);
    }
}

/* The same with a gate that was open from the start. Would catch a policy that sets what the file says anyway
 * and is dropped for it, so that it does not undo what the rule has set. */
static void test_policy_after_rule(void **state)
{
    (void)state;
    ALONE_FOR_ENGINES(e, 3)
    {
        struct alone run;
        run_closing(&run, *e, "0");
        alone_expect_days(&run, "y", closed_once, 10);
        alone_end(&run);
    }
}

/* A rule that looks below a threshold, and not before a date: nobody is seen from day 0 on, but it may act
 * from day 5 on only. Would catch a date that is ignored, and a sign that is turned. */
static void test_rule_not_before(void **state)
{
    (void)state;
    static const double y[] = {0, 0, 0, 0, 0, 10, 10, 10};
    ALONE_FOR_ENGINES(e, 3)
    {
        struct alone run;
        alone_run(
            &run, *e,
            ALONE_DAYS("2023-01-08") MEASURES
            "signals: {news: {measure: seen, window_days: 1}}\nstations:\n"
            "  in: {kind: source, interval: {distribution: constant, mean_days: 0.1}, to: gate}\n"
            "  other: {kind: source, per_day: 0, counts_as: [seen], batches: [{name: b, on: 2023-01-01, "
            "people: 50}], to: z}\n"
            "  gate: {kind: gate, stop_probability: 0, outcomes: [{o: {counts_as: [y], to: z}}], to: x}\n"
            "  x: {kind: sink, counts_as: [x]}\n  z: {kind: sink}\n"
            "policies:\n  - {name: close, why: t, when: {signal: news, below: 1, not_before: 2023-01-06}, "
            "set: {stations.gate.stop_probability: 1}}\n");
        for (size_t day = 0; day < 8; day++)
            alone_expect(&run, "stopped", alone_events(&run, "y", day), y[day],
                         *e == ENGINE_MEAN ? 1e-9
                         : y[day] > 0      ? 1
                                           : 0);
        alone_end(&run);
    }
}

/* Half of those who come go round once more, by a way that takes a day, and no time from a date on. Would
 * catch agents who throw the same dice in each round, and so never find the way out. */
static void test_round_without_time(void **state)
{
    (void)state;
    struct alone run;
    alone_run(&run, ENGINE_AGENTS,
              ALONE_DAYS("2023-01-10") "measures: {out: {}}\nstations:\n" ALONE_BATCH(
                  "in", "2023-01-05", "1000",
                  "way") "  way: {kind: delay, duration: {distribution: constant, mean_days: "
                         "1}, to: fork}\n"
                         "  fork: {kind: choice, options: {back: {share: 0.5, to: way}, on: "
                         "{share: 0.5, to: out}}}\n"
                         "  out: {kind: sink, counts_as: [out]}\n"
                         "policies: [{on: 2023-01-05, why: t, set: "
                         "{stations.way.duration.mean_days: 0}}]\n");
    alone_expect(&run, "gone out", alone_all_events(&run, "out"), 1000, 0);
    alone_end(&run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_shares),
                                       cmocka_unit_test(test_logit),
                                       cmocka_unit_test(test_lagged_signal),
                                       cmocka_unit_test(test_kinds_of_signals),
                                       cmocka_unit_test(test_rule_fires_once),
                                       cmocka_unit_test(test_policy_after_rule),
                                       cmocka_unit_test(test_rule_not_before),
                                       cmocka_unit_test(test_large_utilities),
                                       cmocka_unit_test(test_round_without_time)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
