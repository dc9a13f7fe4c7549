/* How cohorts move from station to station: counted on the way, added to the inflow of the next. */
#include "sim/flows.h"
#include "sim/numbers.h"
#include "sim/replication.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

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

static struct cohort *at_place(const struct flows *flows, uint32_t place)
{
    return flows->inflow + (size_t)place * flows->lanes;
}

static struct cohort *open_place(const struct flows *flows, uint32_t *door)
{
    if (*door == 0) *door = flows->free_places[--flows->state->places];
    return at_place(flows, *door);
}

static void close_place(const struct flows *flows, uint32_t *door)
{
    if (*door == 0) return;
    flows->free_places[flows->state->places++] = *door;
    *door = 0;
}

struct cohort *flows_inflow(const struct replication *self, uint32_t station)
{
    return at_place(&self->flows, self->flows.door[station]);
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

void flows_begin_inflow(struct replication *self)
{
    self->flows.state->places = 2 * (uint32_t)self->network->station_count;
    for (uint32_t i = 0; i < self->flows.state->places; i++) self->flows.free_places[i] = i + 1;
}

/* Where those who come to a station now wait for its turn. */
struct arrival {
    bool late;          /* it has had its turn, or is having it: the next one lets them in */
    struct cohort *row; /* NULL at a sink: whoever comes there is gone, and only counted */
    uint64_t *filled;
};
static struct arrival arrival_at(struct replication *self, uint32_t station)
{
    const struct flows *flows = &self->flows;
    if (flows->kind[flows->turn[station]] == KIND_SINK)
        return (struct arrival){.filled = flows->filled + station * flows->groups};
    bool late = (int64_t)flows->turn[station] <= flows->state->turn;
    return (struct arrival){.late = late,
                            .row =
                                open_place(flows, late ? &flows->late_door[station] : &flows->door[station]),
                            .filled = (late ? flows->late_filled : flows->filled) + station * flows->groups};
}

void cohort_follow(struct replication *self, uint32_t route, uint32_t lane, const struct cohort *cohort)
{
    const size_t classes = self->network->class_count;
    uint32_t class = lane_class(lane, classes), to = self->network->route[route].to;
    struct cohort moved = *cohort;
    if (!(moved.people > 0)) return;
    count_moves(self, route, class, &moved);
    if (lane >= classes && !flows_together(self, lane)) lane = class;
    struct arrival at = arrival_at(self, to);
    uint64_t *filled = &at.filled[lane / classes];
    if (at.row && *filled == 0) memset(at.row + (lane - class), 0, classes * sizeof *at.row);
    if (at.row) cohort_add(&at.row[lane], &moved);
    *filled |= (uint64_t)1 << class;
    if (at.late) flows_present(self, to, lane, moved.people);
}

uint64_t cohorts_count(const struct replication *self, const struct cohort row[], people_t people[])
{
    numbers_take_column(people, &row->people, 0, self->network->class_count);
    return numbers_positive(people, self->network->class_count);
}

uint64_t cohorts_bits(const struct replication *self, const struct cohort row[])
{
    people_t people[NETWORK_MAX_CLASSES];
    return cohorts_count(self, row, people);
}

/* So many of each class of a span are present, or no longer. */
static void add_present(struct replication *self, uint32_t station, struct span span, const people_t people[],
                        double sign)
{
    size_t cell = cell_of(self, station, span.first);
    numbers_add_present(self->stock + cell, self->counters.stock_ticks + cell, people, span.count, sign,
                        (double)(self->state->bin_end - self->state->now));
}

void cohorts_present_counted(struct replication *self, uint32_t station, const people_t people[],
                             uint64_t bits, int sign)
{
    struct span span = span_of(bits);
    add_present(self, station, span, people + span.first, sign);
}

void cohorts_present(struct replication *self, uint32_t station, const struct cohort row[], uint64_t bits,
                     int sign)
{
    people_t people[NETWORK_MAX_CLASSES], counted[NETWORK_MAX_CLASSES];
    struct span span = span_of(bits);
    numbers_take_column(people, &row[span.first].people, 0, span.count);
    numbers_of_bits(counted, people, span.count, bits >> (span.first & 63));
    add_present(self, station, span, counted, sign);
}

static size_t column_of_memory(int memory)
{
    return offsetof(struct cohort, fresh) / sizeof(people_t) + (size_t)memory;
}

/* What a route counts for the first time is 0 behind it. */
void flows_fill_kept(const struct network *n, double kept[])
{
    for (const struct route *route = n->route; route < n->route + n->route_count; route++) {
        for (size_t i = 0; i < COHORT_NUMBERS; i++) kept[i] = 1;
        for (uint32_t t = 0; t < route->tally_count; t++) {
            int memory = n->tally[route->tally[t]].memory;
            if (memory >= 0) kept[column_of_memory(memory)] = 0;
        }
        kept += COHORT_NUMBERS;
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
    double alike[NETWORK_MAX_CLASSES];
    people_t moved[NETWORK_MAX_CLASSES];
    if (bits == 0) return;
    struct span span = span_of(bits);
    const double *each = share.each ? share.each + span.first : share.all == 1 ? flows->whole : alike;
    row += span.first;
    if (each == alike)
        for (uint32_t c = 0; c < span.count; c++) alike[c] = share.all;
    if (group > 0 && !flows_together(self, group * (uint32_t)classes)) group = 0;
    struct arrival at = arrival_at(self, to);
    struct cohort *place = at.row ? at.row + group * classes : NULL;
    const double *kept =
        self->network->route[route].tally_count > 0 ? flows->kept + route * COHORT_NUMBERS : NULL;
    if (!place) {
        numbers_take_column(moved, &row->people, 0, span.count);
        numbers_multiply(moved, each, span.count);
    } else if (at.filled[group] == 0) {
        const size_t end = span.first + span.count;
        memset(place, 0, span.first * sizeof *place);
        numbers_set_records(&place[span.first].people, moved, &row->people, span.count, each, kept);
        memset(place + end, 0, (classes - end) * sizeof *place);
    } else {
        numbers_add_records(&place[span.first].people, moved, &row->people, span.count, each, kept);
    }
    at.filled[group] |= bits;
    count_row(self, route, row, each, span, moved);
    if (at.late) add_present(self, to, span, moved, 1);
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

void flows_turn_away(struct replication *self, uint32_t station, uint32_t route, people_t excess,
                     people_t among, struct dice *dice)
{
    struct flows_lanes lanes = {0};
    struct cohort *cohort;
    for (uint32_t lane; excess > 0 && flows_next_lane(self, station, &lanes, &lane, &cohort);) {
        people_t here = cohort->people;
        among -= here;
        struct cohort away = cohort_take(cohort, dice, dice_hypergeometric(dice, here, among, excess));
        excess -= away.people;
        if (away.people > 0) cohort_follow(self, route, lane, &away);
    }
}

void flows_leave_line(struct replication *self, uint32_t station, struct cohort_line *line, uint32_t route,
                      struct dice *dice)
{
    const uint32_t lanes = self->flows.lanes;
    const struct cohort_line_part whole = {.columns = lanes};
    struct cohort *left = self->flows.scratch;
    memset(left, 0, lanes * sizeof *left);
    self->station[station].waiting -= cohort_line_settle(line, whole, dice, self->flows.leaving, left, lanes);
    for (uint32_t lane = 0; lane < lanes; lane++) {
        if (!(left[lane].people > 0)) continue;
        flows_present(self, station, lane, -left[lane].people);
        cohort_follow(self, route, lane, &left[lane]);
    }
}

void flows_end_turn(struct replication *self, uint32_t station)
{
    const struct flows *flows = &self->flows;
    for (uint32_t g = 0; g < flows->groups; g++) {
        uint64_t *filled = &flows->filled[station * flows->groups + g];
        flows->state->cells += (uint64_t)__builtin_popcountll(*filled);
        *filled = 0;
    }
    close_place(flows, &flows->door[station]);
}

/* Those of a group who were late join those who come now. */
static void join_inflow(struct replication *self, uint32_t station, uint32_t group, uint64_t bits)
{
    const struct flows *flows = &self->flows;
    const size_t classes = self->network->class_count, first = group * classes;
    const struct cohort *late = at_place(flows, flows->late_door[station]) + first;
    struct cohort *row = open_place(flows, &flows->door[station]) + first;
    uint64_t *filled = &flows->filled[station * flows->groups + group];
    if (*filled == 0)
        memcpy(row, late, classes * sizeof *row);
    else
        numbers_add(&row->people, &late->people, classes * COHORT_NUMBERS);
    *filled |= bits;
}

void flows_admit_late(struct replication *self)
{
    const struct flows *flows = &self->flows;
    for (uint32_t s = 0; s < self->network->station_count; s++) {
        if (flows->late_door[s] == 0) continue;
        for (uint32_t g = 0; g < flows->groups; g++) {
            uint64_t *bits = &flows->late_filled[s * flows->groups + g];
            const struct cohort *late = at_place(flows, flows->late_door[s]);
            if (*bits == 0) continue;
            cohorts_present(self, s, &late[g * self->network->class_count], *bits, -1);
            join_inflow(self, s, g, *bits);
            *bits = 0;
        }
        close_place(flows, &flows->late_door[s]);
    }
}

bool flows_has_inflow(const struct replication *self, uint32_t station)
{
    const struct flows *flows = &self->flows;
    for (uint32_t g = 0; g < flows->groups; g++)
        if (flows->filled[station * flows->groups + g]) return true;
    return false;
}
