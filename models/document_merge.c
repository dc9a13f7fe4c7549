/* One tree over another. Nodes move, so that each keeps the mark of where it was written. */
#include "models/document_internal.h"

#include <string.h>

static bool merge_maps(struct document *self, struct node *earlier, struct node *later);

/* Lists whose items are told by their place, as the months of a year are: a new list replaces them. */
static bool is_by_place(const char *key)
{
    return strcmp(key, "season") == 0;
}

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

static bool is_conditional(struct node *item)
{
    static const char *const conditions[] = {"share", "classes", "seats_per_day", "capacity", "item"};
    for (size_t i = 0; i < sizeof conditions / sizeof *conditions; i++)
        if (node_get(node_content(item), conditions[i])) return true;
    return false;
}

/* Outcomes are tried in order, and the last takes everyone who is left: behind it a new one would never be
 * reached, so it goes before. */
static void add_outcome(struct document *self, struct node *list, struct node *item)
{
    struct node *last = list->item[list->count - 1];
    node_append(self, list, item);
    if (list->item[list->count - 1] != item || is_conditional(last) || !is_conditional(item)) return;
    list->item[list->count - 2] = item;
    list->item[list->count - 1] = last;
}

/* Two items of one name, in either form. */
static bool merge_items(struct document *self, struct node *earlier, struct node *later)
{
    struct node *into = node_content(earlier), *from = node_content(later);
    size_t name = into != earlier && from == later ? node_position(from, "name", 4) : NOT_FOUND;
    if (name != NOT_FOUND) { /* it stands before what it names */
        from->item[name] = NULL;
        node_compact(self, from);
    }
    return merge_maps(self, into, from);
}

static bool merge_lists(struct document *self, struct node *earlier, const struct node *later, bool outcomes)
{
    bool ok = true;
    const struct node *table = items_by_name(self, earlier, &ok);
    items_by_name(self, later, &ok);
    for (size_t i = 0; table && i < later->count; i++) {
        const char *name = node_name(later->item[i]);
        struct node *item = name ? node_get(table, name) : NULL;
        if (!item && outcomes)
            add_outcome(self, earlier, later->item[i]);
        else if (!item)
            node_append(self, earlier, later->item[i]);
        else if (!merge_items(self, item, later->item[i]))
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
    if (is_list_of_maps(earlier) && is_list_of_maps(later) && !is_by_place(map->key[at]))
        return merge_lists(self, earlier, later, strcmp(map->key[at], "outcomes") == 0);
    map->item[at] = later;
    /* A name stays where it was written first when the command line sets its value. */
    if (key_mark.file != MARK_SETTING) map->key_mark[at] = key_mark;
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
