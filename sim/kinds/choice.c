/* Choice: people part ways, by fixed shares or by a logit on what was measured some days ago. The weights are
 * tabulated once a day (and when a value changes); an option without weight for a class is never taken. */
#include "sim/kinds/kind.h"

#include <math.h>

static double weight_of(const struct replication *self, const struct choice *choice,
                        const struct choice_option *option, uint32_t class)
{
    if (!(option->classes >> class & 1)) return 0;
    double weight = value_of(self, option->share, class);
    if (!choice->logit) return weight;
    for (uint32_t t = 0; t < option->term_count; t++)
        weight +=
            value_of(self, option->term[t].coefficient, class) * self->signal_value[option->term[t].signal];
    return exp(weight);
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

const struct kind kind_choice = {.name = "choice", .enter = enter, .day = day, .changed = tabulate};
