/* Cohorts who come to a queue and do not join it: a full room, and balking. */
#include "sim/kinds/queue.h"

#include <math.h>
#include <string.h>

bool queue_may_balk(const struct replication *self, const struct queue *queue)
{
    if (!value_given(queue->balk_probability)) return false;
    for (uint32_t class = 0; class < self->network->class_count; class ++)
        if (value_of(self, queue->balk_probability, class) > 0) return true;
    return false;
}

/* The chance of balking of those who come and meet a line, on average. */
static double mean_balk(const struct replication *self, const struct station *station, people_t total)
{
    struct flows_lanes lanes = {0};
    struct cohort *cohort;
    double sum = 0;
    for (uint32_t lane;
         flows_next_lane(self, (uint32_t)(station - self->network->station), &lanes, &lane, &cohort);)
        sum += cohort->people * value_or(self, station->queue.balk_probability,
                                         lane_class(lane, self->network->class_count), 0);
    return total > 0 ? sum / total : 0;
}

/* What is left of the service of the person let go last: nobody is in the station for it. Expectations know
 * no single person. */
static double unfinished(const struct replication *self, const struct station *station)
{
    const struct queue_cohorts *own = flows_area(self, (uint32_t)(station - self->network->station));
    if (self->expected || !value_given(station->queue.per_day)) return 0;
    return fmin(fmax(1 - own->credit, 0), 1);
}

/* Of those who come to an idle queue while it could serve so many, the share that meets a line or somebody in
 * service. It is busy with those who did not balk: with arrivals at the rate a and service at the rate s that
 * is b = a (1 - p b) / s. In whole people: whoever comes less than a service after another meets a line, and
 * the first of them never does. */
static double share_that_meets(const struct replication *self, people_t coming, double serves, double balk)
{
    if (self->expected) return fmin(1, coming / (serves + coming * balk));
    people_t others = coming - 1;
    if (!(others > 0)) return 0;
    double service = 1 / serves, within = service < 1 ? service - service * service / 2 : 0.5;
    double load = others * within, shed = fmax(0, others - 1) / others;
    return fmin(others / coming, load / (1 + load * balk * shed));
}

/* While the queue works off those who came before, all meet a line. */
static double share_that_waits(const struct replication *self, const struct station *station, people_t total)
{
    double serves = value_of(self, station->queue.per_day, 0) * self->scale * self->flows.step_days;
    double work = self->station[station - self->network->station].waiting + unfinished(self, station);
    if (!(serves > work)) return 1;
    double idle = 1 - work / serves;
    return 1 -
           idle * (1 - share_that_meets(self, total * idle, serves * idle, mean_balk(self, station, total)));
}

/* Of those who meet a line some balk. */
static void balk_at_line(struct replication *self, const struct station *station, people_t total,
                         struct dice *dice)
{
    const struct queue *queue = &station->queue;
    uint32_t index = (uint32_t)(station - self->network->station), lane;
    people_t free = fmax(0, queue_free_places(self, station) - self->station[index].waiting);
    double meets_line =
        value_given(queue->per_day) ? share_that_waits(self, station, total) : fmax(0, total - free) / total;
    struct flows_lanes lanes = {0};
    struct cohort *cohort;
    while (meets_line > 0 && flows_next_lane(self, index, &lanes, &lane, &cohort)) {
        double balk =
            value_or(self, queue->balk_probability, lane_class(lane, self->network->class_count), 0);
        if (!(balk > 0)) continue;
        struct cohort away = cohort_thin(cohort, dice, balk * meets_line);
        if (away.people > 0) cohort_follow(self, queue->balk, lane, &away);
    }
}

/* How many more the room holds; negative: so many too many. In whole people, as whoever finds less than the
 * room taken comes in. */
static people_t free_room(const struct replication *self, const struct station *station, people_t waiting)
{
    double room = value_of(self, station->queue.room, 0) * self->scale;
    double inside = self->station[station - self->network->station].in_service + unfinished(self, station);
    if (self->expected) return room - inside - waiting;
    return ceil(room) - ceil(inside - QUEUE_TRACE) - waiting;
}

/* More servers than room: they let in no more than there is room for at once, and one after the other those
 * whose service takes no step. */
static void keep_out(struct replication *self, const struct station *station, struct dice *dice)
{
    uint32_t index = (uint32_t)(station - self->network->station);
    const struct discrete *service = flows_durations(self, index, 0);
    double at_once = service ? service->probability[0] : 1;
    people_t free = fmax(0, free_room(self, station, self->station[index].waiting)),
             among = flows_count_inflow(self, index);
    if (queue_free_places(self, station) <= free || !(at_once < 1)) return;
    people_t one_by_one = free * at_once / (1 - at_once);
    people_t excess = among - free - (self->expected ? one_by_one : floor(one_by_one));
    flows_turn_away(self, index, station->queue.balk, excess, among, dice);
}

void queue_turn_away(struct replication *self, const struct station *station, struct dice *dice)
{
    people_t coming = flows_count_inflow(self, (uint32_t)(station - self->network->station));
    if (!(coming > 0)) return;
    if (queue_may_balk(self, &station->queue)) balk_at_line(self, station, coming, dice);
    if (value_given(station->queue.room) && !value_given(station->queue.per_day))
        keep_out(self, station, dice);
}

void queue_keep_to_room(struct replication *self, const struct station *station, struct dice *dice)
{
    const struct cohort_line_part whole = {.columns = self->flows.lanes};
    struct cohort_line *line = queue_line(self, station);
    const uint32_t newest = line->rows - 1;
    if (line->rows == 0 || line->row[newest].last != self->flows.state->step) return;
    people_t came = line->row[newest].people, excess = -free_room(self, station, line->people);
    if (!(excess > 0) || !(came > 0)) return;
    cohort_line_take(line, newest, whole, dice, fmin(excess, came), came, self->flows.leaving);
    line->row[newest].taken = line->row[newest].taken_dates = 0; /* they have not been served */
    flows_leave_line(self, (uint32_t)(station - self->network->station), line, station->queue.balk, dice);
}
