/* Targets: published figures that a scenario must reproduce. */
#include "models/compile.h"

#include <string.h>

static bool ends_with(const char *name, const char *ending)
{
    size_t length = strlen(name), tail = strlen(ending);
    return length > tail && strcmp(name + length - tail, ending) == 0;
}

/* Whether `name` is one of `names`, followed by `ending`. */
static bool is_of(const struct names *names, const char *name, const char *ending)
{
    size_t length = strlen(name), tail = strlen(ending);
    if (!ends_with(name, ending)) return false;
    for (uint32_t i = 0; i < names->count; i++)
        if (strlen(names->name[i]) == length - tail && strncmp(names->name[i], name, length - tail) == 0)
            return true;
    return false;
}

static bool is_spent(struct compiler *c, const char *name)
{
    for (uint32_t a = 0; a < c->accounts.count; a++) {
        const struct account *account = c->accounts.object[a];
        for (uint32_t i = 0; i < account->item_count; i++)
            if (strcmp(name, draft_text(c, "%s.%s_spent", account->name, account->item[i].name)) == 0)
                return true;
    }
    return false;
}

/* The names by which results hold more than the measures of the scenario. */
static bool is_other_measure(struct compiler *c, const char *name)
{
    static const char *const always[] = {"harmed", "unsheltered_person_days", "present"};
    for (size_t i = 0; i < sizeof always / sizeof *always; i++)
        if (strcmp(name, always[i]) == 0) return true;
    return is_of(&c->tallies, name, "_people") || is_of(&c->accounts, name, "_balance") ||
           is_of(&c->stations, name, "_wait_days") || is_spent(c, name);
}

/* By their ending results know balances, which are levels, and mean waits: the others are added up. */
static bool ends_like_another(const char *name)
{
    return ends_with(name, "_balance") || ends_with(name, "_wait_days");
}

void check_measures(struct compiler *c, const struct node *node)
{
    for (size_t i = 0; node && node->kind == NODE_MAP && i < node->count; i++)
        if (is_other_measure(c, node->key[i]))
            complain(c, node->key_mark[i], "measures",
                     "'%s' is what results call another measure: take another name", node->key[i]);
        else if (ends_like_another(node->key[i]))
            complain(c, node->key_mark[i], "measures",
                     "'%s' would be read as a balance or a wait: take a name without that ending",
                     node->key[i]);
}

void read_targets(struct compiler *c, const struct node *node)
{
    if (!node || node->kind != NODE_LIST) return;
    struct model *model = c->model;
    model->target = kept_memory(c, node->count, sizeof *model->target);
    for (size_t i = 0; i < node->count; i++) {
        struct target_head head = {0};
        const char *path = draft_text(c, "targets[%zu]", i + 1);
        if (!read_keys(c, "target", NULL, node->item[i], path, &head) || !head.target.period) continue;
        head.target.check_only = head.use == 1;
        if (head.target.measure && names_find(&c->tallies, head.target.measure) == NETWORK_NONE &&
            !is_other_measure(c, head.target.measure))
            complain_unknown(c, node_get(node->item[i], "measure")->mark, path, "measure",
                             head.target.measure, &c->tallies);
        if (head.target.value == 0)
            complain(c, node_get(node->item[i], "value")->mark, path,
                     "a target of 0 has no tolerance in percent: it cannot be missed by a little");
        int32_t first_day, end_day;
        if (!period_parse(head.target.period, &first_day, &end_day))
            complain(c, node_get(node->item[i], "period")->mark, path,
                     "'%s' is not a period: write 2023-12 or 2023-12-18/2023-12-24", head.target.period);
        else if (c->dates_known && (first_day < c->head.from || end_day > c->head.to + 1))
            problems_warn(c->problems, node_get(node->item[i], "period")->mark,
                          "%s: the period does not lie within the run, so nothing can be compared", path);
        model->target[model->target_count++] = head.target;
    }
}
