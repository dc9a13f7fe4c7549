#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/models/document_helpers.h"

#include <sys/stat.h>
#include <unistd.h>

/* Reads a text that must give exactly one problem with these words. */
static void refuses_bytes(const char *text, size_t length, const char *words)
{
    struct problems problems = {0};
    struct document document;
    assert_false(document_read_text(&document, &problems, "x.yaml", text, length));
    document_free(&document);
    assert_problems(&problems, 1, words);
}

static void refuses(const char *text, const char *words)
{
    refuses_bytes(text, strlen(text), words);
}

static struct document reads(struct problems *problems, const char *text)
{
    struct document document;
    document_read_text(&document, problems, "x.yaml", text, strlen(text));
    assert_no_problems(problems);
    return document;
}

/* The same piece many times, between a beginning and an end; the caller frees it. */
static char *many(const char *begin, const char *piece, size_t count, const char *end)
{
    size_t size = strlen(piece);
    char *text = malloc(strlen(begin) + size * count + strlen(end) + 1);
    char *at = stpcpy(text, begin);
    for (size_t i = 0; i < count; i++) at = stpcpy(at, piece);
    strcpy(at, end);
    return text;
}

/* "k0: 1\nk1: 1\n..."; the caller frees it. */
static char *many_keys(size_t count)
{
    char *text = malloc(16 * count + 1), *at = text;
    for (size_t i = 0; i < count; i++) at += sprintf(at, "k%zu: 1\n", i);
    return text;
}

/* Catches lost keys, items, order, marks and quotes. */
static void reads_a_tree(void **state)
{
    (void)state;
    struct problems problems = {0};
    struct document document =
        reads(&problems, "# comment\na: 1\nb:\n  - name: x\n    c: [1, \"2\", {d: é, e: z}]\n"
                         "f: ~\ng: {}\nh: []\ni:\nj: 'null'\n");
    const struct node *root = document.root;
    assert_int_equal(root->kind, NODE_MAP);
    assert_int_equal(root->count, 7);
    assert_string_equal(root->key[1], "b");
    assert_int_equal(root->key_mark[1].line, 3);
    const struct node *c = node_find(root, "b.x.c");
    assert_int_equal(c->kind, NODE_LIST);
    assert_int_equal(c->count, 3);
    assert_false(c->item[0]->quoted);
    assert_true(c->item[1]->quoted);
    assert_text_at(c->item[2], "d", "é");
    struct mark mark = node_get(c->item[2], "e")->mark; /* behind a letter of two bytes */
    assert_int_equal(mark.line, 5);
    assert_int_equal(mark.column, 27);
    assert_string_equal(problems.file[mark.file].name, "x.yaml");
    assert_int_equal(node_get(root, "f")->kind, NODE_NULL);
    assert_int_equal(node_get(root, "g")->kind, NODE_MAP);
    assert_int_equal(node_get(root, "h")->kind, NODE_LIST);
    assert_int_equal(node_get(root, "i")->kind, NODE_NULL);
    assert_int_equal(node_get(root, "j")->kind, NODE_SCALAR);
    assert_null(node_get(root, "k"));
    assert_null(node_find(root, "b.x.c.d"));
    document_free(&document);
    problems_free(&problems);
}

/* Catches mistakes of YAML told in libyaml's words, or at the wrong place. */
static void explains_syntax(void **state)
{
    (void)state;
    refuses("a:\n\tb: 1\n", "x.yaml:2:1: error: tabs cannot indent; use spaces");
    refuses("a: [1, 2\nb: 3\n",
            "x.yaml:2:2: error: the list that opens with '[' in line 1 needs ',' or ']' here");
    refuses("a: {b: 1\nc: 2\n", "the map that opens with '{' in line 1");
    refuses("a: 'b\nc: 2\n", "the quote that opens in line 1 is never closed");
    refuses("a: b: c\n", "x.yaml:1:5: error: a ':' is not expected here");
    refuses("a: 1\n  b: 2\n", "x.yaml:2:4: error: a ':' is not expected here");
    refuses("a:\n    b: 1\n  c: 2\n", "x.yaml:3:3: error: the indentation does not fit");
    refuses("a: @b\n", "a value cannot start with '@'; put it in quotes");
    refuses("a: \"\\q\"\n", "unknown escape");
    refuses("a: 1\nb\n", "the line 2 has a key without ': ' behind it");
}

/* Catches an acceptance of what would change the meaning of a text or multiply it. */
static void refuses_features(void **state)
{
    (void)state;
    refuses("a: &x 1\nb: *x\n", "x.yaml:1:4: error: anchors (&name) are refused");
    refuses("a: [*x, *x, *x]\n", "x.yaml:1:5: error: aliases (*name) are refused");
    refuses("a: !!str 1\n", "tags (!name) are refused");
    refuses("a: !x [1]\n", "tags (!name) are refused");
    refuses("a: 1\n---\nb: 2\n", "x.yaml:2:1: error: a second document starts here");
    refuses("a: 1\nb: 2\na: 3\na: 4\n",
            "x.yaml:3:1: error: key 'a' is written twice; the first is in line 1");
    refuses("? [a]\n: 1\n", "a key must be a name");
    refuses("'': 1\n", "a key is missing before ':'");
    refuses("a: \"x\\0y\"\n", "a NUL character is not allowed");
    refuses("%YAML 1.1\n---\na: 1\n", "x.yaml:1:1: error: a line that starts with '%' is not allowed");
    refuses("a: [-]\n", "this text needs quotes");
}

/* Catches several repeated keys of which only the first is told. */
static void tells_all_repeated_keys(void **state)
{
    (void)state;
    struct problems problems = {0};
    struct document document;
    const char text[] = "a: 1\nb: 1\na: {c: 1, c: 2}\nb: 2\n";
    assert_false(document_read_text(&document, &problems, "x", text, sizeof text - 1));
    document_free(&document);
    assert_problems(&problems, 3, "x:3:11: error: key 'c' is written twice");
}

/* Catches bytes that are no text reaching the parser. */
static void refuses_bad_bytes(void **state)
{
    (void)state;
    refuses_bytes("a: 1\0b", 6, "x.yaml: error: is not a text file: it holds NUL bytes");
    refuses_bytes("\x89HDF\r\n\x1a\n\0\0", 10, "is not a text file");
    refuses("a: 1\nb: \xe9t\xe9\n", "x.yaml:2:4: error: is not UTF-8 text: byte 0xE9");
    refuses("a: \xc0\xaf\n", "is not UTF-8 text");
    refuses("a: \xed\xa0\x80\n", "is not UTF-8 text");
    refuses("a: b\xe2\x82", "x.yaml:1:5: error: is not UTF-8 text");
    refuses("a: \x07\n", "control character U+0007");
    refuses("a: \xe2\x80\xa8\n", "line separator U+2028");
}

/* Catches a root that is no map. */
static void refuses_other_roots(void **state)
{
    (void)state;
    refuses("", "x.yaml: error: is empty");
    refuses("# nothing\n", "is empty");
    refuses("---\n...\n", "is empty");
    refuses("- a\n- b\n", "x.yaml:1:1: error: a scenario is a map of 'key: value' lines, not a list");
    refuses("hello\n", "not a single value");
}

/* Catches a byte order mark taken for a part of the first key. */
static void skips_byte_order_mark(void **state)
{
    (void)state;
    struct problems problems = {0};
    struct document document = reads(&problems, "\xEF\xBB\xBFtitle: x\r\nfrom: y\r\n");
    assert_text_at(document.root, "title", "x");
    assert_text_at(document.root, "from", "y");
    document_free(&document);
    problems_free(&problems);
}

/* Catches work that grows out of bounds: each of these would take seconds or gigabytes if it went on. */
static void stops_at_limits(void **state)
{
    (void)state;
    char *text = many("a: ", "[", 100000, "");
    refuses(text, "x.yaml:1:35: error: nested more than 32 deep");
    free(text);
    text = many("", "- ", 100000, "x\n");
    refuses(text, "nested more than 32 deep");
    free(text);
    text = many("a: ", "{b: ", 100000, "");
    refuses(text, "nested more than 32 deep");
    free(text);
    text = many("a: [", "1,", 250000, "]\n");
    refuses(text, "more than 200,000 values");
    free(text);
    text = many("", "%TAG !a! b\n", 100000, "");
    refuses(text, "a line that starts with '%'");
    free(text);
    text = many("", "a: 1\n", 100000, "");
    refuses(text, "key 'a' is written twice");
    free(text);
    text = many_keys(100000);
    refuses(text, "x.yaml:10001:1: error: a map of more than 10,000 keys");
    free(text);
    text = many("a", "a", 300, ": 1\n");
    refuses(text, "a key of more than 240 bytes");
    free(text);
}

/* Catches depth 32 refused, or 33 taken. */
static void allows_depth_32(void **state)
{
    (void)state;
    struct problems problems = {0};
    char deep[80];
    sprintf(deep, "a: %.*s%.*s\n", 31, "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[", 31,
            "]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]");
    struct document document = reads(&problems, deep);
    document_free(&document);
    problems_free(&problems);
    sprintf(deep, "a: %.*s%.*s\n", 32, "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[", 32,
            "]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]");
    refuses(deep, "nested more than 32 deep");
}

/* Catches keys lost from the index of a large map, and a new value for an old key that is added instead. */
static void finds_keys_of_large_maps(void **state)
{
    (void)state;
    struct problems problems = {0};
    char *text = many_keys(5000);
    struct document document = reads(&problems, text);
    free(text);
    struct mark mark = {0};
    for (int i = 0; i < 5000; i++) {
        char key[16];
        sprintf(key, "k%d", i);
        assert_non_null(node_get(document.root, key));
        node_put(&document, document.root, key, mark, node_new_scalar(&document, key, false, mark));
        assert_string_equal(node_get(document.root, key)->text, key);
    }
    assert_int_equal(document.root->count, 5000);
    assert_null(node_get(document.root, "k5000"));
    document_free(&document);
    problems_free(&problems);
}

static void refuses_path(const char *path, const char *words)
{
    struct problems problems = {0};
    struct document document;
    assert_false(document_read(&document, &problems, path));
    document_free(&document);
    assert_problems(&problems, 1, words);
}

/* Catches files that are none, which must neither hang nor crash. */
static void refuses_odd_files(void **state)
{
    (void)state;
    char folder[] = "/tmp/corridor_document_XXXXXX", path[64];
    assert_non_null(mkdtemp(folder));
    refuses_path(folder, "error: is a folder, not a file");
    sprintf(path, "%s/pipe", folder);
    assert_int_equal(mkfifo(path, 0600), 0);
    refuses_path(path, "error: is not a regular file");
    assert_int_equal(unlink(path), 0);
    refuses_path(path, "error: no such file");
    sprintf(path, "%s/large.yaml", folder);
    FILE *file = fopen(path, "w");
    assert_int_equal(ftruncate(fileno(file), (16 << 20) + 1), 0);
    fclose(file);
    refuses_path(path, "error: is larger than 16 MB");
    if (geteuid() != 0) { /* root may read everything */
        assert_int_equal(chmod(path, 0), 0);
        refuses_path(path, "error: no permission to read this file");
    }
    assert_int_equal(unlink(path), 0);
    assert_int_equal(rmdir(folder), 0);
}

/* Catches numbers that another reader would take for something else, and infinities. */
static void reads_numbers(void **state)
{
    (void)state;
    struct problems problems = {0};
    struct document document;
    assert_true(document_read_text(&document, &problems, "x", "a: 1", 4));
    static const struct {
        const char *text;
        bool number, whole;
        double value;
    } cases[] = {
        {"0", true, true, 0},         {"-12", true, true, -12},   {"+3", true, true, 3},
        {"0.5", true, false, 0.5},    {".5", true, false, 0.5},   {"560e6", true, true, 560e6},
        {"1E-3", true, false, 0.001}, {"2.50", true, false, 2.5}, {"9007199254740993", true, true, 0x1p53},
        {"010", false, false, 0},     {"0x10", false, false, 0},  {"1_000", false, false, 0},
        {"1,000", false, false, 0},   {"inf", false, false, 0},   {".nan", false, false, 0},
        {"1e999", false, false, 0},   {"5.", false, false, 0},    {"1e", false, false, 0},
        {"--1", false, false, 0},     {"1 ", false, false, 0},    {"", false, false, 0},
        {"1:30", false, false, 0},    {".", false, false, 0},     {"99999999999999999999", true, false, 1e20},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct node *node = node_new_scalar(&document, cases[i].text, false, (struct mark){0});
        double number = -1;
        int64_t whole;
        if (node_number(node, &number) != cases[i].number) fail_msg("number '%s'", cases[i].text);
        if (cases[i].number && (number < cases[i].value || number > cases[i].value))
            fail_msg("'%s'", cases[i].text);
        if (node_whole(node, &whole) != cases[i].whole) fail_msg("whole '%s'", cases[i].text);
        node->quoted = true;
        assert_false(node_number(node, &number));
        assert_false(node_whole(node, &whole));
    }
    int64_t whole = 0;
    assert_true(node_whole(node_new_scalar(&document, "9007199254740993", false, (struct mark){0}), &whole));
    assert_true(whole == 9007199254740993);
    assert_false(node_number(NULL, NULL));
    assert_false(node_number(document.root, NULL));
    document_free(&document);
    problems_free(&problems);
}

/* Catches yes and no as truth values, and quoted or impossible dates. */
static void reads_truth_and_dates(void **state)
{
    (void)state;
    struct problems problems = {0};
    struct document document = reads(
        &problems, "a: true\nb: yes\nc: 'true'\nd: 2023-05-12\ne: '2023-05-12'\nf: 2023-02-29\ng: false\n");
    bool truth;
    int32_t days;
    assert_true(node_boolean(node_get(document.root, "a"), &truth) && truth);
    assert_true(node_boolean(node_get(document.root, "g"), &truth) && !truth);
    assert_false(node_boolean(node_get(document.root, "b"), &truth));
    assert_false(node_boolean(node_get(document.root, "c"), &truth));
    assert_true(node_date(node_get(document.root, "d"), &days));
    assert_int_equal(days, 19489);
    assert_false(node_date(node_get(document.root, "e"), &days));
    assert_false(node_date(node_get(document.root, "f"), &days));
    document_free(&document);
    problems_free(&problems);
}

/* Catches text that cannot be read back, or reads back as another tree: the second writing must equal the
 * first. */
static void writes_what_it_read(void **state)
{
    (void)state;
    struct problems problems = {0};
    struct document first =
        reads(&problems,
              "a: 1\n'b c': \"1\"\nd:\n  - name: x\n    y: [[1, [2]], {}, [], ~]\n  - - - deep\n"
              "e: |\n  two\n  lines\nf: plain over\n  lines\n\n  of text\n\"\\x07k\": \"\\u2028\\e\\\"\"\n"
              "g: 'null'\nh: a:b#c\ni: -x\nj: '- x'\nk: ''\nl: 2023-05-12\nm: é😀\nn: '\t'\n");
    char *text = document_text(&first);
    struct document second = reads(&problems, text);
    char *again = document_text(&second);
    assert_string_equal(text, again);
    for (size_t i = 0; i < first.root->count; i++) {
        const struct node *one = first.root->item[i], *other = node_get(second.root, first.root->key[i]);
        assert_non_null(other);
        assert_int_equal(one->kind, other->kind);
        assert_int_equal(one->quoted, other->quoted);
        assert_string_equal(one->text, other->text);
    }
    assert_text_at(second.root, "f", "plain over lines\nof text");
    assert_text_at(second.root, "e", "two\nlines\n");
    free(text);
    free(again);
    document_free(&first);
    document_free(&second);
    problems_free(&problems);
}

/* Catches a change of the form of the text, which is stored in results files. */
static void writes_block_style(void **state)
{
    (void)state;
    struct problems problems = {0};
    struct document document = reads(&problems, "{a: {b: [1, {c: 2, d: '3'}], e: {}}, f: ~}");
    const char *unsafe[] = {"x: y", "x #y", "- z", "[", "", " x", "~", "x:"};
    struct node *list = node_new(&document, NODE_LIST, (struct mark){0});
    node_put(&document, document.root, "g", (struct mark){0}, list);
    for (size_t i = 0; i < sizeof unsafe / sizeof *unsafe; i++)
        node_append(&document, list, node_new_scalar(&document, unsafe[i], false, (struct mark){0}));
    char *text = document_text(&document);
    assert_string_equal(text, "a:\n  b:\n    - 1\n    - c: 2\n      d: \"3\"\n  e: {}\nf: ~\n"
                              "g:\n  - \"x: y\"\n  - \"x #y\"\n  - \"- z\"\n  - \"[\"\n  - \"\"\n  - \" "
                              "x\"\n  - \"~\"\n  - \"x:\"\n");
    free(text);
    document_free(&document);
    problems_free(&problems);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_a_tree),          cmocka_unit_test(explains_syntax),
        cmocka_unit_test(refuses_features),      cmocka_unit_test(tells_all_repeated_keys),
        cmocka_unit_test(refuses_bad_bytes),     cmocka_unit_test(refuses_other_roots),
        cmocka_unit_test(skips_byte_order_mark), cmocka_unit_test(stops_at_limits),
        cmocka_unit_test(allows_depth_32),       cmocka_unit_test(finds_keys_of_large_maps),
        cmocka_unit_test(refuses_odd_files),     cmocka_unit_test(reads_numbers),
        cmocka_unit_test(reads_truth_and_dates), cmocka_unit_test(writes_what_it_read),
        cmocka_unit_test(writes_block_style),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
