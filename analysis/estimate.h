/* What a study will ask of the machine, told from the network without running it. */
#ifndef CORRIDOR_ANALYSIS_ESTIMATE_H
#define CORRIDOR_ANALYSIS_ESTIMATE_H

#include "sim/network.h"

/* People expected to arrive in one replication, spin-up and batches included: central values, dated changes
 * applied, times the scale. Values that rules would change are taken as they stand. NaN when memory runs out.
 */
double estimate_arrivals(const struct network *network, double scale);

/* About the memory of one thread, bytes, if nobody left: people, stocks and values; not the program itself,
 * what a replication records, and the lists of ballots. */
double estimate_memory(const struct network *network, double arrivals);

/* A range that replications draw from. */
struct drawn {
    const char *path; /* of the value */
    const char *rule; /* which brings it, on a day nobody knows yet; NULL when a date does */
    int32_t day; /* from which it is drawn from, counted from the scenario's `from`; INT32_MIN: the start */
    double value, low, high;
    enum slot_shape shape;
    uint64_t range_key;
    size_t order; /* in the table of values, then of changes */
};

/* Ranges of values, those that begin with a policy, a rule or a later step of a schedule included, each once,
 * in the order in which they begin. `each` may be NULL. Time O(n log n). */
size_t estimate_drawn(const struct network *network, void (*each)(void *context, const struct drawn *drawn),
                      void *context);

#endif
