/* Who of the cohorts that wait begins service. */
#include "sim/kinds/queue.h"
#include "sim/queue_rate.h"

#include <math.h>
#include <string.h>

/* What a person taken from the line or the ring goes through. */
struct serving {
    struct replication *self;
    const struct station *station;
    uint32_t index;
};

void queue_in_service(struct replication *self, const struct station *station, people_t count)
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

static uint32_t service_purpose(const struct replication *self, uint32_t index)
{
    return PURPOSE_DURATION + 8 * ((*queue_served(self, index))++ % 8192);
}

/* People of a class who are served within a step have been at the station for so many steps. */
static void count_stay(struct replication *self, uint32_t index, uint32_t class, people_t people,
                       double steps)
{
    self->counters.stock_ticks[cell_of(self, index, class)] +=
        llrint(people * steps * (double)self->flows.step_ticks);
}

/* The time that a server takes for one person, in steps; nobody is said to be in service at a queue that
 * serves so many a day. */
static double service_steps(const struct replication *self, const struct queue *queue)
{
    return value_given(queue->per_day) ? 0
                                       : value_of(self, queue->service.mean_days, 0) / self->flows.step_days;
}

/* Those of a row whose service is over within the step. */
static void pass(struct replication *self, const struct station *station, uint32_t group,
                 const struct cohort row[])
{
    uint32_t index = (uint32_t)(station - self->network->station);
    people_t people[NETWORK_MAX_CLASSES];
    uint64_t bits = cohorts_count(self, row, people);
    for (uint64_t some = bits; some; some &= some - 1) {
        const uint32_t class = (uint32_t)__builtin_ctzll(some);
        count_stay(self, index, class, people[class], service_steps(self, &station->queue));
    }
    cohorts_present_counted(self, index, people, bits, -1);
    cohorts_follow(self, station->queue.route, group, row, bits);
}

static void begin_service(struct serving *serving, uint32_t lane, struct cohort *cohort)
{
    struct replication *self = serving->self;
    const struct station *station = serving->station;
    uint32_t index = serving->index, class = lane_class(lane, self->network->class_count);
    const struct discrete *service = flows_durations(self, index, class);
    struct dice dice;
    flows_dice(self, index, lane, service_purpose(self, index), &dice);
    struct cohort done = cohort_thin(cohort, &dice, service ? service->probability[0] : 1);
    if (done.people > 0) {
        flows_present(self, index, lane, -done.people);
        cohort_follow(self, station->queue.route, lane, &done);
    }
    if (!(cohort->people > 0)) return;
    queue_in_service(self, station, cohort->people);
    cohort_ring_spread(queue_ring(self, station), lane / (uint32_t)self->network->class_count, class, cohort,
                       service, 1, &dice);
}

static void count_waits(void *context, const struct line_row *row, people_t count)
{
    const struct serving *serving = context;
    double steps = (double)serving->self->flows.state->step - row->entered;
    waits_binned(serving->self, serving->index, count, steps * serving->self->flows.step_days);
}

/* Takes the next `count` of the line, as the discipline has it. */
static void take_next(struct replication *self, const struct station *station, people_t count,
                      struct dice *dice, struct serving *serving)
{
    struct cohort_line *line = queue_line(self, station);
    const struct queue_cohorts *own = flows_area(self, serving->index);
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
static void serve_taken(struct replication *self, struct dice *dice, struct serving *serving)
{
    const struct cohort_line_part whole = {.columns = self->flows.lanes};
    struct cohort *taken = self->flows.scratch;
    cohort_line_each_taken(queue_line(self, serving->station), count_waits, serving);
    flows_waits(self, serving->index, 0);
    memset(taken, 0, self->flows.lanes * sizeof *taken);
    self->station[serving->index].waiting -= cohort_line_settle(
        queue_line(self, serving->station), whole, dice, self->flows.leaving, taken, self->flows.lanes);
    for (uint32_t group = 0; group < self->flows.groups; group++) {
        uint32_t classes = (uint32_t)self->network->class_count, first = group * classes;
        if (queue_has_rate(self, serving->station)) {
            pass(self, serving->station, group, taken + first);
            continue;
        }
        for (uint32_t lane = first; lane < first + classes; lane++)
            if (taken[lane].people > 0) begin_service(serving, lane, &taken[lane]);
    }
}

people_t queue_free_places(const struct replication *self, const struct station *station)
{
    if (station->queue.capacity == NETWORK_NONE) return 0;
    const struct capacity_state *servers = &self->capacity[station->queue.capacity];
    return servers->limit > servers->used ? servers->limit - servers->used : 0;
}

/* ---- at a rate ---- */

#define FEW           64 /* people: of more the first comes at the start of a step, and the last at its end */
#define MANY_SERVICES 40 /* in a step, x their variance */

/* The shortest mean of a class today; INFINITY: nobody loses patience. */
static double shortest_patience(const struct replication *self, const struct queue *queue)
{
    double least = INFINITY;
    for (uint32_t k = 0; k < patience_clocks(self, queue_patience(queue)) && queue->has_patience; k++)
        least = fmin(least, value_of(self, queue->patience.mean_days, k));
    return least;
}

bool queue_has_rate(const struct replication *self, const struct station *station)
{
    const struct queue *queue = &station->queue;
    if (value_given(queue->per_day)) return true;
    if (queue->capacity == NETWORK_NONE) return false;
    return queue_rate_suits(self->network, queue, value_of(self, queue->service.mean_days, 0),
                            value_is_one(self, queue->service.mean_days), shortest_patience(self, queue),
                            queue_may_balk(self, queue), self->flows.step_days);
}

/* When the people who come in this step do, the first and the last of them, as parts of the step. */
struct arrivals {
    people_t people;
    double first, last;
};
static struct arrivals arrivals_of(const struct replication *self, const struct station *station,
                                   people_t people)
{
    struct arrivals came = {people, 0, 1};
    if (self->expected || !(came.people > 0 && came.people <= FEW)) return came;
    struct dice dice;
    flows_dice(self, (uint32_t)(station - self->network->station), NETWORK_NONE, PURPOSE_ARRIVAL, &dice);
    came.first = 1 - pow(stream_unit(&dice.stream), 1 / came.people);
    came.last = came.first;
    if (came.people > 1)
        came.last += (1 - came.first) * pow(stream_unit(&dice.stream), 1 / (came.people - 1));
    return came;
}

/* A step of a queue in which some come behind those who wait. Credit of 1 is somebody to be served, less than
 * that a service that is not over. */
struct working_step {
    struct queue_cohorts *queue;
    double servers, per_day, serves; /* all of them together, in a day and in the step */
    struct arrivals came;
};
static struct working_step begin_working(const struct serving *serving, people_t coming)
{
    const struct replication *self = serving->self;
    const struct queue *queue = &serving->station->queue;
    const bool by_day = value_given(queue->per_day);
    double servers = by_day ? 1 : queue_free_places(self, serving->station);
    double per_day = by_day ? value_of(self, queue->per_day, 0) * self->scale
                            : servers / value_of(self, queue->service.mean_days, 0);
    return (struct working_step){.queue = flows_area(self, serving->index),
                                 .servers = servers,
                                 .per_day = per_day,
                                 .serves = per_day * self->flows.step_days,
                                 .came = arrivals_of(self, serving->station, coming)};
}

/* Services that are over in the time in which `busy` are on average, as if each had phases (Erlang) that give
 * it its variance, drawn. Only a server who is busy all the time varies: where nobody has waited before the
 * step, that is so but for what is left of one service, which is nothing in a step of many. */
static double services_over(const struct serving *serving, const struct working_step *step, double busy,
                            bool waiting)
{
    const struct replication *self = serving->self;
    const struct queue *queue = &serving->station->queue;
    const double variance = value_given(queue->per_day) ? 0 : distribution_variance(&queue->service.shape);
    const bool varies = waiting || step->serves >= MANY_SERVICES * variance;
    struct dice dice;
    if (self->expected || !(variance > 0) || !(busy > 0) || !varies) return busy;
    flows_dice(self, serving->index, NETWORK_NONE, PURPOSE_DURATION + 128, &dice);
    return variance * (double)stream_poisson(&dice.stream, busy / variance);
}

/* The queue works off those who wait, then waits for the first who comes. How many it can serve by then is
 * added to its credit. */
static people_t earn_credit(const struct serving *serving, struct working_step *step, people_t waiting)
{
    double *credit = &step->queue->credit, work = waiting + fmax(0, 1 - *credit);
    double idle = work < step->serves ? fmax(0, step->came.first - work / step->serves) : 0;
    const double time = step->serves * (1 - idle), busy = fmin(time, waiting + step->came.people);
    *credit += services_over(serving, step, busy, waiting > 0) + time - busy;
    if (!(step->serves > 0)) return 0; /* closed */
    return serving->self->expected ? *credit : floor(*credit + 1e-9);
}

/* Who is served last began when it came, at the earliest: what the queue could have done while nobody was
 * there is lost. */
static void spend_credit(const struct serving *serving, struct working_step *step, people_t served,
                         bool all_are_served)
{
    struct replication *self = serving->self;
    double *credit = &step->queue->credit;
    *credit -= served;
    if (step->per_day > 0)
        self->counters.busy_ticks[serving->index] +=
            person_ticks(served * step->servers / step->per_day, TICKS_PER_DAY);
    if (!all_are_served) return;
    bool few = !self->expected && step->came.people > 0 && step->came.people <= FEW;
    *credit = fmin(*credit, fmin(few ? step->serves * (1 - step->came.last) : 1, 1));
}

static void serve_by_rate(struct serving *serving, struct dice *dice)
{
    const struct cohort_line *line = queue_line(serving->self, serving->station);
    const struct line_row *newest = line->rows > 0 ? &line->row[line->rows - 1] : NULL;
    const people_t before = line->people,
                   came = newest && newest->last == serving->self->flows.state->step ? newest->people : 0;
    struct working_step step = begin_working(serving, came);
    people_t places = earn_credit(serving, &step, before - came);
    take_next(serving->self, serving->station, places < before ? places : before, dice, serving);
    serve_taken(serving->self, dice, serving);
    spend_credit(serving, &step, before - line->people, !(line->people > QUEUE_TRACE));
}

/* All who have come are served in the step, after a wait within it: they are on their way. */
static void pass_inflow(const struct serving *serving, people_t people, double wait)
{
    struct replication *self = serving->self;
    const struct flows *flows = &self->flows;
    const uint32_t classes = (uint32_t)self->network->class_count;
    for (uint32_t group = 0; group < flows->groups; group++) {
        const struct cohort *row = &flows_inflow(self, serving->index)[group * classes];
        if (!flows->filled[serving->index * flows->groups + group]) continue;
        people_t served[NETWORK_MAX_CLASSES];
        const uint64_t bits = cohorts_count(self, row, served);
        for (uint64_t some = bits; some; some &= some - 1) {
            const uint32_t class = (uint32_t)__builtin_ctzll(some);
            waits_counted(self, serving->index, class, served[class],
                          llrint(served[class] * wait * (double)flows->step_ticks));
            count_stay(self, serving->index, class, served[class],
                       wait + service_steps(self, &serving->station->queue));
        }
        cohorts_follow(self, serving->station->queue.route, group, row, bits);
    }
    waits_binned(self, serving->index, people, wait * flows->step_days);
}

bool queue_pass_at_once(struct replication *self, const struct station *station)
{
    const struct serving serving = {self, station, (uint32_t)(station - self->network->station)};
    const people_t coming = flows_count_inflow(self, serving.index);
    if (!queue_has_rate(self, station) || !(coming > 0)) return false;
    if (queue_line(self, station)->people > QUEUE_TRACE) return false;
    struct working_step step = begin_working(&serving, coming);
    const double credit = step.queue->credit;
    if (earn_credit(&serving, &step, 0) < coming) {
        step.queue->credit = credit;
        return false;
    }
    pass_inflow(&serving, coming, queue_wait_within_step(self, station, coming, step.servers, step.serves));
    spend_credit(&serving, &step, coming, true);
    return true;
}

static void serve_line(struct replication *self, const struct station *station)
{
    struct cohort_line *line = queue_line(self, station);
    struct serving serving = {self, station, (uint32_t)(station - self->network->station)};
    struct dice dice;
    /* A station that shares its servers may have served before in this step. */
    flows_dice(self, serving.index, NETWORK_NONE, PURPOSE_DECISION + *queue_served(self, serving.index),
               &dice);
    if (queue_has_rate(self, station)) {
        serve_by_rate(&serving, &dice);
        return;
    }
    for (;;) { /* servers of whom some are free again in the same step */
        people_t places = queue_free_places(self, station), before = line->people;
        if (!(before > QUEUE_TRACE) || !(places > QUEUE_TRACE)) break;
        take_next(self, station, places < before ? places : before, &dice, &serving);
        serve_taken(self, &dice, &serving);
        if (!(before - line->people > QUEUE_TRACE)) break;
    }
}

void queue_serve(struct replication *self, const struct station *station)
{
    uint32_t capacity = station->queue.capacity, users = 0;
    if (capacity != NETWORK_NONE) users = self->network->capacity[capacity].user_count;
    for (uint32_t u = 0; u < users; u++)
        serve_line(self, &self->network->station[self->network->capacity[capacity].user[u]]);
    if (users == 0) serve_line(self, station);
}
