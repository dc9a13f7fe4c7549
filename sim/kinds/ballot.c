/* Ballot: people register and wait for a daily draw of slots, office by office: a share goes to the oldest
 * registrations, the rest by lot. A winner waits for the appointment and may fail to show up. The list of an
 * office is common to all ballot stations; a person who leaves a station leaves the list, but keeps the date
 * of registration for the next one. Stations whose place lies outside the fence take no part in draws.
 *
 * A lottery ranks people by a fresh number keyed by (person, day), so that who wins does not depend on who
 * else is on the list except through how many slots are left. */
#include "sim/kinds/ballot.h"
#include "sim/numbers.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define DECISION_NO_SHOW 1

static struct ballot_entry *entries_of(const struct replication *self, const struct ballot_list *list)
{
    return (struct ballot_entry *)(self->block + list->offset);
}

static uint8_t pick_office(struct replication *self, const struct person *person,
                           const struct station *station)
{
    const struct ballot_station *here = &station->ballot;
    uint32_t offices = self->network->ballot[here->ballot].office_count, last = 0;
    double total = 0;
    for (uint32_t o = 0; o < offices; o++) total += value_or(self, here->preference[o], person->class, 0);
    if (!(total > 0)) replication_fail(self, BALLOT_NO_OFFICE);
    double point = person_chance(self, person, station->hash) * total;
    for (uint32_t o = 0; o < offices; o++) {
        double share = value_or(self, here->preference[o], person->class, 0);
        if (!(share > 0)) continue;
        last = o;
        if (point < share) break;
        point -= share;
    }
    return (uint8_t)last;
}

static void list_add(struct replication *self, struct person *person, const struct station *station)
{
    struct ballot_list *list = &self->list[ballot_first_list(self, station->ballot.ballot) + person->office];
    if (list->count == BALLOT_MAX_LISTED) {
        replication_fail(self, "a ballot's list is full");
        return;
    }
    person->position = list->count++;
    entries_of(self, list)[person->position] = (struct ballot_entry){.key = person->key,
                                                                     .person = person_index(self, person),
                                                                     .registered = person->registered,
                                                                     .station = person->station};
}

static void list_remove(struct replication *self, struct person *person, const struct station *station)
{
    struct ballot_list *list = &self->list[ballot_first_list(self, station->ballot.ballot) + person->office];
    entries_of(self, list)[person->position].person = PERSON_NONE;
    list->gone++;
    person->position = PERSON_NONE;
}

static uint32_t enter(struct replication *self, struct person *person, const struct station *station)
{
    const struct ballot_station *here = &station->ballot;
    if (!(here->classes >> person->class & 1)) return here->not_eligible;
    person_settle(self, person, PERSON_WAITING);
    self->station[person->station].waiting++;
    if (!person->registered) person->registered = (uint16_t)(self->state->day + REGISTERED_ORIGIN);
    person->office = pick_office(self, person, station);
    list_add(self, person, station);
    tick_t wake = TICK_NEVER;
    if (here->has_patience)
        wake = self->state->now + person_duration(self, person, station, &here->patience, PURPOSE_PATIENCE);
    person_schedule(self, person, wake);
    return ROUTE_NONE;
}

static bool shows_up(struct replication *self, const struct person *person, const struct station *station)
{
    double no_show = value_of(self, self->network->ballot[station->ballot.ballot].no_show, person->class);
    if (!(no_show > 0)) return true;
    return person_chance(self, person, random_mix(station->hash, DECISION_NO_SHOW)) >= no_show;
}

static uint32_t wake(struct replication *self, struct person *person, const struct station *station)
{
    if (person->state == PERSON_APPOINTED) {
        bool shown = shows_up(self, person, station);
        uint32_t route = shown ? station->ballot.office_route[person->office] : station->ballot.no_show;
        person->registered = 0;
        person_leave(self, person);
        return route;
    }
    list_remove(self, person, station);
    self->station[person->station].waiting--;
    person_leave(self, person);
    return station->ballot.renege;
}

static void win(struct replication *self, struct ballot_list *list, uint32_t position)
{
    struct ballot_entry *entry = &entries_of(self, list)[position];
    struct person *person = &self->person[entry->person];
    const struct station *station = &self->network->station[person->station];
    entry->person = PERSON_NONE;
    list->gone++;
    person->position = PERSON_NONE;
    self->station[person->station].waiting--;
    wait_ended(self, person, self->state->now - person_registered(person));
    person->state = PERSON_APPOINTED;
    const struct duration *lead = &self->network->ballot[station->ballot.ballot].lead;
    person_schedule(self, person,
                    self->state->now + person_duration(self, person, station, lead, PURPOSE_DURATION));
}

/* Closes the gaps that leavers left. */
static void compact(struct replication *self, struct ballot_list *list)
{
    struct ballot_entry *entries = entries_of(self, list);
    uint32_t kept = 0;
    for (uint32_t i = 0; i < list->count; i++) {
        if (entries[i].person == PERSON_NONE) continue;
        entries[kept] = entries[i];
        self->person[entries[i].person].position = kept++;
    }
    list->count = kept;
    list->gone = 0;
}

static bool takes_part(const struct replication *self, const struct ballot_entry *entry)
{
    if (entry->person == PERSON_NONE) return false;
    const struct station *station = &self->network->station[entry->station];
    return value_of(self, station->ballot.inside_fence, 0) > 0;
}

/* Days of registration that are told apart: as many as the longest spin-up and the longest run have. */
#define DIGIT_BITS 13
#define DIGITS     (1u << DIGIT_BITS)

/* The day's lot of each entry; those that take no part get the last one. */
static void cast_lots(struct replication *self, const struct ballot_list *list)
{
    const struct ballot_entry *entries = entries_of(self, list);
    uint64_t draw =
        random_mix(self->seed ^ (uint64_t)self->number << 32, (uint64_t)(int64_t)self->state->day);
    for (uint32_t i = 0; i < list->count; i++)
        self->lot[i] = takes_part(self, &entries[i]) ? random_mix(entries[i].key, draw) : UINT64_MAX;
}

static int by_rank(const void *a, const void *b)
{
    const struct ballot_candidate *x = a, *y = b;
    if (x->rank != y->rank) return x->rank < y->rank ? -1 : 1;
    return (x->position > y->position) - (x->position < y->position);
}

/* The digit of the rank by which candidates are counted: the day of registration, or the highest bits of the
 * lot. */
static uint32_t digit_of(const struct replication *self, const struct ballot_list *list, uint32_t position,
                         bool oldest)
{
    if (!oldest) return (uint32_t)(self->lot[position] >> (64 - DIGIT_BITS));
    int32_t first_day = REGISTERED_ORIGIN - self->network->spin_up_days;
    int32_t day = (int32_t)entries_of(self, list)[position].registered - first_day;
    return (uint32_t)day < DIGITS - 1 ? (uint32_t)day : DIGITS - 1;
}

static void win_at(struct replication *self, struct ballot_list *list, uint32_t position)
{
    self->lot[position] = UINT64_MAX; /* takes no part in the other draw of the day */
    win(self, list, position);
}

/* Lets the `slots` lowest ranks win. One count finds the digit at which the slots run out; everyone below it
 * wins, and those who share it are sorted by their whole rank. Linear in the length of the list but for those
 * few. Those who registered on the same day are ranked by a lot of their own: with the one of the lottery,
 * whoever loses here would lose there too. */
static void draw(struct replication *self, struct ballot_list *list, int64_t slots, bool oldest)
{
    uint32_t count[DIGITS] = {0}, digit = 0, shared = 0;
    if (slots <= 0) return;
    for (uint32_t i = 0; i < list->count; i++)
        if (self->lot[i] != UINT64_MAX) count[digit_of(self, list, i, oldest)]++;
    while (digit < DIGITS - 1 && slots >= (int64_t)count[digit]) slots -= count[digit++];
    for (uint32_t i = 0; i < list->count; i++) {
        if (self->lot[i] == UINT64_MAX) continue;
        uint32_t own = digit_of(self, list, i, oldest);
        if (own < digit)
            win_at(self, list, i);
        else if (own == digit)
            self->candidate[shared++] =
                (struct ballot_candidate){oldest ? random_mix(self->lot[i], 1) : self->lot[i], i};
    }
    if (slots < (int64_t)shared) qsort(self->candidate, shared, sizeof *self->candidate, by_rank);
    for (uint32_t i = 0; i < shared && slots-- > 0; i++) win_at(self, list, self->candidate[i].position);
}

static void draw_office(struct replication *self, const struct ballot *ballot, struct ballot_list *list,
                        const struct ballot_office *office)
{
    if (list->gone * 4 > list->count) compact(self, list);
    int64_t slots = (int64_t)ballot_slots_today(self, ballot, list, office);
    if (slots == 0 || list->count == list->gone) return;
    int64_t oldest = (int64_t)ballot_slots_for_oldest(self, ballot, list, (double)slots);
    cast_lots(self, list);
    if (oldest > 0) draw(self, list, oldest, true);
    if (slots > oldest) draw(self, list, slots - oldest, false);
}

/* The first station of each ballot holds the draw for all. */
static bool is_first_of_ballot(const struct replication *self, const struct station *station)
{
    for (const struct station *s = self->network->station; s < station; s++)
        if (s->kind == KIND_BALLOT && s->ballot.ballot == station->ballot.ballot) return false;
    return true;
}

static void day(struct replication *self, const struct station *station)
{
    if (!is_first_of_ballot(self, station)) return;
    const struct ballot *ballot = &self->network->ballot[station->ballot.ballot];
    struct ballot_list *list = &self->list[ballot_first_list(self, station->ballot.ballot)];
    for (uint32_t o = 0; o < ballot->office_count; o++)
        draw_office(self, ballot, &list[o], &ballot->office[o]);
}

static void begin(struct replication *self, const struct station *station)
{
    if (station->ballot.has_patience) patience_begin(self, station, &station->ballot.patience);
}

static void changed(struct replication *self, const struct station *station)
{
    if (station->ballot.has_patience) patience_changed(self, station, &station->ballot.patience);
}

/* ---- with cohorts ----
 *
 * Each station has lines of those who wait, by the step in which they came: one of those who registered then,
 * the others of those who come again with an earlier date, by its age. Those who have an appointment are in a
 * ring. All have a column for each office that the station may ask and each class. A cohort keeps its dates
 * of registration as a mean and a spread; a batch does not keep together in a ballot. */

static struct cohort_line_shape shape_of(const struct replication *self, const struct station *station,
                                         uint32_t planes, uint32_t line)
{
    const uint32_t classes = (uint32_t)self->network->class_count;
    return (struct cohort_line_shape){.columns = planes * classes,
                                      .classes = classes,
                                      .clocks = patience_clocks(self, ballot_patience(&station->ballot)),
                                      .dates = line == LINE_NEW ? LINE_DATES_OF_ROW : LINE_DATES_OF_COLUMN};
}

static size_t in_cache_lines(size_t bytes)
{
    return (bytes + 63) & ~(size_t)63;
}

static struct ballot_parts parts_of(const struct replication *self, const struct station *station)
{
    uint32_t index = (uint32_t)(station - self->network->station);
    struct ballot_parts parts = {.holds_draws = is_first_of_ballot(self, station)};
    for (uint32_t o = 0; o < self->network->ballot[station->ballot.ballot].office_count; o++)
        parts.planes += value_given(station->ballot.preference[o]);
    size_t at = in_cache_lines(sizeof parts);
    for (uint32_t line = 0; line < BALLOT_LINES; line++) {
        parts.line[line] = at;
        at += cohort_line_memory(shape_of(self, station, parts.planes, line));
    }
    parts.ring = at;
    at += in_cache_lines(
        cohort_ring_memory(self->flows.longest[index], parts.planes, (uint32_t)self->network->class_count));
    parts.came = at;
    at += in_cache_lines(sizeof(struct ballot_came));
    parts.draw = at;
    parts.end = at + (parts.holds_draws ? ballot_draw_memory(self, station) : 0);
    return parts;
}

static size_t cohort_memory(const struct replication *self, const struct station *station)
{
    return parts_of(self, station).end;
}

static void cohort_begin(struct replication *self, const struct station *station)
{
    uint32_t index = (uint32_t)(station - self->network->station);
    const struct ballot_parts parts = parts_of(self, station);
    char *area = flows_area(self, index);
    *(struct ballot_parts *)(void *)area = parts;
    memset(area + parts.came, 0, parts.end - parts.came);
    for (uint32_t line = 0; line < BALLOT_LINES; line++)
        cohort_line_begin(ballot_waiting_line(self, index, line),
                          shape_of(self, station, parts.planes, line));
    cohort_ring_begin(ballot_appointments(self, station), self->flows.longest[index], parts.planes,
                      (uint32_t)self->network->class_count, false);
}

/* ---- coming, losing patience, going ---- */

/* Those who give up leave together, whatever office they asked. */
static void lose_patience(struct replication *self, const struct station *station, const double elapsed[])
{
    uint32_t index = (uint32_t)(station - self->network->station);
    const uint32_t classes = (uint32_t)self->network->class_count;
    const struct cohort_line_part whole = {.columns = ballot_columns(self, index)};
    struct cohort *lost = self->flows.scratch;
    struct dice dice;
    memset(lost, 0, classes * sizeof *lost);
    flows_dice(self, index, NETWORK_NONE, PURPOSE_PATIENCE, &dice);
    for (uint32_t l = 0; l < BALLOT_LINES; l++) {
        struct cohort_line *line = ballot_waiting_line(self, index, l);
        if (line->rows == 0) continue;
        cohort_line_expose(line, &dice, &station->ballot.patience.shape, elapsed, 1, self->flows.leaving);
        self->station[index].waiting -=
            cohort_line_settle(line, whole, &dice, self->flows.leaving, lost, classes);
    }
    uint64_t bits = cohorts_bits(self, lost);
    cohorts_present(self, index, lost, bits, -1);
    cohorts_follow(self, station->ballot.renege, 0, lost, bits);
}

/* Half a step of patience for those who came, a whole one for those who waited through the step. */
static void turn(struct replication *self, const struct station *station)
{
    const struct ballot_station *here = &station->ballot;
    uint32_t index = (uint32_t)(station - self->network->station);
    double elapsed[NETWORK_MAX_CLASSES], half[NETWORK_MAX_CLASSES];
    patience_elapsed(self, ballot_patience(here), 1, elapsed);
    patience_elapsed(self, ballot_patience(here), 0.5, half);
    for (uint32_t line = 0; line < BALLOT_LINES; line++)
        cohort_line_tidy(ballot_waiting_line(self, index, line), self->flows.state->step);
    for (uint32_t group = 0; group < self->flows.groups; group++) {
        struct cohort *row = &flows_inflow(self, index)[group * self->network->class_count];
        uint64_t bits = self->flows.filled[index * self->flows.groups + group],
                 not_eligible = bits & ~here->classes;
        if (!bits) continue;
        for (uint64_t rest = not_eligible; rest; rest &= rest - 1) {
            uint32_t class = (uint32_t)__builtin_ctzll(rest);
            cohort_follow(self, here->not_eligible, group * (uint32_t)self->network->class_count + class,
                          &row[class]);
        }
        if (bits & here->classes) ballot_let_in(self, station, group, row, bits & here->classes, half);
    }
    if (here->has_patience) lose_patience(self, station, elapsed);
}

static void still_waiting(const struct replication *self, const struct station *station, people_t *people,
                          double *person_days)
{
    *people = *person_days = 0;
    for (uint32_t i = 0; i < BALLOT_LINES; i++) {
        const struct cohort_line *line =
            ballot_waiting_line(self, (uint32_t)(station - self->network->station), i);
        *people += line->people;
        *person_days += cohort_line_waited_by_date(line, self->flows.state->step) * self->flows.step_days;
    }
}

const struct kind kind_ballot = {.name = "ballot",
                                 .takes_time = true,
                                 .has_waits = true,
                                 .enter = enter,
                                 .wake = wake,
                                 .begin = begin,
                                 .day = day,
                                 .changed = changed,
                                 .every_turn = true,
                                 .reuses_memory = true,
                                 .cohort_memory = cohort_memory,
                                 .cohort_begin = cohort_begin,
                                 .cohort_day = ballot_draw_cohorts,
                                 .release = ballot_keep_appointments,
                                 .turn = turn,
                                 .still_waiting = still_waiting};
