/* How a measure is brought together over several bins, and which measures a person wants to see first. */
#ifndef CORRIDOR_ANALYSIS_SUMMARY_H
#define CORRIDOR_ANALYSIS_SUMMARY_H

#include "analysis/measures.h"
#include "analysis/spread.h"

enum measure_kind {
    MEASURE_EVENTS, /* counts and spending: added up */
    MEASURE_WAIT,   /* mean waits: averaged over the bins in which one ended */
    MEASURE_LEVEL,  /* stocks and balances at the end of the bin: the last one counts */
};

/* Told by the measure's name: _wait_days, _balance and present are not added up. */
enum measure_kind measure_kind(const char *name);

/* The measure over bins first..last of one replication; NaN when no wait ended. */
double measure_over(const struct measures *self, size_t scenario, size_t replication, size_t first,
                    size_t last, size_t column);

/* The spread of that number over the complete replications. */
struct spread measure_spread(const struct measures *self, size_t scenario, size_t first, size_t last,
                             size_t column, double level);

/* Columns worth a table of their own in a study of a corridor: encounters, stops, appointments, the wait for
 * an appointment (the first station that the stored scenario text calls a ballot), and the balance of the
 * account `inm`. Columns that are zero throughout are left out, as are all but the first MAIN_MOST. Returns
 * how many there are; none for models of another sort, such as queues. */
enum { MAIN_MOST = 8 };
size_t measures_main(const struct measures *self, size_t column[MAIN_MOST]);

/* Whether the column is zero or NaN in all complete replications. */
bool measures_empty(const struct measures *self, size_t column);

#endif
