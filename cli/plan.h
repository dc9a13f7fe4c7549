/* What `run --dry-run` prints. */
#ifndef CORRIDOR_CLI_PLAN_H
#define CORRIDOR_CLI_PLAN_H

#include "sim/study.h"

#include <stdio.h>

/* Prints what the study would run, need and write. False when the study cannot be put together. */
bool plan_print(const struct study *study, const char *path, FILE *stream, struct error *error);

/* One line for each thing that the engine or the scale does not tell well of these networks, with the first
 * station that it is true of. */
void plan_print_caveats(const struct study *study, FILE *stream);

#endif
