/* Words of a stream, many at once: the blocks of Philox do not depend on each other, so that a processor
 * works on all of them together. */
#include "sim/random.h"

#include "sim/widths.h"

#ifdef WIDE_REGISTERS
#include <immintrin.h>
#endif

#define BLOCKS (STREAM_WORDS / 2)

/* As Random123 has them (Salmon, Moraes, Dror and Shaw, SC 2011). */
enum { ROUNDS = 10 };
#define MULTIPLIER_0 UINT32_C(0xD2511F53)
#define MULTIPLIER_1 UINT32_C(0xCD9E8D57)
#define WEYL_0       UINT32_C(0x9E3779B9)
#define WEYL_1       UINT32_C(0xBB67AE85)

#ifdef WIDE_REGISTERS

#define REGISTERS 2 /* each with the words of four blocks, in 64 bits each */
_Static_assert(BLOCKS == 4 * REGISTERS, "registers hold all blocks");

/* Compilers do not see that the product of two words of 32 bits is one instruction. */
__attribute__((target("avx2"))) static void make_wide(const struct stream *stream,
                                                      uint64_t words[STREAM_WORDS])
{
    const __m256i low = _mm256_set1_epi64x(0xFFFFFFFF), first = _mm256_set1_epi64x(MULTIPLIER_0),
                  second = _mm256_set1_epi64x(MULTIPLIER_1);
    uint32_t key0 = (uint32_t)stream->seed, key1 = (uint32_t)(stream->seed >> 32);
    __m256i a[REGISTERS], b[REGISTERS], c[REGISTERS], d[REGISTERS];
    for (int i = 0; i < REGISTERS; i++) {
        __m256i block =
            _mm256_add_epi32(_mm256_set1_epi64x(stream->block),
                             _mm256_add_epi64(_mm256_set1_epi64x(4 * i), _mm256_set_epi64x(3, 2, 1, 0)));
        a[i] = block;
        b[i] = _mm256_set1_epi64x(stream->replication);
        c[i] = _mm256_set1_epi64x((int64_t)(stream->identity & 0xFFFFFFFF));
        d[i] = _mm256_set1_epi64x((int64_t)(stream->identity >> 32));
    }
    for (int round = 0; round < ROUNDS; round++) {
        const __m256i first_key = _mm256_set1_epi64x(key0), second_key = _mm256_set1_epi64x(key1);
        for (int i = 0; i < REGISTERS; i++) {
            __m256i of_a = _mm256_mul_epu32(a[i], first), of_c = _mm256_mul_epu32(c[i], second);
            a[i] = _mm256_xor_si256(_mm256_srli_epi64(of_c, 32), _mm256_xor_si256(b[i], first_key));
            b[i] = of_c; /* of which only the low half is looked at */
            c[i] = _mm256_xor_si256(_mm256_srli_epi64(of_a, 32), _mm256_xor_si256(d[i], second_key));
            d[i] = of_a;
        }
        key0 += WEYL_0;
        key1 += WEYL_1;
    }
    for (int i = 0; i < REGISTERS; i++) {
        __m256i even = _mm256_or_si256(_mm256_and_si256(a[i], low), _mm256_slli_epi64(b[i], 32));
        __m256i odd = _mm256_or_si256(_mm256_and_si256(c[i], low), _mm256_slli_epi64(d[i], 32));
        __m256i near = _mm256_unpacklo_epi64(even, odd), far = _mm256_unpackhi_epi64(even, odd);
        __m256i *to = (__m256i *)(void *)(words + 8 * i);
        _mm256_storeu_si256(to, _mm256_permute2x128_si256(near, far, 0x20));
        _mm256_storeu_si256(to + 1, _mm256_permute2x128_si256(near, far, 0x31));
    }
}

#endif

static void make_blocks(const struct stream *stream, uint64_t words[STREAM_WORDS])
{
    for (uint32_t i = 0; i < BLOCKS; i++)
        random_block(stream->seed, stream->replication, stream->identity, stream->block + i, words + 2 * i);
}

void stream_fill(struct stream *stream)
{
#ifdef WIDE_REGISTERS
    if (__builtin_cpu_supports("avx2"))
        make_wide(stream, stream->words);
    else
#endif
        make_blocks(stream, stream->words);
    stream->block += BLOCKS;
    stream->left = STREAM_WORDS;
}
