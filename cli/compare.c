/* corridor compare: what a policy changes, replication by replication. */
#include "cli/comparison.h"

#include "cli/outputs.h"
#include "cli/verbs.h"

#include "models/problems.h"

#include <glob.h>
#include <stdlib.h>
#include <string.h>

static bool is_results(const char *name)
{
    size_t length = strlen(name);
    return length > 3 && strcmp(name + length - 3, ".h5") == 0;
}

/* The only results file of the folder, which the caller frees. */
static char *find_results(void)
{
    glob_t found;
    char *path = NULL;
    if (glob("*.h5", 0, NULL, &found) != 0) {
        say_usage(&verb_compare,
                  "no results file is named, and the folder holds none: add out.h5 at the end");
        return NULL;
    }
    if (found.gl_pathc == 1)
        path = strdup(found.gl_pathv[0]);
    else
        say_usage(&verb_compare, "the folder holds %zu results files: name one at the end, such as %s",
                  (size_t)found.gl_pathc, found.gl_pathv[0]);
    globfree(&found);
    return path;
}

static int find_scenario(const struct measures *measures, const char *name, size_t *scenario)
{
    *scenario = measures_scenario(measures, name);
    if (*scenario != SIZE_MAX) return EXIT_DONE;
    const char *nearest = nearest_name(name, (const char *const *)measures->scenario, measures->scenarios);
    if (nearest)
        return say_usage(&verb_compare, "no scenario '%s' in the file; did you mean '%s'?", name, nearest);
    return say_usage(&verb_compare, "no scenario '%s' in the file; 'corridor show' lists them", name);
}

/* Scenarios by name, or without names the first against all others. */
static int compare_names(const struct measures *measures, char *const *names, size_t count,
                         struct comparison *comparison)
{
    comparison->base = comparison->alternative = measures;
    if (count == 1) return say_usage(&verb_compare, "'%s' against what? Name an alternative", names[0]);
    if (count == 0 && measures->scenarios < 2)
        return say_usage(&verb_compare, "the file holds one scenario only: there is nothing to compare");
    int code = count ? find_scenario(measures, names[0], &comparison->base_scenario) : EXIT_DONE;
    size_t last = count ? count : measures->scenarios;
    for (size_t i = 1; code == EXIT_DONE && i < last; i++) {
        comparison->alternative_scenario = i;
        if (count) code = find_scenario(measures, names[i], &comparison->alternative_scenario);
        if (code == EXIT_DONE) code = comparison_print(comparison);
    }
    return code;
}

static int compare_in_file(const char *path, char *const *names, size_t count, struct comparison *comparison)
{
    struct measures measures;
    struct error error;
    if (!measures_read(&measures, path, &error)) return say_error(&verb_compare, &error);
    int code = compare_names(&measures, names, count, comparison);
    measures_free(&measures);
    return code;
}

/* Says that two files are not of one kind, `consequence` of it included. */
static void note_difference(const char *kind, const char *base, const char *alternative,
                            const char *consequence)
{
    if (strcmp(base, alternative) != 0)
        fprintf(stderr, "corridor compare: the files come from different %s (%s, %s), so %s\n", kind, base,
                alternative, consequence);
}

static void note_differences(const struct measures *base, const struct measures *alternative)
{
    enum { SIZE = 64 };
    static const char *const not_all = "not all that differs is the scenario";
    char first[SIZE], second[SIZE];
    note_difference("versions of this program", base->version, alternative->version,
                    "their random numbers may differ, and not all that differs is the scenario");
    snprintf(first, SIZE, "%llu", (unsigned long long)base->seed);
    snprintf(second, SIZE, "%llu", (unsigned long long)alternative->seed);
    note_difference("seeds", first, second, "nothing is gained by pairing");
    snprintf(first, SIZE, "%s%s%s", base->engine, *base->step ? " " : "", base->step);
    snprintf(second, SIZE, "%s%s%s", alternative->engine, *alternative->step ? " " : "", alternative->step);
    note_difference("engines or steps", first, second, not_all);
    snprintf(first, SIZE, "%.10g", base->scale);
    snprintf(second, SIZE, "%.10g", alternative->scale);
    note_difference("scales", first, second, not_all);
    note_difference("sorts of parameters", base->fixed ? "fixed" : "drawn",
                    alternative->fixed ? "fixed" : "drawn", not_all);
}

static int compare_pair(const struct measures *base, const struct measures *alternative,
                        struct comparison *comparison)
{
    if (base->scenarios != 1)
        return say_usage(&verb_compare,
                         "the first file must hold one scenario (it holds %zu): to compare scenarios of one "
                         "file, name them",
                         base->scenarios);
    note_differences(base, alternative);
    comparison->base = base;
    comparison->alternative = alternative;
    int code = EXIT_DONE;
    for (size_t s = 0; code == EXIT_DONE && s < alternative->scenarios; s++) {
        comparison->alternative_scenario = s;
        code = comparison_print(comparison);
    }
    return code;
}

static int compare_files(const char *first, const char *second, struct comparison *comparison)
{
    struct measures base, alternative;
    struct error error;
    if (!measures_read(&base, first, &error)) return say_error(&verb_compare, &error);
    int code = EXIT_DONE;
    comparison->base_file = first;
    comparison->alternative_file = second;
    if (measures_read(&alternative, second, &error)) {
        code = compare_pair(&base, &alternative, comparison);
        measures_free(&alternative);
    } else
        code = say_error(&verb_compare, &error);
    measures_free(&base);
    return code;
}

/* A table of an earlier comparison, and the files compared, are not overwritten unasked. */
static int check_table(const struct parsed *arguments, char *const *files, size_t count,
                       struct comparison *comparison)
{
    const struct output table = {"--csv", parsed_text(arguments, "csv")};
    if (!table.path) return EXIT_DONE;
    int code = output_refuse_read(&verb_compare, table, files, count);
    if (code == EXIT_DONE) code = output_refuse_folder(&verb_compare, table);
    if (code == EXIT_DONE)
        code = output_refuse_existing(&verb_compare, table, parsed_flag(arguments, "force"));
    comparison->csv_path = table.path;
    return code;
}

static int compare(const struct parsed *arguments, struct comparison *comparison)
{
    char **operand = arguments->operand;
    size_t count = arguments->operand_count;
    if (count == 2 && is_results(operand[0]) && is_results(operand[1])) {
        int code = check_table(arguments, operand, 2, comparison);
        return code == EXIT_DONE ? compare_files(operand[0], operand[1], comparison) : code;
    }
    if (count > 2 && is_results(operand[0]) && is_results(operand[1]))
        return say_usage(&verb_compare, "at most two results files are compared");
    bool named = is_results(operand[count - 1]);
    char *found = named ? NULL : find_results(), *path = named ? operand[count - 1] : found;
    if (!path) return EXIT_USAGE;
    int code = check_table(arguments, &path, 1, comparison);
    if (code == EXIT_DONE) code = compare_in_file(path, operand, named ? count - 1 : count, comparison);
    free(found);
    return code;
}

static int run(const struct parsed *arguments)
{
    struct comparison comparison = {0};
    struct error error;
    comparison.measure = parsed_all(arguments, "measure", &comparison.measure_count);
    if (!comparison.measure) return say_failure(&verb_compare, "not enough memory");
    int code = compare(arguments, &comparison);
    if (comparison.csv && !csv_close(comparison.csv, comparison.csv_path, &error))
        code = say_error(&verb_compare, &error);
    free(comparison.measure);
    return code;
}

static const struct option_row options[] = {
    {'m', "measure", "NAME", "the main measures that the file holds", "measure to compare; can be repeated",
     NULL},
    {0, "csv", "FILE", NULL, "also write the differences as a table", NULL},
    {0, "force", NULL, NULL, "replace an existing table", NULL},
};

const struct verb verb_compare = {
    .name = "compare",
    .operands = "BASE ALTERNATIVE... [RESULTS.h5]",
    .summary = "paired differences with intervals",
    .description =
        "Compares scenarios that were run together: mean differences per month and in total, with 95 % "
        "intervals "
        "of the mean difference, and how many times the replications the pairing saved. Give the names of "
        "scenarios in one results file (by default the only one in the folder), just a results file (its "
        "first "
        "scenario is the base), or two results files.\n",
    .examples = "  corridor compare history funding-runs-out funding.h5\n"
                "  corridor compare --measure encounters before.h5 after.h5\n",
    .option = options,
    .option_count = sizeof options / sizeof *options,
    .least = 1,
    .most = 64,
    .run = run,
};
