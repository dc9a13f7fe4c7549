/* corridor score: a study against published figures. */
#include "cli/table.h"
#include "cli/text.h"
#include "cli/verbs.h"

#include "analysis/score.h"

#include <math.h>
#include <string.h>

#define LEVEL 0.90

static void add_row(struct table *table, const struct score_row *row)
{
    char text[5][NUMBER_SIZE];
    int decimals = number_decimals(row->published);
    table_add(table, "%s", row->measure);
    table_add(table, "%s", row->period);
    table_add(table, "%s", row->check_only ? "check" : "fit");
    table_add(table, "%s", number_text(text[0], row->published, decimals));
    if (row->not_comparable) {
        for (int i = 0; i < 6; i++) table_add(table, "-");
        return;
    }
    table_add(table, "%s", number_text(text[1], row->mean, decimals));
    bool interval = !isnan(row->low); /* one replication has none */
    if (interval)
        table_add(table, "%s .. %s", number_text(text[2], row->low, decimals),
                  number_text(text[3], row->high, decimals));
    else
        table_add(table, "-");
    table_add(table, "%+.1f", row->error_percent);
    table_add(table, "%s", number_text(text[4], row->z, 1));
    table_add(table, "%s", row->inside_tolerance ? "yes" : "no");
    table_add(table, "%s", !interval ? "-" : row->inside_interval ? "yes" : "no");
}

static void print_total(const struct score *score, bool check_only, bool intervals)
{
    struct score_total total = score_total(score, check_only);
    const char *name = check_only ? "check (never fitted)" : "fit";
    if (total.count == 0) return;
    double count = (double)total.count;
    printf("  %s: %zu target%s, %.0f %% within the tolerance, ", name, total.count, plural(total.count),
           100 * (double)total.inside_tolerance / count);
    if (intervals) printf("%.0f %% within the interval, ", 100 * (double)total.inside_interval / count);
    printf("mean absolute error %.1f %%\n", total.mean_error_percent);
}

static void print_score(const char *scenario, const struct score *score, bool intervals)
{
    static const char *const heads[] = {"measure",       "period",  "use", "published", "simulated",
                                        "90 % interval", "error %", "z",   "tolerance", "interval"};
    printf("%s\n", scenario);
    if (score->count == 0) {
        printf("  no targets\n");
        return;
    }
    struct table table;
    table_begin(&table, "lllrrrrrll");
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++) table_add(&table, "%s", heads[i]);
    for (size_t i = 0; i < score->count; i++) add_row(&table, &score->row[i]);
    table_print(&table, stdout, 2);
    for (size_t i = 0; i < score->count; i++)
        if (score->row[i].not_comparable)
            printf("  %s %s: not comparable, %s\n", score->row[i].measure, score->row[i].period,
                   score->row[i].not_comparable);
    print_total(score, false, intervals);
    print_total(score, true, intervals);
}

static int score_all(const struct measures *measures)
{
    for (size_t s = 0; s < measures->scenarios; s++) {
        struct score score;
        struct error error;
        if (!score_make(&score, measures, s, LEVEL, &error)) return say_error(&verb_score, &error);
        if (s) putchar('\n');
        print_score(measures->scenario[s], &score, measures->replications > 1);
        score_free(&score);
    }
    printf("\nz: (published - simulated) / standard deviation of the replications. \"tolerance\", "
           "\"interval\": whether the\n"
           "published figure lies within.\n");
    return EXIT_DONE;
}

static int run(const struct parsed *arguments)
{
    struct measures measures;
    struct error error;
    const char *path = arguments->operand[0];
    size_t length = strlen(path);
    if (length < 4 || strcmp(path + length - 3, ".h5") != 0)
        return say_usage(&verb_score, "'%s' is not a results file (.h5); 'corridor run' makes one", path);
    if (!measures_read(&measures, path, &error)) return say_error(&verb_score, &error);
    int code = score_all(&measures);
    measures_free(&measures);
    return code;
}

const struct verb verb_score = {
    .name = "score",
    .operands = "RESULTS.h5",
    .summary = "a study against published figures",
    .description = "Compares each scenario of a results file with the targets written in it: published and "
                   "simulated figure, "
                   "error, z-score, and whether tolerance and interval hold it; at the end the shares "
                   "covered, for targets "
                   "that were fitted and those kept for checking. A target whose period is not made of whole "
                   "bins is not "
                   "compared.\n",
    .examples = "  corridor score history.h5\n",
    .least = 1,
    .most = 1,
    .run = run,
};
