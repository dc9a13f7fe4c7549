/* Internal to the calendar: what it consists of, and where each part stands in the storage.
 *
 * Every pending entry is in exactly one of five places, from the nearest to the farthest in time:
 *   ties   a heap by (key, index) of the entries of one tick, when that tick holds more than one
 *   side   a small sorted array: all entries while there are few, later those that land before open_end
 *   open   the sorted entries of the bucket being popped
 *   rungs  a stack of bucket arrays; each divides one bucket of the rung below it, the lowest the horizon
 *   far    an unordered list of what lies beyond the lowest rung (horizons above 20 years only)
 *
 * All but the ties are ordered by tick alone. Keys are looked up when two entries of one tick meet at the
 * front, so that a dead entry whose record was given a new key can disturb no order. */
#ifndef CORRIDOR_SIM_CALENDAR_STATE_H
#define CORRIDOR_SIM_CALENDAR_STATE_H

#include "sim/calendar.h"

#define SIDE_MAX    40   /* as many entries as this go to buckets */
#define SIDE_RETURN 14   /* as few as this leave the buckets */
#define OPEN_MAX    4096 /* entries a bucket may hold when it is sorted; larger ones are divided */
#define RUNG_MAX                                                                                             \
    12 /* each rung is 16 to 1024 times finer than the one below: 9 suffice from shift 31 to 0               \
        */
#define RUNG_BUCKETS   1024
#define SHIFT_MAX      31 /* a bucket is at most 2^31 ticks (8 days): offset and index share a word */
#define REACH          ((tick_t)RUNG_BUCKETS << SHIFT_MAX)
#define BLOCK_SLOTS    64 /* words of a block: a link and 63 entries */
#define PREFETCH_AHEAD 12
#define TARGET_MIN     16 /* entries that a bucket should hold, between these bounds */
#define TARGET_MAX     512
#define RATE_EVENTS    64 /* events needed to measure a rate */
#define TICK_FARTHEST  ((tick_t)1 << 61)

/* A bucket's entries: a chain of blocks, newest first; all but the newest are full. */
struct bucket {
    uint32_t tail; /* the slot to write next; a multiple of BLOCK_SLOTS: a new block is needed */
    uint32_t count;
};

/* Buckets [next, count) of 2^shift ticks each from `start`; those before `next` are spent. */
struct rung {
    tick_t start, end; /* end is exclusive; the last bucket may be cut by it */
    uint32_t shift, next, count;
};

struct timed {
    tick_t tick;
    uint32_t index;
};

struct keyed {
    uint64_t key;
    uint32_t index;
};

struct calendar {
    tick_t open_tick; /* of the next open entry; TICK_NEVER: none */
    tick_t open_base; /* open entries are (tick - open_base) << 32 | index */
    tick_t open_end;  /* pushes before it go to the side; TICK_NEVER: the side holds everything */
    tick_t now;       /* last popped */
    tick_t end;
    tick_t tie_tick; /* of the ties, while tie_count > 0 */
    uint64_t pushed, taken;
    uint64_t max_pending;
    uint32_t open_next, side_count;
    uint64_t tie_count, far_count;
    uint32_t open_shift; /* the width of the open bucket */
    uint32_t rung_count;
    uint32_t block_free;  /* block number + 1 of a chain of free blocks; 0: none */
    uint32_t block_fresh; /* blocks from here on were never used */
    double rate;          /* events per tick, lately; 0: unknown */
    tick_t rate_tick;     /* measured since */
    uint64_t rate_taken;
    uint64_t blocks_at, wide_at; /* byte offsets */
    /* Descending by tick from [1], the next one at [side_count]; side_tick[0] is a sentinel. Two arrays, so
     * that moves are whole words: a vector load of what two stores just wrote has to wait for them. */
    tick_t side_tick[SIDE_MAX + 1];
    uint32_t side_index[SIDE_MAX + 1];
    struct rung rungs[RUNG_MAX];
};

#define ALIGNED(bytes) (((size_t)(bytes) + 63) & ~(size_t)63)
#define OPEN_WORDS     (OPEN_MAX + PREFETCH_AHEAD + 4)
#define OPEN_AT        ALIGNED(sizeof(struct calendar))
#define SCRATCH_AT     (OPEN_AT + ALIGNED(OPEN_WORDS * sizeof(uint64_t)))
#define BUCKETS_AT     (SCRATCH_AT + ALIGNED(OPEN_MAX * sizeof(uint64_t)))
#define BLOCKS_AT      (BUCKETS_AT + ALIGNED(RUNG_MAX * RUNG_BUCKETS * sizeof(struct bucket)))

static inline void *calendar_at(struct calendar *self, size_t offset)
{
    return (char *)self + offset;
}
static inline uint64_t *calendar_open(struct calendar *self)
{
    return calendar_at(self, OPEN_AT);
}
static inline uint64_t *calendar_scratch(struct calendar *self)
{
    return calendar_at(self, SCRATCH_AT);
}
static inline uint64_t *calendar_blocks(struct calendar *self)
{
    return calendar_at(self, self->blocks_at);
}

static inline struct bucket *calendar_buckets(struct calendar *self, uint32_t rung)
{
    return (struct bucket *)calendar_at(self, BUCKETS_AT) + (size_t)rung * RUNG_BUCKETS;
}

/* Ties grow up from the start of the wide area, far entries down from its end: an entry is never in both. */
static inline struct keyed *calendar_ties(struct calendar *self)
{
    return calendar_at(self, self->wide_at);
}
static inline struct timed *calendar_far(struct calendar *self, uint64_t i)
{
    return (struct timed *)calendar_at(self, self->wide_at) + (self->max_pending - 1 - i);
}

/* Address arithmetic on integers: a prefetch may point anywhere. */
static inline void calendar_prefetch(const void *records, uint64_t entry)
{
    __builtin_prefetch(
        (const void *)((uintptr_t)records + (uintptr_t)(uint32_t)entry * CALENDAR_RECORD_SIZE));
}

static inline const struct calendar_record *calendar_record_of(const void *records, uint64_t entry)
{
    return (const struct calendar_record *)((const char *)records +
                                            (size_t)(uint32_t)entry * CALENDAR_RECORD_SIZE);
}

/* Makes `entry`, the one at open_next, the next to pop. The word after the last entry has its top bit set. */
static inline void calendar_show(struct calendar *self, uint64_t entry)
{
    self->open_tick = entry >> 63 ? TICK_NEVER : self->open_base + (tick_t)(entry >> 32);
}

/* Inserts into the side, which is not full. Equal ticks may stand in any order. A linear search: the moves
 * are needed anyhow, and it beat a binary one with memmove at every size up to 200. */
static inline void calendar_side_put(struct calendar *self, tick_t tick, uint32_t index)
{
    tick_t *ticks = self->side_tick;
    uint32_t *indices = self->side_index;
    uint32_t place = ++self->side_count;
    for (; ticks[place - 1] < tick; place--) {
        ticks[place] = ticks[place - 1];
        indices[place] = indices[place - 1];
    }
    ticks[place] = tick;
    indices[place] = index;
}

#endif
