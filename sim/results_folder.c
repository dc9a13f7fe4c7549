/* The folder of parts beside the results file: who may write there, and what stands in it. */
#include "sim/results_internal.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

void results_part_name(uint32_t number, char name[RESULTS_NAME_SIZE])
{
    snprintf(name, RESULTS_NAME_SIZE, "%08u.part", number);
}

static bool is_part(const char *name, uint32_t *number)
{
    char expected[RESULTS_NAME_SIZE];
    unsigned long value = strtoul(name, NULL, 10);
    if (value > UINT32_MAX - 1) return false;
    *number = (uint32_t)value;
    results_part_name(*number, expected);
    return strcmp(name, expected) == 0;
}

static bool is_temporary(const char *name)
{
    size_t length = strlen(name);
    return length > 4 && strcmp(name + length - 4, ".tmp") == 0;
}

bool results_write_all(int descriptor, const unsigned char *bytes, size_t length)
{
    while (length > 0) {
        ssize_t wrote = write(descriptor, bytes, length);
        if (wrote < 0 && errno == EINTR) continue;
        if (wrote < 0) return false;
        bytes += wrote;
        length -= (size_t)wrote;
    }
    return true;
}

static int compare_numbers(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

static DIR *list_folder(const struct results *self)
{
    int copy = openat(self->folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *list = copy < 0 ? NULL : fdopendir(copy);
    if (!list && copy >= 0) close(copy);
    return list;
}

uint32_t *results_folder_list(const struct results *self, size_t *count)
{
    DIR *list = list_folder(self);
    uint32_t *numbers = malloc(sizeof *numbers), number;
    size_t room = 1;
    *count = 0;
    for (struct dirent *entry; list && numbers && (entry = readdir(list)) != NULL;) {
        if (!is_part(entry->d_name, &number)) continue;
        if (*count == room) {
            uint32_t *grown = realloc(numbers, 2 * room * sizeof *numbers);
            if (!grown) free(numbers);
            numbers = grown;
            room *= 2;
        }
        if (numbers) numbers[(*count)++] = number;
    }
    if (numbers) qsort(numbers, *count, sizeof *numbers, compare_numbers);
    if (list) closedir(list);
    return numbers;
}

bool results_folder_has_parts(const struct results *self)
{
    size_t count = 0;
    free(results_folder_list(self, &count));
    return count > 0;
}

void results_folder_clean(const struct results *self, bool parts)
{
    uint32_t number;
    DIR *list = list_folder(self);
    for (struct dirent *entry; list && (entry = readdir(list)) != NULL;)
        if (is_temporary(entry->d_name) || (parts && is_part(entry->d_name, &number)))
            unlinkat(self->folder, entry->d_name, 0);
    if (list) closedir(list);
}

void results_folder_close(struct results *self)
{
    if (self->folder < 0) return;
    rmdir(self->directory); /* fails when something is in it: then it stays */
    close(self->folder);
    self->folder = -1;
}

/* Shows now, not after hours, that nothing can be written. */
static bool try_writing(const struct results *self)
{
    static const unsigned char nothing[4096];
    int descriptor = openat(self->folder, "probe.tmp", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    bool good = descriptor >= 0 && results_write_all(descriptor, nothing, sizeof nothing);
    int reason = errno;
    if (descriptor >= 0 && close(descriptor) != 0 && good) good = false, reason = errno;
    unlinkat(self->folder, "probe.tmp", 0);
    errno = reason;
    return good;
}

bool results_folder_open(struct results *self, struct error *error)
{
    if (mkdir(self->directory, 0777) != 0 && errno != EEXIST)
        return error_set(error, ERROR_FILE, "cannot write results to %.300s: %s", self->path,
                         strerror(errno));
    self->folder = open(self->directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (self->folder < 0)
        return error_set(error, ERROR_FILE, "cannot open %.300s: %s", self->directory, strerror(errno));
    if (flock(self->folder, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
        close(self->folder);
        self->folder = -1;
        return error_set(error, ERROR_FILE, "%.300s is being written by another run", self->path);
    }
    if (!try_writing(self)) {
        int reason = errno;
        results_folder_close(self);
        return error_set(error, ERROR_FILE, "cannot write results to %.300s: %s", self->path,
                         strerror(reason));
    }
    return true;
}
