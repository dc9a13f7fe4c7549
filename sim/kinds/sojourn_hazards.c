/* Hazards among cohorts who stay: who is struck, and where they go. */
#include "sim/kinds/sojourn_passage.h"
#include "sim/numbers.h"

#include <math.h>
#include <string.h>

void passage_begin(struct passage *at, struct replication *self, const struct station *station)
{
    at->self = self;
    at->station = station;
    at->index = (uint32_t)(station - self->network->station);
    at->group = at->first = 0;
    at->ring = flows_area(self, at->index);
    at->hazards = at->room_is_short = false;
    at->uniform = true;
    for (uint32_t c = 0; c < self->network->class_count && station->sojourn.hazard_count; c++) {
        at->rate[c] = sojourn_total_rate(self, &station->sojourn, c) * self->flows.step_days;
        at->hazards = at->hazards || at->rate[c] > 0;
        at->uniform = at->uniform && at->rate[c] == at->rate[0];
    }
}

/* The chance of each class to be struck within so many steps. */
static void chances(const struct passage *at, double steps, double p[])
{
    for (uint32_t c = 0; c < at->self->network->class_count; c++)
        p[c] = at->uniform && c > 0 ? p[0] : -expm1(-at->rate[c] * steps);
}

/* In expectation: sends those struck on, each way in proportion to its rate. */
static void send_struck(struct passage *at, const struct cohort struck[])
{
    struct replication *self = at->self;
    const struct sojourn *sojourn = &at->station->sojourn;
    const uint32_t classes = (uint32_t)self->network->class_count;
    const uint64_t bits = cohorts_bits(self, struck);
    for (uint32_t h = 0; h < sojourn->hazard_count && bits; h++) {
        double share[NETWORK_MAX_CLASSES];
        for (uint32_t c = 0; c < classes; c++) {
            double own = value_of(self, sojourn->hazard[h].per_day, c) * self->flows.step_days;
            share[c] = at->rate[c] > 0 ? own / at->rate[c] : 0;
        }
        cohorts_send(self, sojourn->hazard[h].route, at->group, struck,
                     bits & numbers_positive(share, classes), (struct flows_share){.each = share});
    }
}

/* The same with draws. */
static void follow_hazards(struct passage *at, struct cohort struck[], uint32_t purpose)
{
    struct replication *self = at->self;
    const struct sojourn *sojourn = &at->station->sojourn;
    double rest[NETWORK_MAX_CLASSES];
    struct cohort *part = self->flows.scratch + self->flows.lanes;
    memcpy(rest, at->rate, self->network->class_count * sizeof *rest);
    for (uint32_t h = 0; h < sojourn->hazard_count; h++) {
        uint64_t bits = cohorts_bits(self, struck);
        memset(part, 0, self->network->class_count * sizeof *part);
        for (uint64_t left = bits; left; left &= left - 1) {
            uint32_t class = (uint32_t)__builtin_ctzll(left);
            double own = value_of(self, sojourn->hazard[h].per_day, class) * self->flows.step_days;
            struct dice dice;
            flows_dice(self, at->index, at->first + class, purpose + 256 * (h + 1), &dice);
            part[class] = cohort_thin(&struck[class], &dice, rest[class] > 0 ? own / rest[class] : 0);
            rest[class] -= own;
            if (!(part[class].people > 0)) bits &= ~((uint64_t)1 << class);
        }
        cohorts_follow(self, sojourn->hazard[h].route, at->group, part, bits);
    }
}

void passage_leave(struct passage *at, const people_t people[], uint64_t bits)
{
    struct replication *self = at->self;
    uint32_t capacity = at->station->sojourn.capacity;
    cohorts_present_counted(self, at->index, people, bits, -1);
    if (capacity == NETWORK_NONE) return;
    for (; bits; bits &= bits - 1) self->capacity[capacity].used -= people[__builtin_ctzll(bits)];
}

void passage_strike_present(struct passage *at)
{
    struct replication *self = at->self;
    const uint32_t classes = (uint32_t)self->network->class_count;
    struct cohort *struck = self->flows.scratch;
    people_t people[NETWORK_MAX_CLASSES];
    if (self->expected && at->uniform) {
        cohort_ring_strike_alike(at->ring, at->group, -expm1(-at->rate[0]), -expm1(-at->rate[0] / 2), struck);
    } else {
        memset(struck, 0, classes * sizeof *struck);
        for (uint32_t c = 0; c < classes; c++) {
            struct dice dice;
            if (!(at->rate[c] > 0) || !(cohort_ring_people(at->ring, at->group)[c] > 0)) continue;
            flows_dice(self, at->index, at->first + c, PURPOSE_HAZARD, &dice);
            struck[c] = cohort_ring_strike(at->ring, at->group, c, -expm1(-at->rate[c]),
                                           -expm1(-at->rate[c] / 2), &dice);
        }
    }
    passage_leave(at, people, cohorts_count(self, struck, people));
    if (self->expected)
        send_struck(at, struck);
    else
        follow_hazards(at, struck, PURPOSE_HAZARD);
}

void passage_strike_coming(struct passage *at, struct cohort row[], uint64_t bits)
{
    struct replication *self = at->self;
    struct cohort *struck = self->flows.scratch;
    double p[NETWORK_MAX_CLASSES];
    chances(at, 0.5, p);
    memset(struck, 0, self->network->class_count * sizeof *struck);
    if (self->expected) {
        const double keep[COHORT_NUMBERS] = {1, 1, 1, 1, 1, 1, 1, 1};
        numbers_move_records(&struck->people, &row->people, self->network->class_count, p, keep);
        send_struck(at, struck);
        return;
    }
    for (; bits; bits &= bits - 1) {
        uint32_t class = (uint32_t)__builtin_ctzll(bits);
        struct dice dice;
        if (!(at->rate[class] > 0)) continue;
        flows_dice(self, at->index, at->first + class, PURPOSE_HAZARD + 128, &dice);
        struck[class] = cohort_thin(&row[class], &dice, p[class]);
    }
    follow_hazards(at, struck, PURPOSE_HAZARD + 128);
}
