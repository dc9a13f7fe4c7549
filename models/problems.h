/* Mistakes found in scenario files: collected, sorted by place, shown together with the line and a caret. */
#ifndef CORRIDOR_MODELS_PROBLEMS_H
#define CORRIDOR_MODELS_PROBLEMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* A place in a file: `file` indexes problems->file, line and column count from 1; line 0 = the file as a
 * whole. */
enum { MARK_NO_FILE = -1, MARK_SETTING = -2 }; /* a setting on the command line, path=value */
struct mark {
    int file; /* or one of these */
    int line, column;
};

struct problem {
    struct mark mark;
    char *message;
};

struct problem_file {
    char *name; /* as the user gave it */
    char *text; /* contents, for the caret line; may be NULL */
    size_t length;
};

struct problems {
    struct problem *problem;
    size_t count, capacity;
    unsigned *seen; /* finds repeated messages: 2 * capacity slots, each a number of problem[] + 1, or 0 */
    struct problem *warning; /* what may be meant so, but should be known; none makes a scenario wrong */
    size_t warnings;
    struct problem_file *file; /* all that were read */
    size_t files, files_capacity;
};

void problems_free(struct problems *self);
/* Registers a file and returns its number; copies both. */
int problems_file(struct problems *self, const char *name, const char *text, size_t length);
/* Adds one problem; always returns false. The same message at the same place is kept once. */
bool problems_add(struct problems *self, struct mark mark, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Adds a warning; the same text at the same place is kept once. */
void problems_warn(struct problems *self, struct mark mark, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Adds the warnings of another collection; those of files that both have are kept once. */
void problems_take_warnings(struct problems *self, const struct problems *other);
/* Prints a text; what could move the cursor or turn the order of letters is shown as '?'. */
void problems_print_text(FILE *stream, const char *text);
/* Prints all, sorted by file, line and column, as
 *   funding.yaml:9:27: error: stations.gate.delay: unknown value 'lognornal'; did you mean 'lognormal'?
 *       9 |     delay: {distribution: lognornal, mean_days: 3}
 *         |                           ^
 * At most 20 are shown, then "and N more"; then all warnings, likewise. Control characters in names and lines
 * are shown as '?'. */
void problems_print(struct problems *self, FILE *stream);

/* The name of `names` nearest to `word` (Damerau-Levenshtein distance at most a third of its length, at least
 * 1), or NULL. */
const char *nearest_name(const char *word, const char *const *names, size_t count);

#endif
