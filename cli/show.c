/* corridor show: the network of a scenario, or what a results file holds. */
#include "cli/show.h"

#include "cli/scenarios.h"
#include "cli/table.h"
#include "cli/text.h"
#include "cli/verbs.h"

#include "analysis/measures.h"
#include "analysis/summary.h"

#include <string.h>

static void print_scenarios(const struct measures *measures)
{
    struct table table;
    table_begin(&table, "lrr");
    table_add(&table, "scenario");
    table_add(&table, "complete");
    table_add(&table, "missing");
    for (size_t s = 0; s < measures->scenarios; s++) {
        size_t complete = 0;
        for (size_t r = 0; r < measures->replications; r++)
            complete += measures->complete[s * measures->replications + r];
        table_add(&table, "%s", measures->scenario[s]);
        table_add(&table, "%zu", complete);
        table_add(&table, "%zu", measures->replications - complete);
    }
    table_print(&table, stdout, 2);
}

static void print_columns(const struct measures *measures)
{
    size_t at = 0, empty = 0;
    printf("measures:");
    for (size_t c = 0; c < measures->columns; c++) {
        if (measures_empty(measures, c)) {
            empty++;
            continue;
        }
        size_t length = strlen(measures->column[c]);
        if (at == 0 || at + length + 1 > TEXT_WIDTH) {
            printf("\n ");
            at = 1;
        }
        putchar(' ');
        text_print(stdout, measures->column[c]);
        at += length + 1;
    }
    if (empty) printf("\n  (and %zu that %s zero throughout)", empty, empty == 1 ? "is" : "are");
    putchar('\n');
}

static int show_results(const char *path)
{
    struct measures measures;
    struct error error;
    char first[NUMBER_SIZE], last[NUMBER_SIZE];
    if (!measures_read(&measures, path, &error)) return say_error(&verb_show, &error);
    printf("%s: results of corridor %s, seed %llu, scale %g, %zu replication%s per scenario\n", path,
           measures.version, (unsigned long long)measures.seed, measures.scale, measures.replications,
           plural(measures.replications));
    printf("engine: %s%s%s\n", measures.engine, *measures.step ? ", step " : "", measures.step);
    print_scenarios(&measures);
    if (measures.bins)
        printf("bins: %zu, from %s to %s\n", measures.bins,
               period_text(first, measures.first_day[0], measures.end_day[0]),
               period_text(last, measures.first_day[measures.bins - 1], measures.end_day[measures.bins - 1]));
    print_columns(&measures);
    measures_free(&measures);
    return EXIT_DONE;
}

static int run(const struct parsed *arguments)
{
    const char *path = arguments->operand[0], *format = parsed_text(arguments, "format");
    size_t length = strlen(path);
    if (length > 3 && strcmp(path + length - 3, ".h5") == 0) return show_results(path);
    struct scenarios scenarios;
    int code = scenarios_load(&scenarios, arguments);
    if (code == EXIT_DONE) {
        const struct network *network = scenarios.model[0].network;
        if (strcmp(format, "graphviz") == 0)
            show_graphviz(network, stdout);
        else if (strcmp(format, "map") == 0)
            show_map(network, stdout);
        else
            show_table(network, stdout);
    }
    scenarios_free(&scenarios);
    return code;
}

static const char *const formats[] = {"table", "graphviz", "map", NULL};
static const struct option_row options[] = {
    {'f', "format", "FORMAT", "table",
     "how to show a network: table, graphviz (input for dot), or map (GeoJSON of places and the routes "
     "between them)",
     formats},
    SET_OPTION,
};

const struct verb verb_show = {
    .name = "show",
    .operands = "FILE|RESULTS.h5",
    .summary = "a network, or what a results file holds",
    .description = "Shows the network of a scenario as a table, a graph or a map; or what a results file "
                   "holds: scenarios, seed, engine, "
                   "complete replications, bins and measures.\n",
    .examples = "  corridor show scenarios/history.yaml\n"
                "  corridor show -f graphviz scenarios/history.yaml | dot -Tsvg -o network.svg\n"
                "  corridor show history.h5\n",
    .option = options,
    .option_count = sizeof options / sizeof *options,
    .least = 1,
    .most = 1,
    .run = run,
};
