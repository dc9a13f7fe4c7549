/* The report of a model of queues. */
#ifndef CORRIDOR_CLI_REPORT_STATIONS_H
#define CORRIDOR_CLI_REPORT_STATIONS_H

#include "analysis/measures.h"
#include "analysis/spread.h"

#include "cli/table.h"

/* Waits and busy servers of each station, then all other measures that are not zero, over the whole time. */
void report_print_stations(const struct measures *measures, const char *path, FILE *stream);

/* Cells that both reports share: a head, mean, interval, width, width by chance. */
void report_add_heads(struct table *table, const char *first);
void report_add_spread(struct table *table, const struct spread *spread, int decimals);

#endif
