/* Ballot: people register and wait for a daily draw of slots, office by office: a share goes to the oldest
 * registrations, the rest by lot. A winner waits for the appointment and may fail to show up. The list of an
 * office is common to all ballot stations; a person who leaves a station leaves the list, but keeps the date
 * of registration for the next one. Stations whose place lies outside the fence take no part in draws.
 *
 * A lottery ranks people by a fresh number keyed by (person, day), so that who wins does not depend on who
 * else is on the list except through how many slots are left. */
#include "sim/cohort_line.h"
#include "sim/cohort_ring.h"
#include "sim/kinds/kind.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define DAY_ORIGIN       32768
#define DECISION_NO_SHOW 1

static uint32_t first_list(const struct replication *self, uint32_t ballot)
{
    uint32_t first = 0;
    for (uint32_t b = 0; b < ballot; b++) first += self->network->ballot[b].office_count;
    return first;
}

static struct ballot_entry *entries_of(const struct replication *self, const struct ballot_list *list)
{
    return (struct ballot_entry *)(self->block + list->offset);
}

/* The last office that the class may prefer. */
static uint32_t last_office(const struct replication *self, const struct station *station, uint32_t class)
{
    uint32_t last = self->network->ballot[station->ballot.ballot].office_count - 1;
    while (last > 0 && !(value_or(self, station->ballot.preference[last], class, 0) > 0)) last--;
    return last;
}

static uint8_t pick_office(struct replication *self, const struct person *person,
                           const struct station *station)
{
    const struct ballot_station *here = &station->ballot;
    uint32_t offices = self->network->ballot[here->ballot].office_count, last = 0;
    double total = 0;
    for (uint32_t o = 0; o < offices; o++) total += value_or(self, here->preference[o], person->class, 0);
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
    struct ballot_list *list = &self->list[first_list(self, station->ballot.ballot) + person->office];
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
    struct ballot_list *list = &self->list[first_list(self, station->ballot.ballot) + person->office];
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
    if (!person->registered) person->registered = (uint16_t)(self->state->day + DAY_ORIGIN);
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
    wait_ended(self, person, self->state->now - (tick_t)(person->registered - DAY_ORIGIN) * TICKS_PER_DAY);
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

#define DIGIT_BITS 12
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
    int32_t first_day = DAY_ORIGIN - self->network->spin_up_days;
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

/* Slots that the office offers today; a part of one is carried over. */
static people_t slots_today(const struct replication *self, const struct ballot *ballot,
                            struct ballot_list *list, const struct ballot_office *office)
{
    list->carry +=
        value_of(self, office->slots_per_day, 0) * value_or(self, ballot->overbooking, 0, 1) * self->scale;
    people_t slots = self->expected ? list->carry : floor(list->carry + 1e-9);
    list->carry = fmax(0.0, list->carry - slots);
    return slots;
}

/* Of them, those that go to the oldest registrations. */
static people_t slots_for_oldest(const struct replication *self, const struct ballot *ballot,
                                 struct ballot_list *list, people_t slots)
{
    list->carry_oldest += slots * value_of(self, ballot->oldest_share, 0);
    people_t oldest = self->expected ? list->carry_oldest : floor(list->carry_oldest + 1e-9);
    list->carry_oldest = fmax(0.0, list->carry_oldest - oldest);
    return fmin(oldest, slots);
}

static void draw_office(struct replication *self, const struct ballot *ballot, struct ballot_list *list,
                        const struct ballot_office *office)
{
    if (list->gone * 4 > list->count) compact(self, list);
    int64_t slots = (int64_t)slots_today(self, ballot, list, office);
    if (slots == 0 || list->count == list->gone) return;
    int64_t oldest = (int64_t)slots_for_oldest(self, ballot, list, (double)slots);
    cast_lots(self, list);
    if (oldest > 0) draw(self, list, oldest, true);
    if (slots > oldest) draw(self, list, slots - oldest, false);
}

/* The first station of each ballot holds the draw for all. */
static void day(struct replication *self, const struct station *station)
{
    for (const struct station *s = self->network->station; s < station; s++)
        if (s->kind == KIND_BALLOT && s->ballot.ballot == station->ballot.ballot) return;
    const struct ballot *ballot = &self->network->ballot[station->ballot.ballot];
    struct ballot_list *list = &self->list[first_list(self, station->ballot.ballot)];
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
 * Each station has two lines of those who wait, by the step in which they came: one of those who registered
 * then, one of those who come again with an earlier date. Those who have an appointment are in a ring. All
 * have a column for each office that the station may ask and each class. A cohort keeps its date of
 * registration as a mean; a batch does not keep together in a ballot. */

enum { LINE_NEW, LINE_AGAIN, BALLOT_LINES };

/* A row of one station's line, as an office's draw sees it. */
struct ballot_row {
    uint32_t member, station, line, row;
    double date;                  /* step of registration, on average */
    struct cohort_line_part part; /* the office's columns */
    people_t people;
};

/* What the first station of a ballot keeps for the draws of all. */
struct ballot_draw {
    struct dice dice;
    uint32_t office, count, members;
    uint32_t most;           /* rows of all lines at most; behind them is room for those of one line */
    struct cohort *won;      /* member x class, of one office */
    struct ballot_row row[]; /* oldest first */
};

/* Offices that the station's people may ask, before `office`. */
static uint32_t asked_before(const struct station *station, uint32_t office)
{
    uint32_t count = 0;
    for (uint32_t o = 0; o < office; o++) count += value_given(station->ballot.preference[o]);
    return count;
}

static uint32_t planes_of(const struct replication *self, const struct station *station)
{
    return asked_before(station, self->network->ballot[station->ballot.ballot].office_count);
}
static uint32_t columns_of(const struct replication *self, const struct station *station)
{
    return planes_of(self, station) * (uint32_t)self->network->class_count;
}
static uint32_t clocks_of(const struct replication *self, const struct station *station)
{
    const struct ballot_station *here = &station->ballot;
    return here->has_patience && here->patience.mean_days.mask ? (uint32_t)self->network->class_count : 1;
}
static size_t line_memory(const struct replication *self, const struct station *station)
{
    return (cohort_line_memory(columns_of(self, station), clocks_of(self, station)) + 63) & ~(size_t)63;
}
static size_t ring_memory(const struct replication *self, const struct station *station)
{
    uint32_t index = (uint32_t)(station - self->network->station);
    return (cohort_ring_memory(self->flows.longest[index], planes_of(self, station),
                               (uint32_t)self->network->class_count) +
            63) &
           ~(size_t)63;
}
static struct cohort_line *waiting_line(const struct replication *self, uint32_t station, uint32_t line)
{
    char *area = flows_area(self, station);
    return (struct cohort_line *)(void *)(area + line * line_memory(self, &self->network->station[station]));
}
static struct cohort_ring *appointments(const struct replication *self, const struct station *station)
{
    char *area = flows_area(self, (uint32_t)(station - self->network->station));
    return (struct cohort_ring *)(void *)(area + BALLOT_LINES * line_memory(self, station));
}
static struct ballot_draw *draws(const struct replication *self, const struct station *station)
{
    return (struct ballot_draw *)(void *)((char *)appointments(self, station) + ring_memory(self, station));
}

static bool is_of(const struct station *station, uint32_t ballot)
{
    return station->kind == KIND_BALLOT && station->ballot.ballot == ballot;
}

static struct cohort *winners(const struct replication *self, const struct station *station)
{
    size_t members = 0;
    for (size_t s = 0; s < self->network->station_count; s++)
        members += is_of(&self->network->station[s], station->ballot.ballot);
    return (struct cohort *)(void *)(draws(self, station)->row + (members * BALLOT_LINES + 1) * LINE_ROWS);
}

/* The first station of each ballot holds the draw for all. */
static bool is_first(const struct replication *self, const struct station *station)
{
    for (const struct station *s = self->network->station; s < station; s++)
        if (is_of(s, station->ballot.ballot)) return false;
    return true;
}

static size_t cohort_memory(const struct replication *self, const struct station *station)
{
    size_t members = 0, own = BALLOT_LINES * line_memory(self, station) + ring_memory(self, station);
    if (!is_first(self, station)) return own;
    for (size_t s = 0; s < self->network->station_count; s++)
        members += is_of(&self->network->station[s], station->ballot.ballot);
    return own + sizeof(struct ballot_draw) +
           (members * BALLOT_LINES + 1) * LINE_ROWS * sizeof(struct ballot_row) +
           members * self->network->class_count * sizeof(struct cohort);
}

static void cohort_begin(struct replication *self, const struct station *station)
{
    uint32_t index = (uint32_t)(station - self->network->station);
    for (uint32_t line = 0; line < BALLOT_LINES; line++)
        cohort_line_begin(waiting_line(self, index, line), columns_of(self, station),
                          (uint32_t)self->network->class_count, clocks_of(self, station));
    cohort_ring_begin(appointments(self, station), self->flows.longest[index], planes_of(self, station),
                      (uint32_t)self->network->class_count);
}

/* The rows of one line in order of their dates; the line is nearly so. Returns how many. */
static uint32_t list_rows(const struct replication *self, struct ballot_row row, struct ballot_row list[])
{
    const struct cohort_line *line = waiting_line(self, row.station, row.line);
    uint32_t count = 0;
    for (row.row = 0; row.row < line->rows; row.row++) {
        row.people = cohort_line_count(line, row.row, row.part);
        row.date = line->row[row.row].dated;
        if (!(row.people > 0)) continue;
        uint32_t place = count++;
        for (; place > 0 && list[place - 1].date > row.date; place--) list[place] = list[place - 1];
        list[place] = row;
    }
    return count;
}

/* Merges the rows of one line into those of the draw, from the back; of one date, those of the draw come
 * first. */
static void add_rows(const struct replication *self, struct ballot_draw *draw, struct ballot_row row)
{
    struct ballot_row *list = draw->row + (size_t)draw->most;
    uint32_t new = list_rows(self, row, list), old = draw->count, place = draw->count += new;
    while (new > 0)
        draw->row[--place] =
            old > 0 && draw->row[old - 1].date > list[new - 1].date ? draw->row[--old] : list[--new];
}

/* The rows of all stations inside the fence whose people may ask this office; those that registered first
 * before others. */
static people_t gather_rows(const struct replication *self, const struct station *station,
                            struct ballot_draw *draw)
{
    const struct network *n = self->network;
    const uint32_t classes = (uint32_t)n->class_count;
    people_t registered = 0;
    draw->count = draw->members = 0;
    for (uint32_t s = 0; s < n->station_count; s++) {
        const struct station *member = &n->station[s];
        if (!is_of(member, station->ballot.ballot)) continue;
        struct ballot_row row = {.member = draw->members++, .station = s};
        if (!value_given(member->ballot.preference[draw->office])) continue;
        if (!(value_of(self, member->ballot.inside_fence, 0) > 0)) continue;
        row.part = (struct cohort_line_part){.first = asked_before(member, draw->office) * classes,
                                             .columns = classes};
        for (row.line = 0; row.line < BALLOT_LINES; row.line++) add_rows(self, draw, row);
    }
    for (uint32_t r = 0; r < draw->count; r++) registered += draw->row[r].people;
    return registered;
}

/* `count` of a row's people win. */
static void win_in_row(struct replication *self, struct ballot_draw *draw, struct ballot_row *from,
                       people_t count)
{
    struct cohort_line *line = waiting_line(self, from->station, from->line);
    double days = ((double)self->flows.state->step - from->date) * self->flows.step_days;
    people_t before = line->people;
    cohort_line_take(line, from->row, from->part, &draw->dice, count, from->people,
                     &draw->won[from->member * self->network->class_count]);
    from->people -= before - line->people;
    waits_binned(self, from->station, before - line->people, days);
}

/* `count` of the people in these rows win by lot. */
static void win_among(struct replication *self, struct ballot_draw *draw, struct ballot_row rows[],
                      uint32_t row_count, people_t count)
{
    people_t among = 0;
    for (uint32_t r = 0; r < row_count; r++) among += rows[r].people;
    for (uint32_t r = 0; r < row_count && count > 0; r++) {
        people_t here = rows[r].people, part = dice_hypergeometric(&draw->dice, here, among - here, count);
        among -= here;
        count -= part;
        if (part > 0) win_in_row(self, draw, &rows[r], part);
    }
}

/* Rows of the same time share what does not suffice for all of them. */
static void win_oldest(struct replication *self, struct ballot_draw *draw, people_t count)
{
    for (uint32_t r = 0, next; r < draw->count && count > 0; r = next) {
        people_t people = 0;
        for (next = r; next < draw->count && draw->row[next].date == draw->row[r].date; next++)
            people += draw->row[next].people;
        win_among(self, draw, &draw->row[r], next - r, count < people ? count : people);
        count -= people;
    }
}

/* Gives the winners of one station their appointments. */
static void spread_appointments(struct replication *self, struct ballot_draw *draw,
                                const struct station *station, struct cohort won[])
{
    uint32_t index = (uint32_t)(station - self->network->station),
             plane = asked_before(station, draw->office);
    uint32_t classes = (uint32_t)self->network->class_count;
    const struct ballot *ballot = &self->network->ballot[station->ballot.ballot];
    struct cohort_ring *ring = appointments(self, station);
    const struct discrete *lead = flows_durations(self, index, 0);
    if (self->expected && ballot->lead.mean_days.mask == 0 && lead) {
        cohort_ring_spread_expected(ring, plane, 0, classes, won, lead, 0);
        return;
    }
    for (uint32_t class = 0; class < classes; class ++) {
        if (!(won[class].people > 0)) continue;
        lead = flows_durations(self, index, class);
        if (lead)
            cohort_ring_spread(ring, plane, class, &won[class], lead, 0, &draw->dice);
        else
            cohort_ring_put(ring, plane, class, &won[class], 0);
    }
}

/* Counts the winners of one station. Waits are counted from the day of registration. */
static void appoint(struct replication *self, struct ballot_draw *draw, const struct station *station,
                    struct cohort won[])
{
    uint32_t index = (uint32_t)(station - self->network->station);
    people_t sum = 0;
    for (uint32_t class = 0; class < self->network->class_count; class ++) {
        struct cohort *cohort = &won[class];
        if (!(cohort->people > 0)) continue;
        double waited = cohort->people * self->state->day - cohort->listed_days;
        waits_counted(self, index, class, cohort->people, llrint(waited * (double)TICKS_PER_DAY));
        sum += cohort->people;
        cohort->listed = cohort->listed_days = 0;
    }
    if (!(sum > 0)) return;
    self->station[index].waiting -= sum;
    spread_appointments(self, draw, station, won);
}

static void draw_cohorts(struct replication *self, const struct station *station, struct ballot_draw *draw)
{
    const struct ballot *ballot = &self->network->ballot[station->ballot.ballot];
    const struct ballot_office *office = &ballot->office[draw->office];
    struct ballot_list *list = &self->list[first_list(self, station->ballot.ballot) + draw->office];
    people_t slots = slots_today(self, ballot, list, office), registered = gather_rows(self, station, draw);
    people_t oldest = slots_for_oldest(self, ballot, list, slots);
    if (!(registered > 0) || !(slots > 0)) return;
    memset(draw->won, 0, draw->members * self->network->class_count * sizeof *draw->won);
    win_oldest(self, draw, fmin(oldest, registered));
    registered -= fmin(oldest, registered);
    win_among(self, draw, draw->row, draw->count, fmin(slots - oldest, registered));
    uint32_t member = 0;
    for (size_t s = 0; s < self->network->station_count; s++)
        if (is_of(&self->network->station[s], station->ballot.ballot))
            appoint(self, draw, &self->network->station[s],
                    &draw->won[member++ * self->network->class_count]);
}

static void cohort_day(struct replication *self, const struct station *station)
{
    uint32_t index = (uint32_t)(station - self->network->station);
    if (!is_first(self, station)) return;
    struct ballot_draw *draw = draws(self, station);
    uint32_t offices = self->network->ballot[station->ballot.ballot].office_count;
    flows_dice(self, index, NETWORK_NONE, PURPOSE_LOT, &draw->dice);
    draw->won = winners(self, station);
    draw->most = (uint32_t)((struct ballot_row *)(void *)draw->won - draw->row) - LINE_ROWS;
    for (draw->office = 0; draw->office < offices; draw->office++) draw_cohorts(self, station, draw);
}

/* ---- coming, losing patience, going ---- */

/* Those of one office who have their appointment in this step: some do not show up. */
static void keep_appointments(struct replication *self, const struct station *station, uint32_t office,
                              uint32_t plane)
{
    const struct ballot *ballot = &self->network->ballot[station->ballot.ballot];
    uint32_t index = (uint32_t)(station - self->network->station);
    struct cohort_ring *ring = appointments(self, station);
    struct cohort *due = cohort_ring_row(ring, plane, 0), *absent = self->flows.scratch;
    uint64_t bits = cohorts_bits(self, due);
    struct span span = span_of(bits);
    if (!bits) return;
    cohorts_present(self, index, due, bits, -1);
    memset(absent, 0, self->network->class_count * sizeof *absent);
    for (uint32_t class = span.first; class < span.first + span.count; class ++) {
        struct dice dice;
        if (!(due[class].people > 0)) continue;
        cohort_ring_people(ring, plane)[class] -= due[class].people;
        flows_dice(self, index, class, PURPOSE_DECISION + 256 * (1 + office), &dice);
        absent[class] = cohort_thin(&due[class], &dice, value_of(self, ballot->no_show, class));
    }
    cohorts_follow(self, station->ballot.no_show, 0, absent, cohorts_bits(self, absent));
    cohorts_follow(self, station->ballot.office_route[office], 0, due, cohorts_bits(self, due));
    memset(due + span.first, 0, span.count * sizeof *due);
}

/* Those drawn today may have their appointment today. */
static void release(struct replication *self, const struct station *station)
{
    uint32_t plane = 0;
    for (uint32_t o = 0; o < self->network->ballot[station->ballot.ballot].office_count; o++)
        if (value_given(station->ballot.preference[o])) keep_appointments(self, station, o, plane++);
    cohort_ring_advance(appointments(self, station));
}

/* Those of a row who have registered before (or for the first time, which is today), by office: into the row
 * of the line that stands for their mean date. */
static void join_line(struct replication *self, const struct station *station, uint32_t first_lane,
                      struct cohort joining[], uint64_t bits, const double lead[])
{
    const struct ballot_station *here = &station->ballot;
    const uint32_t classes = (uint32_t)self->network->class_count, columns = columns_of(self, station);
    uint32_t index = (uint32_t)(station - self->network->station);
    struct cohort *asked = self->flows.scratch;
    double people = 0, days = 0;
    memset(asked, 0, columns * sizeof *asked);
    for (; bits; bits &= bits - 1) {
        uint32_t class = (uint32_t)__builtin_ctzll(bits), last = last_office(self, station, class);
        double total = 0;
        struct dice dice;
        people += joining[class].people;
        days += joining[class].listed_days;
        flows_dice(self, index, first_lane + class,
                   PURPOSE_DECISION + 128 * (days < people * self->state->day), &dice);
        for (uint32_t o = 0; o <= last; o++) total += value_or(self, here->preference[o], class, 0);
        for (uint32_t o = 0; o <= last; o++) {
            double share = value_or(self, here->preference[o], class, 0);
            if (!(share > 0)) continue;
            asked[asked_before(station, o) * classes + class] =
                cohort_thin(&joining[class], &dice, o == last ? 1 : share / total);
            total -= share;
        }
    }
    if (!(people > 0)) return;
    int64_t now = self->flows.state->step;
    double day = days / people + self->network->spin_up_days;
    bool again = days < people * self->state->day;
    cohort_line_add_row(waiting_line(self, index, again ? LINE_AGAIN : LINE_NEW), now,
                        again ? day * self->engine.steps_per_day : (double)now, asked, people, lead);
}

/* Splits a row into those who have registered before and those who do so now. */
static void let_in(struct replication *self, const struct station *station, uint32_t group,
                   struct cohort row[], uint64_t bits, const double lead[])
{
    uint32_t index = (uint32_t)(station - self->network->station);
    uint32_t first_lane = group * (uint32_t)self->network->class_count;
    struct cohort *listed = self->flows.scratch + columns_of(self, station);
    uint64_t again = 0;
    cohorts_present(self, index, row, bits, 1);
    for (uint64_t rest = bits; rest; rest &= rest - 1) {
        uint32_t class = (uint32_t)__builtin_ctzll(rest);
        struct cohort *coming = &row[class];
        double days = coming->listed_days;
        self->station[index].waiting += coming->people;
        if (coming->listed > 0) {
            struct dice dice;
            flows_dice(self, index, first_lane + class, PURPOSE_ARRIVAL, &dice);
            listed[class] = cohort_take(coming, &dice, coming->listed);
            listed[class].listed = listed[class].people;
            listed[class].listed_days = days;
            again |= (uint64_t)1 << class;
        }
        coming->listed = coming->people;
        coming->listed_days = coming->people * self->state->day;
    }
    join_line(self, station, first_lane, listed, again, lead);
    join_line(self, station, first_lane, row, cohorts_bits(self, row) & bits, lead);
}

static void lose_patience(struct replication *self, const struct station *station, const double elapsed[])
{
    uint32_t index = (uint32_t)(station - self->network->station), columns = columns_of(self, station);
    const uint32_t classes = (uint32_t)self->network->class_count;
    struct cohort *lost = self->flows.scratch;
    struct dice dice;
    memset(lost, 0, columns * sizeof *lost);
    flows_dice(self, index, NETWORK_NONE, PURPOSE_PATIENCE, &dice);
    for (uint32_t line = 0; line < BALLOT_LINES; line++)
        cohort_line_expose(waiting_line(self, index, line), &dice, &station->ballot.patience.shape, elapsed,
                           lost);
    for (struct cohort *row = lost; row < lost + columns; row += classes) {
        uint64_t bits = cohorts_bits(self, row);
        if (!bits) continue;
        self->station[index].waiting -= cohort_sum(row, classes);
        cohorts_present(self, index, row, bits, -1);
        cohorts_follow(self, station->ballot.renege, 0, row, bits);
    }
}

/* Half a step of patience for those who came, a whole one for those who waited through the step. */
static void turn(struct replication *self, const struct station *station)
{
    const struct ballot_station *here = &station->ballot;
    uint32_t index = (uint32_t)(station - self->network->station);
    double elapsed[NETWORK_MAX_CLASSES], half[NETWORK_MAX_CLASSES];
    for (uint32_t k = 0; k < clocks_of(self, station); k++) {
        double mean = here->has_patience ? value_of(self, here->patience.mean_days, k) : INFINITY;
        elapsed[k] = mean > 0 ? self->flows.step_days / mean : INFINITY;
        half[k] = elapsed[k] / 2;
    }
    for (uint32_t line = 0; line < BALLOT_LINES; line++)
        cohort_line_tidy(waiting_line(self, index, line), self->flows.state->step);
    for (uint32_t group = 0; group < self->flows.groups; group++) {
        struct cohort *row =
            &self->flows.inflow[index * self->flows.lanes + group * self->network->class_count];
        uint64_t bits = self->flows.filled[index * self->flows.groups + group],
                 not_eligible = bits & ~here->classes;
        if (!bits) continue;
        for (uint64_t rest = not_eligible; rest; rest &= rest - 1) {
            uint32_t class = (uint32_t)__builtin_ctzll(rest);
            cohort_follow(self, here->not_eligible, group * (uint32_t)self->network->class_count + class,
                          &row[class]);
        }
        if (bits & here->classes) let_in(self, station, group, row, bits & here->classes, half);
    }
    if (here->has_patience) lose_patience(self, station, elapsed);
}

static void still_waiting(const struct replication *self, const struct station *station, people_t *people,
                          double *person_days)
{
    *people = *person_days = 0;
    for (uint32_t i = 0; i < BALLOT_LINES; i++) {
        const struct cohort_line *line = waiting_line(self, (uint32_t)(station - self->network->station), i);
        *people += line->people;
        *person_days += cohort_line_waited(line, self->flows.state->step) * self->flows.step_days;
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
                                 .cohort_memory = cohort_memory,
                                 .cohort_begin = cohort_begin,
                                 .cohort_day = cohort_day,
                                 .release = release,
                                 .turn = turn,
                                 .still_waiting = still_waiting};
