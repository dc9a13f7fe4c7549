#include "analysis/summary.h"

#include "models/document.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { BALLOTS_SHOWN = 1 };

static bool ends_with(const char *name, const char *ending)
{
    size_t length = strlen(name), end = strlen(ending);
    return length > end && strcmp(name + length - end, ending) == 0;
}

enum measure_kind measure_kind(const char *name)
{
    if (ends_with(name, "_wait_days")) return MEASURE_WAIT;
    return ends_with(name, "_balance") || strcmp(name, "present") == 0 ? MEASURE_LEVEL : MEASURE_EVENTS;
}

double measure_over(const struct measures *self, size_t scenario, size_t replication, size_t first,
                    size_t last, size_t column)
{
    enum measure_kind kind = measure_kind(self->column[column]);
    if (kind == MEASURE_LEVEL) return measures_at(self, scenario, replication, last, column);
    double sum = 0, count = 0;
    for (size_t b = first; b <= last; b++) {
        double value = measures_at(self, scenario, replication, b, column);
        if (kind == MEASURE_WAIT && isnan(value)) continue;
        sum += value;
        count++;
    }
    return kind == MEASURE_WAIT ? sum / count : sum;
}

struct spread measure_spread(const struct measures *self, size_t scenario, size_t first, size_t last,
                             size_t column, double level)
{
    double *number = malloc((self->replications + 1) * sizeof *number);
    if (!number) return spread_of(NULL, NULL, 0, level);
    for (size_t r = 0; r < self->replications; r++)
        number[r] = measure_over(self, scenario, r, first, last, column);
    struct spread spread =
        spread_of(number, self->complete + scenario * self->replications, self->replications, level);
    free(number);
    return spread;
}

bool measures_empty(const struct measures *self, size_t column)
{
    for (size_t run = 0; run < self->scenarios * self->replications; run++)
        for (size_t b = 0; self->complete[run] && b < self->bins; b++) {
            double value = self->value[(run * self->bins + b) * self->columns + column];
            if (!isnan(value) && value != 0) return false;
        }
    return true;
}

/* The main measures found so far. */
struct chosen {
    const struct measures *measures;
    size_t *column, count;
};

static void choose(struct chosen *self, size_t column)
{
    if (column == SIZE_MAX || self->count == MAIN_MOST || measures_empty(self->measures, column)) return;
    for (size_t i = 0; i < self->count; i++)
        if (self->column[i] == column) return;
    self->column[self->count++] = column;
}

/* Waits of stations that are ballots: only the scenario's text knows the kinds. */
static void choose_ballots(struct chosen *self, const char *text)
{
    struct problems problems = {0};
    struct document document = {0};
    bool good = document_read_text(&document, &problems, "scenario", text, strlen(text));
    const struct node *stations = good ? node_get(document.root, "stations") : NULL;
    size_t count = stations && stations->kind == NODE_MAP ? stations->count : 0;
    size_t most = self->count + BALLOTS_SHOWN;
    for (size_t i = 0; i < count && self->count < most; i++) {
        const struct node *kind = node_get(stations->item[i], "kind");
        if (!kind || !kind->text || strcmp(kind->text, "ballot") != 0) continue;
        size_t length = strlen(stations->key[i]);
        for (size_t c = 0; c < self->measures->columns; c++) {
            const char *name = self->measures->column[c];
            if (strncmp(name, stations->key[i], length) == 0 && strcmp(name + length, "_wait_days") == 0)
                choose(self, c);
        }
    }
    if (document.memory) document_free(&document);
    problems_free(&problems);
}

static bool is_measure_of(const char *name, const char *measure)
{
    size_t length = strlen(measure);
    return strncmp(name, measure, length) == 0 && (name[length] == '\0' || name[length] == '_');
}

size_t measures_main(const struct measures *self, size_t column[MAIN_MOST])
{
    static const char *const first[] = {"encounters", "stops", "appointments"};
    struct chosen chosen = {.measures = self, .column = column};
    for (size_t i = 0; i < sizeof first / sizeof *first; i++)
        choose(&chosen, measures_column(self, first[i]));
    if (self->scenarios > 0) choose_ballots(&chosen, self->text[0]);
    for (size_t c = 0; c < self->columns; c++)
        if (is_measure_of(self->column[c], "inm") && measure_kind(self->column[c]) == MEASURE_LEVEL)
            choose(&chosen, c);
    return chosen.count;
}
