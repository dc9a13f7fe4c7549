#include "sim/replication.h"

/* Measured values with a window and a lag. Each keeps the running totals (numerator, denominator) as they
 * stood at the start of each of the last SIGNAL_DAYS days; a mean is a difference of two of them. */

static void totals(const struct replication *self, const struct signal *signal, double total[2])
{
    const struct station_state *station = &self->station[signal->kind == SIGNAL_TALLY ? 0 : signal->target];
    switch (signal->kind) {
    case SIGNAL_TALLY:
        total[0] = self->tally_total[signal->target] / self->scale;
        total[1] = (double)(self->state->day + self->network->spin_up_days);
        break;
    case SIGNAL_WAIT:
        total[0] = tick_days(station->wait_ticks);
        total[1] = station->wait_count;
        break;
    case SIGNAL_STOP_SHARE:
        total[0] = station->stopped;
        total[1] = station->stopped + station->passed;
        break;
    case SIGNAL_STOCK: {
        const size_t classes = self->network->class_count;
        people_t people = 0;
        for (size_t c = 0; c < classes; c++) people += self->stock[signal->target * classes + c];
        /* Accumulated over days, so that the window gives the mean. */
        int day = self->state->day + self->network->spin_up_days;
        const double *past = self->signal_past + (size_t)(signal - self->network->signal) * SIGNAL_DAYS * 2;
        total[0] = (day ? past[(day - 1) % SIGNAL_DAYS * 2] : 0.0) + people / self->scale;
        total[1] = (double)(day + 1);
        break;
    }
    }
}

void signal_begin_day(struct replication *self)
{
    const struct network *network = self->network;
    int day = self->state->day + network->spin_up_days;
    for (size_t i = 0; i < network->signal_count; i++) {
        const struct signal *signal = &network->signal[i];
        double *past = self->signal_past + i * SIGNAL_DAYS * 2;
        totals(self, signal, past + day % SIGNAL_DAYS * 2);
        int end = day - signal->lag, start = end - signal->window;
        if (end <= 0) continue; /* nothing known yet: 0 */
        if (start < 0) start = 0;
        const double *last = past + end % SIGNAL_DAYS * 2, *first = past + start % SIGNAL_DAYS * 2;
        double events = last[0] - first[0], weight = last[1] - first[1];
        if (weight > 0) self->signal_value[i] = events / weight; /* else: what was known before */
    }
}

/* Whether there was anything to measure yet: somebody has waited, somebody has passed or been stopped. */
static bool is_measured(const struct replication *self, uint32_t index)
{
    int end = self->state->day + self->network->spin_up_days - self->network->signal[index].lag;
    return end > 0 &&
           self->signal_past[((size_t)index * SIGNAL_DAYS + (size_t)end % SIGNAL_DAYS) * 2 + 1] > 0;
}

void rule_begin_day(struct replication *self, int32_t day, bool *changed)
{
    const struct network *network = self->network;
    for (size_t i = 0; i < network->rule_count; i++) {
        const struct rule *rule = &network->rule[i];
        if (self->rule_fired[i] || day < rule->not_before || !is_measured(self, rule->signal)) continue;
        double measured = self->signal_value[rule->signal], threshold = value_of(self, rule->threshold, 0);
        if (rule->above ? measured <= threshold : measured >= threshold) continue;
        self->rule_fired[i] = 1;
        for (uint32_t c = 0; c < rule->change_count; c++) replication_apply(self, &rule->change[c]);
        *changed = true;
    }
}
