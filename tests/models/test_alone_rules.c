/* Rules alone: when what is measured is beyond a threshold. By hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/helpers/alone.h"

/* Five a day come, one after the other, and are counted; when their number of a day is beyond a threshold a
 * rule sends all who come from then on the other way. */
#define FIVE_A_DAY(condition)                                                                                \
    ALONE_DAYS("2023-01-30")                                                                                 \
    "measures: {came: {}, late: {}}\nsignals: {daily: {measure: came, window_days: 1}}\n"                    \
    "policies: [{name: r, why: t, when: {signal: daily, not_before: 2023-01-10, " condition                  \
    "}, set: {stations.fork.options.on.share: 0}}]\nstations:\n"                                             \
    "  in: {kind: source, interval: {distribution: constant, per_day: 5}, counts_as: [came], to: fork}\n"    \
    "  fork: {kind: choice, options: {on: {share: 1, to: out}, off: {share: rest, to: late}}}\n"             \
    "  late: {kind: sink, counts_as: [late]}\n  out: {kind: sink}\n"

static void expect_late(const char *text, double scale, bool late)
{
    ALONE_FOR_ENGINES(e, 3)
    {
        struct alone run;
        alone_run_scaled(&run, (struct engine){*e, 1}, text, scale, 17);
        alone_expect(&run, "late", alone_all_events(&run, "late") > 0, late, 0);
        alone_end(&run);
    }
}

/* Would catch a rule that applies at its threshold, from either side. */
static void test_thresholds(void **state)
{
    (void)state;
    expect_late(FIVE_A_DAY("above: 5"), 1, false);
    expect_late(FIVE_A_DAY("above: 4.9"), 1, true);
    expect_late(FIVE_A_DAY("below: 5"), 1, false);
    expect_late(FIVE_A_DAY("below: 5.1"), 1, true);
}

/* Would catch people who are counted, for a rule, by the number that is simulated. */
static void test_scale(void **state)
{
    (void)state;
    expect_late(FIVE_A_DAY("above: 4.9"), 10, true);
    expect_late(FIVE_A_DAY("above: 5.1"), 10, false);
    expect_late(FIVE_A_DAY("below: 4.9"), 0.2, false);
    expect_late(FIVE_A_DAY("above: 4.9"), 0.2, true);
}

/* A rule that holds all the time begins on the day before which it may not. Would catch a day too late. */
static void test_not_before(void **state)
{
    (void)state;
    ALONE_FOR_ENGINES(e, 3)
    {
        struct alone run;
        alone_run(&run, *e, FIVE_A_DAY("above: 4.9"));
        alone_expect(&run, "late on 9 January", alone_events(&run, "late", 8), 0, 0);
        alone_expect(&run, "late on 10 January", alone_events(&run, "late", 9), 5, 1);
        alone_end(&run);
    }
}

/* Five a day come and stay: 150 at the end. */
#define FIVE_STAY(condition)                                                                                 \
    ALONE_DAYS("2023-01-30")                                                                                 \
    "measures: {late: {}}\nsignals: {there: {measure: stock, of: bed, window_days: 1}}\n"                    \
    "policies: [{name: r, why: t, when: {signal: there, " condition                                          \
    "}, set: {stations.fork.options.on.share: 0}}]\nstations:\n"                                             \
    "  in: {kind: source, interval: {distribution: constant, per_day: 5}, to: fork}\n"                       \
    "  fork: {kind: choice, options: {on: {share: 1, to: bed}, off: {share: rest, to: late}}}\n"             \
    "  bed: {kind: stay, duration: {distribution: constant, mean_days: 100}, to: out}\n"                     \
    "  late: {kind: sink, counts_as: [late]}\n  out: {kind: sink}\n"

/* Would catch a stock that is compared as the number that is simulated. */
static void test_stock_is_scaled(void **state)
{
    (void)state;
    static const double scales[] = {0.2, 1, 10};
    for (size_t s = 0; s < sizeof scales / sizeof *scales; s++) {
        expect_late(FIVE_STAY("above: 60"), scales[s], true);
        expect_late(FIVE_STAY("above: 200"), scales[s], false);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_thresholds), cmocka_unit_test(test_scale),
                                       cmocka_unit_test(test_not_before),
                                       cmocka_unit_test(test_stock_is_scaled)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
