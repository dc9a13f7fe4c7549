/* Random numbers: Philox4x32-10 (Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2,
 * 3", SC 2011) as Random123 ships it, keyed so that a number depends on who draws it and why, never on when.
 *
 * A stream is named by (seed, replication, identity). Identities are hashes of names and of a person's visit
 * (random_hash_name, random_mix), never indices: the same person has the same luck under two policies.
 * Counter words: block, replication, identity low, identity high; key: the seed. */
#ifndef CORRIDOR_SIM_RANDOM_H
#define CORRIDOR_SIM_RANDOM_H

#include <gsl/gsl_rng.h>
#include <Random123/philox.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* 64-bit hash of a name (FNV-1a with a final mix); the same on every machine. */
uint64_t random_hash_name(const char *name);

/* Mixes two 64-bit words into one (the finaliser of MurmurHash3 by Appleby, applied after a multiply-add).
 * Not symmetric: random_mix(a, b) differs from random_mix(b, a). */
static inline uint64_t random_mix(uint64_t a, uint64_t b)
{
    uint64_t x = a * UINT64_C(0x9E3779B97F4A7C15) + (b ^ UINT64_C(0xD1B54A32D192ED03));
    x = (x ^ (x >> 33)) * UINT64_C(0xFF51AFD7ED558CCD);
    x = (x ^ (x >> 33)) * UINT64_C(0xC4CEB9FE1A85EC53);
    return x ^ (x >> 33);
}

/* One block of two random words. Thread-safe, stateless. */
static inline void random_block(uint64_t seed, uint32_t replication, uint64_t identity, uint32_t block,
                                uint64_t words[2])
{
    philox4x32_ctr_t counter = {{block, replication, (uint32_t)identity, (uint32_t)(identity >> 32)}};
    philox4x32_key_t key = {{(uint32_t)seed, (uint32_t)(seed >> 32)}};
    philox4x32_ctr_t r = philox4x32(counter, key);
    words[0] = (uint64_t)r.v[0] | (uint64_t)r.v[1] << 32;
    words[1] = (uint64_t)r.v[2] | (uint64_t)r.v[3] << 32;
}

/* Uniform in [0, 1) and in (0, 1], 53 bits. */
static inline double random_unit(uint64_t word)
{
    return (double)(word >> 11) * 0x1p-53;
}
static inline double random_unit_positive(uint64_t word)
{
    return (double)((word >> 11) + 1) * 0x1p-53;
}

/* A stream: words of consecutive blocks. Most streams give a word or two; whoever wants more gets them many
 * at a time. Lives on the stack; `gsl` points back into it, so never copy one. */
#define STREAM_WORDS 16
struct stream {
    uint64_t words[STREAM_WORDS];
    uint64_t seed;
    uint64_t identity;
    uint32_t replication;
    uint32_t block; /* the next block to compute */
    uint32_t left;  /* the last of `words`, not yet used */
    bool begun;
    gsl_rng gsl; /* hand &stream->gsl to any gsl_ran_ function */
};

/* The generator as GSL sees it: 53-bit doubles, 32-bit integers (gsl_rng_set keys it by seed alone). */
extern const gsl_rng_type *const random_philox;

/* Names the stream and starts it at `block`; nothing is drawn yet. */
static inline void stream_start(struct stream *stream, uint64_t seed, uint32_t replication, uint64_t identity,
                                uint32_t block)
{
    stream->seed = seed;
    stream->identity = identity;
    stream->replication = replication;
    stream->block = block;
    stream->left = 0;
    stream->begun = false;
    stream->gsl.type = random_philox;
    stream->gsl.state = stream;
}

/* Computes the next STREAM_WORDS words; what was left is dropped. Not for callers. */
void stream_fill(struct stream *stream);

static inline uint64_t stream_word(struct stream *stream)
{
    if (stream->left == 0 && stream->begun) stream_fill(stream);
    if (stream->left == 0) {
        random_block(stream->seed, stream->replication, stream->identity, stream->block++,
                     stream->words + STREAM_WORDS - 2);
        stream->left = 2;
        stream->begun = true;
    }
    return stream->words[STREAM_WORDS - stream->left--];
}

/* The next `count` words. */
static inline void stream_words(struct stream *stream, uint64_t words[], size_t count)
{
    while (count > 0) {
        if (stream->left == 0) {
            words[0] = stream_word(stream);
            words++, count--;
            continue;
        }
        size_t some = count < stream->left ? count : stream->left;
        memcpy(words, stream->words + STREAM_WORDS - stream->left, some * sizeof *words);
        stream->left -= (uint32_t)some;
        words += some;
        count -= some;
    }
}

static inline double stream_unit(struct stream *stream)
{
    return random_unit(stream_word(stream));
}

/* One layer of a ziggurat: of 2^53 equal steps across the layer those below `accept` lie under the curve. */
struct random_layer {
    uint64_t accept;
    double scale; /* width of a step */
};
extern const struct random_layer random_exponential_layers[256], random_normal_layers[256];

/* What follows the first test of the two functions below: tails and edges. Not for callers. */
double stream_exponential_edge(struct stream *stream, uint64_t word);
double stream_normal_edge(struct stream *stream, uint64_t word);

/* Exponential with mean 1 by the ziggurat method (Marsaglia and Tsang, J. Stat. Software 5(8), 2000; 256
 * layers, 53-bit abscissae), exact to double precision. Uses one word in 98 % of calls: the layer is its low
 * 8 bits, the abscissa its high 53. */
static inline double stream_exponential(struct stream *stream)
{
    uint64_t word = stream_word(stream);
    const struct random_layer *layer = &random_exponential_layers[word & 255];
    uint64_t step = word >> 11;
    if (__builtin_expect(step < layer->accept, 1)) return (double)(int64_t)step * layer->scale;
    return stream_exponential_edge(stream, word);
}

/* x with the sign that bit 8 of the word gives, which no layer or abscissa uses; no branch to mispredict. */
static inline double random_sign(double x, uint64_t word)
{
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    bits |= (word & 256) << 55;
    memcpy(&x, &bits, sizeof x);
    return x;
}

/* Standard normal by the same method. */
static inline double stream_normal(struct stream *stream)
{
    uint64_t word = stream_word(stream);
    const struct random_layer *layer = &random_normal_layers[word & 255];
    uint64_t step = word >> 11;
    if (__builtin_expect(step < layer->accept, 1))
        return random_sign((double)(int64_t)step * layer->scale, word);
    return stream_normal_edge(stream, word);
}

/* Poisson with this mean: sequential inversion below 10, a modified normal to 1e6 (PD; Ahrens and Dieter, ACM
 * Trans. Math. Software 8, 1982), else transformed rejection (PTRS; Hoermann, Insurance: Mathematics and
 * Economics 12, 1993). A mean that is not positive (or NaN) gives 0 and draws nothing; means above 1e15 are
 * taken as 1e15, beyond which doubles no longer hold every count. */
uint64_t stream_poisson(struct stream *stream, double mean);

/* Successes in n trials of probability p: sequential inversion where n p or n (1 - p) is below 10, else
 * transformed rejection (BTRS; Hoermann, J. Stat. Comput. Simul. 46, 1993). Time O(1), for any n. p <= 0 (or
 * NaN) gives 0 and p >= 1 gives n, without drawing. Exact to double precision for n up to 2^53. */
uint64_t stream_binomial(struct stream *stream, double p, uint64_t n);

/* The same for `count` whole numbers of trials, many at once; those that are not positive give 0, and p is at
 * most 1. */
void stream_binomials(struct stream *stream, size_t count, const double trials[], const double p[],
                      double successes[]);

/* White ones among `draws` drawn without replacement from `white` and `black` (together below 2^63).
 * Inversion where the drawn, the left or one colour are at most 16 or the variance is below 250; else the
 * ratio of uniforms (HRUA*; Stadlober, J. Comput. Appl. Math. 31, 1990). Time O(1). What is certain draws
 * nothing: no draws, one colour, or draws >= white + black, which gives `white`. Exact to double precision
 * for counts up to 2^53. */
uint64_t stream_hypergeometric(struct stream *stream, uint64_t white, uint64_t black, uint64_t draws);

#endif
