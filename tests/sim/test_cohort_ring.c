/* Rings: drawn steps against their multinomial law, and rows that wait against rows spread at once. Seeds are
 * fixed: a failure is a defect, not bad luck. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/sim/frequencies.h"
#include "tests/sim/rings.h"

#include <gsl/gsl_randist.h>

/* ---- drawn steps ---- */

/* Where a cohort comes to lie: its sum over the slots must be the cohort, and no set may exceed its people.
 */
static void check_slots(const struct cohort_ring *ring, const struct cohort *cohort)
{
    struct cohort sum = {0};
    for (uint32_t ahead = 0; ahead < LONGEST; ahead++) {
        const struct cohort *slot = &cohort_ring_row(ring, 0, ahead)[1];
        for (int i = 0; i < COHORT_SETS; i++) assert_true(slot->set[i] >= 0 && slot->set[i] <= slot->people);
        cohort_add(&sum, slot);
    }
    assert_true(sum.people == cohort->people);
    for (int i = 0; i < COHORT_SETS; i++) assert_true(sum.set[i] == cohort->set[i]);
    check_within(sum.listed_dates, cohort->listed_dates, 1e-9 * cohort->people, cohort->people);
}

/* Counts of one step in many spreads are binomial; those of all steps together are multinomial. */
struct seen {
    struct frequencies all, people, listed;
};

static void spread_often(const struct cohort *cohort, const struct discrete *steps, uint32_t first,
                         uint32_t watched, int times, struct seen *seen)
{
    struct cohort_ring *ring = new_ring(1, false);
    for (int i = 0; i < times; i++) {
        struct dice dice;
        dice_start(&dice, false, 91, (uint32_t)i, (uint64_t)cohort->people, first);
        cohort_ring_spread(ring, 0, 1, cohort, steps, first, &dice);
        assert_true(cohort_ring_people(ring, 0)[1] == cohort->people);
        check_slots(ring, cohort);
        for (uint32_t ahead = 0; ahead < LONGEST; ahead++) {
            struct cohort *slot = &cohort_ring_row(ring, 0, ahead)[1];
            if (ahead == watched) {
                tally_add(&seen->people, (uint64_t)slot->people);
                tally_add(&seen->listed, (uint64_t)slot->listed);
            }
            if (slot->people > 0) assert_true(ahead >= first && ahead < steps->count);
            seen->all.count[ahead] += slot->people;
            memset(slot, 0, sizeof *slot);
        }
        cohort_ring_people(ring, 0)[1] = 0;
    }
    assert_begins_anew(ring);
    free(ring);
}

static void check_spread(double people, const struct discrete *steps, uint32_t first, uint32_t watched,
                         int times)
{
    struct cohort cohort = {.people = people, .listed = floor(people * 0.6)};
    cohort.fresh[0] = floor(people * 0.9);
    cohort.fresh[1] = floor(people * 0.05);
    cohort.listed_dates = cohort.listed * 12.25;
    double left = first > 0 ? 1 - steps->cumulative[first - 1] : 1, p = steps->probability[watched] / left;
    struct seen seen = {tally_new(0, LONGEST), binomial_tally(people, p, times),
                        binomial_tally(cohort.listed, p, times)};
    for (uint32_t k = first; k < steps->count; k++)
        seen.all.want[k] = times * people * steps->probability[k] / left;
    spread_often(&cohort, steps, first, watched, times, &seen);
    if (!(tally_chance(&seen.all) > 1e-5 && tally_chance(&seen.people) > 1e-5 &&
          tally_chance(&seen.listed) > 1e-5))
        fail_msg("%g people from step %u: chances %g, %g, %g", people, first, tally_chance(&seen.all),
                 tally_chance(&seen.people), tally_chance(&seen.listed));
    tally_free(&seen.all);
    tally_free(&seen.people);
    tally_free(&seen.listed);
}

/* Would catch a step whose chance is off by about a percent, or counts that vary too much or too little, for
 * few people, for more and for many, in each layer: one by one, counted, and by Poisson counts. */
static void test_drawn_steps(void **state)
{
    (void)state;
    const double crowds[] = {1, 7, 60, 200, 900, 5000, 60000};
    for (size_t c = 0; c < sizeof crowds / sizeof *crowds; c++) {
        int times = (int)fmin(40000, 4e7 / (crowds[c] + 1000));
        struct discrete steps = table_of(0, 3, 7.3, false);
        check_spread(crowds[c], &steps, 0, 5, times);
        check_spread(crowds[c], &steps, 1, 1, times);
        check_spread(crowds[c], &steps, 1, 18, times);
        /* Most would take too few steps. */
        steps = table_of(0, 0.7, 0.4, false);
        check_spread(crowds[c], &steps, 1, 2, times);
    }
}

/* ---- rows that wait ---- */

static void make_row(struct stream *stream, struct cohort row[])
{
    for (uint32_t c = 0; c < CLASSES; c++) {
        double *number = &row[c].people;
        for (size_t i = 0; i < COHORT_NUMBERS; i++) number[i] = stream_unit(stream);
        row[c].unused = 0;
    }
}

/* Durations of a broken shape are spread by their tables; whole ones are kept in phases, which know nothing
 * of the end of a table, where a millionth of everyone is put together. */
struct rows_case {
    double shape[2], error;
    bool at_least_one;
};
static const struct rows_case rows_cases[] = {
    {{3.5, 2.5}, 1e-12, false}, {{3.5, 2.5}, 1e-12, true}, {{3, 2}, 3e-5, false},
    {{3, 2}, 3e-5, true},       {{4, 1}, 3e-5, false},     {{1, 4}, 3e-5, true},
};

static void check_due(struct cohort_ring *ring, uint32_t plane, double want[][CLASSES * COHORT_NUMBERS],
                      uint32_t step, double error)
{
    double *due = &cohort_ring_row(ring, plane, 0)->people;
    for (uint32_t i = 0; i < CLASSES * COHORT_NUMBERS; i++)
        check_within(due[i], want[step][i], error, (double)step);
    all_leave(ring, plane);
}

enum { STEPS = 700, PLANES = 2 };
static double due[PLANES][STEPS + LONGEST][CLASSES * COHORT_NUMBERS];

static void come(struct cohort_ring *ring, struct stream *stream, uint32_t plane, uint32_t step,
                 const struct discrete *table)
{
    struct cohort row[CLASSES];
    uint32_t class = (uint32_t)(stream_unit(stream) * CLASSES);
    double share = step % 3 ? 1 : 0.75;
    people_t people[CLASSES];
    make_row(stream, row);
    for (uint32_t c = class; c < CLASSES; c++) people[c] = row[c].people * share;
    const struct ring_comers comers = {class, CLASSES - class, row + class, share, people + class};
    cohort_ring_spread_expected(ring, plane, &comers, table, 1);
    double left = 1 - table->cumulative[0];
    for (uint32_t k = 1; k < table->count; k++)
        for (uint32_t i = (uint32_t)(class * COHORT_NUMBERS); i < CLASSES * COHORT_NUMBERS; i++)
            due[plane][step + k][i] += (&row->people)[i] * share * (table->probability[k] / left);
}

static void check_rows(const struct rows_case *how)
{
    struct cohort_ring *ring = new_ring(PLANES, false);
    struct discrete table[2] = {table_of(0, how->shape[0], 9.4, how->at_least_one),
                                table_of(1, how->shape[1], 4.1, how->at_least_one)};
    struct stream stream;
    stream_start(&stream, 92, 0, 0, 0);
    memset(due, 0, sizeof due);
    for (uint32_t step = 0; step < STEPS; step++) {
        for (uint32_t plane = 0; plane < PLANES && step > 0; plane++)
            check_due(ring, plane, due[plane], step, how->error);
        double often = step % 200 < 100 ? 0.95 : 0.1;
        for (uint32_t plane = 0; plane < PLANES; plane++)
            while (stream_unit(&stream) < often * 0.7)
                come(ring, &stream, plane, step, &table[step / 50 % 2]);
        if (step % 37 == 0) {
            cohort_ring_flush(ring);
            double *ahead = &cohort_ring_row(ring, 0, 3)->people;
            check_within(ahead[7], due[0][step + 3][7], how->error, (double)step);
        }
        cohort_ring_advance(ring, &(struct dice){.expected = true});
    }
    assert_begins_anew(ring);
    free(ring);
}

/* Would catch a row that is lost, spread twice or a step off: with gaps between rows, several in a step, two
 * tables by turns, and somebody who looks ahead; and a phase that is entered, passed or left with another
 * chance. */
static void test_rows(void **state)
{
    (void)state;
    for (size_t c = 0; c < sizeof rows_cases / sizeof *rows_cases; c++) check_rows(&rows_cases[c]);
}

/* Everyone ahead of `step`, and those due in it, are struck: what a number of the row should lose. */
static double strike_plainly(double want[][CLASSES * COHORT_NUMBERS], uint32_t step, uint32_t i, double p,
                             double p_due)
{
    double lost = want[step][i] * p_due;
    want[step][i] -= lost;
    for (uint32_t k = step + 1; k < STEPS + LONGEST; k++) {
        lost += want[k][i] * p;
        want[k][i] -= want[k][i] * p;
    }
    return lost;
}

static void strike_all(struct cohort_ring *ring, uint32_t step, double p, double error)
{
    struct cohort struck[CLASSES];
    cohort_ring_strike_alike(ring, 0, p, p / 2, struck);
    for (uint32_t i = 0; i < CLASSES * COHORT_NUMBERS; i++)
        check_within((&struck->people)[i], strike_plainly(due[0], step, i, p, p / 2), error, (double)step);
}

static void strike_one_class(struct cohort_ring *ring, uint32_t step, uint32_t class, double p, double error)
{
    struct dice dice = {.expected = true};
    struct cohort struck = cohort_ring_strike(ring, 0, class, p, p / 2, &dice);
    for (uint32_t i = 0; i < COHORT_NUMBERS; i++) {
        double want = strike_plainly(due[0], step, (uint32_t)(class * COHORT_NUMBERS) + i, p, p / 2);
        check_within((&struck.people)[i], want, error, (double)step);
    }
}

static void check_hazards(const struct rows_case *how)
{
    struct cohort_ring *ring = new_ring(1, true);
    struct discrete table = table_of(0, how->shape[0], 9.4, how->at_least_one);
    const double error = 10 * how->error;
    struct stream stream;
    stream_start(&stream, 93, 0, 0, 0);
    memset(due, 0, sizeof due);
    for (uint32_t step = 0; step < STEPS; step++) {
        double p = step % 100 < 60 ? 0.02 + 0.2 * stream_unit(&stream) : step % 100 < 70 ? 0 : 0.97;
        if (step > 0 && p > 0) strike_all(ring, step, p, error);
        if (step > 0 && step % 9 == 0) strike_one_class(ring, step, step % CLASSES, 0.3, error);
        if (step > 0) check_due(ring, 0, due[0], step, error);
        while (stream_unit(&stream) < 0.6) come(ring, &stream, 0, step, &table);
        cohort_ring_advance(ring, &(struct dice){.expected = true});
    }
    assert_begins_anew(ring);
    free(ring);
}

/* Would catch hazards that leave out those who wait to be spread or are in phases, or strike twice who comes
 * between two strikes; with rates that are 0 on some days, differ by class on others, and leave next to
 * nobody. */
static void test_hazards(void **state)
{
    (void)state;
    for (size_t c = 0; c < sizeof rows_cases / sizeof *rows_cases; c++) check_hazards(&rows_cases[c]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_drawn_steps),
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_hazards),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
