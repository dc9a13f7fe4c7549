/* Arithmetic on records and on rows, written for a vector of LANES doubles; for sim/numbers_records.c alone,
 * which includes it once for each width of the processor's registers. A vector wider than a register would go
 * through memory.
 *
 * LANES: 2, 4 or 8. FOR_LANES(name): the name of this width. LANES_TARGET: what the compiler may use. */

#define PARTS  (NUMBERS_RECORD / LANES)     /* of a record */
#define WINDOW (2 * NUMBERS_RECORD / LANES) /* vectors whose sums stay in registers */
#define LANED  LANES_TARGET static

typedef double FOR_LANES(lanes) __attribute__((vector_size(LANES * sizeof(double)), aligned(8), may_alias));
#define vector FOR_LANES(lanes)

/* ---- rows ---- */

LANED void FOR_LANES(add_rows)(double *restrict to, size_t count, const double *restrict base, size_t stride,
                               const uint32_t place[], const double weight[], size_t rows)
{
    for (size_t i = 0; i < count; i += WINDOW * LANES) {
        const size_t at = window_at(i, count);
        vector sum[WINDOW];
        for (size_t p = 0; p < WINDOW; p++) sum[p] = (vector){0};
        for (size_t r = 0; r < rows; r++) {
            const vector *from = (const vector *)(base + place[r] * stride + at);
            for (size_t p = 0; p < WINDOW; p++) sum[p] += from[p] * weight[r];
        }
        add_behind(to + at, (const double *)sum, i - at);
    }
}

LANED void FOR_LANES(add_rows_twice)(double *restrict to, double *restrict second, size_t count,
                                     const double *restrict base, size_t stride, const uint32_t place[],
                                     const double weight[], const double second_weight[], size_t rows)
{
    for (size_t i = 0; i < count; i += WINDOW * LANES) {
        const size_t at = window_at(i, count);
        vector sum[WINDOW], other[WINDOW];
        for (size_t p = 0; p < WINDOW; p++) sum[p] = other[p] = (vector){0};
        for (size_t r = 0; r < rows; r++) {
            const vector *from = (const vector *)(base + place[r] * stride + at);
            for (size_t p = 0; p < WINDOW; p++) {
                sum[p] += from[p] * weight[r];
                other[p] += from[p] * second_weight[r];
            }
        }
        add_behind(to + at, (const double *)sum, i - at);
        add_behind(second + at, (const double *)other, i - at);
    }
}

/* ---- records ---- */

#define PASSED inline __attribute__((always_inline))

LANED void FOR_LANES(times_records)(double *restrict to, const double *restrict from, size_t count,
                                    const double *restrict share)
{
    vector *record = (vector *)to;
    const vector *other = (const vector *)from;
    for (size_t i = 0; i < count; i++)
        for (size_t p = 0; p < PARTS; p++) record[i * PARTS + p] = other[i * PARTS + p] * share[i];
}

/* What becomes of one record on its way: x share, and x keep if there is one. */
LANED PASSED vector FOR_LANES(sent)(const vector part, double share, const vector *kept)
{
    return kept ? part * (*kept * share) : part * share;
}

/* Sends one record; `sum`: it is added to what stands there. Returns its first number. */
LANED PASSED double FOR_LANES(send)(vector *restrict to, const vector *restrict from, double share,
                                    const vector *kept, bool sum)
{
    double first = 0;
    for (size_t p = 0; p < PARTS; p++) {
        const vector sent = FOR_LANES(sent)(from[p], share, kept ? kept + p : NULL);
        if (sum)
            to[p] += sent;
        else
            to[p] = sent;
        if (p == 0) first = sent[0];
    }
    return first;
}

/* First numbers are stored as whole vectors: they are soon read so. */
LANED PASSED void FOR_LANES(send_all)(vector *restrict to, double *restrict first,
                                      const vector *restrict from, size_t count, const double *restrict share,
                                      const vector *kept, bool sum)
{
    size_t i = 0;
    for (; i + LANES <= count; i += LANES) {
        vector firsts = {0};
        for (size_t k = 0; k < LANES; k++)
            firsts[k] =
                FOR_LANES(send)(to + (i + k) * PARTS, from + (i + k) * PARTS, share[i + k], kept, sum);
        *(vector *)(first + i) = firsts;
    }
    for (; i < count; i++) first[i] = FOR_LANES(send)(to + i * PARTS, from + i * PARTS, share[i], kept, sum);
}

LANED void FOR_LANES(send_records)(double *restrict to, double *restrict first, const double *restrict from,
                                   size_t count, const double *restrict share, const double keep[], bool sum)
{
    vector kept[PARTS], *place = (vector *)to;
    const vector *part = (const vector *)from;
    for (size_t p = 0; p < PARTS && keep; p++) kept[p] = ((const vector *)keep)[p];
    if (keep && sum)
        FOR_LANES(send_all)(place, first, part, count, share, kept, true);
    else if (keep)
        FOR_LANES(send_all)(place, first, part, count, share, kept, false);
    else if (sum)
        FOR_LANES(send_all)(place, first, part, count, share, NULL, true);
    else
        FOR_LANES(send_all)(place, first, part, count, share, NULL, false);
}

LANED void FOR_LANES(move_records)(double *restrict to, double *restrict from, size_t count,
                                   const double *restrict share, const double keep[])
{
    vector kept[PARTS], *sum = (vector *)to, *left = (vector *)from;
    for (size_t p = 0; p < PARTS; p++) kept[p] = ((const vector *)keep)[p];
    for (size_t i = 0; i < count; i++)
        for (size_t p = 0; p < PARTS; p++) {
            const vector part = left[i * PARTS + p] * (kept[p] * share[i]);
            sum[i * PARTS + p] += part;
            left[i * PARTS + p] -= part;
        }
}

LANED void FOR_LANES(add_record_at)(double *to, size_t stride, const uint16_t place[], size_t count,
                                    const double one[])
{
    vector record[PARTS];
    for (size_t p = 0; p < PARTS; p++) record[p] = ((const vector *)one)[p];
    for (size_t i = 0; i < count; i++)
        for (size_t p = 0; p < PARTS; p++) ((vector *)(to + place[i] * stride))[p] += record[p];
}

LANED void FOR_LANES(add_record_times)(double *to, size_t stride, const uint64_t times[], size_t count,
                                       const double one[])
{
    vector record[PARTS];
    for (size_t p = 0; p < PARTS; p++) record[p] = ((const vector *)one)[p];
    for (size_t i = 0; i < count; i++)
        for (size_t p = 0; p < PARTS && times[i] > 0; p++)
            ((vector *)(to + i * stride))[p] += record[p] * (double)times[i];
}

/* ---- phases ---- */

/* Shares stand in registers: what is stored could lie where they do, for all that the compiler knows. */
LANED PASSED void FOR_LANES(pass)(double *left, double *restrict phase, size_t stride, double *coming,
                                  size_t count, const uint32_t phases, const struct numbers_phases *shares)
{
    vector leave[NUMBERS_PHASES], enter[NUMBERS_PHASES], move[NUMBERS_PHASES];
    const vector none = {0}, come_and_leave = none + shares->come_and_leave;
    for (uint32_t p = 0; p < phases; p++) {
        leave[p] = none + shares->leave[p];
        enter[p] = none + shares->come[p];
        move[p] = none + shares->move[p];
    }
    for (size_t i = 0; i < count * NUMBERS_RECORD; i += LANES) {
        const vector come = *(const vector *)(coming + i);
        vector here[NUMBERS_PHASES], sum = come * come_and_leave;
        if (left) sum = *(const vector *)(left + i) + sum;
        for (uint32_t p = 0; p < phases; p++) {
            here[p] = *(const vector *)(phase + p * stride + i);
            sum += here[p] * leave[p];
        }
        *(vector *)((left ? left : coming) + i) = sum;
        for (uint32_t p = 0; p < phases; p++) {
            vector to = come * enter[p] + here[p] * move[0];
            for (uint32_t m = 1; m <= p; m++) to += here[p - m] * move[m];
            *(vector *)(phase + p * stride + i) = to;
        }
    }
}

LANED PASSED void FOR_LANES(pass_some)(double *left, double *phase, size_t stride, double *coming,
                                       size_t count, uint32_t phases, const struct numbers_phases *shares)
{
    if (phases == 1) FOR_LANES(pass)(left, phase, stride, coming, count, 1, shares);
    if (phases == 2) FOR_LANES(pass)(left, phase, stride, coming, count, 2, shares);
    if (phases == 3) FOR_LANES(pass)(left, phase, stride, coming, count, 3, shares);
    if (phases == 4) FOR_LANES(pass)(left, phase, stride, coming, count, 4, shares);
}

LANED void FOR_LANES(pass_phases)(double *left, double *phase, size_t stride, double *coming, size_t count,
                                  uint32_t phases, const struct numbers_phases *shares)
{
    if (left)
        FOR_LANES(pass_some)(left, phase, stride, coming, count, phases, shares);
    else
        FOR_LANES(pass_some)(NULL, phase, stride, coming, count, phases, shares);
}

#undef PASSED

static const struct lanes FOR_LANES(by) = {.add_rows = FOR_LANES(add_rows),
                                           .add_rows_twice = FOR_LANES(add_rows_twice),
                                           .times_records = FOR_LANES(times_records),
                                           .send_records = FOR_LANES(send_records),
                                           .move_records = FOR_LANES(move_records),
                                           .add_record_at = FOR_LANES(add_record_at),
                                           .add_record_times = FOR_LANES(add_record_times),
                                           .pass_phases = FOR_LANES(pass_phases)};

#undef PARTS
#undef WINDOW
#undef LANED
#undef vector
#undef LANES
#undef LANES_TARGET
#undef FOR_LANES
