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

bool model_load(struct model *self, struct problems *problems, const char *path, const char *const *installed,
                const char *const *sets, size_t set_count)
{
    memset(self, 0, sizeof *self);
    bool loaded = document_load(&self->document, problems, path, installed, sets, set_count);
    if (loaded) document_fit_horizon(&self->document);
    loaded = loaded && model_compile(self, problems, installed);
    if (loaded) {
        self->name = scenario_name(path);
        self->text = document_text(&self->document);
        if (self->name && self->text) return true;
        problems_add(problems, (struct mark){-1, 0, 0}, "not enough memory");
    }
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
