/* Lines of cohorts: whoever joins leaves, once, whatever takes them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sim/cohort_line.h"
#include "tests/sim/frequencies.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { CLASSES = 5, BLOCKS = 3, COLUMNS = CLASSES * BLOCKS };

struct bench {
    struct cohort_line *line;
    struct stream stream; /* of the test's own choices */
    struct dice dice;
    people_t people[COLUMNS];
    double dates[COLUMNS];
    struct cohort left[CLASSES], joined[CLASSES];
};

static void open_bench(struct bench *bench, enum line_dates dates, bool expected, uint32_t number)
{
    const struct cohort_line_shape shape = {
        .columns = COLUMNS, .classes = CLASSES, .clocks = 1, .dates = dates};
    size_t size = cohort_line_memory(shape);
    memset(bench, 0, sizeof *bench);
    bench->line = aligned_alloc(64, size);
    assert_non_null(bench->line);
    memset(bench->line, 0xA5, size); /* whatever another line has left */
    cohort_line_begin(bench->line, shape);
    stream_start(&bench->stream, 17, number, 0, 0);
    dice_start(&bench->dice, expected, 18, number, 0, 0);
}

static struct line_leaving leaving_of(struct bench *bench)
{
    return (struct line_leaving){.people = bench->people, .dates = bench->dates};
}

static void join(struct bench *bench, int64_t step, uint32_t column, people_t people)
{
    struct cohort cohort = {.people = people};
    for (int i = 0; i < COHORT_SETS; i++) {
        double part = people * stream_unit(&bench->stream);
        cohort.set[i] = bench->dice.expected ? part : floor(part);
    }
    cohort_add(&bench->joined[column % CLASSES], &cohort);
    uint32_t row = cohort_line_open(bench->line, step, NULL);
    cohort_line_join(bench->line, row, column, &cohort, people * (double)step);
}

static const struct cohort_line_part whole = {.columns = COLUMNS};

static void settle(struct bench *bench, struct cohort_line_part part)
{
    cohort_line_settle(bench->line, part, &bench->dice, leaving_of(bench), bench->left, CLASSES);
}

static void lose_patience(struct bench *bench, const struct distribution *patience, double elapsed)
{
    cohort_line_expose(bench->line, &bench->dice, patience, &elapsed, 1, leaving_of(bench));
    settle(bench, whole);
}

/* Takes some people of a block, or of those of a level, by age or by lot. */
static void serve(struct bench *bench)
{
    static const uint8_t level[COLUMNS] = {0, 1, 0, 1, 1, 0, 0, 1, 1, 0, 1, 0, 1, 0, 0};
    struct cohort_line_part part = {.columns = COLUMNS};
    double kind = stream_unit(&bench->stream);
    if (kind < 0.5) {
        part.first = (uint32_t)(stream_unit(&bench->stream) * BLOCKS) * CLASSES;
        part.columns = CLASSES;
    } else {
        part.level = level;
        part.want = stream_unit(&bench->stream) < 0.5;
    }
    people_t among = cohort_line_count_all(bench->line, part), count = among * stream_unit(&bench->stream);
    if (!bench->dice.expected) count = floor(count);
    if (kind > 0.25 || !(among > 0))
        cohort_line_take_oldest(bench->line, part, &bench->dice, count, leaving_of(bench));
    else
        cohort_line_take_lots(bench->line, part, &bench->dice, count, among, leaving_of(bench));
    settle(bench, part);
}

static void check_line(const struct bench *bench)
{
    people_t sum = 0;
    for (uint32_t row = 0; row < bench->line->rows; row++) sum += bench->line->row[row].people;
    check_within(sum, bench->line->people, 1e-9, bench->line->people);
    for (uint32_t b = 0; b < BLOCKS; b++) {
        const struct cohort_line_part part = {.first = b * CLASSES, .columns = CLASSES};
        sum = 0;
        for (uint32_t row = 0; row < bench->line->rows; row++)
            sum += cohort_line_count(bench->line, row, part);
        check_within(cohort_line_count_all(bench->line, part), sum, 1e-9, sum);
    }
}

/* Takes everybody: those who left are those who joined, in every set. */
static void drain(struct bench *bench)
{
    cohort_line_take_oldest(bench->line, whole, &bench->dice, bench->line->people, leaving_of(bench));
    settle(bench, whole);
    for (uint32_t c = 0; c < CLASSES; c++) {
        check_within(bench->left[c].people, bench->joined[c].people, 1e-6, (double)c);
        for (int i = 0; i < COHORT_SETS; i++)
            check_within(bench->left[c].set[i], bench->joined[c].set[i], 1e-6, (double)c);
    }
    free(bench->line);
}

static struct distribution shape_of(enum distribution_family family, double shape)
{
    struct distribution distribution;
    struct error error;
    assert_true(distribution_from_shape(&distribution, family, shape, &error));
    return distribution;
}

/* Would catch people, or members of a set, who are lost or leave twice: with patience, draws of some blocks,
 * levels of priority, rows that merge, by draws and in expectation. */
static void test_nobody_is_lost(void **state)
{
    (void)state;
    const struct distribution patience[] = {shape_of(DISTRIBUTION_ERLANG, 2),
                                            shape_of(DISTRIBUTION_GAMMA, 0.7),
                                            shape_of(DISTRIBUTION_EXPONENTIAL, 1)};
    for (uint32_t number = 0; number < 24; number++) {
        struct bench bench;
        open_bench(&bench, (enum line_dates)(number % 3), number / 3 % 2, number);
        for (int64_t step = 0; step < 150; step++) {
            cohort_line_tidy(bench.line, step);
            for (uint32_t column = 0; column < COLUMNS; column++)
                if (stream_unit(&bench.stream) < 0.4)
                    join(&bench, step, column, floor(stream_unit(&bench.stream) * 300));
            lose_patience(&bench, &patience[number % 3], 0.02);
            if (stream_unit(&bench.stream) < 0.7) serve(&bench);
            check_line(&bench);
        }
        drain(&bench);
    }
}

/* Would catch what a row does that decays until its numbers have no digits left. */
static void test_traces(void **state)
{
    (void)state;
    const struct distribution patience = shape_of(DISTRIBUTION_LOGNORMAL, 0.25);
    struct bench bench;
    open_bench(&bench, LINE_DATES_KEPT, true, 0);
    for (int64_t step = 0; step < 3000; step++) {
        cohort_line_tidy(bench.line, step);
        if (step % 300 == 0)
            for (uint32_t column = 0; column < COLUMNS; column++) join(&bench, step, column, 7);
        lose_patience(&bench, &patience, 0.05 + 0.3 * stream_unit(&bench.stream));
        if (step % 3 == 0) serve(&bench);
        check_line(&bench);
    }
    drain(&bench);
}

/* Would catch a column without people that is divided by them, where rounding made less than nobody leave it:
 * the whole network had people of no number then, and its queues never ended a step. */
static void test_less_than_nobody(void **state)
{
    (void)state;
    struct bench bench;
    open_bench(&bench, LINE_DATES_KEPT, true, 0);
    join(&bench, 0, 0, 7);
    join(&bench, 0, 4, 7);
    bench.people[2] = -4.6e-21;
    settle(&bench, whole);
    check_within(bench.left[2].people, 0, 1e-12, 2.0);
    drain(&bench);
}

/* ---- many at once ---- */

enum { TIMES = 20000 };

static struct frequencies hypergeometric_tally(unsigned white, unsigned black, unsigned draws)
{
    struct frequencies tally = tally_new(0, draws + 1);
    for (unsigned k = 0; k <= draws; k++)
        tally.want[k] = TIMES * gsl_ran_hypergeometric_pdf(k, white, black, draws);
    return tally;
}

/* Three rows with as many people in each column of the first block, and more in the others. */
static void fill(struct bench *bench, uint32_t number)
{
    open_bench(bench, LINE_DATES_OF_ROW, false, number);
    for (int64_t step = 0; step < 3; step++)
        for (uint32_t column = 0; column < COLUMNS; column++)
            join(bench, step, column,
                 (double)(100 + 20 * (column % CLASSES) + 300 * (column / CLASSES) + 10 * step));
}

static void check_chance(const struct frequencies *tally, const char *what)
{
    if (!(tally_chance(tally) > 1e-5)) fail_msg("%s: chance %g", what, tally_chance(tally));
}

/* Would catch lots that prefer a row or a column, vary too much or too little, or are too many or too few. */
static void test_many_lots(void **state)
{
    (void)state;
    const struct cohort_line_part part = {.first = CLASSES, .columns = CLASSES};
    const unsigned among = 3 * (5 * 400 + 20 * 10) + 5 * 30, count = 900;
    struct frequencies column = hypergeometric_tally(3 * 440 + 30, among - 3 * 440 - 30, count),
                       row = hypergeometric_tally(5 * 410 + 20 * 10, among - 5 * 410 - 20 * 10, count);
    for (uint32_t number = 0; number < TIMES; number++) {
        struct bench bench;
        people_t sum = 0;
        fill(&bench, number);
        assert_true(cohort_line_count_all(bench.line, part) == among);
        cohort_line_take_lots(bench.line, part, &bench.dice, count, among, leaving_of(&bench));
        for (uint32_t c = 0; c < CLASSES; c++) sum += bench.people[c];
        assert_true(sum == count);
        tally_add(&column, (uint64_t)bench.people[2]);
        tally_add(&row, (uint64_t)bench.line->row[1].taken);
        if (number < 100) settle(&bench, part), check_line(&bench);
        free(bench.line);
    }
    check_chance(&column, "a column");
    check_chance(&row, "a row");
    tally_free(&column);
    tally_free(&row);
}

/* Would catch many who lose patience with another chance than few, or vary otherwise. */
static void test_many_lose_patience(void **state)
{
    (void)state;
    const struct distribution patience = shape_of(DISTRIBUTION_EXPONENTIAL, 1);
    const double elapsed = 0.08, p = 1 - exp(-elapsed);
    struct frequencies column = binomial_tally(3 * 740 + 30, p, TIMES);
    for (uint32_t number = 0; number < TIMES; number++) {
        struct bench bench;
        fill(&bench, number);
        cohort_line_expose(bench.line, &bench.dice, &patience, &elapsed, 1, leaving_of(&bench));
        tally_add(&column, (uint64_t)bench.people[2 * CLASSES + 2]);
        if (number < 100) settle(&bench, whole), check_line(&bench);
        free(bench.line);
    }
    check_chance(&column, "a column");
    tally_free(&column);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_nobody_is_lost), cmocka_unit_test(test_traces),
                                       cmocka_unit_test(test_less_than_nobody),
                                       cmocka_unit_test(test_many_lots),
                                       cmocka_unit_test(test_many_lose_patience)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
