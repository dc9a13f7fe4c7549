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

/* The rate of the day: of all classes together, people per day. */
static double rate_per_day(const struct replication *self, const struct station *station)
{
    const struct source *source = &station->source;
    double rate = value_of(self, source->per_day, 0) * value_or(self, source->level, 0, 1) *
                  value_or(self, source->season, 0, 1) * self->scale;
    double dispersion = value_or(self, source->dispersion, 0, 0);
    if (rate > 0 && dispersion > 0 && !self->expected) {
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

/* Sets the hour of arrival: on its tick before whoever moves then. Known by the key of movements, as for the
 * rest of the way. */
static void arrive_at(struct replication *self, struct person *person, tick_t when)
{
    person->key = order_key(ORDER_ARRIVAL, person->key << 3);
    person_schedule(self, person, when);
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
        arrive_at(self, person, self->state->now + within);
    }
}

static uint64_t day_hash(const struct replication *self, const struct station *station, uint32_t class)
{
    return random_mix(random_mix(station->hash, self->class_hash[class]),
                      (uint64_t)(int64_t)self->state->day);
}

/* The day's arrivals of each class, the same for agents and cohorts. */
static void count_day(const struct replication *self, const struct station *station, people_t people[])
{
    double weight[NETWORK_MAX_CLASSES], total = class_weights(self, &station->source, weight);
    double rate = rate_per_day(self, station);
    for (uint32_t c = 0; c < self->network->class_count; c++) {
        double expected = total > 0 ? rate * weight[c] / total : 0;
        people[c] = 0;
        if (!(expected > 0)) continue;
        struct stream stream;
        stream_start(&stream, self->seed, self->number, day_hash(self, station, c), PURPOSE_DECISION);
        people[c] = self->expected ? expected : (people_t)stream_poisson(&stream, expected);
    }
}

static void daily_counts(struct replication *self, const struct station *station)
{
    people_t people[NETWORK_MAX_CLASSES];
    count_day(self, station, people);
    for (uint32_t c = 0; c < self->network->class_count; c++)
        spread_over_day(self, station, day_hash(self, station, c), c, (uint64_t)people[c]);
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

/* The class of one who comes, by an identity of their own; `total`: the sum of the weights. */
static uint32_t draw_class(const struct replication *self, const double weight[], double total,
                           uint64_t identity)
{
    uint64_t words[2];
    random_block(self->seed, self->number, identity, PURPOSE_ARRIVAL, words);
    return pick_class(weight, self->network->class_count, random_unit(words[0]) * total);
}

/* Until when a batch that sets out now keeps together: not for one tick if it does not. */
static tick_t end_of_cohesion(const struct replication *self, const struct source *source)
{
    double days = value_or(self, source->cohesion_days, 0, 0);
    return self->state->now + (days > 0 ? tick_from_days(days) : 0);
}

/* The whole batch sets out at the start of the day. */
static void release_batch(struct replication *self, const struct station *station, const struct batch *batch)
{
    uint64_t hash = random_mix(station->hash, batch->hash);
    double weight[NETWORK_MAX_CLASSES], total = class_weights(self, &station->source, weight);
    int64_t people = llround(value_of(self, batch->people, 0) * self->scale);
    if (self->state->batch_count == UINT16_MAX || !(total > 0)) return;
    self->batch[self->state->batch_count++] =
        (struct batch_state){hash, end_of_cohesion(self, &station->source)};
    for (int64_t i = 0; i < people; i++) {
        const uint64_t identity = random_mix(hash, (uint64_t)i);
        struct person *person = arrive(self, station, identity, draw_class(self, weight, total, identity));
        if (!person) return;
        person->batch = (uint16_t)self->state->batch_count;
        arrive_at(self, person, self->state->now);
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

/* Days between arrivals, on average; with more people they come closer together. */
static double mean_interval(const struct replication *self, const struct station *station)
{
    return value_of(self, station->source.interval.mean_days, 0) / self->scale;
}

static struct person *clock_of(struct replication *self, const struct station *station)
{
    return &self->person[self->station[station - self->network->station].serial_clock];
}

/* Draws the next interval, in means. */
static void next_interval(struct replication *self, const struct station *station)
{
    struct station_state *state = &self->station[station - self->network->station];
    struct stream stream;
    stream_start(&stream, self->seed, self->number, random_mix(station->hash, state->serial),
                 PURPOSE_DURATION);
    state->pending = distribution_draw(&station->source.interval.shape, 1.0, &stream);
}

/* Draws it and sets the clock. */
static void next_arrival(struct replication *self, const struct station *station)
{
    struct station_state *state = &self->station[station - self->network->station];
    const double mean = mean_interval(self, station);
    next_interval(self, station);
    state->mean_in_force = mean;
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
    double mean = mean_interval(self, station), before = state->mean_in_force;
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
    return draw_class(self, weight, total, hash);
}

static uint32_t wake(struct replication *self, struct person *person, const struct station *station)
{
    if (!station->source.renewal || person != clock_of(self, station)) {
        person->key = order_key(ORDER_MOVEMENT, person->key << 3);
        return station->source.route;
    }
    uint64_t hash = random_mix(station->hash, self->station[person->station].serial++);
    struct person *arrival = arrive(self, station, hash, class_of_arrival(self, station, hash));
    next_arrival(self, station);
    if (arrival) person_follow(self, arrival, station->source.route);
    return ROUTE_NONE;
}

/* ---- with cohorts ----
 *
 * Counts per day, batches and intervals are those of the agents. A day's count is spread evenly over its
 * steps. */

/* What a source keeps: today's people who have not come yet, by class. */
static people_t *rest_of_day(const struct replication *self, const struct station *station)
{
    return flows_area(self, (uint32_t)(station - self->network->station));
}

static size_t cohort_memory(const struct replication *self, const struct station *station)
{
    (void)station;
    return self->network->class_count * sizeof(people_t);
}

static void set_out(struct replication *self, const struct station *station, uint32_t lane, people_t people)
{
    struct cohort cohort = {.people = people};
    if (!(people > 0)) return;
    for (int m = 0; m < NETWORK_MEMORIES; m++) cohort.fresh[m] = people;
    self->state->people += (uint64_t)people;
    cohort_follow(self, station->source.route, lane, &cohort);
}

static void set_out_batch(struct replication *self, const struct station *station, uint32_t number)
{
    const struct source *source = &station->source;
    const struct batch *batch = &source->batch[number];
    uint64_t hash = random_mix(station->hash, batch->hash);
    double weight[NETWORK_MAX_CLASSES], total = class_weights(self, source, weight);
    const size_t classes = self->network->class_count;
    people_t people = value_of(self, batch->people, 0) * self->scale, of_class[NETWORK_MAX_CLASSES] = {0};
    uint32_t group = self->flows.first_group[station - self->network->station] + number;
    if (!(total > 0)) return;
    self->batch[group - 1] = (struct batch_state){hash, end_of_cohesion(self, source)};
    for (uint32_t c = 0; c < classes && self->expected; c++) of_class[c] = people * weight[c] / total;
    for (int64_t i = 0; i < llround(people) && !self->expected; i++)
        of_class[draw_class(self, weight, total, random_mix(hash, (uint64_t)i))]++;
    for (uint32_t c = 0; c < classes; c++) set_out(self, station, group * (uint32_t)classes + c, of_class[c]);
}

static void cohort_day(struct replication *self, const struct station *station)
{
    const struct source *source = &station->source;
    if (!source->renewal) count_day(self, station, rest_of_day(self, station));
    for (uint32_t b = 0; b < source->batch_count; b++)
        if (source->batch[b].day == self->state->day) set_out_batch(self, station, b);
}

/* Arrivals by interval within this step, one by one; with means, as many as fit on average. */
static void arrive_by_interval(struct replication *self, const struct station *station)
{
    struct station_state *state = &self->station[station - self->network->station];
    double mean = mean_interval(self, station), left = self->flows.step_days;
    double weight[NETWORK_MAX_CLASSES], total = class_weights(self, &station->source, weight);
    people_t of_class[NETWORK_MAX_CLASSES] = {0};
    const size_t classes = self->network->class_count;
    if (!(mean > 0) || !(total > 0)) return;
    for (uint32_t c = 0; c < classes && self->expected; c++) of_class[c] = left / mean * weight[c] / total;
    while (!self->expected) {
        if (state->pending * mean > left) {
            state->pending -= left / mean;
            break;
        }
        left -= state->pending * mean;
        of_class[class_of_arrival(self, station, random_mix(station->hash, state->serial++))]++;
        next_interval(self, station);
    }
    for (uint32_t c = 0; c < classes; c++) set_out(self, station, c, of_class[c]);
}

static void release(struct replication *self, const struct station *station)
{
    uint32_t index = (uint32_t)(station - self->network->station), steps = self->engine.steps_per_day;
    if (station->source.renewal) {
        arrive_by_interval(self, station);
        return;
    }
    people_t *rest = rest_of_day(self, station);
    uint32_t left = steps - (uint32_t)(self->flows.state->step % steps);
    for (uint32_t c = 0; c < self->network->class_count; c++) {
        if (!(rest[c] > 0)) continue;
        struct dice dice;
        flows_dice(self, index, c, PURPOSE_ARRIVAL, &dice);
        people_t now = dice_binomial(&dice, rest[c], 1.0 / left);
        rest[c] -= now;
        set_out(self, station, c, now);
    }
}

static void cohort_begin(struct replication *self, const struct station *station)
{
    if (station->source.renewal && !self->expected) next_interval(self, station);
}

const struct kind kind_source = {.name = "source",
                                 .wake = wake,
                                 .begin = begin,
                                 .day = day,
                                 .changed = changed,
                                 .cohort_memory = cohort_memory,
                                 .cohort_begin = cohort_begin,
                                 .cohort_day = cohort_day,
                                 .release = release};
