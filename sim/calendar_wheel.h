/* Internal to the calendar: the rungs of buckets, and how they fit themselves to what is pending.
 *
 * The lowest rung divides the horizon. When time comes to a bucket that holds, or at the latest rate of
 * events will see, many more entries than is good, it is not sorted but divided by a finer rung. When pushes
 * crowd into the open bucket, what is left of it is divided likewise. Widths are guesses from counts and
 * rates: they decide how fast an entry is found, never which is next. */
#ifndef CORRIDOR_SIM_CALENDAR_WHEEL_H
#define CORRIDOR_SIM_CALENDAR_WHEEL_H

#include "sim/calendar_blocks.h"
#include "sim/calendar_state.h"

static inline void calendar_far_put(struct calendar *self, tick_t tick, uint32_t index)
{
    *calendar_far(self, self->far_count++) = (struct timed){tick, index};
}

static inline void calendar_rung_put(struct calendar *self, const struct rung *rung, tick_t tick,
                                     uint32_t index)
{
    uint64_t offset = (uint64_t)(tick - rung->start);
    uint64_t within = offset & (((uint64_t)1 << rung->shift) - 1);
    struct bucket *buckets = calendar_buckets(self, (uint32_t)(rung - self->rungs));
    bucket_put(self, &buckets[offset >> rung->shift], within << 32 | index);
}

/* Puts an entry that is not before open_end: the finest rung that reaches it is the one. */
static inline void calendar_wheel_put(struct calendar *self, tick_t tick, uint32_t index)
{
    const struct rung *rung = &self->rungs[self->rung_count];
    while (rung-- != self->rungs) {
        if (tick < rung->end) {
            calendar_rung_put(self, rung, tick, index);
            return;
        }
    }
    calendar_far_put(self, tick, index);
}

/* The side is full: what lies before open_end goes to a rung of its own. */
void calendar_wheel_relieve(struct calendar *self);

/* Brings the next entries to the front, which is empty. False when none are left or they all come after
 * `limit`. No bucket that starts after `limit` is opened: the caller may still push before it. */
bool calendar_wheel_advance(struct calendar *self, const void *records, tick_t limit);

#endif
