/* What the compile_*.c files share; nobody else includes it.
 *
 * The compiler reads the resolved tree once, from the dates to the policies, and keeps drafts. Each value
 * that a policy may set becomes a lever with a dotted path; when all is read, levers become slots and dated
 * changes, and drafts become the arrays of the network. Every function reports its own mistakes, so that all
 * of them are found in one go. */
#ifndef CORRIDOR_MODELS_COMPILE_H
#define CORRIDOR_MODELS_COMPILE_H

#include "models/csv.h"
#include "models/model.h"
#include "models/schema.h"
#include "sim/random.h"

#include <math.h>
#include <setjmp.h>

/* ---- names in the order added, found by hashing ---- */

struct names {
    const char **name;
    void **object;
    uint32_t count, capacity;
    uint32_t *bucket; /* position + 1, 0 when free; twice `capacity` */
    bool incomplete;  /* what holds them could not be read: that a name is not there says nothing */
};

struct compiler {
    struct model *model;
    struct problems *problems;
    const char *const *installed;
    struct network *network;
    struct network *drafts; /* an empty network: its memory holds the drafts */
    jmp_buf no_memory;
    struct csv csv; /* the data file being read; here so that it is freed whatever happens */
    struct scenario_head head;
    int32_t start, end;    /* first day simulated and first day after the horizon, from `from` */
    bool dates_known;      /* false: `from` or `to` is wrong; the year that stands for the run is read with */
    const char *money;     /* ending of the keys of the account being read */
    bool graph_incomplete; /* a station or route could not be read: ways round are not looked for */
    struct names tallies, schedules, capacities, accounts, ballots, signals, places, stations, routes, levers;
    struct names rules;
    struct names faults; /* values of schedules that no follower can take, told once */
    struct names tables; /* data files that were read */
    struct names rests;  /* paths of shares that are written as the rest */
    struct doubt {
        struct mark mark;
        const char *path;
    } doubt[64]; /* maps with a key that nobody knows: what seems to be missing in them may be that key */
    size_t doubts;
};

/* Allocation never fails here: without memory the compiler gives up as a whole. Zeroed. */
void *draft_memory(struct compiler *c, size_t count, size_t size);
void *kept_memory(struct compiler *c, size_t count, size_t size);
const char *kept_text(struct compiler *c, const char *text);
const char *draft_text(struct compiler *c, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The position, or NETWORK_NONE when the name is taken (add) or not there (find). */
uint32_t names_add(struct compiler *c, struct names *self, const char *name, void *object);
uint32_t names_find(const struct names *self, const char *name);

/* Whether the run simulates this day, counted from `from`; true while its dates are not known. */
bool is_in_run(const struct compiler *c, int32_t day);

/* ---- messages; all return false ---- */

bool complain(struct compiler *c, struct mark mark, const char *path, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
/* From now on complaints at this mark are dropped: the mistake behind them has been told. */
void doubt_map(struct compiler *c, struct mark mark, const char *path);
bool is_doubted(const struct compiler *c, struct mark mark);
/* Whether the dotted path leads into a map in doubt. */
bool is_doubted_path(const struct compiler *c, const char *path);
/* "unknown WHAT 'word'; did you mean 'nearest'?" */
bool complain_unknown(struct compiler *c, struct mark mark, const char *path, const char *what,
                      const char *word, const struct names *names);

/* ---- maps and keys (compile_keys.c) ---- */

/* Checks the keys of a map against the table and stores what has a place in `base`; absent keys get their
 * defaults. False when the node is not a map. */
bool read_keys(struct compiler *c, const char *context, const char *other, const struct node *node,
               const char *path, void *base);
/* The value of a key in any of its units; NULL when absent. */
const struct node *find_key(const struct node *map, const char *name, struct unit *unit);
/* Tells of keys that stand there without a value, everywhere under the node: what their absence would bring
 * is not told again. */
void refuse_blanks(struct compiler *c, const struct node *node, const char *path);
/* Whether entry i of a map of named things is to be read: a good name, and not a remark. */
bool is_entry(struct compiler *c, const struct node *map, size_t i, const char *path);
/* The text of a scalar; complains about anything else and gives NULL. */
const char *read_name(struct compiler *c, const struct node *node, const char *path);
/* Looks up a name, complaining when it is not there. */
uint32_t read_reference(struct compiler *c, const struct node *node, const char *path, const char *what,
                        const struct names *names);
bool expect_kind(struct compiler *c, const struct node *node, const char *path, enum node_kind kind);

/* ---- classes (compile_classes.c) ---- */

void read_classes(struct compiler *c, const struct node *node);
/* "guatemala", "guatemala/family_unit", "default": the classes meant, and how specific that is. False when
 * unknown. */
bool find_classes(const struct compiler *c, const char *selector, uint64_t *classes, int *rank);
bool read_class_set(struct compiler *c, const struct node *node, const char *path, uint64_t *classes);
const char *nearest_class(struct compiler *c, const char *word);
static inline uint64_t all_classes(const struct compiler *c)
{
    return UINT64_MAX >> (64 - c->network->class_count);
}

/* ---- values over time ---- */

struct point {
    int32_t day;
    double value, low, high;
    enum slot_shape shape;
    uint64_t range_key;
    struct mark mark; /* where it is written */
    bool by_policy;
};

struct lever;

/* What was written for one value: points ascending by day (the first also holds before its day), or a
 * schedule followed. */
struct series {
    struct point *point;
    size_t count;
    const struct lever *follows;
    struct unit unit; /* of the key that follows */
    struct mark mark;
};

/* One entry of a value as written: for some classes, or (rank 0) for all others. */
struct written_entry {
    const char *name; /* of the classes; NULL: one value for all */
    const char *path;
    uint64_t classes;
    int rank;
    struct series series;
};

struct written {
    struct written_entry *entry;
    size_t count;
};

/* The entry that governs a class: the most specific; NULL: none. */
const struct written_entry *written_for(const struct written *written, size_t class);

struct lane_set {
    int32_t day;
    struct series series;
};

/* The course of a value for one class, or for all. */
struct lane {
    const char *path;
    int rank;
    struct series series;
    struct lane_set *set; /* policies, ascending by day, then as written */
    size_t set_count, set_capacity;
    struct point *point; /* the outcome: the first holds at the start */
    size_t point_count, point_capacity;
};

/* A value that a policy may set. */
struct lever {
    const char *path;
    const struct key_entry *key;
    struct mark mark;
    struct value *value; /* where the slot number goes; may be NULL */
    uint32_t *first;     /* where a bare slot number goes; may be NULL */
    bool by_class;       /* may differ by class */
    bool inverse;        /* the key is a rate, the slot its inverse */
    bool own;            /* needs a slot of its own even when it follows a schedule */
    const char *lacks;   /* a key without which nothing may set it, and it has no slot; NULL: none */
    bool at_start;       /* counts once, at `from` */
    bool misread;        /* something written for it is wrong (and told): what its value leads to is not */
    bool flat, flattening;
    struct lane *lane; /* one, or one for each class */
    size_t lane_count;
    uint32_t slot;
};

/* Reads a value as written (compile_values.c). `path` is the path in messages, `key_path` names its luck. */
bool read_written(struct compiler *c, const struct lever *lever, struct unit unit, const struct node *node,
                  const char *path, const char *key_path, struct written *written);
/* A number, value map, schedule map or schedule name. */
bool read_series(struct compiler *c, const struct key_entry *key, struct unit unit, const struct node *node,
                 const char *path, const char *key_path, struct series *series);
/* A number or value map: one point. */
bool read_point(struct compiler *c, const struct key_entry *key, struct unit unit, const struct node *node,
                const char *path, const char *key_path, struct point *point);
/* The value in the key's base unit, or the complaint that it is out of range. */
bool convert_number(struct compiler *c, const struct key_entry *key, struct unit unit, struct mark mark,
                    const char *path, double written, double *value);
double unit_convert(struct unit unit, double written);
struct point unit_convert_point(struct unit unit, struct point point);

/* Schedules (compile_schedules.c). */
bool is_schedule_map(const struct node *node);
bool read_schedule_map(struct compiler *c, const struct key_entry *key, struct unit unit,
                       const struct node *node, const char *path, const char *key_path,
                       struct series *series);
void read_schedules(struct compiler *c, const struct node *node);
bool read_schedule_file(struct compiler *c, const struct key_entry *key, struct unit unit,
                        const struct schedule_head *head, const struct node *node, const char *path,
                        struct series *series);

/* A data file that a scenario names, open: one at a time. */
struct data_file {
    struct compiler *c;
    const char *path, *name; /* of the key in messages, and the file as written */
    struct mark mark;
    const struct csv *csv;
};

/* False after complaining; to be closed in either case. */
bool data_open(struct compiler *c, const struct node *name, const char *path, struct data_file *self);
void data_close(struct data_file *self);
bool data_column(const struct data_file *self, const char *name, size_t *column);
bool data_number(const struct data_file *self, size_t row, size_t column, double *number);
/* "path: file.csv:17" */
const char *data_place(const struct data_file *self, size_t row);

/* "there is no such day as 2023-02-30", or that a date is wanted. */
bool complain_date(struct compiler *c, struct mark mark, const char *path, const char *written);
/* Reads YYYY-MM as the first of that month. */
bool parse_month(const char *text, int32_t *days);
int days_in_month_of(int32_t days);

/* ---- levers (compile_levers.c) ---- */

/* A new lever with the key's default (or nothing), not yet written. NULL after complaining that the path is
 * taken. */
struct lever *lever_add(struct compiler *c, const char *path, const struct key_entry *key, struct mark mark,
                        struct value *value, bool by_class);
/* Gives it what is written; when that is wrong a default stands in, so that later checks can go on. */
void lever_write(struct compiler *c, struct lever *lever, struct unit unit, const struct node *node,
                 const char *path);
void lever_constant(struct compiler *c, struct lever *lever, double value);
/* The key `name` of a map, in any unit, as a lever; when it is absent its default, if there is one. NULL when
 * there is nothing. */
struct lever *lever_read(struct compiler *c, const char *context, const char *name, const struct node *map,
                         const char *path, struct value *value, bool by_class);
/* One lane for each class. */
void lever_widen(struct compiler *c, struct lever *lever);
/* From `day` on, for the classes given (all lanes when the lever has one). */
void lever_set(struct compiler *c, struct lever *lever, const struct written *written, uint64_t classes,
               int rank, int32_t day);
/* The schedule whose changes, by a rule too, are those of the lever, because it follows it just as it is; or
 * NULL. */
const struct lever *lever_shared_schedule(const struct lever *lever);
/* The central value on a day, after levers_flatten; class 0 when it is by class. */
double lever_value(const struct lever *lever, size_t class, int32_t day);
void levers_flatten(struct compiler *c);
void levers_to_slots(struct compiler *c);
/* The points of one lane (compile_flatten.c). */
void lever_flatten(struct compiler *c, struct lever *lever);

/* ---- the parts ---- */

void read_places(struct compiler *c, const struct node *node);
/* `at`, or a place of the station's own name. */
uint32_t read_place(struct compiler *c, const struct node *at, const char *path, const char *station);
void read_measures(struct compiler *c, const struct node *node);
void read_capacities(struct compiler *c, const struct node *node);
/* A capacity of one station's own, from the key `name` of the map; NETWORK_NONE when the key is absent. */
uint32_t read_own_capacity(struct compiler *c, const char *context, const char *key, const struct node *map,
                           const char *path, const char *name, bool per_day);
uint32_t read_shared_capacity(struct compiler *c, const struct node *node, const char *path, bool per_day);
/* Whether a key of an account ends in another currency than that of the account; false outside accounts. */
bool is_other_money(const struct compiler *c, const char *key);
void read_accounts(struct compiler *c, const struct node *node);
uint32_t find_item(const struct compiler *c, uint32_t account, const char *name);
/* The item that the key names, of the account; complains when there is none. */
uint32_t read_item(struct compiler *c, const struct node *node, const char *path, uint32_t account);
void read_ballots(struct compiler *c, const struct node *node);
void read_signals(struct compiler *c, const struct node *node);
/* Adds the offices, shares and routes of a ballot station. */
void read_ballot_station(struct compiler *c, uint32_t index, const struct node *node, const char *path);
bool read_duration(struct compiler *c, const struct node *node, const char *path, bool by_class,
                   struct duration *duration);

/* Values in days, strictly ascending when they come from a file, and their weights. */
struct empirical {
    double *value, *weight;
    size_t count;
    struct mark mark;
};

bool read_empirical(struct compiler *c, const struct duration_head *head, const struct node *map,
                    const char *path, struct empirical *table);

struct station_draft {
    struct station station;
    const struct node *node;
    struct mark mark;
    const char *path;
    bool counted; /* counts_as stands for the routes into it */
    bool open;    /* one of its ways out, or all it is, could not be read */
    uint32_t tally[6], tally_count;
};

struct route_draft {
    struct route route;
    struct mark mark;
    const char *path;
};

void read_mix(struct compiler *c, struct source *source, const struct station_draft *s);
void read_batches(struct compiler *c, struct source *source, const struct station_draft *s);
void read_stations(struct compiler *c, const struct node *node);
void read_station_names(struct compiler *c, const struct node *node);
/* A station that the file does not name: the fork behind a `to` that is a map. */
uint32_t add_station(struct compiler *c, const char *name, const struct node *node, struct mark mark,
                     const char *path);
static inline struct station_draft *station_at(const struct compiler *c, uint32_t index)
{
    return c->stations.object[index];
}

/* Where the station leads is not fully known: what seems out of reach behind it is not told. */
void leave_open(struct compiler *c, uint32_t station);
/* Adds the route that the key `key` of the map describes; NETWORK_NONE when the key is absent. */
uint32_t read_route(struct compiler *c, uint32_t station, const char *label, const struct node *map,
                    const char *path, const char *key);
uint32_t add_route(struct compiler *c, uint32_t station, const char *label, const struct node *node,
                   const char *path);
/* Adds the measures that `counts_as` of the map names to a route. */
void count_route(struct compiler *c, uint32_t route, const struct node *map, const char *path);
void count_stations(struct compiler *c);
void read_choice(struct compiler *c, uint32_t index, const struct node *node, const char *path);
/* `share: rest`: makes the option what the others leave of 1, and returns true. False when a share of its own
 * is written. */
bool read_rest(struct compiler *c, struct choice *choice, struct choice_option *option,
               const struct node *share, const char *path);
/* After levers_flatten: shares that do not sum to 1, or leave less than nothing for the rest. */
void check_shares(struct compiler *c);

void read_policies(struct compiler *c, const struct node *node);
/* After levers_flatten: values that a schedule would change again after a rule has set them. */
void check_rules(struct compiler *c);
void rules_to_network(struct compiler *c);
void read_targets(struct compiler *c, const struct node *node);
/* When the network is made: warns of names that nothing uses, and refuses those of the command line. */
void tell_unused_names(struct compiler *c);
/* When all is read: no measure has a name by which results hold something else. */
void check_measures(struct compiler *c, const struct node *node);
void check_graph(struct compiler *c);
void make_bins(struct compiler *c);
void read_record(struct compiler *c, const struct node *node);

/* Compiles self->document into self->network and self->target. `installed` (may be NULL): folders for data
 * files. False after adding problems; the model then has no network. */
bool model_compile(struct model *self, struct problems *problems, const char *const *installed);

#endif
