#include "sim/numbers.h"
#include "sim/replication.h"

#include <math.h>
#include <string.h>

#define ROUNDING 1e-6 /* people */

/* Accommodation: who sleeps where, and what it does to people. Once a day, for everyone who sleeps at the
 * place. Shelter places are soft: those beyond them sleep in the street, spread over the classes in
 * proportion (rounded down, the rest in order of class). Harm is a Poisson count per place, class and day; it
 * does not move anyone. */

static void sleepers(const struct replication *self, uint32_t place, people_t people[], people_t *total)
{
    const struct network *network = self->network;
    for (size_t c = 0; c < network->class_count; c++) people[c] = 0;
    for (uint32_t i = self->sleeper_first[place]; i < self->sleeper_first[place + 1]; i++)
        numbers_add(people, self->stock + self->sleeper[i] * network->class_count, network->class_count);
    *total = numbers_sum(people, network->class_count);
}

/* Who of the `total` people are the `outside` ones without shelter, by class. */
static void share_street(const struct replication *self, const people_t people[], people_t total,
                         people_t outside, people_t unsheltered[])
{
    const size_t classes = self->network->class_count;
    people_t left = outside;
    if (self->expected) {
        numbers_times(unsheltered, people, classes, outside / total);
        return;
    }
    for (size_t c = 0; c < classes; c++) unsheltered[c] = outside * people[c] / total;
    for (size_t c = 0; c < classes; c++) {
        unsheltered[c] = floor(unsheltered[c]);
        left -= unsheltered[c];
    }
    for (size_t c = 0; c < classes && left > 0; c++) {
        if (unsheltered[c] == people[c]) continue;
        unsheltered[c]++;
        left--;
    }
}

static people_t draw_harm(const struct replication *self, const struct place *place, uint32_t class,
                          double expected, bool sheltered)
{
    if (!(expected > 0)) return 0;
    struct stream stream;
    uint64_t identity = random_mix(random_mix(random_hash_name(place->name), self->class_hash[class]),
                                   (uint64_t)(int64_t)self->state->day * 2 + sheltered);
    stream_start(&stream, self->seed, self->number, identity, PURPOSE_HAZARD);
    return (people_t)stream_poisson(&stream, expected);
}

/* The expected events of `people`, at so many a day. */
static void expect_harm(const struct replication *self, struct value per_day, const people_t people[],
                        double events[])
{
    const size_t classes = self->network->class_count;
    if (!value_given(per_day)) {
        memset(events, 0, classes * sizeof *events);
        return;
    }
    memcpy(events, people, classes * sizeof *events);
    values_multiply(self, per_day, events);
    numbers_limit(events, classes, 0, INFINITY);
}

static void count_harm(struct replication *self, const struct place *place, const people_t sheltered[],
                       const people_t unsheltered[], double harmed[])
{
    const uint32_t classes = (uint32_t)self->network->class_count;
    double in[NETWORK_MAX_CLASSES], out[NETWORK_MAX_CLASSES];
    expect_harm(self, place->harm_per_day_sheltered, sheltered, in);
    expect_harm(self, place->harm_per_day_unsheltered, unsheltered, out);
    for (uint32_t c = 0; c < classes && !self->expected; c++) {
        in[c] = draw_harm(self, place, c, in[c], true);
        out[c] = draw_harm(self, place, c, out[c], false);
    }
    numbers_add(in, out, classes);
    numbers_add(harmed, in, classes);
}

/* Places to sleep today, whole ones with whole people: of a part of one, on so many days one more. */
static people_t shelter_today(const struct replication *self, const struct place *place)
{
    const double places = value_of(self, place->shelter_places, 0) * self->scale, day = self->state->day;
    return self->expected ? places : floor((day + 1) * places + ROUNDING) - floor(day * places + ROUNDING);
}

void place_begin_day(struct replication *self)
{
    const struct network *network = self->network;
    for (uint32_t p = 0; p < network->place_count; p++) {
        const struct place *place = &network->place[p];
        if (!value_given(place->shelter_places) && !value_given(place->harm_per_day_sheltered)) continue;
        people_t people[NETWORK_MAX_CLASSES], total;
        sleepers(self, p, people, &total);
        if (!(total > 0)) continue;
        people_t room = value_given(place->shelter_places) ? shelter_today(self, place) : total;
        people_t unsheltered[NETWORK_MAX_CLASSES];
        share_street(self, people, total, total > room ? total - room : 0, unsheltered);
        numbers_add(self->counters.unsheltered + p * network->class_count, unsheltered, network->class_count);
        numbers_remove(people, unsheltered, network->class_count);
        count_harm(self, place, people, unsheltered, self->counters.harmed + p * network->class_count);
    }
}
