/* Twins: the same people with the same luck meet two policies. A lever set to the value it has changes no
 * number; a mechanism without strength changes none; a policy that starts on a day changes no bin that ends
 * by then; Mexicans, who are not interdicted, start and try alike under any enforcement. Each with agents and
 * with cohorts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/helpers/run_model.h"

#include <unistd.h>

#define SCALE 0.02

static struct engine agents = {ENGINE_AGENTS, 1}, flows = {ENGINE_FLOWS, 1}, finer = {ENGINE_FLOWS, 4};

static void write_scenario(char path[64], const char *text)
{
    snprintf(path, 64, "/tmp/corridor-twin-XXXXXX.yaml");
    int file = mkstemps(path, 5);
    assert_true(file >= 0);
    assert_int_equal(write(file, text, strlen(text)), (ssize_t)strlen(text));
    close(file);
}

static void run_file(struct run_model *run, void **engine, const char *file, uint32_t number)
{
    assert_true(run_model_open_engine(run, *(struct engine *)*engine, file, NULL, 0, SCALE));
    assert_true(run_model_go(run, 5, number, SCALE, false));
}

static void run_text(struct run_model *run, void **engine, const char *text, uint32_t number)
{
    char path[64];
    write_scenario(path, text);
    run_file(run, engine, path, number);
    unlink(path);
}

static void assert_same(const struct run_model *a, const struct run_model *b)
{
    assert_int_equal(a->replication.output_size, b->replication.output_size);
    assert_memory_equal(a->replication.output, b->replication.output, a->replication.output_size);
}

/* Would catch a policy that redraws, reorders or reschedules anything although nothing changes. */
static void test_zero_effect(void **state)
{
    struct run_model history, twin;
    run_file(&history, state, "scenarios/history.yaml", 3);
    run_text(&twin, state,
             "extends: history.yaml\n"
             "title: twin\n"
             "policies:\n"
             "  - on: 2023-03-01\n"
             "    why: nothing changes\n"
             "    set: {us.title_42.share: 1, stations.mexico_city_rest.duration.mean_days: {value: 5, "
             "range: [3, 8], status: assumed}, stops.at_south: {value: 0.53, range: [0.44, 0.62], status: "
             "calibrated}, slots.tijuana: {value: 385, range: [346.5, 423.5], status: assumed}}\n",
             3);
    assert_same(&history, &twin);
    run_model_close(&history);
    run_model_close(&twin);
}

/* For each place on an axis of `a`, the place with the same name on that of `b`. */
static void match_axis(const struct results_axis *a, const struct results_axis *b, size_t map[])
{
    for (size_t i = 0; i < a->length; i++) {
        map[i] = i;
        if (!a->names) continue;
        map[i] = 0;
        while (map[i] < b->length && strcmp(a->names[i], b->names[map[i]]) != 0) map[i]++;
        if (map[i] == b->length) fail_msg("no %s %s in the twin", a->name, a->names[i]);
    }
}

/* Compares every number of `a` with that of the same name in `b`, which may have more. */
static void assert_same_by_name(const struct run_model *a, const struct run_model *b)
{
    const struct results_layout *x = recording_layout(a->recording), *y = recording_layout(b->recording);
    for (size_t d = 0; d < x->dataset_count; d++) {
        const struct results_dataset *one = &x->datasets[d],
                                     *other = run_model_dataset(b, one->group, one->name);
        static size_t map[3][4096];
        size_t length[3] = {1, 1, 1}, longer[3] = {1, 1, 1}, size = one->type == RESULTS_INT32 ? 4 : 8;
        assert_non_null(other);
        assert_int_equal(one->type, other->type);
        memset(map, 0, sizeof map);
        for (size_t k = 0; k < one->axis_count; k++) {
            const struct results_axis *axis = &x->axes[one->axis[k]], *longer_axis = &y->axes[other->axis[k]];
            length[k] = axis->length;
            longer[k] = longer_axis->length;
            assert_true(axis->length <= 4096);
            match_axis(axis, longer_axis, map[k]);
        }
        for (size_t i = 0; i < length[0]; i++)
            for (size_t j = 0; j < length[1]; j++)
                for (size_t k = 0; k < length[2]; k++) {
                    size_t from = (i * length[1] + j) * length[2] + k,
                           to = (map[0][i] * longer[1] + map[1][j]) * longer[2] + map[2][k];
                    if (memcmp(a->replication.output + one->offset + from * size,
                               b->replication.output + other->offset + to * size, size) != 0)
                        fail_msg("%s/%s differs at %zu, %zu, %zu", one->group, one->name, i, j, k);
                }
    }
}

/* Would catch a mechanism that consumes luck although it has no strength: a gate that stops nobody on the way
 * of everyone, a hazard at rate 0, staff for more stops than there are people, an office that nobody
 * prefers, money of nothing, a caravan of
 * nobody, an option that nobody takes, a rule that never fires. */
static void test_zero_strength(void **state)
{
    static const char *const mechanisms[] = {
        "stations:\n"
        "  new_gate: {kind: gate, at: oaxaca, stop_probability: 0, outcomes: [{release: {to: "
        "mexico_city_rest}}], to: mexico_city_rest}\n"
        "  oaxaca_to_mexico_city: {to: new_gate}\n",
        "stations: {to_oaxaca: {hazards: {lost: {per_day: 0, to: stayed}}}, tapachula_rest: {hazards: {lost: "
        "{per_day: 0, to: stayed}}}}\n",
        "stations: {huixtla_gate: {capacity_per_day: 1000000}}\n",
        "stations: {app_tijuana: {preference: {nogales: 0}, offices: {nogales: nogales_port}}}\n",
        "accounts: {inm: {grants: [{name: nothing, on: 2023-05-05, amount_mxn: 0}]}}\n",
        "stations: {caravan_source: {batches: [{name: nobody, on: 2023-03-03, people: 0}]}}\n",
        "stations: {mexico_city_choice: {options: {nowhere: {share: 0, to: stayed}}}}\n",
        "signals: {news: {measure: stops}}\npolicies: [{name: never, why: t, when: {signal: news, above: "
        "1e9}, "
        "set: {us.title_42.share: 0.5}}]\n"};
    struct run_model base;
    run_file(&base, state, "scenarios/history.yaml", 3);
    for (size_t m = 0; m < sizeof mechanisms / sizeof *mechanisms; m++) {
        char text[1024];
        struct run_model twin;
        snprintf(text, sizeof text, "extends: history.yaml\ntitle: twin\n%s", mechanisms[m]);
        run_text(&twin, state, text, 3);
        assert_same_by_name(&base, &twin);
        run_model_close(&twin);
    }
    run_model_close(&base);
}

static size_t first_bin_after(const struct network *n, const char *date)
{
    int32_t day;
    assert_true(date_parse(date, &day));
    size_t bin = 0;
    while (bin < n->bin_count && n->bin_edge[bin + 1] <= day - n->from) bin++;
    return bin;
}

/* Compares every dataset over the bins before `end`; returns whether anything differs in the bins from there
 * on. */
static bool same_before(const struct run_model *a, const struct run_model *b, size_t end)
{
    const struct results_layout *layout = recording_layout(a->recording);
    bool differs = false;
    for (size_t d = 0; d < layout->dataset_count; d++) {
        const struct results_dataset *dataset = &layout->datasets[d];
        if (strcmp(layout->axes[dataset->axis[0]].name, "time") != 0) continue;
        size_t size = dataset->type == RESULTS_INT32 ? 4 : 8;
        for (size_t x = 1; x < dataset->axis_count; x++) size *= layout->axes[dataset->axis[x]].length;
        size_t bins = layout->axes[dataset->axis[0]].length;
        const unsigned char *x = a->replication.output + dataset->offset,
                            *y = b->replication.output + dataset->offset;
        assert_memory_equal(x, y, size * end);
        differs = differs || memcmp(x + size * end, y + size * end, size * (bins - end)) != 0;
    }
    return differs;
}

/* Would catch a policy that reaches back in time. */
static void test_before_the_date(void **state)
{
    struct run_model history, out;
    run_file(&history, state, "scenarios/history.yaml", 4);
    run_file(&out, state, "scenarios/funding-runs-out.yaml", 4);
    size_t bin = first_bin_after(history.model.network, "2024-03-01");
    assert_int_equal(bin, 14);
    assert_true(same_before(&history, &out, bin));
    run_model_close(&history);
    run_model_close(&out);
}

/* Would catch enforcement in Mexico that touches Mexicans: their inflow and ways must not change by one
 * person. */
static void test_control_group(void **state)
{
    struct run_model history, flat;
    run_file(&history, state, "scenarios/history.yaml", 5);
    run_file(&flat, state, "scenarios/enforcement-flat.yaml", 5);
    const struct network *n = history.model.network;
    const struct results_dataset *x = run_model_dataset(&history, "flows", "moves");
    const struct results_dataset *y = run_model_dataset(&flat, "flows", "moves");
    size_t compared = 0;
    for (size_t r = 0; r < n->route_count; r++) {
        if (strncmp(n->route[r].name, "mexico_source:", 14) != 0 &&
            strncmp(n->route[r].name, "mexican_way:", 12) != 0)
            continue;
        for (size_t b = 0; b < n->bin_count; b++)
            for (size_t c = 0; c < n->class_count; c++)
                assert_true(run_model_at(&history, x, b, r, c) == run_model_at(&flat, y, b, r, c));
        compared++;
    }
    assert_true(compared > 5);
    run_model_close(&history);
    run_model_close(&flat);
}

#define WITH(engine)                                                                                         \
    cmocka_unit_test_prestate(test_zero_effect, &engine),                                                    \
        cmocka_unit_test_prestate(test_zero_strength, &engine),                                              \
        cmocka_unit_test_prestate(test_before_the_date, &engine),                                            \
        cmocka_unit_test_prestate(test_control_group, &engine)

int main(void)
{
    const struct CMUnitTest tests[] = {WITH(agents), WITH(flows),
                                       cmocka_unit_test_prestate(test_zero_effect, &finer),
                                       cmocka_unit_test_prestate(test_before_the_date, &finer)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
