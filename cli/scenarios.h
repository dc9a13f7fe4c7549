/* The scenario files named on the command line, loaded. */
#ifndef CORRIDOR_CLI_SCENARIOS_H
#define CORRIDOR_CLI_SCENARIOS_H

#include "cli/options.h"
#include "models/model.h"

struct scenarios {
    struct model *model;
    size_t count;
    char **file; /* every file that was read: scenarios, what they extend, models and data */
    size_t file_count;
};

/* The row of --set, the same for every verb that loads scenarios. */
#define SET_OPTION                                                                                           \
    {                                                                                                        \
        0, "set", "PATH=VALUE", NULL, "set a value by its dotted path, in all scenarios; can be repeated",   \
            NULL                                                                                             \
    }

/* Loads all operands with the verb's --set. Mistakes in all of them are printed on stderr. Returns EXIT_DONE
 * or the exit code; the caller frees with scenarios_free in any case. */
int scenarios_load(struct scenarios *self, const struct parsed *arguments);
void scenarios_free(struct scenarios *self);

#endif
