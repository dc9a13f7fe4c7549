/* Counts of waits that have ended. */
#include "sim/replication.h"

void waits_counted(struct replication *self, uint32_t station_index, uint32_t class, people_t people,
                   int64_t ticks)
{
    struct station_state *station = &self->station[station_index];
    size_t cell = cell_of(self, station_index, class);
    self->counters.wait_count[cell] += people;
    self->counters.wait_ticks[cell] += ticks;
    station->wait_ticks += ticks;
    station->wait_count += people;
}

void waits_binned(struct replication *self, uint32_t station, people_t people, double days)
{
    const struct network *network = self->network;
    size_t bin = 0; /* the last edge that is passed is among `among` from here on */
    for (size_t among = network->wait_edge_count; among > 1;) {
        const size_t half = among / 2;
        bin += days >= network->wait_edge[bin + half] ? half : 0;
        among -= half;
    }
    self->counters.wait_bin[station * network->wait_edge_count + bin] += people;
}

void waits_ended(struct replication *self, uint32_t station, uint32_t class, people_t people, tick_t wait)
{
    waits_counted(self, station, class, people, person_ticks(people, wait));
    waits_binned(self, station, people, tick_days(wait));
}
