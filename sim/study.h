/* A study: scenarios x replications, run in parallel, stored as they finish. Replications are independent of
 * each other and of the thread they run on, so the results are the same bytes for any number of threads. */
#ifndef CORRIDOR_SIM_STUDY_H
#define CORRIDOR_SIM_STUDY_H

#include "sim/engine.h"
#include "sim/recorder.h"
#include "sim/results.h"

#include <stdatomic.h>

struct study {
    const struct recording_scenario *scenarios;
    size_t scenario_count;
    size_t replications; /* per scenario */
    struct engine engine;
    uint64_t seed;
    double scale;
    bool parameters_fixed;            /* every value at its central value instead of drawn from its range */
    double trace_fraction;            /* share of the people whose every step is logged; 0: none */
    int threads;                      /* 0: as many as there are processors */
    const struct results_text *texts; /* kept in the results file */
    size_t text_count;
};

/* What one thread reads while others work. */
struct study_progress {
    atomic_size_t done, failed, total; /* replications; done includes those found on disk */
    atomic_uint_fast64_t events;
    atomic_uint_fast64_t nanoseconds; /* of work, summed over threads */
    atomic_int stop;                  /* set it to end early and cleanly */
};

/* Called, by one thread at a time, for each replication that has failed: its message is in `error`. */
struct study_observer {
    void (*failure)(void *context, const char *scenario, const struct error *error);
    void *context;
};

/* Threads that will work at it. */
int study_threads(const struct study *self);

/* Runs what `path` does not hold yet and finishes the file; with `mode` as for results_open. A failed
 * replication is counted and the others go on. False with ERROR_STOPPED when progress->stop was set (the
 * study can be resumed), with another error when nothing more could be done. `observer` may be NULL. */
bool study_run(const struct study *self, const char *path, enum results_mode mode,
               struct study_progress *progress, const struct study_observer *observer, struct error *error);

#endif
