/* The order in which a calendar wakes its records. */
#include "tests/sim/calendar_world.h"

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
        cmocka_unit_test(test_clusters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
