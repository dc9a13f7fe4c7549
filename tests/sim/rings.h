/* Rings and durations for the tests of sim/cohort_ring*.c. Include after cmocka.h. */
#ifndef CORRIDOR_TESTS_SIM_RINGS_H
#define CORRIDOR_TESTS_SIM_RINGS_H

#include "sim/cohort_ring.h"

#include <string.h>

enum { CLASSES = 5, LONGEST = 128 };
static double numbers[2][3][LONGEST];

static inline struct discrete table_of(int which, double shape, double mean, bool at_least_one)
{
    struct discrete table = {
        .probability = numbers[which][0], .cumulative = numbers[which][1], .rest = numbers[which][2]};
    struct distribution gamma;
    struct error error;
    assert_true(distribution_from_shape(&gamma, DISTRIBUTION_GAMMA, shape, &error));
    discrete_fill(&table, &gamma, mean, at_least_one, LONGEST);
    return table;
}

static inline struct cohort_ring *new_ring(uint32_t planes, bool hazards)
{
    size_t size = (cohort_ring_memory(LONGEST, planes, CLASSES) + 63) / 64 * 64;
    struct cohort_ring *ring = aligned_alloc(64, size);
    assert_non_null(ring);
    memset(ring, 0, size);
    cohort_ring_begin(ring, LONGEST, planes, CLASSES, hazards);
    return ring;
}

/* A ring that begins in the memory of this one is like one in new memory. */
static inline void assert_begins_anew(struct cohort_ring *ring)
{
    struct cohort_ring *new = new_ring(ring->planes, ring->hazards);
    cohort_ring_begin(ring, LONGEST, new->planes, CLASSES, new->hazards);
    assert_memory_equal(ring, new, cohort_ring_memory(LONGEST, new->planes, CLASSES));
    free(new);
}

/* Those due now leave. */
static inline void all_leave(struct cohort_ring *ring, uint32_t plane)
{
    people_t people[CLASSES];
    for (uint32_t c = 0; c < CLASSES; c++) people[c] = cohort_ring_row(ring, plane, 0)[c].people;
    cohort_ring_leave(ring, plane, 0, CLASSES, people);
}

#endif
