/* The tree as YAML text in block style, such that reading the text gives the same tree. */
#include "models/document_internal.h"

#include <stdlib.h>
#include <string.h>

struct text {
    char *bytes;
    size_t length, capacity;
    bool failed;
};

static void put(struct text *self, const char *bytes, size_t length)
{
    if (self->failed) return;
    if (self->length + length + 1 > self->capacity) {
        size_t capacity = 2 * (self->length + length) + 1024;
        char *grown = realloc(self->bytes, capacity);
        if (!grown) {
            self->failed = true;
            return;
        }
        self->bytes = grown;
        self->capacity = capacity;
    }
    memcpy(self->bytes + self->length, bytes, length);
    self->length += length;
    self->bytes[self->length] = '\0';
}

static void put_text(struct text *self, const char *text)
{
    put(self, text, strlen(text));
}

static void put_indent(struct text *self, int depth)
{
    for (int i = 0; i < depth; i++) put(self, "  ", 2);
}

static void put_quoted(struct text *self, const char *text)
{
    size_t length = strlen(text);
    put_text(self, "\"");
    for (size_t at = 0; at < length;) {
        char escape[16];
        uint32_t code = (unsigned char)text[at];
        size_t size = utf8_decode(text + at, length - at, &code);
        if (code == '"' || code == '\\')
            snprintf(escape, sizeof escape, "\\%c", (int)code);
        else if (code == '\n')
            snprintf(escape, sizeof escape, "\\n");
        else if (size > 0 && utf8_printable(code))
            snprintf(escape, sizeof escape, "%.*s", (int)size, text + at);
        else
            snprintf(escape, sizeof escape, code < 0x100 ? "\\x%02X" : "\\u%04X", code);
        put_text(self, escape);
        at += size ? size : 1;
    }
    put_text(self, "\"");
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\0';
}

/* Whether the character at `at` lets a plain scalar go on: no ": ", no " #", no line that begins or ends
 * blank. */
static bool goes_on(const char *text, size_t at)
{
    char c = text[at], before = text[at - 1], after = text[at + 1];
    if (c == ':' && is_blank(after)) return false;
    if (c == '#' && is_blank(before)) return false;
    if ((c == ' ' || c == '\t') && (before == '\n' || after == '\n')) return false;
    return c == '\t' || c == '\n' || (unsigned char)c >= 0x80 || utf8_printable((unsigned char)c);
}

bool document_plain_text(const char *text)
{
    size_t length = strlen(text);
    if (length == 0 || strcmp(text, "~") == 0 || strcmp(text, "null") == 0) return false;
    if (is_blank(text[0]) || is_blank(text[length - 1]) || strchr(",[]{}#&*!|>'\"%@`", text[0])) return false;
    if (strchr("-?:", text[0]) && is_blank(text[1])) return false;
    if (!utf8_printable((unsigned char)text[0]) && (unsigned char)text[0] < 0x80) return false;
    for (size_t at = 1; at < length; at++)
        if (!goes_on(text, at)) return false;
    for (size_t at = 0, size; at < length; at += size) {
        uint32_t code;
        size = utf8_decode(text + at, length - at, &code);
        if (size == 0 || (code >= 0x80 && !utf8_printable(code))) return false;
    }
    return true;
}

/* A line end within a plain scalar is written as an empty line: YAML joins the lines that follow one another.
 */
static void put_plain(struct text *self, const char *text, int depth)
{
    for (const char *c = text; *c; c++) {
        if (*c != '\n') {
            put(self, c, 1);
            continue;
        }
        if (c[-1] != '\n') put_text(self, "\n");
        put_text(self, "\n");
        if (c[1] != '\n') put_indent(self, depth);
    }
}

static void put_key(struct text *self, const char *key)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./-";
    bool simple = key[strspn(key, plain)] == '\0' && key[0] != '\0' && !strchr("./-", key[0]);
    if (simple)
        put_text(self, key);
    else
        put_quoted(self, key);
    put_text(self, ":");
}

static void put_map(struct text *self, const struct node *map, int depth, bool indented);
static void put_list(struct text *self, const struct node *list, int depth, bool indented);

/* What follows "key:" or "-"; the depth is that of the lines below. */
static void put_value(struct text *self, const struct node *node, int depth, bool in_list)
{
    bool collection = node->kind == NODE_MAP || node->kind == NODE_LIST;
    put_text(self, collection && node->count > 0 && !in_list ? "\n" : " ");
    if (collection && node->count > 0) {
        if (node->kind == NODE_MAP)
            put_map(self, node, depth, in_list);
        else
            put_list(self, node, depth, in_list);
        return;
    }
    if (node->kind == NODE_MAP)
        put_text(self, "{}");
    else if (node->kind == NODE_LIST)
        put_text(self, "[]");
    else if (node->kind == NODE_NULL)
        put_text(self, "~");
    else if (!node->quoted && document_plain_text(node->text))
        put_plain(self, node->text, depth);
    else
        put_quoted(self, node->text);
    put_text(self, "\n");
}

/* `indented`: the first line stands behind a "- " already. */
static void put_map(struct text *self, const struct node *map, int depth, bool indented)
{
    for (size_t i = 0; i < map->count; i++) {
        if (i > 0 || !indented) put_indent(self, depth);
        put_key(self, map->key[i]);
        put_value(self, map->item[i], depth + 1, false);
    }
}

static void put_list(struct text *self, const struct node *list, int depth, bool indented)
{
    for (size_t i = 0; i < list->count; i++) {
        if (i > 0 || !indented) put_indent(self, depth);
        put_text(self, "-");
        put_value(self, list->item[i], depth + 1, true);
    }
}

char *document_text(const struct document *self)
{
    struct text text = {.bytes = NULL};
    if (!self->root || self->root->count == 0)
        put_text(&text, "{}\n");
    else
        put_map(&text, self->root, 0, false);
    if (!text.failed) return text.bytes;
    free(text.bytes);
    return NULL;
}
