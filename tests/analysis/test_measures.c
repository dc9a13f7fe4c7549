/* A results file is written with known numbers and read back; scores and main measures are taken from it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "analysis/score.h"
#include "analysis/summary.h"
#include "analysis/waits.h"
#include "sim/results.h"
#include "sim/time.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SCENARIOS = 2, REPLICATIONS = 4, BINS = 2, COLUMNS = 4, STATIONS = 2, CLASSES = 3 };

struct block {
    double measures[BINS][COLUMNS];
    int32_t ended[BINS][STATIONS][CLASSES];
    double total[BINS][STATIONS][CLASSES];
    double busy[BINS][STATIONS];
};

static const char *const scenario_names[] = {"base", "Ciudad Ju\xC3\xA1rez"};
static const char *const columns[] = {"encounters", "app_wait_days", "inm_balance", "nothing"};
static const char *const stations[] = {"app", "desk"};
static const char *const classes[] = {"a", "b", "c"};
static const double starts[] = {0, 31}, ends[] = {31, 59};
static const char text[] =
    "stations:\n  app: {kind: ballot}\n  desk: {kind: queue}\n"
    "targets:\n"
    "  - {measure: encounters, period: 2023-01, value: 101.5, tolerance_percent: 1}\n"
    "  - {measure: encounters, period: 2023-01/2023-02, value: 400, tolerance_percent: 5, use: check}\n"
    "  - {measure: encounters, period: 2023-01-15/2023-02-28, value: 1, tolerance_percent: 5}\n"
    "  - {measure: unheard, period: 2023-01, value: 1, tolerance_percent: 5}\n"
    "  - {measure: inm_balance, period: 2023-01, value: -500000, tolerance_percent: 5}\n"
    "  - {measure: app_wait_days, period: 2023-01/2023-02, value: 1.5, tolerance_percent: 5}\n";

/* Numbers that tell scenario, replication, bin and column apart. */
static void fill(struct block *block, size_t s, size_t r)
{
    memset(block, 0, sizeof *block);
    for (size_t b = 0; b < BINS; b++) {
        block->measures[b][0] = (double)(1000 * s + 100 * (b + 1) + r);
        block->measures[b][1] = b == 0 && r == 0 ? NAN : (double)(b + 1);
        block->measures[b][2] = (double)(b + 1) * 1e6;
        for (size_t w = 0; w < STATIONS; w++) {
            block->busy[b][w] = (double)(b + 1);
            for (size_t c = 0; c < CLASSES; c++) {
                block->ended[b][w][c] = (int32_t)(w * 10 + c + b);
                block->total[b][w][c] = 2.0 * (double)(w * 10 + c + b);
            }
        }
    }
}

static const struct results_axis axes[] = {
    {.name = "time",
     .long_name = "time",
     .units = "days since 2023-01-01",
     .calendar = "proleptic_gregorian",
     .numbers = starts,
     .length = BINS},
    {.name = "measure", .long_name = "measure", .names = columns, .length = COLUMNS},
    {.name = "station", .long_name = "station", .names = stations, .length = STATIONS},
    {.name = "class", .long_name = "class", .names = classes, .length = CLASSES},
};
static const struct results_dataset datasets[] = {
    {.group = "runs",
     .name = "measures",
     .long_name = "measures",
     .units = "1",
     .type = RESULTS_DOUBLE,
     .axis_count = 2,
     .axis = {0, 1},
     .offset = offsetof(struct block, measures)},
    {.group = "waits",
     .name = "ended",
     .long_name = "ended",
     .units = "1",
     .type = RESULTS_INT32,
     .axis_count = 3,
     .axis = {0, 2, 3},
     .offset = offsetof(struct block, ended)},
    {.group = "waits",
     .name = "total",
     .long_name = "total",
     .units = "person-days",
     .type = RESULTS_DOUBLE,
     .axis_count = 3,
     .axis = {0, 2, 3},
     .offset = offsetof(struct block, total)},
    {.group = "waits",
     .name = "servers_busy",
     .long_name = "busy",
     .units = "servers",
     .type = RESULTS_DOUBLE,
     .axis_count = 2,
     .axis = {0, 2},
     .offset = offsetof(struct block, busy)},
};
static const struct results_attribute attributes[] = {{.group = "runs",
                                                       .name = "bin_end",
                                                       .long_name = "end",
                                                       .units = "days since 2023-01-01",
                                                       .axis = 0,
                                                       .numbers = ends}};
static const struct results_text texts[] = {{"version", -1, "1.2.3"},
                                            {"engine", -1, "mean"},
                                            {"step", -1, "6h"},
                                            {"parameters", -1, "fixed"},
                                            {"scenario", 0, text}};

/* Replication 3 of scenario 1 is missing. */
static int write_file(void **state)
{
    char *path = strdup("/tmp/corridor_measures_XXXXXX");
    if (!path) return -1;
    int descriptor = mkstemp(path);
    if (descriptor < 0) return -1;
    close(descriptor);
    const struct results_layout layout = {.scenarios = scenario_names,
                                          .scenario_count = SCENARIOS,
                                          .replications = REPLICATIONS,
                                          .seed = UINT64_C(18446744073709551615),
                                          .scale = 0.25,
                                          .axes = axes,
                                          .axis_count = 4,
                                          .attributes = attributes,
                                          .attribute_count = 1,
                                          .datasets = datasets,
                                          .dataset_count = 4,
                                          .texts = texts,
                                          .text_count = 5,
                                          .block_bytes = sizeof(struct block)};
    struct results *results;
    struct error error = {0};
    struct block block;
    bool good = results_open(&results, path, &layout, RESULTS_FORCE, &error);
    for (size_t run = 0; good && run < SCENARIOS * REPLICATIONS; run++) {
        fill(&block, run / REPLICATIONS, run % REPLICATIONS);
        good = results_put(results, run / REPLICATIONS, (struct results_range){run % REPLICATIONS, 1}, &block,
                           run + 1 == SCENARIOS * REPLICATIONS, NULL, 0, 0, &error);
    }
    good = good && results_finish(results, &error);
    if (!good) print_error("%s\n", error.message);
    *state = path;
    return good ? 0 : -1;
}

static int remove_file(void **state)
{
    unlink(*state);
    free(*state);
    return 0;
}

static struct measures read_file(void **state)
{
    struct measures measures;
    struct error error = {0};
    if (!measures_read(&measures, *state, &error)) fail_msg("%s", error.message);
    return measures;
}

/* Catches names, dates, seed or texts that come back changed. */
static void coordinates_come_back(void **state)
{
    struct measures measures = read_file(state);
    int32_t first;
    assert_true(date_parse("2023-02-01", &first));
    assert_int_equal(measures.scenarios, SCENARIOS);
    assert_int_equal(measures.replications, REPLICATIONS);
    assert_int_equal(measures.bins, BINS);
    assert_int_equal(measures.first_day[1], first);
    assert_int_equal(measures.end_day[1], first + 28);
    assert_string_equal(measures.scenario[1], scenario_names[1]);
    assert_int_equal(measures_scenario(&measures, scenario_names[1]), 1);
    assert_true(measures_column(&measures, "inm_balance") == 2);
    assert_true(measures_column(&measures, "no such") == SIZE_MAX);
    assert_true(measures.seed == UINT64_MAX && measures.scale == 0.25);
    assert_string_equal(measures.version, "1.2.3");
    assert_string_equal(measures.engine, "mean");
    assert_string_equal(measures.step, "6h");
    assert_true(measures.fixed);
    assert_string_equal(measures.text[0], text);
    assert_string_equal(measures.text[1], "");
    measures_free(&measures);
}

/* Catches transposed dimensions, and fill values taken for numbers. */
static void values_come_back(void **state)
{
    struct measures measures = read_file(state);
    assert_true(measures_at(&measures, 1, 2, 1, 0) == 1202);
    assert_true(isnan(measures_at(&measures, 0, 0, 0, 1)));
    assert_int_equal(measures.complete[REPLICATIONS + 2], 1);
    assert_int_equal(measures.complete[REPLICATIONS + 3], 0);
    assert_true(isnan(measures_at(&measures, 1, 3, 0, 0)));
    assert_int_equal(measure_spread(&measures, 1, 0, 1, 0, 0.9).count, 3);
    assert_true(measure_spread(&measures, 1, 0, 1, 0, 0.9).mean == 1100 + 1200 + 2);
    measures_free(&measures);
}

/* Catches waits averaged with missing months, and balances added up. */
static void several_bins_are_brought_together(void **state)
{
    struct measures measures = read_file(state);
    assert_true(measure_over(&measures, 0, 1, 0, 1, 0) == 302);
    assert_true(measure_over(&measures, 0, 0, 0, 1, 1) == 2);
    assert_true(measure_over(&measures, 0, 1, 0, 1, 1) == 1.5);
    assert_true(measure_over(&measures, 0, 1, 0, 1, 2) == 2e6);
    measures_free(&measures);
}

/* Catches main measures that are missed, or shown although they are empty. */
static void main_measures_are_found(void **state)
{
    struct measures measures = read_file(state);
    size_t column[MAIN_MOST];
    assert_int_equal(measures_main(&measures, column), 3);
    assert_int_equal(column[0], 0);
    assert_int_equal(column[1], 1); /* app is a ballot, says the stored text */
    assert_int_equal(column[2], 2);
    assert_true(measures_empty(&measures, 3));
    measures_free(&measures);
}

/* Catches classes not added up and months not weighted by their days. */
static void waits_are_weighted(void **state)
{
    struct waits waits;
    struct error error;
    assert_true(waits_read(&waits, *state, &error));
    size_t at = waits_at(&waits, 0, 1) + 2;
    assert_true(waits.count[at] == 10 + 11 + 12 + 11 + 12 + 13);
    assert_true(waits.mean_days[at] == 2);
    assert_true(fabs(waits.busy[at] - (31 * 1 + 28 * 2) / 59.0) < 1e-12);
    waits_free(&waits);
}

/* Catches a wrong sign of z or error, a check target scored as a fitted one, periods cut by bins being
 * compared, and the waits of two months averaged as if as many had ended in each. */
static void targets_are_scored(void **state)
{
    struct measures measures = read_file(state);
    struct score score;
    struct error error;
    assert_true(score_make(&score, &measures, 0, 0.9, &error));
    assert_int_equal(score.count, 6);
    const struct score_row *row = score.row;
    assert_null(row[0].not_comparable);
    assert_true(row[0].mean == 101.5 && row[0].error_percent == 0 && row[0].z == 0);
    assert_true(row[0].inside_tolerance && row[0].inside_interval && !row[0].check_only);
    assert_true(row[1].check_only && fabs(row[1].mean - 303) < 1e-12);
    assert_true(fabs(row[1].error_percent + 24.25) < 1e-12);
    assert_true(fabs(row[1].z - 97 / sqrt(4 * 5 / 3.0)) < 1e-9); /* totals 300, 302, 304, 306 */
    assert_false(row[1].inside_tolerance || row[1].inside_interval);
    assert_non_null(row[2].not_comparable);
    assert_non_null(row[3].not_comparable);
    assert_true(row[4].error_percent == 300 && !row[4].inside_tolerance); /* 1,000,000 for -500,000 */
    assert_non_null(row[5].not_comparable);
    struct score_total fit = score_total(&score, false), check = score_total(&score, true);
    assert_int_equal(fit.count, 2);
    assert_int_equal(fit.inside_tolerance, 1);
    assert_int_equal(check.count, 1);
    assert_true(fabs(check.mean_error_percent - 24.25) < 1e-12);
    score_free(&score);
    assert_true(score_make(&score, &measures, 1, 0.9, &error)); /* no text: no targets */
    assert_int_equal(score.count, 0);
    score_free(&score);
    measures_free(&measures);
}

/* Catches targets counted as missed where no replication is complete, and averages that become NaN. */
static void nothing_complete_is_not_scored(void **state)
{
    struct measures measures = read_file(state);
    struct score score;
    struct error error;
    memset(measures.complete, 0, SCENARIOS * REPLICATIONS);
    assert_true(score_make(&score, &measures, 0, 0.9, &error));
    for (size_t i = 0; i < score.count; i++) assert_non_null(score.row[i].not_comparable);
    assert_int_equal(score_total(&score, false).count, 0);
    score_free(&score);
    measures_free(&measures);
}

/* Catches a crash, or silence, on files that are not ours. */
static void other_files_are_refused(void **state)
{
    (void)state;
    struct measures measures;
    struct error error = {0};
    assert_false(measures_read(&measures, "/nonexistent/x.h5", &error));
    assert_int_equal(error.kind, ERROR_FILE);
    char path[] = "/tmp/corridor_measures_XXXXXX";
    int descriptor = mkstemp(path);
    assert_true(descriptor >= 0 && write(descriptor, "not HDF5", 8) == 8);
    close(descriptor);
    assert_false(measures_read(&measures, path, &error));
    assert_non_null(strstr(error.message, path));
    unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(coordinates_come_back),
        cmocka_unit_test(values_come_back),
        cmocka_unit_test(several_bins_are_brought_together),
        cmocka_unit_test(main_measures_are_found),
        cmocka_unit_test(waits_are_weighted),
        cmocka_unit_test(targets_are_scored),
        cmocka_unit_test(nothing_complete_is_not_scored),
        cmocka_unit_test(other_files_are_refused),
    };
    return cmocka_run_group_tests(tests, write_file, remove_file);
}
