#include "sim/day.h"

#include "sim/recorder.h"

bool day_begin(struct replication *self, bool *changed)
{
    struct replication_state *state = self->state;
    state->day = (int32_t)tick_day(state->now);
    if (state->now == state->bin_end) recorder_next_bin(self->recorder, self);
    if (state->day == self->network->days) return false;
    *changed = replication_apply_changes(self, state->day);
    signal_begin_day(self);
    rule_begin_day(self, state->day, changed);
    if (state->day == 0) account_open(self);
    account_begin_day(self, state->day);
    capacity_begin_day(self);
    return true;
}
