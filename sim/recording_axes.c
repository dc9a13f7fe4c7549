/* The axes of the file: names of all scenarios' things, each once, and the numbers of time, waits and counts.
 */
#include "sim/recording.h"

#include "sim/kinds/kind.h"
#include "sim/replication.h"

#include <stdio.h>
#include <string.h>

static uint32_t name_index(struct recording *self, enum recording_axis axis, const char *name)
{
    struct name_list *list = &self->names[axis];
    for (size_t i = 0; i < list->count; i++)
        if (strcmp(list->name[i], name) == 0) return (uint32_t)i;
    if ((list->count & (list->count - 1)) == 0) { /* full: 0, 1, 2, 4, ... names */
        const char **grown = recording_own(self, list->count ? list->count * 2 : 1, sizeof *grown);
        if (!grown) return 0;
        if (list->count) memcpy(grown, list->name, list->count * sizeof *grown);
        list->name = grown;
    }
    list->name[list->count] = name;
    return (uint32_t)list->count++;
}

static const char *item_name(struct recording *self, const struct account *account, uint32_t item)
{
    return recording_own_text(self, recording_own_text(self, account->name, "."), account->item[item].name);
}

static void map_accounts(struct recording *self, struct recorder *recorder, const struct network *n)
{
    size_t items = 0;
    for (size_t a = 0; a < n->account_count; a++) items += n->account[a].item_count;
    recorder->account = recording_own(self, n->account_count, sizeof(uint32_t));
    recorder->item = recording_own(self, items, sizeof(uint32_t));
    if (self->error.kind) return;
    items = 0;
    for (size_t a = 0; a < n->account_count; a++) {
        recorder->account[a] = name_index(self, AXIS_ACCOUNT, n->account[a].name);
        for (uint32_t i = 0; i < n->account[a].item_count; i++)
            recorder->item[items++] = name_index(self, AXIS_ITEM, item_name(self, &n->account[a], i));
    }
}

void recording_map_scenario(struct recording *self, struct recorder *recorder, const struct network *n)
{
    recorder->recording = self;
    recorder->network = n;
    recorder->place = recording_own(self, n->place_count, sizeof(uint32_t));
    recorder->route = recording_own(self, n->route_count, sizeof(uint32_t));
    recorder->tally = recording_own(self, n->tally_count, sizeof(uint32_t));
    recorder->station = recording_own(self, n->station_count, sizeof(uint32_t));
    recorder->capacity = recording_own(self, n->capacity_count, sizeof(uint32_t));
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

/* The column of a measure; measure_columns counts on each having its own. */
static void add_measure(struct recording *self, const char *name)
{
    const size_t before = self->names[AXIS_MEASURE].count;
    name_index(self, AXIS_MEASURE, name);
    if (self->error.kind == ERROR_NONE && self->names[AXIS_MEASURE].count == before)
        error_set(&self->error, ERROR_USAGE,
                  "two measures would be called '%s' in the results: rename the measure, account or station "
                  "that it is named after",
                  name);
}

static void add_measures(struct recording *self, enum recording_axis axis, const char *ending)
{
    const struct name_list *list = &self->names[axis];
    for (size_t i = 0; i < list->count; i++)
        add_measure(self, recording_own_text(self, list->name[i], ending));
}

static void name_measures(struct recording *self)
{
    add_measures(self, AXIS_EVENT, "");
    add_measures(self, AXIS_EVENT, "_people");
    add_measure(self, "harmed");
    add_measure(self, "unsheltered_person_days");
    add_measure(self, "present");
    add_measures(self, AXIS_ACCOUNT, "_balance");
    add_measures(self, AXIS_ITEM, "_spent");
    add_measures(self, AXIS_STATION, "_wait_days");
}

static void number_axes(struct recording *self)
{
    const struct network *n = self->network;
    self->time = recording_own(self, n->bin_count, sizeof(double));
    self->bin_end = recording_own(self, n->bin_count, sizeof(double));
    self->times = recording_own(self, PER_PERSON_BINS, sizeof(double));
    if (self->error.kind) return;
    for (size_t b = 0; b < n->bin_count; b++) {
        self->time[b] = n->bin_edge[b];
        self->bin_end[b] = n->bin_edge[b + 1];
    }
    for (int i = 0; i < PER_PERSON_BINS; i++) self->times[i] = i;
    char date[11];
    date_format(n->from, date);
    const char *units = recording_own_text(self, "days since ", date);
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
    /* Cohorts only know whether their people were counted at all, not how often: no such axis, and so no
     * per_person, in the files of flows and mean. */
    bool has_persons = self->engine.kind == ENGINE_AGENTS;
    self->axis[AXIS_TIMES] =
        (struct results_axis){.name = "times",
                              .long_name = "how often one person was counted; the last means or more",
                              .units = "1",
                              .numbers = self->times,
                              .length = has_persons ? PER_PERSON_BINS : 0};
}

static void list_axes(struct recording *self)
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
    const char **names = recording_own(self, n->class_count, sizeof *names);
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

void recording_name_axes(struct recording *self)
{
    name_measures(self);
    list_axes(self);
}
