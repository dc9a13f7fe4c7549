/* Records and rows: what is done to them is written once (numbers_lanes.h) and built for registers of two,
 * four and eight doubles. */
#include "sim/numbers.h"

#include "sim/widths.h"

/* The functions of one width. */
struct lanes {
    void (*add_rows)(double *, size_t, const double *, size_t, const uint32_t[], const double[], size_t);
    void (*add_rows_twice)(double *, double *, size_t, const double *, size_t, const uint32_t[],
                           const double[], const double[], size_t);
    void (*times_records)(double *, const double *, size_t, const double *);
    void (*send_records)(double *, double *, const double *, size_t, const double *, const double[], bool);
    void (*move_records)(double *, double *, size_t, const double *, const double[]);
    void (*add_record_at)(double *, size_t, const uint16_t[], size_t, const double[]);
    void (*add_record_times)(double *, size_t, const uint64_t[], size_t, const double[]);
    void (*pass_phases)(double *, double *, size_t, double *, size_t, uint32_t,
                        const struct numbers_phases *);
};

#define SUMS (2 * NUMBERS_RECORD) /* numbers of a row that are summed together */

/* The last of them reach back over numbers that have their sums already. */
static inline size_t window_at(size_t i, size_t count)
{
    return i + SUMS <= count ? i : count - SUMS;
}

static inline void add_behind(double *to, const double sum[], size_t behind)
{
    for (size_t k = behind; k < SUMS; k++) to[k] += sum[k];
}

#define LANES 2
#define LANES_TARGET
#define FOR_LANES(name) name##_of_two
#include "sim/numbers_lanes.h"

#ifdef WIDE_REGISTERS

#define LANES           4
#define LANES_TARGET    __attribute__((target("avx2")))
#define FOR_LANES(name) name##_of_four
#include "sim/numbers_lanes.h"

#define LANES           8
#define LANES_TARGET    __attribute__((target("avx512f")))
#define FOR_LANES(name) name##_of_eight
#include "sim/numbers_lanes.h"

#endif

static inline const struct lanes *lanes(void)
{
#ifdef WIDE_REGISTERS
    if (__builtin_cpu_supports("avx512f")) return &by_of_eight;
    if (__builtin_cpu_supports("avx2")) return &by_of_four;
#endif
    return &by_of_two;
}

/* ---- what the room calls ---- */

void numbers_add_rows(double *restrict to, size_t count, const double *restrict base, size_t stride,
                      const uint32_t place[], const double weight[], size_t rows)
{
    if (count >= SUMS) {
        lanes()->add_rows(to, count, base, stride, place, weight, rows);
        return;
    }
    for (size_t k = 0; k < count; k++) {
        double sum = 0;
        for (size_t r = 0; r < rows; r++) sum += base[place[r] * stride + k] * weight[r];
        to[k] += sum;
    }
}

void numbers_add_rows_twice(double *restrict to, double *restrict second, size_t count,
                            const double *restrict base, size_t stride, const uint32_t place[],
                            const double weight[], const double second_weight[], size_t rows)
{
    if (count >= SUMS) {
        lanes()->add_rows_twice(to, second, count, base, stride, place, weight, second_weight, rows);
        return;
    }
    for (size_t k = 0; k < count; k++) {
        double sum = 0, other = 0;
        for (size_t r = 0; r < rows; r++) {
            sum += base[place[r] * stride + k] * weight[r];
            other += base[place[r] * stride + k] * second_weight[r];
        }
        to[k] += sum;
        second[k] += other;
    }
}

void numbers_times_records(double *to, const double *from, size_t count, const double share[])
{
    lanes()->times_records(to, from, count, share);
}

void numbers_set_records(double *to, double *first, const double *from, size_t count, const double share[],
                         const double *keep)
{
    lanes()->send_records(to, first, from, count, share, keep, false);
}

void numbers_add_records(double *to, double *first, const double *from, size_t count, const double share[],
                         const double *keep)
{
    lanes()->send_records(to, first, from, count, share, keep, true);
}

void numbers_move_records(double *to, double *from, size_t count, const double share[],
                          const double keep[NUMBERS_RECORD])
{
    lanes()->move_records(to, from, count, share, keep);
}

void numbers_add_record_at(double *to, size_t stride, const uint16_t place[], size_t count, const double *one)
{
    lanes()->add_record_at(to, stride, place, count, one);
}

void numbers_add_record_times(double *to, size_t stride, const uint64_t times[], size_t count,
                              const double *one)
{
    lanes()->add_record_times(to, stride, times, count, one);
}

void numbers_pass_phases(double *left, double *phase, size_t stride, double *coming, size_t count,
                         uint32_t phases, const struct numbers_phases *shares)
{
    lanes()->pass_phases(left, phase, stride, coming, count, phases, shares);
}
