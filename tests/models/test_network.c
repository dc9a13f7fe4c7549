/* The network's memory, and what network_verify refuses. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sim/network.h"

#include <string.h>

/* Catches memory that is not zeroed, not aligned, or shared by two requests. */
static void memory_is_zeroed_and_apart(void **state)
{
    (void)state;
    struct network *network = network_new();
    assert_non_null(network);
    unsigned char *last = NULL;
    for (size_t size = 1; size < 300000; size = size * 3 + 1) {
        unsigned char *memory = network_allocate(network, size, 1);
        assert_non_null(memory);
        assert_int_equal((uintptr_t)memory % 16, 0);
        for (size_t i = 0; i < size; i++) assert_int_equal(memory[i], 0);
        memset(memory, 0xAB, size);
        if (last) assert_int_equal(*last, 0xAB);
        last = memory;
    }
    network_free(network);
    network_free(NULL);
}

/* Catches a product of count and size that wraps round to a small number. */
static void refuses_an_overflow(void **state)
{
    (void)state;
    struct network *network = network_new();
    assert_null(network_allocate(network, SIZE_MAX / 2, 4));
    assert_string_equal(network_text(network, "kept"), "kept");
    network_free(network);
}

/* ---- a small network made by hand: source -> delay -> sink ---- */

enum { SOURCE, DELAY, SINK, STATIONS };

struct small {
    struct network network;
    struct dimension dimension;
    const char *label[1];
    struct customer_class class;
    struct place place;
    struct station station[STATIONS];
    struct route route[3];
    struct slot slot[3];
    struct change change[2];
    int32_t bin_edge[3];
    double wait_edge[2];
};

static const struct value absent = {.slot = NETWORK_NONE};

static void make(struct small *s)
{
    memset(s, 0, sizeof *s);
    s->label[0] = "all";
    s->dimension = (struct dimension){"class", 1, s->label};
    s->class = (struct customer_class){.name = "all"};
    s->place = (struct place){.name = "here",
                              .shelter_places = absent,
                              .harm_per_day_sheltered = absent,
                              .harm_per_day_unsheltered = absent};
    s->slot[0] = (struct slot){"stations.in.per_day", 5, 4, 6, SLOT_TRIANGULAR, 1};
    s->slot[1] = (struct slot){"stations.way.duration.mean_days", 2, 2, 2, SLOT_TRIANGULAR, 2};
    s->slot[2] = (struct slot){"stations.way.room", 9, 9, 9, SLOT_TRIANGULAR, 3};
    s->change[0] = (struct change){.day = 3, .slot = 0, .value = 1, .low = 1, .high = 1};
    s->change[1] = (struct change){.day = 7, .slot = 1, .value = 1, .low = 1, .high = 1};
    s->bin_edge[1] = 5;
    s->bin_edge[2] = 10;
    s->wait_edge[1] = 1;
    s->station[SOURCE] = (struct station){.name = "in", .kind = KIND_SOURCE};
    struct source *source = &s->station[SOURCE].source;
    *source =
        (struct source){.level = absent, .season = absent, .dispersion = absent, .cohesion_days = absent};
    for (int d = 0; d < NETWORK_MAX_DIMENSIONS; d++) source->mix[d] = NETWORK_NONE;
    s->station[DELAY] = (struct station){.name = "way", .kind = KIND_DELAY};
    s->station[DELAY].sojourn = (struct sojourn){
        .duration.mean_days = {.slot = 1}, .capacity = NETWORK_NONE, .route = 1, .full = NETWORK_NONE};
    s->station[SINK] = (struct station){.name = "out", .kind = KIND_SINK};
    s->route[0] = (struct route){.name = "in:next", .from = SOURCE, .to = DELAY};
    s->route[1] = (struct route){.name = "way:next", .from = DELAY, .to = SINK};
    s->route[2] = (struct route){.name = "way:full", .from = DELAY, .to = DELAY};
    s->network = (struct network){.days = 10,
                                  .bin_count = 2,
                                  .bin_edge = s->bin_edge,
                                  .wait_edge_count = 2,
                                  .wait_edge = s->wait_edge,
                                  .dimension_count = 1,
                                  .dimension = &s->dimension,
                                  .class_count = 1,
                                  .class = &s->class,
                                  .place_count = 1,
                                  .place = &s->place,
                                  .station_count = STATIONS,
                                  .station = s->station,
                                  .route_count = 3,
                                  .route = s->route,
                                  .slot_count = 3,
                                  .slot = s->slot,
                                  .change_count = 2,
                                  .change = s->change};
}

static void assert_refused(struct small *s, const char *word)
{
    struct error error = {0};
    assert_false(network_verify(&s->network, &error));
    if (!strstr(error.message, word)) fail_msg("'%s' does not say '%s'", error.message, word);
    make(s);
    assert_true(network_verify(&s->network, &error));
}

/* Catches a check that is missing: each wrong network must be refused, with the place in the message. */
static void refuses_what_the_engine_cannot_run(void **state)
{
    (void)state;
    struct small s;
    struct error error;
    make(&s);
    if (!network_verify(&s.network, &error)) fail_msg("%s", error.message);
    s.route[0].to = STATIONS;
    assert_refused(&s, "in:next");
    s.route[1].to = SOURCE;
    assert_refused(&s, "source");
    s.station[DELAY].sojourn.route = 0;
    assert_refused(&s, "another station");
    s.station[DELAY].sojourn.duration.mean_days.slot = 3;
    assert_refused(&s, "way: duration");
    s.station[DELAY].place = 1;
    assert_refused(&s, "place");
    s.station[SOURCE].source.per_day.slot = NETWORK_NONE;
    assert_refused(&s, "per_day");
    s.slot[0].low = 5.5;
    assert_refused(&s, "stations.in.per_day");
    s.change[1].day = 2;
    assert_refused(&s, "ascend");
    s.change[1].day = 10;
    assert_refused(&s, "horizon");
    s.bin_edge[1] = 0;
    assert_refused(&s, "bin");
    s.bin_edge[2] = 9;
    assert_refused(&s, "bins");
    s.wait_edge[1] = 0;
    assert_refused(&s, "waits");
    s.network.class_count = 2;
    assert_refused(&s, "classes");
}

/* Catches a way round without time that only those take who find a station full. */
static void finds_cycles_of_full_stations(void **state)
{
    (void)state;
    struct small s;
    struct capacity capacity = {.name = "room", .amount.slot = 2};
    make(&s);
    s.network.capacity_count = 1;
    s.network.capacity = &capacity;
    s.station[DELAY].sojourn.capacity = 0;
    s.station[DELAY].sojourn.full = 2;
    struct error error;
    assert_false(network_verify(&s.network, &error));
    assert_non_null(strstr(error.message, "way"));
    s.route[2].to = SINK;
    assert_true(network_verify(&s.network, &error));
}

/* Catches a search that stops at the first cycle, or finds one where a delay lies between. */
static void lists_each_cycle_once(void **state)
{
    (void)state;
    struct station station[5] = {{.kind = KIND_CHOICE},
                                 {.kind = KIND_CHOICE},
                                 {.kind = KIND_GATE},
                                 {.kind = KIND_CHOICE},
                                 {.kind = KIND_DELAY}};
    station[4].sojourn.full = NETWORK_NONE;
    struct route route[] = {{.from = 0, .to = 1}, {.from = 1, .to = 0}, {.from = 2, .to = 2},
                            {.from = 3, .to = 4}, {.from = 4, .to = 3}, {.from = 1, .to = 3}};
    struct network network = {.station_count = 5, .station = station, .route_count = 6, .route = route};
    uint8_t seen[5] = {0};
    uint32_t cycle[5];
    assert_int_equal(network_instant_cycle(&network, seen, cycle), 2);
    assert_int_equal(cycle[0] + cycle[1], 1);
    assert_int_equal(network_instant_cycle(&network, seen, cycle), 1);
    assert_int_equal(cycle[0], 2);
    assert_int_equal(network_instant_cycle(&network, seen, cycle), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory_is_zeroed_and_apart),
        cmocka_unit_test(refuses_an_overflow),
        cmocka_unit_test(refuses_what_the_engine_cannot_run),
        cmocka_unit_test(finds_cycles_of_full_stations),
        cmocka_unit_test(lists_each_cycle_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
