/* What a study will ask of the machine, told from the network without running it. */
#ifndef CORRIDOR_ANALYSIS_ESTIMATE_H
#define CORRIDOR_ANALYSIS_ESTIMATE_H

#include "sim/network.h"

/* People expected to arrive in one replication, spin-up and batches included: central values, dated changes
 * applied, times the scale. Values that rules would change are taken as they stand. NaN when memory runs out.
 */
double estimate_arrivals(const struct network *network, double scale);

/* Upper bound of the memory of one thread, bytes: everybody is present at once. */
double estimate_memory(const struct network *network, double arrivals);

/* Values with a range, each range counted once. `each` may be NULL. */
size_t estimate_drawn(const struct network *network, void (*each)(void *context, const struct slot *slot),
                      void *context);

#endif
