/* Ballot: people register and wait for a daily draw of slots, office by office: a share goes to the oldest
 * registrations, the rest by lot. A winner waits for the appointment and may fail to show up. The list of an
 * office is common to all ballot stations; a person who leaves a station leaves the list, but keeps the date
 * of registration for the next one. Stations whose place lies outside the fence take no part in draws.
 *
 * A lottery ranks people by a fresh number keyed by (person, day), so that who wins does not depend on who
 * else is on the list except through how many slots are left. */
#include "sim/kinds/kind.h"

#include <math.h>
#include <stdlib.h>

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
 * few. */
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
            self->candidate[shared++] = (struct ballot_candidate){self->lot[i], i};
    }
    if (slots < (int64_t)shared) qsort(self->candidate, shared, sizeof *self->candidate, by_rank);
    for (uint32_t i = 0; i < shared && slots-- > 0; i++) win_at(self, list, self->candidate[i].position);
}

static void draw_office(struct replication *self, const struct ballot *ballot, struct ballot_list *list,
                        const struct ballot_office *office)
{
    if (list->gone * 4 > list->count) compact(self, list);
    double offered =
        value_of(self, office->slots_per_day, 0) * value_or(self, ballot->overbooking, 0, 1) * self->scale;
    list->carry += offered;
    int64_t slots = (int64_t)floor(list->carry + 1e-9);
    list->carry = fmax(0.0, list->carry - (double)slots);
    if (slots == 0 || list->count == list->gone) return;
    int64_t oldest = llround((double)slots * value_of(self, ballot->oldest_share, 0));
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

const struct kind kind_ballot = {.name = "ballot",
                                 .takes_time = true,
                                 .has_waits = true,
                                 .enter = enter,
                                 .wake = wake,
                                 .begin = begin,
                                 .day = day,
                                 .changed = changed};
