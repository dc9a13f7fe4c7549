#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/models/document_tree.h"

#include <unistd.h>

static struct document loads(struct problems *problems, const struct tree *tree, const char *name)
{
    struct document document;
    load(&document, problems, tree, name, NULL, 0);
    assert_no_problems(problems);
    return document;
}

static void refuses(const struct tree *tree, const char *name, size_t count, const char *words)
{
    struct problems problems = {0};
    struct document document;
    assert_false(load(&document, &problems, tree, name, NULL, 0));
    document_free(&document);
    assert_problems(&problems, count, words);
}

/* Catches a wrong order of layers: model, oldest ancestor, file; and a `model` or `extends` kept wrongly. */
static void layers_in_order(void **state)
{
    const struct tree *tree = *state;
    struct problems problems = {0};
    write_file(tree, "home/models/toy/a.yaml", "v: model a\nw: model a\nx: model\ny: model\nz: model\n");
    write_file(tree, "home/models/toy/b.yaml", "w: model b\nonly: model b\n");
    write_file(tree, "home/models/toy/README.md", "{[");
    write_file(tree, "home/models/other.yaml", "v: other\n");
    write_file(tree, "home/scenarios/old.yaml", "model: other\nx: old\ny: old\nz: old\n");
    write_file(tree, "home/scenarios/mid.yaml", "extends: old.yaml\nmodel: toy\ny: mid\nz: mid\n");
    write_file(tree, "home/scenarios/new.yaml", "extends: mid\nz: new\n");
    struct document document = loads(&problems, tree, "home/scenarios/new.yaml");
    assert_text_at(document.root, "model", "toy");
    assert_text_at(document.root, "v", "model a");
    assert_text_at(document.root, "w", "model b");
    assert_text_at(document.root, "only", "model b");
    assert_text_at(document.root, "x", "old");
    assert_text_at(document.root, "y", "mid");
    assert_text_at(document.root, "z", "new");
    assert_null(node_get(document.root, "extends"));
    assert_int_equal(problems.files, 5);
    assert_int_equal(document.root->mark.file, 0);
    assert_non_null(strstr(problems.file[node_get(document.root, "y")->mark.file].name, "mid.yaml"));
    assert_int_equal(node_get(document.root, "y")->mark.line, 3);
    char *text = document_text(&document);
    assert_string_equal(text, "model: toy\nv: model a\nw: model b\nx: old\ny: mid\nz: new\nonly: model b\n");
    free(text);
    document_free(&document);
    problems_free(&problems);
}

/* Catches maps replaced, named items not found, unnamed lists merged, removals lost, marks of the wrong file,
 * and the months of a year appended to those of another. */
static void merges_by_rule(void **state)
{
    const struct tree *tree = *state;
    struct problems problems = {0};
    write_file(tree, "base.yaml",
               "map: {keep: 1, change: 1, drop: 1}\nlist: [1, 2, 3]\nnamed:\n  - {name: a, v: 1, w: 1}\n"
               "  - {name: b, v: 1}\nplain: 5\nempty: [1]\nmixed:\n  - {name: a}\n  - {v: 1}\noutcomes: [{x: "
               "{v: 1}}, {y: {v: 1}}]\ngone: {deep: 1}\nseason: [{v: 1}, {v: 2}]\n");
    write_file(
        tree, "child.yaml",
        "extends: base.yaml\nmap: {change: 2, drop: ~, add: 2}\nlist: [4]\nnamed:\n"
        "  - {name: c, v: 2}\n  - {name: a, v: 2, w: ~}\nplain: {value: 6}\nempty: []\nmixed:\n"
        "  - {name: a}\n  - {v: 2}\noutcomes: [{x: {v: 3}}]\ngone: ~\nnothing: ~\nseason: [{v: 3}, {v: "
        "4}]\n");
    struct document document = loads(&problems, tree, "child.yaml");
    char *text = document_text(&document);
    assert_string_equal(
        text, "map:\n  keep: 1\n  change: 2\n  add: 2\nlist:\n  - 4\nnamed:\n  - name: a\n    v: 2\n"
              "  - name: b\n    v: 1\n  - name: c\n    v: 2\nplain:\n  value: 6\nempty: []\n"
              "mixed:\n  - name: a\n  - v: 1\n  - v: 2\noutcomes:\n  - x:\n      v: 3\n  - y:\n      v: "
              "1\nseason:\n  - v: 3\n  - v: 4\nnothing: ~\n");
    free(text);
    assert_int_equal(node_find(document.root, "map.keep")->mark.file, 1);
    assert_int_equal(node_find(document.root, "map.change")->mark.file, 0);
    assert_int_equal(node_find(document.root, "map.change")->mark.line, 2);
    assert_int_equal(node_get(document.root, "map")->key_mark[1].file, 0); /* change */
    assert_int_equal(node_find(document.root, "named.a.v")->mark.line, 6);
    document_free(&document);
    problems_free(&problems);
}

/* Catches outcomes that a child adds behind the one that takes everyone, where none would ever be reached. */
static void adds_outcomes_before_the_last(void **state)
{
    const struct tree *tree = *state;
    struct problems problems = {0};
    write_file(tree, "base.yaml", "outcomes: [{a: {share: 0.1}}, {all: {to: x}}]\n");
    write_file(tree, "child.yaml",
               "extends: base.yaml\noutcomes:\n  - {b: {share: 0.2}}\n  - {name: a, share: 0.3}\n"
               "  - {name: c, item: bus}\n");
    struct document document = loads(&problems, tree, "child.yaml");
    char *text = document_text(&document);
    assert_string_equal(text, "outcomes:\n  - a:\n      share: 0.3\n  - b:\n      share: 0.2\n"
                              "  - name: c\n    item: bus\n  - all:\n      to: x\n");
    free(text);
    document_free(&document);
    problems_free(&problems);
}

/* Catches a forgotten value that silently removes a whole part, and names that are not unique. */
static void refuses_doubtful_merges(void **state)
{
    const struct tree *tree = *state;
    write_file(tree, "base.yaml", "a: {b: 1}\nl:\n  - {name: x}\n  - {name: x}\n");
    write_file(tree, "empty.yaml", "extends: base.yaml\na:\n");
    write_file(tree, "names.yaml", "extends: base.yaml\nl:\n  - {name: y}\n");
    refuses(tree, "empty.yaml", 1, "'a' has no value; write ~ to remove the one of");
    refuses(tree, "names.yaml", 1, "base.yaml:4:12: error: two items of this list are named 'x'");
}

/* Catches endless reading, and a message that does not show the way round. */
static void refuses_circles(void **state)
{
    const struct tree *tree = *state;
    char words[300];
    write_file(tree, "a.yaml", "extends: b.yaml\n");
    write_file(tree, "b.yaml", "x: 1\nextends: c.yaml\n");
    write_file(tree, "c.yaml", "extends: a.yaml\n");
    snprintf(words, sizeof words,
             "c.yaml:1:10: error: extends goes in a circle: %1$s/a.yaml -> %1$s/b.yaml -> %1$s/c.yaml"
             " -> %1$s/a.yaml\n",
             tree->folder);
    refuses(tree, "a.yaml", 1, words);
    write_file(tree, "self.yaml", "extends: self.yaml\n");
    refuses(tree, "self.yaml", 1, "extends goes in a circle");
}

/* Catches a limit of generations that is off by one. */
static void limits_generations(void **state)
{
    const struct tree *tree = *state;
    struct problems problems = {0};
    write_file(tree, "g0.yaml", "x: 1\n");
    for (int i = 1; i <= 9; i++) {
        char name[32], text[48];
        snprintf(name, sizeof name, "g%d.yaml", i % 100);
        sprintf(text, "extends: g%d.yaml\n", i - 1);
        write_file(tree, name, text);
    }
    struct document document = loads(&problems, tree, "g8.yaml");
    assert_text_at(document.root, "x", "1");
    document_free(&document);
    problems_free(&problems);
    refuses(tree, "g9.yaml", 1, "g1.yaml:1:10: error: extends is more than 8 files deep");
}

/* Catches a search that climbs to the root of the file system from a file that stands in no tree. */
static void stays_in_folder_without_tree(void **state)
{
    const struct tree *tree = *state;
    write_file(tree, "above.yaml", "x: 1\n");
    write_file(tree, "study/s.yaml", "extends: above.yaml\n");
    refuses(tree, "study/s.yaml", 1, "no file named 'above.yaml' found");
}

/* Catches names that leave the tree, and unknown ones without a proposal. */
static void refuses_names(void **state)
{
    const struct tree *tree = *state;
    write_file(tree, "home/models/corridor/a.yaml", "x: 1\n");
    write_file(tree, "home/models/queues/mmc.yaml", "x: 1\n");
    write_file(tree, "home/scenarios/history.yaml", "x: 1\n");
    write_file(tree, "secret.yaml", "x: 1\n");
    write_file(tree, "home/scenarios/up.yaml", "extends: ../../secret.yaml\n");
    refuses(tree, "home/scenarios/up.yaml", 1,
            "up.yaml:1:10: error: extends: '../../secret.yaml' must be a name within");
    write_file(tree, "home/scenarios/root.yaml", "model: /etc\n");
    refuses(tree, "home/scenarios/root.yaml", 1, "model: '/etc' must be a name within");
    write_file(tree, "home/scenarios/map.yaml", "model: {a: 1}\nextends: []\n");
    refuses(tree, "home/scenarios/map.yaml", 2, "extends: the value must be one name");
    write_file(tree, "home/scenarios/outside.yaml", "extends: secret.yaml\n");
    refuses(tree, "home/scenarios/outside.yaml", 1, "extends: no file named 'secret.yaml' found");
    write_file(tree, "home/scenarios/typo.yaml", "extends: histry.yaml\nmodel: coridor\n");
    refuses(tree, "home/scenarios/typo.yaml", 2,
            "no file named 'histry.yaml' found; did you mean 'history.yaml'?");
    refuses(tree, "home/scenarios/typo.yaml", 2, "no model named 'coridor' found; did you mean 'corridor'?");
    write_file(tree, "home/scenarios/mm.yaml", "model: queues/mcc\n");
    refuses(tree, "home/scenarios/mm.yaml", 1, "did you mean 'queues/mmc'?");
    refuses(tree, "home/scenarios/missing.yaml", 1, "missing.yaml: error: no such file");
}

/* Catches a wrong order of search: the own tree comes before the installed one; a model can be one file. */
static void searches_own_tree_first(void **state)
{
    const struct tree *tree = *state;
    struct problems problems = {0};
    write_file(tree, "share/models/queues/mmc.yaml", "from_model: installed\n");
    write_file(tree, "share/scenarios/base.yaml", "model: queues/mmc\nfrom_base: installed\n");
    write_file(tree, "home/study/mine.yaml", "extends: base.yaml\n");
    struct document document = loads(&problems, tree, "home/study/mine.yaml");
    assert_text_at(document.root, "from_model", "installed");
    assert_text_at(document.root, "from_base", "installed");
    document_free(&document);
    write_file(tree, "home/models/queues/mmc.yaml", "from_model: own\n");
    write_file(tree, "home/base.yaml", "model: queues/mmc\nfrom_base: own\n");
    document = loads(&problems, tree, "home/study/mine.yaml");
    assert_text_at(document.root, "from_model", "own");
    assert_text_at(document.root, "from_base", "own");
    document_free(&document);
    problems_free(&problems);
}

/* Catches mistakes of one file that hide those of the others, and scenario keys in a file of a model. */
static void tells_mistakes_of_all_files(void **state)
{
    const struct tree *tree = *state;
    write_file(tree, "home/models/bad/a.yaml", "x: [1\n");
    write_file(tree, "home/models/bad/b.yaml", "x: &a 1\n");
    write_file(tree, "home/models/bad/c.yaml", "extends: a.yaml\nmodel: bad\n");
    write_file(tree, "home/s.yaml", "model: bad\nextends: nowhere.yaml\n");
    refuses(tree, "home/s.yaml", 5, "c.yaml:1:1: error: 'extends' belongs in a scenario");
}

/* Catches data files looked for in the wrong place or in the wrong order, and names that leave the tree. */
static void finds_data_files(void **state)
{
    const struct tree *tree = *state;
    struct problems problems = {0};
    const char *installed[] = {tree->installed, NULL};
    write_file(tree, "home/scenarios/sub/s.yaml", "x: 1\n");
    write_file(tree, "home/models/data/arrivals.csv", "1\n");
    write_file(tree, "share/scenarios/data/other.csv", "1\n");
    write_file(tree, "share/models/data/arrivals.csv", "1\n");
    struct document document = loads(&problems, tree, "home/scenarios/sub/s.yaml");
    struct mark mark = node_get(document.root, "x")->mark;
    char expected[100];
    char *path = document_find_file(&document, mark, "data/arrivals.csv", installed);
    snprintf(expected, sizeof expected, "%s/home/models/data/arrivals.csv", tree->folder);
    assert_string_equal(path, expected);
    free(path);
    write_file(tree, "home/scenarios/data/arrivals.csv", "1\n");
    path = document_find_file(&document, (struct mark){.file = -1}, "data/arrivals.csv", installed);
    snprintf(expected, sizeof expected, "%s/home/scenarios/data/arrivals.csv", tree->folder);
    assert_string_equal(path, expected);
    free(path);
    path = document_find_file(&document, mark, "data/other.csv", installed);
    snprintf(expected, sizeof expected, "%s/share/scenarios/data/other.csv", tree->folder);
    assert_string_equal(path, expected);
    free(path);
    assert_null(document_find_file(&document, mark, "data/none.csv", installed));
    assert_null(document_find_file(&document, mark, "data", installed));
    assert_null(document_find_file(&document, mark, "../s.yaml", installed));
    assert_null(document_find_file(&document, mark, "/etc/passwd", NULL));
    document_free(&document);
    problems_free(&problems);
}

/* Catches a search that depends on the folder the program runs in: names relative to it climb by "..". */
static void climbs_from_relative_names(void **state)
{
    const struct tree *tree = *state;
    struct problems problems = {0};
    struct document document;
    char before[1000], folder[100];
    write_file(tree, "home/models/m.yaml", "x: found\n");
    write_file(tree, "home/scenarios/deep/s.yaml", "model: m\n");
    assert_non_null(getcwd(before, sizeof before));
    static const char *const places[][2] = {{"home/scenarios/deep", "s.yaml"},
                                            {"home/scenarios/deep", "./s.yaml"},
                                            {"home/scenarios/deep", "../deep/s.yaml"},
                                            {"home/scenarios", "deep/s.yaml"},
                                            {"home", "scenarios/deep/s.yaml"}};
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        snprintf(folder, sizeof folder, "%s/%s", tree->folder, places[i][0]);
        assert_int_equal(chdir(folder), 0);
        bool ok = document_load(&document, &problems, places[i][1], NULL, NULL, 0);
        assert_int_equal(chdir(before), 0);
        assert_no_problems(&problems);
        assert_true(ok);
        assert_text_at(document.root, "x", "found");
        document_free(&document);
        problems_free(&problems);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(layers_in_order, make_tree, drop_tree),
        cmocka_unit_test_setup_teardown(merges_by_rule, make_tree, drop_tree),
        cmocka_unit_test_setup_teardown(adds_outcomes_before_the_last, make_tree, drop_tree),
        cmocka_unit_test_setup_teardown(refuses_doubtful_merges, make_tree, drop_tree),
        cmocka_unit_test_setup_teardown(refuses_circles, make_tree, drop_tree),
        cmocka_unit_test_setup_teardown(limits_generations, make_tree, drop_tree),
        cmocka_unit_test_setup_teardown(stays_in_folder_without_tree, make_tree, drop_tree),
        cmocka_unit_test_setup_teardown(refuses_names, make_tree, drop_tree),
        cmocka_unit_test_setup_teardown(searches_own_tree_first, make_tree, drop_tree),
        cmocka_unit_test_setup_teardown(tells_mistakes_of_all_files, make_tree, drop_tree),
        cmocka_unit_test_setup_teardown(finds_data_files, make_tree, drop_tree),
        cmocka_unit_test_setup_teardown(climbs_from_relative_names, make_tree, drop_tree),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
