#include "sim/kinds/kind.h"

const struct kind *const kinds[KIND_COUNT] = {
    [KIND_SOURCE] = &kind_source, [KIND_DELAY] = &kind_delay,   [KIND_GATE] = &kind_gate,
    [KIND_QUEUE] = &kind_queue,   [KIND_BALLOT] = &kind_ballot, [KIND_DEPARTURES] = &kind_departures,
    [KIND_STAY] = &kind_stay,     [KIND_CHOICE] = &kind_choice, [KIND_SINK] = &kind_sink,
};
