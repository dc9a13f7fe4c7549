/* Accounts alone: order of suspension, arrears, what lapses, grants, the day of the allotment. By hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/helpers/alone.h"

#define MEASURES "measures: {burnt: {}, r: {}, t: {}, d: {}}\n"
#define OUT      "  out: {kind: sink}\n"
/* A departure with one seat a day for many people, who cost what the item says. */
#define RIDE(name)                                                                                           \
    "  in_" name ": {kind: source, per_day: 0, batches: [{name: b, on: 2023-01-01, people: 200}], to: " name \
    "}\n  " name ": {kind: departures, seats: 1, pays: purse, item: " name ", to: " name "_done}\n  " name   \
    "_done: {kind: choice, counts_as: [" name "], options: {o: {share: 1, to: out}}}\n"

static double balance(const struct alone *run, size_t day)
{
    return alone_of_class(run, "balances", "balance", "account", "purse", NULL, day);
}

/* From 400 pesos ten are burnt a day, by an item that is not listed; three free items are suspended in the
 * order r, t, d, with a reserve of 300: r below 300, t below 200, d below 100. The balance stands at 400 - 10
 * (n - 1) as day n departs (from day 1 on), so r rides up to day 11, t up to 21, d up to 31. Money that comes
 * on 1 March starts all three again. Would catch another order, thresholds off by one, and an item that stays
 * suspended. */
static void test_order_of_suspension(void **state)
{
    (void)state;
    ALONE_FOR_ENGINES(e, 3)
    {
        struct alone run;
        alone_run(
            &run, *e,
            ALONE_DAYS("2023-03-10") MEASURES
            "accounts: {purse: {currency: MXN, opening_mxn: 400, reserve_mxn: 300, arrears_limit_mxn: 1000, "
            "suspend: [r, t, d], unit_cost_mxn: {burnt: 10, r: 0, t: 0, d: 0}, grants: [{name: g, on: "
            "2023-03-01, amount_mxn: 5000}]}}\nstations:\n"
            /* Burnt last: in the order of the file, so that the others see the balance of the morning. */
            RIDE("r") RIDE("t") RIDE("d") RIDE("burnt") OUT);
        static const struct {
            const char *item;
            size_t last;
        } items[] = {{"r", 11}, {"t", 21}, {"d", 31}, {"burnt", 1000}};
        for (size_t i = 0; i < 4; i++) {
            for (size_t day = 0; day < 69; day++) {
                bool rides = day >= 1 && (day <= items[i].last || day >= 59);
                char what[64];
                snprintf(what, sizeof what, "%s on day %zu", items[i].item, day);
                alone_expect(&run, what, alone_events(&run, items[i].item, day), rides, 1e-9);
            }
        }
        alone_expect(&run, "balance on day 58", balance(&run, 58), 400 - 10 * 58, 1e-6);
        alone_expect(&run, "balance on day 59", balance(&run, 59), 5000 + 400 - 10 * 59, 1e-6);
        /* Days that began with the item suspended: 12 to 58, 22 to 58, 32 to 58. */
        for (size_t i = 0; i < 3; i++) {
            char item[16];
            snprintf(item, sizeof item, "purse.%s", items[i].item);
            alone_expect(&run, item, alone_total(&run, "spending", "suspended", "item", item, NULL),
                         58 - (double)items[i].last, 1e-9);
        }
        alone_end(&run);
    }
}

/* Spending goes on to 50 below zero and no further; the release of 1 February pays the debt back and what is
 * left of it is spent. Would catch a limit that is ignored, and arrears that are forgiven. */
static void test_arrears(void **state)
{
    (void)state;
    ALONE_FOR_ENGINES(e, 2)
    {
        struct alone run;
        alone_run(&run, *e,
                  ALONE_DAYS(
                      "2023-02-28") "measures: {burnt: {}}\n"
                                    "accounts: {purse: {currency: MXN, opening_mxn: 25, arrears_limit_mxn: "
                                    "50, monthly_release_mxn: "
                                    "{steps: {2022-01-01: 0, 2023-01-15: 70}}, unit_cost_mxn: {burnt: 10}}}\n"
                                    "stations:\n" RIDE("burnt") OUT);
        /* 25 + 50 pay for seven; then -45 + 70 = 25 pay for seven more. */
        for (size_t day = 0; day < 59; day++) {
            bool rides = (day >= 1 && day <= 7) || (day >= 31 && day <= 37);
            alone_expect(&run, "rides", alone_events(&run, "burnt", day), rides, 0);
        }
        alone_expect(&run, "balance", balance(&run, 30), -45, 1e-9);
        alone_expect(&run, "balance", balance(&run, 58), -45, 1e-9);
        alone_expect(&run, "lowest", alone_of_class(&run, "balances", "lowest", "account", "purse", NULL, 31),
                     -45, 1e-9);
        alone_end(&run);
    }
}

/* The allotment comes on the tenth; what stands above 100 then lapses first. A grant comes on its own day.
 * Nothing is spent. Opening 300; 10 January: 100 + 40; 20 January: + 25; 10 February: 100 + 40. Would catch
 * an allotment on another day, a lapse after instead of before the money, and money that appears from
 * nowhere. */
static void test_allotments(void **state)
{
    (void)state;
    static const struct {
        size_t day;
        double balance, released;
    } days[] = {{0, 300, 300}, {8, 300, 0},  {9, 140, -160}, {18, 140, 0},
                {19, 165, 25}, {39, 165, 0}, {40, 140, -25}};
    ALONE_FOR_ENGINES(e, 3)
    {
        struct alone run;
        alone_run(&run, *e,
                  ALONE_DAYS("2023-02-28") "measures: {burnt: {}}\n"
                                           "accounts: {purse: {currency: MXN, opening_mxn: 300, "
                                           "allotment_day: 10, monthly_release_mxn: 40, "
                                           "carry_limit_mxn: 100, grants: [{name: g, on: 2023-01-20, "
                                           "amount_mxn: 25}], unit_cost_mxn: "
                                           "{burnt: 1000}}}\nstations:\n" ALONE_BATCH(
                                               "in", "2023-01-01", "9",
                                               "burnt") "  burnt: {kind: departures, seats: 0, pays: purse, "
                                                        "item: burnt, to: out}\n" OUT);
        for (size_t i = 0; i < sizeof days / sizeof *days; i++) {
            alone_expect(&run, "balance", balance(&run, days[i].day), days[i].balance, 1e-9);
            alone_expect(&run, "released",
                         alone_of_class(&run, "balances", "released", "account", "purse", NULL, days[i].day),
                         days[i].released, 1e-9);
        }
        alone_end(&run);
    }
}

/* The spin-up is not paid for: the account opens on the first day, full. Would catch money spent before. */
static void test_spin_up_is_free(void **state)
{
    (void)state;
    ALONE_FOR_ENGINES(e, 3)
    {
        struct alone run;
        alone_run(
            &run, *e,
            "title: t\nfrom: 2023-01-01\nto: 2023-01-05\nspin_up_days: 20\nrecord: {bins: day}\n" MEASURES
            "accounts: {purse: {currency: MXN, opening_mxn: 1000, unit_cost_mxn: {burnt: 10}}}\n"
            "stations:\n  in: {kind: source, interval: {distribution: constant, mean_days: 0.2}, to: burnt}\n"
            "  burnt: {kind: departures, seats: 1, pays: purse, item: burnt, to: done}\n"
            "  done: {kind: sink, counts_as: [burnt]}\n");
        for (size_t day = 0; day < 5; day++)
            alone_expect(&run, "balance", balance(&run, day), 1000 - 10 * (double)(day + 1), 1e-9);
        alone_end(&run);
    }
}

/* A tenth of the people with a tenth of the money see the same account. Would catch money that is not scaled.
 */
static void test_scale(void **state)
{
    (void)state;
    static const double rides[] = {0, 4, 4, 4, 3, 0};
    ALONE_FOR_ENGINES(e, 2)
    {
        struct alone run;
        alone_run_scaled(&run, (struct engine){*e, 1},
                         ALONE_DAYS("2023-01-06") "measures: {burnt: {}}\n"
                                                  "accounts: {purse: {currency: MXN, opening_mxn: 1500, "
                                                  "unit_cost_mxn: {burnt: 10}}}\n"
                                                  "stations:\n" ALONE_BATCH(
                                                      "in", "2023-01-01", "1000",
                                                      "burnt") "  burnt: {kind: departures, seats: 40, pays: "
                                                               "purse, item: burnt, to: done}\n"
                                                               "  done: {kind: sink, counts_as: [burnt]}\n",
                         0.1, 17);
        for (size_t day = 0; day < 6; day++)
            alone_expect(&run, "rides", alone_events(&run, "burnt", day), 10 * rides[day], 0);
        alone_expect(&run, "balance", balance(&run, 0), 1500, 1e-9);
        alone_expect(&run, "balance", balance(&run, 5), 0, 1e-9);
        alone_end(&run);
    }
}

/* Units that differ by class, and money that ends: what is left is never less than nothing, and expectations
 * spend all of it. Would catch prices and sums that are rounded for each class. */
static void test_units_by_class(void **state)
{
    (void)state;
    ALONE_FOR_ENGINES(e, 3)
    {
        struct alone run;
        alone_run(
            &run, *e,
            ALONE_DAYS("2023-01-20") "classes: {class: [a, b]}\n"
                                     "accounts: {purse: {opening_mxn: 98100, unit_cost_mxn: {bed: 50}}}\n"
                                     "stations:\n"
                                     "  in: {kind: source, per_day: 200, mix: {class: {a: 1, b: 1.11}}, "
                                     "to: g}\n"
                                     "  g: {kind: gate, stop_probability: 0.9, pays: purse, outcomes: "
                                     "[{name: x, item: bed, item_units: {a: 4, b: 1}, to: out}, {name: "
                                     "rel, to: out}], to: out}\n" OUT);
        double least = INFINITY;
        for (size_t day = 0; day < 20; day++)
            least = fmin(least, alone_of_class(&run, "balances", "lowest", "account", "purse", NULL, day));
        if (least < 0) fail_msg("%s: the balance falls to %g", engine_names[*e], least);
        if (*e == ENGINE_MEAN) alone_expect(&run, "balance at the end", balance(&run, 19), 0, 0.01);
        alone_end(&run);
    }
}

/* A month of warm-up: the first month that is recorded is released its own money alone, and is never as poor
 * as the month before was. Would catch a first bin that the warm-up is counted in. */
static void test_warm_up(void **state)
{
    (void)state;
    ALONE_FOR_ENGINES(e, 3)
    {
        struct alone run;
        alone_run(&run, *e,
                  "title: t\nfrom: 2023-01-01\nto: 2023-03-31\nwarm_up_days: 31\naccounts: {purse: "
                  "{opening_mxn: 1000, "
                  "monthly_release_mxn: 500, unit_cost_mxn: {stop: 1}}}\n"
                  "stations:\n  in: {kind: source, interval: {distribution: constant, per_day: 10}, to: g}\n"
                  "  g: {kind: gate, stop_probability: 1, pays: purse, outcomes: [{all: {to: out}}], to: "
                  "out}\n" OUT);
        for (size_t month = 0; month < 2; month++)
            alone_expect(&run, "released",
                         alone_of_class(&run, "balances", "released", "account", "purse", NULL, month), 500,
                         1e-6);
        /* 1,500 on the first day, 500 more on the first of each month, less ten a day; a month opens before
         * its money comes. */
        static const double lowest[] = {1190, 1410};
        for (size_t month = 0; month < 2; month++)
            alone_expect(&run, "lowest",
                         alone_of_class(&run, "balances", "lowest", "account", "purse", NULL, month),
                         lowest[month], 15);
        alone_end(&run);
    }
}

/* Rides for 100 each are suspended below 1,000: from 1,250 three are paid, of which the last one begins at
 * 1,050. Would catch one too few, or one below the threshold. */
static void test_last_above_the_threshold(void **state)
{
    (void)state;
    ALONE_FOR_ENGINES(e, 2)
    {
        struct alone run;
        alone_run(&run, *e,
                  ALONE_DAYS("2023-01-10") MEASURES "accounts: {purse: {opening_mxn: 1250, reserve_mxn: "
                                                    "1000, suspend: [t], unit_cost_mxn: {t: 100}}}\n"
                                                    "stations:\n  in: {kind: source, per_day: 0, batches: "
                                                    "[{name: b, on: 2023-01-01, people: 50}], to: g}\n"
                                                    "  g: {kind: gate, stop_probability: 1, pays: purse, "
                                                    "outcomes: [{x: {item: t, counts_as: [t], to: out}}, "
                                                    "{y: {to: out}}], to: out}\n" OUT);
        alone_expect(&run, "rides", alone_all_events(&run, "t"), 3, 0);
        alone_expect(&run, "balance", balance(&run, 9), 950, 1e-9);
        alone_end(&run);
    }
}

/* All but 200 of 1,500 lapses in February, when 100 come. Would catch a month that was never so poor. */
static void test_lapse_is_the_lowest(void **state)
{
    (void)state;
    ALONE_FOR_ENGINES(e, 3)
    {
        struct alone run;
        alone_run(&run, *e,
                  "title: t\nfrom: 2023-01-02\nto: 2023-02-28\naccounts: {purse: {opening_mxn: 1500, "
                  "monthly_release_mxn: 100, carry_limit_mxn: 200}}\nstations:\n  in: {kind: source, "
                  "per_day: 1, to: "
                  "out}\n" OUT);
        static const double lowest[] = {1500, 300};
        for (size_t month = 0; month < 2; month++)
            alone_expect(&run, "lowest",
                         alone_of_class(&run, "balances", "lowest", "account", "purse", NULL, month),
                         lowest[month], 1e-9);
        alone_end(&run);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_order_of_suspension),
                                       cmocka_unit_test(test_arrears),
                                       cmocka_unit_test(test_allotments),
                                       cmocka_unit_test(test_spin_up_is_free),
                                       cmocka_unit_test(test_scale),
                                       cmocka_unit_test(test_units_by_class),
                                       cmocka_unit_test(test_warm_up),
                                       cmocka_unit_test(test_last_above_the_threshold),
                                       cmocka_unit_test(test_lapse_is_the_lowest)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
