/* What the files network_verify*.c share. */
#ifndef CORRIDOR_SIM_NETWORK_VERIFY_H
#define CORRIDOR_SIM_NETWORK_VERIFY_H

#include "sim/network.h"

/* What is being looked at, so that a message can say where it is. */
struct verifier {
    const struct network *network;
    struct error *error;
    const char *where;
};

#define CHECK(self, condition, ...)                                                                          \
    do {                                                                                                     \
        if (!(condition)) return error_set((self)->error, ERROR_USAGE, __VA_ARGS__);                         \
    } while (0)

/* Whether an index, a value, a route, an item of an account is one of the network's; `optional`: or
 * NETWORK_NONE. Else fills the error. */
bool verifier_index_fits(const struct verifier *self, uint32_t index, size_t count, bool optional,
                         const char *what);
bool verifier_value_fits(const struct verifier *self, struct value value, bool optional, const char *what);
bool verifier_route_fits(const struct verifier *self, uint32_t route, uint32_t station, bool optional,
                         const char *what);
bool verifier_item_fits(const struct verifier *self, uint32_t account, uint32_t item);

/* network_verify_stations.c */
bool verifier_stations_fit(struct verifier *self);

#endif
