/* Data files: opening them, finding their columns and reading numbers; and schedules read from a column. */
#include "models/compile.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- data files ---- */

/* A cell, in quotes where it needs them; returns the end. */
static char *write_cell(char *to, const char *cell)
{
    bool quoted = strpbrk(cell, ",\"\n\r#") != NULL;
    if (quoted) *to++ = '"';
    for (; *cell; cell++) {
        if (*cell == '"') *to++ = '"';
        *to++ = *cell;
    }
    if (quoted) *to++ = '"';
    return to;
}

/* The open table joins those that the model keeps: results hold them, so that they stand alone and nobody
 * goes on with a study after its data have changed. */
static void keep_table(struct compiler *c, const char *name, const char *found)
{
    const struct csv *csv = &c->csv;
    const size_t cells = (csv->rows + 1) * csv->columns;
    size_t size = strlen(name) + sizeof "# \n";
    if (names_add(c, &c->tables, found, NULL) == NETWORK_NONE) return;
    for (size_t i = 0; i < cells; i++) size += 2 * strlen(csv->cell[i]) + sizeof "\"\",";
    const char *before = c->model->data ? c->model->data : "";
    const size_t kept = strlen(before);
    char *text = draft_memory(c, kept + size, 1), *end = text + kept;
    memcpy(text, before, kept);
    end += snprintf(end, size, "# %s\n", name);
    for (size_t i = 0; i < cells; i++) {
        end = write_cell(end, csv->cell[i]);
        *end++ = (i + 1) % csv->columns ? ',' : '\n';
    }
    *end = '\0';
    c->model->data = kept_text(c, text);
}

bool data_open(struct compiler *c, const struct node *name, const char *path, struct data_file *self)
{
    *self = (struct data_file){.c = c, .path = path, .name = name->text, .mark = name->mark, .csv = &c->csv};
    char *found = document_find_file(&c->model->document, name->mark, name->text, c->installed);
    if (!found) return complain(c, name->mark, path, "no file '%s' is found", name->text);
    char message[160];
    int line;
    problems_file(c->problems, found, NULL, 0); /* it belongs to the files read */
    bool good = csv_read(&c->csv, found, message, sizeof message, &line);
    const char *place = good ? draft_text(c, "%s", found) : NULL;
    free(found);
    if (!good && line > 0) return complain(c, name->mark, path, "%s:%d: %s", name->text, line, message);
    if (!good) return complain(c, name->mark, path, "%s %s", name->text, message);
    keep_table(c, name->text, place);
    return true;
}

void data_close(struct data_file *self)
{
    csv_free(&self->c->csv);
}

bool data_column(const struct data_file *self, const char *name, size_t *column)
{
    *column = csv_column(self->csv, name);
    if (*column < self->csv->columns) return true;
    const char *nearest = nearest_name(name, self->csv->cell, self->csv->columns);
    if (nearest)
        return complain(self->c, self->mark, self->path, "%s has no column '%s'; did you mean '%s'?",
                        self->name, name, nearest);
    return complain(self->c, self->mark, self->path, "%s has no column '%s'", self->name, name);
}

const char *data_place(const struct data_file *self, size_t row)
{
    return draft_text(self->c, "%s: %s:%d", self->path, self->name, self->csv->line[row + 1]);
}

bool data_number(const struct data_file *self, size_t row, size_t column, double *number)
{
    struct node node = {.kind = NODE_SCALAR, .text = csv_cell(self->csv, row, column)};
    if (node_number(&node, number)) return true;
    return complain(self->c, self->mark, data_place(self, row), "'%s' is not a number", node.text);
}

/* ---- schedules ---- */

struct file_schedule {
    struct data_file file;
    const struct key_entry *key;
    struct unit unit;
    const struct schedule_head *head;
    size_t time, value;
};

static bool read_time(const char *text, int32_t *days)
{
    return parse_month(text, days) || date_parse(text, days);
}

/* False for a row that cannot be used; `point` is set unless the cell is empty (then `empty` is true). */
static bool read_row(const struct file_schedule *self, size_t row, struct point *point, bool *empty)
{
    const struct data_file *file = &self->file;
    const char *time = csv_cell(file->csv, row, self->time), *where = data_place(file, row);
    int32_t day;
    double number;
    *empty = *csv_cell(file->csv, row, self->value) == '\0';
    if (*empty) return true;
    if (!read_time(time, &day))
        return complain(file->c, file->mark, where, "'%s' is not a date, YYYY-MM-DD or YYYY-MM", time);
    if (!data_number(file, row, self->value, &number)) return false;
    struct unit unit = self->unit;
    if (self->head->per == 1) unit.divide *= days_in_month_of(day);
    if (!convert_number(file->c, self->key, unit, file->mark, where, number, &number)) return false;
    *point = (struct point){.value = number, .low = number, .high = number, .mark = file->mark};
    point->day = day - file->c->head.from + self->head->lag_days;
    return true;
}

static bool read_rows(const struct file_schedule *self, struct series *series)
{
    const struct data_file *file = &self->file;
    bool good = true;
    series->point = draft_memory(file->c, file->csv->rows ? file->csv->rows : 1, sizeof *series->point);
    for (size_t row = 0; row < file->csv->rows; row++) {
        struct point *point = &series->point[series->count];
        bool empty;
        if (!read_row(self, row, point, &empty)) {
            good = false;
            continue;
        }
        if (empty) continue;
        if (series->count > 0 && point->day <= point[-1].day)
            return complain(file->c, file->mark, data_place(file, row), "the dates do not ascend");
        series->count++;
    }
    if (good && series->count == 0)
        return complain(file->c, file->mark, file->path, "%s has no values", file->name);
    return good;
}

/* The day after the last that a cell speaks for: its month, or as many days as the cell before stands ahead
 * of it.
 */
static int32_t end_of_series(const struct file_schedule *self, const struct series *series, size_t last_row)
{
    const struct point *last = &series->point[series->count - 1];
    int32_t day, gap = series->count > 1 ? last->day - last[-1].day : 1;
    if (parse_month(csv_cell(self->file.csv, last_row, self->time), &day)) gap = days_in_month_of(day);
    return last->day + gap;
}

static void warn_of_end(const struct file_schedule *self, const struct series *series)
{
    const struct data_file *file = &self->file;
    size_t row = file->csv->rows;
    while (row > 0 && *csv_cell(file->csv, row - 1, self->value) == '\0') row--;
    if (row == 0 || !file->c->dates_known || end_of_series(self, series, row - 1) >= file->c->end) return;
    char to[11];
    date_format(file->c->head.to, to);
    problems_warn(file->c->problems, file->mark, "%s: %s ends with %s; its last value is held until %s",
                  file->path, file->name, csv_cell(file->csv, row - 1, self->time), to);
}

static bool read_table(struct file_schedule *self, struct series *series)
{
    return data_column(&self->file, self->head->column, &self->value) &&
           (!self->head->time_column || data_column(&self->file, self->head->time_column, &self->time)) &&
           read_rows(self, series);
}

bool read_schedule_file(struct compiler *c, const struct key_entry *key, struct unit unit,
                        const struct schedule_head *head, const struct node *node, const char *path,
                        struct series *series)
{
    if (!head->column) return complain(c, node->mark, path, "needs the column of the values");
    struct file_schedule self = {.key = key, .unit = unit, .head = head};
    bool good = data_open(c, node_get(node, "csv"), path, &self.file) && read_table(&self, series);
    if (good) warn_of_end(&self, series);
    data_close(&self.file);
    return good;
}
