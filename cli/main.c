/* The program `corridor`: finds the verb, parses its options and calls it. */
#include "cli/verbs.h"

#include "models/problems.h"

#include <gsl/gsl_errno.h>
#include <locale.h>
#include <signal.h>
#include <string.h>

const struct verb *const verbs[] = {&verb_check,   &verb_show,  &verb_run,
                                    &verb_compare, &verb_score, &verb_keys};
const size_t verb_count = sizeof verbs / sizeof *verbs;

static const struct verb *find_verb(const char *name)
{
    for (size_t i = 0; i < verb_count; i++)
        if (strcmp(verbs[i]->name, name) == 0) return verbs[i];
    return NULL;
}

static int refuse_verb(const char *name)
{
    const char *names[16];
    for (size_t i = 0; i < verb_count; i++) names[i] = verbs[i]->name;
    const char *nearest = nearest_name(name, names, verb_count);
    if (nearest)
        fprintf(stderr, "corridor: unknown verb '%s'; did you mean '%s'?\n", name, nearest);
    else
        fprintf(stderr, "corridor: unknown verb '%s'; 'corridor --help' lists them\n", name);
    return EXIT_USAGE;
}

static int refuse_option(const char *name)
{
    fprintf(stderr,
            "corridor: unknown option '%s'; options of a verb stand after it, 'corridor --help' lists the "
            "verbs\n",
            name);
    return EXIT_USAGE;
}

/* corridor help [VERB | --man | --completion] */
static int help(int argc, char **argv)
{
    if (argc < 3)
        options_print_main_help(stdout);
    else if (strcmp(argv[2], "--man") == 0)
        options_print_manual(stdout);
    else if (strcmp(argv[2], "--completion") == 0)
        options_print_completion(stdout);
    else if (find_verb(argv[2]))
        options_print_help(find_verb(argv[2]), stdout);
    else
        return refuse_verb(argv[2]);
    return EXIT_DONE;
}

static int run_verb(const struct verb *verb, int argc, char **argv)
{
    struct parsed arguments;
    int code = EXIT_USAGE;
    if (options_parse(&arguments, verb, argc, argv)) {
        code = EXIT_DONE;
        if (parsed_flag(&arguments, "help"))
            options_print_help(verb, stdout);
        else
            code = verb->run(&arguments);
    }
    parsed_free(&arguments);
    return code;
}

static int dispatch(int argc, char **argv)
{
    if (argc < 2) {
        options_print_main_help(stderr);
        return EXIT_USAGE;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
        options_print_main_help(stdout);
        return EXIT_DONE;
    }
    if (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "-V") == 0) {
        puts("corridor " CORRIDOR_VERSION);
        return EXIT_DONE;
    }
    if (strcmp(argv[1], "help") == 0) return help(argc, argv);
    if (argv[1][0] == '-') return refuse_option(argv[1]);
    const struct verb *verb = find_verb(argv[1]);
    return verb ? run_verb(verb, argc - 1, argv + 1) : refuse_verb(argv[1]);
}

int main(int argc, char **argv)
{
    setlocale(LC_CTYPE, "");
    gsl_set_error_handler_off();
    signal(SIGXFSZ, SIG_IGN); /* a file that may not grow (ulimit -f) is an error to be told, not a death */
    int code = dispatch(argc, argv);
    bool written = fflush(stdout) == 0 && !ferror(stdout);
    if (!written && code == EXIT_DONE) {
        fputs("corridor: the output could not be written\n", stderr);
        code = EXIT_FAILED;
    }
    return code;
}
