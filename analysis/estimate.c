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
    if (source->renewal) {
        double mean = value_at(value, source->interval.mean_days, 0);
        return mean > 0 ? 1 / mean : 0;
    }
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

/* ---- ranges ---- */

static int compare(double a, double b)
{
    return (a > b) - (a < b);
}

/* In the order in which they begin; then as in the table of values. */
static int compare_begin(const void *a, const void *b)
{
    const struct drawn *x = a, *y = b;
    if (x->day != y->day) return x->day < y->day ? -1 : 1;
    return (x->order > y->order) - (x->order < y->order);
}

static int compare_luck(const void *a, const void *b)
{
    const struct drawn *x = a, *y = b;
    if (x->range_key != y->range_key) return x->range_key < y->range_key ? -1 : 1;
    return compare_begin(a, b);
}

static bool is_same_range(const struct drawn *a, const struct drawn *b)
{
    return compare(a->value, b->value) == 0 && compare(a->low, b->low) == 0 &&
           compare(a->high, b->high) == 0 && a->shape == b->shape;
}

static void add(struct drawn *drawn, size_t *count, struct drawn one)
{
    if (!(one.low < one.high)) return;
    one.order = *count;
    drawn[(*count)++] = one;
}

static void add_change(const struct network *network, struct drawn *drawn, size_t *count,
                       const struct change *change, int32_t day, const char *rule)
{
    add(drawn, count,
        (struct drawn){network->slot[change->slot].path, rule, day, change->value, change->low, change->high,
                       change->shape, change->range_key, 0});
}

static size_t most_drawn(const struct network *network)
{
    size_t most = network->slot_count + network->change_count;
    for (size_t r = 0; r < network->rule_count; r++) most += network->rule[r].change_count;
    return most;
}

/* All that has a range: from the start, from a date, or once a rule applies. */
static size_t collect(const struct network *network, struct drawn *drawn)
{
    size_t count = 0;
    for (size_t i = 0; i < network->slot_count; i++) {
        const struct slot *slot = &network->slot[i];
        add(drawn, &count,
            (struct drawn){slot->path, NULL, INT32_MIN, slot->value, slot->low, slot->high, slot->shape,
                           slot->range_key, 0});
    }
    for (size_t i = 0; i < network->change_count; i++)
        add_change(network, drawn, &count, &network->change[i], network->change[i].day, NULL);
    for (size_t r = 0; r < network->rule_count; r++)
        for (uint32_t i = 0; i < network->rule[r].change_count; i++)
            add_change(network, drawn, &count, &network->rule[r].change[i], INT32_MAX, network->rule[r].name);
    return count;
}

/* Leaves each range once. Slots whose luck has one key on one day hold the same range (of several classes, or
 * followers of one schedule); a season comes back each year. */
static size_t merge(struct drawn *drawn, size_t count)
{
    size_t kept = 0, first = 0; /* `first`: of those kept with the key at hand */
    for (size_t i = 0; i < count; i++) {
        bool known = false;
        if (kept == 0 || drawn[i].range_key != drawn[kept - 1].range_key) first = kept;
        for (size_t k = first; k < kept; k++)
            known = known || (drawn[k].day == drawn[i].day && drawn[k].rule == drawn[i].rule) ||
                    is_same_range(&drawn[k], &drawn[i]);
        if (!known) drawn[kept++] = drawn[i];
    }
    return kept;
}

size_t estimate_drawn(const struct network *network, void (*each)(void *context, const struct drawn *drawn),
                      void *context)
{
    struct drawn *drawn = malloc((most_drawn(network) + 1) * sizeof *drawn);
    size_t count = drawn ? collect(network, drawn) : 0;
    if (count) qsort(drawn, count, sizeof *drawn, compare_luck);
    count = merge(drawn, count);
    if (count) qsort(drawn, count, sizeof *drawn, compare_begin);
    for (size_t i = 0; each && i < count; i++) each(context, &drawn[i]);
    free(drawn);
    return count;
}
