/* Times spent at stations, and servers busy, over the whole run: what a person wants to know of a queue. */
#ifndef CORRIDOR_ANALYSIS_WAITS_H
#define CORRIDOR_ANALYSIS_WAITS_H

#include "analysis/measures.h"

/* One number per scenario, station and replication, of the whole recorded time. */
struct waits {
    struct measures ended; /* waits that ended, by bin; scenarios, replications and stations (columns) */
    double *count;         /* scenario x station x replication: waits that ended */
    double *mean_days;     /* their mean, days; NaN when there was none */
    double *busy;          /* servers busy, mean over time */
};

/* False when the file does not record waits, or cannot be read. The caller frees with waits_free. */
bool waits_read(struct waits *self, const char *path, struct error *error);
void waits_free(struct waits *self);

/* Index into the arrays above of a station's first replication. */
static inline size_t waits_at(const struct waits *self, size_t scenario, size_t station)
{
    return (scenario * self->ended.columns + station) * self->ended.replications;
}

#endif
