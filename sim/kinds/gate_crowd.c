#include "sim/kinds/gate_crowd.h"

#include "sim/numbers.h"

#include <math.h>
#include <string.h>

bool crowd_next_group(const struct crowd *crowd, uint32_t *group)
{
    const struct flows *flows = &crowd->self->flows;
    const uint64_t *filled = &flows->filled[crowd->index * flows->groups];
    while (*group < flows->groups && !filled[*group]) ++*group;
    return *group < flows->groups;
}

static uint64_t bits_of(const struct crowd *crowd, uint32_t group)
{
    return crowd->self->flows.filled[crowd->index * crowd->self->flows.groups + group];
}

people_t crowd_people(const struct crowd *crowd, const struct part *part, uint32_t lane)
{
    return crowd->self->expected ? crowd->people[lane] * part->share[lane] : part->cohort[lane].people;
}

people_t crowd_sum(const struct crowd *crowd, const struct part *part)
{
    const size_t classes = crowd->self->network->class_count;
    people_t sum = 0;
    for (uint32_t group = 0; crowd_next_group(crowd, &group); group++) {
        size_t first = group * classes;
        sum += crowd->self->expected
                   ? numbers_sum_products(crowd->people + first, part->share + first, classes)
                   : cohort_sum(part->cohort + first, classes);
    }
    return sum;
}

void crowd_follow(const struct crowd *crowd, const struct part *part, uint32_t route)
{
    struct replication *self = crowd->self;
    const size_t classes = self->network->class_count;
    for (uint32_t group = 0; crowd_next_group(crowd, &group); group++) {
        size_t first = group * classes;
        uint64_t bits = bits_of(crowd, group);
        if (self->expected) {
            bits &= numbers_positive(part->share + first, classes);
            cohorts_send(self, route, group, crowd->came + first, bits,
                         (struct flows_share){.each = part->share + first});
        } else {
            cohorts_follow(self, route, group, part->cohort + first,
                           cohorts_bits(self, part->cohort + first));
        }
    }
}

people_t crowd_pick(const struct crowd *crowd, uint32_t group, const double p[], uint32_t purpose)
{
    struct replication *self = crowd->self;
    const size_t classes = self->network->class_count, first = group * classes;
    people_t sum = 0;
    if (self->expected)
        return numbers_part(crowd->picked.share + first, crowd->rest.share + first, p, crowd->people + first,
                            classes);
    flows_thin_row(self, crowd->index, group, purpose, bits_of(crowd, group), crowd->rest.cohort + first, p,
                   crowd->picked.cohort + first);
    for (uint64_t bits = bits_of(crowd, group); bits; bits &= bits - 1)
        sum += crowd->picked.cohort[first + (size_t)__builtin_ctzll(bits)].people;
    return sum;
}

static void limit_drawn(const struct crowd *crowd, people_t allowed, people_t wanted, struct dice *dice)
{
    people_t excess = wanted - allowed, among = wanted;
    for (uint32_t group = 0; crowd_next_group(crowd, &group); group++)
        for (uint64_t bits = bits_of(crowd, group); bits && excess > 0; bits &= bits - 1) {
            size_t lane = group * crowd->self->network->class_count + (size_t)__builtin_ctzll(bits);
            people_t here = crowd->picked.cohort[lane].people;
            if (!(here > 0)) continue;
            among -= here;
            struct cohort back = cohort_take(&crowd->picked.cohort[lane], dice,
                                             dice_hypergeometric(dice, here, among, excess));
            cohort_add(&crowd->rest.cohort[lane], &back);
            excess -= back.people;
        }
}

void crowd_limit(const struct crowd *crowd, people_t allowed, people_t wanted, struct dice *dice)
{
    const size_t classes = crowd->self->network->class_count;
    double back = 1 - fmax(0, allowed) / wanted;
    if (!crowd->self->expected) {
        limit_drawn(crowd, allowed, wanted, dice);
        return;
    }
    for (uint32_t group = 0; crowd_next_group(crowd, &group); group++)
        numbers_move_share(crowd->rest.share + group * classes, crowd->picked.share + group * classes,
                           classes, back);
}

/* In expectation there is room in a row of cohorts for what is kept: three numbers a lane. */
struct crowd crowd_at(struct replication *self, uint32_t station, struct cohort place[])
{
    const uint32_t lanes = self->flows.lanes;
    struct crowd crowd = {.self = self,
                          .station = &self->network->station[station],
                          .index = station,
                          .came = flows_inflow(self, station)};
    if (self->expected) {
        crowd.people = &place->people;
        crowd.rest.share = crowd.people + lanes;
        crowd.picked.share = crowd.people + 2 * (size_t)lanes;
    } else {
        crowd.rest.cohort = crowd.came;
        crowd.picked.cohort = place;
    }
    return crowd;
}

static void clear(const struct crowd *crowd, struct part *part)
{
    const size_t classes = crowd->self->network->class_count;
    for (uint32_t group = 0; group < crowd->self->flows.groups; group++) {
        if (!bits_of(crowd, group)) continue;
        if (crowd->self->expected)
            memset(part->share + group * classes, 0, classes * sizeof *part->share);
        else
            memset(part->cohort + group * classes, 0, classes * sizeof *part->cohort);
    }
}

void crowd_gather(struct crowd *crowd)
{
    const size_t classes = crowd->self->network->class_count;
    const double *whole = crowd->self->flows.whole;
    for (uint32_t group = 0; crowd->self->expected && group < crowd->self->flows.groups; group++) {
        size_t first = group * classes;
        if (!bits_of(crowd, group)) continue;
        numbers_take_column(crowd->people + first, &crowd->came[first].people, 0, classes);
        memcpy(crowd->rest.share + first, whole, classes * sizeof *whole);
    }
    clear(crowd, &crowd->picked);
}

void crowd_turn_to_picked(struct crowd *crowd, struct cohort spare[])
{
    crowd->rest = crowd->picked;
    crowd->picked = (struct part){.cohort = spare, .share = &spare->people};
    clear(crowd, &crowd->picked);
}
