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

/* People of a column who are to be taken. */
struct taking {
    people_t count, among;
    struct cohort taken;
};

static void take_here(struct taking *taking, struct cohort *here, struct dice *dice)
{
    people_t people = here->people;
    if (!(people > 0) || !(taking->count > 0)) return;
    people_t part = dice_hypergeometric(dice, people, taking->among - people, taking->count);
    taking->among -= people;
    if (!(part > 0)) return;
    struct cohort cohort = cohort_take(here, dice, part);
    cohort_add(&taking->taken, &cohort);
    taking->count -= part;
}

/* `count` of the `among` people of a column who are not due now. Few are looked for one by one. */
static struct cohort take_later(struct cohort_ring *self, uint32_t plane, uint32_t class, people_t count,
                                people_t among, struct dice *dice)
{
    struct taking taking = {.count = count, .among = among};
    const uint32_t rows = cohort_ring_block_of(self, plane)->passing ? DISCRETE_PHASES + COHORT_RING_HEAD : 0;
    for (uint32_t ahead = 1; ahead <= self->filled && taking.count > 0; ahead++)
        take_here(&taking, &cohort_ring_row(self, plane, ahead)[class], dice);
    for (uint32_t i = 0; i < rows; i++)
        take_here(&taking, &cohort_ring_row_behind(self, plane, RING_PHASES + i)[class], dice);
    return taking.taken;
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
