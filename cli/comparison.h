/* The tables of `corridor compare`. */
#ifndef CORRIDOR_CLI_COMPARISON_H
#define CORRIDOR_CLI_COMPARISON_H

#include "analysis/measures.h"
#include "cli/csv.h"

#include <stdio.h>

struct comparison {
    const struct measures *base, *alternative;
    size_t base_scenario, alternative_scenario;
    const char **measure; /* wanted; none: the main ones */
    size_t measure_count;
    FILE *csv; /* or NULL */
};

/* Opens the table that comparison_print also writes to. */
bool comparison_open_csv(struct comparison *self, const char *path, struct error *error);
/* Prints the differences of one alternative; returns the exit code. */
int comparison_print(const struct comparison *self);

#endif
