#include "cli/key_path.h"

#include "models/schema.h"

#include <string.h>

/* A key that holds a map or list, and what the keys below it belong to. */
static const struct descent {
    const char *context, *key, *below;
    enum { BARE, NAMED, DEEP, SHARES } names; /* below a name; below names with dots; only if there is more */
} descents[] = {
    {"scenario", "record", "record", BARE},
    {"scenario", "places", "place", NAMED},
    {"scenario", "measures", "measure", NAMED},
    {"scenario", "schedules", "schedule", DEEP},
    {"scenario", "capacities", "capacity", NAMED},
    {"scenario", "accounts", "account", NAMED},
    {"scenario", "ballots", "ballot", NAMED},
    {"scenario", "signals", "signal", NAMED},
    {"scenario", "stations", "station", NAMED},
    {"scenario", "policies", "policy", NAMED},
    {"scenario", "targets", "target", NAMED},
    {"account", "unit_cost_mxn", "unit_cost", BARE},
    {"account", "grants", "grant", NAMED},
    {"ballot", "lead", "duration", BARE},
    {"ballot", "offices", "office", NAMED},
    {"source", "interval", "duration", BARE},
    {"source", "mix", "mix", NAMED},
    {"source", "batches", "batch", NAMED},
    {"delay", "duration", "duration", BARE},
    {"delay", "hazards", "hazard", NAMED},
    {"gate", "outcomes", "outcome", NAMED},
    {"queue", "service", "duration", BARE},
    {"queue", "patience", "duration", BARE},
    {"ballot_station", "preference", "preference", BARE},
    {"choice", "options", "option", NAMED},
    {"option", "terms", "term", BARE},
    {"policy", "when", "when", BARE},
    {"queue", "to", "to", SHARES},
    {"outcome", "to", "to", SHARES},
    {"option", "to", "to", SHARES},
    {"hazard", "to", "to", SHARES},
};

/* The kinds of station, as contexts of the table. */
static const char *const kinds[] = {"station",        "source",     "delay", "gate",   "queue",
                                    "ballot_station", "departures", "stay",  "choice", NULL};

static bool has_context(const struct key_path *self, const char *context)
{
    for (size_t i = 0; i < self->contexts; i++)
        if (strcmp(self->context[i], context) == 0) return true;
    return false;
}

static bool is_part(const char *part, size_t length, const char *name)
{
    struct unit unit;
    char text[64];
    if (length >= sizeof text) return false;
    memcpy(text, part, length);
    text[length] = '\0';
    return schema_same_key(name, text, &unit);
}

static const struct descent *find_descent(const struct key_path *self, const char *part, size_t length)
{
    for (size_t i = 0; i < sizeof descents / sizeof *descents; i++)
        if (has_context(self, descents[i].context) && is_part(part, length, descents[i].key) &&
            (descents[i].names != SHARES || part[length]))
            return &descents[i];
    return NULL;
}

static void enter(struct key_path *self, const char *context)
{
    self->contexts = 0;
    if (strcmp(context, "station") != 0) {
        self->context[self->contexts++] = context;
        return;
    }
    for (; kinds[self->contexts]; self->contexts++) self->context[self->contexts] = kinds[self->contexts];
}

/* The part behind the next dot, or the end. */
static const char *next_part(const char *part)
{
    part += strcspn(part, ".");
    return *part ? part + 1 : part;
}

bool key_path_follow(struct key_path *self, const char *path)
{
    const char *part = path;
    const struct descent *descent;
    *self = (struct key_path){.context = {"scenario"}, .contexts = 1};
    while (*part && (descent = find_descent(self, part, strcspn(part, ".")))) {
        enter(self, descent->below);
        part = next_part(part);
        if (descent->names == NAMED) part = next_part(part);
        if (descent->names == DEEP) part += strlen(part);
    }
    self->key = part;
    self->parent = (size_t)(part - path);
    if (self->parent > 0 && part[-1] == '.') self->parent--;
    return part != path;
}

bool key_path_matches(const struct key_path *self, const char *context, const char *name, bool whole)
{
    size_t length = strcspn(self->key, ".");
    if (!has_context(self, context)) return false;
    if (is_part(self->key, length, name)) return true;
    bool any_name = name[0] >= 'A' && name[0] <= 'Z'; /* ITEM, OFFICE: whatever name the scenario has */
    if (any_name) return true;
    return !whole && !self->key[length] && strncmp(name, self->key, length) == 0;
}
