#include "sim/replication.h"

#include "sim/numbers.h"
#include "sim/recorder.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define MAX_BATCHES 65535

/* Where each part of the block stands, and tables that only depend on the network. */
struct layout {
    uint32_t *item_first, *choice_first, *sleeper, *sleeper_first;
    uint64_t *class_hash;
    size_t items, choice_weights, lists, list_entries;
};

size_t replication_reserve(size_t *size, size_t bytes)
{
    size_t offset = (*size + 63) & ~(size_t)63;
    *size = offset + bytes;
    return offset;
}

static void list_sleepers(struct replication *self)
{
    const struct network *network = self->network;
    uint32_t count = 0;
    for (uint32_t p = 0; p < network->place_count; p++) {
        self->layout->sleeper_first[p] = count;
        for (uint32_t s = 0; s < network->station_count; s++)
            if (network->station[s].sleeps && network->station[s].place == p)
                self->layout->sleeper[count++] = s;
    }
    self->layout->sleeper_first[network->place_count] = count;
}

static bool layout_make(struct replication *self)
{
    const struct network *network = self->network;
    struct layout *layout = calloc(1, sizeof *layout);
    if (!layout) return false;
    self->layout = layout;
    layout->item_first = calloc(network->account_count + 1, sizeof *layout->item_first);
    layout->choice_first = calloc(network->station_count + 1, sizeof *layout->choice_first);
    layout->class_hash = calloc(network->class_count + 1, sizeof *layout->class_hash);
    layout->sleeper = calloc(network->station_count + 1, sizeof *layout->sleeper);
    layout->sleeper_first = calloc(network->place_count + 1, sizeof *layout->sleeper_first);
    if (!layout->item_first || !layout->choice_first || !layout->class_hash || !layout->sleeper ||
        !layout->sleeper_first)
        return false;
    list_sleepers(self);
    for (size_t a = 0; a < network->account_count; a++) {
        layout->item_first[a] = (uint32_t)layout->items;
        layout->items += network->account[a].item_count;
    }
    for (size_t s = 0; s < network->station_count; s++) {
        layout->choice_first[s] = (uint32_t)layout->choice_weights;
        if (network->station[s].kind == KIND_CHOICE)
            layout->choice_weights += network->station[s].choice.option_count * network->class_count;
    }
    for (size_t b = 0; b < network->ballot_count; b++) layout->lists += network->ballot[b].office_count;
    for (size_t c = 0; c < network->class_count; c++)
        layout->class_hash[c] = random_hash_name(network->class[c].name);
    self->item_first = layout->item_first;
    self->choice_first = layout->choice_first;
    self->sleeper = layout->sleeper;
    self->sleeper_first = layout->sleeper_first;
    self->class_hash = layout->class_hash;
    return true;
}

/* Assigns one part of the block: on the first pass the offset is reserved, on the second the pointer is made.
 */
#define PART(pointer, count)                                                                                 \
    do {                                                                                                     \
        size_t offset_ = replication_reserve(&size, (count) * sizeof *(pointer));                            \
        if (self->block) (pointer) = (void *)(self->block + offset_);                                        \
    } while (0)

static size_t lay_out(struct replication *self)
{
    const struct network *n = self->network;
    const struct layout *layout = self->layout;
    struct counters *c = &self->counters;
    size_t cells = n->station_count * n->class_count, wait_bins = n->wait_edge_count, size = 0;
    PART(self->state, 1);
    PART(self->value, n->slot_count);
    PART(self->station, n->station_count);
    PART(self->capacity, n->capacity_count);
    PART(self->account, n->account_count);
    PART(self->price, layout->items);
    PART(self->list, layout->lists);
    PART(self->rule_fired, n->rule_count);
    PART(self->choice_weight, layout->choice_weights);
    PART(self->in_force, cells);
    PART(self->signal_value, n->signal_count);
    PART(self->signal_past, n->signal_count * SIGNAL_DAYS * 2);
    PART(self->stock, cells);
    PART(self->tally_total, n->tally_count);
    PART(self->per_person, NETWORK_MEMORIES * PER_PERSON_BINS * n->class_count);
    self->counters_offset = (size + 63) & ~(size_t)63;
    PART(c->flow, n->route_count * n->class_count);
    PART(c->stock_ticks, cells);
    PART(c->wait_count, cells);
    PART(c->wait_ticks, cells);
    PART(c->wait_bin, n->station_count * wait_bins);
    PART(c->busy_ticks, n->station_count);
    PART(c->tally, n->tally_count * n->class_count);
    PART(c->first, n->tally_count * n->class_count);
    PART(c->spent, layout->items);
    PART(c->items, layout->items);
    PART(c->suspended, layout->items);
    PART(c->harmed, n->place_count * n->class_count);
    PART(c->unsheltered, n->place_count * n->class_count);
    PART(c->capacity_used, n->capacity_count);
    PART(c->capacity_limit, n->capacity_count);
    self->counters_size = size - self->counters_offset;
    if (self->engine.kind != ENGINE_AGENTS) flows_lay_out(self, &size);
    self->cleared_size = self->engine.kind == ENGINE_AGENTS ? size : self->flows.areas;
    PART(self->batch, MAX_BATCHES);
    PART(self->lot, BALLOT_MAX_LISTED);
    PART(self->candidate, BALLOT_MAX_LISTED);
    for (size_t l = 0; l < layout->lists; l++) {
        size_t offset = replication_reserve(&size, BALLOT_MAX_LISTED * sizeof(struct ballot_entry));
        if (self->block) self->list[l].offset = offset;
    }
    PART(self->person, MAX_PEOPLE);
    size_t calendar = replication_reserve(&size, calendar_storage(MAX_PENDING));
    if (self->block) self->calendar = (struct calendar *)(self->block + calendar);
    return size;
}

bool replication_new(struct replication *self, const struct network *network, struct engine engine,
                     const struct recorder *recorder, struct error *error)
{
    memset(self, 0, sizeof *self);
    self->network = network;
    self->engine = engine;
    self->expected = engine.kind == ENGINE_MEAN;
    self->recorder = recorder;
    if (!layout_make(self)) {
        replication_free(self);
        return error_set(error, ERROR_MEMORY, "not enough memory for a run");
    }
    if (engine.kind != ENGINE_AGENTS && !flows_new(self, error)) {
        replication_free(self);
        return false;
    }
    self->block_size = lay_out(self);
    /* Reserved, not committed: only what a run touches costs memory. */
    void *block = mmap(NULL, self->block_size, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (block == MAP_FAILED) {
        const size_t needed = self->block_size >> 20;
        replication_free(self);
        return error_set(error, ERROR_MEMORY, "cannot reserve %zu MB of address space for a run", needed);
    }
    self->block = block;
    lay_out(self);
    /* Agents touch little of the first part, cohorts little of what comes after it. */
    size_t people = (size_t)((unsigned char *)self->person - self->block);
    size_t first = engine.kind == ENGINE_AGENTS ? (people + 4095) & ~(size_t)4095 : 0;
    madvise(self->block + first, self->block_size - first, MADV_HUGEPAGE);
    self->output_size = recorder_block_size(recorder);
    self->output = malloc(self->output_size ? self->output_size : 1);
    if (!self->output) {
        replication_free(self);
        return error_set(error, ERROR_MEMORY, "not enough memory for the results of a run");
    }
    return true;
}

void replication_free(struct replication *self)
{
    if (self->block) munmap(self->block, self->block_size);
    flows_free(self);
    if (self->layout) {
        free(self->layout->item_first);
        free(self->layout->choice_first);
        free(self->layout->sleeper);
        free(self->layout->sleeper_first);
        free(self->layout->class_hash);
        free(self->layout);
    }
    free(self->output);
    free(self->trace);
    memset(self, 0, sizeof *self);
}

/* The quantile of a value's range. Two neighbouring replications share it, so that the difference within a
 * pair is chance alone and the spread between pairs is chance and parameters. */
static double draw_in_range(const struct replication *self, double value, double low, double high,
                            enum slot_shape shape, uint64_t range_key)
{
    if (self->parameters_fixed || !(low < high)) return value;
    uint64_t words[2];
    random_block(self->seed, self->number / 2, range_key, UINT32_MAX, words);
    double u = random_unit(words[0]), width = high - low;
    if (shape == SLOT_UNIFORM) return low + u * width;
    double mode = (value - low) / width;
    return u < mode ? low + width * sqrt(u * mode) : high - width * sqrt((1 - u) * (1 - mode));
}

void replication_apply(struct replication *self, const struct change *change)
{
    self->value[change->slot] =
        draw_in_range(self, change->value, change->low, change->high, change->shape, change->range_key);
}

bool replication_apply_changes(struct replication *self, int32_t day)
{
    const struct network *network = self->network;
    uint32_t first = self->state->next_change, next = first;
    while (next < network->change_count && network->change[next].day <= day)
        replication_apply(self, &network->change[next++]);
    self->state->next_change = next;
    return next > first;
}

void replication_empty_calendar(struct replication *self)
{
    calendar_reset(self->calendar, MAX_PENDING, self->state->now,
                   (tick_t)self->network->days * TICKS_PER_DAY);
}

void replication_reset(struct replication *self, uint64_t seed, uint32_t number, double scale,
                       bool parameters_fixed)
{
    const struct network *network = self->network;
    self->seed = seed;
    self->number = number;
    self->scale = scale;
    self->parameters_fixed = parameters_fixed;
    self->trace_count = 0;
    memset(&self->error, 0, sizeof self->error);
    self->luck.visit = 0;
    random_block(seed, number, random_mix(0, 0), PURPOSE_DECISION, self->luck.words);
    memset(self->output, 0, self->output_size);
    size_t lists = self->layout->lists, offset = lists ? self->list[0].offset : 0;
    memset(self->block, 0, self->cleared_size);
    for (size_t l = 0; l < lists; l++)
        self->list[l].offset = offset + l * BALLOT_MAX_LISTED * sizeof(struct ballot_entry);
    for (size_t s = 0; s < network->station_count; s++) {
        struct station_state *station = &self->station[s];
        for (int level = 0; level < PRIORITY_LEVELS; level++)
            station->line[level] = (struct line){PERSON_NONE, PERSON_NONE};
        station->serving = (struct line){PERSON_NONE, PERSON_NONE};
    }
    for (size_t i = 0; i < network->slot_count; i++) {
        const struct slot *slot = &network->slot[i];
        self->value[i] =
            draw_in_range(self, slot->value, slot->low, slot->high, slot->shape, slot->range_key);
    }
    struct replication_state *state = self->state;
    state->day = -network->spin_up_days;
    state->now = (tick_t)state->day * TICKS_PER_DAY;
    state->bin = -1;
    state->bin_end = (tick_t)network->bin_edge[0] * TICKS_PER_DAY;
    state->person_free = PERSON_NONE;
    if (self->engine.kind != ENGINE_AGENTS) self->flows.state->turn = -1;
    replication_empty_calendar(self);
}

void values_multiply(const struct replication *self, struct value value, double x[])
{
    const size_t classes = self->network->class_count;
    if (!value_given(value)) return;
    if (value.mask)
        numbers_multiply(x, &self->value[value.slot], classes);
    else
        numbers_scale(x, classes, value_of(self, value, 0));
}

uint32_t replication_fail(struct replication *self, const char *message)
{
    if (self->error.kind == ERROR_NONE) {
        char date[11];
        date_format(self->network->from + (int32_t)tick_day(self->state->now), date);
        error_set(&self->error, ERROR_RUN, "replication %u (seed %llu) stopped on %s: %s", self->number,
                  (unsigned long long)self->seed, date, message);
    }
    return ROUTE_NONE;
}
