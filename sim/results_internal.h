/* What the files results_*.c share. Not for other rooms. */
#ifndef CORRIDOR_SIM_RESULTS_INTERNAL_H
#define CORRIDOR_SIM_RESULTS_INTERNAL_H

#include "sim/results.h"

#include <hdf5.h>
#include <pthread.h>
#include <stdatomic.h>
#include <zlib.h>

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "raw chunks are written as they stand in memory");

#define RESULTS_PART_REPLICATIONS 16
#define RESULTS_PART_SECONDS      10.0
#define RESULTS_PART_BYTES        ((size_t)64 << 20)
#define RESULTS_EVENT_CHUNK       65536 /* rows of the event log in one chunk */
#define RESULTS_FINAL_TEMPORARY   "final.h5.tmp"

/* Where a replication is. */
enum results_state { RESULTS_ABSENT, RESULTS_OPEN, RESULTS_IN_PART, RESULTS_IN_FILE };

struct results_slot {
    uint64_t offset; /* in a part: of the record's bytes; in the finished file: its first event */
    uint64_t length; /* bytes of the record, in a part */
    uint64_t events;
    uint32_t part;
};

/* One compressed replication. `bytes`: a table of sizes (uint64), one per dataset, then one per trace column;
 * then the chunks in that order. */
struct results_record {
    uint32_t scenario, replication;
    uint64_t events;
    size_t length;
    unsigned char bytes[];
};

/* Scratch memory and a zlib stream, reused from replication to replication. */
struct results_encoder {
    struct results_encoder *next;
    z_stream stream;
    bool stream_ready;
    unsigned char *column, *shuffled, *out;
    size_t column_size, shuffled_size, out_size, out_used;
};

struct results {
    struct results_layout layout;
    char *path;      /* the final file */
    char *directory; /* path.parts */
    char *identity;  /* see results_identity */
    int folder;      /* descriptor of `directory`, locked against a second writer */
    size_t total;    /* scenarios x replications */
    _Atomic unsigned char *state;
    struct results_slot *slots;
    size_t *elements;             /* of one replication, per dataset */
    size_t finished_replications; /* of the file at `path`; 0: there is none */
    uint32_t next_part;

    pthread_mutex_t lock; /* guards all that follows, and the slots */
    struct results_record *open[RESULTS_PART_REPLICATIONS];
    size_t open_count, open_bytes;
    double last_close; /* seconds, monotonic */
    struct results_encoder *encoders;
    bool broken; /* a part could not be written: nothing may be called finished */
    struct error cause;
};

/* results_check.c: refuses layouts that HDF5 or xarray could not take, before hours are spent. */
bool results_check(const struct results_layout *layout, struct error *error);
size_t results_type_size(enum results_type type);
/* Numbers that one replication has in a dataset. */
size_t results_elements(const struct results_layout *layout, const struct results_dataset *dataset);

/* results_identity.c: all of the layout but the number of replications, one line "key\tvalue" per thing; long
 * values as hashes. The caller frees. NULL when memory runs out. */
char *results_identity(const struct results_layout *layout);
enum { RESULTS_DIFFERENCE_SIZE = 300 };
/* Whether `stored` is the same; else fills `difference` with what is to be said of the place that holds it.
 */
bool results_identity_same(const char *identity, const char *stored, char *difference, size_t size);

/* results_encode.c */
struct results_encoder *results_encoder_new(void);
void results_encoder_free(struct results_encoder *self);
/* Forgets what was encoded, then leaves room for `bytes` bytes at the start of `out`. */
bool results_encoder_start(struct results_encoder *self, size_t bytes);
/* Appends one chunk to `out` as HDF5's filters would write it: byte shuffle, deflate 1, Fletcher-32. `noisy`:
 * see results_layout. */
bool results_encode_chunk(struct results_encoder *self, const void *data, size_t element, size_t count,
                          bool noisy);
/* The reverse, into `data` (element * count bytes). False when the bytes are damaged. */
bool results_decode_chunk(struct results_encoder *self, const unsigned char *bytes, size_t length,
                          size_t element, size_t count, void *data);
/* A whole replication, whose number is still to be set. NULL when memory runs out. */
struct results_record *results_encode(struct results_encoder *self, const struct results *results,
                                      const void *block, const void *trace, size_t trace_size,
                                      size_t trace_count);
uint32_t results_fletcher32(const unsigned char *bytes, size_t length);

/* results_folder.c */
#define RESULTS_NAME_SIZE 32
void results_part_name(uint32_t number, char name[RESULTS_NAME_SIZE]);
bool results_write_all(int descriptor, const unsigned char *bytes, size_t length);
/* Numbers of all parts, ascending. The caller frees. NULL when memory runs out. */
uint32_t *results_folder_list(const struct results *self, size_t *count);
/* Creates and locks the folder of parts and checks that it can be written. */
bool results_folder_open(struct results *self, struct error *error);
bool results_folder_has_parts(const struct results *self);
/* Removes our files from the folder: temporaries, with `parts` also the parts. */
void results_folder_clean(const struct results *self, bool parts);
/* Leaves the folder; removes it when it is empty. */
void results_folder_close(struct results *self);

/* results_parts.c */
/* Writes records as part `number`; only then their slots say that they are safe. */
bool results_part_write(struct results *self, struct results_record *const *records, size_t count,
                        uint32_t number, struct error *error);
/* Finds the valid parts and enters their replications into the slots. Refuses parts of another layout. */
bool results_parts_scan(struct results *self, struct error *error);
/* Opens a part for reading; -1 with errno. */
int results_part_open(const struct results *self, uint32_t number);
bool results_read_at(int descriptor, void *buffer, size_t length, uint64_t offset);
bool results_part_is_due(size_t replications, size_t bytes, double seconds);

/* results_output.c: the final file below HDF5. */
struct held_write;
struct results_output {
    int descriptor;
    int reason; /* errno of the first failure; 0: all is well */
    uint64_t length;
    struct held_write *held; /* what the disk did not take */
    hid_t driver;
};
bool results_output_open(struct results_output *self, const char *path);
/* Makes files that are created with this access list write to `self`. */
herr_t results_output_select(struct results_output *self, hid_t access);
/* After HDF5 has closed its file: fsyncs, closes, and returns the reason. */
int results_output_close(struct results_output *self);

/* A file being written through HDF5. The first failure is kept with its reason; later calls do no harm. */
struct results_file {
    struct results_output output;
    hid_t id, text_type;
    hid_t *datasets; /* one per dataset of the layout */
    hid_t *columns;  /* scenario, replication, then the trace columns; NULL without an event log */
    size_t dataset_count, column_count;
    hid_t complete;
    hid_t *scales; /* scenario, replication, then the layout's axes */
    size_t scale_count;
    bool failed;
    char reason[200];
};

/* results_layout.c: creates the file with groups, coordinates, texts and empty datasets. */
bool results_layout_create(struct results_file *file, const char *path, const struct results *results,
                           uint64_t events);
/* results_hdf5.c: passes the value on; a negative one marks the file as failed, with HDF5's reason. */
hid_t results_file_id(struct results_file *file, hid_t id);
void results_file_check(struct results_file *file, herr_t status);
void results_file_write_text(struct results_file *file, hid_t object, const char *name, const char *text);
void results_file_write_number(struct results_file *file, hid_t object, const char *name, hid_t stored_type,
                               hid_t memory_type, const void *value);
/* Whether neither HDF5 nor the disk has failed so far. */
bool results_file_is_good(struct results_file *file);
/* Closes all; when nothing has failed, the file is safe on disk. */
bool results_file_close(struct results_file *file);

/* HDF5 prints nothing between these two; HDF5 is entered by one thread at a time (omp critical
 * corridor_hdf5). */
struct results_quiet {
    H5E_auto2_t function;
    void *data;
};
void results_quiet_begin(struct results_quiet *quiet);
void results_quiet_end(const struct results_quiet *quiet);

/* results_extend.c: the finished file as a source of replications. */
/* Reads what a finished file holds into the slots. Refuses files of another layout or with more replications.
 */
bool results_finished_scan(struct results *self, struct error *error);
struct results_finished {
    hid_t file;
    hid_t *datasets, *columns;
    const struct results *results;
    unsigned char *buffer;
    size_t buffer_size;
};
bool results_finished_open(struct results_finished *self, const struct results *results);
void results_finished_close(struct results_finished *self);
/* The raw chunk of a dataset; bytes in self->buffer. */
bool results_finished_chunk(struct results_finished *self, size_t dataset, size_t scenario,
                            size_t replication, size_t *length);
/* Events [first, first + count) of one of the layout's trace columns, in the column's own type. */
bool results_finished_events(struct results_finished *self, size_t column, uint64_t first, uint64_t count,
                             void *data);

/* results_merge.c */
bool results_merge(struct results *self, struct error *error);

#endif
