/* What a calendar keeps: ends, limits, copies, room, resets. */
#include "tests/sim/calendar_world.h"

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
        cmocka_unit_test(test_end),
        cmocka_unit_test(test_no_end),
        cmocka_unit_test(test_limit),
        cmocka_unit_test(test_crowding_behind_dead_buckets),
        cmocka_unit_test(test_copy_continues),
        cmocka_unit_test(test_same_order_in_every_form),
        cmocka_unit_test(test_full),
        cmocka_unit_test(test_push_into_the_past),
        cmocka_unit_test(test_duplicates),
        cmocka_unit_test(test_reset_is_cheap_and_complete),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
