/* Places, measures, capacities and signals. */
#include "models/compile.h"

#include <string.h>

static struct place *add_place(struct compiler *c, const char *name)
{
    struct place *place = draft_memory(c, 1, sizeof *place);
    *place = (struct place){.name = kept_text(c, name), .latitude = NAN, .longitude = NAN};
    place->shelter_places.slot = NETWORK_NONE;
    place->harm_per_day_sheltered.slot = NETWORK_NONE;
    place->harm_per_day_unsheltered.slot = NETWORK_NONE;
    names_add(c, &c->places, place->name, place);
    return place;
}

void read_places(struct compiler *c, const struct node *node)
{
    if (!node || node->kind != NODE_MAP) return;
    for (size_t i = 0; i < node->count; i++) {
        if (!is_entry(c, node, i, "places")) continue;
        struct place *place = add_place(c, node->key[i]);
        const char *path = draft_text(c, "places.%s", node->key[i]);
        if (!read_keys(c, "place", NULL, node->item[i], path, place)) continue;
        const struct node *harm = node_get(node->item[i], "harm_per_day_unsheltered");
        if (harm && !node_get(node->item[i], "shelter_places"))
            problems_warn(c->problems, harm->mark,
                          "%s: 'harm_per_day_unsheltered' does nothing without shelter_places", path);
    }
}

uint32_t read_place(struct compiler *c, const struct node *at, const char *path, const char *station)
{
    if (at) return read_reference(c, at, path, "place", &c->places);
    uint32_t found = names_find(&c->places, station);
    if (found != NETWORK_NONE) return found;
    add_place(c, station);
    return c->places.count - 1;
}

void read_measures(struct compiler *c, const struct node *node)
{
    int memories = 0;
    c->tallies.incomplete = node && node->kind != NODE_MAP;
    if (!node || node->kind != NODE_MAP) return;
    for (size_t i = 0; i < node->count; i++) {
        if (!is_entry(c, node, i, "measures")) continue;
        const char *path = draft_text(c, "measures.%s", node->key[i]);
        struct tally *tally = draft_memory(c, 1, sizeof *tally);
        tally->name = kept_text(c, node->key[i]);
        tally->memory = -1;
        names_add(c, &c->tallies, tally->name, tally);
        read_keys(c, "measure", NULL, node->item[i], path, tally);
        if (!tally->long_name) tally->long_name = tally->name;
        const struct node *remembered =
            node->item[i]->kind == NODE_MAP ? node_get(node->item[i], "per_person") : NULL;
        bool per_person = false;
        if (!remembered) continue;
        if (!node_boolean(remembered, &per_person))
            complain(c, remembered->mark, path, "per_person must be true or false");
        else if (per_person && memories == NETWORK_MEMORIES)
            complain(c, remembered->mark, path, "at most %d measures can be remembered per person",
                     NETWORK_MEMORIES);
        else if (per_person)
            tally->memory = memories++;
    }
}

/* ---- capacities ---- */

static struct capacity *add_capacity(struct compiler *c, const char *name, bool per_day)
{
    struct capacity *capacity = draft_memory(c, 1, sizeof *capacity);
    *capacity = (struct capacity){.name = kept_text(c, name), .per_day = per_day};
    capacity->user = kept_memory(c, 0, sizeof *capacity->user);
    return names_add(c, &c->capacities, capacity->name, capacity) == NETWORK_NONE ? NULL : capacity;
}

void read_capacities(struct compiler *c, const struct node *node)
{
    if (!node || node->kind != NODE_MAP) return;
    for (size_t i = 0; i < node->count; i++) {
        if (!is_entry(c, node, i, "capacities")) continue;
        const char *path = draft_text(c, "capacities.%s", node->key[i]);
        struct capacity *capacity = add_capacity(c, node->key[i], false);
        const struct node *map = node->item[i];
        struct unit unit;
        if (!read_keys(c, "capacity", NULL, map, path, capacity)) continue;
        bool daily = find_key(map, "per_day", &unit), at_once = find_key(map, "at_once", &unit);
        if (daily == at_once) complain(c, map->mark, path, "needs either at_once or per_day");
        capacity->per_day = daily;
        lever_read(c, "capacity", daily ? "per_day" : "at_once", map, path, &capacity->amount, false);
    }
}

uint32_t read_own_capacity(struct compiler *c, const char *context, const char *key, const struct node *map,
                           const char *path, const char *name, bool per_day)
{
    struct unit unit;
    if (!find_key(map, key, &unit)) return NETWORK_NONE;
    struct capacity *capacity = add_capacity(c, name, per_day);
    if (!capacity) {
        complain(c, find_key(map, key, &unit)->mark, path,
                 "'%s' is also the name of a shared capacity: rename one", name);
        return NETWORK_NONE;
    }
    lever_read(c, context, key, map, path, &capacity->amount, false);
    return c->capacities.count - 1;
}

uint32_t read_shared_capacity(struct compiler *c, const struct node *node, const char *path, bool per_day)
{
    uint32_t found = read_reference(c, node, path, "capacity", &c->capacities);
    if (found == NETWORK_NONE) return found;
    const struct capacity *capacity = c->capacities.object[found];
    if (capacity->per_day != per_day)
        complain(c, node->mark, path, "'%s' counts people %s; needed is one %s", capacity->name,
                 capacity->per_day ? "per day" : "at once", per_day ? "per day" : "at once");
    return found;
}

/* ---- signals ---- */

/* What is measured at a station, and the kinds that have it. */
struct station_signal {
    const char *word;
    enum signal_kind kind;
    const char *where, *at[6];
};
static const struct station_signal station_signals[] = {
    {"wait", SIGNAL_WAIT, "at a queue, a ballot or departures", {"queue", "ballot", "departures", NULL}},
    {"stock", SIGNAL_STOCK, "where people stay", {"delay", "stay", "queue", "ballot", "departures", NULL}},
    {"stop_share", SIGNAL_STOP_SHARE, "at a gate", {"gate", NULL}}};

static bool is_one_of(const char *word, const char *const words[])
{
    while (*words && strcmp(*words, word) != 0) words++;
    return *words != NULL;
}

static void read_station_signal(struct compiler *c, struct signal *signal, const struct node *map,
                                const char *path, const struct station_signal *own)
{
    const struct node *of = node_get(map, "of");
    signal->kind = own->kind;
    if (!of) {
        complain(c, map->mark, path, "needs 'of', the station");
        return;
    }
    signal->target = read_reference(c, of, draft_text(c, "%s.of", path), "station", &c->stations);
    if (signal->target == NETWORK_NONE) return;
    const struct node *kind = node_get(station_at(c, signal->target)->node, "kind");
    if (kind && kind->kind == NODE_SCALAR && !is_one_of(kind->text, own->at))
        complain(c, of->mark, path, "%s is measured %s; '%s' is a %s", own->word, own->where, of->text,
                 kind->text);
}

static void read_signal(struct compiler *c, struct signal *signal, const struct node *map, const char *path)
{
    if (!read_keys(c, "signal", NULL, map, path, signal)) return;
    if (signal->window + signal->lag > 60)
        complain(c, map->mark, path, "window_days and lag_days together are above 60");
    const struct node *measure = node_get(map, "measure");
    if (!measure || !read_name(c, measure, draft_text(c, "%s.measure", path))) return;
    for (size_t i = 0; i < sizeof station_signals / sizeof *station_signals; i++)
        if (strcmp(measure->text, station_signals[i].word) == 0) {
            read_station_signal(c, signal, map, path, &station_signals[i]);
            return;
        }
    signal->kind = SIGNAL_TALLY;
    signal->target = read_reference(c, measure, draft_text(c, "%s.measure", path), "measure", &c->tallies);
    if (node_get(map, "of")) complain(c, map->mark, path, "'of' belongs to wait, stock and stop_share");
}

void read_signals(struct compiler *c, const struct node *node)
{
    if (!node || node->kind != NODE_MAP) return;
    for (size_t i = 0; i < node->count; i++) {
        if (!is_entry(c, node, i, "signals")) continue;
        struct signal *signal = draft_memory(c, 1, sizeof *signal);
        names_add(c, &c->signals, node->key[i], signal);
        read_signal(c, signal, node->item[i], draft_text(c, "signals.%s", node->key[i]));
    }
}
