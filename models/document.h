/* A scenario as a tree of nodes that know where they were written. Values are not yet understood here. */
#ifndef CORRIDOR_MODELS_DOCUMENT_H
#define CORRIDOR_MODELS_DOCUMENT_H

#include "models/problems.h"

#include <stdint.h>

enum node_kind { NODE_NULL, NODE_SCALAR, NODE_LIST, NODE_MAP };

struct node {
    enum node_kind kind;
    bool quoted;        /* a quoted scalar is text, never a number or a date */
    struct mark mark;   /* where the value starts */
    const char *text;   /* scalar */
    size_t count;       /* items of a list or map */
    struct node **item; /* list items, map values */
    const char **key;   /* map keys, in the order written */
    struct mark *key_mark;
    uint32_t *index; /* finds the keys of a large map; made by node_put */
};

/* Owns all nodes and texts made from it. */
struct document {
    struct document_memory *memory;
    struct node *root;         /* a map */
    struct problems *problems; /* borrowed */
};

#define DOCUMENT_MAX_DEPTH   32
#define DOCUMENT_MAX_NODES   200000
#define DOCUMENT_MAX_KEYS    10000 /* per map; duplicates are found by hashing */
#define DOCUMENT_MAX_BYTES   (16u << 20)
#define DOCUMENT_MAX_EXTENDS 8

/* Reads one YAML file into a tree (libyaml events, own nodes). Refuses anchors, aliases, tags, several
 * documents, duplicate keys, NUL bytes, text that is not UTF-8, and anything past the limits above, each with
 * one message, and stops at once where going on would be slow. An empty file is a problem ("is empty"). False
 * when a problem was added. */
bool document_read(struct document *self, struct problems *problems, const char *path);
/* The same from memory; `name` stands for the file in messages. */
bool document_read_text(struct document *self, struct problems *problems, const char *name, const char *text,
                        size_t length);
void document_free(struct document *self);

/* Reads a scenario whole: the file, what it `extends` (recursively, parents first, cycles refused), and the
 * files of its `model` (a name: each .yaml file of models/NAME/, or models/NAME.yaml, merged in order of
 * name), the model lowest, then the oldest ancestor, the file itself last; then each `path=value` of `sets`.
 * The keys `extends` and `model` are consumed; `model` is kept in the result.
 * Files are looked up by name in the scenario's own folder and its parents up to the one that holds
 * `scenarios/` or `models/`, then in `installed` (a NULL-terminated list of folders that hold scenarios/ and
 * models/); names with "..", or absolute ones, are refused in extends and model.
 *
 * Merging: maps merge key by key; lists of maps merge item by item: an item with the name of an earlier one
 * (its key `name`, or its only key if it has but one, as in outcomes) replaces that one's keys, any other is
 * appended, so that a child adds policies to those of its parent (in a list of outcomes one with a condition
 * goes before the last, which takes all who are left); any other list or scalar of the later file
 * replaces the earlier. `~` (null) in a later file removes the key. `sets`:
 * "stations.gate.capacity_per_day=900"; the value is read as YAML (flow style allowed); missing maps are made
 * on the way; list items are addressed by their name. The paths are those of policies: the name of a schedule
 * where nothing at the top has that name, a key in another of its units, one class of a value. */
bool document_load(struct document *self, struct problems *problems, const char *path,
                   const char *const *installed, const char *const *sets, size_t set_count);

/* Fits what a scenario inherits to its own dates (from, to): policies of before hold from the start, what
 * lies behind the end is left out, as are batches, grants and targets on either side. */
void document_fit_horizon(struct document *self);

/* The resolved tree as YAML text (stable order, for the results file and `check`); the caller frees it. */
char *document_text(const struct document *self);

/* Finding and reading. A missing key gives NULL. */
struct node *node_get(const struct node *map, const char *key);
/* "a.b.c" from the root; list items by their `name`. */
struct node *node_find(const struct node *root, const char *path);
/* Numbers by our own rules: decimal digits, one point, an exponent; no octal, hex, underscore, inf or nan;
 * not quoted. */
bool node_number(const struct node *node, double *number);
bool node_whole(const struct node *node, int64_t *number);
/* true or false, written exactly so. */
bool node_boolean(const struct node *node, bool *value);
bool node_date(const struct node *node, int32_t *days);

/* New nodes, for merging and for tests; texts are copied. */
struct node *node_new(struct document *self, enum node_kind kind, struct mark mark);
struct node *node_new_scalar(struct document *self, const char *text, bool quoted, struct mark mark);
/* Adds a key, or gives the key that is there a new value. */
void node_put(struct document *self, struct node *map, const char *key, struct mark key_mark,
              struct node *value);
void node_append(struct document *self, struct node *list, struct node *value);

/* Looks for a data file (CSV) named in the node's own file: in that file's folder tree, then installed; the
 * caller frees the path. NULL when not found. */
char *document_find_file(const struct document *self, struct mark mark, const char *name,
                         const char *const *installed);

#endif
