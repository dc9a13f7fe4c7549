/* A network in the forms that people and other programs read. */
#ifndef CORRIDOR_CLI_SHOW_H
#define CORRIDOR_CLI_SHOW_H

#include "sim/network.h"

#include <stdio.h>

/* One row per station: kind, place, where its routes lead. */
void show_table(const struct network *network, FILE *stream);
/* The DOT language of Graphviz; stations of one place stand in one box. */
void show_graphviz(const struct network *network, FILE *stream);
/* GeoJSON (RFC 7946): places as points, routes between different places as lines. */
void show_map(const struct network *network, FILE *stream);

#endif
