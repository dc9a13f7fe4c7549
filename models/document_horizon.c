/* What a scenario inherits and its own dates leave out. A child may begin later or end earlier than the files
 * that it extends: their policies of before then hold from the start, in the order of their dates, and what
 * lies behind the end is left out, as are batches, grants and targets on both sides. What stands in the file
 * that sets the dates, or in one that extends it, is left for the checks of dates: there it is a mistake. */
#include "models/document_internal.h"

#include "sim/time.h"

#include <stdlib.h>
#include <string.h>

struct horizon {
    struct document *document;
    int32_t start, from, end; /* with the spin-up; the first day; the day after the last */
    struct mark from_mark, spin_up_mark, to_mark;
};

static bool read_horizon(struct horizon *self, struct document *document)
{
    const struct node *root = document->root, *from = node_get(root, "from"), *to = node_get(root, "to"),
                      *spin_up = node_get(root, "spin_up_days");
    int64_t days = 0;
    if (!from || !to || !node_date(from, &self->from) || !node_date(to, &self->end)) return false;
    if (spin_up && (!node_whole(spin_up, &days) || days < 0 || days > INT16_MAX)) return false;
    self->document = document;
    self->start = self->from - (int32_t)days;
    self->end++;
    self->from_mark = from->mark;
    self->spin_up_mark = spin_up ? spin_up->mark : from->mark;
    self->to_mark = to->mark;
    return true;
}

/* Files are numbered from the scenario down to its model; the command line stands before them. */
static bool is_inherited(struct mark mark, struct mark dates)
{
    return mark.file >= 0 && mark.file > dates.file;
}

/* Before the first day, or before the start: which may be later for a shorter spin-up. */
static bool is_before(const struct horizon *self, const struct node *date, int32_t first, int32_t *day)
{
    if (!date || !node_date(date, day) || *day >= first) return false;
    return is_inherited(date->mark, self->from_mark) ||
           (first == self->start && is_inherited(date->mark, self->spin_up_mark));
}
static bool is_behind(const struct horizon *self, const struct node *date)
{
    int32_t day;
    return date && node_date(date, &day) && day >= self->end && is_inherited(date->mark, self->to_mark);
}

/* ---- policies ---- */

struct early {
    int32_t day;
    size_t order;
    struct node *policy;
};

static int by_day(const void *a, const void *b)
{
    const struct early *x = a, *y = b;
    if (x->day != y->day) return x->day < y->day ? -1 : 1;
    return (x->order > y->order) - (x->order < y->order);
}

static const struct node *date_of(const struct node *item, const char *key)
{
    return item->kind == NODE_MAP ? node_get(item, key) : NULL;
}

/* Takes what lies before the start out of the list, into `early`, and disables what lies behind the end;
 * returns how many are early. */
static size_t part_policies(const struct horizon *self, struct node *list, struct early early[])
{
    struct document *document = self->document;
    size_t count = 0;
    for (size_t i = 0; i < list->count; i++) {
        struct node *policy = list->item[i];
        const struct node *on = date_of(policy, "on"), *when = date_of(policy, "when");
        int32_t day;
        if (is_before(self, on, self->start, &day)) {
            early[count++] = (struct early){day, i, policy};
            list->item[i] = NULL;
        } else if (is_behind(self, on) || (when && is_behind(self, date_of(when, "not_before")))) {
            node_put(document, policy, "enabled", policy->mark,
                     node_new_scalar(document, "false", false, policy->mark));
        }
    }
    node_compact(document, list);
    return count;
}

static void fit_policies(const struct horizon *self, struct node *list)
{
    if (!list || list->kind != NODE_LIST || list->count == 0) return;
    struct early *early = malloc(list->count * sizeof *early);
    if (!early) {
        self->document->memory->failed = true;
        return;
    }
    const size_t count = part_policies(self, list, early), others = list->count;
    char start[11];
    date_format(self->start, start);
    qsort(early, count, sizeof *early, by_day);
    for (size_t i = 0; i < count; i++) {
        struct node *on = node_get(early[i].policy, "on");
        on->text = memory_copy(self->document->memory, start, strlen(start));
        node_append(self->document, list, early[i].policy);
    }
    /* They come first: those of the same day that the scenario writes itself win. */
    for (size_t i = others; count > 0 && i-- > 0;) list->item[i + count] = list->item[i];
    for (size_t i = 0; i < count; i++) list->item[i] = early[i].policy;
    free(early);
}

/* ---- what happens on one day, or is compared with a period ---- */

static void fit_dated(const struct horizon *self, struct node *list, int32_t first)
{
    int32_t day;
    if (!list || list->kind != NODE_LIST) return;
    for (size_t i = 0; i < list->count; i++) {
        const struct node *on = date_of(list->item[i], "on");
        if (is_before(self, on, first, &day) || is_behind(self, on)) list->item[i] = NULL;
    }
    node_compact(self->document, list);
}

static void fit_all_of(const struct horizon *self, const char *things, const char *key, int32_t first)
{
    const struct node *map = node_get(self->document->root, things);
    for (size_t i = 0; map && map->kind == NODE_MAP && i < map->count; i++)
        if (map->item[i]->kind == NODE_MAP) fit_dated(self, node_get(map->item[i], key), first);
}

static void fit_targets(const struct horizon *self, struct node *list)
{
    int32_t first, end;
    if (!list || list->kind != NODE_LIST) return;
    for (size_t i = 0; i < list->count; i++) {
        const struct node *period = date_of(list->item[i], "period");
        if (!period || period->kind != NODE_SCALAR || !period_parse(period->text, &first, &end)) continue;
        if ((first < self->from && is_inherited(period->mark, self->from_mark)) ||
            (end > self->end && is_inherited(period->mark, self->to_mark)))
            list->item[i] = NULL;
    }
    node_compact(self->document, list);
}

void document_fit_horizon(struct document *self)
{
    struct horizon horizon;
    if (!read_horizon(&horizon, self)) return; /* which will be told */
    fit_policies(&horizon, node_get(self->root, "policies"));
    fit_all_of(&horizon, "stations", "batches", horizon.start);
    fit_all_of(&horizon, "accounts", "grants", horizon.from);
    fit_targets(&horizon, node_get(self->root, "targets"));
}
