/* The engine of cohorts: the network that agents.c runs person by person, run step by step with cohorts.
 *
 * A step is a day or an even part of it; what happens in it happens at its middle, except draws, departures
 * and policies, which stand at the start of a day. In each step first those whose time is up go on from their
 * stations (release); then all stations take a turn, in an order in which moves without time lead forward,
 * and let in who came (turn). Whoever comes to a station that has had its turn is let in by the next one. A
 * delay T lasts floor(T + U) steps (discrete.h). A hazard acts for half a step on those who come or go, for a
 * whole one on those who stay through it.
 *
 * Lanes: people of one class, and of one batch while it keeps together, are in one lane: group x class, group
 * 0 for those who travel alone, one group for each batch of the network. Internal to the room; see engine.h.
 */
#ifndef CORRIDOR_SIM_FLOWS_H
#define CORRIDOR_SIM_FLOWS_H

#include "sim/cohort_line.h"
#include "sim/discrete.h"
#include "sim/error.h"
#include "sim/network.h"

#include <stdatomic.h>

struct replication;

/* Durations of one station for one class (or for all), kept until their mean changes. */
struct flows_table {
    double mean_steps; /* for which `steps` is filled; negative: none yet */
    struct discrete steps;
};

/* What changes from step to step, in the block. */
struct flows_state {
    int64_t step;    /* from the start of the spin-up */
    int64_t turn;    /* of the station whose turn it is; -1: before the first */
    uint64_t cells;  /* station x lane with people let in, all steps */
    uint32_t places; /* of the inflow that are free */
};

/* How much one gate wants of something that it shares with other gates: of staff, stops; of seats, people who
 * come to it, each of whom asks for `rate` of them. */
struct flows_demand {
    people_t before; /* by those who come from other stations in the same step: on average of the last day, */
    people_t now;    /* and so far in this step (of staff: as if it had sufficed at the gates before) */
    people_t
        seen; /* by those who were there when another gate first looked in this step; negative: none did */
    people_t here;   /* staff: by those who were there when one looked last, */
    people_t people; /* and how many people they were */
    double rate;     /* seats: for each who came at its last turn */
};

/* What the engine keeps beside the block: tables that depend on the network, and a cache of durations. */
struct flows {
    uint32_t groups, lanes;
    tick_t step_ticks;
    double step_days;
    int64_t steps;          /* of the whole run */
    uint32_t *order, *turn; /* turn -> station, station -> turn */
    uint8_t *kind;          /* turn -> kind of the station */
    uint8_t *ends;          /* gate -> whoever is stopped at it meets its staff no more in the step */
    uint32_t *of_kind, first_of_kind[KIND_COUNT + 1]; /* stations kind by kind; where each kind begins */
    uint64_t *lane_hash;
    double *whole;         /* class: 1, the share of those who all go */
    double *kept;          /* route x number of a cohort: 1, or 0 for what is counted on the way */
    uint32_t *first_group; /* source -> group of its first batch */
    uint32_t *longest;     /* station -> steps that its durations may take, at most */
    uint32_t *first_table; /* station -> its tables; one past the last station too */
    struct flows_table *table;
    double *table_numbers;
    uint32_t *first_demand; /* gate -> its demands, one for each outcome and one for its staff */
    uint32_t demands;
    size_t *area_size, *area; /* station -> bytes and place in the block of what its kind keeps; */
    size_t areas;             /* these stand last, from here on */
    /* In the block: */
    struct flows_state *state;
    struct cohort *inflow; /* place x lane: not let in yet; nobody is in the first place. Groups without
                              inflow are left as they were */
    uint32_t *door;        /* station -> its place of the inflow, the first while nobody comes */
    uint32_t *late_door;   /* the same of those who come during its turn and after it */
    uint32_t *free_places; /* a stack: those used last, which are in the cache, are used again */
    uint64_t *filled;      /* station x group: classes with inflow, a bit each */
    uint64_t *late_filled; /* the same of those who are late */
    struct flows_demand *demand;
    double *sufficed; /* capacity: of those who have passed gates of this staff in the step, the share that
                         would have passed with staff enough; 1 at its start */
    struct cohort *scratch;      /* for one turn of a station */
    struct line_leaving leaving; /* for one turn of a station that has a line */
};

/* Makes and frees the tables of a replication whose network and engine are set. flows_lay_out reserves the
 * engine's parts of the block behind `size`, and makes the pointers once there is a block. What the kinds
 * keep is last: they clear it when a run begins. */
bool flows_new(struct replication *self, struct error *error);
void flows_free(struct replication *self);
void flows_lay_out(struct replication *self, size_t *size);

/* Fills `kept` of struct flows; once, as networks do not change. */
void flows_fill_kept(const struct network *n, double kept[]);

/* As engine_run, for a replication made for flows or mean. */
bool flows_run(struct replication *self, atomic_int *stop);

/* Stations in an order in which routes that take no time lead forward, and others where possible. `order` and
 * `turn` hold station_count each. The order of other stations does not change when one is put on a route
 * between two. */
bool flows_order(const struct network *network, uint32_t *order, uint32_t *turn);

/* Marks the gates with staff whose people, once stopped, come to no other gate of that staff in the same
 * step. `ends` holds station_count zeros. */
bool flows_mark_ends(const struct network *network, uint8_t *ends);

/* People who wait at the station and the sum of their waits so far, person-days. */
void flows_still_waiting(const struct replication *self, uint32_t station, people_t *people,
                         double *person_days);

/* ---- what the kinds use ---- */

static inline uint32_t lane_class(uint32_t lane, size_t classes)
{
    return lane < classes ? lane : lane % (uint32_t)classes;
}

/* Sends people on: counts them and adds them to the inflow of the next station. */
void cohort_follow(struct replication *self, uint32_t route, uint32_t lane, const struct cohort *cohort);

/* The same for the lanes of a group together: a row of class_count cohorts, of which those of `bits` (by
 * class) have people and the others are zero. */
void cohorts_follow(struct replication *self, uint32_t route, uint32_t group, const struct cohort row[],
                    uint64_t bits);

/* The same for a share of a row, which stays as it is: in expectation people part ways by what shares of
 * those who came go where, without cohorts in between. One share for all, or one for each class; of the
 * classes of `bits` it is positive. */
struct flows_share {
    double all;
    const double *each; /* NULL: all */
};
void cohorts_send(struct replication *self, uint32_t route, uint32_t group, const struct cohort row[],
                  uint64_t bits, struct flows_share share);

/* The people of a row by class. Returns the classes that have some; and those people, all of them, are
 * present at the station, or no longer. */
uint64_t cohorts_count(const struct replication *self, const struct cohort row[], people_t people[]);
void cohorts_present_counted(struct replication *self, uint32_t station, const people_t people[],
                             uint64_t bits, int sign);

/* The classes of a row with people in it; everyone in it present at the station, or no longer. */
uint64_t cohorts_bits(const struct replication *self, const struct cohort row[]);
void cohorts_present(struct replication *self, uint32_t station, const struct cohort row[], uint64_t bits,
                     int sign);

/* Whether the batch of this lane still keeps together. */
bool flows_together(const struct replication *self, uint32_t lane);

/* The lanes of a station's inflow that hold people: start with {0}; false when there are no more. The cohort
 * may be taken apart; what is left of it in the inflow is dropped when the turn is over. */
struct flows_lanes {
    uint32_t group;
    uint64_t bits;
    bool started;
};
bool flows_next_lane(const struct replication *self, uint32_t station, struct flows_lanes *lanes,
                     uint32_t *lane, struct cohort **cohort);

/* Of the `among` people who have come to a station `excess`, chosen by lot, follow the route instead. */
void flows_turn_away(struct replication *self, uint32_t station, uint32_t route, people_t excess,
                     people_t among, struct dice *dice);

/* Those taken out of a station's line, which has a column for each lane, wait no longer and follow the route.
 */
void flows_leave_line(struct replication *self, uint32_t station, struct cohort_line *line, uint32_t route,
                      struct dice *dice);

/* The lanes of those who have come to a station; of nobody when it has no inflow. */
struct cohort *flows_inflow(const struct replication *self, uint32_t station);
people_t flows_count_inflow(const struct replication *self, uint32_t station);

/* Nobody has come anywhere: before the first step. Before each step: those who were late, and were part of
 * the station's stock since, come now. */
void flows_begin_inflow(struct replication *self);
void flows_admit_late(struct replication *self);

/* Whether somebody has come to the station and is not let in yet; and when all have been. */
bool flows_has_inflow(const struct replication *self, uint32_t station);
void flows_end_turn(struct replication *self, uint32_t station);

/* Dice of a station and lane for this step; `purpose` keeps different throws of one lane apart. NETWORK_NONE:
 * those that are thrown for all lanes together. */
void flows_dice(const struct replication *self, uint32_t station, uint32_t lane, uint32_t purpose,
                struct dice *dice);
/* Those that are thrown for many of a group together. */
void flows_dice_of_group(const struct replication *self, uint32_t station, uint32_t group, uint32_t purpose,
                         struct dice *dice);

/* Takes out of a lane's cohort each with probability p, by the lane's dice of this step. */
struct cohort flows_thin(const struct replication *self, uint32_t station, uint32_t lane, uint32_t purpose,
                         struct cohort *cohort, double p);

/* The same, with draws, for the classes `bits` of a group's row: part[class] becomes those who go. Many are
 * drawn together, by dice of the group. */
void flows_thin_row(const struct replication *self, uint32_t station, uint32_t group, uint32_t purpose,
                    uint64_t bits, struct cohort row[], const double p[], struct cohort part[]);

/* The station's durations for the class, at today's mean: on the way, in service, or from draw to
 * appointment. NULL when the mean is not positive. */
const struct discrete *flows_durations(struct replication *self, uint32_t station, uint32_t class);

/* Counts the waits of those who are leaving a line with one column for each lane, by class: to now, and
 * `longer` steps. */
void flows_waits(struct replication *self, uint32_t station, double longer);

/* People in a station that takes time: `count` more (or fewer, when negative). */
void flows_present(struct replication *self, uint32_t station, uint32_t lane, people_t count);

/* Of seats, how many those may take who ask for them at a demand of a gate to which `came` people came: all
 * that are left when there are enough for the users still to come, else a share in proportion to what is
 * asked here and what they will ask for. To be called also when nobody asks. */
people_t flows_allowed(struct replication *self, uint32_t station, uint32_t seats, uint32_t demand,
                       people_t asked, people_t came);

/* Whether a move from this station by its own time (not by a hazard) leads to one that has its turn before
 * it: then nobody may leave in the step in which they came. */
bool flows_leads_back(const struct replication *self, uint32_t station);

/* The stations of a kind, in their order. */
static inline const uint32_t *flows_of_kind(const struct flows *flows, uint32_t kind, uint32_t *count)
{
    *count = flows->first_of_kind[kind + 1] - flows->first_of_kind[kind];
    return flows->of_kind + flows->first_of_kind[kind];
}

/* The station's own memory in the block. */
void *flows_area(const struct replication *self, uint32_t station);

#endif
