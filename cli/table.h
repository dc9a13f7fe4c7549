/* Tables of text with columns as wide as needed. */
#ifndef CORRIDOR_CLI_TABLE_H
#define CORRIDOR_CLI_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* Cells are added row by row. At most 32 columns. */
struct table {
    size_t columns;
    const char *alignment; /* one letter per column: l or r */
    char **cell;
    size_t count, capacity;
    bool failed; /* memory ran out: table_print says so */
};

void table_begin(struct table *self, const char *alignment);
void table_add(struct table *self, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Prints and frees; a table that is not printed is freed by table_free. */
void table_print(struct table *self, FILE *stream, int indent);
void table_free(struct table *self); /* twice does no harm */

#endif
