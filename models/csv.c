#include "models/csv.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct reader {
    struct csv *csv;
    char *at, *end;
    int line;
    size_t cells, capacity, row_capacity;
    char *message;
    size_t message_size;
};

void csv_free(struct csv *self)
{
    free(self->text);
    free(self->cell);
    free(self->line);
    memset(self, 0, sizeof *self);
}

static bool fail(const struct reader *self, const char *text)
{
    snprintf(self->message, self->message_size, "%s", text);
    return false;
}

static bool add_cell(struct reader *self, const char *text)
{
    if (self->cells == self->capacity) {
        size_t capacity = self->capacity ? 2 * self->capacity : 256;
        const char **grown = realloc(self->csv->cell, capacity * sizeof *grown);
        if (!grown) return fail(self, "not enough memory");
        self->csv->cell = grown;
        self->capacity = capacity;
    }
    self->csv->cell[self->cells++] = text;
    return true;
}

static bool add_row(struct reader *self, size_t row)
{
    if (row == self->row_capacity) {
        size_t capacity = self->row_capacity ? 2 * self->row_capacity : 64;
        int *grown = realloc(self->csv->line, capacity * sizeof *grown);
        if (!grown) return fail(self, "not enough memory");
        self->csv->line = grown;
        self->row_capacity = capacity;
    }
    self->csv->line[row] = self->line;
    return true;
}

/* A cell in quotes, unquoted in place; `at` ends behind the closing quote. */
static bool read_quoted(struct reader *self, char **text)
{
    char *out = self->at + 1;
    const int opened = self->line;
    *text = out;
    for (char *in = out; in < self->end; in++) {
        if (*in == '\n') self->line++;
        if (*in != '"') {
            *out++ = *in;
        } else if (in + 1 < self->end && in[1] == '"') {
            *out++ = *in++;
        } else {
            self->at = in + 1;
            *out = '\0';
            return true;
        }
    }
    self->line = opened;
    return fail(self, "a quote is not closed");
}

static void trim(char *text)
{
    size_t length = strlen(text);
    while (length > 0 && strchr(" \t\r", text[length - 1])) text[--length] = '\0';
}

/* One row; the cells are cut out of the text. `count` receives their number. */
static bool read_row(struct reader *self, size_t *count)
{
    for (*count = 0;;) {
        while (self->at < self->end && (*self->at == ' ' || *self->at == '\t')) self->at++;
        char *text = self->at;
        bool quoted = self->at < self->end && *self->at == '"';
        if (quoted && !read_quoted(self, &text)) return false;
        while (self->at < self->end && *self->at != ',' && *self->at != '\n') {
            if (quoted && *self->at != '\r' && *self->at != ' ')
                return fail(self, "text follows a closing quote");
            self->at++;
        }
        bool last = self->at == self->end || *self->at == '\n';
        *self->at++ = '\0'; /* the text ends with a zero of its own, so that this is inside it */
        if (!quoted) trim(text);
        if (!add_cell(self, text)) return false;
        if (++*count > CSV_MAX_COLUMNS) return fail(self, "too many columns");
        if (last) return true;
    }
}

static bool blank_line(struct reader *self)
{
    char *at = self->at;
    while (at < self->end && strchr(" \t\r", *at)) at++;
    if (at < self->end && *at != '\n' && *self->at != '#') return false;
    while (at < self->end && *at != '\n') at++;
    self->at = at < self->end ? at + 1 : at;
    self->line++;
    return true;
}

static bool read_rows(struct reader *self)
{
    struct csv *csv = self->csv;
    size_t rows = 0;
    while (self->at < self->end) {
        if (blank_line(self)) continue;
        if (!add_row(self, rows)) return false;
        size_t count;
        if (!read_row(self, &count)) return false;
        if (rows == 0) csv->columns = count;
        if (count != csv->columns) {
            snprintf(self->message, self->message_size, "%zu cells, but the header has %zu", count,
                     csv->columns);
            self->line = csv->line[rows];
            return false;
        }
        rows++;
        self->line++;
    }
    if (rows == 0) return fail(self, "is empty");
    csv->rows = rows - 1;
    return true;
}

bool csv_parse(struct csv *self, const char *text, size_t length, char *message, size_t size, int *line)
{
    memset(self, 0, sizeof *self);
    struct reader reader = {.csv = self, .line = 1, .message = message, .message_size = size};
    *line = 0;
    if (memchr(text, '\0', length)) return fail(&reader, "holds a NUL byte");
    self->text = malloc(length + 2);
    if (!self->text) return fail(&reader, "not enough memory");
    memcpy(self->text, text, length);
    self->text[length] = self->text[length + 1] = '\0';
    self->length = length;
    reader.at = self->text;
    reader.end = self->text + length;
    if (length >= 3 && memcmp(self->text, "\xEF\xBB\xBF", 3) == 0) reader.at += 3;
    if (read_rows(&reader)) return true;
    *line = reader.line;
    csv_free(self);
    return false;
}

static char *read_file(const char *path, size_t *length)
{
    FILE *file = fopen(path, "rb");
    if (!file) return NULL;
    char *text = NULL;
    size_t capacity = 0;
    *length = 0;
    for (;;) {
        if (*length == capacity) {
            capacity = capacity ? 2 * capacity : 1 << 16;
            char *grown = capacity <= 2 * (size_t)CSV_MAX_BYTES ? realloc(text, capacity) : NULL;
            if (!grown) break;
            text = grown;
        }
        size_t count = fread(text + *length, 1, capacity - *length, file);
        *length += count;
        if (count > 0) continue;
        bool good = !ferror(file);
        fclose(file);
        if (good) return text;
        free(text);
        return NULL;
    }
    fclose(file);
    free(text);
    return NULL;
}

bool csv_read(struct csv *self, const char *path, char *message, size_t size, int *line)
{
    size_t length = 0;
    memset(self, 0, sizeof *self);
    *line = 0;
    char *text = read_file(path, &length);
    if (!text || length > CSV_MAX_BYTES) {
        snprintf(message, size, "cannot be read%s",
                 length > CSV_MAX_BYTES ? ": it is larger than 64 MB" : "");
        free(text);
        return false;
    }
    bool good = csv_parse(self, text, length, message, size, line);
    free(text);
    return good;
}

size_t csv_column(const struct csv *self, const char *name)
{
    size_t i = 0;
    while (i < self->columns && strcmp(self->cell[i], name) != 0) i++;
    return i;
}
