/* Functions for loops over many numbers: without branches and without the library's, so that compilers put
 * several numbers into one register, and with the same bits everywhere. For sim/random_*.c alone. */
#ifndef CORRIDOR_SIM_RANDOM_FUNCTIONS_H
#define CORRIDOR_SIM_RANDOM_FUNCTIONS_H

#include <math.h>
#include <stdint.h>
#include <string.h>

/* All bits where a > b, none elsewhere; a number where the bits are set, else 0; one of two. */
static inline uint64_t bits_above(double a, double b)
{
    return a > b ? ~UINT64_C(0) : 0;
}
static inline double number_where(uint64_t bits, double a)
{
    uint64_t own;
    memcpy(&own, &a, sizeof own);
    own &= bits;
    memcpy(&a, &own, sizeof a);
    return a;
}
static inline double either(uint64_t bits, double there, double elsewhere)
{
    return number_where(bits, there) + number_where(~bits, elsewhere);
}

/* The largest whole number not above x, |x| < 2^51. */
static inline double whole_below(double x)
{
    double near = (x + 0x1.8p52) - 0x1.8p52;
    return near - number_where(bits_above(near, x), 1);
}

/* Uniform in [0, 1), 52 bits: put into a number from 1 on. */
static inline double unit_below_one(uint64_t word)
{
    uint64_t bits = word >> 12 | UINT64_C(0x3FF0000000000000);
    double number;
    memcpy(&number, &bits, sizeof number);
    return number - 1;
}

/* ln x for normal numbers x > 0, with a relative error of 1e-15 away from 1 and an absolute one of 1e-16 near
 * it: the power of 2, and 2 artanh of (m - 1) / (m + 1) for the rest m from sqrt(1/2) to sqrt(2). */
static inline double logarithm_of(double x)
{
    const uint64_t one = UINT64_C(0x3FF0000000000000), fraction = UINT64_C(0x000FFFFFFFFFFFFF),
                   carry = UINT64_C(0x00095F619980C433); /* from sqrt(1/2) to 1, as bits */
    uint64_t bits;
    double power, m;
    memcpy(&bits, &x, sizeof bits);
    bits += carry;
    uint64_t power_bits = bits >> 52 | UINT64_C(0x4330000000000000), /* 2^52 + the power */
        rest_bits = (bits & fraction) + (one - carry);
    memcpy(&power, &power_bits, sizeof power);
    memcpy(&m, &rest_bits, sizeof m);
    double r = (m - 1) / (m + 1), s = r * r;
    double far = 1.0 / 11 + s * (1.0 / 13 + s * (1.0 / 15 + s * (1.0 / 17 + s * (1.0 / 19))));
    double series = 1.0 / 3 + s * (1.0 / 5 + s * (1.0 / 7 + s * (1.0 / 9 + s * far)));
    return (power - (0x1p52 + 1023)) * 0.693147180559945309417 + (2 * r + 2 * r * s * series);
}

/* exp(-x) for x from 0 to 600, with a relative error of 1e-15 for the x that is given: a power of 2 and
 * Taylor's series of the rest, up to ln(2) / 2 either way. */
static inline double exponential_of_minus(double x)
{
    double power = whole_below(x * 1.44269504088896340736 + 0.5);
    double r = (power * 0x1.62E42FEEp-1 - x) + power * 0x1.A39EF35793C76p-33; /* ln 2 in two parts */
    double end = 1.0 / 39916800 + r * (1.0 / 479001600 + r * (1.0 / 6227020800));
    double far = 1.0 / 5040 + r * (1.0 / 40320 + r * (1.0 / 362880 + r * (1.0 / 3628800 + r * end)));
    double series = 1.0 / 6 + r * (1.0 / 24 + r * (1.0 / 120 + r * (1.0 / 720 + r * far)));
    double raised = 0x1p52 + 1023 - power;
    uint64_t bits;
    memcpy(&bits, &raised, sizeof bits);
    bits <<= 52;
    memcpy(&raised, &bits, sizeof raised);
    return (1 + r * (1 + r * (0.5 + r * series))) * raised;
}

#endif
