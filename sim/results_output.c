/* The final file as HDF5 writes it: a file driver that never fails. HDF5 cannot close a file whose last
 * writes fail (the program crashes when it exits), so a failure is kept here, the bytes in memory, and HDF5
 * hears that all is well. Whoever merges asks for `reason` and stops. */
#include "sim/results_internal.h"

#if H5_VERSION_GE(1, 13, 0)
#include <H5FDdevelop.h>
#endif
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A write that the disk did not take. */
struct held_write {
    struct held_write *next;
    haddr_t address;
    size_t length;
    unsigned char bytes[];
};

struct driver {
    H5FD_t base; /* filled in by HDF5; must be first */
    struct results_output *output;
    haddr_t allocated;
};

/* What a property list of file access carries. */
struct link {
    struct results_output *output;
};

static void keep_reason(struct results_output *output, int reason)
{
    if (output->reason == 0) output->reason = reason;
}

static H5FD_t *driver_open(const char *name, unsigned flags, hid_t access, haddr_t limit)
{
    (void)name, (void)limit;
    const struct link *link = H5Pget_driver_info(access);
    struct driver *self = calloc(1, sizeof *self);
    if (!link || !self) {
        free(self);
        return NULL;
    }
    self->output = link->output;
    if (flags & H5F_ACC_TRUNC) {
        if (ftruncate(self->output->descriptor, 0) != 0) keep_reason(self->output, errno);
        self->output->length = 0;
    }
    return &self->base;
}

static herr_t driver_close(H5FD_t *base)
{
    free(base);
    return 0;
}

/* The features of HDF5's own driver, so that space is laid out as it does. */
static herr_t driver_query(const H5FD_t *base, unsigned long *flags)
{
    (void)base;
    *flags = H5FD_FEAT_AGGREGATE_METADATA | H5FD_FEAT_ACCUMULATE_METADATA | H5FD_FEAT_DATA_SIEVE |
             H5FD_FEAT_AGGREGATE_SMALLDATA | H5FD_FEAT_DEFAULT_VFD_COMPATIBLE;
    return 0;
}

static haddr_t driver_get_eoa(const H5FD_t *base, H5FD_mem_t type)
{
    (void)type;
    return ((const struct driver *)base)->allocated;
}

static herr_t driver_set_eoa(H5FD_t *base, H5FD_mem_t type, haddr_t address)
{
    (void)type;
    ((struct driver *)base)->allocated = address;
    return 0;
}

static haddr_t driver_get_eof(const H5FD_t *base, H5FD_mem_t type)
{
    (void)type;
    return ((const struct driver *)base)->output->length;
}

/* Lays one held write over bytes read from the file. */
static void apply(const struct held_write *held, haddr_t address, size_t length, unsigned char *bytes)
{
    haddr_t from = held->address > address ? held->address : address;
    haddr_t held_end = held->address + held->length, end = address + length;
    if (held_end < end) end = held_end;
    if (from < end)
        memcpy(bytes + (from - address), held->bytes + (from - held->address), (size_t)(end - from));
}

static herr_t driver_read(H5FD_t *base, H5FD_mem_t type, hid_t transfer, haddr_t address, size_t length,
                          void *buffer)
{
    (void)type, (void)transfer;
    const struct results_output *output = ((struct driver *)base)->output;
    unsigned char *bytes = buffer;
    size_t done = 0;
    while (done < length) {
        ssize_t got = pread(output->descriptor, bytes + done, length - done, (off_t)(address + done));
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) break;
        done += (size_t)got;
    }
    memset(bytes + done, 0, length - done); /* past the end, as HDF5 expects */
    for (const struct held_write *held = output->held; held; held = held->next)
        apply(held, address, length, bytes);
    return 0;
}

/* The oldest first, so that the newest is laid over last. */
static void hold(struct results_output *output, haddr_t address, size_t length, const void *buffer)
{
    struct held_write *held = malloc(sizeof *held + length), **last = &output->held;
    if (!held) return;
    *held = (struct held_write){.address = address, .length = length};
    memcpy(held->bytes, buffer, length);
    while (*last) last = &(*last)->next;
    *last = held;
}

static herr_t driver_write(H5FD_t *base, H5FD_mem_t type, hid_t transfer, haddr_t address, size_t length,
                           const void *buffer)
{
    (void)type, (void)transfer;
    struct results_output *output = ((struct driver *)base)->output;
    const unsigned char *bytes = buffer;
    for (size_t done = 0; done < length && output->reason == 0;) {
        ssize_t wrote = pwrite(output->descriptor, bytes + done, length - done, (off_t)(address + done));
        if (wrote < 0 && errno != EINTR) keep_reason(output, errno);
        if (wrote > 0) done += (size_t)wrote;
    }
    if (output->reason != 0) hold(output, address, length, buffer);
    if (address + length > output->length) output->length = address + length;
    return 0;
}

static herr_t driver_truncate(H5FD_t *base, hid_t transfer, hbool_t closing)
{
    (void)transfer, (void)closing;
    struct driver *self = (struct driver *)base;
    struct results_output *output = self->output;
    if (output->length == self->allocated) return 0;
    if (output->reason == 0 && ftruncate(output->descriptor, (off_t)self->allocated) != 0)
        keep_reason(output, errno);
    output->length = self->allocated;
    return 0;
}

static const H5FD_class_t driver_class = {
#ifdef H5FD_CLASS_VERSION
    .version = H5FD_CLASS_VERSION,
    .value = 511, /* from the range for drivers that are not registered */
#endif
    .name = "corridor_results",
    .maxaddr = (haddr_t)INT64_MAX,
    .fc_degree = H5F_CLOSE_WEAK,
    .fapl_size = sizeof(struct link),
    .open = driver_open,
    .close = driver_close,
    .query = driver_query,
    .get_eoa = driver_get_eoa,
    .set_eoa = driver_set_eoa,
    .get_eof = driver_get_eof,
    .read = driver_read,
    .write = driver_write,
    .truncate = driver_truncate,
    .fl_map = H5FD_FLMAP_DICHOTOMY,
};

bool results_output_open(struct results_output *self, const char *path)
{
    *self = (struct results_output){.driver = -1};
    self->descriptor = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (self->descriptor < 0) keep_reason(self, errno);
    return self->descriptor >= 0;
}

herr_t results_output_select(struct results_output *self, hid_t access)
{
    struct link link = {self};
    self->driver = H5FDregister(&driver_class);
    return self->driver < 0 ? -1 : H5Pset_driver(access, self->driver, &link);
}

int results_output_close(struct results_output *self)
{
    if (self->driver >= 0) H5FDunregister(self->driver);
    if (self->descriptor >= 0) {
        if (self->reason == 0 && fsync(self->descriptor) != 0) keep_reason(self, errno);
        if (close(self->descriptor) != 0) keep_reason(self, errno);
    }
    while (self->held) {
        struct held_write *next = self->held->next;
        free(self->held);
        self->held = next;
    }
    self->descriptor = -1;
    self->driver = -1;
    return self->reason;
}
