/* Maps against the table of keys. */
#include "models/compile.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_KEYS = 64 };

static void *place_of(const struct key_entry *key, void *base)
{
    return (char *)base + key->offset;
}

bool expect_kind(struct compiler *c, const struct node *node, const char *path, enum node_kind kind)
{
    if (node && node->kind == kind) return true;
    const char *what = kind == NODE_MAP ? "a map" : kind == NODE_LIST ? "a list" : "a single value";
    return node ? complain(c, node->mark, path, "must be %s", what) : false;
}

const char *read_name(struct compiler *c, const struct node *node, const char *path)
{
    if (node->kind == NODE_SCALAR) return node->text;
    complain(c, node->mark, path, "must be a name or text");
    return NULL;
}

uint32_t read_reference(struct compiler *c, const struct node *node, const char *path, const char *what,
                        const struct names *names)
{
    const char *name = read_name(c, node, path);
    if (!name) return NETWORK_NONE;
    uint32_t found = names_find(names, name);
    if (found == NETWORK_NONE && !names->incomplete) complain_unknown(c, node->mark, path, what, name, names);
    return found;
}

const struct node *find_key(const struct node *map, const char *name, struct unit *unit)
{
    const struct node *exact = node_get(map, name);
    *unit = unit_base;
    if (exact) return exact->kind == NODE_NULL ? NULL : exact;
    for (size_t i = 0; i < map->count; i++)
        if (map->item[i]->kind != NODE_NULL && schema_same_key(name, map->key[i], unit)) return map->item[i];
    return NULL;
}

void refuse_blanks(struct compiler *c, const struct node *node, const char *path)
{
    for (size_t i = 0; i < node->count; i++) {
        const struct node *item = node->item[i];
        const bool map = node->kind == NODE_MAP;
        if (map && schema_is_remark(node->key[i])) continue;
        const char *own = map && *path ? draft_text(c, "%s.%s", path, node->key[i])
                          : map        ? node->key[i]
                                       : path;
        if (item->kind != NODE_NULL) {
            refuse_blanks(c, item, own);
        } else if (*item->text == '\0') {
            complain(c, map ? node->key_mark[i] : item->mark, own,
                     map ? "has no value: write one, or leave the key out" : "an item of this list is empty");
            doubt_map(c, node->mark, path);
        }
    }
}

static bool good_name(const char *name)
{
    if (!isalpha((unsigned char)*name)) return false;
    for (; *name; name++)
        if (!isalnum((unsigned char)*name) && *name != '_' && *name != '-') return false;
    return true;
}

bool is_entry(struct compiler *c, const struct node *map, size_t i, const char *path)
{
    if (schema_is_remark(map->key[i]) && map->item[i]->kind == NODE_SCALAR) return false;
    if (map->item[i]->kind == NODE_NULL) return false;
    if (good_name(map->key[i])) return true;
    return complain(c, map->key_mark[i], path,
                    "'%s' is not a name: a letter, then letters, digits, '_' or '-'", map->key[i]);
}

/* ---- one key ---- */

static void read_text(struct compiler *c, const struct node *node, const char *path, void *place)
{
    const char *text = read_name(c, node, path);
    *(const char **)place = text ? kept_text(c, text) : NULL;
}

static bool is_date_form(const char *text)
{
    for (const char *form = "dddd-dd-dd"; *form; form++, text++)
        if (*form == 'd' ? !isdigit((unsigned char)*text) : *text != '-') return false;
    return !*text;
}

bool complain_date(struct compiler *c, struct mark mark, const char *path, const char *written)
{
    if (is_date_form(written)) return complain(c, mark, path, "there is no such day as %s", written);
    return complain(c, mark, path, *written ? "'%s' is not a date, YYYY-MM-DD" : "must be a date, YYYY-MM-DD",
                    written);
}

static void read_date(struct compiler *c, const struct node *node, const char *path, void *place)
{
    int32_t days;
    if (node_date(node, &days))
        *(int32_t *)place = days;
    else if (node->kind == NODE_SCALAR && node->quoted && is_date_form(node->text))
        complain(c, node->mark, path, "\"%s\" is text: write the date without quotes", node->text);
    else
        complain_date(c, node->mark, path, node->kind == NODE_SCALAR && !node->quoted ? node->text : "");
}

/* Not of the kind that is needed: the value, when it is one. */
static bool complain_value(struct compiler *c, const struct node *node, const char *path, const char *needed)
{
    if (node->kind != NODE_SCALAR) return complain(c, node->mark, path, "must be %s", needed);
    return complain(c, node->mark, path, "must be %s, not '%s'", needed, node->text);
}

static void read_number(struct compiler *c, const struct key_entry *key, struct unit unit,
                        const struct node *node, const char *path, void *place)
{
    double number;
    *(double *)place = NAN;
    if (!node_number(node, &number)) {
        complain_value(c, node, path, "a plain number");
        return;
    }
    convert_number(c, key, unit, node->mark, path, number, place);
}

static void read_whole(struct compiler *c, const struct key_entry *key, const struct node *node,
                       const char *path, void *place)
{
    int64_t number;
    if (!node_whole(node, &number))
        complain_value(c, node, path, "a whole number");
    else if ((double)number < key->low || (double)number > key->high)
        complain(c, node->mark, path, "%lld is %s (allowed: %g to %g)", (long long)number,
                 (double)number < key->low ? "too low" : "too high", key->low, key->high);
    else
        *(int *)place = (int)number;
}

static void read_flag(struct compiler *c, const struct node *node, const char *path, void *place)
{
    if (!node_boolean(node, place)) complain_value(c, node, path, "true or false");
}

static int find_word(const struct key_entry *key, const char *word)
{
    for (int i = 0; key->words[i]; i++)
        if (strcmp(key->words[i], word) == 0) return i;
    return -1;
}

static void read_word(struct compiler *c, const struct key_entry *key, const struct node *node,
                      const char *path, void *place)
{
    *(int *)place = -1;
    const char *word = read_name(c, node, path);
    if (!word) return;
    *(int *)place = find_word(key, word);
    if (*(int *)place >= 0) return;
    char allowed[400] = "";
    size_t count = 0;
    for (size_t used = 0; key->words[count]; count++)
        used += (size_t)snprintf(allowed + used, sizeof allowed - used, "%s%s", count ? ", " : "",
                                 key->words[count]);
    const char *nearest = nearest_name(word, key->words, count);
    if (nearest)
        complain(c, node->mark, path, "unknown value '%s'; did you mean '%s'?", word, nearest);
    else
        complain(c, node->mark, path, "unknown value '%s' (allowed: %s)", word, allowed);
}

/* The key's name as levers use it: the base unit, and the account's own currency. */
static const char *lever_name(struct compiler *c, const struct key_entry *key)
{
    size_t length = strlen(key->name);
    if (!c->money || length < 4 || strcmp(key->name + length - 4, "_mxn") != 0) return key->name;
    return draft_text(c, "%.*s_%s", (int)(length - 4), key->name, c->money);
}

static void read_value(struct compiler *c, const struct key_entry *key, struct unit unit,
                       const struct node *node, const char *lever_path, const char *path, void *place)
{
    struct lever *lever = lever_add(c, lever_path, key, node->mark, place, key->form == FORM_CLASS_VALUE);
    if (lever) lever_write(c, lever, unit, node, path);
}

static void read_key(struct compiler *c, const struct key_entry *key, struct unit unit,
                     const struct node *node, const char *parent, const char *written, void *base)
{
    const char *path = *parent ? draft_text(c, "%s.%s", parent, written) : written;
    void *place = place_of(key, base);
    switch ((enum key_form)key->form) {
    case FORM_TEXT:
        read_text(c, node, path, place);
        break;
    case FORM_DATE:
        read_date(c, node, path, place);
        break;
    case FORM_NUMBER:
        read_number(c, key, unit, node, path, place);
        break;
    case FORM_WHOLE:
        read_whole(c, key, node, path, place);
        break;
    case FORM_FLAG:
        read_flag(c, node, path, place);
        break;
    case FORM_WORD:
        read_word(c, key, node, path, place);
        break;
    case FORM_VALUE:
    case FORM_CLASS_VALUE:
        read_value(c, key, unit, node, draft_text(c, "%s.%s", parent, lever_name(c, key)), path, place);
        break;
    case FORM_CLASSES:
        read_class_set(c, node, path, place);
        break;
    case FORM_MAP:
        expect_kind(c, node, path, NODE_MAP);
        break;
    case FORM_LIST:
        expect_kind(c, node, path, NODE_LIST);
        break;
    case FORM_LOOSE:
    case FORM_NAME:
    case FORM_ROUTE:
        break;
    }
}

/* ---- absent keys ---- */

static void store_default(struct compiler *c, const struct key_entry *key, const struct node *map,
                          const char *parent, void *base)
{
    void *place = place_of(key, base);
    bool given = *key->fallback && strcmp(key->fallback, "-") != 0;
    switch ((enum key_form)key->form) {
    case FORM_NUMBER:
        *(double *)place = given ? strtod(key->fallback, NULL) : NAN;
        break;
    case FORM_WHOLE:
        if (given) *(int *)place = atoi(key->fallback);
        break;
    case FORM_FLAG:
        if (given) *(bool *)place = strcmp(key->fallback, "true") == 0;
        break;
    case FORM_WORD:
        *(int *)place = given ? find_word(key, key->fallback) : -1;
        break;
    case FORM_CLASSES:
        *(uint64_t *)place = all_classes(c);
        break;
    case FORM_VALUE:
    case FORM_CLASS_VALUE:
        if (given)
            lever_add(c, draft_text(c, "%s.%s", parent, lever_name(c, key)), key, map->mark, place,
                      key->form == FORM_CLASS_VALUE);
        else
            *(struct value *)place = (struct value){.slot = NETWORK_NONE};
        break;
    default:
        break;
    }
}

/* What else a setting of the command line may begin with. */
static size_t schedule_names(const struct compiler *c, const char **names, size_t size)
{
    const struct node *schedules = node_get(c->model->document.root, "schedules");
    size_t count = 0;
    for (size_t i = 0; schedules && schedules->kind == NODE_MAP && i < schedules->count && count < size; i++)
        names[count++] = schedules->key[i];
    return count;
}

static void unknown_key(struct compiler *c, const char *context, const char *other, const struct node *map,
                        size_t i, const char *parent)
{
    const char *written = map->key[i], *path = *parent ? draft_text(c, "%s.%s", parent, written) : written;
    const struct key_entry *resembles = schema_other_unit(context, other, written);
    const char *names[MOST_KEYS];
    size_t count = schema_names(context, other, names, MOST_KEYS);
    if (!*parent && map->key_mark[i].file < 0) count += schedule_names(c, names + count, MOST_KEYS - count);
    const char *nearest = nearest_name(written, names, count);
    char units[300];
    if (!nearest && resembles && resembles->form == FORM_WHOLE) nearest = resembles->name;
    if (nearest)
        complain(c, map->key_mark[i], path, "unknown key; did you mean '%s'?", nearest);
    else if (resembles && schema_unit_names(resembles->name, units, sizeof units) > 1)
        complain(c, map->key_mark[i], path, "unknown key; this one is written as %s", units);
    else
        complain(c, map->key_mark[i], path, "unknown key");
    doubt_map(c, map->mark, *parent ? parent : "scenario");
}

bool read_keys(struct compiler *c, const char *context, const char *other, const struct node *node,
               const char *path, void *base)
{
    const struct key_entry *given[MOST_KEYS];
    size_t given_count = 0, count;
    if (!expect_kind(c, node, path, NODE_MAP)) return false;
    for (size_t i = 0; i < node->count; i++) {
        struct unit unit;
        const struct key_entry *key = schema_find(context, other, node->key[i], &unit);
        if (!key && schema_is_remark(node->key[i])) continue;
        if (!key) {
            unknown_key(c, context, other, node, i, path);
            continue;
        }
        bool twice = false;
        for (size_t g = 0; g < given_count; g++) twice = twice || given[g] == key;
        if (twice) {
            if (!is_other_money(c, node->key[i]))
                complain(c, node->key_mark[i], path, "'%s' is given twice, in two units", key->name);
            continue;
        }
        if (node->item[i]->kind == NODE_NULL) continue;
        if (given_count < MOST_KEYS) given[given_count++] = key;
        read_key(c, key, unit, node->item[i], path, node->key[i], base);
    }
    const struct key_entry *keys = model_keys(&count);
    for (size_t k = 0; k < count; k++) {
        bool here = strcmp(keys[k].context, context) == 0 || (other && strcmp(keys[k].context, other) == 0);
        for (size_t g = 0; g < given_count; g++) here = here && given[g] != &keys[k];
        if (!here) continue;
        if (!*keys[k].fallback)
            complain(c, node->mark, *path ? path : "scenario", "'%s' is missing", keys[k].name);
        store_default(c, &keys[k], node, path, base);
    }
    return true;
}
