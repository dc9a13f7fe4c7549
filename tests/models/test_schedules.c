/* Series of months: from a file and written in place, divided by the days of their month, and late or early.
 */
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

struct loaded {
    struct model model;
    struct problems problems;
    bool good;
};

static void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

/* A hundred days in which as many come as `per_day` says; DATA stands beside the scenario as series.csv. */
static void load(struct loaded *self, const char *per_day, const char *data)
{
    char folder[] = "/tmp/corridor_schedules_XXXXXX", scenario[64], series[64], text[600];
    assert_non_null(mkdtemp(folder));
    snprintf(scenario, sizeof scenario, "%s/test.yaml", folder);
    snprintf(series, sizeof series, "%s/series.csv", folder);
    snprintf(text, sizeof text,
             "title: t\nfrom: 2023-01-01\nto: 2023-04-10\nstations:\n"
             "  in: {kind: source, per_day: %s, to: out}\n  out: {kind: sink}\n",
             per_day);
    write_file(scenario, text);
    write_file(series, data);
    memset(self, 0, sizeof *self);
    self->good = model_load(&self->model, &self->problems, scenario, NULL, NULL, 0);
    unlink(scenario);
    unlink(series);
    rmdir(folder);
}

static void discard(struct loaded *self)
{
    if (self->good) model_free(&self->model);
    problems_free(&self->problems);
}

/* One a day at the start, two from `second` on and three from `third` on, and nothing is said. */
static void assert_course(const char *per_day, int32_t second, int32_t third)
{
    struct loaded loaded;
    load(&loaded, per_day, "month,n\n2023-01,31\n2023-02,56\n2023-03,93\n");
    assert_true(loaded.good);
    assert_int_equal(loaded.problems.warnings, 0);
    const struct network *network = loaded.model.network;
    const uint32_t slot = network->station[0].source.per_day.slot;
    const int32_t day[] = {second, third};
    assert_true(fabs(network->slot[slot].value - 1) < 1e-12);
    assert_int_equal(network->change_count, 2);
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(network->change[i].slot, slot);
        assert_int_equal(network->change[i].day, day[i]);
        assert_true(fabs(network->change[i].value - (double)(i + 2)) < 1e-12);
    }
    discard(&loaded);
}

#define WRITTEN "monthly: {2023-01: 31, 2023-02: 56, 2023-03: 93}, per: month"
#define READ    "csv: series.csv, column: n, per: month"

/* Catches months taken for 30 days, a lag that is left out or taken the wrong way, and a warning of an end
 * that is that of the run: 31 + 28 + 31 days and 10 more are a hundred. */
static void months_are_divided_and_moved(void **state)
{
    (void)state;
    assert_course("{" WRITTEN "}", 31, 59);
    assert_course("{" WRITTEN ", lag_days: 10}", 41, 69);
    assert_course("{" WRITTEN ", lag_days: -5}", 26, 54);
    assert_course("{" READ ", lag_days: 10}", 41, 69);
}

/* Catches a series that ends a day too early without a word. */
static void end_is_told(void **state)
{
    (void)state;
    struct loaded loaded;
    load(&loaded, "{" READ ", lag_days: 9}", "month,n\n2023-01,31\n2023-02,56\n2023-03,93\n");
    assert_true(loaded.good);
    assert_int_equal(loaded.problems.warnings, 1);
    assert_non_null(strstr(loaded.problems.warning[0].message, "its last value is held until 2023-04-10"));
    discard(&loaded);
}

/* Catches two values for one month of which one would be lost. */
static void one_month_is_not_read_twice(void **state)
{
    (void)state;
    struct loaded loaded;
    load(&loaded, "{" READ "}", "month,n\n2023-01,31\n2023-01,62\n");
    assert_false(loaded.good);
    assert_non_null(strstr(loaded.problems.problem[0].message, "series.csv:3: the dates do not ascend"));
    discard(&loaded);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(months_are_divided_and_moved),
        cmocka_unit_test(end_is_told),
        cmocka_unit_test(one_month_is_not_read_twice),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
