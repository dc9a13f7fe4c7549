/* The difference between two scenarios that share their random numbers, replication by replication. */
#ifndef CORRIDOR_ANALYSIS_PAIRED_H
#define CORRIDOR_ANALYSIS_PAIRED_H

#include <stddef.h>

struct paired {
    size_t count;             /* replications that both have */
    size_t units;             /* independent pairs of replications 2k, 2k+1 among them */
    double base, alternative; /* means over these replications */
    double mean;              /* of alternative - base */
    double low, high; /* central interval of that mean: Student's t over the units; NaN below two units */
    /* How many times the replications unpaired runs would need for an interval as narrow:
     * (var base + var alternative) / var difference. NaN when the difference does not vary by more than
     * rounding, as between expectations. */
    double saved;
};

/* `base` and `alternative` hold one number per replication, NaN where it is missing or not complete.
 * Replications 2k and 2k+1 share their parameter values, so each such pair is one independent unit. */
struct paired paired_of(const double *base, const double *alternative, size_t count, double level);

#endif
