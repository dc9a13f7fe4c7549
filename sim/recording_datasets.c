/* The datasets of the file, and what further is said about its axes. */
#include "sim/recording.h"

#include <math.h>
#include <string.h>

struct dataset_plan {
    enum recording_dataset id;
    const char *group, *name, *long_name, *units, *comment;
    bool real; /* doubles even where people are counted in whole numbers */
    int axes;
    enum recording_axis axis[3];
};

static const struct dataset_plan plans[] = {
    {DATASET_PEOPLE_MEAN,
     "stocks",
     "people",
     "people present, mean over the bin",
     "people",
     NULL,
     true,
     3,
     {AXIS_TIME, AXIS_PLACE, AXIS_CLASS}},
    {DATASET_PEOPLE_END,
     "stocks",
     "people_end",
     "people present at the end of the bin",
     "people",
     NULL,
     false,
     3,
     {AXIS_TIME, AXIS_PLACE, AXIS_CLASS}},
    {DATASET_FLOW,
     "flows",
     "moves",
     "moves along the route",
     "1",
     "events, not people",
     false,
     3,
     {AXIS_TIME, AXIS_ROUTE, AXIS_CLASS}},
    {DATASET_EVENTS,
     "events",
     "events",
     "events",
     "1",
     "events, not people",
     false,
     3,
     {AXIS_TIME, AXIS_EVENT, AXIS_CLASS}},
    {DATASET_FIRST,
     "events",
     "people",
     "people counted for the first time",
     "people",
     "0 where the measure is not counted per person",
     false,
     3,
     {AXIS_TIME, AXIS_EVENT, AXIS_CLASS}},
    {DATASET_PER_PERSON,
     "per_person",
     "people",
     "people who left, by how often they had been counted",
     "people",
     "whole run, spin-up included",
     false,
     3,
     {AXIS_EVENT, AXIS_TIMES, AXIS_CLASS}},
    {DATASET_WAIT_COUNT,
     "waits",
     "ended",
     "waits that ended in the bin",
     "1",
     NULL,
     false,
     3,
     {AXIS_TIME, AXIS_STATION, AXIS_CLASS}},
    {DATASET_WAIT_DAYS,
     "waits",
     "total",
     "sum of the waits that ended in the bin",
     "person-days",
     "divide by ended for the mean",
     true,
     3,
     {AXIS_TIME, AXIS_STATION, AXIS_CLASS}},
    {DATASET_WAIT_HISTOGRAM,
     "waits",
     "histogram",
     "waits that ended in the bin, by length",
     "1",
     "counts add up over replications, quantiles do not",
     false,
     3,
     {AXIS_TIME, AXIS_STATION, AXIS_WAIT_BIN}},
    {DATASET_STILL_WAITING,
     "waits",
     "still_waiting",
     "people still waiting at the end of the bin",
     "people",
     "these waits are censored: they are not in histogram",
     false,
     2,
     {AXIS_TIME, AXIS_STATION}},
    {DATASET_STILL_DAYS,
     "waits",
     "still_waiting_total",
     "sum of the waits so far of those still waiting",
     "person-days",
     "at a ballot since they registered, as the waits that ended",
     true,
     2,
     {AXIS_TIME, AXIS_STATION}},
    {DATASET_SERVERS_BUSY,
     "waits",
     "servers_busy",
     "servers busy, mean over the bin",
     "servers",
     NULL,
     true,
     2,
     {AXIS_TIME, AXIS_STATION}},
    {DATASET_HARMED,
     "harm",
     "harmed",
     "harm at the place",
     "1",
     "events, not people",
     false,
     3,
     {AXIS_TIME, AXIS_PLACE, AXIS_CLASS}},
    {DATASET_UNSHELTERED,
     "harm",
     "unsheltered",
     "nights beyond the places to sleep",
     "person-days",
     NULL,
     false,
     3,
     {AXIS_TIME, AXIS_PLACE, AXIS_CLASS}},
    {DATASET_BALANCE,
     "balances",
     "balance",
     "balance at the end of the bin",
     "currency",
     NULL,
     true,
     2,
     {AXIS_TIME, AXIS_ACCOUNT}},
    {DATASET_LOWEST,
     "balances",
     "lowest",
     "lowest balance within the bin",
     "currency",
     NULL,
     true,
     2,
     {AXIS_TIME, AXIS_ACCOUNT}},
    {DATASET_RELEASED,
     "balances",
     "released",
     "money received within the bin, less what lapsed",
     "currency",
     "the opening balance, releases and grants: the balance is the one before + this - spent",
     true,
     2,
     {AXIS_TIME, AXIS_ACCOUNT}},
    {DATASET_SPENT, "spending", "spent", "money spent", "currency", NULL, true, 2, {AXIS_TIME, AXIS_ITEM}},
    {DATASET_PAID, "spending", "paid", "how many were paid for", "1", NULL, false, 2, {AXIS_TIME, AXIS_ITEM}},
    {DATASET_SUSPENDED,
     "spending",
     "suspended",
     "days that began with the item suspended",
     "d",
     NULL,
     true,
     2,
     {AXIS_TIME, AXIS_ITEM}},
    {DATASET_LIMIT,
     "levels",
     "limit",
     "what the capacity could do in the bin",
     "people",
     "per day: summed over the bin; at once: at its end",
     true,
     2,
     {AXIS_TIME, AXIS_CAPACITY}},
    {DATASET_USED,
     "levels",
     "used",
     "what was used of it",
     "people",
     "per day: summed over the bin; at once: at its end",
     true,
     2,
     {AXIS_TIME, AXIS_CAPACITY}},
    {DATASET_MEASURES,
     "runs",
     "measures",
     "totals over classes and places",
     "as named",
     "events unless the name says people; _balance and _spent in currency; _wait_days mean days, NaN where "
     "no wait ended",
     true,
     2,
     {AXIS_TIME, AXIS_MEASURE}},
};

bool recording_allows_dimension(const char *name)
{
    static const char *const axes[] = {"scenario", "replication", "time",     "event_kind", "times",
                                       "place",    "route",       "station",  "account",    "item",
                                       "capacity", "measure",     "wait_bin", "bin_end"};
    for (size_t i = 0; i < sizeof axes / sizeof *axes; i++)
        if (strcmp(name, axes[i]) == 0) return false;
    for (size_t p = 0; p < sizeof plans / sizeof *plans; p++)
        if (strcmp(name, plans[p].name) == 0) return false;
    return true;
}

static bool wanted(const struct recording *self, const struct dataset_plan *plan)
{
    const struct network *n = self->network;
    for (int a = 0; a < plan->axes; a++)
        if (self->axis[plan->axis[a]].length == 0) return false;
    if (strcmp(plan->group, "flows") == 0) return n->record_flows;
    if (strcmp(plan->group, "stocks") == 0 || strcmp(plan->group, "harm") == 0) return n->record_stocks;
    return strcmp(plan->group, "waits") != 0 || n->record_waits;
}

/* At a scale such as 0.1 a count stands for 10 people: still a whole number. Expectations never are. */
static bool counts_are_whole(const struct recording *self)
{
    double per_person = 1 / self->scale;
    return self->engine.kind != ENGINE_MEAN && fabs(per_person - round(per_person)) < 1e-9 && per_person >= 1;
}

void recording_plan_datasets(struct recording *self)
{
    bool whole = counts_are_whole(self);
    size_t offset = 0;
    for (size_t p = 0; p < sizeof plans / sizeof *plans; p++) {
        const struct dataset_plan *plan = &plans[p];
        self->place_of[plan->id] = SIZE_MAX;
        if (!wanted(self, plan)) continue;
        struct results_dataset *dataset = &self->dataset[self->dataset_count];
        *dataset = (struct results_dataset){.group = plan->group,
                                            .name = plan->name,
                                            .long_name = plan->long_name,
                                            .units = plan->units,
                                            .comment = plan->comment,
                                            .type = whole && !plan->real ? RESULTS_INT32 : RESULTS_DOUBLE,
                                            .axis_count = (size_t)plan->axes,
                                            .offset = offset};
        size_t cells = 1;
        for (int a = 0; a < plan->axes; a++) {
            dataset->axis[a] = self->file_axis_of[plan->axis[a]];
            cells *= self->axis[plan->axis[a]].length;
        }
        size_t bytes = cells * (dataset->type == RESULTS_INT32 ? sizeof(int32_t) : sizeof(double));
        offset = (offset + bytes + 7) & ~(size_t)7;
        self->middle_length[plan->id] = plan->axes == 3 ? self->axis[plan->axis[1]].length : 1;
        self->row_length[plan->id] = self->axis[plan->axis[plan->axes - 1]].length;
        self->place_of[plan->id] = self->dataset_count++;
    }
    self->layout.block_bytes = offset;
}

/* The currency of each account, and of each item of cost. */
static void find_currencies(struct recording *self, const struct recording_scenario *scenarios)
{
    self->account_currency = recording_own(self, self->names[AXIS_ACCOUNT].count, sizeof(char *));
    self->item_currency = recording_own(self, self->names[AXIS_ITEM].count, sizeof(char *));
    if (self->error.kind) return;
    for (size_t s = self->scenario_count; s-- > 0;) {
        const struct network *network = scenarios[s].network;
        uint32_t item = 0;
        for (size_t a = 0; a < network->account_count; a++) {
            const struct account *account = &network->account[a];
            self->account_currency[self->recorder[s].account[a]] = account->currency;
            for (uint32_t i = 0; i < account->item_count; i++)
                self->item_currency[self->recorder[s].item[item++]] = account->currency;
        }
    }
}

static struct results_attribute currency_of(const struct recording *self, const char *group,
                                            enum recording_axis axis, const char **names)
{
    return (struct results_attribute){.group = group,
                                      .name = "currency",
                                      .long_name = "currency (ISO 4217)",
                                      .axis = self->file_axis_of[axis],
                                      .names = names};
}

void recording_describe_axes(struct recording *self, const struct recording_scenario *scenarios)
{
    const struct network *n = self->network;
    size_t places = self->names[AXIS_PLACE].count, count = 0;
    self->latitude = recording_own(self, places, sizeof(double));
    self->longitude = recording_own(self, places, sizeof(double));
    self->country = recording_own(self, places, sizeof *self->country);
    if (self->error.kind) return;
    for (size_t s = self->scenario_count; s-- > 0;) {
        const struct network *network = scenarios[s].network;
        for (size_t p = 0; p < network->place_count; p++) {
            uint32_t at = self->recorder[s].place[p];
            self->latitude[at] = network->place[p].latitude;
            self->longitude[at] = network->place[p].longitude;
            self->country[at] = network->place[p].country ? network->place[p].country : "-";
        }
    }
    struct results_attribute *attribute = self->attribute;
    if (n->record_stocks) {
        attribute[count++] = (struct results_attribute){.group = "stocks",
                                                        .name = "latitude",
                                                        .long_name = "latitude",
                                                        .units = "degrees_north",
                                                        .axis = self->file_axis_of[AXIS_PLACE],
                                                        .numbers = self->latitude};
        attribute[count++] = (struct results_attribute){.group = "stocks",
                                                        .name = "longitude",
                                                        .long_name = "longitude",
                                                        .units = "degrees_east",
                                                        .axis = self->file_axis_of[AXIS_PLACE],
                                                        .numbers = self->longitude};
        attribute[count++] = (struct results_attribute){.group = "stocks",
                                                        .name = "country",
                                                        .long_name = "country",
                                                        .axis = self->file_axis_of[AXIS_PLACE],
                                                        .names = self->country};
    }
    attribute[count++] = (struct results_attribute){.group = "runs",
                                                    .name = "bin_end",
                                                    .long_name = "first day after the bin",
                                                    .units = self->axis[AXIS_TIME].units,
                                                    .axis = self->file_axis_of[AXIS_TIME],
                                                    .numbers = self->bin_end};
    find_currencies(self, scenarios);
    if (self->error.kind) return;
    if (self->names[AXIS_ACCOUNT].count > 0)
        attribute[count++] = currency_of(self, "balances", AXIS_ACCOUNT, self->account_currency);
    if (self->names[AXIS_ITEM].count > 0)
        attribute[count++] = currency_of(self, "spending", AXIS_ITEM, self->item_currency);
    for (size_t d = 0; d < n->dimension_count && self->names[AXIS_EVENT].count; d++) {
        if (strcmp(n->dimension[d].name, "class") == 0) continue; /* one dimension: the class says it all */
        const char **labels = recording_own(self, n->class_count, sizeof *labels);
        if (!labels) return;
        for (size_t c = 0; c < n->class_count; c++) labels[c] = n->dimension[d].label[n->class[c].label[d]];
        attribute[count++] = (struct results_attribute){.group = "events",
                                                        .name = n->dimension[d].name,
                                                        .long_name = n->dimension[d].name,
                                                        .axis = self->file_axis_of[AXIS_CLASS],
                                                        .names = labels};
    }
    self->layout.attributes = self->attribute;
    self->layout.attribute_count = count;
}
