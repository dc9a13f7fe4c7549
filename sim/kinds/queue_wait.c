/* How long cohorts wait who come to a queue that works at a rate and are all served in the step in which they
 * come. */
#include "sim/kinds/queue.h"

#include <math.h>

#define ENOUGH     1e-7 /* of a wait */
#define LARGE_LOAD 1e4  /* servers */
#define NO_LOSS    1e-18
#define BUSY       0.999999 /* of servers: the chance to wait says little of a load of all */

/* The waits, in steps, of `people` who come anywhere in a step in which so many are served one after the
 * other: as steps were a circle, on which keys of a hash table are displaced as much by linear probing
 * (Knuth, The Art of Computer Programming 3, 1973, 6.4, theorem K). Of its terms those from `first` on, and a
 * part of the one before where that is no whole number. */
static double waits_within_step(double people, double serves, double first)
{
    const double service = 1 / serves;
    double term = 1, sum = 0;
    for (double others = people - 1, number = 1; others > 0 && term > ENOUGH * sum; others--, number++) {
        term *= others * service;
        sum += term * fmin(1, fmax(0, number + 1 - first));
    }
    return people > 0 ? people * sum * service / 2 : 0;
}

/* The share that would be turned away by so many servers without a line (Erlang 1917, formula B), server by
 * server; of an offered load of many the limit for large ones (Jagerman, Some Properties of the Erlang Loss
 * Function, Bell System Technical Journal 53, 1974: phi(z) / (Phi(z) sqrt(a)) at z = (n - a) / sqrt(a)). */
static double erlang_loss(double servers, double offered)
{
    if (offered > LARGE_LOAD) {
        const double z = (servers - offered) / sqrt(offered);
        return exp(-z * z / 2) / (sqrt(M_PI / 2) * erfc(-z / sqrt(2)) * sqrt(offered));
    }
    double lost = 1;
    for (double server = 1; server <= servers && lost > NO_LOSS; server++)
        lost = offered * lost / (server + offered * lost);
    return lost;
}

/* The chance to wait for one of several servers (Erlang 1917, formula C). */
static double chance_to_wait(double servers, double load)
{
    const double lost = erlang_loss(servers, load * servers);
    return lost / (1 - load * (1 - lost));
}

/* In expectation the people of a span are a Poisson number, of which three values stand for all: where not
 * nearly all of the span is needed it is the wait of Poisson arrivals for one length of service (Khinchine,
 * 1932). In spans. */
static double expected_wait(people_t people, double serves)
{
    const double apart = sqrt(3 * people);
    return (waits_within_step(people - apart, serves, 1) + 4 * waits_within_step(people, serves, 1) +
            waits_within_step(fmin(people + apart, fmax(serves, people)), serves, 1)) /
           (6 * people);
}

double queue_wait_within_step(const struct replication *self, const struct station *station, people_t people,
                              double servers, double serves)
{
    const bool one = value_given(station->queue.per_day);
    const double variance = one ? 0 : distribution_variance(&station->queue.service.shape),
                 load = fmin(people / serves, BUSY),
                 chance = one ? load : chance_to_wait(fmax(1, round(servers)), load);
    if (!(chance > 0)) return 0;
    if (self->expected) { /* no line lasts from step to step: a day of such steps is looked at as one */
        const double steps = self->engine.steps_per_day;
        return expected_wait(people * steps, serves * steps) * steps * (1 + variance) * (chance / load);
    }
    return waits_within_step(people, serves, log(chance) / log(load)) / people * (1 + variance);
}
