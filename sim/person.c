/* The records of people: new and free ones, their wakes, and the lines in which they stand. */
#include "sim/replication.h"

struct person *person_new(struct replication *self, uint64_t hash, uint32_t class)
{
    struct replication_state *state = self->state;
    uint32_t index = state->person_free;
    if (index != PERSON_NONE) {
        state->person_free = self->person[index].next;
        __builtin_prefetch(&self->person[state->person_free == PERSON_NONE ? index : state->person_free], 1);
    } else if (state->person_high < MAX_PEOPLE) {
        index = state->person_high++;
    } else {
        replication_fail(self, "more than 16 million people are present at once");
        return NULL;
    }
    struct person *person = &self->person[index];
    *person = (struct person){.key = order_key(ORDER_MOVEMENT, hash),
                              .wake = TICK_NEVER,
                              .next = PERSON_NONE,
                              .previous = PERSON_NONE,
                              .position = PERSON_NONE,
                              .class = (uint8_t) class};
    if (self->trace_fraction > 0)
        person->traced = random_unit(random_mix(person->key, UINT64_C(0x7472616365))) < self->trace_fraction;
    state->people++;
    return person;
}

void person_end(struct replication *self, struct person *person)
{
    for (int m = 0; m < NETWORK_MEMORIES; m++) {
        int count = person->memory[m] < PER_PERSON_BINS ? person->memory[m] : PER_PERSON_BINS - 1;
        self->per_person[(size_t)(m * PER_PERSON_BINS + count) * self->network->class_count +
                         person->class]++;
    }
    person->wake = TICK_NEVER;
    person->state = PERSON_GONE;
    person->next = self->state->person_free;
    self->state->person_free = person_index(self, person);
}

/* Empties the calendar and puts in everyone who will wake: what is left out are the dead entries of those who
 * have been given another time. They are at least half of a full calendar. */
static bool renew_calendar(struct replication *self)
{
    replication_empty_calendar(self);
    for (uint32_t i = 0; i < self->state->person_high; i++) {
        tick_t wake = self->person[i].wake;
        if (wake != TICK_NEVER && !calendar_push(self->calendar, self->person, wake, i)) return false;
    }
    return true;
}

void person_schedule(struct replication *self, struct person *person, tick_t wake)
{
    person->wake = wake;
    if (wake == TICK_NEVER) return;
    if (!calendar_push(self->calendar, self->person, wake, person_index(self, person)) &&
        !renew_calendar(self))
        replication_fail(self, "the calendar is full");
}

void person_went_round(struct replication *self, struct person *person)
{
    const uint16_t today = (uint16_t)(self->state->day + REGISTERED_ORIGIN);
    if (person->visited == today)
        replication_fail(
            self,
            "somebody was at more than 65,536 stations in a day: is there a way back that takes no time?");
    person->visited = today;
}

tick_t person_duration(const struct replication *self, const struct person *person,
                       const struct station *station, const struct duration *duration, enum purpose purpose)
{
    double mean = value_of(self, duration->mean_days, person->class), days;
    if (duration->shape.family == DISTRIBUTION_CONSTANT) {
        days = mean;
    } else {
        uint64_t identity = person_identity(person, station);
        const bool on_the_way = station->kind == KIND_DELAY || station->kind == KIND_STAY;
        if (on_the_way && person->batch && self->batch[person->batch - 1].end > self->state->now)
            identity = random_mix(self->batch[person->batch - 1].hash, station->hash);
        struct stream stream;
        stream_start(&stream, self->seed, self->number, identity, (uint32_t)purpose);
        days = distribution_draw(&duration->shape, mean, &stream);
    }
    tick_t ticks = (tick_from_days(days) + 1) & ~(tick_t)1;
    return purpose == PURPOSE_PATIENCE ? ticks | 1 : ticks;
}

void line_append(struct replication *self, struct line *line, struct person *person)
{
    uint32_t index = person_index(self, person);
    person->next = PERSON_NONE;
    person->previous = line->tail;
    if (line->tail != PERSON_NONE)
        self->person[line->tail].next = index;
    else
        line->head = index;
    line->tail = index;
}

void line_prepend(struct replication *self, struct line *line, struct person *person)
{
    uint32_t index = person_index(self, person);
    person->previous = PERSON_NONE;
    person->next = line->head;
    if (line->head != PERSON_NONE)
        self->person[line->head].previous = index;
    else
        line->tail = index;
    line->head = index;
}

void line_remove(struct replication *self, struct line *line, struct person *person)
{
    if (person->previous != PERSON_NONE)
        self->person[person->previous].next = person->next;
    else
        line->head = person->next;
    if (person->next != PERSON_NONE)
        self->person[person->next].previous = person->previous;
    else
        line->tail = person->previous;
    person->next = person->previous = PERSON_NONE;
}
