/* Departures: scheduled transport. People wait, first come first served, and on each day of departure as many
 * leave as there are seats and money. */
#include "sim/kinds/kind.h"

#include <math.h>

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

static void take_out(struct replication *self, struct person *person)
{
    struct station_state *state = &self->station[person->station];
    line_remove(self, &state->line[0], person);
    state->waiting--;
    person_leave(self, person);
    person->wake = TICK_NEVER;
}

static uint32_t wake(struct replication *self, struct person *person, const struct station *station)
{
    take_out(self, person);
    return station->departures.renege;
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
        take_out(self, person);
        person_follow(self, person, departures->route);
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

const struct kind kind_departures = {.name = "departures",
                                     .takes_time = true,
                                     .has_waits = true,
                                     .enter = enter,
                                     .wake = wake,
                                     .begin = begin,
                                     .day = day,
                                     .changed = changed};
