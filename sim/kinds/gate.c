/* Gate: a checkpoint. A person is stopped with probability stop_probability x intensity while there are staff
 * and money for it; a stopped person meets the first outcome that class, chance, seats and money allow. */
#include "sim/kinds/kind.h"

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

/* ---- with cohorts ----
 *
 * The lanes meet each condition together: of those it could hold for, as many as staff, seats, room and money
 * allow, chosen by lot, as if they came one by one in random order. */

/* The lanes of one turn: who is still to be dealt with, and who is at present picked out. */
struct crowd {
    uint32_t station, lanes;
    struct cohort *rest, *picked;
};

static double batch_factor(const struct replication *self, const struct gate *gate, uint32_t lane,
                           uint32_t class)
{
    return flows_together(self, lane) ? value_or(self, gate->batch_factor, class, 1) : 1;
}

/* Sends those picked beyond `allowed` back to the rest. */
static void limit_picked(struct replication *self, struct crowd *crowd, people_t allowed, people_t wanted,
                         struct dice *dice)
{
    people_t excess = wanted - (allowed > 0 ? allowed : 0), among = wanted;
    for (uint32_t lane = 0; lane < crowd->lanes && excess > 0; lane++) {
        people_t here = crowd->picked[lane].people;
        if (!(here > 0)) continue;
        among -= here;
        people_t count = dice->expected ? here * (excess / (among + here))
                                        : dice_hypergeometric(dice, here, among, excess);
        struct cohort back = cohort_take(&crowd->picked[lane], dice, count);
        cohort_add(&crowd->rest[lane], &back);
        excess -= back.people;
    }
    (void)self;
}

/* How many of `wanted` hard room at the end of the route allows, besides those who are at its door already.
 */
static people_t room_for(const struct replication *self, uint32_t route, people_t wanted)
{
    const struct station *to = &self->network->station[self->network->route[route].to];
    if ((to->kind != KIND_DELAY && to->kind != KIND_STAY) || to->sojourn.capacity == NETWORK_NONE)
        return wanted;
    const struct capacity_state *room = &self->capacity[to->sojourn.capacity];
    const struct cohort *door = &self->flows.inflow[self->network->route[route].to * self->flows.lanes];
    people_t left = room->limit - room->used - cohort_sum(door, self->flows.lanes);
    return left < wanted ? left : wanted;
}

/* Picks each person of a lane with the probability of the class; returns how many. */
static people_t pick(struct replication *self, struct crowd *crowd, struct value share, uint64_t classes,
                     uint64_t hash)
{
    const size_t class_count = self->network->class_count;
    people_t wanted = 0;
    for (uint32_t lane = 0; lane < crowd->lanes; lane++) {
        uint32_t class = lane_class(lane, class_count);
        crowd->picked[lane] = (struct cohort){0};
        if (!(crowd->rest[lane].people > 0) || !(classes >> class & 1)) continue;
        struct dice dice;
        flows_dice(self, crowd->station, lane, (uint32_t)hash | 1, &dice);
        crowd->picked[lane] = cohort_thin(&crowd->rest[lane], &dice, value_or(self, share, class, 1));
        wanted += crowd->picked[lane].people;
    }
    return wanted;
}

/* What the picked cost, in units of the item; every class may need another number of them. */
static double units_of(const struct replication *self, const struct crowd *crowd, struct value units)
{
    double sum = 0;
    for (uint32_t lane = 0; lane < crowd->lanes; lane++)
        if (crowd->picked[lane].people > 0)
            sum += crowd->picked[lane].people *
                   value_or(self, units, lane_class(lane, self->network->class_count), 1);
    return sum;
}

static void pay(struct replication *self, const struct crowd *crowd, uint32_t account, uint32_t item,
                struct value units)
{
    for (uint32_t lane = 0; lane < crowd->lanes; lane++)
        account_pay_many(self, account, item,
                         value_or(self, units, lane_class(lane, self->network->class_count), 1),
                         crowd->picked[lane].people);
}

static void follow_all(struct replication *self, struct cohort cohorts[], uint32_t lanes, uint32_t route)
{
    for (uint32_t lane = 0; lane < lanes; lane++)
        if (cohorts[lane].people > 0) cohort_follow(self, route, lane, &cohorts[lane]);
}

/* Keeps `allowed` of the picked, or fewer if the account does not reach. Those kept may be dearer than all of
 * them are on average, so that their price is looked at again. */
static people_t limit_to_money(struct replication *self, const struct gate *gate,
                               const struct outcome *outcome, struct crowd *crowd, people_t allowed,
                               people_t wanted)
{
    struct dice dice;
    flows_dice(self, crowd->station, NETWORK_NONE, (uint32_t)outcome->hash | 1, &dice);
    for (;;) {
        double each = units_of(self, crowd, outcome->item_units) / wanted;
        allowed = account_affordable(self, gate->account, outcome->item, each, allowed);
        if (!(allowed < wanted)) return wanted;
        limit_picked(self, crowd, allowed, wanted, &dice);
        wanted = allowed > 0 ? allowed : 0;
        if (!(wanted > 0) || self->expected) return wanted;
    }
}

static void apply_outcome(struct replication *self, const struct station *station, struct crowd *crowd,
                          uint32_t number)
{
    const struct gate *gate = &station->gate;
    const struct outcome *outcome = &gate->outcome[number];
    bool last = number == gate->outcome_count - 1;
    people_t wanted = last ? pick(self, crowd, (struct value){NETWORK_NONE, 0}, UINT64_MAX, outcome->hash)
                           : pick(self, crowd, outcome->share, outcome->classes, outcome->hash);
    if (!(wanted > 0)) return;
    if (!last) {
        people_t allowed = wanted;
        if (outcome->capacity != NETWORK_NONE)
            allowed =
                fmin(allowed, flows_allowed(self, outcome->capacity,
                                            self->flows.first_demand[crowd->station] + 1 + number, wanted));
        allowed = room_for(self, outcome->route, allowed);
        wanted = limit_to_money(self, gate, outcome, crowd, allowed, wanted);
    }
    capacity_take_many(self, outcome->capacity, wanted);
    pay(self, crowd, gate->account, outcome->item, outcome->item_units);
    follow_all(self, crowd->picked, crowd->lanes, outcome->route);
}

/* Picks those who are stopped, as far as staff and money reach. */
static people_t pick_stopped(struct replication *self, const struct station *station, struct crowd *crowd,
                             struct cohort passing[])
{
    const struct gate *gate = &station->gate;
    const size_t classes = self->network->class_count;
    people_t wanted = 0;
    for (uint32_t lane = 0; lane < crowd->lanes; lane++) {
        crowd->rest[lane] = crowd->picked[lane] = (struct cohort){0};
        if (!(passing[lane].people > 0)) continue;
        uint32_t class = lane_class(lane, classes);
        double p = value_of(self, gate->stop_probability, class) * value_or(self, gate->intensity, class, 1) *
                   batch_factor(self, gate, lane, class);
        struct dice dice;
        flows_dice(self, crowd->station, lane, PURPOSE_DECISION, &dice);
        crowd->picked[lane] = cohort_thin(&passing[lane], &dice, p);
        crowd->rest[lane] = passing[lane];
        wanted += crowd->picked[lane].people;
    }
    people_t allowed = wanted;
    if (gate->capacity != NETWORK_NONE)
        allowed = fmin(allowed,
                       flows_allowed(self, gate->capacity, self->flows.first_demand[crowd->station], wanted));
    allowed = account_affordable(self, gate->account, gate->item, 1, allowed);
    if (!(allowed < wanted)) return wanted;
    struct dice dice;
    flows_dice(self, crowd->station, NETWORK_NONE, PURPOSE_LOT, &dice);
    limit_picked(self, crowd, allowed, wanted, &dice);
    return allowed > 0 ? allowed : 0;
}

static void turn(struct replication *self, const struct station *station)
{
    const struct gate *gate = &station->gate;
    uint32_t index = (uint32_t)(station - self->network->station);
    struct cohort *rest = self->flows.scratch, *picked = rest + self->flows.lanes;
    struct crowd crowd = {.station = index, .lanes = self->flows.lanes, .rest = rest, .picked = picked};
    struct cohort *passing = &self->flows.inflow[index * self->flows.lanes];
    struct station_state *state = &self->station[index];
    people_t stopped = pick_stopped(self, station, &crowd, passing);
    follow_all(self, rest, crowd.lanes, gate->route);
    state->passed += cohort_sum(rest, crowd.lanes);
    state->stopped += stopped;
    if (!(stopped > 0)) return;
    capacity_take_many(self, gate->capacity, stopped);
    account_pay_many(self, gate->account, gate->item, 1, stopped);
    memcpy(rest, picked, crowd.lanes * sizeof *rest);
    for (uint32_t o = 0; o < gate->outcome_count; o++) apply_outcome(self, station, &crowd, o);
}

const struct kind kind_gate = {.name = "gate", .enter = enter, .turn = turn};
