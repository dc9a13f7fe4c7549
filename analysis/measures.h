/* A results file read back: the table of measures, and what the study was. */
#ifndef CORRIDOR_ANALYSIS_MEASURES_H
#define CORRIDOR_ANALYSIS_MEASURES_H

#include "sim/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct measures {
    size_t scenarios, replications, bins, columns;
    char **scenario, **column;    /* names */
    int32_t *first_day, *end_day; /* of each bin, days since 1970-01-01; end exclusive */
    double *value;                /* scenario x replication x bin x column */
    unsigned char *complete;      /* scenario x replication */
    char **text;                  /* resolved scenario of each, or "" */
    uint64_t seed;
    double scale;
    char *version;
    char *engine, *step; /* as `corridor run` was told; step is "" for agents */
    bool fixed;          /* all values at their central value, none drawn from its range */
};

/* Reads runs/measures of a finished results file. The caller frees with measures_free. */
bool measures_read(struct measures *self, const char *path, struct error *error);
/* Any dataset (scenario, replication, time, `axis`), or with one more dimension, which is added up, read like
 * measures_read. The caller frees with measures_free. */
bool measures_read_dataset(struct measures *self, const char *path, const char *dataset, const char *axis,
                           struct error *error);
void measures_free(struct measures *self);

/* Index of a name, or SIZE_MAX. */
size_t measures_scenario(const struct measures *self, const char *name);
size_t measures_column(const struct measures *self, const char *name);
static inline double measures_at(const struct measures *self, size_t scenario, size_t replication, size_t bin,
                                 size_t column)
{
    return self
        ->value[((scenario * self->replications + replication) * self->bins + bin) * self->columns + column];
}

#endif
