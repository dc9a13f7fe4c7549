/* Small models with answers worked out by hand: one text, run by an engine, its numbers read day by day. */
#ifndef CORRIDOR_TESTS_ALONE_H
#define CORRIDOR_TESTS_ALONE_H

#include "tests/helpers/run_model.h"

#include <math.h>
#include <unistd.h>

#define ALONE_DAYS(to) "title: t\nfrom: 2023-01-01\nto: " to "\nrecord: {bins: day}\n"

/* A source that lets out nobody but one batch, in the morning of a date. */
#define ALONE_BATCH(name, date, people, to)                                                                  \
    "  " name ": {kind: source, per_day: 0, batches: [{name: b, on: " date ", people: " people "}], to: " to \
    "}\n"
#define ALONE_MIXED_BATCH(name, date, people, class, to)                                                     \
    "  " name ": {kind: source, per_day: 0, mix: {class: {" class ": 1}}, batches: [{name: b, on: " date     \
                                                                  ", people: " people "}], to: " to "}\n"

static const enum engine_kind alone_engines[] = {ENGINE_AGENTS, ENGINE_FLOWS, ENGINE_MEAN};

struct alone {
    struct run_model run;
    struct engine engine;
};

/* Makes ready to run the text; false after printing why it cannot be run. */
static inline bool alone_open(struct alone *self, struct engine engine, const char *text, double scale)
{
    char path[64] = "/tmp/corridor-alone-XXXXXX.yaml";
    int file = mkstemps(path, 5);
    assert_true(file >= 0);
    assert_int_equal(write(file, text, strlen(text)), (ssize_t)strlen(text));
    close(file);
    self->engine = engine;
    bool open = run_model_open_engine(&self->run, engine, path, NULL, 0, scale);
    unlink(path);
    return open;
}

/* Runs the text with parameters fixed, at full scale, or at `scale`. */
static inline void alone_run_scaled(struct alone *self, struct engine engine, const char *text, double scale,
                                    uint64_t seed)
{
    if (!alone_open(self, engine, text, scale)) fail_msg("the scenario cannot be run");
    assert_true(run_model_go(&self->run, seed, 0, scale, true));
}

static inline void alone_run(struct alone *self, enum engine_kind kind, const char *text)
{
    alone_run_scaled(self, (struct engine){kind, 1}, text, 1, 17);
}

static inline void alone_end(struct alone *self)
{
    run_model_close(&self->run);
}

/* Fails with the engine, what was looked at, and both numbers, unless they agree within `tolerance`. */
static inline void alone_expect(const struct alone *self, const char *what, double got, double expected,
                                double tolerance)
{
    if (fabs(got - expected) <= tolerance) return;
    fail_msg("%s, %u steps a day: %s is %.10g, not %.10g within %.3g", engine_names[self->engine.kind],
             self->engine.steps_per_day, what, got, expected, tolerance);
}

/* A number of one day, for all classes or (`class` not NULL) for one. */
static inline double alone_of_class(const struct alone *self, const char *group, const char *name,
                                    const char *axis, const char *label, const char *class, size_t day)
{
    const struct results_layout *layout = recording_layout(self->run.recording);
    const struct results_dataset *dataset = run_model_dataset(&self->run, group, name);
    size_t second = run_model_index(&self->run, axis, label);
    if (!dataset || second == SIZE_MAX) fail_msg("no %s/%s of %s", group, name, label);
    size_t thirds = dataset->axis_count == 3 ? layout->axes[dataset->axis[2]].length : 1;
    size_t only = class ? run_model_index(&self->run, "class", class) : SIZE_MAX;
    double sum = 0;
    if (class && only == SIZE_MAX) fail_msg("no class %s", class);
    for (size_t t = 0; t < thirds; t++)
        if (!class || t == only) sum += run_model_at(&self->run, dataset, day, second, t);
    return sum;
}

/* Events of a measure, people at a place at the end of the day, moves along a route. */
static inline double alone_events(const struct alone *self, const char *measure, size_t day)
{
    return alone_of_class(self, "events", "events", "event_kind", measure, NULL, day);
}
static inline double alone_present(const struct alone *self, const char *place, size_t day)
{
    return alone_of_class(self, "stocks", "people_end", "place", place, NULL, day);
}
static inline double alone_moves(const struct alone *self, const char *route, size_t day)
{
    return alone_of_class(self, "flows", "moves", "route", route, NULL, day);
}

/* The same, summed over all days. */
static inline double alone_total(const struct alone *self, const char *group, const char *name,
                                 const char *axis, const char *label, const char *class)
{
    double sum = 0;
    for (size_t day = 0; day < self->run.model.network->bin_count; day++)
        sum += alone_of_class(self, group, name, axis, label, class, day);
    return sum;
}
static inline double alone_all_events(const struct alone *self, const char *measure)
{
    return alone_total(self, "events", "events", "event_kind", measure, NULL);
}

/* Compares the events of the first days with a list; `tolerance` for expectations, which carry rounding. */
static inline void alone_expect_days(const struct alone *self, const char *measure, const double expected[],
                                     size_t days)
{
    for (size_t day = 0; day < days; day++) {
        char what[96];
        snprintf(what, sizeof what, "%s on day %zu", measure, day);
        alone_expect(self, what, alone_events(self, measure, day), expected[day],
                     self->engine.kind == ENGINE_MEAN ? 1e-9 : 0);
    }
}

#define ALONE_FOR_ENGINES(e, count)                                                                          \
    for (const enum engine_kind *e = alone_engines; e < alone_engines + (count); e++)

#endif
