#include "cli/report_stations.h"

#include "cli/report.h"
#include "cli/text.h"

#include "analysis/summary.h"
#include "analysis/waits.h"

#include <stdlib.h>
#include <string.h>

/* Waits are shown in the unit that suits the longest of them. */
struct time_unit {
    const char *name;
    double per_day;
};

static struct time_unit choose_unit(double longest_days)
{
    if (longest_days < 0.1) return (struct time_unit){"minutes", 1440};
    return longest_days < 2 ? (struct time_unit){"hours", 24} : (struct time_unit){"days", 1};
}

static struct spread mean_of(const struct waits *waits, const double *number, size_t scenario, size_t station)
{
    const struct measures *ended = &waits->ended;
    return spread_of(number + waits_at(waits, scenario, station),
                     ended->complete + scenario * ended->replications, ended->replications, REPORT_LEVEL);
}

static void rescale(struct spread *spread, double factor)
{
    spread->mean *= factor;
    spread->low *= factor;
    spread->high *= factor;
    spread->width *= factor;
    spread->chance_width *= factor;
}

static void print_waits(const struct waits *waits, size_t scenario, FILE *stream)
{
    double longest = 0;
    for (size_t c = 0; c < waits->ended.columns; c++) {
        struct spread wait = mean_of(waits, waits->mean_days, scenario, c);
        if (wait.mean > longest) longest = wait.mean;
    }
    struct time_unit unit = choose_unit(longest);
    struct table table;
    table_begin(&table, "lrrrrrr");
    report_add_heads(&table, "station");
    table_add(&table, "waits");
    table_add(&table, "servers busy");
    for (size_t c = 0; c < waits->ended.columns; c++) {
        char count[NUMBER_SIZE], busy[NUMBER_SIZE];
        struct spread wait = mean_of(waits, waits->mean_days, scenario, c);
        rescale(&wait, unit.per_day);
        table_add(&table, "%s", waits->ended.column[c]);
        report_add_spread(&table, &wait, longest * unit.per_day < 100 ? 3 : 1);
        table_add(&table, "%s", number_text(count, mean_of(waits, waits->count, scenario, c).mean, 0));
        const double servers =
            mean_of(waits, waits->busy, scenario, c).mean; /* none: no queue with servers */
        table_add(&table, "%s", servers > 0 ? number_text(busy, servers, 3) : "-");
    }
    fprintf(stream, "\n%s: mean wait in %s\n", waits->ended.scenario[scenario], unit.name);
    table_print(&table, stream, 2);
}

static void print_measures(const struct measures *measures, size_t scenario, FILE *stream)
{
    struct table table;
    table_begin(&table, "lrrrrl");
    report_add_heads(&table, "measure");
    table_add(&table, "%s", "");
    for (size_t c = 0; c < measures->columns; c++) {
        const char *name = measures->column[c];
        if (measure_kind(name) == MEASURE_WAIT || measures_empty(measures, c)) continue;
        struct spread spread = measure_spread(measures, scenario, 0, measures->bins - 1, c, REPORT_LEVEL);
        table_add(&table, "%s", name);
        report_add_spread(&table, &spread, number_decimals(spread.mean));
        table_add(&table, "%s", report_total_name(name));
    }
    fprintf(stream, "\n%s: the whole time\n", measures->scenario[scenario]);
    table_print(&table, stream, 2);
}

void report_print_stations(const struct measures *measures, const char *path, FILE *stream)
{
    struct waits waits;
    /* A file that records no waits has no such table. */
    bool has_waits = waits_read(&waits, path, NULL);
    for (size_t s = 0; s < measures->scenarios; s++) {
        if (has_waits) print_waits(&waits, s, stream);
        print_measures(measures, s, stream);
    }
    if (has_waits) waits_free(&waits);
}
