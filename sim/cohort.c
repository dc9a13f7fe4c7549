#include "sim/cohort.h"

#define FEW 16

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

void cohort_layers(const struct cohort *self, struct cohort_layers *layers)
{
    int *order = layers->order;
    for (int i = 0; i < COHORT_SETS; i++) {
        int place = i;
        for (; place > 0 && self->set[order[place - 1]] > self->set[i]; place--)
            order[place] = order[place - 1];
        order[place] = i;
    }
    people_t before = 0;
    for (int i = 0; i < COHORT_SETS; i++) {
        layers->people[i] = self->set[order[i]] - before;
        before = self->set[order[i]];
    }
    layers->people[COHORT_SETS] = self->people - before;
}

/* Everyone or nobody is in each set, as in most cohorts: then nothing has to be drawn for them. */
static bool is_plain(const struct cohort *self)
{
    bool plain = true;
    for (int i = 0; i < COHORT_SETS; i++)
        plain = plain && (self->set[i] == 0 || self->set[i] == self->people);
    return plain;
}

static struct cohort plain_part(const struct cohort *self, people_t count)
{
    struct cohort part = {.people = count};
    for (int i = 0; i < COHORT_SETS; i++) part.set[i] = self->set[i] > 0 ? count : 0;
    return part;
}

/* Takes the part out, with its share of the dates of registration. */
static struct cohort leave_with(struct cohort *self, struct cohort part)
{
    if (part.listed > 0) {
        part.listed_dates = self->listed_dates * (part.listed / self->listed);
        part.listed_squares = self->listed_squares * (part.listed / self->listed);
    }
    cohort_remove(self, &part);
    return part;
}

/* Few are drawn together, and then who of them is in which set; many layer by layer, which is cheaper for
 * them. */
struct cohort cohort_thin_drawn(struct cohort *self, struct dice *dice, double p)
{
    struct cohort part = {0};
    struct cohort_layers layers;
    if (!(p > 0) || !(self->people > 0)) return part;
    if (p >= 1) return leave_with(self, *self);
    if (is_plain(self)) return leave_with(self, plain_part(self, dice_binomial(dice, self->people, p)));
    if (self->people * p <= FEW) return cohort_take_drawn(self, dice, dice_binomial(dice, self->people, p));
    cohort_layers(self, &layers);
    for (int i = 0; i < COHORT_SETS; i++) {
        part.people += dice_binomial(dice, layers.people[i], p);
        part.set[layers.order[i]] = part.people;
    }
    part.people += dice_binomial(dice, layers.people[COHORT_SETS], p);
    return leave_with(self, part);
}

struct cohort cohort_take_drawn(struct cohort *self, struct dice *dice, people_t count)
{
    struct cohort part = {0};
    struct cohort_layers layers;
    if (!(count > 0) || !(self->people > 0)) return part;
    if (count >= self->people) return leave_with(self, *self);
    if (is_plain(self)) return leave_with(self, plain_part(self, count));
    cohort_layers(self, &layers);
    people_t left = self->people;
    for (int i = 0; i < COHORT_SETS; i++) {
        left -= layers.people[i];
        part.people += dice_hypergeometric(dice, layers.people[i], left, count - part.people);
        part.set[layers.order[i]] = part.people;
    }
    part.people = count;
    return leave_with(self, part);
}

/* Layers of many cohorts, one behind the other: nobody stands in those that are left out. */
#define LAYERS_TOGETHER 64
struct layers_together {
    uint32_t cohorts, count;
    uint32_t cohort[LAYERS_TOGETHER], end[LAYERS_TOGETHER]; /* behind its last layer */
    uint8_t layer[LAYERS_TOGETHER];
    people_t people[LAYERS_TOGETHER], drawn[LAYERS_TOGETHER];
    double p[LAYERS_TOGETHER];
    int8_t order[LAYERS_TOGETHER][COHORT_SETS];
};

static void add_layers(struct layers_together *self, const struct cohort *cohort, uint32_t number, double p)
{
    struct cohort_layers layers;
    cohort_layers(cohort, &layers);
    for (int i = 0; i < COHORT_SETS; i++) self->order[self->cohorts][i] = (int8_t)layers.order[i];
    for (int i = 0; i <= COHORT_SETS; i++) {
        self->layer[self->count] = (uint8_t)i;
        self->people[self->count] = layers.people[i];
        self->p[self->count] = p;
        self->count += layers.people[i] > 0;
    }
    self->cohort[self->cohorts] = number;
    self->end[self->cohorts++] = self->count;
}

static void move_layers(struct layers_together *self, struct cohort from[], struct dice *dice,
                        struct cohort to[])
{
    stream_binomials(&dice->stream, self->count, self->people, self->p, self->drawn);
    for (uint32_t c = 0, at = 0; c < self->cohorts; c++) {
        struct cohort part = {0};
        for (int i = 0; i <= COHORT_SETS; i++) {
            if (at < self->end[c] && self->layer[at] == i) part.people += self->drawn[at++];
            if (i < COHORT_SETS) part.set[self->order[c][i]] = part.people;
        }
        if (!(part.people > 0)) continue;
        part = leave_with(&from[self->cohort[c]], part);
        cohort_add(&to[self->cohort[c]], &part);
    }
    self->cohorts = self->count = 0;
}

void cohorts_thin_drawn(struct cohort from[], size_t count, struct dice *dice, const double p[],
                        struct cohort to[])
{
    struct layers_together layers;
    layers.cohorts = layers.count = 0;
    for (size_t i = 0; i < count; i++) {
        if (!(from[i].people > 0) || !(p[i] > 0)) continue;
        add_layers(&layers, &from[i], (uint32_t)i, p[i]);
        if (layers.count + COHORT_SETS + 1 > LAYERS_TOGETHER) move_layers(&layers, from, dice, to);
    }
    move_layers(&layers, from, dice, to);
}

people_t cohort_sum(const struct cohort cohorts[], size_t n)
{
    people_t sum = 0;
    for (size_t i = 0; i < n; i++) sum += cohorts[i].people;
    return sum;
}
