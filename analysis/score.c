#include "analysis/score.h"

#include "analysis/summary.h"
#include "sim/time.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool find_bins(const struct measures *measures, int32_t first_day, int32_t end_day, size_t *first,
                      size_t *last)
{
    *first = *last = SIZE_MAX;
    for (size_t b = 0; b < measures->bins; b++) {
        if (measures->first_day[b] == first_day) *first = b;
        if (measures->end_day[b] == end_day) *last = b;
    }
    return *first != SIZE_MAX && *last != SIZE_MAX && *first <= *last;
}

static void compare_row(struct score_row *row, const struct measures *measures, size_t scenario, double level)
{
    int32_t first_day, end_day;
    size_t first, last, column = measures_column(measures, row->measure);
    row->mean = row->low = row->high = row->error_percent = row->z = NAN;
    if (column == SIZE_MAX)
        row->not_comparable = "the file has no such measure";
    else if (!period_parse(row->period, &first_day, &end_day))
        row->not_comparable = "the period cannot be read";
    else if (!find_bins(measures, first_day, end_day, &first, &last))
        row->not_comparable = "the period is not made of whole bins";
    else if (last > first && measure_kind(row->measure) == MEASURE_WAIT)
        row->not_comparable = "a mean wait is known of single bins only";
    if (row->not_comparable) return;
    struct spread spread = measure_spread(measures, scenario, first, last, column, level);
    if (spread.count == 0) {
        row->not_comparable = measure_kind(row->measure) == MEASURE_WAIT
                                  ? "no complete replication in which a wait ended"
                                  : "no complete replication";
        return;
    }
    row->mean = spread.mean;
    row->low = spread.low;
    row->high = spread.high;
    double difference = row->mean - row->published;
    row->error_percent = difference == 0 ? 0 : 100 * difference / fabs(row->published);
    row->z = spread.deviation > 0 ? -difference / spread.deviation : NAN;
    row->inside_tolerance = fabs(row->error_percent) <= row->tolerance_percent;
    row->inside_interval = row->published >= row->low && row->published <= row->high;
}

static const char *text_of(const struct node *item, const char *key)
{
    const struct node *node = node_get(item, key);
    return node && node->kind == NODE_SCALAR ? node->text : "";
}

static struct score_row read_row(const struct node *item)
{
    struct score_row row = {.measure = text_of(item, "measure"),
                            .period = text_of(item, "period"),
                            .scope = text_of(item, "scope")};
    const struct node *value = node_get(item, "value"), *tolerance = node_get(item, "tolerance_percent");
    if (!value || !node_number(value, &row.published)) row.published = NAN;
    if (!tolerance || !node_number(tolerance, &row.tolerance_percent)) row.tolerance_percent = 0;
    row.check_only = strcmp(text_of(item, "use"), "check") == 0;
    return row;
}

bool score_make(struct score *self, const struct measures *measures, size_t scenario, double level,
                struct error *error)
{
    struct problems problems = {0};
    const char *text = measures->text[scenario];
    *self = (struct score){0};
    if (!*text) return true;
    bool good =
        document_read_text(&self->document, &problems, measures->scenario[scenario], text, strlen(text));
    if (!good)
        error_set(error, ERROR_FILE, "the scenario text of %s in the file cannot be read: %.300s",
                  measures->scenario[scenario], problems.count ? problems.problem[0].message : "unknown");
    const struct node *targets = good ? node_get(self->document.root, "targets") : NULL;
    size_t count = targets && targets->kind == NODE_LIST ? targets->count : 0;
    self->row = calloc(count + 1, sizeof *self->row);
    if (good && !self->row) good = error_set(error, ERROR_MEMORY, "not enough memory for the targets");
    for (size_t i = 0; good && i < count; i++) {
        self->row[i] = read_row(targets->item[i]);
        compare_row(&self->row[i], measures, scenario, level);
        self->count++;
    }
    problems_free(&problems);
    self->document.problems = NULL;
    if (!good) score_free(self);
    return good;
}

void score_free(struct score *self)
{
    if (self->document.memory) document_free(&self->document);
    free(self->row);
    *self = (struct score){0};
}

struct score_total score_total(const struct score *self, bool check_only)
{
    struct score_total total = {0};
    double errors = 0;
    for (size_t i = 0; i < self->count; i++) {
        const struct score_row *row = &self->row[i];
        if (row->not_comparable || row->check_only != check_only) continue;
        total.count++;
        total.inside_tolerance += row->inside_tolerance;
        total.inside_interval += row->inside_interval;
        errors += fabs(row->error_percent);
    }
    total.mean_error_percent = errors / (double)total.count; /* 0 / 0: NaN */
    return total;
}
