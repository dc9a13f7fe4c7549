/* Queue: servers at once (perhaps shared with other stations), or people per day one after the other.
 *
 * Decided here: a free server takes the next of the station that stands first among those that share it;
 * capacity that drops lets services finish, or with `preempt` sends those who began last, at whatever station
 * that shares it, back to the head of their line with the rest of their service; a patience that ends in the
 * step in which the service begins does not count (patience ticks are odd). */
#include "sim/kinds/queue.h"

#include <math.h>
#include <string.h>

static uint8_t priority_level(const struct replication *self, const struct queue *queue, uint32_t class)
{
    if (queue->discipline != DISCIPLINE_PRIORITY) return 0;
    double priority = value_or(self, queue->priority, class, 0);
    return (uint8_t)(priority < 0 ? 0 : priority > PRIORITY_LEVELS - 1 ? PRIORITY_LEVELS - 1 : priority);
}

/* The line that the person stands in, or is to stand in from now on. */
static struct line *line_of(struct replication *self, const struct person *person)
{
    return &self->station[person->station].line[person->level];
}
struct line *queue_choose_line(struct replication *self, struct person *person, const struct queue *queue)
{
    person->level = priority_level(self, queue, person->class);
    return line_of(self, person);
}

static tick_t service_ticks(const struct replication *self, const struct person *person,
                            const struct station *station)
{
    const struct queue *queue = &station->queue;
    if (!value_given(queue->per_day))
        return person_duration(self, person, station, &queue->service, PURPOSE_DURATION);
    return (tick_from_days(1 / (value_of(self, queue->per_day, person->class) * self->scale)) + 1) &
           ~(tick_t)1;
}

static bool server_free(const struct replication *self, const struct station *station)
{
    const struct queue *queue = &station->queue;
    if (!value_given(queue->per_day)) return capacity_free(self, queue->capacity);
    return self->station[station - self->network->station].in_service == 0 &&
           value_of(self, queue->per_day, 0) > 0;
}

static void start_service(struct replication *self, struct person *person, const struct station *station)
{
    struct station_state *state = &self->station[person->station];
    tick_t now = self->state->now;
    tick_t service = person->sent_back ? person->rest_of_service : service_ticks(self, person, station);
    person->sent_back = 0;
    person->service_began = now;
    person->state = PERSON_IN_SERVICE;
    state->in_service++;
    capacity_take(self, station->queue.capacity);
    self->counters.busy_ticks[person->station] += self->state->bin_end - now;
    if (station->queue.preempt) line_append(self, &state->serving, person);
    person_schedule(self, person, now + service);
}

void queue_stop_service(struct replication *self, struct person *person, const struct station *station)
{
    struct station_state *state = &self->station[person->station];
    state->in_service--;
    if (station->queue.capacity != NETWORK_NONE) self->capacity[station->queue.capacity].used--;
    self->counters.busy_ticks[person->station] -= self->state->bin_end - self->state->now;
    if (station->queue.preempt) line_remove(self, &state->serving, person);
}

static void wait_in_line(struct replication *self, struct person *person, const struct station *station)
{
    const struct queue *queue = &station->queue;
    line_append(self, queue_choose_line(self, person, queue), person);
    self->station[person->station].waiting++;
    tick_t wake = TICK_NEVER;
    if (queue->has_patience)
        wake = self->state->now + person_duration(self, person, station, &queue->patience, PURPOSE_PATIENCE);
    person_schedule(self, person, wake);
}

static bool turns_away(struct replication *self, const struct person *person, const struct station *station)
{
    const struct queue *queue = &station->queue;
    const struct station_state *state = &self->station[person->station];
    if (value_given(queue->room) &&
        state->waiting + state->in_service >= value_of(self, queue->room, person->class) * self->scale)
        return true;
    double balk = value_or(self, queue->balk_probability, person->class, 0);
    if (!(balk > 0) || server_free(self, station)) return false;
    return person_chance(self, person, station->hash) < balk;
}

static uint32_t enter(struct replication *self, struct person *person, const struct station *station)
{
    if (turns_away(self, person, station)) return station->queue.balk;
    person->sent_back = 0;
    person_settle(self, person, PERSON_WAITING);
    if (self->station[person->station].waiting == 0 && server_free(self, station)) {
        wait_ended(self, person, 0);
        start_service(self, person, station);
    } else {
        wait_in_line(self, person, station);
    }
    return ROUTE_NONE;
}

/* By lot: the lowest of fresh numbers keyed by person and day. Time in proportion to the length of the line.
 */
static struct person *draw_from(struct replication *self, const struct line *line)
{
    uint32_t best = line->head;
    uint64_t lowest = UINT64_MAX;
    for (uint32_t i = line->head; i != PERSON_NONE; i = self->person[i].next) {
        uint64_t lot = random_mix(self->person[i].key ^ self->seed,
                                  (uint64_t)(int64_t)self->state->day ^ (uint64_t)self->number << 32);
        if (lot >= lowest) continue;
        lowest = lot;
        best = i;
    }
    return &self->person[best];
}

static bool start_next(struct replication *self, const struct station *station)
{
    struct station_state *state = &self->station[station - self->network->station];
    if (state->waiting == 0) return false;
    struct line *line = state->line;
    while (line->head == PERSON_NONE) line++;
    struct person *person =
        station->queue.discipline == DISCIPLINE_LOTTERY ? draw_from(self, line) : &self->person[line->head];
    line_remove(self, line, person);
    state->waiting--;
    wait_ended(self, person, self->state->now - person->since);
    start_service(self, person, station);
    return true;
}

void queue_start_waiting(struct replication *self, uint32_t capacity)
{
    const struct capacity *shared = &self->network->capacity[capacity];
    for (uint32_t u = 0; u < shared->user_count; u++)
        while (capacity_free(self, capacity) && start_next(self, &self->network->station[shared->user[u]]))
            continue;
}

static void serve_next(struct replication *self, const struct station *station)
{
    if (station->queue.capacity != NETWORK_NONE)
        queue_start_waiting(self, station->queue.capacity);
    else if (server_free(self, station))
        start_next(self, station);
}

static uint32_t wake(struct replication *self, struct person *person, const struct station *station)
{
    if (person->state == PERSON_IN_SERVICE) {
        queue_stop_service(self, person, station);
        person_leave(self, person);
        /* The wake is spent: the record must not look due while the next in line is served. */
        person->wake = TICK_NEVER;
        serve_next(self, station);
        return station->queue.route;
    }
    line_remove(self, line_of(self, person), person);
    self->station[person->station].waiting--;
    person_leave(self, person);
    return station->queue.renege;
}

/* The first of all lines: who has waited longest. Those sent back from service are before all others. */
static struct line *line_of_first(const struct replication *self, struct line lines[])
{
    struct line *first = NULL;
    tick_t earliest = 0;
    for (struct line *line = lines; line < lines + PRIORITY_LEVELS; line++) {
        if (line->head == PERSON_NONE) continue;
        const struct person *person = &self->person[line->head];
        tick_t since = person->sent_back ? INT64_MIN : person->since;
        if (first && since >= earliest) continue;
        first = line;
        earliest = since;
    }
    return first;
}

/* Priorities may have changed: everyone who waits stands in the line of today's, in order of arrival. */
static void rank_again(struct replication *self, const struct station *station)
{
    struct line *own = self->station[station - self->network->station].line, old[PRIORITY_LEVELS];
    memcpy(old, own, sizeof old);
    for (size_t i = 0; i < PRIORITY_LEVELS; i++) own[i] = (struct line){PERSON_NONE, PERSON_NONE};
    for (struct line *line; (line = line_of_first(self, old));) {
        struct person *person = &self->person[line->head];
        line_remove(self, line, person);
        line_append(self, queue_choose_line(self, person, &station->queue), person);
    }
}

static void begin(struct replication *self, const struct station *station)
{
    if (station->queue.has_patience) patience_begin(self, station, &station->queue.patience);
}

static void changed(struct replication *self, const struct station *station)
{
    if (station->queue.has_patience) patience_changed(self, station, &station->queue.patience);
    if (station->queue.discipline == DISCIPLINE_PRIORITY) rank_again(self, station);
    if (station->queue.preempt && station->queue.capacity != NETWORK_NONE)
        queue_preempt(self, station->queue.capacity);
    if (station->queue.capacity == NETWORK_NONE && server_free(self, station)) start_next(self, station);
}

/* ---- with cohorts ----
 *
 * Those who wait stand in rows by the step in which they came; a service takes floor(T + U) steps, and a
 * server whose service took none is free again in the same step. Patience acts for half a step before servers
 * are given out and for half a step after. With people per day, as many pass in a step as its part of the day
 * allows. */

static size_t cohort_memory(const struct replication *self, const struct station *station)
{
    uint32_t index = (uint32_t)(station - self->network->station);
    return queue_head_size(self) + cohort_line_memory(queue_line_shape(self, station)) +
           cohort_ring_memory(self->flows.longest[index], self->flows.groups,
                              (uint32_t)self->network->class_count);
}

static void set_levels(struct replication *self, const struct station *station)
{
    struct queue_cohorts *own = flows_area(self, (uint32_t)(station - self->network->station));
    for (uint32_t lane = 0; lane < self->flows.lanes; lane++)
        own->level[lane] =
            (uint8_t)priority_level(self, &station->queue, lane_class(lane, self->network->class_count));
}

static void cohort_begin(struct replication *self, const struct station *station)
{
    uint32_t index = (uint32_t)(station - self->network->station);
    memset(flows_area(self, index), 0, queue_head_size(self));
    cohort_line_begin(queue_line(self, station), queue_line_shape(self, station));
    cohort_ring_begin(queue_ring(self, station), self->flows.longest[index], self->flows.groups,
                      (uint32_t)self->network->class_count, false);
    set_levels(self, station);
    struct queue_cohorts *own = flows_area(self, index);
    own->credit = self->expected ? 0 : 1; /* nobody is in service */
}

static void release(struct replication *self, const struct station *station)
{
    uint32_t index = (uint32_t)(station - self->network->station);
    if (value_given(station->queue.per_day)) return;
    struct cohort_ring *ring = queue_ring(self, station);
    struct dice dice;
    flows_dice(self, index, NETWORK_NONE, PURPOSE_DURATION + 256, &dice);
    cohort_ring_advance(ring, &dice);
    for (uint32_t group = 0; group < self->flows.groups; group++) {
        struct cohort *due = cohort_ring_due(ring, group);
        people_t people[NETWORK_MAX_CLASSES];
        uint64_t bits = cohorts_count(self, due, people);
        if (!bits) continue;
        queue_in_service(self, station, -cohort_sum(due, self->network->class_count));
        cohorts_present_counted(self, index, people, bits, -1);
        cohorts_follow(self, station->queue.route, group, due, bits);
        cohort_ring_leave(ring, group, 0, (uint32_t)self->network->class_count, people);
    }
}

static void expose(struct replication *self, const struct station *station, uint32_t purpose)
{
    const struct queue *queue = &station->queue;
    uint32_t index = (uint32_t)(station - self->network->station);
    double elapsed[NETWORK_MAX_CLASSES];
    struct dice dice;
    if (!queue->has_patience) return;
    patience_elapsed(self, &queue->patience, 0.5, elapsed);
    flows_dice(self, index, NETWORK_NONE, purpose, &dice);
    cohort_line_expose(queue_line(self, station), &dice, &queue->patience.shape, elapsed, 0.5,
                       self->flows.leaving);
    flows_leave_line(self, index, queue_line(self, station), queue->renege, &dice);
}

/* Everyone who has come and was not turned away. */
static void join_line(struct replication *self, const struct station *station)
{
    const struct flows *flows = &self->flows;
    const uint32_t classes = (uint32_t)self->network->class_count;
    uint32_t index = (uint32_t)(station - self->network->station);
    struct cohort_line *line = queue_line(self, station);
    double dates[NETWORK_MAX_CLASSES];
    for (uint32_t group = 0; group < flows->groups; group++) {
        const struct cohort *row = &flows_inflow(self, index)[group * classes];
        uint64_t bits = flows->filled[index * flows->groups + group];
        if (!bits) continue;
        cohorts_present(self, index, row, bits, 1);
        self->station[index].waiting += cohort_sum(row, classes);
        for (uint32_t c = 0; c < classes; c++) dates[c] = row[c].people * (double)flows->state->step;
        cohort_line_join_blocks(line, cohort_line_open(line, flows->state->step, NULL), group, 1, row, dates,
                                flows->whole);
    }
}

static void turn(struct replication *self, const struct station *station)
{
    uint32_t index = (uint32_t)(station - self->network->station);
    struct dice dice;
    cohort_line_tidy(queue_line(self, station), self->flows.state->step);
    expose(self, station, PURPOSE_PATIENCE);
    flows_dice(self, index, NETWORK_NONE, PURPOSE_LOT, &dice);
    if (value_given(station->queue.room) || value_given(station->queue.balk_probability))
        queue_turn_away(self, station, &dice);
    if (!queue_pass_at_once(self, station)) {
        join_line(self, station);
        queue_serve(self, station);
        if (value_given(station->queue.room)) queue_keep_to_room(self, station, &dice);
    }
    expose(self, station, PURPOSE_PATIENCE + 1);
}

static void cohort_changed(struct replication *self, const struct station *station)
{
    const struct queue *queue = &station->queue;
    set_levels(self, station);
    if (queue->preempt && queue->capacity != NETWORK_NONE) queue_preempt_cohorts(self, queue->capacity);
}

static void still_waiting(const struct replication *self, const struct station *station, people_t *people,
                          double *person_days)
{
    const struct cohort_line *line = queue_line(self, station);
    *people = line->people;
    *person_days = cohort_line_waited(line, self->flows.state->step) * self->flows.step_days;
}

const struct kind kind_queue = {.name = "queue",
                                .takes_time = true,
                                .has_waits = true,
                                .enter = enter,
                                .wake = wake,
                                .begin = begin,
                                .changed = changed,
                                .every_turn = true,
                                .reuses_memory = true,
                                .cohort_memory = cohort_memory,
                                .cohort_begin = cohort_begin,
                                .cohort_changed = cohort_changed,
                                .release = release,
                                .turn = turn,
                                .still_waiting = still_waiting};
