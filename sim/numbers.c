#include "sim/numbers.h"

#include "sim/widths.h"

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

#define EIGHT 8

/* Eight numbers as one value, in as few registers as the processor needs for it. */
typedef double eight __attribute__((vector_size(EIGHT * sizeof(double)), aligned(8), may_alias));

#define WINDOW (2 * EIGHT) /* numbers whose sums stay in registers */

/* The last window reaches back over numbers that have their sums already. */
static inline size_t window_at(size_t i, size_t count)
{
    return i + WINDOW <= count ? i : count - WINDOW;
}

static inline void add_behind(double *to, const eight sum[2], size_t behind)
{
    const double *part = (const double *)sum;
    for (size_t k = behind; k < WINDOW; k++) to[k] += part[k];
}

FOR_EACH_WIDTH
void numbers_add_rows(double *restrict to, size_t count, const double *restrict base, size_t stride,
                      const uint32_t place[], const double weight[], size_t rows)
{
    for (size_t i = 0; i < count && count >= WINDOW; i += WINDOW) {
        const size_t at = window_at(i, count);
        eight low = {0}, high = {0};
        for (size_t r = 0; r < rows; r++) {
            const eight *from = (const eight *)(base + place[r] * stride + at);
            low += from[0] * weight[r];
            high += from[1] * weight[r];
        }
        add_behind(to + at, (eight[]){low, high}, i - at);
    }
    for (size_t k = 0; k < count && count < WINDOW; k++) {
        double sum = 0;
        for (size_t r = 0; r < rows; r++) sum += base[place[r] * stride + k] * weight[r];
        to[k] += sum;
    }
}

FOR_EACH_WIDTH
void numbers_add_rows_twice(double *restrict to, double *restrict second, size_t count,
                            const double *restrict base, size_t stride, const uint32_t place[],
                            const double weight[], const double second_weight[], size_t rows)
{
    for (size_t i = 0; i < count && count >= WINDOW; i += WINDOW) {
        const size_t at = window_at(i, count);
        eight low = {0}, high = {0}, second_low = {0}, second_high = {0};
        for (size_t r = 0; r < rows; r++) {
            const eight *from = (const eight *)(base + place[r] * stride + at);
            low += from[0] * weight[r];
            high += from[1] * weight[r];
            second_low += from[0] * second_weight[r];
            second_high += from[1] * second_weight[r];
        }
        add_behind(to + at, (eight[]){low, high}, i - at);
        add_behind(second + at, (eight[]){second_low, second_high}, i - at);
    }
    for (size_t k = 0; k < count && count < WINDOW; k++) {
        double sum = 0, other = 0;
        for (size_t r = 0; r < rows; r++) {
            sum += base[place[r] * stride + k] * weight[r];
            other += base[place[r] * stride + k] * second_weight[r];
        }
        to[k] += sum;
        second[k] += other;
    }
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

FOR_EACH_WIDTH
uint64_t numbers_positive(const double x[], size_t count)
{
    uint64_t bits = 0;
    for (size_t i = 0; i < count; i++) bits |= (uint64_t)(x[i] > 0) << i;
    return bits;
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
    for (size_t i = 0; i < count; i++) {
        stock[i] += sign * people[i];
        ticks[i] += llrint(sign * people[i] * rest);
    }
}

/* ---- records ---- */

void numbers_take_column(double *restrict to, const double *restrict records, size_t column, size_t count)
{
    for (size_t i = 0; i < count; i++) to[i] = records[i * NUMBERS_RECORD + column];
}

void numbers_add_column(double *restrict to, const double *restrict records, size_t column, size_t count,
                        const double share[])
{
    for (size_t i = 0; i < count; i++) to[i] += records[i * NUMBERS_RECORD + column] * share[i];
}

_Static_assert(NUMBERS_RECORD == EIGHT, "a record is one value");

FOR_EACH_WIDTH
void numbers_times_records(double *restrict to, const double *restrict from, size_t count,
                           const double *restrict share)
{
    eight *record = (eight *)to;
    const eight *other = (const eight *)from;
    for (size_t i = 0; i < count; i++) record[i] = other[i] * share[i];
}

FOR_EACH_WIDTH
void numbers_set_records(double *restrict to, double *restrict first, const double *restrict from,
                         size_t count, const double *restrict share, const double keep[NUMBERS_RECORD])
{
    const eight kept = *(const eight *)keep;
    eight *whole = (eight *)to;
    const eight *part = (const eight *)from;
    for (size_t i = 0; i < count; i++) {
        first[i] = from[i * NUMBERS_RECORD] * share[i];
        whole[i] = part[i] * (kept * share[i]);
    }
}

FOR_EACH_WIDTH
void numbers_add_records(double *restrict to, double *restrict first, const double *restrict from,
                         size_t count, const double *restrict share, const double keep[NUMBERS_RECORD])
{
    const eight kept = *(const eight *)keep;
    eight *sum = (eight *)to;
    const eight *part = (const eight *)from;
    for (size_t i = 0; i < count; i++) {
        first[i] = from[i * NUMBERS_RECORD] * share[i];
        sum[i] += part[i] * (kept * share[i]);
    }
}

FOR_EACH_WIDTH
void numbers_add_record_at(double *restrict to, size_t stride, const uint16_t place[], size_t count,
                           const double *one)
{
    const eight record = *(const eight *)one;
    for (size_t i = 0; i < count; i++) *(eight *)(to + place[i] * stride) += record;
}

FOR_EACH_WIDTH
void numbers_add_record_times(double *restrict to, size_t stride, const uint64_t times[], size_t count,
                              const double *one)
{
    const eight record = *(const eight *)one;
    for (size_t i = 0; i < count; i++)
        if (times[i] > 0) *(eight *)(to + i * stride) += record * (double)times[i];
}

FOR_EACH_WIDTH
void numbers_move_records(double *restrict to, double *restrict from, size_t count,
                          const double *restrict share, const double keep[NUMBERS_RECORD])
{
    const eight kept = *(const eight *)keep;
    eight *sum = (eight *)to, *left = (eight *)from;
    for (size_t i = 0; i < count; i++) {
        eight part = left[i] * (kept * share[i]);
        sum[i] += part;
        left[i] -= part;
    }
}

/* ---- phases ---- */

static inline __attribute__((always_inline)) void pass(double *left, double *phase, size_t stride,
                                                       double *coming, size_t count, const uint32_t phases,
                                                       const struct numbers_phases *shares)
{
    const eight nobody = {0};
    for (size_t i = 0; i < count; i++, left += EIGHT, phase += EIGHT, coming += EIGHT) {
        const eight come = *(const eight *)coming;
        eight here[NUMBERS_PHASES], sum = *(const eight *)left + come * shares->come_and_leave;
        for (uint32_t p = 0; p < phases; p++) {
            here[p] = *(const eight *)(phase + p * stride);
            sum += here[p] * shares->leave[p];
        }
        *(eight *)left = sum;
        *(eight *)coming = nobody;
        for (uint32_t p = 0; p < phases; p++) {
            eight to = come * shares->come[p] + here[p] * shares->move[0];
            for (uint32_t m = 1; m <= p; m++) to += here[p - m] * shares->move[m];
            *(eight *)(phase + p * stride) = to;
        }
    }
}

FOR_EACH_WIDTH
void numbers_pass_phases(double *left, double *phase, size_t stride, double *coming, size_t count,
                         uint32_t phases, const struct numbers_phases *shares)
{
    if (phases == 1) pass(left, phase, stride, coming, count, 1, shares);
    if (phases == 2) pass(left, phase, stride, coming, count, 2, shares);
    if (phases == 3) pass(left, phase, stride, coming, count, 3, shares);
    if (phases == 4) pass(left, phase, stride, coming, count, 4, shares);
}
