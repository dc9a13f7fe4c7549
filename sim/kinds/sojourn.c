/* A person stays for a drawn duration unless a hazard comes first. Of all that may end the stay only the
 * earliest is in the calendar. The time to the first hazard is one exponential of the summed rates; which
 * hazard it was is decided when it strikes, in proportion to the rates of that moment. Rates that change act
 * at once on everyone present: what is left of the exponential is rescaled. Durations already drawn stay. */
#include "sim/kinds/sojourn.h"

#include "sim/kinds/sojourn_passage.h"
#include "sim/numbers.h"

#include <math.h>
#include <string.h>

double sojourn_total_rate(const struct replication *self, const struct sojourn *sojourn, uint32_t class)
{
    double total = 0;
    for (uint32_t h = 0; h < sojourn->hazard_count; h++)
        total += value_of(self, sojourn->hazard[h].per_day, class);
    return total;
}

/* The tick at which a hazard strikes: an odd one, so that a stay that ends in the same step wins. `redraw`
 * keeps the numbers of a hazard that begins later apart from those drawn on entry. */
static tick_t draw_hazard(const struct replication *self, const struct person *person,
                          const struct station *station, double rate, bool redraw)
{
    if (!(rate > 0)) return TICK_NEVER;
    struct stream stream;
    uint32_t block = redraw ? (uint32_t)(self->state->day + 32768) : 0;
    stream_start(&stream, self->seed, self->number, person_identity(person, station), PURPOSE_HAZARD + block);
    return self->state->now + (tick_from_days(stream_exponential(&stream) / rate) | 1);
}

/* A stay that ends when it did before stands in the calendar. */
static void schedule_earlier(struct replication *self, struct person *person)
{
    person->hazard = person->hazard_at < person->deadline;
    const tick_t wake = person->hazard ? person->hazard_at : person->deadline;
    if (wake != person->wake) person_schedule(self, person, wake);
}

uint32_t sojourn_enter(struct replication *self, struct person *person, const struct station *station)
{
    const struct sojourn *sojourn = &station->sojourn;
    if (!capacity_free(self, sojourn->capacity)) return sojourn->full;
    if (!(value_of(self, sojourn->duration.mean_days, person->class) > 0)) return sojourn->route;
    capacity_take(self, sojourn->capacity);
    person_settle(self, person, PERSON_STAYING);
    person->deadline =
        self->state->now + person_duration(self, person, station, &sojourn->duration, PURPOSE_DURATION);
    double rate = sojourn->hazard_count ? sojourn_total_rate(self, sojourn, person->class) : 0;
    person->hazard_at = draw_hazard(self, person, station, rate, false);
    schedule_earlier(self, person);
    return ROUTE_NONE;
}

static uint32_t which_hazard(struct replication *self, const struct person *person,
                             const struct station *station)
{
    const struct sojourn *sojourn = &station->sojourn;
    double point =
        person_chance(self, person, station->hash) * sojourn_total_rate(self, sojourn, person->class);
    uint32_t chosen = 0;
    for (uint32_t h = 0; h < sojourn->hazard_count; h++) {
        double rate = value_of(self, sojourn->hazard[h].per_day, person->class);
        if (!(rate > 0)) continue;
        chosen = h;
        if (point < rate) break;
        point -= rate;
    }
    return sojourn->hazard[chosen].route;
}

uint32_t sojourn_wake(struct replication *self, struct person *person, const struct station *station)
{
    const struct sojourn *sojourn = &station->sojourn;
    uint32_t route = person->hazard ? which_hazard(self, person, station) : sojourn->route;
    person_leave(self, person);
    if (sojourn->capacity != NETWORK_NONE) self->capacity[sojourn->capacity].used--;
    return route;
}

void sojourn_begin(struct replication *self, const struct station *station)
{
    uint32_t index = (uint32_t)(station - self->network->station);
    for (uint32_t c = 0; c < self->network->class_count; c++)
        self->in_force[cell_of(self, index, c)] = sojourn_total_rate(self, &station->sojourn, c);
}

/* What is left until a hazard is rescaled; where it was never to strike, at a rate of next to nothing, that
 * is not known, and it is drawn anew. Everyone present is looked at: takes time in proportion to the people
 * in the model, once per change of a rate. */
void sojourn_changed(struct replication *self, const struct station *station)
{
    const struct sojourn *sojourn = &station->sojourn;
    if (sojourn->hazard_count == 0) return;
    uint32_t index = (uint32_t)(station - self->network->station);
    double before[NETWORK_MAX_CLASSES], after[NETWORK_MAX_CLASSES];
    bool any = false;
    for (uint32_t c = 0; c < self->network->class_count; c++) {
        size_t cell = cell_of(self, index, c);
        before[c] = self->in_force[cell];
        after[c] = self->in_force[cell] = sojourn_total_rate(self, sojourn, c);
        any = any || before[c] != after[c];
    }
    if (!any) return;
    for (uint32_t i = 1; i < self->state->person_high; i++) {
        struct person *person = &self->person[i];
        uint32_t c = person->class;
        if (person->station != index || person->state != PERSON_STAYING || person->wake == TICK_NEVER)
            continue;
        if (before[c] == after[c]) continue;
        if (before[c] > 0 && after[c] > 0 && person->hazard_at < TICKS_MOST / 2) {
            double left = tick_days(person->hazard_at - self->state->now) * before[c] / after[c];
            person->hazard_at = self->state->now + (tick_from_days(left) | 1);
        } else {
            person->hazard_at = draw_hazard(self, person, station, after[c], true);
        }
        schedule_earlier(self, person);
    }
}

/* ---- with cohorts ----
 *
 * Those who stay are spread over the steps in which their stay ends. The hazards strike everyone present at
 * today's rates: for a whole step those who stay through it, for half a step those who come or go in it. */

size_t sojourn_memory(const struct replication *self, const struct station *station)
{
    uint32_t index = (uint32_t)(station - self->network->station);
    return cohort_ring_memory(self->flows.longest[index], self->flows.groups,
                              (uint32_t)self->network->class_count);
}

void sojourn_cohort_begin(struct replication *self, const struct station *station)
{
    uint32_t index = (uint32_t)(station - self->network->station);
    cohort_ring_begin(flows_area(self, index), self->flows.longest[index], self->flows.groups,
                      (uint32_t)self->network->class_count,
                      self->expected && station->sojourn.hazard_count > 0);
    cohort_ring_let_pass(flows_area(self, index));
}

void sojourn_release(struct replication *self, const struct station *station)
{
    const uint32_t classes = (uint32_t)self->network->class_count;
    struct passage at;
    passage_begin(&at, self, station);
    struct dice dice;
    flows_dice(self, at.index, NETWORK_NONE, PURPOSE_DURATION + 256, &dice);
    cohort_ring_advance(at.ring, &dice);
    for (at.group = 0; at.group < self->flows.groups; at.group++, at.first += classes) {
        if (!numbers_positive(cohort_ring_people(at.ring, at.group), classes)) continue;
        if (at.hazards) passage_strike_present(&at);
        struct cohort *due = cohort_ring_due(at.ring, at.group);
        people_t people[NETWORK_MAX_CLASSES];
        uint64_t bits = cohorts_count(self, due, people);
        struct span span = span_of(bits);
        passage_leave(&at, people, bits);
        cohorts_follow(self, station->sojourn.route, at.group, due, bits);
        cohort_ring_leave(at.ring, at.group, span.first, span.count, people + span.first);
    }
}

/* ---- coming in ---- */

/* With draws: those of a row who take at least `first` steps. */
static void spread_row(struct passage *at, const struct cohort row[], uint64_t bits, uint32_t first)
{
    struct replication *self = at->self;
    struct dice dice;
    uint64_t many = 0;
    const bool alike = value_is_one(self, at->station->sojourn.duration.mean_days);
    for (uint64_t some = bits; some && alike; some &= some - 1) {
        uint32_t class = (uint32_t)__builtin_ctzll(some);
        const struct discrete *steps = flows_durations(self, at->index, 0);
        if (steps && cohort_ring_draws_phases(at->ring, steps, row[class].people))
            many |= (uint64_t)1 << class;
    }
    if (many) {
        flows_dice_of_group(self, at->index, at->group, PURPOSE_DURATION, &dice);
        cohort_ring_enter_drawn(at->ring, at->group, many, row, flows_durations(self, at->index, 0), first,
                                &dice);
    }
    for (bits &= ~many; bits; bits &= bits - 1) {
        uint32_t class = (uint32_t)__builtin_ctzll(bits);
        const struct discrete *steps = flows_durations(self, at->index, class);
        if (!steps) {
            cohort_ring_put(at->ring, at->group, class, &row[class], 0);
            continue;
        }
        flows_dice(self, at->index, at->first + class, PURPOSE_DURATION, &dice);
        cohort_ring_spread(at->ring, at->group, class, &row[class], steps, first, &dice);
    }
}

/* Those of a row who stay on beyond this step. What hazards leave in the row has been let in. */
static void stay_on(struct passage *at, struct cohort row[], uint64_t bits)
{
    struct replication *self = at->self;
    uint32_t capacity = at->station->sojourn.capacity;
    if (at->hazards) passage_strike_coming(at, row, bits);
    cohorts_present(self, at->index, row, bits, 1);
    for (uint64_t some = bits; some && capacity != NETWORK_NONE; some &= some - 1)
        capacity_take_many(self, capacity, row[__builtin_ctzll(some)].people);
    if (!self->expected) {
        spread_row(at, row, bits, 1);
        return;
    }
    for (; bits; bits &= bits - 1) {
        uint32_t class = (uint32_t)__builtin_ctzll(bits);
        struct dice dice = {.expected = true};
        cohort_ring_spread(at->ring, at->group, class, &row[class], flows_durations(self, at->index, class),
                           1, &dice);
    }
}

/* Those who take no step go on at once. Returns the classes of those who stay. */
static uint64_t pass_through(struct passage *at, struct cohort row[], uint64_t all)
{
    struct replication *self = at->self;
    struct cohort *passing = self->flows.scratch;
    uint64_t through = 0, staying = all;
    bool cleared = false;
    for (uint64_t bits = all; bits; bits &= bits - 1) {
        uint32_t class = (uint32_t)__builtin_ctzll(bits);
        const struct discrete *steps = flows_durations(self, at->index, class);
        struct dice dice;
        if (steps && !(steps->probability[0] > 0)) continue;
        if (!cleared) memset(passing, 0, self->network->class_count * sizeof *passing);
        cleared = true;
        flows_dice(self, at->index, at->first + class, PURPOSE_DURATION + 128, &dice);
        passing[class] = cohort_thin(&row[class], &dice, steps ? steps->probability[0] : 1);
        if (!(row[class].people > 0)) staying &= ~((uint64_t)1 << class);
        if (passing[class].people > 0) through |= (uint64_t)1 << class;
    }
    cohorts_follow(self, at->station->sojourn.route, at->group, passing, through);
    return staying;
}

static void let_row_in(struct passage *at, struct cohort row[], uint64_t all)
{
    uint64_t staying = pass_through(at, row, all);
    if (staying) stay_on(at, row, staying);
}

/* With draws where no hazard comes between: all are spread together, and those who take no step are found in
 * the slot of this one. */
static void draw_row_in(struct passage *at, struct cohort row[], uint64_t all)
{
    struct replication *self = at->self;
    struct cohort *passing = cohort_ring_row(at->ring, at->group, 0);
    people_t *people = cohort_ring_people(at->ring, at->group);
    uint64_t through = 0;
    spread_row(at, row, all, 0);
    for (uint64_t bits = all; bits; bits &= bits - 1) {
        uint32_t class = (uint32_t)__builtin_ctzll(bits);
        row[class].people -= passing[class].people;
        people[class] -= passing[class].people;
        through |= (uint64_t)(passing[class].people > 0) << class;
        capacity_take_many(self, at->station->sojourn.capacity, row[class].people);
    }
    cohorts_present(self, at->index, row, all, 1);
    if (!through) return;
    struct span span = span_of(through);
    cohorts_follow(self, at->station->sojourn.route, at->group, passing, through);
    memset(passing + span.first, 0, span.count * sizeof *passing);
}

/* In expectation, for classes that share a table: `share` of a row stays on. */
static void stay_on_alike(struct passage *at, struct cohort row[], uint64_t bits, double share)
{
    struct replication *self = at->self;
    const uint32_t capacity = at->station->sojourn.capacity;
    const struct span span = span_of(bits);
    people_t all[NETWORK_MAX_CLASSES], *people = all + span.first;
    if (at->hazards) {
        numbers_scale(&row[span.first].people, span.count * COHORT_NUMBERS, share);
        share = 1;
        passage_strike_coming(at, row, bits);
    }
    numbers_take_column(people, &row[span.first].people, 0, span.count);
    numbers_scale(people, span.count, share);
    cohorts_present_counted(self, at->index, all, bits, 1);
    if (capacity != NETWORK_NONE) capacity_take_many(self, capacity, numbers_sum(people, span.count));
    const struct ring_comers comers = {span.first, span.count, row + span.first, share, people};
    cohort_ring_spread_expected(at->ring, at->group, &comers, flows_durations(self, at->index, 0), 1);
}

static void let_all_in(struct passage *at, struct cohort row[], uint64_t all)
{
    const struct discrete *steps = flows_durations(at->self, at->index, 0);
    double share = steps ? steps->probability[0] : 1;
    if (share > 0)
        cohorts_send(at->self, at->station->sojourn.route, at->group, row, all,
                     (struct flows_share){.all = share});
    if (share < 1) stay_on_alike(at, row, all, 1 - share);
}

/* The row of a group that has come, and its classes; false when nobody of it is there. */
static bool row_of_group(const struct passage *at, struct cohort **row, uint64_t *bits)
{
    *row = &flows_inflow(at->self, at->index)[at->first];
    *bits = at->self->flows.filled[at->index * at->self->flows.groups + at->group];
    if (*bits && at->station->sojourn.capacity != NETWORK_NONE) *bits = cohorts_bits(at->self, *row);
    return *bits != 0;
}

static void let_in(struct passage *at, struct cohort row[], uint64_t bits)
{
    const bool expected = at->self->expected;
    if (!expected && flows_together(at->self, at->first))
        passage_let_batch_in(at, row, bits);
    else if (expected && value_is_one(at->self, at->station->sojourn.duration.mean_days))
        let_all_in(at, row, bits);
    else if (!expected && at->room_is_short)
        stay_on(at, row, bits);
    else if (!expected && !at->hazards)
        draw_row_in(at, row, bits);
    else
        let_row_in(at, row, bits);
}

/* Of the classes `bits` those whose stay takes no time at all. */
static uint64_t without_time(const struct passage *at, uint64_t bits)
{
    uint64_t none = 0;
    for (; bits; bits &= bits - 1)
        if (!flows_durations(at->self, at->index, (uint32_t)__builtin_ctzll(bits))) none |= bits & -bits;
    return none;
}

/* Hard room. With draws those who take no step go first, so that no more stay on than there is room for; a
 * batch that keeps together has yet to draw how long it takes. */
static void keep_to_room(struct passage *at)
{
    const uint32_t classes = (uint32_t)at->self->network->class_count;
    struct cohort *row;
    uint64_t bits;
    passage_keep_out(at);
    if (at->self->expected) return;
    for (at->group = at->first = 0; at->group < at->self->flows.groups; at->group++, at->first += classes)
        if (row_of_group(at, &row, &bits))
            pass_through(at, row, flows_together(at->self, at->first) ? without_time(at, bits) : bits);
    passage_turn_away(at);
}

void sojourn_turn(struct replication *self, const struct station *station)
{
    const uint32_t classes = (uint32_t)self->network->class_count;
    struct passage at;
    struct cohort *row;
    uint64_t bits;
    passage_begin(&at, self, station);
    at.room_is_short = !passage_has_room(&at);
    if (at.room_is_short) keep_to_room(&at);
    for (at.group = at.first = 0; at.group < self->flows.groups; at.group++, at.first += classes)
        if (row_of_group(&at, &row, &bits)) let_in(&at, row, bits);
}
