/* `share: rest`: what the others leave of 1, as they are drawn, set and scheduled, by class. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/helpers/run_model.h"

#include <math.h>
#include <unistd.h>

enum { PEOPLE = 1000, REPLICATIONS = 200 };

/* A thousand people on the second and on the sixth day part at once. */
#define TEXT(shares)                                                                                         \
    "title: t\nfrom: 2023-01-01\nto: 2023-01-10\nrecord: {bins: day}\nmeasures: {a: {}, b: {}, c: {}}\n"     \
    "classes: {family: [adult, child]}\n"                                                                    \
    "schedules: {half: {steps: {2023-01-01: 0.25, 2023-01-04: 0.5}}}\nstations:\n"                           \
    "  in: {kind: source, per_day: 0, mix: {family: {adult: 1, child: 1}}, batches: [{name: x, on: "         \
    "2023-01-02, people: 1000}, {name: y, on: 2023-01-06, people: 1000}], to: " shares "}\n"                 \
    "  a: {kind: sink, counts_as: [a]}\n  b: {kind: sink, counts_as: [b]}\n"                                 \
    "  c: {kind: sink, counts_as: [c]}\n"

static const struct engine agents = {ENGINE_AGENTS, 1}, flows = {ENGINE_FLOWS, 1}, mean = {ENGINE_MEAN, 1};

static void open_text(struct run_model *run, struct engine engine, const char *text)
{
    char path[64] = "/tmp/corridor-rest-XXXXXX.yaml";
    int file = mkstemps(path, 5);
    assert_true(file >= 0);
    assert_int_equal(write(file, text, strlen(text)), (ssize_t)strlen(text));
    close(file);
    assert_true(run_model_open_engine(run, engine, path, NULL, 0, 1));
    unlink(path);
}

/* People of a class (0 adult, 1 child) that went to a sink on a day. */
static double people(const struct run_model *run, const char *sink, size_t day, size_t class)
{
    return run_model_at(run, run_model_dataset(run, "events", "events"), day,
                        run_model_index(run, "event_kind", sink), class);
}

static double all(const struct run_model *run, const char *sink)
{
    return run_model_sum(run, "events", "events", "event_kind", sink);
}

/* Catches a range that is not the one used: shares drawn and then divided by their sum, [0.1, 0.6] beside 0.7
 * would become [0.125, 0.46]. */
static void declared_range_is_the_range_used(void **state)
{
    (void)state;
    struct run_model run;
    open_text(&run, mean, TEXT("{a: {value: 0.3, range: [0.1, 0.6], shape: uniform}, b: rest, c: 0}"));
    double lowest = 1, highest = 0;
    for (uint32_t r = 0; r < REPLICATIONS; r++) {
        assert_true(run_model_go(&run, 1, r, 1, false));
        double share = all(&run, "a") / (2 * PEOPLE);
        assert_true(fabs(share + all(&run, "b") / (2 * PEOPLE) - 1) < 1e-9);
        lowest = fmin(lowest, share);
        highest = fmax(highest, share);
    }
    assert_true(lowest >= 0.1 && lowest < 0.12);
    assert_true(highest <= 0.6 && highest > 0.58);
    run_model_close(&run);
}

/* Catches a rest that is made once, from the central values or from another class, and kept. */
static void follows_policies_schedules_and_classes(void **state)
{
    (void)state;
    struct run_model run;
    open_text(
        &run, mean,
        TEXT("{a: half, b: rest, c: {default: 0, child: 0.25}}") "policies: [{on: 2023-01-05, why: w, set: "
                                                                 "{stations.in.to.c.adult: 0.125}}]\n");
    assert_true(run_model_go(&run, 1, 0, 1, true));
    static const double expected[2][2] = {{0.75, 0.5}, {0.375, 0.25}};
    for (int batch = 0; batch < 2; batch++)
        for (size_t class = 0; class < 2; class ++)
            assert_true(
                fabs(people(&run, "b", batch ? 5 : 1, class) / (PEOPLE / 2) - expected[batch][class]) < 1e-9);
    run_model_close(&run);
}

/* Catches a lever that cannot be set alone: with all of them sent to `a` nobody goes elsewhere, not even by
 * rounding, in any engine. */
static void one_lever_is_enough(void **state)
{
    (void)state;
    const struct engine engines[] = {agents, flows, mean};
    for (size_t e = 0; e < 3; e++) {
        struct run_model run;
        open_text(&run, engines[e],
                  TEXT("{a: 0.3, b: rest, c: 0}") "policies: [{on: 2023-01-05, why: w, set: "
                                                  "{stations.in.to.a: 1}}]\n");
        assert_true(run_model_go(&run, 1, 0, 1, true));
        double before = people(&run, "a", 1, 0) + people(&run, "a", 1, 1);
        assert_true(before > 200 && before < 400);
        assert_true(people(&run, "b", 5, 0) + people(&run, "b", 5, 1) == 0);
        assert_true(fabs(people(&run, "a", 5, 0) + people(&run, "a", 5, 1) - PEOPLE) < 1e-9);
        run_model_close(&run);
    }
    struct run_model run;
    open_text(&run, mean, TEXT("{a: 0.7, b: rest, c: {default: 0.3, child: 0.2}}"));
    assert_true(run_model_go(&run, 1, 0, 1, true));
    assert_true(people(&run, "b", 1, 0) == 0); /* 1 - 0.7 - 0.3 is 5.6e-17 in doubles */
    assert_true(people(&run, "b", 1, 1) > 49);
    run_model_close(&run);
}

/* Catches a negative rest that takes people from others, or stops the run: drawn shares may sum to more than
 * 1; they are then proportions. */
static void less_than_nothing_is_nothing(void **state)
{
    (void)state;
    const struct engine engines[] = {agents, flows, mean};
    for (size_t e = 0; e < 3; e++) {
        struct run_model run;
        open_text(&run, engines[e],
                  TEXT("{a: {value: 0.5, range: [0.5, 1]}, b: rest, c: {value: 0.5, range: [0.5, 1]}}"));
        for (uint32_t r = 0; r < 4; r++) {
            assert_true(run_model_go(&run, 1, r, 1, false));
            assert_true(all(&run, "b") == 0);
            assert_true(fabs(all(&run, "a") + all(&run, "c") - 2 * PEOPLE) < 1e-9);
            assert_true(all(&run, "a") > 400 && all(&run, "c") > 400);
        }
        run_model_close(&run);
    }
}

/* Catches another use of luck: the rest and the same share written out are the same run, to the byte. */
static void rest_and_number_are_twins(void **state)
{
    (void)state;
    const struct engine engines[] = {agents, flows, mean};
    for (size_t e = 0; e < 3; e++) {
        struct run_model rest, number;
        open_text(&rest, engines[e], TEXT("{a: 0.25, b: rest, c: 0.125}"));
        open_text(&number, engines[e], TEXT("{a: 0.25, b: 0.625, c: 0.125}"));
        assert_true(run_model_go(&rest, 1, 0, 1, true));
        assert_true(run_model_go(&number, 1, 0, 1, true));
        assert_memory_equal(rest.replication.output, number.replication.output, rest.replication.output_size);
        run_model_close(&rest);
        run_model_close(&number);
    }
}

/* Catches a rest for some classes that is given to others: theirs stay proportions. */
static void rest_is_for_its_classes(void **state)
{
    (void)state;
    struct run_model run;
    open_text(&run, mean,
              TEXT("way") "  way: {kind: choice, options: {a: {share: 0.25, to: a}, b: {share: rest, "
                          "classes: [adult], to: b}, "
                          "c: {share: 0.25, classes: [child], to: c}}}\n");
    assert_true(run_model_go(&run, 1, 0, 1, true));
    assert_true(fabs(people(&run, "b", 1, 0) - 0.75 * PEOPLE / 2) < 1e-9);
    assert_true(people(&run, "b", 1, 1) == 0);
    assert_true(fabs(people(&run, "c", 1, 1) - 0.5 * PEOPLE / 2) < 1e-9);
    run_model_close(&run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(declared_range_is_the_range_used),
        cmocka_unit_test(follows_policies_schedules_and_classes),
        cmocka_unit_test(one_lever_is_enough),
        cmocka_unit_test(less_than_nothing_is_nothing),
        cmocka_unit_test(rest_and_number_are_twins),
        cmocka_unit_test(rest_is_for_its_classes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
