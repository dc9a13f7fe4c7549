/* The order in which stations take their turns, and where gates lead within one. */
#include "sim/flows.h"

#include <stdlib.h>

enum { UNSEEN, ON_PATH, DONE };

struct search {
    const struct network *network;
    uint32_t *first, *route; /* routes by station of departure, as written */
    uint32_t *next, *path;
    uint8_t *seen;
    uint32_t *rank; /* a first order: later stations of a path after earlier ones, cycles apart */
    uint32_t left;
};

static void list_routes(struct search *self)
{
    const struct network *n = self->network;
    for (uint32_t r = 0; r < n->route_count; r++) self->first[n->route[r].from + 1]++;
    for (size_t s = 0; s < n->station_count; s++) {
        self->first[s + 1] += self->first[s];
        self->next[s] = self->first[s];
    }
    for (uint32_t r = 0; r < n->route_count; r++) self->route[self->next[n->route[r].from]++] = r;
    for (size_t s = 0; s < n->station_count; s++) self->next[s] = self->first[s];
}

/* Depth first; a station gets the last free rank when all behind it have theirs. */
static void rank_from(struct search *self, uint32_t start)
{
    uint32_t depth = 0;
    if (self->seen[start] != UNSEEN) return;
    self->seen[start] = ON_PATH;
    self->path[depth++] = start;
    while (depth > 0) {
        uint32_t here = self->path[depth - 1];
        if (self->next[here] == self->first[here + 1]) {
            self->seen[here] = DONE;
            self->rank[here] = --self->left;
            depth--;
            continue;
        }
        uint32_t to = self->network->route[self->route[self->next[here]++]].to;
        if (self->seen[to] != UNSEEN) continue;
        self->seen[to] = ON_PATH;
        self->path[depth++] = to;
    }
}

static bool has_seats(const struct gate *gate, uint32_t seats)
{
    for (uint32_t o = 0; o < gate->outcome_count; o++)
        if (gate->outcome[o].capacity == seats) return true;
    return false;
}

/* Whether two gates share staff or seats. */
static bool share_capacity(const struct gate *a, const struct gate *b)
{
    if (a->capacity != NETWORK_NONE && a->capacity == b->capacity) return true;
    for (uint32_t o = 0; o < a->outcome_count; o++)
        if (a->outcome[o].capacity != NETWORK_NONE && has_seats(b, a->outcome[o].capacity)) return true;
    return false;
}

/* Whether all that lead to the station without time passing have their place; for gates that share staff or
 * seats, to any of them, so that they can let people in together. */
static bool is_ready(const struct search *self, const uint32_t *waiting_for, uint32_t station, bool together)
{
    const struct station *all = self->network->station;
    if (self->seen[station] == UNSEEN || waiting_for[station] > 0) return false;
    if (!together || all[station].kind != KIND_GATE) return true;
    for (uint32_t s = 0; s < self->network->station_count; s++)
        if (waiting_for[s] > 0 && all[s].kind == KIND_GATE &&
            share_capacity(&all[station].gate, &all[s].gate))
            return false;
    return true;
}

/* The first station by rank that is ready. Gates of the same staff or seats that lead to each other cannot
 * wait for each other. */
static uint32_t next_ready(const struct search *self, const uint32_t *waiting_for, const uint32_t *by_rank)
{
    for (int together = 1; together >= 0; together--)
        for (uint32_t i = 0; i < self->network->station_count; i++)
            if (is_ready(self, waiting_for, by_rank[i], together)) return by_rank[i];
    return NETWORK_NONE;
}

/* Routes that lead forward: those that take no time must; those behind a station where people spend less than
 * a day should, because whoever goes back stays for a step at least. */
static bool leads_forward(const struct network *n, uint32_t route, bool short_too)
{
    const struct station *from = &n->station[n->route[route].from];
    if (network_route_is_instant(n, route)) return true;
    if (!short_too) return false;
    if (from->kind == KIND_QUEUE)
        return route == from->queue.route && from->queue.per_day.slot != NETWORK_NONE;
    if (from->kind != KIND_DELAY && from->kind != KIND_STAY) return false;
    return route == from->sojourn.route && n->slot[from->sojourn.duration.mean_days.slot].value < 1;
}

/* Takes the stations by rank, but none before all that lead forward to it. False when some lead to each
 * other. */
static bool place_all(struct search *self, uint32_t *order, uint32_t *turn, uint32_t *waiting_for,
                      bool short_too)
{
    const struct network *n = self->network;
    for (uint32_t s = 0; s < n->station_count; s++) {
        waiting_for[s] = 0;
        self->seen[s] = DONE;
    }
    for (uint32_t r = 0; r < n->route_count; r++)
        if (leads_forward(n, r, short_too)) waiting_for[n->route[r].to]++;
    uint32_t *by_rank = self->path;
    for (uint32_t s = 0; s < n->station_count; s++) by_rank[self->rank[s]] = s;
    for (uint32_t placed = 0; placed < n->station_count; placed++) {
        uint32_t s = next_ready(self, waiting_for, by_rank);
        if (s == NETWORK_NONE) return false;
        self->seen[s] = UNSEEN;
        order[placed] = s;
        turn[s] = placed;
        for (uint32_t k = self->first[s]; k < self->first[s + 1]; k++)
            if (leads_forward(n, self->route[k], short_too)) waiting_for[n->route[self->route[k]].to]--;
    }
    return true;
}

/* Sinks come last: whoever arrives has left within the step. The others keep their order. */
static void put_sinks_last(const struct network *n, uint32_t *order, uint32_t *turn)
{
    uint32_t placed = 0;
    for (int sinks = 0; sinks <= 1; sinks++)
        for (uint32_t i = 0; i < n->station_count; i++)
            if ((n->station[order[i]].kind == KIND_SINK) == sinks) turn[order[i]] = placed++;
    for (uint32_t s = 0; s < n->station_count; s++) order[turn[s]] = s;
}

bool flows_order(const struct network *network, uint32_t *order, uint32_t *turn)
{
    size_t stations = network->station_count;
    struct search search = {.network = network, .left = (uint32_t)stations};
    uint32_t *memory = calloc(5 * stations + 1 + network->route_count, sizeof *memory);
    search.seen = calloc(stations + 1, 1);
    if (memory && search.seen) {
        search.first = memory;
        search.next = search.first + stations + 1;
        search.path = search.next + stations;
        search.rank = search.path + stations;
        search.route = search.rank + 2 * stations;
        list_routes(&search);
        for (int sources = 1; sources >= 0; sources--)
            for (uint32_t s = (uint32_t)stations; s-- > 0;)
                if ((network->station[s].kind == KIND_SOURCE) == sources) rank_from(&search, s);
        if (!place_all(&search, order, turn, search.rank + stations, true))
            place_all(&search, order, turn, search.rank + stations, false);
        put_sinks_last(network, order, turn);
    }
    bool done = memory && search.seen;
    free(memory);
    free(search.seen);
    return done;
}

/* Marks the stations from which people come to a gate of this staff without time passing, those gates too. */
static void mark_ways_to(const struct network *n, uint32_t staff, uint8_t *leads)
{
    for (size_t s = 0; s < n->station_count; s++)
        leads[s] = n->station[s].kind == KIND_GATE && n->station[s].gate.capacity == staff;
    for (bool more = true; more;) {
        more = false;
        for (uint32_t r = 0; r < n->route_count; r++) {
            if (leads[n->route[r].from] || !leads[n->route[r].to] || !network_route_is_instant(n, r))
                continue;
            leads[n->route[r].from] = more = true;
        }
    }
}

bool flows_mark_ends(const struct network *network, uint8_t *ends)
{
    uint8_t *leads = calloc(network->station_count + 1, 1);
    if (!leads) return false;
    for (uint32_t staff = 0; staff < network->capacity_count; staff++) {
        mark_ways_to(network, staff, leads);
        for (uint32_t s = 0; s < network->station_count; s++) {
            const struct gate *gate = &network->station[s].gate;
            if (network->station[s].kind != KIND_GATE || gate->capacity != staff) continue;
            ends[s] = true;
            for (uint32_t o = 0; o < gate->outcome_count; o++)
                if (leads[network->route[gate->outcome[o].route].to]) ends[s] = false;
        }
    }
    free(leads);
    return true;
}
