/* What is recorded: counts of the open bin become datasets of the results file when the bin ends.
 *
 * A recording describes the file for a whole study: its axes are the union of the names of all scenarios, so
 * that scenarios with different networks stand side by side. A recorder is one scenario's view of it. Nothing
 * here changes a run. */
#ifndef CORRIDOR_SIM_RECORDER_H
#define CORRIDOR_SIM_RECORDER_H

#include "sim/engine.h"
#include "sim/network.h"
#include "sim/results.h"

struct replication;
struct recording;
struct recorder;

struct recording_scenario {
    const char *name;
    const struct network *network;
    const char *text; /* the resolved scenario, and the data it reads: kept in the file; may be NULL */
    const char *data;
};

/* All scenarios need the same classes, dates and record; anything else is an error that names the difference.
 * Networks and names are borrowed. `engine` decides what can be recorded: with means the counts are doubles,
 * and only agents know how often one person was counted. `texts` (text_count) are kept in the file as they
 * are. */
bool recording_new(struct recording **self, const struct recording_scenario *scenarios, size_t scenario_count,
                   struct engine engine, size_t replications, uint64_t seed, double scale, bool trace,
                   const struct results_text *texts, size_t text_count, struct error *error);
void recording_free(struct recording *self);

/* Whether a dimension of classes may have this name: results call nothing else so beside it. */
bool recording_allows_dimension(const char *name);

/* The file that results_open makes, and a scenario's view of it; both are the recording's. */
const struct results_layout *recording_layout(const struct recording *self);
const struct recorder *recording_recorder(const struct recording *self, size_t scenario);

/* Bytes of what one replication records. */
size_t recorder_block_size(const struct recorder *self);
/* Closes the open bin (if any) into the replication's output and opens the next. */
void recorder_next_bin(const struct recorder *self, struct replication *replication);
/* What is only known at the end of a run. */
void recorder_end(const struct recorder *self, struct replication *replication);

#endif
