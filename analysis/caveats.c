#include "analysis/caveats.h"

#include "sim/queue_rate.h"

#include <math.h>

#define STEPS_WITHIN 2 /* that a service should last */

static bool given(struct value value)
{
    return value.slot != NETWORK_NONE;
}

/* The shortest of all classes that take any time; INFINITY: none does. */
static double shortest(const struct network *network, struct value days)
{
    double least = INFINITY;
    for (size_t c = 0; c < network->class_count; c++) {
        double mean = network->slot[days.slot + (days.mask ? c : 0)].value;
        if (mean > 0 && mean < least) least = mean;
    }
    return least;
}

static bool is_one(const struct network *network, struct value days)
{
    for (size_t c = 1; days.mask && c < network->class_count; c++)
        if (network->slot[days.slot + c].value != network->slot[days.slot].value) return false;
    return true;
}

/* The fewest steps of whole minutes in a day that are no longer than this. */
static uint32_t steps_of(double days)
{
    for (uint32_t steps = 1; steps <= ENGINE_MOST_STEPS; steps++)
        if (ENGINE_MOST_STEPS % steps == 0 && 1.0 / steps <= days) return steps;
    return 0;
}

/* A queue with servers that no formula covers; false for any other station. */
static bool is_open_question(const struct network *network, const struct station *station, double step,
                             double *service, double *patience)
{
    const struct queue *queue = &station->queue;
    if (station->kind != KIND_QUEUE || queue->capacity == NETWORK_NONE) return false;
    *service = shortest(network, queue->service.mean_days);
    *patience = queue->has_patience ? shortest(network, queue->patience.mean_days) : INFINITY;
    const bool may_balk =
        given(queue->balk_probability) && shortest(network, queue->balk_probability) < INFINITY;
    return !queue_rate_suits(network, queue, *service, is_one(network, queue->service.mean_days), *patience,
                             may_balk, step);
}

bool caveat_of_step(const struct network *network, struct engine engine, struct coarse_queue *coarse)
{
    const double step = 1.0 / engine.steps_per_day;
    double service, patience;
    *coarse = (struct coarse_queue){0};
    if (engine.kind == ENGINE_AGENTS) return false;
    for (size_t s = 0; s < network->station_count; s++) {
        const struct station *station = &network->station[s];
        if (!is_open_question(network, station, step, &service, &patience)) continue;
        if (fmin(service, patience) >= step || coarse->count++ > 0) continue;
        coarse->station = station->name;
        coarse->service = service;
        coarse->patience = patience;
        coarse->steps_per_day = steps_of(fmin(service, patience) / STEPS_WITHIN);
    }
    return coarse->count > 0;
}

const char *caveat_of_mean(const struct network *network, struct engine engine)
{
    double service, patience;
    for (size_t s = 0; s < network->station_count && engine.kind == ENGINE_MEAN; s++)
        if (is_open_question(network, &network->station[s], 1.0 / engine.steps_per_day, &service, &patience))
            return network->station[s].name;
    return NULL;
}

const char *caveat_of_scale(const struct network *network)
{
    for (size_t s = 0; s < network->station_count; s++)
        if (network->station[s].kind == KIND_QUEUE && network->station[s].queue.capacity != NETWORK_NONE)
            return network->station[s].name;
    return NULL;
}
