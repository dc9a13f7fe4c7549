#include "models/problems.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { LONGEST_MESSAGE = 800, LONGEST_WORD = 64 };

void problems_free(struct problems *self)
{
    for (size_t i = 0; i < self->count; i++) free(self->problem[i].message);
    for (size_t i = 0; i < self->warnings; i++) free(self->warning[i].message);
    for (size_t i = 0; i < self->files; i++) {
        free(self->file[i].name);
        free(self->file[i].text);
    }
    free(self->problem);
    free(self->warning);
    free(self->seen);
    free(self->file);
    memset(self, 0, sizeof *self);
}

static bool same_file(const struct problem_file *file, const char *name, const char *text, size_t length)
{
    if (strcmp(file->name, name) != 0 || !file->text != !text) return false;
    return !text || (file->length == length && memcmp(file->text, text, length) == 0);
}

static char *copy(const char *text, size_t length)
{
    char *made = malloc(length + 1);
    if (!made) return NULL;
    if (length > 0) memcpy(made, text, length);
    made[length] = '\0';
    return made;
}

int problems_file(struct problems *self, const char *name, const char *text, size_t length)
{
    /* Two scenarios often share a parent: one number for it, so that its mistakes are told once. */
    for (size_t i = 0; i < self->files; i++)
        if (same_file(&self->file[i], name, text, length)) return (int)i;
    if (self->files == self->files_capacity) {
        size_t capacity = self->files_capacity ? 2 * self->files_capacity : 8;
        struct problem_file *grown = realloc(self->file, capacity * sizeof *grown);
        if (!grown) return -1;
        self->file = grown;
        self->files_capacity = capacity;
    }
    struct problem_file made = {.name = copy(name, strlen(name))};
    if (text) {
        made.text = copy(text, length);
        made.length = length;
    }
    if (!made.name || (text && !made.text)) {
        free(made.name);
        free(made.text);
        return -1;
    }
    self->file[self->files] = made;
    return (int)self->files++;
}

static size_t problem_hash(struct mark mark, const char *message)
{
    uint64_t hash = 14695981039346656037u; /* FNV-1a */
    for (const char *c = message; *c; c++) hash = (hash ^ (unsigned char)*c) * 1099511628211u;
    hash = (hash ^ (uint64_t)mark.line) * 1099511628211u;
    hash = (hash ^ (uint64_t)mark.column) * 1099511628211u;
    return (size_t)(hash ^ (hash >> 32));
}

static bool same_place(struct mark a, struct mark b)
{
    return a.file == b.file && a.line == b.line && a.column == b.column;
}

/* The slot of `seen` that holds this problem, or the free one where it belongs. */
static unsigned *problem_slot(const struct problems *self, struct mark mark, const char *message)
{
    size_t mask = 2 * self->capacity - 1;
    size_t at = problem_hash(mark, message) & mask;
    for (; self->seen[at]; at = (at + 1) & mask) {
        const struct problem *other = &self->problem[self->seen[at] - 1];
        if (same_place(other->mark, mark) && strcmp(other->message, message) == 0) break;
    }
    return &self->seen[at];
}

static bool problems_grow(struct problems *self)
{
    size_t capacity = self->capacity ? 2 * self->capacity : 16;
    unsigned *seen = calloc(2 * capacity, sizeof *seen);
    struct problem *grown = seen ? realloc(self->problem, capacity * sizeof *grown) : NULL;
    if (!grown) {
        free(seen);
        return false;
    }
    free(self->seen);
    self->seen = seen;
    self->problem = grown;
    self->capacity = capacity;
    for (size_t i = 0; i < self->count; i++)
        *problem_slot(self, grown[i].mark, grown[i].message) = (unsigned)i + 1;
    return true;
}

/* A message may quote a value of megabytes; what a reader needs is its beginning. */
static void shorten(char *message)
{
    if (strlen(message) <= LONGEST_MESSAGE) return;
    size_t end = LONGEST_MESSAGE - 3;
    while (end > 0 && ((unsigned char)message[end] & 0xC0) == 0x80) end--;
    memcpy(message + end, "...", 4);
}

bool problems_add(struct problems *self, struct mark mark, const char *format, ...)
{
    char *message = NULL;
    va_list arguments;
    va_start(arguments, format);
    int written = vasprintf(&message, format, arguments);
    va_end(arguments);
    if (written < 0) return false;
    shorten(message);
    if (self->count == self->capacity && !problems_grow(self)) {
        free(message);
        return false;
    }
    unsigned *slot = problem_slot(self, mark, message);
    if (*slot) {
        free(message);
        return false;
    }
    self->problem[self->count++] = (struct problem){.mark = mark, .message = message};
    *slot = (unsigned)self->count;
    return false;
}

void problems_warn(struct problems *self, struct mark mark, const char *format, ...)
{
    char *message = NULL;
    va_list arguments;
    va_start(arguments, format);
    int written = vasprintf(&message, format, arguments);
    va_end(arguments);
    if (written < 0) return;
    shorten(message);
    bool known = false;
    for (size_t i = 0; i < self->warnings && !known; i++)
        known = same_place(self->warning[i].mark, mark) && strcmp(self->warning[i].message, message) == 0;
    struct problem *grown = known ? NULL : realloc(self->warning, (self->warnings + 1) * sizeof *grown);
    if (!grown) {
        free(message);
        return;
    }
    self->warning = grown;
    self->warning[self->warnings++] = (struct problem){.mark = mark, .message = message};
}

void problems_take_warnings(struct problems *self, const struct problems *other)
{
    for (size_t i = 0; i < other->warnings; i++) {
        struct mark mark = other->warning[i].mark;
        if (mark.file >= 0 && (size_t)mark.file < other->files) {
            const struct problem_file *file = &other->file[mark.file];
            mark.file = problems_file(self, file->name, file->text, file->length);
        }
        problems_warn(self, mark, "%s", other->warning[i].message);
    }
}

/* Optimal string alignment distance (Damerau-Levenshtein with each pair swapped at most once), or limit + 1
 * when it is larger. Both words have at most LONGEST_WORD bytes. */
static size_t word_distance(const char *a, size_t a_length, const char *b, size_t b_length, size_t limit)
{
    size_t rows[3][LONGEST_WORD + 1];
    size_t *before = rows[0], *above = rows[1], *row = rows[2];
    for (size_t j = 0; j <= b_length; j++) above[j] = j;
    for (size_t i = 1; i <= a_length; i++) {
        size_t least = row[0] = i;
        for (size_t j = 1; j <= b_length; j++) {
            size_t best = above[j - 1] + (a[i - 1] != b[j - 1]);
            if (above[j] + 1 < best) best = above[j] + 1;
            if (row[j - 1] + 1 < best) best = row[j - 1] + 1;
            bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
            if (swapped && before[j - 2] + 1 < best) best = before[j - 2] + 1;
            row[j] = best;
            if (best < least) least = best;
        }
        if (least > limit + 1) return limit + 1; /* a swap can still win back one */
        size_t *spare = before;
        before = above;
        above = row;
        row = spare;
    }
    return above[b_length] <= limit ? above[b_length] : limit + 1;
}

const char *nearest_name(const char *word, const char *const *names, size_t count)
{
    size_t length = strlen(word);
    if (length > LONGEST_WORD) return NULL;
    size_t limit = length / 3 > 1 ? length / 3 : 1;
    const char *nearest = NULL;
    for (size_t i = 0; i < count; i++) {
        size_t other = strnlen(names[i], LONGEST_WORD + 1);
        if (other > LONGEST_WORD || other > length + limit || length > other + limit) continue;
        size_t distance = word_distance(word, length, names[i], other, limit);
        if (distance > limit) continue;
        nearest = names[i];
        if (distance == 0) break;
        limit = distance - 1; /* only a strictly nearer name replaces it */
    }
    return nearest;
}
