/* One study of a tenth of the people, places, seats and money, and one of all: what is said of all is the
 * same. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/helpers/alone.h"

/* Everyone is stopped, as far as there is staff; the first 300 are paid for, then the money is spent. Nobody
 * is drawn for anything. */
#define TOWN                                                                                                 \
    ALONE_DAYS("2023-01-12")                                                                                 \
    "measures: {stopped: {}, helped: {}}\nplaces: {town: {shelter_places: 200}}\n"                           \
    "accounts: {purse: {currency: MXN, opening_mxn: 3000, grants: [{name: late, on: 2023-01-05, "            \
    "amount_mxn: 500}], unit_cost_mxn: {help: "                                                              \
    "10}}}\nstations:\n" ALONE_BATCH(                                                                        \
        "in", "2023-01-01", "1000",                                                                          \
        "gate") "  gate: {kind: gate, counts_as: [stopped], stop_probability: 1, capacity_per_day: 800, "    \
                "pays: purse, outcomes: [{help: {item: help, counts_as: [helped], to: desk}}, {rest: {to: "  \
                "bed}}], to: bed}\n"                                                                         \
                "  desk: {kind: queue, servers: 50, service: {distribution: constant, mean_days: 1}, to: "   \
                "bed}\n  bed: {kind: stay, at: town, duration: {distribution: constant, mean_days: 4}, to: " \
                "ride}\n  ride: {kind: departures, seats: 150, to: out}\n  out: {kind: sink}\n"

/* The sum of a dataset over all days and all else. */
static double sum_of(const struct alone *run, const struct results_dataset *dataset)
{
    const struct results_layout *layout = recording_layout(run->run.recording);
    const size_t seconds = layout->axes[dataset->axis[1]].length,
                 thirds = dataset->axis_count == 3 ? layout->axes[dataset->axis[2]].length : 1;
    double sum = 0;
    for (size_t day = 0; day < run->run.model.network->bin_count; day++)
        for (size_t s = 0; s < seconds; s++)
            for (size_t t = 0; t < thirds; t++) {
                double number = run_model_at(&run->run, dataset, day, s, t);
                if (!isnan(number)) sum += number;
            }
    return sum;
}

/* Would catch a number that is not scaled back, or is so twice: people, waits, servers, seats, items, money.
 */
static void test_all_is_scaled_back(void **state)
{
    (void)state;
    ALONE_FOR_ENGINES(e, 3)
    {
        struct alone all, tenth;
        alone_run_scaled(&all, (struct engine){*e, 1}, TOWN, 1, 17);
        alone_run_scaled(&tenth, (struct engine){*e, 1}, TOWN, 0.1, 17);
        const struct results_layout *layout = recording_layout(all.run.recording);
        for (size_t d = 0; d < layout->dataset_count; d++) {
            const struct results_dataset *dataset = &layout->datasets[d];
            if (strcmp(dataset->group, "per_person") == 0) continue;
            double expected = sum_of(&all, dataset);
            char what[96];
            snprintf(what, sizeof what, "%s/%s of a tenth", dataset->group, dataset->name);
            alone_expect(&tenth, what, sum_of(&tenth, &recording_layout(tenth.run.recording)->datasets[d]),
                         expected, 1e-6 * (1 + fabs(expected)));
            if (strcmp(dataset->name, "harmed") != 0 && strcmp(dataset->name, "suspended") != 0 &&
                strcmp(dataset->group, "events") != 0)
                alone_expect(&all, what, expected > 0, true, 0);
        }
        alone_end(&tenth);
        alone_end(&all);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_all_is_scaled_back)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
