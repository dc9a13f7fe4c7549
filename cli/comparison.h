/* The tables of `corridor compare`. */
#ifndef CORRIDOR_CLI_COMPARISON_H
#define CORRIDOR_CLI_COMPARISON_H

#include "analysis/measures.h"
#include "cli/csv.h"

#include <stdio.h>

struct comparison {
    const struct measures *base, *alternative;
    size_t base_scenario, alternative_scenario;
    const char *base_file, *alternative_file; /* by which two scenarios of one name are told apart; or NULL */
    const char **measure;                     /* wanted; none: the main ones */
    size_t measure_count;
    const char *csv_path; /* a table to write, too; or NULL */
    FILE *csv;            /* NULL until there is something to write; the caller closes it */
};

/* Prints the differences of one alternative; returns the exit code. */
int comparison_print(struct comparison *self);

#endif
