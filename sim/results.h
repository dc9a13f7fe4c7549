/* The results file: one HDF5 file that xarray, h5py, R and netCDF tools open unchanged.
 *
 * The caller describes coordinates and datasets once (the layout), then stores one block of bytes per
 * (scenario, replication). Blocks go to part files (temporary name, fsync, rename), so that a kill at any
 * moment loses at most the open part; results_finish merges them in ascending order into the final file, byte
 * for byte the same for any number of threads and any history of kills and resumes. */
#ifndef CORRIDOR_SIM_RESULTS_H
#define CORRIDOR_SIM_RESULTS_H

#include "sim/error.h"

#include <stddef.h>
#include <stdint.h>

enum results_type { RESULTS_INT32, RESULTS_INT64, RESULTS_DOUBLE };

/* A named axis. Exactly one of `names`, `numbers` is not NULL. */
struct results_axis {
    const char *name; /* "place", "class", "time", "wait_bin", ... */
    const char *long_name;
    const char *units;        /* NULL for names; for time "days since 2023-01-01" */
    const char *calendar;     /* "proleptic_gregorian" for time, else NULL */
    const char *const *names; /* stored as variable-length UTF-8 */
    const double *numbers;
    size_t length;
};

/* A further variable along one axis (latitude of a place, end of a bin, nationality of a class). */
struct results_attribute {
    const char *group; /* the group it is shown in */
    const char *name, *long_name, *units;
    size_t axis;
    const char *const *names;
    const double *numbers;
};

/* A dataset with dimensions (scenario, replication, then `axes`). */
struct results_dataset {
    const char *group; /* "stocks", "flows", "waits", "balances", "runs", ... */
    const char *name, *long_name, *units;
    const char *comment; /* what is counted; may be NULL */
    enum results_type type;
    size_t axis_count;
    size_t axis[4]; /* indices into the layout's axes, outermost first */
    size_t offset;  /* byte offset of this dataset in a replication's block */
};

/* One text to keep in the file: the resolved scenario, the version, the targets. */
struct results_text {
    const char *name; /* attribute of the root group; with `scenario` >= 0 of group scenarios/NAME */
    int scenario;
    const char *text;
};

struct results_layout {
    const char *const *scenarios; /* names, the first axis of every dataset */
    size_t scenario_count;
    size_t replications;
    uint64_t seed;
    double scale;
    const struct results_axis *axes;
    size_t axis_count;
    const struct results_attribute *attributes;
    size_t attribute_count;
    const struct results_dataset *datasets;
    size_t dataset_count;
    const struct results_text *texts;
    size_t text_count;
    size_t block_bytes;                       /* size of one replication's block */
    const struct trace_column *trace_columns; /* NULL: no event log */
    size_t trace_column_count;
    /* The last digits of all numbers are different, as those of expectations: deflate then looks for runs of
     * equal bytes only, which is twice as fast and leaves no more bytes. */
    bool noisy;
};

/* One column of the event log: `group` trace, dimension `event`; the columns scenario and replication are
 * added. */
struct trace_column {
    const char *name, *long_name, *units;
    enum results_type type;
    size_t offset; /* in the caller's fixed-size trace record */
    /* For columns that hold an index: the axis it points into, else -1; recorded as attribute `index_of`. */
    int axis;
};

struct results; /* a study being written */

enum results_mode {
    RESULTS_NEW,    /* refuse an existing file or existing parts */
    RESULTS_FORCE,  /* replace both */
    RESULTS_RESUME, /* keep what fits, start afresh where nothing is there */
};

/* Opens a study at `path`. Parts stand in the folder `path`.parts until results_finish. Resume accepts parts
 * and a finished file of the same layout (same texts, seed, scale, scenarios); a smaller number of
 * replications is extended; any difference is refused with a message that names the weightiest. Checks first
 * that the folder can be written, and locks it: a second writer is refused. What the layout points to is
 * borrowed until results_finish or results_suspend. */
bool results_open(struct results **self, const char *path, const struct results_layout *layout,
                  enum results_mode mode, struct error *error);

/* Whether this replication is already safe on disk. */
bool results_has(const struct results *self, size_t scenario, size_t replication);

/* Replications `first` to `first + count - 1` of a scenario. */
struct results_range {
    size_t first, count;
};

/* Stores replications that are the same, compressed once; those that are stored already stay. `block`
 * (layout->block_bytes bytes) and `trace` (trace_count records of trace_size bytes, may be 0). `failed` marks
 * replications that could not finish: block and trace are ignored, complete = 0 in the file, and a resume
 * computes them again. Safe to call from several threads at once: compresses outside the lock. A part is
 * closed after 16 replications, 10 s or 64 MB. */
bool results_put(struct results *self, size_t scenario, struct results_range range, const void *block,
                 bool failed, const void *trace, size_t trace_size, size_t trace_count, struct error *error);

/* Closes open parts so that all is safe; the study stays resumable. Frees. */
bool results_suspend(struct results *self, struct error *error);

/* Closes parts, merges into the final file (temporary name, fsync, rename), removes the parts. Frees. After
 * an error the parts stay, and the study can be resumed. */
bool results_finish(struct results *self, struct error *error);

#endif
