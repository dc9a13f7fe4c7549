/* Gate: a checkpoint. A person is stopped with probability stop_probability x intensity while there are staff
 * and money for it; a stopped person meets the first outcome that class, chance, seats and money allow. */
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

/* The lanes of one turn, a row for each group: who is still to be dealt with, and who is at present picked
 * out. */
struct crowd {
    struct replication *self;
    const struct station *station;
    uint32_t index;
    struct cohort *rest, *picked;
};

/* Lanes whose inflow was not empty; `rest` and `picked` hold nobody elsewhere. */
static bool next_lane(const struct crowd *crowd, struct flows_lanes *lanes, uint32_t *lane)
{
    struct cohort *cohort;
    return flows_next_lane(crowd->self, crowd->index, lanes, lane, &cohort);
}

static void clear(const struct crowd *crowd, struct cohort cohorts[])
{
    const struct flows *flows = &crowd->self->flows;
    const size_t classes = crowd->self->network->class_count;
    for (uint32_t group = 0; group < flows->groups; group++)
        if (flows->filled[crowd->index * flows->groups + group])
            memset(cohorts + group * classes, 0, classes * sizeof *cohorts);
}

static people_t sum_of(const struct crowd *crowd, const struct cohort cohorts[])
{
    struct flows_lanes lanes = {0};
    people_t sum = 0;
    for (uint32_t lane; next_lane(crowd, &lanes, &lane);) sum += cohorts[lane].people;
    return sum;
}

static void follow_all(const struct crowd *crowd, struct cohort cohorts[], uint32_t route)
{
    struct replication *self = crowd->self;
    for (uint32_t group = 0; group < self->flows.groups; group++) {
        if (!self->flows.filled[crowd->index * self->flows.groups + group]) continue;
        struct cohort *row = cohorts + group * self->network->class_count;
        cohorts_follow(self, route, group, row, cohorts_bits(self, row));
    }
}

/* Sends those picked beyond `allowed` back to the rest. */
static void limit_picked(const struct crowd *crowd, people_t allowed, people_t wanted, struct dice *dice)
{
    people_t excess = wanted - allowed, among = wanted;
    struct flows_lanes lanes = {0};
    for (uint32_t lane; excess > 0 && next_lane(crowd, &lanes, &lane);) {
        people_t here = crowd->picked[lane].people;
        if (!(here > 0)) continue;
        among -= here;
        struct cohort back =
            cohort_take(&crowd->picked[lane], dice, dice_hypergeometric(dice, here, among, excess));
        cohort_add(&crowd->rest[lane], &back);
        excess -= back.people;
    }
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
    return fmax(0, fmin(wanted, room->limit - room->used - cohort_sum(door, self->flows.lanes)));
}

/* Picks each person of the rest with the probability of the class; returns how many. */
static people_t pick(const struct crowd *crowd, struct value share, uint64_t classes, uint32_t purpose)
{
    struct replication *self = crowd->self;
    struct flows_lanes lanes = {0};
    people_t wanted = 0;
    for (uint32_t lane; next_lane(crowd, &lanes, &lane);) {
        uint32_t class = lane_class(lane, self->network->class_count);
        crowd->picked[lane] = (struct cohort){0};
        if (!(crowd->rest[lane].people > 0) || !(classes >> class & 1)) continue;
        struct dice dice;
        flows_dice(self, crowd->index, lane, purpose, &dice);
        crowd->picked[lane] = cohort_thin(&crowd->rest[lane], &dice, value_or(self, share, class, 1));
        wanted += crowd->picked[lane].people;
    }
    return wanted;
}

/* What the picked cost, in units of the item; every class may need another number of them. */
static double units_of(const struct crowd *crowd, struct value units)
{
    const struct replication *self = crowd->self;
    struct flows_lanes lanes = {0};
    double sum = 0;
    for (uint32_t lane; next_lane(crowd, &lanes, &lane);)
        sum += crowd->picked[lane].people *
               value_or(self, units, lane_class(lane, self->network->class_count), 1);
    return sum;
}

static void pay(const struct crowd *crowd, uint32_t account, uint32_t item, struct value units)
{
    struct replication *self = crowd->self;
    struct flows_lanes lanes = {0};
    if (account == NETWORK_NONE || item == NETWORK_NONE) return;
    for (uint32_t lane; next_lane(crowd, &lanes, &lane);)
        account_pay_many(self, account, item,
                         value_or(self, units, lane_class(lane, self->network->class_count), 1),
                         crowd->picked[lane].people);
}

/* How many of those picked for an outcome its seats and its room allow. */
static people_t outcome_allows(const struct crowd *crowd, uint32_t number, people_t wanted)
{
    struct replication *self = crowd->self;
    const struct outcome *outcome = &crowd->station->gate.outcome[number];
    people_t allowed = wanted;
    if (outcome->capacity != NETWORK_NONE)
        allowed = fmin(allowed, flows_allowed(self, outcome->capacity,
                                              self->flows.first_demand[crowd->index] + number, wanted));
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
            allowed = account_affordable(self, crowd->station->gate.account, outcome->item,
                                         units_of(crowd, outcome->item_units) / wanted, allowed);
        if (!(allowed < wanted)) return wanted;
        limit_picked(crowd, allowed, wanted, &dice);
        wanted = allowed;
        if (!(wanted > 0) || self->expected) return wanted;
    }
}

static void apply_outcome(const struct crowd *crowd, uint32_t number)
{
    struct replication *self = crowd->self;
    const struct gate *gate = &crowd->station->gate;
    const struct outcome *outcome = &gate->outcome[number];
    if (number == gate->outcome_count - 1) { /* everyone who is left */
        struct crowd left = *crowd;
        left.picked = crowd->rest;
        if (outcome->capacity != NETWORK_NONE)
            capacity_take_many(self, outcome->capacity, sum_of(&left, left.picked));
        pay(&left, gate->account, outcome->item, outcome->item_units);
        follow_all(&left, left.picked, outcome->route);
        return;
    }
    people_t wanted = pick(crowd, outcome->share, outcome->classes, (uint32_t)outcome->hash | 1);
    if (!(wanted > 0)) return;
    wanted = limit_outcome(crowd, outcome, outcome_allows(crowd, number, wanted), wanted);
    capacity_take_many(self, outcome->capacity, wanted);
    pay(crowd, gate->account, outcome->item, outcome->item_units);
    follow_all(crowd, crowd->picked, outcome->route);
}

/* Expectations where one probability holds for all classes: a row at a time. */
static people_t pick_alike(const struct crowd *crowd, double p)
{
    struct replication *self = crowd->self;
    const size_t classes = self->network->class_count;
    people_t wanted = 0;
    for (uint32_t group = 0; group < self->flows.groups; group++) {
        struct span span = span_of(self->flows.filled[crowd->index * self->flows.groups + group]);
        size_t first = group * classes + span.first;
        double factor = 1;
        if (span.count == 0) continue;
        if (flows_together(self, (uint32_t)first))
            factor = value_or(self, crowd->station->gate.batch_factor, 0, 1);
        numbers_move_share(&crowd->picked[first].people, &crowd->rest[first].people,
                           span.count * COHORT_NUMBERS, fmax(0, fmin(p * factor, 1)));
        wanted += cohort_sum(&crowd->picked[first], span.count);
    }
    return wanted;
}

/* Picks those who would be stopped; returns how many. */
static people_t pick_stopped(const struct crowd *crowd)
{
    struct replication *self = crowd->self;
    const struct gate *gate = &crowd->station->gate;
    struct flows_lanes lanes = {0};
    people_t wanted = 0;
    if (self->expected && gate->stop_probability.mask == 0 &&
        (!value_given(gate->intensity) || gate->intensity.mask == 0))
        return pick_alike(crowd,
                          value_of(self, gate->stop_probability, 0) * value_or(self, gate->intensity, 0, 1));
    for (uint32_t lane; next_lane(crowd, &lanes, &lane);) {
        uint32_t class = lane_class(lane, self->network->class_count);
        double p = value_of(self, gate->stop_probability, class) * value_or(self, gate->intensity, class, 1);
        if (flows_together(self, lane)) p *= value_or(self, gate->batch_factor, class, 1);
        if (!(p > 0)) continue;
        struct dice dice;
        flows_dice(self, crowd->index, lane, PURPOSE_DECISION, &dice);
        crowd->picked[lane] = cohort_thin(&crowd->rest[lane], &dice, p);
        wanted += crowd->picked[lane].people;
    }
    return wanted;
}

/* Lets go of those whom staff and money do not reach; returns how many are stopped. */
static people_t limit_stopped(const struct crowd *crowd, people_t allowed, people_t wanted)
{
    struct replication *self = crowd->self;
    const struct gate *gate = &crowd->station->gate;
    allowed = account_affordable(self, gate->account, gate->item, 1, allowed);
    if (!(allowed < wanted)) return wanted;
    struct dice dice;
    flows_dice(self, crowd->index, NETWORK_NONE, PURPOSE_LOT, &dice);
    limit_picked(crowd, allowed, wanted, &dice);
    return allowed;
}

static struct crowd crowd_at(struct replication *self, uint32_t station, struct cohort picked[])
{
    struct crowd crowd = {.self = self,
                          .station = &self->network->station[station],
                          .index = station,
                          .rest = &self->flows.inflow[station * self->flows.lanes],
                          .picked = picked};
    clear(&crowd, picked);
    return crowd;
}

/* Those who are not stopped pass; the others meet the outcomes. `spare` has room for a row of lanes. */
static void go_on(struct crowd *crowd, people_t stopped, struct cohort spare[])
{
    struct replication *self = crowd->self;
    const struct gate *gate = &crowd->station->gate;
    struct station_state *state = &self->station[crowd->index];
    state->passed += sum_of(crowd, crowd->rest);
    state->stopped += stopped;
    follow_all(crowd, crowd->rest, gate->route);
    if (!(stopped > 0)) return;
    capacity_take_many(self, gate->capacity, stopped);
    account_pay_many(self, gate->account, gate->item, 1, stopped);
    crowd->rest = crowd->picked;
    crowd->picked = spare;
    clear(crowd, spare);
    for (uint32_t o = 0; o < gate->outcome_count; o++) apply_outcome(crowd, o);
}

/* Gates that share staff let people in together at the turn of the first, so that what staff there is goes to
 * all alike. */
static bool takes_part(const struct replication *self, uint32_t station, uint32_t staff)
{
    const struct station *here = &self->network->station[station];
    return here->kind == KIND_GATE && here->gate.capacity == staff && !self->flows.late[station] &&
           flows_has_inflow(self, station);
}

static void turn_together(struct replication *self, uint32_t staff)
{
    const uint32_t lanes = self->flows.lanes;
    struct cohort *spare = self->flows.scratch, *row = spare + lanes;
    people_t wanted = 0, left = self->capacity[staff].limit - self->capacity[staff].used;
    people_t *of_gate = self->flows.stopped;
    for (uint32_t s = 0, member = 0; s < self->network->station_count; s++) {
        if (!takes_part(self, s, staff)) continue;
        struct crowd crowd = crowd_at(self, s, row + (size_t)member * lanes);
        wanted += of_gate[member++] = pick_stopped(&crowd);
    }
    left = fmax(0, fmin(left, wanted));
    struct dice dice;
    flows_dice(self, self->flows.order[self->flows.state->turn], NETWORK_NONE, PURPOSE_LOT + 128, &dice);
    for (uint32_t s = 0, member = 0; s < self->network->station_count; s++) {
        if (!takes_part(self, s, staff)) continue;
        people_t own = of_gate[member], allowed = dice_hypergeometric(&dice, own, wanted - own, left);
        struct crowd crowd = {self, &self->network->station[s], s, &self->flows.inflow[s * lanes],
                              row + (size_t)member * lanes};
        wanted -= own;
        left -= allowed;
        member++;
        go_on(&crowd, limit_stopped(&crowd, allowed, own), spare);
        flows_end_turn(self, s);
    }
}

static void turn(struct replication *self, const struct station *station)
{
    uint32_t index = (uint32_t)(station - self->network->station);
    if (station->gate.capacity != NETWORK_NONE) {
        turn_together(self, station->gate.capacity);
        return;
    }
    struct crowd crowd = crowd_at(self, index, self->flows.scratch);
    people_t wanted = pick_stopped(&crowd);
    go_on(&crowd, limit_stopped(&crowd, wanted, wanted), self->flows.scratch + self->flows.lanes);
}

const struct kind kind_gate = {.name = "gate", .enter = enter, .turn = turn};
