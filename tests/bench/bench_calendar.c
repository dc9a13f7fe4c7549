/* The hold model (Vaucher and Duval, CACM 18(4), 1975): pop the next entry, push it again after a random
 * delay, with a constant number pending. Prints nanoseconds of CPU time per hold, less those of the same loop
 * without a calendar: exponential delays, and the corridor's mixture of hours to months, both with a mean
 * that makes 100,000 events a day. Arguments: the largest number of entries (1e7), holds per figure (2e7). */
#include "sim/calendar.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>

#define DELAYS         8192
#define EVENTS_PER_DAY 1e5

struct bench {
    struct calendar_record *records; /* CALENDAR_RECORD_SIZE bytes apart */
    void *storage;
    size_t max_pending;
    tick_t delays[DELAYS];
    uint64_t random;
};

static struct calendar_record *record_of(const struct bench *bench, uint32_t index)
{
    return (struct calendar_record *)((char *)bench->records + (size_t)index * CALENDAR_RECORD_SIZE);
}

static inline uint64_t next_random(uint64_t *state)
{
    uint64_t x = *state += UINT64_C(0x9E3779B97F4A7C15);
    x = (x ^ (x >> 32)) * UINT64_C(0xD6E8FEB86659FD93);
    return x ^ (x >> 32);
}

/* A tabulated delay, jittered so that ties are as rare as with a continuous one. */
static inline tick_t next_delay(struct bench *bench)
{
    uint64_t x = next_random(&bench->random);
    return bench->delays[x % DELAYS] + (tick_t)(x >> 56);
}

static double cpu_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static void *reserve(size_t bytes)
{
    void *memory =
        mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) abort();
    madvise(memory, bytes, MADV_HUGEPAGE);
    return memory;
}

static void fill_delays(struct bench *bench, bool mixture, size_t pending)
{
    static const double means[] = {0.007, 0.033, 0.13, 0.53, 1.3, 4}; /* their mean is 1 */
    for (unsigned i = 0; i < DELAYS; i++) {
        double days = -log(((double)(i / 6 * 6) + 3.5) / DELAYS) * (mixture ? means[i % 6] : 1.0);
        bench->delays[i] = tick_from_days(days * (double)pending / EVENTS_PER_DAY);
    }
}

static double time_holds(struct bench *bench, size_t pending, size_t holds)
{
    /* Long enough that nothing is dropped: delays reach 9 means of their kind. */
    tick_t horizon =
        tick_from_days(2.2 * (double)holds / EVENTS_PER_DAY + 40 * (double)pending / EVENTS_PER_DAY);
    struct calendar *calendar = calendar_reset(bench->storage, bench->max_pending, 0, horizon);
    for (uint32_t i = 0; i < pending; i++) {
        struct calendar_record *record = record_of(bench, i);
        record->key = i;
        record->wake = next_delay(bench);
        if (!calendar_push(calendar, bench->records, record->wake, i)) abort();
    }
    double start = 0;
    for (size_t i = 0; i < 2 * holds; i++) {
        if (i == holds) start = cpu_seconds(); /* the first half warms up */
        tick_t tick;
        uint32_t index;
        if (!calendar_pop(calendar, bench->records, TICK_NEVER, &tick, &index)) abort();
        record_of(bench, index)->wake = tick + next_delay(bench);
        if (!calendar_push(calendar, bench->records, record_of(bench, index)->wake, index)) abort();
    }
    return (cpu_seconds() - start) * 1e9 / (double)holds;
}

/* The same loop without a calendar: what drawing a delay and touching one record cost. */
static double time_nothing(struct bench *bench, size_t holds)
{
    double start = cpu_seconds();
    volatile tick_t *wake = &record_of(bench, 0)->wake;
    for (size_t i = 0; i < holds; i++) *wake = (tick_t)i + next_delay(bench);
    return (cpu_seconds() - start) * 1e9 / (double)holds;
}

static double time_resets(struct bench *bench, size_t resets)
{
    double start = cpu_seconds();
    for (size_t i = 0; i < resets; i++) {
        struct calendar *calendar = calendar_reset(bench->storage, bench->max_pending, 0, TICK_NEVER);
        if (!calendar_push(calendar, bench->records, record_of(bench, 0)->wake = 5, 0)) abort();
    }
    return (cpu_seconds() - start) * 1e9 / (double)resets;
}

int main(int argc, char **argv)
{
    size_t most = argc > 1 ? (size_t)atof(argv[1]) : 10000000,
           holds = argc > 2 ? (size_t)atof(argv[2]) : 20000000;
    static const size_t sizes[] = {2, 3, 5, 10, 30, 100, 200, 300, 1000, 10000, 100000, 1000000, 10000000};
    struct bench bench = {.max_pending = most, .random = 1};
    bench.records = reserve(most * CALENDAR_RECORD_SIZE);
    bench.storage = reserve(calendar_storage(most));
    fill_delays(&bench, false, 2);
    double nothing = time_nothing(&bench, holds);
    printf("a delay and a record: %.1f ns (subtracted below); reset and one push: %.1f ns\n", nothing,
           time_resets(&bench, 1000000));
    printf("%10s %12s %10s\n", "pending", "exponential", "mixture");
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes && sizes[i] <= most; i++) {
        fill_delays(&bench, false, sizes[i]);
        double exponential =
            time_holds(&bench, sizes[i], holds > 2 * sizes[i] ? holds : 2 * sizes[i]) - nothing;
        fill_delays(&bench, true, sizes[i]);
        double mixture = time_holds(&bench, sizes[i], holds > 2 * sizes[i] ? holds : 2 * sizes[i]) - nothing;
        printf("%10zu %12.1f %10.1f\n", sizes[i], exponential, mixture);
        fflush(stdout);
    }
    return 0;
}
