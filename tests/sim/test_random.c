/* The generator and its streams. Seeds are fixed: a failure is a defect, not bad luck. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sim/random.h"

#include <math.h>

#define check_within(got, want, tolerance)                                                                   \
    do {                                                                                                     \
        double got_ = (got), want_ = (want), tolerance_ = (tolerance);                                       \
        if (!(fabs(got_ - want_) <= tolerance_))                                                             \
            fail_msg("%s is %.17g, not %.17g +- %g", #got, got_, want_, tolerance_);                         \
    } while (0)

/* Random123's known answers for philox4x32-10: counter, key, result. */
static const struct {
    uint32_t counter[4], key[2], result[4];
} known[] = {
    {{0, 0, 0, 0}, {0, 0}, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
    {{0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff},
     {0xffffffff, 0xffffffff},
     {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
    {{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
     {0xa4093822, 0x299f31d0},
     {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
};
#define KNOWN (sizeof known / sizeof *known)

static uint64_t join(uint32_t low, uint32_t high)
{
    return low | (uint64_t)high << 32;
}

/* Would catch a change of a counter word, a key word or the number of rounds. */
static void test_block_gives_known_answers(void **state)
{
    (void)state;
    for (size_t i = 0; i < KNOWN; i++) {
        uint64_t words[2];
        random_block(join(known[i].key[0], known[i].key[1]), known[i].counter[1],
                     join(known[i].counter[2], known[i].counter[3]), known[i].counter[0], words);
        assert_true(words[0] == join(known[i].result[0], known[i].result[1]));
        assert_true(words[1] == join(known[i].result[2], known[i].result[3]));
    }
}

/* Would catch a GSL view of the stream that skips, reorders or truncates words. */
static void test_gsl_view_gives_known_answers(void **state)
{
    (void)state;
    for (size_t i = 0; i < KNOWN; i++) {
        struct stream stream;
        uint64_t seed = join(known[i].key[0], known[i].key[1]);
        uint64_t identity = join(known[i].counter[2], known[i].counter[3]);
        stream_start(&stream, seed, known[i].counter[1], identity, known[i].counter[0]);
        assert_true(gsl_rng_get(&stream.gsl) == known[i].result[1]);
        double want = random_unit(join(known[i].result[2], known[i].result[3]));
        assert_true(gsl_rng_uniform(&stream.gsl) == want);
    }
}

/* Would catch an allocated generator that is not keyed by its seed, or whose clone goes its own way. */
static void test_gsl_generator_stands_alone(void **state)
{
    (void)state;
    gsl_rng *rng = gsl_rng_alloc(random_philox);
    assert_non_null(rng);
    gsl_rng_set(rng, 0);
    assert_true(gsl_rng_get(rng) == known[0].result[1]);
    gsl_rng *copy = gsl_rng_clone(rng);
    assert_true(gsl_rng_get(rng) == known[0].result[3]);
    assert_true(gsl_rng_get(copy) == known[0].result[3]);
    gsl_rng_set(rng, 1);
    assert_true(gsl_rng_get(rng) != known[0].result[1]);
    assert_true(gsl_rng_uniform_int(rng, 7) < 7);
    gsl_rng_free(copy);
    gsl_rng_free(rng);
}

/* Would catch a hash that changes between versions or machines (every stored result would change). */
static void test_hashes_are_pinned(void **state)
{
    (void)state;
    assert_true(random_hash_name("") == UINT64_C(0xefd01f60ba992926));
    assert_true(random_hash_name("tapachula") == UINT64_C(0x527daa09378807b8));
    assert_true(random_hash_name("tapachulb") == UINT64_C(0x26c37450683859c5));
    assert_true(random_mix(1, 2) == UINT64_C(0x2d87185bd2b3df5a));
    assert_true(random_mix(2, 1) == UINT64_C(0x90553b39114b52a3));
}

/* Would catch a unit interval that is closed at the wrong end. */
static void test_units_keep_their_bounds(void **state)
{
    (void)state;
    assert_true(random_unit(0) == 0);
    assert_true(random_unit(UINT64_MAX) == 1 - 0x1p-53);
    assert_true(random_unit_positive(0) == 0x1p-53);
    assert_true(random_unit_positive(UINT64_MAX) == 1);
}

/* Would catch streams that share hidden state: what one draws must not depend on when another draws. */
static void test_order_of_streams_does_not_matter(void **state)
{
    (void)state;
    enum { STREAMS = 8, WORDS = 7 };
    uint64_t apart[STREAMS][WORDS];
    struct stream streams[STREAMS];
    for (uint32_t s = 0; s < STREAMS; s++) {
        stream_start(&streams[s], 42, s & 1, s >> 1, 0);
        for (int w = 0; w < WORDS; w++) apart[s][w] = stream_word(&streams[s]);
    }
    for (uint32_t s = 0; s < STREAMS; s++) stream_start(&streams[s], 42, s & 1, s >> 1, 0);
    for (int w = 0; w < WORDS; w++)
        for (int s = STREAMS - 1; s >= 0; s--) assert_true(stream_word(&streams[s]) == apart[s][w]);
}

/* Would catch a start block that is ignored or counted in words. */
static void test_stream_starts_at_its_block(void **state)
{
    (void)state;
    struct stream whole, late;
    stream_start(&whole, 9, 3, 77, 0);
    for (int i = 0; i < 10; i++) (void)stream_word(&whole);
    stream_start(&late, 9, 3, 77, 5);
    for (int i = 0; i < 6; i++) assert_true(stream_word(&whole) == stream_word(&late));
}

static double first_unit(uint64_t seed, uint32_t replication, uint64_t identity)
{
    struct stream stream;
    stream_start(&stream, seed, replication, identity, 0);
    return stream_unit(&stream);
}

/* Would catch neighbouring seeds, replications or identities whose first draws go together (GSL's taus2
 * does). */
static void test_neighbouring_streams_are_uncorrelated(void **state)
{
    (void)state;
    const int n = 100000;
    double seeds = 0, replications = 0, identities = 0;
    for (int i = 0; i < n; i++) {
        uint64_t id = 2 * (uint64_t)i;
        seeds += (first_unit(id, 1, 7) - 0.5) * (first_unit(id + 1, 1, 7) - 0.5);
        replications += (first_unit(5, (uint32_t)id, 7) - 0.5) * (first_unit(5, (uint32_t)id + 1, 7) - 0.5);
        identities += (first_unit(5, 1, id) - 0.5) * (first_unit(5, 1, id + 1) - 0.5);
    }
    double tolerance = 5 * sqrt(n) / 12;
    check_within(seeds, 0, tolerance);
    check_within(replications, 0, tolerance);
    check_within(identities, 0, tolerance);
}

/* Would catch blocks that the generator computes together and otherwise than one by one. */
static void test_words(void **state)
{
    (void)state;
    const uint64_t seed = UINT64_C(0x123456789ABCDEF0), identity = UINT64_C(0xFEDCBA9876543210);
    struct stream stream;
    stream_start(&stream, seed, 7, identity, 0xFFFFFFF0);
    for (uint32_t block = 0; block < 4 * STREAM_WORDS; block++) {
        uint64_t words[2];
        random_block(seed, 7, identity, 0xFFFFFFF0 + block, words);
        assert_true(stream_word(&stream) == words[0] && stream_word(&stream) == words[1]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_words),
        cmocka_unit_test(test_block_gives_known_answers),
        cmocka_unit_test(test_gsl_view_gives_known_answers),
        cmocka_unit_test(test_gsl_generator_stands_alone),
        cmocka_unit_test(test_hashes_are_pinned),
        cmocka_unit_test(test_units_keep_their_bounds),
        cmocka_unit_test(test_order_of_streams_does_not_matter),
        cmocka_unit_test(test_stream_starts_at_its_block),
        cmocka_unit_test(test_neighbouring_streams_are_uncorrelated),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
