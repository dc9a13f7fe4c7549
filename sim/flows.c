#include "sim/flows.h"

bool flows_run(struct replication *self, atomic_int *stop)
{
    (void)stop;
    replication_fail(self, "not built yet");
    return false;
}
