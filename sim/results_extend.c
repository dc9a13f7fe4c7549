/* A finished file as a source of replications, so that a larger study need not compute them again. */
#include "sim/results_internal.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool damaged(const struct results *self, struct error *error)
{
    return error_set(error, ERROR_FILE, "%.300s is damaged or no results file: it cannot be resumed",
                     self->path);
}

/* The identity that the file was written with. The caller frees. */
static char *read_identity(hid_t file)
{
    char *text = NULL, *copy = NULL;
    hid_t attribute = H5Aopen_by_name(file, "study", "identity", H5P_DEFAULT, H5P_DEFAULT);
    hid_t type = attribute < 0 ? -1 : H5Aget_type(attribute);
    if (type >= 0 && H5Tis_variable_str(type) > 0 && H5Aread(attribute, type, &text) >= 0 && text) {
        copy = strdup(text);
        H5free_memory(text);
    }
    if (type >= 0) H5Tclose(type);
    if (attribute >= 0) H5Aclose(attribute);
    return copy;
}

/* A whole dataset of whole numbers; `size` receives its extents. The caller frees. */
static void *read_numbers(hid_t file, const char *name, hid_t type, int rank, hsize_t *size)
{
    hid_t dataset = H5Dopen2(file, name, H5P_DEFAULT), space = dataset < 0 ? -1 : H5Dget_space(dataset);
    void *numbers = NULL;
    if (space >= 0 && H5Sget_simple_extent_ndims(space) == rank &&
        H5Sget_simple_extent_dims(space, size, NULL) == rank) {
        numbers = malloc((size_t)H5Sget_simple_extent_npoints(space) * H5Tget_size(type) + 1);
        if (numbers && H5Dread(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, numbers) < 0) {
            free(numbers);
            numbers = NULL;
        }
    }
    if (space >= 0) H5Sclose(space);
    if (dataset >= 0) H5Dclose(dataset);
    return numbers;
}

static bool enter_replications(struct results *self, hid_t file, struct error *error)
{
    hsize_t size[2];
    int8_t *complete = read_numbers(file, "runs/complete", H5T_NATIVE_INT8, 2, size);
    if (!complete) return damaged(self, error);
    size_t replications = self->layout.replications;
    bool good = size[0] == self->layout.scenario_count && size[1] > 0;
    if (!good)
        damaged(self, error);
    else if (size[1] > replications) {
        good = error_set(error, ERROR_USAGE,
                         "%.300s already holds %llu replications: resume with at least as many", self->path,
                         (unsigned long long)size[1]);
    } else {
        for (size_t s = 0; s < size[0]; s++)
            for (size_t r = 0; r < size[1]; r++)
                if (complete[s * size[1] + r]) self->state[s * replications + r] = RESULTS_IN_FILE;
        self->finished_replications = (size_t)size[1];
    }
    free(complete);
    return good;
}

/* Which events belong to which replication: they stand in ascending order. */
static bool enter_events(struct results *self, hid_t file, struct error *error)
{
    if (!self->layout.trace_columns || H5Lexists(file, "trace/event", H5P_DEFAULT) <= 0) return true;
    hsize_t length = 0, same = 0;
    int32_t *scenario = read_numbers(file, "trace/scenario", H5T_NATIVE_INT32, 1, &length);
    int32_t *replication = read_numbers(file, "trace/replication", H5T_NATIVE_INT32, 1, &same);
    bool good = scenario && replication && length == same;
    size_t last = 0;
    for (size_t i = 0; good && i < length; i++) {
        size_t at = (size_t)scenario[i] * self->layout.replications + (size_t)replication[i];
        good = scenario[i] >= 0 && replication[i] >= 0 && at < self->total && at >= last &&
               self->state[at] == RESULTS_IN_FILE;
        if (!good) break;
        if (self->slots[at].events++ == 0) self->slots[at].offset = i;
        last = at;
    }
    free(scenario);
    free(replication);
    return good ? true : damaged(self, error);
}

static bool scan(struct results *self, struct error *error)
{
    hid_t file = H5Fopen(self->path, H5F_ACC_RDONLY, H5P_DEFAULT);
    if (file < 0) return damaged(self, error);
    char *stored = read_identity(file), difference[RESULTS_DIFFERENCE_SIZE];
    bool good = stored != NULL;
    if (!good)
        damaged(self, error);
    else if (!results_identity_same(self->identity, stored, difference, sizeof difference))
        good = error_set(error, ERROR_USAGE, "%.200s %s", self->path, difference);
    else
        good = enter_replications(self, file, error) && enter_events(self, file, error);
    free(stored);
    H5Fclose(file);
    return good;
}

bool results_finished_scan(struct results *self, struct error *error)
{
    bool good = true;
#pragma omp critical(corridor_hdf5)
    {
        struct results_quiet quiet;
        results_quiet_begin(&quiet);
        good = scan(self, error);
        results_quiet_end(&quiet);
    }
    return good;
}

static hid_t open_dataset(hid_t file, const char *group, const char *name)
{
    hid_t parent = H5Gopen2(file, group, H5P_DEFAULT);
    hid_t id = parent < 0 ? -1 : H5Dopen2(parent, name, H5P_DEFAULT);
    if (parent >= 0) H5Gclose(parent);
    return id;
}

bool results_finished_open(struct results_finished *self, const struct results *results)
{
    const struct results_layout *layout = &results->layout;
    *self = (struct results_finished){.results = results, .file = -1};
    self->datasets = calloc(layout->dataset_count + 1, sizeof *self->datasets);
    self->columns = calloc(layout->trace_column_count + 1, sizeof *self->columns);
    self->file = H5Fopen(results->path, H5F_ACC_RDONLY, H5P_DEFAULT);
    bool good = self->file >= 0 && self->datasets && self->columns;
    for (size_t i = 0; good && i < layout->dataset_count; i++) {
        self->datasets[i] = open_dataset(self->file, layout->datasets[i].group, layout->datasets[i].name);
        good = self->datasets[i] >= 0;
    }
    bool events = good && H5Lexists(self->file, "trace", H5P_DEFAULT) > 0 &&
                  H5Lexists(self->file, "trace/event", H5P_DEFAULT) > 0;
    for (size_t i = 0; good && events && i < layout->trace_column_count; i++) {
        self->columns[i] = open_dataset(self->file, "trace", layout->trace_columns[i].name);
        good = self->columns[i] >= 0;
    }
    return good;
}

void results_finished_close(struct results_finished *self)
{
    if (!self->results) return;
    for (size_t i = 0; self->datasets && i < self->results->layout.dataset_count; i++)
        if (self->datasets[i] > 0) H5Dclose(self->datasets[i]);
    for (size_t i = 0; self->columns && i < self->results->layout.trace_column_count; i++)
        if (self->columns[i] > 0) H5Dclose(self->columns[i]);
    if (self->file >= 0) H5Fclose(self->file);
    free(self->datasets);
    free(self->columns);
    free(self->buffer);
    self->results = NULL;
}

bool results_finished_chunk(struct results_finished *self, size_t dataset, size_t scenario,
                            size_t replication, size_t *length)
{
    hsize_t offset[6] = {scenario, replication}, size = 0;
    uint32_t mask = 0;
    if (H5Dget_chunk_storage_size(self->datasets[dataset], offset, &size) < 0 || size == 0) return false;
    if (size > self->buffer_size) {
        unsigned char *grown = realloc(self->buffer, (size_t)size);
        if (!grown) return false;
        self->buffer = grown;
        self->buffer_size = (size_t)size;
    }
    *length = (size_t)size;
    return H5Dread_chunk(self->datasets[dataset], H5P_DEFAULT, offset, &mask, self->buffer) >= 0 && mask == 0;
}

bool results_finished_events(struct results_finished *self, size_t column, uint64_t first, uint64_t count,
                             void *data)
{
    hid_t type = H5Dget_type(self->columns[column]), space = H5Dget_space(self->columns[column]);
    hid_t memory = H5Screate_simple(1, &(hsize_t){count}, NULL);
    bool good =
        type >= 0 && space >= 0 && memory >= 0 &&
        H5Sselect_hyperslab(space, H5S_SELECT_SET, &(hsize_t){first}, NULL, &(hsize_t){count}, NULL) >= 0 &&
        H5Dread(self->columns[column], type, memory, space, H5P_DEFAULT, data) >= 0;
    if (type >= 0) H5Tclose(type);
    if (space >= 0) H5Sclose(space);
    if (memory >= 0) H5Sclose(memory);
    return good;
}
