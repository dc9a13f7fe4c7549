/* Twins: the same people with the same luck meet two policies. A lever set to the value it has changes no
 * number; a policy that starts on a day changes no bin that ends by then; Mexicans, who are not interdicted,
 * start and try alike under any enforcement. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/helpers/run_model.h"

#include <unistd.h>

#define SCALE 0.02

static void write_scenario(char path[64], const char *text)
{
    snprintf(path, 64, "/tmp/corridor-twin-XXXXXX.yaml");
    int file = mkstemps(path, 5);
    assert_true(file >= 0);
    assert_int_equal(write(file, text, strlen(text)), (ssize_t)strlen(text));
    close(file);
}

static void run_file(struct run_model *run, const char *file, uint32_t number)
{
    assert_true(run_model_open(run, file, NULL, 0, SCALE));
    assert_true(run_model_go(run, 5, number, SCALE, false));
}

static void run_text(struct run_model *run, const char *text, uint32_t number)
{
    char path[64];
    write_scenario(path, text);
    run_file(run, path, number);
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
    (void)state;
    struct run_model history, twin;
    run_file(&history, "scenarios/history.yaml", 3);
    run_text(&twin,
             "extends: history.yaml\n"
             "title: twin\n"
             "policies:\n"
             "  - on: 2023-03-01\n"
             "    why: nothing changes\n"
             "    set: {us.title_42.share: 1, stations.mexico_city_rest.duration.mean_days: {value: 5, "
             "range: [3, 8], status: assumed}}\n",
             3);
    assert_same(&history, &twin);
    run_model_close(&history);
    run_model_close(&twin);
}

/* Would catch a mechanism that consumes luck although it has no strength: a gate that stops nobody on the way
 * of everyone. */
static void test_zero_strength(void **state)
{
    (void)state;
    struct run_model base, twin;
    run_file(&base, "scenarios/history.yaml", 3);
    run_text(&twin,
             "extends: history.yaml\n"
             "title: twin\n"
             "stations:\n"
             "  new_gate: {kind: gate, at: oaxaca, stop_probability: 0, outcomes: [{release: {to: "
             "mexico_city_rest}}], to: mexico_city_rest}\n"
             "  oaxaca_to_mexico_city: {to: new_gate}\n",
             3);
    const struct network *n = base.model.network;
    const struct results_dataset *events = run_model_dataset(&base, "events", "events");
    const struct results_dataset *twin_events = run_model_dataset(&twin, "events", "events");
    for (size_t b = 0; b < n->bin_count; b++)
        for (size_t t = 0; t < n->tally_count; t++)
            for (size_t c = 0; c < n->class_count; c++)
                assert_true(run_model_at(&base, events, b, t, c) ==
                            run_model_at(&twin, twin_events, b, t, c));
    run_model_close(&base);
    run_model_close(&twin);
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
    (void)state;
    struct run_model history, out;
    run_file(&history, "scenarios/history.yaml", 4);
    run_file(&out, "scenarios/funding-runs-out.yaml", 4);
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
    (void)state;
    struct run_model history, flat;
    run_file(&history, "scenarios/history.yaml", 5);
    run_file(&flat, "scenarios/enforcement-flat.yaml", 5);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_zero_effect), cmocka_unit_test(test_zero_strength),
        cmocka_unit_test(test_before_the_date), cmocka_unit_test(test_control_group)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
