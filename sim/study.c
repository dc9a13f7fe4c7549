#include "sim/study.h"

#include "sim/engine.h"
#include "sim/replication.h"

#include <omp.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define TRACE_RECORDS ((size_t)1 << 22)

struct shared {
    const struct study *study;
    const struct recording *recording;
    struct results *results;
    struct study_progress *progress;
    const struct study_observer *observer;
    struct error error; /* the first that ends the study; guarded by the critical section */
};

/* What a thread works with: the memory of one scenario, SIZE_MAX: of none yet. */
struct worker {
    struct replication run;
    size_t scenario;
};

static double seconds_now(clockid_t clock)
{
    struct timespec time;
    clock_gettime(clock, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static void end_study(struct shared *shared, const struct error *error)
{
#pragma omp critical(corridor_study)
    if (shared->error.kind == ERROR_NONE) shared->error = *error;
    atomic_store(&shared->progress->stop, 1);
}

static void tell_failure(struct shared *shared, const char *scenario, const struct error *failure)
{
    const struct study_observer *observer = shared->observer;
    if (!observer || !observer->failure) return;
#pragma omp critical(corridor_study)
    observer->failure(observer->context, scenario, failure);
}

static bool begin_scenario(struct shared *shared, struct worker *worker, size_t scenario)
{
    struct replication *run = &worker->run;
    if (worker->scenario == scenario) return true;
    struct error error = {0};
    if (worker->scenario != SIZE_MAX) replication_free(run);
    worker->scenario = SIZE_MAX;
    const struct study *study = shared->study;
    if (!replication_new(run, study->scenarios[scenario].network, study->engine,
                         recording_recorder(shared->recording, scenario), &error)) {
        end_study(shared, &error);
        return false;
    }
    worker->scenario = scenario;
    run->trace_fraction = study->trace_fraction;
    if (study->trace_fraction > 0) {
        run->trace = malloc(TRACE_RECORDS * sizeof *run->trace);
        run->trace_capacity = run->trace ? TRACE_RECORDS : 0;
        if (!run->trace) {
            error_set(&error, ERROR_MEMORY, "not enough memory for the event log (%zu MB)",
                      TRACE_RECORDS * sizeof *run->trace >> 20);
            end_study(shared, &error);
            return false;
        }
    }
    return true;
}

/* Without chance, replications with the same values are the same, and one of them is run: a pair, or all of a
 * scenario when values are fixed. */
static size_t alike(const struct study *study)
{
    if (study->engine.kind != ENGINE_MEAN) return 1;
    return study->parameters_fixed ? study->replications : 2;
}

static size_t count_lacking(const struct results *results, size_t scenario, struct results_range range)
{
    size_t lacking = 0;
    for (size_t i = 0; i < range.count; i++) lacking += !results_has(results, scenario, range.first + i);
    return lacking;
}

/* Runs replications that are the same. */
static void run_alike(struct shared *shared, struct worker *worker, size_t scenario,
                      struct results_range range)
{
    const struct study *study = shared->study;
    struct study_progress *progress = shared->progress;
    struct replication *run = &worker->run;
    const size_t lacking = count_lacking(shared->results, scenario, range);
    if (lacking == 0 || !begin_scenario(shared, worker, scenario)) return;
    double start = seconds_now(CLOCK_THREAD_CPUTIME_ID);
    replication_reset(run, study->seed, (uint32_t)range.first, study->scale, study->parameters_fixed);
    bool complete = engine_run(run, &progress->stop);
    if (!complete && run->error.kind == ERROR_STOPPED) return;
    struct error error = {0};
    if (!results_put(shared->results, scenario, range, run->output, !complete, run->trace, sizeof *run->trace,
                     run->trace_count, &error)) {
        end_study(shared, &error);
        return;
    }
    double spent = seconds_now(CLOCK_THREAD_CPUTIME_ID) - start;
    atomic_fetch_add(&progress->nanoseconds, (uint64_t)(spent * 1e9));
    atomic_fetch_add(&progress->events, run->state->events);
    if (!complete) atomic_fetch_add(&progress->failed, lacking);
    atomic_fetch_add(&progress->done, lacking);
    if (!complete) tell_failure(shared, study->scenarios[scenario].name, &run->error);
}

int study_threads(const struct study *self)
{
    return self->threads > 0 ? self->threads : omp_get_num_procs();
}

/* Scenario by scenario, so that a thread keeps the memory of one network at a time. */
static void run_all(struct shared *shared)
{
    const struct study *study = shared->study;
    const size_t together = alike(study), per_scenario = (study->replications + together - 1) / together,
                 jobs = study->scenario_count * per_scenario;
#pragma omp parallel num_threads(study_threads(study))
    {
        struct worker worker = {.scenario = SIZE_MAX};
#pragma omp for schedule(dynamic, 1)
        for (size_t job = 0; job < jobs; job++) {
            struct results_range range = {.first = job % per_scenario * together, .count = together};
            if (range.count > study->replications - range.first)
                range.count = study->replications - range.first;
            if (!atomic_load(&shared->progress->stop)) run_alike(shared, &worker, job / per_scenario, range);
        }
        if (worker.scenario != SIZE_MAX) replication_free(&worker.run);
    }
}

bool study_run(const struct study *self, const char *path, enum results_mode mode,
               struct study_progress *progress, const struct study_observer *observer, struct error *error)
{
    struct recording *recording;
    if (!recording_new(&recording, self->scenarios, self->scenario_count, self->engine, self->replications,
                       self->seed, self->scale, self->trace_fraction > 0, self->texts, self->text_count,
                       error))
        return false;
    struct shared shared = {
        .study = self, .recording = recording, .progress = progress, .observer = observer};
    if (!results_open(&shared.results, path, recording_layout(recording), mode, error)) {
        recording_free(recording);
        return false;
    }
    atomic_store(&progress->total, self->scenario_count * self->replications);
    for (size_t s = 0; s < self->scenario_count; s++)
        for (size_t r = 0; r < self->replications; r++)
            if (results_has(shared.results, s, r)) atomic_fetch_add(&progress->done, 1);
    run_all(&shared);
    bool stopped = atomic_load(&progress->stop) != 0;
    bool stored = stopped ? results_suspend(shared.results, error) : results_finish(shared.results, error);
    recording_free(recording);
    if (!stored) return false;
    if (!stopped) return true;
    if (shared.error.kind == ERROR_NONE) return error_set(error, ERROR_STOPPED, "stopped");
    if (error) *error = shared.error;
    return false;
}
