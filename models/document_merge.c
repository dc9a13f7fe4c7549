/* One tree over another, and single settings over a tree. Nodes move, so that each keeps the mark of where it
 * was written. */
#include "models/document_internal.h"

#include <stdlib.h>
#include <string.h>

enum { PREFIX_BYTES = 300 };

static bool merge_maps(struct document *self, struct node *earlier, struct node *later);

/* A list of at least one item, each a map: those merge item by item. */
static bool is_list_of_maps(const struct node *node)
{
    if (node->kind != NODE_LIST || node->count == 0) return false;
    for (size_t i = 0; i < node->count; i++)
        if (node->item[i]->kind != NODE_MAP) return false;
    return true;
}

static struct mark name_mark(const struct node *item)
{
    const struct node *name = node_get(item, "name");
    return name ? name->mark : item->mark;
}

/* The named items of a list, as a map. Two of one name could not be told apart in merging. */
static struct node *items_by_name(struct document *self, const struct node *list, bool *ok)
{
    struct node *table = node_new(self, NODE_MAP, list->mark);
    for (size_t i = 0; table && i < list->count; i++) {
        const char *name = node_name(list->item[i]);
        if (!name) continue;
        if (node_get(table, name))
            *ok = problems_add(self->problems, name_mark(list->item[i]),
                               "two items of this list are named '%s'", name);
        else
            node_put(self, table, name, list->item[i]->mark, list->item[i]);
    }
    return table;
}

static bool merge_lists(struct document *self, struct node *earlier, const struct node *later)
{
    bool ok = true;
    const struct node *table = items_by_name(self, earlier, &ok);
    items_by_name(self, later, &ok);
    for (size_t i = 0; table && i < later->count; i++) {
        const char *name = node_name(later->item[i]);
        struct node *item = name ? node_get(table, name) : NULL;
        if (!item)
            node_append(self, earlier, later->item[i]);
        else if (!merge_maps(self, item, later->item[i]))
            ok = false;
    }
    return ok;
}

/* An empty value over one that is set is more often a forgotten one than a wish to remove. */
static bool refuse_empty(const struct document *self, const char *key, struct mark key_mark,
                         struct mark earlier)
{
    const struct problems *problems = self->problems;
    if (earlier.file < 0 || (size_t)earlier.file >= problems->files)
        return problems_add(self->problems, key_mark, "'%s' has no value; write ~ to remove it", key);
    return problems_add(self->problems, key_mark, "'%s' has no value; write ~ to remove the one of %s:%d",
                        key, problems->file[earlier.file].name, earlier.line);
}

/* One key that both maps have. A removed value leaves NULL behind, for node_compact. */
static bool merge_value(struct document *self, struct node *map, size_t at, struct mark key_mark,
                        struct node *later)
{
    struct node *earlier = map->item[at];
    if (later->kind == NODE_NULL && earlier->kind != NODE_NULL) {
        if (*later->text == '\0') return refuse_empty(self, map->key[at], key_mark, earlier->mark);
        map->item[at] = NULL;
        return true;
    }
    if (later->kind == NODE_MAP && earlier->kind == NODE_MAP) return merge_maps(self, earlier, later);
    if (is_list_of_maps(earlier) && is_list_of_maps(later)) return merge_lists(self, earlier, later);
    map->item[at] = later;
    map->key_mark[at] = key_mark;
    return true;
}

/* A null where there is nothing to remove stays, for the check of keys to name: it is a slip of the pen. */
static bool merge_maps(struct document *self, struct node *earlier, struct node *later)
{
    bool ok = true, removed = false;
    for (size_t i = 0; i < later->count; i++) {
        size_t at = node_position(earlier, later->key[i], strlen(later->key[i]));
        if (at == NOT_FOUND) {
            node_put(self, earlier, later->key[i], later->key_mark[i], later->item[i]);
            continue;
        }
        if (!merge_value(self, earlier, at, later->key_mark[i], later->item[i])) ok = false;
        if (!earlier->item[at]) removed = true;
    }
    if (removed) node_compact(self, earlier);
    return ok;
}

bool document_merge(struct document *self, struct node *earlier, struct node *later)
{
    return merge_maps(self, earlier, later);
}

/* A setting "path=value" on its way to its place. */
struct setting {
    struct document *document;
    char prefix[PREFIX_BYTES]; /* of messages: "--set path: " */
    char *path;
    struct node *value;
};

static const struct mark no_file = {.file = -1};

static bool complain(const struct setting *self, const char *message)
{
    return problems_add(self->document->problems, no_file, "%s%s", self->prefix, message);
}

static bool no_such_item(const struct setting *self, const struct node *list, const char *path)
{
    const char **names = calloc(list->count + 1, sizeof *names);
    size_t count = 0;
    for (size_t i = 0; names && i < list->count; i++)
        if (node_name(list->item[i])) names[count++] = node_name(list->item[i]);
    char *name = strndup(path, strcspn(path, "."));
    const char *nearest = names && name ? nearest_name(name, names, count) : NULL;
    problems_add(self->document->problems, no_file, "%sthe list has no item named '%s'%s%s%s", self->prefix,
                 name ? name : "", nearest ? "; did you mean '" : "", nearest ? nearest : "",
                 nearest ? "'?" : "");
    free(names);
    free(name);
    return false;
}

/* Puts the value at the last part of the path, by the rules of merging. */
static bool set_key(const struct setting *self, struct node *map, const char *key)
{
    struct node *layer = node_new(self->document, NODE_MAP, no_file);
    node_put(self->document, layer, key, no_file, self->value);
    return layer && merge_maps(self->document, map, layer);
}

static bool set_item(const struct setting *self, struct node *list, size_t at)
{
    if (self->value->kind == NODE_MAP) return merge_maps(self->document, list->item[at], self->value);
    if (self->value->kind != NODE_NULL) return complain(self, "an item of this list must be a map");
    list->item[at] = NULL;
    node_compact(self->document, list);
    return true;
}

/* The map that the key is to hold; made when the key is missing or was set to nothing. */
static struct node *child_map(const struct setting *self, struct node *map, const char *key, size_t length)
{
    struct node *made = node_new(self->document, NODE_MAP, no_file);
    char *name = memory_copy(self->document->memory, key, length);
    if (made && name) node_put(self->document, map, name, no_file, made);
    return made;
}

static bool set_below(const struct setting *self, struct node *node, const char *path)
{
    while (node) {
        size_t used = strcspn(path, "."), at = node_step(node, path, &used);
        if (node->kind == NODE_SCALAR || node->kind == NODE_NULL)
            return complain(self, "the path leads through a single value");
        if (at == NOT_FOUND && node->kind == NODE_LIST) return no_such_item(self, node, path);
        if (at == NOT_FOUND) used = strcspn(path, ".");
        if (!path[used]) return node->kind == NODE_MAP ? set_key(self, node, path) : set_item(self, node, at);
        bool missing = at == NOT_FOUND || node->item[at]->kind == NODE_NULL;
        node = missing && node->kind == NODE_MAP ? child_map(self, node, path, used) : node->item[at];
        path += used + 1;
    }
    return complain(self, "not enough memory");
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
    if (!setting.path) return problems_add(self->problems, no_file, "not enough memory");
    snprintf(setting.prefix, sizeof setting.prefix, "--set %.250s: ", setting.path);
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
    return set_below(&setting, self->root, setting.path);
}
