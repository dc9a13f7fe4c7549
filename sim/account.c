#include "sim/replication.h"

#include <math.h>

/* Money is counted in hundredths of the currency, as integers, so that accounts balance exactly. */

/* The most that an account may hold or owe, and that anything may cost: sums and differences of two such are
 * integers still. */
#define MOST 0x1p61

static int64_t hundredths(double amount)
{
    return llround(fmin(fmax(amount * 100.0, -MOST), MOST));
}

static int64_t scaled(const struct replication *self, struct value value)
{
    return value_given(value) ? hundredths(value_of(self, value, 0) * self->scale) : 0;
}

static void credit(struct replication *self, struct account_state *state, int64_t amount)
{
    const int64_t balance = state->balance + amount;
    if (fabs((double)balance) > MOST || fabs((double)amount) >= MOST) {
        replication_fail(self, "an account holds or owes more than 2e16 of its currency");
        return;
    }
    state->balance = balance;
    state->released += amount;
}

void account_open(struct replication *self)
{
    for (size_t a = 0; a < self->network->account_count; a++) {
        struct account_state *state = &self->account[a];
        state->open = true;
        credit(self, state, scaled(self, self->network->account[a].opening));
        state->lowest = state->balance;
    }
}

/* Costs and limits change with values only, and values only at the start of a day: they are worked out once a
 * day. */
static void price_items(struct replication *self, size_t account_index)
{
    const struct account *account = &self->network->account[account_index];
    struct account_state *state = &self->account[account_index];
    double reserve = (double)scaled(self, account->reserve);
    state->floor = -scaled(self, account->arrears_limit);
    for (uint32_t i = 0; i < account->item_count; i++) {
        struct item_price *price = &self->price[self->item_first[account_index] + i];
        price->unit_cost = value_of(self, account->item[i].unit_cost, 0);
        price->cost = hundredths(price->unit_cost);
        price->suspended_below =
            account->item[i].threshold > 0 ? account->item[i].threshold * reserve : -INFINITY;
    }
}

/* What was not used lapses, then the month's money comes. */
static void allot(struct replication *self, const struct account *account, struct account_state *state)
{
    int64_t limit = scaled(self, account->carry_limit);
    if (value_given(account->carry_limit) && state->balance > limit)
        credit(self, state, limit - state->balance);
    credit(self, state, scaled(self, account->monthly_release));
    if (state->balance < state->lowest) state->lowest = state->balance;
}

void account_begin_day(struct replication *self, int32_t day)
{
    const struct network *network = self->network;
    for (size_t a = 0; a < network->account_count; a++) {
        const struct account *account = &network->account[a];
        struct account_state *state = &self->account[a];
        price_items(self, a);
        if (!state->open) continue;
        if (date_from_days(network->from + day).day == account->allotment_day) allot(self, account, state);
        for (uint32_t g = 0; g < account->grant_count; g++)
            if (account->grant[g].day == day) credit(self, state, scaled(self, account->grant[g].amount));
        for (uint32_t i = 0; i < account->item_count; i++)
            if ((double)state->balance < self->price[self->item_first[a] + i].suspended_below)
                self->counters.suspended[self->item_first[a] + i]++;
    }
}

static int64_t cost_of(const struct item_price *price, double units)
{
    return units == 1 ? price->cost : hundredths(price->unit_cost * units);
}

bool account_can_pay(const struct replication *self, uint32_t account, uint32_t item, double units)
{
    if (account == NETWORK_NONE || item == NETWORK_NONE) return true;
    const struct account_state *state = &self->account[account];
    if (!state->open) return true; /* the spin-up is not paid for */
    const struct item_price *price = &self->price[self->item_first[account] + item];
    return (double)state->balance >= price->suspended_below &&
           state->balance - cost_of(price, units) >= state->floor;
}

void account_pay(struct replication *self, uint32_t account, uint32_t item, double units)
{
    if (account == NETWORK_NONE || item == NETWORK_NONE) return;
    struct account_state *state = &self->account[account];
    if (!state->open) return;
    uint32_t number = self->item_first[account] + item;
    int64_t cost = cost_of(&self->price[number], units);
    state->balance -= cost;
    if (state->balance < state->lowest) state->lowest = state->balance;
    self->counters.spent[number] += cost;
    self->counters.items[number]++;
}

double account_cost(const struct replication *self, uint32_t account, uint32_t item, double units)
{
    if (account == NETWORK_NONE || item == NETWORK_NONE) return 0;
    return (double)cost_of(&self->price[self->item_first[account] + item], units);
}

people_t account_affordable(const struct replication *self, uint32_t account, uint32_t item, double spent,
                            double cost, people_t wanted)
{
    if (account == NETWORK_NONE || item == NETWORK_NONE) return wanted;
    const struct account_state *state = &self->account[account];
    if (!state->open) return wanted; /* the spin-up is not paid for */
    const struct item_price *price = &self->price[self->item_first[account] + item];
    double above = (double)(state->balance - state->floor) - spent;
    double active = (double)state->balance - spent - price->suspended_below;
    if (active < 0 || above < 0) return 0;
    if (!(cost > 0)) return wanted;
    /* The last one may be paid with what stands just above the threshold. */
    double most = self->expected ? active / cost : floor(active / cost) + 1;
    if (above / cost < most) most = above / cost;
    if (!self->expected) most = floor(most);
    return wanted < most ? wanted : most;
}

void account_pay_many(struct replication *self, uint32_t account, uint32_t item, double cost, people_t count)
{
    if (account == NETWORK_NONE || item == NETWORK_NONE || !(count > 0)) return;
    struct account_state *state = &self->account[account];
    if (!state->open) return;
    uint32_t number = self->item_first[account] + item;
    int64_t sum = llround(fmin(cost, MOST));
    state->balance -= sum;
    if (state->balance < state->lowest) state->lowest = state->balance;
    self->counters.spent[number] += sum;
    self->counters.items[number] += count;
}
