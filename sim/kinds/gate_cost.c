/* What the people at a gate cost, and how far the money for them goes. */
#include "sim/kinds/gate_crowd.h"

#include <math.h>

/* What one person of the class costs at an outcome, hundredths. */
static double cost_of_one(const struct crowd *crowd, const struct outcome *outcome, uint32_t class)
{
    return account_cost(crowd->self, crowd->station->gate.account, outcome->item,
                        value_or(crowd->self, outcome->item_units, class, 1));
}

double gate_cost(const struct crowd *crowd, const struct part *part, const struct outcome *outcome,
                 people_t count)
{
    const struct value units = outcome->item_units;
    struct flows_lanes lanes = {0};
    struct cohort *cohort;
    double sum = 0;
    if (!value_given(units) || value_is_one(crowd->self, units))
        return count * cost_of_one(crowd, outcome, 0);
    for (uint32_t lane; flows_next_lane(crowd->self, crowd->index, &lanes, &lane, &cohort);) {
        uint32_t class = lane_class(lane, crowd->self->network->class_count);
        sum += crowd_people(crowd, part, lane) * cost_of_one(crowd, outcome, class);
    }
    return sum;
}

/* The most that a person can cost: the stop, and the dearest outcome. */
static double highest_cost(const struct crowd *crowd)
{
    const struct gate *gate = &crowd->station->gate;
    double most = 0;
    for (uint32_t o = 0; o < gate->outcome_count; o++) {
        uint32_t classes = gate->outcome[o].item_units.mask ? (uint32_t)crowd->self->network->class_count : 1;
        for (uint32_t c = 0; c < classes; c++) most = fmax(most, cost_of_one(crowd, &gate->outcome[o], c));
    }
    return most + account_cost(crowd->self, gate->account, gate->item, 1);
}

/* The share of those who want the outcome that its seats and its money allow now. */
static double open_share(const struct crowd *crowd, const struct outcome *outcome, people_t wanted)
{
    const struct replication *self = crowd->self;
    people_t allowed = wanted;
    if (!(wanted > 0)) return 0;
    if (outcome->capacity != NETWORK_NONE) {
        const struct capacity_state *seats = &self->capacity[outcome->capacity];
        allowed = fmax(0, fmin(wanted, seats->limit - seats->used));
    }
    if (!(account_affordable(self, crowd->station->gate.account, outcome->item, 0, 1, 1) > 0)) return 0;
    return allowed / wanted;
}

/* What those picked would cost together at the outcomes, as far as these are open. */
static double cost_of_outcomes(const struct crowd *crowd)
{
    const struct replication *self = crowd->self;
    const struct gate *gate = &crowd->station->gate;
    const uint32_t classes = (uint32_t)self->network->class_count;
    people_t rest[NETWORK_MAX_CLASSES] = {0};
    struct flows_lanes lanes = {0};
    struct cohort *cohort;
    double sum = 0;
    for (uint32_t lane; flows_next_lane(self, crowd->index, &lanes, &lane, &cohort);)
        rest[lane_class(lane, classes)] += crowd_people(crowd, &crowd->picked, lane);
    for (uint32_t o = 0; o < gate->outcome_count; o++) {
        const struct outcome *outcome = &gate->outcome[o];
        const bool last = o == gate->outcome_count - 1;
        people_t wants[NETWORK_MAX_CLASSES], wanted = 0;
        for (uint32_t c = 0; c < classes; c++) {
            double share = outcome->classes >> c & 1 ? value_or(self, outcome->share, c, 1) : 0;
            wants[c] = rest[c] * (last ? 1 : fmin(fmax(share, 0), 1));
            wanted += wants[c];
        }
        const double open = last ? 1 : open_share(crowd, outcome, wanted);
        for (uint32_t c = 0; c < classes; c++) {
            sum += wants[c] * open * cost_of_one(crowd, outcome, c);
            rest[c] -= wants[c] * open;
        }
    }
    return sum;
}

people_t gate_can_stop(const struct crowd *crowd, people_t allowed, people_t wanted)
{
    const struct replication *self = crowd->self;
    const struct gate *gate = &crowd->station->gate;
    const uint32_t account = gate->account, item = gate->item;
    if (account == NETWORK_NONE || item == NETWORK_NONE || !(wanted > 0)) return allowed;
    if (account_affordable(self, account, item, 0, highest_cost(crowd), allowed) >= allowed) return allowed;
    double stop = account_cost(self, account, item, 1), cost = stop + cost_of_outcomes(crowd) / wanted;
    people_t count = account_affordable(self, account, item, 0, cost, allowed);
    /* What does not reach for an outcome reaches for some stops more. */
    return count + account_affordable(self, account, item, count * cost, stop, allowed - count);
}
