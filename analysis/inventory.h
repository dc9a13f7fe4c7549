/* How a scenario's values are known: measured, calibrated, assumed, with or without a range. */
#ifndef CORRIDOR_ANALYSIS_INVENTORY_H
#define CORRIDOR_ANALYSIS_INVENTORY_H

#include "models/document.h"

struct inventory {
    size_t measured, calibrated, assumed, unsaid; /* values written as a map with `value` */
    size_t ranges;                                /* of these, with a range */
};

/* Counts the values of a resolved scenario, policies included; targets are not values. */
struct inventory inventory_of(const struct node *root);

#endif
