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
        cohort_line_join(line, row, (plane - 1) * classes + class, &part, part.listed_dates);
        total -= share;
    }
}

/* Whether people ask more than one office; one that nobody prefers changes nothing. */
static bool ask_several(const struct replication *self, const struct station *station)
{
    const struct ballot_station *here = &station->ballot;
    uint32_t asked = 0;
    for (uint32_t o = 0; o < self->network->ballot[here->ballot].office_count; o++) {
        uint32_t class = 0;
        while (class < self->network->class_count && !(value_or(self, here->preference[o], class, 0) > 0))
            class ++;
        asked += class < self->network->class_count;
    }
    return asked > 1;
}

/* Whether all classes ask the offices in the same proportions. */
static bool ask_alike(const struct replication *self, const struct station *station)
{
    const struct ballot_station *here = &station->ballot;
    for (uint32_t o = 0; o < self->network->ballot[here->ballot].office_count; o++)
        if (value_given(here->preference[o]) && !value_is_one(self, here->preference[o])) return false;
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
    for (size_t c = 0; c < self->network->class_count; c++) dates[c] = joining[c].listed_dates;
    for (uint32_t o = 0; o < offices; o++) total += value_or(self, here->preference[o], 0, 0);
    for (uint32_t o = 0; o < offices && total > 0; o++)
        if (value_given(here->preference[o]))
            share[blocks++] = value_of(self, here->preference[o], 0) / total;
    cohort_line_join_blocks(line, row, 0, blocks, joining, dates, share);
}

/* ---- who has registered before ---- */

/* Those of a class who come again are taken to have registered within a span of dates, the fewer the longer
 * ago: their density falls in a straight line to nothing at the first date. That keeps their mean and their
 * spread. They join the line of their age. Spans are a little wide at least. */
#define LEAST_DEVIATION 0.01                                       /* steps */
static const double longest_ago[BALLOT_AGES] = {INFINITY, 80, 40}; /* days */

FOR_EACH_WIDTH
static void spans_of_dates(double *restrict first, double *restrict last, const double *restrict listed,
                           const double *restrict dates, const double *restrict squares, uint32_t count,
                           double today)
{
    for (uint32_t c = 0; c < count; c++) {
        double people = listed[c] > 0 ? listed[c] : 1, mean = dates[c] / people;
        double variance = squares[c] / people - mean * mean, most = (today - mean) / sqrt(2);
        double deviation = sqrt(variance > 0 ? variance : 0);
        deviation = deviation < most ? deviation : most;
        deviation = deviation > LEAST_DEVIATION ? deviation : LEAST_DEVIATION;
        first[c] = mean - sqrt(8) * deviation;
        last[c] = mean + sqrt(2) * deviation;
    }
}

/* The share of each span that lies between two dates, and the mean of the dates there. */
FOR_EACH_WIDTH
static void parts_of_spans(double *restrict share, double *restrict date, const double *restrict first,
                           const double *restrict last, uint32_t count, double from, double to)
{
    for (uint32_t c = 0; c < count; c++) {
        double width = last[c] - first[c], begins = last[c] > to ? (last[c] - to) / width : 0,
               ends =
                   first[c] < from ? (last[c] - from) / width : 1; /* shares of the way to the first date */
        begins = begins < 1 ? begins : 1;
        ends = ends > begins ? ends : begins;
        double less = (1 - begins) * (1 - begins), more = (1 - ends) * (1 - ends);
        double moment = ends * ends * (1 - ends * (2.0 / 3)) - begins * begins * (1 - begins * (2.0 / 3));
        share[c] = less - more;
        date[c] = last[c] - width * (moment / (share[c] > 0 ? share[c] : 1));
    }
}

/* The dates of one age: registered from the one on, and before the other. */
static double age_begins(const struct replication *self, uint32_t age)
{
    return age < BALLOT_AGES ? ballot_today(self) - longest_ago[age] * self->engine.steps_per_day : INFINITY;
}

static inline void register_all(struct cohort *cohort, double date)
{
    cohort->listed = cohort->people;
    cohort->listed_dates = cohort->people * date;
}

/* Those of a class by the lines that they join: of those who come again as many of each age as their shares,
 * added up and rounded by one lot. */
static void part_class(struct replication *self, const struct station *station, uint32_t lane,
                       const struct cohort *coming, struct cohort *part[BALLOT_LINES])
{
    uint32_t index = (uint32_t)(station - self->network->station);
    struct dice dice;
    *part[LINE_NEW] = *coming;
    if (coming->listed > 0) {
        double first, last, share, date, before = 0;
        spans_of_dates(&first, &last, &coming->listed, &coming->listed_dates, &coming->listed_squares, 1,
                       ballot_today(self));
        flows_dice(self, index, lane, PURPOSE_ARRIVAL, &dice);
        struct cohort again = cohort_take(part[LINE_NEW], &dice, coming->listed);
        flows_dice(self, index, lane, PURPOSE_ARRIVAL + 64, &dice);
        const double lot = stream_unit(&dice.stream), people = again.people;
        for (uint32_t age = 0; age < BALLOT_AGES; age++) {
            parts_of_spans(&share, &date, &first, &last, 1, age_begins(self, age), age_begins(self, age + 1));
            people_t count = floor(people * (before + share) + lot) - floor(people * before + lot);
            before += share;
            *part[LINE_AGAIN + age] = age + 1 == BALLOT_AGES ? again : cohort_take(&again, &dice, count);
            register_all(part[LINE_AGAIN + age], date);
        }
    }
    register_all(part[LINE_NEW], ballot_today(self));
}

static void part_drawn(struct replication *self, const struct station *station, uint32_t group,
                       const struct cohort row[], uint64_t bits, struct cohort *coming[BALLOT_LINES])
{
    for (; bits; bits &= bits - 1) {
        uint32_t class = (uint32_t)__builtin_ctzll(bits);
        struct cohort *part[BALLOT_LINES];
        for (uint32_t line = 0; line < BALLOT_LINES; line++) part[line] = &coming[line][class];
        part_class(self, station, group * (uint32_t)self->network->class_count + class, &row[class], part);
    }
}

/* Of those who come, the share that has registered before. */
FOR_EACH_WIDTH
static void shares_of_both(double *restrict new, double *restrict again, const double *restrict people,
                           const double *restrict listed, uint32_t count)
{
    for (uint32_t c = 0; c < count; c++) {
        again[c] = people[c] > 0 ? listed[c] / (people[c] > 0 ? people[c] : 1) : 0;
        new[c] = (people[c] > 0 ? 1 : 0) - again[c];
    }
}

/* In expectation: those of a row, whose classes are `bits`. */
static void part_expected(struct replication *self, const struct cohort row[], uint64_t bits,
                          struct cohort *part[BALLOT_LINES])
{
    enum { LISTED = offsetof(struct cohort, listed) / sizeof(people_t), DATES, SQUARES };
    const uint32_t classes = (uint32_t)self->network->class_count;
    double listed[NETWORK_MAX_CLASSES], dates[NETWORK_MAX_CLASSES], squares[NETWORK_MAX_CLASSES];
    double people[NETWORK_MAX_CLASSES], coming[NETWORK_MAX_CLASSES];
    double new[NETWORK_MAX_CLASSES], again[NETWORK_MAX_CLASSES], share[NETWORK_MAX_CLASSES];
    double first[NETWORK_MAX_CLASSES], last[NETWORK_MAX_CLASSES], date[NETWORK_MAX_CLASSES];
    numbers_take_column(people, &row->people, 0, classes);
    numbers_of_bits(coming, people, classes, bits);
    numbers_take_column(listed, &row->people, LISTED, classes);
    numbers_take_column(dates, &row->people, DATES, classes);
    numbers_take_column(squares, &row->people, SQUARES, classes);
    shares_of_both(new, again, coming, listed, classes);
    numbers_times_records(&part[LINE_NEW]->people, &row->people, classes, new);
    for (uint32_t c = 0; c < classes; c++) register_all(&part[LINE_NEW][c], ballot_today(self));
    spans_of_dates(first, last, listed, dates, squares, classes, ballot_today(self));
    for (uint32_t age = 0; age < BALLOT_AGES; age++) {
        struct cohort *here = part[LINE_AGAIN + age];
        parts_of_spans(share, date, first, last, classes, age_begins(self, age), age_begins(self, age + 1));
        numbers_multiply(share, again, classes);
        numbers_times_records(&here->people, &row->people, classes, share);
        for (uint32_t c = 0; c < classes; c++) register_all(&here[c], here[c].people > 0 ? date[c] : 0);
    }
}

/* Where people ask several offices, an age to which fewer than one in a hundred belonged of those who came
 * lately has no line of its own: a line costs as much for few as for many. Its people join those of the next
 * age. */
#define LEAST_SHARE 0.01
#define LATELY      30.0 /* days */

static void gather_few(struct replication *self, uint32_t station, struct cohort *coming[BALLOT_LINES])
{
    const size_t classes = self->network->class_count;
    const int64_t step = self->flows.state->step;
    struct ballot_came *came = ballot_came(self, station);
    const double kept = pow(1 - self->flows.step_days / LATELY, (double)(step - came->step));
    people_t all = 0;
    came->step = step;
    for (uint32_t line = 0; line < BALLOT_LINES; line++) {
        came->people[line] = came->people[line] * kept + cohort_sum(coming[line], classes);
        all += came->people[line];
    }
    for (uint32_t line = LINE_AGAIN; line + 1 < BALLOT_LINES; line++) {
        if (came->people[line] >= LEAST_SHARE * all) continue;
        for (size_t c = 0; c < classes; c++) {
            if (!(coming[line][c].people > 0)) continue;
            cohort_add(&coming[line + 1][c], &coming[line][c]);
            coming[line][c] = (struct cohort){0};
        }
    }
}

void ballot_let_in(struct replication *self, const struct station *station, uint32_t group,
                   const struct cohort row[], uint64_t bits, const double lead[])
{
    uint32_t index = (uint32_t)(station - self->network->station);
    const uint32_t classes = (uint32_t)self->network->class_count;
    const bool alike = self->expected && ask_alike(self, station);
    struct cohort *coming[BALLOT_LINES]; /* by class */
    for (uint32_t line = 0; line < BALLOT_LINES; line++)
        coming[line] = self->flows.scratch + (size_t)line * classes;
    if (!all_ask(self, station, bits)) replication_fail(self, BALLOT_NO_OFFICE);
    cohorts_present(self, index, row, bits, 1);
    for (uint64_t rest = bits; rest; rest &= rest - 1)
        self->station[index].waiting += row[__builtin_ctzll(rest)].people;
    if (self->expected) {
        part_expected(self, row, bits, coming);
    } else {
        memset(self->flows.scratch, 0, BALLOT_LINES * classes * sizeof *self->flows.scratch);
        part_drawn(self, station, group, row, bits, coming);
    }
    if (ask_several(self, station)) gather_few(self, index, coming);
    for (uint32_t line = 0; line < BALLOT_LINES; line++) {
        uint64_t joining = cohorts_bits(self, coming[line]);
        if (joining && alike) {
            join_line_alike(self, station, coming[line], line, lead);
            continue;
        }
        for (; joining; joining &= joining - 1) {
            uint32_t class = (uint32_t)__builtin_ctzll(joining);
            join_line(self, station, group * classes + class, coming[line][class], line, lead);
        }
    }
}
