/* Patience of people who wait in a queue, a ballot or for a departure. When its mean changes, what is left of
 * everyone's patience is rescaled by the ratio of the means: exact for exponential patience, and for any
 * other the rule that half the mean halves what is left. */
#include "sim/kinds/kind.h"

#include <math.h>

void patience_begin(struct replication *self, const struct station *station, const struct duration *patience)
{
    uint32_t index = (uint32_t)(station - self->network->station);
    for (uint32_t c = 0; c < self->network->class_count; c++)
        self->in_force[cell_of(self, index, c)] = value_of(self, patience->mean_days, c);
}

void patience_changed(struct replication *self, const struct station *station,
                      const struct duration *patience)
{
    uint32_t index = (uint32_t)(station - self->network->station);
    double ratio[NETWORK_MAX_CLASSES];
    bool any = false;
    for (uint32_t c = 0; c < self->network->class_count; c++) {
        double *in_force = &self->in_force[cell_of(self, index, c)],
               mean = value_of(self, patience->mean_days, c);
        ratio[c] = *in_force > 0 ? mean / *in_force : 1;
        any = any || mean != *in_force;
        *in_force = mean;
    }
    if (!any) return;
    tick_t now = self->state->now;
    for (uint32_t i = 1; i < self->state->person_high; i++) {
        struct person *person = &self->person[i];
        if (person->station != index || person->state != PERSON_WAITING || person->wake == TICK_NEVER)
            continue;
        if (ratio[person->class] == 1) continue;
        double left = tick_days(person->wake - now) * ratio[person->class];
        person_schedule(self, person, now + (tick_from_days(left) | 1));
    }
}

uint32_t patience_clocks(const struct replication *self, const struct duration *patience)
{
    return patience && patience->mean_days.mask ? (uint32_t)self->network->class_count : 1;
}

void patience_elapsed(const struct replication *self, const struct duration *patience, double steps,
                      double elapsed[])
{
    for (uint32_t clock = 0; clock < patience_clocks(self, patience); clock++) {
        double mean = patience ? value_of(self, patience->mean_days, clock) : INFINITY;
        elapsed[clock] = mean > 0 ? steps * self->flows.step_days / mean : INFINITY;
    }
}
