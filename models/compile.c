/* From the tree to the network: the order in which the parts are read, bins, and the front door. */
#include "models/compile.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void read_record(struct compiler *c, const struct node *node)
{
    static const double usual[] = {0, 0.25, 1, 2, 4, 7, 14, 21, 28, 42, 56, 84, 112, 168, 252, 365};
    struct network *n = c->network;
    struct node empty = {.kind = NODE_MAP};
    struct unit unit;
    read_keys(c, "record", NULL, node ? node : &empty, "record", n);
    const struct node *edges =
        node && node->kind == NODE_MAP ? find_key(node, "wait_edges_days", &unit) : NULL;
    size_t count = edges && edges->kind == NODE_LIST ? edges->count : sizeof usual / sizeof *usual;
    n->wait_edge = kept_memory(c, count, sizeof *n->wait_edge);
    n->wait_edge_count = count;
    if (edges && count == 0) complain(c, edges->mark, "record.wait_edges_days", "needs at least one edge: 0");
    if (!edges || edges->kind != NODE_LIST) {
        memcpy(n->wait_edge, usual, sizeof usual);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        if (!node_number(edges->item[i], &n->wait_edge[i]))
            complain(c, edges->item[i]->mark, "record.wait_edges_days", "must be a number");
        n->wait_edge[i] = unit_convert(unit, n->wait_edge[i]);
        if ((i == 0 && n->wait_edge[0] != 0) || (i > 0 && !(n->wait_edge[i] > n->wait_edge[i - 1])))
            complain(c, edges->item[i]->mark, "record.wait_edges_days",
                     "the edges must start at 0 and ascend");
    }
}

static bool starts_bin(const struct network *n, int32_t day)
{
    if (n->bins == BIN_DAY) return true;
    if (n->bins == BIN_WEEK) return date_weekday(n->from + day) == 1;
    return date_from_days(n->from + day).day == 1;
}

void make_bins(struct compiler *c)
{
    struct network *n = c->network;
    n->bin_edge = kept_memory(c, (size_t)(n->days - n->warm_up_days) + 2, sizeof *n->bin_edge);
    n->bin_edge[0] = n->warm_up_days;
    for (int32_t day = n->warm_up_days + 1; day <= n->days; day++)
        if (day == n->days || starts_bin(n, day)) n->bin_edge[++n->bin_count] = day;
}

/* ---- dates ---- */

static bool check_dates(struct compiler *c, const struct node *root)
{
    if (c->head.from == INT32_MIN || c->head.to == INT32_MIN) return false;
    if (c->head.to < c->head.from) {
        char from[11], to[11];
        date_format(c->head.from, from);
        date_format(c->head.to, to);
        return complain(c, node_get(root, "to")->mark, "to", "%s is before from (%s)", to, from);
    }
    if (c->head.to - c->head.from >= 4000)
        return complain(c, node_get(root, "to")->mark, "to", "a run lasts at most 4,000 days");
    if (c->head.warm_up_days > c->head.to - c->head.from)
        return complain(c, node_get(root, "warm_up_days")->mark, "warm_up_days",
                        "the warm-up is longer than the run");
    return true;
}

/* Without dates the rest is read all the same, as if for a year: its mistakes are told along with theirs. */
static void read_head(struct compiler *c, const struct node *root)
{
    struct network *n = c->network;
    c->head.from = c->head.to = INT32_MIN;
    if (!node_get(root, "from") && !node_get(root, "to") && !node_get(root, "stations")) {
        complain(
            c, root->mark, "scenario",
            "'extends' is missing: a scenario extends another one, or has from, to and stations of its own");
        doubt_map(c, root->mark, "scenario");
    }
    read_keys(c, "scenario", NULL, root, "", &c->head);
    c->dates_known = check_dates(c, root);
    if (!c->dates_known) {
        if (c->head.from == INT32_MIN) c->head.from = date_to_days((struct date){2000, 1, 1});
        c->head.to = c->head.from + 364;
    }
    n->title = c->head.title;
    n->from = c->head.from;
    n->days = c->end = c->head.to - c->head.from + 1;
    n->spin_up_days = c->head.spin_up_days;
    n->warm_up_days = c->head.warm_up_days;
    n->scalable = c->head.scalable;
    c->start = -n->spin_up_days;
}

bool is_in_run(const struct compiler *c, int32_t day)
{
    return !c->dates_known || (day >= c->start && day < c->end);
}

/* ---- drafts to arrays ---- */

#define COLLECT(array, number, names, type)                                                                  \
    do {                                                                                                     \
        n->number = (names).count;                                                                           \
        n->array = kept_memory(c, n->number, sizeof *n->array);                                              \
        for (uint32_t i_ = 0; i_ < (names).count; i_++) n->array[i_] = *(type *)(names).object[i_];          \
    } while (0)

static void collect(struct compiler *c)
{
    struct network *n = c->network;
    COLLECT(place, place_count, c->places, struct place);
    COLLECT(tally, tally_count, c->tallies, struct tally);
    COLLECT(capacity, capacity_count, c->capacities, struct capacity);
    COLLECT(account, account_count, c->accounts, struct account);
    COLLECT(ballot, ballot_count, c->ballots, struct ballot);
    COLLECT(signal, signal_count, c->signals, struct signal);
    n->station_count = c->stations.count;
    n->station = kept_memory(c, n->station_count, sizeof *n->station);
    for (uint32_t s = 0; s < c->stations.count; s++) n->station[s] = station_at(c, s)->station;
    n->route_count = c->routes.count;
    n->route = kept_memory(c, n->route_count, sizeof *n->route);
    for (uint32_t r = 0; r < c->routes.count; r++)
        n->route[r] = ((struct route_draft *)c->routes.object[r])->route;
}

/* ---- all ---- */

static void read_all(struct compiler *c, const struct node *root)
{
    read_classes(c, node_get(root, "classes"));
    read_record(c, node_get(root, "record"));
    read_schedules(c, node_get(root, "schedules"));
    read_places(c, node_get(root, "places"));
    read_measures(c, node_get(root, "measures"));
    read_capacities(c, node_get(root, "capacities"));
    read_accounts(c, node_get(root, "accounts"));
    read_ballots(c, node_get(root, "ballots"));
    read_station_names(c, node_get(root, "stations"));
    read_signals(c, node_get(root, "signals"));
    read_stations(c, node_get(root, "stations"));
    read_policies(c, node_get(root, "policies"));
    read_targets(c, node_get(root, "targets"));
    check_measures(c, node_get(root, "measures"));
    if (c->dates_known) {
        levers_flatten(c);
        check_shares(c);
        check_rules(c);
    }
    check_graph(c);
}

bool model_compile(struct model *self, struct problems *problems, const char *const *installed)
{
    size_t before = problems->count;
    struct compiler *c = calloc(1, sizeof *c);
    if (!c) return problems_add(problems, (struct mark){-1, 0, 0}, "not enough memory");
    c->model = self;
    c->problems = problems;
    c->installed = installed;
    c->network = network_new();
    c->drafts = network_new();
    if (!c->network || !c->drafts) {
        problems_add(problems, (struct mark){-1, 0, 0}, "not enough memory");
    } else if (setjmp(c->no_memory)) { /* C17 7.13.1.1: only as a whole condition */
        problems_add(problems, (struct mark){-1, 0, 0}, "not enough memory");
    } else {
        refuse_blanks(c, self->document.root, "");
        read_head(c, self->document.root);
        read_all(c, self->document.root);
        if (problems->count == before) {
            struct error error;
            levers_to_slots(c);
            collect(c);
            rules_to_network(c);
            make_bins(c);
            tell_unused_names(c);
            if (!network_verify(c->network, &error))
                problems_add(problems, (struct mark){-1, 0, 0}, "%s", error.message);
        }
    }
    network_free(c->drafts);
    csv_free(&c->csv); /* open only when memory ran out */
    if (problems->count == before)
        self->network = c->network;
    else
        network_free(c->network);
    free(c);
    return problems->count == before;
}
