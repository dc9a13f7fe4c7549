/* Internal to the calendar: sorts the entries of a bucket by their offset (the high word). */
#ifndef CORRIDOR_SIM_CALENDAR_SORT_H
#define CORRIDOR_SIM_CALENDAR_SORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SORT_SMALL  20  /* insertion sort alone is faster up to here */
#define SORT_MIDDLE 256 /* digits of six bits are faster than of eight up to here */

/* Stable insertion sort that gives up, leaving a permutation, after `budget` moves. */
static inline bool sort_insertion(uint64_t *entries, size_t count, size_t budget)
{
    for (size_t i = 1; i < count; i++) {
        uint64_t entry = entries[i];
        size_t j = i;
        for (; j > 0 && entries[j - 1] >> 32 > entry >> 32; j--) entries[j] = entries[j - 1];
        entries[j] = entry;
        if (i - j > budget) return false;
        budget -= i - j;
    }
    return true;
}

/* One stable pass by the `bits` bits from `low`. `counts` holds how often each value occurs and is used up.
 */
static inline void sort_pass(const uint64_t *from, uint64_t *to, size_t count, unsigned low, unsigned bits,
                             uint32_t *counts)
{
    uint32_t sum = 0;
    for (unsigned i = 0; i < 1U << bits; i++) {
        uint32_t n = counts[i];
        counts[i] = sum;
        sum += n;
    }
    for (size_t i = 0; i < count; i++) to[counts[from[i] >> low & ((1U << bits) - 1)]++] = from[i];
}

/* Two passes of `bits` bits each, from `low`. */
static inline void sort_two_passes(uint64_t *entries, uint64_t *scratch, size_t count, unsigned low,
                                   unsigned bits)
{
    uint32_t first[256] = {0}, second[256] = {0};
    for (size_t i = 0; i < count; i++) {
        first[entries[i] >> low & ((1U << bits) - 1)]++;
        second[entries[i] >> (low + bits) & ((1U << bits) - 1)]++;
    }
    sort_pass(entries, scratch, count, low, bits, first);
    sort_pass(scratch, entries, count, low + bits, bits, second);
}

/* Sorts by the offset, which has `width` bits. Entries of a bucket are spread over it, so its top bits put
 * nearly all in place and an insertion sort mends the rest; where they are clustered, all bits are used. */
static inline void sort_bucket(uint64_t *entries, uint64_t *scratch, size_t count, unsigned width)
{
    if (count <= SORT_SMALL) {
        sort_insertion(entries, count, SIZE_MAX);
        return;
    }
    if (count <= SORT_MIDDLE)
        sort_two_passes(entries, scratch, count, 32 + (width > 12 ? width - 12 : 0), 6);
    else
        sort_two_passes(entries, scratch, count, 32 + (width > 16 ? width - 16 : 0), 8);
    if (sort_insertion(entries, count, 4 * count)) return;
    sort_two_passes(entries, scratch, count, 32, 8);
    sort_two_passes(entries, scratch, count, 48, 8);
}

#endif
