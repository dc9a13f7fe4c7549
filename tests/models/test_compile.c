/* From the text of a scenario to the compiled network: what each way of writing a value means, and what
 * policies do to it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/helpers/compile_text.h"

#include <stdio.h>

static const struct station *station(const struct compiled *self, const char *name)
{
    const struct network *n = self->model.network;
    for (size_t s = 0; s < n->station_count; s++)
        if (strcmp(n->station[s].name, name) == 0) return &n->station[s];
    fail_msg("no station %s", name);
    return NULL;
}

static const struct route *route(const struct compiled *self, const char *name)
{
    const struct network *n = self->model.network;
    for (size_t r = 0; r < n->route_count; r++)
        if (strcmp(n->route[r].name, name) == 0) return &n->route[r];
    fail_msg("no route %s", name);
    return NULL;
}

static uint32_t class(const struct compiled *self, const char *name)
{
    const struct network *n = self->model.network;
    for (uint32_t c = 0; c < n->class_count; c++)
        if (strcmp(n->class[c].name, name) == 0) return c;
    fail_msg("no class %s", name);
    return 0;
}

/* The central value in force on a day. */
static double value_on(const struct compiled *self, struct value value, uint32_t of_class, int32_t day)
{
    const struct network *n = self->model.network;
    uint32_t slot = value.slot + (of_class & value.mask);
    assert_true(slot < n->slot_count);
    double found = n->slot[slot].value;
    for (size_t i = 0; i < n->change_count && n->change[i].day <= day; i++)
        if (n->change[i].slot == slot) found = n->change[i].value;
    return found;
}

static void assert_near(double a, double b)
{
    if (!(fabs(a - b) <= 1e-12 * fmax(1, fabs(b)))) fail_msg("%.17g is not %.17g", a, b);
}

/* ---- values ---- */

/* Catches an entry for fewer labels that wins over one for more, and ranges that go to the wrong class. */
static void most_specific_class_wins(void **state)
{
    (void)state;
    struct compiled m;
    compile_good(&m, MODEL);
    struct value p = station(&m, "gate")->gate.stop_probability;
    assert_near(value_on(&m, p, class(&m, "mexico/child"), 0), 0.1);
    assert_near(value_on(&m, p, class(&m, "guatemala/adult"), 0), 0.4);
    assert_near(value_on(&m, p, class(&m, "guatemala/child"), 0), 0.2);
    const struct slot *slot = &m.model.network->slot[p.slot + class(&m, "guatemala/adult")];
    assert_near(slot->low, 0.3);
    assert_near(slot->high, 0.5);
    assert_string_equal(slot->path, "stations.gate.stop_probability.guatemala");
    assert_true(slot->range_key == random_hash_name(slot->path));
    discard(&m);
}

/* Catches that of two entries for as many labels the one that is written later wins, and not that of the
 * dimension which stands first. */
static void earlier_dimension_wins(void **state)
{
    (void)state;
    static const char *const entries[] = {"adult: 0.3, mexico: 0.2", "mexico: 0.2, adult: 0.3"};
    for (size_t i = 0; i < 2; i++) {
        char text[2048];
        struct compiled m;
        snprintf(text, sizeof text,
                 HEAD CLASSES ENTRY
                 "  gate: {kind: gate, stop_probability: {default: 0.1, %s}, " GATE_KEYS REST,
                 entries[i]);
        compile_good(&m, text);
        struct value p = station(&m, "gate")->gate.stop_probability;
        assert_near(value_on(&m, p, class(&m, "mexico/adult"), 0), 0.2);
        assert_near(value_on(&m, p, class(&m, "guatemala/adult"), 0), 0.3);
        discard(&m);
    }
}

/* Catches units left unconverted: hours as days, a rate as a mean, months as days; and the range of a rate
 * whose ends do not change places. */
static void units_are_converted(void **state)
{
    (void)state;
    struct compiled m;
    compile_good(&m, HEAD
                 "stations:\n  in: {kind: source, interval: {distribution: exponential, per_minute: 4}, "
                 "to: way}\n  way: {kind: delay, duration: {distribution: constant, mean_minutes: {value: "
                 "36, range: [18, 72]}}, to: out}\n  out: {kind: sink}\n");
    struct value mean = station(&m, "way")->sojourn.duration.mean_days;
    assert_near(value_on(&m, mean, 0, 0), 0.025);
    assert_near(m.model.network->slot[mean.slot].low, 0.0125);
    assert_near(m.model.network->slot[mean.slot].high, 0.05);
    assert_true(station(&m, "in")->source.renewal);
    assert_near(value_on(&m, station(&m, "in")->source.interval.mean_days, 0, 0), 1.0 / 5760);
    discard(&m);
    compile_good(&m, HEAD
                 "stations:\n  in: {kind: source, per_day: 1, to: way}\n  way: {kind: delay, duration: "
                 "{distribution: exponential, per_day: {value: 2, range: [1, 4]}}, to: out}\n  out: {kind: "
                 "sink}\n");
    mean = station(&m, "way")->sojourn.duration.mean_days;
    assert_near(m.model.network->slot[mean.slot].low, 0.25);
    assert_near(m.model.network->slot[mean.slot].high, 1);
    discard(&m);
    compile_good(&m, MODEL);
    struct value rate = station(&m, "in")->source.per_day;
    assert_near(value_on(&m, rate, 0, -30), 2);
    assert_near(value_on(&m, rate, 0, 0), 1);
    assert_near(value_on(&m, rate, 0, 300), 1);
    discard(&m);
}

/* Catches a schedule copied where it should be shared, and a first step that does not hold before its date.
 */
static void schedules_are_shared(void **state)
{
    (void)state;
    struct compiled m;
    compile_good(&m, MODEL);
    struct value intensity = station(&m, "gate")->gate.intensity;
    assert_string_equal(m.model.network->slot[intensity.slot].path, "schedules.force.south");
    assert_near(value_on(&m, intensity, 0, -30), 0.5);
    assert_near(value_on(&m, intensity, 0, 150), 0.5);
    assert_near(value_on(&m, intensity, 0, 151), 1);
    discard(&m);
}

/* Catches a season that begins in the wrong month, or ends with the first year or before the last month. */
static void seasons_follow_the_calendar(void **state)
{
    (void)state;
    struct compiled m;
    compile_good(
        &m, "title: t\nfrom: 2023-02-01\nto: 2024-03-31\nstations:\n  in: {kind: source, per_day: 1, season: "
            "{season: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]}, to: out}\n  out: {kind: sink}\n");
    struct value season = station(&m, "in")->source.season;
    assert_near(value_on(&m, season, 0, 0), 2);
    assert_near(value_on(&m, season, 0, 27), 2);
    assert_near(value_on(&m, season, 0, 28), 3);
    assert_near(value_on(&m, season, 0, 333), 12);
    assert_near(value_on(&m, season, 0, 334), 1);
    assert_near(value_on(&m, season, 0, 365 + 28), 2);
    assert_near(value_on(&m, season, 0, 365 + 29), 3);
    discard(&m);
    compile_good(
        &m, "title: t\nfrom: 2023-01-31\nto: 2023-03-01\nstations:\n  in: {kind: source, per_day: 1, season: "
            "{season: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]}, to: out}\n  out: {kind: sink}\n");
    assert_near(value_on(&m, station(&m, "in")->source.season, 0, 29), 3);
    discard(&m);
}

/* ---- policies ---- */

/* Catches a policy that loses the course before its day, or that a later step of the schedule undoes. */
static void policy_replaces_the_schedule_of_one_key(void **state)
{
    (void)state;
    struct compiled m;
    compile_good(&m, MODEL "policies:\n  - {on: 2023-04-01, why: w, set: {stations.gate.intensity: 3}}\n"
                           "  - {on: 2023-02-01, why: w, set: {force.south: 0.7}}\n");
    struct value intensity = station(&m, "gate")->gate.intensity;
    assert_near(value_on(&m, intensity, 0, 30), 0.5);
    assert_near(value_on(&m, intensity, 0, 31), 0.7);
    assert_near(value_on(&m, intensity, 0, 90), 3);
    assert_near(value_on(&m, intensity, 0, 300), 3);
    discard(&m);
}

/* Catches policies of one day applied in another order than written. */
static void later_policy_of_a_day_wins(void **state)
{
    (void)state;
    struct compiled m;
    compile_good(&m, MODEL "policies:\n  - {on: 2023-06-01, why: w, set: {force.south: 3}}\n"
                           "  - {on: 2023-06-01, why: w, set: {force.south: 4}}\n");
    assert_near(value_on(&m, station(&m, "gate")->gate.intensity, 0, 151), 4);
    discard(&m);
}

/* Catches an entry set for one class that spills over to a more specific entry, or to others. */
static void policy_sets_one_class(void **state)
{
    (void)state;
    struct compiled m;
    compile_good(&m,
                 MODEL "policies:\n"
                       "  - {on: 2023-02-01, why: w, set: {stations.gate.stop_probability.guatemala: 0.9}}\n"
                       "  - {on: 2023-03-01, why: w, set: {stations.gate.stop_probability: 0.6}}\n"
                       "  - {on: 2023-02-01, why: w, set: {stations.road.duration.mean_hours.child: 12}}\n");
    struct value p = station(&m, "gate")->gate.stop_probability;
    struct value mean = station(&m, "road")->sojourn.duration.mean_days;
    assert_near(value_on(&m, p, class(&m, "guatemala/adult"), 31), 0.9);
    assert_near(value_on(&m, p, class(&m, "guatemala/child"), 31), 0.2);
    assert_near(value_on(&m, p, class(&m, "mexico/adult"), 31), 0.1);
    for (uint32_t c = 0; c < 4; c++) assert_near(value_on(&m, p, c, 59), 0.6);
    assert_near(value_on(&m, mean, class(&m, "mexico/child"), 31), 0.5);
    assert_near(value_on(&m, mean, class(&m, "mexico/adult"), 31), 1.5);
    discard(&m);
}

/* Catches a lever set to the value it has that changes value, range or luck: twins would part. */
static void value_in_force_changes_nothing(void **state)
{
    (void)state;
    struct compiled m;
    compile_good(
        &m, MODEL
        "policies:\n"
        "  - {on: 2023-02-01, why: w, set: {stations.gate.stop_probability.guatemala: 0.4}}\n"
        "  - {on: 2023-03-01, why: w, set: {stations.gate.stop_probability.guatemala: {value: 0.4, range: "
        "[0.3, 0.5]}}}\n"
        "  - {on: 2023-03-01, why: w, set: {stations.gate.outcomes.back.share: 0.5}}\n"
        "  - {on: 2023-03-01, why: w, enabled: false, set: {stations.gate.outcomes.back.share: 0.9}}\n");
    struct value intensity = station(&m, "gate")->gate.intensity, rate = station(&m, "in")->source.per_day;
    for (size_t i = 0; i < m.model.network->change_count; i++) {
        const struct change *change = &m.model.network->change[i];
        const struct slot *slot = &m.model.network->slot[change->slot];
        if (change->slot == intensity.slot || change->slot == rate.slot) continue;
        /* It stands there to undo what a rule may have set: the same value, range and luck. */
        assert_true(change->value == slot->value && change->low == slot->low && change->high == slot->high);
        assert_true(change->low == change->high || change->range_key == slot->range_key);
    }
    discard(&m);
}

/* Catches a rule whose changes go to a shared schedule, and a threshold that nobody can find. */
static void rule_sets_a_slot_of_its_own(void **state)
{
    (void)state;
    struct compiled m;
    compile_good(
        &m,
        MODEL "policies:\n  - {name: r, why: w, when: {signal: stopped, above: 8, not_before: 2023-06-01}, "
              "set: {stations.gate.intensity: 2, stations.gate.stop_probability.child: 0.3}}\n");
    const struct network *n = m.model.network;
    assert_int_equal(n->rule_count, 1);
    const struct rule *rule = &n->rule[0];
    assert_string_equal(rule->name, "r");
    assert_true(rule->above);
    assert_int_equal(rule->not_before, 151);
    assert_near(n->slot[rule->threshold.slot].value, 8);
    struct value intensity = station(&m, "gate")->gate.intensity;
    assert_string_equal(n->slot[intensity.slot].path, "stations.gate.intensity");
    assert_int_equal(rule->change_count, 2); /* guatemala/child has a more specific entry */
    assert_int_equal(rule->change[0].slot, intensity.slot);
    assert_int_equal(rule->change[1].slot,
                     station(&m, "gate")->gate.stop_probability.slot + class(&m, "mexico/child"));
    discard(&m);
}

/* ---- structure ---- */

/* Catches stops counted twice or on the way past, and entries of a sink that are not counted on every way in.
 */
static void counts_stand_on_the_right_routes(void **state)
{
    (void)state;
    struct compiled m;
    compile_good(&m, MODEL);
    assert_int_equal(route(&m, "gate:next")->tally_count, 0);
    assert_int_equal(route(&m, "gate:free")->tally_count, 1);
    assert_int_equal(route(&m, "gate:back")->tally_count, 2);
    assert_int_equal(route(&m, "road:next")->tally_count, 1);
    assert_int_equal(route(&m, "road:next")->tally[0], 1);
    assert_int_equal(m.model.network->tally[0].memory, 0);
    assert_int_equal(m.model.network->tally[1].memory, -1);
    discard(&m);
}

/* Catches a `to` with shares that is not a choice of its own, and thresholds in the wrong order. */
static void forks_and_suspension(void **state)
{
    (void)state;
    struct compiled m;
    compile_good(
        &m, HEAD
        "accounts: {money: {reserve_usd: 90, unit_cost_usd: {stop: 1, home: 2, bus: 3, bed: 4}, suspend: "
        "[home, bus, stop]}}\nstations:\n  in: {kind: source, per_day: 1, to: {a: 0.25, b: 0.75}}\n"
        "  a: {kind: sink}\n  b: {kind: sink}\n");
    const struct station *fork = station(&m, "in.to");
    assert_int_equal(fork->kind, KIND_CHOICE);
    assert_int_equal(fork->choice.option_count, 2);
    assert_near(value_on(&m, fork->choice.option[1].share, 0, 0), 0.75);
    assert_int_equal(fork->place, station(&m, "in")->place);
    const struct account *account = &m.model.network->account[0];
    assert_string_equal(account->currency, "USD");
    const double threshold[] = {1.0 / 3, 1, 2.0 / 3, 0};
    for (int i = 0; i < 4; i++) assert_near(account->item[i].threshold, threshold[i]);
    discard(&m);
}

static void assert_bins(const char *width, const int32_t *edge, size_t count)
{
    char text[400];
    snprintf(text, sizeof text,
             "title: t\nfrom: 2023-01-30\nto: 2023-03-02\nwarm_up_days: 1\nrecord: {bins: %s}\nstations:\n  "
             "in: {kind: "
             "source, per_day: 1, to: out}\n  out: {kind: sink}\n",
             width);
    struct compiled m;
    compile_good(&m, text);
    assert_int_equal(m.model.network->bin_count, count - 1);
    assert_memory_equal(m.model.network->bin_edge, edge, count * sizeof *edge);
    discard(&m);
}

/* Catches bins cut a day early or late, and weeks that do not begin on Monday (30 January 2023 is one). */
static void bins_are_cut_by_the_calendar(void **state)
{
    (void)state;
    assert_bins("month", (const int32_t[]){1, 2, 30, 32}, 4);
    assert_bins("week", (const int32_t[]){1, 7, 14, 21, 28, 32}, 6);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(most_specific_class_wins),
        cmocka_unit_test(earlier_dimension_wins),
        cmocka_unit_test(units_are_converted),
        cmocka_unit_test(schedules_are_shared),
        cmocka_unit_test(seasons_follow_the_calendar),
        cmocka_unit_test(policy_replaces_the_schedule_of_one_key),
        cmocka_unit_test(later_policy_of_a_day_wins),
        cmocka_unit_test(policy_sets_one_class),
        cmocka_unit_test(value_in_force_changes_nothing),
        cmocka_unit_test(rule_sets_a_slot_of_its_own),
        cmocka_unit_test(counts_stand_on_the_right_routes),
        cmocka_unit_test(forks_and_suspension),
        cmocka_unit_test(bins_are_cut_by_the_calendar),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
