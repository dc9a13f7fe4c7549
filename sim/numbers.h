/* Arithmetic on arrays of doubles. Every element stands alone and nothing is contracted, so the bits are the
 * same whatever the width of the processor's registers; each function is built for several. */
#ifndef CORRIDOR_SIM_NUMBERS_H
#define CORRIDOR_SIM_NUMBERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* to = from x factor; to += from x factor */
void numbers_times(double *to, const double *from, size_t count, double factor);
void numbers_add_times(double *to, const double *from, size_t count, double factor);

/* A sum over rows r in their order, of rows that lie `stride` apart at place[r]:
 * to[i] += base[i] x weight[r]. */
void numbers_add_rows(double *to, size_t count, const double *base, size_t stride, const uint32_t place[],
                      const double weight[], size_t rows);

/* Two sums over rows r in their order, of rows that lie `stride` apart at place[r]:
 * to[i] += base[i] x weight[r], second[i] += base[i] x second_weight[r]. */
void numbers_add_rows_twice(double *to, double *second, size_t count, const double *base, size_t stride,
                            const uint32_t place[], const double weight[], const double second_weight[],
                            size_t rows);

/* to += from; from -= part */
void numbers_add(double *to, const double *from, size_t count);
void numbers_remove(double *from, const double *part, size_t count);

/* Moves a share of each number: to += from x share, from -= from x share. */
void numbers_move_share(double *to, double *from, size_t count, double share);

/* Of each due[i] the share p_due, and of what total[i] has besides due[i] the share p:
 * makes struck[i] of them. */
void numbers_strike(double *struck, double *total, double *due, size_t count, double p, double p_due);

/* to[s x stride + i] += the sum over four rows r, in their order, of from[r x stride + i] x weight[r][s], for
 * `slots` slots and i < count */
void numbers_add_four(double *to, size_t slots, const double *from, const double *const weight[4],
                      size_t stride, size_t count);

/* x[i] x= factor; x[i] x= y[i]; what lies outside a range goes to its end. */
void numbers_scale(double x[], size_t count, double factor);
void numbers_multiply(double x[], const double y[], size_t count);
void numbers_limit(double x[], size_t count, double least, double most);

/* to[i] = from[i] x share[i], from[i] -= that. Returns the sum of to[i] x weight[i]. */
double numbers_part(double *to, double *from, const double share[], const double weight[], size_t count);

/* Sums, in an order of their own that is always the same: of x, and of x[i] x y[i]. */
double numbers_sum(const double x[], size_t count);
double numbers_sum_products(const double x[], const double y[], size_t count);

/* The span that a set of numbers lies in, a bit each. */
struct span {
    uint32_t first, count;
};
static inline struct span span_of(uint64_t bits)
{
    if (bits == 0) return (struct span){0, 0};
    uint32_t first = (uint32_t)__builtin_ctzll(bits);
    return (struct span){first, 64 - (uint32_t)__builtin_clzll(bits) - first};
}

/* Bit i: whether x[i] > 0. At most 64 numbers. */
uint64_t numbers_positive(const double x[], size_t count);

/* to[i] = from[i] where bit i is set, else 0. At most 64 numbers. */
void numbers_of_bits(double *to, const double *from, size_t count, uint64_t bits);

bool numbers_alike(const double x[], size_t count);

/* People, x sign, who are present from now on: added to the stock, and for `rest` ticks each, rounded, to the
 * ticks spent. Of numbers below 0, which rounding leaves, nobody is. At most 64 numbers. */
void numbers_add_present(double *stock, int64_t *ticks, const double people[], size_t count, double sign,
                         double rest);

/* ---- records of as many numbers each ---- */

#define NUMBERS_RECORD 8

/* Of each record, the number `column`: into to[i]; or, x share[i], added to it. */
void numbers_take_column(double *to, const double *records, size_t column, size_t count);
void numbers_add_column(double *to, const double *records, size_t column, size_t count, const double share[]);

/* Each record becomes that of another array x share[record]. */
void numbers_times_records(double *to, const double *from, size_t count, const double share[]);

/* Each record becomes that of another array, x share[record] x keep[column]; first[i] is its first number.
 * `keep` NULL: all are 1. */
void numbers_set_records(double *to, double *first, const double *from, size_t count, const double share[],
                         const double *keep);

/* Adds to each record those of another array, x share[record] x keep[column]; first[i] is the first number of
 * what was added. `keep` NULL: all are 1. */
void numbers_add_records(double *to, double *first, const double *from, size_t count, const double share[],
                         const double *keep);

/* Adds a record to those at place[i], which lie `stride` numbers apart; or times[i] times to the i-th. */
void numbers_add_record_at(double *to, size_t stride, const uint16_t place[], size_t count,
                           const double *one);
void numbers_add_record_times(double *to, size_t stride, const uint64_t times[], size_t count,
                              const double *one);

/* A step of records in a few phases, at most NUMBERS_PHASES, whose rows lie `stride` numbers apart. Of those
 * in phase i the share leave[i] is added to `left`; the share move[m] goes m phases on, move[0] stays. Those
 * who are coming are in phase i behind the step with the share come[i], or have left. `left` NULL: those who
 * leave take the place of those who are coming. */
#define NUMBERS_PHASES 4
struct numbers_phases {
    double leave[NUMBERS_PHASES], move[NUMBERS_PHASES], come[NUMBERS_PHASES], come_and_leave;
};
void numbers_pass_phases(double *left, double *phase, size_t stride, double *coming, size_t count,
                         uint32_t phases, const struct numbers_phases *shares);

/* Moves share[i] of the numbers of each record for which keep[] is 1 (0: that number stays). */
void numbers_move_records(double *to, double *from, size_t count, const double share[],
                          const double keep[NUMBERS_RECORD]);

#endif
