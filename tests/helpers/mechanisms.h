/* Levers of the corridor and what they must move: a table of rows, each a lever set low and set high in
 * `history`, a measure, and bounds on the ratio. With cohorts, parameters fixed, the same luck on both sides.
 * Bounds are wide enough for another calibration; a lever that is dead (ratio 1) or works the wrong way lies
 * outside. With CORRIDOR_SHOW_CHECKS set, every ratio is printed. */
#ifndef CORRIDOR_TESTS_MECHANISMS_H
#define CORRIDOR_TESTS_MECHANISMS_H

#include "tests/helpers/run_model.h"

#include <math.h>
#include <unistd.h>

#define MECHANISMS_SCALE 0.02

/* A side of a comparison: a scenario and what is set in it, by --set or by a text that extends it. */
struct side {
    const char *file, *set[2], *text;
};
#define HISTORY "scenarios/history.yaml"
#define FLAT    "scenarios/enforcement-flat.yaml"
#define HELD    "scenarios/funding-held.yaml"
#define OUT     "scenarios/funding-runs-out.yaml"
#define NO_DEAL "scenarios/no-deal.yaml"

#define AS_IT_IS                                                                                             \
    {                                                                                                        \
        .file = NULL                                                                                         \
    }
#define SCENARIO(name)                                                                                       \
    {                                                                                                        \
        .file = name                                                                                         \
    }
#define SET(a)                                                                                               \
    {                                                                                                        \
        .set = { a }                                                                                         \
    }
#define SET_BOTH(a, b)                                                                                       \
    {                                                                                                        \
        .set = { a, b }                                                                                      \
    }
#define FILE_AND_SET(name, a)                                                                                \
    {                                                                                                        \
        .file = name, .set = { a }                                                                           \
    }
#define TEXT(yaml)                                                                                           \
    {                                                                                                        \
        .text = yaml                                                                                         \
    }

/* A sum over months (none given: all), and over the classes whose names hold `class`. */
struct measure {
    const char *group, *name, *axis, *label, *class, *first, *last;
};
#define DATASET(g, n, a, l) .group = g, .name = n, .axis = a, .label = l
#define EVENTS(l)           DATASET("events", "events", "event_kind", l)
#define MOVES(l)            DATASET("flows", "moves", "route", l)
#define PEOPLE(l)           DATASET("stocks", "people", "place", l)
#define SUSPENDED(l)        DATASET("spending", "suspended", "item", l)
#define OF(c)               .class = c
#define DURING(f, l)        .first = f, .last = l

struct row {
    int row;
    const char *why;
    struct side low, high;
    struct measure measure;
    double least, most; /* of the measure with `high` over that with `low`; NAN: 0 with both */
};

#define POLICY(on, set) "policies: [{name: test, on: " on ", why: t, set: {" set "}}]\n"

static inline void run_side(struct run_model *run, const struct side *side)
{
    char path[64] = "";
    const char *file = side->file ? side->file : HISTORY;
    size_t sets = side->set[0] ? side->set[1] ? 2 : 1 : 0;
    if (side->text) {
        strcpy(path, "/tmp/corridor-mechanism-XXXXXX.yaml");
        int descriptor = mkstemps(path, 5);
        assert_true(descriptor >= 0);
        dprintf(descriptor, "extends: history.yaml\ntitle: t\n%s", side->text);
        close(descriptor);
        file = path;
    }
    bool open =
        run_model_open_engine(run, (struct engine){ENGINE_FLOWS, 1}, file, side->set, sets, MECHANISMS_SCALE);
    if (*path) unlink(path);
    if (!open) fail_msg("%s %s does not compile", file, side->set[0] ? side->set[0] : "");
    assert_true(run_model_go(run, 20240527, 0, MECHANISMS_SCALE, true));
}

/* The first day of a month, or of the one after, relative to the first of the run. */
static inline int32_t day_of(const struct network *n, const char *month, bool after)
{
    char date[16];
    int32_t day;
    snprintf(date, sizeof date, "%s-01", month);
    assert_true(date_parse(date, &day));
    if (!after) return day - n->from;
    struct date next = date_from_days(day + 31);
    return day + 31 - (next.day - 1) - n->from;
}

static inline double value_of_measure(const struct run_model *run, const struct measure *m)
{
    const struct network *n = run->model.network;
    const struct results_layout *layout = recording_layout(run->recording);
    const struct results_dataset *dataset = run_model_dataset(run, m->group, m->name);
    size_t at = run_model_index(run, m->axis, m->label);
    if (!dataset || at == SIZE_MAX) fail_msg("there is no %s/%s of %s", m->group, m->name, m->label);
    size_t thirds = dataset->axis_count == 3 ? layout->axes[dataset->axis[2]].length : 1;
    int32_t first = m->first ? day_of(n, m->first, false) : 0,
            end = m->last ? day_of(n, m->last, true) : n->days;
    double sum = 0;
    for (size_t b = 0; b < n->bin_count; b++) {
        if (n->bin_edge[b] < first || n->bin_edge[b + 1] > end) continue;
        for (size_t t = 0; t < thirds; t++)
            if (!m->class || strstr(n->class[t].name, m->class)) sum += run_model_at(run, dataset, b, at, t);
    }
    return sum;
}

static inline bool same_text(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}
static inline bool same_side(const struct side *a, const struct side *b)
{
    return same_text(a->file, b->file) && same_text(a->set[0], b->set[0]) &&
           same_text(a->set[1], b->set[1]) && same_text(a->text, b->text);
}

/* The last run of one column of the table: the next row may ask the same. */
struct last_run {
    const struct side *side;
    struct run_model run;
};

static inline double side_value(struct last_run *last, const struct side *side, const struct measure *measure)
{
    if (!last->side || !same_side(last->side, side)) {
        if (last->side) run_model_close(&last->run);
        run_side(&last->run, side);
        last->side = side;
    }
    return value_of_measure(&last->run, measure);
}

static inline bool is_within(double ratio, double least, double most)
{
    if (isnan(least)) return isnan(ratio); /* nothing on both sides */
    return ratio >= least && ratio <= most;
}

/* Fails when a ratio lies outside its bounds; says which. */
static inline void mechanisms_check(const struct row rows[], size_t count)
{
    static const struct side as_it_is = AS_IT_IS;
    struct last_run history = {0}, low_run = {0}, high_run = {0};
    size_t wrong = 0;
    for (size_t r = 0; r < count; r++) {
        const struct row *row = &rows[r];
        bool low_is = same_side(&row->low, &as_it_is), high_is = same_side(&row->high, &as_it_is);
        double low = side_value(low_is ? &history : &low_run, &row->low, &row->measure),
               high = side_value(high_is ? &history : &high_run, &row->high, &row->measure);
        double ratio = low == 0 ? high > 0 ? INFINITY : NAN : high / low;
        bool good = is_within(ratio, row->least, row->most);
        if (!good || getenv("CORRIDOR_SHOW_CHECKS"))
            printf("row %d, %s: %s %.6g -> %.6g, ratio %.4g, %sbetween %g and %g\n", row->row, row->why,
                   row->measure.label, low, high, ratio, good ? "" : "NOT ", row->least, row->most);
        wrong += !good;
    }
    run_model_close(&history.run);
    run_model_close(&low_run.run);
    run_model_close(&high_run.run);
    assert_int_equal(wrong, 0);
}

#endif
