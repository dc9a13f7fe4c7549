#include "analysis/paired.h"

#include "analysis/spread.h"

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdlib.h>

/* Sums of expectations in another order differ by this share of them. */
#define ROUNDING 1e-12

/* Finds replications that both have; fills their differences. */
static unsigned char *find_common(const double *base, const double *alternative, size_t count,
                                  double *difference)
{
    unsigned char *common = calloc(count + 1, 1);
    for (size_t i = 0; common && i < count; i++) {
        difference[i] = alternative[i] - base[i];
        if (!isnan(difference[i])) common[i] = 1;
    }
    return common;
}

static double squared_error(const double *number, const unsigned char *common, size_t count, double level)
{
    double error = spread_of(number, common, count, level).standard_error;
    return error * error;
}

struct paired paired_of(const double *base, const double *alternative, size_t count, double level)
{
    struct paired self = {
        .base = NAN, .alternative = NAN, .mean = NAN, .low = NAN, .high = NAN, .saved = NAN};
    double *difference = calloc(count + 1, sizeof *difference);
    unsigned char *common = difference ? find_common(base, alternative, count, difference) : NULL;
    if (common) {
        for (size_t i = 0; i < count; i += 2) self.units += common[i] || common[i + 1];
        struct spread spread = spread_of(difference, common, count, level);
        self.count = spread.count;
        self.mean = spread.mean;
        self.base = spread_of(base, common, count, level).mean;
        self.alternative = spread_of(alternative, common, count, level).mean;
        double error = spread.standard_error;
        if (self.units > 1) {
            double half = gsl_cdf_tdist_Pinv((1 + level) / 2, (double)(self.units - 1)) * error;
            self.low = self.mean - half;
            self.high = self.mean + half;
        }
        if (error > ROUNDING * fmax(fabs(self.base), fabs(self.alternative)))
            self.saved = (squared_error(base, common, count, level) +
                          squared_error(alternative, common, count, level)) /
                         (error * error);
    }
    free(common);
    free(difference);
    return self;
}
