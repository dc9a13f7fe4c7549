/* What must never be lost in the corridor: people, money, limits. Replications of `history` at a fiftieth of
 * the people, with values drawn from their ranges: agents and cohorts to the unit, expectations to 1e-9. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/helpers/run_model.h"

#include <math.h>

#define SCALE 0.02

static struct engine agents = {ENGINE_AGENTS, 1}, flows = {ENGINE_FLOWS, 1}, finer = {ENGINE_FLOWS, 4},
                     mean = {ENGINE_MEAN, 1};

static const struct results_dataset *need(const struct run_model *run, const char *group, const char *name)
{
    const struct results_dataset *dataset = run_model_dataset(run, group, name);
    assert_non_null(dataset);
    return dataset;
}

static void run_history(struct run_model *run, void **engine, const char *set, uint32_t number)
{
    const char *const sets[] = {set};
    assert_true(run_model_open_engine(run, *(struct engine *)*engine, "scenarios/history.yaml", sets,
                                      set != NULL, SCALE));
    assert_true(run_model_go(run, 99, number, SCALE, false));
}

/* What rounding may do to a number of this size: nothing where people are counted. */
static double rounding(const struct run_model *run, double size)
{
    return run->replication.engine.kind == ENGINE_MEAN ? 1e-9 * (1 + size) : 0;
}

/* People of a class who came from sources, went to sinks, and are present at the end of a bin. */
struct census {
    double in, out, present;
};
static struct census count_people(const struct run_model *run, size_t bin, size_t class)
{
    const struct network *n = run->model.network;
    const struct results_dataset *moves = need(run, "flows", "moves"),
                                 *people = need(run, "stocks", "people_end");
    struct census census = {0};
    for (size_t r = 0; r < n->route_count; r++) {
        double moved = run_model_at(run, moves, bin, r, class);
        if (n->station[n->route[r].from].kind == KIND_SOURCE) census.in += moved;
        if (n->station[n->route[r].to].kind == KIND_SINK) census.out += moved;
    }
    for (size_t p = 0; p < n->place_count; p++) census.present += run_model_at(run, people, bin, p, class);
    return census;
}

/* Would catch anyone who vanishes or appears between two bins, in any class. */
static void test_people(void **state)
{
    for (uint32_t number = 0; number < 4; number += 2) {
        struct run_model run;
        run_history(&run, state, NULL, number);
        const struct network *n = run.model.network;
        double most = 0;
        for (size_t c = 0; c < n->class_count; c++) {
            double before = count_people(&run, 0, c).present;
            for (size_t b = 1; b < n->bin_count; b++) {
                struct census now = count_people(&run, b, c);
                if (fabs(now.present - (before + now.in - now.out)) > rounding(&run, before + now.in))
                    fail_msg("%s in bin %zu: %.12g + %.12g - %.12g is not %.12g", n->class[c].name, b, before,
                             now.in, now.out, now.present);
                before = now.present;
                most = fmax(most, before);
            }
        }
        assert_true(most > 0);
        run_model_close(&run);
    }
}

/* Would catch people who are lost on the way through a station that keeps nobody: all who come to a gate or a
 * choice go on, within the bin or, with cohorts, in the next step. */
static void test_stations_without_time(void **state)
{
    struct run_model run;
    run_history(&run, state, NULL, 1);
    const struct network *n = run.model.network;
    const struct results_dataset *moves = need(&run, "flows", "moves");
    size_t looked_at = 0;
    for (size_t s = 0; s < n->station_count; s++) {
        if (n->station[s].kind != KIND_GATE && n->station[s].kind != KIND_CHOICE) continue;
        double in = 0, out = 0;
        for (size_t r = 0; r < n->route_count; r++)
            for (size_t b = 0; b < n->bin_count && (n->route[r].to == s || n->route[r].from == s); b++)
                for (size_t c = 0; c < n->class_count; c++)
                    *(n->route[r].to == s ? &in : &out) += run_model_at(&run, moves, b, r, c);
        /* Whoever came late in the last step before the start or before the end is counted once. */
        double late = run.replication.engine.kind == ENGINE_AGENTS ? 0 : 0.01 * in;
        if (fabs(in - out) > late + rounding(&run, in))
            fail_msg("%s: %.12g came, %.12g went", n->station[s].name, in, out);
        looked_at += in > 0;
    }
    assert_true(looked_at > 20);
    run_model_close(&run);
}

static double hundredths(double amount)
{
    return round(amount * 100 * SCALE);
}

/* Would catch a payment without a record, or a cent lost in rounding. */
static void test_money(void **state)
{
    struct run_model run;
    run_history(&run, state, NULL, 1);
    const struct network *n = run.model.network;
    const struct results_dataset *balance = need(&run, "balances", "balance"),
                                 *released = need(&run, "balances", "released");
    const struct results_dataset *spent = need(&run, "spending", "spent");
    double before = 0, total = 0;
    for (size_t b = 0; b < n->bin_count; b++) {
        double after = hundredths(run_model_at(&run, balance, b, 0, 0)), costs = 0;
        for (size_t i = 0; i < n->account[0].item_count; i++)
            costs += hundredths(run_model_at(&run, spent, b, i, 0));
        double money_in = hundredths(run_model_at(&run, released, b, 0, 0));
        assert_true(after == before + money_in - costs);
        before = after;
        total += costs;
    }
    assert_true(total > 0);
    run_model_close(&run);
}

/* Would catch an admission beyond a hard limit on any day: sums over months would hide one. */
static void test_limits(void **state)
{
    struct run_model run;
    run_history(&run, state, "record={bins: day, flows: false, stocks: false, waits: false}", 1);
    const struct network *n = run.model.network;
    const struct results_dataset *limit = need(&run, "levels", "limit"), *used = need(&run, "levels", "used");
    double most = 0, full = 0;
    assert_int_equal(n->bin_count, n->days);
    for (size_t b = 0; b < n->bin_count; b++)
        for (size_t i = 0; i < n->capacity_count; i++) {
            double share = run_model_at(&run, used, b, i, 0), all = run_model_at(&run, limit, b, i, 0);
            if (share > all + rounding(&run, all))
                fail_msg("%s on day %zu: %.12g of %.12g", n->capacity[i].name, b, share, all);
            most = fmax(most, share);
            full += all > 0 && share >= all - rounding(&run, all);
        }
    assert_true(most > 0 && full > 100);
    run_model_close(&run);
}

/* Would catch overflow that goes unreported: shelters hold at most their places, everyone else is counted
 * outside. */
static void test_overflow(void **state)
{
    struct run_model run;
    run_history(&run, state, "places.tijuana.shelter_places={value: 0, range: [0, 0.001], status: assumed}",
                0);
    assert_true(run_model_sum(&run, "harm", "unsheltered", "place", "tijuana") > 0);
    run_model_close(&run);
}

#define WITH(engine)                                                                                         \
    cmocka_unit_test_prestate(test_people, &engine),                                                         \
        cmocka_unit_test_prestate(test_stations_without_time, &engine),                                      \
        cmocka_unit_test_prestate(test_money, &engine), cmocka_unit_test_prestate(test_limits, &engine),     \
        cmocka_unit_test_prestate(test_overflow, &engine)

int main(void)
{
    const struct CMUnitTest tests[] = {WITH(agents), WITH(flows), WITH(finer), WITH(mean)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
