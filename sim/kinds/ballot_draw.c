/* The daily draw of slots among cohorts: of each office, a share for those who registered first, the rest by
 * lot. */
#include "sim/kinds/ballot.h"
#include "sim/numbers.h"

#include <string.h>

#define ROUNDING 1e-6 /* steps: more than the error of a mean date */

/* A line of one station. */
struct ballot_member {
    uint32_t station;
    struct cohort_line *line;
    bool inside;                  /* the fence */
    struct cohort_line_part part; /* the office's columns */
    uint32_t planes;              /* offices that the station's people may ask, before this one */
    struct line_leaving winners;
    people_t people;
    struct line_span span;       /* dates of the oldest registrations still to be looked at; INFINITY: none */
    people_t dated;              /* how many these are */
    people_t taking;             /* of their row, so far, */
    double taking_dates;         /* and the sum of their dates */
    uint32_t next;               /* their row's place in `by_date` */
    uint16_t by_date[LINE_ROWS]; /* rows; those that registered first before others */
};

/* What the first station of a ballot keeps for the draws of all. */
struct ballot_draw {
    struct replication *self;
    struct dice dice;
    uint32_t office, members;       /* members: lines with people */
    uint32_t entrants;              /* members whose people may ask this office */
    struct ballot_member **entrant; /* station by station */
    people_t *part;                 /* of each entrant: in a stretch of dates */
    struct cohort *won;             /* by class, of one station; */
    double *won_dates;              /* and the sum of their dates */
    struct ballot_member member[];
};

static struct ballot_draw *draws(const struct replication *self, const struct station *station)
{
    uint32_t index = (uint32_t)(station - self->network->station);
    char *area = flows_area(self, index);
    return (struct ballot_draw *)(void *)(area + ballot_parts(self, index)->draw);
}

static size_t count_members(const struct replication *self, uint32_t ballot)
{
    uint32_t count;
    const uint32_t *station = flows_of_kind(&self->flows, KIND_BALLOT, &count);
    size_t lines = 0;
    for (uint32_t i = 0; i < count; i++)
        if (self->network->station[station[i]].ballot.ballot == ballot) lines += BALLOT_LINES;
    return lines;
}

size_t ballot_draw_memory(const struct replication *self, const struct station *station)
{
    size_t members = count_members(self, station->ballot.ballot), classes = self->network->class_count;
    return sizeof(struct ballot_draw) + members * sizeof(struct ballot_member) +
           classes * (sizeof(struct cohort) + sizeof(double)) + members * 2 * classes * sizeof(double) +
           members * (sizeof(struct ballot_member *) + sizeof(people_t));
}

/* The lines of one station that somebody is in. Returns where the numbers of the next one are. */
static double *add_members(struct ballot_draw *draw, uint32_t station, double *numbers)
{
    const struct replication *self = draw->self;
    const size_t classes = self->network->class_count;
    for (uint32_t number = 0; number < BALLOT_LINES; number++, numbers += 2 * classes) {
        struct cohort_line *line = ballot_waiting_line(self, station, number);
        if (line->rows == 0) continue;
        struct ballot_member *member = &draw->member[draw->members++];
        member->station = station;
        member->line = line;
        member->planes = 0;
        member->inside = value_of(self, self->network->station[station].ballot.inside_fence, 0) > 0;
        member->winners =
            (struct line_leaving){.people = numbers, .dates = numbers + classes, .unlisted = true};
    }
    return numbers;
}

/* Finds the parts of the memory; no pointer outlives the day. */
static struct ballot_draw *begin_draw(struct replication *self, const struct station *station)
{
    struct ballot_draw *draw = draws(self, station);
    const struct network *n = self->network;
    draw->self = self;
    draw->members = 0;
    draw->won = (struct cohort *)(void *)(draw->member + count_members(self, station->ballot.ballot));
    draw->won_dates = (double *)(void *)(draw->won + n->class_count);
    double *next = draw->won_dates + n->class_count;
    uint32_t stations;
    const uint32_t *of_kind = flows_of_kind(&self->flows, KIND_BALLOT, &stations);
    for (uint32_t i = 0; i < stations; i++)
        if (n->station[of_kind[i]].ballot.ballot == station->ballot.ballot)
            next = add_members(draw, of_kind[i], next);
    draw->part = next;
    draw->entrant = (struct ballot_member **)(void *)(next + count_members(self, station->ballot.ballot));
    return draw;
}

/* ---- who is registered ---- */

/* Puts the rows of each line in order of their dates; most are so already. */
static void order_rows(struct ballot_draw *draw)
{
    for (struct ballot_member *m = draw->member; m < draw->member + draw->members; m++) {
        const struct cohort_line *line = m->line;
        for (uint16_t r = 0; r < line->rows && m->inside; r++) {
            uint32_t place = r;
            for (; place > 0 && line->row[m->by_date[place - 1]].dated > line->row[r].dated; place--)
                m->by_date[place] = m->by_date[place - 1];
            m->by_date[place] = r;
        }
    }
}

/* The lines with people who ask this office. Returns how many people that are. */
static people_t find_entrants(struct ballot_draw *draw)
{
    const struct replication *self = draw->self;
    const uint32_t classes = (uint32_t)self->network->class_count;
    people_t registered = 0;
    draw->entrants = 0;
    for (struct ballot_member *m = draw->member; m < draw->member + draw->members; m++) {
        if (!value_given(self->network->station[m->station].ballot.preference[draw->office])) continue;
        m->part = (struct cohort_line_part){.first = m->planes++ * classes, .columns = classes};
        m->people = m->inside ? cohort_line_count_all(m->line, m->part) : 0;
        registered += m->people;
        if (m->people > 0) draw->entrant[draw->entrants++] = m;
    }
    return registered;
}

/* ---- who wins ---- */

/* In expectation the means of equal dates differ by rounding. */
static bool is_same_date(double date, double earliest)
{
    return date - earliest < ROUNDING;
}

static bool is_one_date(struct line_span span)
{
    return is_same_date(span.last, span.first);
}

/* Looks for the oldest registrations from the row `next` on. */
static void find_oldest(struct ballot_member *member)
{
    const struct cohort_line *line = member->line;
    member->taking = member->taking_dates = 0;
    for (; member->next < line->rows; member->next++) {
        uint32_t row = member->by_date[member->next];
        member->span = cohort_line_span(line, row, member->part.first / member->part.columns);
        member->dated = cohort_line_count(line, row, member->part);
        if (member->dated > 0) return;
    }
    member->span = (struct line_span){INFINITY, INFINITY};
}

/* Those of the row that win leave it. */
static void take(struct ballot_draw *draw, struct ballot_member *m)
{
    if (!(m->taking > 0)) return;
    cohort_line_take_first(m->line, m->by_date[m->next], m->part, &draw->dice, m->taking,
                           m->dated + m->taking, m->taking_dates / m->taking, m->span.first, m->winners);
    m->people -= m->taking;
}

/* The oldest registrations, all of one date or from `first` to `last`. */
struct oldest {
    double first, last;
    bool is_one_date;
};

/* Rows of one date come before others that begin on it. Rows of several dates are looked at together, up to
 * where one of them ends or another begins. */
static struct oldest find_stretch(const struct ballot_draw *draw)
{
    struct oldest oldest = {.first = INFINITY, .last = INFINITY};
    for (uint32_t i = 0; i < draw->entrants; i++)
        if (draw->entrant[i]->span.first < oldest.first) oldest.first = draw->entrant[i]->span.first;
    for (uint32_t i = 0; i < draw->entrants; i++) {
        const struct line_span span = draw->entrant[i]->span;
        bool begins = is_same_date(span.first, oldest.first);
        double next = begins ? span.last : span.first;
        if (begins && is_one_date(span))
            oldest.is_one_date = true;
        else if (next < oldest.last)
            oldest.last = next;
    }
    return oldest;
}

static bool is_in(const struct ballot_member *m, const struct oldest *oldest)
{
    return is_same_date(m->span.first, oldest->first) && is_one_date(m->span) == oldest->is_one_date;
}

/* How many of each line there are in a stretch. Returns their sum. */
static people_t count_stretch(struct ballot_draw *draw, const struct oldest *oldest)
{
    people_t sum = 0, *part = draw->part;
    for (uint32_t i = 0; i < draw->entrants; i++) {
        const struct ballot_member *m = draw->entrant[i];
        part[i] = 0;
        if (!is_in(m, oldest)) continue;
        double share = oldest->is_one_date || is_same_date(m->span.last, oldest->last)
                           ? 1
                           : (oldest->last - m->span.first) / (m->span.last - m->span.first);
        part[i] = dice_binomial(&draw->dice, m->dated, share);
        sum += part[i];
    }
    return sum;
}

/* `count` of the `among` people of a stretch win: all, or by lot those who registered in its first part. */
static void win_stretch(struct ballot_draw *draw, const struct oldest *oldest, people_t count, people_t among)
{
    const people_t *part = draw->part;
    const bool all = count >= among;
    double end = oldest->first;
    if (!oldest->is_one_date) end = all ? oldest->last : end + (oldest->last - end) * (count / among);
    for (uint32_t i = 0; i < draw->entrants; i++) {
        struct ballot_member *m = draw->entrant[i];
        if (!is_in(m, oldest)) continue;
        people_t won = all ? part[i] : dice_hypergeometric(&draw->dice, part[i], among - part[i], count);
        among -= all ? 0 : part[i];
        count -= all ? 0 : won;
        m->taking += won;
        m->taking_dates += won * (oldest->is_one_date ? m->span.first : (m->span.first + end) / 2);
        m->dated -= won;
        if (!oldest->is_one_date) m->span.first = end;
        if (!(m->dated > 0) || (all && is_same_date(m->span.last, end))) {
            take(draw, m);
            m->next++;
            find_oldest(m);
        }
    }
}

/* Stretch after stretch; those of the last one share what does not suffice for all of them. */
static void win_oldest(struct ballot_draw *draw, people_t count)
{
    if (!(count > 0)) return;
    for (uint32_t i = 0; i < draw->entrants; i++) {
        draw->entrant[i]->next = 0;
        find_oldest(draw->entrant[i]);
    }
    while (count > 0) {
        const struct oldest oldest = find_stretch(draw);
        if (isinf(oldest.first)) break;
        people_t among = count_stretch(draw, &oldest), won = fmin(count, among);
        win_stretch(draw, &oldest, won, among);
        count -= won;
    }
    for (uint32_t i = 0; i < draw->entrants; i++) take(draw, draw->entrant[i]);
}

/* `count` of the `among` registered win by lot. */
static void win_lots(struct ballot_draw *draw, people_t count, people_t among)
{
    for (uint32_t i = 0; i < draw->entrants && count > 0; i++) {
        struct ballot_member *m = draw->entrant[i];
        people_t part = dice_hypergeometric(&draw->dice, m->people, among - m->people, count);
        among -= m->people;
        count -= part;
        if (part > 0) cohort_line_take_lots(m->line, m->part, &draw->dice, part, m->people, m->winners);
    }
}

/* ---- what becomes of the winners ---- */

/* Gives the winners of one station their appointments. */
static void spread_appointments(struct ballot_draw *draw, const struct ballot_member *member,
                                struct cohort won[])
{
    struct replication *self = draw->self;
    const struct station *station = &self->network->station[member->station];
    const struct duration *lead = &self->network->ballot[station->ballot.ballot].lead;
    uint32_t classes = (uint32_t)self->network->class_count, plane = member->planes - 1;
    struct cohort_ring *ring = ballot_appointments(self, station);
    const struct discrete *steps = flows_durations(self, member->station, 0);
    if (self->expected && lead->mean_days.mask == 0 && steps) {
        people_t people[NETWORK_MAX_CLASSES];
        numbers_take_column(people, &won->people, 0, classes);
        cohort_ring_spread_expected(ring, plane, &(struct ring_comers){0, classes, won, 1, people}, steps, 0);
        return;
    }
    for (uint32_t class = 0; class < classes; class ++) {
        if (!(won[class].people > 0)) continue;
        steps = flows_durations(self, member->station, class);
        if (steps)
            cohort_ring_spread(ring, plane, class, &won[class], steps, 0, &draw->dice);
        else
            cohort_ring_put(ring, plane, class, &won[class], 0);
    }
}

/* Counts the waits of a station's winners, from the day of registration. They are not listed any more. */
static void count_won(const struct ballot_draw *draw, uint32_t station)
{
    struct replication *self = draw->self;
    const double now = ballot_today(self), ticks = (double)self->flows.step_ticks;
    people_t people[NETWORK_MAX_CLASSES];
    for (uint64_t some = cohorts_count(self, draw->won, people); some; some &= some - 1) {
        uint32_t class = (uint32_t)__builtin_ctzll(some);
        double steps = people[class] * now - draw->won_dates[class];
        waits_counted(self, station, class, people[class], steps > 0 ? llrint(steps * ticks) : 0);
        draw->won[class].listed = 0;
    }
}

/* Gives the winners of one station, that of the entrant `first`, their appointments. Returns the first
 * entrant of the next station. */
static uint32_t appoint(struct ballot_draw *draw, uint32_t first)
{
    struct replication *self = draw->self;
    const uint32_t classes = (uint32_t)self->network->class_count;
    const struct ballot_member *member = draw->entrant[first];
    struct cohort *won = draw->won;
    people_t sum = 0;
    uint32_t next = first;
    memset(won, 0, classes * sizeof *won);
    memset(draw->won_dates, 0, classes * sizeof *draw->won_dates);
    for (; next < draw->entrants && draw->entrant[next]->station == member->station; next++) {
        struct ballot_member *m = draw->entrant[next];
        numbers_add(draw->won_dates, m->winners.dates, classes);
        sum += cohort_line_settle(m->line, m->part, &draw->dice, m->winners, won, classes);
    }
    if (!(sum > 0)) return next;
    count_won(draw, member->station);
    self->station[member->station].waiting -= sum;
    spread_appointments(draw, member, won);
    return next;
}

/* Counts the lengths of the waits that the draw has ended at one station. */
struct winning {
    struct replication *self;
    uint32_t station;
};
static void count_waits(void *context, const struct line_row *row, people_t count)
{
    const struct winning *winning = context;
    struct replication *self = winning->self;
    double steps = (double)self->flows.state->step - row->dated + ROUNDING;
    waits_binned(self, winning->station, count, steps * self->flows.step_days);
}

static void draw_office(struct ballot_draw *draw, const struct ballot *ballot, struct ballot_list *list)
{
    struct replication *self = draw->self;
    people_t slots = ballot_slots_today(self, ballot, list, &ballot->office[draw->office]),
             registered = find_entrants(draw);
    people_t oldest = ballot_slots_for_oldest(self, ballot, list, slots);
    if (!(registered > 0) || !(slots > 0)) return;
    oldest = fmin(oldest, registered);
    slots = fmin(slots, registered);
    win_oldest(draw, oldest);
    win_lots(draw, slots - oldest, registered - oldest);
    for (uint32_t i = 0; i < draw->entrants;) i = appoint(draw, i);
}

void ballot_draw_cohorts(struct replication *self, const struct station *station)
{
    uint32_t index = (uint32_t)(station - self->network->station), number = station->ballot.ballot;
    if (!ballot_parts(self, index)->holds_draws) return;
    const struct ballot *ballot = &self->network->ballot[number];
    struct ballot_draw *draw = begin_draw(self, station);
    flows_dice(self, index, NETWORK_NONE, PURPOSE_LOT, &draw->dice);
    if (value_of(self, ballot->oldest_share, 0) > 0) order_rows(draw);
    for (draw->office = 0; draw->office < ballot->office_count; draw->office++)
        draw_office(draw, ballot, &self->list[ballot_first_list(self, number) + draw->office]);
    for (const struct ballot_member *m = draw->member; m < draw->member + draw->members; m++)
        cohort_line_each_taken(m->line, count_waits, &(struct winning){self, m->station});
}
