#include "sim/cohort_ring.h"

#include "sim/numbers.h"

#include <string.h>

/* Up to this many people for each slot are placed one by one: cheaper than a draw for each slot. */
#define ONE_BY_ONE 4
#define FEW        24 /* not worth counting by step first */

size_t cohort_ring_memory(uint32_t longest, uint32_t planes, uint32_t classes)
{
    size_t columns = (size_t)planes * classes;
    return 64 + longest * columns * sizeof(struct cohort) + columns * sizeof(people_t);
}

void cohort_ring_begin(struct cohort_ring *self, uint32_t longest, uint32_t planes, uint32_t classes)
{
    self->length = longest;
    self->planes = planes;
    self->classes = classes;
}

struct cohort cohort_ring_due(struct cohort_ring *self, uint32_t plane, uint32_t class)
{
    struct cohort *slot = &cohort_ring_row(self, plane, 0)[class], due = *slot;
    cohort_ring_people(self, plane)[class] -= due.people;
    memset(slot, 0, sizeof *slot);
    return due;
}

void cohort_ring_put(struct cohort_ring *self, uint32_t plane, uint32_t class, const struct cohort *cohort,
                     uint32_t ahead)
{
    cohort_add(&cohort_ring_row(self, plane, ahead)[class], cohort);
    cohort_ring_people(self, plane)[class] += cohort->people;
    if (self->reach < ahead) self->reach = ahead;
}

/* The first of them are those of each set. */
static void place_few(struct cohort_ring *self, uint32_t plane, uint32_t class, const struct cohort *cohort,
                      const struct discrete *steps, uint32_t first, struct dice *dice)
{
    double below = first > 0 ? steps->cumulative[first - 1] : 0;
    for (people_t i = 0; i < cohort->people; i++) {
        uint32_t step = discrete_draw(steps, below + (1 - below) * stream_unit(&dice->stream));
        struct cohort *slot = &cohort_ring_row(self, plane, step)[class];
        slot->people++;
        for (int k = 0; k < COHORT_SETS; k++) slot->set[k] += i < cohort->set[k] ? 1 : 0;
        if (!(i < cohort->listed)) continue;
        slot->listed_days += cohort->listed_days / cohort->listed;
        slot->listed_squares += cohort->listed_squares / cohort->listed;
    }
}

/* Draws a step for each of `people`; counts them by step. */
static void draw_steps(people_t people, const struct discrete *steps, uint32_t first, struct dice *dice,
                       uint16_t counts[])
{
    double below = first > 0 ? steps->cumulative[first - 1] : 0;
    memset(counts, 0, steps->count * sizeof *counts);
    for (people_t i = 0; i < people; i++)
        counts[discrete_draw(steps, below + (1 - below) * stream_unit(&dice->stream))]++;
}

/* One by one, layer by layer: those of a layer are in its set and in all that come after. */
static void place_each(struct cohort_ring *self, uint32_t plane, uint32_t class, const struct cohort *cohort,
                       const struct discrete *steps, uint32_t first, struct dice *dice)
{
    struct cohort_layers layers;
    uint16_t counts[COHORT_RING_LONGEST];
    double listed = cohort->listed > 0 ? cohort->listed : 1;
    cohort_layers(cohort, &layers);
    for (int layer = 0; layer <= COHORT_SETS; layer++) {
        if (!(layers.people[layer] > 0)) continue;
        draw_steps(layers.people[layer], steps, first, dice, counts);
        struct cohort one = {.people = 1};
        for (int i = layer; i < COHORT_SETS; i++) one.set[layers.order[i]] = 1;
        one.listed_days = one.listed * cohort->listed_days / listed;
        one.listed_squares = one.listed * cohort->listed_squares / listed;
        for (uint32_t step = first; step < steps->count; step++) {
            if (counts[step] == 0) continue;
            struct cohort some = cohort_times(&one, counts[step]);
            cohort_add(&cohort_ring_row(self, plane, step)[class], &some);
        }
    }
}

static void place_by_slot(struct cohort_ring *self, uint32_t plane, uint32_t class, struct cohort rest,
                          const struct discrete *steps, uint32_t first, struct dice *dice)
{
    for (uint32_t step = first; step < steps->count && rest.people > 0; step++) {
        struct cohort part = cohort_thin(&rest, dice, steps->rest[step]);
        if (part.people > 0) cohort_add(&cohort_ring_row(self, plane, step)[class], &part);
    }
}

void cohort_ring_spread(struct cohort_ring *self, uint32_t plane, uint32_t class, const struct cohort *cohort,
                        const struct discrete *steps, uint32_t first, struct dice *dice)
{
    if (!(cohort->people > 0)) return;
    if (self->reach < steps->count - 1) self->reach = steps->count - 1;
    if (dice->expected) {
        double left = first > 0 ? 1 - steps->cumulative[first - 1] : 1;
        for (uint32_t step = first; step < steps->count; step++) {
            struct cohort part = cohort_times(cohort, steps->probability[step] / left);
            cohort_add(&cohort_ring_row(self, plane, step)[class], &part);
        }
    } else if (cohort->people <= FEW) {
        place_few(self, plane, class, cohort, steps, first, dice);
    } else if (cohort->people <= ONE_BY_ONE * (people_t)steps->count) {
        place_each(self, plane, class, cohort, steps, first, dice);
    } else {
        place_by_slot(self, plane, class, *cohort, steps, first, dice);
    }
    cohort_ring_people(self, plane)[class] += cohort->people;
}

void cohort_ring_spread_expected(struct cohort_ring *self, uint32_t plane, uint32_t class, uint32_t count,
                                 const struct cohort cohorts[], const struct discrete *steps, uint32_t first)
{
    double left = first > 0 ? 1 - steps->cumulative[first - 1] : 1;
    for (uint32_t step = first; step < steps->count; step++) {
        if (!(steps->probability[step] > 0)) continue;
        numbers_add_times(&cohort_ring_row(self, plane, step)[class].people, &cohorts->people,
                          count * COHORT_NUMBERS, steps->probability[step] / left);
    }
    people_t *people = cohort_ring_people(self, plane) + class;
    for (uint32_t c = 0; c < count; c++) people[c] += cohorts[c].people;
    if (self->reach < steps->count - 1) self->reach = steps->count - 1;
}

/* `count` of the `among` people of a column who are not due now. Few are looked for one by one. */
static struct cohort take_later(struct cohort_ring *self, uint32_t plane, uint32_t class, people_t count,
                                people_t among, struct dice *dice)
{
    struct cohort taken = {0};
    for (uint32_t ahead = 1; ahead <= self->reach && count > 0; ahead++) {
        struct cohort *slot = &cohort_ring_row(self, plane, ahead)[class];
        if (!(slot->people > 0)) continue;
        people_t here = slot->people;
        people_t part = dice_hypergeometric(dice, here, among - here, count);
        among -= here;
        if (!(part > 0)) continue;
        struct cohort cohort = cohort_take(slot, dice, part);
        cohort_add(&taken, &cohort);
        count -= part;
    }
    return taken;
}

void cohort_ring_strike_expected(struct cohort_ring *self, uint32_t plane, uint32_t class, uint32_t count,
                                 double p, double p_due, struct cohort struck[])
{
    for (uint32_t ahead = 0; ahead <= self->reach; ahead++)
        numbers_move_share(&struck->people, &cohort_ring_row(self, plane, ahead)[class].people,
                           count * COHORT_NUMBERS, ahead == 0 ? p_due : p);
    people_t *people = cohort_ring_people(self, plane) + class;
    for (uint32_t c = 0; c < count; c++) people[c] -= struck[c].people;
}

struct cohort cohort_ring_strike(struct cohort_ring *self, uint32_t plane, uint32_t class, double p,
                                 double p_due, struct dice *dice)
{
    struct cohort struck = {0};
    people_t *people = &cohort_ring_people(self, plane)[class];
    if (!(*people > 0)) return struck;
    if (dice->expected) {
        cohort_ring_strike_expected(self, plane, class, 1, p, p_due, &struck);
        return struck;
    }
    struct cohort *due = &cohort_ring_row(self, plane, 0)[class];
    people_t later = *people - due->people;
    struck = cohort_thin(due, dice, p_due);
    struct cohort part = take_later(self, plane, class, dice_binomial(dice, later, p), later, dice);
    cohort_add(&struck, &part);
    *people -= struck.people;
    return struck;
}
