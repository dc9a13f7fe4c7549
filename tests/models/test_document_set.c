/* Settings of the command line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/models/document_tree.h"

static void sets_to(const struct tree *tree, const char *set, const char *path, const char *expected)
{
    struct problems problems = {0};
    struct document document;
    const char *sets[] = {set};
    load(&document, &problems, tree, "s.yaml", sets, 1);
    assert_no_problems(&problems);
    if (expected) {
        assert_text_at(document.root, path, expected);
        assert_int_equal(node_find(document.root, path)->mark.file, MARK_SETTING);
    } else
        assert_null(node_find(document.root, path));
    document_free(&document);
    problems_free(&problems);
}

/* A scenario with schedules and classes, for the paths that policies have. */
static const char *const scheduled =
    "classes: {nation: [mexico, cuba], family: [adult]}\n"
    "schedules: {force: {level: {steps: {2023-01-01: 1}}, south: force.level}, days: 3}\n"
    "road: {mean_days: 2, share: {value: 0.5, range: [0.4, 0.6]}}\n";

static void cannot_set(const struct tree *tree, const char *set, const char *words)
{
    struct problems problems = {0};
    struct document document;
    const char *sets[] = {set};
    assert_false(load(&document, &problems, tree, "s.yaml", sets, 1));
    document_free(&document);
    assert_problems(&problems, 1, words);
}

/* Catches a path that a policy may have and --set may not, and a misspelt schedule that becomes a new one. */
static void sets_the_paths_of_policies(void **state)
{
    const struct tree *tree = *state;
    write_file(tree, "s.yaml", scheduled);
    sets_to(tree, "force.level=1.5", "schedules.force.level", "1.5");
    sets_to(tree, "force.level={value: 1.5}", "schedules.force.level.value", "1.5");
    sets_to(tree, "force.level={value: 1.5}", "schedules.force.level.steps", NULL);
    sets_to(tree, "force.level.steps.2023-02-01=2", "schedules.force.level.steps.2023-02-01", "2");
    sets_to(tree, "days={steps: {2023-01-01: 4}}", "schedules.days.steps.2023-01-01", "4");
    sets_to(tree, "schedules.days=5", "schedules.days", "5");
    sets_to(tree, "road.mean_hours=36", "road.mean_hours", "36");
    sets_to(tree, "road.mean_hours=36", "road.mean_days", NULL);
    sets_to(tree, "road.mean_days.cuba=4", "road.mean_days.cuba", "4");
    sets_to(tree, "road.share.cuba/adult=0.4", "road.share.cuba/adult", "0.4");
    sets_to(tree, "road.share.value=0.4", "road.share.value", "0.4");
    sets_to(tree, "roads.mean_days=4", "roads.mean_days", "4"); /* told by the check of keys */
    cannot_set(tree, "force.levl=2",
               "error: --set force.levl: no schedule has this name; did you mean 'force.level'?");
    cannot_set(tree, "force=2", "no schedule has this name");
    cannot_set(tree, "road.mean_days.cubaa=4", "the path leads through a single value");

    struct problems problems = {0};
    struct document document;
    const char *set = "road.share.cuba=0.4";
    load(&document, &problems, tree, "s.yaml", &set, 1);
    assert_no_problems(&problems);
    assert_text_at(document.root, "road.share.default.value", "0.5");
    document_free(&document);
    problems_free(&problems);
}

/* Catches settings that land elsewhere, lose their kind, or are swallowed. */
static void sets_by_path(void **state)
{
    const struct tree *tree = *state;
    write_file(tree, "s.yaml",
               "stations:\n  gate: {kind: gate, capacity: 5, nothing: ~}\nlist:\n  - {name: one, v: 1}\n"
               "  - {name: two.b, v: 1}\npolicy: {us.share: 1}\n");
    sets_to(tree, "stations.gate.capacity=900", "stations.gate.capacity", "900");
    sets_to(tree, " stations.gate.capacity = 900", "stations.gate.capacity", "900");
    sets_to(tree, "stations.gate={capacity: 7}", "stations.gate.capacity", "7");
    sets_to(tree, "stations.gate.capacity=~", "stations.gate.capacity", NULL);
    sets_to(tree, "stations.new.a.b=x=y", "stations.new.a.b", "x=y");
    sets_to(tree, "stations.gate.nothing.a=1", "stations.gate.nothing.a", "1");
    sets_to(tree, "list.one.v=2", "list.one.v", "2");
    sets_to(tree, "list.two.b.v=2", "list.two.b.v", "2");
    sets_to(tree, "list.one=~", "list.one", NULL);
    sets_to(tree, "policy.us.share=0", "policy.us.share", "0");
    cannot_set(tree, "list.onne.v=2",
               "error: --set list.onne.v: the list has no item named 'onne'; did you mean 'one'?");
    cannot_set(tree, "stations.gate.kind.x=2", "the path leads through a single value");
    cannot_set(tree, "stations.gate", "--set stations.gate: write path=value");
    cannot_set(tree, "stations.gate=", "the value is missing");
    cannot_set(tree, "=1", "the path must be names");
    cannot_set(tree, "a..b=1", "the path must be names");
    cannot_set(tree, "a=[1", "--set a: the list that opens with '['");
    cannot_set(tree, "a=*x", "--set a: aliases");
    cannot_set(tree, "model=other", "set it in the scenario file");
    cannot_set(tree, "list.one=5", "an item of this list must be a map");
    cannot_set(tree, "a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a={}",
               "more than 32 deep");
    cannot_set(tree, "a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a=1",
               "more than 32 deep");
    write_file(tree, "s.yaml", "outcomes: [{bus: {share: 0.2, to: x}}, {name: go, share: 0.1}]\n");
    sets_to(tree, "outcomes.bus.share=0.3", "outcomes.bus.bus.share", "0.3");
    sets_to(tree, "outcomes.bus.share=0.3", "outcomes.bus.share", NULL);
    sets_to(tree, "outcomes.bus={share: 0.4}", "outcomes.bus.bus.share", "0.4");
    sets_to(tree, "outcomes.go.share=0.3", "outcomes.go.share", "0.3");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(sets_by_path, make_tree, drop_tree),
        cmocka_unit_test_setup_teardown(sets_the_paths_of_policies, make_tree, drop_tree),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
