/* Levers made flat: what was written, the schedules followed and the policies become one row of points. */
#include "models/compile.h"

#include <string.h>

static bool same(const struct point *a, const struct point *b)
{
    return a->value == b->value && a->low == b->low && a->high == b->high &&
           (a->low == a->high || (a->shape == b->shape && a->range_key == b->range_key));
}

static void emit(struct compiler *c, struct lane *lane, struct point point, int32_t day)
{
    point.day = day;
    /* A policy that sets what is in force anyway undoes what a rule may have set. */
    if (lane->point_count > 0 && !point.by_policy && same(&lane->point[lane->point_count - 1], &point))
        return;
    if (lane->point_count > 0 && lane->point[lane->point_count - 1].day == day) lane->point_count--;
    if (lane->point_count == lane->point_capacity) {
        size_t capacity = lane->point_capacity ? 2 * lane->point_capacity : 4;
        struct point *grown = draft_memory(c, capacity, sizeof *grown);
        if (lane->point_count) memcpy(grown, lane->point, lane->point_count * sizeof *grown);
        lane->point = grown;
        lane->point_capacity = capacity;
    }
    lane->point[lane->point_count++] = point;
}

/* Whether a point that does not suit a follower is to be mended where it is written: by a policy, or by the
 * one of the two files that changes the other (they are numbered from the scenario down to its model, the
 * command line before them). Otherwise the follower should not follow this schedule. */
static bool is_setters_fault(const struct series *series, const struct point *point)
{
    return point->by_policy || point->mark.file < series->mark.file;
}

/* Whether this is the first of the followers to find fault with what is written there. */
static bool is_new_fault(struct compiler *c, struct mark mark, double value)
{
    const char *key = draft_text(c, "%d:%d:%d %.17g", mark.file, mark.line, mark.column, value);
    return names_add(c, &c->faults, key, NULL) != NETWORK_NONE;
}

/* Whether the lever's key allows a point of the schedule followed. */
static bool in_range(struct compiler *c, const struct lever *lever, const struct series *series,
                     const struct point *point)
{
    const double bound[2] = {point->low, point->high};
    double base, ignored;
    for (int b = 0; b < 2; b++) {
        base = bound[b] * series->unit.multiply / series->unit.divide;
        if (!(base < lever->key->low) && !(base > lever->key->high)) continue;
        char date[11];
        date_format(c->head.from + point->day, date);
        const char *path = draft_text(c, "%s: %s on %s", lever->path, series->follows->path, date);
        bool setter = is_setters_fault(series, point);
        if (!setter || is_new_fault(c, point->mark, bound[b]))
            convert_number(c, lever->key, series->unit, setter ? point->mark : series->mark, path, bound[b],
                           &ignored);
        return false;
    }
    return true;
}

/* A followed schedule in the lever's own unit; complains when it leaves the key's range. */
static struct series followed(struct compiler *c, struct lever *lever, const struct series *series)
{
    const struct lane *source = &series->follows->lane[0];
    struct series own = {.point = draft_memory(c, source->point_count, sizeof *own.point),
                         .mark = series->mark};
    for (size_t i = 0; i < source->point_count; i++) {
        struct point point = source->point[i];
        if (!in_range(c, lever, series, &point)) {
            own.point[own.count++] = source->point[0];
            lever->misread = true;
            return own;
        }
        own.point[own.count++] = unit_convert_point(series->unit, point);
    }
    return own;
}

/* A policy that sets the value in force, alone or with its range, changes nothing: it keeps its luck. */
static bool is_in_force(const struct point *last, const struct point *set)
{
    const bool plain = set->low == set->high,
               alike = set->low == last->low && set->high == last->high && set->shape == last->shape;
    return set->value == last->value && (plain || alike);
}

/* The stretch of a series from day `begin` to before `end`. */
static void emit_stretch(struct compiler *c, struct lane *lane, const struct series *series, int32_t begin,
                         int32_t end, bool policy)
{
    size_t at = 0;
    while (at + 1 < series->count && series->point[at + 1].day <= begin) at++;
    struct point first = series->point[at];
    first.by_policy = first.by_policy || policy;
    if (policy && series->count == 1 && lane->point_count > 0 &&
        is_in_force(&lane->point[lane->point_count - 1], &first)) {
        first = lane->point[lane->point_count - 1];
        first.by_policy = true;
    }
    emit(c, lane, first, begin);
    for (at++; at < series->count && series->point[at].day < end; at++) {
        struct point next = series->point[at];
        next.by_policy = next.by_policy || policy;
        if (next.day > begin) emit(c, lane, next, next.day);
    }
}

static void flatten_source(struct compiler *c, const struct series *series)
{
    /* The schedule is const for those who follow it; its points are a cache that is filled once. */
    if (series->follows) lever_flatten(c, c->levers.object[names_find(&c->levers, series->follows->path)]);
}

static void flatten_lane(struct compiler *c, struct lever *lever, struct lane *lane)
{
    int32_t begin = c->start;
    for (size_t k = 0; k <= lane->set_count; k++) {
        const struct series *series = k ? &lane->set[k - 1].series : &lane->series;
        int32_t end = k < lane->set_count ? lane->set[k].day : c->end;
        flatten_source(c, series);
        struct series own = series->follows ? followed(c, lever, series) : *series;
        /* What policies of the first day replace comes first: they may set what is in force. */
        if (begin < end || lane->point_count == 0) emit_stretch(c, lane, &own, begin, end, k > 0);
        begin = end > begin ? end : begin;
    }
}

void lever_flatten(struct compiler *c, struct lever *lever)
{
    if (lever->flat) return;
    if (lever->flattening) {
        complain(c, lever->mark, lever->path, "follows itself");
        for (size_t i = 0; i < lever->lane_count; i++)
            if (lever->lane[i].point_count == 0) emit(c, &lever->lane[i], (struct point){0}, c->start);
        return;
    }
    lever->flattening = true;
    for (size_t i = 0; i < lever->lane_count; i++) {
        lever->lane[i].point_count = 0;
        flatten_lane(c, lever, &lever->lane[i]);
    }
    lever->flat = true;
}
