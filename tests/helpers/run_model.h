/* Runs a scenario file inside a test and reads the output block by dataset name. */
#ifndef CORRIDOR_TESTS_RUN_MODEL_H
#define CORRIDOR_TESTS_RUN_MODEL_H

#include "models/model.h"
#include "sim/engine.h"
#include "sim/recorder.h"
#include "sim/replication.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct run_model {
    struct model model;
    struct problems problems;
    struct recording *recording;
    struct replication replication;
};

static inline void run_model_close(struct run_model *self)
{
    replication_free(&self->replication);
    recording_free(self->recording);
    model_free(&self->model);
    problems_free(&self->problems);
}

/* Loads `file` (relative to the project) with `sets`; false after printing what is wrong. */
static inline bool run_model_open_engine(struct run_model *self, struct engine engine, const char *file,
                                         const char *const *sets, size_t set_count, double scale)
{
    char path[1024];
    memset(self, 0, sizeof *self);
    snprintf(path, sizeof path, "%s%s%s", file[0] == '/' ? "" : CORRIDOR_TREE, file[0] == '/' ? "" : "/",
             file);
    const char **folders = model_folders();
    bool loaded = model_load(&self->model, &self->problems, path, folders, sets, set_count);
    free(folders);
    if (!loaded) {
        problems_print(&self->problems, stderr);
        run_model_close(self);
        return false;
    }
    struct error error = {0};
    struct recording_scenario scenario = {.name = self->model.name, .network = self->model.network};
    if (!recording_new(&self->recording, &scenario, 1, engine, 1, 1, scale, false, NULL, 0, &error) ||
        !replication_new(&self->replication, self->model.network, engine,
                         recording_recorder(self->recording, 0), &error)) {
        fprintf(stderr, "%s\n", error.message);
        run_model_close(self);
        return false;
    }
    return true;
}

static inline bool run_model_open(struct run_model *self, const char *file, const char *const *sets,
                                  size_t set_count, double scale)
{
    return run_model_open_engine(self, (struct engine){ENGINE_AGENTS, 1}, file, sets, set_count, scale);
}

static inline bool run_model_go(struct run_model *self, uint64_t seed, uint32_t number, double scale,
                                bool parameters_fixed)
{
    replication_reset(&self->replication, seed, number, scale, parameters_fixed);
    bool done = engine_run(&self->replication, NULL);
    if (!done) fprintf(stderr, "%s\n", self->replication.error.message);
    return done;
}

static inline const struct results_dataset *run_model_dataset(const struct run_model *self, const char *group,
                                                              const char *name)
{
    const struct results_layout *layout = recording_layout(self->recording);
    for (size_t d = 0; d < layout->dataset_count; d++)
        if (strcmp(layout->datasets[d].group, group) == 0 && strcmp(layout->datasets[d].name, name) == 0)
            return &layout->datasets[d];
    return NULL;
}

static inline size_t run_model_index(const struct run_model *self, const char *axis, const char *name)
{
    const struct results_layout *layout = recording_layout(self->recording);
    for (size_t a = 0; a < layout->axis_count; a++) {
        if (strcmp(layout->axes[a].name, axis) != 0) continue;
        for (size_t i = 0; i < layout->axes[a].length; i++)
            if (strcmp(layout->axes[a].names[i], name) == 0) return i;
    }
    return SIZE_MAX;
}

/* Number at (bin, second, third) of a dataset whose first axis is time; `third` is ignored for two axes. */
static inline double run_model_at(const struct run_model *self, const struct results_dataset *dataset,
                                  size_t bin, size_t second, size_t third)
{
    const struct results_layout *layout = recording_layout(self->recording);
    size_t at = bin * layout->axes[dataset->axis[1]].length + second;
    if (dataset->axis_count == 3) at = at * layout->axes[dataset->axis[2]].length + third;
    const unsigned char *base = self->replication.output + dataset->offset;
    if (dataset->type == RESULTS_INT32) return ((const int32_t *)(const void *)base)[at];
    return ((const double *)(const void *)base)[at];
}

/* Sum over all bins (and the third axis, where there is one). */
static inline double run_model_sum(const struct run_model *self, const char *group, const char *name,
                                   const char *axis, const char *label)
{
    const struct results_layout *layout = recording_layout(self->recording);
    const struct results_dataset *dataset = run_model_dataset(self, group, name);
    size_t second = run_model_index(self, axis, label), bins = self->model.network->bin_count;
    size_t thirds = dataset && dataset->axis_count == 3 ? layout->axes[dataset->axis[2]].length : 1;
    double sum = 0;
    if (!dataset || second == SIZE_MAX) return -1;
    for (size_t b = 0; b < bins; b++)
        for (size_t t = 0; t < thirds; t++) sum += run_model_at(self, dataset, b, second, t);
    return sum;
}

#endif
