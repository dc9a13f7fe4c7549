/* Gate: a checkpoint. A person is stopped with probability stop_probability x intensity while there are staff
 * and money for it; a stopped person meets the first outcome that class, chance, seats and money allow. */
#include "sim/kinds/gate_crowd.h"
#include "sim/kinds/kind.h"
#include "sim/numbers.h"

#include <math.h>
#include <string.h>

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
    person_visited(self, person);
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

/* ---- with cohorts ----
 *
 * The lanes meet each condition together: of those it could hold for, as many as staff, seats, room and money
 * allow, chosen by lot, as if they came one by one in random order. */

/* How many of `wanted` hard room at the end of the route allows, besides those who are at its door already.
 */
static people_t room_for(const struct replication *self, uint32_t route, people_t wanted)
{
    const struct station *to = &self->network->station[self->network->route[route].to];
    if ((to->kind != KIND_DELAY && to->kind != KIND_STAY) || to->sojourn.capacity == NETWORK_NONE)
        return wanted;
    const struct capacity_state *room = &self->capacity[to->sojourn.capacity];
    people_t at_door = flows_count_inflow(self, self->network->route[route].to);
    return fmax(0, fmin(wanted, room->limit - room->used - at_door));
}

/* The chance of each class of a group to be stopped. */
static void stop_chances(const struct replication *self, const struct gate *gate, uint32_t group, double p[])
{
    memcpy(p, self->flows.whole, sizeof *p * self->network->class_count);
    values_multiply(self, gate->stop_probability, p);
    values_multiply(self, gate->intensity, p);
    if (flows_together(self, group * (uint32_t)self->network->class_count))
        values_multiply(self, gate->batch_factor, p);
    numbers_limit(p, self->network->class_count, 0, 1);
}

/* Picks those who would be stopped; returns how many. */
static people_t pick_stopped(const struct crowd *crowd)
{
    people_t wanted = 0;
    double p[NETWORK_MAX_CLASSES];
    for (uint32_t group = 0; crowd_next_group(crowd, &group); group++) {
        stop_chances(crowd->self, &crowd->station->gate, group, p);
        wanted += crowd_pick(crowd, group, p, PURPOSE_DECISION);
    }
    return wanted;
}

/* Picks those for whom the outcome is tried; returns how many. */
static people_t pick_for(const struct crowd *crowd, const struct outcome *outcome)
{
    struct replication *self = crowd->self;
    people_t wanted = 0;
    double p[NETWORK_MAX_CLASSES];
    memcpy(p, self->flows.whole, sizeof *p * self->network->class_count);
    for (size_t c = 0; c < self->network->class_count; c++)
        if (!(outcome->classes >> c & 1)) p[c] = 0;
    values_multiply(self, outcome->share, p);
    numbers_limit(p, self->network->class_count, 0, 1);
    for (uint32_t group = 0; crowd_next_group(crowd, &group); group++)
        wanted += crowd_pick(crowd, group, p, (uint32_t)outcome->hash | 1);
    return wanted;
}

/* How many of those picked for an outcome its seats and its room allow. */
static people_t outcome_allows(const struct crowd *crowd, uint32_t number, people_t wanted)
{
    struct replication *self = crowd->self;
    const struct outcome *outcome = &crowd->station->gate.outcome[number];
    people_t allowed = wanted;
    if (outcome->capacity != NETWORK_NONE)
        allowed =
            fmin(wanted, flows_allowed(self, crowd->index, outcome->capacity,
                                       self->flows.first_demand[crowd->index] + number, wanted, crowd->all));
    return room_for(self, outcome->route, allowed);
}

/* Keeps `allowed` of those picked, or fewer if the account does not reach; returns how many. Those kept may
 * be dearer than all of them are on average, so that their price is looked at again. */
static people_t limit_outcome(const struct crowd *crowd, const struct outcome *outcome, people_t allowed,
                              people_t wanted)
{
    struct replication *self = crowd->self;
    struct dice dice;
    flows_dice(self, crowd->index, NETWORK_NONE, (uint32_t)outcome->hash | 1, &dice);
    for (;;) {
        if (outcome->item != NETWORK_NONE)
            allowed = account_affordable(self, crowd->station->gate.account, outcome->item, 0,
                                         gate_cost(crowd, &crowd->picked, outcome, wanted) / wanted, allowed);
        if (!(allowed < wanted)) return wanted;
        crowd_limit(crowd, allowed, wanted, &dice);
        wanted = allowed;
        if (!(wanted > 0) || self->expected) return wanted;
    }
}

static void apply_outcome(const struct crowd *crowd, uint32_t number)
{
    struct replication *self = crowd->self;
    const struct gate *gate = &crowd->station->gate;
    const struct outcome *outcome = &gate->outcome[number];
    if (number == gate->outcome_count - 1) { /* without a condition: everyone who is left */
        crowd_follow(crowd, &crowd->rest, outcome->route);
        return;
    }
    people_t wanted = pick_for(crowd, outcome), allowed = outcome_allows(crowd, number, wanted);
    if (!(wanted > 0)) return;
    people_t count = limit_outcome(crowd, outcome, allowed, wanted);
    capacity_take_many(self, outcome->capacity, count);
    account_pay_many(self, gate->account, outcome->item, gate_cost(crowd, &crowd->picked, outcome, count),
                     count);
    crowd_follow(crowd, &crowd->picked, outcome->route);
}

/* Lets go of those whom staff and money do not reach; returns how many are stopped. */
static people_t limit_stopped(const struct crowd *crowd, people_t allowed, people_t wanted)
{
    struct replication *self = crowd->self;
    allowed = gate_can_stop(crowd, allowed, wanted);
    if (!(allowed < wanted)) return wanted;
    struct dice dice;
    flows_dice(self, crowd->index, NETWORK_NONE, PURPOSE_LOT, &dice);
    crowd_limit(crowd, allowed, wanted, &dice);
    return allowed;
}

/* Those who are not stopped pass; the others meet the outcomes. `spare` has room for a row of lanes. */
static void go_on(struct crowd *crowd, people_t stopped, struct cohort spare[])
{
    struct replication *self = crowd->self;
    const struct gate *gate = &crowd->station->gate;
    struct station_state *state = &self->station[crowd->index];
    const people_t passing = crowd_sum(crowd, &crowd->rest);
    crowd->all = passing + stopped;
    state->passed += passing;
    state->stopped += stopped;
    crowd_follow(crowd, &crowd->rest, gate->route);
    if (!(stopped > 0)) { /* and nobody asks for seats */
        for (uint32_t o = 0; o + 1 < gate->outcome_count; o++) outcome_allows(crowd, o, 0);
        return;
    }
    capacity_take_many(self, gate->capacity, stopped);
    account_pay_many(self, gate->account, gate->item,
                     stopped * account_cost(self, gate->account, gate->item, 1), stopped);
    crowd_turn_to_picked(crowd, spare);
    for (uint32_t o = 0; o < gate->outcome_count; o++) apply_outcome(crowd, o);
}

/* ---- staff that gates share ----
 *
 * What there is goes to all who come in the step alike. A gate whose turn it is looks at those who are at the
 * gates behind it already, and expects as many more there as have come from gates before them in the steps
 * of the last day, without those who passed because there was no staff for them. */

/* How many of a group would be stopped, by the dice that will be thrown for it. */
static people_t look_at_draws(const struct replication *self, uint32_t station, uint32_t group, uint64_t bits,
                              const double p[])
{
    const uint32_t classes = (uint32_t)self->network->class_count;
    struct cohort here[NETWORK_MAX_CLASSES], stopped[NETWORK_MAX_CLASSES];
    people_t sum = 0;
    memcpy(here, flows_inflow(self, station) + group * classes, classes * sizeof *here);
    flows_thin_row(self, station, group, PURPOSE_DECISION, bits, here, p, stopped);
    for (; bits; bits &= bits - 1) sum += stopped[__builtin_ctzll(bits)].people;
    return sum;
}

/* How many of those who are at a gate now would be stopped; nobody is taken out. */
static people_t would_be_stopped(struct replication *self, uint32_t station)
{
    const struct cohort *came = flows_inflow(self, station);
    const uint32_t classes = (uint32_t)self->network->class_count;
    people_t sum = 0;
    for (uint32_t group = 0; group < self->flows.groups; group++) {
        double p[NETWORK_MAX_CLASSES];
        people_t people[NETWORK_MAX_CLASSES];
        uint64_t bits = self->flows.filled[station * self->flows.groups + group];
        if (!bits) continue;
        stop_chances(self, &self->network->station[station].gate, group, p);
        if (self->expected) {
            numbers_take_column(people, &came[group * classes].people, 0, classes);
            sum += numbers_sum_products(people, p, classes);
            continue;
        }
        sum += look_at_draws(self, station, group, bits, p);
    }
    return sum;
}

static struct flows_demand *staff_demand(const struct replication *self, uint32_t station)
{
    uint32_t outcomes = self->network->station[station].gate.outcome_count;
    return &self->flows.demand[self->flows.first_demand[station] + outcomes];
}

/* Stops that gates whose turn is still to come want of the same staff: of those who are there; of others. */
struct staff_wanted {
    people_t here, expected;
};
static struct staff_wanted wanted_behind(struct replication *self, uint32_t staff)
{
    struct staff_wanted wanted = {0, 0};
    uint32_t gates;
    const uint32_t *gate = flows_of_kind(&self->flows, KIND_GATE, &gates);
    for (uint32_t i = 0; i < gates; i++) {
        const uint32_t s = gate[i];
        if (self->network->station[s].gate.capacity != staff) continue;
        if ((int64_t)self->flows.turn[s] <= self->flows.state->turn) continue;
        struct flows_demand *demand = staff_demand(self, s);
        people_t people = flows_count_inflow(self, s);
        if (people != demand->people) demand->here = would_be_stopped(self, s);
        demand->people = people;
        if (demand->seen < 0) demand->seen = demand->here;
        wanted.here += demand->here;
        wanted.expected += fmax(0, demand->seen + demand->before - demand->here);
    }
    return wanted;
}

static people_t staff_for(const struct crowd *crowd, people_t wanted)
{
    struct replication *self = crowd->self;
    const uint32_t staff = crowd->station->gate.capacity;
    if (staff == NETWORK_NONE) return wanted;
    struct flows_demand *own = staff_demand(self, crowd->index);
    double *sufficed = &self->flows.sufficed[staff];
    if (own->seen >= 0) own->now = fmax(0, wanted - own->seen) * *sufficed;
    const struct staff_wanted behind = wanted_behind(self, staff);
    people_t left = fmax(0, self->capacity[staff].limit - self->capacity[staff].used);
    if (wanted + behind.here + behind.expected <= left) return wanted;
    struct dice dice;
    flows_dice(self, crowd->index, NETWORK_NONE, PURPOSE_LOT + 128, &dice);
    people_t whole = floor(behind.expected),
             expected = whole + dice_binomial(&dice, 1, behind.expected - whole);
    people_t stopped = dice_hypergeometric(&dice, wanted, behind.here + expected, left);
    const people_t passing = crowd_sum(crowd, &crowd->rest), all = passing + wanted - stopped;
    if (all > 0 && self->flows.ends[crowd->index]) *sufficed *= passing / all;
    return stopped;
}

static void turn(struct replication *self, const struct station *station)
{
    uint32_t index = (uint32_t)(station - self->network->station);
    struct crowd crowd = crowd_at(self, index, self->flows.scratch);
    crowd_gather(&crowd);
    people_t wanted = pick_stopped(&crowd);
    go_on(&crowd, limit_stopped(&crowd, staff_for(&crowd, wanted), wanted),
          self->flows.scratch + self->flows.lanes);
}

const struct kind kind_gate = {.name = "gate", .enter = enter, .turn = turn};
