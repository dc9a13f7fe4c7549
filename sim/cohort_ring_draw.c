/* Drawn steps: the people of a cohort over the slots of a ring, multinomial counts.
 *
 * The layers of a cohort (those who are in the same sets) are spread one after the other: few people one by
 * one into their slots, more by counting them first, many by a count for each step. */
#include "sim/cohort_ring.h"
#include "sim/numbers.h"

#include <math.h>
#include <string.h>

#define FEW    2 /* people for each step, up to which they are not worth counting */
#define SINGLY 8 /* up to which one by one is quicker than a count for each step */
#define LEAST  4 /* people that a step is to expect for a count of its own */
#define SPARE  1 /* standard deviations */
#define SELDOM 0.5

#define GUIDE_BITS    10
#define FRACTION_BITS (53 - GUIDE_BITS)
#define IN_A_WORD     (64 / GUIDE_BITS)
_Static_assert(DISCRETE_GUIDE == 1 << GUIDE_BITS, "as many bits as the guide has entries");

#define TOGETHER 64 /* steps drawn at a time */

/* Steps for one person after the other, of those who take at least `first`. */
struct lots {
    struct stream *stream;
    const struct discrete *steps;
    uint32_t first;
    double below; /* the chance of less */
};

static void begin_lots(struct lots *lots, struct stream *stream, const struct discrete *steps, uint32_t first)
{
    lots->stream = stream;
    lots->steps = steps;
    lots->first = first;
    lots->below = first > 0 ? steps->cumulative[first - 1] : 0;
}

/* Of those who take more than `below` has the chance of. */
static uint32_t step_beyond(struct lots *lots, double below)
{
    double unit = below + (1 - below) * random_unit(stream_word(lots->stream));
    return discrete_draw(lots->steps, fmin(unit, 1 - 0x1p-53)); /* the sum may be rounded up to 1 */
}

/* The step where a border of two lies within this entry of the guide: the rest of 53 bits. */
static uint32_t step_at_border(struct lots *lots, uint32_t entry)
{
    double fraction =
        (double)(stream_word(lots->stream) >> (64 - FRACTION_BITS)) / (UINT64_C(1) << FRACTION_BITS);
    return discrete_draw(lots->steps, (entry + fraction) / DISCRETE_GUIDE);
}

/* As many steps as there is room for. A few bits of chance settle most of them, whoever would take too few
 * steps draws again, unless that are many. */
static void draw_steps(struct lots *lots, uint32_t count, uint16_t drawn[])
{
    const uint16_t *guide = lots->steps->guide;
    if (lots->below > SELDOM) {
        for (uint32_t i = 0; i < count; i++) drawn[i] = (uint16_t)step_beyond(lots, lots->below);
        return;
    }
    for (uint32_t i = 0; i < count;) {
        uint64_t word = stream_word(lots->stream);
        for (int k = 0; k < IN_A_WORD && i < count; k++, word >>= GUIDE_BITS) {
            uint32_t entry = word & (DISCRETE_GUIDE - 1), step = guide[entry];
            if (__builtin_expect(step != guide[entry + 1], 0)) step = step_at_border(lots, entry);
            drawn[i] = (uint16_t)step;
            i += step >= lots->first;
        }
    }
}

/* ---- counts by step ---- */

static void count_singly(struct lots *lots, uint64_t people, uint64_t counts[])
{
    uint16_t drawn[TOGETHER];
    for (uint32_t some; people > 0; people -= some) {
        some = people < TOGETHER ? (uint32_t)people : TOGETHER;
        draw_steps(lots, some, drawn);
        for (uint32_t i = 0; i < some; i++) counts[drawn[i]]++;
    }
}

/* Behind the last step that expects enough for a count of its own. */
static uint32_t end_of_counts(const struct lots *lots, double expected)
{
    uint32_t end = lots->steps->count;
    while (end > lots->first && expected * lots->steps->probability[end - 1] < LEAST) end--;
    return end;
}

/* Poisson counts with these expectations, added up; those behind `end` together. */
static people_t draw_counts(struct lots *lots, double expected, uint32_t end, uint64_t counts[],
                            uint64_t *behind)
{
    const struct discrete *steps = lots->steps;
    people_t sum = 0;
    for (uint32_t k = lots->first; k < end; k++) {
        counts[k] = stream_poisson(lots->stream, expected * steps->probability[k]);
        sum += (people_t)counts[k];
    }
    *behind = stream_poisson(lots->stream, expected * (1 - (end > 0 ? steps->cumulative[end - 1] : 0)));
    return sum + (people_t)*behind;
}

/* Independent Poisson counts are multinomial given their sum, whatever law the sum has: they are drawn for
 * somewhat fewer people, again where they come to too many, and the rest is placed one by one. */
static void count_many(struct lots *lots, people_t people, uint64_t counts[])
{
    const struct discrete *steps = lots->steps;
    double expected = (people - SPARE * sqrt(people)) / (1 - lots->below);
    uint32_t end = end_of_counts(lots, expected);
    uint64_t behind;
    people_t sum;
    do sum = draw_counts(lots, expected, end, counts, &behind);
    while (sum > people);
    double below = end > 0 ? steps->cumulative[end - 1] : 0;
    for (uint64_t i = 0; i < behind; i++) counts[step_beyond(lots, below)]++;
    count_singly(lots, (uint64_t)(people - sum), counts);
}

/* ---- layers ---- */

struct column {
    struct cohort_ring *ring;
    uint32_t plane, class;
};

/* The cell of the class in the first slot of the ring's memory; the next slot's is `stride` numbers further.
 */
static double *cells_of(const struct column *at)
{
    struct cohort *first = cohort_ring_row(at->ring, at->plane, at->ring->length - at->ring->head);
    return &first[at->class].people;
}

static size_t stride_of(const struct column *at)
{
    return at->ring->classes * COHORT_NUMBERS;
}

static void put_singly(const struct column *at, struct lots *lots, uint64_t people, const struct cohort *one)
{
    uint16_t drawn[TOGETHER];
    for (uint32_t some; people > 0; people -= some) {
        some = people < TOGETHER ? (uint32_t)people : TOGETHER;
        draw_steps(lots, some, drawn);
        for (uint32_t i = 0; i < some; i++) {
            uint32_t slot = at->ring->head + drawn[i];
            drawn[i] = (uint16_t)(slot < at->ring->length ? slot : slot - at->ring->length);
        }
        numbers_add_record_at(cells_of(at), stride_of(at), drawn, some, &one->people);
    }
}

static void put_counted(const struct column *at, struct lots *lots, people_t people, const struct cohort *one)
{
    const uint32_t steps = lots->steps->count;
    uint64_t counts[COHORT_RING_LONGEST];
    memset(counts, 0, steps * sizeof *counts);
    if (people <= SINGLY * (people_t)(steps - lots->first))
        count_singly(lots, (uint64_t)people, counts);
    else
        count_many(lots, people, counts);
    const uint32_t around = at->ring->length - at->ring->head, end = steps < around ? steps : around;
    double *cells = cells_of(at);
    if (lots->first < end)
        numbers_add_record_times(cells + (at->ring->head + lots->first) * stride_of(at), stride_of(at),
                                 counts + lots->first, end - lots->first, &one->people);
    uint32_t again = lots->first > around ? lots->first : around;
    if (again < steps)
        numbers_add_record_times(cells + (again - around) * stride_of(at), stride_of(at), counts + again,
                                 steps - again, &one->people);
}

void cohort_ring_draw(struct cohort_ring *self, uint32_t plane, uint32_t class, const struct cohort *cohort,
                      const struct discrete *steps, uint32_t first, struct stream *stream)
{
    const struct column at = {self, plane, class};
    struct lots lots;
    struct cohort_layers layers;
    double listed = cohort->listed > 0 ? cohort->listed : 1;
    begin_lots(&lots, stream, steps, first);
    cohort_layers(cohort, &layers);
    for (int layer = 0; layer <= COHORT_SETS; layer++) {
        people_t people = layers.people[layer];
        if (!(people > 0)) continue;
        struct cohort one = {.people = 1}; /* in the set of the layer and all that come after */
        for (int i = layer; i < COHORT_SETS; i++) one.set[layers.order[i]] = 1;
        one.listed_dates = one.listed * cohort->listed_dates / listed;
        one.listed_squares = one.listed * cohort->listed_squares / listed;
        if (people <= FEW * (people_t)(steps->count - first))
            put_singly(&at, &lots, (uint64_t)people, &one);
        else
            put_counted(&at, &lots, people, &one);
    }
}
