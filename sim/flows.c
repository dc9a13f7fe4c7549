#include "sim/flows.h"

#include "sim/day.h"
#include "sim/kinds/kind.h"
#include "sim/numbers.h"
#include "sim/recorder.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

/* ---- moving ---- */

_Static_assert(COHORT_NUMBERS == NUMBERS_RECORD, "a row of cohorts is an array of records");

static void count_moves(struct replication *self, uint32_t route_index, uint32_t class, struct cohort *cohort)
{
    const struct network *n = self->network;
    const struct route *route = &n->route[route_index];
    self->counters.flow[route_index * n->class_count + class] += cohort->people;
    for (uint32_t t = 0; t < route->tally_count; t++) {
        uint32_t tally = route->tally[t];
        int memory = n->tally[tally].memory;
        self->counters.tally[tally * n->class_count + class] += cohort->people;
        self->tally_total[tally] += cohort->people;
        if (memory < 0) continue;
        self->counters.first[tally * n->class_count + class] += cohort->fresh[memory];
        cohort->fresh[memory] = 0;
    }
}

bool flows_together(const struct replication *self, uint32_t lane)
{
    uint32_t group = lane / (uint32_t)self->network->class_count;
    return group > 0 && self->batch[group - 1].end > self->state->now;
}

struct cohort *flows_inflow(const struct replication *self, uint32_t station)
{
    return self->flows.inflow + (size_t)self->flows.door[station] * self->flows.lanes;
}

struct cohort *flows_open_inflow(struct replication *self, uint32_t station)
{
    const struct flows *flows = &self->flows;
    if (flows->door[station] == 0) flows->door[station] = flows->free_places[--flows->state->places];
    return flows_inflow(self, station);
}

people_t flows_count_inflow(const struct replication *self, uint32_t station)
{
    const struct flows *flows = &self->flows;
    people_t sum = 0;
    for (uint32_t g = 0; g < flows->groups; g++) {
        struct span span = span_of(flows->filled[station * flows->groups + g]);
        sum +=
            cohort_sum(&flows_inflow(self, station)[g * self->network->class_count + span.first], span.count);
    }
    return sum;
}

static void close_inflow(struct replication *self, uint32_t station)
{
    const struct flows *flows = &self->flows;
    if (flows->door[station] == 0) return;
    flows->free_places[flows->state->places++] = flows->door[station];
    flows->door[station] = 0;
}

void cohort_follow(struct replication *self, uint32_t route, uint32_t lane, const struct cohort *cohort)
{
    const struct flows *flows = &self->flows;
    const size_t classes = self->network->class_count;
    uint32_t class = lane_class(lane, classes), to = self->network->route[route].to;
    struct cohort moved = *cohort;
    if (!(moved.people > 0)) return;
    count_moves(self, route, class, &moved);
    if (lane >= classes && !flows_together(self, lane)) lane = class;
    cohort_add(&flows_open_inflow(self, to)[lane], &moved);
    flows->filled[to * flows->groups + lane / classes] |= (uint64_t)1 << class;
    if ((int64_t)flows->turn[to] > flows->state->turn) return;
    flows->late[to] = 1;
    flows_present(self, to, lane, moved.people);
}

uint64_t cohorts_bits(const struct replication *self, const struct cohort row[])
{
    people_t count[NETWORK_MAX_CLASSES];
    numbers_take_column(count, &row->people, 0, self->network->class_count);
    return numbers_positive(count, self->network->class_count);
}

/* So many of each class of a span are present, or no longer. */
static void add_present(struct replication *self, uint32_t station, struct span span, const people_t *count,
                        size_t stride, double sign)
{
    double rest = (double)(self->state->bin_end - self->state->now);
    size_t cell = cell_of(self, station, span.first);
    int64_t *restrict ticks = self->counters.stock_ticks + cell;
    people_t *restrict stock = self->stock + cell;
    for (uint32_t c = 0; c < span.count; c++) {
        people_t people = sign * count[c * stride];
        stock[c] += people;
        ticks[c] += llrint(people * rest);
    }
}

static bool is_run(uint64_t bits, struct span span)
{
    return span.count == 64 || bits >> span.first == ((uint64_t)1 << span.count) - 1;
}

void cohorts_present(struct replication *self, uint32_t station, const struct cohort row[], uint64_t bits,
                     int sign)
{
    struct span span = span_of(bits);
    if (is_run(bits, span)) {
        add_present(self, station, span, &row[span.first].people, COHORT_NUMBERS, sign);
        return;
    }
    for (; bits; bits &= bits - 1) {
        uint32_t class = (uint32_t)__builtin_ctzll(bits);
        add_present(self, station, (struct span){class, 1}, &row[class].people, COHORT_NUMBERS, sign);
    }
}

static size_t column_of_memory(int memory)
{
    return offsetof(struct cohort, fresh) / sizeof(people_t) + (size_t)memory;
}

/* What a route counts for the first time is 0 behind it. */
static void forget_fresh(const struct replication *self, const struct route *route,
                         double keep[COHORT_NUMBERS])
{
    for (size_t i = 0; i < COHORT_NUMBERS; i++) keep[i] = 1;
    for (uint32_t t = 0; t < route->tally_count; t++) {
        int memory = self->network->tally[route->tally[t]].memory;
        if (memory >= 0) keep[column_of_memory(memory)] = 0;
    }
}

/* Counts those on the way, by class. `share`: of each class of the row, from the first of the span on. */
static void count_row(struct replication *self, uint32_t route_index, const struct cohort row[],
                      const double share[], struct span span, const people_t moved[])
{
    const struct network *n = self->network;
    const struct route *route = &n->route[route_index];
    bool counted[NETWORK_MEMORIES] = {false};
    numbers_add(self->counters.flow + route_index * n->class_count + span.first, moved, span.count);
    if (route->tally_count == 0) return;
    people_t sum = numbers_sum(moved, span.count);
    for (uint32_t t = 0; t < route->tally_count; t++) {
        uint32_t tally = route->tally[t];
        size_t cell = tally * n->class_count + span.first;
        int memory = n->tally[tally].memory;
        self->tally_total[tally] += sum;
        numbers_add(self->counters.tally + cell, moved, span.count);
        if (memory < 0 || counted[memory]) continue;
        numbers_add_column(self->counters.first + cell, &row->people, column_of_memory(memory), span.count,
                           share);
        counted[memory] = true;
    }
}

void cohorts_send(struct replication *self, uint32_t route, uint32_t group, const struct cohort row[],
                  uint64_t bits, struct flows_share share)
{
    const struct flows *flows = &self->flows;
    const size_t classes = self->network->class_count;
    uint32_t to = self->network->route[route].to;
    double keep[COHORT_NUMBERS], alike[NETWORK_MAX_CLASSES];
    people_t moved[NETWORK_MAX_CLASSES];
    if (bits == 0) return;
    struct span span = span_of(bits);
    const double *each = share.each ? share.each + span.first : share.all == 1 ? flows->whole : alike;
    row += span.first;
    for (uint32_t c = 0; each == alike && c < span.count; c++) alike[c] = share.all;
    forget_fresh(self, &self->network->route[route], keep);
    if (group > 0 && !flows_together(self, group * (uint32_t)classes)) group = 0;
    flows->filled[to * flows->groups + group] |= bits;
    numbers_add_records(&flows_open_inflow(self, to)[group * classes + span.first].people, moved,
                        &row->people, span.count, each, keep);
    count_row(self, route, row, each, span, moved);
    if ((int64_t)flows->turn[to] > flows->state->turn) return;
    flows->late[to] = 1;
    add_present(self, to, span, moved, 1, 1);
}

void cohorts_follow(struct replication *self, uint32_t route, uint32_t group, const struct cohort row[],
                    uint64_t bits)
{
    cohorts_send(self, route, group, row, bits, (struct flows_share){.all = 1});
}

bool flows_next_lane(const struct replication *self, uint32_t station, struct flows_lanes *lanes,
                     uint32_t *lane, struct cohort **cohort)
{
    const struct flows *flows = &self->flows;
    if (!lanes->started) {
        lanes->started = true;
        lanes->bits = flows->filled[station * flows->groups];
    }
    while (lanes->bits == 0) {
        if (++lanes->group == flows->groups) return false;
        lanes->bits = flows->filled[station * flows->groups + lanes->group];
    }
    uint32_t class = (uint32_t)__builtin_ctzll(lanes->bits);
    lanes->bits &= lanes->bits - 1;
    *lane = lanes->group * (uint32_t)self->network->class_count + class;
    *cohort = &flows_inflow(self, station)[*lane];
    return true;
}

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

void flows_dice(const struct replication *self, uint32_t station, uint32_t lane, uint32_t purpose,
                struct dice *dice)
{
    const struct flows *flows = &self->flows;
    uint64_t identity = 0;
    if (!self->expected) {
        uint64_t who = lane == NETWORK_NONE ? 0 : flows->lane_hash[lane];
        int64_t step = flows->state->step - (int64_t)self->network->spin_up_days * self->engine.steps_per_day;
        identity = random_mix(random_mix(self->network->station[station].hash, who), (uint64_t)step);
    }
    dice_start(dice, self->expected, self->seed, self->number, identity, purpose);
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

people_t flows_allowed(struct replication *self, uint32_t capacity, uint32_t demand, people_t asked)
{
    const struct flows *flows = &self->flows;
    struct flows_demand *own = &flows->demand[demand];
    people_t left = self->capacity[capacity].limit - self->capacity[capacity].used;
    people_t rest = flows->rest_demand[capacity];
    own->now += asked;
    flows->rest_demand[capacity] -= own->before;
    if (left < 0) left = 0;
    if (rest <= left || !(rest > 0)) return left;
    people_t share = left * (own->before / rest);
    return self->expected ? share : floor(share + 0.5);
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

/* Everyone who was late waited as part of the station's stock. */
static void admit_late(struct replication *self)
{
    const struct flows *flows = &self->flows;
    for (uint32_t s = 0; s < self->network->station_count; s++) {
        if (!flows->late[s]) continue;
        for (uint32_t g = 0; g < flows->groups; g++)
            cohorts_present(self, s, &flows_inflow(self, s)[g * self->network->class_count],
                            flows->filled[s * flows->groups + g], -1);
        flows->late[s] = 0;
    }
}

/* Demands of the step before, summed over the users of each capacity. */
static void begin_demands(struct replication *self)
{
    const struct flows *flows = &self->flows;
    const struct network *n = self->network;
    for (size_t i = 0; i < n->capacity_count; i++) flows->rest_demand[i] = 0;
    for (uint32_t s = 0; s < n->station_count; s++) {
        const struct gate *gate = &n->station[s].gate;
        if (n->station[s].kind != KIND_GATE) continue;
        struct flows_demand *demand = &flows->demand[flows->first_demand[s]];
        for (uint32_t o = 0; o < gate->outcome_count; o++, demand++) {
            uint32_t capacity = gate->outcome[o].capacity;
            demand->before = demand->now;
            demand->now = 0;
            if (capacity != NETWORK_NONE) flows->rest_demand[capacity] += demand->before;
        }
    }
}

void flows_end_turn(struct replication *self, uint32_t station)
{
    const struct flows *flows = &self->flows;
    for (uint32_t g = 0; g < flows->groups; g++) {
        uint64_t *filled = &flows->filled[station * flows->groups + g];
        flows->state->cells += (uint64_t)__builtin_popcountll(*filled);
        struct span span = span_of(*filled);
        size_t lane = g * self->network->class_count + span.first;
        memset(&flows_inflow(self, station)[lane], 0, span.count * sizeof *flows->inflow);
        *filled = 0;
    }
    close_inflow(self, station);
}

bool flows_has_inflow(const struct replication *self, uint32_t station)
{
    const struct flows *flows = &self->flows;
    for (uint32_t g = 0; g < flows->groups; g++)
        if (flows->filled[station * flows->groups + g]) return true;
    return false;
}

static void step(struct replication *self)
{
    const struct flows *flows = &self->flows;
    const struct network *n = self->network;
    begin_demands(self);
    admit_late(self);
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
    self->flows.state->places = (uint32_t)self->network->station_count;
    for (uint32_t i = 0; i < self->network->station_count; i++) self->flows.free_places[i] = i + 1;
    for (size_t s = 0; s < self->network->station_count; s++) {
        const struct station *station = &self->network->station[s];
        if (kinds[station->kind]->cohort_begin) kinds[station->kind]->cohort_begin(self, station);
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
