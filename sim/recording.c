#include "sim/recording.h"

#include "sim/replication.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void *recording_own(struct recording *self, size_t count, size_t size)
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

const char *recording_own_text(struct recording *self, const char *first, const char *second)
{
    size_t length = strlen(first) + strlen(second) + 1;
    char *text = recording_own(self, length, 1);
    if (text) snprintf(text, length, "%s%s", first, second);
    return text ? text : "";
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
    else if (x->record_flows != y->record_flows || x->record_stocks != y->record_stocks ||
             x->record_waits != y->record_waits)
        what = "record.flows, record.stocks or record.waits";
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
    self->text = recording_own(self, text_count + 2 * self->scenario_count, sizeof *self->text);
    if (!self->text) return;
    if (text_count) memcpy(self->text, texts, text_count * sizeof *texts);
    size_t count = text_count;
    for (size_t s = 0; s < self->scenario_count; s++) {
        const int own = (int)s;
        if (scenarios[s].text)
            self->text[count++] = (struct results_text){"scenario", own, scenarios[s].text};
        if (scenarios[s].data) self->text[count++] = (struct results_text){"data", own, scenarios[s].data};
    }
    self->layout.texts = self->text;
    self->layout.text_count = count;
}

bool recording_new(struct recording **result, const struct recording_scenario *scenarios,
                   size_t scenario_count, struct engine engine, size_t replications, uint64_t seed,
                   double scale, bool trace, const struct results_text *texts, size_t text_count,
                   struct error *error)
{
    *result = NULL;
    for (size_t s = 1; s < scenario_count; s++)
        if (!same_frame(&scenarios[0], &scenarios[s], error)) return false;
    struct recording *self = calloc(1, sizeof *self);
    if (!self) return error_set(error, ERROR_MEMORY, "not enough memory to prepare the results");
    self->scenario_count = scenario_count;
    self->network = scenarios[0].network;
    self->scale = scale;
    self->engine = engine;
    self->recorder = recording_own(self, scenario_count, sizeof *self->recorder);
    self->scenario_name = recording_own(self, scenario_count, sizeof *self->scenario_name);
    for (size_t s = 0; s < scenario_count && !self->error.kind; s++) {
        self->scenario_name[s] = scenarios[s].name;
        recording_map_scenario(self, &self->recorder[s], scenarios[s].network);
    }
    recording_name_axes(self);
    recording_plan_datasets(self);
    recording_describe_axes(self, scenarios);
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
    self->layout.noisy = engine.kind == ENGINE_MEAN;
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
