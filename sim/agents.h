/* The engine of agents: every person an entity, continuous time, an event calendar. */
#ifndef CORRIDOR_SIM_AGENTS_H
#define CORRIDOR_SIM_AGENTS_H

#include "sim/replication.h"

#include <stdatomic.h>

/* Runs a replication that was reset, to the end of the horizon; its output block is then complete. `stop` may
 * be NULL; when it turns nonzero the run ends early with ERROR_STOPPED. False: the error is in self->error.
 */
bool agents_run(struct replication *self, atomic_int *stop);

#endif
