/* Errors are values: what went wrong, where, and why. Libraries fill them in; only the program prints them.
 */
#ifndef CORRIDOR_SIM_ERROR_H
#define CORRIDOR_SIM_ERROR_H

#include <stdbool.h>

enum error_kind {
    ERROR_NONE = 0,
    ERROR_USAGE,   /* a mistake in a scenario or in a call: exit code 2 */
    ERROR_RUN,     /* a replication that could not finish: exit code 1 */
    ERROR_FILE,    /* a file that cannot be read or written: exit code 1 */
    ERROR_MEMORY,  /* the machine refused memory: exit code 1 */
    ERROR_STOPPED, /* the user asked to stop: exit code 130 */
};

struct error {
    enum error_kind kind;
    char file[256]; /* empty when the error does not come from a file */
    int line;       /* from 1; 0 when there is no line */
    int column;     /* from 1; 0 when there is no column */
    char message[512];
};

/* Fills `error` (which may be NULL) and returns false, so that a function can end with `return
 * error_set(...)`. */
bool error_set(struct error *error, enum error_kind kind, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
