#include "analysis/spread.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

static bool counts(const double *number, const unsigned char *complete, size_t i)
{
    return (!complete || complete[i]) && !isnan(number[i]);
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Linear interpolation between order statistics: type 7 of Hyndman and Fan, "Sample quantiles in statistical
 * packages", American Statistician 50 (1996), the default of R and NumPy. */
static double quantile(const double *sorted, size_t count, double p)
{
    double at = p * (double)(count - 1);
    size_t below = (size_t)at;
    if (below + 1 >= count) return sorted[count - 1];
    return sorted[below] + (at - (double)below) * (sorted[below + 1] - sorted[below]);
}

static void find_interval(struct spread *self, const double *number, const unsigned char *complete,
                          size_t count, double level)
{
    double *sorted = malloc(self->count * sizeof *sorted);
    if (!sorted) return;
    size_t kept = 0;
    for (size_t i = 0; i < count; i++)
        if (counts(number, complete, i)) sorted[kept++] = number[i];
    qsort(sorted, kept, sizeof *sorted, compare);
    self->low = quantile(sorted, kept, (1 - level) / 2);
    self->high = quantile(sorted, kept, (1 + level) / 2);
    self->width = self->high - self->low;
    free(sorted);
}

/* Sums over replications, and over pairs of replications with the same parameters. */
struct sums {
    double square, chance; /* squared deviations; half squared differences within whole pairs */
    double cluster;        /* squared sums of deviations of each pair */
    size_t pairs, whole_pairs;
};

static struct sums add_up(const double *number, const unsigned char *complete, size_t count, double mean)
{
    struct sums sums = {0};
    for (size_t i = 0; i < count; i += 2) {
        bool first = counts(number, complete, i), second = i + 1 < count && counts(number, complete, i + 1);
        if (!first && !second) continue;
        double a = first ? number[i] - mean : 0, b = second ? number[i + 1] - mean : 0;
        sums.square += a * a + b * b;
        sums.cluster += (a + b) * (a + b);
        sums.pairs++;
        if (!first || !second) continue;
        sums.chance += (a - b) * (a - b) / 2;
        sums.whole_pairs++;
    }
    return sums;
}

struct spread spread_of(const double *number, const unsigned char *complete, size_t count, double level)
{
    struct spread self = {.mean = NAN,
                          .low = NAN,
                          .high = NAN,
                          .width = NAN,
                          .chance_width = NAN,
                          .deviation = NAN,
                          .standard_error = NAN};
    double total = 0, least = INFINITY, most = -INFINITY;
    for (size_t i = 0; i < count; i++)
        if (counts(number, complete, i)) {
            total += number[i];
            least = fmin(least, number[i]);
            most = fmax(most, number[i]);
            self.count++;
        }
    if (self.count == 0) return self;
    double n = (double)self.count;
    /* Equal numbers are their own mean: rounding would make them deviate from it. */
    self.mean = least < most ? total / n : most;
    if (self.count == 1) return self; /* one number has no interval */
    find_interval(&self, number, complete, count, level);
    struct sums sums = add_up(number, complete, count, self.mean);
    const double variance = sums.square / (n - 1);
    self.deviation = sqrt(variance);
    if (sums.whole_pairs > 0) {
        const double chance = sums.chance / (double)sums.whole_pairs;
        /* Chance is part of the whole: a larger estimate of it is noise. */
        self.chance_width = chance < variance ? self.width * sqrt(chance / variance) : self.width;
    }
    /* The variance of a mean of clusters; with whole pairs only, that of the mean of the pair averages. */
    double pairs = (double)sums.pairs;
    if (sums.pairs > 1) self.standard_error = sqrt(sums.cluster * pairs / (pairs - 1)) / n;
    return self;
}
