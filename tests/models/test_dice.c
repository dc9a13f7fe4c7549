/* Whose luck it is with cohorts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/helpers/run_model.h"

enum { WORDS = 64 };

static bool share_a_word(struct dice *a, struct dice *b)
{
    uint64_t words[WORDS];
    for (int i = 0; i < WORDS; i++) words[i] = stream_word(&a->stream);
    for (int i = 0; i < WORDS; i++) {
        uint64_t word = stream_word(&b->stream);
        for (int k = 0; k < WORDS; k++)
            if (words[k] == word) return true;
    }
    return false;
}

/* Would catch throws that take each other's words: of neighbouring purposes, of a lane, its group and the
 * station, of two steps; the same throw is the same. */
static void test_throws_stand_apart(void **state)
{
    (void)state;
    struct run_model run;
    assert_true(
        run_model_open_engine(&run, (struct engine){ENGINE_FLOWS, 1}, "scenarios/history.yaml", NULL, 0, 1));
    replication_reset(&run.replication, 1, 0, 1, true);
    struct dice one, other;
    const struct replication *self = &run.replication;
    const uint32_t lanes[] = {NETWORK_NONE, 0, 1};
    for (uint32_t a = 0; a < 12; a++)
        for (uint32_t b = 0; b < 12; b++) {
            flows_dice(self, 3, lanes[a % 3], PURPOSE_PATIENCE + a / 3, &one);
            flows_dice(self, 3, lanes[b % 3], PURPOSE_PATIENCE + b / 3, &other);
            assert_true(share_a_word(&one, &other) == (a == b));
            flows_dice(self, 3, lanes[a % 3], PURPOSE_PATIENCE + a / 3, &one);
            flows_dice_of_group(self, 3, b % 3, PURPOSE_PATIENCE + b / 3, &other);
            assert_false(share_a_word(&one, &other));
        }
    flows_dice(self, 3, 0, PURPOSE_PATIENCE, &one);
    run.replication.flows.state->step++;
    flows_dice(self, 3, 0, PURPOSE_PATIENCE, &other);
    assert_false(share_a_word(&one, &other));
    run_model_close(&run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_throws_stand_apart)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
