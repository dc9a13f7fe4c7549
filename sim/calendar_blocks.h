/* Internal to the calendar: buckets as chains of blocks. The pool cannot run dry: it has a block for every 63
 * entries and one more for every bucket that may be partly filled. */
#ifndef CORRIDOR_SIM_CALENDAR_BLOCKS_H
#define CORRIDOR_SIM_CALENDAR_BLOCKS_H

#include "sim/calendar_state.h"

static inline size_t blocks_needed(size_t max_pending)
{
    size_t partly = (size_t)RUNG_MAX * RUNG_BUCKETS;
    /* One more: a bucket being divided keeps its block while its entries move. */
    return max_pending / (BLOCK_SLOTS - 1) + (max_pending < partly ? max_pending : partly) + 2;
}

static inline uint32_t block_take(struct calendar *self, const uint64_t *blocks)
{
    if (self->block_free == 0) return self->block_fresh++;
    uint32_t block = self->block_free - 1;
    self->block_free = (uint32_t)blocks[(size_t)block * BLOCK_SLOTS];
    return block;
}

static inline void bucket_put(struct calendar *self, struct bucket *bucket, uint64_t entry)
{
    uint64_t *blocks = calendar_blocks(self);
    uint32_t tail = bucket->tail;
    if (tail % BLOCK_SLOTS == 0) {
        uint32_t block = block_take(self, blocks) * BLOCK_SLOTS;
        blocks[block] = tail; /* the end of the block before, 0 when there is none */
        tail = block + 1;
    }
    blocks[tail] = entry;
    bucket->tail = tail + 1;
    bucket->count++;
}

/* The entries of a bucket's newest block, `count` of them; NULL when the bucket is empty. */
static inline const uint64_t *bucket_block(struct calendar *self, const struct bucket *bucket,
                                           uint32_t *count)
{
    if (bucket->count == 0) return NULL;
    const uint64_t *blocks = calendar_blocks(self);
    uint32_t block = (bucket->tail - 1) / BLOCK_SLOTS * BLOCK_SLOTS;
    *count = bucket->tail - 1 - block;
    return &blocks[block + 1];
}

/* Removes and frees a bucket's newest block. */
static inline void bucket_drop(struct calendar *self, struct bucket *bucket)
{
    uint64_t *blocks = calendar_blocks(self);
    uint32_t block = (bucket->tail - 1) / BLOCK_SLOTS;
    uint32_t first = block * BLOCK_SLOTS;
    bucket->count -= bucket->tail - 1 - first;
    bucket->tail = (uint32_t)blocks[first];
    blocks[first] = self->block_free;
    self->block_free = block + 1;
}

#endif
