#include "cli/comparison.h"

#include "cli/report.h"
#include "cli/table.h"
#include "cli/text.h"
#include "cli/verbs.h"

#include "analysis/paired.h"
#include "analysis/summary.h"
#include "models/problems.h"
#include "sim/time.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define LEVEL      0.95
#define MOST_SAVED 1e6 /* replications: beyond, it is rounding that differs */

/* Opens the table with the first comparison that can be made: a mistake in the command replaces nothing. */
static bool open_table(struct comparison *self)
{
    if (!self->csv_path || self->csv) return true;
    self->csv = fopen(self->csv_path, "w");
    if (!self->csv) return false;
    fputs("base,alternative,measure,bin_start,base_mean,alternative_mean,difference,low,high,replications,"
          "saved\n",
          self->csv);
    return true;
}

/* One measure of both scenarios; its column may differ between two files. */
struct pair {
    const struct comparison *comparison;
    size_t base_column, alternative_column;
    double *base, *alternative; /* one number per replication */
    size_t count;
};

static double number_of(const struct measures *measures, size_t scenario, size_t replication, size_t first,
                        size_t last, size_t column)
{
    if (!measures->complete[scenario * measures->replications + replication]) return NAN;
    return measure_over(measures, scenario, replication, first, last, column);
}

static struct paired difference(const struct pair *self, size_t first, size_t last)
{
    const struct comparison *comparison = self->comparison;
    for (size_t r = 0; r < self->count; r++) {
        self->base[r] =
            number_of(comparison->base, comparison->base_scenario, r, first, last, self->base_column);
        self->alternative[r] = number_of(comparison->alternative, comparison->alternative_scenario, r, first,
                                         last, self->alternative_column);
    }
    return paired_of(self->base, self->alternative, self->count, LEVEL);
}

static void add_row(struct table *table, const char *name, const struct paired *paired, int decimals)
{
    char text[6][NUMBER_SIZE];
    table_add(table, "%s", name);
    table_add(table, "%s", number_text(text[0], paired->base, decimals));
    table_add(table, "%s", number_text(text[1], paired->alternative, decimals));
    table_add(table, "%s%s", paired->mean > 0 ? "+" : "", number_text(text[2], paired->mean, decimals));
    if (isnan(paired->low)) /* one pair of replications says nothing about others */
        table_add(table, "-");
    else
        table_add(table, "%s .. %s", number_text(text[3], paired->low, decimals),
                  number_text(text[4], paired->high, decimals));
    if (isnan(paired->saved))
        table_add(table, "%s", paired->mean == 0 ? "the same" : "-");
    else if (paired->saved > MOST_SAVED)
        table_add(table, "over 1,000,000 times");
    else
        table_add(table, "%s times", number_text(text[5], paired->saved, paired->saved < 10 ? 1 : 0));
}

static void write_row(const struct pair *self, const char *name, const struct paired *paired)
{
    const struct comparison *comparison = self->comparison;
    FILE *csv = comparison->csv;
    if (!csv) return;
    csv_text(csv, comparison->base->scenario[comparison->base_scenario]);
    fputc(',', csv);
    csv_text(csv, comparison->alternative->scenario[comparison->alternative_scenario]);
    fputc(',', csv);
    csv_text(csv, comparison->base->column[self->base_column]);
    fprintf(csv, ",%s,", name);
    const double numbers[] = {paired->base, paired->alternative, paired->mean, paired->low, paired->high};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        csv_number(csv, numbers[i]);
        fputc(',', csv);
    }
    fprintf(csv, "%zu,", paired->count);
    csv_number(csv, paired->saved);
    fputc('\n', csv);
}

/* The file keeps every bin, whatever the table on the screen has room for. */
static void write_measure(const struct pair *self)
{
    const struct measures *base = self->comparison->base;
    for (size_t b = 0; self->comparison->csv && b < base->bins; b++) {
        char date[11];
        struct paired paired = difference(self, b, b);
        date_format(base->first_day[b], date);
        write_row(self, date, &paired);
    }
}

/* How many of the first rows are the same in both to the last replication: the policies had not begun. */
static size_t rows_alike(const struct pair *self, const struct report_rows *rows)
{
    for (size_t i = 0; i < rows->count; i++) {
        difference(self, report_first_bin(rows, i), report_last_bin(rows, i));
        for (size_t r = 0; r < self->count; r++)
            if (self->base[r] != self->alternative[r] &&
                !(isnan(self->base[r]) && isnan(self->alternative[r])))
                return i;
    }
    return rows->count;
}

static void print_measure(const struct pair *self)
{
    const struct measures *base = self->comparison->base;
    struct report_rows rows = report_rows(base);
    struct paired paired[REPORT_ROWS], total = difference(self, 0, base->bins - 1);
    double largest = 0;
    for (size_t i = 0; i < rows.count; i++) {
        paired[i] = difference(self, report_first_bin(&rows, i), report_last_bin(&rows, i));
        largest = fmax(largest, fmax(fabs(paired[i].base), fabs(paired[i].alternative)));
    }
    const char *name = base->column[self->base_column];
    int decimals = number_decimals(largest);
    struct table table;
    table_begin(&table, "lrrrrr");
    table_add(&table, "%s", report_period_head(base));
    table_add(&table, "base");
    table_add(&table, "alternative");
    table_add(&table, "difference");
    table_add(&table, "95 %% interval");
    table_add(&table, "pairing saved");
    size_t alike = rows_alike(self, &rows);
    for (size_t i = alike; i < rows.count; i++) {
        char period[NUMBER_SIZE];
        add_row(&table,
                period_text(period, base->first_day[report_first_bin(&rows, i)],
                            base->end_day[report_last_bin(&rows, i)]),
                &paired[i], decimals);
    }
    add_row(&table, report_total_name(name), &total, decimals);
    printf("\n%s\n", name);
    if (alike == rows.count)
        printf("  the same in every replication\n");
    else if (alike > 0) {
        char date[11];
        date_format(base->first_day[report_first_bin(&rows, alike)], date);
        printf("  the same in every replication before %s\n", date);
    }
    if (alike < rows.count) table_print(&table, stdout, 2);
    table_free(&table);
    write_measure(self);
    write_row(self, "total", &total);
}

static int print_column(const struct comparison *self, size_t column)
{
    const struct measures *base = self->base, *alternative = self->alternative;
    const char *name = base->column[column];
    struct pair pair = {
        .comparison = self, .base_column = column, .alternative_column = measures_column(alternative, name)};
    if (pair.alternative_column == SIZE_MAX)
        return say_usage(&verb_compare, "only one of the files has the measure '%s'", name);
    pair.count =
        base->replications < alternative->replications ? base->replications : alternative->replications;
    pair.base = calloc(pair.count + 1, sizeof *pair.base);
    pair.alternative = calloc(pair.count + 1, sizeof *pair.alternative);
    int code = EXIT_DONE;
    if (pair.base && pair.alternative)
        print_measure(&pair);
    else
        code = say_failure(&verb_compare, "not enough memory");
    free(pair.base);
    free(pair.alternative);
    return code;
}

/* Before anything is written. */
static int check_measures(const struct comparison *self)
{
    const struct measures *base = self->base;
    for (size_t i = 0; i < self->measure_count; i++) {
        if (measures_column(base, self->measure[i]) != SIZE_MAX) continue;
        const char *nearest =
            nearest_name(self->measure[i], (const char *const *)base->column, base->columns);
        if (nearest)
            return say_usage(&verb_compare, "no measure '%s'; did you mean '%s'?", self->measure[i], nearest);
        return say_usage(&verb_compare, "no measure '%s'; 'corridor show' lists them", self->measure[i]);
    }
    return EXIT_DONE;
}

static int print_named(const struct comparison *self)
{
    int code = EXIT_DONE;
    for (size_t i = 0; code == EXIT_DONE && i < self->measure_count; i++)
        code = print_column(self, measures_column(self->base, self->measure[i]));
    return code;
}

/* Main measures of the base; where there are none (queues), all that are not zero. */
static int print_chosen(const struct comparison *self)
{
    size_t column[MAIN_MOST], count = measures_main(self->base, column);
    int code = EXIT_DONE;
    for (size_t i = 0; code == EXIT_DONE && i < count; i++) code = print_column(self, column[i]);
    for (size_t c = 0; code == EXIT_DONE && count == 0 && c < self->base->columns; c++)
        if (!measures_empty(self->base, c)) code = print_column(self, c);
    return code;
}

static bool same_bins(const struct measures *a, const struct measures *b)
{
    return a->bins == b->bins && memcmp(a->first_day, b->first_day, a->bins * sizeof *a->first_day) == 0 &&
           memcmp(a->end_day, b->end_day, a->bins * sizeof *a->end_day) == 0;
}

static size_t common_replications(const struct comparison *self)
{
    const struct measures *base = self->base, *alternative = self->alternative;
    size_t common = 0;
    for (size_t r = 0; r < base->replications && r < alternative->replications; r++)
        common += base->complete[self->base_scenario * base->replications + r] &&
                  alternative->complete[self->alternative_scenario * alternative->replications + r];
    return common;
}

/* A name, and the file where two could have it. */
static void print_scenario(const char *name, const char *file)
{
    text_print(stdout, name);
    if (!file) return;
    printf(" (");
    text_print(stdout, file);
    printf(")");
}

int comparison_print(struct comparison *self)
{
    if (!same_bins(self->base, self->alternative))
        return say_usage(&verb_compare, "the two files have different dates or bins");
    if (self->base->bins == 0) return say_usage(&verb_compare, "the file has no bins");
    size_t common = common_replications(self);
    if (common == 0)
        return say_failure(&verb_compare, "%s and %s have no complete replication in common",
                           self->base->scenario[self->base_scenario],
                           self->alternative->scenario[self->alternative_scenario]);
    int code = check_measures(self);
    if (code != EXIT_DONE) return code;
    if (!open_table(self))
        return say_failure(&verb_compare, "cannot write %s: %s", self->csv_path, strerror(errno));
    const char *names[] = {self->alternative->scenario[self->alternative_scenario],
                           self->base->scenario[self->base_scenario]};
    const bool alike = strcmp(names[0], names[1]) == 0;
    print_scenario(names[0], alike ? self->alternative_file : NULL);
    printf(" against ");
    print_scenario(names[1], alike ? self->base_file : NULL);
    printf(": %zu replication%s in both\n", common, plural(common));
    code = self->measure_count ? print_named(self) : print_chosen(self);
    if (code == EXIT_DONE)
        printf("\nIntervals are those of the mean difference. \"pairing saved\": runs with other random "
               "numbers would need "
               "so\nmany times the replications for the same intervals.\n\n");
    return code;
}
