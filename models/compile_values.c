/* A value as written: a number, a schedule's name, a map with a range, a schedule, or entries by class. */
#include "models/compile.h"

#include <string.h>

double unit_convert(struct unit unit, double written)
{
    double value = written * unit.multiply / unit.divide;
    return unit.inverse ? 1 / value : value;
}

struct point unit_convert_point(struct unit unit, struct point point)
{
    point.value = unit_convert(unit, point.value);
    double low = unit_convert(unit, point.low), high = unit_convert(unit, point.high);
    point.low = unit.inverse ? high : low;
    point.high = unit.inverse ? low : high;
    return point;
}

bool convert_number(struct compiler *c, const struct key_entry *key, struct unit unit, struct mark mark,
                    const char *path, double written, double *value)
{
    double to_written = unit.divide / unit.multiply, base = written * unit.multiply / unit.divide;
    *value = unit_convert(unit, written);
    if (!(base < key->low) && !(base > key->high) && isfinite(base)) return true;
    double low = key->low * to_written, high = key->high * to_written;
    bool under = base < key->low;
    *value = unit_convert(unit, under ? low : high);
    if (key->high >= 1e15)
        return complain(c, mark, path, "%.12g is %s %.12g", written, under ? "below" : "above",
                        under ? low : high);
    return complain(c, mark, path, "%.12g is %s %.12g (allowed: %.12g to %.12g)", written,
                    under ? "below" : "above", under ? low : high, low, high);
}

/* ---- one point ---- */

static bool read_range(struct compiler *c, const struct key_entry *key, struct unit unit,
                       const struct node *list, const char *path, double value, double bound[2])
{
    if (!expect_kind(c, list, path, NODE_LIST)) return false;
    if (list->count != 2 || !node_number(list->item[0], &bound[0]) || !node_number(list->item[1], &bound[1]))
        return complain(c, list->mark, path, "must be two numbers, [lowest, highest]");
    double converted;
    for (int i = 0; i < 2; i++)
        if (!convert_number(c, key, unit, list->item[i]->mark, path, bound[i], &converted)) return false;
    if (bound[0] > bound[1]) return complain(c, list->mark, path, "the lowest value is above the highest");
    if (value < bound[0] || value > bound[1])
        return complain(c, list->mark, path, "the value %.12g is not in its range", value);
    return true;
}

static bool read_value_map(struct compiler *c, const struct key_entry *key, struct unit unit,
                           const struct node *node, const char *path, struct point *point)
{
    static const char *const words[] = {"", "measured", "calibrated", "assumed"};
    size_t before = c->problems->count;
    struct value_head head = {.value = NAN};
    read_keys(c, "value", NULL, node, path, &head);
    if (isnan(head.value)) return false;
    double converted;
    const struct node *value = node_get(node, "value"), *range = node_get(node, "range");
    convert_number(c, key, unit, value->mark, path, head.value, &converted);
    double bound[2] = {head.value, head.value};
    if (range && range->kind == NODE_LIST)
        read_range(c, key, unit, range, draft_text(c, "%s.range", path), head.value, bound);
    else if (!range && head.status >= 2)
        complain(c, node->mark, path, "is %s, so it needs a range", words[head.status]);
    if (c->problems->count != before) return false;
    point->value = head.value;
    point->low = bound[0];
    point->high = bound[1];
    point->shape = head.shape == 1 ? SLOT_UNIFORM : SLOT_TRIANGULAR;
    return true;
}

static const char *forms(bool by_class)
{
    return by_class ? "must be a number, the name of a schedule, or a map (value and range, a schedule, or "
                      "by class)"
                    : "must be a number, the name of a schedule, or a map (value and range, or a schedule)";
}

bool read_point(struct compiler *c, const struct key_entry *key, struct unit unit, const struct node *node,
                const char *path, const char *key_path, struct point *point)
{
    *point = (struct point){.day = INT32_MIN, .range_key = random_hash_name(key_path), .mark = node->mark};
    if (node->kind == NODE_MAP) {
        if (!read_value_map(c, key, unit, node, path, point)) return false;
    } else {
        double converted;
        if (!node_number(node, &point->value)) return complain(c, node->mark, path, "must be a number");
        if (!convert_number(c, key, unit, node->mark, path, point->value, &converted)) return false;
        point->low = point->high = point->value;
    }
    *point = unit_convert_point(unit, *point);
    return true;
}

/* ---- series ---- */

static bool is_value_map(const struct node *node)
{
    static const char *const keys[] = {"value", "range", "status", "shape"};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (node_get(node, keys[i])) return true;
    return false;
}

/* Whether schedules are called `name`, a dot and more, of which one is wrong: then what was meant to be one
 * schedule has been taken for several, and told. */
static bool is_group_misread(const struct compiler *c, const char *name)
{
    const size_t length = strlen(name);
    for (uint32_t i = 0; i < c->schedules.count; i++) {
        const struct lever *lever = c->schedules.object[i];
        if (strncmp(c->schedules.name[i], name, length) == 0 && c->schedules.name[i][length] == '.' &&
            lever->misread)
            return true;
    }
    return false;
}

static bool follow(struct compiler *c, struct unit unit, const struct node *node, const char *path,
                   struct series *series)
{
    const char *name = node->text;
    if (strncmp(name, "schedules.", 10) == 0) name += 10;
    uint32_t found = names_find(&c->schedules, name);
    if (found == NETWORK_NONE && strcmp(name, "rest") == 0)
        return complain(
            c, node->mark, path,
            "'rest' can only stand for the whole share of one option of a choice (or one entry of a "
            "'to'), not for a class, a date or anything else");
    if (found == NETWORK_NONE && is_group_misread(c, name)) return false;
    if (found == NETWORK_NONE) {
        const char *nearest = nearest_name(name, c->schedules.name, c->schedules.count);
        if (nearest)
            return complain(c, node->mark, path, "unknown schedule '%s'; did you mean '%s'?", name, nearest);
        return complain(c, node->mark, path, "must be a number or the name of a schedule, not '%s'", name);
    }
    series->follows = c->schedules.object[found];
    series->unit = unit;
    return true;
}

bool read_series(struct compiler *c, const struct key_entry *key, struct unit unit, const struct node *node,
                 const char *path, const char *key_path, struct series *series)
{
    double number;
    *series = (struct series){.mark = node->mark, .unit = unit_base};
    if (node->kind == NODE_SCALAR && !node_number(node, &number)) return follow(c, unit, node, path, series);
    if (node->kind == NODE_MAP && is_schedule_map(node))
        return read_schedule_map(c, key, unit, node, path, key_path, series);
    bool single = node->kind == NODE_SCALAR || (node->kind == NODE_MAP && is_value_map(node));
    if (!single) return complain(c, node->mark, path, "%s", forms(false));
    series->point = draft_memory(c, 1, sizeof *series->point);
    series->count = 1;
    return read_point(c, key, unit, node, path, key_path, series->point);
}

/* ---- by class ---- */

static bool read_entry(struct compiler *c, const struct lever *lever, struct unit unit,
                       const struct node *node, size_t i, const char *path, const char *key_path,
                       struct written_entry *entry)
{
    const char *selector = node->key[i];
    if (!find_classes(c, selector, &entry->classes, &entry->rank)) {
        const char *nearest = nearest_class(c, selector);
        if (nearest)
            return complain(c, node->key_mark[i], path, "unknown class '%s'; did you mean '%s'?", selector,
                            nearest);
        return complain(c, node->key_mark[i], path, "unknown class '%s'", selector);
    }
    entry->name = selector;
    entry->path = kept_text(c, draft_text(c, "%s.%s", key_path, selector));
    return read_series(c, lever->key, unit, node->item[i], draft_text(c, "%s.%s", path, selector),
                       entry->path, &entry->series);
}

/* Another entry for the same classes, in other words; NULL: none. */
static const struct written_entry *same_classes(const struct written *written,
                                                const struct written_entry *own)
{
    for (const struct written_entry *e = written->entry; e < own; e++)
        if (e->classes == own->classes && e->rank == own->rank) return e;
    return NULL;
}

static bool read_by_class(struct compiler *c, const struct lever *lever, struct unit unit,
                          const struct node *node, const char *path, const char *key_path,
                          struct written *written)
{
    bool good = true;
    uint64_t covered = 0;
    written->entry = draft_memory(c, node->count ? node->count : 1, sizeof *written->entry);
    for (size_t i = 0; i < node->count; i++) {
        if (schema_is_remark(node->key[i])) continue;
        struct written_entry *entry = &written->entry[written->count];
        if (!read_entry(c, lever, unit, node, i, path, key_path, entry)) {
            good = false;
            continue;
        }
        const struct written_entry *same = same_classes(written, entry);
        if (same)
            good = complain(c, node->key_mark[i], path, "'%s' and '%s' are the same classes", same->name,
                            entry->name);
        covered |= entry->classes;
        written->count++;
    }
    if (!good) return false;
    if (covered != all_classes(c)) {
        size_t missing = (size_t)__builtin_ctzll(~covered);
        return complain(c, node->mark, path, "no value for class %s; add a default",
                        c->network->class[missing].name);
    }
    return true;
}

bool read_written(struct compiler *c, const struct lever *lever, struct unit unit, const struct node *node,
                  const char *path, const char *key_path, struct written *written)
{
    unit.inverse = lever->inverse;
    *written = (struct written){0};
    if (node->kind == NODE_MAP && !is_value_map(node) && !is_schedule_map(node)) {
        if (lever->by_class) return read_by_class(c, lever, unit, node, path, key_path, written);
        uint64_t classes;
        int rank;
        if (node->count > 0 && find_classes(c, node->key[0], &classes, &rank))
            return complain(c, node->mark, path, "cannot differ by class");
    }
    if (node->kind != NODE_SCALAR && node->kind != NODE_MAP)
        return complain(c, node->mark, path, "%s", forms(lever->by_class));
    written->entry = draft_memory(c, 1, sizeof *written->entry);
    written->count = 1;
    *written->entry = (struct written_entry){.path = kept_text(c, key_path), .classes = all_classes(c)};
    return read_series(c, lever->key, unit, node, path, key_path, &written->entry->series);
}
