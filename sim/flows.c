#include "sim/flows.h"

#include "sim/day.h"
#include "sim/kinds/kind.h"
#include "sim/recorder.h"

#include <math.h>
#include <string.h>

void flows_present(struct replication *self, uint32_t station, uint32_t lane, people_t count)
{
    size_t cell = cell_of(self, station, lane_class(lane, self->network->class_count));
    self->stock[cell] += count;
    self->counters.stock_ticks[cell] += person_ticks(count, self->state->bin_end - self->state->now);
}

void flows_waits(struct replication *self, uint32_t station, double longer)
{
    const struct line_leaving *leaving = &self->flows.leaving;
    double now = (double)self->flows.state->step + longer;
    for (uint32_t lane = 0; lane < self->flows.lanes; lane++) {
        people_t people = leaving->people[lane];
        if (!(people > 0)) continue;
        double steps = fmax(0, people * now - leaving->dates[lane]);
        waits_counted(self, station, lane_class(lane, self->network->class_count), people,
                      llrint(steps * (double)self->flows.step_ticks));
    }
}

/* The purpose is part of the name, not a place in a stream: a throw may take any number of words. */
static void start_dice(const struct replication *self, uint32_t station, uint64_t who, uint32_t purpose,
                       struct dice *dice)
{
    uint64_t identity = 0;
    if (!self->expected) {
        const int64_t before = (int64_t)self->network->spin_up_days * self->engine.steps_per_day;
        const uint64_t step = (uint64_t)(self->flows.state->step - before);
        identity =
            random_mix(random_mix(random_mix(self->network->station[station].hash, who), step), purpose);
    }
    dice_start(dice, self->expected, self->seed, self->number, identity, 0);
}

void flows_dice(const struct replication *self, uint32_t station, uint32_t lane, uint32_t purpose,
                struct dice *dice)
{
    start_dice(self, station, lane == NETWORK_NONE ? 0 : self->flows.lane_hash[lane], purpose, dice);
}

void flows_dice_of_group(const struct replication *self, uint32_t station, uint32_t group, uint32_t purpose,
                         struct dice *dice)
{
    start_dice(self, station, group + 1, purpose, dice);
}

struct cohort flows_thin(const struct replication *self, uint32_t station, uint32_t lane, uint32_t purpose,
                         struct cohort *cohort, double p)
{
    struct cohort taken = {0};
    struct dice dice;
    if (!(cohort->people > 0) || !(p > 0)) return taken;
    if (p < 1) {
        flows_dice(self, station, lane, purpose, &dice);
        return cohort_thin(cohort, &dice, p);
    }
    taken = *cohort;
    *cohort = (struct cohort){0};
    return taken;
}

#define MANY    256 /* people of a class */
#define CLASSES 4   /* with so many, from which on it is quicker to draw them together */

void flows_thin_row(const struct replication *self, uint32_t station, uint32_t group, uint32_t purpose,
                    uint64_t bits, struct cohort row[], const double p[], struct cohort part[])
{
    const uint32_t classes = (uint32_t)self->network->class_count;
    double chance[NETWORK_MAX_CLASSES] = {0};
    uint64_t many = 0;
    uint32_t count = 0;
    for (uint64_t some = bits; some; some &= some - 1) {
        uint32_t class = (uint32_t)__builtin_ctzll(some);
        bool is_one = row[class].people >= MANY && p[class] < 1;
        many |= (uint64_t)is_one << class;
        count += is_one;
    }
    if (count < CLASSES) many = 0;
    for (uint64_t some = many; some; some &= some - 1) {
        uint32_t class = (uint32_t)__builtin_ctzll(some);
        chance[class] = p[class];
        part[class] = (struct cohort){0};
    }
    if (many) {
        struct dice dice;
        flows_dice_of_group(self, station, group, purpose, &dice);
        cohorts_thin_drawn(row, classes, &dice, chance, part);
    }
    for (bits &= ~many; bits; bits &= bits - 1) {
        uint32_t class = (uint32_t)__builtin_ctzll(bits);
        part[class] = flows_thin(self, station, group * classes + class, purpose, &row[class], p[class]);
    }
}

/* Seats that will be asked for at a demand of a gate whose turn is not over. */
static people_t expected_demand(const struct replication *self, uint32_t gate, struct flows_demand *demand)
{
    people_t here = flows_count_inflow(self, gate);
    if (demand->seen < 0) demand->seen = here;
    return demand->rate * fmax(here, demand->seen + demand->before);
}

/* The same of all whose turn is still to come: those behind the demand `own` of a station. */
static people_t demand_to_come(const struct replication *self, uint32_t station, uint32_t seats, uint32_t own,
                               people_t came)
{
    const struct flows *flows = &self->flows;
    uint32_t gates;
    const uint32_t *gate = flows_of_kind(flows, KIND_GATE, &gates);
    people_t sum = 0;
    for (uint32_t i = 0; i < gates; i++) {
        const uint32_t s = gate[i], first = flows->first_demand[s];
        const struct gate *here = &self->network->station[s].gate;
        if (flows->turn[s] < flows->turn[station]) continue;
        for (uint32_t o = s == station ? own - first + 1 : 0; o < here->outcome_count; o++)
            if (here->outcome[o].capacity == seats)
                sum += s == station ? flows->demand[first + o].rate * came
                                    : expected_demand(self, s, &flows->demand[first + o]);
    }
    return sum;
}

people_t flows_allowed(struct replication *self, uint32_t station, uint32_t seats, uint32_t demand,
                       people_t asked, people_t came)
{
    struct flows_demand *own = &self->flows.demand[demand];
    people_t left = fmax(0, self->capacity[seats].limit - self->capacity[seats].used);
    own->rate = came > 0 ? asked / came : 0;
    if (own->seen >= 0) own->now = fmax(0, came - own->seen);
    if (!(asked > 0)) return 0;
    const people_t wanted = asked + demand_to_come(self, station, seats, demand, came);
    if (wanted <= left) return left;
    people_t share = left * (asked / wanted), whole = floor(share);
    struct dice dice;
    flows_dice(self, station, NETWORK_NONE, PURPOSE_LOT + 512 + demand, &dice);
    return whole + dice_binomial(&dice, 1, share - whole);
}

bool flows_leads_back(const struct replication *self, uint32_t station)
{
    const struct station *here = &self->network->station[station];
    const struct flows *flows = &self->flows;
    uint32_t route = here->kind == KIND_QUEUE ? here->queue.route : here->sojourn.route;
    return flows->turn[self->network->route[route].to] <= flows->turn[station];
}

void *flows_area(const struct replication *self, uint32_t station)
{
    return self->block + self->flows.area[station];
}

void flows_still_waiting(const struct replication *self, uint32_t station, people_t *people,
                         double *person_days)
{
    const struct station *here = &self->network->station[station];
    *people = *person_days = 0;
    if (kinds[here->kind]->still_waiting) kinds[here->kind]->still_waiting(self, here, people, person_days);
}

/* ---- steps ---- */

static void begin_demands(struct replication *self)
{
    const struct flows *flows = &self->flows;
    for (size_t i = 0; i < self->network->capacity_count; i++) flows->sufficed[i] = 1;
    for (struct flows_demand *demand = flows->demand; demand < flows->demand + flows->demands; demand++) {
        demand->before += (demand->now - demand->before) * flows->step_days;
        demand->now = 0;
        demand->seen = -1;
        demand->people = demand->here = 0;
    }
}

static void step(struct replication *self)
{
    const struct flows *flows = &self->flows;
    const struct network *n = self->network;
    begin_demands(self);
    flows_admit_late(self);
    for (uint32_t i = 0; i < n->station_count; i++) {
        const struct kind *kind = kinds[flows->kind[i]];
        if (kind->release) kind->release(self, &n->station[flows->order[i]]);
    }
    for (uint32_t i = 0; i < n->station_count; i++) {
        uint32_t s = flows->order[i];
        const struct kind *kind = kinds[flows->kind[i]];
        flows->state->turn = i;
        if (!kind->turn || !(kind->every_turn || flows_has_inflow(self, s))) continue;
        kind->turn(self, &n->station[s]);
        flows_end_turn(self, s);
    }
    flows->state->turn = -1;
    flows->state->step++;
}

static void begin_stations(struct replication *self)
{
    flows_begin_inflow(self);
    for (size_t s = 0; s < self->network->station_count; s++) {
        const struct station *station = &self->network->station[s];
        const struct kind *kind = kinds[station->kind];
        if (!kind->reuses_memory) memset(flows_area(self, (uint32_t)s), 0, self->flows.area_size[s]);
        if (kind->cohort_begin) kind->cohort_begin(self, station);
    }
}

static void for_all_day(struct replication *self, bool sources)
{
    for (size_t s = 0; s < self->network->station_count; s++) {
        const struct station *station = &self->network->station[s];
        if (kinds[station->kind]->cohort_day && (station->kind == KIND_SOURCE) == sources)
            kinds[station->kind]->cohort_day(self, station);
    }
}

/* As the agents' day: draws and departures before the day's arrivals. */
static bool begin_day(struct replication *self, bool first)
{
    bool changed;
    if (!day_begin(self, &changed)) return false;
    for (size_t s = 0; changed && !first && s < self->network->station_count; s++) {
        const struct station *station = &self->network->station[s];
        if (kinds[station->kind]->cohort_changed) kinds[station->kind]->cohort_changed(self, station);
    }
    place_begin_day(self);
    if (first) begin_stations(self);
    for_all_day(self, false);
    for_all_day(self, true);
    return true;
}

bool flows_run(struct replication *self, atomic_int *stop)
{
    const struct flows *flows = &self->flows;
    struct replication_state *state = self->state;
    tick_t day = state->now;
    for (bool first = true; begin_day(self, first); first = false) {
        for (uint32_t k = 0; k < self->engine.steps_per_day; k++) {
            state->now = day + (tick_t)k * flows->step_ticks + flows->step_ticks / 2;
            step(self);
        }
        if (self->error.kind != ERROR_NONE) return false;
        if (stop && atomic_load_explicit(stop, memory_order_relaxed))
            return error_set(&self->error, ERROR_STOPPED, "stopped by the user");
        state->now = day += TICKS_PER_DAY;
    }
    state->events = flows->state->cells;
    recorder_end(self->recorder, self);
    return self->error.kind == ERROR_NONE;
}
