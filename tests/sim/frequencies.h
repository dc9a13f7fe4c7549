/* Chi-square tests of samplers, for the tests of sim/random_*.c. Include after cmocka.h. */
#ifndef CORRIDOR_TESTS_SIM_FREQUENCIES_H
#define CORRIDOR_TESTS_SIM_FREQUENCIES_H

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

#define check_within(got, want, tolerance, at)                                                               \
    do {                                                                                                     \
        double got_ = (got), want_ = (want), tolerance_ = (tolerance);                                       \
        if (!(fabs(got_ - want_) <= tolerance_))                                                             \
            fail_msg("at %g: %s is %.17g, not %.17g +- %g", (at), #got, got_, want_, tolerance_);            \
    } while (0)

/* How often `first`, first + 1, ... came up, and how often they should have. */
struct frequencies {
    uint64_t first;
    size_t size;
    double *count, *want;
};

static inline struct frequencies tally_new(uint64_t first, size_t size)
{
    struct frequencies tally = {first, size, calloc(size, sizeof(double)), calloc(size, sizeof(double))};
    assert_non_null(tally.count);
    assert_non_null(tally.want);
    return tally;
}

static inline void tally_free(struct frequencies *tally)
{
    free(tally->count);
    free(tally->want);
}

/* Counts outside the tally, where hardly any are due, count at its ends. */
static inline void tally_add(struct frequencies *tally, uint64_t k)
{
    uint64_t i = k > tally->first ? k - tally->first : 0;
    tally->count[i < tally->size ? i : tally->size - 1]++;
}

/* Chance of a chi-square as large, from cells that each expect at least `least` (what is left at the end
 * joins the last); 1 where a single cell holds all. */
static inline double tally_chance_of_cells(const struct frequencies *tally, double least)
{
    double sum = 0, cells = 0, seen = 0, want = 0, left = 0;
    for (size_t i = 0; i < tally->size; i++) left += tally->want[i];
    for (size_t i = 0; i < tally->size; i++) {
        seen += tally->count[i];
        want += tally->want[i];
        left -= tally->want[i];
        bool is_last = i + 1 == tally->size;
        if (!is_last && (want < least || left < least)) continue;
        if (want > 0)
            sum += (seen - want) * (seen - want) / want;
        else
            assert_true(seen == 0);
        cells++;
        seen = want = 0;
    }
    return cells > 1 ? gsl_cdf_chisq_Q(sum, cells - 1) : 1;
}

/* The lesser of the chances with fine cells, which single out one count, and with a few dozen, which add up
 * what a run of counts has too much or too little. */
static inline double tally_chance(const struct frequencies *tally)
{
    double all = 0;
    for (size_t i = 0; i < tally->size; i++) all += tally->want[i];
    return fmin(tally_chance_of_cells(tally, 20), tally_chance_of_cells(tally, fmax(20, all / 30)));
}

/* Sum and sum of squares of distances from the expectation. */
/* Of counts of successes in so many trials. */
static inline struct frequencies binomial_tally(double people, double p, int times)
{
    double mean = people * p, spread = 9 * sqrt(mean * (1 - p)) + 20;
    double from = fmax(0, floor(mean - spread)), last = fmin(people, ceil(mean + spread));
    struct frequencies tally = tally_new((uint64_t)from, (size_t)(last - from) + 1);
    for (size_t i = 0; i < tally.size; i++)
        tally.want[i] = times * gsl_ran_binomial_pdf((unsigned)(tally.first + i), p, (unsigned)people);
    return tally;
}

struct moments {
    double sum, squares;
};

static inline void moments_add(struct moments *moments, double distance)
{
    moments->sum += distance;
    moments->squares += distance * distance;
}

/* Mean 0 and this variance within 5 standard errors, for counts of a bell-shaped distribution. */
static inline void moments_check(const struct moments *moments, double n, double variance, double at)
{
    check_within(moments->sum / n, 0, 5 * sqrt(variance / n), at);
    double error = sqrt((2 * variance * variance + variance) / n);
    check_within(moments->squares / n, variance, 5 * error, at);
}

#endif
