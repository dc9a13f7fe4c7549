/* A tree of files for the tests of loading. */
#ifndef CORRIDOR_TESTS_DOCUMENT_TREE_H
#define CORRIDOR_TESTS_DOCUMENT_TREE_H

#include "tests/models/document_helpers.h"

#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

/* A tree of files in a folder of its own; "home" stands for the user's tree, "share" for the installed one.
 */
struct tree {
    char folder[40];
    char installed[64];
};

static inline void write_file(const struct tree *tree, const char *name, const char *text)
{
    char path[400];
    snprintf(path, sizeof path, "%s/%s", tree->folder, name);
    for (char *slash = path + strlen(tree->folder) + 1; (slash = strchr(slash, '/')); slash++) {
        *slash = '\0';
        mkdir(path, 0700);
        *slash = '/';
    }
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static inline int make_tree(void **state)
{
    struct tree *tree = calloc(1, sizeof *tree);
    strcpy(tree->folder, "/tmp/corridor_load_XXXXXX");
    if (!mkdtemp(tree->folder)) return -1;
    snprintf(tree->installed, sizeof tree->installed, "%s/share", tree->folder);
    *state = tree;
    return 0;
}

static inline void remove_folder(const char *path)
{
    DIR *folder = opendir(path);
    for (struct dirent *entry; (entry = readdir(folder));) {
        char below[1000];
        snprintf(below, sizeof below, "%.700s/%s", path, entry->d_name);
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
        if (unlink(below) != 0) remove_folder(below);
    }
    closedir(folder);
    rmdir(path);
}

static inline int drop_tree(void **state)
{
    struct tree *tree = *state;
    remove_folder(tree->folder);
    free(tree);
    return 0;
}

static inline bool load(struct document *document, struct problems *problems, const struct tree *tree,
                        const char *name, const char *const *sets, size_t count)
{
    char path[400];
    snprintf(path, sizeof path, "%s/%s", tree->folder, name);
    const char *installed[] = {tree->installed, NULL};
    return document_load(document, problems, path, installed, sets, count);
}

#endif
