/* Slips of the pen that parse, and would change nothing or something else: each is told, once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/helpers/compile_text.h"

#define COUNTED  HEAD "measures: {done: {}}\n"
#define IN(more) "stations:\n  in: {kind: source, per_day: 1, to: " more "}\n"
#define OUT      "  out: {kind: sink, counts_as: [done]}\n"

/* Catches values of the wrong form that are skipped: what they say would be lost. */
static void tells_of_wrong_forms(void **state)
{
    (void)state;
    ASSERT_PROBLEMS(
        COUNTED IN("pick") "  pick: {kind: choice, options: {a: {share: 0.3, counts_as: done, to: out}, "
                           "b: {share: rest, counts_as: {done: 1}, to: out}}}\n" OUT,
        "stations.pick.options.a.counts_as: must be a list",
        "stations.pick.options.b.counts_as: must be a list");
    ASSERT_PROBLEMS(
        COUNTED "signals: {w: {measure: done}}\n" IN(
            "pick") "  pick: {kind: choice, logit: true, options: {a: {terms: [w], to: out}, b: {terms: "
                    "w, to: out}}}\n" OUT,
        "options.a.terms: must be a map", "options.b.terms: must be a map");
    ASSERT_PROBLEMS(COUNTED "signals: {w: {measure: [done]}, v: {measure: {done: out}}}\n" IN("out") OUT,
                    "signals.w.measure: must be a name", "signals.v.measure: must be a name");
    ASSERT_PROBLEMS(
        COUNTED IN("list") "  list: {kind: ballot, ballot: b, offices: [a, b], no_show: out}\n" OUT
                           "ballots: {b: {lead: {distribution: constant, mean_days: 1}, offices: {a: "
                           "{slots_per_day: 1}, b: {slots_per_day: 1}}}}\n",
        "stations.list.offices: must be a map");
}

/* Catches one slip that is told again wherever something refers to it. */
static void tells_each_slip_once(void **state)
{
    (void)state;
    ASSERT_PROBLEMS(
        HEAD
        "measures: [came, done]\nschedules: {arrivals: {steps: [1, 2]}}\nstations:\n  in: {kind: source, "
        "per_day: arrivals, to: out, counts_as: [came]}\n" OUT,
        "measures: must be a map", "schedules.arrivals.steps: must be");
    ASSERT_PROBLEMS(
        COUNTED "classes: [young, old]\nstations:\n  in: {kind: source, per_day: 1, mix: {young: 0.5, old: "
                "0.5}, to: out}\n" OUT,
        "classes: must be a map");
    ASSERT_PROBLEMS(
        COUNTED "classes: {age: [young, old]}\nstations:\n  in: {kind: source, per_day: 1, mix: {young: 0.5, "
                "old: 0.5}, to: out}\n" OUT,
        "'young' is a label of 'age': write mix: {age: {young: ...}}");
}

/* Catches keys that were left to be filled in, and are taken as if they were not there: a queue without
 * servers, a policy without a date, a measure that nothing knows. */
static void tells_of_blanks(void **state)
{
    (void)state;
    ASSERT_PROBLEMS(HEAD "measures:\n  done:\n" IN("desk") "  desk:\n    kind: queue\n    servers:\n    "
                                                           "service: {distribution: constant, mean_days: 1}\n"
                                                           "    to: out\n  out: {kind: sink}\n",
                    "measures.done: has no value", "stations.desk.servers: has no value");
    ASSERT_PROBLEMS(COUNTED IN("out") OUT
                    "policies:\n  - why: later\n    on:\n    set: {stations.in.per_day: 2}\n",
                    "policies.on: has no value");
    struct compiled m; /* ~ says that something is not there */
    compile_good(&m, COUNTED "places: ~\n" IN("out") OUT);
    discard(&m);
}

/* Catches policies that come too late to do anything, set nothing, or share a name. */
static void tells_of_policies_without_effect(void **state)
{
    (void)state;
    ASSERT_PROBLEMS(
        COUNTED "accounts: {a: {opening_mxn: 100, unit_cost_mxn: {stop: 1}}}\n" IN(
            "gate") "  gate: {kind: gate, stop_probability: 1, pays: a, outcomes: [{back: {to: out}}], "
                    "to: out}\n" OUT "policies:\n"
                    "  - {on: 2023-03-01, why: w, set: {accounts.a.opening_mxn: 0}}\n"
                    "  - {on: 2023-03-01, why: w, set: {}}\n"
                    "  - {name: p, on: 2023-03-01, why: w, set: {stations.in.per_day: 2}}\n"
                    "  - {name: p, on: 2023-04-01, why: w, set: {stations.in.per_day: 3}}\n"
                    "  - {on: 2023-05-01, why: w, set: {accounts: {a: {reserve_mxn: 3}}}}\n",
        "'accounts.a.opening_mxn' counts at `from`", "sets nothing", "a second policy is named 'p'",
        "write the whole path with dots: 'accounts.a");
    ASSERT_PROBLEMS(
        COUNTED IN("road") "  road: {kind: delay, duration: {distribution: uniform, min_days: 1, max_days: "
                           "3}, to: out}\n" OUT "policies:\n  - {on: 2023-03-01, why: w, set: "
                           "{stations.road.duration.min_days: 2}}\n",
        "'stations.road.duration.min_days' cannot change on a date; 'stations.road.duration.mean_days' can");
}

/* Catches ways that nobody takes, and choices that nobody can make. */
static void tells_of_what_nobody_reaches(void **state)
{
    (void)state;
    ASSERT_PROBLEMS(
        COUNTED IN("gate") "  gate: {kind: gate, stop_probability: 1, outcomes: [{all: {to: out}}, {some: "
                           "{share: 0.5, to: out}}, {rest: {to: out}}], to: out}\n" OUT,
        "outcomes.all: takes everyone");
    ASSERT_PROBLEMS(
        COUNTED
        "ballots: {b: {lead: {distribution: constant, mean_days: 1}, offices: {a: {slots_per_day: "
        "1}, b: {slots_per_day: 1}}}}\n" IN(
            "list") "  list: {kind: ballot, ballot: b, offices: {a: out, b: out}, preference: {a: 0, b: "
                    "0}, not_eligible: out, no_show: out}\n" OUT,
        "preference: all shares are 0", "'not_eligible' goes with classes");
    ASSERT_PROBLEMS(COUNTED "stations:\n  in: {kind: source, per_day: 1, cohesion_days: 3, to: out}\n" OUT,
                    "'cohesion_days' goes with batches");
}

/* Catches a measure that is added up by nobody, as its name ends like a balance or a wait. */
static void tells_of_measures_by_another_ending(void **state)
{
    (void)state;
    ASSERT_PROBLEMS(HEAD "measures: {trade_balance: {}, long_wait_days: {}}\n" IN(
                        "out") "  out: {kind: sink, counts_as: "
                               "[trade_balance, long_wait_days]}\n",
                    "'trade_balance' would be read as a balance",
                    "'long_wait_days' would be read as a balance or a wait");
}

/* Catches a name that is written wrong and for which the right one is known. */
static void tells_the_name_that_was_meant(void **state)
{
    (void)state;
    ASSERT_PROBLEMS(
        COUNTED IN("doctor") "  doctor: {kind: delay, duration: {distribution: constant, mean_days: 1}, to: "
                             "out}\n  doctr: {at: here}\n" OUT,
        "'kind' is missing; did you mean station 'doctor'?");
    ASSERT_PROBLEMS(
        COUNTED "accounts: {a: {currency: EUR, opening_mxn: 100, unit_cost_mxn: {stop: 1}}}\n" IN("out") OUT,
        "the currency is EUR (allowed: MXN, USD)");
    static const struct {
        const char *text, *warning;
    } told[] = {
        {COUNTED "accounts: {a: {opening_mxn: 100, unit_cost_mxn: {stops: 1}}}\n" IN(
             "gate") "  gate: {kind: gate, stop_probability: 1, pays: a, outcomes: [{back: {to: out}}], to: "
                     "out}\n" OUT,
         "nothing uses it; did you mean 'stop'?"},
        {COUNTED
         "schedules: {slots: {tijuana: {value: 1}, juarez: {value: 1}}, ports: {tijuana: {value: 1}}}\n"
         "stations:\n  in: {kind: source, per_day: slots.juarez, level: ports.tijuana, to: out}\n" OUT,
         NULL},
        {COUNTED "places: {juarez: {shelter_places: 40, harm_per_day_unsheltered: 0.01}}\n" IN(
             "inn") "  inn: {kind: stay, duration: {distribution: constant, mean_days: 1}, to: out}\n" OUT,
         "places.juarez.shelter_places: does nothing, as nobody sleeps there: no stay or ballot is at "
         "'juarez'"},
        {COUNTED "places: {juarez: {shelter_places: 40, harm_per_day_unsheltered: 0.01}}\n" IN(
             "inn") "  inn: {kind: stay, at: juarez, duration: {distribution: constant, mean_days: 1}, to: "
                    "out}\n" OUT,
         NULL},
        {COUNTED "schedules: {slots: {tijuana: {value: 1}, tijuanna: {value: 1}}}\n"
                 "stations:\n  in: {kind: source, per_day: slots.tijuana, to: out}\n" OUT,
         "nothing uses it; did you mean 'slots.tijuana'?"},
    };
    for (size_t i = 0; i < sizeof told / sizeof *told; i++) {
        struct compiled m;
        compile_good(&m, told[i].text);
        assert_int_equal(m.problems.count, 0);
        assert_int_equal(m.problems.warnings, told[i].warning ? 1 : 0);
        if (told[i].warning) assert_non_null(strstr(m.problems.warning[0].message, told[i].warning));
        discard(&m);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_of_wrong_forms),
        cmocka_unit_test(tells_each_slip_once),
        cmocka_unit_test(tells_of_blanks),
        cmocka_unit_test(tells_of_policies_without_effect),
        cmocka_unit_test(tells_of_what_nobody_reaches),
        cmocka_unit_test(tells_of_measures_by_another_ending),
        cmocka_unit_test(tells_the_name_that_was_meant),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
