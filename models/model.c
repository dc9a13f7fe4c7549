#include "models/model.h"

#include "models/compile.h"

#include <stdlib.h>
#include <string.h>

/* The file's name without folder and .yaml. */
static char *scenario_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *name = slash ? slash + 1 : path;
    size_t length = strlen(name);
    if (length > 5 && strcmp(name + length - 5, ".yaml") == 0) length -= 5;
    return strndup(name, length);
}

/* The path with which a message, or a setting "path=value", begins. */
static size_t path_length(const char *text)
{
    return strcspn(text, ":= ");
}

/* Whether one of two paths leads to the other. */
static bool same_way(const char *a, size_t a_length, const char *b, size_t b_length)
{
    size_t length = a_length < b_length ? a_length : b_length;
    char next = a_length > length ? a[length] : b_length > length ? b[length] : '.';
    return length > 0 && strncmp(a, b, length) == 0 && next == '.';
}

static bool is_set(const char *message, const char *const *sets, size_t set_count)
{
    static const char schedules[] = "schedules."; /* which a setting may leave out */
    bool schedule = strncmp(message, schedules, strlen(schedules)) == 0;
    for (size_t i = 0; i < set_count; i++) {
        const char *set = sets[i] + strspn(sets[i], " "), *inner = message + strlen(schedules);
        if (same_way(message, path_length(message), set, path_length(set)) ||
            (schedule && same_way(inner, path_length(inner), set, path_length(set))))
            return true;
    }
    return false;
}

/* A mistake that stands in no file says that it comes from the command line. */
static void name_settings(struct problems *problems, const char *const *sets, size_t set_count)
{
    for (size_t i = 0; i < problems->count; i++) {
        struct problem *problem = &problems->problem[i];
        char *named;
        if (problem->mark.file >= 0 || !is_set(problem->message, sets, set_count)) continue;
        if (asprintf(&named, "--set %s", problem->message) < 0) continue;
        free(problem->message);
        problem->message = named;
    }
}

bool model_load(struct model *self, struct problems *problems, const char *path, const char *const *installed,
                const char *const *sets, size_t set_count)
{
    memset(self, 0, sizeof *self);
    bool loaded = document_load(&self->document, problems, path, installed, sets, set_count) &&
                  model_compile(self, problems, installed);
    if (loaded) {
        self->name = scenario_name(path);
        self->text = document_text(&self->document);
        if (self->name && self->text) return true;
        problems_add(problems, (struct mark){-1, 0, 0}, "not enough memory");
    }
    name_settings(problems, sets, set_count);
    model_free(self);
    return false;
}

void model_free(struct model *self)
{
    network_free(self->network);
    document_free(&self->document);
    free(self->text);
    free(self->name);
    memset(self, 0, sizeof *self);
}
