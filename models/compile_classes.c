/* Customer classes: dimensions, their combinations, and names for sets of them. */
#include "models/compile.h"

#include "sim/recorder.h"

#include <stdio.h>
#include <string.h>

enum { MOST_NAMES = 512 };

static bool label_is_new(struct compiler *c, const struct node *node, const char *path, const char *label)
{
    const struct network *n = c->network;
    if (strcmp(label, "default") == 0)
        return complain(c, node->mark, path, "'default' cannot be a label: it stands for all other classes");
    for (size_t d = 0; d < n->dimension_count; d++)
        for (size_t l = 0; l < n->dimension[d].label_count; l++)
            if (n->dimension[d].label[l] && strcmp(n->dimension[d].label[l], label) == 0)
                return complain(c, node->mark, path, "the label '%s' is used twice", label);
    return true;
}

static void read_labels(struct compiler *c, struct dimension *dimension, const struct node *list,
                        const char *path)
{
    dimension->label = kept_memory(c, list->count ? list->count : 1, sizeof *dimension->label);
    for (size_t i = 0; i < list->count; i++) {
        const char *label = read_name(c, list->item[i], path);
        if (!label || !label_is_new(c, list->item[i], path, label)) continue;
        if (!*label || strpbrk(label, "/. "))
            complain(c, list->item[i]->mark, path, "'%s' cannot be a label: no '/', '.' or spaces", label);
        else
            dimension->label[dimension->label_count++] = kept_text(c, label);
    }
    if (dimension->label_count == 0) {
        if (list->count == 0) complain(c, list->mark, path, "needs at least one label");
        dimension->label[dimension->label_count++] = kept_text(c, dimension->name);
    }
}

static void read_dimensions(struct compiler *c, const struct node *node)
{
    struct network *n = c->network;
    n->dimension = kept_memory(c, NETWORK_MAX_DIMENSIONS, sizeof *n->dimension);
    for (size_t i = 0; i < node->count; i++) {
        if (!is_entry(c, node, i, "classes")) continue;
        const char *path = draft_text(c, "classes.%s", node->key[i]);
        if (!expect_kind(c, node->item[i], path, NODE_LIST)) continue;
        if (n->dimension_count == NETWORK_MAX_DIMENSIONS) {
            complain(c, node->key_mark[i], path, "too many dimensions (at most %d)", NETWORK_MAX_DIMENSIONS);
            return;
        }
        if (!recording_allows_dimension(node->key[i]))
            complain(c, node->key_mark[i], "classes",
                     "results call something else '%s': take another name for the dimension", node->key[i]);
        struct dimension *dimension = &n->dimension[n->dimension_count++];
        dimension->name = kept_text(c, node->key[i]);
        read_labels(c, dimension, node->item[i], path);
    }
}

static void single_class(struct compiler *c)
{
    struct network *n = c->network;
    n->dimension = kept_memory(c, 1, sizeof *n->dimension);
    n->dimension[0] = (struct dimension){.name = "class", .label_count = 1};
    n->dimension[0].label = kept_memory(c, 1, sizeof *n->dimension[0].label);
    n->dimension[0].label[0] = "all";
    n->dimension_count = 1;
}

static const char *class_name(struct compiler *c, const struct customer_class *class)
{
    const char *name = "";
    for (size_t d = 0; d < c->network->dimension_count; d++)
        name = draft_text(c, "%s%s%s", name, d ? "/" : "", c->network->dimension[d].label[class->label[d]]);
    return kept_text(c, name);
}

/* All combinations, the last dimension fastest. */
static void combine(struct compiler *c)
{
    struct network *n = c->network;
    n->class = kept_memory(c, n->class_count, sizeof *n->class);
    for (size_t i = 0; i < n->class_count; i++) {
        size_t rest = i;
        for (size_t d = n->dimension_count; d-- > 0; rest /= n->dimension[d].label_count)
            n->class[i].label[d] = (uint8_t)(rest % n->dimension[d].label_count);
        n->class[i].name = class_name(c, &n->class[i]);
    }
}

void read_classes(struct compiler *c, const struct node *node)
{
    struct network *n = c->network;
    if (node && node->kind == NODE_MAP) read_dimensions(c, node);
    if (n->dimension_count == 0) single_class(c);
    size_t classes = 1;
    for (size_t d = 0; d < n->dimension_count; d++) classes *= n->dimension[d].label_count;
    if (classes > NETWORK_MAX_CLASSES) {
        complain(c, node->mark, "classes", "%zu combinations of labels are too many (at most %d)", classes,
                 NETWORK_MAX_CLASSES);
        n->dimension_count = 0;
        single_class(c);
        classes = 1;
    }
    n->class_count = classes;
    combine(c);
}

static bool find_label(const struct network *n, const char *text, size_t length, size_t *dimension,
                       size_t *label)
{
    for (*dimension = 0; *dimension < n->dimension_count; ++*dimension)
        for (*label = 0; *label < n->dimension[*dimension].label_count; ++*label) {
            const char *name = n->dimension[*dimension].label[*label];
            if (strlen(name) == length && memcmp(name, text, length) == 0) return true;
        }
    return false;
}

bool find_classes(const struct compiler *c, const char *selector, uint64_t *classes, int *rank)
{
    const struct network *n = c->network;
    *classes = all_classes(c);
    *rank = 0;
    if (strcmp(selector, "default") == 0) return true;
    for (;;) {
        size_t length = strcspn(selector, "/"), dimension, label;
        if (!find_label(n, selector, length, &dimension, &label)) return false;
        for (size_t i = 0; i < n->class_count; i++)
            if (n->class[i].label[dimension] != label) *classes &= ~(UINT64_C(1) << i);
        /* More labels are more specific; among equals the earlier dimension. */
        *rank += 16 + (8 >> dimension);
        if (selector[length] == '\0') return *classes != 0;
        selector += length + 1;
    }
}

const char *nearest_class(struct compiler *c, const char *word)
{
    const char *names[MOST_NAMES];
    size_t count = 0;
    for (size_t d = 0; d < c->network->dimension_count; d++)
        for (size_t l = 0; l < c->network->dimension[d].label_count && count < MOST_NAMES; l++)
            names[count++] = c->network->dimension[d].label[l];
    for (size_t i = 0; i < c->network->class_count && count < MOST_NAMES; i++)
        names[count++] = c->network->class[i].name;
    return nearest_name(word, names, count);
}

bool read_class_set(struct compiler *c, const struct node *node, const char *path, uint64_t *classes)
{
    *classes = all_classes(c);
    if (!expect_kind(c, node, path, NODE_LIST)) return false;
    if (node->count == 0) return complain(c, node->mark, path, "names no class");
    uint64_t set = 0;
    for (size_t i = 0; i < node->count; i++) {
        uint64_t some;
        int rank;
        const char *name = read_name(c, node->item[i], path);
        if (!name) continue;
        if (find_classes(c, name, &some, &rank)) {
            set |= some;
            continue;
        }
        const char *nearest = nearest_class(c, name);
        if (nearest)
            complain(c, node->item[i]->mark, path, "unknown class '%s'; did you mean '%s'?", name, nearest);
        else
            complain(c, node->item[i]->mark, path, "unknown class '%s'", name);
    }
    if (set) *classes = set;
    return set != 0;
}
