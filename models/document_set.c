/* Single settings over a tree: "path=value". */
#include "models/document_internal.h"

#include "models/schema.h"

#include <stdlib.h>
#include <string.h>

enum { PREFIX_BYTES = 300, MOST_NAMES = 512 };

/* A setting "path=value" on its way to its place. */
struct setting {
    struct document *document;
    char prefix[PREFIX_BYTES]; /* of messages: "path: " */
    char *path;
    struct node *value;
};

static const struct mark setting_mark = {.file = MARK_SETTING};

static bool complain(const struct setting *self, const char *message)
{
    return problems_add(self->document->problems, setting_mark, "%s%s", self->prefix, message);
}

static bool no_such_item(const struct setting *self, const struct node *list, const char *path)
{
    const char **names = calloc(list->count + 1, sizeof *names);
    size_t count = 0;
    for (size_t i = 0; names && i < list->count; i++)
        if (node_name(list->item[i])) names[count++] = node_name(list->item[i]);
    char *name = strndup(path, strcspn(path, "."));
    const char *nearest = names && name ? nearest_name(name, names, count) : NULL;
    problems_add(self->document->problems, setting_mark, "%sthe list has no item named '%s'%s%s%s",
                 self->prefix, name ? name : "", nearest ? "; did you mean '" : "", nearest ? nearest : "",
                 nearest ? "'?" : "");
    free(names);
    free(name);
    return false;
}

/* ---- values ---- */

static bool has_one_of(const struct node *map, const char *const *keys)
{
    for (; *keys; keys++)
        if (node_get(map, *keys)) return true;
    return false;
}

static bool is_course(const struct node *node)
{
    static const char *const keys[] = {"steps", "monthly", "season", "csv", NULL};
    return node->kind == NODE_MAP && has_one_of(node, keys);
}

static bool is_single(const struct node *node)
{
    static const char *const keys[] = {"value", "range", NULL};
    return node->kind == NODE_SCALAR || (node->kind == NODE_MAP && has_one_of(node, keys));
}

/* Whether a value is written whole, not by class. */
static bool is_whole_value(const struct node *node)
{
    return is_single(node) || is_course(node);
}

/* One value instead of a course over time, or the other way round: a mixture of both would mean nothing. */
static bool changes_form(const struct node *earlier, const struct node *later)
{
    return is_whole_value(earlier) && is_whole_value(later) && is_course(earlier) != is_course(later);
}

/* The name of a key in its base unit: mean_days for mean_hours. */
static const char *base_name(const char *key, char *name, size_t size)
{
    struct unit unit;
    return schema_base_name(key, name, size, &unit) ? name : key;
}

/* Takes out the key that says the same in another unit: the setting takes its place. */
static void drop_other_unit(const struct setting *self, struct node *map, const char *key)
{
    char own[DOCUMENT_MAX_KEY_BYTES + 1], other[DOCUMENT_MAX_KEY_BYTES + 1];
    if (node_get(map, key)) return;
    for (size_t i = 0; i < map->count; i++) {
        if (strcmp(base_name(key, own, sizeof own), base_name(map->key[i], other, sizeof other)) != 0)
            continue;
        map->item[i] = NULL;
        node_compact(self->document, map);
        return;
    }
}

/* Puts the value at the last part of the path, by the rules of merging. */
static bool set_key(const struct setting *self, struct node *map, const char *key)
{
    struct node *layer = node_new(self->document, NODE_MAP, setting_mark);
    const struct node *earlier = node_get(map, key);
    drop_other_unit(self, map, key);
    if (earlier && changes_form(earlier, self->value)) {
        node_put(self->document, map, key, setting_mark, self->value);
        return true;
    }
    node_put(self->document, layer, key, setting_mark, self->value);
    return layer && document_merge(self->document, map, layer);
}

static bool set_item(const struct setting *self, struct node *list, size_t at)
{
    if (self->value->kind == NODE_MAP)
        return document_merge(self->document, node_content(list->item[at]), self->value);
    if (self->value->kind != NODE_NULL) return complain(self, "an item of this list must be a map");
    list->item[at] = NULL;
    node_compact(self->document, list);
    return true;
}

/* The map that the key is to hold; made when the key is missing or was set to nothing. */
static struct node *child_map(const struct setting *self, struct node *map, const char *key, size_t length)
{
    struct node *made = node_new(self->document, NODE_MAP, setting_mark);
    char *name = memory_copy(self->document->memory, key, length);
    if (made && name) node_put(self->document, map, name, setting_mark, made);
    return made;
}

/* ---- one class of a value ---- */

static bool is_label(const struct node *classes, const char *name, size_t length)
{
    for (size_t d = 0; classes && classes->kind == NODE_MAP && d < classes->count; d++) {
        const struct node *labels = classes->item[d];
        for (size_t l = 0; labels->kind == NODE_LIST && l < labels->count; l++)
            if (labels->item[l]->kind == NODE_SCALAR && strlen(labels->item[l]->text) == length &&
                memcmp(labels->item[l]->text, name, length) == 0)
                return true;
    }
    return false;
}

/* "guatemala", "guatemala/child" */
static bool is_class(const struct node *root, const char *name)
{
    const struct node *classes = node_get(root, "classes");
    for (;; name++) {
        size_t length = strcspn(name, "/");
        if (!is_label(classes, name, length)) return false;
        name += length;
        if (!*name) return true;
    }
}

/* A whole value becomes that of all other classes, as when a policy sets one class. */
static bool set_class(const struct setting *self, struct node **whole, const char *class)
{
    struct node *map = node_new(self->document, NODE_MAP, setting_mark);
    if (!map) return complain(self, "not enough memory");
    node_put(self->document, map, "default", setting_mark, *whole);
    *whole = map;
    return set_key(self, map, class);
}

/* ---- the way there ---- */

static bool set_below(const struct setting *self, struct node **start, const char *path)
{
    struct node **place = start;
    while (*place) {
        struct node *node = *place;
        size_t used = strcspn(path, "."), at = node_step(node, path, &used);
        if (at == NOT_FOUND && is_whole_value(node) && is_class(self->document->root, path))
            return set_class(self, place, path);
        if (node->kind == NODE_SCALAR || node->kind == NODE_NULL)
            return complain(self, "the path leads through a single value");
        if (at == NOT_FOUND && node->kind == NODE_LIST) return no_such_item(self, node, path);
        if (at == NOT_FOUND) used = strcspn(path, ".");
        if (!path[used]) return node->kind == NODE_MAP ? set_key(self, node, path) : set_item(self, node, at);
        bool missing = at == NOT_FOUND || node->item[at]->kind == NODE_NULL;
        if (missing && node->kind == NODE_MAP) {
            if (!child_map(self, node, path, used)) break;
            at = node_position(node, path, used);
        }
        struct node *item = node->item[at];
        bool behind_name = node->kind == NODE_LIST && node_content(item) != item;
        place = behind_name ? &item->item[0] : &node->item[at];
        path += used + 1;
    }
    return complain(self, "not enough memory");
}

/* Whether the path leads to a schedule, or into one. */
static bool is_schedule_path(const struct node *schedules, const char *path)
{
    for (const struct node *node = schedules;;) {
        size_t used, at = node_step(node, path, &used);
        if (at == NOT_FOUND) return false;
        node = node->item[at];
        if (is_whole_value(node)) return true;
        if (node->kind != NODE_MAP || !path[used]) return false;
        path += used + 1;
    }
}

/* Adds the dotted names of all schedules. */
static void add_schedules(const struct setting *self, const struct node *map, const char *prefix,
                          const char **names, size_t *count)
{
    for (size_t i = 0; i < map->count && *count < MOST_NAMES; i++) {
        const char *name = memory_format(self->document->memory, "%s%s", prefix, map->key[i]);
        if (!name) return;
        if (is_whole_value(map->item[i]))
            names[(*count)++] = name;
        else if (map->item[i]->kind == NODE_MAP &&
                 (name = memory_format(self->document->memory, "%s.", name)))
            add_schedules(self, map->item[i], name, names, count);
    }
}

/* A new schedule that nobody follows would be swallowed: one that is set must be there. */
static bool no_such_schedule(const struct setting *self, const struct node *schedules)
{
    const char *names[MOST_NAMES];
    size_t count = 0;
    add_schedules(self, schedules, "", names, &count);
    const char *nearest = nearest_name(self->path, names, count);
    return problems_add(self->document->problems, setting_mark, "%sno schedule has this name%s%s%s",
                        self->prefix, nearest ? "; did you mean '" : "", nearest ? nearest : "",
                        nearest ? "'?" : "");
}

/* A path that nothing at the top begins may begin with the name of a schedule, as in policies. */
static bool set_from_top(const struct setting *self)
{
    struct node *root = self->document->root;
    size_t used, schedules = node_position(root, "schedules", strlen("schedules"));
    if (node_step(root, self->path, &used) != NOT_FOUND || schedules == NOT_FOUND ||
        root->item[schedules]->kind != NODE_MAP ||
        node_step(root->item[schedules], self->path, &used) == NOT_FOUND)
        return set_below(self, &self->document->root, self->path);
    if (!is_schedule_path(root->item[schedules], self->path))
        return no_such_schedule(self, root->item[schedules]);
    return set_below(self, &root->item[schedules], self->path);
}

/* The number of parts of a dotted path, or 0 when one of them is empty. */
static int path_parts(const char *path)
{
    int parts = 0;
    for (const char *c = path;; c++) {
        size_t length = strcspn(c, ".");
        if (length == 0 || length > DOCUMENT_MAX_KEY_BYTES) return 0;
        parts++;
        c += length;
        if (!*c) return parts;
    }
}

bool document_set(struct document *self, const char *text)
{
    struct setting setting = {.document = self};
    const char *equals = strchr(text, '=');
    const char *end = equals ? equals : text + strlen(text);
    while (text < end && *text == ' ') text++;
    while (end > text && end[-1] == ' ') end--;
    setting.path = memory_copy(self->memory, text, (size_t)(end - text));
    if (!setting.path) return problems_add(self->problems, setting_mark, "not enough memory");
    snprintf(setting.prefix, sizeof setting.prefix, "%.250s: ", setting.path);
    int parts = path_parts(setting.path);
    uint32_t code;
    size_t size = 1;
    for (const char *c = setting.path; *c && size > 0; c += size) size = utf8_decode(c, strlen(c), &code);
    if (!equals) return complain(&setting, "write path=value");
    if (parts == 0 || size == 0) return complain(&setting, "the path must be names with '.' between them");
    if (parts > DOCUMENT_MAX_DEPTH) return complain(&setting, "the path is more than 32 deep");
    bool fixed = strcmp(setting.path, "model") == 0 || strcmp(setting.path, "extends") == 0;
    if (fixed) return complain(&setting, "this decides which files are read; set it in the scenario file");
    setting.value = document_read_value(self, setting.prefix, equals + 1, parts);
    if (!setting.value) return false;
    if (setting.value->kind == NODE_NULL && *setting.value->text == '\0')
        return complain(&setting, "the value is missing; write ~ to remove the key");
    return set_from_top(&setting);
}
