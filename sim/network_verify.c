/* What the engine takes for granted about a network, checked once. */
#include "sim/network.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

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

static bool index_fits(const struct verifier *self, uint32_t index, size_t count, bool optional,
                       const char *what)
{
    if (index < count || (optional && index == NETWORK_NONE)) return true;
    return error_set(self->error, ERROR_USAGE, "%s: %s %u is not one of %zu", self->where, what, index,
                     count);
}

static bool value_fits(const struct verifier *self, struct value value, bool optional, const char *what)
{
    const struct network *n = self->network;
    if (optional && value.slot == NETWORK_NONE) return true;
    CHECK(self, value.mask == 0 || value.mask == UINT32_MAX, "%s: %s has a mask that is neither 0 nor all",
          self->where, what);
    size_t width = value.mask ? n->class_count : 1;
    CHECK(self, value.slot < n->slot_count && n->slot_count - value.slot >= width,
          "%s: %s stands outside the table of values", self->where, what);
    return true;
}

static bool route_fits(const struct verifier *self, uint32_t route, uint32_t station, bool optional,
                       const char *what)
{
    if (!index_fits(self, route, self->network->route_count, optional, what)) return false;
    CHECK(self, route == NETWORK_NONE || self->network->route[route].from == station,
          "%s: %s is a route of another station", self->where, what);
    return true;
}

static bool item_fits(const struct verifier *self, uint32_t account, uint32_t item)
{
    if (!index_fits(self, account, self->network->account_count, true, "account")) return false;
    if (account == NETWORK_NONE) {
        CHECK(self, item == NETWORK_NONE, "%s: an item without an account", self->where);
        return true;
    }
    return index_fits(self, item, self->network->account[account].item_count, true, "item");
}

static bool source_fits(const struct verifier *self, const struct source *source, uint32_t station)
{
    const struct network *n = self->network;
    if (source->renewal ? !value_fits(self, source->interval.mean_days, false, "interval")
                        : !value_fits(self, source->per_day, false, "per_day"))
        return false;
    for (size_t d = 0; d < n->dimension_count; d++)
        CHECK(self,
              source->mix[d] == NETWORK_NONE ||
                  (source->mix[d] < n->slot_count &&
                   n->slot_count - source->mix[d] >= n->dimension[d].label_count),
              "%s: mix stands outside the table of values", self->where);
    for (uint32_t b = 0; b < source->batch_count; b++)
        if (!value_fits(self, source->batch[b].people, false, "people")) return false;
    return value_fits(self, source->level, true, "level") &&
           value_fits(self, source->season, true, "season") &&
           value_fits(self, source->dispersion, true, "dispersion") &&
           value_fits(self, source->cohesion_days, true, "cohesion_days") &&
           route_fits(self, source->route, station, false, "route");
}

static bool sojourn_fits(const struct verifier *self, const struct sojourn *sojourn, uint32_t station)
{
    CHECK(self, sojourn->hazard_count <= NETWORK_MAX_HAZARDS, "%s: %u hazards, at most %d", self->where,
          sojourn->hazard_count, NETWORK_MAX_HAZARDS);
    for (uint32_t h = 0; h < sojourn->hazard_count; h++)
        if (!value_fits(self, sojourn->hazard[h].per_day, false, "hazard") ||
            !route_fits(self, sojourn->hazard[h].route, station, false, "route of a hazard"))
            return false;
    return value_fits(self, sojourn->duration.mean_days, false, "duration") &&
           index_fits(self, sojourn->capacity, self->network->capacity_count, true, "room") &&
           route_fits(self, sojourn->route, station, false, "route") &&
           route_fits(self, sojourn->full, station, sojourn->capacity == NETWORK_NONE, "full");
}

static bool gate_fits(const struct verifier *self, const struct gate *gate, uint32_t station)
{
    size_t capacities = self->network->capacity_count;
    CHECK(self, gate->outcome_count > 0, "%s: a gate without outcomes", self->where);
    for (uint32_t o = 0; o < gate->outcome_count; o++) {
        const struct outcome *outcome = &gate->outcome[o];
        if (!value_fits(self, outcome->share, true, "share") ||
            !value_fits(self, outcome->item_units, true, "item_units") ||
            !index_fits(self, outcome->capacity, capacities, true, "seats") ||
            !item_fits(self, gate->account, outcome->item) ||
            !route_fits(self, outcome->route, station, false, "route of an outcome"))
            return false;
    }
    const struct outcome *last = &gate->outcome[gate->outcome_count - 1];
    CHECK(self,
          last->share.slot == NETWORK_NONE && last->capacity == NETWORK_NONE && last->item == NETWORK_NONE,
          "%s: the last outcome has a condition", self->where);
    return value_fits(self, gate->stop_probability, false, "stop_probability") &&
           value_fits(self, gate->intensity, true, "intensity") &&
           value_fits(self, gate->batch_factor, true, "batch_factor") &&
           index_fits(self, gate->capacity, capacities, true, "capacity") &&
           item_fits(self, gate->account, gate->item) &&
           route_fits(self, gate->route, station, false, "route");
}

static bool queue_fits(const struct verifier *self, const struct queue *queue, uint32_t station)
{
    bool served = queue->capacity != NETWORK_NONE;
    if (!index_fits(self, queue->capacity, self->network->capacity_count, true, "capacity")) return false;
    if (served ? !value_fits(self, queue->service.mean_days, false, "service")
               : !value_fits(self, queue->per_day, false, "per_day"))
        return false;
    if (queue->has_patience && !value_fits(self, queue->patience.mean_days, false, "patience")) return false;
    bool balks = queue->room.slot != NETWORK_NONE;
    return value_fits(self, queue->priority, true, "priority") &&
           value_fits(self, queue->room, true, "room") &&
           value_fits(self, queue->balk_probability, true, "balk_probability") &&
           route_fits(self, queue->route, station, false, "route") &&
           route_fits(self, queue->renege, station, !queue->has_patience, "renege") &&
           route_fits(self, queue->balk, station, !balks, "balk");
}

static bool ballot_station_fits(const struct verifier *self, const struct ballot_station *here,
                                uint32_t station)
{
    if (!index_fits(self, here->ballot, self->network->ballot_count, false, "ballot")) return false;
    const struct ballot *ballot = &self->network->ballot[here->ballot];
    for (uint32_t o = 0; o < ballot->office_count; o++)
        if (!value_fits(self, here->preference[o], true, "preference") ||
            !route_fits(self, here->office_route[o], station, true, "route of an office"))
            return false;
    if (here->has_patience && !value_fits(self, here->patience.mean_days, false, "patience")) return false;
    return value_fits(self, here->inside_fence, true, "inside_fence") &&
           route_fits(self, here->no_show, station, true, "no_show") &&
           route_fits(self, here->renege, station, !here->has_patience, "renege") &&
           route_fits(self, here->not_eligible, station, true, "not_eligible");
}

static bool departures_fit(const struct verifier *self, const struct departures *departures, uint32_t station)
{
    CHECK(self, departures->every_days >= 1, "%s: every_days is below 1", self->where);
    if (departures->has_patience && !value_fits(self, departures->patience.mean_days, false, "patience"))
        return false;
    return value_fits(self, departures->seats, false, "seats") &&
           item_fits(self, departures->account, departures->item) &&
           route_fits(self, departures->route, station, false, "route") &&
           route_fits(self, departures->renege, station, !departures->has_patience, "renege");
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
            if (!index_fits(self, option->term[t].signal, self->network->signal_count, false, "signal") ||
                !value_fits(self, option->term[t].coefficient, false, "coefficient"))
                return false;
        if (!value_fits(self, option->share, option->rest, "share") ||
            !route_fits(self, option->route, station, false, "route of an option"))
            return false;
    }
    return true;
}

static bool station_fits(const struct verifier *self, const struct station *station, uint32_t index)
{
    if (!index_fits(self, station->place, self->network->place_count, false, "place")) return false;
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

static bool stations_fit(struct verifier *self)
{
    for (uint32_t s = 0; s < self->network->station_count; s++) {
        self->where = self->network->station[s].name;
        if (!station_fits(self, &self->network->station[s], s)) return false;
    }
    return true;
}

static bool counts_fit(const struct verifier *self)
{
    const struct network *n = self->network;
    CHECK(self, n->days > 0, "the horizon has no days");
    CHECK(self, n->dimension_count >= 1 && n->dimension_count <= NETWORK_MAX_DIMENSIONS,
          "%zu dimensions of classes, allowed are 1 to %d", n->dimension_count, NETWORK_MAX_DIMENSIONS);
    CHECK(self, n->class_count >= 1 && n->class_count <= NETWORK_MAX_CLASSES,
          "%zu classes, allowed are 1 to %d", n->class_count, NETWORK_MAX_CLASSES);
    CHECK(self, n->station_count >= 1 && n->station_count <= NETWORK_MAX_STATIONS,
          "%zu stations, allowed are 1 to %d", n->station_count, NETWORK_MAX_STATIONS);
    size_t product = 1;
    for (size_t d = 0; d < n->dimension_count; d++) product *= n->dimension[d].label_count;
    CHECK(self, product == n->class_count, "%zu classes for %zu combinations of labels", n->class_count,
          product);
    for (size_t c = 0; c < n->class_count; c++)
        for (size_t d = 0; d < n->dimension_count; d++)
            CHECK(self, n->class[c].label[d] < n->dimension[d].label_count, "class %s: no such label",
                  n->class[c].name);
    return true;
}

static bool bins_fit(const struct verifier *self)
{
    const struct network *n = self->network;
    CHECK(self,
          n->bin_count >= 1 && n->bin_edge[0] == n->warm_up_days && n->bin_edge[n->bin_count] == n->days,
          "the bins do not reach from the warm-up to the end");
    for (size_t i = 0; i < n->bin_count; i++)
        CHECK(self, n->bin_edge[i] < n->bin_edge[i + 1], "bin %zu is empty", i);
    CHECK(self, n->wait_edge_count >= 1, "no edges of waits");
    for (size_t i = 1; i < n->wait_edge_count; i++)
        CHECK(self, n->wait_edge[i - 1] < n->wait_edge[i], "the edges of waits do not ascend");
    return true;
}

static bool range_fits(double value, double low, double high)
{
    return isfinite(value) && isfinite(low) && isfinite(high) && low <= high &&
           (low == high || (low <= value && value <= high));
}

static bool changes_fit(const struct verifier *self, const struct change *change, size_t count, bool dated)
{
    const struct network *n = self->network;
    for (size_t i = 0; i < count; i++) {
        CHECK(self, change[i].slot < n->slot_count, "change %zu: no such value", i);
        CHECK(self, range_fits(change[i].value, change[i].low, change[i].high),
              "change %zu of %s: the value is not in its range", i, n->slot[change[i].slot].path);
        if (!dated) continue;
        CHECK(self, i == 0 || change[i - 1].day <= change[i].day, "the changes do not ascend by day");
        CHECK(self, change[i].day >= -n->spin_up_days && change[i].day < n->days,
              "change %zu of %s lies outside the horizon", i, n->slot[change[i].slot].path);
    }
    return true;
}

static bool slots_fit(const struct verifier *self)
{
    const struct network *n = self->network;
    for (size_t i = 0; i < n->slot_count; i++)
        CHECK(self, range_fits(n->slot[i].value, n->slot[i].low, n->slot[i].high),
              "%s: the value is not in its range", n->slot[i].path);
    return changes_fit(self, n->change, n->change_count, true);
}

static bool routes_fit(struct verifier *self)
{
    const struct network *n = self->network;
    for (size_t r = 0; r < n->route_count; r++) {
        const struct route *route = &n->route[r];
        self->where = route->name;
        CHECK(self, route->tally_count <= sizeof route->tally / sizeof *route->tally, "%s: too many tallies",
              route->name);
        for (uint32_t t = 0; t < route->tally_count; t++)
            if (!index_fits(self, route->tally[t], n->tally_count, false, "tally")) return false;
        if (!index_fits(self, route->from, n->station_count, false, "station") ||
            !index_fits(self, route->to, n->station_count, false, "station"))
            return false;
        CHECK(self, n->station[route->to].kind != KIND_SOURCE, "%s: leads into a source", route->name);
    }
    return true;
}

static bool account_fits(const struct verifier *self, const struct account *account)
{
    CHECK(self, account->allotment_day >= 1 && account->allotment_day <= 28,
          "%s: allotment_day is not between 1 and 28", account->name);
    for (uint32_t i = 0; i < account->item_count; i++) {
        double threshold = account->item[i].threshold;
        CHECK(self, threshold >= 0 && threshold <= 1, "%s: the threshold of %s is not between 0 and 1",
              account->name, account->item[i].name);
        if (!value_fits(self, account->item[i].unit_cost, false, "unit cost")) return false;
    }
    for (uint32_t i = 0; i < account->grant_count; i++)
        if (!value_fits(self, account->grant[i].amount, false, "grant")) return false;
    return value_fits(self, account->opening, true, "opening") &&
           value_fits(self, account->monthly_release, true, "monthly_release") &&
           value_fits(self, account->reserve, true, "reserve") &&
           value_fits(self, account->arrears_limit, true, "arrears_limit");
}

static bool capacity_fits(const struct verifier *self, const struct capacity *capacity)
{
    for (uint32_t u = 0; u < capacity->user_count; u++)
        if (!index_fits(self, capacity->user[u], self->network->station_count, false, "user")) return false;
    return value_fits(self, capacity->amount, false, "amount");
}

static bool signal_fits(const struct verifier *self, const struct signal *signal)
{
    const struct network *n = self->network;
    CHECK(self, signal->window >= 1 && signal->lag >= 0 && signal->window + signal->lag <= 60,
          "a signal looks back further than 60 days, or not at all");
    bool of_tally = signal->kind == SIGNAL_TALLY;
    return index_fits(self, signal->target, of_tally ? n->tally_count : n->station_count, false, "signal");
}

static bool shared_fit(struct verifier *self)
{
    const struct network *n = self->network;
    for (size_t i = 0; i < n->place_count; i++) {
        self->where = n->place[i].name;
        if (!value_fits(self, n->place[i].shelter_places, true, "shelter_places") ||
            !value_fits(self, n->place[i].harm_per_day_sheltered, true, "harm") ||
            !value_fits(self, n->place[i].harm_per_day_unsheltered, true, "harm"))
            return false;
    }
    for (size_t i = 0; i < n->tally_count; i++)
        CHECK(self, n->tally[i].memory < NETWORK_MEMORIES, "%s: no such memory", n->tally[i].name);
    for (size_t i = 0; i < n->capacity_count; i++) {
        self->where = n->capacity[i].name;
        if (!capacity_fits(self, &n->capacity[i])) return false;
    }
    for (size_t i = 0; i < n->account_count; i++) {
        self->where = n->account[i].name;
        if (!account_fits(self, &n->account[i])) return false;
    }
    self->where = "signals";
    for (size_t i = 0; i < n->signal_count; i++)
        if (!signal_fits(self, &n->signal[i])) return false;
    return true;
}

static bool ballots_and_rules_fit(struct verifier *self)
{
    const struct network *n = self->network;
    for (size_t i = 0; i < n->ballot_count; i++) {
        const struct ballot *ballot = &n->ballot[i];
        self->where = ballot->name;
        CHECK(self, ballot->office_count >= 1 && ballot->office_count <= NETWORK_MAX_OFFICES,
              "%s: %u offices, allowed are 1 to %d", ballot->name, ballot->office_count, NETWORK_MAX_OFFICES);
        for (uint32_t o = 0; o < ballot->office_count; o++)
            if (!value_fits(self, ballot->office[o].slots_per_day, false, "slots_per_day")) return false;
        if (!value_fits(self, ballot->oldest_share, false, "oldest_share") ||
            !value_fits(self, ballot->overbooking, true, "overbooking") ||
            !value_fits(self, ballot->no_show, true, "no_show") ||
            !value_fits(self, ballot->lead.mean_days, false, "lead"))
            return false;
    }
    for (size_t i = 0; i < n->rule_count; i++) {
        self->where = n->rule[i].name;
        if (!index_fits(self, n->rule[i].signal, n->signal_count, false, "signal") ||
            !value_fits(self, n->rule[i].threshold, false, "threshold") ||
            !changes_fit(self, n->rule[i].change, n->rule[i].change_count, false))
            return false;
    }
    return true;
}

static bool cycles_take_time(const struct verifier *self)
{
    const struct network *n = self->network;
    uint8_t *seen = calloc(n->station_count, sizeof *seen);
    uint32_t *cycle = calloc(n->station_count, sizeof *cycle);
    bool good = true;
    if (!seen || !cycle)
        good = error_set(self->error, ERROR_MEMORY, "not enough memory to check the network");
    else if (network_instant_cycle(n, seen, cycle) > 0)
        good = error_set(self->error, ERROR_USAGE, "%s: people could move in a cycle that takes no time",
                         n->station[cycle[0]].name);
    free(seen);
    free(cycle);
    return good;
}

bool network_verify(const struct network *self, struct error *error)
{
    struct verifier verifier = {.network = self, .error = error, .where = "network"};
    return counts_fit(&verifier) && bins_fit(&verifier) && slots_fit(&verifier) && shared_fit(&verifier) &&
           ballots_and_rules_fit(&verifier) && routes_fit(&verifier) && stations_fit(&verifier) &&
           cycles_take_time(&verifier);
}
