#include "analysis/measures.h"

#include "analysis/measures_file.h"

#include "sim/time.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Scenario, replication, time, column, and perhaps one more dimension over which to add up. */
enum { RANK_MOST = 5 };

/* One replication of `dataset` at a time, which is one chunk of the file: waits of many classes would not all
 * fit in memory. */
static void read_values(struct measures *self, struct measures_file *file, hid_t dataset, size_t inner)
{
    size_t cells = self->bins * self->columns;
    int rank = inner ? RANK_MOST : RANK_MOST - 1;
    size_t each = inner ? inner : 1;
    double *buffer = malloc((cells * each + 1) * sizeof *buffer);
    hsize_t count[RANK_MOST] = {1, 1, self->bins, self->columns, inner};
    hid_t space = H5Dget_space(dataset), memory = H5Screate_simple(rank, count, NULL);
    if (!buffer) measures_file_fail(file, "no memory");
    for (size_t run = 0; !file->failed && run < self->scenarios * self->replications; run++) {
        hsize_t start[RANK_MOST] = {run / self->replications, run % self->replications};
        double *to = self->value + run * cells;
        if (!self->complete[run]) {
            for (size_t i = 0; i < cells; i++) to[i] = NAN;
            continue;
        }
        H5Sselect_hyperslab(space, H5S_SELECT_SET, start, NULL, count, NULL);
        if (H5Dread(dataset, H5T_NATIVE_DOUBLE, memory, space, H5P_DEFAULT, buffer) < 0)
            measures_file_fail(file, "the values cannot be read");
        for (size_t i = 0; !file->failed && i < cells; i++) {
            to[i] = 0;
            for (size_t j = 0; j < each; j++) to[i] += buffer[i * each + j];
        }
    }
    if (memory >= 0) H5Sclose(memory);
    if (space >= 0) H5Sclose(space);
    free(buffer);
}

static void read_dataset(struct measures *self, struct measures_file *file, const char *name)
{
    hid_t dataset = file->failed ? -1 : H5Dopen2(file->id, name, H5P_DEFAULT);
    if (dataset < 0) {
        measures_file_fail(file, name);
        return;
    }
    hid_t space = H5Dget_space(dataset);
    int rank = H5Sget_simple_extent_ndims(space);
    hsize_t size[RANK_MOST] = {0};
    if (rank == RANK_MOST || rank == RANK_MOST - 1) H5Sget_simple_extent_dims(space, size, NULL);
    H5Sclose(space);
    if (size[0] != self->scenarios || size[1] != self->replications || size[2] != self->bins ||
        size[3] != self->columns) {
        measures_file_fail(file, name);
    } else {
        size_t total = self->scenarios * self->replications * self->bins * self->columns;
        self->value = malloc((total + 1) * sizeof *self->value);
        if (self->value)
            read_values(self, file, dataset, rank == RANK_MOST ? (size_t)size[4] : 0);
        else
            measures_file_fail(file, "no memory");
    }
    H5Dclose(dataset);
}

/* Bins in days since 1970, from numbers of days since the date in the units. */
static void read_bins(struct measures *self, struct measures_file *file)
{
    static const char since[] = "days since ";
    size_t starts, ends;
    int32_t origin = 0;
    double *start = measures_file_numbers(file, "time", &starts),
           *end = measures_file_numbers(file, "runs/bin_end", &ends);
    char *units = measures_file_text(file, "time", "units");
    if (!units || strncmp(units, since, sizeof since - 1) != 0 ||
        !date_parse(units + sizeof since - 1, &origin) || starts != ends)
        measures_file_fail(file, "time");
    self->bins = file->failed ? 0 : starts;
    self->first_day = calloc(self->bins + 1, sizeof *self->first_day);
    self->end_day = calloc(self->bins + 1, sizeof *self->end_day);
    if (!self->first_day || !self->end_day) {
        measures_file_fail(file, "no memory");
        self->bins = 0;
    }
    for (size_t b = 0; b < self->bins; b++) {
        self->first_day[b] = origin + (int32_t)lround(start[b]);
        self->end_day[b] = origin + (int32_t)lround(end[b]);
    }
    free(units);
    free(start);
    free(end);
}

static void read_runs(struct measures *self, struct measures_file *file)
{
    size_t total, replications;
    self->scenario = measures_file_names(file, "scenario", &self->scenarios);
    double *complete = measures_file_numbers(file, "runs/complete", &total);
    double *numbers = measures_file_numbers(file, "replication", &replications);
    self->replications = replications;
    if (self->scenarios == 0 || total != self->scenarios * replications)
        measures_file_fail(file, "runs/complete");
    self->complete = calloc(total + 1, 1);
    if (!self->complete) measures_file_fail(file, "no memory");
    for (size_t i = 0; !file->failed && i < total; i++) self->complete[i] = complete[i] != 0;
    free(complete);
    free(numbers);
}

static void read_texts(struct measures *self, struct measures_file *file)
{
    self->version = measures_file_text(file, "/", "version");
    self->engine = measures_file_text(file, "/", "engine");
    self->step = measures_file_text(file, "/", "step");
    char *parameters = measures_file_text(file, "/", "parameters");
    self->fixed = parameters && strcmp(parameters, "fixed") == 0;
    free(parameters);
    measures_file_attribute(file, "seed", H5T_NATIVE_UINT64, &self->seed);
    measures_file_attribute(file, "scale", H5T_NATIVE_DOUBLE, &self->scale);
    self->text = calloc(self->scenarios + 1, sizeof *self->text);
    for (size_t s = 0; self->text && s < self->scenarios && !file->failed; s++) {
        char *group = NULL;
        if (asprintf(&group, "scenarios/%s", self->scenario[s]) < 0) group = NULL;
        self->text[s] = measures_file_text(file, group ? group : "/", "scenario");
        free(group);
    }
    if (!self->text) measures_file_fail(file, "no memory");
}

bool measures_read_dataset(struct measures *self, const char *path, const char *dataset, const char *axis,
                           struct error *error)
{
    struct measures_file file;
    *self = (struct measures){.scale = 1};
#pragma omp critical(corridor_hdf5)
    {
        if (measures_file_open(&file, path, error)) {
            read_runs(self, &file);
            read_bins(self, &file);
            self->column = measures_file_names(&file, axis, &self->columns);
            read_texts(self, &file);
            read_dataset(self, &file, dataset);
        }
        measures_file_close(&file);
    }
    if (file.failed) measures_free(self);
    return !file.failed;
}

bool measures_read(struct measures *self, const char *path, struct error *error)
{
    return measures_read_dataset(self, path, "runs/measures", "measure", error);
}

static void free_names(char **names, size_t count)
{
    for (size_t i = 0; names && i < count; i++) free(names[i]);
    free(names);
}

void measures_free(struct measures *self)
{
    free_names(self->text, self->scenarios);
    free_names(self->scenario, self->scenarios);
    free_names(self->column, self->columns);
    free(self->first_day);
    free(self->end_day);
    free(self->value);
    free(self->complete);
    free(self->version);
    free(self->engine);
    free(self->step);
    *self = (struct measures){0};
}

static size_t find(char *const *names, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(names[i], name) == 0) return i;
    return SIZE_MAX;
}

size_t measures_scenario(const struct measures *self, const char *name)
{
    return find(self->scenario, self->scenarios, name);
}

size_t measures_column(const struct measures *self, const char *name)
{
    return find(self->column, self->columns, name);
}
