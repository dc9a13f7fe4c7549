/* Source: where people come from.
 *
 * Per day: a Poisson count for each class and day (with a gamma factor on the day's rate when
 * over-dispersed), each person placed uniformly within the day. The counts are keyed (seed, replication,
 * source, class, day), people by their number within them, so a change of rate on one day touches no other
 * day. Intervals: one arrival at a time. An arrival that is pending when the mean changes keeps what is left
 * of its interval in units of the mean, so that the new mean holds from that moment on. Batches: people who
 * arrive together and share their luck on the way for some days. */
#include "sim/kinds/kind.h"

#include <gsl/gsl_randist.h>
#include <math.h>

static double class_weights(const struct replication *self, const struct source *source, double weight[])
{
    const struct network *network = self->network;
    double total = 0;
    for (size_t c = 0; c < network->class_count; c++) {
        weight[c] = 1;
        for (size_t d = 0; d < network->dimension_count; d++)
            if (source->mix[d] != NETWORK_NONE)
                weight[c] *= self->value[source->mix[d] + network->class[c].label[d]];
        total += weight[c];
    }
    return total;
}

static double rate_per_day(const struct replication *self, const struct station *station)
{
    const struct source *source = &station->source;
    double rate = value_of(self, source->per_day, 0) * value_or(self, source->level, 0, 1) *
                  value_or(self, source->season, 0, 1) * self->scale;
    double dispersion = value_or(self, source->dispersion, 0, 0);
    if (rate > 0 && dispersion > 0) {
        struct stream stream;
        stream_start(&stream, self->seed, self->number,
                     random_mix(station->hash, (uint64_t)(int64_t)self->state->day), PURPOSE_HAZARD);
        rate *= gsl_ran_gamma(&stream.gsl, 1 / dispersion, dispersion);
    }
    return rate;
}

static struct person *arrive(struct replication *self, const struct station *station, uint64_t hash,
                             uint32_t class)
{
    struct person *person = person_new(self, hash, class);
    if (!person) return NULL;
    person->station = (uint16_t)(station - self->network->station);
    person->state = PERSON_ARRIVING;
    return person;
}

/* `count` people of one class, spread over the day. */
static void spread_over_day(struct replication *self, const struct station *station, uint64_t hash,
                            uint32_t class, uint64_t count)
{
    for (uint64_t i = 0; i < count; i++) {
        struct person *person = arrive(self, station, random_mix(hash, i), class);
        if (!person) return;
        uint64_t words[2];
        random_block(self->seed, self->number, person_identity(person, station), PURPOSE_ARRIVAL, words);
        tick_t within = (tick_t)(words[0] >> (64 - TICK_BITS)) & ~(tick_t)1;
        person_schedule(self, person, self->state->now + within);
    }
}

static void daily_counts(struct replication *self, const struct station *station)
{
    double weight[NETWORK_MAX_CLASSES], total = class_weights(self, &station->source, weight);
    double rate = rate_per_day(self, station);
    if (!(rate > 0) || !(total > 0)) return;
    for (uint32_t c = 0; c < self->network->class_count; c++) {
        double expected = rate * weight[c] / total;
        if (!(expected > 0)) continue;
        uint64_t hash =
            random_mix(random_mix(station->hash, self->class_hash[c]), (uint64_t)(int64_t)self->state->day);
        struct stream stream;
        stream_start(&stream, self->seed, self->number, hash, PURPOSE_DECISION);
        spread_over_day(self, station, hash, c, stream_poisson(&stream, expected));
    }
}

static uint32_t pick_class(const double weight[], size_t classes, double point)
{
    uint32_t last = 0;
    double sum = 0;
    for (uint32_t c = 0; c < classes; c++) {
        if (!(weight[c] > 0)) continue;
        last = c;
        sum += weight[c];
        if (point < sum) return c;
    }
    return last;
}

/* The whole batch sets out at the start of the day. */
static void release_batch(struct replication *self, const struct station *station, const struct batch *batch)
{
    uint64_t hash = random_mix(station->hash, batch->hash);
    double weight[NETWORK_MAX_CLASSES], total = class_weights(self, &station->source, weight);
    int64_t people = llround(value_of(self, batch->people, 0) * self->scale);
    if (self->state->batch_count == UINT16_MAX || !(total > 0)) return;
    tick_t end = self->state->now + tick_from_days(value_or(self, station->source.cohesion_days, 0, 0));
    self->batch[self->state->batch_count++] = (struct batch_state){hash, end};
    for (int64_t i = 0; i < people; i++) {
        uint64_t words[2], identity = random_mix(hash, (uint64_t)i);
        random_block(self->seed, self->number, identity, PURPOSE_ARRIVAL, words);
        uint32_t class = pick_class(weight, self->network->class_count, random_unit(words[0]) * total);
        struct person *person = arrive(self, station, identity, class);
        if (!person) return;
        person->batch = (uint16_t)self->state->batch_count;
        person_schedule(self, person, self->state->now);
    }
}

static void day(struct replication *self, const struct station *station)
{
    if (!station->source.renewal) daily_counts(self, station);
    for (uint32_t b = 0; b < station->source.batch_count; b++)
        if (station->source.batch[b].day == self->state->day)
            release_batch(self, station, &station->source.batch[b]);
}

/* ---- intervals ---- */

static struct person *clock_of(struct replication *self, const struct station *station)
{
    return &self->person[self->station[station - self->network->station].serial_clock];
}

/* Draws the next interval, in means, and sets the clock. */
static void next_arrival(struct replication *self, const struct station *station)
{
    struct station_state *state = &self->station[station - self->network->station];
    struct stream stream;
    stream_start(&stream, self->seed, self->number, random_mix(station->hash, state->serial),
                 PURPOSE_DURATION);
    double mean = value_of(self, station->source.interval.mean_days, 0);
    state->mean_in_force = mean;
    state->pending = distribution_draw(&station->source.interval.shape, 1.0, &stream);
    state->pending_since = self->state->now;
    tick_t wait = (tick_from_days(state->pending * mean) + 1) & ~(tick_t)1;
    person_schedule(self, clock_of(self, station), mean > 0 ? self->state->now + wait : TICK_NEVER);
}

static void begin(struct replication *self, const struct station *station)
{
    if (!station->source.renewal) return;
    self->station[station - self->network->station].serial_clock = self->state->person_high - 1;
    next_arrival(self, station);
}

/* The mean has changed: what is left of the pending interval is rescaled. */
static void changed(struct replication *self, const struct station *station)
{
    if (!station->source.renewal) return;
    struct station_state *state = &self->station[station - self->network->station];
    double mean = value_of(self, station->source.interval.mean_days, 0), before = state->mean_in_force;
    if (mean == before) return;
    if (before > 0) state->pending -= tick_days(self->state->now - state->pending_since) / before;
    if (state->pending < 0) state->pending = 0;
    state->pending_since = self->state->now;
    state->mean_in_force = mean;
    tick_t wait = (tick_from_days(state->pending * mean) + 1) & ~(tick_t)1;
    person_schedule(self, clock_of(self, station), mean > 0 ? self->state->now + wait : TICK_NEVER);
}

static uint32_t class_of_arrival(const struct replication *self, const struct station *station, uint64_t hash)
{
    if (self->network->class_count == 1) return 0;
    double weight[NETWORK_MAX_CLASSES], total = class_weights(self, &station->source, weight);
    uint64_t words[2];
    random_block(self->seed, self->number, hash, PURPOSE_ARRIVAL, words);
    return pick_class(weight, self->network->class_count, random_unit(words[0]) * total);
}

static uint32_t wake(struct replication *self, struct person *person, const struct station *station)
{
    if (!station->source.renewal || person != clock_of(self, station)) return station->source.route;
    uint64_t hash = random_mix(station->hash, self->station[person->station].serial++);
    struct person *arrival = arrive(self, station, hash, class_of_arrival(self, station, hash));
    next_arrival(self, station);
    if (arrival) person_follow(self, arrival, station->source.route);
    return ROUTE_NONE;
}

const struct kind kind_source = {
    .name = "source", .wake = wake, .begin = begin, .day = day, .changed = changed};
