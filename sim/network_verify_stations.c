/* What the engine takes for granted about the stations of a network. */
#include "sim/network_verify.h"

static bool source_fits(const struct verifier *self, const struct source *source, uint32_t station)
{
    const struct network *n = self->network;
    if (source->renewal ? !verifier_value_fits(self, source->interval.mean_days, false, "interval")
                        : !verifier_value_fits(self, source->per_day, false, "per_day"))
        return false;
    for (size_t d = 0; d < n->dimension_count; d++)
        CHECK(self,
              source->mix[d] == NETWORK_NONE ||
                  (source->mix[d] < n->slot_count &&
                   n->slot_count - source->mix[d] >= n->dimension[d].label_count),
              "%s: mix stands outside the table of values", self->where);
    for (uint32_t b = 0; b < source->batch_count; b++)
        if (!verifier_value_fits(self, source->batch[b].people, false, "people")) return false;
    return verifier_value_fits(self, source->level, true, "level") &&
           verifier_value_fits(self, source->season, true, "season") &&
           verifier_value_fits(self, source->dispersion, true, "dispersion") &&
           verifier_value_fits(self, source->cohesion_days, true, "cohesion_days") &&
           verifier_route_fits(self, source->route, station, false, "route");
}

static bool sojourn_fits(const struct verifier *self, const struct sojourn *sojourn, uint32_t station)
{
    CHECK(self, sojourn->hazard_count <= NETWORK_MAX_HAZARDS, "%s: %u hazards, at most %d", self->where,
          sojourn->hazard_count, NETWORK_MAX_HAZARDS);
    for (uint32_t h = 0; h < sojourn->hazard_count; h++)
        if (!verifier_value_fits(self, sojourn->hazard[h].per_day, false, "hazard") ||
            !verifier_route_fits(self, sojourn->hazard[h].route, station, false, "route of a hazard"))
            return false;
    return verifier_value_fits(self, sojourn->duration.mean_days, false, "duration") &&
           verifier_index_fits(self, sojourn->capacity, self->network->capacity_count, true, "room") &&
           verifier_route_fits(self, sojourn->route, station, false, "route") &&
           verifier_route_fits(self, sojourn->full, station, sojourn->capacity == NETWORK_NONE, "full");
}

static bool gate_fits(const struct verifier *self, const struct gate *gate, uint32_t station)
{
    size_t capacities = self->network->capacity_count;
    CHECK(self, gate->outcome_count > 0, "%s: a gate without outcomes", self->where);
    for (uint32_t o = 0; o < gate->outcome_count; o++) {
        const struct outcome *outcome = &gate->outcome[o];
        if (!verifier_value_fits(self, outcome->share, true, "share") ||
            !verifier_value_fits(self, outcome->item_units, true, "item_units") ||
            !verifier_index_fits(self, outcome->capacity, capacities, true, "seats") ||
            !verifier_item_fits(self, gate->account, outcome->item) ||
            !verifier_route_fits(self, outcome->route, station, false, "route of an outcome"))
            return false;
    }
    const struct outcome *last = &gate->outcome[gate->outcome_count - 1];
    CHECK(self,
          last->share.slot == NETWORK_NONE && last->capacity == NETWORK_NONE && last->item == NETWORK_NONE,
          "%s: the last outcome has a condition", self->where);
    return verifier_value_fits(self, gate->stop_probability, false, "stop_probability") &&
           verifier_value_fits(self, gate->intensity, true, "intensity") &&
           verifier_value_fits(self, gate->batch_factor, true, "batch_factor") &&
           verifier_index_fits(self, gate->capacity, capacities, true, "capacity") &&
           verifier_item_fits(self, gate->account, gate->item) &&
           verifier_route_fits(self, gate->route, station, false, "route");
}

static bool queue_fits(const struct verifier *self, const struct queue *queue, uint32_t station)
{
    bool served = queue->capacity != NETWORK_NONE;
    if (!verifier_index_fits(self, queue->capacity, self->network->capacity_count, true, "capacity"))
        return false;
    if (served ? !verifier_value_fits(self, queue->service.mean_days, false, "service")
               : !verifier_value_fits(self, queue->per_day, false, "per_day"))
        return false;
    if (queue->has_patience && !verifier_value_fits(self, queue->patience.mean_days, false, "patience"))
        return false;
    bool balks = queue->room.slot != NETWORK_NONE || queue->balk_probability.slot != NETWORK_NONE;
    return verifier_value_fits(self, queue->priority, true, "priority") &&
           verifier_value_fits(self, queue->room, true, "room") &&
           verifier_value_fits(self, queue->balk_probability, true, "balk_probability") &&
           verifier_route_fits(self, queue->route, station, false, "route") &&
           verifier_route_fits(self, queue->renege, station, !queue->has_patience, "renege") &&
           verifier_route_fits(self, queue->balk, station, !balks, "balk");
}

static bool ballot_station_fits(const struct verifier *self, const struct ballot_station *here,
                                uint32_t station)
{
    if (!verifier_index_fits(self, here->ballot, self->network->ballot_count, false, "ballot")) return false;
    const struct ballot *ballot = &self->network->ballot[here->ballot];
    for (uint32_t o = 0; o < ballot->office_count; o++)
        if (!verifier_value_fits(self, here->preference[o], true, "preference") ||
            !verifier_route_fits(self, here->office_route[o], station,
                                 here->preference[o].slot == NETWORK_NONE, "route of an office"))
            return false;
    if (here->has_patience && !verifier_value_fits(self, here->patience.mean_days, false, "patience"))
        return false;
    const uint64_t all = UINT64_MAX >> (64 - self->network->class_count);
    return verifier_value_fits(self, here->inside_fence, true, "inside_fence") &&
           verifier_route_fits(self, here->no_show, station, false, "no_show") &&
           verifier_route_fits(self, here->renege, station, !here->has_patience, "renege") &&
           verifier_route_fits(self, here->not_eligible, station, (here->classes & all) == all,
                               "not_eligible");
}

static bool departures_fit(const struct verifier *self, const struct departures *departures, uint32_t station)
{
    CHECK(self, departures->every_days >= 1, "%s: every_days is below 1", self->where);
    if (departures->has_patience &&
        !verifier_value_fits(self, departures->patience.mean_days, false, "patience"))
        return false;
    return verifier_value_fits(self, departures->seats, false, "seats") &&
           verifier_item_fits(self, departures->account, departures->item) &&
           verifier_route_fits(self, departures->route, station, false, "route") &&
           verifier_route_fits(self, departures->renege, station, !departures->has_patience, "renege");
}

static bool choice_fits(const struct verifier *self, const struct choice *choice, uint32_t station)
{
    uint32_t rests = 0;
    CHECK(self, choice->option_count > 0, "%s: a choice without options", self->where);
    for (uint32_t o = 0; o < choice->option_count; o++) rests += choice->option[o].rest;
    CHECK(self, rests <= !choice->logit, "%s: %u options are the rest", self->where, rests);
    for (uint32_t o = 0; o < choice->option_count; o++) {
        const struct choice_option *option = &choice->option[o];
        CHECK(self, option->term_count <= sizeof option->term / sizeof *option->term, "%s: too many terms",
              self->where);
        for (uint32_t t = 0; t < option->term_count; t++)
            if (!verifier_index_fits(self, option->term[t].signal, self->network->signal_count, false,
                                     "signal") ||
                !verifier_value_fits(self, option->term[t].coefficient, false, "coefficient"))
                return false;
        if (!verifier_value_fits(self, option->share, option->rest, "share") ||
            !verifier_route_fits(self, option->route, station, false, "route of an option"))
            return false;
    }
    return true;
}

static bool station_fits(const struct verifier *self, const struct station *station, uint32_t index)
{
    if (!verifier_index_fits(self, station->place, self->network->place_count, false, "place")) return false;
    switch (station->kind) {
    case KIND_SOURCE:
        return source_fits(self, &station->source, index);
    case KIND_DELAY:
    case KIND_STAY:
        return sojourn_fits(self, &station->sojourn, index);
    case KIND_GATE:
        return gate_fits(self, &station->gate, index);
    case KIND_QUEUE:
        return queue_fits(self, &station->queue, index);
    case KIND_BALLOT:
        return ballot_station_fits(self, &station->ballot, index);
    case KIND_DEPARTURES:
        return departures_fit(self, &station->departures, index);
    case KIND_CHOICE:
        return choice_fits(self, &station->choice, index);
    case KIND_SINK:
        return true;
    case KIND_COUNT:
        break;
    }
    return error_set(self->error, ERROR_USAGE, "%s: no such kind of station", self->where);
}

bool verifier_stations_fit(struct verifier *self)
{
    for (uint32_t s = 0; s < self->network->station_count; s++) {
        self->where = self->network->station[s].name;
        if (!station_fits(self, &self->network->station[s], s)) return false;
    }
    return true;
}
