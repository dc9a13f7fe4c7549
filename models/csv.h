/* Tables in CSV files (RFC 4180: quotes, commas, CRLF or LF), read whole. Lines that begin with '#' are
 * comments. */
#ifndef CORRIDOR_MODELS_CSV_H
#define CORRIDOR_MODELS_CSV_H

#include <stdbool.h>
#include <stddef.h>

#define CSV_MAX_BYTES   (64u << 20)
#define CSV_MAX_COLUMNS 1000

struct csv {
    char *text; /* contents; cells point into it */
    size_t length;
    size_t columns, rows; /* rows without the header */
    const char **cell;    /* (rows + 1) x columns; the first row is the header */
    int *line;            /* line of each row, the header first */
};

/* Reads a file. On failure `message` says what is wrong ("4 cells, but the header has 5") and `line` where
 * (0: the file as a whole); nothing is left to free. */
bool csv_read(struct csv *self, const char *path, char *message, size_t size, int *line);
/* The same from memory; the text is copied. */
bool csv_parse(struct csv *self, const char *text, size_t length, char *message, size_t size, int *line);
void csv_free(struct csv *self);

/* Position of a column, or `columns` when there is none of that name. */
size_t csv_column(const struct csv *self, const char *name);

/* Row 0 is the first after the header. */
static inline const char *csv_cell(const struct csv *self, size_t row, size_t column)
{
    return self->cell[(row + 1) * self->columns + column];
}

#endif
