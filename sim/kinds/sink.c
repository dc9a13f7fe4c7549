/* Sink: people leave the model. */
#include "sim/kinds/kind.h"

static uint32_t enter(struct replication *self, struct person *person, const struct station *station)
{
    (void)station;
    person_end(self, person);
    return ROUTE_NONE;
}

/* Those of a cohort who arrive are gone already (flows_moves.c). */
static void turn(struct replication *self, const struct station *station)
{
    (void)self;
    (void)station;
}

const struct kind kind_sink = {.name = "sink", .enter = enter, .turn = turn};
