/* Schedules: values that change on dates, named in `schedules` or written in place. */
#include "models/compile.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MONTHS = 12 };

static const struct key_entry schedule_entry = {.context = "schedule",
                                                .name = "schedule",
                                                .unit = "",
                                                .type = "value",
                                                .low = -1e15,
                                                .high = 1e15,
                                                .fallback = "",
                                                .meaning = "a named schedule",
                                                .source = ""};

bool parse_month(const char *text, int32_t *days)
{
    char date[11];
    if (strlen(text) != 7) return false;
    snprintf(date, sizeof date, "%.7s-01", text);
    return date_parse(date, days);
}

int days_in_month_of(int32_t days)
{
    struct date date = date_from_days(days);
    return date_days_in_month(date.year, date.month);
}

/* A map is a schedule when one of its keys says so in the right form; a schedule may still be called
 * "season". */
bool is_schedule_map(const struct node *node)
{
    const struct node *steps = node_get(node, "steps"), *monthly = node_get(node, "monthly");
    const struct node *season = node_get(node, "season"), *csv = node_get(node, "csv");
    return (steps && steps->kind == NODE_MAP && !is_schedule_map(steps)) ||
           (monthly && monthly->kind == NODE_MAP && !is_schedule_map(monthly)) ||
           (season && season->kind == NODE_LIST) || (csv && csv->kind == NODE_SCALAR);
}

static int by_day(const void *a, const void *b)
{
    const struct point *p = a, *q = b;
    return (p->day > q->day) - (p->day < q->day);
}

/* `steps` and `monthly`: dates and values. */
static bool read_dates(struct compiler *c, const struct key_entry *key, struct unit unit,
                       const struct schedule_head *head, const struct node *map, const char *path,
                       const char *key_path, bool monthly, struct series *series)
{
    bool good = true;
    series->point = draft_memory(c, map->count ? map->count : 1, sizeof *series->point);
    for (size_t i = 0; i < map->count; i++) {
        if (schema_is_remark(map->key[i])) continue;
        const char *entry = draft_text(c, "%s.%s", path, map->key[i]);
        int32_t day;
        if (monthly ? !parse_month(map->key[i], &day) : !date_parse(map->key[i], &day)) {
            if (monthly)
                complain(c, map->key_mark[i], path, "'%s' is not a month, YYYY-MM", map->key[i]);
            else
                complain_date(c, map->key_mark[i], path, map->key[i]);
            good = false;
            continue;
        }
        struct unit per = unit;
        if (head->per == 1) per.divide *= days_in_month_of(day);
        struct point *point = &series->point[series->count];
        good = read_point(c, key, per, map->item[i], entry, draft_text(c, "%s.%s", key_path, map->key[i]),
                          point) &&
               good;
        point->day = day - c->head.from + (monthly ? head->lag_days : 0);
        series->count++;
    }
    if (good && series->count == 0) return complain(c, map->mark, path, "is empty");
    if (series->count) qsort(series->point, series->count, sizeof *series->point, by_day);
    return good;
}

/* Twelve factors, repeated over the horizon. */
static bool read_season(struct compiler *c, const struct key_entry *key, struct unit unit,
                        const struct node *list, const char *path, const char *key_path,
                        struct series *series)
{
    struct point factor[MONTHS];
    if (list->count != MONTHS)
        return complain(c, list->mark, path, "needs %d values, January first (there are %zu)", MONTHS,
                        list->count);
    bool good = true;
    for (size_t i = 0; i < MONTHS; i++) {
        const char *entry = draft_text(c, "%s.%zu", key_path, i + 1);
        good = read_point(c, key, unit, list->item[i], path, entry, &factor[i]) && good;
    }
    struct date date = date_from_days(c->head.from + c->start);
    int months = (c->end - c->start) / 28 + 2;
    series->point = draft_memory(c, (size_t)months, sizeof *series->point);
    date.day = 1;
    for (int i = 0; i < months; i++) {
        series->point[i] = factor[date.month - 1];
        series->point[i].day = date_to_days(date) - c->head.from;
        date.year += date.month == MONTHS;
        date.month = date.month % MONTHS + 1;
    }
    series->count = (size_t)months;
    return good;
}

static bool has_one_form(struct compiler *c, const struct node *node, const char *path,
                         const struct schedule_head *head)
{
    static const char *const forms[] = {"steps", "monthly", "season", "csv", "value"};
    int count = 0;
    struct mark latest = node->mark; /* where a scenario gives another form than the one that it extends */
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        const struct node *form = node_get(node, forms[i]);
        count += form != NULL;
        if (form && form->mark.file != node->mark.file) latest = form->mark;
    }
    if (count > 1)
        return complain(c, latest, path, "is more than one of steps, monthly, season, csv and value%s",
                        latest.file != node->mark.file
                            ? ": the scenario that this one extends gives another; "
                              "write a plain value, or ~ for the other"
                            : "");
    bool dated = node_get(node, "monthly") || head->csv;
    if (!dated && (node_get(node, "per") || node_get(node, "lag_days")))
        return complain(c, node->mark, path, "per and lag_days belong to monthly and csv");
    return true;
}

bool read_schedule_map(struct compiler *c, const struct key_entry *key, struct unit unit,
                       const struct node *node, const char *path, const char *key_path, struct series *series)
{
    struct schedule_head head = {0};
    size_t before = c->problems->count;
    read_keys(c, "schedule", NULL, node, path, &head);
    if (!has_one_form(c, node, path, &head) || c->problems->count != before) return false;
    const struct node *steps = node_get(node, "steps"), *monthly = node_get(node, "monthly");
    const struct node *season = node_get(node, "season");
    *series = (struct series){.mark = node->mark, .unit = unit_base};
    const char *form = steps ? "steps" : monthly ? "monthly" : "season";
    const char *own = draft_text(c, "%s.%s", path, form), *luck = draft_text(c, "%s.%s", key_path, form);
    if (steps || monthly)
        return read_dates(c, key, unit, &head, steps ? steps : monthly, own, luck, !steps, series);
    if (season) return read_season(c, key, unit, season, own, luck, series);
    return read_schedule_file(c, key, unit, &head, node, path, series);
}

/* ---- the map of schedules: a schedule, or a map of further names ---- */

struct schedule_text {
    struct lever *lever;
    const struct node *node;
    const char *path;
};

static bool is_schedule(const struct node *node)
{
    return node->kind != NODE_MAP || is_schedule_map(node) ||
           (node_get(node, "value") && node_get(node, "value")->kind == NODE_SCALAR);
}

static void collect(struct compiler *c, const struct node *map, const char *prefix, struct names *texts)
{
    for (size_t i = 0; i < map->count; i++) {
        const struct node *node = map->item[i];
        const char *name = *prefix ? draft_text(c, "%s.%s", prefix, map->key[i]) : map->key[i];
        const char *path = draft_text(c, "schedules.%s", name);
        if (node->kind == NODE_NULL || (schema_is_remark(map->key[i]) && node->kind == NODE_SCALAR)) continue;
        if (map->key[i][0] >= '0' && map->key[i][0] <= '9') {
            complain(c, map->key_mark[i], path, "a schedule is written with steps, monthly, season or csv");
            return;
        }
        if (!is_schedule(node)) {
            collect(c, node, name, texts);
            continue;
        }
        struct lever *lever = lever_add(c, path, &schedule_entry, map->key_mark[i], NULL, false);
        if (!lever) continue;
        struct schedule_text *text = draft_memory(c, 1, sizeof *text);
        *text = (struct schedule_text){lever, node, path};
        names_add(c, &c->schedules, name, lever);
        names_add(c, texts, name, text);
    }
}

void read_schedules(struct compiler *c, const struct node *node)
{
    struct names texts = {0};
    if (!node || node->kind != NODE_MAP) return;
    collect(c, node, "", &texts);
    for (uint32_t i = 0; i < texts.count; i++) {
        struct schedule_text *text = texts.object[i];
        lever_write(c, text->lever, unit_base, text->node, text->path);
    }
}
