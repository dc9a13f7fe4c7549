/* Levers of the corridor set to the values they have: every dataset stays the same to the bit. And what no
 * single lever shows: how often one person is stopped, and who waits where. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/helpers/run_model.h"

#include <math.h>
#include <unistd.h>

#define SCALE   0.02
#define HISTORY "scenarios/history.yaml"

static const struct engine engines[] = {{ENGINE_AGENTS, 1}, {ENGINE_FLOWS, 1}};

static const struct {
    int row;
    const char *path;
} levers[] = {{1, "schedules.stops.at_south"},         {2, "schedules.enforcement.level"},
              {3, "schedules.stops.return_on_road"},   {3, "stations.returned.duration.mean_days"},
              {4, "schedules.stops.transfer_on_road"}, {4, "capacities.buses.per_day"},
              {5, "schedules.stops.let_go"},           {6, "stations.south_detention.room"},
              {7, "accounts.inm.monthly_release_mxn"}, {7, "accounts.inm.reserve_mxn"},
              {8, "accounts.inm.arrears_limit_mxn"},   {17, "ballots.cbp_one.oldest_share"},
              {17, "schedules.slots.tijuana"},         {18, "stations.app_mexico_city.inside_fence"},
              {20, "schedules.app.patience_days"},     {21, "schedules.line.rest_days"},
              {22, "places.tijuana.shelter_places"},   {24, "schedules.line.detection"},
              {25, "stations.tucson_desk.per_day"},    {26, "schedules.us.removal_places"},
              {27, "schedules.us.title_42.share"},     {41, "stations.darien_source.level"},
              {42, "schedules.season.spring"},         {44, "schedules.level.mexico"}};

static void open_run(struct run_model *run, struct engine engine, const char *file)
{
    if (!run_model_open_engine(run, engine, file, NULL, 0, SCALE)) fail_msg("%s does not compile", file);
}

static void go(struct run_model *run, bool fixed)
{
    assert_true(run_model_go(run, 9, 1, SCALE, fixed));
}

static bool same(const struct run_model *a, const struct run_model *b)
{
    assert_int_equal(a->replication.output_size, b->replication.output_size);
    return memcmp(a->replication.output, b->replication.output, a->replication.output_size) == 0;
}

/* The value that a slot has in the end, and the first day from which it has it. */
static double last_value(const struct network *n, const char *path, int32_t *day)
{
    size_t slot = 0;
    while (slot < n->slot_count && strcmp(n->slot[slot].path, path) != 0) slot++;
    if (slot == n->slot_count) fail_msg("no value has the path %s", path);
    double value = n->slot[slot].value;
    *day = 31;
    for (size_t i = 0; i < n->change_count; i++) {
        if (n->change[i].slot != slot) continue;
        value = n->change[i].value;
        if (n->change[i].day >= *day) *day = n->change[i].day + 1;
    }
    return value;
}

/* Would catch a policy that redraws, reorders or reschedules anything although it changes nothing. */
static void test_levers_at_their_values(void **state)
{
    (void)state;
    for (size_t e = 0; e < 2; e++) {
        struct run_model base, twin;
        open_run(&base, engines[e], HISTORY);
        go(&base, true);
        for (size_t l = 0; l < sizeof levers / sizeof *levers; l++) {
            const char *path = levers[l].path;
            int32_t day;
            double value = last_value(base.model.network, path, &day);
            char file[64] = "/tmp/corridor-same-XXXXXX.yaml", date[11];
            int descriptor = mkstemps(file, 5);
            assert_true(descriptor >= 0);
            date_format(base.model.network->from + day, date);
            dprintf(descriptor,
                    "extends: history.yaml\ntitle: t\npolicies: [{name: same, on: %s, why: t, set: {%s: "
                    "%.17g}}]\n",
                    date, strncmp(path, "schedules.", 10) == 0 ? path + 10 : path, value);
            close(descriptor);
            open_run(&twin, engines[e], file);
            unlink(file);
            go(&twin, true);
            if (!same(&base, &twin))
                fail_msg("row %d, %s: %s set to %g changes something", levers[l].row,
                         engine_names[engines[e].kind], path, value);
            run_model_close(&twin);
        }
        run_model_close(&base);
    }
}

/* Adds to the network's changes one for each slot, on `day`, to what is in force then. */
static void repeat_all(struct network *n, int32_t day)
{
    struct change *all = network_allocate(n, n->change_count + n->slot_count, sizeof *all);
    size_t before = 0;
    assert_non_null(all);
    while (before < n->change_count && n->change[before].day <= day) before++;
    memcpy(all, n->change, before * sizeof *all);
    for (uint32_t s = 0; s < n->slot_count; s++) {
        const struct slot *slot = &n->slot[s];
        struct change *same = &all[before + s];
        *same = (struct change){day, s, slot->value, slot->low, slot->high, slot->shape, slot->range_key};
        for (size_t i = 0; i < before; i++)
            if (n->change[i].slot == s) *same = n->change[i];
        same->day = day;
    }
    memcpy(all + before + n->slot_count, n->change + before, (n->change_count - before) * sizeof *all);
    n->change = all;
    n->change_count += n->slot_count;
}

/* Every value of the network is set to what it is, in the engine itself (a policy that changes nothing does
 * not get there), with parameters drawn. Would catch a kind of station that reacts to a change of nothing:
 * patience or hazards rescaled by rounding, tables made anew from other luck. */
static void test_all_values_at_once(void **state)
{
    (void)state;
    static const struct engine all[] = {
        {ENGINE_AGENTS, 1}, {ENGINE_FLOWS, 1}, {ENGINE_FLOWS, 4}, {ENGINE_MEAN, 1}};
    for (size_t e = 0; e < sizeof all / sizeof *all; e++) {
        struct run_model base, twin;
        open_run(&base, all[e], HISTORY);
        open_run(&twin, all[e], HISTORY);
        repeat_all(twin.model.network, 200);
        struct error error = {0};
        assert_true(network_verify(twin.model.network, &error));
        go(&base, false);
        go(&twin, false);
        if (!same(&base, &twin)) fail_msg("%s: something changed", engine_names[all[e].kind]);
        run_model_close(&base);
        run_model_close(&twin);
    }
}

static double stopped_often(const struct run_model *run)
{
    const struct results_layout *layout = recording_layout(run->recording);
    const struct results_dataset *dataset = run_model_dataset(run, "per_person", "people");
    size_t event = run_model_index(run, "event_kind", "stops");
    size_t times = layout->axes[dataset->axis[1]].length, classes = layout->axes[dataset->axis[2]].length;
    double all = 0, often = 0;
    for (size_t t = 1; t < times; t++)
        for (size_t c = 0; c < classes; c++) {
            double people = run_model_at(run, dataset, event, t, c);
            all += people;
            if (t >= 3) often += people;
        }
    assert_true(all > 0);
    return often / all;
}

/* Rows 3 and 4: people who are bused south are stopped again and again. Would catch people who forget their
 * stops, or buses that lead nowhere. */
static void test_stops_per_person(void **state)
{
    (void)state;
    static const char *const no_buses[] = {"capacities.buses.per_day=0"};
    struct run_model with, without;
    open_run(&with, engines[0], HISTORY);
    assert_true(run_model_open(&without, HISTORY, no_buses, 1, SCALE));
    go(&with, true);
    go(&without, true);
    double often = stopped_often(&with), often_without = stopped_often(&without);
    if (getenv("CORRIDOR_SHOW_CHECKS"))
        printf("three stops or more: %.4f of those stopped, %.4f without buses\n", often, often_without);
    assert_true(often > 1.2 * often_without && often < 0.6);
    run_model_close(&with);
    run_model_close(&without);
}

/* Rows 19 and 21: the list lives on every place inside the fence, not only at the line. Would catch a
 * register that one place alone keeps. */
static void test_who_waits_where(void **state)
{
    (void)state;
    struct run_model run;
    for (size_t e = 0; e < 2; e++) {
        open_run(&run, engines[e], HISTORY);
        go(&run, true);
        const struct network *n = run.model.network;
        const struct results_dataset *waiting = run_model_dataset(&run, "waits", "still_waiting");
        double total = 0, city = 0;
        int places = 0; /* of nine; a small one may be empty at this scale */
        for (size_t s = 0; s < n->station_count; s++) {
            if (n->station[s].kind != KIND_BALLOT) continue;
            if (!(run.replication.value[n->station[s].ballot.inside_fence.slot] > 0)) continue;
            double people =
                run_model_at(&run, waiting, 11, run_model_index(&run, "station", n->station[s].name), 0);
            places += people > 0;
            total += people;
            if (strcmp(n->station[s].name, "app_mexico_city") == 0) city = people;
        }
        assert_true(places >= 6);
        if (getenv("CORRIDOR_SHOW_CHECKS"))
            printf("%s: %g wait at the end of 2023, %g of them in Mexico City\n",
                   engine_names[engines[e].kind], total, city);
        /* Little's law with 1,450 slots a day: a wait of 3 to 30 weeks. */
        assert_true(total > 1450 * 21 && total < 1450 * 210);
        assert_true(city > 0.15 * total && city < 0.95 * total);
        run_model_close(&run);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_levers_at_their_values), cmocka_unit_test(test_all_values_at_once),
        cmocka_unit_test(test_stops_per_person), cmocka_unit_test(test_who_waits_where)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
