/* Cycles in which people would move for ever on one day. */
#include "sim/network.h"

#include <stdlib.h>

enum { UNSEEN, ON_PATH, DONE };

bool network_route_is_instant(const struct network *self, uint32_t route)
{
    const struct station *station = &self->station[self->route[route].from];
    switch (station->kind) {
    case KIND_GATE:
    case KIND_CHOICE:
        return true;
    case KIND_DELAY:
    case KIND_STAY:
        return route == station->sojourn.full;
    case KIND_QUEUE:
        return route == station->queue.balk;
    case KIND_BALLOT:
        return route == station->ballot.not_eligible;
    default:
        return false;
    }
}

struct search {
    const struct network *network;
    uint32_t *first; /* station_count + 1: where each station's instant routes begin in `target` */
    uint32_t *target;
    uint32_t *next; /* the next route to follow, by station */
    uint32_t *path;
    uint8_t *seen;
};

static void list_instant_routes(struct search *self)
{
    const struct network *n = self->network;
    for (uint32_t r = 0; r < n->route_count; r++)
        if (network_route_is_instant(n, r)) self->first[n->route[r].from + 1]++;
    for (size_t s = 0; s < n->station_count; s++) {
        self->first[s + 1] += self->first[s];
        self->next[s] = self->first[s];
    }
    for (uint32_t r = 0; r < n->route_count; r++)
        if (network_route_is_instant(n, r)) self->target[self->next[n->route[r].from]++] = n->route[r].to;
    for (size_t s = 0; s < n->station_count; s++) self->next[s] = self->first[s];
}

/* Depth first from `start`; the length of the first cycle found, or 0. */
static size_t search_from(struct search *self, uint32_t start, uint32_t *cycle)
{
    size_t depth = 0, length = 0;
    self->path[depth++] = start;
    self->seen[start] = ON_PATH;
    while (depth > 0) {
        uint32_t here = self->path[depth - 1];
        if (length > 0 || self->next[here] == self->first[here + 1]) {
            self->seen[here] = DONE;
            depth--;
            continue;
        }
        uint32_t to = self->target[self->next[here]++];
        if (self->seen[to] == ON_PATH) {
            size_t begin = depth - 1;
            while (self->path[begin] != to) begin--;
            for (size_t i = begin; i < depth; i++) cycle[length++] = self->path[i];
        } else if (self->seen[to] == UNSEEN) {
            self->seen[to] = ON_PATH;
            self->path[depth++] = to;
        }
    }
    return length;
}

size_t network_instant_cycle(const struct network *self, uint8_t *seen, uint32_t *cycle)
{
    size_t stations = self->station_count, length = 0;
    struct search search = {.network = self, .seen = seen};
    uint32_t *memory = calloc(3 * stations + 1 + self->route_count, sizeof *memory);
    if (!memory) return 0;
    search.first = memory;
    search.next = memory + stations + 1;
    search.path = search.next + stations;
    search.target = search.path + stations;
    list_instant_routes(&search);
    for (uint32_t s = 0; s < stations && length == 0; s++)
        if (seen[s] == UNSEEN) length = search_from(&search, s, cycle);
    free(memory);
    return length;
}
