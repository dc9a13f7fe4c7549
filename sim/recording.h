/* Inside of the recorder: axes, datasets and index maps. Internal to the room. */
#ifndef CORRIDOR_SIM_RECORDING_H
#define CORRIDOR_SIM_RECORDING_H

#include "sim/recorder.h"

enum recording_axis {
    AXIS_TIME,
    AXIS_PLACE,
    AXIS_CLASS,
    AXIS_ROUTE,
    AXIS_EVENT,   /* tallies */
    AXIS_STATION, /* stations with waits */
    AXIS_WAIT_BIN,
    AXIS_ACCOUNT,
    AXIS_ITEM, /* "account.item" */
    AXIS_CAPACITY,
    AXIS_MEASURE, /* columns of runs/measures */
    AXIS_TIMES,   /* how often one person was counted */
    AXIS_COUNT
};

enum recording_dataset {
    DATASET_PEOPLE_MEAN,
    DATASET_PEOPLE_END,
    DATASET_FLOW,
    DATASET_EVENTS,
    DATASET_FIRST,
    DATASET_PER_PERSON,
    DATASET_WAIT_COUNT,
    DATASET_WAIT_DAYS,
    DATASET_WAIT_HISTOGRAM,
    DATASET_STILL_WAITING,
    DATASET_STILL_DAYS,
    DATASET_SERVERS_BUSY,
    DATASET_HARMED,
    DATASET_UNSHELTERED,
    DATASET_BALANCE,
    DATASET_LOWEST,
    DATASET_RELEASED,
    DATASET_SPENT,
    DATASET_PAID,
    DATASET_SUSPENDED,
    DATASET_LIMIT,
    DATASET_USED,
    DATASET_MEASURES,
    DATASET_KINDS
};

/* A growing list of different names. */
struct name_list {
    const char **name;
    size_t count;
};

struct recorder {
    const struct recording *recording;
    const struct network *network;
    /* Index of this network's things on the axes of the file. */
    uint32_t *place, *route, *tally, *station, *account, *item, *capacity;
};

struct recording {
    struct results_layout layout;
    struct results_axis axis[AXIS_COUNT];      /* all, also those without a name on them */
    struct results_axis file_axis[AXIS_COUNT]; /* those of the file */
    size_t file_axis_of[AXIS_COUNT];           /* index in file_axis */
    size_t file_axis_count;
    struct results_dataset dataset[DATASET_KINDS];
    size_t dataset_count;
    size_t place_of[DATASET_KINDS];      /* index in `dataset`, or SIZE_MAX when not recorded */
    size_t middle_length[DATASET_KINDS]; /* of the axis between the first and the last; 1: there is none */
    size_t row_length[DATASET_KINDS];    /* of the last axis */
    struct results_attribute attribute[6 + NETWORK_MAX_DIMENSIONS];
    struct trace_column column[4];
    struct name_list names[AXIS_COUNT];
    double *time, *bin_end, *wait_from, *times, *latitude, *longitude;
    const char **country, **account_currency, **item_currency;
    const char **dimension[NETWORK_MAX_DIMENSIONS];
    struct results_text *text;
    const char **scenario_name;
    struct recorder *recorder;
    size_t scenario_count;
    struct error error;
    void **owned; /* everything allocated, for recording_free */
    size_t owned_count;
    double scale;
    struct engine engine;
    const struct network *network; /* of the first scenario: classes and bins */
};

/* Zeroed memory that recording_free frees. Never NULL unless self->error says so. */
void *recording_own(struct recording *self, size_t count, size_t size);
const char *recording_own_text(struct recording *self, const char *first, const char *second);

/* recording_axes.c: enters a scenario's names into the axes; then, with those of all scenarios, makes the
 * axes. */
void recording_map_scenario(struct recording *self, struct recorder *recorder, const struct network *network);
void recording_name_axes(struct recording *self);

/* recording_datasets.c: which datasets there are, where each stands in the block, and what else the file says
 * of its axes. */
void recording_plan_datasets(struct recording *self);
void recording_describe_axes(struct recording *self, const struct recording_scenario *scenarios);

/* First column of each group in runs/measures. */
struct measure_columns {
    size_t event, first, harmed, unsheltered, balance, spent, wait, present;
};
struct measure_columns measure_columns(const struct recording *self);

#endif
