#include "cli/show.h"

#include "cli/table.h"
#include "cli/text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *const kind_names[KIND_COUNT] = {"source",     "delay", "gate",   "queue", "ballot",
                                                   "departures", "stay",  "choice", "sink"};
static const char *const kind_shapes[KIND_COUNT] = {"cds", "box",   "diamond", "box3d",       "tab",
                                                    "cds", "house", "diamond", "doublecircle"};

/* "station:label" -> "label" */
static const char *route_label(const struct route *route)
{
    const char *colon = strrchr(route->name, ':');
    return colon ? colon + 1 : route->name;
}

static void add_routes(struct table *table, const struct network *network, uint32_t station, const char *kind,
                       const char *place)
{
    const char *name = network->station[station].name;
    bool any = false;
    for (size_t r = 0; r < network->route_count; r++) {
        const struct route *route = &network->route[r];
        if (route->from != station) continue;
        table_add(table, "%s", any ? "" : name);
        table_add(table, "%s", any ? "" : kind);
        table_add(table, "%s", any ? "" : place);
        table_add(table, "%s", route_label(route));
        table_add(table, "%s", network->station[route->to].name);
        any = true;
    }
    if (any) return;
    table_add(table, "%s", name);
    table_add(table, "%s", kind);
    table_add(table, "%s", place);
    table_add(table, "%s", "");
    table_add(table, "%s", "");
}

void show_table(const struct network *network, FILE *stream)
{
    static const char *const heads[] = {"station", "kind", "place", "route", "to"};
    struct table table;
    table_begin(&table, "lllll");
    for (size_t i = 0; i < 5; i++) table_add(&table, "%s", heads[i]);
    for (uint32_t s = 0; s < network->station_count; s++) {
        const struct station *station = &network->station[s];
        add_routes(&table, network, s, kind_names[station->kind], network->place[station->place].name);
    }
    table_print(&table, stream, 0);
}

static void print_node(const struct station *station, FILE *stream)
{
    fputs("        ", stream);
    text_print_quoted(stream, station->name);
    fprintf(stream, " [shape=%s];\n", kind_shapes[station->kind]);
}

static void print_edge(const struct network *network, const struct route *route, FILE *stream)
{
    const char *label = route_label(route);
    fputs("    ", stream);
    text_print_quoted(stream, network->station[route->from].name);
    fputs(" -> ", stream);
    text_print_quoted(stream, network->station[route->to].name);
    if (strcmp(label, "next") != 0) {
        fputs(" [label=", stream);
        text_print_quoted(stream, label);
        fputc(']', stream);
    }
    fputs(";\n", stream);
}

void show_graphviz(const struct network *network, FILE *stream)
{
    fputs("digraph network {\n    rankdir=LR;\n    node [fontname=\"sans-serif\"];\n    edge "
          "[fontname=\"sans-serif\", fontsize=10];\n",
          stream);
    for (uint32_t p = 0; p < network->place_count; p++) {
        fprintf(stream, "    subgraph cluster_%u {\n        label=", p);
        text_print_quoted(stream, network->place[p].name);
        fputs(";\n", stream);
        for (size_t s = 0; s < network->station_count; s++)
            if (network->station[s].place == p) print_node(&network->station[s], stream);
        fputs("    }\n", stream);
    }
    for (size_t r = 0; r < network->route_count; r++) print_edge(network, &network->route[r], stream);
    fputs("}\n", stream);
}

static bool on_map(const struct place *place)
{
    return !isnan(place->latitude) && !isnan(place->longitude);
}

static void print_property(FILE *stream, const char *name, const char *text)
{
    if (!text || !*text) return;
    fprintf(stream, ", \"%s\": ", name);
    text_print_quoted(stream, text);
}

static void print_point(const struct place *place, FILE *stream)
{
    fputs("{\"type\": \"Feature\", \"properties\": {\"name\": ", stream);
    text_print_quoted(stream, place->name);
    print_property(stream, "country", place->country);
    print_property(stream, "zone", place->zone);
    fprintf(stream, "}, \"geometry\": {\"type\": \"Point\", \"coordinates\": [%.10g, %.10g]}}",
            place->longitude, place->latitude);
}

static void print_line(const struct place *from, const struct place *to, FILE *stream)
{
    fputs("{\"type\": \"Feature\", \"properties\": {\"from\": ", stream);
    text_print_quoted(stream, from->name);
    print_property(stream, "to", to->name);
    fprintf(stream,
            "}, \"geometry\": {\"type\": \"LineString\", \"coordinates\": [[%.10g, %.10g], [%.10g, %.10g]]}}",
            from->longitude, from->latitude, to->longitude, to->latitude);
}

void show_map(const struct network *network, FILE *stream)
{
    const char *comma = "";
    size_t places = network->place_count;
    unsigned char *drawn = calloc(places * places + 1, 1); /* one line for all routes between two places */
    fputs("{\"type\": \"FeatureCollection\", \"features\": [", stream);
    for (size_t p = 0; p < places; p++) {
        if (!on_map(&network->place[p])) continue;
        fprintf(stream, "%s\n", comma);
        print_point(&network->place[p], stream);
        comma = ",";
    }
    for (size_t r = 0; drawn && r < network->route_count; r++) {
        const struct route *route = &network->route[r];
        uint32_t from = network->station[route->from].place, to = network->station[route->to].place;
        size_t line = from * places + to;
        if (from == to || drawn[line] || !on_map(&network->place[from]) || !on_map(&network->place[to]))
            continue;
        drawn[line] = 1;
        fprintf(stream, "%s\n", comma);
        print_line(&network->place[from], &network->place[to], stream);
        comma = ",";
    }
    fputs("\n]}\n", stream);
    free(drawn);
}
