/* What the files of the queue have in common: queue.c (both forms), queue_balk.c (who of the cohorts that
 * come does not join), queue_serve.c (who of those that wait begins service), queue_wait.c (waits within a
 * step) and queue_preempt.c (who goes back). */
#ifndef CORRIDOR_SIM_KINDS_QUEUE_H
#define CORRIDOR_SIM_KINDS_QUEUE_H

#include "sim/cohort_line.h"
#include "sim/cohort_ring.h"
#include "sim/kinds/kind.h"

/* People: fewer than this are what rounding leaves of expectations. They are not served, free no server, and
 * do not keep a step going. */
#define QUEUE_TRACE 1e-9

/* What a station keeps of cohorts. */
struct queue_cohorts {
    int64_t step;    /* of the last service, */
    uint32_t served; /* and how many cohorts began theirs in it: each has its own dice */
    double credit;   /* people per day: the part of a person left over */
    uint8_t level[]; /* of priority, by lane; then the line, then the ring of those in service */
};

static inline size_t queue_head_size(const struct replication *self)
{
    return (sizeof(struct queue_cohorts) + self->flows.lanes + 63) & ~(size_t)63;
}
static inline const struct duration *queue_patience(const struct queue *queue)
{
    return queue->has_patience ? &queue->patience : NULL;
}
static inline struct cohort_line *queue_line(const struct replication *self, const struct station *station)
{
    uint32_t index = (uint32_t)(station - self->network->station);
    return (struct cohort_line *)(void *)((char *)flows_area(self, index) + queue_head_size(self));
}
static inline struct cohort_line_shape queue_line_shape(const struct replication *self,
                                                        const struct station *station)
{
    return (struct cohort_line_shape){.columns = self->flows.lanes,
                                      .classes = (uint32_t)self->network->class_count,
                                      .clocks = patience_clocks(self, queue_patience(&station->queue))};
}
static inline struct cohort_ring *queue_ring(const struct replication *self, const struct station *station)
{
    size_t line = cohort_line_memory(queue_line_shape(self, station));
    return (struct cohort_ring *)(void *)((char *)queue_line(self, station) + line);
}

/* The line that the person is to stand in from now on; ends the person's service, whatever comes next. */
struct line *queue_choose_line(struct replication *self, struct person *person, const struct queue *queue);
void queue_stop_service(struct replication *self, struct person *person, const struct station *station);

/* Servers at once that are fewer now than people in service: some of these wait again (queue_preempt.c). */
void queue_preempt(struct replication *self, uint32_t capacity);
void queue_preempt_cohorts(struct replication *self, uint32_t capacity);

/* How many cohorts of a station have begun service in this step. */
static inline uint32_t *queue_served(const struct replication *self, uint32_t station)
{
    struct queue_cohorts *own = flows_area(self, station);
    if (own->step != self->flows.state->step) own->served = 0;
    own->step = self->flows.state->step;
    return &own->served;
}

/* Whether a queue is worked off at a rate: one that serves so many a day; and servers of its own whose
 * service is short against a step, and patience long, so that what they do in it is work done, not who is
 * held by whom at its end. */
bool queue_has_rate(const struct replication *self, const struct station *station);

/* `count` more people (or fewer, when negative) are in service now. */
void queue_in_service(struct replication *self, const struct station *station, people_t count);

/* Servers that are free now. */
people_t queue_free_places(const struct replication *self, const struct station *station);

/* Whether somebody may balk, at today's values. */
bool queue_may_balk(const struct replication *self, const struct queue *queue);

/* Balking and room, for those who come; and room when the step's service is over, for those of them who wait.
 * Who comes first is chance (queue_balk.c). */
void queue_turn_away(struct replication *self, const struct station *station, struct dice *dice);
void queue_keep_to_room(struct replication *self, const struct station *station, struct dice *dice);

/* Where nobody waits and all who have come can be served in this step, they go on without joining the line.
 * Returns whether they did. */
bool queue_pass_at_once(struct replication *self, const struct station *station);

/* The mean wait, in steps, of `people` who come anywhere in a step, of which `servers` servers serve so many
 * in all; nobody waits at its start. Of one server who always takes as long it is known; where services vary
 * the wait is 1 + their variance (of a mean of 1) times as long, and of several servers it is longer than of
 * one as fast as all by the chance to wait, over the load (Allen, Probability, Statistics, and Queueing
 * Theory, 1990, 5.3: the formula of Allen and Cunneen). With drawn numbers that chance, a power of the load,
 * drops the first terms of the wait: so that the mean over Poisson numbers of people is that of their mean.
 */
double queue_wait_within_step(const struct replication *self, const struct station *station, people_t people,
                              double servers, double serves);

/* Lets as many begin service as there are free servers, or as the step allows. Servers shared with other
 * stations go to those that stand first among their users. */
void queue_serve(struct replication *self, const struct station *station);

#endif
