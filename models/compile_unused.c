/* Names that nothing uses: most often one that is written wrong, and then the model goes on without what it
 * was to change. */
#include "models/compile.h"

#include <string.h>
#include <strings.h>

/* The names of one table, in the order of the network, and which of them something uses. */
struct usage {
    const char *prefix; /* of their paths */
    const char *uses;   /* what nothing does with a name: "uses it" */
    const char **name;
    bool *used;
    uint32_t count;
    const char *wanted; /* a name that something would use, and nobody has given; NULL: none */
};

static struct usage usage_of(struct compiler *c, const char *prefix, const char **name, uint32_t count)
{
    return (struct usage){.prefix = prefix,
                          .uses = "uses it",
                          .name = name,
                          .used = draft_memory(c, count + 1, sizeof(bool)),
                          .count = count};
}

static void use(struct usage *self, uint32_t index)
{
    if (index != NETWORK_NONE) self->used[index] = true;
}

/* Where the last name of a path is written; false when it is nowhere: a station makes its place, for
 * instance. */
static bool find_key_mark(struct compiler *c, const char *path, struct mark *mark)
{
    const char *dot = strrchr(path, '.');
    const struct node *map =
        node_find(c->model->document.root, draft_text(c, "%.*s", (int)(dot - path), path));
    for (size_t i = 0; map && map->kind == NODE_MAP && i < map->count; i++) {
        if (strcmp(map->key[i], dot + 1) != 0) continue;
        *mark = map->key_mark[i];
        return true;
    }
    return false;
}

/* The used names that one could have been meant to be: those of its group (`slots.tijuana` is in the group
 * `slots`) where that has some, or else all. */
static const char *nearest_used(const struct usage *self, const char *name, const char **used)
{
    const char *dot = strrchr(name, '.');
    const size_t group = dot ? (size_t)(dot - name) + 1 : 0;
    uint32_t count = 0;
    for (uint32_t i = 0; i < self->count; i++)
        if (self->used[i] && strncmp(self->name[i], name, group) == 0) used[count++] = self->name[i];
    if (count == 0)
        for (uint32_t i = 0; i < self->count; i++)
            if (self->used[i]) used[count++] = self->name[i];
    if (self->wanted) used[count++] = self->wanted;
    return nearest_name(name, used, count);
}

/* In a file only what looks like something that is used: more may be meant to be used later. */
static void tell_unused(struct compiler *c, const struct usage *self)
{
    const char **used = draft_memory(c, self->count + 1, sizeof *used);
    for (uint32_t i = 0; i < self->count; i++) {
        if (self->used[i]) continue;
        const char *path = draft_text(c, "%s.%s", self->prefix, self->name[i]);
        struct mark mark;
        if (!find_key_mark(c, path, &mark)) continue;
        const char *nearest = nearest_used(self, self->name[i], used);
        if (mark.file == MARK_SETTING && nearest)
            complain(c, mark, path, "nothing %s; did you mean '%s.%s'?", self->uses, self->prefix, nearest);
        else if (mark.file == MARK_SETTING)
            complain(c, mark, path, "nothing %s", self->uses);
        else if (nearest)
            problems_warn(c->problems, mark, "%s: nothing %s; did you mean '%s'?", path, self->uses, nearest);
    }
}

/* ---- what is used ---- */

static void use_schedule(struct usage *self, const struct compiler *c, const struct series *series)
{
    if (!series->follows) return;
    const char *path = series->follows->path + strlen("schedules.");
    use(self, names_find(&c->schedules, path));
}

/* Policies that are disabled, or lie behind the end, may use what nothing else does. */
static void use_in_policies(struct usage *self, const struct compiler *c, const struct node *policies)
{
    for (size_t i = 0; policies && policies->kind == NODE_LIST && i < policies->count; i++) {
        const struct node *set =
            policies->item[i]->kind == NODE_MAP ? node_get(policies->item[i], "set") : NULL;
        for (size_t k = 0; set && set->kind == NODE_MAP && k < set->count; k++) {
            const struct node *value = set->item[k];
            if (value->kind == NODE_SCALAR) use(self, names_find(&c->schedules, value->text));
        }
    }
}

static void tell_schedules(struct compiler *c)
{
    struct usage usage = usage_of(c, "schedules", c->schedules.name, c->schedules.count);
    for (uint32_t i = 0; i < c->levers.count; i++) {
        const struct lever *lever = c->levers.object[i];
        for (size_t l = 0; l < lever->lane_count; l++) {
            use_schedule(&usage, c, &lever->lane[l].series);
            for (size_t s = 0; s < lever->lane[l].set_count; s++)
                use_schedule(&usage, c, &lever->lane[l].set[s].series);
        }
    }
    use_in_policies(&usage, c, node_get(c->model->document.root, "policies"));
    tell_unused(c, &usage);
}

static void tell_items(struct compiler *c, const struct network *n, uint32_t account)
{
    const struct account *at = &n->account[account];
    const char *money = strcasecmp(at->currency, "usd") == 0 ? "usd" : "mxn";
    const char **names = draft_memory(c, at->item_count + 1, sizeof *names);
    for (uint32_t i = 0; i < at->item_count; i++) names[i] = at->item[i].name;
    struct usage usage =
        usage_of(c, draft_text(c, "accounts.%s.unit_cost_%s", at->name, money), names, at->item_count);
    for (size_t s = 0; s < n->station_count; s++) {
        const struct station *station = &n->station[s];
        if (station->kind == KIND_DEPARTURES && station->departures.account == account)
            use(&usage, station->departures.item);
        if (station->kind != KIND_GATE || station->gate.account != account) continue;
        use(&usage, station->gate.item);
        if (station->gate.item == NETWORK_NONE) usage.wanted = "stop";
        for (uint32_t o = 0; o < station->gate.outcome_count; o++) use(&usage, station->gate.outcome[o].item);
    }
    tell_unused(c, &usage);
}

static void tell_accounts(struct compiler *c, const struct network *n)
{
    struct usage usage = usage_of(c, "accounts", c->accounts.name, c->accounts.count);
    for (size_t s = 0; s < n->station_count; s++) {
        const struct station *station = &n->station[s];
        if (station->kind == KIND_DEPARTURES) use(&usage, station->departures.account);
        if (station->kind == KIND_GATE) use(&usage, station->gate.account);
    }
    tell_unused(c, &usage);
    for (uint32_t a = 0; a < n->account_count; a++)
        if (usage.used[a]) tell_items(c, n, a);
}

static void tell_offices(struct compiler *c, const struct network *n, uint32_t ballot)
{
    const struct ballot *at = &n->ballot[ballot];
    const char **names = draft_memory(c, at->office_count + 1, sizeof *names);
    for (uint32_t o = 0; o < at->office_count; o++) names[o] = at->office[o].name;
    struct usage usage = usage_of(c, draft_text(c, "ballots.%s.offices", at->name), names, at->office_count);
    for (size_t s = 0; s < n->station_count; s++) {
        const struct station *station = &n->station[s];
        if (station->kind != KIND_BALLOT || station->ballot.ballot != ballot) continue;
        for (uint32_t o = 0; o < at->office_count; o++)
            if (station->ballot.preference[o].slot != NETWORK_NONE) use(&usage, o);
    }
    tell_unused(c, &usage);
}

/* Roofs and harm are of those who sleep at a place. Where no station is at all, its name may be the slip, and
 * has been told. */
static void tell_roofs(struct compiler *c, const struct network *n, const struct usage *places)
{
    const char **used = draft_memory(c, places->count + 1, sizeof *used);
    static const char *const keys[] = {"shelter_places", "harm_per_day_sheltered",
                                       "harm_per_day_unsheltered"};
    for (uint32_t p = 0; p < n->place_count; p++) {
        bool sleeps = !places->used[p] && nearest_used(places, n->place[p].name, used);
        for (size_t s = 0; s < n->station_count; s++)
            sleeps = sleeps || (n->station[s].place == p && n->station[s].sleeps);
        for (size_t k = 0; k < sizeof keys / sizeof *keys && !sleeps; k++) {
            const char *path = draft_text(c, "places.%s.%s", n->place[p].name, keys[k]);
            struct mark mark;
            if (!find_key_mark(c, path, &mark)) continue;
            problems_warn(c->problems, mark,
                          "%s: does nothing, as nobody sleeps there: no stay or ballot is at '%s'", path,
                          n->place[p].name);
            break;
        }
    }
}

static void tell_places(struct compiler *c, const struct network *n)
{
    struct usage usage = usage_of(c, "places", c->places.name, c->places.count);
    for (size_t s = 0; s < n->station_count; s++) use(&usage, n->station[s].place);
    tell_unused(c, &usage);
    tell_roofs(c, n, &usage);
}

static void tell_capacities(struct compiler *c, const struct network *n)
{
    struct usage usage = usage_of(c, "capacities", c->capacities.name, c->capacities.count);
    for (size_t s = 0; s < n->station_count; s++) {
        const struct station *station = &n->station[s];
        if (station->kind == KIND_QUEUE) use(&usage, station->queue.capacity);
        if (station->kind == KIND_DELAY || station->kind == KIND_STAY) use(&usage, station->sojourn.capacity);
        if (station->kind != KIND_GATE) continue;
        use(&usage, station->gate.capacity);
        for (uint32_t o = 0; o < station->gate.outcome_count; o++)
            use(&usage, station->gate.outcome[o].capacity);
    }
    tell_unused(c, &usage);
}

static void tell_measures(struct compiler *c, const struct network *n)
{
    struct usage usage = usage_of(c, "measures", c->tallies.name, c->tallies.count);
    usage.uses = "counts it";
    for (size_t r = 0; r < n->route_count; r++)
        for (uint32_t t = 0; t < n->route[r].tally_count; t++) use(&usage, n->route[r].tally[t]);
    tell_unused(c, &usage);
}

void tell_unused_names(struct compiler *c)
{
    const struct network *n = c->network;
    tell_schedules(c);
    tell_accounts(c, n);
    for (uint32_t b = 0; b < n->ballot_count; b++) tell_offices(c, n, b);
    tell_places(c, n);
    tell_capacities(c, n);
    tell_measures(c, n);
}
