/* What the files of the ballot have in common: ballot.c (both forms), and for cohorts ballot_join.c
 * (coming), ballot_draw.c (the daily draw) and ballot_keep.c (appointments). */
#ifndef CORRIDOR_SIM_KINDS_BALLOT_H
#define CORRIDOR_SIM_KINDS_BALLOT_H

#include "sim/cohort_line.h"
#include "sim/cohort_ring.h"
#include "sim/kinds/kind.h"

#include <math.h>

/* The lines of a station: of those who register when they come, and of those who come again: those who
 * registered earliest, and the others. */
enum { LINE_NEW, LINE_EARLY, LINE_LATE, BALLOT_LINES };

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

/* Offices that the station's people may ask, before `office`. */
static inline uint32_t ballot_asked_before(const struct station *station, uint32_t office)
{
    uint32_t count = 0;
    for (uint32_t o = 0; o < office; o++) count += value_given(station->ballot.preference[o]);
    return count;
}

static inline uint32_t ballot_planes_of(const struct replication *self, const struct station *station)
{
    return ballot_asked_before(station, self->network->ballot[station->ballot.ballot].office_count);
}
static inline uint32_t ballot_columns_of(const struct replication *self, const struct station *station)
{
    return ballot_planes_of(self, station) * (uint32_t)self->network->class_count;
}
static inline uint32_t ballot_clocks_of(const struct replication *self, const struct station *station)
{
    const struct ballot_station *here = &station->ballot;
    return here->has_patience && here->patience.mean_days.mask ? (uint32_t)self->network->class_count : 1;
}
static inline struct cohort_line_shape ballot_line_shape(const struct replication *self,
                                                         const struct station *station, uint32_t line)
{
    return (struct cohort_line_shape){.columns = ballot_columns_of(self, station),
                                      .classes = (uint32_t)self->network->class_count,
                                      .clocks = ballot_clocks_of(self, station),
                                      .dates = line == LINE_NEW ? LINE_DATES_OF_ROW : LINE_DATES_OF_COLUMN};
}
/* Bytes of the lines before `line`. */
static inline size_t ballot_lines_memory(const struct replication *self, const struct station *station,
                                         uint32_t line)
{
    size_t size = 0;
    for (uint32_t l = 0; l < line; l++) size += cohort_line_memory(ballot_line_shape(self, station, l));
    return size;
}
static inline size_t ballot_ring_memory(const struct replication *self, const struct station *station)
{
    uint32_t index = (uint32_t)(station - self->network->station);
    return (cohort_ring_memory(self->flows.longest[index], ballot_planes_of(self, station),
                               (uint32_t)self->network->class_count) +
            63) &
           ~(size_t)63;
}
static inline struct cohort_line *ballot_waiting_line(const struct replication *self, uint32_t station,
                                                      uint32_t line)
{
    char *area = flows_area(self, station);
    return (struct cohort_line *)(void *)(area +
                                          ballot_lines_memory(self, &self->network->station[station], line));
}
static inline struct cohort_ring *ballot_appointments(const struct replication *self,
                                                      const struct station *station)
{
    char *area = flows_area(self, (uint32_t)(station - self->network->station));
    return (struct cohort_ring *)(void *)(area + ballot_lines_memory(self, station, BALLOT_LINES));
}
/* Sums of dates of `people`, from days since `from` to steps since the start of the spin-up, and back. */
static inline double ballot_steps(const struct replication *self, people_t people, double days)
{
    return (days + people * self->network->spin_up_days) * self->engine.steps_per_day;
}
static inline void ballot_to_days(const struct replication *self, struct cohort *cohort)
{
    double steps = cohort->listed_days, squares = cohort->listed_squares,
           per_day = self->engine.steps_per_day;
    double before = self->network->spin_up_days;
    cohort->listed_days = steps / per_day - cohort->people * before;
    cohort->listed_squares =
        squares / (per_day * per_day) - (2 * steps / per_day - cohort->people * before) * before;
}
/* Those of a row with people in `bits` join the lines. Their patience begins `lead` means after the clocks.
 * The row is used up. */
void ballot_let_in(struct replication *self, const struct station *station, uint32_t group,
                   struct cohort row[], uint64_t bits, const double lead[]);

/* Those who have their appointment in this step go on: to their office, or, who do not show up, elsewhere.
 * Those drawn today may have it today. */
void ballot_keep_appointments(struct replication *self, const struct station *station);

/* Bytes that the draw keeps behind lines and ring: at the first station of each ballot, which holds the draw
 * for all. */
size_t ballot_draw_memory(const struct replication *self, const struct station *station);

/* The day's draw of the station's ballot, office by office; only its first station does something. */
void ballot_draw_cohorts(struct replication *self, const struct station *station);

#endif
