#include "sim/numbers.h"

#include "sim/widths.h"

#ifdef WIDE_REGISTERS
#include <immintrin.h>
#endif

#include <math.h>

FOR_EACH_WIDTH
void numbers_times(double *restrict to, const double *restrict from, size_t count, double factor)
{
    for (size_t i = 0; i < count; i++) to[i] = from[i] * factor;
}

FOR_EACH_WIDTH
void numbers_add_times(double *restrict to, const double *restrict from, size_t count, double factor)
{
    for (size_t i = 0; i < count; i++) to[i] += from[i] * factor;
}

FOR_EACH_WIDTH
void numbers_add(double *restrict to, const double *restrict from, size_t count)
{
    for (size_t i = 0; i < count; i++) to[i] += from[i];
}

FOR_EACH_WIDTH
void numbers_remove(double *restrict from, const double *restrict part, size_t count)
{
    for (size_t i = 0; i < count; i++) from[i] -= part[i];
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
void numbers_strike(double *restrict struck, double *restrict total, double *restrict due, size_t count,
                    double p, double p_due)
{
    for (size_t i = 0; i < count; i++) {
        double of_due = due[i] * p_due, later = total[i] > due[i] ? total[i] - due[i] : 0;
        struck[i] = of_due + later * p;
        total[i] -= struck[i];
        due[i] -= of_due;
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

FOR_EACH_WIDTH
void numbers_scale(double x[], size_t count, double factor)
{
    for (size_t i = 0; i < count; i++) x[i] *= factor;
}

FOR_EACH_WIDTH
void numbers_multiply(double *restrict x, const double *restrict y, size_t count)
{
    for (size_t i = 0; i < count; i++) x[i] *= y[i];
}

FOR_EACH_WIDTH
void numbers_limit(double x[], size_t count, double least, double most)
{
    for (size_t i = 0; i < count; i++) {
        double above = x[i] > least ? x[i] : least;
        x[i] = above < most ? above : most;
    }
}

#define PARTIAL 8 /* sums side by side, whatever the width of the registers */

static double sum_partial(const double partial[PARTIAL])
{
    return ((partial[0] + partial[4]) + (partial[2] + partial[6])) +
           ((partial[1] + partial[5]) + (partial[3] + partial[7]));
}

FOR_EACH_WIDTH
double numbers_sum(const double x[], size_t count)
{
    double partial[PARTIAL] = {0};
    size_t i = 0;
    for (; i + PARTIAL <= count; i += PARTIAL)
        for (size_t k = 0; k < PARTIAL; k++) partial[k] += x[i + k];
    for (size_t k = 0; i < count; i++, k++) partial[k] += x[i];
    return sum_partial(partial);
}

FOR_EACH_WIDTH
double numbers_sum_products(const double x[], const double y[], size_t count)
{
    double partial[PARTIAL] = {0};
    size_t i = 0;
    for (; i + PARTIAL <= count; i += PARTIAL)
        for (size_t k = 0; k < PARTIAL; k++) partial[k] += x[i + k] * y[i + k];
    for (size_t k = 0; i < count; i++, k++) partial[k] += x[i] * y[i];
    return sum_partial(partial);
}

FOR_EACH_WIDTH
double numbers_part(double *restrict to, double *restrict from, const double share[], const double weight[],
                    size_t count)
{
    double partial[PARTIAL] = {0};
    size_t i = 0;
    for (; i + PARTIAL <= count; i += PARTIAL)
        for (size_t k = 0; k < PARTIAL; k++) {
            double part = from[i + k] * share[i + k];
            to[i + k] = part;
            from[i + k] -= part;
            partial[k] += part * weight[i + k];
        }
    for (size_t k = 0; i < count; i++, k++) {
        to[i] = from[i] * share[i];
        from[i] -= to[i];
        partial[k] += to[i] * weight[i];
    }
    return sum_partial(partial);
}

/* Compilers do not see that the outcomes of four or eight comparisons come as bits. */
#ifdef WIDE_REGISTERS

__attribute__((target("avx2"))) static uint64_t positive_by_four(const double x[], size_t count)
{
    const __m256d nothing = _mm256_setzero_pd();
    uint64_t bits = 0;
    size_t i = count;
    for (; i & 7; i--) bits = bits << 1 | (x[i - 1] > 0);
    for (; i > 0; i -= 8) {
        unsigned low =
            (unsigned)_mm256_movemask_pd(_mm256_cmp_pd(_mm256_loadu_pd(x + i - 8), nothing, _CMP_GT_OQ));
        unsigned high =
            (unsigned)_mm256_movemask_pd(_mm256_cmp_pd(_mm256_loadu_pd(x + i - 4), nothing, _CMP_GT_OQ));
        bits = bits << 8 | (low | high << 4);
    }
    return bits;
}

__attribute__((target("avx512f"))) static uint64_t positive_by_eight(const double x[], size_t count)
{
    const __m512d nothing = _mm512_setzero_pd();
    uint64_t bits = 0;
    for (size_t i = 0; i < count; i += 8) {
        const size_t some = count - i < 8 ? count - i : 8;
        const __m512d eight = _mm512_maskz_loadu_pd((__mmask8)(0xFF >> (8 - some)), x + i);
        bits |= (uint64_t)_mm512_cmp_pd_mask(eight, nothing, _CMP_GT_OQ) << i;
    }
    return bits;
}

#endif

uint64_t numbers_positive(const double x[], size_t count)
{
    uint64_t bits = 0;
#ifdef WIDE_REGISTERS
    if (__builtin_cpu_supports("avx512f")) return positive_by_eight(x, count);
    if (__builtin_cpu_supports("avx2")) return positive_by_four(x, count);
#endif
    for (size_t i = 0; i < count; i++) bits |= (uint64_t)(x[i] > 0) << i;
    return bits;
}

FOR_EACH_WIDTH
void numbers_of_bits(double *restrict to, const double *restrict from, size_t count, uint64_t bits)
{
    for (size_t i = 0; i < count; i++) to[i] = bits >> i & 1 ? from[i] : 0;
}

FOR_EACH_WIDTH
bool numbers_alike(const double x[], size_t count)
{
    bool differ = false;
    for (size_t i = 1; i < count; i++) differ |= x[i] != x[0];
    return !differ;
}

FOR_EACH_WIDTH
void numbers_add_present(double *restrict stock, int64_t *restrict ticks, const double people[], size_t count,
                         double sign, double rest)
{
    double change[64];
    for (size_t i = 0; i < count; i++) change[i] = people[i] > 0 ? people[i] * sign : 0;
    for (size_t i = 0; i < count; i++) stock[i] += change[i];
    /* With more people than the recorder lets pass sums go round; the run fails when its bin ends. */
    for (size_t i = 0; i < count; i++)
        ticks[i] = (int64_t)((uint64_t)ticks[i] + (uint64_t)llrint(change[i] * rest));
}

/* ---- records ---- */

typedef double pair __attribute__((vector_size(2 * sizeof(double)), aligned(8), may_alias));

void numbers_take_column(double *restrict to, const double *restrict records, size_t column, size_t count)
{
    const double *from = records + column;
    size_t i = 0;
    for (; i + 8 <= count; i += 8, from += 8 * NUMBERS_RECORD)
        for (size_t k = 0; k < 8; k += 2)
            *(pair *)(to + i + k) = (pair){from[k * NUMBERS_RECORD], from[(k + 1) * NUMBERS_RECORD]};
    for (; i < count; i++, from += NUMBERS_RECORD) to[i] = *from;
}

void numbers_add_column(double *restrict to, const double *restrict records, size_t column, size_t count,
                        const double share[])
{
    for (size_t i = 0; i < count; i++) to[i] += records[i * NUMBERS_RECORD + column] * share[i];
}
