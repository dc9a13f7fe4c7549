/* A batch that keeps together at a sojourn, for cohorts with draws. */
#include "sim/kinds/sojourn_passage.h"

#include <math.h>
#include <string.h>

/* A batch that keeps together has one duration, in means: that of its people when they are agents. */
struct batch_luck {
    double duration, rounding;
};
static struct batch_luck luck_of_batch(const struct passage *at)
{
    const struct replication *self = at->self;
    struct stream stream;
    stream_start(&stream, self->seed, self->number,
                 random_mix(self->batch[at->group - 1].hash, at->station->hash), PURPOSE_DURATION);
    double duration = distribution_draw(&at->station->sojourn.duration.shape, 1, &stream);
    return (struct batch_luck){duration, stream_unit(&stream)};
}

/* The steps that those of a class in a batch take. */
static uint32_t steps_of_batch(const struct passage *at, const struct batch_luck *luck, uint32_t class)
{
    struct replication *self = at->self;
    const struct discrete *steps = flows_durations(self, at->index, class);
    if (!steps) return 0;
    double mean = value_of(self, at->station->sojourn.duration.mean_days, class) / self->flows.step_days;
    double taken = floor(luck->duration * mean + luck->rounding);
    if (taken < 1 && !(steps->probability[0] > 0)) taken = 1;
    return taken < at->ring->length ? (uint32_t)taken : at->ring->length - 1;
}

void passage_let_batch_in(struct passage *at, struct cohort row[], uint64_t bits)
{
    struct replication *self = at->self;
    const struct batch_luck luck = luck_of_batch(at);
    struct cohort *passing = self->flows.scratch;
    uint32_t ahead[NETWORK_MAX_CLASSES];
    uint64_t through = 0;
    memset(passing, 0, self->network->class_count * sizeof *passing);
    for (uint64_t some = bits; some; some &= some - 1) {
        uint32_t class = (uint32_t)__builtin_ctzll(some);
        ahead[class] = steps_of_batch(at, &luck, class);
        if (ahead[class] > 0) continue;
        passing[class] = row[class];
        row[class] = (struct cohort){0};
        through |= (uint64_t)1 << class;
    }
    cohorts_follow(self, at->station->sojourn.route, at->group, passing, through);
    bits &= ~through;
    if (!bits) return;
    if (at->hazards) passage_strike_coming(at, row, bits);
    cohorts_present(self, at->index, row, bits, 1);
    for (; bits; bits &= bits - 1) {
        uint32_t class = (uint32_t)__builtin_ctzll(bits);
        capacity_take_many(self, at->station->sojourn.capacity, row[class].people);
        cohort_ring_put(at->ring, at->group, class, &row[class], ahead[class]);
    }
}
