/* Reading single things of an HDF5 file. Internal to the room. */
#ifndef CORRIDOR_ANALYSIS_MEASURES_FILE_H
#define CORRIDOR_ANALYSIS_MEASURES_FILE_H

#include "sim/error.h"

#include <hdf5.h>
#include <stddef.h>
#include <stdint.h>

/* A results file open for reading. The first failure is kept; later calls do nothing. */
struct measures_file {
    hid_t id;
    const char *path;
    struct error *error;
    bool failed;
};

/* From now on HDF5 prints nothing of its own. False with a message when it is not a results file. */
bool measures_file_open(struct measures_file *self, const char *path, struct error *error);
/* Whether everything worked. */
bool measures_file_close(struct measures_file *self);
void measures_file_fail(struct measures_file *self, const char *what);

/* Copies of the strings of a one-dimensional dataset; the caller frees each and the array. */
char **measures_file_names(struct measures_file *self, const char *name, size_t *count);
/* All numbers of a dataset as doubles, and how many there are; the caller frees them. */
double *measures_file_numbers(struct measures_file *self, const char *name, size_t *count);
/* An attribute of an object; the caller frees it. An empty text when there is none. */
char *measures_file_text(struct measures_file *self, const char *object, const char *attribute);
/* An attribute of the root group. */
void measures_file_attribute(struct measures_file *self, const char *attribute, hid_t type, void *value);

#endif
