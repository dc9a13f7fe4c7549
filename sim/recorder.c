#include "sim/recorder.h"

#include "sim/recording.h"
#include "sim/replication.h"

#include <math.h>
#include <string.h>

size_t recorder_block_size(const struct recorder *self)
{
    return self->recording->layout.block_bytes;
}

/* One row of a dataset: the cells that differ on its last axis only. Neither pointer: it is not recorded. */
struct row {
    struct replication *run;
    int32_t *whole;
    double *real;
};

/* `first` and `middle` are indices on the dataset's first axis and on the one after it; with two axes
 * `middle` is 0. */
static struct row row_of(const struct recorder *self, struct replication *r, enum recording_dataset id,
                         size_t first, size_t middle)
{
    const struct recording *recording = self->recording;
    size_t place = recording->place_of[id];
    if (place == SIZE_MAX) return (struct row){0};
    const struct results_dataset *dataset = &recording->dataset[place];
    size_t from = (first * recording->middle_length[id] + middle) * recording->row_length[id];
    void *base = r->output + dataset->offset;
    if (dataset->type == RESULTS_INT32) return (struct row){.run = r, .whole = (int32_t *)base + from};
    return (struct row){.run = r, .real = (double *)base + from};
}

static void add_whole(struct row row, size_t cell, double number)
{
    const double sum = row.whole[cell] + nearbyint(number);
    if (fabs(sum) > INT32_MAX)
        replication_fail(row.run,
                         "a number of the results is beyond 2,147,483,647: use shorter bins, or -e mean");
    else
        row.whole[cell] = (int32_t)sum;
}

/* Adds to what stands there: two stations may share a place. A number for a dataset of whole ones is whole
 * but for rounding. */
static void add(struct row row, size_t cell, double number)
{
    if (row.whole)
        add_whole(row, cell, number);
    else if (row.real)
        row.real[cell] += number;
}

/* A whole row of counts at the run's scale. Most are 0 with few people, which costs next to nothing. */
static void add_people(struct row row, const people_t *count, size_t cells, double scale)
{
    if (row.whole)
        for (size_t i = 0; i < cells; i++)
            if (count[i] != 0) add_whole(row, i, count[i] / scale);
    if (row.real)
        for (size_t i = 0; i < cells; i++) row.real[i] += count[i] / scale;
}

/* Whose times, added up over a month, are a number of ticks that an integer holds. */
#define MOST_PRESENT 0x1p30

static void record_stocks(const struct recorder *self, struct replication *r, size_t bin, double bin_ticks)
{
    const struct network *n = r->network;
    const double scale = self->recording->scale;
    people_t present = 0;
    /* Stations that take no time too: cohorts may be held in one until the next step. */
    for (size_t s = 0; s < n->station_count; s++) {
        size_t from = s * n->class_count, place = self->place[n->station[s].place];
        const people_t *stock = r->stock + from;
        const int64_t *ticks = r->counters.stock_ticks + from;
        struct row mean = row_of(self, r, DATASET_PEOPLE_MEAN, bin, place);
        add_people(row_of(self, r, DATASET_PEOPLE_END, bin, place), stock, n->class_count, scale);
        for (size_t c = 0; c < n->class_count; c++) {
            present += stock[c];
            if (ticks[c]) add(mean, c, (double)ticks[c] / bin_ticks / scale);
        }
    }
    add(row_of(self, r, DATASET_MEASURES, bin, 0), measure_columns(self->recording).present, present / scale);
    if (present > MOST_PRESENT)
        replication_fail(r, "more than 1,073,741,824 people are present at once: use a smaller --scale");
}

static void record_flows(const struct recorder *self, struct replication *r, size_t bin)
{
    const struct network *n = r->network;
    for (size_t i = 0; i < n->route_count; i++)
        add_people(row_of(self, r, DATASET_FLOW, bin, self->route[i]), r->counters.flow + i * n->class_count,
                   n->class_count, self->recording->scale);
}

static people_t sum_of(const people_t *count, size_t cells)
{
    people_t sum = 0;
    for (size_t i = 0; i < cells; i++) sum += count[i];
    return sum;
}

static void record_events(const struct recorder *self, struct replication *r, size_t bin)
{
    const struct network *n = r->network;
    const size_t classes = n->class_count;
    const double scale = self->recording->scale;
    struct measure_columns column = measure_columns(self->recording);
    struct row measures = row_of(self, r, DATASET_MEASURES, bin, 0);
    for (size_t t = 0; t < n->tally_count; t++) {
        uint32_t at = self->tally[t];
        const people_t *events = r->counters.tally + t * classes, *people = r->counters.first + t * classes;
        add_people(row_of(self, r, DATASET_EVENTS, bin, at), events, classes, scale);
        add_people(row_of(self, r, DATASET_FIRST, bin, at), people, classes, scale);
        add(measures, column.event + at, sum_of(events, classes) / scale);
        add(measures, column.first + at, sum_of(people, classes) / scale);
    }
}

/* In a ballot people wait since they registered, which may have been elsewhere. */
static tick_t waits_since(const struct replication *r, const struct person *person)
{
    bool ballot = r->network->station[person->station].kind == KIND_BALLOT;
    return ballot ? person_registered(person) : person->since;
}

static void record_still_waiting_agents(const struct recorder *self, struct replication *r, size_t bin)
{
    const double scale = self->recording->scale;
    struct row people = row_of(self, r, DATASET_STILL_WAITING, bin, 0);
    struct row days = row_of(self, r, DATASET_STILL_DAYS, bin, 0);
    for (uint32_t i = 1; i < r->state->person_high; i++) {
        const struct person *person = &r->person[i];
        if (person->state != PERSON_WAITING) continue;
        uint32_t at = self->station[person->station];
        if (at == NETWORK_NONE) continue;
        add(people, at, 1 / scale);
        add(days, at, tick_days(r->state->now - waits_since(r, person)) / scale);
    }
}

static void record_still_waiting_cohorts(const struct recorder *self, struct replication *r, size_t bin)
{
    const double scale = self->recording->scale;
    struct row people = row_of(self, r, DATASET_STILL_WAITING, bin, 0);
    struct row days = row_of(self, r, DATASET_STILL_DAYS, bin, 0);
    for (uint32_t s = 0; s < r->network->station_count; s++) {
        if (self->station[s] == NETWORK_NONE) continue;
        people_t waiting;
        double waited;
        flows_still_waiting(r, s, &waiting, &waited);
        add(people, self->station[s], waiting / scale);
        add(days, self->station[s], waited / scale);
    }
}

/* Waits that have not ended: how many, and how long so far. */
static void record_still_waiting(const struct recorder *self, struct replication *r, size_t bin)
{
    if (self->recording->place_of[DATASET_STILL_WAITING] == SIZE_MAX) return;
    if (r->engine.kind == ENGINE_AGENTS)
        record_still_waiting_agents(self, r, bin);
    else
        record_still_waiting_cohorts(self, r, bin);
}

static void record_waits_of(const struct recorder *self, struct replication *r, size_t bin, double bin_ticks,
                            size_t station)
{
    const struct network *n = r->network;
    const double scale = self->recording->scale;
    const uint32_t at = self->station[station];
    const people_t *count = r->counters.wait_count + station * n->class_count;
    const int64_t *ticks = r->counters.wait_ticks + station * n->class_count;
    struct row days = row_of(self, r, DATASET_WAIT_DAYS, bin, at);
    int64_t all_ticks = 0;
    for (size_t c = 0; c < n->class_count; c++) {
        if (ticks[c]) add(days, c, tick_days(ticks[c]) / scale);
        all_ticks += ticks[c];
    }
    add_people(row_of(self, r, DATASET_WAIT_COUNT, bin, at), count, n->class_count, scale);
    add_people(row_of(self, r, DATASET_WAIT_HISTOGRAM, bin, at),
               r->counters.wait_bin + station * n->wait_edge_count, n->wait_edge_count, scale);
    add(row_of(self, r, DATASET_SERVERS_BUSY, bin, 0), at,
        (double)r->counters.busy_ticks[station] / bin_ticks / scale);
    people_t ended = sum_of(count, n->class_count);
    add(row_of(self, r, DATASET_MEASURES, bin, 0), measure_columns(self->recording).wait + at,
        ended > 0 ? tick_days(all_ticks) / ended : NAN);
}

static bool has_station(const struct recorder *self, uint32_t at)
{
    for (size_t s = 0; s < self->network->station_count; s++)
        if (self->station[s] == at) return true;
    return false;
}

/* Nobody waits at stations that only other scenarios of the study have. */
static void record_waits_elsewhere(const struct recorder *self, struct replication *r, size_t bin)
{
    struct row measures = row_of(self, r, DATASET_MEASURES, bin, 0);
    for (uint32_t at = 0; at < self->recording->names[AXIS_STATION].count; at++)
        if (!has_station(self, at)) add(measures, measure_columns(self->recording).wait + at, NAN);
}

static void record_waits(const struct recorder *self, struct replication *r, size_t bin, double bin_ticks)
{
    record_waits_elsewhere(self, r, bin);
    for (size_t s = 0; s < r->network->station_count; s++)
        if (self->station[s] != NETWORK_NONE) record_waits_of(self, r, bin, bin_ticks, s);
    record_still_waiting(self, r, bin);
}

static void record_harm(const struct recorder *self, struct replication *r, size_t bin)
{
    const struct network *n = r->network;
    const size_t classes = n->class_count;
    const double scale = self->recording->scale;
    struct measure_columns column = measure_columns(self->recording);
    struct row measures = row_of(self, r, DATASET_MEASURES, bin, 0);
    for (size_t p = 0; p < n->place_count; p++) {
        add_people(row_of(self, r, DATASET_HARMED, bin, self->place[p]), r->counters.harmed + p * classes,
                   classes, scale);
        add_people(row_of(self, r, DATASET_UNSHELTERED, bin, self->place[p]),
                   r->counters.unsheltered + p * classes, classes, scale);
    }
    add(measures, column.harmed, sum_of(r->counters.harmed, n->place_count * classes) / scale);
    add(measures, column.unsheltered, sum_of(r->counters.unsheltered, n->place_count * classes) / scale);
}

/* Hundredths at the run's scale to currency at full scale. */
static double money(const struct recorder *self, int64_t hundredths)
{
    return (double)hundredths / 100.0 / self->recording->scale;
}

static void record_items(const struct recorder *self, struct replication *r, size_t bin, size_t account)
{
    const double scale = self->recording->scale;
    struct measure_columns column = measure_columns(self->recording);
    for (uint32_t i = 0; i < r->network->account[account].item_count; i++) {
        uint32_t item = r->item_first[account] + i, at = self->item[item];
        double spent = money(self, r->counters.spent[item]);
        add(row_of(self, r, DATASET_SPENT, bin, 0), at, spent);
        add(row_of(self, r, DATASET_PAID, bin, 0), at, r->counters.items[item] / scale);
        add(row_of(self, r, DATASET_SUSPENDED, bin, 0), at, r->counters.suspended[item]);
        add(row_of(self, r, DATASET_MEASURES, bin, 0), column.spent + at, spent);
    }
}

static void record_money(const struct recorder *self, struct replication *r, size_t bin)
{
    struct measure_columns column = measure_columns(self->recording);
    for (size_t a = 0; a < r->network->account_count; a++) {
        struct account_state *state = &r->account[a];
        uint32_t at = self->account[a];
        add(row_of(self, r, DATASET_BALANCE, bin, 0), at, money(self, state->balance));
        add(row_of(self, r, DATASET_LOWEST, bin, 0), at, money(self, state->lowest));
        add(row_of(self, r, DATASET_RELEASED, bin, 0), at, money(self, state->released));
        add(row_of(self, r, DATASET_MEASURES, bin, 0), column.balance + at, money(self, state->balance));
        record_items(self, r, bin, a);
    }
}

static void record_capacities(const struct recorder *self, struct replication *r, size_t bin)
{
    const struct network *n = r->network;
    const double scale = self->recording->scale;
    struct row limit = row_of(self, r, DATASET_LIMIT, bin, 0), used = row_of(self, r, DATASET_USED, bin, 0);
    for (size_t i = 0; i < n->capacity_count; i++) {
        const struct capacity_state *state = &r->capacity[i];
        bool per_day = n->capacity[i].per_day;
        add(limit, self->capacity[i], (per_day ? r->counters.capacity_limit[i] : state->limit) / scale);
        add(used, self->capacity[i], (per_day ? r->counters.capacity_used[i] : state->used) / scale);
    }
}

static void open_bin(struct replication *r, size_t bin)
{
    const struct network *n = r->network;
    struct replication_state *state = r->state;
    state->bin = (int32_t)bin;
    state->bin_end = (tick_t)n->bin_edge[bin + 1] * TICKS_PER_DAY;
    memset(r->block + r->counters_offset, 0, r->counters_size);
    tick_t rest = state->bin_end - state->now;
    for (size_t i = 0; i < n->station_count * n->class_count; i++)
        if (r->stock[i] != 0) r->counters.stock_ticks[i] = person_ticks(r->stock[i], rest);
    for (size_t s = 0; s < n->station_count; s++)
        r->counters.busy_ticks[s] = person_ticks(r->station[s].in_service, rest);
    for (size_t a = 0; a < n->account_count; a++) {
        r->account[a].lowest = r->account[a].balance;
        r->account[a].released = 0;
    }
}

void recorder_next_bin(const struct recorder *self, struct replication *r)
{
    const struct network *n = r->network;
    int32_t bin = r->state->bin;
    if (bin >= 0) {
        size_t b = (size_t)bin;
        double ticks = (double)(n->bin_edge[b + 1] - n->bin_edge[b]) * (double)TICKS_PER_DAY;
        record_stocks(self, r, b, ticks);
        if (self->recording->place_of[DATASET_FLOW] != SIZE_MAX) record_flows(self, r, b);
        record_events(self, r, b);
        record_waits(self, r, b, ticks);
        record_harm(self, r, b);
        record_money(self, r, b);
        record_capacities(self, r, b);
    }
    if ((size_t)(bin + 1) < n->bin_count)
        open_bin(r, (size_t)(bin + 1));
    else
        r->state->bin_end = TICK_NEVER;
}

void recorder_end(const struct recorder *self, struct replication *r)
{
    const struct network *n = r->network;
    if (self->recording->place_of[DATASET_PER_PERSON] == SIZE_MAX) return;
    for (size_t t = 0; t < n->tally_count; t++) {
        int memory = n->tally[t].memory;
        for (size_t k = 0; memory >= 0 && k < PER_PERSON_BINS; k++)
            add_people(row_of(self, r, DATASET_PER_PERSON, self->tally[t], k),
                       r->per_person + ((size_t)memory * PER_PERSON_BINS + k) * n->class_count,
                       n->class_count, self->recording->scale);
    }
}
