/* The measures of a results file as a long table for spreadsheets. */
#ifndef CORRIDOR_CLI_CSV_H
#define CORRIDOR_CLI_CSV_H

#include "analysis/measures.h"

#include <stdio.h>

/* Writes scenario,replication,bin_start,measure,value for every complete replication; a missing value is
 * empty. */
bool csv_write(const struct measures *measures, const char *path, struct error *error);
/* One field, in quotes where RFC 4180 wants them. */
void csv_text(FILE *stream, const char *text);
/* The shortest form that reads back as the same number. */
void csv_number(FILE *stream, double number);
/* Flushes and closes; false with the reason. */
bool csv_close(FILE *stream, const char *path, struct error *error);

#endif
