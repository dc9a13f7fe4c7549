/* Schedules read from a column of a CSV file. */
#include "models/compile.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct file_schedule {
    struct compiler *c;
    const struct key_entry *key;
    struct unit unit;
    const struct schedule_head *head;
    const char *path, *file;
    struct mark mark;
    const struct csv *csv;
    size_t time, value;
};

static bool read_time(const char *text, int32_t *days)
{
    return parse_month(text, days) || date_parse(text, days);
}

static bool read_cell(const char *text, double *number)
{
    struct node node = {.kind = NODE_SCALAR, .text = text};
    return node_number(&node, number);
}

/* False for a row that cannot be used; `point` is set unless the cell is empty (then `empty` is true). */
static bool read_row(const struct file_schedule *self, size_t row, struct point *point, bool *empty)
{
    const char *time = csv_cell(self->csv, row, self->time), *value = csv_cell(self->csv, row, self->value);
    const char *where = draft_text(self->c, "%s: %s:%d", self->path, self->file, self->csv->line[row + 1]);
    int32_t day;
    double number;
    *empty = *value == '\0';
    if (*empty) return true;
    if (!read_time(time, &day))
        return complain(self->c, self->mark, where, "'%s' is not a date, YYYY-MM-DD or YYYY-MM", time);
    if (!read_cell(value, &number))
        return complain(self->c, self->mark, where, "'%s' is not a number", value);
    struct unit unit = self->unit;
    if (self->head->per == 1) unit.divide *= days_in_month_of(day);
    if (!convert_number(self->c, self->key, unit, self->mark, where, number, &number)) return false;
    *point = (struct point){.value = number, .low = number, .high = number};
    point->day = day - self->c->head.from + self->head->lag_days;
    return true;
}

static bool read_rows(const struct file_schedule *self, struct series *series)
{
    bool good = true;
    series->point = draft_memory(self->c, self->csv->rows ? self->csv->rows : 1, sizeof *series->point);
    for (size_t row = 0; row < self->csv->rows; row++) {
        struct point *point = &series->point[series->count];
        bool empty;
        if (!read_row(self, row, point, &empty)) {
            good = false;
            continue;
        }
        if (empty) continue;
        if (series->count > 0 && point->day <= point[-1].day)
            return complain(self->c, self->mark, self->path, "%s:%d: the dates do not ascend", self->file,
                            self->csv->line[row + 1]);
        series->count++;
    }
    if (good && series->count == 0)
        return complain(self->c, self->mark, self->path, "%s has no values", self->file);
    return good;
}

static bool find_column(const struct file_schedule *self, const char *name, size_t *column)
{
    *column = csv_column(self->csv, name);
    if (*column < self->csv->columns) return true;
    const char *nearest = nearest_name(name, self->csv->cell, self->csv->columns);
    if (nearest)
        return complain(self->c, self->mark, self->path, "%s has no column '%s'; did you mean '%s'?",
                        self->file, name, nearest);
    return complain(self->c, self->mark, self->path, "%s has no column '%s'", self->file, name);
}

static bool read_table(struct file_schedule *self, struct series *series)
{
    return find_column(self, self->head->column, &self->value) &&
           (!self->head->time_column || find_column(self, self->head->time_column, &self->time)) &&
           read_rows(self, series);
}

bool read_schedule_file(struct compiler *c, const struct key_entry *key, struct unit unit,
                        const struct schedule_head *head, const struct node *node, const char *path,
                        struct series *series)
{
    struct mark mark = node_get(node, "csv")->mark;
    if (!head->column) return complain(c, node->mark, path, "needs the column of the values");
    char *found = document_find_file(&c->model->document, mark, head->csv, c->installed);
    if (!found) return complain(c, mark, path, "no file '%s' is found", head->csv);
    char message[160];
    int line;
    bool good = csv_read(&c->csv, found, message, sizeof message, &line);
    free(found);
    if (!good && line > 0) return complain(c, mark, path, "%s:%d: %s", head->csv, line, message);
    if (!good) return complain(c, mark, path, "%s %s", head->csv, message);
    struct file_schedule self = {c, key, unit, head, path, head->csv, mark, &c->csv, 0, 0};
    good = read_table(&self, series);
    csv_free(&c->csv);
    return good;
}
