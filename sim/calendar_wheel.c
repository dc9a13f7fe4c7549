#include "sim/calendar_wheel.h"

#include "sim/calendar_sort.h"
#include "sim/calendar_ties.h"

static tick_t rung_bucket_start(const struct rung *rung, uint32_t bucket)
{
    tick_t start = rung->start + ((tick_t)bucket << rung->shift);
    return start < rung->end ? start : rung->end;
}

/* Adds a finest rung over [start, end) with empty buckets; nothing before its start may be pushed to it. */
static void rung_add(struct calendar *self, tick_t start, tick_t end, uint32_t shift)
{
    struct rung *rung = &self->rungs[self->rung_count];
    *rung = (struct rung){start, end, shift, 0, (uint32_t)((uint64_t)(end - start - 1) >> shift) + 1};
    __builtin_memset(calendar_buckets(self, self->rung_count), 0, rung->count * sizeof(struct bucket));
    self->rung_count++;
    self->open_end = start;
}

/* Brings the rate of events up to date; it fades when fewer events than its measurement needs came until
 * `tick`. */
static void rate_update(struct calendar *self, tick_t tick)
{
    uint64_t events = self->taken - self->rate_taken;
    if (events >= RATE_EVENTS) {
        self->rate = (double)events / (double)(self->now - self->rate_tick + 1);
        self->rate_tick = self->now;
        self->rate_taken = self->taken;
    } else if (tick > self->rate_tick) {
        double most = RATE_EVENTS / (double)(tick - self->rate_tick);
        if (self->rate > most) self->rate = most;
    }
}

/* Entries that a bucket should hold: many, to sort them together, but few of all, so that few land in the
 * open one. */
static double bucket_target(const struct calendar *self)
{
    uint64_t target = (self->pushed - self->taken) / 8;
    if (target < TARGET_MIN) return TARGET_MIN;
    return target < TARGET_MAX ? (double)target : TARGET_MAX;
}

/* The width, as a power of two, of the buckets that divide `span` ticks in which `count` entries are pending.
 * Not above `most`, which must not need more than RUNG_BUCKETS buckets. */
static uint32_t rung_shift(const struct calendar *self, tick_t span, size_t count, uint32_t most)
{
    double density = (double)count / (double)span;
    if (density < self->rate) density = self->rate;
    double width = bucket_target(self) / density;
    uint32_t shift = 0;
    while (shift < most && ((span - 1) >> shift >= RUNG_BUCKETS || (double)((uint64_t)2 << shift) <= width))
        shift++;
    return shift;
}

/* The same for the finest buckets that a span allows. */
static uint32_t rung_shift_finest(tick_t span)
{
    uint32_t shift = 0;
    while ((span - 1) >> shift >= RUNG_BUCKETS) shift++;
    return shift;
}

static void rungs_drop_spent(struct calendar *self)
{
    while (self->rung_count > 0 &&
           self->rungs[self->rung_count - 1].next == self->rungs[self->rung_count - 1].count)
        self->rung_count--;
}

/* Takes what is left of the open bucket and the side away through `put`. */
static void front_empty(struct calendar *self, void (*put)(struct calendar *, tick_t, uint32_t))
{
    const uint64_t *open = calendar_open(self);
    while (self->open_tick != TICK_NEVER) {
        put(self, self->open_tick, (uint32_t)open[self->open_next]);
        calendar_show(self, open[++self->open_next]);
    }
    while (self->side_count > 0) {
        tick_t tick = self->side_tick[self->side_count];
        put(self, tick, self->side_index[self->side_count--]);
    }
}

/* Takes all that is in the rungs away through `put`. */
static void rungs_empty(struct calendar *self, void (*put)(struct calendar *, tick_t, uint32_t))
{
    for (; self->rung_count > 0; self->rung_count--) {
        struct rung *rung = &self->rungs[self->rung_count - 1];
        struct bucket *buckets = calendar_buckets(self, self->rung_count - 1);
        for (uint32_t b = rung->next; b < rung->count; b++) {
            tick_t start = rung_bucket_start(rung, b);
            uint32_t count;
            for (const uint64_t *entry; (entry = bucket_block(self, &buckets[b], &count));
                 bucket_drop(self, &buckets[b]))
                for (uint32_t i = 0; i < count; i++)
                    put(self, start + (tick_t)(entry[i] >> 32), (uint32_t)entry[i]);
        }
    }
}

/* Builds the lowest rung from the far list, which is not empty; all other places but the ties are. */
static void wheel_rebase(struct calendar *self)
{
    tick_t first = TICK_FARTHEST;
    for (uint64_t i = 0; i < self->far_count; i++)
        if (calendar_far(self, i)->tick < first) first = calendar_far(self, i)->tick;
    tick_t start = first - self->now < REACH / 2 ? self->now : first;
    tick_t end = self->end - start < REACH ? self->end + 1 : start + REACH;
    rung_add(self, start, end, rung_shift_finest(end - start));
    uint64_t kept = 0;
    for (uint64_t i = 0; i < self->far_count; i++) {
        struct timed entry = *calendar_far(self, i);
        if (entry.tick < end)
            calendar_rung_put(self, &self->rungs[0], entry.tick, entry.index);
        else
            *calendar_far(self, kept++) = entry;
    }
    self->far_count = kept;
}

/* Starts afresh: everything goes through the far list to a new lowest rung. */
static void wheel_rebuild(struct calendar *self)
{
    front_empty(self, calendar_far_put);
    rungs_empty(self, calendar_far_put);
    wheel_rebase(self);
}

/* Back to the side alone, when few entries are left. */
static void wheel_leave(struct calendar *self)
{
    rungs_empty(self, calendar_side_put);
    for (uint64_t i = 0; i < self->far_count; i++)
        calendar_side_put(self, calendar_far(self, i)->tick, calendar_far(self, i)->index);
    self->far_count = 0;
    self->open_end = TICK_NEVER;
}

void calendar_wheel_relieve(struct calendar *self)
{
    rate_update(self, self->now);
    rungs_drop_spent(self);
    if (self->open_end == TICK_NEVER || self->rung_count == RUNG_MAX || self->open_end - self->now > REACH) {
        wheel_rebuild(self);
        return;
    }
    tick_t span = self->open_end - self->now;
    uint32_t most = SHIFT_MAX;
    if (span <= (tick_t)1 << self->open_shift) most = self->open_shift > 4 ? self->open_shift - 4 : 0;
    rung_add(self, self->now, self->open_end, rung_shift(self, span, SIDE_MAX, most));
    front_empty(self, calendar_wheel_put);
}

/* Sorts a bucket of at most OPEN_MAX entries into the open place. */
static void bucket_load(struct calendar *self, const void *records, struct bucket *bucket, tick_t start,
                        uint32_t shift)
{
    uint64_t *open = calendar_open(self);
    uint32_t total = 0, count;
    for (const uint64_t *entry; (entry = bucket_block(self, bucket, &count)); bucket_drop(self, bucket)) {
        for (uint32_t i = 0; i < count; i++) open[total + i] = entry[i];
        total += count;
    }
    if (shift > 0) sort_bucket(open, calendar_scratch(self), total, shift);
    for (uint32_t i = 0; i <= PREFETCH_AHEAD + 1; i++) open[total + i] = UINT64_MAX << 32;
    for (uint32_t i = 0; i < PREFETCH_AHEAD; i++) calendar_prefetch(records, open[i]);
    self->open_base = start;
    self->open_next = 0;
    self->open_shift = shift;
    calendar_show(self, open[0]);
}

/* Divides a bucket of the finest rung, which starts at `start`, by a finer rung. */
static void bucket_divide(struct calendar *self, struct bucket *bucket, tick_t start, tick_t end,
                          uint32_t shift)
{
    tick_t width = (tick_t)1 << shift;
    uint32_t finer = rung_shift(self, width, bucket->count, shift > 4 ? shift - 4 : 0);
    uint64_t mask = (((uint64_t)1 << finer) - 1) << 32 | UINT32_MAX;
    struct bucket *buckets = calendar_buckets(self, self->rung_count);
    rung_add(self, start, end, finer);
    uint32_t count;
    for (const uint64_t *entry; (entry = bucket_block(self, bucket, &count)); bucket_drop(self, bucket))
        for (uint32_t i = 0; i < count; i++)
            bucket_put(self, &buckets[entry[i] >> (32 + finer)], entry[i] & mask);
}

/* Too many entries of one tick to be loaded: they are ties. */
static void bucket_tie(struct calendar *self, const void *records, struct bucket *bucket, tick_t start)
{
    uint32_t count;
    self->tie_tick = start;
    for (const uint64_t *entry; (entry = bucket_block(self, bucket, &count)); bucket_drop(self, bucket))
        for (uint32_t i = 0; i < count; i++) calendar_ties_admit(self, records, (uint32_t)entry[i]);
}

/* Takes the next bucket of the finest rung. True when its entries are at the front, false when they were
 * divided. */
static bool bucket_open(struct calendar *self, const void *records)
{
    struct rung *rung = &self->rungs[self->rung_count - 1];
    struct bucket *bucket = &calendar_buckets(self, self->rung_count - 1)[rung->next];
    tick_t start = rung_bucket_start(rung, rung->next), end = rung_bucket_start(rung, rung->next + 1);
    uint32_t shift = rung->shift;
    rung->next++;
    self->open_end = end;
    rate_update(self, start);
    double expected = self->rate * (double)((uint64_t)1 << shift);
    if (expected < bucket->count) expected = bucket->count;
    bool deep = self->rung_count == RUNG_MAX;
    if (bucket->count <= OPEN_MAX && (shift == 0 || deep || expected <= 4 * bucket_target(self))) {
        bucket_load(self, records, bucket, start, shift);
        return true;
    }
    if (shift == 0) {
        bucket_tie(self, records, bucket, start);
        return true;
    }
    if (deep) {
        rung->next--;
        wheel_rebuild(self);
    } else {
        bucket_divide(self, bucket, start, end, shift);
    }
    return false;
}

bool calendar_wheel_advance(struct calendar *self, const void *records, tick_t limit)
{
    uint64_t pending = self->pushed - self->taken;
    if (pending <= SIDE_RETURN) {
        if (self->open_end != TICK_NEVER) wheel_leave(self);
        return pending > 0;
    }
    for (;;) {
        if (self->rung_count == 0) {
            wheel_rebase(self);
            continue;
        }
        struct rung *rung = &self->rungs[self->rung_count - 1];
        const struct bucket *buckets = calendar_buckets(self, self->rung_count - 1);
        while (rung->next < rung->count && buckets[rung->next].count == 0 &&
               rung_bucket_start(rung, rung->next) <= limit)
            rung->next++;
        self->open_end = rung_bucket_start(rung, rung->next);
        if (rung->next == rung->count)
            self->rung_count--;
        else if (self->open_end > limit)
            return false;
        else if (bucket_open(self, records))
            return true;
    }
}
