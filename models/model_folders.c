/* Where the installed models and scenarios are, told from where the program itself is. */
#include "models/model.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MOST_FOLDERS = 3 };

struct found {
    char folder[MOST_FOLDERS][PATH_MAX];
    size_t count;
};

/* Adds a folder that exists, by its plain name and once. */
static void add(struct found *self, const char *folder)
{
    char *plain = self->folder[self->count];
    if (self->count == MOST_FOLDERS || !realpath(folder, plain)) return;
    for (size_t i = 0; i < self->count; i++)
        if (strcmp(self->folder[i], plain) == 0) return;
    self->count++;
}

/* The folder of the running program; false where the system does not tell. */
static bool program_folder(char folder[PATH_MAX])
{
    ssize_t length = readlink("/proc/self/exe", folder, PATH_MAX - 1);
    if (length <= 0) return false;
    folder[length] = '\0';
    char *slash = strrchr(folder, '/');
    if (!slash) return false;
    *slash = '\0';
    return true;
}

static bool is_inside(const char *folder, const char *tree)
{
    char plain[PATH_MAX];
    if (!realpath(tree, plain)) return false;
    size_t length = strlen(plain);
    return strncmp(folder, plain, length) == 0 && (folder[length] == '/' || folder[length] == '\0');
}

static void find(struct found *self)
{
    char program[PATH_MAX], beside[PATH_MAX + sizeof CORRIDOR_DATA_FROM_PROGRAM + 1];
    bool known = program_folder(program);
    if (known && is_inside(program, CORRIDOR_BUILD_DIR)) {
        add(self, CORRIDOR_SOURCE_DIR);
    } else if (known) {
        strcpy(beside, program);
        strcat(beside, "/" CORRIDOR_DATA_FROM_PROGRAM);
        add(self, beside);
    }
    add(self, CORRIDOR_INSTALLED_DIR);
}

const char **model_folders(void)
{
    struct found *found = calloc(1, sizeof *found);
    if (!found) return NULL;
    find(found);
    size_t head = (found->count + 1) * sizeof(char *), size = head;
    for (size_t i = 0; i < found->count; i++) size += strlen(found->folder[i]) + 1;
    const char **list = malloc(size);
    char *text = (char *)list + head;
    for (size_t i = 0; list && i < found->count; i++) {
        list[i] = strcpy(text, found->folder[i]);
        text += strlen(text) + 1;
    }
    if (list) list[found->count] = NULL;
    free(found);
    return list;
}
