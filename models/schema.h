/* The table of keys: every key of the scenario language with its unit, range, default and meaning. The
 * checks, the messages, the compiler and `corridor keys` all read it. */
#ifndef CORRIDOR_MODELS_SCHEMA_H
#define CORRIDOR_MODELS_SCHEMA_H

#include "models/model.h"

/* How a key is written, and what is stored at its offset. */
enum key_form {
    FORM_TEXT,        /* const char * */
    FORM_DATE,        /* int32_t, days since 1970-01-01 */
    FORM_NUMBER,      /* double, fixed for the run */
    FORM_WHOLE,       /* int */
    FORM_FLAG,        /* bool */
    FORM_WORD,        /* int: index into the words */
    FORM_VALUE,       /* struct value, the same for all classes */
    FORM_CLASS_VALUE, /* struct value, perhaps by class */
    FORM_CLASSES,     /* uint64_t: a set of classes */
    FORM_LOOSE,       /* a value that the compiler stores itself */
    FORM_NAME,        /* a name that the compiler looks up; nothing is stored */
    FORM_ROUTE,       /* a station, or a map of stations and shares; nothing is stored */
    FORM_MAP,         /* read by the compiler; nothing is stored */
    FORM_LIST,
};

/* What the compiler reads before it becomes part of the network. */
struct scenario_head {
    const char *title;
    int32_t from, to;
    int spin_up_days, warm_up_days;
    bool scalable;
};

struct duration_head {
    int family; /* enum distribution_family */
    double shape, low, mode, high;
    const char *csv, *column, *weight_column;
};

struct schedule_head {
    const char *csv, *column, *time_column;
    int per; /* 0: day, 1: month */
    int lag_days;
};

struct value_head {
    double value;
    int status; /* 0: not said, 1: measured, 2: calibrated, 3: assumed */
    int shape;  /* enum slot_shape */
};

struct policy_head {
    const char *name, *why;
    int32_t on;
    bool enabled;
};

struct condition_head {
    int32_t not_before;
};

struct dated_head {
    const char *name;
    int32_t on;
};

struct target_head {
    struct target target;
    int use; /* 0: fit, 1: check */
};

/* One unit in which a key may be written: base value = written * multiply / divide. */
struct unit {
    double multiply, divide;
    bool inverse; /* then the value is 1 / (that): a rate that stands for a mean */
};

extern const struct unit unit_base;

/* The entry of `name` in either context (`other` may be NULL), also when it is written in another unit that
 * the key allows; `unit` receives that unit. NULL when there is none. O(keys). */
const struct key_entry *schema_find(const char *context, const char *other, const char *name,
                                    struct unit *unit);

/* Whether `written` is `name`, or `name` in another of its units. */
bool schema_same_key(const char *name, const char *written, struct unit *unit);

/* The base unit's name of a key written in a smaller unit ("mean_hours": "mean_days"); false when it is in
 * none. */
bool schema_base_name(const char *written, char *name, size_t size, struct unit *unit);

/* Writes the names a key may have ("mean_days, mean_hours, ...") to `text`. Returns how many there are. */
size_t schema_unit_names(const char *name, char *text, size_t size);

/* The entry that `written` resembles but for its unit (mean_weeks, mean), or NULL. */
const struct key_entry *schema_other_unit(const char *context, const char *other, const char *written);

/* Names of all keys of the contexts, for nearest_name; at most `size` are written. Returns the number. */
size_t schema_names(const char *context, const char *other, const char **names, size_t size);

/* Free text that any map may hold: why, source, note. */
bool schema_is_remark(const char *name);

#endif
