/* corridor check: is a scenario right, and what does it come to? */
#include "cli/scenarios.h"
#include "cli/text.h"
#include "cli/verbs.h"

#include "analysis/estimate.h"
#include "analysis/inventory.h"

#include <stdlib.h>
#include <string.h>

static const char *text_of(const struct node *node)
{
    return node && node->kind == NODE_SCALAR ? node->text : "";
}

static void print_frame(const struct network *network)
{
    static const char *const bins[] = {"month", "week", "day"};
    char first[11], last[11], people[NUMBER_SIZE];
    date_format(network->from, first);
    date_format(network->from + network->days - 1, last);
    printf("  dates      %s to %s, %zu %s%s", first, last, network->bin_count, bins[network->bins],
           plural(network->bin_count));
    if (network->spin_up_days)
        printf(", after %d day%s of spin-up", network->spin_up_days, plural((size_t)network->spin_up_days));
    if (network->warm_up_days)
        printf(", the first %d day%s not recorded", network->warm_up_days,
               plural((size_t)network->warm_up_days));
    printf("\n  network    %zu place%s, %zu station%s, %zu route%s, %zu class%s, %zu account%s\n",
           network->place_count, plural(network->place_count), network->station_count,
           plural(network->station_count), network->route_count, plural(network->route_count),
           network->class_count, network->class_count == 1 ? "" : "es", network->account_count,
           plural(network->account_count));
    printf("  people     about %s arrive in one replication\n",
           number_text(people, estimate_arrivals(network, 1), 0));
}

static void print_inventory(const struct model *model)
{
    struct inventory found = inventory_of(model->document.root);
    printf("  values     %zu measured, %zu calibrated, %zu assumed; %zu with a range, %zu drawn for each "
           "pair of replications\n",
           found.measured, found.calibrated, found.assumed, found.ranges,
           estimate_drawn(model->network, NULL, NULL));
}

/* The policies in the order of their dates; those that wait for a condition last. */
struct policy_line {
    const char *when, *why;
    size_t order;
};

static int compare_policies(const void *a, const void *b)
{
    const struct policy_line *x = a, *y = b;
    int order = strcmp(*x->when ? x->when : "9999", *y->when ? y->when : "9999");
    return order ? order : (x->order > y->order) - (x->order < y->order);
}

static void print_policies(const struct node *policies)
{
    size_t count = policies && policies->kind == NODE_LIST ? policies->count : 0, kept = 0;
    struct policy_line *line = calloc(count + 1, sizeof *line);
    for (size_t i = 0; line && i < count; i++) {
        const struct node *item = policies->item[i];
        if (strcmp(text_of(node_get(item, "enabled")), "false") == 0) continue;
        line[kept++] = (struct policy_line){text_of(node_get(item, "on")), text_of(node_get(item, "why")), i};
    }
    if (kept) {
        qsort(line, kept, sizeof *line, compare_policies);
        printf("  policies   %zu\n", kept);
    }
    for (size_t i = 0; i < kept; i++) {
        printf("    %-12s ", *line[i].when ? line[i].when : "(condition)");
        text_print(stdout, line[i].why);
        putchar('\n');
    }
    free(line);
}

static void print_targets(const struct model *model)
{
    size_t checks = 0;
    for (size_t i = 0; i < model->target_count; i++) checks += model->target[i].check_only;
    if (model->target_count)
        printf("  targets    %zu to fit, %zu to check\n", model->target_count - checks, checks);
}

static void print_model(const struct model *model)
{
    printf("%s: OK\n  title      ", model->name);
    text_print(stdout, model->network->title ? model->network->title : "");
    putchar('\n');
    print_frame(model->network);
    print_inventory(model);
    print_policies(node_get(model->document.root, "policies"));
    print_targets(model);
}

static int run(const struct parsed *arguments)
{
    struct scenarios scenarios;
    int code = scenarios_load(&scenarios, arguments);
    bool resolved = parsed_flag(arguments, "resolved");
    for (size_t i = 0; i < scenarios.count; i++) {
        if (!resolved)
            print_model(&scenarios.model[i]);
        else if (code == EXIT_DONE)
            printf("%s%s", i ? "---\n" : "", scenarios.model[i].text);
    }
    scenarios_free(&scenarios);
    return code;
}

static const struct option_row options[] = {
    {0, "resolved", NULL, NULL, "print each scenario as it resolves, with all it extends merged, as YAML",
     NULL},
    SET_OPTION,
};

const struct verb verb_check = {
    .name = "check",
    .operands = "FILE...",
    .summary = "is a scenario right? what does it come to?",
    .description = "Reads scenario files and everything they extend. Prints OK and a short summary of each, "
                   "or all mistakes "
                   "with file, line and column, and exits with 2.\n",
    .examples = "  corridor check scenarios/history.yaml\n"
                "  corridor check --resolved --set accounts.inm.reserve_mxn=0 scenarios/history.yaml\n",
    .option = options,
    .option_count = sizeof options / sizeof *options,
    .least = 1,
    .most = SIZE_MAX,
    .run = run,
};
