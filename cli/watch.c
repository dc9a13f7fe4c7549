#include "cli/watch.h"

#include "cli/text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { BAR_WIDTH = 30, FAILURES_NAMED = 10, WAKE_SIGNAL = SIGUSR1 };
_Static_assert((int)BAR_WIDTH <= (int)BAR_MOST, "a bar has room");

double watch_seconds(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

enum watch_style watch_style(const char *word, bool quiet)
{
    if (quiet || strcmp(word, "none") == 0) return WATCH_NONE;
    if (strcmp(word, "bar") == 0) return WATCH_BAR;
    if (strcmp(word, "lines") == 0) return WATCH_LINES;
    if (strcmp(word, "json") == 0) return WATCH_JSON;
    const char *terminal = getenv("TERM");
    bool dumb = !terminal || strcmp(terminal, "dumb") == 0;
    return isatty(STDERR_FILENO) && !dumb ? WATCH_BAR : WATCH_LINES;
}

struct state {
    size_t done, failed, total;
    double events, seconds, left; /* left: NaN while unknown */
};

static struct state look(struct watch *self)
{
    struct study_progress *progress = self->progress;
    struct state state = {.done = atomic_load(&progress->done),
                          .failed = atomic_load(&progress->failed),
                          .total = atomic_load(&progress->total),
                          .events = (double)atomic_load(&progress->events),
                          .seconds = watch_seconds() - self->began,
                          .left = NAN};
    /* Those found on disk took no time: the pace is measured from the first look on. */
    if (!self->begun && state.total > 0) {
        self->begun = true;
        self->done_before = state.done;
        self->seconds_before = state.seconds;
    }
    if (state.done == state.total)
        state.left = 0;
    else if (self->begun && state.done > self->done_before)
        state.left = (state.seconds - self->seconds_before) * (double)(state.total - state.done) /
                     (double)(state.done - self->done_before);
    return state;
}

static void draw_bar(struct watch *self, const struct state *state)
{
    char bar[BAR_SIZE], left[NUMBER_SIZE], events[NUMBER_SIZE];
    double share = state->total ? (double)state->done / (double)state->total : 0;
    bar_text(bar, share, BAR_WIDTH, self->utf8);
    fprintf(stderr, "\r%s%*s %zu of %zu, %s %s", bar, BAR_WIDTH - (int)text_letters(bar), "", state->done,
            state->total, number_text(events, state->events, 0), self->counted);
    if (!isnan(state->left)) fprintf(stderr, ", %s left", seconds_text(left, state->left));
    fputs("\033[K", stderr);
    fflush(stderr);
    self->bar_shown = true;
}

static void draw_line(const struct state *state)
{
    char spent[NUMBER_SIZE], left[NUMBER_SIZE];
    fprintf(stderr, "%zu of %zu replication%s after %s", state->done, state->total, plural(state->total),
            seconds_text(spent, state->seconds));
    if (state->failed) fprintf(stderr, ", %zu failed", state->failed);
    if (!isnan(state->left)) fprintf(stderr, ", about %s left", seconds_text(left, state->left));
    fputc('\n', stderr);
}

static void draw_json(const struct state *state)
{
    fprintf(stderr, "{\"done\": %zu, \"failed\": %zu, \"total\": %zu, \"events\": %.0f, \"seconds\": %.3f",
            state->done, state->failed, state->total, state->events, state->seconds);
    if (isnan(state->left))
        fputs(", \"seconds_left\": null}\n", stderr);
    else
        fprintf(stderr, ", \"seconds_left\": %.1f}\n", state->left);
}

static void clear_bar(struct watch *self)
{
    if (self->bar_shown) fputs("\r\033[K", stderr);
    self->bar_shown = false;
}

/* Draws when it is time to, or at the `last` moment. */
static void draw(struct watch *self, bool last)
{
    static const double every[] = {[WATCH_BAR] = 0.1, [WATCH_LINES] = 30, [WATCH_JSON] = 1};
    pthread_mutex_lock(&self->lock);
    struct state state = look(self);
    double now = watch_seconds();
    bool due = last ? self->style == WATCH_JSON
                    : state.total > 0 && now - self->last_drawn >= every[self->style] * 0.99;
    if (due) {
        self->last_drawn = now;
        if (self->style == WATCH_BAR) draw_bar(self, &state);
        if (self->style == WATCH_LINES) draw_line(&state);
        if (self->style == WATCH_JSON) draw_json(&state);
    }
    if (last) clear_bar(self);
    pthread_mutex_unlock(&self->lock);
}

static void stop(struct watch *self)
{
    if (atomic_exchange(&self->progress->stop, 1)) _exit(130);
    pthread_mutex_lock(&self->lock);
    clear_bar(self);
    fputs("stopping: what is finished is being stored (a second Ctrl-C ends at once)\n", stderr);
    pthread_mutex_unlock(&self->lock);
}

static void *watch(void *argument)
{
    struct watch *self = argument;
    const struct timespec pause = {.tv_nsec = 100000000};
    while (!atomic_load(&self->over)) {
        int signal = sigtimedwait(&self->waited, NULL, &pause);
        if (signal == SIGINT || signal == SIGTERM)
            stop(self);
        else if (self->style != WATCH_NONE)
            draw(self, false);
    }
    return NULL;
}

bool watch_begin(struct watch *self, struct study_progress *progress, enum watch_style style,
                 const char *counted)
{
    *self = (struct watch){.progress = progress,
                           .style = style,
                           .counted = counted,
                           .began = watch_seconds(),
                           .utf8 = text_is_utf8()};
    self->last_drawn = style == WATCH_JSON ? 0 : self->began;
    pthread_mutex_init(&self->lock, NULL);
    sigemptyset(&self->waited);
    sigaddset(&self->waited, WAKE_SIGNAL);
    static const int ends[] = {SIGINT, SIGTERM};
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        struct sigaction action;
        /* What our parent has us ignore (a job in the background) stays ignored. */
        if (sigaction(ends[i], NULL, &action) == 0 && action.sa_handler != SIG_IGN)
            sigaddset(&self->waited, ends[i]);
    }
    /* Blocked before any thread exists, so that only ours takes them. */
    pthread_sigmask(SIG_BLOCK, &self->waited, &self->previous);
    if (pthread_create(&self->thread, NULL, watch, self) == 0) return true;
    pthread_sigmask(SIG_SETMASK, &self->previous, NULL);
    pthread_mutex_destroy(&self->lock);
    return false;
}

void watch_end(struct watch *self)
{
    atomic_store(&self->over, 1);
    pthread_kill(self->thread, WAKE_SIGNAL);
    pthread_join(self->thread, NULL);
    if (self->style != WATCH_NONE) draw(self, true);
    /* A signal that came too late for a clean stop has nothing left to stop; ours must not outlive the
     * thread. */
    const struct timespec now = {0};
    while (sigtimedwait(&self->waited, NULL, &now) > 0) continue;
    pthread_sigmask(SIG_SETMASK, &self->previous, NULL);
    if (self->failures > FAILURES_NAMED)
        fprintf(stderr, "and %zu more failed replication%s\n", self->failures - FAILURES_NAMED,
                plural(self->failures - FAILURES_NAMED));
    pthread_mutex_destroy(&self->lock);
}

void watch_failure(void *context, const char *scenario, const struct error *error)
{
    struct watch *self = context;
    pthread_mutex_lock(&self->lock);
    clear_bar(self);
    if (self->failures++ < FAILURES_NAMED) fprintf(stderr, "failed: %s: %s\n", scenario, error->message);
    pthread_mutex_unlock(&self->lock);
}
