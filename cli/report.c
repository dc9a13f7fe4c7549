#include "cli/report.h"

#include "cli/table.h"
#include "cli/text.h"

#include "analysis/summary.h"
#include "cli/report_stations.h"
#include "sim/time.h"

#include <math.h>
#include <string.h>

enum { BAR_WIDTH = 20 };
_Static_assert((int)BAR_WIDTH <= (int)BAR_MOST, "a bar has room");

struct report_rows report_rows(const struct measures *measures)
{
    size_t each = (measures->bins + REPORT_ROWS - 1) / REPORT_ROWS;
    if (each == 0) each = 1;
    return (struct report_rows){(measures->bins + each - 1) / each, each, measures->bins};
}

size_t report_first_bin(const struct report_rows *rows, size_t row)
{
    return row * rows->bins_per_row;
}

size_t report_last_bin(const struct report_rows *rows, size_t row)
{
    size_t last = (row + 1) * rows->bins_per_row - 1;
    return last < rows->bins ? last : rows->bins - 1;
}

const char *report_period_head(const struct measures *measures)
{
    if (measures->bins == 0 || report_rows(measures).bins_per_row > 1) return "from";
    int32_t most = 0; /* the first and the last bin may be cut short */
    for (size_t b = 0; b < measures->bins; b++) {
        int32_t days = measures->end_day[b] - measures->first_day[b];
        most = days > most ? days : most;
    }
    return most == 1 ? "day" : most <= 7 ? "week of" : "month";
}

const char *report_total_name(const char *measure)
{
    enum measure_kind kind = measure_kind(measure);
    return kind == MEASURE_WAIT ? "mean of the periods" : kind == MEASURE_LEVEL ? "at the end" : "in total";
}

void report_add_spread(struct table *table, const struct spread *spread, int decimals)
{
    char mean[NUMBER_SIZE], low[NUMBER_SIZE], high[NUMBER_SIZE], width[NUMBER_SIZE], chance[NUMBER_SIZE];
    table_add(table, "%s", number_text(mean, spread->mean, decimals));
    if (isnan(spread->width))
        table_add(table, "-");
    else
        table_add(table, "%s .. %s", number_text(low, spread->low, decimals),
                  number_text(high, spread->high, decimals));
    table_add(table, "%s", number_text(width, spread->width, decimals));
    table_add(table, "%s", number_text(chance, spread->chance_width, decimals));
}

void report_add_heads(struct table *table, const char *first)
{
    table_add(table, "%s", first);
    table_add(table, "mean");
    table_add(table, "90 %% interval");
    table_add(table, "width");
    table_add(table, "by chance");
}

static void print_measure(const struct measures *measures, size_t scenario, size_t column, FILE *stream)
{
    struct report_rows rows = report_rows(measures);
    struct spread spread[REPORT_ROWS];
    double largest = 0;
    for (size_t i = 0; i < rows.count; i++) {
        spread[i] = measure_spread(measures, scenario, report_first_bin(&rows, i), report_last_bin(&rows, i),
                                   column, REPORT_LEVEL);
        if (spread[i].mean > largest) largest = spread[i].mean;
    }
    struct table table;
    table_begin(&table, "lrrrrl");
    report_add_heads(&table, report_period_head(measures));
    table_add(&table, "%s", "");
    for (size_t i = 0; i < rows.count; i++) {
        char period[NUMBER_SIZE], bar[BAR_SIZE];
        size_t first = report_first_bin(&rows, i), last = report_last_bin(&rows, i);
        table_add(&table, "%s", period_text(period, measures->first_day[first], measures->end_day[last]));
        report_add_spread(&table, &spread[i], number_decimals(largest));
        table_add(&table, "%s",
                  bar_text(bar, largest > 0 ? spread[i].mean / largest : 0, BAR_WIDTH, text_is_utf8()));
    }
    fprintf(stream, "\n%s: %s\n", measures->scenario[scenario], measures->column[column]);
    table_print(&table, stream, 2);
}

/* The whole time, scenarios side by side. */
static void print_totals(const struct measures *measures, const size_t *column, size_t count, FILE *stream)
{
    struct table table;
    table_begin(&table, "llrrrrl");
    table_add(&table, "measure");
    report_add_heads(&table, "scenario");
    table_add(&table, "%s", "");
    for (size_t i = 0; i < count; i++) {
        const char *name = measures->column[column[i]];
        for (size_t s = 0; s < measures->scenarios; s++) {
            struct spread spread =
                measure_spread(measures, s, 0, measures->bins - 1, column[i], REPORT_LEVEL);
            table_add(&table, "%s", s ? "" : name);
            table_add(&table, "%s", measures->scenario[s]);
            report_add_spread(&table, &spread, number_decimals(spread.mean));
            table_add(&table, "%s", s ? "" : report_total_name(name));
        }
    }
    fprintf(stream, "\nThe whole time\n");
    table_print(&table, stream, 2);
}

/* What is said of all is what some have done. */
static void print_scale(const struct measures *measures, FILE *stream)
{
    if (measures->scale < 1)
        fprintf(stream,
                "\nSimulated with %g of the people, capacities and money, and scaled back: chance is as wide "
                "as for so "
                "few.\n",
                measures->scale);
}

/* What the intervals hold: with expectations there is no chance in them. */
static void print_legend(const struct measures *measures, FILE *stream)
{
    if (measures->replications == 1 && strcmp(measures->engine, "mean") != 0)
        fprintf(stream, "\nOne replication is one course of chance among many: it has no interval.\n");
    else if (strcmp(measures->engine, "mean") != 0)
        fprintf(stream,
                "\nIntervals hold 90 %% of the replications. \"width\" is chance and parameters, \"by "
                "chance\" the part that "
                "would\nremain if the values drawn from ranges were known.\n");
    else if (measures->fixed)
        fprintf(stream, "\nThese are expectations at fixed values: there is no chance in them, and all "
                        "replications are the same.\n");
    else
        fprintf(stream, "\nThese are expectations: there is no chance in them. Intervals hold 90 %% of the "
                        "replications, and \"width\" is\nwhat the values drawn from ranges leave open; "
                        "replications 2k and 2k+1 share these values and are the same.\n");
}

void report_print(const struct measures *measures, const char *path, FILE *stream)
{
    if (measures->bins == 0) return;
    size_t column[MAIN_MOST], count = measures_main(measures, column);
    if (count == 0) {
        report_print_stations(measures, path, stream);
    } else {
        /* Month by month the first scenario; what the others change, `corridor compare` says better. */
        for (size_t i = 0; i < count; i++) print_measure(measures, 0, column[i], stream);
        if (measures->scenarios > 1) print_totals(measures, column, count, stream);
    }
    print_legend(measures, stream);
    print_scale(measures, stream);
}
