#include "sim/cohort.h"

#include <string.h>

people_t dice_binomial(struct dice *self, people_t people, double p)
{
    if (!(people > 0) || !(p > 0)) return 0;
    if (p >= 1) return people;
    if (self->expected) return people * p;
    return (people_t)stream_binomial(&self->stream, p, (uint64_t)people);
}

people_t dice_hypergeometric(struct dice *self, people_t white, people_t black, people_t draws)
{
    if (!(white > 0) || !(draws > 0)) return 0;
    if (draws >= white + black) return white;
    if (!(black > 0)) return draws;
    if (self->expected) return draws * (white / (white + black));
    return (people_t)stream_hypergeometric(&self->stream, (uint64_t)white, (uint64_t)black, (uint64_t)draws);
}

/* The sets in ascending order of their people: one holds the one before. */
static void order_sets(const struct cohort *self, int order[COHORT_SETS])
{
    for (int i = 0; i < COHORT_SETS; i++) {
        int place = i;
        for (; place > 0 && self->set[order[place - 1]] > self->set[i]; place--)
            order[place] = order[place - 1];
        order[place] = i;
    }
}

/* How many of each set are among `part->people` drawn from the cohort. In most cohorts everyone or nobody is
 * in a set, and then nothing is drawn. */
static void draw_sets(const struct cohort *self, struct dice *dice, struct cohort *part)
{
    bool mixed = false;
    for (int i = 0; i < COHORT_SETS; i++) {
        part->set[i] = self->set[i] > 0 ? part->people : 0;
        mixed = mixed || (self->set[i] > 0 && self->set[i] < self->people);
    }
    if (mixed) {
        int order[COHORT_SETS];
        people_t before = 0, drawn = 0;
        order_sets(self, order);
        for (int i = 0; i < COHORT_SETS; i++) {
            people_t people = self->set[order[i]];
            drawn += dice_hypergeometric(dice, people - before, self->people - people, part->people - drawn);
            part->set[order[i]] = drawn;
            before = people;
        }
    }
    part->listed_days = part->listed > 0 ? self->listed_days * (part->listed / self->listed) : 0;
}

static struct cohort take(struct cohort *self, struct dice *dice, people_t count)
{
    struct cohort part = {.people = count};
    draw_sets(self, dice, &part);
    cohort_remove(self, &part);
    return part;
}

static struct cohort take_all(struct cohort *self)
{
    struct cohort all = *self;
    memset(self, 0, sizeof *self);
    return all;
}

struct cohort cohort_thin_drawn(struct cohort *self, struct dice *dice, double p)
{
    people_t count = dice_binomial(dice, self->people, p);
    if (!(count > 0)) return (struct cohort){0};
    return count == self->people ? take_all(self) : take(self, dice, count);
}

struct cohort cohort_take_drawn(struct cohort *self, struct dice *dice, people_t count)
{
    if (!(count > 0) || !(self->people > 0)) return (struct cohort){0};
    return count >= self->people ? take_all(self) : take(self, dice, count);
}

people_t cohort_sum(const struct cohort cohorts[], size_t n)
{
    people_t sum = 0;
    for (size_t i = 0; i < n; i++) sum += cohorts[i].people;
    return sum;
}
