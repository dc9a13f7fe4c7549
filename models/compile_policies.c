/* Policies, which set values on a date, and rules, which set them on a condition. */
#include "models/compile.h"

#include <limits.h>
#include <string.h>

struct rule_draft {
    struct rule rule;
    const char *path;
    struct pending {
        struct lever *lever;
        struct written written;
        uint64_t classes;
        struct mark mark;
    } * pending;
    size_t pending_count;
};

/* The lever of a path in its own units, and the classes when it goes on to an entry of a by-class value. */
static struct lever *find_exact(struct compiler *c, const char *path, uint64_t *classes, int *rank)
{
    static const char *const prefixes[] = {"", "schedules."};
    *classes = all_classes(c);
    for (size_t p = 0; p < sizeof prefixes / sizeof *prefixes; p++) {
        const char *whole = draft_text(c, "%s%s", prefixes[p], path);
        *rank = INT_MAX;
        uint32_t found = names_find(&c->levers, whole);
        if (found != NETWORK_NONE) return c->levers.object[found];
        const char *dot = strrchr(whole, '.');
        if (!dot) continue;
        found = names_find(&c->levers, draft_text(c, "%.*s", (int)(dot - whole), whole));
        if (found == NETWORK_NONE) continue;
        struct lever *lever = c->levers.object[found];
        if (lever->by_class && find_classes(c, dot + 1, classes, rank)) return lever;
    }
    return NULL;
}

/* The path with one of its last two parts in the base unit: "...mean_hours", or "...mean_hours.guatemala". */
static const char *base_path(struct compiler *c, const char *path, int part, struct unit *unit)
{
    const char *end = path + strlen(path);
    for (; part > 0; part--) {
        while (end > path && *end != '.') end--;
        if (end == path) return NULL;
        if (part > 1) end--;
    }
    const char *begin = end;
    while (begin > path && begin[-1] != '.') begin--;
    const char *written = draft_text(c, "%.*s", (int)(end - begin), begin);
    char name[128];
    if (!schema_base_name(written, name, sizeof name, unit)) return NULL;
    return draft_text(c, "%.*s%s%s", (int)(begin - path), path, name, end);
}

/* The lever of a path written in any unit its key allows. */
static struct lever *find_lever(struct compiler *c, const char *path, uint64_t *classes, int *rank,
                                struct unit *unit)
{
    *unit = unit_base;
    struct lever *lever = find_exact(c, path, classes, rank);
    for (int part = 0; part < 2 && !lever; part++) {
        const char *base = base_path(c, path, part, unit);
        if (base) lever = find_exact(c, base, classes, rank);
    }
    return lever;
}

static void unknown_path(struct compiler *c, const struct node *set, size_t i, const char *path)
{
    if (names_find(&c->rests, set->key[i]) != NETWORK_NONE) {
        complain(c, set->key_mark[i], path, "'%s' is the rest: what the other shares leave; set those",
                 set->key[i]);
        return;
    }
    if (node_find(c->model->document.root, set->key[i])) {
        const char *dot = strrchr(set->key[i], '.'),
                   *mean =
                       dot ? draft_text(c, "%.*s.mean_days", (int)(dot - set->key[i]), set->key[i]) : NULL;
        if (mean && names_find(&c->levers, mean) != NETWORK_NONE)
            complain(c, set->key_mark[i], path, "'%s' cannot change on a date; '%s' can, which scales it",
                     set->key[i], mean);
        else if (!dot && set->item[i]->kind == NODE_MAP)
            complain(c, set->key_mark[i], path, "write the whole path with dots: '%s.%s...: value'",
                     set->key[i], set->item[i]->count > 0 ? set->item[i]->key[0] : "");
        else
            complain(c, set->key_mark[i], path, "'%s' cannot change on a date", set->key[i]);
        return;
    }
    const char **names = draft_memory(c, c->levers.count + 1, sizeof *names);
    for (uint32_t l = 0; l < c->levers.count; l++) names[l] = c->levers.name[l];
    const char *nearest = nearest_name(set->key[i], names, c->levers.count);
    if (!nearest) nearest = nearest_name(draft_text(c, "schedules.%s", set->key[i]), names, c->levers.count);
    if (nearest)
        complain(c, set->key_mark[i], path,
                 "nothing that can change on a date is called '%s'; did you mean '%s'?", set->key[i],
                 nearest);
    else
        complain(c, set->key_mark[i], path,
                 "nothing that can change on a date is called '%s'; see `corridor keys`", set->key[i]);
}

/* A rule applies once, on a day nobody knows yet: it can set numbers, not courses over time. */
static void set_by_rule(struct compiler *c, struct rule_draft *rule, struct lever *lever,
                        const struct written *written, uint64_t classes, int rank, struct mark mark,
                        const char *path)
{
    for (size_t e = 0; e < written->count; e++)
        if (written->entry[e].series.follows || written->entry[e].series.count != 1) {
            complain(c, mark, path,
                     "a rule can set a number (with a range), not a schedule; it holds until a policy or "
                     "another rule "
                     "sets something else");
            return;
        }
    lever->own = true;
    if (classes != all_classes(c) || written->count != 1 || written->entry[0].rank > 0) lever_widen(c, lever);
    for (size_t l = 0; l < lever->lane_count && lever->lane_count > 1; l++)
        if (lever->lane[l].rank > rank) classes &= ~(UINT64_C(1) << l);
    rule->pending[rule->pending_count++] = (struct pending){lever, *written, classes, mark};
}

/* Without a day and a rule what is set is only checked: the policy has another mistake. */
static void read_set(struct compiler *c, const struct node *set, const char *path, const int32_t *day,
                     struct rule_draft *rule)
{
    if (rule) rule->pending = draft_memory(c, set->count, sizeof *rule->pending);
    for (size_t i = 0; i < set->count; i++) {
        uint64_t classes;
        int rank;
        const char *own = draft_text(c, "%s.set", path);
        struct unit unit;
        struct lever *lever = find_lever(c, set->key[i], &classes, &rank, &unit);
        struct written written;
        if (!lever) {
            if (!is_doubted_path(c, set->key[i])) unknown_path(c, set, i, own);
            continue;
        }
        if (lever->at_start && (rule || (day && *day > 0))) {
            complain(
                c, set->key_mark[i], own,
                "'%s' counts at `from` and cannot change after it: set the monthly release, or add to grants",
                set->key[i]);
            continue;
        }
        if (lever->lacks) {
            complain(c, set->key_mark[i], own, "'%s' can be set only where the station has '%s'", set->key[i],
                     lever->lacks);
            continue;
        }
        /* An entry shares the luck of the entry that it replaces. */
        const char *luck = rank == INT_MAX
                               ? lever->path
                               : draft_text(c, "%s.%s", lever->path, strrchr(set->key[i], '.') + 1);
        if (!read_written(c, lever, unit, set->item[i], draft_text(c, "%s.%s", own, set->key[i]), luck,
                          &written)) {
            lever->misread = true;
            continue;
        }
        if (day) {
            bool simple =
                rank == INT_MAX && lever->lane_count == 1 && written.count == 1 && written.entry[0].rank == 0;
            lever_set(c, lever, &written, classes, simple ? 0 : rank, *day);
        } else if (rule) {
            set_by_rule(c, rule, lever, &written, classes, rank, set->key_mark[i], own);
        }
    }
}

/* The luck of a range is named by the policy or, where that has no name, by the signal: a place in a list
 * would change with the policies before it. */
static void read_threshold(struct compiler *c, const struct node *when, const char *key, const char *path,
                           bool named, struct value *threshold)
{
    const struct node *signal = node_get(when, "signal");
    const char *text = signal && signal->kind == NODE_SCALAR ? signal->text : "";
    const char *own = named ? draft_text(c, "%s.when", path) : draft_text(c, "policies.when.%s", text);
    for (int more = 2; names_find(&c->levers, draft_text(c, "%s.%s", own, key)) != NETWORK_NONE; more++)
        own = draft_text(c, "policies.when.%s.%d", text, more);
    struct unit unit;
    struct lever *lever =
        lever_add(c, draft_text(c, "%s.%s", own, key), schema_find("when", NULL, key, &unit),
                  node_get(when, key)->mark, threshold, false);
    if (lever) lever_write(c, lever, unit, node_get(when, key), draft_text(c, "%s.when.%s", path, key));
}

static void read_rule(struct compiler *c, const struct node *when, const struct node *set, const char *path,
                      const char *name, bool named)
{
    struct condition_head head = {.not_before = c->head.from};
    struct rule_draft *draft = draft_memory(c, 1, sizeof *draft);
    if (!read_keys(c, "when", NULL, when, draft_text(c, "%s.when", path), &head)) return;
    const struct node *signal = node_get(when, "signal"), *above = node_get(when, "above"),
                      *below = node_get(when, "below");
    if (!above == !below) complain(c, when->mark, path, "a condition needs either above or below");
    if (c->dates_known && head.not_before - c->head.from >= c->end) {
        char date[11];
        date_format(c->head.to, date);
        complain(c, node_get(when, "not_before")->mark, path, "the run ends on %s, before the rule begins",
                 date);
    }
    draft->path = path;
    draft->rule.name = kept_text(c, name);
    draft->rule.signal =
        signal ? read_reference(c, signal, draft_text(c, "%s.when.signal", path), "signal", &c->signals) : 0;
    draft->rule.above = above != NULL;
    draft->rule.not_before = head.not_before - c->head.from;
    draft->rule.threshold.slot = NETWORK_NONE;
    if (above || below)
        read_threshold(c, when, above ? "above" : "below", path, named, &draft->rule.threshold);
    read_set(c, set, path, NULL, draft);
    names_add(c, &c->rules, draft_text(c, "%u %s", c->rules.count, name), draft);
}

/* A policy that only has a name was meant to change one of that name in a file that is extended. */
static bool changes_nothing(struct compiler *c, const struct node *list, const struct node *map)
{
    const struct node *name = map->kind == NODE_MAP ? node_get(map, "name") : NULL;
    if (!name || name->kind != NODE_SCALAR || node_get(map, "why") || node_get(map, "set") ||
        node_get(map, "when"))
        return false;
    const char **names = draft_memory(c, list->count, sizeof *names);
    size_t count = 0;
    for (size_t i = 0; i < list->count; i++) {
        const struct node *other = list->item[i] == map ? NULL : list->item[i];
        other = other && other->kind == NODE_MAP ? node_get(other, "name") : NULL;
        if (other && other->kind == NODE_SCALAR) names[count++] = other->text;
    }
    const char *nearest = nearest_name(name->text, names, count);
    if (nearest)
        complain(c, name->mark, "policies", "no policy '%s'; did you mean '%s'?", name->text, nearest);
    else
        complain(c, name->mark, "policies",
                 "no policy '%s' to change; a new one needs on (or when), why and set", name->text);
    return true;
}

/* The day of a policy with a date; false when it has none, or one outside the run. */
static bool read_day(struct compiler *c, const struct node *map, const char *path, int32_t on, int32_t *day)
{
    if (on == INT32_MIN) return false;
    *day = on - c->head.from;
    if (is_in_run(c, *day)) return true;
    char from[11], to[11];
    date_format(c->head.from + c->start, from);
    date_format(c->head.to, to);
    return complain(c, node_get(map, "on")->mark, path,
                    "the date lies outside the run (%s to %s, spin-up included)", from, to);
}

static void read_policy(struct compiler *c, const struct node *map, const char *path, const char *given)
{
    struct policy_head head = {.on = INT32_MIN};
    int32_t day;
    if (!read_keys(c, "policy", NULL, map, path, &head) || !head.enabled) return;
    const struct node *set = node_get(map, "set"), *when = node_get(map, "when");
    bool one = !when != !node_get(map, "on");
    if (!one)
        complain(c, map->mark, path, "a policy needs a date (on) or a condition (when)%s",
                 when ? ", not both" : "");
    bool dated = !when && one && read_day(c, map, path, head.on, &day);
    if (!set || set->kind != NODE_MAP) return;
    if (set->count == 0) complain(c, set->mark, path, "sets nothing");
    if (one && when && when->kind == NODE_MAP)
        read_rule(c, when, set, path, given ? given : path, given != NULL);
    else
        read_set(c, set, path, dated ? &day : NULL, NULL);
}

/* Two policies of one name could not be told apart by a scenario that extends this one. */
static void refuse_same_name(struct compiler *c, const struct node *list, size_t i)
{
    const struct node *own = node_get(list->item[i], "name");
    for (size_t j = 0; own && own->kind == NODE_SCALAR && j < i; j++) {
        const struct node *other = node_get(list->item[j], "name");
        if (!other || other->kind != NODE_SCALAR || strcmp(own->text, other->text) != 0) continue;
        complain(c, own->mark, "policies", "a second policy is named '%s'", own->text);
        return;
    }
}

void read_policies(struct compiler *c, const struct node *node)
{
    if (!node || node->kind != NODE_LIST) return;
    for (size_t i = 0; i < node->count; i++) {
        const struct node *map = node->item[i];
        const char *given =
            map->kind == NODE_MAP && node_get(map, "name") ? node_get(map, "name")->text : NULL;
        const char *path =
            given ? draft_text(c, "policies.%s", given) : draft_text(c, "policies[%zu]", i + 1);
        refuse_same_name(c, node, i);
        if (!changes_nothing(c, node, map)) read_policy(c, map, path, given);
    }
}

static bool is_policy_day(const struct lane *lane, int32_t day)
{
    for (size_t i = 0; i < lane->set_count; i++)
        if (lane->set[i].day == day) return true;
    return false;
}

/* A later step of a schedule would undo what a rule has set; a later policy is meant to. */
static void check_pending(struct compiler *c, const struct rule_draft *rule, const struct pending *pending)
{
    const struct lever *lever = pending->lever;
    for (size_t l = 0; l < lever->lane_count; l++) {
        const struct lane *lane = &lever->lane[l];
        if (lever->lane_count > 1 && !(pending->classes >> l & 1)) continue;
        for (size_t p = 1; p < lane->point_count; p++) {
            if (lane->point[p].day <= rule->rule.not_before || is_policy_day(lane, lane->point[p].day))
                continue;
            char date[11];
            date_format(c->head.from + lane->point[p].day, date);
            complain(c, pending->mark, rule->path,
                     "a rule cannot set %s: its schedule would change it again on %s; set something without "
                     "later steps",
                     lever->path, date);
            return;
        }
    }
}

/* Whether the lever ever follows the schedule. */
static bool follows(const struct lever *lever, const struct lever *schedule)
{
    for (size_t l = 0; l < lever->lane_count; l++) {
        const struct lane *lane = &lever->lane[l];
        if (lane->series.follows == schedule) return true;
        for (size_t s = 0; s < lane->set_count; s++)
            if (lane->set[s].series.follows == schedule) return true;
    }
    return false;
}

/* Whoever follows a schedule that a rule sets, `between` schedules further, must be able to take the value,
 * and must follow it just as it is: what has a course of its own would not hear of the rule. Tells of the
 * first who cannot. */
static bool check_followers(struct compiler *c, const struct rule_draft *rule, const struct pending *pending,
                            const struct lever *schedule, struct point point, uint32_t between)
{
    const double bound[2] = {point.low, point.high};
    double ignored;
    if (between > c->schedules.count) return true; /* they follow each other in a circle, which is told */
    for (uint32_t i = 0; i < c->levers.count; i++) {
        const struct lever *follower = c->levers.object[i];
        if (!follows(follower, schedule)) continue;
        if (lever_shared_schedule(follower) != schedule)
            return complain(
                c, pending->mark, rule->path,
                "the rule would not reach %s, which follows %s by class, in another unit, from a date on or "
                "until a rule sets it; set %s",
                follower->path, schedule->path, follower->path);
        const char *path = draft_text(c, "%s: %s by %s", follower->path, schedule->path, rule->path);
        for (int b = 0; b < 2; b++)
            if (!convert_number(c, follower->key, unit_base, pending->mark, path, bound[b], &ignored))
                return false;
        if (!check_followers(c, rule, pending, follower, point, between + 1)) return false;
    }
    return true;
}

static void check_values(struct compiler *c, const struct rule_draft *rule, const struct pending *pending)
{
    for (size_t e = 0; e < pending->written.count; e++) {
        const struct series *series = &pending->written.entry[e].series;
        if (!check_followers(c, rule, pending, pending->lever, series->point[0], 0)) return;
    }
}

void check_rules(struct compiler *c)
{
    for (uint32_t r = 0; r < c->rules.count; r++) {
        const struct rule_draft *rule = c->rules.object[r];
        for (size_t p = 0; p < rule->pending_count; p++) {
            check_pending(c, rule, &rule->pending[p]);
            check_values(c, rule, &rule->pending[p]);
        }
    }
}

void rules_to_network(struct compiler *c)
{
    struct network *n = c->network;
    n->rule_count = c->rules.count;
    n->rule = kept_memory(c, n->rule_count, sizeof *n->rule);
    for (uint32_t r = 0; r < c->rules.count; r++) {
        struct rule_draft *draft = c->rules.object[r];
        size_t changes = 0;
        for (size_t p = 0; p < draft->pending_count; p++) changes += draft->pending[p].lever->lane_count;
        draft->rule.change = kept_memory(c, changes, sizeof *draft->rule.change);
        for (size_t p = 0; p < draft->pending_count; p++) {
            const struct pending *pending = &draft->pending[p];
            for (size_t l = 0; l < pending->lever->lane_count; l++) {
                if (pending->lever->lane_count > 1 && !(pending->classes >> l & 1)) continue;
                const struct written_entry *entry = written_for(&pending->written, l);
                if (!entry || entry->series.count == 0) continue;
                struct point point = entry->series.point[0];
                draft->rule.change[draft->rule.change_count++] =
                    (struct change){0,
                                    (uint32_t)(pending->lever->slot + l),
                                    point.value,
                                    point.low,
                                    point.high,
                                    point.shape,
                                    point.range_key};
            }
        }
        n->rule[r] = draft->rule;
    }
}
