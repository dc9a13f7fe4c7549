#include "models/document_internal.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK_BYTES ((size_t)1 << 16)
#define ALIGNMENT   _Alignof(max_align_t)

struct memory_block {
    struct memory_block *next;
    max_align_t bytes[];
};

bool document_start(struct document *self, struct problems *problems)
{
    *self = (struct document){.problems = problems, .memory = calloc(1, sizeof(struct document_memory))};
    if (self->memory) return true;
    return problems_add(problems, (struct mark){.file = -1}, "not enough memory");
}

void document_free(struct document *self)
{
    if (self->memory) {
        for (struct memory_block *block = self->memory->block, *next; block; block = next) {
            next = block->next;
            free(block);
        }
        free(self->memory);
    }
    memset(self, 0, sizeof *self);
}

void *memory_take(struct document_memory *self, size_t bytes)
{
    bytes = (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    if (bytes > self->size - self->used) {
        size_t size = bytes > BLOCK_BYTES ? bytes : BLOCK_BYTES;
        struct memory_block *block = malloc(sizeof *block + size);
        if (!block) {
            self->failed = true;
            return NULL;
        }
        block->next = self->block;
        self->block = block;
        self->used = 0;
        self->size = size;
    }
    void *taken = (char *)self->block->bytes + self->used;
    self->used += bytes;
    return memset(taken, 0, bytes);
}

char *memory_copy(struct document_memory *self, const char *text, size_t length)
{
    char *made = memory_take(self, length + 1);
    if (made && length > 0) memcpy(made, text, length);
    return made;
}

char *memory_format(struct document_memory *self, const char *format, ...)
{
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, arguments);
    char *made = length >= 0 ? memory_take(self, (size_t)length + 1) : NULL;
    if (made) vsnprintf(made, (size_t)length + 1, format, again);
    va_end(again);
    va_end(arguments);
    return made;
}
