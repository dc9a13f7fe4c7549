/* How cohorts come to a ballot: who has registered before, and which office they ask. */
#include "sim/kinds/ballot.h"

#include <math.h>
#include <string.h>

/* The last office that the class may prefer. */
static uint32_t last_office(const struct replication *self, const struct station *station, uint32_t class)
{
    uint32_t last = self->network->ballot[station->ballot.ballot].office_count - 1;
    while (last > 0 && !(value_or(self, station->ballot.preference[last], class, 0) > 0)) last--;
    return last;
}

/* Those of one class who come to a line: by the offices that they ask. */
static void join_line(struct replication *self, const struct station *station, uint32_t lane,
                      struct cohort joining, uint32_t line_number, const double lead[])
{
    const struct ballot_station *here = &station->ballot;
    const uint32_t classes = (uint32_t)self->network->class_count, class = lane_class(lane, classes);
    uint32_t index = (uint32_t)(station - self->network->station), last = last_office(self, station, class);
    struct cohort_line *line = ballot_waiting_line(self, index, line_number);
    uint32_t row = cohort_line_open(line, self->flows.state->step, lead);
    double total = 0;
    struct dice dice;
    flows_dice(self, index, lane, PURPOSE_DECISION + 128 * line_number, &dice);
    for (uint32_t o = 0; o <= last; o++) total += value_or(self, here->preference[o], class, 0);
    for (uint32_t o = 0, plane = 0; o <= last; o++) {
        double share = value_or(self, here->preference[o], class, 0);
        plane += value_given(here->preference[o]);
        if (!(share > 0)) continue;
        struct cohort part = cohort_thin(&joining, &dice, o == last ? 1 : share / total);
        cohort_line_join(line, row, (plane - 1) * classes + class, &part,
                         ballot_steps(self, part.people, part.listed_days));
        total -= share;
    }
}

/* Whether all classes ask the offices in the same proportions. */
static bool ask_alike(const struct replication *self, const struct station *station)
{
    const struct ballot_station *here = &station->ballot;
    for (uint32_t o = 0; o < self->network->ballot[here->ballot].office_count; o++)
        if (value_given(here->preference[o]) && here->preference[o].mask) return false;
    return true;
}

/* Expectations of all classes together, where they ask alike. */
static void join_line_alike(struct replication *self, const struct station *station,
                            const struct cohort joining[], uint32_t line_number, const double lead[])
{
    const struct ballot_station *here = &station->ballot;
    const uint32_t offices = self->network->ballot[here->ballot].office_count;
    uint32_t index = (uint32_t)(station - self->network->station);
    struct cohort_line *line = ballot_waiting_line(self, index, line_number);
    uint32_t row = cohort_line_open(line, self->flows.state->step, lead);
    double dates[NETWORK_MAX_CLASSES], total = 0;
    for (size_t c = 0; c < self->network->class_count; c++)
        dates[c] = ballot_steps(self, joining[c].people, joining[c].listed_days);
    for (uint32_t o = 0; o < offices; o++) total += value_or(self, here->preference[o], 0, 0);
    for (uint32_t o = 0, block = 0; o < offices && total > 0; o++) {
        if (!value_given(here->preference[o])) continue;
        cohort_line_join_block(line, row, block++, joining, dates,
                               value_of(self, here->preference[o], 0) / total);
    }
}

/* Takes those of a class who have registered before out of those who come; the others do so now. */
static struct cohort take_registered(struct replication *self, const struct station *station, uint32_t lane,
                                     struct cohort *coming)
{
    uint32_t index = (uint32_t)(station - self->network->station);
    struct cohort again = {0};
    double days = coming->listed_days, squares = coming->listed_squares;
    if (coming->listed > 0) {
        struct dice dice;
        flows_dice(self, index, lane, PURPOSE_ARRIVAL, &dice);
        again = cohort_take(coming, &dice, coming->listed);
        again.listed = again.people;
        again.listed_days = days;
        again.listed_squares = squares;
    }
    coming->listed = coming->people;
    coming->listed_days = coming->people * self->state->day;
    return again;
}

/* The third of those who come again that registered earliest; the others stay in `again`. Both are taken to
 * have registered on one day, which keeps the mean and the spread of the dates. */
static struct cohort take_earliest(struct replication *self, const struct station *station, uint32_t lane,
                                   struct cohort *again)
{
    struct dice dice;
    struct cohort earliest = {0};
    if (!(again->people > 0)) return earliest;
    double day = again->listed_days / again->people;
    double variance = again->listed_squares / again->people - day * day;
    double later = variance > 0 ? fmin(sqrt(variance / 2), self->state->day - day) : 0;
    people_t third = again->people / 3;
    flows_dice(self, (uint32_t)(station - self->network->station), lane, PURPOSE_ARRIVAL + 64, &dice);
    if (!self->expected && third != floor(third)) third = floor(third + stream_unit(&dice.stream));
    earliest = cohort_take(again, &dice, third);
    earliest.listed_days = earliest.people * (day - 2 * later);
    again->listed_days = again->people * (day + later);
    return earliest;
}

void ballot_let_in(struct replication *self, const struct station *station, uint32_t group,
                   struct cohort row[], uint64_t bits, const double lead[])
{
    uint32_t index = (uint32_t)(station - self->network->station);
    const uint32_t classes = (uint32_t)self->network->class_count;
    const bool alike = self->expected && ask_alike(self, station);
    struct cohort *coming = self->flows.scratch; /* line x class */
    cohorts_present(self, index, row, bits, 1);
    memset(coming, 0, BALLOT_LINES * classes * sizeof *coming);
    for (; bits; bits &= bits - 1) {
        uint32_t class = (uint32_t)__builtin_ctzll(bits), lane = group * classes + class;
        struct cohort *late = &coming[LINE_LATE * classes + class];
        self->station[index].waiting += row[class].people;
        *late = take_registered(self, station, lane, &row[class]);
        coming[LINE_EARLY * classes + class] = take_earliest(self, station, lane, late);
        coming[LINE_NEW * classes + class] = row[class];
        for (uint32_t line = 0; line < BALLOT_LINES && !alike; line++)
            if (coming[line * classes + class].people > 0)
                join_line(self, station, lane, coming[line * classes + class], line, lead);
    }
    for (uint32_t line = 0; line < BALLOT_LINES && alike; line++)
        join_line_alike(self, station, coming + line * classes, line, lead);
}
