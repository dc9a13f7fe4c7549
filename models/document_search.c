/* Where files are looked for: the folder of the file that names them, the tree it stands in, the installed
 * folders. */
#include "models/document_internal.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { MOST_FOLDERS = 128, DEEPEST_TREE = 64, MOST_NAMES = 2000 };

struct folders {
    const char *path[MOST_FOLDERS];
    size_t count;
};

/* A growing list of texts in the arena; full lists stay as they are. */
struct names {
    const char *name[MOST_NAMES];
    size_t count;
};

bool document_name_allowed(const char *name)
{
    for (const char *part = name;; part++) {
        size_t length = strcspn(part, "/");
        bool dots = (length == 1 && part[0] == '.') || (length == 2 && part[0] == '.' && part[1] == '.');
        if (length == 0 || dots) return false;
        part += length;
        if (!*part) return true;
    }
}

static bool is_kind(const char *path, mode_t kind)
{
    struct stat status;
    return path && stat(path, &status) == 0 && (status.st_mode & S_IFMT) == kind;
}

static const char *join(const struct document *self, const char *folder, const char *name)
{
    if (!folder) return NULL;
    if (strcmp(folder, ".") == 0) return name;
    bool slash = folder[0] && folder[strlen(folder) - 1] == '/';
    return memory_format(self->memory, "%s%s%s", folder, slash ? "" : "/", name);
}

/* The folder of a file, or the one above a folder, as far as its name tells. */
static const char *folder_of(const struct document *self, const char *path)
{
    const char *slash = strrchr(path, '/');
    if (!slash) return ".";
    if (slash == path) return "/";
    return memory_copy(self->memory, path, (size_t)(slash - path));
}

static bool same_folder(const char *a, const char *b)
{
    struct stat one, other;
    return stat(a, &one) == 0 && stat(b, &other) == 0 && one.st_dev == other.st_dev &&
           one.st_ino == other.st_ino;
}

/* The folder above, or NULL at the root of the file system. */
static const char *folder_above(const struct document *self, const char *folder)
{
    size_t length = strlen(folder);
    bool dots =
        strcmp(folder, ".") == 0 || strcmp(folder, "..") == 0 ||
        (length > 2 && (strcmp(folder + length - 2, "/.") == 0 || strcmp(folder + length - 3, "/..") == 0));
    const char *above = strcmp(folder, ".") == 0 ? ".."
                        : dots                   ? join(self, folder, "..")
                                                 : folder_of(self, folder);
    return above && !same_folder(folder, above) ? above : NULL;
}

static void add_folder(struct folders *self, const char *path)
{
    if (path && self->count < MOST_FOLDERS) self->path[self->count++] = path;
}

static bool is_top(const struct document *self, const char *folder)
{
    return is_kind(join(self, folder, "scenarios"), S_IFDIR) ||
           is_kind(join(self, folder, "models"), S_IFDIR);
}

/* The folder of `from` and those above it up to the one that holds scenarios/ or models/, which becomes
 * `top`. Without such a one only the folder itself: nothing outside the file's own tree is ever looked at. */
static void add_tree(const struct document *self, struct folders *folders, const char *from, const char **top)
{
    const char *folder = folder_of(self, from);
    add_folder(folders, folder);
    *top = NULL;
    for (int depth = 0; folder && depth < DEEPEST_TREE; depth++) {
        if (is_top(self, folder)) {
            *top = folder;
            return;
        }
        folder = folder_above(self, folder);
        add_folder(folders, folder);
    }
    folders->count = 1;
}

static void file_folders(const struct document *self, struct folders *folders, const char *from,
                         const char *const *installed)
{
    const char *top;
    folders->count = 0;
    add_tree(self, folders, from, &top);
    if (top) add_folder(folders, join(self, top, "scenarios"));
    if (top) add_folder(folders, join(self, top, "models"));
    for (; installed && *installed; installed++) {
        add_folder(folders, *installed);
        add_folder(folders, join(self, *installed, "scenarios"));
        add_folder(folders, join(self, *installed, "models"));
    }
}

static void model_folders_of(const struct document *self, struct folders *folders, const char *from,
                             const char *const *installed)
{
    const char *top;
    folders->count = 0;
    add_tree(self, folders, from, &top);
    for (size_t i = 0; i < folders->count; i++) folders->path[i] = join(self, folders->path[i], "models");
    for (; installed && *installed; installed++) add_folder(folders, join(self, *installed, "models"));
}

const char *document_search_file(const struct document *self, const char *from, const char *name,
                                 const char *const *installed)
{
    struct folders folders;
    if (!document_name_allowed(name)) return NULL;
    file_folders(self, &folders, from, installed);
    for (size_t i = 0; i < folders.count; i++) {
        const char *path = join(self, folders.path[i], name);
        if (is_kind(path, S_IFREG)) return path;
    }
    return NULL;
}

char *document_find_file(const struct document *self, struct mark mark, const char *name,
                         const char *const *installed)
{
    /* A value of the command line speaks for the scenario file. */
    if (mark.file < 0 && self->root) mark.file = self->root->mark.file;
    if (mark.file < 0 || (size_t)mark.file >= self->problems->files) return NULL;
    const char *path = document_search_file(self, self->problems->file[mark.file].name, name, installed);
    return path ? strdup(path) : NULL;
}

static bool is_yaml(const char *name)
{
    size_t length = strlen(name);
    return name[0] != '.' && length > 5 && strcmp(name + length - 5, ".yaml") == 0;
}

static int compare_names(const void *left, const void *right)
{
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

/* The *.yaml of a folder, sorted by name, each with `prefix` before it. */
static void add_yaml(const struct document *self, struct names *names, const char *folder, const char *prefix)
{
    DIR *open = folder ? opendir(folder) : NULL;
    if (!open) return;
    size_t first = names->count;
    for (struct dirent *entry; (entry = readdir(open)) && names->count < MOST_NAMES;) {
        if (!is_yaml(entry->d_name) || !is_kind(join(self, folder, entry->d_name), S_IFREG)) continue;
        const char *name = memory_format(self->memory, "%s%s", prefix ? prefix : "", entry->d_name);
        if (name) names->name[names->count++] = name;
    }
    closedir(open);
    qsort(names->name + first, names->count - first, sizeof *names->name, compare_names);
}

static const char **copy_names(const struct document *self, const struct names *names, size_t *count)
{
    const char **list = memory_take(self->memory, (names->count + 1) * sizeof *list);
    *count = list ? names->count : 0;
    if (list) memcpy(list, names->name, names->count * sizeof *list);
    return list;
}

const char **document_search_model(const struct document *self, const char *from, const char *name,
                                   const char *const *installed, size_t *count)
{
    struct folders folders;
    struct names names = {.count = 0};
    model_folders_of(self, &folders, from, installed);
    for (size_t i = 0; i < folders.count && names.count == 0; i++) {
        const char *folder = join(self, folders.path[i], name);
        if (!folder) continue;
        add_yaml(self, &names, folder, memory_format(self->memory, "%s/", folder));
        const char *file = memory_format(self->memory, "%s.yaml", folder);
        if (names.count == 0 && is_kind(file, S_IFREG)) names.name[names.count++] = file;
    }
    return copy_names(self, &names, count);
}

/* Folders within a folder, hidden ones apart. */
static void add_folders_below(const struct document *self, struct names *names, const char *folder)
{
    DIR *open = folder ? opendir(folder) : NULL;
    if (!open) return;
    for (struct dirent *entry; (entry = readdir(open)) && names->count < MOST_NAMES;) {
        if (entry->d_name[0] == '.' || !is_kind(join(self, folder, entry->d_name), S_IFDIR)) continue;
        const char *name = memory_copy(self->memory, entry->d_name, strlen(entry->d_name));
        if (name) names->name[names->count++] = name;
    }
    closedir(open);
    qsort(names->name, names->count, sizeof *names->name, compare_names);
}

/* Names that a folder offers, one folder deep; of models also the folders, without ".yaml". */
static void add_offers(const struct document *self, struct names *offers, const char *folder, bool models)
{
    struct names below = {.count = 0};
    size_t first = offers->count;
    add_yaml(self, offers, folder, "");
    add_folders_below(self, &below, folder);
    for (size_t i = 0; i < below.count; i++) {
        size_t before = offers->count;
        const char *prefix = memory_format(self->memory, "%s/", below.name[i]);
        if (prefix) add_yaml(self, offers, join(self, folder, below.name[i]), prefix);
        if (models && offers->count > before && offers->count < MOST_NAMES)
            offers->name[offers->count++] = below.name[i];
    }
    for (size_t i = first; models && i < offers->count; i++)
        if (is_yaml(offers->name[i]))
            offers->name[i] = memory_copy(self->memory, offers->name[i], strlen(offers->name[i]) - 5);
    for (size_t i = first; i < offers->count; i++)
        if (!offers->name[i]) offers->name[i] = "";
}

static const char *nearest(const struct document *self, const struct folders *folders, const char *name,
                           bool models)
{
    struct names offers = {.count = 0};
    for (size_t i = 0; i < folders->count; i++) add_offers(self, &offers, folders->path[i], models);
    return nearest_name(name, offers.name, offers.count);
}

const char *document_nearest_file(const struct document *self, const char *from, const char *name,
                                  const char *const *installed)
{
    struct folders folders;
    file_folders(self, &folders, from, installed);
    return nearest(self, &folders, name, false);
}

const char *document_nearest_model(const struct document *self, const char *from, const char *name,
                                   const char *const *installed)
{
    struct folders folders;
    model_folders_of(self, &folders, from, installed);
    return nearest(self, &folders, name, true);
}
