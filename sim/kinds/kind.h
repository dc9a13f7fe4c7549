/* What a kind of station does, with people (agents.c) and with cohorts (flows.c): both forms stand in the
 * file of its name, so that they tell the same story; larger kinds continue in files whose names begin with
 * it. One line in the table of kinds. */
#ifndef CORRIDOR_SIM_KINDS_KIND_H
#define CORRIDOR_SIM_KINDS_KIND_H

#include "sim/replication.h"

struct kind {
    const char *name;
    bool takes_time; /* people can be in it */
    bool has_waits;  /* records waits */
    /* A person comes in; returns the route to follow at once, or ROUTE_NONE when the station keeps the person
     * (or the run failed, or the person is gone). */
    uint32_t (*enter)(struct replication *, struct person *, const struct station *);
    /* The person's wake has come; returns as `enter`. */
    uint32_t (*wake)(struct replication *, struct person *, const struct station *);
    /* The start of a run, and of each day after policies and allotments. */
    void (*begin)(struct replication *, const struct station *);
    void (*day)(struct replication *, const struct station *);
    /* Values have changed: fit what is pending to them. Must do nothing when the values it uses are what they
     * were. */
    void (*changed)(struct replication *, const struct station *);

    /* ---- the same with cohorts ---- */
    bool every_turn; /* takes its turn also when nobody came */
    /* Bytes that the station keeps in the block (flows_area); none when NULL. They are zero at the start of a
     * run; `reuses_memory`: of the first one, and as it has left them for the next. */
    size_t (*cohort_memory)(const struct replication *, const struct station *);
    bool reuses_memory;
    /* The start of a run, and of each day after policies and allotments; values have changed. */
    void (*cohort_begin)(struct replication *, const struct station *);
    void (*cohort_day)(struct replication *, const struct station *);
    void (*cohort_changed)(struct replication *, const struct station *);
    /* In each step: those whose time is up go on; then the station lets in who came. */
    void (*release)(struct replication *, const struct station *);
    void (*turn)(struct replication *, const struct station *);
    /* People who wait, and the sum of their waits so far in person-days. */
    void (*still_waiting)(const struct replication *, const struct station *, people_t *, double *);
};

extern const struct kind kind_source, kind_delay, kind_gate, kind_queue, kind_ballot, kind_departures,
    kind_stay, kind_choice, kind_sink;

/* The table of kinds, in the order of enum station_kind. */
extern const struct kind *const kinds[KIND_COUNT];

/* A patience that changes: what is left of it is rescaled for everyone who waits at the station (patience.c).
 */
void patience_begin(struct replication *self, const struct station *station, const struct duration *patience);
void patience_changed(struct replication *self, const struct station *station,
                      const struct duration *patience);

/* With cohorts; `patience` NULL: nobody ever loses it. The clocks of a line of those who wait: one for each
 * class where the mean is by class, else one. How much of everyone's patience goes by in so many steps, in
 * means, by clock; INFINITY where nobody has any. */
uint32_t patience_clocks(const struct replication *self, const struct duration *patience);
void patience_elapsed(const struct replication *self, const struct duration *patience, double steps,
                      double elapsed[]);

/* Lets people begin service at the stations that share the capacity, in the order of its users, until no
 * server is free or nobody waits (queue.c). */
void queue_start_waiting(struct replication *self, uint32_t capacity);

#endif
