/* Engines of cohorts: the same network as agents.c runs, step by step. Internal to the room; see engine.h. */
#ifndef CORRIDOR_SIM_FLOWS_H
#define CORRIDOR_SIM_FLOWS_H

#include "sim/replication.h"

#include <stdatomic.h>

/* As engine_run, for a replication made for flows or mean. */
bool flows_run(struct replication *self, atomic_int *stop);

#endif
