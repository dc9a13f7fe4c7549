/* The results file: what is in it, and what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sim/results_internal.h"
#include "tests/helpers/results_study.h"

#include <dirent.h>
#include <errno.h>
#include <math.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

static int set_up(void **state)
{
    struct study_place *place = calloc(1, sizeof *place);
    study_place_make(place);
    *state = place;
    return 0;
}

static int tear_down(void **state)
{
    struct study_place *place = *state;
    unlink(place->path);
    int gone = rmdir(place->folder); /* fails when a test leaves something behind */
    free(place);
    return gone;
}

static void must(bool good, const struct error *error)
{
    if (!good) fail_msg("%s", error->message);
}

/* Everything but replication 1 of scenario 0, which fails, and the last one of scenario 1, which is missing.
 */
static void write_study(const char *path, const struct results_layout *layout, bool many)
{
    struct results *results;
    struct error error;
    must(results_open(&results, path, layout, RESULTS_NEW, &error), &error);
    for (size_t s = 0; s < STUDY_SCENARIOS; s++)
        for (size_t r = 0; r < layout->replications; r++) {
            if (s == 1 && r + 1 == layout->replications) continue;
            if (s == 0 && r == 1)
                must(results_put(results, s, (struct results_range){r, 1}, NULL, true, NULL, 0, 0, &error),
                     &error);
            else
                must(study_put(results, s, r, many, &error), &error);
        }
    must(results_finish(results, &error), &error);
}

static bool is_stored(size_t s, size_t r, size_t replications)
{
    return !(s == 0 && r == 1) && !(s == 1 && r + 1 == replications);
}

static void *read_dataset(hid_t file, const char *name, hid_t type, size_t *count)
{
    hid_t dataset = H5Dopen2(file, name, H5P_DEFAULT), space = H5Dget_space(dataset);
    *count = (size_t)H5Sget_simple_extent_npoints(space);
    void *data = malloc(*count * 8 + 1);
    assert_true(H5Dread(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, data) >= 0);
    H5Sclose(space);
    H5Dclose(dataset);
    return data;
}

/* Catches: a wrong shuffle, deflate or checksum, swapped chunks, and fills that are not 0 or NaN. */
static void test_values(void **state)
{
    struct study_place *place = *state;
    enum { REPLICATIONS = 37 };
    struct results_layout layout = study_layout(REPLICATIONS, false);
    write_study(place->path, &layout, false);
    hid_t file = H5Fopen(place->path, H5F_ACC_RDONLY, H5P_DEFAULT);
    assert_true(file >= 0);
    size_t count;
    double *people = read_dataset(file, "stocks/people", H5T_NATIVE_DOUBLE, &count);
    size_t each = STUDY_TIMES * STUDY_PLACES * STUDY_CLASSES;
    assert_int_equal(count, STUDY_SCENARIOS * REPLICATIONS * each);
    double *cost = read_dataset(file, "runs/cost", H5T_NATIVE_DOUBLE, &count);
    double *complete = read_dataset(file, "runs/complete", H5T_NATIVE_DOUBLE, &count);
    for (size_t s = 0, at = 0; s < STUDY_SCENARIOS; s++)
        for (size_t r = 0; r < REPLICATIONS; r++, at++) {
            bool stored = is_stored(s, r, REPLICATIONS);
            assert_true(complete[at] == (stored ? 1 : 0));
            for (size_t i = 0; i < each; i++)
                assert_true(people[at * each + i] == (stored ? study_value(0, s, r, i) : 0));
            assert_true(stored ? cost[at] == study_value(4, s, r, 0) / 8.0 : isnan(cost[at]));
        }
    free(people);
    free(cost);
    free(complete);
    H5Fclose(file);
}

/* Catches: events lost, in another order, or wrong where a replication's events cross a chunk of the file. */
static void test_event_log(void **state)
{
    struct study_place *place = *state;
    enum { REPLICATIONS = 24 };
    struct results_layout layout = study_layout(REPLICATIONS, true);
    write_study(place->path, &layout, true);
    hid_t file = H5Fopen(place->path, H5F_ACC_RDONLY, H5P_DEFAULT);
    size_t count, expected = 0;
    int64_t *person = read_dataset(file, "trace/person", H5T_NATIVE_INT64, &count);
    int64_t *scenario = read_dataset(file, "trace/scenario", H5T_NATIVE_INT64, &count);
    int64_t *replication = read_dataset(file, "trace/replication", H5T_NATIVE_INT64, &count);
    double *time = read_dataset(file, "trace/time", H5T_NATIVE_DOUBLE, &count);
    assert_true(count > RESULTS_EVENT_CHUNK);
    for (size_t s = 0; s < STUDY_SCENARIOS; s++)
        for (size_t r = 0; r < REPLICATIONS; r++)
            for (size_t i = 0; is_stored(s, r, REPLICATIONS) && i < study_events(s, r, true);
                 i++, expected++) {
                struct study_event event = study_event(s, r, i);
                assert_true(expected < count);
                assert_int_equal(scenario[expected], s);
                assert_int_equal(replication[expected], r);
                assert_int_equal(person[expected], event.person);
                assert_true(!(time[expected] < event.time) && !(time[expected] > event.time));
            }
    assert_int_equal(expected, count);
    free(person);
    free(scenario);
    free(replication);
    free(time);
    H5Fclose(file);
}

/* Catches: an event log without events that makes the file unreadable. */
static void test_event_log_empty(void **state)
{
    struct study_place *place = *state;
    struct results_layout layout = study_layout(1, true);
    layout.scenario_count = 1;
    layout.text_count = 3;
    struct results *results;
    struct error error;
    must(results_open(&results, place->path, &layout, RESULTS_NEW, &error), &error);
    must(study_put(results, 0, 0, false, &error), &error); /* has no events */
    must(results_finish(results, &error), &error);
    must(results_open(&results, place->path, &layout, RESULTS_RESUME, &error), &error);
    assert_true(results_has(results, 0, 0));
    must(results_finish(results, &error), &error);
}

static void refused(const struct results_layout *layout, const char *path, const char *word)
{
    struct results *results;
    struct error error;
    assert_false(results_open(&results, path, layout, RESULTS_NEW, &error));
    assert_null(results);
    assert_int_equal(error.kind, ERROR_USAGE);
    if (!strstr(error.message, word)) fail_msg("'%s' does not say '%s'", error.message, word);
}

/* Catches: layouts that would only fail after hours, in the merge, or that xarray would misread. */
static void test_bad_layouts(void **state)
{
    struct study_place *place = *state;
    struct results_layout layout = study_layout(0, false);
    refused(&layout, place->path, "replication");
    struct results_dataset datasets[5];
    memcpy(datasets, study_datasets, sizeof datasets);
    layout = study_layout(2, false);
    layout.datasets = datasets;
    datasets[1].group = "stocks";
    datasets[1].name = "people";
    refused(&layout, place->path, "people");
    datasets[1].name = "place";
    refused(&layout, place->path, "place");
    datasets[1].name = "a/b";
    refused(&layout, place->path, "a/b");
    datasets[1] = study_datasets[1];
    datasets[1].offset = layout.block_bytes - 8;
    refused(&layout, place->path, "block");
    datasets[1] = study_datasets[1];
    datasets[1].units = "days";
    refused(&layout, place->path, "time span");
    datasets[1] = study_datasets[1];
    datasets[1].group = "time";
    refused(&layout, place->path, "axis");
    datasets[1] = study_datasets[4];
    datasets[1].name = "complete";
    refused(&layout, place->path, "complete");
    assert_int_equal(rmdir(place->folder), 0); /* nothing was left behind */
    assert_int_equal(mkdir(place->folder, 0777), 0);
}

static void cannot_open(const char *path, int reason)
{
    struct results_layout layout = study_layout(2, false);
    struct results *results;
    struct error error;
    assert_false(results_open(&results, path, &layout, RESULTS_FORCE, &error));
    assert_null(results);
    assert_int_equal(error.kind, ERROR_FILE);
    if (reason && !strstr(error.message, strerror(reason)))
        fail_msg("'%s' does not say '%s'", error.message, strerror(reason));
}

/* Catches: a place that cannot be written and is only noticed after the study was computed. */
static void test_bad_places(void **state)
{
    struct study_place *place = *state;
    char path[300];
    snprintf(path, sizeof path, "%s/missing/out.h5", place->folder);
    cannot_open(path, ENOENT);
    cannot_open(place->folder, 0);
    FILE *file = fopen(place->path, "w");
    fputs("kept", file);
    fclose(file);
    snprintf(path, sizeof path, "%s/out.h5", place->path);
    cannot_open(path, ENOTDIR);
    struct results_layout layout = study_layout(2, false);
    struct results *results;
    struct error error;
    assert_false(results_open(&results, place->path, &layout, RESULTS_NEW, &error));
    assert_non_null(strstr(error.message, "exists"));
    assert_false(results_open(&results, place->path, &layout, RESULTS_RESUME, &error));
    assert_non_null(strstr(error.message, "no results file"));
}

enum { ALIKE = 20 };

/* A study whose replications are all like the first, but for one that was stored before. */
static unsigned char *write_alike(const char *path, bool together, size_t *length)
{
    const struct results_layout layout = study_layout(ALIKE, true);
    const struct results_range all = {0, ALIKE};
    struct results *results;
    struct error error;
    must(results_open(&results, path, &layout, RESULTS_FORCE, &error), &error);
    must(study_put(results, 1, 3, true, &error), &error);
    for (size_t s = 0; s < STUDY_SCENARIOS; s++) {
        if (together) must(study_put_range(results, s, 0, all, true, &error), &error);
        for (size_t r = 0; r < ALIKE && !together; r++)
            must(study_put_range(results, s, 0, (struct results_range){r, 1}, true, &error), &error);
    }
    assert_false(study_put_range(results, 0, 0, (struct results_range){1, ALIKE}, true, &error));
    must(results_finish(results, &error), &error);
    return study_read(path, length);
}

/* Catches: replications stored together that differ from the same ones stored one by one, take the place of
 * others, or reach beyond the study. */
static void test_stored_together(void **state)
{
    struct study_place *place = *state;
    size_t length, length_together;
    unsigned char *single = write_alike(place->path, false, &length),
                  *together = write_alike(place->path, true, &length_together);
    assert_int_equal(length, length_together);
    assert_memory_equal(single, together, length);
    free(single);
    free(together);
}

/* Stores replications until one fails or all are there; then finishes. Returns the error of the first
 * failure. */
static bool write_until_full(const char *path, const struct results_layout *layout, struct error *error)
{
    struct results *results;
    if (!results_open(&results, path, layout, RESULTS_RESUME, error)) return false;
    bool good = true;
    for (size_t r = 0; good && r < layout->replications; r++)
        for (size_t s = 0; good && s < STUDY_SCENARIOS; s++)
            if (!results_has(results, s, r)) good = study_put(results, s, r, true, error);
    struct error second;
    bool finished = results_finish(results, &second);
    assert_true(good || !finished); /* a study with a lost part must not be called finished */
    if (good && !finished) *error = second;
    return finished;
}

/* Half-written and final files in a folder. */
static int count_files(const char *folder)
{
    int count = 0;
    DIR *list = opendir(folder);
    for (struct dirent *entry; list && (entry = readdir(list)) != NULL;)
        count += strstr(entry->d_name, ".tmp") != NULL || strcmp(entry->d_name, "out.h5") == 0;
    if (list) closedir(list);
    return count;
}

/* Catches: a full disk that goes unnoticed, loses its reason, or leaves half-written files; in parts and in
 * the merge. */
static void test_full_disk(void **state)
{
    struct study_place *place = *state;
    char disk[80], path[96], parts[112], size[32];
    snprintf(disk, sizeof disk, "%s/disk", place->folder);
    snprintf(path, sizeof path, "%s/out.h5", disk);
    snprintf(parts, sizeof parts, "%s.parts", path);
    assert_int_equal(mkdir(disk, 0777), 0);
    bool refused_in_parts = false, refused_in_merge = false, finished = false;
    struct results_layout layout = study_layout(24, true);
    for (int kib = 8; kib <= 2048 && !finished; kib += kib / 8 + 4) {
        snprintf(size, sizeof size, "size=%dk", kib);
        if (mount("none", disk, "tmpfs", 0, size) != 0) {
            rmdir(disk);
            print_message("no right to mount a small disk\n");
            skip();
        }
        struct error error;
        finished = write_until_full(path, &layout, &error);
        if (!finished) {
            assert_int_equal(error.kind, ERROR_FILE);
            if (!strstr(error.message, strerror(ENOSPC))) fail_msg("%d KiB: %s", kib, error.message);
            assert_int_equal(count_files(disk) + count_files(parts), 0);
            refused_in_parts |= strstr(error.message, ".parts") != NULL;
            refused_in_merge |= strstr(error.message, "cannot write") && !strstr(error.message, ".parts");
        }
        assert_int_equal(umount(disk), 0);
    }
    rmdir(disk);
    assert_true(refused_in_parts && refused_in_merge && finished);
}

/* Catches: bytes beyond HDF5's own checksum; odd lengths are the usual mistake. */
static void test_fletcher32(void **state)
{
    (void)state;
    assert_int_equal(results_fletcher32((const unsigned char *)"\x01\x02\x03", 3), 0x05040402);
    assert_int_equal(results_fletcher32((const unsigned char *)"\x01\x02\x03\x04", 4), 0x05080406);
}

/* Catches: parts that stay open for ever when replications are slow, or are never cut. */
static void test_part_is_due(void **state)
{
    (void)state;
    assert_false(results_part_is_due(0, 0, 100));
    assert_false(results_part_is_due(15, 1000, 9.9));
    assert_true(results_part_is_due(16, 1000, 0));
    assert_true(results_part_is_due(1, 1000, 10));
    assert_true(results_part_is_due(1, RESULTS_PART_BYTES, 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_values, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_event_log, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_event_log_empty, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_bad_layouts, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_bad_places, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_stored_together, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_full_disk, set_up, tear_down),
        cmocka_unit_test(test_fletcher32),
        cmocka_unit_test(test_part_is_due),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
