/* The two ziggurats: exponential and normal draws. Seeds are fixed: a failure is a defect, not bad luck. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sim/random_ziggurat.h"

#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#define check_within(got, want, tolerance)                                                                   \
    do {                                                                                                     \
        double got_ = (got), want_ = (want), tolerance_ = (tolerance);                                       \
        if (!(fabs(got_ - want_) <= tolerance_))                                                             \
            fail_msg("%s is %.17g, not %.17g +- %g", #got, got_, want_, tolerance_);                         \
    } while (0)

static long double exponential_density(long double x)
{
    return expl(-x);
}
static long double exponential_inverse(long double y)
{
    return -logl(y);
}
static long double normal_density(long double x)
{
    return expl(-0.5L * x * x);
}
static long double normal_inverse(long double y)
{
    return sqrtl(-2 * logl(y));
}

/* Recomputes one ziggurat from its r and v, nearly to the last bit where long doubles have 64 bits. */
static void check_tables(long double r, long double v, long double f(long double),
                         long double inverse(long double), const struct random_layer layers[256],
                         const double density[257])
{
    const long double slack = 512 * LDBL_EPSILON;
    const long double rounding = DBL_EPSILON / 2 + slack;
    long double x = v / f(r), next = r;
    for (size_t i = 0; i < 256; i++) {
        long double accept = next / x * 0x1p53L;
        /* The recurrence magnifies the rounding of this machine's expl and logl in the topmost layers; that
         * the last one closes the ziggurat is asserted below. */
        bool topmost = i >= 250;
        assert_true(fabsl(layers[i].scale * 0x1p53L - x) <= x * (topmost ? 2 * DBL_EPSILON : rounding));
        long double steps = topmost ? 2 : 0.5L + 0x1p53L * slack / 8;
        assert_true(i == 255 || fabsl((long double)layers[i].accept + 0.5L - accept) <= steps);
        assert_true(fabsl(density[i] - f(x)) <= f(x) * rounding);
        x = next;
        next = i < 254 ? inverse(f(x) + v / x) : 0;
    }
    assert_true(layers[255].accept == 0);
    assert_true(density[256] == 1);
    long double last = layers[255].scale * 0x1p53L;
    check_within((double)(f(last) + v / last), 1, 1e-14);
}

/* Would catch one wrong digit anywhere in the tables, or a ziggurat that does not close at the top. */
static void test_tables_follow_their_formula(void **state)
{
    (void)state;
    long double r = 7.69711747013104971404628L;
    check_tables(r, (r + 1) * expl(-r), exponential_density, exponential_inverse, random_exponential_layers,
                 random_exponential_density);
    r = 3.65415288536100877164543L;
    long double beyond = sqrtl(acosl(-1) / 2) * erfcl(r / sqrtl(2));
    check_tables(r, r * normal_density(r) + beyond, normal_density, normal_inverse, random_normal_layers,
                 random_normal_density);
    check_within(RANDOM_EXPONENTIAL_TAIL, 7.69711747013104971404628, 0);
    check_within(RANDOM_NORMAL_TAIL, 3.65415288536100877164543, 0);
}

/* Would catch an abscissa that shares bits with the layer or drops some. */
static void test_exponential_uses_one_word_as_documented(void **state)
{
    (void)state;
    int quick = 0;
    for (uint64_t id = 0; id < 10000; id++) {
        uint64_t words[2];
        random_block(1, 2, id, 0, words);
        const struct random_layer *layer = &random_exponential_layers[words[0] % 256];
        if (words[0] / 2048 >= layer->accept) continue;
        struct stream stream;
        stream_start(&stream, 1, 2, id, 0);
        assert_true(stream_exponential(&stream) == (double)(words[0] / 2048) * layer->scale);
        assert_true(stream_word(&stream) == words[1]);
        quick++;
    }
    check_within(quick / 1e4, 0.9778, 0.0074);
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

typedef double draw_function(struct stream *stream);

static double *sorted_sample(size_t n, uint64_t seed, draw_function draw)
{
    double *sample = malloc(n * sizeof *sample);
    assert_non_null(sample);
    struct stream stream;
    stream_start(&stream, seed, 0, 1, 0);
    for (size_t i = 0; i < n; i++) sample[i] = draw(&stream);
    qsort(sample, n, sizeof *sample, compare);
    return sample;
}

/* Kolmogorov's distance of a sorted sample times sqrt(n); above 2.8 with probability 3e-7. */
static double kolmogorov(const double *sorted, size_t n, double cdf(double))
{
    double distance = 0;
    for (size_t i = 0; i < n; i++) {
        double p = cdf(sorted[i]);
        distance = fmax(distance, fmax(p - (double)i / (double)n, (double)(i + 1) / (double)n - p));
    }
    return distance * sqrt((double)n);
}

static double exponential_cdf(double x)
{
    return -expm1(-x);
}
static double normal_cdf(double x)
{
    return 0.5 * erfc(-x * M_SQRT1_2);
}

static size_t ties(const double *sorted, size_t n)
{
    size_t count = 0;
    for (size_t i = 1; i < n; i++) count += sorted[i] == sorted[i - 1];
    return count;
}

/* Would catch a wrong shape (distance) and abscissae of 32 bits (about 100 ties in this sample). */
static void test_samples_follow_their_distribution(void **state)
{
    (void)state;
    const size_t n = 1000000;
    double *sample = sorted_sample(n, 101, stream_exponential);
    assert_true(kolmogorov(sample, n, exponential_cdf) < 2.8);
    assert_int_equal(ties(sample, n), 0);
    assert_true(sample[0] >= 0);
    free(sample);
    sample = sorted_sample(n, 102, stream_normal);
    assert_true(kolmogorov(sample, n, normal_cdf) < 2.8);
    assert_int_equal(ties(sample, n), 0);
    free(sample);
}

/* Chi-square over 4096 equally likely cells, in standard deviations from its mean. */
static double cells_z(uint64_t seed, draw_function draw, double cdf(double))
{
    enum { CELLS = 4096, N = 4000000 };
    int *cells = calloc(CELLS, sizeof *cells);
    assert_non_null(cells);
    struct stream stream;
    stream_start(&stream, seed, 0, 1, 0);
    for (int i = 0; i < N; i++) cells[(size_t)fmin(cdf(draw(&stream)) * CELLS, CELLS - 1)]++;
    double sum = 0, want = (double)N / CELLS;
    for (size_t i = 0; i < CELLS; i++) sum += (cells[i] - want) * (cells[i] - want) / want;
    free(cells);
    return (sum - (CELLS - 1)) / sqrt(2.0 * (CELLS - 1));
}

/* Would catch one layer of 256 with the wrong weight, and a wrong test at the edge of a layer. */
static void test_fine_cells_are_even(void **state)
{
    (void)state;
    check_within(cells_z(201, stream_exponential, exponential_cdf), 0, 5);
    check_within(cells_z(202, stream_normal, normal_cdf), 0, 5);
}

/* Would catch a wrong mean, variance, skewness or fourth moment (each within 5 standard errors). */
static void test_moments(void **state)
{
    (void)state;
    const double n = 2e6;
    double e[5] = {0}, z[5] = {0};
    struct stream stream;
    stream_start(&stream, 301, 0, 1, 0);
    for (int i = 0; i < (int)n; i++) {
        double x = stream_exponential(&stream), y = stream_normal(&stream);
        for (int k = 1; k <= 4; k++) e[k] += pow(x, k) / n;
        for (int k = 1; k <= 4; k++) z[k] += pow(y, k) / n;
    }
    const double exponential_moment[9] = {1, 1, 2, 6, 24, 120, 720, 5040, 40320};
    const double normal_moment[9] = {1, 0, 1, 0, 3, 0, 15, 0, 105};
    for (int k = 1; k <= 4; k++) {
        const double *m = exponential_moment;
        check_within(e[k], m[k], 5 * sqrt((m[2 * k] - m[k] * m[k]) / n));
        m = normal_moment;
        check_within(z[k], m[k], 5 * sqrt((m[2 * k] - m[k] * m[k]) / n));
    }
}

/* Would catch a tail that is cut, too thin or too fat (counts within 5 standard errors). */
static void test_tails(void **state)
{
    (void)state;
    const double n = 6e6;
    const double e_edge[4] = {5, 7.69711747013105, 9, 12}, z_edge[4] = {3, 3.654152885361, 4, 4.7};
    double e_count[4] = {0}, z_low[4] = {0}, z_high[4] = {0};
    struct stream stream;
    stream_start(&stream, 401, 0, 1, 0);
    for (int i = 0; i < (int)n; i++) {
        double x = stream_exponential(&stream), y = stream_normal(&stream);
        for (int k = 0; k < 4; k++) {
            e_count[k] += x > e_edge[k];
            z_high[k] += y > z_edge[k];
            z_low[k] += y < -z_edge[k];
        }
    }
    for (int k = 0; k < 4; k++) {
        double want = n * exp(-e_edge[k]);
        check_within(e_count[k], want, 5 * sqrt(want));
        want = n * normal_cdf(-z_edge[k]);
        check_within(z_high[k], want, 5 * sqrt(want));
        check_within(z_low[k], want, 5 * sqrt(want));
    }
}

/* Draws known to lie beyond the base layer: the word names layer 0 and the last step. */
static double exponential_excess(struct stream *stream)
{
    return stream_exponential_edge(stream, UINT64_MAX << 8) - RANDOM_EXPONENTIAL_TAIL;
}
static double normal_beyond(struct stream *stream)
{
    return stream_normal_edge(stream, UINT64_MAX << 9);
}

static double normal_beyond_cdf(double x)
{
    return 1 - erfc(x * M_SQRT1_2) / erfc(RANDOM_NORMAL_TAIL * M_SQRT1_2);
}

/* Would catch a far tail (5e-4 of all draws, 2e-7 beyond twice r) of the wrong shape. */
static void test_far_tails(void **state)
{
    (void)state;
    const size_t n = 1000000;
    double *sample = sorted_sample(n, 501, exponential_excess);
    assert_true(sample[0] >= 0);
    assert_true(kolmogorov(sample, n, exponential_cdf) < 2.8);
    double beyond = 0, want = (double)n * exp(-RANDOM_EXPONENTIAL_TAIL);
    for (size_t i = 0; i < n; i++) beyond += sample[i] > RANDOM_EXPONENTIAL_TAIL;
    check_within(beyond, want, 5 * sqrt(want));
    free(sample);
    sample = sorted_sample(n, 502, normal_beyond);
    assert_true(sample[0] >= RANDOM_NORMAL_TAIL);
    assert_true(kolmogorov(sample, n, normal_beyond_cdf) < 2.8);
    free(sample);
}

/* Whether a point at the edge of layer i, at height `unit` of its strip, is under f, by the plain test. */
static bool plainly_under(const double density[257], size_t i, double unit, double f)
{
    return density[i] + unit * (density[i + 1] - density[i]) < f;
}

/* Would catch bounds at the edges of layers that decide otherwise than the density itself. */
static void test_edges_follow_the_density(void **state)
{
    (void)state;
    int edges[2] = {0};
    for (uint64_t id = 0; id < 2000000; id++) {
        uint64_t words[2], step, i;
        random_block(7, 0, id, 0, words);
        step = words[0] >> 11;
        i = words[0] & 255;
        if (i == 0) continue;
        struct stream stream;
        stream_start(&stream, 7, 0, id, 0);
        double unit = random_unit(words[1]);
        if (step >= random_exponential_layers[i].accept) {
            double x = (double)step * random_exponential_layers[i].scale;
            bool under = plainly_under(random_exponential_density, i, unit, exp(-x));
            assert_true((stream_exponential(&stream) == x) == under);
            edges[0]++;
            stream_start(&stream, 7, 0, id, 0);
        }
        if (step >= random_normal_layers[i].accept) {
            double x = (double)step * random_normal_layers[i].scale;
            bool under = plainly_under(random_normal_density, i, unit, exp(-0.5 * x * x));
            assert_true((fabs(stream_normal(&stream)) == x) == under);
            edges[1]++;
        }
    }
    assert_true(edges[0] > 40000 && edges[1] > 25000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tables_follow_their_formula),
        cmocka_unit_test(test_exponential_uses_one_word_as_documented),
        cmocka_unit_test(test_samples_follow_their_distribution),
        cmocka_unit_test(test_fine_cells_are_even),
        cmocka_unit_test(test_moments),
        cmocka_unit_test(test_tails),
        cmocka_unit_test(test_far_tails),
        cmocka_unit_test(test_edges_follow_the_density),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
