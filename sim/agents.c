#include "sim/agents.h"

#include "sim/day.h"
#include "sim/kinds/kind.h"
#include "sim/recorder.h"

#define MAX_HOPS 1000
#define ROUND    64 /* stations; so many without time passing are a way round */

static void trace_step(struct replication *self, const struct person *person, uint32_t route)
{
    if (self->state->bin < 0) return;
    if (self->trace_count == self->trace_capacity) {
        replication_fail(self, "the event log is full; trace a smaller share of the people");
        return;
    }
    self->trace[self->trace_count++] =
        (struct trace_record){.day = tick_days(self->state->now),
                              .person = (int64_t)(person->key & INT64_MAX),
                              .station = (int32_t)self->network->route[route].to,
                              .class = person->class,
                              .route = (int32_t)route};
}

static void count_route(struct replication *self, struct person *person, uint32_t route_index)
{
    const struct route *route = &self->network->route[route_index];
    size_t classes = self->network->class_count, class = person->class;
    self->counters.flow[route_index * classes + class]++;
    for (uint32_t t = 0; t < route->tally_count; t++) {
        uint32_t tally = route->tally[t];
        self->counters.tally[tally * classes + class]++;
        self->tally_total[tally]++;
        int memory = self->network->tally[tally].memory;
        if (memory < 0) continue;
        if (person->memory[memory] == 0) self->counters.first[tally * classes + class]++;
        if (person->memory[memory] < UINT8_MAX) person->memory[memory]++;
    }
    if (person->traced) trace_step(self, person, route_index);
}

void person_follow(struct replication *self, struct person *person, uint32_t route)
{
    for (int hops = 0; route != ROUTE_NONE; hops++) {
        /* On a way round that takes no time today, every decision would be the one of the last round. */
        if (hops % ROUND == ROUND - 1) person_visited(self, person);
        if (hops == MAX_HOPS) {
            replication_fail(self, "a person went through 1000 stations without time passing");
            return;
        }
        count_route(self, person, route);
        uint32_t to = self->network->route[route].to;
        const struct station *station = &self->network->station[to];
        person->station = (uint16_t)to;
        route = kinds[station->kind]->enter(self, person, station);
    }
}

static void for_all_changed(struct replication *self)
{
    for (size_t s = 0; s < self->network->station_count; s++) {
        const struct station *station = &self->network->station[s];
        if (kinds[station->kind]->changed) kinds[station->kind]->changed(self, station);
    }
}

static void for_all_day(struct replication *self, bool sources)
{
    for (size_t s = 0; s < self->network->station_count; s++) {
        const struct station *station = &self->network->station[s];
        if (kinds[station->kind]->day && (station->kind == KIND_SOURCE) == sources)
            kinds[station->kind]->day(self, station);
    }
}

/* Policies and capacities, then draws and departures, then the day's arrivals. */
static void begin_day(struct replication *self, bool first)
{
    bool changed;
    if (!day_begin(self, &changed)) return;
    if (changed && !first) for_all_changed(self);
    for (uint32_t i = 0; i < self->network->capacity_count; i++)
        if (self->capacity[i].raised) queue_start_waiting(self, i);
    place_begin_day(self);
    for_all_day(self, false);
    for_all_day(self, true);
}

/* NULL, and the run has failed, when the pool is full. */
static struct person *clock_new(struct replication *self, enum event_order order, uint64_t hash,
                                uint32_t station)
{
    struct person *clock = person_new(self, hash, 0);
    if (!clock) return NULL;
    self->state->people--;
    clock->key = order_key(order, hash);
    clock->station = (uint16_t)station;
    return clock;
}

/* Record 0 is the clock of days; each renewal source has one, made by the source itself. */
static void begin(struct replication *self)
{
    struct person *day = clock_new(self, ORDER_DAY, 0, 0);
    begin_day(self, true);
    if (self->error.kind != ERROR_NONE) return;
    person_schedule(self, day, self->state->now + TICKS_PER_DAY);
    for (size_t s = 0; s < self->network->station_count; s++) {
        const struct station *station = &self->network->station[s];
        if (station->kind == KIND_SOURCE && station->source.renewal &&
            !clock_new(self, ORDER_ARRIVAL, station->hash, (uint32_t)s))
            return;
        if (kinds[station->kind]->begin) kinds[station->kind]->begin(self, station);
    }
}

bool agents_run(struct replication *self, atomic_int *stop)
{
    struct replication_state *state = self->state;
    begin(self);
    if (self->error.kind != ERROR_NONE) return false;
    tick_t end = (tick_t)self->network->days * TICKS_PER_DAY, now;
    uint32_t index;
    while (calendar_pop(self->calendar, self->person, end, &now, &index)) {
        state->now = now;
        state->events++;
        struct person *person = &self->person[index];
        if (index == 0) {
            if (stop && atomic_load_explicit(stop, memory_order_relaxed))
                return error_set(&self->error, ERROR_STOPPED, "stopped by the user");
            begin_day(self, false);
            if (self->error.kind != ERROR_NONE) return false;
            if (state->day == self->network->days) break;
            person_schedule(self, person, now + TICKS_PER_DAY);
            continue;
        }
        const struct station *station = &self->network->station[person->station];
        person_follow(self, person, kinds[station->kind]->wake(self, person, station));
        if (self->error.kind != ERROR_NONE) return false;
    }
    recorder_end(self->recorder, self);
    return self->error.kind == ERROR_NONE;
}
