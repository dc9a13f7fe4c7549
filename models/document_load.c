/* A scenario whole: the file, the files it extends, the files of its model, and the settings of the command
 * line. */
#include "models/document_internal.h"

#include <string.h>
#include <sys/stat.h>

struct loader {
    struct document *document;
    struct problems *problems;
    const char *const *installed;
    struct {
        const char *path;
        struct stat status; /* tells one file by two names */
        struct node *tree;
    } level[DOCUMENT_MAX_EXTENDS + 1]; /* the scenario, its parent, ... */
    size_t levels;
    struct node *model; /* the nearest `model` of the chain */
};

/* Takes a key out of a map: its value, or NULL. */
static struct node *take(struct document *document, struct node *map, const char *key)
{
    size_t at = node_position(map, key, strlen(key));
    if (at == NOT_FOUND) return NULL;
    struct node *value = map->item[at];
    map->item[at] = NULL;
    node_compact(document, map);
    return value;
}

/* Whether `extends` or `model` is a name that may be looked for. */
static bool check_name(const struct loader *self, const struct node *name, const char *key)
{
    if (name->kind != NODE_SCALAR || !*name->text)
        return problems_add(self->problems, name->mark, "%s: the value must be one name", key);
    if (document_name_allowed(name->text)) return true;
    return problems_add(self->problems, name->mark,
                        "%s: '%s' must be a name within scenarios/ and models/: not absolute, no '.' or '..'",
                        key, name->text);
}

static bool not_found(const struct loader *self, const struct node *name, const char *what,
                      const char *nearest)
{
    if (nearest && strcmp(nearest, name->text) != 0)
        return problems_add(self->problems, name->mark, "%s named '%s' found; did you mean '%s'?", what,
                            name->text, nearest);
    return problems_add(self->problems, name->mark,
                        "%s named '%s' found, neither in the tree of this file nor among those installed",
                        what, name->text);
}

/* "a.yaml -> b.yaml -> last" */
static const char *chain_text(const struct loader *self, const char *last)
{
    const char *text = self->level[0].path;
    for (size_t i = 1; i < self->levels && text; i++)
        text = memory_format(self->document->memory, "%s -> %s", text, self->level[i].path);
    text = text ? memory_format(self->document->memory, "%s -> %s", text, last) : NULL;
    return text ? text : last;
}

/* The path of the file that the newest level extends, or NULL after a problem. */
static const char *parent_path(const struct loader *self, const struct node *name)
{
    const char *from = self->level[self->levels - 1].path;
    if (!check_name(self, name, "extends")) return NULL;
    const char *path = document_search_file(self->document, from, name->text, self->installed);
    if (!path && !strstr(name->text, ".yaml")) {
        const char *whole = memory_format(self->document->memory, "%s.yaml", name->text);
        if (whole) path = document_search_file(self->document, from, whole, self->installed);
    }
    if (!path) {
        const char *nearest = document_nearest_file(self->document, from, name->text, self->installed);
        not_found(self, name, "extends: no file", nearest);
        return NULL;
    }
    struct stat status;
    if (stat(path, &status) != 0) return path; /* reading it will say why */
    for (size_t i = 0; i < self->levels; i++) {
        if (status.st_dev != self->level[i].status.st_dev || status.st_ino != self->level[i].status.st_ino)
            continue;
        problems_add(self->problems, name->mark, "extends goes in a circle: %s", chain_text(self, path));
        return NULL;
    }
    if (self->levels <= DOCUMENT_MAX_EXTENDS) return path;
    problems_add(self->problems, name->mark, "extends is more than %d files deep: %s", DOCUMENT_MAX_EXTENDS,
                 chain_text(self, path));
    return NULL;
}

/* Reads one more level; the path of the next one, or NULL when there is none or after a problem. */
static const char *read_level(struct loader *self, const char *path, bool *ok)
{
    struct node *tree = document_read_map(self->document, path);
    if (!tree) {
        *ok = false;
        return NULL;
    }
    size_t at = self->levels++;
    self->level[at].path = path;
    self->level[at].tree = tree;
    /* Without an identity the file equals no other; the depth then ends a circle. */
    if (stat(path, &self->level[at].status) != 0) self->level[at].status = (struct stat){.st_ino = 0};
    const struct node *extends = take(self->document, tree, "extends");
    struct node *model = take(self->document, tree, "model");
    if (model && !check_name(self, model, "model")) *ok = false;
    if (!self->model) self->model = model;
    if (!extends) return NULL;
    const char *parent = parent_path(self, extends);
    if (!parent) *ok = false;
    return parent;
}

static bool refuse_key(const struct loader *self, const struct node *tree, const char *key)
{
    size_t at = node_position(tree, key, strlen(key));
    if (at == NOT_FOUND) return true;
    return problems_add(self->problems, tree->key_mark[at],
                        "'%s' belongs in a scenario, not in a file of a model", key);
}

/* Merges the files of the model over `root`. */
static bool merge_model(struct loader *self, struct node *root)
{
    const struct problems *problems = self->problems;
    const char *name = self->model->text;
    const char *from = problems->file[self->model->mark.file].name;
    size_t count;
    const char **file = document_search_model(self->document, from, name, self->installed, &count);
    if (count == 0) {
        const char *nearest = document_nearest_model(self->document, from, name, self->installed);
        return not_found(self, self->model, "no model", nearest);
    }
    bool ok = true;
    for (size_t i = 0; i < count; i++) {
        struct node *tree = document_read_map(self->document, file[i]);
        bool own = tree && refuse_key(self, tree, "extends");
        own = tree && refuse_key(self, tree, "model") && own;
        if (!own || !document_merge(self->document, root, tree)) ok = false;
    }
    return ok;
}

static bool load(struct loader *self, const char *path, const char *const *sets, size_t set_count)
{
    struct document *document = self->document;
    bool ok = true;
    while (path) path = read_level(self, path, &ok);
    if (self->levels == 0) return false;
    struct node *root = node_new(document, NODE_MAP, (struct mark){.file = self->level[0].tree->mark.file});
    if (self->model && self->model->kind == NODE_SCALAR && document_name_allowed(self->model->text)) {
        node_put(document, root, "model", self->model->mark, self->model);
        if (!merge_model(self, root)) ok = false;
    }
    for (size_t i = self->levels; root && i-- > 0;)
        if (!document_merge(document, root, self->level[i].tree)) ok = false;
    document->root = root;
    /* With a layer missing, settings could seem to lead nowhere. */
    for (size_t i = 0; root && ok && i < set_count; i++)
        if (!document_set(document, sets[i])) ok = false;
    return root && ok;
}

bool document_load(struct document *self, struct problems *problems, const char *path,
                   const char *const *installed, const char *const *sets, size_t set_count)
{
    if (!document_start(self, problems)) return false;
    struct loader loader = {.document = self, .problems = problems, .installed = installed};
    bool ok = load(&loader, path, sets, set_count);
    if (!self->memory->failed) return ok;
    return problems_add(problems, (struct mark){.file = -1}, "not enough memory");
}
