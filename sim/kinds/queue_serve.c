/* Who of the cohorts that wait begins service. */
#include "sim/kinds/queue.h"

#include <math.h>
#include <string.h>

/* What a person taken from the line or the ring goes through. */
struct passage {
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
    queue_in_service(self, station, cohort->people);
    cohort_ring_spread(queue_ring(self, station), lane / (uint32_t)self->network->class_count, class, cohort,
                       service, 1, &dice);
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
    struct cohort_line *line = queue_line(self, station);
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
    cohort_line_each_taken(queue_line(self, passage->station), count_waits, passage);
    flows_waits(self, passage->index, 0);
    memset(taken, 0, self->flows.lanes * sizeof *taken);
    self->station[passage->index].waiting -= cohort_line_settle(
        queue_line(self, passage->station), whole, dice, self->flows.leaving, taken, self->flows.lanes);
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

people_t queue_free_places(const struct replication *self, const struct station *station)
{
    if (station->queue.capacity == NETWORK_NONE) return 0;
    const struct capacity_state *servers = &self->capacity[station->queue.capacity];
    return servers->limit > servers->used ? servers->limit - servers->used : 0;
}

/* ---- people per day ---- */

#define FEW 64 /* people: of more the first comes at the start of a step, and the last at its end */

/* When the people who came in this step did, the first and the last of them, as parts of the step. */
struct arrivals {
    people_t people;
    double first, last;
};
static struct arrivals arrivals_now(const struct replication *self, const struct station *station)
{
    const struct cohort_line *line = queue_line(self, station);
    const struct line_row *newest = line->rows > 0 ? &line->row[line->rows - 1] : NULL;
    struct arrivals came = {0, 0, 1};
    if (newest && newest->last == self->flows.state->step) came.people = newest->people;
    if (self->expected || !(came.people > 0 && came.people <= FEW)) return came;
    struct dice dice;
    flows_dice(self, (uint32_t)(station - self->network->station), NETWORK_NONE, PURPOSE_ARRIVAL, &dice);
    came.first = 1 - pow(stream_unit(&dice.stream), 1 / came.people);
    came.last = came.first;
    if (came.people > 1)
        came.last += (1 - came.first) * pow(stream_unit(&dice.stream), 1 / (came.people - 1));
    return came;
}

/* Credit of 1 is somebody to be served, less than that a service that is not over. The queue works off those
 * who came before, then waits for the first who comes. Who is served last began when it came, at the
 * earliest. */
static void serve_by_day(struct passage *passage, double per_day, struct dice *dice)
{
    struct replication *self = passage->self;
    struct cohort_line *line = queue_line(self, passage->station);
    struct queue_cohorts *own = flows_area(self, passage->index);
    const struct arrivals came = arrivals_now(self, passage->station);
    const double serves = per_day * self->flows.step_days;
    double work = line->people - came.people + fmax(0, 1 - own->credit);
    double idle = work < serves ? fmax(0, came.first - work / serves) : 0;
    own->credit += serves * (1 - idle);
    people_t places = self->expected ? own->credit : floor(own->credit + 1e-9), before = line->people;
    take_next(self, passage->station, places < before ? places : before, dice, passage);
    serve_taken(self, dice, passage);
    own->credit -= before - line->people;
    if (per_day > 0)
        self->counters.busy_ticks[passage->index] +=
            person_ticks((before - line->people) / per_day, TICKS_PER_DAY);
    if (line->people > 0) return;
    /* What it could have done while nobody was there is lost. */
    double begun = !self->expected && came.people > 0 && came.people <= FEW ? serves * (1 - came.last) : 1;
    own->credit = fmin(own->credit, fmin(begun, 1));
}

static void serve_line(struct replication *self, const struct station *station)
{
    struct cohort_line *line = queue_line(self, station);
    struct passage passage = {self, station, (uint32_t)(station - self->network->station)};
    struct dice dice;
    flows_dice(self, passage.index, NETWORK_NONE, PURPOSE_DECISION, &dice);
    if (value_given(station->queue.per_day)) {
        serve_by_day(&passage, value_of(self, station->queue.per_day, 0) * self->scale, &dice);
        return;
    }
    for (;;) {
        people_t places = queue_free_places(self, station), before = line->people;
        if (!(before > QUEUE_TRACE) || !(places > QUEUE_TRACE)) break;
        take_next(self, station, places < before ? places : before, &dice, &passage);
        serve_taken(self, &dice, &passage);
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
