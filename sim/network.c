#include "sim/network.h"

#include <stdlib.h>
#include <string.h>

enum { CHUNK_BYTES = 1 << 16, ALIGNMENT = 16 };

struct chunk {
    struct chunk *next;
    size_t used, size;
    _Alignas(ALIGNMENT) unsigned char bytes[];
};

struct network_memory {
    struct chunk *chunk; /* the newest first */
};

static struct chunk *chunk_new(struct network_memory *memory, size_t bytes)
{
    size_t size = bytes > CHUNK_BYTES ? bytes : CHUNK_BYTES;
    struct chunk *chunk = calloc(1, sizeof *chunk + size);
    if (!chunk) return NULL;
    chunk->size = size;
    chunk->next = memory->chunk;
    memory->chunk = chunk;
    return chunk;
}

struct network *network_new(void)
{
    struct network *self = calloc(1, sizeof *self);
    struct network_memory *memory = calloc(1, sizeof *memory);
    if (!self || !memory) {
        free(self);
        free(memory);
        return NULL;
    }
    self->memory = memory;
    return self;
}

void *network_allocate(struct network *self, size_t count, size_t size)
{
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes) || bytes > SIZE_MAX / 2) return NULL;
    bytes = (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    if (bytes == 0) bytes = ALIGNMENT;
    struct chunk *chunk = self->memory->chunk;
    if (!chunk || chunk->size - chunk->used < bytes) chunk = chunk_new(self->memory, bytes);
    if (!chunk) return NULL;
    void *place = chunk->bytes + chunk->used;
    chunk->used += bytes;
    return place;
}

const char *network_text(struct network *self, const char *text)
{
    size_t length = strlen(text);
    char *copy = network_allocate(self, length + 1, 1);
    if (copy) memcpy(copy, text, length);
    return copy;
}

void network_free(struct network *self)
{
    if (!self) return;
    struct chunk *chunk = self->memory->chunk;
    while (chunk) {
        struct chunk *next = chunk->next;
        free(chunk);
        chunk = next;
    }
    free(self->memory);
    free(self);
}
