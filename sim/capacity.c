#include "sim/replication.h"

#include <math.h>

/* What a station can do per day, or hold at once, under the scale. Whole people only: what is left over of a
 * day's fraction is carried to the next day. */
void capacity_begin_day(struct replication *self)
{
    const struct network *network = self->network;
    for (uint32_t i = 0; i < network->capacity_count; i++) {
        struct capacity_state *state = &self->capacity[i];
        double amount = value_of(self, network->capacity[i].amount, 0) * self->scale;
        if (network->capacity[i].per_day) {
            double today = amount + state->carry;
            state->limit = self->expected ? today : floor(today + 1e-9);
            state->carry = fmax(0.0, today - state->limit);
            state->used = 0;
            self->counters.capacity_limit[i] += state->limit;
        } else {
            people_t before = state->limit;
            state->limit = self->expected ? amount : round(amount);
            state->raised = state->limit > before;
        }
    }
}
