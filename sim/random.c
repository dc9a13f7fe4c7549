#include "sim/random.h"
#include "sim/random_ziggurat.h"

#include <math.h>
#include <stdbool.h>

uint64_t random_hash_name(const char *name)
{
    uint64_t x = UINT64_C(0xCBF29CE484222325);
    for (; *name; name++) x = (x ^ (unsigned char)*name) * UINT64_C(0x100000001B3);
    x = (x ^ (x >> 33)) * UINT64_C(0xFF51AFD7ED558CCD);
    x = (x ^ (x >> 33)) * UINT64_C(0xC4CEB9FE1A85EC53);
    return x ^ (x >> 33);
}

static void philox_set(void *state, unsigned long seed)
{
    stream_start(state, seed, 0, 0, 0);
}

static unsigned long philox_get(void *state)
{
    return (unsigned long)(stream_word(state) >> 32);
}

static double philox_get_double(void *state)
{
    return stream_unit(state);
}

static const gsl_rng_type philox_type = {
    .name = "philox4x32-10",
    .max = 0xFFFFFFFFUL,
    .min = 0,
    .size = sizeof(struct stream),
    .set = philox_set,
    .get = philox_get,
    .get_double = philox_get_double,
};
const gsl_rng_type *const random_philox = &philox_type;

/* True when a point at height `unit` of the strip of layer i > 0 lies under the curve, which there is
 * density[i] exp(rise), 0 <= rise < 1. Two bounds of exp settle nearly every point, so that results hardly
 * ever hang on the last bit of the machine's exp. */
static bool under_curve(const double density[257], size_t i, double unit, double rise)
{
    double height = density[i] + unit * (density[i + 1] - density[i]);
    double cubic = 1 + rise * (1 + rise * (0.5 + rise * (1.0 / 6)));
    if (height < density[i] * cubic) return true;
    if (height > density[i] * (cubic + 0.0625 * (rise * rise) * (rise * rise))) return false;
    return height < density[i] * exp(rise);
}

double stream_exponential_edge(struct stream *stream, uint64_t word)
{
    for (;;) {
        size_t i = word & 255;
        uint64_t step = word >> 11;
        double x = (double)(int64_t)step * random_exponential_layers[i].scale;
        double edge = 0x1p53 * random_exponential_layers[i].scale;
        if (step < random_exponential_layers[i].accept) return x;
        /* Beyond r the exponential starts anew. */
        if (i == 0) return RANDOM_EXPONENTIAL_TAIL + stream_exponential(stream);
        if (under_curve(random_exponential_density, i, stream_unit(stream), edge - x)) return x;
        word = stream_word(stream);
    }
}

/* Tail of the normal beyond r: Marsaglia, Technometrics 6 (1964). */
static double normal_tail(struct stream *stream)
{
    for (;;) {
        double x = stream_exponential(stream) / RANDOM_NORMAL_TAIL;
        double y = stream_exponential(stream);
        if (2 * y > x * x) return RANDOM_NORMAL_TAIL + x;
    }
}

double stream_normal_edge(struct stream *stream, uint64_t word)
{
    for (;;) {
        size_t i = word & 255;
        uint64_t step = word >> 11;
        double x = (double)(int64_t)step * random_normal_layers[i].scale;
        double edge = 0x1p53 * random_normal_layers[i].scale;
        if (step < random_normal_layers[i].accept) return random_sign(x, word);
        if (i == 0) return random_sign(normal_tail(stream), word);
        if (under_curve(random_normal_density, i, stream_unit(stream), 0.5 * (edge - x) * (edge + x)))
            return random_sign(x, word);
        word = stream_word(stream);
    }
}
