/* What the files of the ballot have in common: ballot.c (both forms), and for cohorts ballot_join.c
 * (coming), ballot_draw.c (the daily draw) and ballot_keep.c (appointments). */
#ifndef CORRIDOR_SIM_KINDS_BALLOT_H
#define CORRIDOR_SIM_KINDS_BALLOT_H

#include "sim/cohort_line.h"
#include "sim/cohort_ring.h"
#include "sim/kinds/kind.h"

#include <math.h>

/* The lines of a station: of those who register when they come; and of those who come again, by how long ago
 * they registered, the oldest first. */
#define BALLOT_AGES 3
enum { LINE_NEW, LINE_AGAIN, BALLOT_LINES = LINE_AGAIN + BALLOT_AGES };

#define BALLOT_NO_OFFICE "somebody who registers prefers no office"

/* The first list of a ballot's offices. */
static inline uint32_t ballot_first_list(const struct replication *self, uint32_t ballot)
{
    uint32_t first = 0;
    for (uint32_t b = 0; b < ballot; b++) first += self->network->ballot[b].office_count;
    return first;
}

/* Slots that the office offers today; a part of one is carried over. */
static inline people_t ballot_slots_today(const struct replication *self, const struct ballot *ballot,
                                          struct ballot_list *list, const struct ballot_office *office)
{
    list->carry +=
        value_of(self, office->slots_per_day, 0) * value_or(self, ballot->overbooking, 0, 1) * self->scale;
    people_t slots = self->expected ? list->carry : floor(list->carry + 1e-9);
    list->carry = fmax(0.0, list->carry - slots);
    return slots;
}

/* Of them, those that go to the oldest registrations. */
static inline people_t ballot_slots_for_oldest(const struct replication *self, const struct ballot *ballot,
                                               struct ballot_list *list, people_t slots)
{
    list->carry_oldest += slots * value_of(self, ballot->oldest_share, 0);
    people_t oldest = self->expected ? list->carry_oldest : floor(list->carry_oldest + 1e-9);
    list->carry_oldest = fmax(0.0, list->carry_oldest - oldest);
    return fmin(oldest, slots);
}

/* ---- what a station keeps of cohorts: the lines, the ring, and what the draw needs ---- */

/* Stands first in the memory of a station and says where the rest is, in bytes from there. */
struct ballot_parts {
    uint32_t planes;  /* offices that the station's people may ask */
    bool holds_draws; /* the first station of its ballot does, for all */
    size_t line[BALLOT_LINES], ring, came, draw, end;
};

/* Who came lately, of each line: sums that forget. */
struct ballot_came {
    int64_t step; /* of the last who came */
    people_t people[BALLOT_LINES];
};

static inline const struct ballot_parts *ballot_parts(const struct replication *self, uint32_t station)
{
    return flows_area(self, station);
}
static inline uint32_t ballot_columns(const struct replication *self, uint32_t station)
{
    return ballot_parts(self, station)->planes * (uint32_t)self->network->class_count;
}
static inline const struct duration *ballot_patience(const struct ballot_station *station)
{
    return station->has_patience ? &station->patience : NULL;
}
static inline struct cohort_line *ballot_waiting_line(const struct replication *self, uint32_t station,
                                                      uint32_t line)
{
    char *area = flows_area(self, station);
    return (struct cohort_line *)(void *)(area + ballot_parts(self, station)->line[line]);
}
static inline struct cohort_ring *ballot_appointments(const struct replication *self,
                                                      const struct station *station)
{
    uint32_t index = (uint32_t)(station - self->network->station);
    char *area = flows_area(self, index);
    return (struct cohort_ring *)(void *)(area + ballot_parts(self, index)->ring);
}
static inline struct ballot_came *ballot_came(const struct replication *self, uint32_t station)
{
    char *area = flows_area(self, station);
    return (struct ballot_came *)(void *)(area + ballot_parts(self, station)->came);
}
/* The step with which the day begins: the date of those who register today. */
static inline double ballot_today(const struct replication *self)
{
    return ((double)self->state->day + self->network->spin_up_days) * self->engine.steps_per_day;
}

/* Those of a row with people in `bits` join the lines. Their patience begins `lead` means after the clocks.
 */
void ballot_let_in(struct replication *self, const struct station *station, uint32_t group,
                   const struct cohort row[], uint64_t bits, const double lead[]);

/* Those who have their appointment in this step go on: to their office, or, who do not show up, elsewhere.
 * Those drawn today may have it today. */
void ballot_keep_appointments(struct replication *self, const struct station *station);

/* Bytes that a draw takes at the station that holds it. */
size_t ballot_draw_memory(const struct replication *self, const struct station *station);

/* The day's draw of the station's ballot, office by office; only its first station does something. */
void ballot_draw_cohorts(struct replication *self, const struct station *station);

#endif
