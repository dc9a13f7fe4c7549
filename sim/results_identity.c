/* What makes two studies the same but for their number of replications, as lines "key\tvalue". */
#include "sim/results_internal.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FORMAT_VERSION 1

/* FNV-1a over bytes; texts take their terminating zero with them, so that "a","bc" is not "ab","c". */
static uint64_t hash_bytes(uint64_t hash, const void *data, size_t length)
{
    const unsigned char *bytes = data;
    for (size_t i = 0; i < length; i++) hash = (hash ^ bytes[i]) * UINT64_C(0x100000001B3);
    return hash;
}

#define HASH_START UINT64_C(0xCBF29CE484222325)

static uint64_t hash_text(uint64_t hash, const char *text)
{
    return text ? hash_bytes(hash, text, strlen(text) + 1) : hash_bytes(hash, "\xFF", 1);
}

static uint64_t hash_size(uint64_t hash, size_t number)
{
    return hash_bytes(hash, &number, sizeof number);
}

static uint64_t hash_values(uint64_t hash, const char *const *names, const double *numbers, size_t length)
{
    hash = hash_size(hash, length);
    if (numbers) return hash_bytes(hash, numbers, length * sizeof *numbers);
    for (size_t i = 0; i < length; i++) hash = hash_text(hash, names[i]);
    return hash;
}

/* Short texts stand as they are, so that a message can quote them. */
static void write_value(FILE *out, const char *text)
{
    size_t length = strlen(text);
    if (length < 60 && strpbrk(text, "\t\n\r#") == NULL)
        fprintf(out, "%s\n", text);
    else
        fprintf(out, "#%016" PRIx64 "\n", hash_text(HASH_START, text));
}

static void write_axis(FILE *out, const struct results_axis *axis)
{
    uint64_t hash = hash_text(hash_text(hash_text(HASH_START, axis->long_name), axis->units), axis->calendar);
    fprintf(out, "axis %s\t#%016" PRIx64 "\n", axis->name,
            hash_values(hash, axis->names, axis->numbers, axis->length));
}

static void write_attribute(FILE *out, const struct results_layout *layout, const struct results_attribute *a)
{
    const struct results_axis *axis = &layout->axes[a->axis];
    uint64_t hash = hash_text(hash_text(hash_text(HASH_START, a->long_name), a->units), axis->name);
    fprintf(out, "variable %s/%s\t#%016" PRIx64 "\n", a->group, a->name,
            hash_values(hash, a->names, a->numbers, axis->length));
}

static void write_dataset(FILE *out, const struct results_layout *layout,
                          const struct results_dataset *dataset)
{
    uint64_t hash = hash_text(hash_text(HASH_START, dataset->long_name), dataset->units);
    hash = hash_size(hash_text(hash, dataset->comment), (size_t)dataset->type);
    for (size_t i = 0; i < dataset->axis_count; i++)
        hash = hash_text(hash, layout->axes[dataset->axis[i]].name);
    fprintf(out, "measure %s/%s\t#%016" PRIx64 "\n", dataset->group, dataset->name, hash);
}

static void write_column(FILE *out, const struct results_layout *layout, const struct trace_column *column)
{
    uint64_t hash =
        hash_size(hash_text(hash_text(HASH_START, column->long_name), column->units), (size_t)column->type);
    hash = hash_text(hash, column->axis < 0 ? NULL : layout->axes[column->axis].name);
    fprintf(out, "trace column %s\t#%016" PRIx64 "\n", column->name, hash);
}

/* The order of things is part of the file's bytes. */
static uint64_t hash_order(const struct results_layout *layout)
{
    uint64_t hash = hash_values(HASH_START, layout->scenarios, NULL, layout->scenario_count);
    for (size_t i = 0; i < layout->axis_count; i++) hash = hash_text(hash, layout->axes[i].name);
    for (size_t i = 0; i < layout->attribute_count; i++) hash = hash_text(hash, layout->attributes[i].name);
    for (size_t i = 0; i < layout->dataset_count; i++) hash = hash_text(hash, layout->datasets[i].name);
    for (size_t i = 0; i < layout->text_count; i++) hash = hash_text(hash, layout->texts[i].name);
    for (size_t i = 0; layout->trace_columns && i < layout->trace_column_count; i++)
        hash = hash_text(hash, layout->trace_columns[i].name);
    return hash;
}

/* The shortest of two forms that reads back as the same number. */
static void write_number(FILE *out, const char *key, double number)
{
    char text[40];
    snprintf(text, sizeof text, "%.15g", number);
    if (strtod(text, NULL) < number || strtod(text, NULL) > number)
        snprintf(text, sizeof text, "%.17g", number);
    fprintf(out, "%s\t%s\n", key, text);
}

char *results_identity(const struct results_layout *layout)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    if (!out) return NULL;
    fprintf(out, "format\t%d\nseed\t%" PRIu64 "\n", FORMAT_VERSION, layout->seed);
    write_number(out, "scale", layout->scale);
    for (size_t i = 0; i < layout->scenario_count; i++)
        fprintf(out, "scenario %s\tyes\n", layout->scenarios[i]);
    for (size_t i = 0; i < layout->text_count; i++) {
        const struct results_text *t = &layout->texts[i];
        bool own = t->scenario >= 0;
        fprintf(out, "text %s%s%s\t", t->name, own ? " of " : "", own ? layout->scenarios[t->scenario] : "");
        write_value(out, t->text);
    }
    for (size_t i = 0; i < layout->axis_count; i++) write_axis(out, &layout->axes[i]);
    for (size_t i = 0; i < layout->attribute_count; i++) write_attribute(out, layout, &layout->attributes[i]);
    for (size_t i = 0; i < layout->dataset_count; i++) write_dataset(out, layout, &layout->datasets[i]);
    fprintf(out, "event log\t%s\n", layout->trace_columns ? "yes" : "no");
    for (size_t i = 0; layout->trace_columns && i < layout->trace_column_count; i++)
        write_column(out, layout, &layout->trace_columns[i]);
    fprintf(out, "order of scenarios, axes and measures\t#%016" PRIx64 "\n", hash_order(layout));
    bool failed = ferror(out) != 0;
    if (fclose(out) != 0 || failed) {
        free(text);
        return NULL;
    }
    return text;
}

struct line {
    const char *key, *value;
    int key_length, value_length;
};

static const char *next_line(const char *text, struct line *line)
{
    size_t length = strcspn(text, "\n"), key = strcspn(text, "\t\n");
    line->key = text;
    line->key_length = (int)key;
    line->value = text + key + (key < length);
    line->value_length = (int)(length - key - (key < length));
    return text + length + (text[length] == '\n');
}

/* `*from` is where the search starts: lines mostly stand in the same order. */
static bool find_line(const char *text, const char **from, const struct line *wanted, struct line *found)
{
    const char *start = *from;
    for (int pass = 0; pass < 2; pass++) {
        for (const char *at = pass ? text : start; *at && (pass == 0 || at < start);) {
            at = next_line(at, found);
            if (found->key_length == wanted->key_length &&
                memcmp(found->key, wanted->key, (size_t)wanted->key_length) == 0) {
                *from = at;
                return true;
            }
        }
    }
    return false;
}

/* Of differences only the weightiest are told: the others mostly follow from them. A thing that only one
 * side has follows from another one more often than a thing with two values. */
enum weight {
    WEIGHT_VERSION,
    WEIGHT_CHOICE, /* seed, scale, and the texts that belong to no scenario: engine, step */
    WEIGHT_LONE_CHOICE,
    WEIGHT_NAMES, /* of scenarios */
    WEIGHT_SCENARIO,
    WEIGHT_REST
};

static bool begins(const struct line *line, const char *words)
{
    size_t length = strlen(words);
    return (size_t)line->key_length >= length && memcmp(line->key, words, length) == 0;
}

static bool is_key(const struct line *line, const char *key)
{
    return begins(line, key) && line->key_length == (int)strlen(key);
}

static enum weight weight_of(const struct line *line, bool both)
{
    bool of_scenario = memmem(line->key, (size_t)line->key_length, " of ", 4) != NULL;
    if (both && is_key(line, "text version")) return WEIGHT_VERSION;
    if (begins(line, "scenario ")) return WEIGHT_NAMES;
    if (begins(line, "text ") && of_scenario) return WEIGHT_SCENARIO;
    if (is_key(line, "seed") || is_key(line, "scale") || begins(line, "text "))
        return both ? WEIGHT_CHOICE : WEIGHT_LONE_CHOICE;
    return WEIGHT_REST;
}

struct message {
    char *text; /* NULL: only the weight is looked for */
    size_t size, used;
    int things;
    enum weight weight;
};

__attribute__((format(printf, 2, 3))) static void say(struct message *message, const char *format, ...)
{
    size_t room = message->size - message->used;
    va_list arguments;
    va_start(arguments, format);
    int wrote = vsnprintf(message->text + message->used, room, format, arguments);
    va_end(arguments);
    if (wrote > 0) message->used += (size_t)wrote < room ? (size_t)wrote : room - 1;
}

static void say_version(struct message *message, const struct line *here, const struct line *there)
{
    say(message,
        "was written by version %.*s of this program, and this is version %.*s: the random numbers may "
        "differ; go on with version %.*s, or start anew",
        there->value_length, there->value, here->value_length, here->value, there->value_length,
        there->value);
}

/* "the engine was flows, not mean" */
static void say_choice(struct message *message, const struct line *here, const struct line *there)
{
    const struct line *line = here ? here : there;
    int skip = begins(line, "text ") ? (int)strlen("text ") : 0;
    bool many = line->key[line->key_length - 1] == 's', hashed = line->value[0] == '#';
    say(message, "the ");
    for (int i = skip; i < line->key_length; i++)
        say(message, "%c", line->key[i] == '_' ? ' ' : line->key[i]);
    if (here && there && !hashed && there->value[0] != '#')
        say(message, " %s %.*s, not %.*s", many ? "were" : "was", there->value_length, there->value,
            here->value_length, here->value);
    else if (here && there)
        say(message, " %s other", many ? "were" : "was an");
    else
        say(message, " %s %s given", many ? "were" : "was", here ? "not" : "");
}

/* Scenarios by name, their data, and what the file is made of. */
static void say_thing(struct message *message, const struct line *here, const struct line *there)
{
    static const struct {
        const char *key, *words;
    } named[] = {{"text scenario of ", "scenario"},
                 {"text data of ", "the data of scenario"},
                 {"scenario ", "scenario"}};
    const struct line *line = here ? here : there;
    const char *end = !there ? "is not in it" : !here ? "is not part of this one" : "was another one";
    for (size_t i = 0; i < sizeof named / sizeof *named; i++) {
        if (!begins(line, named[i].key)) continue;
        const int skip = (int)strlen(named[i].key);
        say(message, "%s '%.*s' ", named[i].words, line->key_length - skip, line->key + skip);
        say(message, "%s", i == 1 ? "were others" : end);
        return;
    }
    say(message, "%.*s %s", line->key_length, line->key, end);
}

/* `here` and `there`: the two forms of the line; NULL where there is none. */
static void differ(struct message *message, const struct line *here, const struct line *there)
{
    enum weight weight = weight_of(here ? here : there, here && there);
    if (!message->text && weight < message->weight) message->weight = weight;
    if (!message->text || weight != message->weight || ++message->things > 4) return;
    if (message->things > 1) say(message, "; ");
    if (weight == WEIGHT_VERSION)
        say_version(message, here, there);
    else if (weight <= WEIGHT_LONE_CHOICE)
        say_choice(message, here, there);
    else
        say_thing(message, here, there);
}

static void find_differences(const char *identity, const char *stored, struct message *message)
{
    struct line line, other;
    const char *from = stored;
    for (const char *at = identity; *at;) {
        at = next_line(at, &line);
        if (!find_line(stored, &from, &line, &other))
            differ(message, &line, NULL);
        else if (line.value_length != other.value_length ||
                 memcmp(line.value, other.value, (size_t)line.value_length) != 0)
            differ(message, &line, &other);
    }
    from = identity;
    for (const char *at = stored; *at;) {
        at = next_line(at, &line);
        if (!find_line(identity, &from, &line, &other)) differ(message, NULL, &line);
    }
}

bool results_identity_same(const char *identity, const char *stored, char *difference, size_t size)
{
    if (strcmp(identity, stored) == 0) return true;
    struct message message = {.weight = WEIGHT_REST};
    find_differences(identity, stored, &message);
    message.text = difference;
    message.size = size;
    difference[0] = '\0';
    if (message.weight != WEIGHT_VERSION) say(&message, "holds results of another study: ");
    find_differences(identity, stored, &message);
    if (message.things > 4) say(&message, "; and %d more", message.things - 4);
    return false;
}
