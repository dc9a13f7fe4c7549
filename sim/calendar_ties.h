/* Internal to the calendar: the entries of one tick, as a binary heap by (key, index). */
#ifndef CORRIDOR_SIM_CALENDAR_TIES_H
#define CORRIDOR_SIM_CALENDAR_TIES_H

#include "sim/calendar_state.h"

void calendar_ties_put(struct calendar *self, struct keyed entry);

/* An entry of tie_tick joins the ties if it is live; a dead one is taken. */
void calendar_ties_admit(struct calendar *self, const void *records, uint32_t index);

/* Moves all entries of `tick`, the earliest pending, from the open bucket and the side to the ties. None are
 * elsewhere: buckets hold only what is not before open_end. */
void calendar_ties_gather(struct calendar *self, const void *records, tick_t tick);

/* Takes the next entry of the ties. False when it died since: its record woke, slept or was given another key
 * (a record reused within the tick has an entry of its own). */
bool calendar_ties_next(struct calendar *self, const void *records, uint32_t *index);

#endif
