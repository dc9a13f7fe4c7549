#include "sim/numbers.h"

#if defined(__x86_64__) && defined(__ELF__) && !defined(__SANITIZE_ADDRESS__) &&                             \
    !defined(__SANITIZE_THREAD__) && defined(__GNUC__) && !defined(__clang__)
#define FOR_EACH_WIDTH __attribute__((target_clones("default", "avx2", "avx512f")))
#else
#define FOR_EACH_WIDTH
#endif

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
void numbers_move_share(double *restrict to, double *restrict from, size_t count, double share)
{
    for (size_t i = 0; i < count; i++) {
        double part = from[i] * share;
        to[i] += part;
        from[i] -= part;
    }
}
