/* The daily draw of slots among cohorts: of each office, a share for those who registered first, the rest by
 * lot. */
#include "sim/kinds/ballot.h"

#include <string.h>

/* A row of one station's line, as an office's draw sees it. */
struct ballot_row {
    uint32_t list, row; /* member x line; row of it */
    double date;        /* step of registration, on average */
    people_t people;
};

/* A line of one station, as an office's draw sees it. */
struct ballot_member {
    uint32_t station, line;
    bool takes_part;
    struct cohort_line_part part; /* the office's columns */
    struct line_leaving winners;
    people_t people;
};

/* What the first station of a ballot keeps for the draws of all. */
struct ballot_draw {
    struct replication *self;
    struct dice dice;
    uint32_t office, count;
    uint32_t members; /* lines of all stations */
    struct ballot_member *member;
    struct cohort *won;          /* by class, of one station */
    struct ballot_row *one_line; /* room for the rows of a line */
    struct ballot_row row[];     /* oldest first */
};

static struct ballot_draw *draws(const struct replication *self, const struct station *station)
{
    return (struct ballot_draw *)(void *)((char *)ballot_appointments(self, station) +
                                          ballot_ring_memory(self, station));
}

static bool is_of(const struct station *station, uint32_t ballot)
{
    return station->kind == KIND_BALLOT && station->ballot.ballot == ballot;
}

/* The first station of each ballot holds the draw for all. */
static bool is_first(const struct replication *self, const struct station *station)
{
    for (const struct station *s = self->network->station; s < station; s++)
        if (is_of(s, station->ballot.ballot)) return false;
    return true;
}

static size_t count_members(const struct replication *self, uint32_t ballot)
{
    size_t lines = 0;
    for (size_t s = 0; s < self->network->station_count; s++)
        if (is_of(&self->network->station[s], ballot)) lines += BALLOT_LINES;
    return lines;
}

size_t ballot_draw_memory(const struct replication *self, const struct station *station)
{
    if (!is_first(self, station)) return 0;
    size_t members = count_members(self, station->ballot.ballot), classes = self->network->class_count;
    return sizeof(struct ballot_draw) + (members + 1) * LINE_ROWS * sizeof(struct ballot_row) +
           members * sizeof(struct ballot_member) + classes * sizeof(struct cohort) +
           members * 2 * classes * sizeof(double);
}

/* Finds the parts of the memory; no pointer outlives the day. */
static struct ballot_draw *begin_draw(struct replication *self, const struct station *station)
{
    struct ballot_draw *draw = draws(self, station);
    const struct network *n = self->network;
    size_t members = count_members(self, station->ballot.ballot), classes = n->class_count;
    draw->self = self;
    draw->one_line = draw->row + members * LINE_ROWS;
    draw->member = (struct ballot_member *)(void *)(draw->one_line + LINE_ROWS);
    draw->won = (struct cohort *)(void *)(draw->member + members);
    double *next = (double *)(void *)(draw->won + classes);
    draw->members = 0;
    for (uint32_t s = 0; s < n->station_count; s++)
        for (uint32_t line = 0; is_of(&n->station[s], station->ballot.ballot) && line < BALLOT_LINES;
             line++) {
            draw->member[draw->members++] = (struct ballot_member){
                .station = s, .line = line, .winners = {.people = next, .dates = next + classes}};
            next += 2 * classes;
        }
    return draw;
}

static struct cohort_line *line_of(const struct ballot_draw *draw, const struct ballot_member *member)
{
    return ballot_waiting_line(draw->self, member->station, member->line);
}

/* ---- who is registered ---- */

/* The stations inside the fence whose people may ask this office. Returns how many people that are. */
static people_t find_members(struct ballot_draw *draw)
{
    const struct replication *self = draw->self;
    const uint32_t classes = (uint32_t)self->network->class_count;
    people_t registered = 0;
    for (struct ballot_member *m = draw->member; m < draw->member + draw->members; m++) {
        const struct station *station = &self->network->station[m->station];
        m->people = 0;
        m->takes_part = value_given(station->ballot.preference[draw->office]) &&
                        value_of(self, station->ballot.inside_fence, 0) > 0;
        if (!m->takes_part) continue;
        m->part = (struct cohort_line_part){.first = ballot_asked_before(station, draw->office) * classes,
                                            .columns = classes};
        registered += m->people = cohort_line_count_all(line_of(draw, m), m->part);
    }
    return registered;
}

/* The rows of one line in order of their dates; the line is nearly so. Returns how many. */
static uint32_t list_rows(const struct ballot_draw *draw, uint32_t member, struct ballot_row list[])
{
    const struct cohort_line *line = line_of(draw, &draw->member[member]);
    uint32_t count = 0;
    for (uint32_t r = 0; r < line->rows; r++) {
        struct ballot_row row = {.list = member, .row = r, .date = line->row[r].dated};
        row.people = cohort_line_count(line, r, draw->member[member].part);
        if (!(row.people > 0)) continue;
        uint32_t place = count++;
        for (; place > 0 && list[place - 1].date > row.date; place--) list[place] = list[place - 1];
        list[place] = row;
    }
    return count;
}

/* Merges the rows of one line into those of the draw, from the back; of one date, those of the draw come
 * first. */
static void add_rows(struct ballot_draw *draw, uint32_t member)
{
    struct ballot_row *list = draw->one_line;
    uint32_t new = list_rows(draw, member, list), old = draw->count, place = draw->count += new;
    while (new > 0)
        draw->row[--place] =
            old > 0 && draw->row[old - 1].date > list[new - 1].date ? draw->row[--old] : list[--new];
}

/* All rows; those that registered first before others. */
static void gather_rows(struct ballot_draw *draw)
{
    draw->count = 0;
    for (uint32_t m = 0; m < draw->members; m++)
        if (draw->member[m].people > 0) add_rows(draw, m);
}

/* ---- who wins ---- */

/* `count` of the people in these rows, of one date, win by lot. */
static void win_among_rows(struct ballot_draw *draw, struct ballot_row rows[], uint32_t row_count,
                           people_t count)
{
    people_t among = 0;
    for (uint32_t r = 0; r < row_count; r++) among += rows[r].people;
    for (struct ballot_row *row = rows; row < rows + row_count && count > 0; row++) {
        struct ballot_member *member = &draw->member[row->list];
        struct cohort_line *line = line_of(draw, member);
        people_t part = dice_hypergeometric(&draw->dice, row->people, among - row->people, count);
        among -= row->people;
        count -= part;
        if (!(part > 0)) continue;
        cohort_line_take(line, row->row, member->part, &draw->dice, part, row->people, member->winners);
        member->people -= part;
    }
}

/* Rows of the same time share what does not suffice for all of them. */
static void win_oldest(struct ballot_draw *draw, people_t count)
{
    if (!(count > 0)) return;
    gather_rows(draw);
    for (uint32_t r = 0, next; r < draw->count && count > 0; r = next) {
        people_t people = 0;
        for (next = r; next < draw->count && draw->row[next].date == draw->row[r].date; next++)
            people += draw->row[next].people;
        win_among_rows(draw, &draw->row[r], next - r, count < people ? count : people);
        count -= people;
    }
}

/* `count` of the `among` registered win by lot. */
static void win_lots(struct ballot_draw *draw, people_t count, people_t among)
{
    for (struct ballot_member *m = draw->member; m < draw->member + draw->members && count > 0; m++) {
        people_t part = dice_hypergeometric(&draw->dice, m->people, among - m->people, count);
        among -= m->people;
        count -= part;
        if (part > 0)
            cohort_line_take_lots(line_of(draw, m), m->part, &draw->dice, part, m->people, m->winners);
    }
}

/* ---- what becomes of the winners ---- */

/* Gives the winners of one station their appointments. */
static void spread_appointments(struct replication *self, struct ballot_draw *draw,
                                const struct station *station, struct cohort won[])
{
    uint32_t index = (uint32_t)(station - self->network->station),
             plane = ballot_asked_before(station, draw->office);
    uint32_t classes = (uint32_t)self->network->class_count;
    const struct ballot *ballot = &self->network->ballot[station->ballot.ballot];
    struct cohort_ring *ring = ballot_appointments(self, station);
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

/* Counts the winners of one line. Waits are counted from the day of registration. */
static void appoint(struct ballot_draw *draw, const struct ballot_member *member)
{
    struct replication *self = draw->self;
    uint32_t index = member->station;
    double now = ballot_steps(self, 1, self->state->day);
    people_t sum =
        cohort_line_settle(line_of(draw, member), member->part, &draw->dice, member->winners, draw->won);
    if (!(sum > 0)) return;
    for (uint32_t class = 0; class < self->network->class_count; class ++) {
        struct cohort *cohort = &draw->won[class];
        if (!(cohort->people > 0)) continue;
        double waited = fmax(0, cohort->people * now - cohort->listed_days);
        waits_counted(self, index, class, cohort->people, llrint(waited * (double)self->flows.step_ticks));
        cohort->listed = cohort->listed_days = 0;
    }
    self->station[index].waiting -= sum;
    spread_appointments(self, draw, &self->network->station[index], draw->won);
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
    double steps = (double)self->flows.state->step - row->dated;
    waits_binned(self, winning->station, count, steps * self->flows.step_days);
}

static void draw_office(struct ballot_draw *draw, const struct ballot *ballot, struct ballot_list *list)
{
    struct replication *self = draw->self;
    people_t slots = ballot_slots_today(self, ballot, list, &ballot->office[draw->office]),
             registered = find_members(draw);
    people_t oldest = ballot_slots_for_oldest(self, ballot, list, slots);
    if (!(registered > 0) || !(slots > 0)) return;
    oldest = fmin(oldest, registered);
    slots = fmin(slots, registered);
    win_oldest(draw, oldest);
    win_lots(draw, slots - oldest, registered - oldest);
    for (const struct ballot_member *m = draw->member; m < draw->member + draw->members; m++)
        if (m->takes_part) appoint(draw, m);
}

void ballot_draw_cohorts(struct replication *self, const struct station *station)
{
    uint32_t index = (uint32_t)(station - self->network->station), number = station->ballot.ballot;
    if (!is_first(self, station)) return;
    const struct ballot *ballot = &self->network->ballot[number];
    struct ballot_draw *draw = begin_draw(self, station);
    flows_dice(self, index, NETWORK_NONE, PURPOSE_LOT, &draw->dice);
    for (draw->office = 0; draw->office < ballot->office_count; draw->office++)
        draw_office(draw, ballot, &self->list[ballot_first_list(self, number) + draw->office]);
    for (const struct ballot_member *m = draw->member; m < draw->member + draw->members; m++)
        cohort_line_each_taken(line_of(draw, m), count_waits, &(struct winning){self, m->station});
}
