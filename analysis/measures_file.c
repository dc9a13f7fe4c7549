#include "analysis/measures_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void measures_file_fail(struct measures_file *self, const char *what)
{
    if (!self->failed)
        error_set(self->error, ERROR_FILE, "%.300s is not a results file of corridor, or is damaged: %s",
                  self->path, what);
    self->failed = true;
}

static bool has_parts(const char *path)
{
    char parts[4096];
    int length = snprintf(parts, sizeof parts, "%s.parts", path);
    return length > 0 && (size_t)length < sizeof parts && access(parts, F_OK) == 0;
}

bool measures_file_open(struct measures_file *self, const char *path, struct error *error)
{
    *self = (struct measures_file){.id = -1, .path = path, .error = error};
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
    if (access(path, R_OK) != 0) {
        self->failed = true;
        if (has_parts(path))
            return error_set(
                error, ERROR_FILE,
                "%.300s is not there yet: its study was stopped, or still runs, in %.300s.parts; the same "
                "`corridor run` with --resume goes on",
                path, path);
        return error_set(error, ERROR_FILE, "cannot read %.300s: no such file, or no permission", path);
    }
    self->id = H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT);
    if (self->id < 0) measures_file_fail(self, "HDF5 cannot open it");
    return !self->failed;
}

bool measures_file_close(struct measures_file *self)
{
    if (self->id >= 0) H5Fclose(self->id);
    self->id = -1;
    return !self->failed;
}

static size_t element_count(hid_t dataset)
{
    hid_t space = H5Dget_space(dataset);
    hssize_t count = H5Sget_simple_extent_npoints(space);
    H5Sclose(space);
    return count > 0 ? (size_t)count : 0;
}

static hid_t text_type(void)
{
    hid_t type = H5Tcopy(H5T_C_S1);
    H5Tset_size(type, H5T_VARIABLE);
    H5Tset_cset(type, H5T_CSET_UTF8);
    return type;
}

char **measures_file_names(struct measures_file *self, const char *name, size_t *count)
{
    *count = 0;
    if (self->failed) return NULL;
    hid_t dataset = H5Dopen2(self->id, name, H5P_DEFAULT);
    if (dataset < 0) {
        measures_file_fail(self, name);
        return NULL;
    }
    size_t size = element_count(dataset);
    char **names = calloc(size + 1, sizeof *names);
    hid_t type = text_type();
    if (names && H5Dread(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, names) >= 0) {
        bool good = true;
        for (size_t i = 0; i < size; i++) {
            char *copy = strdup(names[i] ? names[i] : "");
            good = good && copy;
            H5free_memory(names[i]);
            names[i] = copy;
        }
        *count = size;
        if (!good) measures_file_fail(self, "no memory");
    } else
        measures_file_fail(self, name);
    H5Tclose(type);
    H5Dclose(dataset);
    return names;
}

double *measures_file_numbers(struct measures_file *self, const char *name, size_t *count)
{
    *count = 0;
    if (self->failed) return NULL;
    hid_t dataset = H5Dopen2(self->id, name, H5P_DEFAULT);
    if (dataset < 0) {
        measures_file_fail(self, name);
        return NULL;
    }
    *count = element_count(dataset);
    double *numbers = malloc((*count + 1) * sizeof *numbers);
    if (!numbers || H5Dread(dataset, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, numbers) < 0)
        measures_file_fail(self, name);
    H5Dclose(dataset);
    return numbers;
}

char *measures_file_text(struct measures_file *self, const char *object, const char *attribute)
{
    char *copy = NULL, *text = NULL;
    hid_t id = self->failed ? -1 : H5Aopen_by_name(self->id, object, attribute, H5P_DEFAULT, H5P_DEFAULT);
    if (id >= 0) {
        hid_t type = text_type();
        if (H5Aread(id, type, &text) >= 0 && text) {
            copy = strdup(text);
            H5free_memory(text);
        }
        H5Tclose(type);
        H5Aclose(id);
    }
    if (!copy) copy = strdup("");
    if (!copy) measures_file_fail(self, "no memory");
    return copy;
}

void measures_file_attribute(struct measures_file *self, const char *attribute, hid_t type, void *value)
{
    if (self->failed) return;
    hid_t id = H5Aopen(self->id, attribute, H5P_DEFAULT);
    if (id < 0 || H5Aread(id, type, value) < 0) measures_file_fail(self, attribute);
    if (id >= 0) H5Aclose(id);
}
