#include "cli/table.h"

#include "cli/text.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

void table_begin(struct table *self, const char *alignment)
{
    *self = (struct table){.columns = strlen(alignment), .alignment = alignment};
}

void table_add(struct table *self, const char *format, ...)
{
    if (self->count == self->capacity) {
        size_t capacity = 2 * self->capacity + 64;
        char **grown = realloc(self->cell, capacity * sizeof *grown);
        if (!grown) {
            self->failed = true;
            return;
        }
        self->cell = grown;
        self->capacity = capacity;
    }
    va_list arguments;
    va_start(arguments, format);
    char *text = NULL;
    if (vasprintf(&text, format, arguments) < 0)
        self->failed = true;
    else
        self->cell[self->count++] = text;
    va_end(arguments);
}

static void print_cell(FILE *stream, const char *text, size_t width, char alignment, bool last)
{
    int padding = (int)(width - text_letters(text));
    if (alignment == 'r') fprintf(stream, "%*s", padding, "");
    text_print(stream, text);
    if (alignment == 'l' && !last) fprintf(stream, "%*s", padding, "");
}

void table_free(struct table *self)
{
    for (size_t i = 0; i < self->count; i++) free(self->cell[i]);
    free(self->cell);
    *self = (struct table){0};
}

void table_print(struct table *self, FILE *stream, int indent)
{
    size_t width[32] = {0};
    for (size_t i = 0; i < self->count; i++) {
        size_t letters = text_letters(self->cell[i]);
        if (letters > width[i % self->columns]) width[i % self->columns] = letters;
    }
    for (size_t i = 0; i < self->count; i++) {
        size_t column = i % self->columns;
        /* Empty cells at the end of a row leave no blanks. */
        bool last = true;
        for (size_t j = column; j < self->columns && i + j - column < self->count; j++)
            last = last && (j == column || !*self->cell[i + j - column]);
        if (column == 0) fprintf(stream, "%*s", indent, "");
        if (*self->cell[i] || !last) {
            if (column > 0) fputs("  ", stream);
            print_cell(stream, self->cell[i], width[column], self->alignment[column], last);
        }
        if (column + 1 == self->columns) fputc('\n', stream);
    }
    if (self->failed) fputs("(not enough memory for the whole table)\n", stream);
    table_free(self);
}
