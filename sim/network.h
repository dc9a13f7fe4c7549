/* The network: what a scenario means, in the engine's words. Immutable once compiled; shared by all threads.
 *
 * Names appear only for results, messages and stream keys. Everything that a policy may change on a date is a
 * `slot` of the value table; stations refer to slots by `struct value`. All pointers are owned by the network
 * (network_free). */
#ifndef CORRIDOR_SIM_NETWORK_H
#define CORRIDOR_SIM_NETWORK_H

#include "sim/distribution.h"
#include "sim/error.h"
#include "sim/time.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NETWORK_MAX_CLASSES    64 /* a set of classes is one 64-bit word */
#define NETWORK_MAX_STATIONS   4096
#define NETWORK_MAX_DIMENSIONS 4
#define NETWORK_MAX_HAZARDS    4
#define NETWORK_MAX_OFFICES    16
#define NETWORK_MEMORIES       3 /* tallies that each person remembers */
#define NETWORK_NONE           UINT32_MAX

/* A value that may depend on the class and change on dates: slot number `slot + (class & mask)`.
 * mask 0: one slot for all classes; mask UINT32_MAX: one slot per class, in order. slot NETWORK_NONE: not
 * given. */
struct value {
    uint32_t slot;
    uint32_t mask;
};

enum slot_shape { SLOT_TRIANGULAR, SLOT_UNIFORM };

/* One entry of the value table. A value with low < high is drawn from its range (triangular with its mode at
 * `value`, or uniform), once for each pair of replications, 2k and 2k + 1: with the quantile keyed by (seed,
 * k, range_key). */
struct slot {
    const char *path; /* dotted path */
    double value;
    double low, high; /* equal: nothing to draw */
    enum slot_shape shape;
    uint64_t range_key; /* hash of the path as written: slots set by one line share their luck */
};

/* A dated change, applied at the start of `day` in the order listed. */
struct change {
    int32_t day; /* from the scenario's `from`; may be negative (spin-up) */
    uint32_t slot;
    double value, low, high;
    enum slot_shape shape;
    uint64_t range_key;
};

struct dimension {
    const char *name;
    size_t label_count;
    const char **label;
};

struct customer_class {
    const char *name;                      /* "venezuela/family_unit" */
    uint8_t label[NETWORK_MAX_DIMENSIONS]; /* index into each dimension's labels */
};

struct place {
    const char *name, *country, *zone;
    double latitude, longitude;          /* degrees; NaN when not given */
    struct value shelter_places;         /* soft capacity; not given: everyone is sheltered */
    struct value harm_per_day_sheltered; /* events per person and day, by class */
    struct value harm_per_day_unsheltered;
};

/* A named count of events. With memory >= 0 each person remembers how often it was counted (saturating at
 * 255), which gives distinct people and the distribution of counts per person. */
struct tally {
    const char *name, *long_name;
    int memory;
};

/* A directed link. Whoever follows it is counted once, and once in each of its tallies. */
struct route {
    const char *name;  /* "station:label" */
    uint32_t from, to; /* stations */
    uint32_t tally_count;
    uint32_t tally[6];
};

/* What a station can do per day, or hold at once. Named ones may be shared between stations. */
struct capacity {
    const char *name;
    struct value amount; /* people per day, or at once; multiplied by the scale */
    bool per_day;
    uint32_t user_count; /* stations whose people wait for it, in order of precedence */
    uint32_t *user;
};

struct account_item {
    const char *name;       /* "stop", "return", "transfer", "detention", ... */
    struct value unit_cost; /* currency units per event (or person-day) */
    /* The item is suspended while the balance stands below this fraction of the reserve: with k items in the
     * order of suspension, the first at 1, the next at (k-1)/k, ... the last at 1/k; items not listed at 0.
     */
    double threshold;
};

struct grant {
    int32_t day;
    struct value amount;
};

struct account {
    const char *name, *currency;
    struct value opening;         /* balance at `from`, currency units */
    struct value monthly_release; /* credited on allotment_day of each month */
    struct value reserve;
    struct value carry_limit;   /* what stands above it on the day of a release lapses; may be absent */
    struct value arrears_limit; /* how far below zero spending may go; refills pay it back */
    int allotment_day;          /* 1..28 */
    uint32_t item_count;
    struct account_item *item;
    uint32_t grant_count;
    struct grant *grant;
};

/* A duration: a unit-mean shape times a mean in days that may change. */
struct duration {
    struct distribution shape;
    struct value mean_days;
};

/* One hazard of a station: people leave by `route` at `per_day`, whatever else they wait for. */
struct hazard {
    const char *name;
    struct value per_day;
    uint32_t route;
};

enum station_kind {
    KIND_SOURCE,
    KIND_DELAY,
    KIND_GATE,
    KIND_QUEUE,
    KIND_BALLOT,
    KIND_DEPARTURES,
    KIND_STAY,
    KIND_CHOICE,
    KIND_SINK,
    KIND_COUNT
};

struct batch {
    const char *name;
    uint64_t hash;
    int32_t day;
    struct value people; /* multiplied by the scale */
};

struct source {
    /* Either people per day (a Poisson count a day, placed uniformly in it) ... */
    struct value per_day; /* multiplied by level, season and the scale */
    struct value level, season;
    struct value dispersion; /* variance of a gamma factor with mean 1 on each day's rate; 0: Poisson */
    /* ... or intervals between single arrivals. */
    bool renewal;
    struct duration interval;
    /* Shares of classes: the product over dimensions of slot mix[d] + label, normalised. */
    uint32_t mix[NETWORK_MAX_DIMENSIONS];
    uint32_t batch_count;
    struct batch *batch;
    struct value cohesion_days; /* how long a batch keeps together */
    uint32_t route;
};

/* Delay (on the way) and stay (sleeps at its place): a duration, competing hazards, optional hard room. */
struct sojourn {
    struct duration duration;
    uint32_t hazard_count;
    struct hazard hazard[NETWORK_MAX_HAZARDS];
    uint32_t
        capacity; /* room at once, hard: entrants who find it full follow `full`; NETWORK_NONE: no limit */
    uint32_t route, full;
};

struct outcome {
    const char *name;
    uint64_t hash;
    struct value share;      /* probability that it is tried when reached; not given: 1 */
    uint64_t classes;        /* bit c: class c is eligible */
    uint32_t capacity;       /* seats per day, or NETWORK_NONE */
    uint32_t item;           /* cost item, or NETWORK_NONE */
    struct value item_units; /* how many units of the item (days of detention); not given: 1 */
    uint32_t route;
};

struct gate {
    struct value stop_probability; /* by class */
    struct value intensity;        /* factor; the product is cut to [0, 1] */
    struct value batch_factor; /* further factor for people in a batch that keeps together; not given: 1 */
    uint32_t capacity;         /* stops per day, or NETWORK_NONE */
    uint32_t account, item;    /* who pays for the stop, or NETWORK_NONE */
    uint32_t outcome_count;
    struct outcome *outcome; /* tried in order; the last has no condition */
    uint32_t route;          /* not stopped */
};

enum discipline { DISCIPLINE_FIFO, DISCIPLINE_PRIORITY, DISCIPLINE_LOTTERY };

struct queue {
    uint32_t capacity;    /* servers at once, perhaps shared; or NETWORK_NONE with per_day given */
    struct value per_day; /* people per day, one after the other */
    struct duration service;
    enum discipline discipline;
    struct value priority; /* by class, 0 (first) to 3 */
    struct value room;     /* people waiting and in service at most; not given: no limit */
    struct duration patience;
    bool has_patience;
    struct value balk_probability;
    bool preempt;
    uint32_t route, renege, balk; /* balk also takes those who find the room full */
};

/* A ballot's rules and offices, shared by the ballot stations of all places where one can register. */
struct ballot_office {
    const char *name;
    struct value slots_per_day;
};

struct ballot {
    const char *name;
    struct value oldest_share; /* of the slots; the rest by lot */
    struct value overbooking;  /* slots offered per slot, to make up for no-shows */
    struct value no_show;      /* probability */
    struct duration lead;      /* from draw to appointment */
    uint32_t office_count;
    struct ballot_office *office;
};

struct ballot_station {
    uint32_t ballot;
    struct value inside_fence;                    /* > 0: takes part in draws */
    uint64_t classes;                             /* who may register; others follow `not_eligible` */
    struct value preference[NETWORK_MAX_OFFICES]; /* share of registrations by office */
    struct duration patience;
    bool has_patience;
    uint32_t office_route[NETWORK_MAX_OFFICES];
    uint32_t no_show, renege, not_eligible;
};

struct departures {
    struct value seats;     /* per departure; multiplied by the scale */
    int every_days;         /* 1 = daily */
    int first_day;          /* day (from `from`) of one departure; others every every_days before and after */
    uint32_t account, item; /* cost per seat used, or NETWORK_NONE */
    struct duration patience;
    bool has_patience;
    uint32_t route, renege;
};

enum signal_kind {
    SIGNAL_TALLY,      /* events per day, divided by the scale */
    SIGNAL_WAIT,       /* mean of the waits that ended, days */
    SIGNAL_STOP_SHARE, /* stopped / passing, at one gate */
    SIGNAL_STOCK,      /* people present at one station at the start of the day, divided by the scale */
};

/* A measured value that choices and rules may look at: a mean over `window` days that ended `lag` days ago.
 */
struct signal {
    enum signal_kind kind;
    uint32_t target; /* tally or station */
    int window, lag; /* days; window + lag <= 60 */
};

struct choice_term {
    uint32_t signal;
    struct value coefficient;
};

struct choice_option {
    const char *name;
    struct value share; /* fixed weight; or, in a logit choice, the constant of the utility */
    bool rest;          /* no share of its own: what those of the others leave of 1 (at most one; no logit) */
    uint64_t classes;
    uint32_t term_count;
    struct choice_term term[4];
    uint32_t route;
};

struct choice {
    bool logit; /* weights exp(utility) instead of shares */
    uint32_t option_count;
    struct choice_option *option;
};

struct station {
    const char *name;
    uint64_t hash;
    enum station_kind kind;
    uint32_t place;
    bool sleeps; /* people here need a place to sleep at the place */
    union {
        struct source source;
        struct sojourn sojourn; /* delay and stay */
        struct gate gate;
        struct queue queue;
        struct ballot_station ballot;
        struct departures departures;
        struct choice choice;
    };
};

/* A policy whose date is a condition: on the first day after which the signal stands above (or below) the
 * threshold, the changes apply, once. */
struct rule {
    const char *name;
    uint32_t signal;
    bool above;
    struct value threshold;
    int32_t not_before; /* day */
    uint32_t change_count;
    struct change *change; /* `day` is ignored */
};

enum bin_width { BIN_MONTH, BIN_WEEK, BIN_DAY };

struct network {
    const char *title;
    int32_t from; /* days since 1970-01-01 of day 0 */
    int32_t days; /* horizon: days 0 .. days-1 */
    int32_t spin_up_days, warm_up_days;
    bool scalable;
    enum bin_width bins;
    size_t bin_count;
    int32_t *bin_edge; /* bin_count + 1 days; the first is warm_up_days, the last `days` */
    size_t wait_edge_count;
    double *wait_edge; /* days, ascending: bin i holds edge[i] <= wait < edge[i+1]; the last is open */
    bool record_flows, record_stocks, record_waits;

    size_t dimension_count, class_count, place_count, station_count, route_count, capacity_count,
        account_count;
    size_t tally_count, ballot_count, signal_count, rule_count, slot_count, change_count;
    struct dimension *dimension;
    struct customer_class *class;
    struct place *place;
    struct station *station;
    struct route *route;
    struct capacity *capacity;
    struct account *account;
    struct tally *tally;
    struct ballot *ballot;
    struct signal *signal;
    struct rule *rule;
    struct slot *slot;
    struct change *change; /* ascending by day, then in order of writing */

    struct network_memory *memory; /* all of the above */
};

/* A network without content; network_allocate gives zeroed memory that network_free releases with everything
 * else. NULL when the machine has no memory. */
struct network *network_new(void);
void *network_allocate(struct network *self, size_t count, size_t size);
const char *network_text(struct network *self, const char *text);
void network_free(struct network *self);

/* Checks what the engine relies on (indices in range, bins ascending, every cycle of stations takes time,
 * thresholds ordered) and says the first thing that is wrong. Cheap; run it once after compiling. */
bool network_verify(const struct network *self, struct error *error);

/* Whether whoever enters the station that the route leaves can leave by it at once. */
bool network_route_is_instant(const struct network *self, uint32_t route);

/* Finds a cycle of routes that take no time (gates, choices, and the routes of those who find a station full,
 * balk or are not eligible). `seen` (one byte per station, zero at first) keeps what was searched, so that
 * further calls find further cycles; `cycle` holds up to station_count stations. Returns the number of
 * stations in the cycle, 0 when there is none. Time O(stations + routes). */
size_t network_instant_cycle(const struct network *self, uint8_t *seen, uint32_t *cycle);

#endif
