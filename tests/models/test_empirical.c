/* Empirical durations from data files: what is read, and what is said of a file that cannot be. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "models/model.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct files {
    char folder[40], scenario[64], data[64];
};

static void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

/* Loads a scenario whose only delay has the duration {distribution: empirical, KEYS}, with DATA beside it. */
static bool load(struct model *model, struct problems *problems, const char *keys, const char *data)
{
    struct files files = {.folder = "/tmp/corridor_empirical_XXXXXX"};
    char text[600];
    assert_non_null(mkdtemp(files.folder));
    snprintf(files.scenario, sizeof files.scenario, "%s/test.yaml", files.folder);
    snprintf(files.data, sizeof files.data, "%s/stays.csv", files.folder);
    snprintf(text, sizeof text,
             "title: t\nfrom: 2023-01-01\nto: 2023-01-31\nstations:\n"
             "  in: {kind: source, per_day: 1, to: stay}\n"
             "  stay: {kind: delay, duration: {distribution: empirical, %s}, to: out}\n"
             "  out: {kind: sink}\n",
             keys);
    write_file(files.scenario, text);
    write_file(files.data, data);
    memset(problems, 0, sizeof *problems);
    bool good = model_load(model, problems, files.scenario, NULL, NULL, 0);
    unlink(files.scenario);
    unlink(files.data);
    rmdir(files.folder);
    return good;
}

static void assert_table(const char *keys, const char *data, size_t count, const double *value,
                         const double *cumulative)
{
    struct model model;
    struct problems problems;
    bool good = load(&model, &problems, keys, data);
    for (size_t i = 0; i < problems.count; i++) print_error("%s\n", problems.problem[i].message);
    assert_true(good);
    const struct duration *duration = &model.network->station[1].sojourn.duration;
    double mean = model.network->slot[duration->mean_days.slot].value;
    assert_int_equal(duration->shape.count, count);
    for (size_t i = 0; i < count; i++) {
        assert_true(fabs(duration->shape.value[i] * mean - value[i]) < 1e-12);
        assert_true(fabs(duration->shape.cumulative[i] - cumulative[i]) < 1e-12);
    }
    model_free(&model);
    problems_free(&problems);
}

/* Catches rows that must be sorted by hand, equal values that are refused, empty cells read as 0, and weights
 * that stay with their line instead of their value. */
static void reads_values_and_weights(void **state)
{
    (void)state;
    static const double value[] = {0.5, 2, 7}, alike[] = {0.25, 0.75, 1}, weighted[] = {0.5, 0.6, 1};
    assert_table("csv: stays.csv, column: days", "who,days\na,2\nb,7\nc,\nd,2\ne,0.5\n", 3, value, alike);
    assert_table("csv: stays.csv, column: days, weight_column: w",
                 "# counted\nw,days\n1,2\n4,7\n,\n0,2\n5,0.5\n", 3, value, weighted);
}

static void assert_refused(const char *keys, const char *data, const char *says, int column)
{
    struct model model;
    struct problems problems;
    assert_false(load(&model, &problems, keys, data));
    if (problems.count != 1 || !strstr(problems.problem[0].message, says))
        for (size_t i = 0; i < problems.count; i++) print_error("%s\n", problems.problem[i].message);
    assert_int_equal(problems.count, 1);
    assert_non_null(strstr(problems.problem[0].message, says));
    assert_int_equal(problems.problem[0].mark.line, 6);
    if (column) assert_int_equal(problems.problem[0].mark.column, column);
    problems_free(&problems);
}

/* Catches a file that is half read, or a mistake without its line. */
static void says_what_is_wrong(void **state)
{
    (void)state;
    const char *keys = "csv: stays.csv, column: days, weight_column: w";
    enum { CSV = 64 }; /* column of the file's name */
    assert_refused(keys, "days,w\n3,1\nlong,1\n", "stays.csv:3: 'long' is not a number", CSV);
    assert_refused(keys, "days,w\n3,\n", "stays.csv:2: '' is not a number", CSV);
    assert_refused(keys, "days,w\n-3,1\n", "stays.csv:2: the duration -3 is below 0", CSV);
    assert_refused(keys, "days,w\n3,-1\n", "stays.csv:2: the weight -1 is below 0", CSV);
    assert_refused(keys, "days,w\n,1\n", "stays.csv has no values", CSV);
    assert_refused(keys, "days,w\n3,0\n", "the weights must have a positive sum", CSV);
    assert_refused(keys, "days,w\n3\n", "stays.csv:2: ", CSV);
    assert_refused(keys, "days,weight\n3,1\n", "stays.csv has no column 'w'", CSV);
    assert_refused("csv: stays.csv, column: dais", "days\n3\n", "did you mean 'days'?", CSV);
    assert_refused("csv: stay.csv, column: days", "days\n3\n", "no file 'stay.csv' is found", CSV);
    assert_refused("csv: stays.csv", "days\n3\n", "needs the column of the values", 0);
    assert_refused("column: days", "days\n3\n", "'column' needs a csv", 0);
    assert_refused("csv: stays.csv, column: days, weights: [1]", "days\n3\n", "has both a csv and values", 0);
    assert_refused("csv: [stays.csv], column: days", "days\n3\n", "must be a name or text", 0);
}

/* Two tables, one of 2,000 rows. Catches data that the model keeps in part, so that a study goes on with
 * others. */
static void keeps_tables_whole(void **state)
{
    (void)state;
    enum { ROWS = 2000, MOST = 64 * ROWS };
    struct files files = {.folder = "/tmp/corridor_empirical_XXXXXX"};
    struct model model;
    struct problems problems = {0};
    char *table = calloc(1, MOST), *kept = calloc(1, MOST), other[64], row[32];
    assert_true(table && kept);
    assert_non_null(mkdtemp(files.folder));
    snprintf(files.scenario, sizeof files.scenario, "%s/test.yaml", files.folder);
    snprintf(files.data, sizeof files.data, "%s/long.csv", files.folder);
    snprintf(other, sizeof other, "%s/short.csv", files.folder);
    write_file(files.scenario,
               "title: t\nfrom: 2023-01-01\nto: 2023-01-31\nstations:\n"
               "  in: {kind: source, per_day: 1, to: a}\n"
               "  a: {kind: delay, duration: {distribution: empirical, csv: long.csv, column: d}, to: b}\n"
               "  b: {kind: delay, duration: {distribution: empirical, csv: short.csv, column: d}, to: "
               "out}\n  out: {kind: sink}\n");
    strcpy(table, "d\n");
    for (int i = 0; i < ROWS; i++) {
        snprintf(row, sizeof row, "%d\n", i + 1);
        strcat(table, row);
    }
    write_file(files.data, table);
    write_file(other, "d\n7\n");
    assert_true(model_load(&model, &problems, files.scenario, NULL, NULL, 0));
    snprintf(kept, MOST, "# long.csv\n%s# short.csv\nd\n7\n", table);
    assert_string_equal(model.data, kept);
    model_free(&model);
    problems_free(&problems);
    free(table);
    free(kept);
    unlink(files.scenario);
    unlink(files.data);
    unlink(other);
    rmdir(files.folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(reads_values_and_weights),
                                       cmocka_unit_test(says_what_is_wrong),
                                       cmocka_unit_test(keeps_tables_whole)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
