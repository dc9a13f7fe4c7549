/* Memory and tables of the engine of cohorts. */
#include "sim/cohort_ring.h"
#include "sim/kinds/ballot.h"
#include "sim/replication.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MOST_STEPS_OF_A_TABLE (uint32_t) COHORT_RING_LONGEST

/* ---- durations ---- */

/* The duration that the station's people are in for: on the way, in service, from draw to appointment. */
static const struct duration *duration_of(const struct network *n, uint32_t station)
{
    const struct station *here = &n->station[station];
    switch (here->kind) {
    case KIND_DELAY:
    case KIND_STAY:
        return &here->sojourn.duration;
    case KIND_QUEUE:
        return value_given(here->queue.per_day) ? NULL : &here->queue.service;
    case KIND_BALLOT:
        return &n->ballot[here->ballot.ballot].lead;
    default:
        return NULL;
    }
}

static uint32_t tables_of(const struct network *n, uint32_t station)
{
    const struct duration *duration = duration_of(n, station);
    if (!duration) return 0;
    return duration->mean_days.mask ? (uint32_t)n->class_count : 1;
}

/* The largest mean that any class may get on any date: ranges and policies included. */
static double largest_mean(const struct network *n, struct value mean)
{
    size_t count = mean.mask ? n->class_count : 1;
    double largest = 0;
    for (size_t i = 0; i < count; i++) {
        const struct slot *slot = &n->slot[mean.slot + i];
        largest = fmax(largest, fmax(slot->value, slot->high));
    }
    for (size_t i = 0; i < n->change_count; i++)
        if (n->change[i].slot >= mean.slot && n->change[i].slot < mean.slot + count)
            largest = fmax(largest, fmax(n->change[i].value, n->change[i].high));
    for (size_t r = 0; r < n->rule_count; r++)
        for (uint32_t i = 0; i < n->rule[r].change_count; i++) {
            const struct change *change = &n->rule[r].change[i];
            if (change->slot >= mean.slot && change->slot < mean.slot + count)
                largest = fmax(largest, fmax(change->value, change->high));
        }
    return largest;
}

/* Whether the table of a station holds nearly all that its durations may be. What lies beyond is brought
 * nearer, at the same mean. */
#define TOO_MANY_BEYOND 0.01
static bool durations_fit(const struct replication *self, uint32_t station, struct error *error)
{
    const struct duration *duration = duration_of(self->network, station);
    if (!duration || self->flows.steps < MOST_STEPS_OF_A_TABLE) return true;
    double mean = largest_mean(self->network, duration->mean_days) / self->flows.step_days;
    double beyond = mean > 0 ? distribution_survival(&duration->shape, MOST_STEPS_OF_A_TABLE / mean) : 0;
    if (beyond <= TOO_MANY_BEYOND) return true;
    return error_set(
        error, ERROR_USAGE,
        "%s: %.0f %% of the durations would be longer than %d steps, which %s cannot hold; use a "
        "longer step",
        self->network->station[station].name, 100 * beyond, COHORT_RING_LONGEST,
        engine_names[self->engine.kind]);
}

static uint32_t longest_of(const struct replication *self, uint32_t station)
{
    const struct duration *duration = duration_of(self->network, station);
    if (!duration) return 0;
    double mean = largest_mean(self->network, duration->mean_days) / self->flows.step_days;
    uint32_t most = self->flows.steps + 2 < MOST_STEPS_OF_A_TABLE ? (uint32_t)self->flows.steps + 2
                                                                  : MOST_STEPS_OF_A_TABLE;
    uint32_t longest = discrete_support(&duration->shape, mean, most);
    return longest < 3 ? 3 : longest;
}

/* Whoever goes back on a way stays for a step at least, at whose end the station there takes its turn. From a
 * queue they wait at its door instead: a server would be held up. */
static bool stays_for_a_step(const struct replication *self, uint32_t station)
{
    return self->network->station[station].kind != KIND_QUEUE && flows_leads_back(self, station);
}

const struct discrete *flows_durations(struct replication *self, uint32_t station, uint32_t class)
{
    const struct flows *flows = &self->flows;
    const struct network *n = self->network;
    const struct duration *duration = duration_of(n, station);
    double mean = value_of(self, duration->mean_days, class) / flows->step_days;
    if (!(mean > 0)) return NULL;
    struct flows_table *table =
        &flows->table[flows->first_table[station] + (class & duration->mean_days.mask)];
    if (table->mean_steps != mean) {
        table->mean_steps = mean;
        if (n->station[station].kind == KIND_BALLOT)
            discrete_fill_from_start(&table->steps, &duration->shape, mean, flows->longest[station]);
        else
            discrete_fill(&table->steps, &duration->shape, mean, stays_for_a_step(self, station),
                          flows->longest[station]);
    }
    return &table->steps;
}

/* ---- making ---- */

static void number_lanes(struct replication *self)
{
    struct flows *flows = &self->flows;
    const struct network *n = self->network;
    for (uint32_t lane = 0; lane < flows->lanes; lane++) {
        uint32_t group = lane / (uint32_t)n->class_count;
        flows->lane_hash[lane] = random_mix(self->class_hash[lane % n->class_count], group);
    }
    for (uint32_t i = 0; i < flows->lanes + COHORT_NUMBERS; i++) flows->whole[i] = 1;
    uint32_t group = 1;
    for (size_t s = 0; s < n->station_count; s++) {
        flows->first_group[s] = group;
        if (n->station[s].kind == KIND_SOURCE) group += n->station[s].source.batch_count;
    }
}

static uint32_t count_groups(const struct network *n)
{
    uint32_t groups = 1;
    for (size_t s = 0; s < n->station_count; s++)
        if (n->station[s].kind == KIND_SOURCE) groups += n->station[s].source.batch_count;
    return groups;
}

static void sort_by_kind(struct flows *flows, const struct network *n)
{
    uint32_t count = 0;
    for (uint32_t kind = 0; kind < KIND_COUNT; kind++) {
        flows->first_of_kind[kind] = count;
        for (uint32_t s = 0; s < n->station_count; s++)
            if (n->station[s].kind == kind) flows->of_kind[count++] = s;
    }
    flows->first_of_kind[KIND_COUNT] = count;
}

static void number_stations(struct flows *flows, const struct network *n, size_t *numbers)
{
    for (uint32_t s = 0; s < n->station_count; s++) {
        flows->first_demand[s] = flows->demands;
        if (n->station[s].kind == KIND_GATE) flows->demands += n->station[s].gate.outcome_count + 1;
        flows->first_table[s + 1] = flows->first_table[s] + tables_of(n, s);
        *numbers += (size_t)tables_of(n, s) * flows->longest[s] * 3;
    }
}

static void give_numbers_to_tables(struct flows *flows, const struct network *n)
{
    double *next = flows->table_numbers;
    for (uint32_t s = 0; s < n->station_count; s++)
        for (uint32_t t = flows->first_table[s]; t < flows->first_table[s + 1]; t++) {
            flows->table[t].mean_steps = -1;
            flows->table[t].steps = (struct discrete){.probability = next,
                                                      .cumulative = next + flows->longest[s],
                                                      .rest = next + 2 * flows->longest[s]};
            next += 3 * (size_t)flows->longest[s];
        }
}

static bool allocate_by_station(struct flows *flows, const struct network *n)
{
    const size_t stations = n->station_count;
    flows->order = calloc(stations + 1, sizeof *flows->order);
    flows->turn = calloc(stations + 1, sizeof *flows->turn);
    flows->kind = calloc(stations + 1, sizeof *flows->kind);
    flows->ends = calloc(stations + 1, sizeof *flows->ends);
    flows->of_kind = calloc(stations + 1, sizeof *flows->of_kind);
    flows->first_group = calloc(stations + 1, sizeof *flows->first_group);
    flows->longest = calloc(stations + 1, sizeof *flows->longest);
    flows->first_table = calloc(stations + 1, sizeof *flows->first_table);
    flows->first_demand = calloc(stations + 1, sizeof *flows->first_demand);
    flows->area_size = calloc(stations + 1, sizeof *flows->area_size);
    flows->area = calloc(stations + 1, sizeof *flows->area);
    flows->lane_hash = calloc(flows->lanes, sizeof *flows->lane_hash);
    flows->whole = calloc(flows->lanes + COHORT_NUMBERS, sizeof *flows->whole);
    flows->kept = calloc(n->route_count * COHORT_NUMBERS + 1, sizeof *flows->kept);
    return flows->order && flows->turn && flows->kind && flows->ends && flows->of_kind &&
           flows->first_group && flows->longest && flows->first_table && flows->first_demand &&
           flows->area_size && flows->area && flows->lane_hash && flows->whole && flows->kept;
}

bool flows_new(struct replication *self, struct error *error)
{
    struct flows *flows = &self->flows;
    const struct network *n = self->network;
    size_t numbers = 0;
    flows->groups = count_groups(n);
    flows->lanes = flows->groups * (uint32_t)n->class_count;
    flows->step_ticks = TICKS_PER_DAY / self->engine.steps_per_day;
    flows->step_days = 1.0 / self->engine.steps_per_day;
    flows->steps = (int64_t)(n->spin_up_days + n->days) * self->engine.steps_per_day;
    for (uint32_t s = 0; s < n->station_count; s++)
        if (!durations_fit(self, s, error)) return false;
    bool good = allocate_by_station(flows, n) && flows_order(n, flows->order, flows->turn) &&
                flows_mark_ends(n, flows->ends);
    if (good) {
        for (size_t i = 0; i < n->station_count; i++)
            flows->kind[i] = (uint8_t)n->station[flows->order[i]].kind;
        sort_by_kind(flows, n);
        number_lanes(self);
        flows_fill_kept(n, flows->kept);
        for (uint32_t s = 0; s < n->station_count; s++) flows->longest[s] = longest_of(self, s);
        number_stations(flows, n, &numbers);
        flows->table = calloc(flows->first_table[n->station_count] + 1, sizeof *flows->table);
        flows->table_numbers = malloc((numbers + 1) * sizeof *flows->table_numbers);
        good = flows->table && flows->table_numbers;
    }
    if (!good) return error_set(error, ERROR_MEMORY, "not enough memory for a run");
    give_numbers_to_tables(flows, n);
    for (uint32_t s = 0; s < n->station_count; s++) {
        const struct kind *kind = kinds[n->station[s].kind];
        flows->area_size[s] = kind->cohort_memory ? kind->cohort_memory(self, &n->station[s]) : 0;
    }
    return true;
}

void flows_free(struct replication *self)
{
    struct flows *flows = &self->flows;
    free(flows->order);
    free(flows->turn);
    free(flows->kind);
    free(flows->ends);
    free(flows->of_kind);
    free(flows->first_group);
    free(flows->longest);
    free(flows->first_table);
    free(flows->first_demand);
    free(flows->area_size);
    free(flows->area);
    free(flows->lane_hash);
    free(flows->whole);
    free(flows->kept);
    free(flows->table);
    free(flows->table_numbers);
}

/* Two rows of lanes; or one of classes for each line of a ballot. */
static size_t scratch_cohorts(const struct replication *self)
{
    size_t of_lanes = 2 * (size_t)self->flows.lanes, of_ballot = BALLOT_LINES * self->network->class_count;
    return of_lanes > of_ballot ? of_lanes : of_ballot;
}

static size_t most_columns(const struct replication *self)
{
    size_t most = self->flows.lanes;
    for (size_t b = 0; b < self->network->ballot_count; b++) {
        size_t columns = self->network->ballot[b].office_count * self->network->class_count;
        if (columns > most) most = columns;
    }
    return most;
}

void flows_lay_out(struct replication *self, size_t *size)
{
    struct flows *flows = &self->flows;
    const struct network *n = self->network;
    size_t state = replication_reserve(size, sizeof *flows->state);
    size_t inflow =
        replication_reserve(size, (2 * n->station_count + 1) * flows->lanes * sizeof *flows->inflow);
    size_t door = replication_reserve(size, n->station_count * sizeof *flows->door);
    size_t late_door = replication_reserve(size, n->station_count * sizeof *flows->late_door);
    size_t places = replication_reserve(size, 2 * n->station_count * sizeof *flows->free_places);
    size_t filled = replication_reserve(size, n->station_count * flows->groups * sizeof *flows->filled);
    size_t late = replication_reserve(size, n->station_count * flows->groups * sizeof *flows->late_filled);
    size_t demand = replication_reserve(size, (flows->demands + 1) * sizeof *flows->demand);
    size_t sufficed = replication_reserve(size, (n->capacity_count + 1) * sizeof *flows->sufficed);
    size_t columns = most_columns(self);
    size_t leaving = replication_reserve(size, 3 * columns * sizeof(double));
    size_t scratch = replication_reserve(size, scratch_cohorts(self) * sizeof *flows->scratch);
    flows->areas = *size;
    for (uint32_t s = 0; s < n->station_count; s++)
        flows->area[s] = replication_reserve(size, flows->area_size[s]);
    if (!self->block) return;
    flows->state = (void *)(self->block + state);
    flows->inflow = (void *)(self->block + inflow);
    flows->door = (void *)(self->block + door);
    flows->free_places = (void *)(self->block + places);
    flows->filled = (void *)(self->block + filled);
    flows->late_filled = (void *)(self->block + late);
    flows->late_door = (void *)(self->block + late_door);
    flows->demand = (void *)(self->block + demand);
    flows->sufficed = (void *)(self->block + sufficed);
    flows->scratch = (void *)(self->block + scratch);
    flows->leaving.people = (void *)(self->block + leaving);
    flows->leaving.dates = flows->leaving.people + columns;
    flows->leaving.squares = flows->leaving.dates + columns;
}
