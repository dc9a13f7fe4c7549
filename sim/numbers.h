/* Arithmetic on arrays of doubles. Every element stands alone and nothing is contracted, so the bits are the
 * same whatever the width of the processor's registers; each function is built for several. */
#ifndef CORRIDOR_SIM_NUMBERS_H
#define CORRIDOR_SIM_NUMBERS_H

#include <stddef.h>
#include <stdint.h>

/* to += from x factor */
void numbers_add_times(double *to, const double *from, size_t count, double factor);

/* Sums over rows r in their order, of rows that lie `stride` apart at place[r]:
 * to[i] += base[i] x weight[r]; the same with a second sum of the same numbers. */
void numbers_add_rows(double *to, size_t count, const double *base, size_t stride, const uint32_t place[],
                      const double weight[], size_t rows);
void numbers_add_rows_twice(double *to, double *second, size_t count, const double *base, size_t stride,
                            const uint32_t place[], const double weight[], const double second_weight[],
                            size_t rows);

/* to += from */
void numbers_add(double *to, const double *from, size_t count);

/* Moves a share of each number: to += from x share, from -= from x share. */
void numbers_move_share(double *to, double *from, size_t count, double share);

/* to[s x stride + i] += the sum over four rows r, in their order, of from[r x stride + i] x weight[r][s], for
 * `slots` slots and i < count */
void numbers_add_four(double *to, size_t slots, const double *from, const double *const weight[4],
                      size_t stride, size_t count);

#endif
