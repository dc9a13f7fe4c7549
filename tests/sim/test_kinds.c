/* The table of kinds: every kind of station tells its story twice, with people and with cohorts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sim/kinds/kind.h"

#include <string.h>

/* Would catch a kind that was added with one form only. */
static void test_every_kind_has_both_forms(void **state)
{
    (void)state;
    for (int k = 0; k < KIND_COUNT; k++) {
        const struct kind *kind = kinds[k];
        assert_non_null(kind);
        if (!kind->enter && !kind->wake) fail_msg("%s has no form for agents", kind->name);
        if (!kind->turn && !kind->release) fail_msg("%s has no form for cohorts", kind->name);
        /* Whoever can be in a station must come in, be kept and go on. */
        if (kind->takes_time &&
            !(kind->enter && kind->wake && kind->turn && kind->cohort_memory && kind->cohort_begin))
            fail_msg("%s takes time, but one of its forms cannot keep anyone", kind->name);
        if (kind->has_waits && !kind->still_waiting)
            fail_msg("%s has waits, but its cohorts do not tell who still waits", kind->name);
    }
}

/* Would catch a kind put on another's place: names in scenarios would mean something else. */
static void test_kinds_stand_in_order(void **state)
{
    (void)state;
    static const char *const names[KIND_COUNT] = {"source",     "delay", "gate",   "queue", "ballot",
                                                  "departures", "stay",  "choice", "sink"};
    for (int k = 0; k < KIND_COUNT; k++) assert_string_equal(kinds[k]->name, names[k]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_every_kind_has_both_forms),
                                       cmocka_unit_test(test_kinds_stand_in_order)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
