/* Empirical durations: values and weights, written in place or read from a data file. */
#include "models/compile.h"

#include <stdlib.h>

/* ---- written in place ---- */

static double *read_numbers(struct compiler *c, const struct node *list, const char *path, struct unit unit)
{
    double *number = draft_memory(c, list->count, sizeof *number);
    for (size_t i = 0; i < list->count; i++) {
        if (!node_number(list->item[i], &number[i])) {
            complain(c, list->item[i]->mark, path, "must be a number");
            return NULL;
        }
        number[i] = unit_convert(unit, number[i]);
    }
    return number;
}

static bool read_lists(struct compiler *c, const struct node *map, const char *path, struct empirical *table)
{
    struct unit unit, none;
    const struct node *values = find_key(map, "values_days", &unit),
                      *weights = find_key(map, "weights", &none);
    if (!values || !weights || values->kind != NODE_LIST || weights->kind != NODE_LIST)
        return complain(c, map->mark, path,
                        "needs the lists values_days and weights, or a csv and its column");
    if (values->count == 0 || values->count != weights->count)
        return complain(c, values->mark, path,
                        "values_days and weights must be of the same length, not empty");
    *table = (struct empirical){.value = read_numbers(c, values, path, unit),
                                .weight = read_numbers(c, weights, path, unit_base),
                                .count = values->count,
                                .mark = values->mark};
    return table->value && table->weight;
}

/* ---- from a data file ---- */

struct row {
    double value, weight;
};

static int by_value(const void *a, const void *b)
{
    const struct row *p = a, *q = b;
    return (p->value > q->value) - (p->value < q->value);
}

static bool not_negative(const struct data_file *file, size_t at, const char *what, double number)
{
    if (number >= 0) return true;
    return complain(file->c, file->mark, data_place(file, at), "the %s %.12g is below 0", what, number);
}

/* Rows with an empty value are left out. Returns how many were read; `good` becomes false after a mistake. */
static size_t read_rows(const struct data_file *file, size_t value, const size_t *weight, struct row *row,
                        bool *good)
{
    size_t count = 0;
    for (size_t at = 0; at < file->csv->rows; at++) {
        if (*csv_cell(file->csv, at, value) == '\0') continue;
        struct row *next = &row[count];
        next->weight = 1;
        if (data_number(file, at, value, &next->value) && not_negative(file, at, "duration", next->value) &&
            (!weight || (data_number(file, at, *weight, &next->weight) &&
                         not_negative(file, at, "weight", next->weight))))
            count++;
        else
            *good = false;
    }
    return count;
}

/* In ascending order; rows of the same value become one of their common weight. */
static void sort_rows(struct compiler *c, struct row *row, size_t count, struct empirical *table)
{
    table->value = draft_memory(c, count, sizeof *table->value);
    table->weight = draft_memory(c, count, sizeof *table->weight);
    table->count = 0;
    qsort(row, count, sizeof *row, by_value);
    for (size_t i = 0; i < count; i++) {
        if (table->count == 0 || table->value[table->count - 1] != row[i].value)
            table->value[table->count++] = row[i].value;
        table->weight[table->count - 1] += row[i].weight;
    }
}

static bool read_file(const struct data_file *file, const struct duration_head *head, struct empirical *table)
{
    size_t value, weight;
    bool good = data_column(file, head->column, &value);
    if (head->weight_column && !data_column(file, head->weight_column, &weight)) good = false;
    if (!good) return false;
    struct row *row = draft_memory(file->c, file->csv->rows + 1, sizeof *row);
    size_t count = read_rows(file, value, head->weight_column ? &weight : NULL, row, &good);
    if (good && count == 0) return complain(file->c, file->mark, file->path, "%s has no values", file->name);
    if (good) sort_rows(file->c, row, count, table);
    table->mark = file->mark;
    return good;
}

bool read_empirical(struct compiler *c, const struct duration_head *head, const struct node *map,
                    const char *path, struct empirical *table)
{
    struct unit unit;
    const struct node *csv = find_key(map, "csv", &unit);
    if (!csv && (head->column || head->weight_column))
        return complain(c, map->mark, path, "'%s' needs a csv", head->column ? "column" : "weight_column");
    if (!csv) return read_lists(c, map, path, table);
    if (find_key(map, "values_days", &unit) || find_key(map, "weights", &unit))
        return complain(c, map->mark, path, "has both a csv and values written out");
    if (!head->csv) return false; /* no name: told by the check of keys */
    if (!head->column) return complain(c, map->mark, path, "needs the column of the values");
    struct data_file file;
    bool good = data_open(c, csv, path, &file) && read_file(&file, head, table);
    data_close(&file);
    return good;
}
