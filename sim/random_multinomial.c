/* Multinomial counts. */
#include "sim/random.h"

#include <stddef.h>

/* Trials, no more than the options, up to which one by one is quicker than a chain. */
enum { SINGLY = 20 };

/* The sum of the weights from an option on stands in its result until the count takes its place. Summed from
 * the end nothing cancels, and the last option's share of its sum is exactly 1. */
static void put_sum(uint64_t *result, double sum)
{
    memcpy(result, &sum, sizeof sum);
}

static double get_sum(const uint64_t *result)
{
    double sum;
    memcpy(&sum, result, sizeof sum);
    return sum;
}

/* The option that holds the point `at` of the weights laid end to end. */
static size_t search(const double weight[], size_t n, double at)
{
    for (size_t i = 0; i < n; i++) {
        double width = weight[i] > 0 ? weight[i] : 0;
        if (at < width) return i;
        at -= width;
    }
    /* Rounding carried the point past the end. */
    do n--;
    while (!(weight[n] > 0));
    return n;
}

static void place_singly(struct stream *stream, uint64_t trials, const double weight[], size_t n, double sum,
                         uint64_t result[])
{
    memset(result, 0, n * sizeof *result);
    for (; trials > 0; trials--) result[search(weight, n, stream_unit(stream) * sum)]++;
}

void stream_multinomial(struct stream *stream, uint64_t trials, const double weight[], size_t n,
                        uint64_t result[])
{
    double sum = 0;
    uint64_t options = 0; /* those of weight 0 have no say in the method */
    for (size_t i = n; i-- > 0;) {
        if (weight[i] > 0) {
            sum += weight[i];
            options++;
        }
        put_sum(&result[i], sum);
    }
    for (size_t i = 0; i < n; i++) {
        sum = get_sum(&result[i]);
        if (options > 1 && trials <= options && trials <= SINGLY) {
            place_singly(stream, trials, weight + i, n - i, sum, result + i);
            return;
        }
        result[i] = 0;
        if (!(weight[i] > 0)) continue;
        result[i] = stream_binomial(stream, weight[i] / sum, trials);
        trials -= result[i];
        options--;
    }
}
