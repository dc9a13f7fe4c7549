/* Finding keys in the table, in any of the units they may be written in. */
#include "models/schema.h"

#include <stdio.h>
#include <string.h>

struct suffix {
    const char *text;
    struct unit unit;
};

const struct unit unit_base = {1, 1, false};

static const struct suffix durations[] = {{"days", {1, 1, false}},
                                          {"hours", {1, 24, false}},
                                          {"minutes", {1, 1440, false}},
                                          {"seconds", {1, 86400, false}},
                                          {NULL, {1, 1, false}}};
static const struct suffix rates[] = {{"per_day", {1, 1, false}},
                                      {"per_hour", {24, 1, false}},
                                      {"per_minute", {1440, 1, false}},
                                      {"per_second", {86400, 1, false}},
                                      {NULL, {1, 1, false}}};
static const struct suffix currencies[] = {
    {"mxn", {1, 1, false}}, {"usd", {1, 1, false}}, {NULL, {1, 1, false}}};
static const struct suffix *const families[] = {durations, rates, currencies};

/* Length of `name` without `suffix` (and without the underscore before it), or -1. */
static long stem_length(const char *name, const char *suffix)
{
    size_t length = strlen(name), ending = strlen(suffix);
    if (length < ending || strcmp(name + length - ending, suffix) != 0) return -1;
    if (length == ending) return 0;
    return name[length - ending - 1] == '_' ? (long)(length - ending - 1) : -1;
}

/* The family of units of a key in the table, by its ending; NULL when it has none. */
static const struct suffix *family_of(const char *name, size_t *stem)
{
    for (size_t f = 0; f < sizeof families / sizeof *families; f++) {
        long length = stem_length(name, families[f][0].text);
        if (length < 0) continue;
        *stem = (size_t)length;
        return families[f];
    }
    return NULL;
}

bool schema_same_key(const char *name, const char *written, struct unit *unit)
{
    *unit = unit_base;
    if (strcmp(name, written) == 0) return true;
    size_t stem;
    const struct suffix *family = family_of(name, &stem);
    if (!family || strncmp(name, written, stem) != 0) return false;
    for (; family->text; family++) {
        if (stem_length(written, family->text) != (long)stem) continue;
        *unit = family->unit;
        return true;
    }
    return false;
}

/* Whole numbers (days of a window) cannot be written in smaller units; money in either currency always can.
 */
static bool in_any_unit(const struct key_entry *key)
{
    return key->form != FORM_WHOLE && key->form != FORM_DATE;
}

static bool in_context(const struct key_entry *key, const char *context, const char *other)
{
    return strcmp(key->context, context) == 0 || (other && strcmp(key->context, other) == 0);
}

const struct key_entry *schema_find(const char *context, const char *other, const char *name,
                                    struct unit *unit)
{
    size_t count;
    const struct key_entry *keys = model_keys(&count);
    *unit = unit_base;
    for (size_t i = 0; i < count; i++)
        if (in_context(&keys[i], context, other) && strcmp(keys[i].name, name) == 0) return &keys[i];
    for (size_t i = 0; i < count; i++)
        if (in_context(&keys[i], context, other) && in_any_unit(&keys[i]) &&
            schema_same_key(keys[i].name, name, unit))
            return &keys[i];
    return NULL;
}

bool schema_base_name(const char *written, char *name, size_t size, struct unit *unit)
{
    static const struct suffix *const scaled[] = {durations, rates};
    for (size_t f = 0; f < sizeof scaled / sizeof *scaled; f++)
        for (const struct suffix *suffix = scaled[f] + 1; suffix->text; suffix++) {
            long stem = stem_length(written, suffix->text);
            if (stem < 0) continue;
            snprintf(name, size, "%.*s%s%s", (int)stem, written, stem ? "_" : "", scaled[f][0].text);
            *unit = suffix->unit;
            return true;
        }
    return false;
}

size_t schema_unit_names(const char *name, char *text, size_t size)
{
    size_t stem = 0, count = 0, used = 0;
    const struct suffix *family = family_of(name, &stem);
    snprintf(text, size, "%s", name);
    for (; family && family->text && used < size; family++, count++)
        used += (size_t)snprintf(text + used, size - used, "%s%.*s%s%s", count ? ", " : "", (int)stem, name,
                                 stem ? "_" : "", family->text);
    return count;
}

static bool is_other_unit(const char *name, const char *written)
{
    size_t stem;
    if (!family_of(name, &stem)) return false;
    if (stem == 0) return strncmp(written, "per_", 4) == 0 && strncmp(name, "per_", 4) == 0;
    if (strncmp(name, written, stem) != 0) return false;
    if (written[stem] == '\0') return true;
    const char *rest = written + stem + 1;
    if (strncmp(rest, "per_", 4) == 0) rest += 4;
    return written[stem] == '_' && *rest && !strchr(rest, '_');
}

const struct key_entry *schema_other_unit(const char *context, const char *other, const char *written)
{
    size_t count;
    const struct key_entry *keys = model_keys(&count);
    for (size_t i = 0; i < count; i++)
        if (in_context(&keys[i], context, other) && is_other_unit(keys[i].name, written)) return &keys[i];
    return NULL;
}

size_t schema_names(const char *context, const char *other, const char **names, size_t size)
{
    size_t count, used = 0;
    const struct key_entry *keys = model_keys(&count);
    for (size_t i = 0; i < count && used < size; i++)
        if (in_context(&keys[i], context, other)) names[used++] = keys[i].name;
    return used;
}

bool schema_is_remark(const char *name)
{
    return strcmp(name, "why") == 0 || strcmp(name, "source") == 0 || strcmp(name, "note") == 0;
}
