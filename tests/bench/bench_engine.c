/* Speed of the engine, one core: customers per second for the queueing models, nanoseconds per event and
 * memory for the corridor, with agents and with cohorts (a cell is a station and class with people let in, in
 * one step). bench_engine [SCALE]: scale of the corridor, default 1 (every migrant one agent). Medians of
 * several runs after one warm-up. */
#include "tests/helpers/run_model.h"

#include <sys/resource.h>
#include <time.h>

static double seconds(void)
{
    struct timespec time;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void bench(struct engine engine, const char *file, const char *set, double scale, int runs)
{
    struct run_model run;
    const char *const sets[] = {set};
    if (!run_model_open_engine(&run, engine, file, sets, set ? 1 : 0, scale)) return;
    double per_event[16], per_person[16];
    for (int i = -1; i < runs; i++) {
        double start = seconds();
        if (!run_model_go(&run, 1, (uint32_t)(i + 1), scale, true)) break;
        double spent = seconds() - start;
        if (i < 0) continue;
        per_event[i] = spent / (double)run.replication.state->events * 1e9;
        per_person[i] = (double)run.replication.state->people / spent / 1e6;
    }
    qsort(per_event, (size_t)runs, sizeof *per_event, by_value);
    qsort(per_person, (size_t)runs, sizeof *per_person, by_value);
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    double millions = (double)run.replication.state->events / 1e6;
    printf("%-6s %-12s scale %-5g %7.3f s (least %.3f)  %6.1f million %s  %6.1f ns each  %6.2f million "
           "people a second  %5ld "
           "MB at most  %s\n",
           engine_names[engine.kind], run.model.name, scale, per_event[runs / 2] * millions / 1e3,
           per_event[0] * millions / 1e3, millions, engine.kind == ENGINE_AGENTS ? "events" : "cells ",
           per_event[runs / 2], per_person[runs / 2], usage.ru_maxrss / 1024, set ? set : "");
    run_model_close(&run);
}

int main(int count, char **arguments)
{
    double scale = count > 1 ? atof(arguments[1]) : 1;
    const struct engine agents = {ENGINE_AGENTS, 1}, flows = {ENGINE_FLOWS, 1}, mean = {ENGINE_MEAN, 1};
    bench(agents, "scenarios/queues/mm1.yaml", "to=2027-12-31", 1, 5);
    bench(agents, "scenarios/queues/mm8.yaml", "to=2023-09-30", 1, 5);
    bench(agents, "scenarios/queues/network3.yaml", "to=2025-12-31", 1, 5);
    bench(agents, "scenarios/history.yaml", NULL, scale / 10, 5);
    bench(agents, "scenarios/history.yaml", NULL, scale, 3);
    bench(flows, "scenarios/history.yaml", NULL, scale, 5);
    bench(flows, "scenarios/history.yaml", NULL, scale * 100, 3);
    bench(mean, "scenarios/history.yaml", NULL, scale, 15);
    bench(mean, "scenarios/history.yaml", "spin_up_days=1", scale, 15);
    return 0;
}
