/* Tables in CSV files. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "models/csv.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool parse(struct csv *csv, const char *text, char message[160], int *line)
{
    return csv_parse(csv, text, strlen(text), message, 160, line);
}

/* Catches cells that keep their quotes, line ends or a byte order mark, and lines counted wrongly after a
 * quoted break. */
static void reads_quotes_and_line_ends(void **state)
{
    (void)state;
    struct csv csv;
    char message[160];
    int line;
    const char *text =
        "\xEF\xBB\xBF# source\r\nmonth, count,note\r\n2023-01,\"1,000\",\"say \"\"so\"\"\"\r\n\r\n"
        "2023-02,,\"two\nlines\"\n2023-03,7,";
    assert_true(parse(&csv, text, message, &line));
    assert_int_equal(csv.columns, 3);
    assert_int_equal(csv.rows, 3);
    assert_int_equal(csv_column(&csv, "count"), 1);
    assert_int_equal(csv_column(&csv, "none"), 3);
    assert_string_equal(csv_cell(&csv, 0, 1), "1,000");
    assert_string_equal(csv_cell(&csv, 0, 2), "say \"so\"");
    assert_string_equal(csv_cell(&csv, 1, 1), "");
    assert_string_equal(csv_cell(&csv, 1, 2), "two\nlines");
    assert_string_equal(csv_cell(&csv, 2, 2), "");
    assert_int_equal(csv.line[0], 2);
    assert_int_equal(csv.line[2], 5);
    assert_int_equal(csv.line[3], 7);
    csv_free(&csv);
}

static void assert_refused(const char *text, const char *word, int where)
{
    struct csv csv;
    char message[160] = "";
    int line;
    assert_false(parse(&csv, text, message, &line));
    if (!strstr(message, word)) fail_msg("'%s' does not say '%s'", message, word);
    assert_int_equal(line, where);
    assert_null(csv.text);
}

/* Catches tables that are read although a row is short or long, or a quote is left open. */
static void refuses_broken_tables(void **state)
{
    (void)state;
    assert_refused("a,b\n1,2\n3\n", "1 cells, but the header has 2", 3);
    assert_refused("a,b\n1,2,3\n", "3 cells, but the header has 2", 2);
    assert_refused("a,b\n1,\"2\n3,4\n", "a quote is not closed", 2);
    assert_refused("a,b\n1,\"2\"x\n", "closing quote", 2);
    assert_refused("# only this\n", "is empty", 2);
}

/* Catches a reader that takes any file for a table. */
static void refuses_what_cannot_be_read(void **state)
{
    (void)state;
    struct csv csv;
    char message[160];
    int line;
    assert_false(csv_read(&csv, "/nonexistent/table.csv", message, sizeof message, &line));
    assert_non_null(strstr(message, "cannot be read"));
    assert_int_equal(line, 0);
    assert_false(csv_parse(&csv, "a\0b", 3, message, sizeof message, &line));
    assert_non_null(strstr(message, "NUL"));
}

/* Catches a file that is read differently from the same text in memory. */
static void reads_files(void **state)
{
    (void)state;
    char path[] = "/tmp/corridor-table-XXXXXX", message[160];
    int file = mkstemp(path), line;
    assert_true(file >= 0);
    assert_int_equal(write(file, "a,b\n1,2\n", 8), 8);
    close(file);
    struct csv csv;
    assert_true(csv_read(&csv, path, message, sizeof message, &line));
    assert_string_equal(csv_cell(&csv, 0, 1), "2");
    csv_free(&csv);
    unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_quotes_and_line_ends),
        cmocka_unit_test(refuses_broken_tables),
        cmocka_unit_test(refuses_what_cannot_be_read),
        cmocka_unit_test(reads_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
