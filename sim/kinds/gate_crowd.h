/* Those who are at a gate in one turn, and what gates do with them: pick some out, let some of these go, send
 * them on. With drawn numbers they are cohorts; in expectation all of a lane are alike, and what is kept is
 * which share of those who came goes which way. The gate itself (gate.c) knows nothing of the difference. */
#ifndef CORRIDOR_SIM_KINDS_GATE_CROWD_H
#define CORRIDOR_SIM_KINDS_GATE_CROWD_H

#include "sim/replication.h"

/* A part of those who came, by lane: cohorts; in expectation, where all of a lane are alike, the share of the
 * inflow that belongs to it. */
struct part {
    struct cohort *cohort;
    double *share;
};

/* The lanes of one turn: who is still to be dealt with, and who is at present picked out. In lanes without
 * inflow both hold nobody. */
struct crowd {
    struct replication *self;
    const struct station *station;
    uint32_t index;
    struct cohort *came;
    people_t all;     /* who came, once those who pass have gone */
    people_t *people; /* in expectation: who came, by lane */
    struct part rest, picked;
};

/* The crowd of a gate; `place`, a row of lanes of the scratch, holds what is worked out for it. */
struct crowd crowd_at(struct replication *self, uint32_t station, struct cohort place[]);

/* Begins: everyone who came is still to be dealt with. */
void crowd_gather(struct crowd *crowd);

/* From `group` on, the next one with people who came; false: none. */
bool crowd_next_group(const struct crowd *crowd, uint32_t *group);

/* People of a part in a lane; in all. */
people_t crowd_people(const struct crowd *crowd, const struct part *part, uint32_t lane);
people_t crowd_sum(const struct crowd *crowd, const struct part *part);

/* Picks each of a group's rest with the probability of the class; returns how many. */
people_t crowd_pick(const struct crowd *crowd, uint32_t group, const double p[], uint32_t purpose);

/* Sends those of the `wanted` people picked beyond `allowed`, by lot, back to the rest. */
void crowd_limit(const struct crowd *crowd, people_t allowed, people_t wanted, struct dice *dice);

/* Sends a part on along a route. */
void crowd_follow(const struct crowd *crowd, const struct part *part, uint32_t route);

/* Those picked are now to be dealt with; the others have gone. `spare` has room for a row of lanes. */
void crowd_turn_to_picked(struct crowd *crowd, struct cohort spare[]);

/* ---- what a crowd costs (gate_cost.c) ---- */

/* What `count` people, those of the part, cost together at an outcome, hundredths; every class may need
 * another number of units. */
double gate_cost(const struct crowd *crowd, const struct part *part, const struct outcome *outcome,
                 people_t count);

/* How many of the `wanted` people picked, at most `allowed`, the account lets the gate stop. They come one by
 * one, so that each has paid for the stop and for what followed before the next one is stopped. */
people_t gate_can_stop(const struct crowd *crowd, people_t allowed, people_t wanted);

#endif
