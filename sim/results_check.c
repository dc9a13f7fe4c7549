/* Which layouts can be stored. */
#include "sim/results_internal.h"

#include <string.h>

size_t results_type_size(enum results_type type)
{
    return type == RESULTS_INT32 ? 4 : 8;
}

size_t results_elements(const struct results_layout *layout, const struct results_dataset *dataset)
{
    size_t elements = 1;
    for (size_t i = 0; i < dataset->axis_count; i++) elements *= layout->axes[dataset->axis[i]].length;
    return elements;
}

static bool refuse(struct error *error, const char *what, const char *name, const char *why)
{
    return error_set(error, ERROR_USAGE, "results layout: %s '%s' %s", what, name ? name : "", why);
}

/* HDF5 takes '/' as a path and "." as the group itself; keys of the identity are lines with tabs. */
static bool is_name(const char *name)
{
    if (!name || !*name || strcmp(name, ".") == 0) return false;
    for (const char *c = name; *c; c++)
        if (*c == '/' || (unsigned char)*c < ' ') return false;
    return true;
}

static bool same(const char *a, const char *b)
{
    return strcmp(a, b) == 0;
}

/* xarray would turn such numbers into time spans. */
static bool is_timedelta(const char *units)
{
    static const char *const spans[] = {"days",         "hours",        "minutes",    "seconds",
                                        "milliseconds", "microseconds", "nanoseconds"};
    for (size_t i = 0; units && i < sizeof spans / sizeof *spans; i++)
        if (same(units, spans[i])) return true;
    return false;
}

static bool check_units(const char *name, const char *units, struct error *error)
{
    if (is_timedelta(units))
        return refuse(error, "variable", name,
                      "has units that xarray takes for a time span; write \"d\", \"h\", ...");
    return true;
}

static bool check_names(const char *what, const char *const *names, size_t count, struct error *error)
{
    for (size_t i = 0; i < count; i++)
        if (!names[i] || !*names[i]) return refuse(error, "an entry of", what, "is empty");
    return true;
}

static bool check_scenarios(const struct results_layout *layout, struct error *error)
{
    if (layout->scenario_count == 0) return refuse(error, "axis", "scenario", "is empty");
    if (layout->replications == 0) return refuse(error, "axis", "replication", "is empty");
    if (layout->replications > INT32_MAX || layout->scenario_count > INT32_MAX ||
        layout->scenario_count > SIZE_MAX / 64 / layout->replications)
        return refuse(error, "axis", "replication", "is too long");
    for (size_t i = 0; i < layout->scenario_count; i++) {
        if (!is_name(layout->scenarios[i]))
            return refuse(error, "scenario", layout->scenarios[i], "is no valid name");
        for (size_t j = 0; j < i; j++)
            if (same(layout->scenarios[i], layout->scenarios[j]))
                return refuse(error, "scenario", layout->scenarios[i], "is there twice");
    }
    return true;
}

static bool check_axes(const struct results_layout *layout, struct error *error)
{
    for (size_t i = 0; i < layout->axis_count; i++) {
        const struct results_axis *axis = &layout->axes[i];
        if (!is_name(axis->name)) return refuse(error, "axis", axis->name, "has no valid name");
        if (same(axis->name, "scenario") || same(axis->name, "replication") || same(axis->name, "event"))
            return refuse(error, "axis", axis->name, "has a reserved name");
        if (axis->length == 0) return refuse(error, "axis", axis->name, "is empty");
        if (!axis->names == !axis->numbers)
            return refuse(error, "axis", axis->name, "needs either names or numbers");
        if (axis->names && !check_names(axis->name, axis->names, axis->length, error)) return false;
        if (!check_units(axis->name, axis->units, error)) return false;
        for (size_t j = 0; j < i; j++)
            if (same(axis->name, layout->axes[j].name))
                return refuse(error, "axis", axis->name, "is there twice");
    }
    return true;
}

/* Groups stand beside the coordinates in the root group. */
static bool check_group(const struct results_layout *layout, const char *group, struct error *error)
{
    if (!is_name(group)) return refuse(error, "group", group, "has no valid name");
    if (same(group, "scenarios") || same(group, "study") || same(group, "trace") || same(group, "scenario") ||
        same(group, "replication"))
        return refuse(error, "group", group, "has a reserved name");
    for (size_t i = 0; i < layout->axis_count; i++)
        if (same(group, layout->axes[i].name))
            return refuse(error, "group", group, "has the name of an axis");
    return true;
}

/* Names inside a group: coordinates, datasets, attributes. */
static bool check_variable(const struct results_layout *layout, const char *group, const char *name,
                           size_t datasets, size_t attributes, struct error *error)
{
    if (!is_name(name)) return refuse(error, "variable", name, "has no valid name");
    bool taken = same(name, "scenario") || same(name, "replication") ||
                 (same(group, "runs") && same(name, "complete"));
    for (size_t i = 0; i < layout->axis_count; i++) taken |= same(name, layout->axes[i].name);
    for (size_t i = 0; i < datasets; i++)
        taken |= same(name, layout->datasets[i].name) && same(group, layout->datasets[i].group);
    for (size_t i = 0; i < attributes; i++)
        taken |= same(name, layout->attributes[i].name) && same(group, layout->attributes[i].group);
    return taken ? refuse(error, "variable", name, "has a name that is taken in its group") : true;
}

static bool check_dataset(const struct results_layout *layout, size_t index, struct error *error)
{
    const struct results_dataset *dataset = &layout->datasets[index];
    if (!check_group(layout, dataset->group, error)) return false;
    if (!check_variable(layout, dataset->group, dataset->name, index, 0, error)) return false;
    if (!check_units(dataset->name, dataset->units, error)) return false;
    if (dataset->axis_count > 4) return refuse(error, "dataset", dataset->name, "has more than 4 axes");
    size_t bytes = results_type_size(dataset->type);
    for (size_t i = 0; i < dataset->axis_count; i++) {
        if (dataset->axis[i] >= layout->axis_count)
            return refuse(error, "dataset", dataset->name, "has an axis that does not exist");
        for (size_t j = 0; j < i; j++)
            if (dataset->axis[i] == dataset->axis[j])
                return refuse(error, "dataset", dataset->name, "has the same axis twice");
        size_t length = layout->axes[dataset->axis[i]].length;
        if (length > UINT32_MAX / bytes) return refuse(error, "dataset", dataset->name, "is 4 GiB or larger");
        bytes *= length;
    }
    if (dataset->offset > layout->block_bytes || bytes > layout->block_bytes - dataset->offset)
        return refuse(error, "dataset", dataset->name, "lies outside the block");
    return true;
}

static bool check_attribute(const struct results_layout *layout, size_t index, struct error *error)
{
    const struct results_attribute *attribute = &layout->attributes[index];
    if (!check_group(layout, attribute->group, error)) return false;
    if (!check_variable(layout, attribute->group, attribute->name, layout->dataset_count, index, error))
        return false;
    if (!check_units(attribute->name, attribute->units, error)) return false;
    if (attribute->axis >= layout->axis_count)
        return refuse(error, "variable", attribute->name, "has an axis that does not exist");
    if (!attribute->names == !attribute->numbers)
        return refuse(error, "variable", attribute->name, "needs either names or numbers");
    return !attribute->names ||
           check_names(attribute->name, attribute->names, layout->axes[attribute->axis].length, error);
}

static bool check_texts(const struct results_layout *layout, struct error *error)
{
    for (size_t i = 0; i < layout->text_count; i++) {
        const struct results_text *text = &layout->texts[i];
        if (!is_name(text->name) || !text->text)
            return refuse(error, "text", text->name, "has no name or no text");
        if (text->scenario >= 0 && (size_t)text->scenario >= layout->scenario_count)
            return refuse(error, "text", text->name, "belongs to no scenario");
        if (text->scenario < 0 && (same(text->name, "seed") || same(text->name, "scale")))
            return refuse(error, "text", text->name, "has a reserved name");
        for (size_t j = 0; j < i; j++)
            if (same(text->name, layout->texts[j].name) &&
                (text->scenario < 0 ? -1 : text->scenario) ==
                    (layout->texts[j].scenario < 0 ? -1 : layout->texts[j].scenario))
                return refuse(error, "text", text->name, "is there twice");
    }
    return true;
}

static bool check_columns(const struct results_layout *layout, struct error *error)
{
    for (size_t i = 0; layout->trace_columns && i < layout->trace_column_count; i++) {
        const struct trace_column *column = &layout->trace_columns[i];
        bool reserved = !is_name(column->name) || same(column->name, "scenario") ||
                        same(column->name, "replication") || same(column->name, "event");
        for (size_t j = 0; !reserved && j < i; j++)
            reserved = same(column->name, layout->trace_columns[j].name);
        if (reserved)
            return refuse(error, "trace column", column->name, "has a name that is taken or not valid");
        if (!check_units(column->name, column->units, error)) return false;
        if (column->axis >= 0 && (size_t)column->axis >= layout->axis_count)
            return refuse(error, "trace column", column->name, "points into an axis that does not exist");
    }
    return true;
}

bool results_check(const struct results_layout *layout, struct error *error)
{
    if (!check_scenarios(layout, error) || !check_axes(layout, error)) return false;
    for (size_t i = 0; i < layout->dataset_count; i++)
        if (!check_dataset(layout, i, error)) return false;
    for (size_t i = 0; i < layout->attribute_count; i++)
        if (!check_attribute(layout, i, error)) return false;
    return check_texts(layout, error) && check_columns(layout, error);
}
