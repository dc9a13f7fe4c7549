/* Files that a verb is to write, looked at before anything runs. */
#ifndef CORRIDOR_CLI_OUTPUTS_H
#define CORRIDOR_CLI_OUTPUTS_H

#include "cli/options.h"

/* A file to be written, and what the command line calls it: "-o" or "--csv". */
struct output {
    const char *option, *path;
};

/* Whether two paths lead to one file, be it there or not. */
bool outputs_same(const char *a, const char *b);

/* Refuses an output that is one of the files read. Returns EXIT_DONE or the exit code. */
int output_refuse_read(const struct verb *verb, struct output output, char *const *read, size_t count);
/* Refuses a folder. */
int output_refuse_folder(const struct verb *verb, struct output output);
/* Refuses a table that is there already, unless it is to be replaced. */
int output_refuse_existing(const struct verb *verb, struct output output, bool replace);
/* Whether the file could be written; leaves nothing behind. Hours of work should not end with a table that
 * cannot be. */
int output_try(const struct verb *verb, struct output output);

#endif
