/* Twins of which one has a policy that lets a value differ by class, where it does not differ before: nothing
 * may change before its date, and nothing at all where it sets what is in force. With every value that may
 * differ by class, and each engine. And twins of which one has room for more people than ever come. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/helpers/alone.h"

#define NETWORK                                                                                              \
    "title: t\nfrom: 2023-01-01\nto: 2023-02-10\nrecord: {bins: day}\nclasses: {class: [a, b]}\n"            \
    "measures: {came: {}, gone: {}, left: {}, st: {per_person: true}}\n"                                     \
    "ballots: {app: {lead: {distribution: constant, mean_days: 3}, offices: {x: {slots_per_day: 50}, y: "    \
    "{slots_per_day: 90}}}}\n"                                                                               \
    "accounts: {purse: {opening_mxn: 1e5, monthly_release_mxn: 1e5, unit_cost_mxn: {stop: 3, ride: 17}}}\n"  \
    "stations:\n"                                                                                            \
    "  in: {kind: source, per_day: 500, mix: {class: {a: 1, b: 2}}, to: d, counts_as: [came]}\n"             \
    "  d: {kind: delay, duration: {distribution: erlang, shape: 2, mean_days: 2.3}, to: s}\n"                \
    "  s: {kind: stay, duration: {distribution: gamma, shape: 2, mean_days: 2}, hazards: {h: {per_day: "     \
    "0.07, to: lost}}, room: 1500, full: lost, to: g}\n"                                                     \
    "  g: {kind: gate, stop_probability: 0.37, pays: purse, counts_as: [st], outcomes: [{ride: {share: "     \
    "0.43, item: ride, item_units: 1.3, to: d}}, {go: {to: bs}}], to: bs}\n"                                 \
    "  bs: {kind: ballot, ballot: app, preference: {x: 0.3, y: 0.7}, offices: {x: q, y: r}, no_show: lost, " \
    "patience: {distribution: exponential, mean_days: 9}, renege: lost}\n"                                   \
    "  q: {kind: queue, servers: 40, service: {distribution: exponential, mean_days: 1.3}, patience: "       \
    "{distribution: exponential, mean_days: 4}, renege: lost, to: c}\n"                                      \
    "  r: {kind: queue, servers: 12, service: {distribution: exponential, mean_days: 0.1}, to: c}\n"         \
    "  c: {kind: choice, options: {u: {share: 0.4, to: out}, v: {share: rest, to: dd}}}\n"                   \
    "  dd: {kind: departures, seats: 50, patience: {distribution: exponential, mean_days: 5}, renege: "      \
    "lost, to: out}\n  out: {kind: sink, counts_as: [gone]}\n  lost: {kind: sink, counts_as: [left]}\n"

static const struct lever_by_class {
    const char *path, *value, *other;
} levers[] = {
    {"stations.d.duration.mean_days", "2.3", "4"},     {"stations.s.duration.mean_days", "2", "5"},
    {"stations.s.hazards.h.per_day", "0.07", "0.3"},   {"stations.g.stop_probability", "0.37", "0.9"},
    {"stations.g.outcomes.ride.share", "0.43", "0.1"}, {"stations.g.outcomes.ride.item_units", "1.3", "2"},
    {"stations.bs.patience.mean_days", "9", "20"},     {"stations.bs.preference.x", "0.3", "0"},
    {"stations.q.service.mean_days", "1.3", "0.4"},    {"stations.q.patience.mean_days", "4", "40"},
    {"stations.r.service.mean_days", "0.1", "0.3"},    {"stations.c.options.u.share", "0.4", "0.9"},
    {"stations.dd.patience.mean_days", "5", "1"}};

static void run_twin(struct alone *twin, enum engine_kind kind, const struct lever_by_class *lever,
                     const char *date, const char *value)
{
    char text[4096];
    snprintf(text, sizeof text, "%spolicies: [{on: %s, why: w, set: {%s: {a: %s, b: %s}}}]\n", NETWORK, date,
             lever->path, lever->value, value);
    alone_run(twin, kind, text);
}

/* All numbers of all days but the last so many. */
static void assert_same_days(const struct alone *base, const struct alone *twin, size_t but, const char *path)
{
    const struct results_layout *layout = recording_layout(base->run.recording);
    for (size_t d = 0; d < layout->dataset_count; d++) {
        const struct results_dataset *dataset = &layout->datasets[d];
        size_t bytes = dataset->type == RESULTS_INT32 ? sizeof(int32_t) : sizeof(double);
        const size_t days = layout->axes[dataset->axis[0]].length;
        if (strcmp(layout->axes[dataset->axis[0]].name, "time") != 0 && but > 0) continue;
        for (size_t a = 1; a < dataset->axis_count; a++) bytes *= layout->axes[dataset->axis[a]].length;
        if (memcmp(base->run.replication.output + dataset->offset,
                   twin->run.replication.output + dataset->offset, bytes * (days - but)) != 0)
            fail_msg("%s: %s changes %s/%s", engine_names[base->engine.kind], path, dataset->group,
                     dataset->name);
    }
}

/* Would catch numbers that hang on whether a value may ever differ by class: other streams, or other
 * formulas, from the first day on. */
static void test_by_class(void **state)
{
    (void)state;
    ALONE_FOR_ENGINES(e, 3)
    {
        struct alone base, twin;
        alone_run(&base, *e, NETWORK);
        for (size_t l = 0; l < sizeof levers / sizeof *levers; l++) {
            run_twin(&twin, *e, &levers[l], "2023-01-20", levers[l].value);
            assert_same_days(&base, &twin, 0, levers[l].path);
            alone_end(&twin);
            run_twin(&twin, *e, &levers[l], "2023-02-10", levers[l].other);
            assert_same_days(&base, &twin, 1, levers[l].path);
            alone_end(&twin);
        }
        alone_end(&base);
    }
}

/* Would catch room that draws other luck, or lets people in by another formula, though it is never short. */
static void test_room_that_is_never_short(void **state)
{
    (void)state;
    static const char *const measures[] = {"came", "gone", "left", "st"};
    static const char network[] = NETWORK;
    const char *delay = strstr(network, "  d: {kind: delay, ") + strlen("  d: {kind: delay, ");
    char text[4096];
    snprintf(text, sizeof text, "%.*sroom: 1000000, full: lost, %s", (int)(delay - network), network, delay);
    ALONE_FOR_ENGINES(e, 3)
    {
        struct alone base, twin;
        alone_run(&base, *e, NETWORK);
        alone_run(&twin, *e, text);
        for (size_t m = 0; m < sizeof measures / sizeof *measures; m++)
            for (size_t day = 0; day < base.run.model.network->bin_count; day++)
                alone_expect(&twin, measures[m], alone_events(&twin, measures[m], day),
                             alone_events(&base, measures[m], day), 0);
        alone_end(&twin);
        alone_end(&base);
    }
}

/* After its date such a policy acts: cohorts go on as agents do. Would catch people who were under way, or
 * waited, by one value for all and are lost, or go by it for ever. */
static void test_after_the_date(void **state)
{
    (void)state;
    static const char *const measures[] = {"gone", "left", "st"};
    for (size_t l = 0; l < sizeof levers / sizeof *levers; l++) {
        double total[3][3];
        ALONE_FOR_ENGINES(e, 3)
        {
            struct alone twin;
            run_twin(&twin, *e, &levers[l], "2023-01-20", levers[l].other);
            for (size_t m = 0; m < 3; m++) total[*e][m] = alone_all_events(&twin, measures[m]);
            alone_end(&twin);
        }
        for (size_t m = 0; m < 3; m++)
            for (int e = ENGINE_FLOWS; e <= ENGINE_MEAN; e++)
                if (fabs(total[e][m] - total[ENGINE_AGENTS][m]) > 0.06 * total[ENGINE_AGENTS][m])
                    fail_msg("%s: %s is %g with %s, %g with agents", levers[l].path, measures[m], total[e][m],
                             engine_names[e], total[ENGINE_AGENTS][m]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_by_class),
                                       cmocka_unit_test(test_room_that_is_never_short),
                                       cmocka_unit_test(test_after_the_date)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
