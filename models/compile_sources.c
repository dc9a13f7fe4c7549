/* Who comes from a source: the mix of classes, and batches. */
#include "models/compile.h"

#include <string.h>

static void unknown_dimension(struct compiler *c, const struct node *mix, size_t i, const char *path)
{
    const char *names[NETWORK_MAX_DIMENSIONS];
    for (size_t d = 0; d < c->network->dimension_count; d++) names[d] = c->network->dimension[d].name;
    const char *nearest = nearest_name(mix->key[i], names, c->network->dimension_count);
    complain(c, mix->key_mark[i], path, "unknown dimension%s%s%s", nearest ? "; did you mean '" : "",
             nearest ? nearest : "", nearest ? "'?" : "");
}

/* Labels without their dimension, or classes that could not be read: told once, and the mix is left alone. */
static bool is_not_by_dimension(struct compiler *c, const struct node *mix, const char *path)
{
    const struct network *n = c->network;
    const struct node *classes = node_get(c->model->document.root, "classes");
    if (classes && classes->kind != NODE_MAP) return true;
    for (size_t i = 0; i < mix->count; i++)
        for (size_t d = 0; d < n->dimension_count; d++)
            for (size_t l = 0; l < n->dimension[d].label_count; l++) {
                if (strcmp(mix->key[i], n->dimension[d].label[l]) != 0 ||
                    strcmp(mix->key[i], n->dimension[d].name) == 0)
                    continue;
                complain(c, mix->key_mark[i], draft_text(c, "%s.mix", path),
                         "'%s' is a label of '%s': write mix: {%s: {%s: ...}}", mix->key[i],
                         n->dimension[d].name, n->dimension[d].name, mix->key[i]);
                return true;
            }
    return false;
}

void read_mix(struct compiler *c, struct source *source, const struct station_draft *s)
{
    struct network *n = c->network;
    const struct node *mix = node_get(s->node, "mix");
    struct unit unit;
    const struct key_entry *key = schema_find("mix", NULL, "LABEL", &unit);
    for (size_t d = 0; d < NETWORK_MAX_DIMENSIONS; d++) source->mix[d] = NETWORK_NONE;
    if (mix && mix->kind == NODE_MAP && is_not_by_dimension(c, mix, s->path)) return;
    for (size_t d = 0; d < n->dimension_count; d++)
        if (n->dimension[d].label_count > 1 && !(mix && node_get(mix, n->dimension[d].name)))
            complain(c, mix ? mix->mark : s->mark, s->path, "mix: the shares of '%s' are missing",
                     n->dimension[d].name);
    if (!mix || mix->kind != NODE_MAP) return;
    for (size_t i = 0; i < mix->count; i++) {
        if (schema_is_remark(mix->key[i])) continue;
        size_t d = 0;
        const char *path = draft_text(c, "%s.mix.%s", s->path, mix->key[i]);
        while (d < n->dimension_count && strcmp(n->dimension[d].name, mix->key[i]) != 0) d++;
        if (d == n->dimension_count) {
            unknown_dimension(c, mix, i, path);
            continue;
        }
        if (!expect_kind(c, mix->item[i], path, NODE_MAP)) continue;
        for (size_t l = 0; l < mix->item[i]->count; l++) {
            size_t label = 0;
            while (label < n->dimension[d].label_count &&
                   strcmp(n->dimension[d].label[label], mix->item[i]->key[l]) != 0)
                label++;
            if (label < n->dimension[d].label_count || schema_is_remark(mix->item[i]->key[l])) continue;
            const char *nearest =
                nearest_name(mix->item[i]->key[l], n->dimension[d].label, n->dimension[d].label_count);
            complain(c, mix->item[i]->key_mark[l], path, "unknown label '%s'%s%s%s", mix->item[i]->key[l],
                     nearest ? "; did you mean '" : "", nearest ? nearest : "", nearest ? "'?" : "");
        }
        for (size_t l = 0; l < n->dimension[d].label_count; l++) {
            const char *own = draft_text(c, "%s.%s", path, n->dimension[d].label[l]);
            const struct node *share = node_get(mix->item[i], n->dimension[d].label[l]);
            struct lever *lever = lever_add(c, own, key, share ? share->mark : mix->mark, NULL, false);
            if (!lever) continue;
            lever->own = true; /* the slots of a dimension stand side by side */
            if (l == 0) lever->first = &source->mix[d];
            if (share) lever_write(c, lever, unit_base, share, own);
        }
    }
}

void read_batches(struct compiler *c, struct source *source, const struct station_draft *s)
{
    const struct node *list = node_get(s->node, "batches");
    if (!list || list->kind != NODE_LIST) return;
    source->batch = kept_memory(c, list->count, sizeof *source->batch);
    for (size_t i = 0; i < list->count; i++) {
        struct dated_head head = {.on = c->head.from};
        const char *path = draft_text(c, "%s.batches", s->path);
        if (!read_keys(c, "batch", NULL, list->item[i], path, &head) || !head.name) continue;
        struct batch *batch = &source->batch[source->batch_count++];
        batch->name = head.name;
        batch->hash = random_hash_name(head.name);
        batch->day = head.on - c->head.from;
        const char *own = draft_text(c, "%s.%s", path, head.name);
        if (!is_in_run(c, batch->day)) complain(c, list->item[i]->mark, own, "the date lies outside the run");
        lever_read(c, "batch", "people", list->item[i], own, &batch->people, false);
    }
}
