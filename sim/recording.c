#include "sim/recording.h"

#include "sim/kinds/kind.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *own(struct recording *self, size_t count, size_t size)
{
    void **owned = realloc(self->owned, (self->owned_count + 1) * sizeof *owned);
    if (owned) self->owned = owned;
    void *memory = owned ? calloc(count ? count : 1, size) : NULL;
    if (memory)
        self->owned[self->owned_count++] = memory;
    else
        error_set(&self->error, ERROR_MEMORY, "not enough memory to prepare the results");
    return memory;
}

static const char *own_text(struct recording *self, const char *first, const char *second)
{
    size_t length = strlen(first) + strlen(second) + 1;
    char *text = own(self, length, 1);
    if (text) snprintf(text, length, "%s%s", first, second);
    return text ? text : "";
}

static uint32_t name_index(struct recording *self, enum recording_axis axis, const char *name)
{
    struct name_list *list = &self->names[axis];
    for (size_t i = 0; i < list->count; i++)
        if (strcmp(list->name[i], name) == 0) return (uint32_t)i;
    if ((list->count & (list->count - 1)) == 0) { /* full: 0, 1, 2, 4, ... names */
        const char **grown = own(self, list->count ? list->count * 2 : 1, sizeof *grown);
        if (!grown) return 0;
        if (list->count) memcpy(grown, list->name, list->count * sizeof *grown);
        list->name = grown;
    }
    list->name[list->count] = name;
    return (uint32_t)list->count++;
}

static const char *item_name(struct recording *self, const struct account *account, uint32_t item)
{
    return own_text(self, own_text(self, account->name, "."), account->item[item].name);
}

static void map_accounts(struct recording *self, struct recorder *recorder, const struct network *n)
{
    size_t items = 0;
    for (size_t a = 0; a < n->account_count; a++) items += n->account[a].item_count;
    recorder->account = own(self, n->account_count, sizeof(uint32_t));
    recorder->item = own(self, items, sizeof(uint32_t));
    if (self->error.kind) return;
    items = 0;
    for (size_t a = 0; a < n->account_count; a++) {
        recorder->account[a] = name_index(self, AXIS_ACCOUNT, n->account[a].name);
        for (uint32_t i = 0; i < n->account[a].item_count; i++)
            recorder->item[items++] = name_index(self, AXIS_ITEM, item_name(self, &n->account[a], i));
    }
}

static void map_scenario(struct recording *self, struct recorder *recorder, const struct network *n)
{
    recorder->recording = self;
    recorder->network = n;
    recorder->place = own(self, n->place_count, sizeof(uint32_t));
    recorder->route = own(self, n->route_count, sizeof(uint32_t));
    recorder->tally = own(self, n->tally_count, sizeof(uint32_t));
    recorder->station = own(self, n->station_count, sizeof(uint32_t));
    recorder->capacity = own(self, n->capacity_count, sizeof(uint32_t));
    if (self->error.kind) return;
    for (size_t i = 0; i < n->place_count; i++)
        recorder->place[i] = name_index(self, AXIS_PLACE, n->place[i].name);
    for (size_t i = 0; i < n->route_count; i++)
        recorder->route[i] = name_index(self, AXIS_ROUTE, n->route[i].name);
    for (size_t i = 0; i < n->tally_count; i++)
        recorder->tally[i] = name_index(self, AXIS_EVENT, n->tally[i].name);
    for (size_t i = 0; i < n->station_count; i++) {
        bool waits = kinds[n->station[i].kind]->has_waits;
        recorder->station[i] = waits ? name_index(self, AXIS_STATION, n->station[i].name) : NETWORK_NONE;
    }
    for (size_t i = 0; i < n->capacity_count; i++)
        recorder->capacity[i] = name_index(self, AXIS_CAPACITY, n->capacity[i].name);
    map_accounts(self, recorder, n);
}

static bool same_frame(const struct recording_scenario *a, const struct recording_scenario *b,
                       struct error *error)
{
    const struct network *x = a->network, *y = b->network;
    const char *what = NULL;
    if (x->from != y->from || x->days != y->days)
        what = "dates (from, to)";
    else if (x->bins != y->bins || x->warm_up_days != y->warm_up_days)
        what = "record.bins or warm_up_days";
    else if (x->class_count != y->class_count)
        what = "classes";
    else if (x->wait_edge_count != y->wait_edge_count ||
             memcmp(x->wait_edge, y->wait_edge, x->wait_edge_count * sizeof *x->wait_edge) != 0)
        what = "record.wait_edges_days";
    for (size_t c = 0; !what && c < x->class_count; c++)
        if (strcmp(x->class[c].name, y->class[c].name) != 0) what = "classes";
    if (!what) return true;
    return error_set(error, ERROR_USAGE,
                     "%s and %s cannot be one study: their %s differ; run them one by one", a->name, b->name,
                     what);
}

struct measure_columns measure_columns(const struct recording *self)
{
    struct measure_columns c = {0};
    c.first = self->names[AXIS_EVENT].count;
    c.harmed = c.first * 2;
    c.unsheltered = c.harmed + 1;
    c.present = c.unsheltered + 1;
    c.balance = c.present + 1;
    c.spent = c.balance + self->names[AXIS_ACCOUNT].count;
    c.wait = c.spent + self->names[AXIS_ITEM].count;
    return c;
}

static void name_measures(struct recording *self)
{
    const struct name_list *n = self->names;
    for (size_t i = 0; i < n[AXIS_EVENT].count; i++) name_index(self, AXIS_MEASURE, n[AXIS_EVENT].name[i]);
    for (size_t i = 0; i < n[AXIS_EVENT].count; i++)
        name_index(self, AXIS_MEASURE, own_text(self, n[AXIS_EVENT].name[i], "_people"));
    name_index(self, AXIS_MEASURE, "harmed");
    name_index(self, AXIS_MEASURE, "unsheltered_person_days");
    name_index(self, AXIS_MEASURE, "present");
    for (size_t i = 0; i < n[AXIS_ACCOUNT].count; i++)
        name_index(self, AXIS_MEASURE, own_text(self, n[AXIS_ACCOUNT].name[i], "_balance"));
    for (size_t i = 0; i < n[AXIS_ITEM].count; i++)
        name_index(self, AXIS_MEASURE, own_text(self, n[AXIS_ITEM].name[i], "_spent"));
    for (size_t i = 0; i < n[AXIS_STATION].count; i++)
        name_index(self, AXIS_MEASURE, own_text(self, n[AXIS_STATION].name[i], "_wait_days"));
}

static void number_axes(struct recording *self)
{
    const struct network *n = self->network;
    self->time = own(self, n->bin_count, sizeof(double));
    self->bin_end = own(self, n->bin_count, sizeof(double));
    self->times = own(self, PER_PERSON_BINS, sizeof(double));
    if (self->error.kind) return;
    for (size_t b = 0; b < n->bin_count; b++) {
        self->time[b] = n->bin_edge[b];
        self->bin_end[b] = n->bin_edge[b + 1];
    }
    for (int i = 0; i < PER_PERSON_BINS; i++) self->times[i] = i;
    char date[11];
    date_format(n->from, date);
    const char *units = own_text(self, "days since ", date);
    self->axis[AXIS_TIME] = (struct results_axis){.name = "time",
                                                  .long_name = "first day of the bin",
                                                  .units = units,
                                                  .calendar = "proleptic_gregorian",
                                                  .numbers = self->time,
                                                  .length = n->bin_count};
    self->axis[AXIS_WAIT_BIN] =
        (struct results_axis){.name = "wait_bin",
                              .long_name = "lower edge of the wait; the last bin is open",
                              .units = "d",
                              .numbers = n->wait_edge,
                              .length = n->wait_edge_count};
    self->axis[AXIS_TIMES] =
        (struct results_axis){.name = "times",
                              .long_name = "how often one person was counted; the last means or more",
                              .units = "1",
                              .numbers = self->times,
                              .length = PER_PERSON_BINS};
}

static void name_axes(struct recording *self)
{
    static const struct {
        enum recording_axis axis;
        const char *name, *long_name;
    } named[] = {
        {AXIS_PLACE, "place", "place"},
        {AXIS_ROUTE, "route", "route: station and way out of it"},
        {AXIS_EVENT, "event_kind", "what is counted"},
        {AXIS_STATION, "station", "station where people wait"},
        {AXIS_ACCOUNT, "account", "account"},
        {AXIS_ITEM, "item", "account and item of cost"},
        {AXIS_CAPACITY, "capacity", "capacity"},
        {AXIS_MEASURE, "measure", "measure"},
    };
    for (size_t i = 0; i < sizeof named / sizeof *named; i++) {
        const struct name_list *list = &self->names[named[i].axis];
        self->axis[named[i].axis] = (struct results_axis){.name = named[i].name,
                                                          .long_name = named[i].long_name,
                                                          .names = list->name,
                                                          .length = list->count};
    }
    const struct network *n = self->network;
    const char **names = own(self, n->class_count, sizeof *names);
    if (!names) return;
    for (size_t c = 0; c < n->class_count; c++) names[c] = n->class[c].name;
    self->axis[AXIS_CLASS] = (struct results_axis){
        .name = "class", .long_name = "class of people", .names = names, .length = n->class_count};
    number_axes(self);
    for (size_t a = 0; a < AXIS_COUNT; a++) {
        if (self->axis[a].length == 0) continue; /* a model without money has no accounts in its file */
        self->file_axis_of[a] = self->file_axis_count;
        self->file_axis[self->file_axis_count++] = self->axis[a];
    }
}

struct dataset_plan {
    enum recording_dataset id;
    const char *group, *name, *long_name, *units, *comment;
    bool real; /* doubles even at full scale */
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
     NULL,
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
     "kidnapping, extortion and assault",
     "1",
     "events, not people",
     false,
     3,
     {AXIS_TIME, AXIS_PLACE, AXIS_CLASS}},
    {DATASET_UNSHELTERED,
     "harm",
     "unsheltered",
     "nights in the street",
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
     "money released within the bin",
     "currency",
     NULL,
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

static bool wanted(const struct recording *self, const struct dataset_plan *plan)
{
    const struct network *n = self->network;
    for (int a = 0; a < plan->axes; a++)
        if (self->axis[plan->axis[a]].length == 0) return false;
    if (strcmp(plan->group, "flows") == 0) return n->record_flows;
    if (strcmp(plan->group, "stocks") == 0 || strcmp(plan->group, "harm") == 0) return n->record_stocks;
    return strcmp(plan->group, "waits") != 0 || n->record_waits;
}

static void plan_datasets(struct recording *self)
{
    /* At a scale such as 0.1 a count stands for 10 people: still a whole number. */
    double per_person = 1 / self->scale;
    bool whole = fabs(per_person - round(per_person)) < 1e-9 && per_person >= 1;
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
        self->place_of[plan->id] = self->dataset_count++;
    }
    self->layout.block_bytes = offset;
}

static void describe_axes(struct recording *self, const struct recording_scenario *scenarios)
{
    const struct network *n = self->network;
    size_t places = self->names[AXIS_PLACE].count, count = 0;
    self->latitude = own(self, places, sizeof(double));
    self->longitude = own(self, places, sizeof(double));
    self->country = own(self, places, sizeof *self->country);
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
    for (size_t d = 0; d < n->dimension_count && self->names[AXIS_EVENT].count; d++) {
        if (strcmp(n->dimension[d].name, "class") == 0) continue; /* one dimension: the class says it all */
        const char **labels = own(self, n->class_count, sizeof *labels);
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

static void describe_trace(struct recording *self)
{
    self->column[0] = (struct trace_column){
        "day", "when", self->axis[AXIS_TIME].units, RESULTS_DOUBLE, offsetof(struct trace_record, day), -1};
    self->column[1] =
        (struct trace_column){"person", "who", "1", RESULTS_INT64, offsetof(struct trace_record, person), -1};
    self->column[2] = (struct trace_column){"class",
                                            "class",
                                            "1",
                                            RESULTS_INT32,
                                            offsetof(struct trace_record, class),
                                            (int)self->file_axis_of[AXIS_CLASS]};
    self->column[3] = (struct trace_column){
        "route",       "route followed: from where to where", "1",
        RESULTS_INT32, offsetof(struct trace_record, route),  (int)self->file_axis_of[AXIS_ROUTE]};
    self->layout.trace_columns = self->column;
    self->layout.trace_column_count = 4;
}

static void keep_texts(struct recording *self, const struct recording_scenario *scenarios,
                       const struct results_text *texts, size_t text_count)
{
    self->text = own(self, text_count + self->scenario_count, sizeof *self->text);
    if (!self->text) return;
    if (text_count) memcpy(self->text, texts, text_count * sizeof *texts);
    size_t count = text_count;
    for (size_t s = 0; s < self->scenario_count; s++)
        if (scenarios[s].text)
            self->text[count++] =
                (struct results_text){.name = "scenario", .scenario = (int)s, .text = scenarios[s].text};
    self->layout.texts = self->text;
    self->layout.text_count = count;
}

bool recording_new(struct recording **result, const struct recording_scenario *scenarios,
                   size_t scenario_count, size_t replications, uint64_t seed, double scale, bool trace,
                   const struct results_text *texts, size_t text_count, struct error *error)
{
    *result = NULL;
    for (size_t s = 1; s < scenario_count; s++)
        if (!same_frame(&scenarios[0], &scenarios[s], error)) return false;
    struct recording *self = calloc(1, sizeof *self);
    if (!self) return error_set(error, ERROR_MEMORY, "not enough memory to prepare the results");
    self->scenario_count = scenario_count;
    self->network = scenarios[0].network;
    self->scale = scale;
    self->recorder = own(self, scenario_count, sizeof *self->recorder);
    self->scenario_name = own(self, scenario_count, sizeof *self->scenario_name);
    for (size_t s = 0; s < scenario_count && !self->error.kind; s++) {
        self->scenario_name[s] = scenarios[s].name;
        map_scenario(self, &self->recorder[s], scenarios[s].network);
    }
    name_measures(self);
    name_axes(self);
    plan_datasets(self);
    describe_axes(self, scenarios);
    if (trace) describe_trace(self);
    keep_texts(self, scenarios, texts, text_count);
    if (self->error.kind) {
        if (error) *error = self->error;
        recording_free(self);
        return false;
    }
    self->layout.scenarios = self->scenario_name;
    self->layout.scenario_count = scenario_count;
    self->layout.replications = replications;
    self->layout.seed = seed;
    self->layout.scale = scale;
    self->layout.axes = self->file_axis;
    self->layout.axis_count = self->file_axis_count;
    self->layout.datasets = self->dataset;
    self->layout.dataset_count = self->dataset_count;
    *result = self;
    return true;
}

void recording_free(struct recording *self)
{
    if (!self) return;
    for (size_t i = 0; i < self->owned_count; i++) free(self->owned[i]);
    free(self->owned);
    free(self);
}

const struct results_layout *recording_layout(const struct recording *self)
{
    return &self->layout;
}

const struct recorder *recording_recorder(const struct recording *self, size_t scenario)
{
    return &self->recorder[scenario];
}
