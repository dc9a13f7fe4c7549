/* The command line as tables: a verb and its options are rows, and parsing, --help, the manual page and the
 * completion all read the same rows. */
#ifndef CORRIDOR_CLI_OPTIONS_H
#define CORRIDOR_CLI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum { EXIT_DONE = 0, EXIT_FAILED = 1, EXIT_USAGE = 2, EXIT_STOPPED = 130 };

struct option_row {
    char letter; /* 0: none */
    const char *name;
    const char *argument; /* what --help calls it; NULL: a flag */
    const char *fallback; /* the default, said in --help; NULL: none */
    const char *meaning;
    const char *const *words; /* the only arguments allowed, NULL-terminated; NULL: anything */
};

struct parsed;

struct verb {
    const char *name;
    const char *operands;    /* "FILE..." */
    const char *summary;     /* one line */
    const char *description; /* for --help and the manual page; paragraphs end with a newline */
    const char *examples;    /* lines */
    const struct option_row *option;
    size_t option_count;
    size_t least, most; /* operands */
    int (*run)(const struct parsed *arguments);
    void (*print_operands)(
        FILE *stream); /* words that the completion offers, instead of files; may be NULL */
};

/* All verbs in the order of the main help (cli/main.c). */
extern const struct verb *const verbs[];
extern const size_t verb_count;

/* What the user wrote. Texts are borrowed from argv. */
struct parsed {
    const struct verb *verb;
    size_t chosen_count;
    struct chosen {
        const struct option_row *row;
        const char *argument;
    } * chosen;
    char **operand;
    size_t operand_count;
};

/* Parses the arguments after the verb; argv[0] is the verb itself. False after saying on stderr what is
 * wrong. The caller frees with parsed_free in both cases. */
bool options_parse(struct parsed *self, const struct verb *verb, int argc, char **argv);
void parsed_free(struct parsed *self);

/* Whether the option was given; the names are those of the verb's rows. */
bool parsed_flag(const struct parsed *self, const char *name);
/* The last argument given, or the default; NULL when there is neither. */
const char *parsed_text(const struct parsed *self, const char *name);
/* All arguments of an option that can be repeated; the caller frees the array. NULL when memory runs out. */
const char **parsed_all(const struct parsed *self, const char *name, size_t *count);
/* Numbers in [low, high]; false after saying on stderr what is wrong. */
bool parsed_whole(const struct parsed *self, const char *name, uint64_t low, uint64_t high, uint64_t *number);
bool parsed_real(const struct parsed *self, const char *name, double low, double high, double *number);

/* Says a mistake as "corridor VERB: ..." on stderr; returns EXIT_USAGE. */
int say_usage(const struct verb *verb, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The same; returns EXIT_FAILED. */
int say_failure(const struct verb *verb, const char *format, ...) __attribute__((format(printf, 2, 3)));
struct error;
/* Says an error and returns the exit code of its kind. */
int say_error(const struct verb *verb, const struct error *error);

/* cli/options_print.c */
void options_print_help(const struct verb *verb, FILE *stream);
void options_print_main_help(FILE *stream);
void options_print_manual(FILE *stream);
void options_print_completion(FILE *stream);

#endif
