/* Sink: people leave the model. */
#include "sim/kinds/kind.h"

static uint32_t enter(struct replication *self, struct person *person, const struct station *station)
{
    (void)station;
    person_end(self, person);
    return ROUTE_NONE;
}

const struct kind kind_sink = {.name = "sink", .enter = enter};
