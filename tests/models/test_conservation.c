/* What must never be lost in the corridor: people, money, limits. One replication of `history` at a fiftieth
 * of the people, at two seeds with values drawn from their ranges. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/helpers/run_model.h"

#include <math.h>

#define SCALE 0.02

static const struct results_dataset *need(const struct run_model *run, const char *group, const char *name)
{
    const struct results_dataset *dataset = run_model_dataset(run, group, name);
    assert_non_null(dataset);
    return dataset;
}

static void open_history(struct run_model *run, uint32_t number)
{
    assert_true(run_model_open(run, "scenarios/history.yaml", NULL, 0, SCALE));
    assert_true(run_model_go(run, 99, number, SCALE, false));
}

/* Would catch anyone who vanishes or appears between two bins, in any class. */
static void test_people(void **state)
{
    (void)state;
    for (uint32_t number = 0; number < 4; number += 2) {
        struct run_model run;
        open_history(&run, number);
        const struct network *n = run.model.network;
        const struct results_dataset *moves = need(&run, "flows", "moves"),
                                     *people = need(&run, "stocks", "people_end");
        for (size_t c = 0; c < n->class_count; c++) {
            double before = -1;
            for (size_t b = 0; b < n->bin_count; b++) {
                double in = 0, out = 0, present = 0;
                for (size_t r = 0; r < n->route_count; r++) {
                    if (n->station[n->route[r].from].kind == KIND_SOURCE)
                        in += run_model_at(&run, moves, b, r, c);
                    if (n->station[n->route[r].to].kind == KIND_SINK)
                        out += run_model_at(&run, moves, b, r, c);
                }
                for (size_t p = 0; p < n->place_count; p++) present += run_model_at(&run, people, b, p, c);
                if (before >= 0) assert_true(present == before + in - out);
                before = present;
            }
        }
        run_model_close(&run);
    }
}

static double hundredths(double amount)
{
    return round(amount * 100 * SCALE);
}

/* Would catch a payment without a record, or a cent lost in rounding. */
static void test_money(void **state)
{
    (void)state;
    struct run_model run;
    open_history(&run, 1);
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

/* Would catch an admission beyond a hard limit. */
static void test_limits(void **state)
{
    (void)state;
    struct run_model run;
    open_history(&run, 1);
    const struct network *n = run.model.network;
    const struct results_dataset *limit = need(&run, "levels", "limit"), *used = need(&run, "levels", "used");
    double most = 0;
    for (size_t b = 0; b < n->bin_count; b++)
        for (size_t i = 0; i < n->capacity_count; i++) {
            double share = run_model_at(&run, used, b, i, 0);
            assert_true(share <= run_model_at(&run, limit, b, i, 0));
            if (share > most) most = share;
        }
    assert_true(most > 0);
    run_model_close(&run);
}

/* Would catch overflow that goes unreported: shelters hold at most their places, everyone else is counted
 * outside. */
static void test_overflow(void **state)
{
    (void)state;
    static const char *const sets[] = {
        "places.tijuana.shelter_places={value: 0, range: [0, 0.001], status: assumed}"};
    struct run_model run;
    assert_true(run_model_open(&run, "scenarios/history.yaml", sets, 1, SCALE));
    assert_true(run_model_go(&run, 99, 0, SCALE, true));
    assert_true(run_model_sum(&run, "harm", "unsheltered", "place", "tijuana") > 0);
    run_model_close(&run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_people), cmocka_unit_test(test_money),
                                       cmocka_unit_test(test_limits), cmocka_unit_test(test_overflow)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
