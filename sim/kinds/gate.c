/* Gate: a checkpoint. A person is stopped with probability stop_probability x intensity while there are staff
 * and money for it; a stopped person meets the first outcome that class, chance, seats and money allow. */
#include "sim/kinds/kind.h"

static double stop_probability(const struct replication *self, const struct gate *gate,
                               const struct person *person)
{
    double p = value_of(self, gate->stop_probability, person->class) *
               value_or(self, gate->intensity, person->class, 1);
    if (person->batch && self->batch[person->batch - 1].end > self->state->now)
        p *= value_or(self, gate->batch_factor, person->class, 1);
    return p;
}

/* Hard room of the station an outcome leads to is a condition like its seats. */
static bool has_room(const struct replication *self, uint32_t route)
{
    const struct station *to = &self->network->station[self->network->route[route].to];
    bool sojourn = to->kind == KIND_DELAY || to->kind == KIND_STAY;
    return !sojourn || capacity_free(self, to->sojourn.capacity);
}

static bool outcome_applies(struct replication *self, const struct gate *gate, const struct outcome *outcome,
                            const struct person *person, const struct station *station)
{
    if (!(outcome->classes >> person->class & 1)) return false;
    if (value_given(outcome->share)) {
        double share = value_of(self, outcome->share, person->class);
        if (!(share > 0)) return false;
        if (person_chance(self, person, station->hash + outcome->hash) >= share) return false;
    }
    return capacity_free(self, outcome->capacity) && has_room(self, outcome->route) &&
           account_can_pay(self, gate->account, outcome->item,
                           value_or(self, outcome->item_units, person->class, 1));
}

static uint32_t stop(struct replication *self, struct person *person, const struct station *station)
{
    const struct gate *gate = &station->gate;
    uint32_t last = gate->outcome_count - 1, chosen = 0;
    capacity_take(self, gate->capacity);
    account_pay(self, gate->account, gate->item, 1);
    while (chosen < last && !outcome_applies(self, gate, &gate->outcome[chosen], person, station)) chosen++;
    const struct outcome *outcome = &gate->outcome[chosen];
    capacity_take(self, outcome->capacity);
    account_pay(self, gate->account, outcome->item, value_or(self, outcome->item_units, person->class, 1));
    person->visit++;
    return outcome->route;
}

static uint32_t enter(struct replication *self, struct person *person, const struct station *station)
{
    const struct gate *gate = &station->gate;
    struct station_state *state = &self->station[person->station];
    double p = stop_probability(self, gate, person);
    bool stopped = false;
    if (p > 0 && capacity_free(self, gate->capacity) && account_can_pay(self, gate->account, gate->item, 1)) {
        stopped = person_chance(self, person, station->hash) < p;
    }
    if (!stopped) {
        state->passed++;
        return gate->route;
    }
    state->stopped++;
    return stop(self, person, station);
}

const struct kind kind_gate = {.name = "gate", .enter = enter};
