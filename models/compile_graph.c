/* The stations as a graph: each can be reached, and no way round takes no time. */
#include "models/compile.h"

#include <stdio.h>

enum { LONGEST_CYCLE = 400 };

static bool is_start(const struct station_draft *draft)
{
    /* What could not be read may be a source. */
    return draft->station.kind == KIND_SOURCE || (draft->open && draft->station.kind == KIND_COUNT);
}

/* Marks what can be reached; false when something reached may lead further than is known. */
static bool find_reached(struct compiler *c, bool *reached)
{
    uint32_t stations = c->stations.count, count = 0;
    uint32_t *stack = draft_memory(c, stations + 1, sizeof *stack);
    bool known = true;
    for (uint32_t s = 0; s < stations; s++) {
        if (!is_start(station_at(c, s))) continue;
        reached[s] = true;
        stack[count++] = s;
    }
    while (count > 0) {
        uint32_t from = stack[--count];
        known = known && !station_at(c, from)->open;
        for (uint32_t r = 0; r < c->routes.count; r++) {
            const struct route *route = &((struct route_draft *)c->routes.object[r])->route;
            if (route->from != from || reached[route->to]) continue;
            reached[route->to] = true;
            stack[count++] = route->to;
        }
    }
    return known;
}

static void check_reached(struct compiler *c)
{
    bool *reached = draft_memory(c, c->stations.count + 1, sizeof *reached);
    if (!find_reached(c, reached)) return;
    for (uint32_t s = 0; s < c->stations.count; s++)
        if (!reached[s])
            complain(c, station_at(c, s)->mark, station_at(c, s)->path, "cannot be reached from any source");
}

static void complain_cycle(struct compiler *c, const uint32_t *cycle, size_t length)
{
    char text[LONGEST_CYCLE] = "";
    size_t used = 0;
    for (size_t i = 0; i <= length && used < sizeof text; i++)
        used += (size_t)snprintf(text + used, sizeof text - used, "%s%s", i ? " -> " : "",
                                 station_at(c, cycle[i % length])->station.name);
    const struct station_draft *first = station_at(c, cycle[0]);
    complain(c, first->mark, first->path, "people could go round without time passing: %s", text);
}

static void check_cycles(struct compiler *c)
{
    struct network view = {.station_count = c->stations.count, .route_count = c->routes.count};
    view.station = draft_memory(c, view.station_count, sizeof *view.station);
    view.route = draft_memory(c, view.route_count, sizeof *view.route);
    for (uint32_t s = 0; s < c->stations.count; s++) view.station[s] = station_at(c, s)->station;
    for (uint32_t r = 0; r < c->routes.count; r++)
        view.route[r] = ((const struct route_draft *)c->routes.object[r])->route;
    uint8_t *seen = draft_memory(c, view.station_count, sizeof *seen);
    uint32_t *cycle = draft_memory(c, view.station_count, sizeof *cycle);
    size_t length;
    while ((length = network_instant_cycle(&view, seen, cycle)) > 0) complain_cycle(c, cycle, length);
}

void check_graph(struct compiler *c)
{
    check_reached(c);
    if (!c->graph_incomplete) check_cycles(c);
}
