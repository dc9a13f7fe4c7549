/* Choice: people part ways, by fixed shares or by a logit on what was measured some days ago. The weights are
 * tabulated once a day (and when a value changes); an option without weight for a class is never taken. */
#include "sim/kinds/kind.h"
#include "sim/numbers.h"

#include <math.h>
#include <string.h>

/* Less is rounding: without this, in expectation, 1e-16 of everyone would take a way that has no share. */
#define SMALLEST_REST 1e-12

/* Beyond it the weights of a logit, as powers of e, would leave the range of doubles. */
#define FAR 500

static bool is_open(const struct choice_option *option, uint32_t class)
{
    return !option->rest && option->classes >> class & 1;
}

static double utility(const struct replication *self, const struct choice_option *option, uint32_t class)
{
    double sum = value_of(self, option->share, class);
    for (uint32_t t = 0; t < option->term_count; t++)
        sum +=
            value_of(self, option->term[t].coefficient, class) * self->signal_value[option->term[t].signal];
    return sum;
}

/* What is taken off all utilities of a class, which changes no share. */
static double highest_utility(const struct replication *self, const struct choice *choice, uint32_t class)
{
    double most = -INFINITY;
    for (uint32_t o = 0; o < choice->option_count; o++)
        if (is_open(&choice->option[o], class)) most = fmax(most, utility(self, &choice->option[o], class));
    return fabs(most) > FAR && isfinite(most) ? most : 0;
}

/* `highest`: the utility that is taken off, of a logit. */
static double own_weight(const struct replication *self, const struct choice *choice,
                         const struct choice_option *option, uint32_t class, double highest)
{
    if (!is_open(option, class)) return 0;
    if (!choice->logit) return value_of(self, option->share, class);
    return exp(utility(self, option, class) - highest);
}

static double *table_of(const struct replication *self, const struct station *station, uint32_t class)
{
    return self->choice_weight + self->choice_first[station - self->network->station] +
           class * station->choice.option_count;
}

/* Sums of the weights of a class up to each option. One option may be the rest, what the shares of the others
 * leave of 1. Drawn values and policies can make them leave less than nothing: then it is 0, and the others
 * are taken in proportion to their shares. */
static void tabulate_class(struct replication *self, const struct station *station, uint32_t class)
{
    const struct choice *choice = &station->choice;
    double *table = table_of(self, station, class), rest = 1, sum = 0;
    const double highest = choice->logit ? highest_utility(self, choice, class) : 0;
    for (uint32_t o = 0; o < choice->option_count; o++) {
        table[o] = own_weight(self, choice, &choice->option[o], class, highest);
        rest -= table[o];
    }
    for (uint32_t o = 0; o < choice->option_count; o++) {
        const struct choice_option *option = &choice->option[o];
        bool is_rest = option->rest && option->classes >> class & 1;
        sum += !is_rest ? table[o] : rest > SMALLEST_REST ? rest : 0;
        table[o] = sum;
    }
}

static void tabulate(struct replication *self, const struct station *station)
{
    for (uint32_t c = 0; c < self->network->class_count; c++) tabulate_class(self, station, c);
}

/* Shares of a logit choice follow what is measured, so they are made anew each day. */
static void day(struct replication *self, const struct station *station)
{
    if (station->choice.logit || self->state->day == -self->network->spin_up_days) tabulate(self, station);
}

static uint32_t enter(struct replication *self, struct person *person, const struct station *station)
{
    const struct choice *choice = &station->choice;
    const double *table = table_of(self, station, person->class);
    uint32_t last = choice->option_count - 1;
    if (last == 0 && table[0] > 0) return choice->option[0].route;
    double total = table[last];
    if (!(total > 0))
        return replication_fail(self, "a choice has no option with a share for somebody's class");
    double point = person_chance(self, person, station->hash) * total;
    uint32_t option = 0;
    while (option < last && point >= table[option]) option++;
    return choice->option[option].route;
}

/* ---- with cohorts: a multinomial draw by the same weights, option by option ---- */

/* An option: the classes that may take it, and the chance of each class: among those whom the options before
 * it left, or in expectation among all; and the values of its shares from which these were made. */
struct option_cohorts {
    uint64_t open;
    bool alike;
    double chance[NETWORK_MAX_CLASSES], value[NETWORK_MAX_CLASSES];
};

/* What a choice keeps: the classes that have an option, and its options. */
struct choice_cohorts {
    uint64_t can_choose;
    struct option_cohorts option[];
};

static size_t cohort_memory(const struct replication *self, const struct station *station)
{
    (void)self;
    return sizeof(struct choice_cohorts) + station->choice.option_count * sizeof(struct option_cohorts);
}

static double chance_of(const struct replication *self, const double table[], uint32_t o, uint32_t last)
{
    double before = o > 0 ? table[o - 1] : 0, weight = table[o] - before;
    if (!(weight > 0)) return 0;
    if (self->expected) return weight / table[last];
    return table[o] < table[last] ? weight / (table[last] - before) : 1;
}

/* Notes the values of an option's shares. Returns whether they are others than before. */
static bool note_values(const struct replication *self, const struct choice_option *option,
                        struct option_cohorts *own)
{
    const size_t size = (option->share.mask ? self->network->class_count : 1) * sizeof(double);
    if (!value_given(option->share)) return false;
    const double *now = &self->value[option->share.slot];
    if (memcmp(own->value, now, size) == 0) return false;
    memcpy(own->value, now, size);
    return true;
}

static bool note_changes(struct replication *self, const struct station *station)
{
    struct choice_cohorts *own = flows_area(self, (uint32_t)(station - self->network->station));
    bool any = false;
    for (uint32_t o = 0; o < station->choice.option_count; o++)
        any |= note_values(self, &station->choice.option[o], &own->option[o]);
    return any;
}

static void cohort_tabulate(struct replication *self, const struct station *station)
{
    const size_t classes = self->network->class_count;
    struct choice_cohorts *own = flows_area(self, (uint32_t)(station - self->network->station));
    uint32_t last = station->choice.option_count - 1;
    tabulate(self, station);
    own->can_choose = 0;
    for (uint32_t c = 0; c < classes; c++) {
        const double *table = table_of(self, station, c);
        own->can_choose |= (uint64_t)(table[last] > 0) << c;
        for (uint32_t o = 0; o <= last; o++) own->option[o].chance[c] = chance_of(self, table, o, last);
    }
    for (uint32_t o = 0; o <= last; o++) {
        own->option[o].open = numbers_positive(own->option[o].chance, classes);
        own->option[o].alike = numbers_alike(own->option[o].chance, classes);
    }
}

static void cohort_day(struct replication *self, const struct station *station)
{
    const bool first = self->state->day == -self->network->spin_up_days;
    if (first) note_changes(self, station);
    if (station->choice.logit || first) cohort_tabulate(self, station);
}

/* On most days on which something changes it is not these shares. A logit's are made anew each day. */
static void cohort_changed(struct replication *self, const struct station *station)
{
    if (!station->choice.logit && note_changes(self, station)) cohort_tabulate(self, station);
}

/* Sends on those of a row who choose option `o`. */
static void choose(struct replication *self, const struct station *station, uint32_t group, uint32_t o,
                   const struct option_cohorts *option)
{
    const uint32_t classes = (uint32_t)self->network->class_count, first = group * classes;
    uint32_t index = (uint32_t)(station - self->network->station), route = station->choice.option[o].route;
    struct cohort *row = &flows_inflow(self, index)[first];
    struct cohort *part = self->flows.scratch;
    uint64_t all = self->flows.filled[index * self->flows.groups + group] & option->open;
    if (self->expected) {
        cohorts_send(self, route, group, row, all,
                     (struct flows_share){option->chance[0], option->alike ? NULL : option->chance});
        return;
    }
    memset(part, 0, classes * sizeof *part);
    flows_thin_row(self, index, group, PURPOSE_DECISION + 256 * o, all, row, option->chance, part);
    cohorts_follow(self, route, group, part, cohorts_bits(self, part));
}

static void turn(struct replication *self, const struct station *station)
{
    uint32_t index = (uint32_t)(station - self->network->station);
    const struct choice_cohorts *own = flows_area(self, index);
    for (uint32_t group = 0; group < self->flows.groups; group++) {
        uint64_t bits = self->flows.filled[index * self->flows.groups + group];
        if (bits & ~own->can_choose) {
            replication_fail(self, "a choice has no option with a share for somebody's class");
            return;
        }
        for (uint32_t o = 0; o < station->choice.option_count && bits; o++)
            choose(self, station, group, o, &own->option[o]);
    }
}

const struct kind kind_choice = {.name = "choice",
                                 .enter = enter,
                                 .day = day,
                                 .changed = tabulate,
                                 .cohort_memory = cohort_memory,
                                 .cohort_day = cohort_day,
                                 .cohort_changed = cohort_changed,
                                 .turn = turn};
