/* Part files: a few compressed replications each, written under a temporary name, fsynced, renamed. A plain
 * record file, not HDF5: it costs one write, needs no lock, and a damaged one is told by its checksum.
 *
 * Layout, little-endian: header, identity text, records (header, bytes), CRC-32 of all before. */
#include "sim/results_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char magic[8] = "CORRPART";

struct part_header {
    char magic[8];
    uint64_t identity_length;
    uint64_t record_count;
};

struct part_record {
    uint32_t scenario, replication;
    uint64_t events, length;
};

bool results_part_is_due(size_t replications, size_t bytes, double seconds)
{
    return replications > 0 && (replications >= RESULTS_PART_REPLICATIONS || bytes >= RESULTS_PART_BYTES ||
                                seconds >= RESULTS_PART_SECONDS);
}

/* Writing */

struct part_output {
    int descriptor;
    uint32_t crc;
    uint64_t written;
};

static bool put_bytes(struct part_output *out, const void *bytes, size_t length)
{
    out->crc = (uint32_t)crc32_z(out->crc, bytes, length);
    out->written += length;
    return results_write_all(out->descriptor, bytes, length);
}

static bool put_part(struct part_output *out, const char *identity, struct results_record *const *records,
                     size_t count, uint64_t *offsets)
{
    struct part_header header = {.identity_length = strlen(identity), .record_count = count};
    memcpy(header.magic, magic, sizeof magic);
    if (!put_bytes(out, &header, sizeof header) || !put_bytes(out, identity, header.identity_length))
        return false;
    for (size_t i = 0; i < count; i++) {
        struct part_record record = {records[i]->scenario, records[i]->replication, records[i]->events,
                                     records[i]->length};
        if (!put_bytes(out, &record, sizeof record)) return false;
        offsets[i] = out->written;
        if (!put_bytes(out, records[i]->bytes, records[i]->length)) return false;
    }
    return results_write_all(out->descriptor, (const unsigned char *)&out->crc, sizeof out->crc) &&
           fsync(out->descriptor) == 0;
}

bool results_part_write(struct results *self, struct results_record *const *records, size_t count,
                        uint32_t number, struct error *error)
{
    char name[RESULTS_NAME_SIZE], temporary[RESULTS_NAME_SIZE + 4];
    uint64_t offsets[RESULTS_PART_REPLICATIONS];
    results_part_name(number, name);
    snprintf(temporary, sizeof temporary, "%s.tmp", name);
    struct part_output out = {
        .descriptor = openat(self->folder, temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666)};
    bool good = out.descriptor >= 0 && put_part(&out, self->identity, records, count, offsets);
    int reason = errno;
    if (out.descriptor >= 0 && close(out.descriptor) != 0 && good) good = false, reason = errno;
    if (good && renameat(self->folder, temporary, self->folder, name) != 0) good = false, reason = errno;
    if (!good) {
        unlinkat(self->folder, temporary, 0);
        return error_set(error, ERROR_FILE, "cannot write results to %.300s: %s", self->directory,
                         strerror(reason));
    }
    pthread_mutex_lock(&self->lock);
    for (size_t i = 0; i < count; i++) {
        size_t at = records[i]->scenario * self->layout.replications + records[i]->replication;
        self->slots[at] = (struct results_slot){offsets[i], records[i]->length, records[i]->events, number};
        atomic_store(&self->state[at], RESULTS_IN_PART);
    }
    pthread_mutex_unlock(&self->lock);
    return true;
}

/* Reading */

int results_part_open(const struct results *self, uint32_t number)
{
    char name[RESULTS_NAME_SIZE];
    results_part_name(number, name);
    return openat(self->folder, name, O_RDONLY | O_CLOEXEC);
}

bool results_read_at(int descriptor, void *buffer, size_t length, uint64_t offset)
{
    unsigned char *bytes = buffer;
    while (length > 0) {
        ssize_t got = pread(descriptor, bytes, length, (off_t)offset);
        if (got < 0 && errno == EINTR) continue;
        if (got == 0) errno = EIO; /* the file has shrunk since it was checked */
        if (got <= 0) return false;
        bytes += got;
        offset += (uint64_t)got;
        length -= (size_t)got;
    }
    return true;
}

/* The whole part, or NULL. */
static unsigned char *read_part(const struct results *self, uint32_t number, size_t *size)
{
    int descriptor = results_part_open(self, number);
    struct stat status;
    unsigned char *bytes = NULL;
    if (descriptor >= 0 && fstat(descriptor, &status) == 0 && status.st_size > 0) {
        *size = (size_t)status.st_size;
        bytes = malloc(*size);
        if (bytes && !results_read_at(descriptor, bytes, *size, 0)) {
            free(bytes);
            bytes = NULL;
        }
    }
    if (descriptor >= 0) close(descriptor);
    return bytes;
}

/* The sizes in a record's table add up to its length. */
static bool record_is_whole(const struct results *self, const unsigned char *bytes, uint64_t length)
{
    size_t entries = self->layout.dataset_count + self->layout.trace_column_count;
    uint64_t sum = entries * sizeof(uint64_t), size;
    if (sum > length) return false;
    for (size_t i = 0; i < entries; i++) {
        memcpy(&size, bytes + i * sizeof size, sizeof size);
        if (size > length - sum) return false;
        sum += size;
    }
    return sum == length;
}

static bool enter_record(struct results *self, const struct part_record *record, uint64_t offset,
                         uint32_t number, struct error *error)
{
    if (record->scenario >= self->layout.scenario_count) return true;
    if (record->replication >= self->layout.replications)
        return error_set(error, ERROR_USAGE,
                         "%.300s already holds replication %u: resume with at least %u replications",
                         self->directory, record->replication, record->replication + 1);
    size_t at = record->scenario * self->layout.replications + record->replication;
    if (self->state[at] == RESULTS_ABSENT) {
        self->slots[at] = (struct results_slot){offset, record->length, record->events, number};
        self->state[at] = RESULTS_IN_PART;
    }
    return true;
}

/* A part that is not whole counts as not there; one of another study is an error. */
static bool enter_part(struct results *self, uint32_t number, const unsigned char *bytes, size_t size,
                       struct error *error)
{
    struct part_header header;
    uint32_t crc;
    if (size < sizeof header + sizeof crc) return true;
    size -= sizeof crc;
    memcpy(&header, bytes, sizeof header);
    memcpy(&crc, bytes + size, sizeof crc);
    if (memcmp(header.magic, magic, sizeof magic) != 0 || crc != (uint32_t)crc32_z(0, bytes, size) ||
        header.identity_length > size - sizeof header)
        return true;
    char *stored = strndup((const char *)bytes + sizeof header, header.identity_length),
         difference[RESULTS_DIFFERENCE_SIZE];
    if (!stored) return error_set(error, ERROR_MEMORY, "no memory for the results");
    bool same = results_identity_same(self->identity, stored, difference, sizeof difference);
    free(stored);
    if (!same) return error_set(error, ERROR_USAGE, "%.200s %s", self->directory, difference);
    size_t at = sizeof header + header.identity_length;
    for (uint64_t i = 0; i < header.record_count; i++) {
        struct part_record record;
        if (size - at < sizeof record) return true;
        memcpy(&record, bytes + at, sizeof record);
        at += sizeof record;
        if (record.length > size - at || !record_is_whole(self, bytes + at, record.length)) return true;
        if (!enter_record(self, &record, at, number, error)) return false;
        at += record.length;
    }
    return true;
}

bool results_parts_scan(struct results *self, struct error *error)
{
    size_t count;
    uint32_t *numbers = results_folder_list(self, &count);
    if (!numbers) return error_set(error, ERROR_MEMORY, "no memory for the results");
    bool good = true;
    for (size_t i = 0; good && i < count; i++) {
        size_t size;
        unsigned char *bytes = read_part(self, numbers[i], &size);
        good = !bytes || enter_part(self, numbers[i], bytes, size, error);
        free(bytes);
    }
    if (count > 0) self->next_part = numbers[count - 1] + 1;
    free(numbers);
    return good;
}
