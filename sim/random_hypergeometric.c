/* Hypergeometric counts: draws without replacement. */
#include "sim/random.h"
#include "sim/random_terms.h"

/* An urn as the samplers want it: sample <= marked <= total / 2, so that counts run from 0 to sample.
 * Doubles, as all arithmetic is on them. */
struct urn {
    double total, marked, plain, sample;
};

/* plain_i / total_i multiplied up: the chance of no marked one. For few draws. */
static double none_probability(const struct urn *urn)
{
    double over = 1, under = 1;
    for (int i = 0; i < (int)urn->sample; i++) {
        over *= urn->plain - i;
        under *= urn->total - i;
    }
    return over / under;
}

/* The probability of k marked ones but for a norm: Poisson terms at the expectations of the four counts. */
static struct random_terms urn_terms(const struct urn *urn, double k, double distance)
{
    struct random_terms terms = {0, 1};
    random_terms_multiply(&terms, k, distance);
    random_terms_multiply(&terms, urn->marked - k, -distance);
    random_terms_multiply(&terms, urn->sample - k, -distance);
    random_terms_multiply(&terms, urn->plain - urn->sample + k, distance);
    return terms;
}

static double urn_probability(const struct urn *urn, double k, double distance)
{
    struct random_terms terms = urn_terms(urn, k, distance);
    random_terms_divide(&terms, urn->marked);
    random_terms_divide(&terms, urn->plain);
    random_terms_divide(&terms, urn->sample);
    random_terms_divide(&terms, urn->total - urn->sample);
    terms.exponent -= random_stirling_error(urn->total);
    terms.squared *= 6.28318530717958647693 * urn->total;
    return exp(terms.exponent) / sqrt(terms.squared);
}

/* Inversion that searches outward from `start`, by turns up and down. The probabilities beyond the ends of
 * the support come out as 0. */
static double search_outward(struct stream *stream, const struct urn *urn, double start, double probability)
{
    double unit = stream_unit(stream) - probability;
    double spare = urn->plain - urn->sample;
    double above = start, up = probability;
    double below = start, down = start > 0 ? probability : 0;
    /* Below the second bound what is left of `unit` is rounding error. */
    while (unit >= 0 && up + down > 0x1p-60) {
        up *= (urn->marked - above) * (urn->sample - above) / ((above + 1) * (spare + above + 1));
        above++;
        unit -= up;
        if (unit < 0) return above;
        if (down > 0) {
            down *= below * (spare + below) / ((urn->marked - below + 1) * (urn->sample - below + 1));
            below--;
            unit -= down;
            if (unit < 0) return below;
        }
    }
    return start;
}

/* HRUA*, ratio of uniforms (Stadlober, "The ratio of uniforms approach for generating discrete random
 * variates", J. Comput. Appl. Math. 31, 1990). Returns the distance from `whole`, the whole part of the mean;
 * `part` is the rest. */
static double urn_rejection(struct stream *stream, const struct urn *urn, double whole, double part,
                            double variance)
{
    /* Full width of the table mountain hat: 2 sqrt(2 / e) sqrt(variance + 1/2) + 3 - 2 sqrt(3 / e). */
    double width = 1.7155277699214135 * sqrt(variance + 0.5) + 0.8989161620588988;
    double next = whole + 1, spare = urn->plain - urn->sample;
    double mode = (urn->marked - whole) * (urn->sample - whole) >= next * (spare + next);
    struct random_terms top = urn_terms(urn, whole + mode, mode - part);
    for (;;) {
        double u = random_unit_positive(stream_word(stream));
        double v = stream_unit(stream) - 0.5;
        double step = floor(width * v / u + part + 0.5);
        double k = whole + step;
        if (!(k >= 0 && k <= urn->sample)) continue;
        struct random_terms terms = urn_terms(urn, k, step - part);
        if (random_terms_at_most(u * u, &terms, &top)) return step;
    }
}

enum {
    FEW = 16,     /* up to here search from 0 is quicker than from the mode, and total^FEW is a double */
    NARROW = 250, /* variance up to which search from the mode is quicker than rejection */
};

/* Marked ones among `sample` of `total`, for sample <= marked <= total / 2. */
static uint64_t urn_draw(struct stream *stream, uint64_t marked, uint64_t sample, uint64_t total)
{
    struct urn urn = {(double)total, (double)marked, (double)(total - marked), (double)sample};
    if (sample <= FEW) return (uint64_t)search_outward(stream, &urn, 0, none_probability(&urn));
    unsigned __int128 product = (unsigned __int128)marked * sample;
    uint64_t whole = (uint64_t)(product / total);
    double part = (double)(uint64_t)(product % total) / urn.total;
    double share = urn.marked / urn.total;
    double variance = urn.sample * share * (1 - share) * (urn.total - urn.sample) / (urn.total - 1);
    if (variance < NARROW)
        return (uint64_t)search_outward(stream, &urn, (double)whole,
                                        urn_probability(&urn, (double)whole, -part));
    double step = urn_rejection(stream, &urn, (double)whole, part, variance);
    return whole + (uint64_t)(int64_t)step;
}

uint64_t stream_hypergeometric(struct stream *stream, uint64_t white, uint64_t black, uint64_t draws)
{
    uint64_t total = white + black;
    if (draws >= total) return white;
    if (white == 0 || draws == 0) return 0;
    if (black == 0) return draws;
    /* Counts those of the rarer colour in the smaller of the two parts, drawn or left behind. */
    uint64_t rarer = white < black ? white : black;
    uint64_t smaller = draws < total - draws ? draws : total - draws;
    uint64_t count =
        rarer < smaller ? urn_draw(stream, smaller, rarer, total) : urn_draw(stream, rarer, smaller, total);
    if (smaller < draws) count = rarer - count;
    return rarer < white ? draws - count : count;
}
