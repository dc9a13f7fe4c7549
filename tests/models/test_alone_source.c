/* Sources alone: how many come, who, and when; the same for agents and cohorts. All answers by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/helpers/alone.h"

#define MEASURES "measures: {came: {}}\n"
#define CAME     "  came: {kind: sink, counts_as: [came]}\n"
#define CLASSES  "classes: {nation: [x, y, z], family: [one, two]}\n"

static double came(const struct alone *run, const char *class, size_t day)
{
    return alone_of_class(run, "events", "events", "event_kind", "came", class, day);
}

/* 300 a day by level 0.5 and a season of 2 in February; shares of nations 1, 3 and 0, of families 0.25 and
 * 0.75. Would catch a factor that is left out, shares that are not normalised or not multiplied, and people
 * of share 0. */
static void test_level_season_and_mix(void **state)
{
    (void)state;
    ALONE_FOR_ENGINES(e, 3)
    {
        struct alone run;
        alone_run(&run, *e,
                  ALONE_DAYS("2023-02-28") MEASURES CLASSES
                  "schedules: {s: {season: [1, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1]}}\n"
                  "stations:\n  in: {kind: source, per_day: 300, level: 0.5, season: s, mix: {nation: {x: 1, "
                  "y: 3}, "
                  "family: {one: 0.25, two: 0.75}}, to: came}\n" CAME);
        double january = 0, february = 0, x_one = 0, y_two = 0, z = 0;
        for (size_t day = 0; day < 59; day++) {
            *(day < 31 ? &january : &february) += came(&run, NULL, day);
            x_one += came(&run, "x/one", day);
            y_two += came(&run, "y/two", day);
            z += came(&run, "z/one", day) + came(&run, "z/two", day);
        }
        double chance = *e == ENGINE_MEAN ? 1e-9 : 5, all = 150 * 31 + 300 * 28;
        alone_expect(&run, "January", january, 150 * 31, chance * sqrt(150 * 31));
        alone_expect(&run, "February", february, 300 * 28, chance * sqrt(300 * 28));
        alone_expect(&run, "x/one", x_one, all / 16, chance * sqrt(all / 16));
        alone_expect(&run, "y/two", y_two, all * 9 / 16, chance * sqrt(all * 9 / 16));
        alone_expect(&run, "z", z, 0, 0);
        alone_end(&run);
    }
}

/* 2,000 days of 100 a day: a variance of 100; with a dispersion of 0.25 one of 100 + 0.25 x 100 x 100. Would
 * catch arrivals that are not Poisson, and a dispersion that is a standard deviation or one for the whole
 * run. */
static void test_variance(void **state)
{
    (void)state;
    static const double dispersions[] = {0, 0.25};
    for (size_t d = 0; d < 2; d++) ALONE_FOR_ENGINES(e, 2)
        {
            struct alone run;
            char text[1024];
            snprintf(text, sizeof text,
                     ALONE_DAYS("2028-06-22") MEASURES
                     "stations:\n  in: {kind: source, per_day: 100, dispersion: %g, to: came}\n" CAME,
                     dispersions[d]);
            alone_run(&run, *e, text);
            const size_t days = 2000;
            double sum = 0, squares = 0, variance = 100 + dispersions[d] * 1e4;
            for (size_t day = 0; day < days; day++) {
                double count = came(&run, NULL, day);
                sum += count;
                squares += count * count;
            }
            double mean = sum / (double)days;
            alone_expect(&run, "mean", mean, 100, 5 * sqrt(variance / (double)days));
            /* A gamma factor with variance 1/4 has an excess kurtosis of 1.5. */
            alone_expect(&run, "variance", squares / (double)days - mean * mean, variance,
                         5 * variance * sqrt(3.5 / (double)days));
            alone_end(&run);
        }
}

/* Agents and cohorts, and cohorts in steps of six hours, have the same people on the same days: daily counts,
 * a batch, and intervals. Would catch an engine with arrivals of its own. */
static void test_engines_share_arrivals(void **state)
{
    (void)state;
    static const struct engine engines[] = {{ENGINE_AGENTS, 1}, {ENGINE_FLOWS, 1}, {ENGINE_FLOWS, 4}};
    struct alone run[3];
    for (size_t e = 0; e < 3; e++)
        alone_run_scaled(
            &run[e], engines[e],
            ALONE_DAYS("2023-03-31") MEASURES CLASSES
            "stations:\n  in: {kind: source, per_day: 30, dispersion: 0.2, mix: {nation: {x: 1, y: 3}, "
            "family: {one: 0.25, two: 0.75}}, batches: [{name: b, on: 2023-02-02, people: 500}], to: "
            "came}\n"
            "  single: {kind: source, interval: {distribution: gamma, shape: 2, mean_days: 0.4}, mix: "
            "{nation: {z: 1}, family: {one: 1, two: 1}}, to: came}\n" CAME,
            1, 5);
    for (size_t day = 0; day < 90; day++)
        for (size_t c = 0; c < 6; c++) {
            const char *class = run[0].run.model.network->class[c].name;
            double count = came(&run[0], class, day);
            for (size_t e = 1; e < 3; e++) alone_expect(&run[e], class, came(&run[e], class, day), count, 0);
        }
    for (size_t e = 0; e < 3; e++) alone_end(&run[e]);
}

/* A scale of a fiftieth: as many on average, with a fiftieth of the people, by day, in a batch and one by
 * one. Would catch a source that is not scaled. */
static void test_scale(void **state)
{
    (void)state;
    ALONE_FOR_ENGINES(e, 3)
    {
        struct alone run;
        alone_run_scaled(
            &run, (struct engine){*e, 1},
            ALONE_DAYS("2023-12-31") MEASURES
            "stations:\n  in: {kind: source, per_day: 1000, batches: [{name: b, on: 2023-02-02, people: "
            "5000}], to: came}\n"
            "  one_by_one: {kind: source, interval: {distribution: constant, per_day: 1000}, to: "
            "came}\n" CAME,
            0.02, 5);
        alone_expect(&run, "all", alone_all_events(&run, "came"), 735000,
                     *e == ENGINE_MEAN ? 1e-6 : 5 * sqrt(365000 * 50) + 50);
        alone_end(&run);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_level_season_and_mix), cmocka_unit_test(test_variance),
        cmocka_unit_test(test_engines_share_arrivals), cmocka_unit_test(test_scale)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
