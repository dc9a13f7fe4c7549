/* How those who wait in a line lose patience.
 *
 * Those of a row came anywhere within a step, and their ages lie around that of the row. Where a step is
 * short against their patience the row's age stands for all of them. Where it is long, the share that keeps
 * patience is the mean over a step of ages: then those who come to a line wait as long together as they have
 * patience for, whatever the step. */
#include "sim/cohort_line_arrays.h"
#include "sim/discrete.h"

#include <math.h>
#include <string.h>

#define ERLANG_TERMS 64
#define SAME_AGE     1e-12 /* means */
#define WIDE         0.1   /* means: a step in which patience is no longer nearly the same for all */
#define FEW          16    /* people of a row: who they are is drawn one by one */

/* A distribution of patience. An Erlang one of a mean of 1 has the survival exp(-shape x) times a factor, a
 * sum of terms. */
struct patience {
    const struct distribution *distribution;
    bool is_erlang; /* with so many terms behind the first, each shape x / j of the one before */
    uint32_t terms;
    double per_term[ERLANG_TERMS];
};

/* A span of time, in means, in which patience may be lost; `decay` of an Erlang one. `width` of a step, 0
 * where it is short. */
struct exposure {
    double elapsed, width, decay;
};

static void fill_patience(struct patience *self, const struct distribution *distribution)
{
    double shape = distribution->shape;
    self->distribution = distribution;
    self->is_erlang =
        (distribution->family == DISTRIBUTION_ERLANG || distribution->family == DISTRIBUTION_GAMMA) &&
        shape <= ERLANG_TERMS && shape == floor(shape);
    self->terms = self->is_erlang ? (uint32_t)shape - 1 : 0;
    for (uint32_t j = 0; j < self->terms; j++) self->per_term[j] = shape / (j + 1);
}

static double erlang_factor(const struct patience *self, double x)
{
    double sum = 1;
    for (uint32_t j = self->terms; j-- > 0;) sum = 1 + sum * (x * self->per_term[j]);
    return sum;
}

/* The integral of the survival from an age on. */
static double survival_beyond(const struct distribution *distribution, double age)
{
    return age > 0 ? distribution_excess(distribution, age) : 1 - age;
}

/* Share that keeps patience up to an age, in means, of those who came within a step; of an Erlang one where
 * steps are short, its factor. */
static double share_at(const struct patience *patience, double width, double age)
{
    if (width > 0)
        return (survival_beyond(patience->distribution, age - width / 2) -
                survival_beyond(patience->distribution, age + width / 2)) /
               width;
    return patience->is_erlang ? erlang_factor(patience, age)
                               : discrete_survival(patience->distribution, age);
}

/* A row knows that share for the age up to which it was exposed before, which the clock gives back but for
 * rounding. */
static double kept(struct line_row *row, const struct patience *patience, double width, double age)
{
    if (row->kept == 0 || row->kept_width != width || !(fabs(row->kept_age - age) <= SAME_AGE)) {
        row->kept_age = age;
        row->kept_width = width;
        row->kept = share_at(patience, width, age);
    }
    return row->kept;
}

/* Probability of losing patience from an age on, in means. */
static double loss(struct line_row *row, const struct patience *patience, struct exposure exposure,
                   double from)
{
    double to = from + exposure.elapsed;
    bool whole = from >= 0;
    if (!whole) from = 0;
    if (!(to > from)) return 0;
    if (isinf(to)) return 1;
    if (exposure.width == 0 && patience->distribution->family == DISTRIBUTION_EXPONENTIAL)
        return -expm1(from - to);
    /* All who come in a step have patience when they come. */
    double before = exposure.width > 0 && from == 0 ? 1 : kept(row, patience, exposure.width, from);
    double after = kept(row, patience, exposure.width, to);
    if (!patience->is_erlang || exposure.width > 0) return before > 0 ? 1 - after / before : 1;
    return 1 - (whole ? exposure.decay : exp(-patience->distribution->shape * to)) * (after / before);
}

/* Draws where there is one chance for all of a row. Few are drawn together, and then who they are; the rows
 * in which many are lost all at once. */
static void expose_alike(struct cohort_line *self, struct dice *dice, const double p[],
                         struct line_leaving leaving)
{
    const struct cohort_line_part whole = {.columns = self->columns};
    double many[LINE_ROWS];
    bool any = false;
    for (uint32_t row = 0; row < self->rows; row++) {
        people_t here = self->row[row].people;
        many[row] = here * p[row] > FEW ? p[row] : 0;
        any = any || many[row] > 0;
        if (many[row] == 0)
            line_take(self, row, whole, dice, dice_binomial(dice, here, p[row]), here, leaving);
    }
    if (any) line_thin(self, dice, many, leaving);
}

/* The chance of each row, where all go by one clock. An Erlang patience, which most are, has a loop of its
 * own. */
static void losses(struct cohort_line *self, const struct patience *patience, struct exposure exposure,
                   double share[])
{
    const double now = *line_clock(self);
    if (!patience->is_erlang || exposure.width > 0 || isinf(exposure.elapsed)) {
        for (uint32_t r = 0; r < self->rows; r++)
            share[r] = loss(&self->row[r], patience, exposure, now - *line_clock_of(self, r));
        return;
    }
    for (uint32_t r = 0; r < self->rows; r++) {
        const double from = now - *line_clock_of(self, r);
        if (from < 0) {
            share[r] = loss(&self->row[r], patience, exposure, from);
            continue;
        }
        const double before = kept(&self->row[r], patience, 0, from),
                     after = erlang_factor(patience, from + exposure.elapsed);
        self->row[r].kept_age = from + exposure.elapsed;
        self->row[r].kept = after;
        share[r] = 1 - exposure.decay * (after / before);
    }
}

/* Everyone's patience in all rows; left[row] of a row leave. */
static void expose_together(struct cohort_line *self, struct dice *dice, const double share[],
                            struct line_leaving leaving, people_t left[])
{
    const struct cohort_line_part whole = {.columns = self->columns};
    struct line_sharing at;
    if (dice->expected) {
        line_leave_part(self, whole, 0, self->rows, share, &at, leaving);
        line_date_by_column(self, whole, leaving);
        memcpy(left, at.left, self->rows * sizeof *left);
        return;
    }
    for (uint32_t row = 0; row < self->rows; row++) left[row] = self->row[row].people;
    expose_alike(self, dice, share, leaving);
    for (uint32_t row = 0; row < self->rows; row++) left[row] -= self->row[row].people;
}

static void expose_by_clock(struct cohort_line *self, struct dice *dice, const struct patience *patience,
                            const struct exposure exposure[], struct line_leaving leaving, people_t left[])
{
    for (uint32_t row = 0; row < self->rows; row++) {
        double p[NETWORK_MAX_CLASSES];
        left[row] = self->row[row].people;
        for (uint32_t k = 0; k < self->clocks; k++)
            p[k] = loss(&self->row[row], patience, exposure[k],
                        line_clock(self)[k] - line_clock_of(self, row)[k]);
        for (uint32_t c = 0; c < self->columns; c++) {
            people_t here = line_people(self, row)[c] * line_factor(self, c / self->classes)[row];
            people_t lost = dice_binomial(dice, here, p[c % self->clocks]);
            if (lost > 0) line_leave_cell(self, row, c, lost, leaving, c);
        }
        left[row] -= self->row[row].people;
    }
}

/* Variance of the dates of those who left. */
static double spread_of_leavers(const struct cohort_line *self, const people_t left[])
{
    people_t people = 0;
    double sum = 0, squares = 0;
    for (uint32_t row = 0; row < self->rows; row++) {
        double distance = self->row[row].dated - self->row[0].dated;
        people += left[row];
        sum += left[row] * distance;
        squares += left[row] * (distance * distance);
    }
    return people > 0 ? fmax(0, squares / people - (sum / people) * (sum / people)) : 0;
}

void cohort_line_expose(struct cohort_line *self, struct dice *dice, const struct distribution *distribution,
                        const double elapsed[], double steps, struct line_leaving leaving)
{
    people_t left[LINE_ROWS];
    double share[LINE_ROWS];
    struct exposure exposure[NETWORK_MAX_CLASSES];
    struct patience patience;
    leaving.from_all = true;
    fill_patience(&patience, distribution);
    for (uint32_t k = 0; k < self->clocks; k++) {
        double width = elapsed[k] / steps;
        exposure[k] =
            (struct exposure){elapsed[k], width > WIDE ? width : 0, exp(-distribution->shape * elapsed[k])};
    }
    if (self->clocks == 1) {
        losses(self, &patience, exposure[0], share);
        expose_together(self, dice, share, leaving, left);
    } else {
        expose_by_clock(self, dice, &patience, exposure, leaving, left);
    }
    if (self->dates != LINE_DATES_KEPT) self->spread = spread_of_leavers(self, left);
    for (uint32_t k = 0; k < self->clocks; k++) line_clock(self)[k] += elapsed[k];
}
