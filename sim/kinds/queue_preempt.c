/* Servers that drop while they are busy, with `preempt`: people go back from service to the line. */
#include "sim/kinds/queue.h"

#include <math.h>

/* Of all who are served at stations with `preempt` that share these servers, the one who began last; of
 * several the one whose station stands last. NULL: nobody. */
static struct person *began_last(const struct replication *self, const struct capacity *shared)
{
    struct person *last = NULL;
    for (uint32_t u = 0; u < shared->user_count; u++) {
        const uint32_t tail = self->station[shared->user[u]].serving.tail;
        if (tail == PERSON_NONE) continue;
        if (!last || self->person[tail].service_began >= last->service_began) last = &self->person[tail];
    }
    return last;
}

static void send_back(struct replication *self, struct person *person)
{
    const struct station *station = &self->network->station[person->station];
    const tick_t rest = person->wake - self->state->now;
    queue_stop_service(self, person, station);
    person->rest_of_service = rest;
    person->sent_back = 1;
    person->state = PERSON_WAITING;
    person->since = self->state->now;
    line_prepend(self, queue_choose_line(self, person, &station->queue), person);
    self->station[person->station].waiting++;
    person_schedule(self, person, TICK_NEVER);
}

void queue_preempt(struct replication *self, uint32_t capacity)
{
    const struct capacity_state *servers = &self->capacity[capacity];
    for (struct person *last; servers->used > servers->limit;) {
        last = began_last(self, &self->network->capacity[capacity]);
        if (!last) return;
        send_back(self, last);
    }
}

/* ---- with cohorts ---- */

/* Sends up to `excess` of those back whose service ends so many steps from now, by lot among the lanes;
 * returns how many. */
static people_t put_back(struct replication *self, const struct station *station, uint32_t ahead,
                         people_t excess)
{
    struct dice dice;
    struct cohort_ring *ring = queue_ring(self, station);
    const uint32_t index = (uint32_t)(station - self->network->station),
                   classes = (uint32_t)self->network->class_count;
    people_t among = 0, sent = 0;
    flows_dice(self, index, NETWORK_NONE, PURPOSE_LOT + 1 + ahead, &dice);
    for (uint32_t group = 0; group < self->flows.groups; group++)
        among += cohort_sum(cohort_ring_row(ring, group, ahead), classes);
    for (uint32_t lane = 0; lane < self->flows.lanes && sent < excess; lane++) {
        const uint32_t group = lane / classes, class = lane % classes;
        struct cohort *due = &cohort_ring_row(ring, group, ahead)[class];
        const people_t here = due->people;
        if (!(here > 0)) continue;
        among -= here;
        struct cohort back =
            cohort_take(due, &dice, dice_hypergeometric(&dice, here, fmax(0, among), excess - sent));
        if (!(back.people > 0)) continue;
        sent += back.people;
        cohort_ring_people(ring, group)[class] -= back.people;
        queue_in_service(self, station, -back.people);
        self->station[index].waiting += back.people;
        cohort_line_return(queue_line(self, station), self->flows.state->step, lane, &back);
    }
    return sent;
}

/* Servers that are too many now lose those with the longest part of their service before them, at whatever
 * station that shares them: they wait again and begin it anew. */
void queue_preempt_cohorts(struct replication *self, uint32_t capacity)
{
    const struct capacity *shared = &self->network->capacity[capacity];
    people_t excess = self->capacity[capacity].used - self->capacity[capacity].limit;
    if (!(excess > QUEUE_TRACE)) return;
    uint32_t furthest = 0;
    for (uint32_t u = 0; u < shared->user_count; u++) {
        struct cohort_ring *ring = queue_ring(self, &self->network->station[shared->user[u]]);
        cohort_ring_flush(ring);
        furthest = ring->reach > furthest ? ring->reach : furthest;
    }
    for (uint32_t ahead = furthest; ahead > 0; ahead--)
        for (uint32_t u = 0; u < shared->user_count && excess > 0; u++) {
            const struct station *station = &self->network->station[shared->user[u]];
            if (!station->queue.preempt || ahead > queue_ring(self, station)->reach) continue;
            excess -= put_back(self, station, ahead, excess);
        }
}
