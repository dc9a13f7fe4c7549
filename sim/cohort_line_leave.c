/* How people leave a line. */
#include "sim/cohort_line_arrays.h"
#include "sim/numbers.h"
#include "sim/widths.h"

#include <math.h>
#include <string.h>

static bool is_wanted(struct cohort_line_part part, uint32_t column)
{
    return !part.level || part.level[column] == part.want;
}

people_t cohort_line_count(const struct cohort_line *self, uint32_t row, struct cohort_line_part part)
{
    people_t sum = 0;
    if (!part.level) {
        if (part.columns == self->columns) return self->row[row].people;
        for (uint32_t b = 0; b < part.columns / self->classes; b++)
            sum += line_block_people(self, part.first / self->classes + b)[row];
        return sum;
    }
    for (uint32_t c = 0; c < part.columns; c++)
        if (is_wanted(part, c))
            sum += line_people(self, row)[part.first + c] *
                   line_factor(self, (part.first + c) / self->classes)[row];
    return sum;
}

people_t cohort_line_count_all(const struct cohort_line *self, struct cohort_line_part part)
{
    people_t sum = 0;
    for (uint32_t b = 0; !part.level && b < part.columns / self->classes; b++)
        sum += line_block_sums(self)[part.first / self->classes + b];
    for (uint32_t row = 0; part.level && row < self->rows; row++) sum += cohort_line_count(self, row, part);
    return sum;
}

void line_book(struct cohort_line *self, uint32_t row, uint32_t block, people_t count)
{
    line_block_people(self, block)[row] -= count;
    line_block_sums(self)[block] -= count;
    self->row[row].people -= count;
    self->people -= count;
}

double line_date_of_column(const struct cohort_line *self, uint32_t column)
{
    people_t people = line_total(self)[column].people;
    return people > 0 ? line_total_dates(self)[column] / people : 0;
}

void line_leave_cell(struct cohort_line *self, uint32_t row, uint32_t column, people_t count,
                     struct line_leaving leaving, uint32_t to)
{
    uint32_t block = column / self->classes;
    line_people(self, row)[column] -= count / line_factor(self, block)[row];
    leaving.people[to] += count;
    bool by_column = leaving.from_all && self->dates == LINE_DATES_OF_COLUMN;
    const double dated = self->row[row].dated;
    leaving.dates[to] += count * (by_column ? line_date_of_column(self, column) : dated);
    if (line_wants_squares(self, leaving)) leaving.squares[to] += count * dated * dated;
    line_book(self, row, block, count);
}

/* After a share of a block has left. */
static void trim_block(struct cohort_line *self, uint32_t row, uint32_t block)
{
    double *factor = &line_factor(self, block)[row];
    if (*factor >= LINE_SMALLEST_FACTOR) return;
    if (*factor > 0) {
        line_multiply_out(self, row, block);
        return;
    }
    line_block_people(self, block)[row] = 0;
    *factor = 1;
    memset(line_people(self, row) + block * self->classes, 0, self->classes * sizeof(people_t));
}

/* Of a block: the share of each row leaves. `weight`: of what stands in the columns; `gone`: the people.
 * Returns whether a factor may be too small now. */
FOR_EACH_WIDTH
static bool leave_rows(people_t *restrict people, double *restrict factor, const double *restrict share,
                       uint32_t rows, double *restrict weight, people_t *restrict gone)
{
    int64_t small = 0;
    for (uint32_t r = 0; r < rows; r++) {
        gone[r] = people[r] * share[r];
        weight[r] = factor[r] * share[r];
        people[r] -= gone[r];
        factor[r] *= 1 - share[r];
        small += factor[r] < LINE_SMALLEST_FACTOR;
    }
    return small > 0;
}

static void leave_block(struct cohort_line *self, uint32_t block, struct line_sharing *at,
                        struct line_leaving leaving, uint32_t to)
{
    double weight[LINE_ROWS], dated[LINE_ROWS];
    people_t gone[LINE_ROWS], sum = 0;
    uint32_t count = self->end_class - self->first_class;
    const uint32_t *place = self->place + at->first;
    const double *people = line_all_people(self) + block * self->classes + self->first_class;
    bool small = leave_rows(line_block_people(self, block) + at->first, line_factor(self, block) + at->first,
                            at->share, at->rows, weight, gone);
    for (uint32_t r = 0; r < at->rows; r++) {
        dated[r] = weight[r] * at->date[r];
        at->left[r] += gone[r];
        sum += gone[r];
    }
    line_block_sums(self)[block] -= sum;
    to += self->first_class;
    if (leaving.from_all && self->dates == LINE_DATES_OF_COLUMN)
        numbers_add_rows(leaving.people + to, count, people, self->columns, place, weight, at->rows);
    else
        numbers_add_rows_twice(leaving.people + to, leaving.dates + to, count, people, self->columns, place,
                               weight, dated, at->rows);
    if (line_wants_squares(self, leaving)) {
        for (uint32_t r = 0; r < at->rows; r++) dated[r] *= at->date[r];
        numbers_add_rows(leaving.squares + to, count, people, self->columns, place, dated, at->rows);
    }
    for (uint32_t r = 0; small && r < at->rows; r++) trim_block(self, at->first + r, block);
}

void line_leave_part(struct cohort_line *self, struct cohort_line_part part, uint32_t first, uint32_t rows,
                     const double share[], struct line_sharing *at, struct line_leaving leaving)
{
    at->first = first;
    at->rows = rows;
    at->share = share;
    for (uint32_t r = 0; r < at->rows; r++) {
        at->date[r] = self->row[at->first + r].dated;
        at->left[r] = 0;
    }
    for (uint32_t b = 0; b < part.columns / self->classes && self->end_class > self->first_class; b++)
        leave_block(self, part.first / self->classes + b, at, leaving, b * self->classes);
    for (uint32_t r = 0; r < at->rows; r++) {
        self->row[at->first + r].people -= at->left[r];
        self->people -= at->left[r];
    }
}

/* ---- taking ---- */

/* The column of a part that holds the person number `at` of those wanted. */
static uint32_t find_column(const struct cohort_line *self, uint32_t row, struct cohort_line_part part,
                            people_t at)
{
    const people_t *people = line_people(self, row) + part.first;
    uint32_t c = 0;
    if (!part.level)
        for (uint32_t b = part.first / self->classes; at >= line_block_people(self, b)[row]; b++) {
            at -= line_block_people(self, b)[row];
            c += self->classes;
        }
    for (;; c++) {
        if (!is_wanted(part, c)) continue;
        if (at < people[c]) return c;
        at -= people[c];
    }
}

static void take_singly(struct cohort_line *self, uint32_t row, struct cohort_line_part part,
                        struct dice *dice, people_t count, people_t among, struct line_leaving leaving)
{
    for (; count > 0; count--, among--) {
        /* Uniform below `among`: the high word of the product, right to 2^-64. */
        people_t at = (people_t)((unsigned __int128)stream_word(&dice->stream) * (uint64_t)among >> 64);
        uint32_t c = find_column(self, row, part, at);
        line_leave_cell(self, row, part.first + c, 1, leaving, c);
    }
}

static void take_by_column(struct cohort_line *self, uint32_t row, struct cohort_line_part part,
                           struct dice *dice, people_t count, people_t among, struct line_leaving leaving)
{
    double share = among > 0 ? fmin(1, count / among) : 0;
    for (uint32_t c = 0; c < part.columns && count > 0; c++) {
        people_t here =
            line_people(self, row)[part.first + c] * line_factor(self, (part.first + c) / self->classes)[row];
        if (!(here > 0) || !is_wanted(part, c)) continue;
        among -= here;
        people_t chosen = dice->expected ? here * share : dice_hypergeometric(dice, here, among, count);
        if (!(chosen > 0)) continue;
        if (!dice->expected) count -= chosen;
        line_leave_cell(self, row, part.first + c, chosen, leaving, c);
    }
}

static void take_share_of_row(struct cohort_line *self, uint32_t row, struct cohort_line_part part,
                              double share, struct line_leaving leaving)
{
    struct line_sharing at;
    line_leave_part(self, part, row, 1, &share, &at, leaving);
}

void line_take(struct cohort_line *self, uint32_t row, struct cohort_line_part part, struct dice *dice,
               people_t count, people_t among, struct line_leaving leaving)
{
    if (!(count > 0)) return;
    if (dice->expected && !part.level)
        take_share_of_row(self, row, part, fmin(1, count / among), leaving);
    else if (!dice->expected && count <= LINE_SINGLY && count < among)
        take_singly(self, row, part, dice, count, among, leaving);
    else
        take_by_column(self, row, part, dice, count, among, leaving);
}

void cohort_line_take(struct cohort_line *self, uint32_t row, struct cohort_line_part part, struct dice *dice,
                      people_t count, people_t among, struct line_leaving leaving)
{
    line_take(self, row, part, dice, count, among, leaving);
    self->row[row].taken += count;
    self->row[row].taken_dates += count * self->row[row].dated;
}

/* Takes people whose mean date is `date`; the mean of the others follows from it. */
static void take_dated(struct cohort_line *self, uint32_t at, struct cohort_line_part part, struct dice *dice,
                       people_t count, people_t among, double date, struct line_leaving leaving)
{
    struct line_row *row = &self->row[at];
    const double mean = row->dated, last = line_last_date(row), dates = mean * row->people - date * count;
    row->dated = date;
    cohort_line_take(self, at, part, dice, count, among, leaving);
    row->dated = mean;
    if (!line_is_merged(row) || !(row->people > 0)) return;
    /* Traces that rounding leaves have no date of their own. */
    row->dated = fmin(fmax(dates / row->people, 2 * mean - last), last);
    if (self->dates != LINE_DATES_OF_COLUMN)
        row->entered += row->dated - mean; /* they came when they registered */
}

void cohort_line_take_first(struct cohort_line *self, uint32_t at, struct cohort_line_part part,
                            struct dice *dice, people_t count, people_t among, double date, double first,
                            struct line_leaving leaving)
{
    take_dated(self, at, part, dice, count, among, date, leaving);
    line_first_date(self, part.first / self->classes)[at] = first;
}

/* The first `count` of the `among` people of a merged row, of all blocks: the first of their dates is as far
 * from the mean as the last. */
static void take_first_of_row(struct cohort_line *self, uint32_t at, struct cohort_line_part part,
                              struct dice *dice, people_t count, people_t among, struct line_leaving leaving)
{
    const struct line_row *row = &self->row[at];
    const double last = row->last_dated, first = 2 * row->dated - last,
                 end = first + (last - first) * (count / among);
    take_dated(self, at, part, dice, count, among, (first + end) / 2, leaving);
}

void cohort_line_take_oldest(struct cohort_line *self, struct cohort_line_part part, struct dice *dice,
                             people_t count, struct line_leaving leaving)
{
    for (uint32_t row = 0; row < self->rows && count > 0; row++) {
        people_t here = cohort_line_count(self, row, part), chosen = count < here ? count : here;
        if (!(chosen > 0)) continue;
        count -= chosen;
        if (chosen < here && line_is_merged(&self->row[row]))
            take_first_of_row(self, row, part, dice, chosen, here, leaving);
        else
            cohort_line_take(self, row, part, dice, chosen, here, leaving);
    }
}

/* The same share of everyone in a block who has not left yet: the sums by column are enough to know who and
 * since when. */
FOR_EACH_WIDTH
static void share_of_columns(people_t *restrict leaving, double *restrict leaving_dates,
                             const people_t *restrict people, const double *restrict dates, uint32_t count,
                             double share, bool by_column)
{
    for (uint32_t c = 0; c < count; c++) {
        people_t here = people[c] > leaving[c] ? people[c] - leaving[c] : 0;
        double of_here =
            by_column ? here * (dates[c] / (here > 0 ? people[c] : 1)) : dates[c] - leaving_dates[c];
        leaving_dates[c] += here > 0 ? of_here * share : 0;
        leaving[c] += here * share;
    }
}

static void take_share(struct cohort_line *self, struct cohort_line_part part, double share,
                       struct line_leaving leaving)
{
    const bool by_column = self->dates == LINE_DATES_OF_COLUMN;
    const uint32_t count = self->end_class - self->first_class;
    double shares[LINE_ROWS];
    if (self->end_class <= self->first_class) return;
    for (uint32_t row = 0; row < self->rows; row++) shares[row] = share;
    for (uint32_t block = 0; block < part.columns; block += self->classes) {
        people_t people[NETWORK_MAX_CLASSES];
        uint32_t to = block + self->first_class, from = part.first + to;
        numbers_take_column(people, &line_total(self)[from].people, 0, count);
        share_of_columns(leaving.people + to, leaving.dates + to, people, line_total_dates(self) + from,
                         count, share, by_column);
    }
    for (uint32_t b = part.first / self->classes; b < (part.first + part.columns) / self->classes; b++) {
        double weight[LINE_ROWS];
        people_t gone[LINE_ROWS], sum = 0;
        bool small =
            leave_rows(line_block_people(self, b), line_factor(self, b), shares, self->rows, weight, gone);
        for (uint32_t row = 0; row < self->rows; row++) {
            self->row[row].taken += gone[row];
            self->row[row].taken_dates += gone[row] * self->row[row].dated;
            self->row[row].people -= gone[row];
            sum += gone[row];
        }
        for (uint32_t row = 0; small && row < self->rows; row++) trim_block(self, row, b);
        line_block_sums(self)[b] -= sum;
        self->people -= sum;
    }
}

void cohort_line_take_lots(struct cohort_line *self, struct cohort_line_part part, struct dice *dice,
                           people_t count, people_t among, struct line_leaving leaving)
{
    leaving.from_all = true;
    if (dice->expected) {
        if (among > 0) take_share(self, part, fmin(1, count / among), leaving);
        return;
    }
    if (line_are_many(self, part, count, among)) {
        people_t won = line_take_most(self, part, dice, count, among, leaving);
        count -= won;
        among -= won;
    }
    for (uint32_t row = 0; row < self->rows && count > 0; row++) {
        people_t here = cohort_line_count(self, row, part);
        if (!(here > 0)) continue;
        among -= here;
        people_t chosen = dice_hypergeometric(dice, here, among, count);
        count -= chosen;
        if (chosen > 0) cohort_line_take(self, row, part, dice, chosen, here, leaving);
    }
}

void cohort_line_each_taken(struct cohort_line *self, cohort_line_row *handle, void *context)
{
    for (struct line_row *row = self->row; row < self->row + self->rows; row++) {
        if (row->taken > 0) {
            struct line_row taken = *row;
            taken.dated = row->taken_dates / row->taken;
            taken.entered += taken.dated - row->dated;
            handle(context, &taken, row->taken);
        }
        row->taken = row->taken_dates = 0;
    }
}
