#include "models/problems.h"

#include <stdlib.h>
#include <string.h>

enum { MOST_SHOWN = 20, WIDEST_LINE = 100, COLUMNS_BEFORE_CARET = 60 };

/* Bytes of the UTF-8 character at `text` (1 for a byte that begins none), and whether it is safe on a
 * terminal: control characters could move the cursor, and marks of direction could show the line in another
 * order. */
static size_t character(const char *text, size_t length, bool *shown)
{
    const unsigned char *c = (const unsigned char *)text;
    size_t size = c[0] < 0x80 ? 1 : c[0] >= 0xF0 ? 4 : c[0] >= 0xE0 ? 3 : c[0] >= 0xC2 ? 2 : 0;
    bool whole = size > 0 && size <= length && c[0] < 0xF5;
    for (size_t i = 1; whole && i < size; i++) whole = (c[i] & 0xC0) == 0x80;
    *shown = whole;
    if (!whole) return 1;
    if (size == 1) *shown = c[0] >= 0x20 && c[0] != 0x7F;
    if (size == 2) *shown = c[0] != 0xC2 || c[1] >= 0xA0;
    if (size == 3 && c[0] == 0xE2 && c[1] == 0x80) *shown = c[2] < 0xA8 || c[2] > 0xAE;
    if (size == 3 && c[0] == 0xE2 && c[1] == 0x81) *shown = c[2] < 0xA6 || c[2] > 0xA9;
    return size;
}

static size_t print_character(FILE *stream, const char *text, size_t length)
{
    bool shown;
    size_t size = character(text, length, &shown);
    if (shown)
        fwrite(text, 1, size, stream);
    else
        fputc('?', stream);
    return size;
}

void problems_print_text(FILE *stream, const char *text)
{
    size_t length = strlen(text);
    for (size_t at = 0; at < length;) at += print_character(stream, text + at, length - at);
}

/* The line numbered from 1; it ends before "\n", "\r\n" or "\r". NULL when the text has fewer lines. */
static const char *find_line(const char *text, size_t length, int line, size_t *line_length)
{
    size_t start = 0;
    for (int number = 1; start <= length; number++) {
        size_t end = start;
        while (end < length && text[end] != '\n' && text[end] != '\r') end++;
        *line_length = end - start;
        if (number == line) return text + start;
        start = end + 1;
        if (end + 1 < length && text[end] == '\r' && text[end + 1] == '\n') start++;
    }
    return NULL;
}

/* Prints the line with a caret below `column`; of a long line only the part around it. */
static void print_line(FILE *stream, const char *line, size_t length, struct mark mark)
{
    int first = mark.column > WIDEST_LINE ? mark.column - COLUMNS_BEFORE_CARET : 1;
    fprintf(stream, "%5d | %s", mark.line, first > 1 ? "..." : "");
    size_t at = 0;
    int column = 1;
    for (; at < length && column < first + WIDEST_LINE; column++) {
        bool shown;
        if (column < first)
            at += character(line + at, length - at, &shown);
        else
            at += print_character(stream, line + at, length - at);
    }
    fprintf(stream, "%s\n", at < length ? "..." : "");
    if (mark.column < 1) return;
    int before = mark.column - first + (first > 1 ? 3 : 0);
    fprintf(stream, "      | %*s^\n", before, "");
}

static void print_problem(const struct problems *self, const struct problem *problem, const char *what,
                          FILE *stream)
{
    struct mark mark = problem->mark;
    const struct problem_file *file = NULL;
    if (mark.file >= 0 && (size_t)mark.file < self->files) file = &self->file[mark.file];
    if (file) {
        problems_print_text(stream, file->name);
        if (mark.line > 0) fprintf(stream, ":%d", mark.line);
        if (mark.line > 0 && mark.column > 0) fprintf(stream, ":%d", mark.column);
        fputs(": ", stream);
    }
    fprintf(stream, "%s: %s", what, mark.file == MARK_SETTING ? "--set " : "");
    problems_print_text(stream, problem->message);
    fputc('\n', stream);
    if (!file || !file->text || mark.line < 1) return;
    size_t length;
    const char *line = find_line(file->text, file->length, mark.line, &length);
    if (line) print_line(stream, line, length, mark);
}

/* By place; at one place in the order they were added, which is the order within the one array. */
static int compare_problems(const void *left, const void *right)
{
    const struct problem *a = *(const struct problem *const *)left,
                         *b = *(const struct problem *const *)right;
    if (a->mark.file != b->mark.file) return a->mark.file < b->mark.file ? -1 : 1;
    if (a->mark.line != b->mark.line) return a->mark.line < b->mark.line ? -1 : 1;
    if (a->mark.column != b->mark.column) return a->mark.column < b->mark.column ? -1 : 1;
    return a < b ? -1 : a > b;
}

static void print_sorted(const struct problems *self, const struct problem *problem, size_t count,
                         const char *what, FILE *stream)
{
    const struct problem **sorted = count ? malloc(count * sizeof *sorted) : NULL;
    if (sorted) {
        for (size_t i = 0; i < count; i++) sorted[i] = &problem[i];
        qsort(sorted, count, sizeof *sorted, compare_problems);
    }
    for (size_t i = 0; i < count && i < MOST_SHOWN; i++)
        print_problem(self, sorted ? sorted[i] : &problem[i], what, stream);
    if (count > MOST_SHOWN) fprintf(stream, "and %zu more\n", count - MOST_SHOWN);
    free(sorted);
}

void problems_print(struct problems *self, FILE *stream)
{
    print_sorted(self, self->problem, self->count, "error", stream);
    print_sorted(self, self->warning, self->warnings, "warning", stream);
}
