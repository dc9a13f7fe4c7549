/* How cohorts come to a ballot: who has registered before, and which office they ask. */
#include "sim/kinds/ballot.h"
#include "sim/numbers.h"
#include "sim/widths.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

/* The last office that the class may prefer. */
static uint32_t last_office(const struct replication *self, const struct station *station, uint32_t class)
{
    uint32_t last = self->network->ballot[station->ballot.ballot].office_count - 1;
    while (last > 0 && !(value_or(self, station->ballot.preference[last], class, 0) > 0)) last--;
    return last;
}

/* Whether all of these classes prefer some office. */
static bool all_ask(const struct replication *self, const struct station *station, uint64_t bits)
{
    for (; bits; bits &= bits - 1) {
        const uint32_t class = (uint32_t)__builtin_ctzll(bits), last = last_office(self, station, class);
        if (!(value_or(self, station->ballot.preference[last], class, 0) > 0)) return false;
    }
    return true;
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
    flows_dice(self, index, lane, PURPOSE_DECISION + 64 * line_number, &dice);
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
    double dates[NETWORK_MAX_CLASSES], share[NETWORK_MAX_OFFICES], total = 0;
    uint32_t blocks = 0;
    for (size_t c = 0; c < self->network->class_count; c++)
        dates[c] = ballot_steps(self, joining[c].people, joining[c].listed_days);
    for (uint32_t o = 0; o < offices; o++) total += value_or(self, here->preference[o], 0, 0);
    for (uint32_t o = 0; o < offices && total > 0; o++)
        if (value_given(here->preference[o]))
            share[blocks++] = value_of(self, here->preference[o], 0) / total;
    cohort_line_join_blocks(line, row, 0, blocks, joining, dates, share);
}

/* ---- who has registered before ---- */

/* Those who come again are a third that registered earliest and the others. Each part is taken to have
 * registered on one day, which keeps the mean and the spread of the dates. Multiplies `early` and `late`, the
 * people of the parts, by these days. */
FOR_EACH_WIDTH
static void dates_of_parts(double *restrict early, double *restrict late, const double *restrict listed,
                           const double *restrict days, const double *restrict squares, uint32_t count,
                           double today)
{
    for (uint32_t c = 0; c < count; c++) {
        double people = listed[c] > 0 ? listed[c] : 1, day = days[c] / people;
        double variance = squares[c] / people - day * day;
        double later = sqrt((variance > 0 ? variance : 0) / 2), latest = today - day;
        later = later < latest ? later : latest;
        early[c] *= day - 2 * later;
        late[c] *= day + later;
    }
}

static inline void register_all(struct cohort *cohort, double day)
{
    cohort->listed = cohort->people;
    cohort->listed_days = cohort->people * day;
}

/* Those of a class by the lines that they join. */
static void part_drawn(struct replication *self, const struct station *station, uint32_t lane,
                       const struct cohort *coming, struct cohort *part[BALLOT_LINES])
{
    uint32_t index = (uint32_t)(station - self->network->station);
    struct cohort *late = part[LINE_LATE];
    struct dice dice;
    *part[LINE_NEW] = *coming;
    if (coming->listed > 0) {
        double early = 1, late_day = 1;
        dates_of_parts(&early, &late_day, &coming->listed, &coming->listed_days, &coming->listed_squares, 1,
                       self->state->day);
        flows_dice(self, index, lane, PURPOSE_ARRIVAL, &dice);
        *late = cohort_take(part[LINE_NEW], &dice, coming->listed);
        register_all(late, late_day);
        people_t third = late->people / 3;
        flows_dice(self, index, lane, PURPOSE_ARRIVAL + 64, &dice);
        if (third != floor(third)) third = floor(third + stream_unit(&dice.stream));
        *part[LINE_EARLY] = cohort_take(late, &dice, third);
        register_all(part[LINE_EARLY], early);
    }
    register_all(part[LINE_NEW], self->state->day);
}

/* Of those who come, the shares that join each line: a third of those who come again is early. */
FOR_EACH_WIDTH
static void shares_of_parts(double *restrict new, double *restrict early, double *restrict late,
                            const double *restrict people, const double *restrict listed, uint32_t count)
{
    for (uint32_t c = 0; c < count; c++) {
        double again = people[c] > 0 ? listed[c] / (people[c] > 0 ? people[c] : 1) : 0;
        new[c] = (people[c] > 0 ? 1 : 0) - again;
        early[c] = again / 3;
        late[c] = again - again / 3;
    }
}

/* In expectation: those of a row, whose classes are `bits`. */
static void part_expected(struct replication *self, const struct cohort row[], uint64_t bits,
                          struct cohort *part[BALLOT_LINES])
{
    enum { LISTED = offsetof(struct cohort, listed) / sizeof(people_t), DAYS, SQUARES };
    const uint32_t classes = (uint32_t)self->network->class_count;
    const double today = self->state->day;
    double share[BALLOT_LINES][NETWORK_MAX_CLASSES], number[3][NETWORK_MAX_CLASSES];
    double dates[2][NETWORK_MAX_CLASSES], people[NETWORK_MAX_CLASSES], coming[NETWORK_MAX_CLASSES];
    numbers_take_column(people, &row->people, 0, classes);
    numbers_of_bits(coming, people, classes, bits);
    for (size_t k = 0; k < 3; k++) numbers_take_column(number[k], &row->people, LISTED + k, classes);
    shares_of_parts(share[LINE_NEW], share[LINE_EARLY], share[LINE_LATE], coming, number[0], classes);
    for (uint32_t line = 0; line < BALLOT_LINES; line++)
        numbers_times_records(&part[line]->people, &row->people, classes, share[line]);
    numbers_take_column(dates[0], &part[LINE_EARLY]->people, 0, classes);
    numbers_take_column(dates[1], &part[LINE_LATE]->people, 0, classes);
    dates_of_parts(dates[0], dates[1], number[0], number[1], number[2], classes, today);
    for (uint32_t c = 0; c < classes; c++) {
        register_all(&part[LINE_NEW][c], today);
        part[LINE_EARLY][c].listed = part[LINE_EARLY][c].people;
        part[LINE_EARLY][c].listed_days = dates[0][c];
        part[LINE_LATE][c].listed = part[LINE_LATE][c].people;
        part[LINE_LATE][c].listed_days = dates[1][c];
    }
}

void ballot_let_in(struct replication *self, const struct station *station, uint32_t group,
                   struct cohort row[], uint64_t bits, const double lead[])
{
    uint32_t index = (uint32_t)(station - self->network->station);
    const uint32_t classes = (uint32_t)self->network->class_count;
    const bool alike = self->expected && ask_alike(self, station);
    struct cohort *coming[BALLOT_LINES]; /* by class */
    for (uint32_t line = 0; line < BALLOT_LINES; line++)
        coming[line] = self->flows.scratch + (size_t)line * classes;
    if (!all_ask(self, station, bits)) replication_fail(self, BALLOT_NO_OFFICE);
    cohorts_present(self, index, row, bits, 1);
    if (self->expected)
        part_expected(self, row, bits, coming);
    else
        memset(self->flows.scratch, 0, BALLOT_LINES * classes * sizeof *self->flows.scratch);
    for (; bits; bits &= bits - 1) {
        uint32_t class = (uint32_t)__builtin_ctzll(bits), lane = group * classes + class;
        struct cohort *part[BALLOT_LINES] = {&coming[0][class], &coming[1][class], &coming[2][class]};
        self->station[index].waiting += row[class].people;
        if (!self->expected) part_drawn(self, station, lane, &row[class], part);
        for (uint32_t line = 0; line < BALLOT_LINES && !alike; line++)
            if (part[line]->people > 0) join_line(self, station, lane, *part[line], line, lead);
    }
    for (uint32_t line = 0; line < BALLOT_LINES && alike; line++)
        if (cohorts_bits(self, coming[line])) join_line_alike(self, station, coming[line], line, lead);
}
