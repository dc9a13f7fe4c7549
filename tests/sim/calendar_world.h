/* A calendar beside a reference that is known to be right, fed alike. */
#ifndef CORRIDOR_TESTS_SIM_CALENDAR_WORLD_H
#define CORRIDOR_TESTS_SIM_CALENDAR_WORLD_H

#include "sim/calendar.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#define DAY TICKS_PER_DAY

/* The reference: a binary heap by (tick, key as it was when pushed, index), with the same rule of what is
 * live. */
struct entry {
    tick_t tick;
    uint64_t key;
    uint32_t index;
};

/* A calendar, its records and the reference, fed alike. */
struct world {
    void *storage;
    size_t bytes, record_count;
    char *records;
    struct calendar *calendar;
    struct entry *heap;
    size_t heap_count, heap_room;
    tick_t now, end;
    uint64_t random;
};

static inline struct calendar_record *record_of(const struct world *world, uint32_t index)
{
    return (struct calendar_record *)(void *)(world->records + (size_t)index * CALENDAR_RECORD_SIZE);
}

static inline uint64_t draw(struct world *world)
{
    uint64_t x = world->random += UINT64_C(0x9E3779B97F4A7C15);
    x = (x ^ (x >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94D049BB133111EB);
    return x ^ (x >> 31);
}

static inline uint32_t draw_index(struct world *world)
{
    return (uint32_t)(draw(world) % world->record_count);
}

static inline bool before(struct entry a, struct entry b)
{
    if (a.tick != b.tick) return a.tick < b.tick;
    return a.key != b.key ? a.key < b.key : a.index < b.index;
}

static inline void reference_push(struct world *world, struct entry entry)
{
    if (entry.tick > world->end) return;
    if (world->heap_count == world->heap_room) {
        world->heap_room = 2 * world->heap_room + 64;
        world->heap = realloc(world->heap, world->heap_room * sizeof entry);
        assert_non_null(world->heap);
    }
    size_t i = world->heap_count++;
    for (; i > 0 && before(entry, world->heap[(i - 1) / 2]); i = (i - 1) / 2)
        world->heap[i] = world->heap[(i - 1) / 2];
    world->heap[i] = entry;
}

static inline struct entry reference_take(struct world *world)
{
    struct entry first = world->heap[0], last = world->heap[--world->heap_count];
    size_t i = 0;
    for (size_t child; (child = 2 * i + 1) < world->heap_count; i = child) {
        if (child + 1 < world->heap_count && before(world->heap[child + 1], world->heap[child])) child++;
        if (!before(world->heap[child], last)) break;
        world->heap[i] = world->heap[child];
    }
    world->heap[i] = last;
    return first;
}

static inline bool reference_pop(struct world *world, tick_t limit, struct entry *entry)
{
    while (world->heap_count > 0 && world->heap[0].tick <= limit) {
        *entry = reference_take(world);
        const struct calendar_record *record = record_of(world, entry->index);
        if (record->wake == entry->tick && record->key == entry->key) return true;
    }
    return false;
}

static inline struct world world_make(size_t record_count, size_t max_pending, tick_t origin, tick_t end,
                                      uint64_t seed)
{
    struct world world = {.record_count = record_count, .now = origin, .end = end, .random = seed};
    world.bytes = calendar_storage(max_pending);
    world.storage = aligned_alloc(64, world.bytes);
    world.records = aligned_alloc(64, record_count * CALENDAR_RECORD_SIZE);
    assert_non_null(world.storage);
    assert_non_null(world.records);
    world.calendar = calendar_reset(world.storage, max_pending, origin, end);
    for (uint32_t i = 0; i < record_count; i++)
        *record_of(&world, i) = (struct calendar_record){draw(&world) % 16, TICK_NEVER};
    return world;
}

static inline void world_free(struct world *world)
{
    free(world->storage);
    free(world->records);
    free(world->heap);
}

/* Lets a record wake at `tick`, whatever it waited for before. */
static inline void schedule(struct world *world, uint32_t index, tick_t tick)
{
    struct calendar_record *record = record_of(world, index);
    record->wake = tick;
    assert_true(calendar_push(world->calendar, world->records, tick, index));
    reference_push(world, (struct entry){tick, record->key, index});
}

/* Pops both, asserts that they agree and puts the popped record to sleep. */
static inline bool pop(struct world *world, tick_t limit, uint32_t *index)
{
    struct entry expected = {0};
    tick_t tick = 0;
    bool found = reference_pop(world, limit, &expected);
    assert_int_equal(calendar_pop(world->calendar, world->records, limit, &tick, index), found);
    if (!found) return false;
    assert_int_equal(tick, expected.tick);
    assert_int_equal(*index, expected.index);
    record_of(world, *index)->wake = TICK_NEVER;
    world->now = tick;
    return true;
}

static inline void pop_all(struct world *world)
{
    uint32_t index;
    while (pop(world, TICK_NEVER, &index)) {
    }
    assert_int_equal(calendar_pending(world->calendar), 0);
}

/* A delay of 0 to `bits` bits, each length equally likely: ties, bursts and long sleeps in one. */
static inline tick_t draw_delay(struct world *world, unsigned bits)
{
    return (tick_t)(draw(world) >> (64 - bits) >> draw(world) % (bits + 1));
}

/* A record dies, is reused, changes its wake, or wakes. */
static inline void random_step(struct world *world, unsigned bits)
{
    uint32_t index = draw_index(world);
    switch (draw(world) % 8) {
    case 0: /* dies */
        record_of(world, index)->wake = TICK_NEVER;
        break;
    case 1: /* is reused by somebody else */
        record_of(world, index)->key = draw(world) % 16;
        schedule(world, index, world->now + draw_delay(world, bits));
        break;
    case 2: /* changes its wake */
    case 3:
        schedule(world, index, world->now + draw_delay(world, bits));
        break;
    case 4: /* looks ahead a little only */
        pop(world, world->now + draw_delay(world, bits), &index);
        break;
    default:
        if (pop(world, TICK_NEVER, &index) && draw(world) % 4)
            schedule(world, index, world->now + draw_delay(world, bits));
    }
}

#endif
