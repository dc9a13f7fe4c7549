#include "cli/scenarios.h"

#include <stdlib.h>
#include <string.h>

static bool is_file(const char *name, const char *ending)
{
    size_t length = strlen(name), end = strlen(ending);
    return length > end && strcmp(name + length - end, ending) == 0;
}

static int refuse_duplicates(const struct scenarios *self, const struct verb *verb)
{
    for (size_t i = 0; i < self->count; i++)
        for (size_t j = 0; j < i; j++)
            if (strcmp(self->model[i].name, self->model[j].name) == 0)
                return say_usage(
                    verb, "two scenarios are called '%s'; results are kept by name, so rename one file",
                    self->model[i].name);
    return EXIT_DONE;
}

/* Nothing that was read may be written over. */
static bool keep_files(struct scenarios *self, const struct problems *problems)
{
    char **grown = realloc(self->file, (self->file_count + problems->files + 1) * sizeof *grown);
    if (!grown) return false;
    self->file = grown;
    for (size_t i = 0; i < problems->files; i++) {
        char *name = strdup(problems->file[i].name);
        if (!name) return false;
        self->file[self->file_count++] = name;
    }
    return true;
}

int scenarios_load(struct scenarios *self, const struct parsed *arguments)
{
    *self = (struct scenarios){.model = calloc(arguments->operand_count + 1, sizeof *self->model)};
    size_t sets;
    const char **set = parsed_all(arguments, "set", &sets);
    const char **folders = model_folders();
    if (!self->model || !set || !folders) {
        free(set);
        free(folders);
        return say_failure(arguments->verb, "not enough memory to load the scenarios");
    }
    int code = EXIT_DONE;
    struct problems warnings = {0}; /* scenarios that share a parent share its warnings */
    for (size_t i = 0; i < arguments->operand_count; i++) {
        const char *path = arguments->operand[i];
        struct problems problems = {0};
        if (is_file(path, ".h5")) {
            code = say_usage(arguments->verb,
                             "'%s' is a results file; a scenario file (.yaml) is wanted here", path);
            break;
        }
        if (model_load(&self->model[self->count], &problems, path, folders, set, sets)) {
            self->count++;
            problems_take_warnings(&warnings, &problems);
            if (!keep_files(self, &problems))
                code = say_failure(arguments->verb, "not enough memory to load the scenarios");
        } else {
            problems_print(&problems, stderr);
            code = EXIT_USAGE;
        }
        problems_free(&problems);
        if (self->count > 0) self->model[self->count - 1].document.problems = NULL;
    }
    free(set);
    free(folders);
    problems_print(&warnings, stderr);
    problems_free(&warnings);
    return code == EXIT_DONE ? refuse_duplicates(self, arguments->verb) : code;
}

void scenarios_free(struct scenarios *self)
{
    for (size_t i = 0; i < self->count; i++) model_free(&self->model[i]);
    for (size_t i = 0; i < self->file_count; i++) free(self->file[i]);
    free(self->file);
    free(self->model);
    *self = (struct scenarios){0};
}
