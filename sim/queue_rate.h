/* When cohorts work servers off at a rate: what they do in a step is then work done, not who is held by whom
 * at its end, and waits follow from formulas (kinds/queue_serve.c). */
#ifndef CORRIDOR_SIM_QUEUE_RATE_H
#define CORRIDOR_SIM_QUEUE_RATE_H

#include "sim/network.h"

#define QUEUE_SHORT_SERVICE 0.25 /* steps: a service that is short, */
#define QUEUE_LONG_PATIENCE 4    /* and a patience that is long */

/* Servers of the station's own, one mean service for all classes, and nothing that depends on who is there.
 * `service`, `patience`: the shortest mean of a class, in days, as `step`; INFINITY: nobody loses patience.
 */
static inline bool queue_rate_suits(const struct network *network, const struct queue *queue, double service,
                                    bool one_service, double patience, bool may_balk, double step)
{
    return queue->capacity != NETWORK_NONE && network->capacity[queue->capacity].user_count == 1 &&
           !queue->preempt && queue->room.slot == NETWORK_NONE && !may_balk && one_service && service > 0 &&
           service <= QUEUE_SHORT_SERVICE * step && patience >= QUEUE_LONG_PATIENCE * step;
}

#endif
