/* Nanoseconds of CPU time per draw: the median and the least of several repetitions. */
#include "sim/distribution.h"
#include "sim/random.h"

#include <gsl/gsl_randist.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { REPETITIONS = 11 };

static double nanoseconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void report(const char *name, double ns[REPETITIONS], double sink)
{
    qsort(ns, REPETITIONS, sizeof *ns, compare);
    printf("%-34s %8.2f %8.2f   (%g)\n", name, ns[REPETITIONS / 2], ns[0], sink);
}

/* Times `count` evaluations of an expression that may use the loop's number i and the stream. */
#define BENCH(name, count, expression)                                                                       \
    do {                                                                                                     \
        double ns[REPETITIONS], sink = 0;                                                                    \
        for (int repetition = 0; repetition < REPETITIONS; repetition++) {                                   \
            struct stream stream;                                                                            \
            stream_start(&stream, seed, 0, (uint64_t)repetition, 0);                                         \
            double begin = nanoseconds();                                                                    \
            for (uint64_t i = 0; i < (count); i++) sink += (double)(expression);                             \
            ns[repetition] = (nanoseconds() - begin) / (double)(count);                                      \
        }                                                                                                    \
        report(name, ns, sink);                                                                              \
    } while (0)

static inline uint64_t block_of(uint64_t seed, uint64_t identity)
{
    uint64_t words[2];
    random_block(seed, 3, identity, 0, words);
    return words[0] ^ words[1];
}

static inline double first_exponential(uint64_t seed, uint64_t identity)
{
    struct stream stream;
    stream_start(&stream, seed, 3, identity, 0);
    return stream_exponential(&stream);
}

static void bench_words(uint64_t seed)
{
    uint64_t chain = 1;
    BENCH("block, independent", 500000, block_of(seed, random_mix(i, 7)) >> 63);
    BENCH("block, each waits for the last", 500000, (chain = block_of(seed, chain ^ i)) >> 63);
    BENCH("word", 1000000, stream_word(&stream) >> 63);
    BENCH("word through GSL (uniform)", 1000000, gsl_rng_uniform(&stream.gsl));
}

static void bench_draws(uint64_t seed)
{
    BENCH("exponential", 1000000, stream_exponential(&stream));
    BENCH("exponential of a fresh stream", 500000, first_exponential(seed, random_mix(i, 9)));
    BENCH("exponential by GSL", 500000, gsl_ran_exponential(&stream.gsl, 1));
    BENCH("normal", 1000000, stream_normal(&stream));
    BENCH("normal by GSL (ziggurat)", 500000, gsl_ran_gaussian_ziggurat(&stream.gsl, 1));
    BENCH("poisson 0.5", 500000, stream_poisson(&stream, 0.5));
    BENCH("poisson 5", 500000, stream_poisson(&stream, 5));
    BENCH("poisson 50", 500000, stream_poisson(&stream, 50));
    BENCH("poisson 5000", 500000, stream_poisson(&stream, 5000));
    BENCH("poisson 5000 by GSL", 50000, gsl_ran_poisson(&stream.gsl, 5000));
    BENCH("binomial 0.3 of 10", 300000, stream_binomial(&stream, 0.3, 10));
    BENCH("binomial 0.3 of 10 by GSL", 300000, gsl_ran_binomial(&stream.gsl, 0.3, 10));
    BENCH("binomial 0.3 of 100", 300000, stream_binomial(&stream, 0.3, 100));
    BENCH("binomial 0.3 of 100 by GSL", 300000, gsl_ran_binomial(&stream.gsl, 0.3, 100));
    BENCH("binomial 0.3 of 1000000", 300000, stream_binomial(&stream, 0.3, 1000000));
    BENCH("binomial 0.3 of 1000000 by GSL", 300000, gsl_ran_binomial(&stream.gsl, 0.3, 1000000));
}

/* 64 at once. */
static double many_binomials(struct stream *stream, double p, double n)
{
    double trials[64], chance[64], drawn[64];
    for (int i = 0; i < 64; i++) trials[i] = n, chance[i] = p;
    stream_binomials(stream, 64, trials, chance, drawn);
    return drawn[0];
}

static void bench_many(uint64_t seed)
{
    BENCH("64 x binomial 0.3 of 10", 10000, many_binomials(&stream, 0.3, 10));
    BENCH("64 x binomial 0.3 of 100", 10000, many_binomials(&stream, 0.3, 100));
    BENCH("64 x binomial 0.3 of 1000000", 10000, many_binomials(&stream, 0.3, 1000000));
}

static void bench_hypergeometric(uint64_t seed)
{
    BENCH("hypergeometric 2 of 5 + 5", 300000, stream_hypergeometric(&stream, 5, 5, 2));
    BENCH("hypergeometric 12 of 20 + 20", 300000, stream_hypergeometric(&stream, 20, 20, 12));
    BENCH("hypergeometric 40 of 100 + 100", 300000, stream_hypergeometric(&stream, 100, 100, 40));
    BENCH("hypergeometric 40 of 200 by GSL", 100000, gsl_ran_hypergeometric(&stream.gsl, 100, 100, 40));
    BENCH("hypergeometric 2000 of 4000 + 4000", 300000, stream_hypergeometric(&stream, 4000, 4000, 2000));
    BENCH("hypergeometric 2000 of 8000 by GSL", 1000, gsl_ran_hypergeometric(&stream.gsl, 4000, 4000, 2000));
    BENCH("hypergeometric 1e6 of 1e6 + 2e6", 300000,
          stream_hypergeometric(&stream, 1000000, 2000000, 1000000));
}

static void bench_shape(uint64_t seed, enum distribution_family family, double shape)
{
    struct distribution d;
    char name[64];
    if (!distribution_from_shape(&d, family, shape, NULL)) return;
    snprintf(name, sizeof name, "duration %s %g", distribution_names[family], shape);
    BENCH(name, 300000, distribution_draw(&d, 3, &stream));
}

static void bench_durations(uint64_t seed)
{
    bench_shape(seed, DISTRIBUTION_CONSTANT, 0);
    bench_shape(seed, DISTRIBUTION_EXPONENTIAL, 0);
    bench_shape(seed, DISTRIBUTION_ERLANG, 2);
    bench_shape(seed, DISTRIBUTION_ERLANG, 3);
    bench_shape(seed, DISTRIBUTION_ERLANG, 4);
    bench_shape(seed, DISTRIBUTION_GAMMA, 0.5);
    bench_shape(seed, DISTRIBUTION_GAMMA, 2);
    bench_shape(seed, DISTRIBUTION_LOGNORMAL, 0.8);
    bench_shape(seed, DISTRIBUTION_WEIBULL, 1.5);
    struct distribution d;
    double mean, values[64], weights[64], value[64], cumulative[64];
    for (int i = 0; i < 64; i++) values[i] = weights[i] = i + 1;
    if (distribution_from_bounds(&d, DISTRIBUTION_UNIFORM, 1, 1, 4, &mean, NULL))
        BENCH("duration uniform", 300000, distribution_draw(&d, mean, &stream));
    if (distribution_from_bounds(&d, DISTRIBUTION_TRIANGULAR, 1, 2, 4, &mean, NULL))
        BENCH("duration triangular", 300000, distribution_draw(&d, mean, &stream));
    if (distribution_from_table(&d, values, weights, 64, value, cumulative, &mean, NULL))
        BENCH("duration empirical, 64 values", 300000, distribution_draw(&d, mean, &stream));
}

int main(int count, char **arguments)
{
    uint64_t seed = count > 1 ? strtoull(arguments[1], NULL, 10) : 2024;
    printf("%-34s %8s %8s   (checksum)\n", "ns per draw", "median", "least");
    bench_words(seed);
    bench_draws(seed);
    bench_many(seed);
    bench_hypergeometric(seed);
    bench_durations(seed);
    return 0;
}
