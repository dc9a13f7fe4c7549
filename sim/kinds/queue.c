/* Queue: servers at once (perhaps shared with other stations), or people per day one after the other.
 *
 * Decided here: a free server takes the next of the station that stands first among those that share it;
 * capacity that drops lets services finish, or with `preempt` sends those who began last back to the head of
 * the line with the rest of their service; a patience that ends in the step in which the service begins does
 * not count (patience ticks are odd). */
#include "sim/cohort_line.h"
#include "sim/cohort_ring.h"
#include "sim/kinds/kind.h"

#include <math.h>
#include <string.h>

static int priority_level(const struct replication *self, const struct queue *queue, uint32_t class)
{
    if (queue->discipline != DISCIPLINE_PRIORITY) return 0;
    double priority = value_or(self, queue->priority, class, 0);
    return priority < 0 ? 0 : priority > PRIORITY_LEVELS - 1 ? PRIORITY_LEVELS - 1 : (int)priority;
}

static struct line *line_of(struct replication *self, const struct person *person, const struct queue *queue)
{
    return &self->station[person->station].line[priority_level(self, queue, person->class)];
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

/* ---- with cohorts ----
 *
 * Those who wait stand in rows by the step in which they came; a service takes floor(T + U) steps, and a
 * server whose service took none is free again in the same step. Patience acts for half a step before servers
 * are given out and for half a step after. With people per day, as many pass in a step as its part of the day
 * allows. */

struct queue_cohorts {
    int64_t step;    /* of the last service, */
    uint32_t served; /* and how many cohorts began theirs in it: each has its own dice */
    double credit;   /* people per day: the part of a person left over */
    uint8_t level[]; /* of priority, by lane; then the line, then the ring of those in service */
};

static size_t head_size(const struct replication *self)
{
    return (sizeof(struct queue_cohorts) + self->flows.lanes + 63) & ~(size_t)63;
}
static uint32_t clocks_of(const struct replication *self, const struct queue *queue)
{
    return queue->has_patience && queue->patience.mean_days.mask ? (uint32_t)self->network->class_count : 1;
}
static struct cohort_line *waiting_line(const struct replication *self, const struct station *station)
{
    uint32_t index = (uint32_t)(station - self->network->station);
    return (struct cohort_line *)(void *)((char *)flows_area(self, index) + head_size(self));
}
static struct cohort_line_shape shape_of(const struct replication *self, const struct station *station)
{
    return (struct cohort_line_shape){.columns = self->flows.lanes,
                                      .classes = (uint32_t)self->network->class_count,
                                      .clocks = clocks_of(self, &station->queue)};
}
static struct cohort_ring *service_ring(const struct replication *self, const struct station *station)
{
    size_t line = cohort_line_memory(shape_of(self, station));
    return (struct cohort_ring *)(void *)((char *)waiting_line(self, station) + line);
}

static size_t cohort_memory(const struct replication *self, const struct station *station)
{
    uint32_t index = (uint32_t)(station - self->network->station);
    return head_size(self) + cohort_line_memory(shape_of(self, station)) +
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
    cohort_line_begin(waiting_line(self, station), shape_of(self, station));
    cohort_ring_begin(service_ring(self, station), self->flows.longest[index], self->flows.groups,
                      (uint32_t)self->network->class_count);
    set_levels(self, station);
}

/* What a person taken from the line or the ring goes through. */
struct passage {
    struct replication *self;
    const struct station *station;
    uint32_t index;
};

static void in_service(struct replication *self, const struct station *station, people_t count)
{
    uint32_t index = (uint32_t)(station - self->network->station);
    self->station[index].in_service += count;
    self->counters.busy_ticks[index] += person_ticks(count, self->state->bin_end - self->state->now);
    if (station->queue.capacity == NETWORK_NONE) return;
    if (count > 0)
        capacity_take_many(self, station->queue.capacity, count);
    else
        self->capacity[station->queue.capacity].used += count;
}

static void release(struct replication *self, const struct station *station)
{
    uint32_t index = (uint32_t)(station - self->network->station);
    if (value_given(station->queue.per_day)) return;
    struct cohort_ring *ring = service_ring(self, station);
    cohort_ring_advance(ring);
    for (uint32_t group = 0; group < self->flows.groups; group++) {
        struct cohort *due = cohort_ring_row(ring, group, 0);
        uint64_t bits = cohorts_bits(self, due);
        if (!bits) continue;
        for (size_t c = 0; c < self->network->class_count; c++)
            cohort_ring_people(ring, group)[c] -= due[c].people;
        in_service(self, station, -cohort_sum(due, self->network->class_count));
        cohorts_present(self, index, due, bits, -1);
        cohorts_follow(self, station->queue.route, group, due, bits);
        memset(due, 0, self->network->class_count * sizeof *due);
    }
}

static void expose(struct replication *self, const struct station *station, uint32_t purpose)
{
    const struct queue *queue = &station->queue;
    uint32_t index = (uint32_t)(station - self->network->station);
    double elapsed[NETWORK_MAX_CLASSES];
    struct cohort *lost = self->flows.scratch;
    const struct cohort_line_part whole = {.columns = self->flows.lanes};
    struct dice dice;
    if (!queue->has_patience) return;
    for (uint32_t k = 0; k < clocks_of(self, queue); k++) {
        double mean = value_of(self, queue->patience.mean_days, k);
        elapsed[k] = mean > 0 ? self->flows.step_days / 2 / mean : INFINITY;
    }
    flows_dice(self, index, NETWORK_NONE, purpose, &dice);
    cohort_line_expose(waiting_line(self, station), &dice, &queue->patience.shape, elapsed,
                       self->flows.leaving);
    memset(lost, 0, self->flows.lanes * sizeof *lost);
    self->station[index].waiting -= cohort_line_settle(waiting_line(self, station), whole, &dice,
                                                       self->flows.leaving, lost, self->flows.lanes);
    for (uint32_t lane = 0; lane < self->flows.lanes; lane++) {
        if (!(lost[lane].people > 0)) continue;
        flows_present(self, index, lane, -lost[lane].people);
        cohort_follow(self, queue->renege, lane, &lost[lane]);
    }
}

static uint32_t service_purpose(const struct replication *self, uint32_t index)
{
    struct queue_cohorts *own = flows_area(self, index);
    if (own->step != self->flows.state->step) own->served = 0;
    own->step = self->flows.state->step;
    return PURPOSE_DURATION + 8 * (own->served++ % 8192);
}

/* Those of a row whose service takes no time. */
static void pass(struct replication *self, const struct station *station, uint32_t group,
                 const struct cohort row[])
{
    uint64_t bits = cohorts_bits(self, row);
    cohorts_present(self, (uint32_t)(station - self->network->station), row, bits, -1);
    cohorts_follow(self, station->queue.route, group, row, bits);
}

static void begin_service(struct passage *passage, uint32_t lane, struct cohort *cohort)
{
    struct replication *self = passage->self;
    const struct station *station = passage->station;
    uint32_t index = passage->index, class = lane_class(lane, self->network->class_count);
    const struct discrete *service = flows_durations(self, index, class);
    struct dice dice;
    flows_dice(self, index, lane, service_purpose(self, index), &dice);
    struct cohort done = cohort_thin(cohort, &dice, service ? service->probability[0] : 1);
    if (done.people > 0) {
        flows_present(self, index, lane, -done.people);
        cohort_follow(self, station->queue.route, lane, &done);
    }
    if (!(cohort->people > 0)) return;
    in_service(self, station, cohort->people);
    cohort_ring_spread(service_ring(self, station), lane / (uint32_t)self->network->class_count, class,
                       cohort, service, 1, &dice);
}

static void count_waits(void *context, const struct line_row *row, people_t count)
{
    const struct passage *passage = context;
    double steps = (double)passage->self->flows.state->step - row->entered;
    waits_binned(passage->self, passage->index, count, steps * passage->self->flows.step_days);
}

/* Takes the next `count` of the line, as the discipline has it. */
static void take_next(struct replication *self, const struct station *station, people_t count,
                      struct dice *dice, struct passage *passage)
{
    struct cohort_line *line = waiting_line(self, station);
    const struct queue_cohorts *own = flows_area(self, passage->index);
    const struct line_leaving leaving = self->flows.leaving;
    struct cohort_line_part part = {.columns = self->flows.lanes};
    if (station->queue.discipline == DISCIPLINE_LOTTERY) {
        cohort_line_take_lots(line, part, dice, count, line->people, leaving);
        return;
    }
    if (station->queue.discipline == DISCIPLINE_FIFO) {
        cohort_line_take_oldest(line, part, dice, count, leaving);
        return;
    }
    part.level = own->level;
    for (part.want = 0; part.want < PRIORITY_LEVELS && count > 0; part.want++) {
        people_t before = line->people;
        cohort_line_take_oldest(line, part, dice, count, leaving);
        count -= before - line->people;
    }
}

/* Those who left the line begin their service. */
static void serve_taken(struct replication *self, struct dice *dice, struct passage *passage)
{
    const struct cohort_line_part whole = {.columns = self->flows.lanes};
    struct cohort *taken = self->flows.scratch;
    cohort_line_each_taken(waiting_line(self, passage->station), count_waits, passage);
    flows_waits(self, passage->index, 0);
    memset(taken, 0, self->flows.lanes * sizeof *taken);
    self->station[passage->index].waiting -= cohort_line_settle(
        waiting_line(self, passage->station), whole, dice, self->flows.leaving, taken, self->flows.lanes);
    for (uint32_t group = 0; group < self->flows.groups; group++) {
        uint32_t classes = (uint32_t)self->network->class_count, first = group * classes;
        if (value_given(passage->station->queue.per_day)) {
            pass(self, passage->station, group, taken + first);
            continue;
        }
        for (uint32_t lane = first; lane < first + classes; lane++)
            if (taken[lane].people > 0) begin_service(passage, lane, &taken[lane]);
    }
}

/* Servers that are free, or people that the step still allows. */
static people_t free_places(const struct replication *self, const struct station *station)
{
    if (station->queue.capacity == NETWORK_NONE) return 0;
    const struct capacity_state *servers = &self->capacity[station->queue.capacity];
    return servers->limit > servers->used ? servers->limit - servers->used : 0;
}

static void serve_line(struct replication *self, const struct station *station)
{
    struct cohort_line *line = waiting_line(self, station);
    struct passage passage = {self, station, (uint32_t)(station - self->network->station)};
    struct queue_cohorts *own = flows_area(self, passage.index);
    struct dice dice;
    flows_dice(self, passage.index, NETWORK_NONE, PURPOSE_DECISION, &dice);
    if (value_given(station->queue.per_day)) {
        double per_day = value_of(self, station->queue.per_day, 0) * self->scale;
        own->credit += per_day * self->flows.step_days;
        people_t places = self->expected ? own->credit : floor(own->credit + 1e-9), before = line->people;
        take_next(self, station, places < before ? places : before, &dice, &passage);
        serve_taken(self, &dice, &passage);
        own->credit -= before - line->people;
        if (per_day > 0)
            self->counters.busy_ticks[passage.index] +=
                person_ticks((before - line->people) / per_day, TICKS_PER_DAY);
        /* Nobody was waiting for the rest of the step: what it could have done is lost. */
        if (!(line->people > 0) && own->credit > 1) own->credit = 1;
        return;
    }
    for (people_t places; line->people > 0 && (places = free_places(self, station)) > 1e-9;) {
        take_next(self, station, places < line->people ? places : line->people, &dice, &passage);
        serve_taken(self, &dice, &passage);
        if (line->people < 1e-9) break;
    }
}

/* Servers shared with other stations go to those that stand first among their users. */
static void serve(struct replication *self, const struct station *station)
{
    uint32_t capacity = station->queue.capacity, users = 0;
    if (capacity != NETWORK_NONE) users = self->network->capacity[capacity].user_count;
    for (uint32_t u = 0; u < users; u++)
        serve_line(self, &self->network->station[self->network->capacity[capacity].user[u]]);
    if (users == 0) serve_line(self, station);
}

static bool may_balk(const struct replication *self, const struct queue *queue)
{
    if (!value_given(queue->balk_probability)) return false;
    for (uint32_t class = 0; class < self->network->class_count; class ++)
        if (value_of(self, queue->balk_probability, class) > 0) return true;
    return false;
}

/* Room and balking, for those who come; who comes first is chance. */
static void turn_some_away(struct replication *self, const struct station *station, struct dice *dice)
{
    const struct queue *queue = &station->queue;
    uint32_t index = (uint32_t)(station - self->network->station), lane;
    const struct station_state *state = &self->station[index];
    struct cohort *coming = &self->flows.inflow[index * self->flows.lanes], *cohort;
    people_t total = cohort_sum(coming, self->flows.lanes), excess = 0, places = free_places(self, station);
    if (value_given(queue->room)) {
        double room = value_of(self, queue->room, 0) * self->scale;
        if (!self->expected) room = ceil(room); /* whoever finds less than the room taken comes in */
        excess = total - fmax(0, room - state->waiting - state->in_service);
    }
    people_t meet_line = total - fmax(0, places - state->waiting), among = total;
    struct flows_lanes lanes = {0};
    if (!(excess > 0) && !(meet_line > 0 && may_balk(self, queue))) return;
    while (flows_next_lane(self, index, &lanes, &lane, &cohort)) {
        people_t here = cohort->people;
        among -= here;
        struct cohort away = cohort_take(cohort, dice, dice_hypergeometric(dice, here, among, excess));
        excess -= away.people;
        double balk =
            value_or(self, queue->balk_probability, lane_class(lane, self->network->class_count), 0);
        if (balk > 0 && meet_line > 0) {
            struct cohort more = cohort_thin(cohort, dice, balk * fmin(1, meet_line / total));
            cohort_add(&away, &more);
        }
        if (away.people > 0) cohort_follow(self, queue->balk, lane, &away);
    }
}

/* Everyone who has come and was not turned away. */
static void join_line(struct replication *self, const struct station *station)
{
    const struct flows *flows = &self->flows;
    const uint32_t classes = (uint32_t)self->network->class_count;
    uint32_t index = (uint32_t)(station - self->network->station);
    struct cohort_line *line = waiting_line(self, station);
    double dates[NETWORK_MAX_CLASSES];
    for (uint32_t group = 0; group < flows->groups; group++) {
        const struct cohort *row = &flows->inflow[index * flows->lanes + group * classes];
        uint64_t bits = flows->filled[index * flows->groups + group];
        if (!bits) continue;
        cohorts_present(self, index, row, bits, 1);
        self->station[index].waiting += cohort_sum(row, classes);
        for (uint32_t c = 0; c < classes; c++) dates[c] = row[c].people * (double)flows->state->step;
        cohort_line_join_block(line, cohort_line_open(line, flows->state->step, NULL), group, row, dates, 1);
    }
}

static void turn(struct replication *self, const struct station *station)
{
    uint32_t index = (uint32_t)(station - self->network->station);
    struct dice dice;
    cohort_line_tidy(waiting_line(self, station), self->flows.state->step);
    expose(self, station, PURPOSE_PATIENCE);
    flows_dice(self, index, NETWORK_NONE, PURPOSE_LOT, &dice);
    if (value_given(station->queue.room) || value_given(station->queue.balk_probability))
        turn_some_away(self, station, &dice);
    join_line(self, station);
    serve(self, station);
    expose(self, station, PURPOSE_PATIENCE + 1);
}

static void put_back(struct replication *self, const struct station *station, struct cohort_ring *ring,
                     people_t excess)
{
    struct dice dice;
    uint32_t index = (uint32_t)(station - self->network->station),
             classes = (uint32_t)self->network->class_count;
    flows_dice(self, index, NETWORK_NONE, PURPOSE_DURATION, &dice);
    cohort_ring_flush(ring);
    for (uint32_t ahead = ring->reach; ahead > 0 && excess > 0; ahead--)
        for (uint32_t lane = 0; lane < self->flows.lanes && excess > 0; lane++) {
            uint32_t group = lane / classes, class = lane % classes;
            struct cohort back = cohort_take(&cohort_ring_row(ring, group, ahead)[class], &dice, excess);
            if (!(back.people > 0)) continue;
            excess -= back.people;
            cohort_ring_people(ring, group)[class] -= back.people;
            in_service(self, station, -back.people);
            self->station[index].waiting += back.people;
            cohort_line_return(waiting_line(self, station), self->flows.state->step, lane, &back);
        }
}

/* Capacity that drops with `preempt`: those with the longest service before them wait again and begin it
 * anew. */
static void cohort_changed(struct replication *self, const struct station *station)
{
    const struct queue *queue = &station->queue;
    set_levels(self, station);
    if (!queue->preempt || queue->capacity == NETWORK_NONE) return;
    const struct capacity_state *servers = &self->capacity[queue->capacity];
    if (servers->used > servers->limit)
        put_back(self, station, service_ring(self, station), servers->used - servers->limit);
}

static void still_waiting(const struct replication *self, const struct station *station, people_t *people,
                          double *person_days)
{
    const struct cohort_line *line = waiting_line(self, station);
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
                                .cohort_memory = cohort_memory,
                                .cohort_begin = cohort_begin,
                                .cohort_changed = cohort_changed,
                                .release = release,
                                .turn = turn,
                                .still_waiting = still_waiting};
