/* One thread that watches a study: it draws the progress and takes the signals that end it. */
#ifndef CORRIDOR_CLI_WATCH_H
#define CORRIDOR_CLI_WATCH_H

#include "sim/study.h"

#include <pthread.h>
#include <signal.h>

enum watch_style { WATCH_NONE, WATCH_BAR, WATCH_LINES, WATCH_JSON };

struct watch {
    struct study_progress *progress;
    enum watch_style style;
    const char *counted;
    double began, last_drawn; /* seconds, monotonic */
    double seconds_before;    /* since `began`, at the first look at a study that runs */
    size_t done_before;       /* replications then */
    bool begun, bar_shown, utf8;
    size_t failures;
    pthread_mutex_t lock; /* of stderr, and of what is above */
    pthread_t thread;
    sigset_t waited, previous;
    atomic_int over;
};

/* The style for the words of --progress; "auto" looks at stderr. */
enum watch_style watch_style(const char *word, bool quiet);

/* Starts watching; `counted` is what progress->events are called, and is borrowed. SIGINT and SIGTERM set
 * progress->stop; a second one ends the program at once, which loses no finished replication. False when no
 * thread can be made. */
bool watch_begin(struct watch *self, struct study_progress *progress, enum watch_style style,
                 const char *counted);
/* Draws the last state, ends the thread and gives the signals back. */
void watch_end(struct watch *self);
/* Says that a replication failed (at most the first few are named). For study_observer; `context` is the
 * watch. */
void watch_failure(void *context, const char *scenario, const struct error *error);

double watch_seconds(void);

#endif
