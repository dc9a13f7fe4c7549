#include "sim/recorder.h"

#include "sim/kinds/kind.h"
#include "sim/recording.h"
#include "sim/replication.h"

#include <math.h>
#include <string.h>

size_t recorder_block_size(const struct recorder *self)
{
    return self->recording->layout.block_bytes;
}

/* A cell of the output: indices in the order of the dataset's axes. */
static size_t cell(const struct recording *recording, const struct results_dataset *dataset,
                   const size_t index[])
{
    size_t at = 0;
    for (size_t a = 0; a < dataset->axis_count; a++)
        at = at * recording->file_axis[dataset->axis[a]].length + index[a];
    return at;
}

/* Writes one number, adding to what stands there (two stations may share a place). */
static void put(const struct recorder *self, struct replication *replication, enum recording_dataset id,
                const size_t index[], double number)
{
    const struct recording *recording = self->recording;
    size_t place = recording->place_of[id];
    if (place == SIZE_MAX) return;
    const struct results_dataset *dataset = &recording->dataset[place];
    size_t at = cell(recording, dataset, index);
    unsigned char *base = replication->output + dataset->offset;
    if (dataset->type == RESULTS_INT32)
        ((int32_t *)(void *)base)[at] += (int32_t)llround(number);
    else
        ((double *)(void *)base)[at] += number;
}

static void put_people(const struct recorder *self, struct replication *replication,
                       enum recording_dataset id, const size_t index[], people_t count)
{
    if (count != 0) put(self, replication, id, index, count / self->recording->scale);
}

static void put_measure(const struct recorder *self, struct replication *replication, size_t bin,
                        size_t column, double number)
{
    put(self, replication, DATASET_MEASURES, (const size_t[]){bin, column}, number);
}

static void record_stocks(const struct recorder *self, struct replication *r, size_t bin, double bin_ticks)
{
    const struct network *n = r->network;
    people_t present = 0;
    for (size_t s = 0; s < n->station_count; s++) {
        if (!kinds[n->station[s].kind]->takes_time) continue;
        for (size_t c = 0; c < n->class_count; c++) {
            size_t from = s * n->class_count + c;
            const size_t to[] = {bin, self->place[n->station[s].place], c};
            present += r->stock[from];
            put_people(self, r, DATASET_PEOPLE_END, to, r->stock[from]);
            if (r->counters.stock_ticks[from])
                put(self, r, DATASET_PEOPLE_MEAN, to,
                    (double)r->counters.stock_ticks[from] / bin_ticks / self->recording->scale);
        }
    }
    put_measure(self, r, bin, measure_columns(self->recording).present,
                present / self->recording->scale);
}

static void record_flows(const struct recorder *self, struct replication *r, size_t bin)
{
    const struct network *n = r->network;
    for (size_t i = 0; i < n->route_count; i++)
        for (size_t c = 0; c < n->class_count; c++)
            put_people(self, r, DATASET_FLOW, (const size_t[]){bin, self->route[i], c},
                       r->counters.flow[i * n->class_count + c]);
}

static void record_events(const struct recorder *self, struct replication *r, size_t bin)
{
    const struct network *n = r->network;
    struct measure_columns column = measure_columns(self->recording);
    for (size_t t = 0; t < n->tally_count; t++) {
        people_t events = 0, people = 0;
        for (size_t c = 0; c < n->class_count; c++) {
            const size_t to[] = {bin, self->tally[t], c};
            size_t from = t * n->class_count + c;
            put_people(self, r, DATASET_EVENTS, to, r->counters.tally[from]);
            put_people(self, r, DATASET_FIRST, to, r->counters.first[from]);
            events += r->counters.tally[from];
            people += r->counters.first[from];
        }
        put_measure(self, r, bin, column.event + self->tally[t], events / self->recording->scale);
        put_measure(self, r, bin, column.first + self->tally[t], people / self->recording->scale);
    }
}

/* Waits that have not ended: how many, and how long so far. */
static void record_still_waiting(const struct recorder *self, struct replication *r, size_t bin)
{
    if (self->recording->place_of[DATASET_STILL_WAITING] == SIZE_MAX) return;
    for (uint32_t i = 1; i < r->state->person_high; i++) {
        const struct person *person = &r->person[i];
        if (person->state != PERSON_WAITING) continue;
        uint32_t station = self->station[person->station];
        if (station == NETWORK_NONE) continue;
        const size_t to[] = {bin, station};
        put_people(self, r, DATASET_STILL_WAITING, to, 1);
        put(self, r, DATASET_STILL_DAYS, to,
            tick_days(r->state->now - person->since) / self->recording->scale);
    }
}

static void record_waits(const struct recorder *self, struct replication *r, size_t bin, double bin_ticks)
{
    const struct network *n = r->network;
    struct measure_columns column = measure_columns(self->recording);
    for (size_t s = 0; s < n->station_count; s++) {
        uint32_t at = self->station[s];
        if (at == NETWORK_NONE) continue;
        people_t ended = 0;
        int64_t ticks = 0;
        for (size_t c = 0; c < n->class_count; c++) {
            const size_t to[] = {bin, at, c};
            size_t from = s * n->class_count + c;
            put_people(self, r, DATASET_WAIT_COUNT, to, r->counters.wait_count[from]);
            put(self, r, DATASET_WAIT_DAYS, to,
                tick_days(r->counters.wait_ticks[from]) / self->recording->scale);
            ended += r->counters.wait_count[from];
            ticks += r->counters.wait_ticks[from];
        }
        for (size_t b = 0; b < n->wait_edge_count; b++)
            put_people(self, r, DATASET_WAIT_HISTOGRAM, (const size_t[]){bin, at, b},
                       r->counters.wait_bin[s * n->wait_edge_count + b]);
        put(self, r, DATASET_SERVERS_BUSY, (const size_t[]){bin, at},
            (double)r->counters.busy_ticks[s] / bin_ticks / self->recording->scale);
        put_measure(self, r, bin, column.wait + at, ended > 0 ? tick_days(ticks) / ended : NAN);
    }
    record_still_waiting(self, r, bin);
}

static void record_harm(const struct recorder *self, struct replication *r, size_t bin)
{
    const struct network *n = r->network;
    struct measure_columns column = measure_columns(self->recording);
    people_t harmed = 0, unsheltered = 0;
    for (size_t p = 0; p < n->place_count; p++)
        for (size_t c = 0; c < n->class_count; c++) {
            const size_t to[] = {bin, self->place[p], c};
            size_t from = p * n->class_count + c;
            put_people(self, r, DATASET_HARMED, to, r->counters.harmed[from]);
            put_people(self, r, DATASET_UNSHELTERED, to, r->counters.unsheltered[from]);
            harmed += r->counters.harmed[from];
            unsheltered += r->counters.unsheltered[from];
        }
    put_measure(self, r, bin, column.harmed, harmed / self->recording->scale);
    put_measure(self, r, bin, column.unsheltered, unsheltered / self->recording->scale);
}

/* Hundredths at the run's scale to currency at full scale. */
static double money(const struct recorder *self, int64_t hundredths)
{
    return (double)hundredths / 100.0 / self->recording->scale;
}

static void record_money(const struct recorder *self, struct replication *r, size_t bin)
{
    const struct network *n = r->network;
    struct measure_columns column = measure_columns(self->recording);
    for (size_t a = 0; a < n->account_count; a++) {
        struct account_state *state = &r->account[a];
        const size_t to[] = {bin, self->account[a]};
        put(self, r, DATASET_BALANCE, to, money(self, state->balance));
        put(self, r, DATASET_LOWEST, to, money(self, state->lowest));
        put(self, r, DATASET_RELEASED, to, money(self, state->released));
        put_measure(self, r, bin, column.balance + self->account[a], money(self, state->balance));
        for (uint32_t i = 0; i < n->account[a].item_count; i++) {
            uint32_t item = r->item_first[a] + i;
            const size_t at[] = {bin, self->item[item]};
            put(self, r, DATASET_SPENT, at, money(self, r->counters.spent[item]));
            put_people(self, r, DATASET_PAID, at, r->counters.items[item]);
            put(self, r, DATASET_SUSPENDED, at, r->counters.suspended[item]);
            put_measure(self, r, bin, column.spent + self->item[item], money(self, r->counters.spent[item]));
        }
        state->lowest = state->balance;
        state->released = 0;
    }
}

static void record_capacities(const struct recorder *self, struct replication *r, size_t bin)
{
    const struct network *n = r->network;
    for (size_t i = 0; i < n->capacity_count; i++) {
        const struct capacity_state *state = &r->capacity[i];
        const size_t to[] = {bin, self->capacity[i]};
        bool per_day = n->capacity[i].per_day;
        put_people(self, r, DATASET_LIMIT, to, per_day ? r->counters.capacity_limit[i] : state->limit);
        put_people(self, r, DATASET_USED, to, per_day ? r->counters.capacity_used[i] : state->used);
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
        r->counters.stock_ticks[i] = person_ticks(r->stock[i], rest);
    for (size_t s = 0; s < n->station_count; s++) 
        r->counters.busy_ticks[s] = person_ticks(r->station[s].in_service, rest);
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
    for (size_t t = 0; t < n->tally_count; t++) {
        int memory = n->tally[t].memory;
        if (memory < 0) continue;
        for (size_t k = 0; k < PER_PERSON_BINS; k++)
            for (size_t c = 0; c < n->class_count; c++)
                put_people(self, r, DATASET_PER_PERSON, (const size_t[]){self->tally[t], k, c},
                           r->per_person[((size_t)memory * PER_PERSON_BINS + k) * n->class_count + c]);
    }
}
