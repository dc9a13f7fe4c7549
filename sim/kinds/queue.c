/* Queue: servers at once (perhaps shared with other stations), or people per day one after the other.
 *
 * Decided here: a free server takes the next of the station that stands first among those that share it;
 * capacity that drops lets services finish, or with `preempt` sends those who began last back to the head of
 * the line with the rest of their service; a patience that ends in the step in which the service begins does
 * not count (patience ticks are odd). */
#include "sim/kinds/kind.h"

static struct line *line_of(struct replication *self, const struct person *person, const struct queue *queue)
{
    struct station_state *state = &self->station[person->station];
    if (queue->discipline != DISCIPLINE_PRIORITY) return &state->line[0];
    double priority = value_or(self, queue->priority, person->class, 0);
    int level = priority < 0 ? 0 : priority > PRIORITY_LEVELS - 1 ? PRIORITY_LEVELS - 1 : (int)priority;
    return &state->line[level];
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
    /* Somebody sent back keeps the rest of the service in `deadline`, marked by `hazard`. */
    tick_t service = person->hazard ? person->deadline : service_ticks(self, person, station);
    person->hazard = 0;
    person->state = PERSON_IN_SERVICE;
    state->in_service++;
    capacity_take(self, station->queue.capacity);
    self->counters.busy_ticks[person->station] += self->state->bin_end - now;
    if (station->queue.preempt) line_append(self, &state->serving, person);
    person_schedule(self, person, now + service);
}

static void stop_service(struct replication *self, struct person *person, const struct station *station)
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
    line_append(self, line_of(self, person, queue), person);
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
    if (value_given(queue->room) && state->waiting + state->in_service >=
                                        value_of(self, queue->room, person->class) * self->scale)
        return true;
    double balk = value_or(self, queue->balk_probability, person->class, 0);
    if (!(balk > 0) || server_free(self, station)) return false;
    return person_chance(self, person, station->hash) < balk;
}

static uint32_t enter(struct replication *self, struct person *person, const struct station *station)
{
    if (turns_away(self, person, station)) return station->queue.balk;
    person->hazard = 0;
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
        stop_service(self, person, station);
        person_leave(self, person);
        /* The wake is spent: the record must not look due while the next in line is served. */
        person->wake = TICK_NEVER;
        serve_next(self, station);
        return station->queue.route;
    }
    line_remove(self, line_of(self, person, &station->queue), person);
    self->station[person->station].waiting--;
    person_leave(self, person);
    return station->queue.renege;
}

static void preempt(struct replication *self, const struct station *station)
{
    struct station_state *state = &self->station[station - self->network->station];
    const struct capacity_state *capacity = &self->capacity[station->queue.capacity];
    while (capacity->used > capacity->limit && state->serving.tail != PERSON_NONE) {
        struct person *person = &self->person[state->serving.tail];
        tick_t rest = person->wake - self->state->now;
        stop_service(self, person, station);
        person->deadline = rest;
        person->hazard = 1;
        person->state = PERSON_WAITING;
        person->since = self->state->now;
        line_prepend(self, line_of(self, person, &station->queue), person);
        state->waiting++;
        person_schedule(self, person, TICK_NEVER);
    }
}

static void begin(struct replication *self, const struct station *station)
{
    if (station->queue.has_patience) patience_begin(self, station, &station->queue.patience);
}

static void changed(struct replication *self, const struct station *station)
{
    if (station->queue.has_patience) patience_changed(self, station, &station->queue.patience);
    if (station->queue.preempt && station->queue.capacity != NETWORK_NONE) preempt(self, station);
    if (station->queue.capacity == NETWORK_NONE && server_free(self, station)) start_next(self, station);
}

const struct kind kind_queue = {.name = "queue",
                                .takes_time = true,
                                .has_waits = true,
                                .enter = enter,
                                .wake = wake,
                                .begin = begin,
                                .changed = changed};
