#include "models/document_internal.h"
#include "sim/time.h"

#include <errno.h>
#include <locale.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LONGEST_NUMBER = 64, INDEX_FROM = 16 };

static size_t key_hash(const char *key, size_t length)
{
    uint64_t hash = 14695981039346656037u; /* FNV-1a */
    for (size_t i = 0; i < length; i++) hash = (hash ^ (unsigned char)key[i]) * 1099511628211u;
    return (size_t)(hash ^ (hash >> 29));
}

static bool same_key(const char *key, const char *other, size_t length)
{
    return strncmp(key, other, length) == 0 && key[length] == '\0';
}

/* index[0] is the number of slots less one; each slot after it holds a position + 1, or 0. */
static uint32_t *index_slot(const struct node *map, const char *key, size_t length)
{
    size_t mask = map->index[0];
    size_t at = key_hash(key, length) & mask;
    while (map->index[1 + at] && !same_key(map->key[map->index[1 + at] - 1], key, length))
        at = (at + 1) & mask;
    return &map->index[1 + at];
}

size_t node_position(const struct node *map, const char *key, size_t length)
{
    if (map->index) {
        uint32_t slot = *index_slot(map, key, length);
        return slot ? slot - 1 : NOT_FOUND;
    }
    for (size_t i = 0; i < map->count; i++)
        if (same_key(map->key[i], key, length)) return i;
    return NOT_FOUND;
}

struct node *node_get(const struct node *map, const char *key)
{
    if (!map || map->kind != NODE_MAP) return NULL;
    size_t at = node_position(map, key, strlen(key));
    return at == NOT_FOUND ? NULL : map->item[at];
}

static bool is_named_by_key(const struct node *item)
{
    return item->kind == NODE_MAP && item->count == 1 && item->item[0]->kind == NODE_MAP;
}

const char *node_name(const struct node *item)
{
    const struct node *name = node_get(item, "name");
    if (name && name->kind == NODE_SCALAR) return name->text;
    return is_named_by_key(item) ? item->key[0] : NULL;
}

struct node *node_content(struct node *item)
{
    return is_named_by_key(item) ? item->item[0] : item;
}

static size_t list_position(const struct node *list, const char *name, size_t length)
{
    for (size_t i = 0; i < list->count; i++) {
        const char *other = node_name(list->item[i]);
        if (other && same_key(other, name, length)) return i;
    }
    return NOT_FOUND;
}

size_t node_step(const struct node *node, const char *path, size_t *used)
{
    if (node->kind != NODE_MAP && node->kind != NODE_LIST) return NOT_FOUND;
    for (size_t length = 1; *path; length++) {
        if (path[length] && path[length] != '.') continue;
        size_t at =
            node->kind == NODE_MAP ? node_position(node, path, length) : list_position(node, path, length);
        *used = length;
        if (at != NOT_FOUND || !path[length]) return at;
    }
    return NOT_FOUND;
}

struct node *node_find(const struct node *root, const char *path)
{
    const struct node *node = root;
    while (node) {
        size_t used;
        size_t at = node_step(node, path, &used);
        if (at == NOT_FOUND) return NULL;
        if (!path[used]) return node->item[at];
        node = node->item[at];
        path += used + 1;
    }
    return NULL;
}

struct node *node_new(struct document *self, enum node_kind kind, struct mark mark)
{
    struct node *made = memory_take(self->memory, sizeof *made);
    if (!made) return NULL;
    made->kind = kind;
    made->mark = mark;
    made->text = "";
    return made;
}

struct node *node_new_scalar(struct document *self, const char *text, bool quoted, struct mark mark)
{
    struct node *made = node_new(self, NODE_SCALAR, mark);
    if (!made) return NULL;
    made->text = memory_copy(self->memory, text, strlen(text));
    made->quoted = quoted;
    return made->text ? made : NULL;
}

/* `array` with room for one more entry than `count`. It grows when `count` is 0, 4, 8, 16 ..., which needs no
 * record of its capacity. */
static void *grown(struct document *self, void *array, size_t count, size_t size)
{
    if (count > 0 && (count < 4 || (count & (count - 1)) != 0)) return array;
    void *made = memory_take(self->memory, (count ? 2 * count : 4) * size);
    if (made && count > 0) memcpy(made, array, count * size);
    return made;
}

/* Made anew each time the number of keys has doubled; twice as many slots as keys until the next time. */
static void make_index(struct document *self, struct node *map)
{
    size_t slots = INDEX_FROM;
    while (slots < 4 * map->count) slots *= 2;
    map->index = memory_take(self->memory, (slots + 1) * sizeof *map->index);
    if (!map->index) return;
    map->index[0] = (uint32_t)(slots - 1);
    for (size_t i = 0; i < map->count; i++)
        *index_slot(map, map->key[i], strlen(map->key[i])) = (uint32_t)(i + 1);
}

static void index_last(struct document *self, struct node *map)
{
    if (map->count < INDEX_FROM) return;
    if (!map->index || 2 * map->count > map->index[0]) {
        make_index(self, map);
        return;
    }
    const char *key = map->key[map->count - 1];
    *index_slot(map, key, strlen(key)) = (uint32_t)map->count;
}

void node_put(struct document *self, struct node *map, const char *key, struct mark key_mark,
              struct node *value)
{
    if (!map || !value) return;
    size_t at = node_position(map, key, strlen(key));
    if (at != NOT_FOUND) {
        map->item[at] = value;
        map->key_mark[at] = key_mark;
        return;
    }
    struct node **items = grown(self, map->item, map->count, sizeof *items);
    const char **keys = grown(self, map->key, map->count, sizeof *keys);
    struct mark *marks = grown(self, map->key_mark, map->count, sizeof *marks);
    const char *copy = memory_copy(self->memory, key, strlen(key));
    if (!items || !keys || !marks || !copy) return;
    map->item = items;
    map->key = keys;
    map->key_mark = marks;
    map->item[map->count] = value;
    map->key[map->count] = copy;
    map->key_mark[map->count++] = key_mark;
    index_last(self, map);
}

void node_append(struct document *self, struct node *list, struct node *value)
{
    if (!list || !value) return;
    struct node **items = grown(self, list->item, list->count, sizeof *items);
    if (!items) return;
    list->item = items;
    list->item[list->count++] = value;
}

void node_compact(struct document *self, struct node *node)
{
    size_t kept = 0;
    for (size_t i = 0; i < node->count; i++) {
        if (!node->item[i]) continue;
        node->item[kept] = node->item[i];
        if (node->kind == NODE_MAP) {
            node->key[kept] = node->key[i];
            node->key_mark[kept] = node->key_mark[i];
        }
        kept++;
    }
    node->count = kept;
    if (node->index) make_index(self, node);
}

int node_depth(const struct node *node)
{
    if (node->kind != NODE_MAP && node->kind != NODE_LIST) return 0;
    int deepest = 0;
    for (size_t i = 0; i < node->count; i++) {
        int depth = node_depth(node->item[i]);
        if (depth > deepest) deepest = depth;
    }
    return deepest + 1;
}

static const char *digits(const char *c, size_t *count)
{
    for (*count = 0; *c >= '0' && *c <= '9'; c++) ++*count;
    return c;
}

/* [+-] digits [. digits] [e [+-] digits]; no leading zero, which other readers take for octal. */
static bool number_form(const char *text, bool *whole)
{
    size_t before, after = 0, exponent = 0;
    if (*text == '+' || *text == '-') text++;
    const char *c = digits(text, &before);
    if (before > 1 && *text == '0') return false;
    *whole = *c == '\0';
    if (*c == '.') {
        c = digits(c + 1, &after);
        if (after == 0) return false;
    }
    if (before + after == 0) return false;
    if (*c == 'e' || *c == 'E') {
        c++;
        if (*c == '+' || *c == '-') c++;
        c = digits(c, &exponent);
        if (exponent == 0) return false;
    }
    return *c == '\0';
}

static bool plain_scalar(const struct node *node)
{
    return node && node->kind == NODE_SCALAR && !node->quoted;
}

static bool number_text(const struct node *node, bool *whole)
{
    return plain_scalar(node) && strnlen(node->text, LONGEST_NUMBER + 1) <= LONGEST_NUMBER &&
           number_form(node->text, whole);
}

bool node_number(const struct node *node, double *number)
{
    bool whole;
    if (!number_text(node, &whole)) return false;
    /* The program around the library may have set a locale that writes a decimal comma. */
    locale_t plain = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    if (!plain) return false;
    double value = strtod_l(node->text, NULL, plain);
    freelocale(plain);
    if (!isfinite(value)) return false;
    *number = value;
    return true;
}

bool node_whole(const struct node *node, int64_t *number)
{
    bool whole;
    double value;
    if (!number_text(node, &whole)) return false;
    if (whole) {
        errno = 0;
        long long exact = strtoll(node->text, NULL, 10);
        if (errno != 0) return false;
        *number = exact;
        return true;
    }
    /* 560e6 is whole too, as far as doubles hold whole numbers exactly. */
    if (!node_number(node, &value) || fabs(value) > 0x1p53 || value != floor(value)) return false;
    *number = (int64_t)value;
    return true;
}

bool node_boolean(const struct node *node, bool *value)
{
    if (!plain_scalar(node)) return false;
    bool is_true = strcmp(node->text, "true") == 0;
    if (!is_true && strcmp(node->text, "false") != 0) return false;
    *value = is_true;
    return true;
}

bool node_date(const struct node *node, int32_t *days)
{
    return plain_scalar(node) && date_parse(node->text, days);
}
