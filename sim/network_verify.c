/* What the engine takes for granted about a network, checked once. */
#include "sim/network_verify.h"

#include <math.h>
#include <stdlib.h>

bool verifier_index_fits(const struct verifier *self, uint32_t index, size_t count, bool optional,
                         const char *what)
{
    if (index < count || (optional && index == NETWORK_NONE)) return true;
    return error_set(self->error, ERROR_USAGE, "%s: %s %u is not one of %zu", self->where, what, index,
                     count);
}

bool verifier_value_fits(const struct verifier *self, struct value value, bool optional, const char *what)
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

bool verifier_route_fits(const struct verifier *self, uint32_t route, uint32_t station, bool optional,
                         const char *what)
{
    if (!verifier_index_fits(self, route, self->network->route_count, optional, what)) return false;
    CHECK(self, route == NETWORK_NONE || self->network->route[route].from == station,
          "%s: %s is a route of another station", self->where, what);
    return true;
}

bool verifier_item_fits(const struct verifier *self, uint32_t account, uint32_t item)
{
    if (!verifier_index_fits(self, account, self->network->account_count, true, "account")) return false;
    if (account == NETWORK_NONE) {
        CHECK(self, item == NETWORK_NONE, "%s: an item without an account", self->where);
        return true;
    }
    return verifier_index_fits(self, item, self->network->account[account].item_count, true, "item");
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
            if (!verifier_index_fits(self, route->tally[t], n->tally_count, false, "tally")) return false;
        if (!verifier_index_fits(self, route->from, n->station_count, false, "station") ||
            !verifier_index_fits(self, route->to, n->station_count, false, "station"))
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
        if (!verifier_value_fits(self, account->item[i].unit_cost, false, "unit cost")) return false;
    }
    for (uint32_t i = 0; i < account->grant_count; i++)
        if (!verifier_value_fits(self, account->grant[i].amount, false, "grant")) return false;
    return verifier_value_fits(self, account->opening, true, "opening") &&
           verifier_value_fits(self, account->monthly_release, true, "monthly_release") &&
           verifier_value_fits(self, account->reserve, true, "reserve") &&
           verifier_value_fits(self, account->carry_limit, true, "carry_limit") &&
           verifier_value_fits(self, account->arrears_limit, true, "arrears_limit");
}

static bool capacity_fits(const struct verifier *self, const struct capacity *capacity)
{
    for (uint32_t u = 0; u < capacity->user_count; u++)
        if (!verifier_index_fits(self, capacity->user[u], self->network->station_count, false, "user"))
            return false;
    return verifier_value_fits(self, capacity->amount, false, "amount");
}

static bool signal_fits(const struct verifier *self, const struct signal *signal)
{
    const struct network *n = self->network;
    CHECK(self, signal->window >= 1 && signal->lag >= 0 && signal->window + signal->lag <= 60,
          "a signal looks back further than 60 days, or not at all");
    bool of_tally = signal->kind == SIGNAL_TALLY;
    return verifier_index_fits(self, signal->target, of_tally ? n->tally_count : n->station_count, false,
                               "signal");
}

static bool shared_fit(struct verifier *self)
{
    const struct network *n = self->network;
    for (size_t i = 0; i < n->place_count; i++) {
        self->where = n->place[i].name;
        if (!verifier_value_fits(self, n->place[i].shelter_places, true, "shelter_places") ||
            !verifier_value_fits(self, n->place[i].harm_per_day_sheltered, true, "harm") ||
            !verifier_value_fits(self, n->place[i].harm_per_day_unsheltered, true, "harm"))
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
            if (!verifier_value_fits(self, ballot->office[o].slots_per_day, false, "slots_per_day"))
                return false;
        if (!verifier_value_fits(self, ballot->oldest_share, false, "oldest_share") ||
            !verifier_value_fits(self, ballot->overbooking, true, "overbooking") ||
            !verifier_value_fits(self, ballot->no_show, false, "no_show") ||
            !verifier_value_fits(self, ballot->lead.mean_days, false, "lead"))
            return false;
    }
    for (size_t i = 0; i < n->rule_count; i++) {
        self->where = n->rule[i].name;
        if (!verifier_index_fits(self, n->rule[i].signal, n->signal_count, false, "signal") ||
            !verifier_value_fits(self, n->rule[i].threshold, false, "threshold") ||
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
           ballots_and_rules_fit(&verifier) && routes_fit(&verifier) && verifier_stations_fit(&verifier) &&
           cycles_take_time(&verifier);
}
