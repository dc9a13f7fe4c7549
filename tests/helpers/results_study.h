/* A small study with known numbers, for tests of the results file. */
#ifndef CORRIDOR_TESTS_RESULTS_STUDY_H
#define CORRIDOR_TESTS_RESULTS_STUDY_H

#include "sim/results.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { STUDY_SCENARIOS = 2, STUDY_TIMES = 4, STUDY_PLACES = 3, STUDY_CLASSES = 2, STUDY_BINS = 5 };
enum { AXIS_TIME, AXIS_PLACE, AXIS_CLASS, AXIS_BIN };

/* One replication's block, as the layout below describes it. */
struct study_block {
    int32_t people[STUDY_TIMES][STUDY_PLACES][STUDY_CLASSES];
    int64_t moves[STUDY_TIMES][STUDY_PLACES];
    int32_t waits[STUDY_PLACES][STUDY_BINS];
    double money[STUDY_TIMES];
    double cost;
};

struct study_event {
    double time;
    int64_t person;
    int32_t place, unused;
};

static const char *const study_scenarios[] = {"base", "funding runs out"};
static const char *const study_places[] = {"Tapachula", "Ciudad Ju\xC3\xA1rez", "Tec\xC3\xBAn Um\xC3\xA1n"};
static const char *const study_countries[] = {"MX", "MX", "GT"};
static const char *const study_classes[] = {"single_adult", "family"};
static const double study_times[] = {0, 31, 59, 90}; /* 2023-01-01, 02-01, 03-01, 04-01 */
static const double study_latitudes[] = {14.9, 31.7, 14.68};
static const double study_bins[] = {0, 1, 7, 30, 90};
static const struct results_axis study_axes[] = {
    {"time", "start of month", "days since 2023-01-01", "proleptic_gregorian", NULL, study_times,
     STUDY_TIMES},
    {"place", "place", NULL, NULL, study_places, NULL, STUDY_PLACES},
    {"class", "customer class", NULL, NULL, study_classes, NULL, STUDY_CLASSES},
    {"wait_bin", "shortest wait of the bin", "d", NULL, NULL, study_bins, STUDY_BINS}};
static const struct results_attribute study_attributes[] = {
    {"stocks", "latitude", "latitude", "degrees_north", AXIS_PLACE, NULL, study_latitudes},
    {"stocks", "country", "country", NULL, AXIS_PLACE, study_countries, NULL}};
static const struct results_dataset study_datasets[] = {
    {"stocks",
     "people",
     "people present",
     "people",
     "at the end of the month",
     RESULTS_INT32,
     3,
     {AXIS_TIME, AXIS_PLACE, AXIS_CLASS},
     offsetof(struct study_block, people)},
    {"flows",
     "moves",
     "arrivals",
     "people",
     NULL,
     RESULTS_INT64,
     2,
     {AXIS_TIME, AXIS_PLACE},
     offsetof(struct study_block, moves)},
    {"waits",
     "count",
     "waits that ended",
     "people",
     NULL,
     RESULTS_INT32,
     2,
     {AXIS_PLACE, AXIS_BIN},
     offsetof(struct study_block, waits)},
    {"balances",
     "money",
     "money left",
     "MXN",
     NULL,
     RESULTS_DOUBLE,
     1,
     {AXIS_TIME},
     offsetof(struct study_block, money)},
    {"runs", "cost", "total cost", "MXN", NULL, RESULTS_DOUBLE, 0, {0}, offsetof(struct study_block, cost)}};
static const struct trace_column study_columns[] = {
    {"time", "time of the event", "days since 2023-01-01", RESULTS_DOUBLE, offsetof(struct study_event, time),
     -1},
    {"person", "person", "1", RESULTS_INT64, offsetof(struct study_event, person), -1},
    {"place", "place", "1", RESULTS_INT32, offsetof(struct study_event, place), AXIS_PLACE}};
static const struct results_text study_texts[] = {{"title", -1, "A study for tests"},
                                                  {"version", -1, "0.1.0"},
                                                  {"scenario", 0, "model: corridor\n"},
                                                  {"scenario", 1, "extends: base\npolicies: []\n"}};

static inline struct results_layout study_layout(size_t replications, bool trace)
{
    return (struct results_layout){.scenarios = study_scenarios,
                                   .scenario_count = STUDY_SCENARIOS,
                                   .replications = replications,
                                   .seed = UINT64_C(0xFEDCBA9876543210),
                                   .scale = 0.1,
                                   .axes = study_axes,
                                   .axis_count = 4,
                                   .attributes = study_attributes,
                                   .attribute_count = 2,
                                   .datasets = study_datasets,
                                   .dataset_count = 5,
                                   .texts = study_texts,
                                   .text_count = 4,
                                   .block_bytes = sizeof(struct study_block),
                                   .trace_columns = trace ? study_columns : NULL,
                                   .trace_column_count = trace ? 3 : 0};
}

/* The value at flat index `i` of dataset `d`. */
static inline int32_t study_value(size_t d, size_t s, size_t r, size_t i)
{
    return (int32_t)((s * 1009 + r * 613 + d * 101 + i * 7) % 1000);
}

static inline void study_fill(struct study_block *block, size_t s, size_t r)
{
    memset(block, 0, sizeof *block);
    for (size_t i = 0; i < STUDY_TIMES * STUDY_PLACES * STUDY_CLASSES; i++)
        (&block->people[0][0][0])[i] = study_value(0, s, r, i);
    for (size_t i = 0; i < STUDY_TIMES * STUDY_PLACES; i++)
        (&block->moves[0][0])[i] = (int64_t)study_value(1, s, r, i) << 33;
    for (size_t i = 0; i < STUDY_PLACES * STUDY_BINS; i++) (&block->waits[0][0])[i] = study_value(2, s, r, i);
    for (size_t i = 0; i < STUDY_TIMES; i++) block->money[i] = study_value(3, s, r, i) / 8.0;
    block->cost = study_value(4, s, r, 0) / 8.0;
}

/* Some replications have no events; `many` makes the log longer than one chunk. */
static inline size_t study_events(size_t s, size_t r, bool many)
{
    return (s * 5 + r * 3) % 7 * (many ? 900 : 1);
}

static inline struct study_event study_event(size_t s, size_t r, size_t i)
{
    return (struct study_event){.time = (double)r + (double)i / 16,
                                .person = (int64_t)((s * 1000 + r) * 10000 + i) << 20,
                                .place = (int32_t)(i % STUDY_PLACES)};
}

/* Where one test program writes. */
struct study_place {
    char folder[64], path[96];
};

static inline void study_place_make(struct study_place *place)
{
    snprintf(place->folder, sizeof place->folder, "/tmp/corridor_results_XXXXXX");
    if (!mkdtemp(place->folder)) abort();
    snprintf(place->path, sizeof place->path, "%s/out.h5", place->folder);
}

/* The whole file; the caller frees. NULL when it cannot be read. */
static inline unsigned char *study_read(const char *path, size_t *length)
{
    FILE *file = fopen(path, "rb");
    if (!file) return NULL;
    fseek(file, 0, SEEK_END);
    *length = (size_t)ftell(file);
    rewind(file);
    unsigned char *bytes = malloc(*length + 1);
    if (!bytes || fread(bytes, 1, *length, file) != *length) abort();
    fclose(file);
    return bytes;
}

/* Stores what replication `r` of a scenario comes to for each of a range. */
static inline bool study_put_range(struct results *results, size_t s, size_t r, struct results_range range,
                                   bool many, struct error *error)
{
    struct study_block block;
    size_t count = study_events(s, r, many);
    struct study_event *events = calloc(count + 1, sizeof *events);
    study_fill(&block, s, r);
    for (size_t i = 0; i < count; i++) events[i] = study_event(s, r, i);
    bool good = results_put(results, s, range, &block, false, events, sizeof *events, count, error);
    free(events);
    return good;
}

/* Computes and stores one replication. */
static inline bool study_put(struct results *results, size_t s, size_t r, bool many, struct error *error)
{
    return study_put_range(results, s, r, (struct results_range){r, 1}, many, error);
}

#endif
