#include "cli/outputs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The last part of a path, and whether the folder before it is there. */
static const char *split(const char *path, struct stat *folder)
{
    const char *slash = strrchr(path, '/');
    char *parent = !slash ? strdup(".") : strndup(path, (size_t)(slash - path) + 1);
    bool found = parent && stat(parent, folder) == 0;
    free(parent);
    return !found ? NULL : slash ? slash + 1 : path;
}

static bool same_inode(const struct stat *a, const struct stat *b)
{
    return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

bool outputs_same(const char *a, const char *b)
{
    struct stat first, second;
    bool first_there = stat(a, &first) == 0, second_there = stat(b, &second) == 0;
    if (first_there && second_there) return same_inode(&first, &second);
    if (first_there != second_there) return false;
    /* Neither is there yet: the same name in the same folder. */
    const char *name = split(a, &first), *other = split(b, &second);
    return name && other && strcmp(name, other) == 0 && same_inode(&first, &second);
}

int output_refuse_read(const struct verb *verb, struct output output, char *const *read, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        bool alias = strcmp(output.path, read[i]) != 0;
        if (outputs_same(output.path, read[i]))
            return say_usage(verb, "%s: %s%s%s is a file that this command reads; name another one",
                             output.option, output.path, alias ? ", the same as " : "", alias ? read[i] : "");
    }
    return EXIT_DONE;
}

int output_refuse_folder(const struct verb *verb, struct output output)
{
    struct stat status;
    if (stat(output.path, &status) != 0 || !S_ISDIR(status.st_mode)) return EXIT_DONE;
    return say_usage(verb, "%s: %s is a folder; name a file", output.option, output.path);
}

int output_refuse_existing(const struct verb *verb, struct output output, bool replace)
{
    struct stat status;
    /* What is no file, such as /dev/stdout, holds nothing that could be lost. */
    bool file = stat(output.path, &status) == 0 && S_ISREG(status.st_mode);
    if (!file || replace) return EXIT_DONE;
    return say_usage(verb, "%s: %s exists; --force replaces it", output.option, output.path);
}

int output_try(const struct verb *verb, struct output output)
{
    int made = open(output.path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (made >= 0) {
        close(made);
        unlink(output.path);
        return EXIT_DONE;
    }
    /* A link whose end is still to be made is there and yet is not. */
    if (errno == EEXIST && (access(output.path, W_OK) == 0 || errno == ENOENT)) return EXIT_DONE;
    return say_failure(verb, "%s: cannot write %s: %s", output.option, output.path, strerror(errno));
}
