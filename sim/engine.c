#include "sim/engine.h"

#include "sim/agents.h"
#include "sim/flows.h"
#include "sim/replication.h"

const char *const engine_names[ENGINE_KINDS] = {"agents", "flows", "mean"};

bool engine_run(struct replication *self, atomic_int *stop)
{
    return self->engine.kind == ENGINE_AGENTS ? agents_run(self, stop) : flows_run(self, stop);
}
