/* Fingerprints: a hash over all whole-number results of a short run of every reference model, kept in
 * fingerprints.txt. A change that was not meant to alter a trajectory must leave them alone; one that was
 * meant to renews them with build/release/tests/test_models_fingerprints --renew and says so in the
 * changelog. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/helpers/run_model.h"

static const struct {
    const char *name, *file, *set;
    double scale;
    struct engine engine;
} models[] = {
    {"agents mm1", "scenarios/queues/mm1.yaml", "to=2023-01-20", 1, {ENGINE_AGENTS, 1}},
    {"agents mm8", "scenarios/queues/mm8.yaml", "to=2023-01-10", 1, {ENGINE_AGENTS, 1}},
    {"agents mmck", "scenarios/queues/mmck.yaml", "to=2023-01-10", 1, {ENGINE_AGENTS, 1}},
    {"agents reneging", "scenarios/queues/reneging.yaml", "to=2023-01-10", 1, {ENGINE_AGENTS, 1}},
    {"agents mg1", "scenarios/queues/mg1.yaml", "to=2023-01-20", 1, {ENGINE_AGENTS, 1}},
    {"agents network3", "scenarios/queues/network3.yaml", "to=2023-01-10", 1, {ENGINE_AGENTS, 1}},
    {"agents history", "scenarios/history.yaml", NULL, 0.01, {ENGINE_AGENTS, 1}},
    {"agents funding-runs-out", "scenarios/funding-runs-out.yaml", NULL, 0.01, {ENGINE_AGENTS, 1}},
    {"flows mm1", "scenarios/queues/mm1.yaml", "to=2023-01-20", 1, {ENGINE_FLOWS, 24}},
    {"flows reneging", "scenarios/queues/reneging.yaml", "to=2023-01-10", 1, {ENGINE_FLOWS, 24}},
    {"flows history", "scenarios/history.yaml", NULL, 0.05, {ENGINE_FLOWS, 1}},
    {"flows funding-runs-out", "scenarios/funding-runs-out.yaml", NULL, 0.05, {ENGINE_FLOWS, 4}},
};
#define MODELS (sizeof models / sizeof *models)

/* FNV-1a over the 32-bit datasets. */
static uint64_t fingerprint(size_t model)
{
    struct run_model run;
    const char *const sets[] = {models[model].set};
    assert_true(run_model_open_engine(&run, models[model].engine, models[model].file, sets,
                                      models[model].set ? 1 : 0, models[model].scale));
    assert_true(run_model_go(&run, 1, 2, models[model].scale, false));
    const struct results_layout *layout = recording_layout(run.recording);
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (size_t d = 0; d < layout->dataset_count; d++) {
        const struct results_dataset *dataset = &layout->datasets[d];
        if (dataset->type != RESULTS_INT32) continue;
        size_t bytes = sizeof(int32_t);
        for (size_t a = 0; a < dataset->axis_count; a++) bytes *= layout->axes[dataset->axis[a]].length;
        for (size_t i = 0; i < bytes; i++)
            hash = (hash ^ run.replication.output[dataset->offset + i]) * UINT64_C(0x100000001b3);
    }
    run_model_close(&run);
    return hash;
}

/* Would catch any change of a trajectory: another order of events, another draw, another tie. */
static void test_fingerprints(void **state)
{
    (void)state;
    FILE *file = fopen(CORRIDOR_TREE "/tests/models/fingerprints.txt", "r");
    assert_non_null(file);
    for (size_t m = 0; m < MODELS; m++) {
        char line[200], expected[200];
        assert_non_null(fgets(line, sizeof line, file));
        snprintf(expected, sizeof expected, "%016llx %s\n", (unsigned long long)fingerprint(m),
                 models[m].name);
        assert_string_equal(line, expected);
    }
    fclose(file);
}

int main(int count, char **arguments)
{
    if (count == 2 && strcmp(arguments[1], "--renew") == 0) {
        FILE *file = fopen(CORRIDOR_TREE "/tests/models/fingerprints.txt", "w");
        if (!file) return 1;
        for (size_t m = 0; m < MODELS; m++)
            fprintf(file, "%016llx %s\n", (unsigned long long)fingerprint(m), models[m].name);
        return fclose(file) != 0;
    }
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_fingerprints)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
