/* Cohorts who have their appointment: who shows up. */
#include "sim/kinds/ballot.h"
#include "sim/numbers.h"

#include <string.h>

/* In expectation: the share of each class that does not show up, and the other. */
struct appearance {
    double absent[NETWORK_MAX_CLASSES], present[NETWORK_MAX_CLASSES];
    uint64_t some_absent, some_present;
};
static struct appearance appearance_at(const struct replication *self, const struct station *station)
{
    const struct value no_show = self->network->ballot[station->ballot.ballot].no_show;
    const size_t classes = self->network->class_count;
    struct appearance appearance;
    for (uint32_t c = 0; c < classes; c++) appearance.absent[c] = value_of(self, no_show, c);
    numbers_limit(appearance.absent, classes, 0, 1);
    for (uint32_t c = 0; c < classes; c++) appearance.present[c] = 1 - appearance.absent[c];
    appearance.some_absent = numbers_positive(appearance.absent, classes);
    appearance.some_present = numbers_positive(appearance.present, classes);
    return appearance;
}

static void part_by_shares(struct replication *self, const struct station *station, uint32_t route,
                           const struct appearance *appearance, const struct cohort due[], uint64_t bits)
{
    cohorts_send(self, station->ballot.no_show, 0, due, bits & appearance->some_absent,
                 (struct flows_share){.each = appearance->absent});
    cohorts_send(self, route, 0, due, bits & appearance->some_present,
                 (struct flows_share){.each = appearance->present});
}

static void part_drawn(struct replication *self, const struct station *station, uint32_t office,
                       struct cohort due[], uint64_t bits)
{
    const struct ballot *ballot = &self->network->ballot[station->ballot.ballot];
    uint32_t index = (uint32_t)(station - self->network->station);
    struct cohort *absent = self->flows.scratch;
    memset(absent, 0, self->network->class_count * sizeof *absent);
    for (; bits; bits &= bits - 1) {
        struct dice dice;
        uint32_t class = (uint32_t)__builtin_ctzll(bits);
        flows_dice(self, index, class, PURPOSE_DECISION + 256 * (1 + office), &dice);
        absent[class] = cohort_thin(&due[class], &dice, value_of(self, ballot->no_show, class));
    }
    cohorts_follow(self, station->ballot.no_show, 0, absent, cohorts_bits(self, absent));
    cohorts_follow(self, station->ballot.office_route[office], 0, due, cohorts_bits(self, due));
}

/* Those of one office who have their appointment in this step: some do not show up. */
static void keep_at_office(struct replication *self, const struct station *station, uint32_t office,
                           uint32_t plane, const struct appearance *appearance)
{
    uint32_t index = (uint32_t)(station - self->network->station);
    struct cohort_ring *ring = ballot_appointments(self, station);
    struct cohort *due = cohort_ring_due(ring, plane);
    people_t people[NETWORK_MAX_CLASSES];
    uint64_t bits = cohorts_count(self, due, people);
    if (!bits) return;
    struct span span = span_of(bits);
    cohorts_present_counted(self, index, people, bits, -1);
    if (self->expected)
        part_by_shares(self, station, station->ballot.office_route[office], appearance, due, bits);
    else
        part_drawn(self, station, office, due, bits);
    cohort_ring_leave(ring, plane, span.first, span.count, people + span.first);
}

void ballot_keep_appointments(struct replication *self, const struct station *station)
{
    uint32_t index = (uint32_t)(station - self->network->station), plane = 0;
    struct cohort_ring *ring = ballot_appointments(self, station);
    const size_t classes = self->network->class_count;
    struct appearance appearance;
    struct dice dice;
    if (self->expected) appearance = appearance_at(self, station);
    for (uint32_t o = 0; o < self->network->ballot[station->ballot.ballot].office_count; o++) {
        if (!value_given(station->ballot.preference[o])) continue;
        if (numbers_positive(cohort_ring_people(ring, plane), classes))
            keep_at_office(self, station, o, plane, &appearance);
        plane++;
    }
    flows_dice(self, index, NETWORK_NONE, PURPOSE_DURATION + 256, &dice);
    cohort_ring_advance(ring, &dice);
}
