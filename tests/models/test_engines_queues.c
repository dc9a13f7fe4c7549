/* Cohorts against theory: queues whose service takes days, step by step. Each mean over independent
 * replications must come within 1 % of the known answer and the error of its mean (99 %); what the step adds
 * shrinks with the step. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/helpers/queue_theory.h"
#include "tests/helpers/run_model.h"

#include <math.h>
#include <unistd.h>

#define REPLICATIONS 500
#define BINS         "title: t\nfrom: 2000-01-01\nto: 2010-12-01\nwarm_up_days: 731\nrecord: {bins: month}\n"
#define HEAD                                                                                                 \
    "measures: {served: {}, lost: {}, left: {}}\nscalable: false\nstations:\n"                               \
    "  served: {kind: sink, counts_as: [served]}\n"
#define LOST "  lost: {kind: sink, counts_as: [lost]}\n"
#define LEFT "  left: {kind: sink, counts_as: [left]}\n"

struct setting {
    const char *name, *text;
    double arrival, service; /* per day */
    int servers, room;
    double impatience;
    uint32_t steps_per_day; /* coarse enough to be of use, fine enough for 1 % */
};

#define ARRIVALS(rate)                                                                                       \
    "  in: {kind: source, interval: {distribution: exponential, per_day: " rate "}, to: desk}\n"
#define DESK(more)                                                                                           \
    "  desk: {kind: queue, service: {distribution: exponential, mean_days: 5}, to: served, " more "}\n"

static const struct setting settings[] = {
    {"M/M/1", BINS HEAD ARRIVALS("0.16") DESK("servers: 1"), 0.16, 0.2, 1, 0, 0, 1},
    {"M/M/4", BINS HEAD ARRIVALS("0.68") DESK("servers: 4"), 0.68, 0.2, 4, 0, 0, 1},
    {"M/M/40", BINS HEAD ARRIVALS("7.6") DESK("servers: 40"), 7.6, 0.2, 40, 0, 0, 6},
    {"M/M/4+M",
     BINS HEAD ARRIVALS("0.88")
         DESK("servers: 4, renege: left, patience: {distribution: exponential, mean_days: 10}") LEFT,
     0.88, 0.2, 4, 0, 0.1, 2},
    {"M/M/2/6", BINS HEAD ARRIVALS("0.36") DESK("servers: 2, room: 6, balk: lost") LOST, 0.36, 0.2, 2, 6, 0,
     6},
};

struct means {
    double in_system[REPLICATIONS], wait[REPLICATIONS], busy[REPLICATIONS], lost[REPLICATIONS],
        left[REPLICATIONS];
};

static void open_text(struct run_model *run, const char *text, uint32_t steps)
{
    char path[64] = "/tmp/corridor-queue-XXXXXX.yaml";
    int file = mkstemps(path, 5);
    assert_true(file >= 0);
    assert_int_equal(write(file, text, strlen(text)), (ssize_t)strlen(text));
    close(file);
    assert_true(run_model_open_engine(run, (struct engine){ENGINE_FLOWS, steps}, path, NULL, 0, 1));
    unlink(path);
}

/* Over all bins, weighted by their days. */
static double mean_over_time(const struct run_model *run, const char *group, const char *name,
                             const char *axis)
{
    size_t second = run_model_index(run, axis, "desk");
    const struct network *n = run->model.network;
    const struct results_dataset *dataset = run_model_dataset(run, group, name);
    double sum = 0;
    for (size_t b = 0; b < n->bin_count; b++)
        sum += run_model_at(run, dataset, b, second, 0) * (n->bin_edge[b + 1] - n->bin_edge[b]);
    return sum / (n->bin_edge[n->bin_count] - n->bin_edge[0]);
}

static void measure(const struct setting *setting, uint32_t steps, struct means *means)
{
    struct run_model run;
    open_text(&run, setting->text, steps);
    for (uint32_t r = 0; r < REPLICATIONS; r++) {
        assert_true(run_model_go(&run, 20231201, r, 1, true));
        double days =
            run.model.network->bin_edge[run.model.network->bin_count] - run.model.network->bin_edge[0];
        double arrivals = run_model_sum(&run, "flows", "moves", "route", "in:next");
        means->in_system[r] = mean_over_time(&run, "stocks", "people", "place");
        means->busy[r] = mean_over_time(&run, "waits", "servers_busy", "station");
        means->wait[r] = run_model_sum(&run, "waits", "total", "station", "desk") /
                         run_model_sum(&run, "waits", "ended", "station", "desk");
        means->lost[r] = run_model_sum(&run, "events", "events", "event_kind", "lost") / arrivals;
        means->left[r] = run_model_sum(&run, "events", "events", "event_kind", "left") / arrivals;
        assert_true(fabs(arrivals / days / setting->arrival - 1) < 0.2);
    }
    run_model_close(&run);
}

/* The relative distance from the known answer, and its standard error. */
static double distance(const double number[], double expected, double *error)
{
    double sum = 0, squares = 0;
    for (int r = 0; r < REPLICATIONS; r++) sum += number[r];
    double mean = sum / REPLICATIONS;
    for (int r = 0; r < REPLICATIONS; r++) squares += (number[r] - mean) * (number[r] - mean);
    *error = sqrt(squares / (REPLICATIONS - 1) / REPLICATIONS) / expected;
    return mean / expected - 1;
}

static void check(const char *setting, uint32_t steps, const char *what, const double number[],
                  double expected)
{
    double error, off = distance(number, expected, &error);
    if (getenv("CORRIDOR_SHOW_CHECKS"))
        printf("%s, %u steps a day, %s: %+.2f %% +- %.2f %% of %.4g\n", setting, steps, what, 100 * off,
               100 * error, expected);
    if (fabs(off) > 0.01 + 2.81 * error)
        fail_msg("%s, %u steps a day: %s is %.2f %% off %.4g (standard error %.2f %%)", setting, steps, what,
                 100 * off, expected, 100 * error);
}

static struct queue_answer answer_of(const struct setting *s)
{
    return queue_birth_death(s->arrival, s->service, s->servers, s->room, s->impatience);
}

/* Would catch a server that rests between steps, a wait counted from the wrong step, or a patience that runs
 * too fast. */
static void test_queues(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++) {
        const struct setting *s = &settings[i];
        struct queue_answer answer = answer_of(s);
        struct means means;
        measure(s, s->steps_per_day, &means);
        check(s->name, s->steps_per_day, "people in the system", means.in_system, answer.in_system);
        check(s->name, s->steps_per_day, "servers busy", means.busy, answer.busy);
        if (!(s->impatience > 0)) check(s->name, s->steps_per_day, "wait", means.wait, answer.wait);
        if (s->room > 0) check(s->name, s->steps_per_day, "turned away", means.lost, answer.lost);
        if (s->impatience > 0) check(s->name, s->steps_per_day, "lost patience", means.left, answer.left);
    }
}

/* Would catch an error that does not come from the step: a finite room, where the step shows most, has to
 * close in on the known answer as the step is refined. */
static void test_the_step_shrinks_the_error(void **state)
{
    (void)state;
    const struct setting *room = &settings[4];
    struct queue_answer answer = answer_of(room);
    struct means coarse, fine;
    double error;
    measure(room, 1, &coarse);
    measure(room, 12, &fine);
    double far = fabs(distance(coarse.lost, answer.lost, &error)),
           near = fabs(distance(fine.lost, answer.lost, &error));
    if (getenv("CORRIDOR_SHOW_CHECKS"))
        printf("turned away: %.2f %% off at a day, %.2f %% at two hours\n", 100 * far, 100 * near);
    assert_true(near < far / 3);
    assert_true(near < 0.01 + 2.81 * error);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_queues),
                                       cmocka_unit_test(test_the_step_shrinks_the_error)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
