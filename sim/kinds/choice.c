/* Choice: people part ways, by fixed shares or by a logit on what was measured some days ago. The weights are
 * tabulated once a day (and when a value changes); an option without weight for a class is never taken. */
#include "sim/kinds/kind.h"
#include "sim/numbers.h"

#include <math.h>
#include <string.h>

/* Less is rounding: without this, in expectation, 1e-16 of everyone would take a way that has no share. */
#define SMALLEST_REST 1e-12

static double own_weight(const struct replication *self, const struct choice *choice,
                         const struct choice_option *option, uint32_t class)
{
    if (option->rest || !(option->classes >> class & 1)) return 0;
    double weight = value_of(self, option->share, class);
    if (!choice->logit) return weight;
    for (uint32_t t = 0; t < option->term_count; t++)
        weight +=
            value_of(self, option->term[t].coefficient, class) * self->signal_value[option->term[t].signal];
    return exp(weight);
}

/* What the shares of the others leave of 1. Drawn values and policies can make them leave less than nothing:
 * then this is 0, and the others are taken in proportion to their shares. */
static double rest_weight(const struct replication *self, const struct choice *choice, uint32_t class)
{
    double rest = 1;
    for (uint32_t o = 0; o < choice->option_count; o++)
        rest -= own_weight(self, choice, &choice->option[o], class);
    return rest > SMALLEST_REST ? rest : 0;
}

static double weight_of(const struct replication *self, const struct choice *choice,
                        const struct choice_option *option, uint32_t class)
{
    if (option->rest && option->classes >> class & 1) return rest_weight(self, choice, class);
    return own_weight(self, choice, option, class);
}

static double *table_of(const struct replication *self, const struct station *station, uint32_t class)
{
    return self->choice_weight + self->choice_first[station - self->network->station] +
           class * station->choice.option_count;
}

static void tabulate(struct replication *self, const struct station *station)
{
    const struct choice *choice = &station->choice;
    for (uint32_t c = 0; c < self->network->class_count; c++) {
        double *table = table_of(self, station, c), sum = 0;
        for (uint32_t o = 0; o < choice->option_count; o++) {
            sum += weight_of(self, choice, &choice->option[o], c);
            table[o] = sum;
        }
    }
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

/* Takes those of a row who choose option `o` into `part`; returns the classes that have some. */
static uint64_t choose(struct replication *self, const struct station *station, uint32_t first_lane,
                       uint32_t o, struct cohort row[], uint64_t all, struct cohort part[])
{
    uint32_t index = (uint32_t)(station - self->network->station), last = station->choice.option_count - 1;
    uint64_t chosen = 0;
    memset(part, 0, self->network->class_count * sizeof *part);
    for (uint64_t bits = all; bits; bits &= bits - 1) {
        uint32_t class = (uint32_t)__builtin_ctzll(bits);
        const double *table = table_of(self, station, class);
        double before = o > 0 ? table[o - 1] : 0, weight = table[o] - before;
        if (!(weight > 0) || !(row[class].people > 0)) continue;
        struct dice dice;
        flows_dice(self, index, first_lane + class, PURPOSE_DECISION + 256 * o, &dice);
        part[class] =
            cohort_thin(&row[class], &dice, table[o] < table[last] ? weight / (table[last] - before) : 1);
        if (part[class].people > 0) chosen |= (uint64_t)1 << class;
    }
    return chosen;
}

/* The same with expectations where all classes share one table. */
static uint64_t choose_alike(struct replication *self, const struct station *station, uint32_t o,
                             struct cohort row[], uint64_t bits, struct cohort part[])
{
    const double *table = table_of(self, station, 0);
    uint32_t last = station->choice.option_count - 1;
    double before = o > 0 ? table[o - 1] : 0, weight = table[o] - before;
    struct span span = span_of(bits);
    if (!(weight > 0)) return 0;
    memset(part + span.first, 0, span.count * sizeof *part);
    numbers_move_share(&part[span.first].people, &row[span.first].people, span.count * COHORT_NUMBERS,
                       table[o] < table[last] ? weight / (table[last] - before) : 1);
    return bits;
}

/* What a choice keeps: whether all classes have the same table. */
static size_t cohort_memory(const struct replication *self, const struct station *station)
{
    (void)self, (void)station;
    return sizeof(bool);
}

static void cohort_tabulate(struct replication *self, const struct station *station)
{
    bool *alike = flows_area(self, (uint32_t)(station - self->network->station));
    size_t bytes = station->choice.option_count * sizeof(double);
    tabulate(self, station);
    *alike = true;
    for (uint32_t c = 1; c < self->network->class_count && *alike; c++)
        *alike = memcmp(table_of(self, station, 0), table_of(self, station, c), bytes) == 0;
}

static void cohort_day(struct replication *self, const struct station *station)
{
    if (station->choice.logit || self->state->day == -self->network->spin_up_days)
        cohort_tabulate(self, station);
}

static bool everyone_can_choose(struct replication *self, const struct station *station, uint64_t bits)
{
    for (; bits; bits &= bits - 1)
        if (!(table_of(self, station, (uint32_t)__builtin_ctzll(bits))[station->choice.option_count - 1] >
              0)) {
            replication_fail(self, "a choice has no option with a share for somebody's class");
            return false;
        }
    return true;
}

static void turn(struct replication *self, const struct station *station)
{
    const struct choice *choice = &station->choice;
    const uint32_t classes = (uint32_t)self->network->class_count;
    uint32_t index = (uint32_t)(station - self->network->station);
    const bool *alike = flows_area(self, index);
    struct cohort *part = self->flows.scratch;
    for (uint32_t group = 0; group < self->flows.groups; group++) {
        struct cohort *row = &self->flows.inflow[index * self->flows.lanes + group * classes];
        uint64_t bits = self->flows.filled[index * self->flows.groups + group];
        if (!everyone_can_choose(self, station, bits)) return;
        for (uint32_t o = 0; o < choice->option_count && bits; o++) {
            uint64_t chosen = self->expected && *alike
                                  ? choose_alike(self, station, o, row, bits, part)
                                  : choose(self, station, group * classes, o, row, bits, part);
            cohorts_follow(self, choice->option[o].route, group, part, chosen);
        }
    }
}

const struct kind kind_choice = {.name = "choice",
                                 .enter = enter,
                                 .day = day,
                                 .changed = tabulate,
                                 .cohort_memory = cohort_memory,
                                 .cohort_day = cohort_day,
                                 .cohort_changed = cohort_tabulate,
                                 .turn = turn};
