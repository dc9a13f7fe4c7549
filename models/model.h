/* From a scenario file to a compiled network: the front door of this room. */
#ifndef CORRIDOR_MODELS_MODEL_H
#define CORRIDOR_MODELS_MODEL_H

#include "models/document.h"
#include "models/problems.h"
#include "sim/network.h"

/* A published figure that the scenario must reproduce. */
struct target {
    const char *measure; /* a measure of runs/measures, for example "encounters" */
    const char *period;  /* as written: 2023-12 or 2023-12-18/2023-12-24 */
    double value;
    double tolerance_percent;
    const char *scope, *source;
    bool check_only; /* use: check (never fitted) */
};

struct model {
    char *name; /* the scenario's file name without folder and .yaml */
    struct network *network;
    struct document document; /* the resolved tree; keeps the texts alive */
    char *text;               /* the resolved scenario as YAML */
    const char *data; /* the tables it reads, each behind a line "# FILE"; the network's; NULL: none */
    struct target *target;
    size_t target_count;
};

/* Loads, checks and compiles one scenario. All mistakes are added to `problems` in one go; false when there
 * is any. `installed`: NULL-terminated folders holding scenarios/ and models/ (see model_folders). `sets`:
 * path=value texts. */
bool model_load(struct model *self, struct problems *problems, const char *path, const char *const *installed,
                const char *const *sets, size_t set_count);
void model_free(struct model *self);

/* Folders to look in for installed models and scenarios: of a program in its build tree the source tree, of
 * any other the data folder beside it (../share/corridor), so that an installation can be moved; then the
 * data folder that the build was configured for. Only those that exist. NULL-terminated, freed by one free();
 * NULL without memory. */
const char **model_folders(void);

/* One key of the scenario language, for `corridor keys`, completion and messages. */
struct key_entry {
    const char *context;  /* "scenario", "station", "gate", "account", ... */
    const char *name;     /* a key in _days or per_day may be written in other units, see models/schema.h */
    const char *unit;     /* "days", "people per day", "1", "" ... */
    const char *type;     /* "value", "number", "date", "name", "list", ... */
    double low, high;     /* allowed range; NaN where none */
    const char *fallback; /* the default as text; "" when the key is required, "-" when absent means off */
    const char *meaning;
    const char *source;       /* source and status of the default, "" when there is none */
    const char *const *words; /* the words allowed, NULL-terminated; NULL when there is no such list */
    int form;                 /* for the compiler: enum key_form of models/schema.h, */
    size_t offset;            /* and where in the struct being filled the key goes */
};

/* The whole table, in order of context. */
const struct key_entry *model_keys(size_t *count);

#endif
