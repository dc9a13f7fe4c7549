/* The three ways to run a network, and the grid of time of those that take steps. */
#ifndef CORRIDOR_SIM_ENGINE_H
#define CORRIDOR_SIM_ENGINE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct replication;

enum engine_kind {
    ENGINE_AGENTS, /* every person an entity, continuous time */
    ENGINE_FLOWS,  /* whole-number cohorts, drawn step by step */
    ENGINE_MEAN,   /* the same steps with each draw replaced by its expectation */
    ENGINE_KINDS
};

#define ENGINE_MOST_STEPS 1440 /* a day: steps of a minute at the least */

struct engine {
    enum engine_kind kind;
    uint32_t steps_per_day; /* flows and mean: 1 to ENGINE_MOST_STEPS; agents: not used */
};

/* "agents", "flows", "mean": in the order of the enum. */
extern const char *const engine_names[ENGINE_KINDS];

/* Runs a replication that was reset, with the engine it was made for, to the end of its network's horizon.
 * `stop` is looked at once a simulated day; may be NULL. False with the error in the replication when the run
 * failed or was stopped. */
bool engine_run(struct replication *self, atomic_int *stop);

#endif
