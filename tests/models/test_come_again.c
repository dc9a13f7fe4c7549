/* People who come to a station while it has its turn, or after it: by routes that lead back, with hazards,
 * patience, batches and departures. Nobody may be lost or be in two places. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/helpers/alone.h"

#define LOOP(days, stations) ALONE_DAYS(days) "stations:\n" stations "  out: {kind: sink}\n"
#define MANY(to)             "  in: {kind: source, per_day: 1000, to: " to "}\n"
#define STAY(to)                                                                                             \
    "  d: {kind: delay, duration: {distribution: constant, mean_days: 5}, hazards: {again: {per_day: 0.5, "  \
    "to: " to "}}, to: out}\n"
#define HUB "  hub: {kind: choice, options: {go: {share: rest, to: d}}}\n"

static const char *const loops[] = {
    LOOP("2023-01-10", MANY("d") STAY("d")),
    LOOP("2023-01-10", MANY("hub") HUB STAY("hub")),
    LOOP("2023-01-20",
         MANY("q") "  q: {kind: queue, per_day: 100, patience: {distribution: exponential, mean_days: 1}, "
                   "renege: q, to: out}\n"),
    LOOP("2023-01-20",
         MANY("s") "  s: {kind: departures, seats: 200, patience: {distribution: exponential, mean_days: 1}, "
                   "renege: s, to: out}\n"),
    /* A batch, and departures, come to a station in the morning after others came to it late. */
    LOOP("2023-01-10",
         "  in: {kind: source, per_day: 1000, batches: [{name: b, on: 2023-01-06, people: 400}], to: "
         "hub}\n" HUB STAY("hub")),
    LOOP("2023-01-10", MANY("bus") "  bus: {kind: departures, seats: 300, to: hub}\n" HUB STAY("hub")),
};

/* People who came until the end of a day, less those who left. */
static double arrived(const struct alone *self, size_t day)
{
    const struct network *n = self->run.model.network;
    const struct results_dataset *moves = run_model_dataset(&self->run, "flows", "moves");
    double sum = 0;
    assert_non_null(moves);
    for (size_t b = 0; b <= day; b++)
        for (size_t r = 0; r < n->route_count; r++) {
            double moved = run_model_at(&self->run, moves, b, r, 0);
            sum += n->station[n->route[r].from].kind == KIND_SOURCE ? moved : 0;
            sum -= n->station[n->route[r].to].kind == KIND_SINK ? moved : 0;
        }
    return sum;
}

static void check_people(const struct alone *self)
{
    const struct network *n = self->run.model.network;
    const struct results_dataset *people = run_model_dataset(&self->run, "stocks", "people_end");
    assert_non_null(people);
    for (size_t day = 0; day < n->bin_count; day++) {
        double present = 0, came = arrived(self, day);
        double rounding = self->engine.kind == ENGINE_MEAN ? 1e-9 * (1 + came) : 0;
        for (size_t p = 0; p < n->place_count; p++) {
            double here = run_model_at(&self->run, people, day, p, 0);
            if (here < -rounding) fail_msg("day %zu: %.12g people at %s", day, here, n->place[p].name);
            present += here;
        }
        alone_expect(self, "people present", present, came, rounding);
    }
    assert_true(arrived(self, n->bin_count - 1) > 0);
}

/* Would catch people who are dropped with the inflow of the turn in which they came back, and comers of the
 * morning who are taken for those who were late the day before. */
static void test_nobody_is_lost(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof loops / sizeof *loops; i++)
        for (uint32_t steps = 1; steps <= 4; steps += 3) ALONE_FOR_ENGINES(e, 3)
            {
                struct alone run;
                alone_run_scaled(&run, (struct engine){*e, steps}, loops[i], 1, 17);
                check_people(&run);
                alone_end(&run);
            }
}

/* Whoever the hazard sends back to the station begins its five days anew. Would catch a loop that lets people
 * out early or keeps them, against agents. */
static void test_as_agents(void **state)
{
    (void)state;
    double agents = 0;
    ALONE_FOR_ENGINES(e, 3)
    {
        struct alone run;
        alone_run_scaled(&run, (struct engine){*e, *e == ENGINE_AGENTS ? 1 : 24},
                         LOOP("2023-02-10", MANY("d") STAY("d")), 1, 17);
        double present = alone_present(&run, "d", 40);
        if (*e == ENGINE_AGENTS) agents = present;
        alone_expect(&run, "people present on day 40", present, agents, 0.03 * agents);
        alone_end(&run);
    }
}

/* People register before `from`, give up, and a hazard sends them from where they stay to a ballot where the
 * oldest win: they have been registered for as long with cohorts as with agents, some 84 days. Would catch
 * dates of registration that are forgotten on the way. */
static void test_dates_before_the_first_day(void **state)
{
    (void)state;
    double agents = 0;
    ALONE_FOR_ENGINES(e, 3)
    {
        struct alone run;
        alone_run(
            &run, *e,
            "title: t\nfrom: 2023-06-01\nto: 2023-07-01\nspin_up_days: 150\nrecord: {bins: day}\n"
            "ballots: {app: {oldest_share: 1, lead: {distribution: constant, mean_days: 0.1}, offices: {o: "
            "{slots_per_day: "
            "100}}}}\nstations:\n  in: {kind: source, per_day: 200, to: part}\n"
            "  part: {kind: choice, options: {first: {share: 0.5, to: early}, second: {share: rest, to: "
            "late}}}\n"
            "  early: {kind: ballot, ballot: app, inside_fence: 0, preference: {o: 1}, offices: {o: out}, "
            "no_show: out, "
            "patience: {distribution: constant, mean_days: 20}, renege: road}\n"
            "  road: {kind: stay, duration: {distribution: constant, mean_days: 1000}, hazards: {h: "
            "{per_day: 0.05, to: "
            "again}}, to: out}\n"
            "  again: {kind: ballot, ballot: app, preference: {o: 1}, offices: {o: out}, no_show: out}\n"
            "  late: {kind: ballot, ballot: app, preference: {o: 1}, offices: {o: out}, no_show: out}\n"
            "  out: {kind: sink}\n");
        double wait = alone_total(&run, "waits", "total", "station", "again", NULL) /
                      alone_total(&run, "waits", "ended", "station", "again", NULL);
        if (*e == ENGINE_AGENTS) agents = wait;
        alone_expect(&run, "wait since registration", wait, agents, 0.03 * agents);
        alone_end(&run);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_nobody_is_lost),
                                       cmocka_unit_test(test_as_agents),
                                       cmocka_unit_test(test_dates_before_the_first_day)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
