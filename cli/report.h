/* What a person wants to know of a study at its end: short tables with intervals. */
#ifndef CORRIDOR_CLI_REPORT_H
#define CORRIDOR_CLI_REPORT_H

#include "analysis/measures.h"

#include <stdio.h>

#define REPORT_LEVEL 0.90

/* Bins that share a row of a table: one each, or several where there would be too many rows. */
enum { REPORT_ROWS = 36 };
struct report_rows {
    size_t count, bins_per_row, bins;
};
struct report_rows report_rows(const struct measures *measures);
size_t report_first_bin(const struct report_rows *rows, size_t row);
size_t report_last_bin(const struct report_rows *rows, size_t row);
/* "month", "week of", "day" or "from": the head of the column that period_text fills. */
const char *report_period_head(const struct measures *measures);
/* "in total", "mean of the periods", "at the end": what measure_over makes of the whole time. */
const char *report_total_name(const char *measure);

/* Tables of the main measures of each scenario; for models without them, stations and all measures. `path` is
 * the file that `measures` was read from. */
void report_print(const struct measures *measures, const char *path, FILE *stream);

#endif
