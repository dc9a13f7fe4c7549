/* How those who wait in a line lose patience.
 *
 * Those of a row came anywhere within a step, and their ages lie around that of the row. Where that step was
 * short against their patience, and patience ends little by little, the row's age stands for all of them.
 * Otherwise the share that keeps patience is the mean over a step of ages: then those who come to a line
 * wait, summed over the steps, as long as they have patience for. */
#include "sim/cohort_line_arrays.h"
#include "sim/distribution.h"
#include "sim/numbers.h"

#include <math.h>
#include <string.h>

#define ERLANG_TERMS 64
#define SAME_AGE     1e-12 /* means */
#define WIDE         0.1   /* means: a step in which patience is no longer nearly the same for all */
#define NOBODY       1e-14 /* of those who came: beyond it shares are rounding */
#define FEW          16    /* people of a row: who they are is drawn one by one */

/* A distribution of patience. An Erlang one of a mean of 1 has the survival exp(-shape x) times a factor, a
 * sum of terms. */
struct patience {
    const struct distribution *distribution;
    double narrow;  /* steps up to this many means are short */
    bool is_erlang; /* with so many terms behind the first, each shape x / j of the one before */
    uint32_t terms;
    double per_term[ERLANG_TERMS];
};

/* A span of time, in means, in which patience may be lost; `decay` of an Erlang one. `step`: a whole one. */
struct exposure {
    double elapsed, step, decay;
};

/* Whether its survival bends little within a step that is short. */
static bool is_smooth(const struct distribution *distribution)
{
    switch (distribution->family) {
    case DISTRIBUTION_EXPONENTIAL:
    case DISTRIBUTION_ERLANG:
    case DISTRIBUTION_LOGNORMAL:
        return true;
    case DISTRIBUTION_GAMMA:
    case DISTRIBUTION_WEIBULL:
        return distribution->shape >= 1;
    default:
        return false;
    }
}

static void fill_patience(struct patience *self, const struct distribution *distribution)
{
    double shape = distribution->shape;
    self->distribution = distribution;
    self->narrow = is_smooth(distribution) ? WIDE : 0;
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

/* Share that keeps patience up to an age, in means, of those who came within a step of some width; of an
 * Erlang one where that is short, its factor. */
static double share_at(const struct patience *patience, double width, double age)
{
    if (width > 0)
        return (distribution_excess(patience->distribution, age - width / 2) -
                distribution_excess(patience->distribution, age + width / 2)) /
               width;
    return patience->is_erlang ? erlang_factor(patience, age)
                               : distribution_survival(patience->distribution, age);
}

/* A row knows that share for the age up to which it was exposed before, which the clock gives back but for
 * rounding. */
static inline double kept(struct line_row *row, const struct patience *patience, double width, double age)
{
    if (row->kept == 0 || row->kept_width != width || !(fabs(row->kept_age - age) <= SAME_AGE)) {
        row->kept_age = age;
        row->kept_width = width;
        row->kept = share_at(patience, width, age);
    }
    return row->kept;
}

/* Probability of losing patience from an age on, in means, of those who came within a step of some width. */
static inline double loss(struct line_row *row, const struct patience *patience, struct exposure exposure,
                          double width, double from)
{
    const double to = from + exposure.elapsed;
    const bool begins = !(from >= 0); /* in the midst of the exposure */
    if (begins) from = 0;
    if (!(to > from)) return 0;
    if (patience->is_erlang && width == 0) {
        const double decay = begins ? exp(-patience->distribution->shape * to) : exposure.decay,
                     before = kept(row, patience, 0, from);
        return 1 - decay * (kept(row, patience, 0, to) / before);
    }
    if (width == 0 && patience->distribution->family == DISTRIBUTION_EXPONENTIAL) return -expm1(from - to);
    /* All who come in a step have patience when they come. */
    const double before = width > 0 && from == 0 ? 1 : kept(row, patience, width, from);
    return before > NOBODY ? fmax(0, 1 - kept(row, patience, width, to) / before) : 1;
}

/* The chance of a row to lose patience, by one of its clocks. */
static inline double loss_of_row(struct cohort_line *self, uint32_t row, uint32_t clock,
                                 const struct patience *patience, struct exposure exposure)
{
    double *width = &line_width_of(self, row)[clock];
    if (isinf(exposure.elapsed)) return 1;
    if (*width == LINE_WIDTH_UNKNOWN) *width = exposure.step > patience->narrow ? exposure.step : 0;
    return loss(&self->row[row], patience, exposure, *width,
                line_clock(self)[clock] - line_clock_of(self, row)[clock]);
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

/* Everyone's patience in all rows; left[row] of a row leave. */
static void expose_together(struct cohort_line *self, struct dice *dice, const double share[],
                            struct line_leaving leaving, people_t left[])
{
    const struct cohort_line_part whole = {.columns = self->columns};
    struct line_sharing at;
    if (dice->expected) {
        line_leave_part(self, whole, 0, self->rows, share, &at, leaving);
        memcpy(left, at.left, self->rows * sizeof *left);
        return;
    }
    for (uint32_t row = 0; row < self->rows; row++) left[row] = self->row[row].people;
    expose_alike(self, dice, share, leaving);
    for (uint32_t row = 0; row < self->rows; row++) left[row] -= self->row[row].people;
}

/* Whether all clocks go alike, and show the same to everyone: then one stands for all. */
static bool clocks_agree(const struct cohort_line *self, const double elapsed[])
{
    for (uint32_t k = 1; k < self->clocks; k++)
        if (elapsed[k] != elapsed[0] || line_clock(self)[k] != line_clock(self)[0]) return false;
    for (uint32_t row = 0; row < self->rows; row++) {
        const double *clock = line_clock_of(self, row), *width = line_width_of(self, row);
        for (uint32_t k = 1; k < self->clocks; k++)
            if (clock[k] != clock[0] || width[k] != width[0]) return false;
    }
    return true;
}

/* The chance of each row to lose patience, by the first clock for all. */
static void losses_by_one_clock(struct cohort_line *self, const struct patience *patience,
                                struct exposure exposure, double share[])
{
    for (uint32_t row = 0; row < self->rows; row++) {
        double *width = line_width_of(self, row);
        share[row] = loss_of_row(self, row, 0, patience, exposure);
        for (uint32_t k = 1; k < self->clocks; k++) width[k] = width[0];
    }
}

static void expose_by_clock(struct cohort_line *self, struct dice *dice, const struct patience *patience,
                            const struct exposure exposure[], struct line_leaving leaving, people_t left[])
{
    for (uint32_t row = 0; row < self->rows; row++) {
        double p[NETWORK_MAX_CLASSES];
        left[row] = self->row[row].people;
        for (uint32_t k = 0; k < self->clocks; k++) p[k] = loss_of_row(self, row, k, patience, exposure[k]);
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

/* The sum of the dates of the rows of everyone in each column. */
static void sum_dates_of_rows(const struct cohort_line *self, double dates[])
{
    double weight[LINE_ROWS];
    const uint32_t count = self->end_class - self->first_class;
    memset(dates, 0, self->columns * sizeof *dates);
    for (uint32_t block = 0; block < self->blocks && self->end_class > self->first_class; block++) {
        const uint32_t first = block * self->classes + self->first_class;
        for (uint32_t row = 0; row < self->rows; row++)
            weight[row] = line_factor(self, block)[row] * self->row[row].dated;
        numbers_add_rows(dates + first, count, line_all_people(self) + first, self->columns, self->place,
                         weight, self->rows);
    }
}

/* Rows mix the dates of their columns: those who left are dated by their rows, and moved by as much as the
 * mean date of their column is off that of its rows. `of_rows`: sums, before they left. */
static void date_by_column(const struct cohort_line *self, const double of_rows[],
                           struct line_leaving leaving)
{
    for (uint32_t c = 0; c < self->columns; c++) {
        const people_t people = line_total(self)[c].people;
        if (!(people > NOBODY) || !(leaving.people[c] > 0)) continue;
        leaving.dates[c] += leaving.people[c] * ((line_total_dates(self)[c] - of_rows[c]) / people);
    }
}

void cohort_line_expose(struct cohort_line *self, struct dice *dice, const struct distribution *distribution,
                        const double elapsed[], double steps, struct line_leaving leaving)
{
    people_t left[LINE_ROWS];
    double share[LINE_ROWS], of_rows[NETWORK_MAX_OFFICES * NETWORK_MAX_CLASSES];
    struct exposure exposure[NETWORK_MAX_CLASSES];
    struct patience patience;
    if (self->dates == LINE_DATES_OF_COLUMN) sum_dates_of_rows(self, of_rows);
    fill_patience(&patience, distribution);
    for (uint32_t k = 0; k < self->clocks; k++)
        exposure[k] =
            (struct exposure){elapsed[k], elapsed[k] / steps, exp(-distribution->shape * elapsed[k])};
    if (clocks_agree(self, elapsed)) {
        losses_by_one_clock(self, &patience, exposure[0], share);
        expose_together(self, dice, share, leaving, left);
    } else {
        expose_by_clock(self, dice, &patience, exposure, leaving, left);
    }
    if (self->dates == LINE_DATES_OF_COLUMN) date_by_column(self, of_rows, leaving);
    if (self->dates == LINE_DATES_OF_COLUMN) self->spread = spread_of_leavers(self, left);
    /* Where nobody has any patience nobody is left for whom the clock goes on. */
    for (uint32_t k = 0; k < self->clocks; k++) line_clock(self)[k] += isinf(elapsed[k]) ? 0 : elapsed[k];
}
