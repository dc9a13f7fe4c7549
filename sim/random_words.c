/* Words of a stream, many at once: the blocks of Philox do not depend on each other, so that a processor
 * works on all of them together. */
#include "sim/random.h"

#include "sim/widths.h"

#define BLOCKS (STREAM_WORDS / 2)

/* As Random123 has them (Salmon, Moraes, Dror and Shaw, SC 2011). */
enum { ROUNDS = 10 };
#define MULTIPLIER_0 UINT64_C(0xD2511F53)
#define MULTIPLIER_1 UINT64_C(0xCD9E8D57)
#define WEYL_0       UINT64_C(0x9E3779B9)
#define WEYL_1       UINT64_C(0xBB67AE85)
#define LOW          UINT64_C(0xFFFFFFFF)

FOR_EACH_WIDTH
void stream_words(struct stream *stream, uint64_t words[STREAM_WORDS])
{
    /* Four words of 32 bits for each block, each in 64. */
    uint64_t a[BLOCKS], b[BLOCKS], c[BLOCKS], d[BLOCKS];
    uint64_t key0 = stream->seed & LOW, key1 = stream->seed >> 32;
    for (uint32_t i = 0; i < BLOCKS; i++) {
        a[i] = stream->block + i;
        b[i] = stream->replication;
        c[i] = stream->identity & LOW;
        d[i] = stream->identity >> 32;
    }
    for (int round = 0; round < ROUNDS; round++) {
        for (int i = 0; i < BLOCKS; i++) {
            uint64_t first = (a[i] & LOW) * MULTIPLIER_0, second = (c[i] & LOW) * MULTIPLIER_1;
            a[i] = (second >> 32) ^ b[i] ^ key0;
            b[i] = second & LOW;
            c[i] = (first >> 32) ^ d[i] ^ key1;
            d[i] = first & LOW;
        }
        key0 = (key0 + WEYL_0) & LOW;
        key1 = (key1 + WEYL_1) & LOW;
    }
    for (int i = 0; i < BLOCKS; i++) {
        words[2 * i] = a[i] | b[i] << 32;
        words[2 * i + 1] = c[i] | d[i] << 32;
    }
    stream->block += BLOCKS;
    stream->left = 0;
}
