/* Stations: one reader for each kind. */
#include "models/compile.h"

#include <string.h>

void read_station_names(struct compiler *c, const struct node *node)
{
    if (!node || node->kind != NODE_MAP) return;
    for (size_t i = 0; i < node->count; i++) {
        if (!is_entry(c, node, i, "stations")) continue;
        add_station(c, node->key[i], node->item[i], node->key_mark[i],
                    draft_text(c, "stations.%s", node->key[i]));
    }
}

static void need(struct compiler *c, const struct station_draft *s, const char *key, const char *because)
{
    if (!node_get(s->node, key))
        complain(c, s->mark, s->path, "'%s' is missing: it is required with %s", key, because);
}

/* Two keys for the same thing. */
static void refuse_both(struct compiler *c, const struct node *map, const char *path, const char *one,
                        const char *other)
{
    struct unit unit;
    if (find_key(map, one, &unit) && find_key(map, other, &unit))
        complain(c, map->mark, path, "has both %s and %s", one, other);
}

/* A key that would do nothing without another one, or beside what is there instead of it. */
static void refuse_without(struct compiler *c, const struct node *map, const char *path, const char *key,
                           bool has, const char *other)
{
    const struct node *node = node_get(map, key);
    if (node && !has) complain(c, node->mark, path, "'%s' goes with %s", key, other);
}

static uint32_t need_route(struct compiler *c, uint32_t index, const char *label, const char *key,
                           const char *because)
{
    struct station_draft *s = station_at(c, index);
    if (because) need(c, s, key, because);
    uint32_t route = read_route(c, index, label, s->node, s->path, key);
    if (route == NETWORK_NONE && (because || strcmp(key, "to") == 0)) leave_open(c, index);
    return route;
}

static bool optional_duration(struct compiler *c, const struct station_draft *s, const char *key,
                              struct duration *duration)
{
    const struct node *node = node_get(s->node, key);
    duration->mean_days = (struct value){.slot = NETWORK_NONE};
    return node && node->kind == NODE_MAP &&
           read_duration(c, node, draft_text(c, "%s.%s", s->path, key), true, duration);
}

/* ---- source ---- */

static void read_source(struct compiler *c, uint32_t index)
{
    struct station_draft *s = station_at(c, index);
    struct source *source = &s->station.source;
    source->renewal = optional_duration(c, s, "interval", &source->interval);
    if (source->renewal == (source->per_day.slot != NETWORK_NONE ||
                            names_find(&c->levers, draft_text(c, "%s.per_day", s->path)) != NETWORK_NONE))
        complain(c, s->mark, s->path, "a source needs either per_day or interval");
    refuse_without(c, s->node, s->path, "level", !source->renewal, "per_day, not with interval");
    refuse_without(c, s->node, s->path, "season", !source->renewal, "per_day, not with interval");
    refuse_without(c, s->node, s->path, "dispersion", !source->renewal, "per_day, not with interval");
    refuse_without(c, s->node, s->path, "cohesion_days", node_get(s->node, "batches") != NULL, "batches");
    read_mix(c, source, s);
    read_batches(c, source, s);
    source->route = need_route(c, index, "next", "to", NULL);
}

/* ---- delay, stay ---- */

static void read_sojourn(struct compiler *c, uint32_t index, const char *context)
{
    struct station_draft *s = station_at(c, index);
    struct sojourn *sojourn = &s->station.sojourn;
    optional_duration(c, s, "duration", &sojourn->duration);
    sojourn->capacity = read_own_capacity(c, context, "room", s->node, s->path, s->station.name, false);
    sojourn->full = NETWORK_NONE;
    if (node_get(s->node, "full")) need(c, s, "room", "full");
    if (sojourn->capacity != NETWORK_NONE) sojourn->full = need_route(c, index, "full", "full", "room");
    const struct node *hazards = node_get(s->node, "hazards");
    for (size_t i = 0; hazards && hazards->kind == NODE_MAP && i < hazards->count; i++) {
        const char *path = draft_text(c, "%s.hazards.%s", s->path, hazards->key[i]);
        if (!is_entry(c, hazards, i, path)) continue;
        if (sojourn->hazard_count == NETWORK_MAX_HAZARDS) {
            complain(c, hazards->key_mark[i], path, "at most %d hazards", NETWORK_MAX_HAZARDS);
            break;
        }
        struct hazard *hazard = &sojourn->hazard[sojourn->hazard_count++];
        hazard->name = kept_text(c, hazards->key[i]);
        if (!read_keys(c, "hazard", NULL, hazards->item[i], path, hazard)) continue;
        hazard->route = read_route(c, index, hazard->name, hazards->item[i], path, "to");
        if (hazard->route != NETWORK_NONE)
            count_route(c, hazard->route, hazards->item[i], path);
        else
            leave_open(c, index);
    }
    sojourn->route = need_route(c, index, "next", "to", NULL);
}

/* ---- gate ---- */

static uint32_t read_account(struct compiler *c, const struct station_draft *s)
{
    const struct node *pays = node_get(s->node, "pays");
    return pays ? read_reference(c, pays, draft_text(c, "%s.pays", s->path), "account", &c->accounts)
                : NETWORK_NONE;
}

/* An outcome is not tried while the room behind it is full. */
static bool leads_to_room(const struct compiler *c, uint32_t route)
{
    const struct route_draft *draft = c->routes.object[route];
    return node_get(station_at(c, draft->route.to)->node, "room") != NULL;
}

static void read_outcome(struct compiler *c, uint32_t index, const struct node *item, struct outcome *outcome,
                         bool last)
{
    struct station_draft *s = station_at(c, index);
    const struct node *map = item;
    const char *name = NULL;
    if (item->kind == NODE_MAP && item->count == 1 && item->item[0]->kind == NODE_MAP) {
        name = item->key[0];
        map = item->item[0];
    } else if (item->kind == NODE_MAP && node_get(item, "name")) {
        name = read_name(c, node_get(item, "name"), s->path);
    }
    *outcome = (struct outcome){.share.slot = NETWORK_NONE,
                                .item_units.slot = NETWORK_NONE,
                                .capacity = NETWORK_NONE,
                                .item = NETWORK_NONE};
    if (!name) {
        complain(c, item->mark, draft_text(c, "%s.outcomes", s->path),
                 "an outcome needs a name: write it as {name: {to: ...}}");
        return;
    }
    const char *path = draft_text(c, "%s.outcomes.%s", s->path, name);
    outcome->name = kept_text(c, name);
    outcome->hash = random_hash_name(name);
    if (!read_keys(c, "outcome", NULL, map, path, outcome)) return;
    static const char *const conditions[] = {"share", "classes", "seats_per_day", "capacity", "item"};
    bool any = false;
    for (size_t i = 0; i < sizeof conditions / sizeof *conditions; i++) {
        const struct node *condition = node_get(map, conditions[i]);
        any = any || condition;
        if (last && condition)
            complain(c, condition->mark, path,
                     "the last outcome takes everyone who is left: it can have no %s", conditions[i]);
    }
    if (node_get(map, "share")) lever_read(c, "outcome", "share", map, path, &outcome->share, true);
    outcome->capacity = read_own_capacity(c, "outcome", "seats_per_day", map, path,
                                          draft_text(c, "%s.%s", s->station.name, name), true);
    refuse_both(c, map, path, "seats_per_day", "capacity");
    if (node_get(map, "capacity"))
        outcome->capacity =
            read_shared_capacity(c, node_get(map, "capacity"), draft_text(c, "%s.capacity", path), true);
    if (node_get(map, "item") && !node_get(s->node, "pays"))
        complain(c, node_get(map, "item")->mark, path, "an item needs 'pays' at the gate, the account");
    if (node_get(map, "item"))
        outcome->item =
            read_item(c, node_get(map, "item"), draft_text(c, "%s.item", path), s->station.gate.account);
    outcome->route = read_route(c, index, name, map, path, "to");
    if (outcome->route == NETWORK_NONE) {
        leave_open(c, index);
        return;
    }
    if (!last && !any && !leads_to_room(c, outcome->route))
        complain(
            c, map->mark, path,
            "takes everyone, so that those behind it get nobody: give it a share, classes, seats_per_day, "
            "capacity or item");
    count_route(c, outcome->route, s->node, s->path);
    count_route(c, outcome->route, map, path);
}

static void read_gate(struct compiler *c, uint32_t index)
{
    struct station_draft *s = station_at(c, index);
    struct gate *gate = &s->station.gate;
    s->counted = false; /* a gate counts its stops, not who passes */
    gate->capacity =
        read_own_capacity(c, "gate", "capacity_per_day", s->node, s->path, s->station.name, true);
    refuse_both(c, s->node, s->path, "capacity_per_day", "capacity");
    if (node_get(s->node, "stop_item") && !node_get(s->node, "pays")) need(c, s, "pays", "stop_item");
    if (node_get(s->node, "capacity"))
        gate->capacity = read_shared_capacity(c, node_get(s->node, "capacity"),
                                              draft_text(c, "%s.capacity", s->path), true);
    gate->account = read_account(c, s);
    gate->item = NETWORK_NONE;
    const struct node *item = node_get(s->node, "stop_item");
    if (item)
        gate->item = read_item(c, item, draft_text(c, "%s.stop_item", s->path), gate->account);
    else if (gate->account != NETWORK_NONE)
        gate->item = find_item(c, gate->account, "stop");
    const struct node *list = node_get(s->node, "outcomes");
    if (list && list->kind == NODE_LIST && list->count > 0) {
        gate->outcome = kept_memory(c, list->count, sizeof *gate->outcome);
        for (size_t i = 0; i < list->count; i++)
            read_outcome(c, index, list->item[i], &gate->outcome[gate->outcome_count++],
                         i + 1 == list->count);
    } else if (list) {
        complain(c, list->mark, draft_text(c, "%s.outcomes", s->path), "a gate needs at least one outcome");
    }
    gate->route = need_route(c, index, "next", "to", NULL);
}

/* ---- queue, departures ---- */

static void read_queue(struct compiler *c, uint32_t index)
{
    struct station_draft *s = station_at(c, index);
    struct queue *queue = &s->station.queue;
    int ways = (node_get(s->node, "servers") != NULL) + (node_get(s->node, "per_day") != NULL) +
               (node_get(s->node, "capacity") != NULL);
    if (ways != 1) complain(c, s->mark, s->path, "a queue needs one of servers, per_day and capacity");
    queue->capacity = read_own_capacity(c, "queue", "servers", s->node, s->path, s->station.name, false);
    if (node_get(s->node, "capacity"))
        queue->capacity = read_shared_capacity(c, node_get(s->node, "capacity"),
                                               draft_text(c, "%s.capacity", s->path), false);
    if (node_get(s->node, "servers") || node_get(s->node, "capacity"))
        need(c, s, "service", "servers");
    else if (node_get(s->node, "per_day") && node_get(s->node, "service"))
        complain(c, node_get(s->node, "service")->mark, s->path, "'service' does not go with per_day");
    if (node_get(s->node, "renege")) need(c, s, "patience", "renege");
    refuse_without(c, s->node, s->path, "preempt", !node_get(s->node, "per_day"),
                   "servers, not with per_day");
    const int discipline = (int)queue->discipline; /* below 0: a wrong word, which has been told */
    if (node_get(s->node, "priority") && discipline >= 0 && discipline != DISCIPLINE_PRIORITY)
        problems_warn(c->problems, node_get(s->node, "priority")->mark,
                      "%s: 'priority' does nothing without discipline: priority", s->path);
    optional_duration(c, s, "service", &queue->service);
    queue->has_patience = optional_duration(c, s, "patience", &queue->patience);
    queue->renege = need_route(c, index, "renege", "renege", queue->has_patience ? "patience" : NULL);
    bool balks = node_get(s->node, "room") || node_get(s->node, "balk_probability");
    queue->balk = need_route(c, index, "balk", "balk", balks ? "room or balk_probability" : NULL);
    uint32_t chance = names_find(&c->levers, draft_text(c, "%s.balk_probability", s->path));
    if (queue->balk == NETWORK_NONE && chance != NETWORK_NONE)
        ((struct lever *)c->levers.object[chance])->lacks = "balk";
    queue->route = need_route(c, index, "next", "to", NULL);
    if (queue->capacity == NETWORK_NONE) return;
    struct capacity *capacity = c->capacities.object[queue->capacity];
    uint32_t *user = kept_memory(c, capacity->user_count + 1, sizeof *user);
    if (capacity->user_count) memcpy(user, capacity->user, capacity->user_count * sizeof *user);
    user[capacity->user_count++] = index;
    capacity->user = user;
}

static void read_departures(struct compiler *c, uint32_t index)
{
    struct station_draft *s = station_at(c, index);
    struct departures *departures = &s->station.departures;
    departures->first_day = node_get(s->node, "starting") ? departures->first_day - c->head.from : 0;
    departures->account = read_account(c, s);
    departures->item = NETWORK_NONE;
    if (node_get(s->node, "pays")) need(c, s, "item", "pays");
    if (node_get(s->node, "item")) need(c, s, "pays", "item");
    if (node_get(s->node, "item"))
        departures->item =
            read_item(c, node_get(s->node, "item"), draft_text(c, "%s.item", s->path), departures->account);
    departures->has_patience = optional_duration(c, s, "patience", &departures->patience);
    if (node_get(s->node, "renege")) need(c, s, "patience", "renege");
    departures->renege =
        need_route(c, index, "renege", "renege", departures->has_patience ? "patience" : NULL);
    departures->route = need_route(c, index, "next", "to", NULL);
}

/* ---- all ---- */

/* Without its kind nothing else of a station can be understood: one message is enough. */
static void complain_kind(struct compiler *c, const struct station_draft *s, const struct node *kind)
{
    struct unit unit;
    const struct key_entry *key = schema_find("station", NULL, "kind", &unit);
    const char *nearest = NULL, *path = draft_text(c, "%s.kind", s->path);
    if (kind && kind->kind == NODE_NULL && *kind->text == '\0') return; /* a blank, which has been told */
    if (!kind || kind->kind != NODE_SCALAR) {
        const char **others = draft_memory(c, c->stations.count, sizeof *others);
        size_t count = 0;
        for (uint32_t i = 0; i < c->stations.count; i++)
            if (station_at(c, i) != s) others[count++] = c->stations.name[i];
        nearest = nearest_name(s->station.name, others, count);
        complain(c, kind ? kind->mark : s->mark, s->path, "'kind' is missing%s%s%s",
                 nearest ? "; did you mean station '" : "", nearest ? nearest : "", nearest ? "'?" : "");
        return;
    }
    nearest = nearest_name(kind->text, key->words, KIND_COUNT);
    if (nearest)
        complain(c, kind->mark, path, "unknown value '%s'; did you mean '%s'?", kind->text, nearest);
    else
        complain(c, kind->mark, path,
                 "unknown value '%s' (allowed: source, delay, gate, queue, ballot, departures, stay, choice, "
                 "sink)",
                 kind->text);
}

static void read_station(struct compiler *c, uint32_t index)
{
    static const char *const context[] = {"source",     "delay", "gate",   "queue", "ballot_station",
                                          "departures", "stay",  "choice", "sink"};
    struct station_draft *s = station_at(c, index);
    const struct node *kind = s->node->kind == NODE_MAP ? node_get(s->node, "kind") : NULL;
    if (!expect_kind(c, s->node, s->path, NODE_MAP)) {
        leave_open(c, index);
        return;
    }
    int found = -1;
    for (int k = 0; kind && kind->kind == NODE_SCALAR && k < KIND_COUNT; k++)
        if (strcmp(kind->text, k == KIND_BALLOT ? "ballot" : context[k]) == 0) found = k;
    if (found < 0) {
        complain_kind(c, s, kind);
        leave_open(c, index);
        return;
    }
    read_keys(c, "station", context[found], s->node, s->path, &s->station);
    if (is_doubted(c, s->node->mark)) {
        doubt_map(c, s->mark, s->path);
        leave_open(c, index);
    }
    s->station.kind = (enum station_kind)found;
    s->counted = true;
    s->station.place =
        read_place(c, node_get(s->node, "at"), draft_text(c, "%s.at", s->path), s->station.name);
    if (!node_get(s->node, "sleeps")) s->station.sleeps = found == KIND_STAY || found == KIND_BALLOT;
    switch (s->station.kind) {
    case KIND_SOURCE:
        read_source(c, index);
        break;
    case KIND_DELAY:
        read_sojourn(c, index, "delay");
        break;
    case KIND_STAY:
        read_sojourn(c, index, "stay");
        break;
    case KIND_GATE:
        read_gate(c, index);
        break;
    case KIND_QUEUE:
        read_queue(c, index);
        break;
    case KIND_BALLOT:
        read_ballot_station(c, index, s->node, s->path);
        break;
    case KIND_DEPARTURES:
        read_departures(c, index);
        break;
    case KIND_CHOICE:
        read_choice(c, index, s->node, s->path);
        break;
    default:
        break;
    }
}

void read_stations(struct compiler *c, const struct node *node)
{
    (void)node;
    uint32_t named = c->stations.count; /* forks come behind */
    for (uint32_t s = 0; s < named; s++) read_station(c, s);
    count_stations(c);
}
