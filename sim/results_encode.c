/* Compression outside HDF5, so that it needs no lock: byte shuffle, deflate 1, Fletcher-32, as HDF5's filters
 * do. */
#include "sim/results_internal.h"

#include <stdlib.h>
#include <string.h>

struct results_encoder *results_encoder_new(void)
{
    struct results_encoder *self = calloc(1, sizeof *self);
    if (!self) return NULL;
    if (deflateInit(&self->stream, 1) != Z_OK) {
        free(self);
        return NULL;
    }
    self->stream_ready = true;
    return self;
}

void results_encoder_free(struct results_encoder *self)
{
    if (!self) return;
    if (self->stream_ready) deflateEnd(&self->stream);
    free(self->column);
    free(self->shuffled);
    free(self->out);
    free(self);
}

static bool make_room(unsigned char **buffer, size_t *size, size_t wanted)
{
    if (wanted <= *size) return true;
    size_t larger = wanted + wanted / 2;
    unsigned char *grown = realloc(*buffer, larger);
    if (!grown) return false;
    *buffer = grown;
    *size = larger;
    return true;
}

bool results_encoder_start(struct results_encoder *self, size_t bytes)
{
    self->out_used = bytes;
    return make_room(&self->out, &self->out_size, bytes);
}

static void shuffle(const unsigned char *restrict from, size_t element, size_t count,
                    unsigned char *restrict to)
{
    for (size_t byte = 0; byte < element; byte++)
        for (size_t i = 0; i < count; i++) to[byte * count + i] = from[i * element + byte];
}

static void unshuffle(const unsigned char *restrict from, size_t element, size_t count,
                      unsigned char *restrict to)
{
    for (size_t byte = 0; byte < element; byte++)
        for (size_t i = 0; i < count; i++) to[i * element + byte] = from[byte * count + i];
}

/* Fletcher's checksum over 16-bit big-endian words, an odd last byte padded with 0, as HDF5 has it (Fletcher,
 * "An arithmetic checksum for serial transmissions", IEEE Trans. Comm. 30(1), 1982; sums folded modulo
 * 65535). */
uint32_t results_fletcher32(const unsigned char *bytes, size_t length)
{
    uint32_t sum = 0, sum_of_sums = 0;
    size_t words = length / 2;
    while (words > 0) {
        size_t batch = words < 360 ? words : 360; /* the most that cannot overflow 32 bits */
        words -= batch;
        for (; batch > 0; batch--, bytes += 2) {
            sum += (uint32_t)bytes[0] << 8 | bytes[1];
            sum_of_sums += sum;
        }
        sum = (sum & 0xFFFF) + (sum >> 16);
        sum_of_sums = (sum_of_sums & 0xFFFF) + (sum_of_sums >> 16);
    }
    if (length % 2) {
        sum += (uint32_t)bytes[0] << 8;
        sum_of_sums += sum;
        sum = (sum & 0xFFFF) + (sum >> 16);
        sum_of_sums = (sum_of_sums & 0xFFFF) + (sum_of_sums >> 16);
    }
    sum = (sum & 0xFFFF) + (sum >> 16);
    sum_of_sums = (sum_of_sums & 0xFFFF) + (sum_of_sums >> 16);
    return sum_of_sums << 16 | sum;
}

bool results_encode_chunk(struct results_encoder *self, const void *data, size_t element, size_t count,
                          bool noisy)
{
    size_t bytes = element * count;
    size_t bound = deflateBound(&self->stream, bytes);
    if (bytes > UINT32_MAX || !make_room(&self->shuffled, &self->shuffled_size, bytes) ||
        !make_room(&self->out, &self->out_size, self->out_used + bound + 4))
        return false;
    shuffle(data, element, count, self->shuffled);
    unsigned char *start = self->out + self->out_used;
    deflateReset(&self->stream);
    deflateParams(&self->stream, 1, noisy ? Z_RLE : Z_DEFAULT_STRATEGY);
    self->stream.next_in = self->shuffled;
    self->stream.avail_in = (uInt)bytes;
    self->stream.next_out = start;
    self->stream.avail_out = (uInt)bound;
    if (deflate(&self->stream, Z_FINISH) != Z_STREAM_END) return false;
    size_t length = bound - self->stream.avail_out;
    uint32_t sum = results_fletcher32(start, length);
    memcpy(start + length, &sum, sizeof sum);
    self->out_used += length + sizeof sum;
    return true;
}

bool results_decode_chunk(struct results_encoder *self, const unsigned char *bytes, size_t length,
                          size_t element, size_t count, void *data)
{
    uint32_t sum;
    if (length < sizeof sum) return false;
    length -= sizeof sum;
    memcpy(&sum, bytes + length, sizeof sum);
    if (sum != results_fletcher32(bytes, length) ||
        !make_room(&self->shuffled, &self->shuffled_size, element * count))
        return false;
    uLongf size = element * count;
    if (uncompress(self->shuffled, &size, bytes, length) != Z_OK || size != element * count) return false;
    unshuffle(self->shuffled, element, count, data);
    return true;
}

/* One column out of the caller's records. */
static bool gather(struct results_encoder *self, const struct trace_column *column,
                   const unsigned char *trace, size_t trace_size, size_t count)
{
    size_t element = results_type_size(column->type);
    if (!make_room(&self->column, &self->column_size, element * count)) return false;
    for (size_t i = 0; i < count; i++)
        memcpy(self->column + i * element, trace + i * trace_size + column->offset, element);
    return true;
}

static bool encode_all(struct results_encoder *self, const struct results *results,
                       const unsigned char *block, const unsigned char *trace, size_t trace_size,
                       size_t trace_count)
{
    const struct results_layout *layout = &results->layout;
    size_t table = (layout->dataset_count + layout->trace_column_count) * sizeof(uint64_t), at = 0;
    if (!results_encoder_start(self, table)) return false;
    memset(self->out, 0, table);
    for (size_t i = 0; i < layout->dataset_count; i++, at += sizeof(uint64_t)) {
        const struct results_dataset *dataset = &layout->datasets[i];
        uint64_t before = self->out_used;
        if (!results_encode_chunk(self, block + dataset->offset, results_type_size(dataset->type),
                                  results->elements[i], layout->noisy))
            return false;
        memcpy(self->out + at, &(uint64_t){self->out_used - before}, sizeof(uint64_t));
    }
    for (size_t i = 0; trace_count > 0 && i < layout->trace_column_count; i++, at += sizeof(uint64_t)) {
        const struct trace_column *column = &layout->trace_columns[i];
        uint64_t before = self->out_used;
        if (!gather(self, column, trace, trace_size, trace_count) ||
            !results_encode_chunk(self, self->column, results_type_size(column->type), trace_count, false))
            return false;
        memcpy(self->out + at, &(uint64_t){self->out_used - before}, sizeof(uint64_t));
    }
    return true;
}

struct results_record *results_encode(struct results_encoder *self, const struct results *results,
                                      const void *block, const void *trace, size_t trace_size,
                                      size_t trace_count)
{
    if (!encode_all(self, results, block, trace, trace_size, trace_count)) return NULL;
    struct results_record *record = malloc(sizeof *record + self->out_used);
    if (!record) return NULL;
    *record = (struct results_record){.events = trace_count, .length = self->out_used};
    memcpy(record->bytes, self->out, self->out_used);
    return record;
}
