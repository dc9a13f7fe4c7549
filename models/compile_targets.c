/* Targets: published figures that a scenario must reproduce. */
#include "models/compile.h"

#include <string.h>

static bool parse_period(const char *text, int32_t *first, int32_t *end)
{
    char part[11];
    size_t length = strlen(text);
    if (length == 21 && text[10] == '/') {
        snprintf(part, sizeof part, "%.10s", text);
        if (!date_parse(part, first) || !date_parse(text + 11, end)) return false;
        ++*end;
        return *end > *first;
    }
    if (length == 10 && date_parse(text, first)) {
        *end = *first + 1;
        return true;
    }
    if (length == 7 && parse_month(text, first)) {
        *end = *first + days_in_month_of(*first);
        return true;
    }
    if (length == 4) {
        snprintf(part, sizeof part, "%.4s-01-01", text);
        if (!date_parse(part, first)) return false;
        struct date date = date_from_days(*first);
        *end = date_to_days((struct date){date.year + 1, 1, 1});
        return true;
    }
    return false;
}

/* Whether `name` is one of `names`, followed by `ending`. */
static bool is_of(const struct names *names, const char *name, const char *ending)
{
    size_t length = strlen(name), tail = strlen(ending);
    if (length <= tail || strcmp(name + length - tail, ending) != 0) return false;
    for (uint32_t i = 0; i < names->count; i++)
        if (strlen(names->name[i]) == length - tail && strncmp(names->name[i], name, length - tail) == 0)
            return true;
    return false;
}

/* What results call a measure: the scenario's own, and those every run has. */
static bool is_measure(const struct compiler *c, const char *name)
{
    static const char *const always[] = {"harmed", "unsheltered_person_days", "present"};
    for (size_t i = 0; i < sizeof always / sizeof *always; i++)
        if (strcmp(name, always[i]) == 0) return true;
    size_t length = strlen(name);
    bool spent = length > 6 && strcmp(name + length - 6, "_spent") == 0;
    return spent || names_find(&c->tallies, name) != NETWORK_NONE || is_of(&c->tallies, name, "_people") ||
           is_of(&c->accounts, name, "_balance") || is_of(&c->stations, name, "_wait_days");
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
        if (head.target.measure && !is_measure(c, head.target.measure))
            complain_unknown(c, node_get(node->item[i], "measure")->mark, path, "measure",
                             head.target.measure, &c->tallies);
        if (!parse_period(head.target.period, &head.target.first_day, &head.target.end_day))
            complain(c, node_get(node->item[i], "period")->mark, path,
                     "'%s' is not a period: write 2023-12 or 2023-12-18/2023-12-24", head.target.period);
        model->target[model->target_count++] = head.target;
    }
}
