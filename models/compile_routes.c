/* Routes between stations, what they count, and the forks behind a `to` that is a map. */
#include "models/compile.h"

#include <string.h>

uint32_t add_station(struct compiler *c, const char *name, const struct node *node, struct mark mark,
                     const char *path)
{
    struct station_draft *draft = draft_memory(c, 1, sizeof *draft);
    draft->station.name = kept_text(c, name);
    draft->station.hash = random_hash_name(name);
    draft->station.kind = KIND_COUNT;
    draft->station.place = NETWORK_NONE;
    draft->node = node;
    draft->mark = mark;
    draft->path = draft_text(c, "%s", path);
    return names_add(c, &c->stations, draft->station.name, draft);
}

/* A fork: a choice station of its own at the place of the station before it. */
static uint32_t add_fork(struct compiler *c, uint32_t station, const char *label, const struct node *map,
                         const char *path)
{
    const char *before = station_at(c, station)->station.name;
    const char *name = draft_text(c, "%s.%s", before, strcmp(label, "next") == 0 ? "to" : label);
    uint32_t index = add_station(c, name, map, map->mark, path);
    if (index == NETWORK_NONE) {
        complain(c, map->mark, path, "the name '%s' is taken", name);
        return index;
    }
    struct station_draft *fork = station_at(c, index);
    fork->station.kind = KIND_CHOICE;
    fork->station.place = station_at(c, station)->station.place;
    struct choice *choice = &fork->station.choice;
    choice->option = kept_memory(c, map->count, sizeof *choice->option);
    for (size_t i = 0; i < map->count; i++) {
        if (schema_is_remark(map->key[i])) continue;
        struct unit unit;
        const struct key_entry *key = schema_find("to", NULL, "STATION", &unit);
        struct choice_option *option = &choice->option[choice->option_count++];
        const char *own = draft_text(c, "%s.%s", path, map->key[i]);
        option->name = kept_text(c, map->key[i]);
        option->classes = all_classes(c);
        if (!read_rest(c, choice, option, map->item[i], own)) {
            struct lever *lever = lever_add(c, own, key, map->key_mark[i], &option->share, true);
            if (lever) lever_write(c, lever, unit_base, map->item[i], own);
        }
        struct node *to = node_new(&c->model->document, NODE_SCALAR, map->key_mark[i]);
        if (!to) longjmp(c->no_memory, 1);
        to->text = option->name;
        option->route = add_route(c, index, option->name, to, own);
    }
    return index;
}

/* A way on has no keys of its own; elsewhere `to` leads to its station. Says so once, not for each key that
 * is no station. */
static bool has_keys_of_an_outcome(struct compiler *c, const struct node *map, const char *path)
{
    const struct node *to = node_get(map, "to");
    if (!to || names_find(&c->stations, "to") != NETWORK_NONE) return false;
    complain(
        c, map->mark, path,
        "a way on is the name of a station%s%s, or a map of stations and their shares; counts_as stands at "
        "that station",
        to->kind == NODE_SCALAR ? ": " : "", to->kind == NODE_SCALAR ? to->text : "");
    return true;
}

/* By what is written: the station itself may be read later. */
static bool is_written_source(const struct station_draft *draft)
{
    const struct node *kind = node_get(draft->node, "kind");
    return kind && kind->kind == NODE_SCALAR && strcmp(kind->text, "source") == 0;
}

void leave_open(struct compiler *c, uint32_t station)
{
    station_at(c, station)->open = true;
    c->graph_incomplete = true;
}

/* For a name that is unknown, which has been told, the nearest stands in, so that what is out of reach
 * without any fault of this route can be told as well; without one the station is left open. */
static uint32_t stand_in(struct compiler *c, uint32_t station, const struct node *node)
{
    const char *nearest =
        node->kind == NODE_SCALAR ? nearest_name(node->text, c->stations.name, c->stations.count) : NULL;
    uint32_t to = nearest ? names_find(&c->stations, nearest) : NETWORK_NONE;
    c->graph_incomplete = true;
    if (to != NETWORK_NONE && !is_written_source(station_at(c, to))) return to;
    leave_open(c, station);
    return station;
}

uint32_t add_route(struct compiler *c, uint32_t station, const char *label, const struct node *node,
                   const char *path)
{
    uint32_t to;
    if (node->kind == NODE_MAP && has_keys_of_an_outcome(c, node, path))
        to = NETWORK_NONE;
    else if (node->kind == NODE_MAP && node->count > 0)
        to = add_fork(c, station, label, node, path);
    else
        to = read_reference(c, node, path, "station", &c->stations);
    if (to != NETWORK_NONE && is_written_source(station_at(c, to)))
        complain(c, node->mark, path, "a source takes nobody in");
    if (to == NETWORK_NONE) to = stand_in(c, station, node);
    struct route_draft *draft = draft_memory(c, 1, sizeof *draft);
    draft->mark = node->mark;
    draft->path = path;
    draft->route = (struct route){
        .name = kept_text(c, draft_text(c, "%s:%s", station_at(c, station)->station.name, label)),
        .from = station,
        .to = to};
    uint32_t index = names_add(c, &c->routes, draft->route.name, draft);
    if (index == NETWORK_NONE) {
        complain(c, node->mark, path, "a second way out of the same name");
        return 0;
    }
    return index;
}

uint32_t read_route(struct compiler *c, uint32_t station, const char *label, const struct node *map,
                    const char *path, const char *key)
{
    const struct node *node = node_get(map, key);
    if (!node || node->kind == NODE_NULL) return NETWORK_NONE;
    return add_route(c, station, label, node, draft_text(c, "%s.%s", path, key));
}

static void add_tally(struct compiler *c, struct route *route, uint32_t tally, struct mark mark,
                      const char *path)
{
    const uint32_t most = sizeof route->tally / sizeof *route->tally;
    for (uint32_t t = 0; t < route->tally_count; t++)
        if (route->tally[t] == tally) return;
    if (route->tally_count == most)
        complain(c, mark, path, "more than %u measures count %s", most, route->name);
    else
        route->tally[route->tally_count++] = tally;
}

/* The measures of a `counts_as`; returns how many. */
static uint32_t read_counts(struct compiler *c, const struct node *map, const char *path, uint32_t tally[6])
{
    const struct node *list = map->kind == NODE_MAP ? node_get(map, "counts_as") : NULL;
    uint32_t count = 0;
    if (!list || list->kind != NODE_LIST) return 0;
    for (size_t i = 0; i < list->count; i++) {
        uint32_t found =
            read_reference(c, list->item[i], draft_text(c, "%s.counts_as", path), "measure", &c->tallies);
        if (found == NETWORK_NONE) continue;
        if (count == 6)
            complain(c, list->item[i]->mark, path, "counts_as has more than 6 measures");
        else
            tally[count++] = found;
    }
    return count;
}

void count_route(struct compiler *c, uint32_t route, const struct node *map, const char *path)
{
    uint32_t tally[6], count = read_counts(c, map, path, tally);
    struct route_draft *draft = c->routes.object[route];
    for (uint32_t t = 0; t < count; t++) add_tally(c, &draft->route, tally[t], map->mark, path);
}

void count_stations(struct compiler *c)
{
    for (uint32_t s = 0; s < c->stations.count; s++) {
        struct station_draft *draft = station_at(c, s);
        if (!draft->counted) continue;
        uint32_t tally[6], count = read_counts(c, draft->node, draft->path, tally);
        bool source = draft->station.kind == KIND_SOURCE;
        for (uint32_t r = 0; r < c->routes.count; r++) {
            struct route_draft *route = c->routes.object[r];
            if ((source ? route->route.from : route->route.to) != s) continue;
            for (uint32_t t = 0; t < count; t++)
                add_tally(c, &route->route, tally[t], draft->mark, draft->path);
        }
    }
}
