/* What the files of the sojourn have in common for cohorts: sojourn.c (both forms), sojourn_hazards.c,
 * sojourn_room.c. */
#ifndef CORRIDOR_SIM_KINDS_SOJOURN_PASSAGE_H
#define CORRIDOR_SIM_KINDS_SOJOURN_PASSAGE_H

#include "sim/cohort_ring.h"
#include "sim/kinds/sojourn.h"

/* What happens in one turn or release of a station, for the lanes of one group. */
struct passage {
    struct replication *self;
    const struct station *station;
    uint32_t index, group, first; /* first lane of the group */
    struct cohort_ring *ring;
    double rate[NETWORK_MAX_CLASSES]; /* of all hazards together, per step */
    bool hazards, uniform;            /* some rate is positive; all are the same */
    bool room_is_short;               /* for those who have come in this turn */
};

void passage_begin(struct passage *at, struct replication *self, const struct station *station);

/* Of all hazards together, per day. */
double sojourn_total_rate(const struct replication *self, const struct sojourn *sojourn, uint32_t class);

/* The hazards strike those in the ring: for a whole step those who stay through it, for half a step those
 * whose time is up. Those struck are sent on. */
void passage_strike_present(struct passage *at);

/* They strike those of a row who stay on beyond this step, for half of it: what they leave in the row has
 * been let in. */
void passage_strike_coming(struct passage *at, struct cohort row[], uint64_t bits);

/* Whether there is room for all who have come; where it is not hard there always is. */
bool passage_has_room(const struct passage *at);

/* Where room is hard: turns away those who would find it full though each who goes on within the step makes
 * room for the next; and all who are beyond it. */
void passage_keep_out(struct passage *at);
void passage_turn_away(struct passage *at);

/* So many of the classes `bits` leave the station and its room. */
void passage_leave(struct passage *at, const people_t people[], uint64_t bits);

/* With draws: those of a batch that keeps together come in, all for one duration (sojourn_batch.c). */
void passage_let_batch_in(struct passage *at, struct cohort row[], uint64_t bits);

#endif
