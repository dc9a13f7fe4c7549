/* The shape of the final file: coordinates, groups, texts and empty datasets, with nothing in it that depends
 * on when, where or by how many threads it is written. */
#include "sim/results_internal.h"

#include <hdf5_hl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SCALE_SCENARIO, SCALE_REPLICATION, SCALE_AXES };

/* Property lists; also what a dataset is created with. */
struct shape {
    struct results_file *file;
    const struct results *results;
    hid_t group_plist, plain_plist, transfer;
};

static hid_t stored_type(enum results_type type)
{
    return type == RESULTS_INT32 ? H5T_STD_I32LE : type == RESULTS_INT64 ? H5T_STD_I64LE : H5T_IEEE_F64LE;
}

static hid_t create_file(struct results_file *file, const char *path)
{
    hid_t create = results_file_id(file, H5Pcreate(H5P_FILE_CREATE));
    hid_t access = results_file_id(file, H5Pcreate(H5P_FILE_ACCESS));
    results_file_check(file, H5Pset_obj_track_times(create, 0));
    results_file_check(file,
                       H5Pset_link_creation_order(create, H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED));
    results_file_check(file,
                       H5Pset_attr_creation_order(create, H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED));
    results_file_check(file, H5Pset_libver_bounds(access, H5F_LIBVER_V18, H5F_LIBVER_V18));
    results_file_check(file, results_output_select(&file->output, access));
    results_file_check(file, H5Pset_fclose_degree(access, H5F_CLOSE_STRONG));
    hid_t id = results_file_id(file, H5Fcreate(path, H5F_ACC_TRUNC, create, access));
    if (create >= 0) H5Pclose(create);
    if (access >= 0) H5Pclose(access);
    return id;
}

static void create_plists(struct shape *shape)
{
    struct results_file *file = shape->file;
    shape->group_plist = results_file_id(file, H5Pcreate(H5P_GROUP_CREATE));
    results_file_check(file, H5Pset_obj_track_times(shape->group_plist, 0));
    results_file_check(
        file, H5Pset_link_creation_order(shape->group_plist, H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED));
    results_file_check(
        file, H5Pset_attr_creation_order(shape->group_plist, H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED));
    /* Names are converted through a buffer that HDF5 clears each time: 1 MiB unless told, 10 ms for a small
     * file. */
    shape->transfer = results_file_id(file, H5Pcreate(H5P_DATASET_XFER));
    results_file_check(file, H5Pset_buffer(shape->transfer, 16384, NULL, NULL));
    shape->plain_plist = results_file_id(file, H5Pcreate(H5P_DATASET_CREATE));
    results_file_check(file, H5Pset_obj_track_times(shape->plain_plist, 0));
    results_file_check(
        file, H5Pset_attr_creation_order(shape->plain_plist, H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED));
}

static hid_t create_group(struct shape *shape, hid_t parent, const char *name)
{
    return results_file_id(shape->file,
                           H5Gcreate2(parent, name, H5P_DEFAULT, shape->group_plist, H5P_DEFAULT));
}

static hid_t create_dataset(struct shape *shape, hid_t parent, const char *name, hid_t type, int rank,
                            const hsize_t *size, hid_t plist)
{
    hid_t space = results_file_id(shape->file, H5Screate_simple(rank, size, NULL));
    hid_t id =
        results_file_id(shape->file, H5Dcreate2(parent, name, type, space, H5P_DEFAULT, plist, H5P_DEFAULT));
    if (space >= 0) H5Sclose(space);
    return id;
}

static void describe(struct shape *shape, hid_t object, const char *long_name, const char *units,
                     const char *calendar)
{
    results_file_write_text(shape->file, object, "long_name", long_name);
    results_file_write_text(shape->file, object, "units", units ? units : "1");
    if (!calendar && units && strstr(units, " since ")) calendar = "proleptic_gregorian";
    results_file_write_text(shape->file, object, "calendar", calendar);
}

/* A one-dimensional variable of names or numbers. */
static hid_t create_values(struct shape *shape, hid_t parent, const char *name, const char *const *names,
                           const double *numbers, size_t length)
{
    hid_t type = names ? shape->file->text_type : H5T_IEEE_F64LE;
    hid_t id = create_dataset(shape, parent, name, type, 1, &(hsize_t){length}, shape->plain_plist);
    const void *values = names ? (const void *)names : (const void *)numbers;
    results_file_check(shape->file, H5Dwrite(id, names ? shape->file->text_type : H5T_NATIVE_DOUBLE, H5S_ALL,
                                             H5S_ALL, shape->transfer, values));
    return id;
}

static void create_replications(struct shape *shape)
{
    size_t count = shape->results->layout.replications;
    int32_t *numbers = malloc(count * sizeof *numbers);
    hid_t id = create_dataset(shape, shape->file->id, "replication", H5T_STD_I32LE, 1, &(hsize_t){count},
                              shape->plain_plist);
    for (size_t i = 0; numbers && i < count; i++) numbers[i] = (int32_t)i;
    results_file_check(shape->file,
                       numbers ? H5Dwrite(id, H5T_NATIVE_INT32, H5S_ALL, H5S_ALL, H5P_DEFAULT, numbers) : -1);
    free(numbers);
    describe(shape, id, "replication; 2k and 2k+1 share the values drawn from ranges", "1", NULL);
    results_file_check(shape->file, H5DSset_scale(id, "replication"));
    shape->file->scales[SCALE_REPLICATION] = id;
}

/* The coordinates stand in the root group; the other groups link to them. */
static void create_scales(struct shape *shape)
{
    const struct results_layout *layout = &shape->results->layout;
    struct results_file *file = shape->file;
    hid_t id = create_values(shape, file->id, "scenario", layout->scenarios, NULL, layout->scenario_count);
    describe(shape, id, "scenario", NULL, NULL);
    results_file_check(file, H5DSset_scale(id, "scenario"));
    file->scales[SCALE_SCENARIO] = id;
    create_replications(shape);
    for (size_t i = 0; i < layout->axis_count; i++) {
        const struct results_axis *axis = &layout->axes[i];
        id = create_values(shape, file->id, axis->name, axis->names, axis->numbers, axis->length);
        describe(shape, id, axis->long_name, axis->units, axis->calendar);
        results_file_check(file, H5DSset_scale(id, axis->name));
        file->scales[SCALE_AXES + i] = id;
    }
}

/* Links a coordinate into a group, once, and attaches it to an axis of a dataset. */
static void attach(struct shape *shape, hid_t group, hid_t dataset, size_t scale, unsigned axis)
{
    const struct results_layout *layout = &shape->results->layout;
    const char *name = scale == SCALE_SCENARIO      ? "scenario"
                       : scale == SCALE_REPLICATION ? "replication"
                                                    : layout->axes[scale - SCALE_AXES].name;
    htri_t there = H5Lexists(group, name, H5P_DEFAULT);
    if (there <= 0)
        results_file_check(shape->file,
                           H5Lcreate_hard(shape->file->id, name, group, name, H5P_DEFAULT, H5P_DEFAULT));
    results_file_check(shape->file, H5DSattach_scale(dataset, shape->file->scales[scale], axis));
}

/* Chunk = one replication, so that it can be copied as it stands. What is never written reads as fill. */
static hid_t create_measure_plist(struct shape *shape, enum results_type type, int rank, const hsize_t *chunk)
{
    hid_t plist = results_file_id(shape->file, H5Pcopy(shape->plain_plist));
    double fill = NAN;
    results_file_check(shape->file, H5Pset_chunk(plist, rank, chunk));
    results_file_check(shape->file, H5Pset_shuffle(plist));
    results_file_check(shape->file, H5Pset_deflate(plist, 1));
    results_file_check(shape->file, H5Pset_fletcher32(plist));
    if (type == RESULTS_DOUBLE)
        results_file_check(shape->file, H5Pset_fill_value(plist, H5T_NATIVE_DOUBLE, &fill));
    return plist;
}

static hid_t create_measure(struct shape *shape, hid_t group, const struct results_dataset *dataset)
{
    const struct results_layout *layout = &shape->results->layout;
    hsize_t size[6] = {layout->scenario_count, layout->replications}, chunk[6] = {1, 1};
    for (size_t i = 0; i < dataset->axis_count; i++)
        size[i + 2] = chunk[i + 2] = layout->axes[dataset->axis[i]].length;
    int rank = (int)dataset->axis_count + 2;
    hid_t plist = create_measure_plist(shape, dataset->type, rank, chunk);
    hid_t id = create_dataset(shape, group, dataset->name, stored_type(dataset->type), rank, size, plist);
    if (plist >= 0) H5Pclose(plist);
    describe(shape, id, dataset->long_name, dataset->units, NULL);
    results_file_write_text(shape->file, id, "comment", dataset->comment);
    attach(shape, group, id, SCALE_SCENARIO, 0);
    attach(shape, group, id, SCALE_REPLICATION, 1);
    for (size_t i = 0; i < dataset->axis_count; i++)
        attach(shape, group, id, SCALE_AXES + dataset->axis[i], (unsigned)i + 2);
    return id;
}

static void create_complete(struct shape *shape, hid_t group)
{
    const struct results_layout *layout = &shape->results->layout;
    hsize_t size[2] = {layout->scenario_count, layout->replications};
    hid_t id = create_dataset(shape, group, "complete", H5T_STD_I8LE, 2, size, shape->plain_plist);
    describe(shape, id, "1 where the replication is complete", "1", NULL);
    attach(shape, group, id, SCALE_SCENARIO, 0);
    attach(shape, group, id, SCALE_REPLICATION, 1);
    shape->file->complete = id;
}

static void create_attribute(struct shape *shape, hid_t group, const struct results_attribute *attribute)
{
    size_t length = shape->results->layout.axes[attribute->axis].length;
    hid_t id = create_values(shape, group, attribute->name, attribute->names, attribute->numbers, length);
    describe(shape, id, attribute->long_name, attribute->units, NULL);
    attach(shape, group, id, SCALE_AXES + attribute->axis, 0);
    if (id >= 0) H5Dclose(id);
}

/* One group with all that the layout shows in it, unless an earlier entry has created it. */
static void create_shown_group(struct shape *shape, const char *name)
{
    const struct results_layout *layout = &shape->results->layout;
    if (H5Lexists(shape->file->id, name, H5P_DEFAULT) > 0) return;
    hid_t group = create_group(shape, shape->file->id, name);
    for (size_t i = 0; i < layout->dataset_count; i++)
        if (strcmp(layout->datasets[i].group, name) == 0)
            shape->file->datasets[i] = create_measure(shape, group, &layout->datasets[i]);
    if (strcmp(name, "runs") == 0) create_complete(shape, group);
    for (size_t i = 0; i < layout->attribute_count; i++)
        if (strcmp(layout->attributes[i].group, name) == 0)
            create_attribute(shape, group, &layout->attributes[i]);
    if (group >= 0) H5Gclose(group);
}

static void write_texts(struct shape *shape)
{
    const struct results_layout *layout = &shape->results->layout;
    struct results_file *file = shape->file;
    for (size_t i = 0; i < layout->text_count; i++)
        if (layout->texts[i].scenario < 0)
            results_file_write_text(file, file->id, layout->texts[i].name, layout->texts[i].text);
    results_file_write_number(file, file->id, "seed", H5T_STD_U64LE, H5T_NATIVE_UINT64, &layout->seed);
    results_file_write_number(file, file->id, "scale", H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, &layout->scale);
    if (layout->scale < 1)
        results_file_write_text(
            file, file->id, "scale_note",
            "measures are divided by the scale; their noise is that of the fewer people who were "
            "simulated");
    hid_t study = create_group(shape, file->id, "study");
    results_file_write_text(file, study, "identity", shape->results->identity);
    if (study >= 0) H5Gclose(study);
    hid_t scenarios = create_group(shape, file->id, "scenarios");
    for (size_t s = 0; s < layout->scenario_count; s++) {
        hid_t group = create_group(shape, scenarios, layout->scenarios[s]);
        for (size_t i = 0; i < layout->text_count; i++)
            if (layout->texts[i].scenario == (int)s)
                results_file_write_text(file, group, layout->texts[i].name, layout->texts[i].text);
        if (group >= 0) H5Gclose(group);
    }
    if (scenarios >= 0) H5Gclose(scenarios);
}

/* netCDF's mark of a dimension that has no coordinate values; nothing is stored in it. */
static hid_t create_event_scale(struct shape *shape, hid_t group, hsize_t events)
{
    char name[80];
    snprintf(name, sizeof name, "This is a netCDF dimension but not a netCDF variable.%10llu",
             (unsigned long long)events);
    hid_t id = create_dataset(shape, group, "event", H5T_IEEE_F32BE, 1, &events, shape->plain_plist);
    results_file_check(shape->file, H5DSset_scale(id, name));
    return id;
}

static void create_column(struct shape *shape, hid_t group, hid_t scale, size_t index,
                          const struct trace_column *column, hsize_t events)
{
    const struct results_layout *layout = &shape->results->layout;
    hsize_t chunk = events < RESULTS_EVENT_CHUNK ? events : RESULTS_EVENT_CHUNK;
    hid_t plist = create_measure_plist(shape, column->type, 1, &chunk);
    hid_t id = create_dataset(shape, group, column->name, stored_type(column->type), 1, &events, plist);
    if (plist >= 0) H5Pclose(plist);
    describe(shape, id, column->long_name, column->units, NULL);
    if (column->axis >= 0)
        results_file_write_text(shape->file, id, "index_of", layout->axes[column->axis].name);
    else if (index == 0)
        results_file_write_text(shape->file, id, "index_of", "scenario");
    results_file_check(shape->file, H5DSattach_scale(id, scale, 0));
    shape->file->columns[index] = id;
}

static void create_trace(struct shape *shape, hsize_t events)
{
    static const struct trace_column own[] = {
        {.name = "scenario", .long_name = "scenario", .units = "1", .type = RESULTS_INT32, .axis = -1},
        {.name = "replication", .long_name = "replication", .units = "1", .type = RESULTS_INT32, .axis = -1}};
    const struct results_layout *layout = &shape->results->layout;
    hid_t group = create_group(shape, shape->file->id, "trace");
    if (events > 0) { /* a dimension of length 0 would be an unlimited one in netCDF */
        hid_t scale = create_event_scale(shape, group, events);
        for (size_t i = 0; i < 2; i++) create_column(shape, group, scale, i, &own[i], events);
        for (size_t i = 0; i < layout->trace_column_count; i++)
            create_column(shape, group, scale, i + 2, &layout->trace_columns[i], events);
        if (scale >= 0) H5Dclose(scale);
    }
    if (group >= 0) H5Gclose(group);
}

bool results_layout_create(struct results_file *file, const char *path, const struct results *results,
                           uint64_t events)
{
    const struct results_layout *layout = &results->layout;
    struct shape shape = {.file = file, .results = results};
    *file = (struct results_file){.dataset_count = layout->dataset_count,
                                  .scale_count = layout->axis_count + SCALE_AXES,
                                  .column_count = layout->trace_columns ? layout->trace_column_count + 2 : 0};
    if (!results_output_open(&file->output, path)) return results_file_is_good(file);
    file->datasets = calloc(file->dataset_count + 1, sizeof *file->datasets);
    file->scales = calloc(file->scale_count, sizeof *file->scales);
    file->columns = calloc(file->column_count + 1, sizeof *file->columns);
    if (!file->datasets || !file->scales || !file->columns) {
        file->failed = true;
        strcpy(file->reason, "no memory");
        return false;
    }
    file->id = create_file(file, path);
    file->text_type = results_file_id(file, H5Tcopy(H5T_C_S1));
    results_file_check(file, H5Tset_size(file->text_type, H5T_VARIABLE));
    results_file_check(file, H5Tset_cset(file->text_type, H5T_CSET_UTF8));
    create_plists(&shape);
    create_scales(&shape);
    for (size_t i = 0; i < layout->dataset_count; i++) create_shown_group(&shape, layout->datasets[i].group);
    for (size_t i = 0; i < layout->attribute_count; i++)
        create_shown_group(&shape, layout->attributes[i].group);
    create_shown_group(&shape, "runs");
    write_texts(&shape);
    if (layout->trace_columns) create_trace(&shape, events);
    if (shape.group_plist > 0) H5Pclose(shape.group_plist);
    if (shape.plain_plist > 0) H5Pclose(shape.plain_plist);
    if (shape.transfer > 0) H5Pclose(shape.transfer);
    return results_file_is_good(file);
}
