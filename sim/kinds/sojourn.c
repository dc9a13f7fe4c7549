/* A person stays for a drawn duration unless a hazard comes first. Of all that may end the stay only the
 * earliest is in the calendar. The time to the first hazard is one exponential of the summed rates; which
 * hazard it was is decided when it strikes, in proportion to the rates of that moment. Rates that change act
 * at once on everyone present: what is left of the exponential is rescaled. Durations already drawn stay. */
#include "sim/kinds/sojourn.h"

static double total_rate(const struct replication *self, const struct sojourn *sojourn, uint32_t class)
{
    double total = 0;
    for (uint32_t h = 0; h < sojourn->hazard_count; h++)
        total += value_of(self, sojourn->hazard[h].per_day, class);
    return total;
}

/* The tick at which a hazard strikes: an odd one, so that a stay that ends in the same step wins. `redraw`
 * keeps the numbers of a hazard that begins later apart from those drawn on entry. */
static tick_t draw_hazard(const struct replication *self, const struct person *person,
                          const struct station *station, double rate, bool redraw)
{
    if (!(rate > 0)) return TICK_NEVER;
    struct stream stream;
    uint32_t block = redraw ? (uint32_t)(self->state->day + 32768) : 0;
    stream_start(&stream, self->seed, self->number, person_identity(person, station), PURPOSE_HAZARD + block);
    return self->state->now + (tick_from_days(stream_exponential(&stream) / rate) | 1);
}

static void schedule_earlier(struct replication *self, struct person *person)
{
    person->hazard = person->hazard_at < person->deadline;
    person_schedule(self, person, person->hazard ? person->hazard_at : person->deadline);
}

uint32_t sojourn_enter(struct replication *self, struct person *person, const struct station *station)
{
    const struct sojourn *sojourn = &station->sojourn;
    if (!capacity_free(self, sojourn->capacity)) return sojourn->full;
    if (!(value_of(self, sojourn->duration.mean_days, person->class) > 0)) return sojourn->route;
    capacity_take(self, sojourn->capacity);
    person_settle(self, person, PERSON_STAYING);
    person->deadline =
        self->state->now + person_duration(self, person, station, &sojourn->duration, PURPOSE_DURATION);
    double rate = sojourn->hazard_count ? total_rate(self, sojourn, person->class) : 0;
    person->hazard_at = draw_hazard(self, person, station, rate, false);
    schedule_earlier(self, person);
    return ROUTE_NONE;
}

static uint32_t which_hazard(struct replication *self, const struct person *person,
                             const struct station *station)
{
    const struct sojourn *sojourn = &station->sojourn;
    double point = person_chance(self, person, station->hash) * total_rate(self, sojourn, person->class);
    uint32_t chosen = 0;
    for (uint32_t h = 0; h < sojourn->hazard_count; h++) {
        double rate = value_of(self, sojourn->hazard[h].per_day, person->class);
        if (!(rate > 0)) continue;
        chosen = h;
        if (point < rate) break;
        point -= rate;
    }
    return sojourn->hazard[chosen].route;
}

uint32_t sojourn_wake(struct replication *self, struct person *person, const struct station *station)
{
    const struct sojourn *sojourn = &station->sojourn;
    uint32_t route = person->hazard ? which_hazard(self, person, station) : sojourn->route;
    person_leave(self, person);
    if (sojourn->capacity != NETWORK_NONE) self->capacity[sojourn->capacity].used--;
    return route;
}

void sojourn_begin(struct replication *self, const struct station *station)
{
    uint32_t index = (uint32_t)(station - self->network->station);
    for (uint32_t c = 0; c < self->network->class_count; c++)
        self->in_force[cell_of(self, index, c)] = total_rate(self, &station->sojourn, c);
}

/* Everyone present is looked at: takes time in proportion to the people in the model, once per change of a
 * rate. */
void sojourn_changed(struct replication *self, const struct station *station)
{
    const struct sojourn *sojourn = &station->sojourn;
    if (sojourn->hazard_count == 0) return;
    uint32_t index = (uint32_t)(station - self->network->station);
    double before[NETWORK_MAX_CLASSES], after[NETWORK_MAX_CLASSES];
    bool any = false;
    for (uint32_t c = 0; c < self->network->class_count; c++) {
        size_t cell = cell_of(self, index, c);
        before[c] = self->in_force[cell];
        after[c] = self->in_force[cell] = total_rate(self, sojourn, c);
        any = any || before[c] != after[c];
    }
    if (!any) return;
    for (uint32_t i = 1; i < self->state->person_high; i++) {
        struct person *person = &self->person[i];
        uint32_t c = person->class;
        if (person->station != index || person->state != PERSON_STAYING || person->wake == TICK_NEVER)
            continue;
        if (before[c] == after[c]) continue;
        if (before[c] > 0 && after[c] > 0) {
            double left = tick_days(person->hazard_at - self->state->now) * before[c] / after[c];
            person->hazard_at = self->state->now + (tick_from_days(left) | 1);
        } else {
            person->hazard_at = draw_hazard(self, person, station, after[c], true);
        }
        schedule_earlier(self, person);
    }
}
