/* Queues whose servers work at a rate, as their service is short against a step: how long people wait. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/helpers/alone.h"

#define MEASURES "measures: {served: {}}\n"
#define SERVED   "  served: {kind: sink, counts_as: [served]}\n"

/* Servers whose service is short against a step of a day, at load 0.9: one (Pollaczek and Khinchine: nine
 * minutes), eight (Erlang C: 0.877 minutes), and ten who take two hours, to whom a fifth comes back. Would
 * catch a server who is held until the next day by a service of a minute, and a loop that lets each serve one
 * person a day. */
static void test_short_services(void **state)
{
    (void)state;
    static const struct {
        const char *source, *desk;
        double served, wait; /* a day, minutes; 0: not looked at */
    } cases[] = {
        {"1296", "servers: 1, service: {distribution: exponential, mean_minutes: 1}, to: served", 1296, 9},
        {"10368", "servers: 8, service: {distribution: exponential, mean_minutes: 1}, to: served", 10368,
         0.877},
        {"80",
         "servers: 10, service: {distribution: exponential, mean_hours: 2}, to: {desk: 0.2, served: 0.8}", 80,
         0}};
    enum { DAYS = 181 };
    for (size_t c = 0; c < 3; c++) ALONE_FOR_ENGINES(e, 3)
        {
            char text[1024];
            struct alone run;
            snprintf(text, sizeof text,
                     ALONE_DAYS("2023-06-30") MEASURES
                     "stations:\n  in: {kind: source, per_day: %s, to: desk}\n  desk: {kind: "
                     "queue, %s}\n" SERVED,
                     cases[c].source, cases[c].desk);
            alone_run(&run, *e, text);
            double people = DAYS * cases[c].served;
            alone_expect(&run, "served", alone_all_events(&run, "served"), people,
                         0.01 * people + 5 * sqrt(people));
            double wait = 1440 * alone_total(&run, "waits", "total", "station", "desk", NULL) /
                          alone_total(&run, "waits", "ended", "station", "desk", NULL);
            if (cases[c].wait > 0) alone_expect(&run, "wait", wait, cases[c].wait, 0.1 * cases[c].wait);
            alone_end(&run);
        }
}

/* The chance to wait for one of many servers (Erlang 1917, formula C), server by server. */
static double chance_to_wait(double servers, double offered)
{
    double lost = 1;
    for (double n = 1; n <= servers; n++) lost = offered * lost / (n + offered * lost);
    return servers * lost / (servers - offered * (1 - lost));
}

/* Cohorts: one server of half an hour at load 0.7 (Pollaczek and Khinchine: 70 minutes, half of it because
 * services vary); a hundred of two hours at 0.9 (Erlang C: 2.6 minutes); and one of a quarter of an hour
 * whose services vary four times as much, with steps of an hour, at 0.2 and 0.6 (9.4 and 56 minutes). Would
 * catch services that vary taken for ones that never do, or for ones that vary while nobody is served; and a
 * chance to wait that is taken from each day's number of people as if it were the mean. */
static void test_services_that_vary(void **state)
{
    (void)state;
    static const struct {
        uint32_t steps;
        double per_day, servers, hours, shape, wait, off; /* minutes, and parts of them */
    } cases[] = {{1, 33.6, 1, 0.5, 1, 70, 0.1},
                 {1, 1080, 100, 2, 1, 2.603, 0.1},
                 {24, 19.2, 1, 0.25, 0.25, 9.375, 0.1},
                 {24, 57.6, 1, 0.25, 0.25, 56.25, 0.25}};
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        char text[512];
        struct alone run;
        snprintf(text, sizeof text,
                 ALONE_DAYS("2025-12-31") MEASURES
                 "stations:\n  in: {kind: source, per_day: %g, to: desk}\n  desk: {kind: queue, servers: %g, "
                 "service: {distribution: gamma, shape: %g, mean_hours: %g}, to: served}\n" SERVED,
                 cases[c].per_day, cases[c].servers, cases[c].shape, cases[c].hours);
        alone_run_scaled(&run, (struct engine){ENGINE_FLOWS, cases[c].steps}, text, 1, 17);
        const double wait = 1440 * alone_total(&run, "waits", "total", "station", "desk", NULL) /
                            alone_total(&run, "waits", "ended", "station", "desk", NULL);
        alone_expect(&run, "wait", wait, cases[c].wait, cases[c].off * cases[c].wait);
        alone_end(&run);
    }
}

/* In expectation: servers who take 2.4 hours, at load 0.99: 9,000, and 12,000, for whom a limit for large
 * loads is taken. The wait is the chance to wait, over what is served beyond those who come. Would catch a
 * limit that does not meet the formula where it begins. */
static void test_many_servers(void **state)
{
    (void)state;
    static const double servers[] = {9000, 12000};
    for (size_t c = 0; c < 2; c++) {
        char text[512];
        struct alone run;
        snprintf(text, sizeof text,
                 ALONE_DAYS("2023-01-31") MEASURES
                 "stations:\n  in: {kind: source, per_day: %.0f, to: desk}\n  desk: {kind: queue, servers: "
                 "%.0f, service: {distribution: exponential, mean_hours: 2.4}, to: served}\n" SERVED,
                 9.9 * servers[c], servers[c]);
        alone_run(&run, ENGINE_MEAN, text);
        const double wait = alone_total(&run, "waits", "total", "station", "desk", NULL) /
                            alone_total(&run, "waits", "ended", "station", "desk", NULL),
                     expected = chance_to_wait(servers[c], 0.99 * servers[c]) / (0.1 * servers[c]);
        alone_expect(&run, "wait", wait, expected, 0.02 * expected);
        alone_end(&run);
    }
}

/* Expectations: one server of ten minutes at load 0.625 (Pollaczek and Khinchine: 16.7 minutes), whatever the
 * step. Would catch a wait that ends with the step, in which no more than a few come. */
static void test_mean_wait_at_any_step(void **state)
{
    (void)state;
    for (uint32_t steps = 1; steps <= 24; steps += steps == 1 ? 3 : 20) {
        struct alone run;
        alone_run_scaled(
            &run, (struct engine){ENGINE_MEAN, steps},
            ALONE_DAYS("2023-01-31") MEASURES
            "stations:\n  in: {kind: source, per_day: 90, to: desk}\n  desk: {kind: queue, servers: "
            "1, service: {distribution: exponential, mean_minutes: 10}, to: served}\n" SERVED,
            1, 17);
        alone_expect(&run, "wait",
                     1440 * alone_total(&run, "waits", "total", "station", "desk", NULL) /
                         alone_total(&run, "waits", "ended", "station", "desk", NULL),
                     50.0 / 3, 0.1);
        alone_end(&run);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_short_services), cmocka_unit_test(test_services_that_vary),
        cmocka_unit_test(test_many_servers), cmocka_unit_test(test_mean_wait_at_any_step)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
