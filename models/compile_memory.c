/* Memory, names and messages of the compiler. */
#include "models/compile.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { LONGEST_TEXT = 1024 };

static void *checked(struct compiler *c, void *memory)
{
    if (!memory) longjmp(c->no_memory, 1);
    return memory;
}

void *draft_memory(struct compiler *c, size_t count, size_t size)
{
    return checked(c, network_allocate(c->drafts, count, size));
}

void *kept_memory(struct compiler *c, size_t count, size_t size)
{
    return checked(c, network_allocate(c->network, count, size));
}

const char *kept_text(struct compiler *c, const char *text)
{
    const char *copy = network_text(c->network, text);
    if (!copy) longjmp(c->no_memory, 1);
    return copy;
}

const char *draft_text(struct compiler *c, const char *format, ...)
{
    char text[LONGEST_TEXT];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    size_t length = strlen(text);
    char *copy = draft_memory(c, length + 1, 1);
    memcpy(copy, text, length);
    return copy;
}

static uint32_t *find_bucket(const struct names *self, const char *name)
{
    uint32_t mask = 2 * self->capacity - 1;
    uint32_t at = (uint32_t)random_hash_name(name) & mask;
    while (self->bucket[at] && strcmp(self->name[self->bucket[at] - 1], name) != 0) at = (at + 1) & mask;
    return &self->bucket[at];
}

static void grow_names(struct compiler *c, struct names *self)
{
    uint32_t capacity = self->capacity ? 2 * self->capacity : 16;
    const char **name = draft_memory(c, capacity, sizeof *name);
    void **object = draft_memory(c, capacity, sizeof *object);
    for (uint32_t i = 0; i < self->count; i++) {
        name[i] = self->name[i];
        object[i] = self->object[i];
    }
    self->name = name;
    self->object = object;
    self->capacity = capacity;
    self->bucket = draft_memory(c, 2 * (size_t)capacity, sizeof *self->bucket);
    for (uint32_t i = 0; i < self->count; i++) *find_bucket(self, name[i]) = i + 1;
}

uint32_t names_add(struct compiler *c, struct names *self, const char *name, void *object)
{
    if (self->count == self->capacity) grow_names(c, self);
    uint32_t *bucket = find_bucket(self, name);
    if (*bucket) return NETWORK_NONE;
    self->name[self->count] = name;
    self->object[self->count] = object;
    *bucket = ++self->count;
    return self->count - 1;
}

uint32_t names_find(const struct names *self, const char *name)
{
    if (self->count == 0) return NETWORK_NONE;
    uint32_t found = *find_bucket(self, name);
    return found ? found - 1 : NETWORK_NONE;
}

void doubt_map(struct compiler *c, struct mark mark, const char *path)
{
    if (c->doubts < sizeof c->doubt / sizeof *c->doubt) c->doubt[c->doubts++] = (struct doubt){mark, path};
}

bool is_doubted(const struct compiler *c, struct mark mark)
{
    for (size_t i = 0; i < c->doubts; i++) {
        const struct mark *doubt = &c->doubt[i].mark;
        if (doubt->file == mark.file && doubt->line == mark.line && doubt->column == mark.column) return true;
    }
    return false;
}

bool is_doubted_path(const struct compiler *c, const char *path)
{
    for (size_t i = 0; i < c->doubts; i++) {
        size_t length = strlen(c->doubt[i].path);
        if (length > 0 && strncmp(path, c->doubt[i].path, length) == 0 && path[length] == '.') return true;
    }
    return false;
}

bool complain(struct compiler *c, struct mark mark, const char *path, const char *format, ...)
{
    char text[LONGEST_TEXT];
    if (is_doubted(c, mark)) return false;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    return problems_add(c->problems, mark, "%s: %s", path, text);
}

bool complain_unknown(struct compiler *c, struct mark mark, const char *path, const char *what,
                      const char *word, const struct names *names)
{
    const char *nearest = nearest_name(word, names->name, names->count);
    if (nearest) return complain(c, mark, path, "unknown %s '%s'; did you mean '%s'?", what, word, nearest);
    return complain(c, mark, path, "unknown %s '%s'", what, word);
}
