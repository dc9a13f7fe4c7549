/* How a day begins, whatever the engine. Internal to the room. */
#ifndef CORRIDOR_SIM_DAY_H
#define CORRIDOR_SIM_DAY_H

#include "sim/replication.h"

/* At the start of a day (state->now), in the documented order: bins, policies and rules, allotments,
 * capacities. False after the last day. `changed`: a value may not be what it was. Accommodation, draws,
 * departures and arrivals follow, each engine's own. */
bool day_begin(struct replication *self, bool *changed);

#endif
