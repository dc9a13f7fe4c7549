/* Hard room at a sojourn, for cohorts: whoever finds it full goes the other way; who comes first is chance.
 */
#include "sim/kinds/sojourn_passage.h"

#include <math.h>

static people_t free_room(const struct passage *at)
{
    const struct capacity_state *room = &at->self->capacity[at->station->sojourn.capacity];
    return fmax(0, room->limit - room->used);
}

bool passage_has_room(const struct passage *at)
{
    return at->station->sojourn.capacity == NETWORK_NONE ||
           flows_count_inflow(at->self, at->index) <= free_room(at);
}

/* `excess` of the `among` people who have come go the other way. */
static void turn_away(struct passage *at, people_t excess, people_t among, uint32_t purpose)
{
    struct dice dice;
    flows_dice(at->self, at->index, NETWORK_NONE, purpose, &dice);
    flows_turn_away(at->self, at->index, at->station->sojourn.full, excess, among, &dice);
}

/* Of those who have come, the share that goes on within the step; `among`: how many have come. */
static double share_at_once(const struct passage *at, people_t *among)
{
    struct flows_lanes lanes = {0};
    struct cohort *cohort;
    people_t at_once = 0;
    *among = 0;
    for (uint32_t lane; flows_next_lane(at->self, at->index, &lanes, &lane, &cohort);) {
        uint32_t class = lane_class(lane, at->self->network->class_count);
        const struct discrete *steps = flows_durations(at->self, at->index, class);
        if (!steps || !flows_together(at->self, lane - class)) /* a batch is all there at once */
            at_once += cohort->people * (steps ? steps->probability[0] : 1);
        *among += cohort->people;
    }
    return *among > 0 ? at_once / *among : 1;
}

void passage_keep_out(struct passage *at)
{
    people_t among;
    const double at_once = share_at_once(at, &among);
    if (!(at_once < 1) && free_room(at) > 0) return;
    people_t one_by_one = at_once < 1 ? free_room(at) * at_once / (1 - at_once) : 0;
    turn_away(at, among - free_room(at) - (at->self->expected ? one_by_one : floor(one_by_one)), among,
              PURPOSE_LOT);
}

void passage_turn_away(struct passage *at)
{
    people_t among = flows_count_inflow(at->self, at->index);
    turn_away(at, among - free_room(at), among, PURPOSE_LOT + 64);
}
