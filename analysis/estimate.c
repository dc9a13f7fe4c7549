#include "analysis/estimate.h"

#include <math.h>
#include <stdlib.h>

enum {
    PERSON_BYTES = 64 + 24, /* record, and its pending event */
    FIXED_BYTES = 1 << 20,  /* calendar and scratch */
    PEOPLE_MOST = 1 << 24,
};

static double value_at(const double *value, struct value of, double fallback)
{
    return of.slot == NETWORK_NONE ? fallback : value[of.slot];
}

static double arrivals_on(const struct source *source, const double *value)
{
    if (source->renewal) return 1 / value_at(value, source->interval.mean_days, INFINITY);
    return value_at(value, source->per_day, 0) * value_at(value, source->level, 1) *
           value_at(value, source->season, 1);
}

static double batches_on(const struct source *source, const double *value, int32_t day)
{
    double people = 0;
    for (uint32_t b = 0; b < source->batch_count; b++)
        if (source->batch[b].day == day) people += value_at(value, source->batch[b].people, 0);
    return people;
}

double estimate_arrivals(const struct network *network, double scale)
{
    double *value = malloc((network->slot_count + 1) * sizeof *value), people = 0;
    size_t next = 0;
    if (!value) return NAN;
    for (size_t i = 0; i < network->slot_count; i++) value[i] = network->slot[i].value;
    for (int32_t day = -network->spin_up_days; day < network->days; day++) {
        for (; next < network->change_count && network->change[next].day <= day; next++)
            value[network->change[next].slot] = network->change[next].value;
        for (size_t s = 0; s < network->station_count; s++) {
            if (network->station[s].kind != KIND_SOURCE) continue;
            const struct source *source = &network->station[s].source;
            people += arrivals_on(source, value) + batches_on(source, value, day);
        }
    }
    free(value);
    return people * scale;
}

double estimate_memory(const struct network *network, double arrivals)
{
    double people = arrivals < PEOPLE_MOST ? arrivals : PEOPLE_MOST;
    double cells = (double)((network->station_count + network->route_count) * network->class_count);
    return people * PERSON_BYTES + cells * 48 + (double)network->slot_count * sizeof(double) + FIXED_BYTES;
}

static int compare_slots(const void *a, const void *b)
{
    const struct slot *const *x = a, *const *y = b;
    if ((*x)->range_key != (*y)->range_key) return (*x)->range_key < (*y)->range_key ? -1 : 1;
    return (*x > *y) - (*x < *y);
}

static int compare_order(const void *a, const void *b)
{
    const struct slot *const *x = a, *const *y = b;
    return (*x > *y) - (*x < *y);
}

size_t estimate_drawn(const struct network *network, void (*each)(void *context, const struct slot *slot),
                      void *context)
{
    const struct slot **drawn = malloc((network->slot_count + 1) * sizeof *drawn);
    size_t count = 0, different = 0;
    for (size_t i = 0; drawn && i < network->slot_count; i++)
        if (network->slot[i].low < network->slot[i].high) drawn[count++] = &network->slot[i];
    if (count) qsort(drawn, count, sizeof *drawn, compare_slots);
    for (size_t i = 0; i < count; i++)
        if (i == 0 || drawn[i]->range_key != drawn[i - 1]->range_key) drawn[different++] = drawn[i];
    if (different) qsort(drawn, different, sizeof *drawn, compare_order);
    for (size_t i = 0; each && i < different; i++) each(context, drawn[i]);
    free(drawn);
    return different;
}
