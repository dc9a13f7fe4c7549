/* Levers: values with a dotted path that policies may set. */
#include "models/compile.h"

#include <stdlib.h>
#include <string.h>

static void set_value(struct lever *lever, struct value value)
{
    if (lever->value) *lever->value = value;
}

void lever_constant(struct compiler *c, struct lever *lever, double value)
{
    struct point *point = draft_memory(c, 1, sizeof *point);
    *point = (struct point){.day = INT32_MIN,
                            .value = value,
                            .low = value,
                            .high = value,
                            .range_key = random_hash_name(lever->path),
                            .mark = lever->mark};
    for (size_t i = 0; i < lever->lane_count; i++)
        lever->lane[i].series = (struct series){.point = point, .count = 1, .unit = unit_base};
}

struct lever *lever_add(struct compiler *c, const char *path, const struct key_entry *key, struct mark mark,
                        struct value *value, bool by_class)
{
    struct lever *lever = draft_memory(c, 1, sizeof *lever);
    lever->path = kept_text(c, path);
    lever->key = key;
    lever->mark = mark;
    lever->value = value;
    lever->by_class = by_class;
    lever->lane_count = 1;
    lever->lane = draft_memory(c, 1, sizeof *lever->lane);
    lever->lane[0].path = lever->path;
    set_value(lever, (struct value){.slot = NETWORK_NONE});
    if (names_add(c, &c->levers, lever->path, lever) == NETWORK_NONE) {
        complain(c, mark, path, "is given twice");
        return NULL;
    }
    lever_constant(c, lever, strtod(key->fallback, NULL));
    return lever;
}

void lever_widen(struct compiler *c, struct lever *lever)
{
    size_t classes = c->network->class_count;
    if (lever->lane_count == classes) return;
    struct lane *wide = draft_memory(c, classes, sizeof *wide);
    for (size_t i = 0; i < classes; i++) {
        wide[i] = lever->lane[0];
        wide[i].set_capacity = 0; /* the lanes share what is written so far, and grow apart from here */
    }
    lever->lane = wide;
    lever->lane_count = classes;
}

const struct written_entry *written_for(const struct written *written, size_t class)
{
    const struct written_entry *best = NULL;
    for (size_t i = 0; i < written->count; i++)
        if (written->entry[i].classes >> class & 1 && (!best || written->entry[i].rank > best->rank))
            best = &written->entry[i];
    return best;
}

static bool is_one_value(const struct written *written)
{
    return written->count == 1 && written->entry[0].rank == 0;
}

void lever_write(struct compiler *c, struct lever *lever, struct unit unit, const struct node *node,
                 const char *path)
{
    struct written written;
    lever->misread = !read_written(c, lever, unit, node, path, lever->path, &written);
    if (lever->misread) return;
    if (!is_one_value(&written) || lever->lane_count > 1) lever_widen(c, lever);
    for (size_t i = 0; i < lever->lane_count; i++) {
        const struct written_entry *entry = written_for(&written, i);
        lever->lane[i].path = entry->path;
        lever->lane[i].rank = entry->rank;
        lever->lane[i].series = entry->series;
    }
}

struct lever *lever_read(struct compiler *c, const char *context, const char *name, const struct node *map,
                         const char *path, struct value *value, bool by_class)
{
    struct unit unit;
    const struct key_entry *key = schema_find(context, NULL, name, &unit);
    const struct node *node = find_key(map, name, &unit);
    *value = (struct value){.slot = NETWORK_NONE};
    if (!node && (!*key->fallback || *key->fallback == '-')) return NULL;
    struct lever *lever =
        lever_add(c, draft_text(c, "%s.%s", path, name), key, node ? node->mark : map->mark, value, by_class);
    if (!lever || !node) return lever;
    const char *written = name;
    for (size_t i = 0; i < map->count; i++)
        if (map->item[i] == node) written = map->key[i];
    lever_write(c, lever, unit, node, draft_text(c, "%s.%s", path, written));
    return lever;
}

/* Behind all sets of the same day or an earlier one. */
static void lane_set(struct compiler *c, struct lane *lane, int32_t day, const struct series *series)
{
    if (lane->set_count == lane->set_capacity || lane->set_capacity == 0) {
        size_t capacity = 2 * lane->set_count + 4;
        struct lane_set *grown = draft_memory(c, capacity, sizeof *grown);
        if (lane->set_count) memcpy(grown, lane->set, lane->set_count * sizeof *grown);
        lane->set = grown;
        lane->set_capacity = capacity;
    }
    size_t at = lane->set_count++;
    for (; at > 0 && lane->set[at - 1].day > day; at--) lane->set[at] = lane->set[at - 1];
    lane->set[at] = (struct lane_set){.day = day, .series = *series};
}

void lever_set(struct compiler *c, struct lever *lever, const struct written *written, uint64_t classes,
               int rank, int32_t day)
{
    bool everyone = classes == all_classes(c) && rank == 0;
    if (lever->lane_count == 1 && everyone && is_one_value(written)) {
        lane_set(c, &lever->lane[0], day, &written->entry[0].series);
        return;
    }
    /* `default` leaves the classes with entries of their own alone; the whole value does not (rank INT_MAX).
     */
    lever_widen(c, lever);
    for (size_t i = 0; i < lever->lane_count; i++) {
        struct lane *lane = &lever->lane[i];
        if (!(classes >> i & 1) || lane->rank > rank) continue;
        lane_set(c, lane, day, &written_for(written, i)->series);
    }
}

double lever_value(const struct lever *lever, size_t class, int32_t day)
{
    const struct lane *lane = &lever->lane[lever->lane_count > 1 ? class : 0];
    double value = lane->point[0].value;
    for (size_t i = 1; i < lane->point_count && lane->point[i].day <= day; i++) value = lane->point[i].value;
    return value;
}

void levers_flatten(struct compiler *c)
{
    for (uint32_t i = 0; i < c->levers.count; i++) lever_flatten(c, c->levers.object[i]);
}

/* ---- slots ---- */

/* The schedule whose slot the lever can share, or NULL. */
const struct lever *lever_shared_schedule(const struct lever *lever)
{
    const struct series *series = &lever->lane[0].series;
    bool as_it_is = series->unit.multiply == series->unit.divide && !series->unit.inverse;
    if (lever->own || lever->lane_count > 1 || lever->lane[0].set_count > 0 || !as_it_is) return NULL;
    return series->follows;
}

static const struct lever *follow_slots(const struct lever *lever)
{
    /* A schedule may itself follow another; a circle was reported when the levers were made flat. */
    for (const struct lever *schedule; (schedule = lever_shared_schedule(lever));) lever = schedule;
    return lever;
}

static size_t number_slots(struct compiler *c)
{
    uint32_t slots = 0;
    for (uint32_t i = 0; i < c->levers.count; i++) {
        struct lever *lever = c->levers.object[i];
        lever->slot = NETWORK_NONE;
        if (lever->lacks || follow_slots(lever) != lever) continue;
        lever->slot = slots;
        slots += (uint32_t)lever->lane_count;
    }
    for (uint32_t i = 0; i < c->levers.count; i++) {
        struct lever *lever = c->levers.object[i];
        if (!lever->lacks) lever->slot = follow_slots(lever)->slot;
        set_value(lever, (struct value){lever->slot, lever->lane_count > 1 ? UINT32_MAX : 0});
        if (lever->first) *lever->first = lever->slot;
    }
    return slots;
}

static void fill_slots(struct network *n, const struct lever *lever)
{
    for (size_t i = 0; i < lever->lane_count; i++) {
        const struct lane *lane = &lever->lane[i];
        struct point base = lane->point[0];
        n->slot[lever->slot + i] =
            (struct slot){lane->path, base.value, base.low, base.high, base.shape, base.range_key};
        for (size_t p = 1; p < lane->point_count; p++) {
            struct point point = lane->point[p];
            n->change[n->change_count++] = (struct change){
                point.day,      (uint32_t)(lever->slot + i), point.value, point.low, point.high, point.shape,
                point.range_key};
        }
    }
}

static int by_day_and_slot(const void *a, const void *b)
{
    const struct change *p = a, *q = b;
    if (p->day != q->day) return p->day < q->day ? -1 : 1;
    return (p->slot > q->slot) - (p->slot < q->slot);
}

void levers_to_slots(struct compiler *c)
{
    struct network *n = c->network;
    size_t changes = 0;
    n->slot_count = number_slots(c);
    for (uint32_t i = 0; i < c->levers.count; i++) {
        const struct lever *lever = c->levers.object[i];
        for (size_t l = 0; l < lever->lane_count; l++) changes += lever->lane[l].point_count;
    }
    n->slot = kept_memory(c, n->slot_count, sizeof *n->slot);
    n->change = kept_memory(c, changes, sizeof *n->change);
    for (uint32_t i = 0; i < c->levers.count; i++) {
        const struct lever *lever = c->levers.object[i];
        if (lever->slot != NETWORK_NONE && follow_slots(lever) == lever) fill_slots(n, lever);
    }
    /* One change for each slot and day: the order of writing was settled when the levers were made flat. */
    if (n->change_count) qsort(n->change, n->change_count, sizeof *n->change, by_day_and_slot);
}
