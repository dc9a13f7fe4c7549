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

static struct calendar_record *record_of(const struct world *world, uint32_t index)
{
    return (struct calendar_record *)(void *)(world->records + (size_t)index * CALENDAR_RECORD_SIZE);
}

static uint64_t draw(struct world *world)
{
    uint64_t x = world->random += UINT64_C(0x9E3779B97F4A7C15);
    x = (x ^ (x >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94D049BB133111EB);
    return x ^ (x >> 31);
}

static uint32_t draw_index(struct world *world)
{
    return (uint32_t)(draw(world) % world->record_count);
}

static bool before(struct entry a, struct entry b)
{
    if (a.tick != b.tick) return a.tick < b.tick;
    return a.key != b.key ? a.key < b.key : a.index < b.index;
}

static void reference_push(struct world *world, struct entry entry)
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

static struct entry reference_take(struct world *world)
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

static bool reference_pop(struct world *world, tick_t limit, struct entry *entry)
{
    while (world->heap_count > 0 && world->heap[0].tick <= limit) {
        *entry = reference_take(world);
        const struct calendar_record *record = record_of(world, entry->index);
        if (record->wake == entry->tick && record->key == entry->key) return true;
    }
    return false;
}

static struct world world_make(size_t record_count, size_t max_pending, tick_t origin, tick_t end,
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

static void world_free(struct world *world)
{
    free(world->storage);
    free(world->records);
    free(world->heap);
}

/* Lets a record wake at `tick`, whatever it waited for before. */
static void schedule(struct world *world, uint32_t index, tick_t tick)
{
    struct calendar_record *record = record_of(world, index);
    record->wake = tick;
    assert_true(calendar_push(world->calendar, world->records, tick, index));
    reference_push(world, (struct entry){tick, record->key, index});
}

/* Pops both, asserts that they agree and puts the popped record to sleep. */
static bool pop(struct world *world, tick_t limit, uint32_t *index)
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

static void pop_all(struct world *world)
{
    uint32_t index;
    while (pop(world, TICK_NEVER, &index)) {
    }
    assert_int_equal(calendar_pending(world->calendar), 0);
}

/* A delay of 0 to `bits` bits, each length equally likely: ties, bursts and long sleeps in one. */
static tick_t draw_delay(struct world *world, unsigned bits)
{
    return (tick_t)(draw(world) >> (64 - bits) >> draw(world) % (bits + 1));
}

static void random_step(struct world *world, unsigned bits)
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

/* Any wrong order, lost entry, dead entry told of, or limit overstepped, at every width from ties only to
 * decades. */
static void test_random_operations(void **state)
{
    (void)state;
    static const unsigned widths[] = {1, 3, 8, 14, 20, 28, 34, 40, 44};
    static const size_t records[] = {3, 40, 400, 3000};
    for (unsigned w = 0; w < sizeof widths / sizeof *widths; w++) {
        for (unsigned r = 0; r < sizeof records / sizeof *records; r++) {
            struct world world = world_make(records[r], 40000, -5 * DAY, (tick_t)1 << 48, 100 * w + r);
            for (uint32_t i = 0; i < records[r]; i++)
                schedule(&world, i, world.now + draw_delay(&world, widths[w]));
            for (int step = 0; step < 20000; step++) random_step(&world, widths[w]);
            pop_all(&world);
            world_free(&world);
        }
    }
}

static tick_t draw_exponential_like(struct world *world, tick_t mean)
{
    /* A geometric number of halves: heavy enough in both tails to fill many buckets unevenly. */
    uint64_t x = draw(world);
    tick_t delay = (tick_t)(x >> 32) % mean;
    return delay + mean * (tick_t)__builtin_ctzll(x | UINT64_C(1) << 20);
}

/* A calendar that fits itself wrongly while it grows from 2 to a million entries and shrinks back. */
static void test_growth_and_shrinking(void **state)
{
    (void)state;
    const uint32_t most = 1000000;
    struct world world = world_make(most, most, 0, 640 * DAY, 7);
    uint32_t index, used = 2;
    schedule(&world, 0, 5);
    schedule(&world, 1, 6);
    while (pop(&world, TICK_NEVER, &index)) {
        if (world.now < 4 * DAY) schedule(&world, index, world.now + draw_exponential_like(&world, DAY));
        for (int births = 0; births < 3 && used < most; births++, used++)
            schedule(&world, used, world.now + draw_exponential_like(&world, 2 * DAY));
    }
    assert_int_equal(used, most);
    assert_int_equal(calendar_pending(world.calendar), 0);
    schedule(&world, 3, world.now + 3);
    schedule(&world, 4, world.now + 1);
    pop_all(&world);
    world_free(&world);
}

/* A corridor run in small: arrivals of a day pushed in bulk at its start, popped day by day; delays of hours
 * to months. An entry opened too early (beyond the limit) would come before the arrivals pushed later. */
static void test_days_with_bulk_arrivals(void **state)
{
    (void)state;
    struct world world = world_make(60000, 120000, -120 * DAY, 200 * DAY, 11);
    uint32_t used = 0, index;
    for (int64_t day = -120; day < 160; day++) {
        for (int i = 0; i < 200; i++, used++)
            schedule(&world, used, day * DAY + (tick_t)(draw(&world) % (uint64_t)DAY));
        while (pop(&world, (day + 1) * DAY - 1, &index)) {
            if (draw(&world) % 8 == 0) continue;
            schedule(&world, index, world.now + draw_exponential_like(&world, DAY << draw(&world) % 6));
            if (draw(&world) % 16 == 0) schedule(&world, index, world.now + draw_delay(&world, 28));
        }
    }
    assert_true(calendar_pending(world.calendar) > 0);
    pop_all(&world);
    world_free(&world);
}

/* Ties beyond any buffer, in key order whatever the order of pushing; a push into the tick being popped joins
 * in. */
static void test_many_ties(void **state)
{
    (void)state;
    const uint32_t count = 50000;
    struct world world = world_make(count, count + 10, 0, 10 * DAY, 3);
    for (uint32_t i = 0; i < count; i++) {
        record_of(&world, i)->key = i % 7 ? draw(&world) : i;
        schedule(&world, i, i % 5 ? 2 * DAY : DAY + i % 3);
    }
    uint32_t index;
    for (int pops = 0; pop(&world, TICK_NEVER, &index); pops++) {
        if (pops % 3) continue;
        if (pops < 100000) {
            record_of(&world, index)->key = draw(&world);
            schedule(&world, index, world.now);
        }
    }
    assert_int_equal(calendar_pending(world.calendar), 0);
    world_free(&world);
}

/* Pushes at the very tick that was just popped alone, more of them than the small form and a bucket hold. */
static void test_burst_at_now(void **state)
{
    (void)state;
    struct world world = world_make(20000, 20000, 0, 100 * DAY, 5);
    uint32_t index;
    schedule(&world, 0, 3 * DAY);
    assert_true(pop(&world, TICK_NEVER, &index));
    for (uint32_t i = 0; i < 10000; i++) schedule(&world, i, world.now);
    for (uint32_t i = 10000; i < 20000; i++) schedule(&world, i, world.now + (tick_t)(draw(&world) % 3));
    pop_all(&world);
    world_free(&world);
}

/* A dead entry whose record was given a new key must not disturb the live ones of its tick: the order of keys
 * is asked for when entries meet, not when they are pushed. */
static void test_reused_record_in_a_tie(void **state)
{
    (void)state;
    for (uint32_t victim = 0; victim < 12; victim++) {
        struct world world = world_make(12, 40, 0, DAY, victim);
        for (uint32_t i = 0; i < 12; i++) {
            record_of(&world, i)->key = i * 10;
            schedule(&world, i, 100);
        }
        record_of(&world, victim)->key = 1000 - 83 * victim;
        record_of(&world, victim)->wake = 200;
        uint32_t index;
        assert_true(pop(&world, 100, &index));
        uint32_t reused = (victim + 5) % 12; /* while its tick is being popped */
        record_of(&world, reused)->key = 55;
        schedule(&world, reused, 100);
        pop_all(&world);
        world_free(&world);
    }
}

/* Equal tick and key go by index; equal tick by the key as an unsigned number. */
static void test_order_of_ties(void **state)
{
    (void)state;
    struct world world = world_make(4, 8, -9, 10, 1);
    uint32_t index;
    record_of(&world, 0)->key = UINT64_MAX;
    record_of(&world, 1)->key = 5;
    record_of(&world, 2)->key = 5;
    record_of(&world, 3)->key = 0;
    static const uint32_t order[] = {3, 1, 2, 0};
    for (uint32_t i = 0; i < 4; i++) schedule(&world, i, -3);
    for (int i = 0; i < 4; i++) {
        assert_true(pop(&world, -3, &index));
        assert_int_equal(index, order[i]);
    }
    assert_false(pop(&world, TICK_NEVER, &index));
    world_free(&world);
}

/* Off by one at the end: an entry at `end` is kept, one after it is dropped and not counted. */
static void test_end(void **state)
{
    (void)state;
    struct world world = world_make(3000, 6000, 0, DAY, 1);
    uint32_t index;
    for (uint32_t i = 0; i < 3000; i++) schedule(&world, i, DAY + (i % 3) - 1);
    assert_int_equal(calendar_pending(world.calendar), 2000);
    assert_true(calendar_push(world.calendar, world.records, TICK_NEVER, 0));
    assert_int_equal(calendar_pending(world.calendar), 2000);
    assert_true(pop(&world, TICK_NEVER, &index));
    pop_all(&world);
    assert_int_equal(world.now, DAY);
    world_free(&world);
}

/* Horizons beyond the reach of the wheel: hours and centuries together, with no end at all. */
static void test_no_end(void **state)
{
    (void)state;
    struct world world = world_make(3000, 100000, -((tick_t)1 << 60), TICK_NEVER, 21);
    for (uint32_t i = 0; i < 3000; i++) schedule(&world, i, world.now + draw_delay(&world, 60));
    uint32_t index;
    for (int step = 0; step < 60000 && pop(&world, TICK_NEVER, &index); step++)
        schedule(&world, index, world.now + draw_delay(&world, step % 1000 ? 20 : 50));
    pop_all(&world);
    world_free(&world);
}

/* A limit must not move the calendar: after false, anything from the last popped tick on may still be pushed.
 */
static void test_limit(void **state)
{
    (void)state;
    struct world world = world_make(5000, 9000, 0, 640 * DAY, 2);
    uint32_t index, used = 0;
    for (; used < 2000; used++) schedule(&world, used, 300 * DAY + (tick_t)used * 1000);
    assert_false(pop(&world, 300 * DAY - 1, &index));
    for (; used < 4000; used++) schedule(&world, used, 299 * DAY - (tick_t)used * 7);
    assert_false(pop(&world, 100 * DAY, &index));
    schedule(&world, used++, 50 * DAY);
    assert_true(pop(&world, 50 * DAY, &index));
    assert_int_equal(index, used - 1);
    assert_false(pop(&world, 50 * DAY, &index));
    for (; used < 5000; used++) schedule(&world, used, 50 * DAY + (tick_t)(draw(&world) % 1000));
    pop_all(&world);
    world_free(&world);
}

/* Time seen without being lived: buckets of dead entries are used up while the last popped tick stays behind,
 * and pushes crowd in before them. A calendar that only ever refines would run out of levels. */
static void test_crowding_behind_dead_buckets(void **state)
{
    (void)state;
    struct world world = world_make(4000, 400000, 0, 640 * DAY, 4);
    uint32_t index;
    for (int round = 0; round < 60; round++) {
        for (uint32_t i = 0; i < 3900; i++)
            schedule(&world, i, (tick_t)(draw(&world) % (uint64_t)(100 * DAY)));
        for (uint32_t i = 0; i < 3900; i++) record_of(&world, i)->wake = TICK_NEVER;
        assert_false(pop(&world, (tick_t)(draw(&world) % (uint64_t)(100 * DAY)), &index));
        schedule(&world, 3900 + (uint32_t)round, (tick_t)(draw(&world) % (uint64_t)(50 * DAY)) + 100 * DAY);
    }
    pop_all(&world);
    world_free(&world);
}

/* Clusters in a wide bucket: thousands of entries within a few ticks, with outliers, defeat a sort by leading
 * bits. */
static void test_clusters(void **state)
{
    (void)state;
    struct world world = world_make(30000, 30000, 0, 640 * DAY, 8);
    for (uint32_t i = 0; i < 30000; i++) {
        tick_t cluster = (tick_t)(draw(&world) % 9) * 3 * DAY;
        schedule(&world, i,
                 i % 100 ? cluster + (tick_t)(draw(&world) % 4096) : cluster + draw_delay(&world, 33));
    }
    pop_all(&world);
    world_free(&world);
}

/* A pointer in the state: the copy, elsewhere and with the original destroyed, must continue the same. */
static void test_copy_continues(void **state)
{
    (void)state;
    static const uint32_t sizes[] = {3, 300, 30000};
    for (unsigned s = 0; s < 3; s++) {
        struct world world = world_make(sizes[s], 60000, 0, 640 * DAY, s);
        for (uint32_t i = 0; i < sizes[s]; i++) schedule(&world, i, draw_delay(&world, 34));
        for (int step = 0; step < 3000; step++) random_step(&world, 32);
        struct world copy = world;
        copy.storage = aligned_alloc(64, world.bytes);
        copy.records = aligned_alloc(64, world.record_count * CALENDAR_RECORD_SIZE);
        copy.heap = malloc(world.heap_room * sizeof *world.heap);
        assert_non_null(copy.storage);
        assert_non_null(copy.records);
        assert_non_null(copy.heap);
        memcpy(copy.storage, world.storage, world.bytes);
        memcpy(copy.records, world.records, world.record_count * CALENDAR_RECORD_SIZE);
        memcpy(copy.heap, world.heap, world.heap_count * sizeof *world.heap);
        copy.calendar = copy.storage;
        for (int step = 0; step < 3000; step++) random_step(&world, 32);
        pop_all(&world);
        memset(world.storage, 0xA5, world.bytes);
        for (int step = 0; step < 3000; step++) random_step(&copy, 32);
        pop_all(&copy);
        world_free(&world);
        world_free(&copy);
    }
}

/* The order must not depend on the form the calendar is in: a few entries pop the same alone and among many
 * others. */
static void test_same_order_in_every_form(void **state)
{
    (void)state;
    struct world few = world_make(20000, 20000, 0, 30 * DAY, 9),
                 many = world_make(20000, 20000, 0, 30 * DAY, 9);
    for (uint32_t i = 0; i < 20000; i++) record_of(&few, i)->key = record_of(&many, i)->key = draw(&few) % 4;
    for (uint32_t i = 0; i < 20000; i++) {
        tick_t tick = (tick_t)(draw(&few) % 50);
        if (i < 40) schedule(&few, i, tick);
        schedule(&many, i, tick);
    }
    uint32_t a, b;
    while (pop(&few, TICK_NEVER, &a)) {
        do assert_true(pop(&many, TICK_NEVER, &b));
        while (b >= 40);
        assert_int_equal(a, b);
    }
    world_free(&few);
    world_free(&many);
}

/* A full calendar refuses, keeps what it has and takes entries again when there is room; each form has its
 * own limit. */
static void test_full(void **state)
{
    (void)state;
    static const uint32_t limits[] = {0, 1, 5, 39, 40, 41, 1000, 20000};
    for (unsigned l = 0; l < sizeof limits / sizeof *limits; l++) {
        struct world world = world_make(20001, limits[l], 0, 640 * DAY, l);
        uint32_t index;
        for (uint32_t i = 0; i < limits[l]; i++)
            schedule(&world, i, (tick_t)(draw(&world) % (uint64_t)(640 * DAY)));
        assert_int_equal(calendar_pending(world.calendar), limits[l]);
        assert_false(calendar_push(world.calendar, world.records, 5, 20000));
        if (pop(&world, TICK_NEVER, &index)) schedule(&world, 20000, world.now);
        assert_int_equal(calendar_pending(world.calendar), limits[l]);
        pop_all(&world);
        world_free(&world);
    }
}

/* Time that runs backwards is refused, not silently misplaced. */
static void test_push_into_the_past(void **state)
{
    (void)state;
    struct world world = world_make(3, 10, -10, DAY, 1);
    uint32_t index;
    assert_false(calendar_push(world.calendar, world.records, -11, 1));
    schedule(&world, 0, 50);
    assert_true(pop(&world, TICK_NEVER, &index));
    assert_false(calendar_push(world.calendar, world.records, 49, 1));
    schedule(&world, 1, 50);
    pop_all(&world);
    world_free(&world);
}

/* The same tick pushed twice pops once if the caller changes the wake, twice if not. */
static void test_duplicates(void **state)
{
    (void)state;
    struct world world = world_make(1, 10, 0, DAY, 1);
    uint32_t index;
    tick_t tick;
    schedule(&world, 0, 7);
    schedule(&world, 0, 7);
    assert_true(pop(&world, TICK_NEVER, &index));
    assert_false(pop(&world, TICK_NEVER, &index));
    schedule(&world, 0, 8);
    schedule(&world, 0, 8);
    assert_true(calendar_pop(world.calendar, world.records, 8, &tick, &index));
    assert_true(calendar_pop(world.calendar, world.records, 8, &tick, &index));
    assert_false(calendar_pop(world.calendar, world.records, 8, &tick, &index));
    world_free(&world);
}

/* A reset that clears megabytes, or a run that depends on what the storage held before. */
static void test_reset_is_cheap_and_complete(void **state)
{
    (void)state;
    struct world world = world_make(20000, 40000, 0, 640 * DAY, 6);
    unsigned char *bytes = world.storage;
    uint64_t sums[2] = {0, 0};
    for (int run = 0; run < 2; run++) {
        if (run == 0) memset(bytes, 0xA5, world.bytes); /* the second run finds what the first one left */
        unsigned char *held = malloc(world.bytes);
        assert_non_null(held);
        memcpy(held, bytes, world.bytes);
        world.calendar = calendar_reset(world.storage, 40000, 0, 640 * DAY);
        size_t touched = 0;
        for (size_t i = 0; i < world.bytes; i++) touched += held[i] != bytes[i];
        assert_in_range(touched, 1, 4096);
        free(held);
        world.now = 0;
        world.random = 77;
        for (uint32_t i = 0; i < 20000; i++) schedule(&world, i, draw_delay(&world, 36));
        uint32_t index;
        for (int step = 0; step < 30000 && pop(&world, TICK_NEVER, &index); step++) {
            sums[run] = sums[run] * 31 + index + (uint64_t)world.now;
            if (step < 10000) schedule(&world, index, world.now + draw_delay(&world, 30));
        }
        pop_all(&world);
    }
    assert_true(sums[0] == sums[1]);
    world_free(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_random_operations),
        cmocka_unit_test(test_growth_and_shrinking),
        cmocka_unit_test(test_days_with_bulk_arrivals),
        cmocka_unit_test(test_many_ties),
        cmocka_unit_test(test_burst_at_now),
        cmocka_unit_test(test_reused_record_in_a_tie),
        cmocka_unit_test(test_order_of_ties),
        cmocka_unit_test(test_end),
        cmocka_unit_test(test_no_end),
        cmocka_unit_test(test_limit),
        cmocka_unit_test(test_crowding_behind_dead_buckets),
        cmocka_unit_test(test_clusters),
        cmocka_unit_test(test_copy_continues),
        cmocka_unit_test(test_same_order_in_every_form),
        cmocka_unit_test(test_full),
        cmocka_unit_test(test_push_into_the_past),
        cmocka_unit_test(test_duplicates),
        cmocka_unit_test(test_reset_is_cheap_and_complete),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
