/* What a network asks of an engine that it does not tell well: known before the run, from central values. */
#ifndef CORRIDOR_ANALYSIS_CAVEATS_H
#define CORRIDOR_ANALYSIS_CAVEATS_H

#include "sim/engine.h"
#include "sim/network.h"

/* A queue with servers whose services, or patience, are short against the step, where no formula says what
 * happens within it (sim/README.md, "waits within a step"): its waits are too long or too short. */
struct coarse_queue {
    const char *station;      /* the first of them; the network's */
    double service, patience; /* days, the shortest mean of a class; patience INFINITY: none */
    uint32_t steps_per_day;   /* that would do; 0: none, only agents */
    size_t count;             /* of such queues */
};
/* False when there is none, and for agents. Time O(stations x classes). */
bool caveat_of_step(const struct network *network, struct engine engine, struct coarse_queue *coarse);

/* The first such queue, whatever its times, at which `mean`, which knows no chance, lets nobody wait while
 * servers suffice on average; NULL for the other engines, or when there is none. */
const char *caveat_of_mean(const struct network *network, struct engine engine);

/* The first station with servers: of fewer of them, each with as much to do, more people wait, so that a
 * network with such a queue cannot be scaled without another answer. NULL when there is none. */
const char *caveat_of_scale(const struct network *network);

#endif
