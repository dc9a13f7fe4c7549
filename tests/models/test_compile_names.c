/* Names in scenarios: those that the results hold twice or that hide something, and those that nothing uses.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "models/document_internal.h"
#include "tests/helpers/compile_text.h"

#include <stdio.h>

/* Catches names that the results hold twice, or that hide a capacity: each of them gave wrong numbers. */
static void tells_of_names_taken(void **state)
{
    (void)state;
#define NAMES(measure, more)                                                                                 \
    HEAD "measures: {stops: {per_person: true}, " measure ": {}}\n"                                          \
         "accounts: {inm: {opening_mxn: 5, unit_cost_mxn: {stop: 1}}}\n" more                                \
         "stations:\n  in: {kind: source, per_day: 1, to: gate}\n"                                           \
         "  gate: {kind: gate, stop_probability: 1, capacity_per_day: 5, pays: inm, outcomes: [{x: {to: "    \
         "desk}}], to: out, counts_as: [stops]}\n"                                                           \
         "  desk: {kind: queue, per_day: 3, to: out}\n  out: {kind: sink}\n"
    ASSERT_PROBLEMS(NAMES("stops_people", ""), "'stops_people' is what results call another measure");
    ASSERT_PROBLEMS(NAMES("present", ""), "'present' is what results call another measure");
    ASSERT_PROBLEMS(NAMES("inm_balance", ""), "'inm_balance' is what results call another measure");
    ASSERT_PROBLEMS(NAMES("desk_wait_days", ""), "'desk_wait_days' is what results call another measure");
    ASSERT_PROBLEMS(NAMES("more", "capacities: {gate: {per_day: 1}}\n"),
                    "stations.gate: 'gate' is also the name of a shared capacity");
    ASSERT_PROBLEMS(
        HEAD "classes: {people: [a]}\nstations:\n  in: {kind: source, per_day: 1, mix: {people: {a: 1}}, to: "
             "out}\n  out: {kind: sink}\n",
        "results call something else 'people'");
    ASSERT_PROBLEMS(NAMES("more", "record: {wait_edges_days: []}\n"), "needs at least one edge: 0");
    ASSERT_PROBLEMS(NAMES("more", "targets: [{measure: nonsense_spent, period: 2023-02, value: 1, "
                                  "tolerance_percent: 1}]\n"),
                    "unknown measure 'nonsense_spent'");
    struct compiled m;
    compile_good(&m, NAMES("more", "targets: [{measure: inm.stop_spent, period: 2023-02, value: 1, "
                                   "tolerance_percent: 1}]\n"));
    discard(&m);
}

/* Catches people who balk from a policy on and have no way to go: they were gone. */
static void tells_of_what_nothing_can_set(void **state)
{
    (void)state;
#define DESK(keys, more)                                                                                     \
    HEAD "stations:\n  in: {kind: source, per_day: 1, to: desk}\n"                                           \
         "  desk: {kind: queue, per_day: 3, " keys "to: out}\n  out: {kind: sink}\n" more
#define BALK "policies: [{on: 2023-02-01, why: w, set: {stations.desk.balk_probability: 0.5}}]\n"
    ASSERT_PROBLEMS(DESK("", BALK),
                    "'stations.desk.balk_probability' can be set only where the station has 'balk'");
    struct compiled m;
    compile_good(&m, DESK("balk: out, ", BALK));
    discard(&m);
}

/* Catches a value that is lost on its way through many schedules. */
static void follows_long_chains(void **state)
{
    (void)state;
    enum { LINKS = 300 };
    char text[32768];
    size_t used = (size_t)snprintf(text, sizeof text, HEAD "schedules: {s0: 0");
    for (int i = 1; i <= LINKS; i++)
        used += (size_t)snprintf(text + used, sizeof text - used, ", s%d: s%d", i, i - 1);
    snprintf(text + used, sizeof text - used,
             "}\nstations:\n  in: {kind: source, per_day: 9, level: s%d, to: out}\n  out: {kind: sink}\n",
             LINKS);
    struct compiled m;
    compile_good(&m, text);
    const struct network *n = m.model.network;
    assert_true(n->slot[n->station[0].source.level.slot].value == 0);
    discard(&m);
}

/* Catches a name that is written wrong and changes nothing, of each kind; and a warning about what is used,
 * or what looks like nothing else. */
static void warns_of_names_unused(void **state)
{
    (void)state;
    static const char *const wrong[][2] = {
        {"accounts: {imn: {monthly_release_mxn: 5}}\n", "accounts.imn: nothing uses it; did you mean 'inm'?"},
        {"accounts: {inm: {unit_cost_mxn: {stpo: 5}}}\n",
         "accounts.inm.unit_cost_mxn.stpo: nothing uses it; did you mean 'stop'?"},
        {"schedules: {force: {suoth: 5}}\n",
         "schedules.force.suoth: nothing uses it; did you mean 'force.south'?"},
        {"places: {hree: {shelter_places: 5}}\n", "places.hree: nothing uses it; did you mean 'here'?"},
        {"capacities: {busses: {per_day: 5}}\n", "capacities.busses: nothing uses it; did you mean 'buses'?"},
        {"measures: {stpos: {}}\n", "measures.stpos: nothing counts it; did you mean 'stops'?"},
        {"ballots: {app: {offices: {tijuna: {slots_per_day: 5}}}}\n",
         "ballots.app.offices.tijuna: nothing uses it; did you mean 'tijuana'?"},
        {"schedules: {spare: 5}\n", NULL}};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct compiled m = {0};
        struct problems other = {0};
        struct document more = {0};
        static const char base[] =
            HEAD "schedules: {force: {south: 0.5}}\nmeasures: {stops: {}}\nplaces: {here: {}}\n"
                 "capacities: {buses: {per_day: 9}}\n"
                 "accounts: {inm: {opening_mxn: 9, unit_cost_mxn: {stop: 1}}}\n"
                 "ballots: {app: {lead: {distribution: constant, mean_days: 1}, offices: {tijuana: "
                 "{slots_per_day: 3}}}}\n"
                 "stations:\n  in: {kind: source, at: here, per_day: 1, to: gate}\n"
                 "  gate: {kind: gate, stop_probability: force.south, capacity: buses, pays: inm, counts_as: "
                 "[stops], outcomes: [{x: {to: app}}], to: out}\n"
                 "  app: {kind: ballot, ballot: app, preference: {tijuana: 1}, offices: {tijuana: out}, "
                 "no_show: out}\n  out: {kind: sink}\n";
        bool good = document_read_text(&m.model.document, &m.problems, "test.yaml", base, strlen(base)) &&
                    document_read_text(&more, &other, "more.yaml", wrong[i][0], strlen(wrong[i][0])) &&
                    document_merge(&m.model.document, m.model.document.root, more.root) &&
                    model_compile(&m.model, &m.problems, NULL);
        for (size_t p = 0; p < m.problems.count; p++) print_error("%s\n", m.problems.problem[p].message);
        assert_true(good);
        assert_int_equal(m.problems.warnings, wrong[i][1] != NULL);
        if (wrong[i][1]) assert_string_equal(m.problems.warning[0].message, wrong[i][1]);
        discard(&m);
        document_free(&more);
        problems_free(&other);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_of_names_taken), cmocka_unit_test(tells_of_what_nothing_can_set),
        cmocka_unit_test(follows_long_chains), cmocka_unit_test(warns_of_names_unused)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
