#include "cli/options.h"

#include "models/problems.h"
#include "sim/error.h"

#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

enum { OPTIONS_MOST = 32, LONG_ONLY = 256 };

static void say(const struct verb *verb, const char *format, va_list arguments)
{
    fprintf(stderr, "corridor %s: ", verb->name);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
}

int say_usage(const struct verb *verb, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    say(verb, format, arguments);
    va_end(arguments);
    return EXIT_USAGE;
}

int say_failure(const struct verb *verb, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    say(verb, format, arguments);
    va_end(arguments);
    return EXIT_FAILED;
}

int say_error(const struct verb *verb, const struct error *error)
{
    if (error->file[0])
        say_failure(verb, "%s:%d:%d: %s", error->file, error->line, error->column, error->message);
    else
        say_failure(verb, "%s", error->message);
    return error->kind == ERROR_USAGE     ? EXIT_USAGE
           : error->kind == ERROR_STOPPED ? EXIT_STOPPED
                                          : EXIT_FAILED;
}

/* The tables of getopt_long. Every option's value is LONG_ONLY + its row; a letter is mapped to its row
 * later. */
struct tables {
    struct option option[OPTIONS_MOST + 2];
    char letters[2 * OPTIONS_MOST + 4];
};

static void make_tables(struct tables *self, const struct verb *verb)
{
    size_t letters = 0;
    self->letters[letters++] = ':';
    for (size_t i = 0; i < verb->option_count && i < OPTIONS_MOST; i++) {
        const struct option_row *row = &verb->option[i];
        int takes = row->argument ? required_argument : no_argument;
        self->option[i] = (struct option){row->name, takes, NULL, LONG_ONLY + (int)i};
        if (!row->letter) continue;
        self->letters[letters++] = row->letter;
        if (row->argument) self->letters[letters++] = ':';
    }
    self->option[verb->option_count] = (struct option){"help", no_argument, NULL, 'h'};
    self->option[verb->option_count + 1] = (struct option){0};
    self->letters[letters++] = 'h';
    self->letters[letters] = '\0';
}

static const struct option_row *row_of(const struct verb *verb, int value)
{
    if (value >= LONG_ONLY) return &verb->option[value - LONG_ONLY];
    for (size_t i = 0; i < verb->option_count; i++)
        if (verb->option[i].letter == value) return &verb->option[i];
    return NULL;
}

static bool refuse_option(const struct verb *verb, const char *written)
{
    const char *names[OPTIONS_MOST + 1], *nearest = NULL;
    char word[64];
    for (size_t i = 0; i < verb->option_count; i++) names[i] = verb->option[i].name;
    names[verb->option_count] = "help";
    if (strncmp(written, "--", 2) == 0) {
        snprintf(word, sizeof word, "%.*s", (int)strcspn(written + 2, "="), written + 2);
        nearest = nearest_name(word, names, verb->option_count + 1);
    }
    if (nearest)
        say_usage(verb, "unknown option '%s'; did you mean '--%s'?", written, nearest);
    else
        say_usage(verb, "unknown option '%s'; 'corridor %s --help' lists them", written, verb->name);
    return false;
}

/* Names the words allowed, and the one that may have been meant. */
static bool refuse_word(const struct verb *verb, const struct option_row *row, const char *argument,
                        size_t count)
{
    const char *nearest = nearest_name(argument, row->words, count);
    char allowed[200] = "";
    for (size_t i = 0, used = 0; i < count && used < sizeof allowed; i++)
        used += (size_t)snprintf(allowed + used, sizeof allowed - used, "%s%s",
                                 i == 0          ? ""
                                 : i + 1 < count ? ", "
                                                 : " or ",
                                 row->words[i]);
    say_usage(verb, "--%s: unknown word '%s'; it must be %s%s%s%s", row->name, argument, allowed,
              nearest ? "; did you mean '" : "", nearest ? nearest : "", nearest ? "'?" : "");
    return false;
}

static bool take(struct parsed *self, const struct option_row *row, const char *argument)
{
    size_t count = 0;
    bool known = !row->words;
    for (const char *const *word = row->words; word && *word; word++, count++)
        known |= strcmp(*word, argument) == 0;
    if (!known) return refuse_word(self->verb, row, argument, count);
    self->chosen[self->chosen_count++] = (struct chosen){row, argument};
    return true;
}

static bool count_operands(const struct parsed *self)
{
    const struct verb *verb = self->verb;
    if (self->operand_count < verb->least) {
        say_usage(verb, "%s is missing; usage: corridor %s [OPTION]... %s",
                  self->operand_count ? "an argument" : "something to work on", verb->name, verb->operands);
        return false;
    }
    if (self->operand_count <= verb->most) return true;
    say_usage(verb, "'%s' is too much; usage: corridor %s [OPTION]... %s", self->operand[verb->most],
              verb->name, verb->operands);
    return false;
}

bool options_parse(struct parsed *self, const struct verb *verb, int argc, char **argv)
{
    struct tables tables;
    make_tables(&tables, verb);
    /* Letters may stand together (-qf): every character of an argument may be an option of its own. */
    size_t most = 1;
    for (int i = 1; i < argc; i++) most += strlen(argv[i]) + 1;
    *self = (struct parsed){.verb = verb, .chosen = calloc(most, sizeof *self->chosen)};
    if (!self->chosen) {
        say_failure(verb, "not enough memory");
        return false;
    }
    opterr = 0;
    optind = 1;
    for (;;) {
        int at = optind;
        int value = getopt_long(argc, argv, tables.letters, tables.option, NULL);
        if (value < 0) break;
        char letter[3] = {'-', (char)optopt, '\0'};
        const char *written = optopt > 0 && optopt < LONG_ONLY ? letter : argv[optind > at ? optind - 1 : at];
        if (value == '?') return refuse_option(verb, written);
        if (value == ':') {
            say_usage(verb, "option '%s' needs a value", written);
            return false;
        }
        static const struct option_row help = {.letter = 'h', .name = "help"};
        if (!take(self, value == 'h' ? &help : row_of(verb, value), optarg)) return false;
    }
    self->operand = argv + optind;
    self->operand_count = (size_t)(argc - optind);
    return parsed_flag(self, "help") || count_operands(self);
}

void parsed_free(struct parsed *self)
{
    free(self->chosen);
    self->chosen = NULL;
}

bool parsed_flag(const struct parsed *self, const char *name)
{
    for (size_t i = 0; i < self->chosen_count; i++)
        if (strcmp(self->chosen[i].row->name, name) == 0) return true;
    return false;
}

const char *parsed_text(const struct parsed *self, const char *name)
{
    for (size_t i = self->chosen_count; i-- > 0;)
        if (strcmp(self->chosen[i].row->name, name) == 0) return self->chosen[i].argument;
    for (size_t i = 0; i < self->verb->option_count; i++)
        if (strcmp(self->verb->option[i].name, name) == 0) return self->verb->option[i].fallback;
    return NULL;
}

const char **parsed_all(const struct parsed *self, const char *name, size_t *count)
{
    const char **all = calloc(self->chosen_count + 1, sizeof *all);
    *count = 0;
    for (size_t i = 0; all && i < self->chosen_count; i++)
        if (strcmp(self->chosen[i].row->name, name) == 0) all[(*count)++] = self->chosen[i].argument;
    return all;
}

bool parsed_whole(const struct parsed *self, const char *name, uint64_t low, uint64_t high, uint64_t *number)
{
    const char *text = parsed_text(self, name);
    char *end;
    errno = 0;
    *number = strtoull(text, &end, 10);
    if (*text >= '0' && *text <= '9' && !*end && !errno && *number >= low && *number <= high) return true;
    say_usage(self->verb, "--%s: '%s' is not a whole number from %llu to %llu", name, text,
              (unsigned long long)low, (unsigned long long)high);
    return false;
}

bool parsed_real(const struct parsed *self, const char *name, double low, double high, double *number)
{
    const char *text = parsed_text(self, name);
    char *end;
    *number = strtod(text, &end);
    bool decimal = strspn(text, "0123456789.eE+-") == strlen(text); /* no hexadecimal, no nan */
    if (*text && decimal && !*end && *number >= low && *number <= high) return true;
    say_usage(self->verb, "--%s: '%s' is not a number from %g to %g", name, text, low, high);
    return false;
}
