/* The daily draw of slots among cohorts: of each office, a share for those who registered first, the rest by
 * lot. */
#include "sim/kinds/ballot.h"

#include <string.h>

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

static struct ballot_draw *draws(const struct replication *self, const struct station *station)
{
    return (struct ballot_draw *)(void *)((char *)ballot_appointments(self, station) +
                                          ballot_ring_memory(self, station));
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

size_t ballot_draw_memory(const struct replication *self, const struct station *station)
{
    size_t members = 0;
    if (!is_first(self, station)) return 0;
    for (size_t s = 0; s < self->network->station_count; s++)
        members += is_of(&self->network->station[s], station->ballot.ballot);
    return sizeof(struct ballot_draw) + (members * BALLOT_LINES + 1) * LINE_ROWS * sizeof(struct ballot_row) +
           members * self->network->class_count * sizeof(struct cohort);
}

/* The rows of one line in order of their dates; the line is nearly so. Returns how many. */
static uint32_t list_rows(const struct replication *self, struct ballot_row row, struct ballot_row list[])
{
    const struct cohort_line *line = ballot_waiting_line(self, row.station, row.line);
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
        row.part = (struct cohort_line_part){.first = ballot_asked_before(member, draw->office) * classes,
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
    struct cohort_line *line = ballot_waiting_line(self, from->station, from->line);
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
    struct ballot_list *list = &self->list[ballot_first_list(self, station->ballot.ballot) + draw->office];
    people_t slots = ballot_slots_today(self, ballot, list, office),
             registered = gather_rows(self, station, draw);
    people_t oldest = ballot_slots_for_oldest(self, ballot, list, slots);
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

void ballot_draw_cohorts(struct replication *self, const struct station *station)
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
