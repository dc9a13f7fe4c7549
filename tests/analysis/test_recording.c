/* What each engine can record: the same measures, but for what it cannot know. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/helpers/run_model.h"

#define FILE_OF_ALL "scenarios/history.yaml"

static void open_engine(struct run_model *run, enum engine_kind kind, double scale)
{
    assert_true(run_model_open_engine(run, (struct engine){kind, 1}, FILE_OF_ALL, NULL, 0, scale));
}

/* Catches a dataset that only one engine has (but for counts per person), or one whose axes differ. */
static void engines_record_the_same_but_per_person(void **state)
{
    (void)state;
    struct run_model agents, other;
    open_engine(&agents, ENGINE_AGENTS, 1);
    const struct results_layout *all = recording_layout(agents.recording);
    assert_non_null(run_model_dataset(&agents, "per_person", "people"));
    for (enum engine_kind kind = ENGINE_FLOWS; kind <= ENGINE_MEAN; kind++) {
        open_engine(&other, kind, 1);
        const struct results_layout *layout = recording_layout(other.recording);
        assert_null(run_model_dataset(&other, "per_person", "people"));
        assert_int_equal(layout->dataset_count, all->dataset_count - 1);
        assert_int_equal(layout->axis_count, all->axis_count - 1);
        for (size_t a = 0; a < layout->axis_count; a++)
            assert_string_not_equal(layout->axes[a].name, "times");
        for (size_t d = 0; d < layout->dataset_count; d++) {
            const struct results_dataset *dataset = &layout->datasets[d];
            const struct results_dataset *same = run_model_dataset(&agents, dataset->group, dataset->name);
            assert_non_null(same);
            assert_int_equal(dataset->axis_count, same->axis_count);
            for (size_t a = 0; a < dataset->axis_count; a++)
                assert_string_equal(layout->axes[dataset->axis[a]].name, all->axes[same->axis[a]].name);
        }
        run_model_close(&other);
    }
    run_model_close(&agents);
}

static size_t count_whole(enum engine_kind kind, double scale)
{
    struct run_model run;
    size_t whole = 0;
    open_engine(&run, kind, scale);
    const struct results_layout *layout = recording_layout(run.recording);
    for (size_t d = 0; d < layout->dataset_count; d++) whole += layout->datasets[d].type == RESULTS_INT32;
    run_model_close(&run);
    return whole;
}

/* Catches expectations cut to whole people, and whole people stored as if they were not. */
static void only_expectations_are_never_whole(void **state)
{
    (void)state;
    size_t agents = count_whole(ENGINE_AGENTS, 1);
    assert_true(agents > 5);
    assert_int_equal(count_whole(ENGINE_FLOWS, 1), agents - 1); /* per_person */
    assert_int_equal(count_whole(ENGINE_FLOWS, 0.1), agents - 1);
    assert_int_equal(count_whole(ENGINE_FLOWS, 0.3), 0);
    assert_int_equal(count_whole(ENGINE_MEAN, 1), 0);
    assert_int_equal(count_whole(ENGINE_MEAN, 0.1), 0);
}

/* Catches amounts of money of which the file does not say in what currency they are. */
static void money_has_a_currency(void **state)
{
    (void)state;
    static const char *const axis_of[][2] = {{"balances", "account"}, {"spending", "item"}};
    struct run_model run;
    open_engine(&run, ENGINE_MEAN, 1);
    const struct results_layout *layout = recording_layout(run.recording);
    for (size_t g = 0; g < 2; g++) {
        size_t found = 0;
        for (size_t i = 0; i < layout->attribute_count; i++) {
            const struct results_attribute *attribute = &layout->attributes[i];
            if (strcmp(attribute->name, "currency") != 0 || strcmp(attribute->group, axis_of[g][0]) != 0)
                continue;
            assert_string_equal(layout->axes[attribute->axis].name, axis_of[g][1]);
            for (size_t k = 0; k < layout->axes[attribute->axis].length; k++)
                assert_string_equal(attribute->names[k], "MXN");
            found++;
        }
        assert_int_equal(found, 1);
    }
    run_model_close(&run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(engines_record_the_same_but_per_person),
        cmocka_unit_test(only_expectations_are_never_whole),
        cmocka_unit_test(money_has_a_currency),
    };
    return cmocka_run_group_tests_name("analysis.recording", tests, NULL, NULL);
}
