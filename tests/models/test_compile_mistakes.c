/* Mistakes in scenarios: each is told, once, and none brings followers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/helpers/compile_text.h"

#include <stdio.h>
#include <stdlib.h>

/* Catches a mistake that hides another, is told twice, or brings followers of its own. */
static void tells_every_mistake_once(void **state)
{
    (void)state;
    ASSERT_PROBLEMS(HEAD CLASSES
                    "stations:\n  in: {kind: source, per_day: arivals, " MIX ", to: gat}\n"
                    "  gate: {kind: gate, stop_probability: 1.4, " GATE_KEYS
                    "  road: {kind: delay, duration: {distribution: gama, mean_weeks: 3}, to: out}\n"
                    "  desk: {kind: qeue, servers: 3, to: out}\n"
                    "  rest: {kind: stay, duration: {distribution: constant, mean_days: {value: 3, status: "
                    "assumed}}, to: out}\n"
                    "  out: {kind: sink, counts_as: [dome]}\n",
                    "stations.in.per_day: unknown schedule 'arivals'; did you mean 'arrivals'?",
                    "stations.in.to: unknown station 'gat'; did you mean 'gate'?",
                    "stations.gate.stop_probability: 1.4 is above 1 (allowed: 0 to 1)",
                    "unknown value 'gama'; did you mean 'gamma'?",
                    "mean_weeks: unknown key; this one is written as mean_days",
                    "stations.desk.kind: unknown value 'qeue'; did you mean 'queue'?",
                    "rest.duration.mean_days: is assumed, so it needs a range",
                    "counts_as: unknown measure 'dome'; did you mean 'done'?");
}

/* Catches a graph that is not looked at: stations out of reach, and ways round that take no time. */
static void tells_of_the_graph(void **state)
{
    (void)state;
    ASSERT_PROBLEMS(MODEL "  lost: {kind: sink}\n", "stations.lost: cannot be reached");
    ASSERT_PROBLEMS(
        HEAD "stations:\n  in: {kind: source, per_day: 1, to: later}\n  later: {kind: source, per_day: 1, "
             "to: out}\n  out: {kind: sink}\n",
        "stations.in.to: a source takes nobody in");
    ASSERT_PROBLEMS(HEAD "stations:\n  in: {kind: source, per_day: 1, to: {to: out, counts_as: [done]}}\n"
                         "  out: {kind: sink}\n",
                    "stations.in.to: a way on is the name of a station: out, or a map");
    ASSERT_PROBLEMS(HEAD CLASSES ENTRY
                    "  gate: {kind: gate, stop_probability: 0.5, outcomes: [{back: {to: turn}}], to: out}\n"
                    "  turn: {kind: choice, options: {on: {share: 1, to: gate}}}\n  out: {kind: sink}\n",
                    "gate -> turn -> gate");
}

/* Catches a wrong `to` that hides what is out of reach for another reason, or one that brings followers: what
 * only it could lead to is not told. */
static void tells_what_is_out_of_reach_beside_a_wrong_way(void **state)
{
    (void)state;
#define WAY(keys, more)                                                                                      \
    HEAD "stations:\n  in: {kind: source, per_day: 1, to: road}\n"                                           \
         "  road: {kind: delay, duration: {distribution: constant, mean_days: 1}, " keys "}\n"               \
         "  out: {kind: sink}\n" more
    ASSERT_PROBLEMS(WAY("to: oot", "  lost: {kind: sink}\n"), "unknown station 'oot'; did you mean 'out'?",
                    "stations.lost: cannot be reached");
    ASSERT_PROBLEMS(WAY("to: somewhere_else", ""), "unknown station 'somewhere_else'");
    ASSERT_PROBLEMS(WAY("too: out", ""), "unknown key; did you mean 'to'?");
    ASSERT_PROBLEMS(WAY("why: none", ""), "'to' is missing");
    ASSERT_PROBLEMS(WAY("to: out",
                        "  lost: {kind: delay, duration: {distribution: constant, mean_days: 1}, to: "
                        "somewhere_else}\n"),
                    "unknown station 'somewhere_else'", "stations.lost: cannot be reached");
    ASSERT_PROBLEMS(HEAD "stations:\n  in: {kind: sorce, per_day: 1, to: out}\n  out: {kind: sink}\n",
                    "did you mean 'source'?");
}

/* Catches shares that do not sum to 1 from some day on, and classes that nobody takes in. */
static void tells_of_shares(void **state)
{
    (void)state;
#define CHOICE(a, b)                                                                                         \
    HEAD CLASSES "stations:\n  in: {kind: source, per_day: 1, " MIX                                          \
                 ", to: way}\n  way: {kind: choice, options: {a: {" a ", to: out}, b: {" b                   \
                 ", to: out}}}\n  out: {kind: sink}\n"
    ASSERT_PROBLEMS(CHOICE("share: 0.5", "share: 0.4"), "shares sum to 0.9, not 1");
    ASSERT_PROBLEMS(
        CHOICE(
            "share: 0.5",
            "share: 0.5") "policies: [{on: 2023-05-01, why: w, set: {stations.way.options.a.share: 0.6}}]\n",
        "not 1, from 2023-05-01 on");
    ASSERT_PROBLEMS(CHOICE("share: 0.5", "share: 1.5"), "1.5 is above 1");
    ASSERT_PROBLEMS(CHOICE("share: 1, classes: [mexico]", "share: 1, classes: [guatemala/adult]"),
                    "class guatemala/child has no option");
}

/* Catches a rest that leaves less than nothing, stands twice, or where it has no meaning; and one that a
 * policy sets in vain. */
static void tells_of_the_rest(void **state)
{
    (void)state;
    ASSERT_PROBLEMS(
        CHOICE(
            "share: 1.0",
            "share: rest") "policies: [{on: 2023-05-01, why: w, set: {stations.way.options.b.share: 0.6}}, "
                           "{on: 2023-05-01, why: w, set: {stations.way.options.a.share: rest}}]\n",
        "'stations.way.options.b.share' is the rest: what the other shares leave; set those",
        "'rest' can only stand for the whole share");
    ASSERT_PROBLEMS(CHOICE("share: rest", "share: rest"), "only one share can be the rest: 'a' is already");
    ASSERT_PROBLEMS(HEAD CLASSES
                    "stations:\n  in: {kind: source, per_day: 1, " MIX ", to: {a: 0.7, b: rest, c: {mexico: "
                    "0.2, guatemala: 0.31}}}\n  a: {kind: sink}\n  b: {kind: sink}\n  c: {kind: sink}\n",
                    "stations.in.to: the shares beside the rest sum to 1.01, above 1, from the start on");
    ASSERT_PROBLEMS(
        CHOICE("share: 0.5",
               "share: rest") "policies: [{on: 2023-05-01, why: w, set: {stations.way.options.a.share.child: "
                              "1}}, "
                              "{on: 2023-06-01, why: w, set: {stations.way.options.a.share: 1.5}}]\n",
        "1.5 is above 1");
    ASSERT_PROBLEMS(CHOICE("share: {default: 0.5, mexico: rest}", "share: 0.5"), "'rest' can only stand for");
}

/* Catches policies that would be ignored: a wrong path, a structural key, a date outside the run, a rule with
 * a schedule. */
static void tells_of_policies(void **state)
{
    (void)state;
    ASSERT_PROBLEMS(
        MODEL "policies:\n"
              "  - {on: 2022-11-01, why: w, set: {force.south: 1}}\n"
              "  - {on: 2023-02-01, why: w, set: {stations.gate.kind: 1, stations.gat.intensity: 1, "
              "stations.gate.stop_probability: 2}}\n"
              "  - {on: 2023-02-01, set: {force.south: 1}}\n"
              "  - {why: w, when: {signal: stopped, above: 1}, set: {stations.gate.intensity: 1, "
              "stations.gate.outcomes.back.share: force.south}}\n",
        "policies[1]: the date lies outside the run (2022-12-02 to 2023-12-31",
        "'stations.gate.kind' cannot change on a date", "did you mean 'stations.gate.intensity'?",
        "2 is above 1", "policies[3]: 'why' is missing",
        "a rule cannot set stations.gate.intensity: its schedule would change it again on 2023-02-01",
        "a rule can set a number (with a range), not a schedule");
}

/* Catches a rule that sets what a follower of the schedule, or a follower of that one, cannot take, and a
 * rule that begins when the run is over. */
static void tells_of_rules(void **state)
{
    (void)state;
#define RULE(value, more)                                                                                    \
    HEAD "schedules: {p: 0.3, q: p}\nmeasures: {stops: {}}\nsignals: {n: {measure: stops}}\nstations:\n  "   \
         "in: {kind: "                                                                                       \
         "source, per_day: 1, to: gate}\n  gate: {kind: gate, stop_probability: q, counts_as: [stops], "     \
         "outcomes: "                                                                                        \
         "[{x: {to: out}}], to: out}\n  out: {kind: sink}\npolicies: [{name: r, why: w, when: {signal: n, "  \
         "above: 3" more "}, set: {p: " value "}}]\n"
    ASSERT_PROBLEMS(RULE("1.4", ""),
                    "stations.gate.stop_probability: schedules.q by policies.r: 1.4 is above 1");
    ASSERT_PROBLEMS(RULE("0.4", ", not_before: 2025-01-01"),
                    "the run ends on 2023-12-31, before the rule begins");
    /* Catches a rule that does nothing for a value that follows the schedule class by class. */
    ASSERT_PROBLEMS(
        HEAD CLASSES
        "stations:\n  in: {kind: source, per_day: arrivals, " MIX
        ", to: gate}\n  gate: {kind: gate, stop_probability: {default: force.south, mexico: 0}, "
        "counts_as: [stops], outcomes: [{x: {to: out}}], to: out}\n  out: {kind: sink, counts_as: "
        "[done]}\npolicies: [{name: r, why: w, when: {signal: stopped, above: 3, not_before: "
        "2023-06-01}, set: {force.south: 0.4}}]\n",
        "the rule would not reach stations.gate.stop_probability, which follows schedules.force.south");
    struct compiled m;
    compile_good(&m, RULE("0.4", ""));
    discard(&m);
}

/* Catches a policy that was to change another and is told that it lacks everything; and one whose wrong date
 * hides what else is wrong. */
static void tells_what_else_is_wrong_with_a_policy(void **state)
{
    (void)state;
    ASSERT_PROBLEMS(MODEL "policies:\n  - {name: shortfall, on: 2023-02-01, why: w, set: {force.south: 1}}\n"
                          "  - {name: shortfal, enabled: false}\n  - {name: other, on: 2023-02-01}\n",
                    "policies: no policy 'shortfal'; did you mean 'shortfall'?",
                    "policies: no policy 'other' to change; a new one needs on (or when), why and set");
    ASSERT_PROBLEMS(MODEL "policies:\n  - {on: 2023-02-30, why: w, set: {force.suoth: 1}}\n"
                          "  - {on: 2029-01-01, why: w, set: {stations.gate.stop_probability: 1.5}}\n"
                          "  - {why: w, set: {force.north: 1}}\n"
                          "  - {on: soon, why: w, set: {force.south: 1}}\n"
                          "  - {on: \"2023-02-01\", why: w, set: {force.south: 1}}\n",
                    "policies[1].on: there is no such day as 2023-02-30",
                    "called 'force.suoth'; did you mean 'schedules.force.south'?",
                    "policies[2]: the date lies outside the run", "1.5 is above 1",
                    "policies[3]: a policy needs a date (on) or a condition (when)", "called 'force.north'",
                    "policies[4].on: 'soon' is not a date, YYYY-MM-DD",
                    "policies[5].on: \"2023-02-01\" is text: write the date without quotes");
}

/* Catches a policy whose value is told at each of the followers of the schedule it sets, in files that their
 * author did not write. */
static void tells_a_value_where_it_is_set(void **state)
{
    (void)state;
    struct compiled m;
    compile(&m, HEAD CLASSES ENTRY "  gate: {kind: gate, stop_probability: force.south, outcomes: [{back: "
                                   "{share: force.south, to: out}}, "
                                   "{free: {to: road}}], to: road}\n" REST
                                   "policies:\n  - {on: 2023-07-01, why: w, set: {force.south: 1.2}}\n");
    assert_false(m.good);
    assert_int_equal(m.problems.count, 1);
    assert_int_equal(m.problems.problem[0].mark.line, 15);
    assert_non_null(
        strstr(m.problems.problem[0].message, "schedules.force.south on 2023-07-01: 1.2 is above 1"));
    discard(&m);
}

/* Catches a schedule whose later step leaves the range of a key that follows it. */
static void tells_of_schedules_out_of_range(void **state)
{
    (void)state;
    ASSERT_PROBLEMS(HEAD CLASSES ENTRY "  gate: {kind: gate, stop_probability: force.south, " GATE_KEYS REST
                                       "policies: [{on: 2023-07-01, why: w, set: {force.south: 1.2}}]\n",
                    "schedules.force.south on 2023-07-01: 1.2 is above 1");
    ASSERT_PROBLEMS(
        HEAD "schedules: {a: {steps: {2023-13-01: 1}}, b: {season: [1, 2]}, c: {step: {2023-01-01: 1}}}\n"
             "stations:\n  in: {kind: source, per_day: 1, to: out}\n  out: {kind: sink}\n",
        "there is no such day as 2023-13-01", "needs 12 values", "a schedule is written with steps");
}

/* Catches keys that would be ignored because another one is missing. */
static void tells_of_missing_companions(void **state)
{
    (void)state;
    ASSERT_PROBLEMS(
        HEAD "stations:\n  in: {kind: source, per_day: 1, to: desk}\n"
             "  desk: {kind: queue, servers: 1, service: {distribution: constant, mean_days: 1}, renege: "
             "out, to: gate}\n"
             "  gate: {kind: gate, stop_probability: 1, outcomes: [{a: {item: stop, to: road}}, {b: {share: "
             "1, to: road}}], to: road}\n"
             "  road: {kind: delay, duration: {distribution: constant, mean_days: 1}, room: 3, to: out}\n"
             "  out: {kind: sink}\n",
        "'patience' is missing", "an item needs 'pays'", "the last outcome takes everyone",
        "'full' is missing");
    ASSERT_PROBLEMS(HEAD CLASSES "stations:\n  in: {kind: source, per_day: 1, mix: {family: {adult: 1}}, to: "
                                 "out}\n  out: {kind: sink}\n",
                    "mix: the shares of 'nation' are missing");
}

/* Catches targets for measures that do not exist, and periods read as something else. */
static void reads_targets(void **state)
{
    (void)state;
    ASSERT_PROBLEMS(
        MODEL "targets: [{measure: stosp, period: 2023-02, value: 1, tolerance_percent: 1}, {measure: stops, "
              "period: 2023-14, value: 1, tolerance_percent: 1}, {measure: stops, period: 2023-02, value: 0, "
              "tolerance_percent: 5}]\n",
        "unknown measure 'stosp'; did you mean 'stops'?", "'2023-14' is not a period", "a target of 0");
    struct compiled m;
    compile_good(&m, MODEL
                 "targets: [{measure: stops, period: 2023-02, value: 7, tolerance_percent: 1, use: check}, "
                 "{measure: done_people, period: 2023-02-03/2023-02-04, value: 1, tolerance_percent: 1}]\n");
    assert_int_equal(m.model.target_count, 2);
    assert_true(m.model.target[0].check_only);
    assert_false(m.model.target[1].check_only);
    discard(&m);
}

/* Catches a wrong date, or a key that nobody knows, that hides what else is wrong, or is followed by
 * complaints about dates that depend on it. */
static void tells_what_else_is_wrong_beside_the_dates(void **state)
{
    (void)state;
    const char *rest = "stations:\n  in: {kind: source, per_day: 3, to: gat}\n  out: {kind: sink}\n"
                       "accounts: {a: {grants: [{name: g, on: 1990-01-01, amount_mxn: 5}]}}\n"
                       "policies:\n  - {name: p, on: 2040-01-01, why: w, set: {stations.in.per_day: 4}}\n";
    const char *const dates[] = {"from: 2023-13-01\nto: 2023-12-31\n", "from: 2023-01-01\nto: yes\n",
                                 "from: 2023-01-01\nto: 2022-12-31\n", "from: 2023-01-01\nto: 2053-12-31\n"};
    const char *const told[] = {"from: there is no such day", "to: 'yes' is not a date",
                                "to: 2022-12-31 is before from (2023-01-01)",
                                "to: a run lasts at most 4,000 days"};
    for (size_t i = 0; i < sizeof dates / sizeof *dates; i++) {
        char text[1024];
        snprintf(text, sizeof text, "title: t\n%s%s", dates[i], rest);
        ASSERT_PROBLEMS(text, told[i], "stations.in.to: unknown station 'gat'");
    }
    ASSERT_PROBLEMS("titel: t\nfrom: 2023-01-01\nto: 2023-12-31\n"
                    "stations:\n  in: {kind: source, per_day: 3, to: gat}\n  out: {kind: sink}\n",
                    "titel: unknown key; did you mean 'title'?", "stations.in.to: unknown station 'gat'");
}

/* Catches a row of the table that promises a default it cannot read, or stands twice in one context. */
static void table_of_keys_is_sound(void **state)
{
    (void)state;
    size_t count;
    const struct key_entry *key = model_keys(&count);
    for (size_t i = 0; i < count; i++) {
        assert_true(strlen(key[i].meaning) > 3);
        if (key[i].low > key[i].high) fail_msg("%s: range", key[i].name);
        for (size_t j = 0; j < i; j++)
            if (strcmp(key[i].context, key[j].context) == 0 && strcmp(key[i].name, key[j].name) == 0)
                fail_msg("%s.%s stands twice", key[i].context, key[i].name);
        bool number =
            key[i].form == FORM_VALUE || key[i].form == FORM_CLASS_VALUE || key[i].form == FORM_NUMBER;
        if (!number || !*key[i].fallback || strcmp(key[i].fallback, "-") == 0) continue;
        char *end;
        double value = strtod(key[i].fallback, &end);
        if (*end != '\0' || value < key[i].low || value > key[i].high) fail_msg("%s: default", key[i].name);
    }
}

/* Catches keys that are read and then do nothing, as another one that they go with is not there. */
static void tells_of_keys_that_do_nothing(void **state)
{
    (void)state;
#define INN                                                                                                  \
    "  inn: {kind: stay, duration: {distribution: constant, mean_days: 3}, to: out}\n  out: {kind: sink}\n"
    ASSERT_PROBLEMS(
        HEAD "stations:\n"
             "  in: {kind: source, interval: {distribution: exponential, per_day: 10}, level: 5, season: 3, "
             "dispersion: 2, to: desk}\n"
             "  desk: {kind: queue, per_day: 20, preempt: true, to: inn}\n" INN,
        "stations.in: 'level' goes with per_day", "stations.in: 'season' goes with per_day",
        "stations.in: 'dispersion' goes with per_day", "stations.desk: 'preempt' goes with servers");
    ASSERT_PROBLEMS(HEAD "signals: {w: {measure: wait, of: inn}, s: {measure: stock, of: out}}\nstations:\n"
                         "  in: {kind: source, per_day: {steps: {note: 5}}, to: inn}\n" INN,
                    "signals.w: wait is measured at a queue, a ballot or departures; 'inn' is a stay",
                    "signals.s: stock is measured where people stay; 'out' is a sink",
                    "stations.in.per_day.steps: is empty");
}

/* Catches classes that have two entries, of which the order in the file decides, sources that let nobody out,
 * and names of dimensions that something else in the results has. */
static void tells_of_classes_and_mixes(void **state)
{
    (void)state;
#define TWO "classes: {c: [a, b], d: [x, y]}\n"
    ASSERT_PROBLEMS(
        HEAD TWO "stations:\n"
                 "  in: {kind: source, per_day: 1, mix: {c: {a: 1}, d: {x: 1}}, to: gate}\n"
                 "  gate: {kind: gate, stop_probability: {default: 0.1, a/x: 0.2, x/a: 0.3}, outcomes: [{o: "
                 "{to: out}}], to: out}\n  out: {kind: sink}\n",
        "'a/x' and 'x/a' are the same classes");
    ASSERT_PROBLEMS(
        HEAD TWO "stations:\n  in: {kind: source, per_day: 1, mix: {c: {a: 0, b: 0}, d: {x: 1}}, to: out}\n"
                 "  out: {kind: sink}\n",
        "mix: all shares of 'c' are 0");
    ASSERT_PROBLEMS(
        HEAD "record: {wait_edges_days: [0, 1, 1]}\nstations:\n  in: {kind: source, per_day: 1, to: out}\n"
             "  out: {kind: sink}\n",
        "record.wait_edges_days");
    ASSERT_PROBLEMS(
        HEAD "classes: {place: [a], moves: [b]}\nstations:\n  in: {kind: source, per_day: 1, to: out}\n"
             "  out: {kind: sink}\n",
        "results call something else 'place'", "results call something else 'moves'");
    struct compiled m;
    compile_good(&m, HEAD TWO
                 "stations:\n  in: {kind: source, per_day: 1, mix: {c: {a: 1}, d: {x: 1}}, to: gate}\n"
                 "  gate: {kind: gate, stop_probability: {default: 0.1, a: 0.2, x: 0.3, b: 0.4, x/a: 0.4}, "
                 "outcomes: [{o: "
                 "{to: out}}], to: out}\n  out: {kind: sink}\n");
    discard(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_every_mistake_once),
        cmocka_unit_test(tells_what_else_is_wrong_beside_the_dates),
        cmocka_unit_test(tells_of_the_graph),
        cmocka_unit_test(tells_what_is_out_of_reach_beside_a_wrong_way),
        cmocka_unit_test(tells_of_shares),
        cmocka_unit_test(tells_of_the_rest),
        cmocka_unit_test(tells_of_policies),
        cmocka_unit_test(tells_of_rules),
        cmocka_unit_test(tells_what_else_is_wrong_with_a_policy),
        cmocka_unit_test(tells_a_value_where_it_is_set),
        cmocka_unit_test(tells_of_schedules_out_of_range),
        cmocka_unit_test(tells_of_missing_companions),
        cmocka_unit_test(tells_of_keys_that_do_nothing),
        cmocka_unit_test(tells_of_classes_and_mixes),
        cmocka_unit_test(reads_targets),
        cmocka_unit_test(table_of_keys_is_sound),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
