/* The order in which stations take their turns. */
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

/* Takes the stations by rank, but none before all that lead to it without time passing. */
static void place_all(struct search *self, uint32_t *order, uint32_t *turn, uint32_t *waiting_for)
{
    const struct network *n = self->network;
    for (uint32_t r = 0; r < n->route_count; r++)
        if (network_route_is_instant(n, r)) waiting_for[n->route[r].to]++;
    uint32_t *by_rank = self->path;
    for (uint32_t s = 0; s < n->station_count; s++) by_rank[self->rank[s]] = s;
    for (uint32_t placed = 0; placed < n->station_count; placed++) {
        uint32_t i = 0;
        while (i < n->station_count && (self->seen[by_rank[i]] == UNSEEN || waiting_for[by_rank[i]] > 0)) i++;
        if (i == n->station_count) return; /* a cycle without time: refused by network_verify */
        uint32_t s = by_rank[i];
        self->seen[s] = UNSEEN;
        order[placed] = s;
        turn[s] = placed;
        for (uint32_t k = self->first[s]; k < self->first[s + 1]; k++)
            if (network_route_is_instant(n, self->route[k])) waiting_for[n->route[self->route[k]].to]--;
    }
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
        place_all(&search, order, turn, search.rank + stations);
    }
    bool done = memory && search.seen;
    free(memory);
    free(search.seen);
    return done;
}
