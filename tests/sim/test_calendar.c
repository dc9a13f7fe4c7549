/* The event calendar against a plain sorted array, and the promises of its header one by one.
 * Seeds are fixed: a failure is a defect, not bad luck. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sim/calendar.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define END_FAR ((tick_t)1 << 61)

struct record {
    struct calendar_record head;
    char other[CALENDAR_RECORD_SIZE - sizeof(struct calendar_record)];
};
_Static_assert(sizeof(struct record) == CALENDAR_RECORD_SIZE,
               "records stand where the calendar looks for them");

/* Splitmix64. */
static uint64_t draw(uint64_t *generator)
{
    uint64_t z = *generator += 0x9E3779B97F4A7C15;
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9;
    z = (z ^ z >> 27) * 0x94D049BB133111EB;
    return z ^ z >> 31;
}

static uint32_t draw_below(uint64_t *generator, size_t bound)
{
    return (uint32_t)(draw(generator) % bound);
}

static void *allocate(size_t size)
{
    void *memory = aligned_alloc(64, (size + 63) & ~(size_t)63);
    assert_non_null(memory);
    return memory;
}

/* The reference: sorted arrays, the next entry last. New entries are inserted into a short one, which is
 * merged into the long one when it is full. */
#define RECENT_MAX 1024
struct entry {
    tick_t tick;
    uint64_t key;
    uint32_t index;
};

struct reference {
    struct entry *entries;
    size_t count, recent_count;
    struct entry recent[RECENT_MAX];
};

static bool entry_before(const struct entry *a, const struct entry *b)
{
    if (a->tick != b->tick) return a->tick < b->tick;
    if (a->key != b->key) return a->key < b->key;
    return a->index < b->index;
}

static void reference_merge(struct reference *self)
{
    size_t from = self->count, recent = self->recent_count, to = from + recent;
    self->count = to;
    self->recent_count = 0;
    while (recent > 0) {
        if (from > 0 && entry_before(&self->entries[from - 1], &self->recent[recent - 1]))
            self->entries[--to] = self->entries[--from];
        else
            self->entries[--to] = self->recent[--recent];
    }
}

static void reference_push(struct reference *self, struct entry entry)
{
    if (self->recent_count == RECENT_MAX) reference_merge(self);
    size_t place = 0;
    for (size_t end = self->recent_count; place < end;) {
        size_t middle = (place + end) / 2;
        if (entry_before(&entry, &self->recent[middle]))
            place = middle + 1;
        else
            end = middle;
    }
    memmove(&self->recent[place + 1], &self->recent[place], (self->recent_count - place) * sizeof entry);
    self->recent[place] = entry;
    self->recent_count++;
}

static bool reference_pop(struct reference *self, const struct record *records, tick_t limit,
                          struct entry *entry)
{
    while (self->count + self->recent_count > 0) {
        bool recent = self->recent_count > 0 &&
                      (self->count == 0 ||
                       entry_before(&self->recent[self->recent_count - 1], &self->entries[self->count - 1]));
        *entry = recent ? self->recent[self->recent_count - 1] : self->entries[self->count - 1];
        if (entry->tick > limit) return false;
        if (recent)
            self->recent_count--;
        else
            self->count--;
        if (records[entry->index].head.wake == entry->tick) return true;
    }
    return false;
}

/* A calendar, its records, and (unless NULL) the reference that it is compared with at every pop. */
struct world {
    struct record *records;
    uint32_t count;
    uint32_t *asleep; /* the records that sleep, in any order */
    uint32_t asleep_count;
    size_t max_pending;
    void *storage;
    struct calendar *calendar;
    struct reference *reference;
    uint64_t generator;
    int delays;
    tick_t now, end;
    struct entry *popped; /* what came out, if that is kept: room for popped_max */
    size_t popped_count, popped_max;
};

/* Records have `distinct` different keys, or any when that is 0. */
static struct world world_make(uint32_t count, size_t max_pending, tick_t origin, tick_t end,
                               uint64_t distinct, uint64_t seed)
{
    struct world self = {
        .count = count, .max_pending = max_pending, .generator = seed, .now = origin, .end = end};
    self.records = allocate(count * sizeof *self.records);
    self.asleep = allocate(count * sizeof *self.asleep);
    self.asleep_count = count;
    for (uint32_t i = 0; i < count; i++) {
        uint64_t key = draw(&self.generator);
        self.records[i] = (struct record){.head = {distinct ? key % distinct : key, TICK_NEVER}};
        self.asleep[i] = i;
    }
    self.storage = allocate(calendar_storage(max_pending));
    memset(self.storage, 0xA5, calendar_storage(max_pending));
    self.calendar = calendar_reset(self.storage, max_pending, origin, end);
    assert_ptr_equal(self.calendar, self.storage);
    return self;
}

static void world_refer(struct world *self)
{
    self->reference = allocate(sizeof *self->reference);
    *self->reference = (struct reference){.entries = allocate(self->max_pending * sizeof(struct entry))};
}

static void world_keep(struct world *self, size_t max)
{
    self->popped = allocate(max * sizeof *self->popped);
    self->popped_count = 0;
    self->popped_max = max;
}

static void world_free(struct world *self)
{
    free(self->records);
    free(self->asleep);
    free(self->storage);
    free(self->popped);
    if (self->reference) free(self->reference->entries);
    free(self->reference);
}

static size_t world_pending(const struct world *self)
{
    return self->reference ? self->reference->count + self->reference->recent_count
                           : calendar_pending(self->calendar);
}

/* The record is to wake at `tick`; what was pushed for it before is dead. */
static void world_push(struct world *self, tick_t tick, uint32_t index)
{
    self->records[index].head.wake = tick;
    if (!calendar_push(self->calendar, self->records, tick, index))
        fail_msg("full with %zu of %zu pending", calendar_pending(self->calendar), self->max_pending);
    if (self->reference && tick <= self->end)
        reference_push(self->reference, (struct entry){tick, self->records[index].head.key, index});
}

static void world_sleep(struct world *self, uint32_t index)
{
    self->records[index].head.wake = TICK_NEVER;
    self->asleep[self->asleep_count++] = index;
}

/* Takes any record that sleeps: its caller wakes it. */
static uint32_t world_sleeper(struct world *self)
{
    uint32_t place = draw_below(&self->generator, self->asleep_count), index = self->asleep[place];
    self->asleep[place] = self->asleep[--self->asleep_count];
    return index;
}

static bool world_pop(struct world *self, tick_t limit, uint32_t *index)
{
    tick_t tick;
    bool found = calendar_pop(self->calendar, self->records, limit, &tick, index);
    if (self->reference) {
        struct entry want = {0};
        bool wanted = reference_pop(self->reference, self->records, limit, &want);
        if (found != wanted)
            fail_msg("%s entry, after tick %lld", found ? "a surplus" : "no", (long long)self->now);
        if (found && (tick != want.tick || *index != want.index))
            fail_msg("record %u at %lld, not %u at %lld", *index, (long long)tick, want.index,
                     (long long)want.tick);
        assert_true(calendar_pending(self->calendar) <= world_pending(self));
    }
    if (!found) return false;
    assert_true(tick >= self->now && tick <= limit);
    self->now = tick;
    if (self->popped && self->popped_count < self->popped_max)
        self->popped[self->popped_count++] = (struct entry){tick, self->records[*index].head.key, *index};
    return true;
}

/* Ways to draw a delay. */
enum {
    DELAYS_TIED,
    DELAYS_SHORT,
    DELAYS_ALIKE,
    DELAYS_DAYS,
    DELAYS_TWO_SCALES,
    DELAYS_ALL_SCALES,
    DELAYS_LONG,
    DELAYS
};

static tick_t draw_delay(uint64_t *generator, int delays)
{
    uint64_t any = draw(generator);
    switch (delays) {
    case DELAYS_TIED:
        return (tick_t)(any % 3);
    case DELAYS_SHORT:
        return (tick_t)(any % 5000);
    case DELAYS_ALIKE:
        return TICKS_PER_DAY + (tick_t)(any % 64);
    case DELAYS_DAYS:
        return (tick_t)(any % (uint64_t)(30 * TICKS_PER_DAY));
    case DELAYS_TWO_SCALES:
        return (tick_t)(any >> 32) < (tick_t)1 << 31 ? (tick_t)(any % 1000)
                                                     : (tick_t)(any % (uint64_t)(3650 * TICKS_PER_DAY));
    case DELAYS_ALL_SCALES:
        return (tick_t)(any >> (14 + draw_below(generator, 50)));
    default:
        return (tick_t)(any >> 14);
    }
}

static tick_t world_soon(struct world *self)
{
    tick_t delay = draw_delay(&self->generator, self->delays);
    return self->end - self->now < delay ? self->end : self->now + delay;
}

/* Wakes sleepers in bulk until `target` records are awake, or pops without a push until no more are. */
static void world_fit(struct world *self, uint32_t target)
{
    uint32_t index;
    while (self->count - self->asleep_count < target) {
        index = world_sleeper(self);
        world_push(self, world_soon(self), index);
    }
    while (self->count - self->asleep_count > target) {
        assert_true(world_pop(self, TICK_NEVER, &index));
        world_sleep(self, index);
    }
}

/* Pops and pushes that keep the number of records awake about the same. */
static void world_stir(struct world *self, uint32_t steps)
{
    uint32_t index;
    for (uint32_t i = 0; i < steps; i++) {
        uint64_t any = draw(&self->generator);
        tick_t limit = any % 4 == 0 ? world_soon(self) : TICK_NEVER;
        if (any >> 8 & 1 && self->count > self->asleep_count && world_pending(self) < self->max_pending) {
            /* A record changes its mind: the entry that it has dies. */
            index = draw_below(&self->generator, self->count);
            if (self->records[index].head.wake != TICK_NEVER) world_push(self, world_soon(self), index);
        }
        if (!world_pop(self, limit, &index)) continue;
        if ((any >> 16) % 8 == 0) {
            world_sleep(self, index);
            index = world_sleeper(self);
        }
        world_push(self, world_soon(self), index);
    }
}

static void world_drain(struct world *self)
{
    world_fit(self, 0);
    uint32_t index;
    assert_false(world_pop(self, TICK_NEVER, &index));
    assert_int_equal(calendar_pending(self->calendar), 0);
}

/* Catches entries lost, doubled or out of order at any size, delay or origin, and on the way from size to
 * size. */
static void test_agrees_with_a_sorted_array(void **state)
{
    (void)state;
    static const uint32_t sizes[] = {2, 3, 49, 193, 1500, 12000};
    static const tick_t origins[] = {0, -400 * TICKS_PER_DAY, -((tick_t)1 << 50)};
    uint64_t seed = 1;
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
        for (int delays = 0; delays < DELAYS; delays++, seed++) {
            struct world world =
                world_make(sizes[s], 2 * sizes[s], origins[seed % 3], END_FAR, seed % 2 ? 0 : 5, seed);
            world_refer(&world);
            world.delays = delays;
            for (int phase = 0; phase < 8; phase++) {
                uint32_t target = phase == 0 ? sizes[s] : 1 + draw_below(&world.generator, sizes[s]);
                if (phase % 3 == 2) target = target % 8 + 1 < sizes[s] ? target % 8 + 1 : sizes[s];
                world_fit(&world, target);
                world_stir(&world, target + 50);
            }
            world_drain(&world);
            world_free(&world);
        }
    }
}

/* Catches what only large calendars do: deep rungs, full buckets, blocks used again. */
static void test_agrees_with_a_sorted_array_when_large(void **state)
{
    (void)state;
    static const int kinds[] = {DELAYS_DAYS, DELAYS_TWO_SCALES, DELAYS_ALL_SCALES};
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
        struct world world = world_make(200000, 300000, -400 * TICKS_PER_DAY, END_FAR, 0, 1000 + k);
        world_refer(&world);
        world.delays = kinds[k];
        static const uint32_t targets[] = {2, 200000, 150, 60000, 30};
        for (size_t t = 0; t < sizeof targets / sizeof *targets; t++) {
            world_fit(&world, targets[t]);
            world.delays = t % 2 ? DELAYS_SHORT : kinds[k]; /* what is pending is long, what comes is short */
            world_stir(&world, 6000);
            world.delays = kinds[k];
            world_stir(&world, 6000);
        }
        world_drain(&world);
        world_free(&world);
    }
}

/* Catches ties that are left in the order of indices or pushes, in each place where entries may meet. */
static void test_ties_come_out_by_key(void **state)
{
    (void)state;
    static const uint32_t sizes[] = {2, 3, 40, 190, 300, 4096, 4097, 30000};
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
        for (uint32_t ticks = 1; ticks <= 3; ticks++) {
            uint32_t size = sizes[s];
            struct world world = world_make(size, size, 0, TICKS_PER_DAY, 0, size + ticks);
            while (world.asleep_count > 0) {
                uint32_t index = world_sleeper(&world);
                world_push(&world, 1000 + index % ticks * (TICKS_PER_DAY / 4), index);
            }
            uint64_t last = 0;
            tick_t before = 0;
            uint32_t index, by_index = 0, last_index = 0;
            for (uint32_t i = 0; i < size; i++) {
                assert_true(world_pop(&world, TICK_NEVER, &index));
                if (world.now == before) assert_true(world.records[index].head.key > last);
                assert_int_equal((world.now - 1000) / (TICKS_PER_DAY / 4), index % ticks);
                by_index += index > last_index;
                before = world.now;
                last = world.records[index].head.key;
                last_index = index;
            }
            if (size >= 40) assert_in_range(by_index, size / 4, size * 3 / 4); /* or the test tests nothing */
            assert_false(world_pop(&world, TICK_NEVER, &index));
            world_free(&world);
        }
    }
}

/* Catches records of one key that come out in the order of pushes. */
static void test_equal_keys_come_out_by_index(void **state)
{
    (void)state;
    static const uint32_t sizes[] = {2, 40, 300, 5000};
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
        struct world world = world_make(sizes[s], sizes[s], 0, END_FAR, 1, sizes[s]);
        while (world.asleep_count > 0) world_push(&world, 77, world_sleeper(&world));
        for (uint32_t i = 0, index; i < sizes[s]; i++) {
            assert_true(world_pop(&world, TICK_NEVER, &index));
            assert_int_equal(index, i);
        }
        world_free(&world);
    }
}

/* Catches dead entries that come out, hide live ones, or stay pending; alone on their tick and in ties. */
static void test_dead_entries_are_skipped(void **state)
{
    (void)state;
    static const uint32_t sizes[] = {6, 60, 120, 600, 30000};
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
        for (tick_t spread = 1; spread <= 1 << 20; spread <<= 10) {
            uint32_t size = sizes[s], index;
            struct world world = world_make(size, 2 * size, 0, END_FAR, 0, size);
            for (uint32_t i = 0; i < size; i++)
                world_push(&world, 1000 + draw_below(&world.generator, (size_t)spread), i);
            for (uint32_t i = 0; i < size; i++) {
                if (i % 3 == 0) {
                    world.records[i].head.wake = TICK_NEVER;
                } else if (i % 3 == 1) {
                    world.records[i].head.key ^= UINT64_MAX; /* a dead entry's key may change */
                    world_push(&world, 1 << 24, i);
                }
            }
            uint32_t early = 0, late = 0;
            while (world_pop(&world, (1 << 24) - 1, &index)) {
                assert_int_equal(index % 3, 2);
                assert_int_equal(world.records[index].head.wake, world.now);
                world.records[index].head.wake = TICK_NEVER;
                early++;
            }
            assert_int_equal(calendar_pending(world.calendar), size / 3);
            uint64_t last = 0;
            while (world_pop(&world, TICK_NEVER, &index)) {
                assert_int_equal(index % 3, 1);
                assert_true(world.records[index].head.key > last);
                last = world.records[index].head.key;
                world.records[index].head.wake = TICK_NEVER;
                late++;
            }
            assert_int_equal(early, size / 3);
            assert_int_equal(late, size / 3);
            assert_int_equal(calendar_pending(world.calendar), 0);
            world_free(&world);
        }
    }
}

/* Catches an entry that dies after its tick's first entry was popped, but comes out all the same. */
static void test_entries_may_die_within_their_tick(void **state)
{
    (void)state;
    static const uint32_t sizes[] = {10, 150, 1000, 9000};
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
        uint32_t size = sizes[s], index, index_before, popped = 0;
        struct world world = world_make(size, size, -5, END_FAR, 0, size);
        for (uint32_t i = 0; i < size; i++) world_push(&world, -5, i);
        while (world_pop(&world, -5, &index)) {
            assert_int_equal(world.records[index].head.wake, -5);
            assert_false(
                world_pop(&world, -6, &index_before)); /* a limit before the tick holds for its rest */
            world.records[index].head.wake = TICK_NEVER;
            world.records[index ^ 1].head.wake = TICK_NEVER; /* one of each pair kills the other */
            popped++;
        }
        assert_int_equal(popped, size / 2);
        assert_int_equal(calendar_pending(world.calendar), 0);
        world_free(&world);
    }
}

/* Catches entries after the end that take room or come out, and one at the end itself that does not. */
static void test_entries_after_the_end_are_not_kept(void **state)
{
    (void)state;
    const tick_t end = 90 * TICKS_PER_DAY;
    static const uint32_t sizes[] = {3, 100, 500, 20000};
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
        uint32_t size = sizes[s], index;
        struct world world = world_make(3 * size, size, -end, end, 0, size);
        for (uint32_t i = 0; i < size; i++) {
            world_push(&world, end + 1, size + i);
            world_push(&world, end + 1 + draw_delay(&world.generator, DELAYS_LONG), 2 * size + i);
            world_push(&world, i % 2 ? end : end - draw_delay(&world.generator, DELAYS_DAYS), i);
            assert_int_equal(calendar_pending(world.calendar), i + 1);
        }
        for (uint32_t i = 0; i < size; i++) {
            assert_true(world_pop(&world, TICK_NEVER, &index));
            assert_true(index < size);
        }
        assert_int_equal(world.now, end);
        assert_false(world_pop(&world, TICK_NEVER, &index));
        world_free(&world);
    }
}

/* Catches a limit that is overstepped or loses what lies behind it, also when pushes follow before the limit.
 */
static void test_a_limit_leaves_later_entries(void **state)
{
    (void)state;
    static const uint32_t sizes[] = {5, 100, 700, 20000};
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
        uint32_t size = sizes[s], index;
        struct world world = world_make(size, 2 * size, 0, END_FAR, 0, size);
        world_refer(&world);
        world.delays = DELAYS_DAYS;
        world_fit(&world, size);
        for (tick_t limit = 0; limit <= 30 * TICKS_PER_DAY; limit += TICKS_PER_DAY / 3) {
            while (world_pop(&world, limit, &index)) world_sleep(&world, index);
            size_t pending = calendar_pending(world.calendar);
            assert_int_equal(pending, size - world.asleep_count);
            assert_false(world_pop(&world, limit, &index));
            assert_false(world_pop(&world, world.now, &index));
            assert_int_equal(calendar_pending(world.calendar), pending);
            /* Between the last popped tick and the limit there is still room for some. */
            for (int i = 0; i < 3 && world.asleep_count > 0; i++) {
                tick_t room = limit - world.now;
                index = world_sleeper(&world);
                world_push(&world, world.now + (tick_t)(draw(&world.generator) % (uint64_t)(room + 1)),
                           index);
            }
        }
        world_drain(&world);
        world_free(&world);
    }
}

/* Catches pushes at the current tick that come too late, or behind larger keys that wait on that tick. */
static void test_pushes_at_the_current_tick(void **state)
{
    (void)state;
    static const uint32_t sizes[] = {1, 2, 30, 250, 6000};
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
        for (uint32_t waiting = 0; waiting <= sizes[s]; waiting += sizes[s]) {
            uint32_t size = sizes[s], count = 4 * size + waiting, index;
            struct world world = world_make(count, count, -9, END_FAR, 0, size + waiting);
            world_refer(&world);
            for (uint32_t i = 0; i < size; i++) world_push(&world, 123456, world_sleeper(&world));
            for (uint32_t i = 0; i < waiting; i++) /* around the tick, near and far */
                world_push(&world, i % 2 ? 123457 + i % 5 : 200000 + (tick_t)i * 65536,
                           world_sleeper(&world));
            uint32_t popped = 0;
            while (world_pop(&world, 123456, &index)) {
                popped++;
                world.records[index].head.wake = TICK_NEVER;
                /* A chain of single pushes, and now and then a burst. */
                uint32_t pushes = popped % 64 == 0 ? 200 : 1;
                for (; pushes > 0 && world.asleep_count > 0; pushes--)
                    world_push(&world, 123456, world_sleeper(&world));
            }
            assert_int_equal(popped, count - waiting);
            assert_int_equal(world.now, 123456);
            while (world_pop(&world, TICK_NEVER, &index)) popped++;
            assert_int_equal(popped, count);
            world_free(&world);
        }
    }
}

static void check_same_pops(const struct world *a, const struct world *b)
{
    assert_int_equal(a->popped_count, b->popped_count);
    for (size_t i = 0; i < a->popped_count; i++) {
        const struct entry *x = &a->popped[i], *y = &b->popped[i];
        if (x->tick != y->tick || x->key != y->key || x->index != y->index)
            fail_msg("pop %zu: record %u at %lld, and record %u at %lld", i, x->index, (long long)x->tick,
                     y->index, (long long)y->tick);
    }
}

/* Catches pointers into the storage, and state kept outside it. */
static void test_a_byte_copy_continues_like_the_original(void **state)
{
    (void)state;
    static const uint32_t sizes[] = {10, 150, 400, 20000};
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
        for (int delays = 0; delays < DELAYS; delays++) {
            uint32_t size = sizes[s];
            struct world world = world_make(size, 2 * size, -1000, END_FAR, 0, size);
            world.delays = delays;
            world_fit(&world, size);
            world_stir(&world,
                       size / 2 + 7); /* with all kinds of delay this ends in the middle of something */

            struct world copy = world;
            copy.records = allocate(size * sizeof *copy.records);
            memcpy(copy.records, world.records, size * sizeof *copy.records);
            copy.asleep = allocate(size * sizeof *copy.asleep);
            memcpy(copy.asleep, world.asleep, size * sizeof *copy.asleep);
            copy.storage = allocate(calendar_storage(copy.max_pending));
            memcpy(copy.storage, world.storage, calendar_storage(copy.max_pending));
            copy.calendar = copy.storage;
            world_keep(&world, 4 * size);
            world_keep(&copy, 4 * size);

            world_stir(&world, size);
            world_drain(&world);
            memset(world.storage, 0xFF, calendar_storage(world.max_pending));
            world_stir(&copy, size);
            world_drain(&copy);
            check_same_pops(&world, &copy);
            assert_true(world.popped_count >= size);
            world_free(&world);
            world_free(&copy);
        }
    }
}

/* A few records that pop and push from tick 0 on; everything else that is in the calendar is dead by then. */
static void small_story(struct world *world, uint32_t few, uint64_t seed, int delays)
{
    world->generator = seed;
    world->delays = delays;
    world->now = 0;
    for (uint32_t i = 0; i < few; i++) world_push(world, world_soon(world), i);
    uint32_t index;
    for (int i = 0; i < 3000; i++) {
        assert_true(world_pop(world, TICK_NEVER, &index));
        assert_true(index < few);
        world_push(world, world_soon(world), index);
    }
}

/* Catches an order that depends on form or width of the buckets, which only decide how fast an entry is
 * found. */
static void test_the_past_changes_nothing(void **state)
{
    (void)state;
    const uint32_t few = 30, many = 50000;
    const tick_t origin = -40 * TICKS_PER_DAY;
    for (int delays = 0; delays < DELAYS; delays++) {
        struct world small = world_make(few, many, origin, END_FAR, 7, 3);
        world_keep(&small, 3000);
        small_story(&small, few, 9, delays);

        /* Large once, small again when the story begins; or still full of dead entries through all of it. */
        for (int dead = 0; dead <= 1; dead++) {
            struct world large = world_make(few + many, 2 * many, origin, END_FAR, 7, 3);
            memcpy(large.records, small.records, few * sizeof *large.records);
            uint32_t index;
            for (uint32_t i = 0; i < many; i++) {
                tick_t tick = dead ? draw_delay(&large.generator, (int)(i % DELAYS))
                                   : origin + (tick_t)(draw(&large.generator) % (uint64_t)-origin);
                world_push(&large, tick, few + i);
            }
            if (dead) {
                for (uint32_t i = 0; i < many; i++) large.records[few + i].head.wake = TICK_NEVER;
            } else {
                for (uint32_t i = 0; i < many; i++) assert_true(world_pop(&large, -1, &index));
            }
            world_keep(&large, 3000);
            small_story(&large, few, 9, delays);
            check_same_pops(&small, &large);
            world_free(&large);
        }
        world_free(&small);
    }
}

/* Catches a reset that leaves something of the run before, and a sequence that depends on the room there is.
 */
static void test_used_storage_is_as_good_as_new(void **state)
{
    (void)state;
    for (int delays = 0; delays < DELAYS; delays++) {
        struct world fresh = world_make(30, 64, 0, END_FAR, 7, 3);
        world_keep(&fresh, 3000);
        small_story(&fresh, 30, 5, delays);

        struct world used = world_make(5000, 10000, 0, END_FAR, 7, 3);
        used.delays = DELAYS_ALL_SCALES;
        world_fit(&used, 5000);
        world_stir(&used, 1000);
        used.calendar = calendar_reset(used.storage, used.max_pending, 0, END_FAR);
        assert_int_equal(calendar_pending(used.calendar), 0);
        memcpy(used.records, fresh.records, 30 * sizeof *used.records);
        world_keep(&used, 3000);
        small_story(&used, 30, 5, delays);
        check_same_pops(&fresh, &used);
        world_free(&fresh);
        world_free(&used);
    }
}

/* Catches storage that is too small for what it promises, and a refusal that does harm. */
static void test_only_a_full_calendar_refuses(void **state)
{
    (void)state;
    static const uint32_t sizes[] = {1, 2, 191, 192, 193, 5000};
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
        for (int delays = 0; delays < DELAYS; delays++) {
            uint32_t size = sizes[s], index;
            struct world world = world_make(size, size, 0, END_FAR, 0, size);
            world_refer(&world);
            world.delays = delays;
            for (uint32_t i = 0; i < 2000; i++) {
                if (i % 500 == 0) world_fit(&world, size);
                assert_int_equal(calendar_pending(world.calendar), size);
                assert_false(calendar_push(world.calendar, world.records, world_soon(&world), 0));
                assert_true(world_pop(&world, TICK_NEVER, &index));
                world_push(&world, world_soon(&world), index);
            }
            world_drain(&world);
            world_free(&world);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_agrees_with_a_sorted_array),
        cmocka_unit_test(test_agrees_with_a_sorted_array_when_large),
        cmocka_unit_test(test_ties_come_out_by_key),
        cmocka_unit_test(test_equal_keys_come_out_by_index),
        cmocka_unit_test(test_dead_entries_are_skipped),
        cmocka_unit_test(test_entries_may_die_within_their_tick),
        cmocka_unit_test(test_entries_after_the_end_are_not_kept),
        cmocka_unit_test(test_a_limit_leaves_later_entries),
        cmocka_unit_test(test_pushes_at_the_current_tick),
        cmocka_unit_test(test_a_byte_copy_continues_like_the_original),
        cmocka_unit_test(test_the_past_changes_nothing),
        cmocka_unit_test(test_used_storage_is_as_good_as_new),
        cmocka_unit_test(test_only_a_full_calendar_refuses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
