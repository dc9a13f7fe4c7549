/* A function marked so is built for several widths of the processor's registers. For sources with loops in
 * which every element stands alone: the bits are the same for all of them. */
#ifndef CORRIDOR_SIM_WIDTHS_H
#define CORRIDOR_SIM_WIDTHS_H

#if defined(__x86_64__) && defined(__ELF__) && !defined(__SANITIZE_ADDRESS__) &&                             \
    !defined(__SANITIZE_THREAD__) && defined(__GNUC__) && !defined(__clang__)
#define FOR_EACH_WIDTH __attribute__((target_clones("default", "avx2", "avx512f")))
#else
#define FOR_EACH_WIDTH
#endif

/* Where a function may be written for wide registers, and asked for when the processor has them. */
#if defined(__x86_64__) && defined(__GNUC__)
#define WIDE_REGISTERS 1
#endif

#endif
