/* A study being written: who may store what, and when parts are closed. */
#include "sim/results_internal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static double seconds_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static bool no_memory(struct error *error)
{
    return error_set(error, ERROR_MEMORY, "no memory for the results");
}

static void free_all(struct results *self)
{
    results_folder_close(self);
    for (size_t i = 0; i < self->open_count; i++) free(self->open[i]);
    while (self->encoders) {
        struct results_encoder *next = self->encoders->next;
        results_encoder_free(self->encoders);
        self->encoders = next;
    }
    pthread_mutex_destroy(&self->lock);
    free(self->path);
    free(self->directory);
    free(self->identity);
    free(self->state);
    free(self->slots);
    free(self->elements);
    free(self);
}

static struct results *allocate(const char *path, const struct results_layout *layout)
{
    struct results *self = calloc(1, sizeof *self);
    if (!self) return NULL;
    pthread_mutex_init(&self->lock, NULL);
    self->folder = -1;
    self->layout = *layout;
    if (!layout->trace_columns) self->layout.trace_column_count = 0;
    self->total = layout->scenario_count * layout->replications;
    self->last_close = seconds_now();
    self->path = strdup(path);
    self->identity = results_identity(layout);
    self->state = calloc(self->total, sizeof *self->state);
    self->slots = calloc(self->total, sizeof *self->slots);
    self->elements = calloc(layout->dataset_count + 1, sizeof *self->elements);
    if (asprintf(&self->directory, "%s.parts", path) < 0) self->directory = NULL;
    if (!self->path || !self->identity || !self->state || !self->slots || !self->elements ||
        !self->directory) {
        free_all(self);
        return NULL;
    }
    for (size_t i = 0; i < layout->dataset_count; i++)
        self->elements[i] = results_elements(layout, &layout->datasets[i]);
    return self;
}

/* Only a regular file may stand where the results go. */
static bool look_at_path(const char *path, bool *exists, struct error *error)
{
    struct stat status;
    *exists = false;
    if (!*path) return error_set(error, ERROR_USAGE, "the results file has no name");
    if (stat(path, &status) != 0) {
        if (errno == ENOENT) return true;
        return error_set(error, ERROR_FILE, "cannot write results to %.300s: %s", path, strerror(errno));
    }
    *exists = true;
    if (S_ISREG(status.st_mode)) return true;
    return error_set(error, ERROR_FILE, "cannot write results to %.300s: it is not a file", path);
}

/* Brings the folder and the finished file in line with `mode`. */
static bool take_stock(struct results *self, enum results_mode mode, bool exists, struct error *error)
{
    if (mode == RESULTS_NEW) {
        if (results_folder_has_parts(self))
            return error_set(error, ERROR_FILE,
                             "%.300s holds an unfinished study: resume it, or force a new one",
                             self->directory);
    } else if (mode == RESULTS_FORCE) {
        results_folder_clean(self, true);
        if (exists && unlink(self->path) != 0)
            return error_set(error, ERROR_FILE, "cannot replace %.300s: %s", self->path, strerror(errno));
    }
    results_folder_clean(self, false);
    if (mode != RESULTS_RESUME) return true;
    return (!exists || results_finished_scan(self, error)) && results_parts_scan(self, error);
}

bool results_open(struct results **self, const char *path, const struct results_layout *layout,
                  enum results_mode mode, struct error *error)
{
    bool exists;
    *self = NULL;
    if (!results_check(layout, error) || !look_at_path(path, &exists, error)) return false;
    if (mode == RESULTS_NEW && exists)
        return error_set(error, ERROR_FILE, "%.300s exists: resume it, or force a new one", path);
    struct results *made = allocate(path, layout);
    if (!made) return no_memory(error);
    if (!results_folder_open(made, error) || !take_stock(made, mode, exists, error)) {
        free_all(made);
        return false;
    }
    *self = made;
    return true;
}

bool results_has(const struct results *self, size_t scenario, size_t replication)
{
    if (scenario >= self->layout.scenario_count || replication >= self->layout.replications) return false;
    return atomic_load(&self->state[scenario * self->layout.replications + replication]) >= RESULTS_IN_PART;
}

static struct results_encoder *take_encoder(struct results *self)
{
    pthread_mutex_lock(&self->lock);
    struct results_encoder *encoder = self->encoders;
    if (encoder) self->encoders = encoder->next;
    pthread_mutex_unlock(&self->lock);
    return encoder ? encoder : results_encoder_new();
}

static struct results_record *encode_outside_lock(struct results *self, const void *block, const void *trace,
                                                  size_t trace_size, size_t trace_count)
{
    struct results_encoder *encoder = take_encoder(self);
    if (!encoder) return NULL;
    struct results_record *record = results_encode(encoder, self, block, trace, trace_size, trace_count);
    pthread_mutex_lock(&self->lock);
    encoder->next = self->encoders;
    self->encoders = encoder;
    pthread_mutex_unlock(&self->lock);
    return record;
}

/* Records that make up one part. */
struct batch {
    struct results_record *records[RESULTS_PART_REPLICATIONS];
    size_t count;
    uint32_t number;
};

/* Empties the open part into `batch`. The caller holds the lock. */
static void take_batch(struct results *self, struct batch *batch)
{
    memcpy(batch->records, self->open, self->open_count * sizeof *self->open);
    batch->count = self->open_count;
    batch->number = self->next_part++;
    self->open_count = self->open_bytes = 0;
    self->last_close = seconds_now();
}

/* Adds a record to the open part, which it hands out when it is full or old. One that is there already is
 * dropped. */
static bool add_record(struct results *self, struct results_record *record, struct batch *batch,
                       struct error *error)
{
    size_t at = record->scenario * self->layout.replications + record->replication;
    batch->count = 0;
    pthread_mutex_lock(&self->lock);
    bool good = !self->broken;
    if (!good && error) *error = self->cause;
    if (!good || self->state[at] != RESULTS_ABSENT) {
        free(record);
    } else {
        atomic_store(&self->state[at], RESULTS_OPEN);
        self->slots[at].events = record->events;
        self->open[self->open_count++] = record;
        self->open_bytes += record->length;
        if (results_part_is_due(self->open_count, self->open_bytes, seconds_now() - self->last_close))
            take_batch(self, batch);
    }
    pthread_mutex_unlock(&self->lock);
    return good;
}

static bool write_batch(struct results *self, struct batch *batch, struct error *error)
{
    if (batch->count == 0) return true;
    struct error cause;
    bool good = results_part_write(self, batch->records, batch->count, batch->number, &cause);
    for (size_t i = 0; i < batch->count; i++) free(batch->records[i]);
    pthread_mutex_lock(&self->lock);
    if (!good && !self->broken) self->cause = cause;
    self->broken |= !good;
    pthread_mutex_unlock(&self->lock);
    if (!good && error) *error = cause;
    return good;
}

static bool trace_fits(const struct results_layout *layout, size_t trace_size, size_t trace_count)
{
    if (trace_count > UINT32_MAX / 8) return false; /* a column is one compressed piece of at most 4 GiB */
    for (size_t i = 0; trace_count > 0 && i < layout->trace_column_count; i++) {
        size_t element = results_type_size(layout->trace_columns[i].type);
        if (layout->trace_columns[i].offset > trace_size ||
            element > trace_size - layout->trace_columns[i].offset)
            return false;
    }
    return true;
}

static struct results_record *copy_of(const struct results_record *record)
{
    struct results_record *copy = malloc(sizeof *copy + record->length);
    if (copy) memcpy(copy, record, sizeof *copy + record->length);
    return copy;
}

/* Takes the record over; NULL: there was no memory for it. */
static bool put_record(struct results *self, struct results_record *record, size_t scenario,
                       size_t replication, struct error *error)
{
    if (!record) return no_memory(error);
    record->scenario = (uint32_t)scenario;
    record->replication = (uint32_t)replication;
    struct batch batch;
    return add_record(self, record, &batch, error) && write_batch(self, &batch, error);
}

bool results_put(struct results *self, size_t scenario, struct results_range range, const void *block,
                 bool failed, const void *trace, size_t trace_size, size_t trace_count, struct error *error)
{
    const size_t replications = self->layout.replications;
    if (scenario >= self->layout.scenario_count || range.first >= replications ||
        range.count > replications - range.first)
        return error_set(error, ERROR_USAGE, "replication %zu of scenario %zu is not part of the study",
                         range.first + (range.count > 0 ? range.count - 1 : 0), scenario);
    if (failed || range.count == 0) return true;
    if (!self->layout.trace_columns) trace_count = 0;
    if (!trace_fits(&self->layout, trace_size, trace_count))
        return error_set(error, ERROR_USAGE, "the trace of replication %zu does not fit its columns",
                         range.first);
    struct results_record *record = encode_outside_lock(self, block, trace, trace_size, trace_count);
    bool good = true;
    for (size_t i = 1; good && record && i < range.count; i++)
        good = put_record(self, copy_of(record), scenario, range.first + i, error);
    if (good) return put_record(self, record, scenario, range.first, error);
    free(record);
    return false;
}

/* Writes what is still open. */
static bool close_part(struct results *self, struct error *error)
{
    struct batch batch = {.count = 0};
    pthread_mutex_lock(&self->lock);
    bool good = !self->broken;
    if (!good && error) *error = self->cause;
    if (self->open_count > 0) take_batch(self, &batch);
    pthread_mutex_unlock(&self->lock);
    return write_batch(self, &batch, good ? error : NULL) && good;
}

bool results_suspend(struct results *self, struct error *error)
{
    bool good = close_part(self, error);
    if (good && fsync(self->folder) != 0)
        good = error_set(error, ERROR_FILE, "cannot write results to %.300s: %s", self->directory,
                         strerror(errno));
    free_all(self);
    return good;
}

/* Nothing is there that the finished file does not hold. */
static bool is_finished(const struct results *self)
{
    bool more = self->finished_replications != self->layout.replications;
    for (size_t i = 0; !more && i < self->total; i++)
        more = self->state[i] == RESULTS_OPEN || self->state[i] == RESULTS_IN_PART;
    return !more;
}

bool results_finish(struct results *self, struct error *error)
{
    bool good = !self->broken;
    if (!good && error) *error = self->cause;
    good = good && (is_finished(self) || results_merge(self, error));
    if (good)
        results_folder_clean(self, true);
    else
        close_part(self, NULL); /* the study stays resumable, as far as the disk allows */
    free_all(self);
    return good;
}
