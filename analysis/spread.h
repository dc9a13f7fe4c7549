/* Mean and central interval of one number per replication. */
#ifndef CORRIDOR_ANALYSIS_SPREAD_H
#define CORRIDOR_ANALYSIS_SPREAD_H

#include <stddef.h>

/* Of `count` numbers, one for each replication; those whose `complete` is 0 (NULL: none), and NaN, are left
 * out. Replications 2k and 2k+1 share their parameter values, so half the mean squared difference within such
 * pairs is the variance of chance alone; the spread over all is chance and parameters. */
struct spread {
    size_t count;
    double mean;
    double low, high; /* empirical quantiles (1-level)/2 and (1+level)/2 over chance and parameters */
    double width;     /* high - low */
    double
        chance_width; /* the width that chance alone would give: width * sqrt(chance variance / variance) */
    double deviation; /* standard deviation over the replications */
    double standard_error; /* of the mean; pairs are the units */
};
struct spread spread_of(const double *number, const unsigned char *complete, size_t count, double level);

#endif
