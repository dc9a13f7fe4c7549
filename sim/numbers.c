#include "sim/numbers.h"

#include "sim/widths.h"

FOR_EACH_WIDTH
void numbers_add_times(double *restrict to, const double *restrict from, size_t count, double factor)
{
    for (size_t i = 0; i < count; i++) to[i] += from[i] * factor;
}

#define TOGETHER 32 /* numbers whose sums stay in registers */

FOR_EACH_WIDTH
void numbers_add_rows(double *restrict to, size_t count, const double *restrict base, size_t stride,
                      const uint32_t place[], const double weight[], size_t rows)
{
    size_t i = 0;
    for (; i + TOGETHER <= count; i += TOGETHER) {
        double sum[TOGETHER];
        for (size_t k = 0; k < TOGETHER; k++) sum[k] = to[i + k];
        for (size_t r = 0; r < rows; r++) {
            const double *from = base + place[r] * stride + i;
            for (size_t k = 0; k < TOGETHER; k++) sum[k] += from[k] * weight[r];
        }
        for (size_t k = 0; k < TOGETHER; k++) to[i + k] = sum[k];
    }
    for (size_t r = 0; r < rows; r++)
        for (size_t k = i; k < count; k++) to[k] += base[place[r] * stride + k] * weight[r];
}

FOR_EACH_WIDTH
void numbers_add_rows_twice(double *restrict to, double *restrict second, size_t count,
                            const double *restrict base, size_t stride, const uint32_t place[],
                            const double weight[], const double second_weight[], size_t rows)
{
    enum { HALF = TOGETHER / 2 };
    size_t i = 0;
    for (; i + HALF <= count; i += HALF) {
        double sum[HALF], other[HALF];
        for (size_t k = 0; k < HALF; k++) {
            sum[k] = to[i + k];
            other[k] = second[i + k];
        }
        for (size_t r = 0; r < rows; r++) {
            const double *from = base + place[r] * stride + i;
            for (size_t k = 0; k < HALF; k++) {
                sum[k] += from[k] * weight[r];
                other[k] += from[k] * second_weight[r];
            }
        }
        for (size_t k = 0; k < HALF; k++) {
            to[i + k] = sum[k];
            second[i + k] = other[k];
        }
    }
    for (size_t r = 0; r < rows; r++)
        for (size_t k = i; k < count; k++) {
            to[k] += base[place[r] * stride + k] * weight[r];
            second[k] += base[place[r] * stride + k] * second_weight[r];
        }
}

FOR_EACH_WIDTH
void numbers_add(double *restrict to, const double *restrict from, size_t count)
{
    for (size_t i = 0; i < count; i++) to[i] += from[i];
}

FOR_EACH_WIDTH
void numbers_move_share(double *restrict to, double *restrict from, size_t count, double share)
{
    for (size_t i = 0; i < count; i++) {
        double part = from[i] * share;
        to[i] += part;
        from[i] -= part;
    }
}

FOR_EACH_WIDTH
void numbers_add_four(double *restrict to, size_t slots, const double *restrict from,
                      const double *const weight[4], size_t stride, size_t count)
{
    const double *second = from + stride, *third = second + stride, *fourth = third + stride;
    for (size_t s = 0; s < slots; s++, to += stride) {
        double a = weight[0][s], b = weight[1][s], c = weight[2][s], d = weight[3][s];
        for (size_t i = 0; i < count; i++)
            to[i] = to[i] + from[i] * a + second[i] * b + third[i] * c + fourth[i] * d;
    }
}
