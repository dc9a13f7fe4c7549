/* Departures: scheduled transport. People wait, first come first served, and on each day of departure as many
 * leave as there are seats and money. They leave when the draws and departures of the moment are over, so
 * that nobody takes part in two of them. */
#include "sim/cohort_line.h"
#include "sim/kinds/kind.h"

#include <math.h>
#include <string.h>

static uint32_t enter(struct replication *self, struct person *person, const struct station *station)
{
    struct station_state *state = &self->station[person->station];
    person_settle(self, person, PERSON_WAITING);
    line_append(self, &state->line[0], person);
    state->waiting++;
    tick_t wake = TICK_NEVER;
    if (station->departures.has_patience)
        wake = self->state->now +
               person_duration(self, person, station, &station->departures.patience, PURPOSE_PATIENCE);
    person_schedule(self, person, wake);
    return ROUTE_NONE;
}

static void leave_line(struct replication *self, struct person *person)
{
    struct station_state *state = &self->station[person->station];
    line_remove(self, &state->line[0], person);
    state->waiting--;
}

static uint32_t wake(struct replication *self, struct person *person, const struct station *station)
{
    bool boarded = person->state == PERSON_BOARDED;
    if (!boarded) leave_line(self, person);
    person_leave(self, person);
    return boarded ? station->departures.route : station->departures.renege;
}

static void day(struct replication *self, const struct station *station)
{
    const struct departures *departures = &station->departures;
    uint32_t index = (uint32_t)(station - self->network->station);
    int since = self->state->day - departures->first_day;
    if (since % departures->every_days != 0) return;
    struct station_state *state = &self->station[index];
    state->pending +=
        value_of(self, departures->seats, 0) * self->scale; /* a part of a seat is carried over */
    int64_t seats = (int64_t)floor(state->pending + 1e-9);
    state->pending = fmax(0.0, state->pending - (double)seats);
    for (; seats > 0 && state->waiting > 0; seats--) {
        if (!account_can_pay(self, departures->account, departures->item, 1)) return;
        account_pay(self, departures->account, departures->item, 1);
        struct person *person = &self->person[state->line[0].head];
        wait_ended(self, person, self->state->now - person->since);
        leave_line(self, person);
        person->state = PERSON_BOARDED;
        person_schedule(self, person, self->state->now);
    }
}

static void begin(struct replication *self, const struct station *station)
{
    if (station->departures.has_patience) patience_begin(self, station, &station->departures.patience);
}

static void changed(struct replication *self, const struct station *station)
{
    if (station->departures.has_patience) patience_changed(self, station, &station->departures.patience);
}

/* ---- with cohorts: those who wait stand in rows by the step in which they came ---- */

static const struct duration *patience_of(const struct departures *departures)
{
    return departures->has_patience ? &departures->patience : NULL;
}

static struct cohort_line *line_of(const struct replication *self, const struct station *station)
{
    return flows_area(self, (uint32_t)(station - self->network->station));
}

static struct cohort_line_shape shape_of(const struct replication *self, const struct station *station)
{
    return (struct cohort_line_shape){.columns = self->flows.lanes,
                                      .classes = (uint32_t)self->network->class_count,
                                      .clocks = patience_clocks(self, patience_of(&station->departures))};
}

static size_t cohort_memory(const struct replication *self, const struct station *station)
{
    return cohort_line_memory(shape_of(self, station));
}

static void cohort_begin(struct replication *self, const struct station *station)
{
    cohort_line_begin(line_of(self, station), shape_of(self, station));
}

struct departing {
    struct replication *self;
    uint32_t index;
};

/* At the start of the step; they came in the middle of theirs. */
static void count_waits(void *context, const struct line_row *row, people_t count)
{
    const struct departing *departing = context;
    double steps = (double)departing->self->flows.state->step - row->entered - 0.5;
    waits_binned(departing->self, departing->index, count, steps * departing->self->flows.step_days);
}

static void cohort_day(struct replication *self, const struct station *station)
{
    const struct departures *departures = &station->departures;
    uint32_t index = (uint32_t)(station - self->network->station);
    struct departing departing = {self, index};
    struct station_state *state = &self->station[index];
    struct cohort_line *line = line_of(self, station);
    const struct cohort_line_part everyone = {.columns = self->flows.lanes};
    struct dice dice;
    if ((self->state->day - departures->first_day) % departures->every_days != 0) return;
    state->pending += value_of(self, departures->seats, 0) * self->scale;
    people_t seats = self->expected ? state->pending : floor(state->pending + 1e-9);
    state->pending = fmax(0, state->pending - seats);
    double cost = account_cost(self, departures->account, departures->item, 1);
    seats =
        account_affordable(self, departures->account, departures->item, 0, cost, fmin(seats, line->people));
    if (!(seats > 0)) return;
    account_pay_many(self, departures->account, departures->item, seats * cost, seats);
    flows_dice(self, index, NETWORK_NONE, PURPOSE_LOT, &dice);
    cohort_line_take_oldest(line, everyone, &dice, seats, self->flows.leaving);
    cohort_line_each_taken(line, count_waits, &departing);
    flows_waits(self, index, -0.5);
    flows_leave_line(self, index, line, departures->route, &dice);
}

/* Half a step of patience for those who came, a whole one for those who waited through the step. */
static void turn(struct replication *self, const struct station *station)
{
    const struct departures *departures = &station->departures;
    uint32_t index = (uint32_t)(station - self->network->station);
    struct cohort_line *line = line_of(self, station);
    double elapsed[NETWORK_MAX_CLASSES], half[NETWORK_MAX_CLASSES];
    patience_elapsed(self, patience_of(departures), 1, elapsed);
    patience_elapsed(self, patience_of(departures), 0.5, half);
    struct flows_lanes lanes = {0};
    struct cohort *cohort;
    cohort_line_tidy(line, self->flows.state->step);
    for (uint32_t lane; flows_next_lane(self, index, &lanes, &lane, &cohort);) {
        flows_present(self, index, lane, cohort->people);
        self->station[index].waiting += cohort->people;
        cohort_line_add(line, self->flows.state->step, lane, cohort, half);
    }
    struct dice dice;
    if (!departures->has_patience) return;
    flows_dice(self, index, NETWORK_NONE, PURPOSE_PATIENCE, &dice);
    cohort_line_expose(line, &dice, &departures->patience.shape, elapsed, 1, self->flows.leaving);
    flows_leave_line(self, index, line, departures->renege, &dice);
}

static void still_waiting(const struct replication *self, const struct station *station, people_t *people,
                          double *person_days)
{
    const struct cohort_line *line = line_of(self, station);
    *people = line->people;
    *person_days = cohort_line_waited(line, self->flows.state->step) * self->flows.step_days;
}

const struct kind kind_departures = {.name = "departures",
                                     .takes_time = true,
                                     .has_waits = true,
                                     .enter = enter,
                                     .wake = wake,
                                     .begin = begin,
                                     .day = day,
                                     .changed = changed,
                                     .every_turn = true,
                                     .reuses_memory = true,
                                     .cohort_memory = cohort_memory,
                                     .cohort_begin = cohort_begin,
                                     .cohort_day = cohort_day,
                                     .turn = turn,
                                     .still_waiting = still_waiting};
