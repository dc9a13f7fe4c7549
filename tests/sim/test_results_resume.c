/* Nothing is lost and nothing changes: threads, order, kills, damaged parts, larger studies, other layouts.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/helpers/results_study.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

enum { REPLICATIONS = 40, JOBS = STUDY_SCENARIOS * REPLICATIONS };

struct place {
    struct study_place at;
    unsigned char *expected; /* the bytes of a study written in order by one thread */
    size_t length;
};

static void must(bool good, const struct error *error)
{
    if (!good) fail_msg("%s", error->message);
}

/* What is missing, in a shuffled order, by `threads` threads. */
static bool compute(struct results *results, size_t replications, unsigned shuffle, int threads,
                    struct error *error)
{
    size_t count = STUDY_SCENARIOS * replications, *jobs = malloc(count * sizeof *jobs);
    for (size_t i = 0; i < count; i++) jobs[i] = i;
    for (size_t i = count - 1; shuffle && i > 0; i--) {
        size_t j = (size_t)rand_r(&shuffle) % (i + 1), swap = jobs[i];
        jobs[i] = jobs[j];
        jobs[j] = swap;
    }
    int failures = 0;
#pragma omp parallel for schedule(dynamic) num_threads(threads) reduction(+ : failures)
    for (size_t i = 0; i < count; i++) {
        size_t s = jobs[i] / replications, r = jobs[i] % replications;
        struct error cause;
        if (results_has(results, s, r) || study_put(results, s, r, true, &cause)) continue;
        failures++;
#pragma omp critical(test_results_error)
        *error = cause;
    }
    free(jobs);
    return failures == 0;
}

static bool write_all(const char *path, size_t replications, enum results_mode mode, unsigned shuffle,
                      int threads, struct error *error)
{
    struct results_layout layout = study_layout(replications, true);
    struct results *results;
    if (!results_open(&results, path, &layout, mode, error)) return false;
    if (compute(results, replications, shuffle, threads, error)) return results_finish(results, error);
    results_suspend(results, NULL);
    return false;
}

static int set_up(void **state)
{
    struct place *place = calloc(1, sizeof *place);
    struct error error;
    study_place_make(&place->at);
    if (!write_all(place->at.path, REPLICATIONS, RESULTS_NEW, 0, 1, &error)) return -1;
    place->expected = study_read(place->at.path, &place->length);
    unlink(place->at.path);
    *state = place;
    return 0;
}

static int tear_down(void **state)
{
    struct place *place = *state;
    int gone = rmdir(place->at.folder); /* fails when a test leaves something behind */
    free(place->expected);
    free(place);
    return gone;
}

/* Same bytes as in order by one thread; then removes the file. */
static void assert_expected(const struct place *place)
{
    size_t length = 0;
    unsigned char *bytes = study_read(place->at.path, &length);
    assert_non_null(bytes);
    assert_int_equal(length, place->length);
    assert_memory_equal(bytes, place->expected, length);
    free(bytes);
    unlink(place->at.path);
}

/* Catches: bytes that depend on who stored a replication and when. */
static void test_threads_and_order(void **state)
{
    struct place *place = *state;
    struct error error;
    for (unsigned i = 0; i < 6; i++) {
        must(write_all(place->at.path, REPLICATIONS, RESULTS_NEW, i, 1 + (int)i % 4, &error), &error);
        assert_expected(place);
    }
}

/* The study as the child of the test of kills runs it: slow enough to be hit anywhere. */
static int run_child(const char *path, unsigned shuffle)
{
    struct results_layout layout = study_layout(REPLICATIONS, true);
    struct results *results;
    struct error error;
    if (!results_open(&results, path, &layout, RESULTS_RESUME, &error)) return 1;
    int failures = 0;
#pragma omp parallel for schedule(dynamic) num_threads(2) reduction(+ : failures)
    for (size_t i = 0; i < JOBS; i++) {
        size_t job = (i * 37 + shuffle) % JOBS, s = job / REPLICATIONS, r = job % REPLICATIONS;
        if (results_has(results, s, r)) continue;
        usleep(300);
        failures += !study_put(results, s, r, true, NULL);
    }
    return !results_finish(results, &error) || failures > 0;
}

/* Starts the child and kills it after `delay` microseconds. True when it was killed, not finished. */
static bool kill_child(const struct place *place, unsigned shuffle, unsigned delay)
{
    char number[16];
    snprintf(number, sizeof number, "%u", shuffle);
    pid_t child = fork();
    if (child == 0) {
        /* A new program: OpenMP's threads do not survive a fork. */
        execl("/proc/self/exe", "test", "--child", place->at.path, number, (char *)NULL);
        _exit(127);
    }
    assert_true(child > 0);
    int status;
    usleep(delay);
    kill(child, SIGKILL);
    waitpid(child, &status, 0);
    if (WIFSIGNALED(status)) return true;
    assert_int_equal(WEXITSTATUS(status), 0);
    return false;
}

/* Catches: work lost or doubled, half-written parts taken for whole, other bytes after any history of kills.
 */
static void test_kills(void **state)
{
    struct place *place = *state;
    struct error error;
    unsigned seed = 20240301, kills = 0;
    for (int round = 0; kills < 30; round++) {
        assert_true(round < 100);
        for (int life = 0; life < 12; life++) {
            /* From before the folder exists to the middle of the merge. */
            unsigned delay = (unsigned)rand_r(&seed) % (life < 2 ? 6000 : 60000);
            if (!kill_child(place, seed, delay)) break;
            kills++;
        }
        must(write_all(place->at.path, REPLICATIONS, RESULTS_RESUME, (unsigned)round, 2, &error), &error);
        assert_expected(place);
    }
}

/* Stores the first `count` replications of both scenarios and suspends. */
static void store_some(const struct place *place, size_t count)
{
    struct results_layout layout = study_layout(REPLICATIONS, true);
    struct results *results;
    struct error error;
    must(results_open(&results, place->at.path, &layout, RESULTS_RESUME, &error), &error);
    for (size_t r = 0; r < count; r++)
        for (size_t s = 0; s < STUDY_SCENARIOS; s++)
            if (!results_has(results, s, r)) must(study_put(results, s, r, true, &error), &error);
    must(results_suspend(results, &error), &error);
}

static size_t count_stored(const struct place *place)
{
    struct results_layout layout = study_layout(REPLICATIONS, true);
    struct results *results;
    struct error error;
    size_t stored = 0;
    must(results_open(&results, place->at.path, &layout, RESULTS_RESUME, &error), &error);
    for (size_t s = 0; s < STUDY_SCENARIOS; s++)
        for (size_t r = 0; r < REPLICATIONS; r++) stored += results_has(results, s, r);
    must(results_suspend(results, &error), &error);
    return stored;
}

/* Catches: a damaged part taken for a whole one, or one that makes the whole study unreadable. */
static void test_damaged_parts(void **state)
{
    struct place *place = *state;
    char part[300];
    struct error error;
    snprintf(part, sizeof part, "%s.parts/00000000.part", place->at.path);
    store_some(place, 24);
    assert_int_equal(count_stored(place), 48);
    size_t length = 0;
    unsigned char *bytes = study_read(part, &length);
    const size_t cuts[] = {0, 1, 30, length / 2, length - 1};
    for (size_t i = 0; i < sizeof cuts / sizeof *cuts; i++) {
        assert_int_equal(truncate(part, (off_t)cuts[i]), 0);
        assert_int_equal(count_stored(place), 32);
    }
    for (size_t at = 0; at < length; at += length / 9 + 1) {
        FILE *file = fopen(part, "wb");
        bytes[at] ^= 4;
        fwrite(bytes, 1, length, file);
        bytes[at] ^= 4;
        fclose(file);
        assert_int_equal(count_stored(place), 32);
    }
    free(bytes);
    must(write_all(place->at.path, REPLICATIONS, RESULTS_RESUME, 3, 2, &error), &error);
    assert_expected(place);
}

/* Catches: an extended study that differs from one of that size, and computed replications thrown away. */
static void test_extend(void **state)
{
    struct place *place = *state;
    struct error error;
    must(write_all(place->at.path, 7, RESULTS_NEW, 1, 2, &error), &error);
    assert_int_equal(count_stored(place), 14);
    store_some(place, 20); /* the finished file stands beside parts */
    assert_int_equal(count_stored(place), 40);
    must(write_all(place->at.path, REPLICATIONS, RESULTS_RESUME, 1, 2, &error), &error);
    must(write_all(place->at.path, REPLICATIONS, RESULTS_RESUME, 1, 2, &error), &error); /* nothing to do */
    for (size_t fewer = 7; fewer < REPLICATIONS; fewer += 32) { /* by far, and by one */
        assert_false(write_all(place->at.path, fewer, RESULTS_RESUME, 1, 2, &error));
        assert_non_null(strstr(error.message, "40 replications"));
    }
    assert_expected(place);
}

/* Catches: failed replications of a finished file that a resume does not compute again. */
static void test_failed_is_computed_again(void **state)
{
    struct place *place = *state;
    struct results_layout layout = study_layout(REPLICATIONS, true);
    struct results *results;
    struct error error;
    must(results_open(&results, place->at.path, &layout, RESULTS_NEW, &error), &error);
    for (size_t i = 0; i < JOBS; i++) {
        size_t s = i / REPLICATIONS, r = i % REPLICATIONS;
        if (i % 5 == 2)
            must(results_put(results, s, (struct results_range){r, 1}, NULL, true, NULL, 0, 0, &error),
                 &error);
        else
            must(study_put(results, s, r, true, &error), &error);
    }
    must(results_finish(results, &error), &error);
    assert_int_equal(count_stored(place), JOBS - JOBS / 5);
    must(write_all(place->at.path, REPLICATIONS, RESULTS_RESUME, 5, 2, &error), &error);
    assert_expected(place);
}

static void refused(const struct place *place, const struct results_layout *layout, const char *words)
{
    struct results *results;
    struct error error;
    assert_false(results_open(&results, place->at.path, layout, RESULTS_RESUME, &error));
    assert_null(results);
    assert_int_equal(error.kind, ERROR_USAGE);
    if (!strstr(error.message, words)) fail_msg("'%s' does not say '%s'", error.message, words);
}

static void refuse_all(const struct place *place)
{
    struct results_layout layout = study_layout(REPLICATIONS, true);
    layout.seed = 7;
    refused(place, &layout, "the seed was 18364758544493064720, not 7");
    layout = study_layout(REPLICATIONS, true);
    layout.scale = 1;
    refused(place, &layout, "the scale was 0.1, not 1");
    layout = study_layout(REPLICATIONS, false);
    refused(place, &layout, "event log was another one");
    layout = study_layout(REPLICATIONS, true);
    layout.dataset_count = 4;
    refused(place, &layout, "measure runs/cost is not part of this one");
    layout = study_layout(REPLICATIONS, true);
    layout.scenarios = (const char *const[]){"base", "other"};
    refused(place, &layout, "scenario 'other' is not in it");
    struct results_text texts[4];
    memcpy(texts, study_texts, sizeof texts);
    layout = study_layout(REPLICATIONS, true);
    layout.texts = texts;
    texts[1].text = "0.2.0";
    layout.scale = 1; /* of what else differs nothing is said */
    refused(place, &layout,
            "was written by version 0.1.0 of this program, and this is version 0.2.0: the random");
    layout.scale = study_layout(REPLICATIONS, true).scale;
    texts[1] = study_texts[1];
    texts[3].text = "extends: base\n";
    refused(place, &layout, "scenario 'funding runs out' was another one");
    struct results_axis axes[4];
    memcpy(axes, study_axes, sizeof axes);
    layout = study_layout(REPLICATIONS, true);
    layout.axes = axes;
    axes[AXIS_BIN].numbers = (const double[]){0, 1, 7, 30, 91};
    refused(place, &layout, "axis wait_bin was another one");
}

/* Catches: replications of two studies mixed in one file, and a message that does not say why it is refused.
 */
static void test_other_layouts(void **state)
{
    struct place *place = *state;
    struct error error;
    store_some(place, 9);
    refuse_all(place);
    must(write_all(place->at.path, REPLICATIONS, RESULTS_RESUME, 0, 1, &error), &error);
    refuse_all(place);
    assert_expected(place);
}

/* Catches: a new study over an old one without a word, and old replications that survive --force. */
static void test_new_and_force(void **state)
{
    struct place *place = *state;
    struct results_layout layout = study_layout(REPLICATIONS, true), other = layout;
    struct results *results, *second;
    struct error error;
    store_some(place, 9);
    assert_false(results_open(&results, place->at.path, &layout, RESULTS_NEW, &error));
    assert_non_null(strstr(error.message, "unfinished"));
    other.seed = 1;
    must(results_open(&results, place->at.path, &other, RESULTS_FORCE, &error), &error);
    assert_false(results_has(results, 0, 0));
    assert_false(results_open(&second, place->at.path, &other, RESULTS_RESUME, &error));
    assert_non_null(strstr(error.message, "another run"));
    must(study_put(results, 0, 0, true, &error), &error);
    must(results_finish(results, &error), &error);
    must(write_all(place->at.path, REPLICATIONS, RESULTS_FORCE, 2, 2, &error), &error);
    assert_false(write_all(place->at.path, REPLICATIONS, RESULTS_NEW, 2, 2, &error));
    assert_expected(place);
}

/* Catches: parts that --force leaves behind, so that the forced study, once stopped, cannot be resumed. */
static void test_forced_study_is_resumed(void **state)
{
    struct place *place = *state;
    struct results_layout layout = study_layout(REPLICATIONS, true);
    struct results *results;
    struct error error;
    store_some(place, 40);
    layout.seed = 1;
    must(results_open(&results, place->at.path, &layout, RESULTS_FORCE, &error), &error);
    must(study_put(results, 0, 0, true, &error), &error);
    must(results_suspend(results, &error), &error);
    must(results_open(&results, place->at.path, &layout, RESULTS_RESUME, &error), &error);
    assert_true(results_has(results, 0, 0) && !results_has(results, 0, 1));
    must(results_finish(results, &error), &error);
    unlink(place->at.path);
}

/* Catches: `has` that promises what a kill would still lose. */
static void test_has_means_on_disk(void **state)
{
    struct place *place = *state;
    struct results_layout layout = study_layout(REPLICATIONS, true);
    struct results *results;
    struct error error;
    must(results_open(&results, place->at.path, &layout, RESULTS_NEW, &error), &error);
    for (size_t r = 0; r < 16; r++) {
        must(study_put(results, 0, r, true, &error), &error);
        must(study_put(results, 0, 0, true, &error), &error); /* a second time: no harm */
        assert_true(r == 15 || !results_has(results, 0, r));
    }
    assert_true(results_has(results, 0, 0) && results_has(results, 0, 15));
    assert_false(study_put(results, 0, REPLICATIONS, true, &error));
    must(results_suspend(results, &error), &error);
    must(write_all(place->at.path, REPLICATIONS, RESULTS_RESUME, 9, 1, &error), &error);
    assert_expected(place);
}

int main(int argc, char **argv)
{
    if (argc == 4 && strcmp(argv[1], "--child") == 0) return run_child(argv[2], (unsigned)atoi(argv[3]));
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_threads_and_order),
        cmocka_unit_test(test_kills),
        cmocka_unit_test(test_damaged_parts),
        cmocka_unit_test(test_extend),
        cmocka_unit_test(test_failed_is_computed_again),
        cmocka_unit_test(test_other_layouts),
        cmocka_unit_test(test_new_and_force),
        cmocka_unit_test(test_forced_study_is_resumed),
        cmocka_unit_test(test_has_means_on_disk),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
