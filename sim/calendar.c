#include "sim/calendar.h"

#include "sim/calendar_blocks.h"
#include "sim/calendar_state.h"
#include "sim/calendar_ties.h"
#include "sim/calendar_wheel.h"

#include <string.h>

/* A calendar that cannot overflow its side needs no buckets. */
static bool has_buckets(size_t max_pending)
{
    return max_pending >= SIDE_MAX;
}

static size_t wide_offset(size_t max_pending)
{
    if (!has_buckets(max_pending)) return OPEN_AT;
    return BLOCKS_AT + blocks_needed(max_pending) * BLOCK_SLOTS * sizeof(uint64_t);
}

size_t calendar_storage(size_t max_pending)
{
    return wide_offset(max_pending) + ALIGNED(max_pending * sizeof(struct timed));
}

struct calendar *calendar_reset(void *storage, size_t max_pending, tick_t origin, tick_t end)
{
    struct calendar *self = storage;
    memset(self, 0, offsetof(struct calendar, side_tick));
    self->open_tick = TICK_NEVER;
    self->open_end = TICK_NEVER;
    self->now = origin;
    self->rate_tick = origin;
    self->end = end < TICK_FARTHEST ? end : TICK_FARTHEST;
    self->max_pending = max_pending;
    self->blocks_at = BLOCKS_AT;
    self->wide_at = wide_offset(max_pending);
    self->side_tick[0] = TICK_NEVER;
    return self;
}

/* All pushes but those to a side with room to spare. */
static __attribute__((noinline)) bool push_any(struct calendar *self, const void *records, tick_t tick,
                                               uint32_t index)
{
    if (self->tie_count > 0 && tick == self->tie_tick) {
        calendar_ties_put(self, (struct keyed){calendar_record_of(records, index)->key, index});
    } else if (tick >= self->open_end) {
        calendar_wheel_put(self, tick, index);
    } else {
        calendar_side_put(self, tick, index);
        if (self->side_count == SIDE_MAX) calendar_wheel_relieve(self);
    }
    return true;
}

bool calendar_push(struct calendar *self, const void *records, tick_t tick, uint32_t index)
{
    if (tick > self->end) return true;
    if (tick < self->now || self->pushed - self->taken == self->max_pending) return false;
    self->pushed++;
    if (tick >= self->open_end || self->side_count >= SIDE_MAX - 1 || self->tie_count > 0)
        return push_any(self, records, tick, index);
    calendar_side_put(self, tick, index);
    return true;
}

/* Takes the next entry if that is plain: not tied, not after `limit`, live. A dead one is taken too, but not
 * told of. */
static inline bool take_front(struct calendar *self, const void *records, tick_t limit, tick_t *tick,
                              uint32_t *index)
{
    const tick_t *side = &self->side_tick[self->side_count];
    tick_t next = self->open_tick;
    uint32_t found;
    if (self->tie_count > 0) return false;
    if (side[0] < next) {
        next = side[0];
        if (next > limit || side[-1] == next) return false;
        found = self->side_index[self->side_count];
        self->side_count--;
    } else {
        if (next > limit || side[0] == next) return false;
        const uint64_t *open = &calendar_open(self)[self->open_next];
        calendar_prefetch(records, open[PREFETCH_AHEAD]);
        calendar_show(self, open[1]);
        if (self->open_tick == next) return false;
        found = (uint32_t)open[0];
        self->open_next++;
    }
    self->taken++;
    if (calendar_record_of(records, found)->wake != next) return false;
    self->now = *tick = next;
    *index = found;
    return true;
}

/* All that take_front leaves: ties, dead entries, an empty front. */
static __attribute__((noinline)) bool take_any(struct calendar *self, const void *records, tick_t limit,
                                               tick_t *tick, uint32_t *index)
{
    for (;;) {
        tick_t open_tick = self->open_tick, side_tick = self->side_tick[self->side_count];
        tick_t next = open_tick < side_tick ? open_tick : side_tick;
        if (self->tie_count > 0) {
            if (self->tie_tick > limit) return false;
            if (calendar_ties_next(self, records, index)) {
                self->now = *tick = self->tie_tick;
                return true;
            }
        } else if (next == TICK_NEVER) {
            if (!calendar_wheel_advance(self, records, limit)) return false;
        } else if (next > limit) {
            return false;
        } else if (take_front(self, records, limit, tick, index)) {
            return true;
        } else if (self->side_tick[self->side_count] == next || self->open_tick == next) {
            calendar_ties_gather(self, records, next); /* a dead entry leaves the front, tied ones stay */
        }
    }
}

bool calendar_pop(struct calendar *self, const void *records, tick_t limit, tick_t *tick, uint32_t *index)
{
    return take_front(self, records, limit, tick, index) || take_any(self, records, limit, tick, index);
}

size_t calendar_pending(const struct calendar *self)
{
    return (size_t)(self->pushed - self->taken);
}
