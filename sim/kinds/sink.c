/* Sink: people leave the model. */
#include "sim/kinds/kind.h"

static uint32_t enter(struct replication *self, struct person *person, const struct station *station)
{
    (void)station;
    person_end(self, person);
    return ROUTE_NONE;
}

/* Those of a cohort who arrive are gone; their inflow is dropped with the turn. */
static void turn(struct replication *self, const struct station *station)
{
    uint32_t index = (uint32_t)(station - self->network->station), lane;
    struct flows_lanes lanes = {0};
    struct cohort *cohort;
    people_t gone = 0;
    while (flows_next_lane(self, index, &lanes, &lane, &cohort)) gone += cohort->people;
    self->state->alive -= (uint64_t)gone;
}

const struct kind kind_sink = {.name = "sink", .enter = enter, .turn = turn};
