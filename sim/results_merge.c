/* Merging: every stored replication, in ascending order, copied chunk by chunk into the final file. */
#include "sim/results_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A column of the event log on its way to the file: one chunk of rows. */
struct column {
    unsigned char *rows;
    size_t element;
};

struct merge {
    struct results *results;
    struct results_file file;
    struct results_finished finished;
    struct results_encoder *encoder;
    struct column *columns;
    size_t column_count, chunk_rows, rows; /* rows: filled so far */
    uint64_t events, chunk_start;
    int part; /* the part that is open, or -1 */
    uint32_t part_number;
    unsigned char *record, *scratch;
    size_t record_size, scratch_size;
};

/* Failures that are not HDF5's. */
static bool fail(struct merge *self, const char *reason)
{
    if (!self->file.failed) snprintf(self->file.reason, sizeof self->file.reason, "%s", reason);
    self->file.failed = true;
    return false;
}

static bool make_room(struct merge *self, unsigned char **buffer, size_t *size, size_t wanted)
{
    if (wanted <= *size) return true;
    unsigned char *grown = realloc(*buffer, wanted);
    if (!grown) return fail(self, "no memory");
    *buffer = grown;
    *size = wanted;
    return true;
}

static const struct results_record *open_record(const struct results *results, size_t at)
{
    for (size_t i = 0; i < results->open_count; i++) {
        const struct results_record *record = results->open[i];
        if (record->scenario * results->layout.replications + record->replication == at) return record;
    }
    return NULL;
}

/* The bytes of a record, from memory or from its part. */
static const unsigned char *find_record(struct merge *self, size_t at)
{
    const struct results *results = self->results;
    const struct results_slot *slot = &results->slots[at];
    if (results->state[at] == RESULTS_OPEN) {
        const struct results_record *record = open_record(results, at);
        if (!record) fail(self, "a replication is still being written");
        return record ? record->bytes : NULL;
    }
    if (self->part < 0 || self->part_number != slot->part) {
        if (self->part >= 0) close(self->part);
        self->part = results_part_open(results, slot->part);
        self->part_number = slot->part;
    }
    if (!make_room(self, &self->record, &self->record_size, (size_t)slot->length)) return NULL;
    if (self->part < 0 || !results_read_at(self->part, self->record, (size_t)slot->length, slot->offset)) {
        fail(self, strerror(errno));
        return NULL;
    }
    return self->record;
}

static void write_chunk(struct merge *self, size_t dataset, size_t scenario, size_t replication,
                        const void *bytes, size_t length)
{
    hsize_t offset[6] = {scenario, replication};
    results_file_check(&self->file,
                       H5Dwrite_chunk(self->file.datasets[dataset], H5P_DEFAULT, 0, offset, length, bytes));
}

static uint64_t size_entry(const unsigned char *record, size_t index)
{
    uint64_t size;
    memcpy(&size, record + index * sizeof size, sizeof size);
    return size;
}

/* The event log */

static bool write_events(struct merge *self)
{
    for (size_t c = 0; c < self->column_count; c++) {
        struct column *column = &self->columns[c];
        /* The last chunk is a whole one in the file; what lies past the end is never read. */
        memset(column->rows + self->rows * column->element, 0,
               (self->chunk_rows - self->rows) * column->element);
        if (!results_encoder_start(self->encoder, 0) ||
            !results_encode_chunk(self->encoder, column->rows, column->element, self->chunk_rows, false))
            return fail(self, "no memory");
        results_file_check(&self->file, H5Dwrite_chunk(self->file.columns[c], H5P_DEFAULT, 0,
                                                       (hsize_t[1]){self->chunk_start},
                                                       self->encoder->out_used, self->encoder->out));
    }
    self->chunk_start += self->rows;
    self->rows = 0;
    return results_file_is_good(&self->file);
}

/* `data`: one array of `count` values per column of the layout. */
static bool add_events(struct merge *self, int32_t scenario, int32_t replication, unsigned char *const *data,
                       size_t count)
{
    for (size_t done = 0; done < count;) {
        size_t room = self->chunk_rows - self->rows, take = count - done < room ? count - done : room;
        for (size_t i = 0; i < take; i++) {
            memcpy(self->columns[0].rows + (self->rows + i) * 4, &scenario, 4);
            memcpy(self->columns[1].rows + (self->rows + i) * 4, &replication, 4);
        }
        for (size_t c = 2; c < self->column_count; c++) {
            size_t element = self->columns[c].element;
            memcpy(self->columns[c].rows + self->rows * element, data[c - 2] + done * element,
                   take * element);
        }
        self->rows += take;
        done += take;
        if (self->rows == self->chunk_rows && !write_events(self)) return false;
    }
    return true;
}

/* The events of one replication, decompressed from its record or read from the finished file. */
static bool copy_events(struct merge *self, size_t scenario, size_t replication, const unsigned char *record,
                        size_t position)
{
    const struct results_layout *layout = &self->results->layout;
    const struct results_slot *slot = &self->results->slots[scenario * layout->replications + replication];
    size_t count = (size_t)slot->events, used = 0;
    if (count == 0) return true;
    if (!make_room(self, &self->scratch, &self->scratch_size, count * 8 * layout->trace_column_count + 1))
        return false;
    unsigned char **data = calloc(layout->trace_column_count + 1, sizeof *data);
    if (!data) return fail(self, "no memory");
    bool good = true;
    for (size_t c = 0; good && c < layout->trace_column_count; c++) {
        size_t element = self->columns[c + 2].element;
        data[c] = self->scratch + used;
        used += count * element;
        if (record) {
            size_t length = (size_t)size_entry(record, layout->dataset_count + c);
            good = results_decode_chunk(self->encoder, record + position, length, element, count, data[c]);
            position += length;
        } else
            good = results_finished_events(&self->finished, c, slot->offset, count, data[c]);
        if (!good) fail(self, "an event log is damaged");
    }
    good = good && add_events(self, (int32_t)scenario, (int32_t)replication, data, count);
    free(data);
    return good;
}

/* Replications */

static bool copy_record(struct merge *self, size_t scenario, size_t replication)
{
    const struct results_layout *layout = &self->results->layout;
    const unsigned char *record = find_record(self, scenario * layout->replications + replication);
    if (!record) return false;
    size_t position = (layout->dataset_count + layout->trace_column_count) * sizeof(uint64_t);
    for (size_t d = 0; d < layout->dataset_count; d++) {
        size_t length = (size_t)size_entry(record, d);
        write_chunk(self, d, scenario, replication, record + position, length);
        position += length;
    }
    return copy_events(self, scenario, replication, record, position);
}

static bool copy_finished(struct merge *self, size_t scenario, size_t replication)
{
    for (size_t d = 0; d < self->results->layout.dataset_count; d++) {
        size_t length;
        if (!results_finished_chunk(&self->finished, d, scenario, replication, &length))
            return fail(self, "the finished file is damaged");
        write_chunk(self, d, scenario, replication, self->finished.buffer, length);
    }
    return copy_events(self, scenario, replication, NULL, 0);
}

static bool copy_all(struct merge *self)
{
    const struct results *results = self->results;
    for (size_t s = 0; s < results->layout.scenario_count; s++)
        for (size_t r = 0; r < results->layout.replications; r++) {
            unsigned char state = results->state[s * results->layout.replications + r];
            if (state == RESULTS_ABSENT) continue;
            if (!(state == RESULTS_IN_FILE ? copy_finished(self, s, r) : copy_record(self, s, r)))
                return false;
            if (!results_file_is_good(&self->file)) return false;
        }
    return self->rows == 0 || write_events(self);
}

static bool write_complete(struct merge *self)
{
    const struct results *results = self->results;
    int8_t *complete = malloc(results->total);
    if (!complete) return fail(self, "no memory");
    for (size_t i = 0; i < results->total; i++) complete[i] = results->state[i] != RESULTS_ABSENT;
    results_file_check(
        &self->file, H5Dwrite(self->file.complete, H5T_NATIVE_INT8, H5S_ALL, H5S_ALL, H5P_DEFAULT, complete));
    free(complete);
    return results_file_is_good(&self->file);
}

static bool prepare_columns(struct merge *self)
{
    const struct results_layout *layout = &self->results->layout;
    if (!layout->trace_columns || self->events == 0) return true;
    size_t count = layout->trace_column_count + 2;
    self->chunk_rows = self->events < RESULTS_EVENT_CHUNK ? (size_t)self->events : RESULTS_EVENT_CHUNK;
    self->columns = calloc(count, sizeof *self->columns);
    if (!self->columns) return fail(self, "no memory");
    self->column_count = count;
    for (size_t c = 0; c < count; c++) {
        self->columns[c].element = c < 2 ? 4 : results_type_size(layout->trace_columns[c - 2].type);
        self->columns[c].rows = malloc(self->chunk_rows * self->columns[c].element);
        if (!self->columns[c].rows) return fail(self, "no memory");
    }
    return true;
}

static void release(struct merge *self)
{
    for (size_t c = 0; c < self->column_count; c++) free(self->columns[c].rows);
    free(self->columns);
    free(self->record);
    free(self->scratch);
    results_encoder_free(self->encoder);
    if (self->part >= 0) close(self->part);
}

/* Everything that needs HDF5. */
static bool write_file(struct merge *self, const char *temporary)
{
    struct results_quiet quiet;
    results_quiet_begin(&quiet);
    if (results_layout_create(&self->file, temporary, self->results, self->events) && prepare_columns(self)) {
        if (self->results->finished_replications > 0 &&
            !results_finished_open(&self->finished, self->results))
            fail(self, "the finished file cannot be read");
        else if (copy_all(self))
            write_complete(self);
    }
    results_finished_close(&self->finished);
    bool good = results_file_close(&self->file);
    results_quiet_end(&quiet);
    return good;
}

/* Makes the new name safe, too. */
static bool sync_parent(const char *path)
{
    const char *slash = strrchr(path, '/');
    char *parent = !slash ? strdup(".") : slash == path ? strdup("/") : strndup(path, (size_t)(slash - path));
    int descriptor = parent ? open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    bool good = descriptor >= 0 && fsync(descriptor) == 0;
    int reason = errno;
    if (descriptor >= 0) close(descriptor);
    free(parent);
    errno = reason;
    return good;
}

bool results_merge(struct results *results, struct error *error)
{
    struct merge self = {.results = results, .part = -1, .encoder = results_encoder_new()};
    char *temporary = NULL;
    if (!self.encoder || asprintf(&temporary, "%s/" RESULTS_FINAL_TEMPORARY, results->directory) < 0) {
        results_encoder_free(self.encoder);
        return error_set(error, ERROR_MEMORY, "no memory for the results");
    }
    for (size_t i = 0; i < results->total; i++) self.events += results->slots[i].events;
    bool good;
#pragma omp critical(corridor_hdf5)
    good = write_file(&self, temporary);
    if (good && (rename(temporary, results->path) != 0 || !sync_parent(results->path)))
        good = fail(&self, strerror(errno));
    if (!good) {
        unlink(temporary);
        error_set(error, ERROR_FILE, "cannot write %.300s: %s", results->path, self.file.reason);
    }
    release(&self);
    free(temporary);
    return good;
}
