/* Arithmetic on records and rows. Each function is built for registers of several widths; would catch one
 * whose bits are not those of a plain loop, or that touches what lies beside its numbers: a program would
 * then give other results on another processor. */
#include "sim/numbers_records.c"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define COUNT   33 /* records, or numbers of a row: no multiple of any width */
#define ROWS    7
#define STRIDE  (COUNT * NUMBERS_RECORD + 3)
#define NUMBERS (NUMBERS_PHASES * STRIDE)

struct arrays {
    double to[NUMBERS], from[NUMBERS], first[NUMBERS];
};

static double share[COUNT], keep[NUMBERS_RECORD], weight[2][ROWS];
static uint32_t place[ROWS];
static uint16_t cell[ROWS];
static uint64_t times[COUNT];
static struct numbers_phases shares;

static double any_number(void)
{
    return (double)rand() / RAND_MAX * (rand() % 2 ? 1e3 : 1e-3);
}

static int begin(void **state)
{
    (void)state;
    srand(1);
    for (int i = 0; i < COUNT; i++) share[i] = any_number();
    for (int i = 0; i < COUNT; i++) times[i] = (uint64_t)(rand() % 3);
    for (int k = 0; k < NUMBERS_RECORD; k++) keep[k] = rand() % 2;
    for (int r = 0; r < ROWS; r++) {
        weight[0][r] = any_number();
        weight[1][r] = any_number();
        place[r] = (uint32_t)(ROWS - 1 - r);
        cell[r] = (uint16_t)(r % 5); /* one of them twice */
    }
    shares.come_and_leave = any_number();
    for (int p = 0; p < NUMBERS_PHASES; p++) {
        shares.leave[p] = any_number();
        shares.move[p] = any_number();
        shares.come[p] = any_number();
    }
    return 0;
}

static void fill(struct arrays *x)
{
    srand(2);
    for (int i = 0; i < NUMBERS; i++) {
        x->to[i] = any_number();
        x->from[i] = any_number();
        x->first[i] = any_number();
    }
}

/* ---- plain loops ---- */

static void plain_rows(struct arrays *x)
{
    for (int twice = 0; twice < 2; twice++) {
        double *to = twice ? x->first : x->to;
        for (size_t i = 0; i < COUNT; i++) {
            double sum = 0;
            for (size_t r = 0; r < ROWS; r++) sum += x->from[place[r] * COUNT + i] * weight[twice][r];
            to[i] += sum;
        }
    }
}

static void plain_records(struct arrays *x)
{
    for (size_t i = 0; i < COUNT; i++) {
        x->first[i] = x->from[i * NUMBERS_RECORD] * (keep[0] * share[i]);
        for (size_t k = 0; k < NUMBERS_RECORD; k++) {
            const size_t at = i * NUMBERS_RECORD + k;
            const double part = x->from[at] * (keep[k] * share[i]);
            x->to[at] += part;
            x->from[at] -= part;
        }
    }
}

/* `aside`: those who leave take the place of those who came. */
static void plain_phases(struct arrays *x, uint32_t phases, bool aside)
{
    for (size_t i = 0; i < COUNT * NUMBERS_RECORD; i++) {
        double here[NUMBERS_PHASES], sum = (aside ? 0 : x->first[i]) + x->from[i] * shares.come_and_leave;
        for (uint32_t p = 0; p < phases; p++) here[p] = x->to[p * STRIDE + i];
        for (uint32_t p = 0; p < phases; p++) sum += here[p] * shares.leave[p];
        for (uint32_t p = 0; p < phases; p++) {
            double to = x->from[i] * shares.come[p] + here[p] * shares.move[0];
            for (uint32_t m = 1; m <= p; m++) to += here[p - m] * shares.move[m];
            x->to[p * STRIDE + i] = to;
        }
        (aside ? x->from : x->first)[i] = sum;
    }
}

/* ---- every width against them ---- */

static const struct lanes *widths[3];
static size_t find_widths(void)
{
    size_t count = 0;
    widths[count++] = &by_of_two;
#ifdef WIDE_REGISTERS
    if (__builtin_cpu_supports("avx2")) widths[count++] = &by_of_four;
    if (__builtin_cpu_supports("avx512f")) widths[count++] = &by_of_eight;
#endif
    return count;
}

static void assert_same(const struct arrays *x, const struct arrays *expected)
{
    assert_memory_equal(x->to, expected->to, sizeof x->to);
    assert_memory_equal(x->from, expected->from, sizeof x->from);
    assert_memory_equal(x->first, expected->first, sizeof x->first);
}

static void test_rows(void **state)
{
    static struct arrays x, expected;
    (void)state;
    fill(&expected);
    plain_rows(&expected);
    for (size_t w = 0; w < find_widths(); w++) {
        fill(&x);
        widths[w]->add_rows_twice(x.to, x.first, COUNT, x.from, COUNT, place, weight[0], weight[1], ROWS);
        assert_same(&x, &expected);
        fill(&x);
        widths[w]->add_rows(x.to, COUNT, x.from, COUNT, place, weight[0], ROWS);
        widths[w]->add_rows(x.first, COUNT, x.from, COUNT, place, weight[1], ROWS);
        assert_same(&x, &expected);
    }
}

static void test_short_rows(void **state)
{
    static struct arrays x, expected;
    (void)state;
    for (size_t count = 0; count <= COUNT; count++) {
        fill(&expected);
        fill(&x);
        for (size_t i = 0; i < count; i++) {
            double sum = 0, other = 0;
            for (size_t r = 0; r < ROWS; r++) sum += x.from[place[r] * COUNT + i] * weight[0][r];
            for (size_t r = 0; r < ROWS; r++) other += x.from[place[r] * COUNT + i] * weight[1][r];
            expected.to[i] += sum;
            expected.first[i] += other;
        }
        numbers_add_rows(x.to, count, x.from, COUNT, place, weight[0], ROWS);
        numbers_add_rows(x.first, count, x.from, COUNT, place, weight[1], ROWS);
        assert_same(&x, &expected);
        fill(&x);
        numbers_add_rows_twice(x.to, x.first, count, x.from, COUNT, place, weight[0], weight[1], ROWS);
        assert_same(&x, &expected);
    }
}

static void test_move_and_add(void **state)
{
    static struct arrays x, expected;
    (void)state;
    fill(&expected);
    plain_records(&expected);
    for (size_t w = 0; w < find_widths(); w++) {
        fill(&x);
        widths[w]->send_records(x.to, x.first, x.from, COUNT, share, keep, true);
        assert_memory_equal(x.to, expected.to, sizeof x.to);
        assert_memory_equal(x.first, expected.first, sizeof x.first);
        fill(&x);
        widths[w]->move_records(x.to, x.from, COUNT, share, keep);
        assert_memory_equal(x.to, expected.to, sizeof x.to);
        assert_memory_equal(x.from, expected.from, sizeof x.from);
    }
}

static void test_set(void **state)
{
    static struct arrays x, expected;
    (void)state;
    fill(&expected);
    for (size_t i = 0; i < COUNT; i++) {
        expected.first[i] = expected.from[i * NUMBERS_RECORD] * (keep[0] * share[i]);
        for (size_t k = 0; k < NUMBERS_RECORD; k++)
            expected.to[i * NUMBERS_RECORD + k] =
                expected.from[i * NUMBERS_RECORD + k] * (keep[k] * share[i]);
    }
    for (size_t w = 0; w < find_widths(); w++) {
        fill(&x);
        widths[w]->send_records(x.to, x.first, x.from, COUNT, share, keep, false);
        assert_same(&x, &expected);
    }
    fill(&expected);
    for (size_t i = 0; i < COUNT * NUMBERS_RECORD; i++)
        expected.to[i] = expected.from[i] * share[i / NUMBERS_RECORD];
    for (size_t w = 0; w < find_widths(); w++) {
        fill(&x);
        widths[w]->times_records(x.to, x.from, COUNT, share);
        assert_same(&x, &expected);
    }
}

/* Would catch a way on which something is forgotten though the caller keeps all numbers. */
static void test_keep_all(void **state)
{
    static struct arrays x, all;
    const double ones[NUMBERS_RECORD] = {1, 1, 1, 1, 1, 1, 1, 1};
    (void)state;
    for (size_t w = 0; w < find_widths(); w++) {
        fill(&all);
        widths[w]->send_records(all.to, all.first, all.from, COUNT, share, ones, false);
        widths[w]->send_records(all.to, all.first, all.from, COUNT, share, ones, true);
        fill(&x);
        widths[w]->send_records(x.to, x.first, x.from, COUNT, share, NULL, false);
        widths[w]->send_records(x.to, x.first, x.from, COUNT, share, NULL, true);
        assert_same(&x, &all);
    }
}

static void test_single_records(void **state)
{
    static struct arrays x, expected;
    (void)state;
    fill(&expected);
    for (size_t i = 0; i < ROWS; i++)
        for (size_t k = 0; k < NUMBERS_RECORD; k++) expected.to[cell[i] * COUNT + k] += keep[k];
    for (size_t i = 0; i < COUNT; i++)
        for (size_t k = 0; k < NUMBERS_RECORD; k++)
            expected.first[i * NUMBERS_RECORD + k] += keep[k] * (double)times[i];
    for (size_t w = 0; w < find_widths(); w++) {
        fill(&x);
        widths[w]->add_record_at(x.to, COUNT, cell, ROWS, keep);
        widths[w]->add_record_times(x.first, NUMBERS_RECORD, times, COUNT, keep);
        assert_same(&x, &expected);
    }
}

static void test_phases(void **state)
{
    static struct arrays x, expected;
    (void)state;
    for (uint32_t phases = 1; phases <= NUMBERS_PHASES; phases++)
        for (int aside = 0; aside < 2; aside++) {
            fill(&expected);
            plain_phases(&expected, phases, aside);
            for (size_t w = 0; w < find_widths(); w++) {
                fill(&x);
                widths[w]->pass_phases(aside ? NULL : x.first, x.to, STRIDE, x.from, COUNT, phases, &shares);
                assert_same(&x, &expected);
            }
        }
}

/* Would catch a wrong bit of a number that is 0, not a number, or the last of a row. */
static void test_positive(void **state)
{
    const double kinds[] = {1, 0, -1, 1e-300, -0.0, NAN, INFINITY};
    double x[64];
    (void)state;
    for (size_t i = 0; i < 64; i++) x[i] = kinds[i * i % 7];
    for (size_t count = 0; count <= 64; count++) {
        uint64_t bits = 0;
        for (size_t i = 0; i < count; i++) bits |= (uint64_t)(x[i] > 0) << i;
        assert_true(numbers_positive(x, count) == bits);
        double kept[64];
        numbers_of_bits(kept, x, count, bits);
        for (size_t i = 0; i < count; i++) assert_true(kept[i] == (x[i] > 0 ? x[i] : 0));
    }
}

/* Would catch a number of the record before or behind, and what stands beside the column. */
static void test_columns(void **state)
{
    static struct arrays x;
    double column[COUNT + 1];
    (void)state;
    fill(&x);
    for (size_t count = 0; count <= COUNT; count++)
        for (size_t k = 0; k < NUMBERS_RECORD; k++) {
            column[count] = -1;
            numbers_take_column(column, x.from, k, count);
            for (size_t i = 0; i < count; i++) assert_true(column[i] == x.from[i * NUMBERS_RECORD + k]);
            assert_true(column[count] == -1);
        }
}

/* Would catch people less than nobody, and a count of ticks that is not rounded for each number. */
static void test_present(void **state)
{
    const double people[] = {3, 0.3, -1e-12, 0, 2e7, 1e-9, 7};
    double stock[7] = {5, 5, 5, 5, 5, 5, 5};
    int64_t ticks[7] = {0};
    (void)state;
    numbers_add_present(stock, ticks, people, 7, 1, 0x1p33);
    for (size_t i = 0; i < 7; i++) {
        double some = people[i] > 0 ? people[i] : 0;
        assert_true(stock[i] == 5 + some);
        assert_true(ticks[i] == llrint(some * 0x1p33));
    }
    numbers_add_present(stock, ticks, people, 6, -1, 0x1p33);
    for (size_t i = 0; i < 6; i++) assert_true(ticks[i] == 0);
    assert_true(ticks[6] == llrint(7 * 0x1p33) && stock[6] == 12);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),           cmocka_unit_test(test_short_rows),
        cmocka_unit_test(test_move_and_add),   cmocka_unit_test(test_set),
        cmocka_unit_test(test_single_records), cmocka_unit_test(test_phases),
        cmocka_unit_test(test_positive),       cmocka_unit_test(test_keep_all),
        cmocka_unit_test(test_columns),        cmocka_unit_test(test_present),
    };
    return cmocka_run_group_tests_name("sim.numbers", tests, begin, NULL);
}
