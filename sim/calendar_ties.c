#include "sim/calendar_ties.h"

static bool keyed_before(struct keyed a, struct keyed b)
{
    return a.key < b.key || (a.key == b.key && a.index < b.index);
}

void calendar_ties_put(struct calendar *self, struct keyed entry)
{
    struct keyed *heap = calendar_ties(self);
    uint64_t place = self->tie_count++;
    while (place > 0 && keyed_before(entry, heap[(place - 1) / 2])) {
        heap[place] = heap[(place - 1) / 2];
        place = (place - 1) / 2;
    }
    heap[place] = entry;
}

static struct keyed ties_take(struct calendar *self)
{
    struct keyed *heap = calendar_ties(self);
    struct keyed first = heap[0], last = heap[--self->tie_count];
    uint64_t place = 0, child;
    while ((child = 2 * place + 1) < self->tie_count) {
        if (child + 1 < self->tie_count && keyed_before(heap[child + 1], heap[child])) child++;
        if (!keyed_before(heap[child], last)) break;
        heap[place] = heap[child];
        place = child;
    }
    heap[place] = last;
    return first;
}

void calendar_ties_admit(struct calendar *self, const void *records, uint32_t index)
{
    const struct calendar_record *record = calendar_record_of(records, index);
    if (record->wake == self->tie_tick)
        calendar_ties_put(self, (struct keyed){record->key, index});
    else
        self->taken++;
}

void calendar_ties_gather(struct calendar *self, const void *records, tick_t tick)
{
    const uint64_t *open = calendar_open(self);
    self->tie_tick = tick;
    while (self->open_tick == tick) {
        calendar_prefetch(records, open[self->open_next + PREFETCH_AHEAD]);
        calendar_ties_admit(self, records, (uint32_t)open[self->open_next]);
        calendar_show(self, open[++self->open_next]);
    }
    while (self->side_tick[self->side_count] == tick)
        calendar_ties_admit(self, records, self->side_index[self->side_count--]);
}

bool calendar_ties_next(struct calendar *self, const void *records, uint32_t *index)
{
    struct keyed next = ties_take(self);
    const struct calendar_record *record = calendar_record_of(records, next.index);
    self->taken++;
    *index = next.index;
    return record->wake == self->tie_tick && record->key == next.key;
}
