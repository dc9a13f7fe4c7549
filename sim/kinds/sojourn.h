/* What delay and stay have in common: a duration, competing hazards, room. */
#ifndef CORRIDOR_SIM_KINDS_SOJOURN_H
#define CORRIDOR_SIM_KINDS_SOJOURN_H

#include "sim/kinds/kind.h"

uint32_t sojourn_enter(struct replication *self, struct person *person, const struct station *station);
uint32_t sojourn_wake(struct replication *self, struct person *person, const struct station *station);
void sojourn_begin(struct replication *self, const struct station *station);
void sojourn_changed(struct replication *self, const struct station *station);

size_t sojourn_memory(const struct replication *self, const struct station *station);
void sojourn_cohort_begin(struct replication *self, const struct station *station);
void sojourn_release(struct replication *self, const struct station *station);
void sojourn_turn(struct replication *self, const struct station *station);

#endif
