/* The tables of verbs and options, printed for people and for shells. */
#include "cli/options.h"

#include <string.h>

enum { MEANING_COLUMN = 30, WIDTH = 98 };

/* Writes a text in lines of at most WIDTH; all but the first are indented by `indent`, and the first begins
 * at `at`. */
static void print_wrapped(FILE *stream, const char *text, size_t at, size_t indent)
{
    bool first = true;
    while (*text) {
        size_t word = strcspn(text, " \n");
        if (!first && at + 1 + word > WIDTH) {
            fprintf(stream, "\n%*s", (int)indent, "");
            at = indent;
        } else if (!first) {
            fputc(' ', stream);
            at++;
        }
        fwrite(text, 1, word, stream);
        at += word;
        text += word;
        first = false;
        if (*text == ' ') text++;
        if (*text != '\n') continue;
        fputc('\n', stream);
        text++;
        at = indent;
        first = true;
        if (*text) fprintf(stream, "%*s", (int)indent, "");
    }
}

static void print_option(FILE *stream, const struct option_row *row)
{
    char left[64], meaning[512];
    snprintf(left, sizeof left, "  %c%c%s --%s%s%s", row->letter ? '-' : ' ', row->letter ? row->letter : ' ',
             row->letter ? "," : " ", row->name, row->argument ? " " : "",
             row->argument ? row->argument : "");
    snprintf(meaning, sizeof meaning, "%s%s%s%s", row->meaning, row->fallback ? " (default: " : "",
             row->fallback ? row->fallback : "", row->fallback ? ")" : "");
    fprintf(stream, "%-*s", MEANING_COLUMN, left);
    if (strlen(left) >= MEANING_COLUMN) fprintf(stream, "\n%*s", MEANING_COLUMN, "");
    print_wrapped(stream, meaning, MEANING_COLUMN, MEANING_COLUMN);
    fputc('\n', stream);
}

static const struct option_row help_row = {'h', "help", NULL, NULL, "show this text", NULL};

void options_print_help(const struct verb *verb, FILE *stream)
{
    fprintf(stream, "corridor %s [OPTION]... %s\n\n", verb->name, verb->operands);
    print_wrapped(stream, verb->description, 0, 0);
    fprintf(stream, "\nOptions:\n");
    for (size_t i = 0; i < verb->option_count; i++) print_option(stream, &verb->option[i]);
    print_option(stream, &help_row);
    fprintf(stream, "\nExamples:\n%s", verb->examples);
}

void options_print_main_help(FILE *stream)
{
    fprintf(stream, "corridor: flow simulation of a migration corridor, and of queues\n\n");
    for (size_t i = 0; i < verb_count; i++) {
        char left[64];
        snprintf(left, sizeof left, "%s %s", verbs[i]->name, verbs[i]->operands);
        fprintf(stream, "  corridor %-42s %s\n", left, verbs[i]->summary);
    }
    fprintf(
        stream,
        "\n  corridor VERB --help    what a verb does, its options and their defaults\n"
        "  corridor --version      the version of this program\n\n"
        "A first study:  corridor check FILE.yaml, corridor run FILE.yaml, corridor show FILE.h5\n"
        "Results go to stdout, progress and messages to stderr. Exit codes: 0 done; 1 a run failed, or a\n"
        "results file or table cannot be read, written or compared; 2 a mistake in the command or in a\n"
        "scenario; 130 stopped by Ctrl-C (continue with --resume).\n");
}

/* Text with what troff would take for its own made harmless. */
static void print_roff(FILE *stream, const char *text)
{
    bool line_start = true;
    for (; *text; text++) {
        if (line_start && (*text == '.' || *text == '\'')) fputs("\\&", stream);
        if (*text == '\\')
            fputs("\\e", stream);
        else if (*text == '-')
            fputs("\\-", stream);
        else
            fputc(*text, stream);
        line_start = *text == '\n';
    }
}

static void print_manual_option(FILE *stream, const struct option_row *row)
{
    fputs(".TP\n\\fB", stream);
    if (row->letter) fprintf(stream, "\\-%c\\fR, \\fB", row->letter);
    fputs("\\-\\-", stream);
    print_roff(stream, row->name);
    fputs("\\fR", stream);
    if (row->argument) {
        fputs(" \\fI", stream);
        print_roff(stream, row->argument);
        fputs("\\fR", stream);
    }
    fputc('\n', stream);
    print_roff(stream, row->meaning);
    if (row->fallback) {
        fputs(" (default: ", stream);
        print_roff(stream, row->fallback);
        fputc(')', stream);
    }
    fputc('\n', stream);
}

void options_print_manual(FILE *stream)
{
    fprintf(
        stream,
        ".TH CORRIDOR 1 \"\" \"corridor %s\" \"User Commands\"\n.SH NAME\ncorridor \\- flow simulation of a "
        "migration corridor, and of queues\n.SH SYNOPSIS\n",
        CORRIDOR_VERSION);
    for (size_t i = 0; i < verb_count; i++) {
        fprintf(stream, ".B corridor %s\n[\\fIOPTION\\fR]... ", verbs[i]->name);
        print_roff(stream, verbs[i]->operands);
        fputs("\n.br\n", stream);
    }
    fputs(".SH VERBS\n", stream);
    for (size_t i = 0; i < verb_count; i++) {
        const struct verb *verb = verbs[i];
        fprintf(stream, ".SS corridor %s ", verb->name);
        print_roff(stream, verb->operands);
        fputc('\n', stream);
        print_roff(stream, verb->description);
        for (size_t o = 0; o < verb->option_count; o++) print_manual_option(stream, &verb->option[o]);
        fputs(".PP\nExamples:\n.nf\n", stream);
        print_roff(stream, verb->examples);
        fputs(".fi\n", stream);
    }
    fputs(".SH EXIT STATUS\n0 done; 1 a run failed, or a results file or table cannot be read, written or "
          "compared; 2 a mistake in the command or in a scenario; 130 stopped by a signal, "
          "with all finished replications safe on disk.\n",
          stream);
}

static void print_words(FILE *stream, const struct verb *verb)
{
    for (size_t o = 0; o < verb->option_count; o++) {
        const struct option_row *row = &verb->option[o];
        if (!row->words) continue;
        fprintf(stream, "        %s:--%s", verb->name, row->name);
        if (row->letter) fprintf(stream, "|%s:-%c", verb->name, row->letter);
        fputs(") COMPREPLY=($(compgen -W '", stream);
        for (const char *const *word = row->words; *word; word++) fprintf(stream, "%s ", *word);
        fputs("' -- \"$word\")); return;;\n", stream);
    }
}

void options_print_completion(FILE *stream)
{
    fputs("# bash completion of corridor\n_corridor()\n{\n    local word=${COMP_WORDS[COMP_CWORD]} "
          "verb=${COMP_WORDS[1]} "
          "before=${COMP_WORDS[COMP_CWORD-1]}\n    if [ \"$COMP_CWORD\" -eq 1 ]; then\n        "
          "COMPREPLY=($(compgen -W '",
          stream);
    for (size_t i = 0; i < verb_count; i++) fprintf(stream, "%s ", verbs[i]->name);
    fputs("--help --version' -- \"$word\"))\n        return\n    fi\n    case $verb:$before in\n", stream);
    for (size_t i = 0; i < verb_count; i++) print_words(stream, verbs[i]);
    fputs("    esac\n    case $verb:$word in\n", stream);
    for (size_t i = 0; i < verb_count; i++) {
        fprintf(stream, "        %s:-*) COMPREPLY=($(compgen -W '", verbs[i]->name);
        for (size_t o = 0; o < verbs[i]->option_count; o++)
            fprintf(stream, "--%s ", verbs[i]->option[o].name);
        fputs("--help' -- \"$word\"));;\n", stream);
        if (!verbs[i]->print_operands) continue;
        fprintf(stream, "        %s:*) COMPREPLY=($(compgen -W '", verbs[i]->name);
        verbs[i]->print_operands(stream);
        fputs("' -- \"$word\"));;\n", stream);
    }
    fputs(
        "        *) COMPREPLY=($(compgen -f -X '!*.yaml' -- \"$word\") $(compgen -f -X '!*.h5' -- \"$word\") "
        "$(compgen -d -- \"$word\"));;\n"
        "    esac\n}\ncomplete -o filenames -F _corridor corridor\n",
        stream);
}
