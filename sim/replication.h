/* One run of a network: everything that changes lives in one block of memory that is reset, not freed,
 * between runs. The block holds offsets and indices only, so a byte copy of it is a saved state; `struct
 * replication` is the handle with the pointers into it. Internal to the room, except for making, running and
 * freeing. */
#ifndef CORRIDOR_SIM_REPLICATION_H
#define CORRIDOR_SIM_REPLICATION_H

#include "sim/calendar.h"
#include "sim/engine.h"
#include "sim/flows.h"
#include "sim/network.h"
#include "sim/person.h"
#include "sim/random.h"

#include <math.h>

#define ROUTE_NONE        NETWORK_NONE
#define PRIORITY_LEVELS   4
#define SIGNAL_DAYS       64 /* length of a signal's memory, days */
#define PER_PERSON_BINS   16
#define BALLOT_MAX_LISTED ((size_t)1 << 22) /* registrations per office */
#define MAX_PEOPLE        ((size_t)1 << 24) /* records */
#define MAX_PENDING       (2 * MAX_PEOPLE)  /* entries of the calendar, dead ones included */

/* Order of events on the same tick: the top bits of a record's key. */
enum event_order { ORDER_DAY = 0, ORDER_ARRIVAL = 3, ORDER_MOVEMENT = 7 };
static inline uint64_t order_key(enum event_order order, uint64_t hash)
{
    return (uint64_t)order << 61 | hash >> 3;
}

/* What a stream is for: each purpose has its own blocks. */
enum purpose {
    PURPOSE_DECISION = 0,
    PURPOSE_DURATION = 1 << 16,
    PURPOSE_HAZARD = 2 << 16,
    PURPOSE_PATIENCE = 3 << 16,
    PURPOSE_ARRIVAL = 4 << 16,
    PURPOSE_LOT = 5 << 16,
};

struct line {
    uint32_t head, tail;
};

struct station_state {
    struct line line[PRIORITY_LEVELS];
    struct line serving; /* kept in order of start where service may be preempted */
    people_t waiting, in_service;
    uint64_t serial;       /* renewal source: arrivals so far */
    uint32_t serial_clock; /* renewal source: its record */
    double pending; /* renewal source: what was left of the pending interval at pending_since, in means */
    tick_t pending_since;
    double mean_in_force;     /* mean for which the pending wake was computed */
    people_t passed, stopped; /* gate, whole run */
    int64_t wait_ticks;       /* whole run, for signals */
    people_t wait_count;
};

struct capacity_state {
    double carry;         /* the part of a person left over from yesterday */
    people_t limit, used; /* per day: today; at once: places, busy */
    bool raised;          /* at once: more than yesterday */
};

struct account_state {
    int64_t balance, lowest, released; /* hundredths of the currency; lowest and released within the bin */
    int64_t floor;                     /* the balance that no payment may go below */
    bool open;
};

/* One item of an account at today's values. */
struct item_price {
    double unit_cost;       /* currency units */
    int64_t cost;           /* of one unit, hundredths */
    double suspended_below; /* balance, hundredths; -INFINITY: never */
};

struct ballot_entry {
    uint64_t key;
    uint32_t person; /* PERSON_NONE: gone */
    uint16_t registered;
    uint16_t station;
};

struct ballot_candidate {
    uint64_t rank;
    uint32_t position; /* in the list */
};

struct ballot_list {
    size_t offset; /* of the entries, in the block */
    uint32_t count, gone;
    double carry,
        carry_oldest; /* parts of a slot left over from yesterday: of all, of those for the oldest */
};

struct batch_state {
    uint64_t hash;
    tick_t end;
};

/* Counts of the open bin. Arrays are station-, route-, ... major with the class innermost. */
struct counters {
    people_t *flow;          /* route x class */
    int64_t *stock_ticks;    /* station x class: person-ticks, entered with the whole rest of the bin */
    people_t *wait_count;    /* station x class */
    int64_t *wait_ticks;     /* station x class */
    people_t *wait_bin;      /* station x wait bin */
    int64_t *busy_ticks;     /* station: server-ticks */
    people_t *tally;         /* tally x class */
    people_t *first;         /* tally x class: people counted for the first time */
    int64_t *spent;          /* item: hundredths */
    people_t *items;         /* item: how many were paid */
    people_t *suspended;     /* item: days on which the balance stood below its threshold at the start */
    people_t *harmed;        /* place x class */
    people_t *unsheltered;   /* place x class: person-days */
    people_t *capacity_used; /* capacity: people, per-day ones */
    people_t *capacity_limit;
};

/* The head of the block. */
struct replication_state {
    tick_t now, bin_end;
    int32_t day, bin; /* bin -1: spin-up or warm-up, not recorded */
    uint32_t person_high, person_free, next_change, batch_count;
    uint64_t events, people;
};

/* The block of the generator that the last decision was made with: a copy of what can be computed anew. */
struct luck {
    uint64_t visit;
    uint64_t words[2];
};

struct trace_record {
    double day; /* days since `from` */
    int64_t person;
    int32_t station, class, route, padding;
};

struct replication {
    const struct network *network;
    struct engine engine;
    bool expected; /* means: no draw, but its expectation */
    struct flows flows;
    uint64_t seed;
    uint32_t number;
    bool parameters_fixed;
    double scale;
    struct error error;
    struct luck luck;

    unsigned char *block;
    size_t block_size, cleared_size, output_size;
    struct replication_state *state;
    double *value;
    struct person *person;
    struct calendar *calendar;
    struct station_state *station;
    struct capacity_state *capacity;
    struct account_state *account;
    struct item_price *price; /* item */
    struct ballot_list *list; /* ballot-major, office inner */
    struct batch_state *batch;
    uint64_t *lot;                      /* scratch of the draws: one for each entry of a list */
    struct ballot_candidate *candidate; /* scratch of the draws */
    uint8_t *rule_fired;
    double *choice_weight; /* cumulative, station's first + class * options + option */
    double *in_force; /* station x class: hazard rate or mean patience that pending wakes were computed for */
    double *signal_value;
    double *signal_past;   /* signal x day: numerator, denominator */
    people_t *stock;       /* station x class: people present now */
    people_t *tally_total; /* whole run, all classes, for signals */
    people_t *per_person;  /* memory x times counted (the last: or more) x class: people who have left */
    struct counters counters;
    size_t counters_offset, counters_size;

    const uint32_t *item_first;    /* account -> first item number */
    const uint32_t *choice_first;  /* station -> first weight */
    const uint32_t *sleeper;       /* stations whose people sleep at their place, place by place */
    const uint32_t *sleeper_first; /* place -> its first in `sleeper`; one past the last place too */
    const uint64_t *class_hash;
    struct layout *layout; /* owns the five above and the sizes */

    unsigned char *output; /* the recorder's block */
    const struct recorder *recorder;

    double trace_fraction;
    struct trace_record *trace; /* trace_capacity records: whatever comes after them fails the run */
    size_t trace_count, trace_capacity;
};

/* Makes the memory for runs of one network with one engine, to be used by one thread. */
bool replication_new(struct replication *self, const struct network *network, struct engine engine,
                     const struct recorder *recorder, struct error *error);
void replication_free(struct replication *self);

/* Nobody wakes, from now to the end of the run. */
void replication_empty_calendar(struct replication *self);

/* Puts everything at the start of a run: values drawn from their ranges, nobody present. */
void replication_reset(struct replication *self, uint64_t seed, uint32_t number, double scale,
                       bool parameters_fixed);

/* Reserves `bytes` behind `size` at the next 64-byte boundary and returns where they begin. */
size_t replication_reserve(size_t *size, size_t bytes);

/* Applies the dated changes due on `day`; true when there was one. */
bool replication_apply_changes(struct replication *self, int32_t day);
void replication_apply(struct replication *self, const struct change *change);

/* ---- values ---- */

static inline double value_of(const struct replication *self, struct value value, uint32_t class)
{
    return self->value[value.slot + (class & value.mask)];
}
static inline bool value_given(struct value value)
{
    return value.slot != NETWORK_NONE;
}
static inline double value_or(const struct replication *self, struct value value, uint32_t class,
                              double fallback)
{
    return value_given(value) ? value_of(self, value, class) : fallback;
}
/* Whether it is the same for all classes now. What cohorts do hangs on this, not on whether it may ever
 * differ: a policy that makes it differ from a date on changes nothing before. */
static inline bool value_is_one(const struct replication *self, struct value value)
{
    for (uint32_t class = 1; value.mask && class < self->network->class_count; class ++)
        if (value_of(self, value, class) != value_of(self, value, 0)) return false;
    return true;
}
/* x[class] times the value, for all classes; as it is where the value is not given. */
void values_multiply(const struct replication *self, struct value value, double x[]);

/* ---- streams ---- */

/* A uniform number in [0, 1) for one decision of this visit. `what` is the hash of the station, the outcome,
 * ... that decides: each decision of a visit has its own number, whatever others are taken. All are mixed
 * from one block of the generator, drawn once for a visit, since a person decides several times in a row
 * without time passing. */
static inline double person_chance(struct replication *self, const struct person *person, uint64_t what)
{
    uint64_t visit = person_visit(person);
    if (self->luck.visit != visit) {
        self->luck.visit = visit;
        random_block(self->seed, self->number, random_mix(visit, 0), PURPOSE_DECISION, self->luck.words);
    }
    return random_unit(random_mix(self->luck.words[0] ^ what, self->luck.words[1]));
}

/* Draws a duration as an even number of ticks; a patience gets the odd tick after it, so that a service that
 * begins in the same step wins over a patience that ends in it. */
tick_t person_duration(const struct replication *self, const struct person *person,
                       const struct station *station, const struct duration *duration, enum purpose purpose);

/* ---- people, stocks, waits ---- */

static inline uint32_t person_index(const struct replication *self, const struct person *person)
{
    return (uint32_t)(person - self->person);
}

/* A fresh record at a source; NULL when the pool is full (the run then fails). */
struct person *person_new(struct replication *self, uint64_t hash, uint32_t class);
void person_end(struct replication *self, struct person *person);
/* Sets the wake and enters it in the calendar. */
void person_schedule(struct replication *self, struct person *person, tick_t wake);

/* People times ticks, to the nearest tick. */
static inline int64_t person_ticks(people_t people, tick_t ticks)
{
    return llrint(people * (double)ticks);
}

static inline size_t cell_of(const struct replication *self, uint32_t station, uint32_t class)
{
    return station * self->network->class_count + class;
}
static inline void stock_enter(struct replication *self, const struct person *person)
{
    size_t cell = cell_of(self, person->station, person->class);
    self->stock[cell]++;
    self->counters.stock_ticks[cell] += self->state->bin_end - self->state->now;
}
static inline void stock_leave(struct replication *self, const struct person *person)
{
    size_t cell = cell_of(self, person->station, person->class);
    self->stock[cell]--;
    self->counters.stock_ticks[cell] -= self->state->bin_end - self->state->now;
}

/* Puts the person into a station that takes time. */
static inline void person_settle(struct replication *self, struct person *person, enum person_state state)
{
    person->since = self->state->now;
    person->state = (uint8_t)state;
    stock_enter(self, person);
}
/* Fails the run with the message, seed, replication and date; returns ROUTE_NONE. */
uint32_t replication_fail(struct replication *self, const char *message);

/* After so many visits of one person, at the second time in a day the run fails: somebody goes round and
 * round in next to no time, as nobody has any patience on the way. */
#define VISITS_LOOKED_AT 65536
void person_went_round(struct replication *self, struct person *person);

/* The person is done with a station that took time or changed the way. */
static inline void person_visited(struct replication *self, struct person *person)
{
    if (++person->visit % VISITS_LOOKED_AT == 0) person_went_round(self, person);
}
/* Takes the person out of a station that took time. */
static inline void person_leave(struct replication *self, struct person *person)
{
    stock_leave(self, person);
    person_visited(self, person);
}

/* Records waits that ended now: how many and how long, all together; by length; both. */
void waits_counted(struct replication *self, uint32_t station, uint32_t class, people_t people,
                   int64_t ticks);
void waits_binned(struct replication *self, uint32_t station, people_t people, double days);
void waits_ended(struct replication *self, uint32_t station, uint32_t class, people_t people, tick_t wait);
static inline void wait_ended(struct replication *self, const struct person *person, tick_t wait)
{
    waits_ended(self, person->station, person->class, 1, wait);
}

/* Puts the person at the end of a line, or at its head: it must stand in none. Takes it out of its line. */
void line_append(struct replication *self, struct line *line, struct person *person);
void line_prepend(struct replication *self, struct line *line, struct person *person);
void line_remove(struct replication *self, struct line *line, struct person *person);

/* ---- capacities, accounts, signals (capacity.c, account.c, signal.c) ---- */

/* What each capacity is today, times the scale; a part of a person is carried to the next day. */
void capacity_begin_day(struct replication *self);
static inline bool capacity_free(const struct replication *self, uint32_t capacity)
{
    return capacity == NETWORK_NONE || self->capacity[capacity].used < self->capacity[capacity].limit;
}
static inline void capacity_take(struct replication *self, uint32_t capacity)
{
    if (capacity == NETWORK_NONE) return;
    self->capacity[capacity].used++;
    self->counters.capacity_used[capacity]++;
}

static inline void capacity_take_many(struct replication *self, uint32_t capacity, people_t count)
{
    if (capacity == NETWORK_NONE) return;
    self->capacity[capacity].used += count;
    self->counters.capacity_used[capacity] += count;
}

/* Opens the accounts at `from`: the opening balance, hundredths times the scale; until then everything is
 * paid for. Then each day: what lapses, releases and grants. */
void account_open(struct replication *self);
void account_begin_day(struct replication *self, int32_t day);
/* Whether the item can be paid now; account_pay then pays it. Both agree: what can be paid is paid in full.
 */
bool account_can_pay(const struct replication *self, uint32_t account, uint32_t item, double units);
void account_pay(struct replication *self, uint32_t account, uint32_t item, double units);
/* What so many units cost a person, hundredths; 0 where nobody pays. */
double account_cost(const struct replication *self, uint32_t account, uint32_t item, double units);
/* How many of `wanted` could be paid one after the other (with means: in parts), at a cost of so many
 * hundredths each, once `spent` hundredths have gone; and paying `count` people who cost so much together, as
 * one sum. */
people_t account_affordable(const struct replication *self, uint32_t account, uint32_t item, double spent,
                            double cost, people_t wanted);
void account_pay_many(struct replication *self, uint32_t account, uint32_t item, double cost, people_t count);

/* Measures all signals as they stand at the start of the day. */
void signal_begin_day(struct replication *self);
/* Applies the rules whose signal has been measured and stands beyond its threshold, each once a run; then
 * *changed is true, and else left alone. */
void rule_begin_day(struct replication *self, int32_t day, bool *changed);

/* Who sleeps where at each place, and the harm that comes of it. */
void place_begin_day(struct replication *self);

/* ---- movement (agents.c) ---- */

/* Sends a person along a route and through all stations that take no time. */
void person_follow(struct replication *self, struct person *person, uint32_t route);

#endif
