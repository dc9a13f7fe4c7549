/* Hazards among those who are spread over the steps ahead.
 *
 * In expectation a hazard that is the same for all takes the same share of every slot ahead. Then nothing is
 * moved there: what hazards left of the slots since they were filled is one factor for the plane, `kept`, by
 * which a slot is multiplied when it comes due, and those in phases when they leave; whoever comes is divided
 * by it. Who is struck follows from the total. */
#include "sim/cohort_ring.h"
#include "sim/numbers.h"

#include <string.h>

#define SMALLEST 1e-100 /* of what is kept, before the slots are multiplied by it */

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

/* Makes the factor 1. */
static void multiply_out(struct cohort_ring *self, uint32_t plane)
{
    double *kept = &cohort_ring_block_of(self, plane)->kept;
    if (*kept == 1) return;
    cohort_ring_spread_waiting(self, plane);
    cohort_ring_scale_phases(self, plane, *kept);
    for (uint32_t ahead = 1; ahead <= self->reach; ahead++)
        numbers_scale(&cohort_ring_row(self, plane, ahead)->people, self->classes * COHORT_NUMBERS, *kept);
    *kept = 1;
}

void cohort_ring_strike_alike(struct cohort_ring *self, uint32_t plane, double p, double p_due,
                              struct cohort struck[])
{
    double *kept = &cohort_ring_block_of(self, plane)->kept;
    struct cohort *total = cohort_ring_total(self, plane), *due = cohort_ring_row(self, plane, 0);
    people_t *people = cohort_ring_people(self, plane);
    if (self->reach == 0) memcpy(total, due, self->classes * sizeof *total); /* without the error of sums */
    numbers_strike(&struck->people, &total->people, &due->people, self->classes * COHORT_NUMBERS, p, p_due);
    for (uint32_t c = 0; c < self->classes; c++) people[c] -= struck[c].people;
    *kept *= 1 - p;
    if (*kept < SMALLEST) multiply_out(self, plane);
}

static struct cohort strike_expected(struct cohort_ring *self, uint32_t plane, uint32_t class, double p,
                                     double p_due)
{
    multiply_out(self, plane);
    cohort_ring_spread_waiting(self, plane);
    struct cohort struck = cohort_ring_share_of_phases(self, plane, class, p);
    for (uint32_t ahead = 0; ahead <= self->reach; ahead++) {
        struct cohort part =
            cohort_share(&cohort_ring_row(self, plane, ahead)[class], ahead == 0 ? p_due : p);
        cohort_add(&struck, &part);
    }
    cohort_ring_people(self, plane)[class] -= struck.people;
    cohort_remove(&cohort_ring_total(self, plane)[class], &struck);
    return struck;
}

struct cohort cohort_ring_strike(struct cohort_ring *self, uint32_t plane, uint32_t class, double p,
                                 double p_due, struct dice *dice)
{
    struct cohort struck = {0};
    people_t *people = &cohort_ring_people(self, plane)[class];
    if (!(*people > 0)) return struck;
    if (dice->expected) return strike_expected(self, plane, class, p, p_due);
    struct cohort *due = &cohort_ring_row(self, plane, 0)[class];
    people_t later = *people - due->people;
    struck = cohort_thin(due, dice, p_due);
    struct cohort part = take_later(self, plane, class, dice_binomial(dice, later, p), later, dice);
    cohort_add(&struck, &part);
    *people -= struck.people;
    return struck;
}
