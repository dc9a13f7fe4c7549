#include "analysis/inventory.h"

#include <string.h>

static void count_value(struct inventory *self, const struct node *map)
{
    const struct node *status = node_get(map, "status");
    const char *word = status && status->text ? status->text : "";
    if (strcmp(word, "measured") == 0)
        self->measured++;
    else if (strcmp(word, "calibrated") == 0)
        self->calibrated++;
    else if (strcmp(word, "assumed") == 0)
        self->assumed++;
    else
        self->unsaid++;
    self->ranges += node_get(map, "range") != NULL;
}

/* Of a policy that is disabled, or of anything else that says so. */
static bool is_disabled(const struct node *map)
{
    const struct node *enabled = node_get(map, "enabled");
    bool on;
    return enabled && node_boolean(enabled, &on) && !on;
}

/* Depth is at most DOCUMENT_MAX_DEPTH. */
static void walk(struct inventory *self, const struct node *node)
{
    if (!node || (node->kind == NODE_MAP && is_disabled(node))) return;
    if (node->kind == NODE_MAP && node_get(node, "value") &&
        (node_get(node, "status") || node_get(node, "range")))
        count_value(self, node);
    for (size_t i = 0; (node->kind == NODE_MAP || node->kind == NODE_LIST) && i < node->count; i++)
        if (node->kind != NODE_MAP || strcmp(node->key[i], "targets") != 0) walk(self, node->item[i]);
}

struct inventory inventory_of(const struct node *root)
{
    struct inventory self = {0};
    walk(&self, root);
    return self;
}
