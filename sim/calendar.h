/* The event calendar: which record wakes next. A bucketed wheel of ticks with a radix-sorted open bucket,
 * falling back to a small binary heap while few events are pending; it fits bucket width and form to what it
 * holds.
 *
 * Total order: (tick, key), where the key is the record's own (its top bits are the documented order of
 * policies, allotments, draws and departures, arrivals, movements; the rest is a hash of names). Never an
 * address or an index, unless two records have the same key.
 *
 * An entry is live only if its tick equals its record's `wake`: whoever changes a wake pushes a new entry and
 * forgets the old one, nothing is cancelled. calendar_pop skips the dead. */
#ifndef CORRIDOR_SIM_CALENDAR_H
#define CORRIDOR_SIM_CALENDAR_H

#include "sim/time.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Every record starts like this; records stand CALENDAR_RECORD_SIZE bytes apart. */
#define CALENDAR_RECORD_SIZE 64
struct calendar_record {
    uint64_t key;
    tick_t wake; /* TICK_NEVER: asleep */
};

/* Holds offsets and counts only: a byte copy of calendar and storage is a working calendar. */
struct calendar;

/* Bytes of storage for at most `max_pending` entries (dead ones included). Storage needs no initialisation
 * and may be reserved memory that is touched only as it fills up: the calendar reuses low blocks first. */
size_t calendar_storage(size_t max_pending);

/* Prepares the calendar inside `storage` (64-byte aligned) for times from `origin` to `end`: entries later
 * than `end` are not kept. Returns the calendar, which is the start of `storage`. Cheap enough for 100,000
 * replications a second. */
struct calendar *calendar_reset(void *storage, size_t max_pending, tick_t origin, tick_t end);

/* Adds an entry: record `index` wakes at `tick`, which is not before the last popped tick. Constant time,
 * amortised. Returns false only when the storage is full. */
bool calendar_push(struct calendar *self, const void *records, tick_t tick, uint32_t index);

/* Takes the next live entry at or before `limit`. False when there is none (entries after `limit` stay). */
bool calendar_pop(struct calendar *self, const void *records, tick_t limit, tick_t *tick, uint32_t *index);

/* Entries kept, dead ones included. */
size_t calendar_pending(const struct calendar *self);

#endif
