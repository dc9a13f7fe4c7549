#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "models/problems.h"

#include <stdlib.h>
#include <string.h>

/* What problems_print writes; the caller frees it. */
__attribute__((noinline)) static char *printed(struct problems *problems)
{
    char *text = NULL;
    size_t length;
    FILE *stream = open_memstream(&text, &length);
    problems_print(problems, stream);
    fclose(stream);
    return text;
}

static void assert_printed(struct problems *problems, const char *expected)
{
    char *text = printed(problems);
    assert_string_equal(text, expected);
    free(text);
    problems_free(problems);
}

/* Catches a wrong line, a caret under the wrong column, and a header that differs from the promised form. */
static void shows_line_and_caret(void **state)
{
    (void)state;
    struct problems problems = {0};
    const char text[] = "a: 1\nb: {kind: qeue}\n";
    int file = problems_file(&problems, "funding.yaml", text, sizeof text - 1);
    assert_false(problems_add(&problems, (struct mark){file, 2, 11}, "b.kind: unknown value '%s'", "qeue"));
    assert_printed(&problems, "funding.yaml:2:11: error: b.kind: unknown value 'qeue'\n"
                              "    2 | b: {kind: qeue}\n"
                              "      |           ^\n");
}

/* Catches a caret counted in bytes: the accents before it take two bytes each. */
static void counts_characters(void **state)
{
    (void)state;
    struct problems problems = {0};
    const char text[] = "città: è x";
    int file = problems_file(&problems, "f", text, sizeof text - 1);
    problems_add(&problems, (struct mark){file, 1, 10}, "wrong");
    assert_printed(&problems, "f:1:10: error: wrong\n"
                              "    1 | città: è x\n"
                              "      |          ^\n");
}

/* Catches printing in the order of adding, and an unstable order at one place. */
static void sorts_by_place(void **state)
{
    (void)state;
    struct problems problems = {0};
    int one = problems_file(&problems, "one", NULL, 0), two = problems_file(&problems, "two", NULL, 0);
    problems_add(&problems, (struct mark){two, 1, 1}, "fifth");
    problems_add(&problems, (struct mark){one, 2, 3}, "fourth");
    problems_add(&problems, (struct mark){one, 2, 1}, "third");
    problems_add(&problems, (struct mark){one, 0, 0}, "second");
    problems_add(&problems, (struct mark){-1, 0, 0}, "first");
    problems_add(&problems, (struct mark){two, 1, 1}, "a sixth");
    assert_printed(&problems,
                   "error: first\none: error: second\none:2:1: error: third\none:2:3: error: fourth\n"
                   "two:1:1: error: fifth\ntwo:1:1: error: a sixth\n");
}

/* Catches the same mistake told twice, also after the table has grown, and a file registered twice. */
static void keeps_one_of_each(void **state)
{
    (void)state;
    struct problems problems = {0};
    int file = problems_file(&problems, "f", "x", 1);
    assert_int_equal(problems_file(&problems, "f", "x", 1), file);
    assert_int_not_equal(problems_file(&problems, "f", "y", 1), file);
    for (int round = 0; round < 2; round++)
        for (int line = 1; line <= 100; line++) problems_add(&problems, (struct mark){file, line, 1}, "same");
    assert_int_equal(problems.count, 100);
    problems_add(&problems, (struct mark){file, 1, 1}, "other");
    assert_int_equal(problems.count, 101);
    problems_free(&problems);
}

/* Catches a flood of messages on the terminal. */
static void shows_twenty(void **state)
{
    (void)state;
    struct problems problems = {0};
    for (int line = 1; line <= 25; line++) problems_add(&problems, (struct mark){-1, line, 1}, "m%d", line);
    char *text = printed(&problems);
    assert_non_null(strstr(text, "error: m20\nand 5 more\n"));
    assert_null(strstr(text, "m21"));
    free(text);
    problems_free(&problems);
}

/* Catches escape sequences of a hostile file that reach the terminal, in names, messages and lines. */
static void hides_control_characters(void **state)
{
    (void)state;
    struct problems problems = {0};
    const char text[] = "k: \x1b[31m\tz \xff \xe2\x80\xae \xc2\x9b";
    int file = problems_file(&problems, "bad\nname", text, sizeof text - 1);
    problems_add(&problems, (struct mark){file, 1, 4}, "key '\x1b]0;x\a'");
    assert_printed(&problems, "bad?name:1:4: error: key '?]0;x?'\n"
                              "    1 | k: ?[31m?z ? ? ?\n"
                              "      |    ^\n");
}

/* Catches a line of megabytes on the terminal: only the part around the caret is shown. */
static void shortens_long_lines(void **state)
{
    (void)state;
    struct problems problems = {0};
    char *line = malloc(100001);
    memset(line, 'x', 100000);
    line[100000] = '\0';
    line[49999] = '!';
    int file = problems_file(&problems, "f", line, 100000);
    problems_add(&problems, (struct mark){file, 1, 50000}, "%s", line);
    char *text = printed(&problems);
    assert_true(strlen(text) < 1500);
    char *shown = strchr(strstr(text, "    1 | "), '|'), *caret_line = strchr(shown, '\n') + 1;
    ptrdiff_t caret = strchr(caret_line, '^') - strchr(caret_line, '|');
    assert_int_equal(shown[caret], '!');
    free(text);
    free(line);
    problems_free(&problems);
}

/* Catches lines miscounted with the line ends of other systems. */
static void knows_all_line_ends(void **state)
{
    (void)state;
    struct problems problems = {0};
    const char text[] = "a\r\nb\rc\n\nlast";
    int file = problems_file(&problems, "f", text, sizeof text - 1);
    problems_add(&problems, (struct mark){file, 3, 1}, "x");
    problems_add(&problems, (struct mark){file, 5, 2}, "y");
    problems_add(&problems, (struct mark){file, 6, 1}, "z");
    assert_printed(&problems, "f:3:1: error: x\n    3 | c\n      | ^\n"
                              "f:5:2: error: y\n    5 | last\n      |  ^\n"
                              "f:6:1: error: z\n");
}

/* Catches a distance that misses a swap, a limit that is too wide, and a tie that does not go to the first.
 */
static void finds_nearest_name(void **state)
{
    (void)state;
    const char *names[] = {"lognormal", "normal", "gamma", "queue", "ab"};
    assert_string_equal(nearest_name("lognornal", names, 5), "lognormal");
    assert_string_equal(nearest_name("qeuue", names, 5), "queue");
    assert_string_equal(nearest_name("gama", names, 5), "gamma");
    assert_string_equal(nearest_name("ba", names, 5), "ab");
    assert_null(nearest_name("beta", names, 5));
    assert_null(nearest_name("quux", names, 5));
    const char *ties[] = {"cart", "card"};
    assert_string_equal(nearest_name("carx", ties, 2), "cart");
    assert_null(nearest_name("carx", ties, 0));
}

/* Catches a name that overflows the distance's rows. */
static void survives_long_names(void **state)
{
    (void)state;
    char word[500];
    memset(word, 'a', sizeof word - 1);
    word[sizeof word - 1] = '\0';
    const char *names[] = {word, "a"};
    assert_null(nearest_name(word, names, 2));
    assert_string_equal(nearest_name("a", names, 2), "a");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shows_line_and_caret), cmocka_unit_test(counts_characters),
        cmocka_unit_test(sorts_by_place),       cmocka_unit_test(keeps_one_of_each),
        cmocka_unit_test(shows_twenty),         cmocka_unit_test(hides_control_characters),
        cmocka_unit_test(shortens_long_lines),  cmocka_unit_test(knows_all_line_ends),
        cmocka_unit_test(finds_nearest_name),   cmocka_unit_test(survives_long_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
