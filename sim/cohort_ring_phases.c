/* People in the phases of a duration: in expectation, and with draws where they are many.
 *
 * Time in a phase is exponential, of one rate. Those who come do so anywhere in their step, so that at its
 * end they are in phase i (from 0) with the chance the integral of exp(-rate v) (rate v)^i / i! over v in [0,
 * 1]  =  P(N > i) / rate, N a Poisson count of mean `rate`; in each step after that they go m phases on with
 * the chance P(N = m). Whoever passes the last phase during a step is due in it. This is the law of floor(T +
 * U) steps (discrete.h), without the end of its tables. Where the first steps of a table are others (a
 * station that nobody may leave in the step of coming), these are spread into the slots, and the rest comes
 * into the phases when they are over.
 *
 * What is in phases is divided by `kept` like what is in the slots (cohort_ring_strike.c). */
#include "sim/cohort_ring.h"
#include "sim/numbers.h"

#include <math.h>
#include <string.h>

#define WORTH_PASSING (2 * DISCRETE_PHASES) /* steps of a table */
#define NOBODY        1e-12                 /* people in all phases: they leave together */
#define MANY          20 /* drawn people of a class for each step of a table: fewer are spread */

_Static_assert(DISCRETE_PHASES == NUMBERS_PHASES, "phases are numbers");

/* ---- shares ---- */

/* P(N = m) and P(N > m) for m below DISCRETE_PHASES. */
static void poisson_chances(double mean, double equal[], double beyond[])
{
    double chance = exp(-mean), sum = 0;
    for (uint32_t m = 0; m < DISCRETE_PHASES; m++) {
        equal[m] = chance;
        chance *= mean / (m + 1);
    }
    /* From the far end, as differences from 1 would have few digits. */
    double term = chance, behind = 0;
    for (uint32_t m = DISCRETE_PHASES; term > 1e-18 * behind && m < 200; m++) {
        behind += term;
        term *= mean / (m + 1);
    }
    sum = behind;
    for (uint32_t m = DISCRETE_PHASES; m-- > 0;) {
        beyond[m] = sum;
        sum += equal[m];
    }
}

/* Where those who come are at the end of their step, and of `steps` more: their shares of all who are still
 * there. */
static void enter_after(const struct cohort_ring_phases *phases, uint32_t steps, double enter[])
{
    double equal[DISCRETE_PHASES], beyond[DISCRETE_PHASES], sum = 0;
    const uint32_t count = phases->by.count;
    poisson_chances(phases->by.rate, equal, beyond);
    memcpy(enter, beyond, sizeof beyond);
    for (; steps > 0; steps--) {
        for (uint32_t to = count; to-- > 0;) {
            double come = 0;
            for (uint32_t m = 0; m <= to; m++) come += enter[to - m] * equal[m];
            enter[to] = come;
        }
    }
    for (uint32_t i = 0; i < count; i++) sum += enter[i];
    for (uint32_t i = 0; i < count; i++) enter[i] /= sum;
}

static void begin_phases(struct cohort_ring_phases *phases, const struct discrete *steps)
{
    double beyond[DISCRETE_PHASES], enter[DISCRETE_PHASES];
    const uint32_t count = steps->phases.count, from = steps->phases.from;
    *phases = (struct cohort_ring_phases){.by = steps->phases};
    struct numbers_phases *shares = &phases->shares;
    double left = 1 - steps->cumulative[0];
    for (uint32_t step = 1; step < from; step++) phases->head[step] = steps->probability[step] / left;
    enter_after(phases, from - 1, enter);
    phases->later = (1 - steps->cumulative[from - 1]) / left;
    poisson_chances(phases->by.rate, shares->move, beyond);
    for (uint32_t i = 0; i < count; i++) {
        shares->leave[i] = beyond[count - 1 - i];
        shares->come_and_leave += enter[i] * shares->leave[i];
        for (uint32_t m = 0; m <= i; m++) shares->come[i] += enter[i - m] * shares->move[m];
    }
}

/* Means that change every day are not worth it: a table must come twice. */
bool cohort_ring_takes_phases(struct cohort_ring *self, const struct discrete *steps, uint32_t first)
{
    struct cohort_ring_phases *phases = &self->phases;
    const struct discrete_phases *by = &steps->phases;
    if (by->count == 0 || by->from > COHORT_RING_HEAD || first != 1 || steps->count <= WORTH_PASSING)
        return false;
    if (by->count == phases->by.count && by->from == phases->by.from && by->rate == phases->by.rate)
        return true;
    bool again = by->rate == self->last_rate;
    self->last_rate = by->rate;
    if (!again) return false;
    for (uint32_t plane = 0; plane < self->planes; plane++) cohort_ring_leave_phases(self, plane);
    begin_phases(phases, steps);
    return true;
}

/* ---- coming ---- */

static size_t stride_of(const struct cohort_ring *self)
{
    return self->classes * COHORT_NUMBERS;
}

/* The row of those who come into the phases in so many steps, and pass for the first time in the next: it
 * serves again when they have passed. */
static uint32_t coming_at(const struct cohort_ring *self, uint32_t ahead)
{
    return (self->now + ahead) % self->phases.by.from;
}
static struct cohort *coming_row(const struct cohort_ring *self, uint32_t plane, uint32_t at)
{
    return cohort_ring_row_behind(self, plane, RING_COMING + at);
}

struct cohort *cohort_ring_due(const struct cohort_ring *self, uint32_t plane)
{
    return cohort_ring_block_of(self, plane)->due_aside ? coming_row(self, plane, 0)
                                                        : cohort_ring_row(self, plane, 0);
}

/* Whatever stands in vacant rows is gone; those due, if they stand there, go to their slot. */
static void clear_vacant(struct cohort_ring *self, uint32_t plane)
{
    struct cohort_ring_block *block = cohort_ring_block_of(self, plane);
    if (block->due_aside)
        numbers_add(&cohort_ring_row(self, plane, 0)->people, &coming_row(self, plane, 0)->people,
                    self->classes * COHORT_NUMBERS);
    block->due_aside = false;
    for (; block->vacant; block->vacant &= block->vacant - 1)
        memset(coming_row(self, plane, (uint32_t)__builtin_ctz(block->vacant)), 0,
               self->classes * sizeof(struct cohort));
}

/* Adds those who come, x factor, to the row of those who come in so many steps. */
static void join_coming(struct cohort_ring *self, uint32_t plane, uint32_t ahead,
                        const struct ring_comers *comers, double factor)
{
    struct cohort_ring_block *block = cohort_ring_block_of(self, plane);
    const uint32_t at = coming_at(self, ahead), class = comers->class, end = class + comers->count;
    struct cohort *row = coming_row(self, plane, at);
    block->due_aside = false;
    if (!(block->vacant >> at & 1)) {
        numbers_add_times(&row[class].people, &comers->cohort->people, comers->count * COHORT_NUMBERS,
                          factor);
        return;
    }
    memset(row, 0, class * sizeof *row);
    numbers_times(&row[class].people, &comers->cohort->people, comers->count * COHORT_NUMBERS, factor);
    memset(row + end, 0, (self->classes - end) * sizeof *row);
    block->vacant &= ~((uint32_t)1 << at);
}

/* These classes have people in phases from now on, and in the slots before them. */
static void use_phases(struct cohort_ring *self, uint32_t plane, uint32_t class, uint32_t count)
{
    struct cohort_ring_block *block = cohort_ring_block_of(self, plane);
    if (!block->passing || class < block->first_passing) block->first_passing = class;
    if (!block->passing || class + count > block->end_passing) block->end_passing = class + count;
    block->passing = true;
    if (self->phases.by.from > 1) cohort_ring_fill_to(self, self->phases.by.from - 1);
}

void cohort_ring_enter(struct cohort_ring *self, uint32_t plane, const struct ring_comers *comers)
{
    const struct cohort_ring_phases *phases = &self->phases;
    const uint32_t later = phases->by.from - 1;
    const double factor = comers->share / cohort_ring_block_of(self, plane)->kept;
    use_phases(self, plane, comers->class, comers->count);
    for (uint32_t step = 1; step <= later; step++)
        if (phases->head[step] > 0)
            numbers_add_times(&cohort_ring_row(self, plane, step)[comers->class].people,
                              &comers->cohort->people, comers->count * COHORT_NUMBERS,
                              phases->head[step] * factor);
    join_coming(self, plane, later, comers, phases->later * factor);
}

/* Of those in a row, each with its share goes to a target, one target after the other; `left`: the share that
 * is left. */
static void go(struct cohort *row, uint32_t count, struct dice *dice, double share, double *left,
               struct cohort *to)
{
    double p[NETWORK_MAX_CLASSES];
    if (!(share > 0)) return;
    for (uint32_t c = 0; c < count; c++) p[c] = share < *left ? share / *left : 1;
    cohorts_thin_drawn(row, count, dice, p, to);
    *left -= share;
}

bool cohort_ring_draws_phases(struct cohort_ring *self, const struct discrete *steps, people_t people)
{
    const struct discrete_phases *by = &steps->phases, *own = &self->phases.by;
    if (!self->draws_phases || by->count == 0 || by->from > COHORT_RING_HEAD ||
        steps->count <= WORTH_PASSING || !(people > MANY * steps->count))
        return false;
    if (by->count == own->count && by->from == own->from && by->rate == own->rate) return true;
    for (uint32_t plane = 0; plane < self->planes; plane++)
        if (cohort_ring_block_of(self, plane)->passing) return false;
    begin_phases(&self->phases, steps);
    return true;
}

void cohort_ring_enter_drawn(struct cohort_ring *self, uint32_t plane, uint64_t bits,
                             const struct cohort row[], const struct discrete *steps, uint32_t first,
                             struct dice *dice)
{
    const uint32_t later = self->phases.by.from - 1;
    const struct span span = span_of(bits);
    struct cohort rest[NETWORK_MAX_CLASSES];
    struct cohort *coming = coming_row(self, plane, coming_at(self, later)) + span.first;
    double left = first > 0 ? 1 - steps->cumulative[first - 1] : 1;
    if (!bits) return;
    use_phases(self, plane, span.first, span.count);
    memset(rest, 0, span.count * sizeof *rest);
    for (uint64_t some = bits; some; some &= some - 1) {
        const uint32_t class = (uint32_t)__builtin_ctzll(some);
        rest[class - span.first] = row[class];
        cohort_ring_book(self, plane, class, &row[class], steps->count - 1);
    }
    for (uint32_t step = first; step <= later; step++)
        go(rest, span.count, dice, steps->probability[step], &left,
           cohort_ring_row(self, plane, step) + span.first);
    numbers_add(&coming->people, &rest->people, span.count * COHORT_NUMBERS);
}

/* ---- passing ---- */

/* The step of all who are in phases `ahead` steps from now: who leaves is added to `due`, or stands in the
 * row of those who came (`due` NULL). */
static void pass_step(struct cohort_ring *self, uint32_t plane, uint32_t ahead, struct cohort due[])
{
    struct cohort_ring_block *block = cohort_ring_block_of(self, plane);
    const struct cohort_ring_phases *phases = &self->phases;
    const uint32_t first = block->first_passing, at = coming_at(self, ahead + phases->by.from - 1);
    struct cohort *coming = coming_row(self, plane, at);
    if (block->vacant >> at & 1) memset(coming, 0, self->classes * sizeof *coming);
    numbers_pass_phases(due ? &due[first].people : NULL,
                        &cohort_ring_row_behind(self, plane, RING_PHASES)[first].people, stride_of(self),
                        &coming[first].people, block->end_passing - first, phases->by.count, &phases->shares);
    block->vacant |= (uint32_t)1 << at;
}

/* Of now. While nobody is in the slots those who leave need none: the row of those who came, which is near,
 * holds them until they have gone. */
static void pass_expected(struct cohort_ring *self, uint32_t plane)
{
    struct cohort_ring_block *block = cohort_ring_block_of(self, plane);
    block->due_aside = self->phases.by.from == 1 && self->filled == 0 && block->rows == 0 && !self->hazards;
    pass_step(self, plane, 0, block->due_aside ? NULL : cohort_ring_row(self, plane, 0));
}

/* The same with draws. Phases from the last on, so that nobody passes twice; then those who are coming. */
static void pass_drawn(struct cohort_ring *self, uint32_t plane, struct dice *dice)
{
    const struct cohort_ring_block *block = cohort_ring_block_of(self, plane);
    const struct numbers_phases *shares = &self->phases.shares;
    const uint32_t first = block->first_passing, count = block->end_passing - first;
    struct cohort *due = cohort_ring_row(self, plane, 0) + first,
                  *coming = coming_row(self, plane, coming_at(self, self->phases.by.from - 1)) + first;
    struct cohort *phase[DISCRETE_PHASES];
    for (uint32_t i = 0; i < DISCRETE_PHASES; i++)
        phase[i] = cohort_ring_row_behind(self, plane, RING_PHASES + i) + first;
    for (uint32_t i = self->phases.by.count; i-- > 0;) {
        double left = 1;
        go(phase[i], count, dice, shares->leave[i], &left, due);
        for (uint32_t to = self->phases.by.count; --to > i;)
            go(phase[i], count, dice, shares->move[to - i], &left, phase[to]);
    }
    double left = 1;
    go(coming, count, dice, shares->come_and_leave, &left, due);
    for (uint32_t to = self->phases.by.count; --to > 0;)
        go(coming, count, dice, shares->come[to], &left, phase[to]);
    numbers_add(&phase[0]->people, &coming->people, count * COHORT_NUMBERS);
    memset(coming, 0, count * sizeof *coming);
}

/* People in phases and on the way into them, as before hazards. */
static people_t count_passing(const struct cohort_ring *self, uint32_t plane)
{
    const uint32_t vacant = cohort_ring_block_of(self, plane)->vacant;
    people_t sum = 0;
    for (uint32_t i = 0; i < self->phases.by.count; i++)
        sum += cohort_sum(cohort_ring_row_behind(self, plane, RING_PHASES + i), self->classes);
    for (uint32_t i = 0; i < COHORT_RING_HEAD; i++)
        if (!(vacant >> i & 1)) sum += cohort_sum(coming_row(self, plane, i), self->classes);
    return sum;
}

/* All of them are due in that many steps. */
static void end_passing(struct cohort_ring *self, uint32_t plane, uint32_t ahead)
{
    struct cohort_ring_block *block = cohort_ring_block_of(self, plane);
    struct cohort *due = cohort_ring_row(self, plane, ahead);
    clear_vacant(self, plane);
    for (uint32_t i = 0; i < DISCRETE_PHASES + COHORT_RING_HEAD; i++) {
        struct cohort *row = cohort_ring_row_behind(self, plane, RING_PHASES + i);
        numbers_add(&due->people, &row->people, stride_of(self));
        memset(row, 0, self->classes * sizeof *row);
    }
    block->passing = false;
}

void cohort_ring_pass(struct cohort_ring *self, uint32_t plane, struct dice *dice)
{
    if (dice->expected)
        pass_expected(self, plane);
    else
        pass_drawn(self, plane, dice);
    if (self->reach == 0) self->reach = 1;
    if (self->now % 64 == 0 && count_passing(self, plane) < NOBODY) end_passing(self, plane, 0);
}

/* ---- leaving otherwise ---- */

void cohort_ring_leave_phases(struct cohort_ring *self, uint32_t plane)
{
    uint32_t ahead = 1;
    if (!cohort_ring_block_of(self, plane)->passing) return;
    for (; ahead + 1 < self->length && count_passing(self, plane) >= NOBODY; ahead++)
        pass_step(self, plane, ahead, cohort_ring_row(self, plane, ahead));
    end_passing(self, plane, ahead);
    cohort_ring_fill_to(self, ahead);
    if (self->reach < ahead) self->reach = ahead;
}

struct cohort cohort_ring_share_of_phases(struct cohort_ring *self, uint32_t plane, uint32_t class,
                                          double share)
{
    struct cohort sum = {0};
    if (!cohort_ring_block_of(self, plane)->passing) return sum;
    clear_vacant(self, plane);
    for (uint32_t i = 0; i < DISCRETE_PHASES + COHORT_RING_HEAD; i++) {
        struct cohort part =
            cohort_share(&cohort_ring_row_behind(self, plane, RING_PHASES + i)[class], share);
        cohort_add(&sum, &part);
    }
    return sum;
}

void cohort_ring_scale_phases(struct cohort_ring *self, uint32_t plane, double factor)
{
    const size_t rows = DISCRETE_PHASES + COHORT_RING_HEAD;
    if (!cohort_ring_block_of(self, plane)->passing) return;
    clear_vacant(self, plane);
    numbers_scale(&cohort_ring_row_behind(self, plane, RING_PHASES)->people, rows * stride_of(self), factor);
}
