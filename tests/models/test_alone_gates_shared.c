/* Gates that share staff or seats: who gets how much. All answers by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/helpers/alone.h"

#define MEASURES "measures: {stopped: {}, passed: {}, first: {}, second: {}}\n"
#define SINKS    "  passed: {kind: sink, counts_as: [passed]}\n  out: {kind: sink}\n"
#define GATE     "  gate: {kind: gate, counts_as: [stopped], to: passed, "

/* Two gates share ten stops a day, sixty people come to one and thirty to the other: ten in all are stopped,
 * and from the second day on those who ask more get more. Would catch a capacity that each user has for
 * itself. */
static void test_shared_staff(void **state)
{
    (void)state;
    ALONE_FOR_ENGINES(e, 3)
    {
        struct alone run;
        alone_run(&run, *e,
                  ALONE_DAYS("2023-03-31") MEASURES
                  "capacities: {staff: {per_day: 10}}\n"
                  "stations:\n  in1: {kind: source, per_day: 60, to: gate}\n"
                  "  in2: {kind: source, per_day: 30, to: other}\n" GATE
                  "stop_probability: 1, capacity: staff, outcomes: [{last: {counts_as: [first], to: out}}]}\n"
                  "  other: {kind: gate, counts_as: [stopped], to: passed, stop_probability: 1, capacity: "
                  "staff, outcomes: [{last: {counts_as: [second], to: out}}]}\n" SINKS);
        for (size_t day = 0; day < 90; day++)
            alone_expect(&run, "stopped", alone_events(&run, "stopped", day), 10, 1e-9);
        alone_expect(&run, "stopped at the busier gate", alone_all_events(&run, "first") / 900, 2.0 / 3,
                     0.09);
        alone_end(&run);
    }
}

/* Two gates with as many people of eight classes share staff for 70 % of those who would be stopped: each
 * gets half. Would catch staff kept for people who never come, where a gate that looks at the other one
 * throws other dice than that one will. */
static void test_shared_staff_of_many(void **state)
{
    (void)state;
    const char *const mix = "mix: {class: {a: 1, b: 1, c: 1, d: 1, e: 1, f: 1, g: 1, h: 1}}, to: ";
    const double days = 424, staff = 14000, spread = sqrt(days * staff / 4 * 0.3);
    struct alone run;
    char text[2048];
    snprintf(text, sizeof text,
             ALONE_DAYS("2024-02-28") MEASURES
             "classes: {class: [a, b, c, d, e, f, g, h]}\ncapacities: {staff: {per_day: 14000}}\n"
             "stations:\n  in1: {kind: source, per_day: 20000, %sgate}\n"
             "  in2: {kind: source, per_day: 20000, %sother}\n" GATE
             "stop_probability: 0.5, capacity: staff, outcomes: [{last: {counts_as: [first], to: out}}]}\n"
             "  other: {kind: gate, counts_as: [stopped], to: passed, stop_probability: 0.5, capacity: "
             "staff, outcomes: [{last: {counts_as: [second], to: out}}]}\n" SINKS,
             mix, mix);
    alone_run(&run, ENGINE_FLOWS, text);
    alone_expect(&run, "stopped", alone_all_events(&run, "stopped"), days * staff, 1e-6);
    alone_expect(&run, "first", alone_all_events(&run, "first"), days * staff / 2, 5 * spread);
    alone_end(&run);
}

/* Two gates share ten stops a day; twenty people come to the first each day, to the second every other day.
 * Ten a day are stopped, some of them at the second. Would catch staff kept for a gate where nobody came, or
 * denied to one where somebody did. */
static void test_staff_shared_with_a_rare_user(void **state)
{
    (void)state;
    ALONE_FOR_ENGINES(e, 3)
    {
        struct alone run;
        alone_run(
            &run, *e,
            ALONE_DAYS("2023-01-06") "measures: {stopped: {}, first: {}, second: {}}\ncapacities: {staff: "
                                     "{per_day: 10}}\nstations:\n  in1: {kind: source, interval: "
                                     "{distribution: constant, mean_days: 0.05}, "
                                     "to: gate}\n  in2: {kind: source, per_day: 0, batches: [{name: a, on: "
                                     "2023-01-02, people: 20}, {name: b, "
                                     "on: 2023-01-04, people: 20}, {name: c, on: 2023-01-06, people: 20}], "
                                     "to: other}\n"
                                     "  gate: {kind: gate, counts_as: [stopped], stop_probability: 1, "
                                     "capacity: staff, outcomes: [{o: "
                                     "{counts_as: [first], to: out}}], to: out}\n"
                                     "  other: {kind: gate, counts_as: [stopped], stop_probability: 1, "
                                     "capacity: staff, outcomes: [{o: "
                                     "{counts_as: [second], to: out}}], to: out}\n  out: {kind: sink}\n");
        for (size_t day = 1; day < 6; day++)
            alone_expect(&run, "stopped", alone_events(&run, "stopped", day), 10, 1e-9);
        if (!(alone_all_events(&run, "second") > 0))
            fail_msg("%s: none at the second gate", engine_names[*e]);
        alone_end(&run);
    }
}

/* Fifty people a day come to a gate that stops a fifth and lets all go on to one that stops three fifths.
 * Staff for all, or for nine: of these the first gate has a quarter. Would catch people who pass the second
 * gate unseen because they came from the first, or staff that is gone before they come. */
static void test_staff_shared_in_a_row(void **state)
{
    (void)state;
    static const struct {
        const char *staff;
        double first, second;
    } cases[] = {{"1000", 10, 30}, {"9", 2.25, 6.75}};
    enum { DAYS = 365 };
    for (size_t c = 0; c < 2; c++) ALONE_FOR_ENGINES(e, 3)
        {
            char text[1024];
            struct alone run;
            snprintf(
                text, sizeof text,
                ALONE_DAYS(
                    "2023-12-31") "measures: {first: {}, second: {}}\ncapacities: {staff: {per_day: %s}}\n"
                                  "stations:\n  in: {kind: source, interval: {distribution: constant, "
                                  "mean_days: 0.02}, to: one}\n"
                                  "  one: {kind: gate, stop_probability: 0.2, capacity: staff, outcomes: "
                                  "[{o: {counts_as: [first], "
                                  "to: two}}], to: two}\n  two: {kind: gate, stop_probability: 0.6, "
                                  "capacity: staff, outcomes: "
                                  "[{o: {counts_as: [second], to: out}}], to: out}\n  out: {kind: sink}\n",
                cases[c].staff);
            alone_run(&run, *e, text);
            /* The first step knows nothing of what comes from the first gate. */
            double first = *e == ENGINE_MEAN ? 10 : 4 * sqrt(DAYS * cases[c].first),
                   second = *e == ENGINE_MEAN ? 10 : 4 * sqrt(DAYS * cases[c].second);
            alone_expect(&run, "first", alone_all_events(&run, "first"), DAYS * cases[c].first, first);
            alone_expect(&run, "second", alone_all_events(&run, "second"), DAYS * cases[c].second, second);
            alone_end(&run);
        }
}

/* The same where those stopped at the first gate are gone: of a hundred a day 60 are wanted at the first, and
 * 12 of the 40 others at the second. Staff for 36 stops half of both, 30 and 6. Would catch staff kept for
 * people who come to the second gate only because the first had none for them. */
static void test_staff_for_a_second_gate(void **state)
{
    (void)state;
    enum { DAYS = 200 };
    ALONE_FOR_ENGINES(e, 3)
    {
        struct alone run;
        alone_run(
            &run, *e,
            ALONE_DAYS("2023-07-19") "measures: {first: {}, second: {}}\ncapacities: {staff: {per_day: 36}}\n"
                                     "stations:\n  in: {kind: source, per_day: 100, to: one}\n"
                                     "  one: {kind: gate, stop_probability: 0.6, capacity: staff, outcomes: "
                                     "[{o: {counts_as: [first], to: "
                                     "gone}}], to: two}\n"
                                     "  two: {kind: gate, stop_probability: 0.3, capacity: staff, outcomes: "
                                     "[{o: {counts_as: [second], to: "
                                     "gone}}], to: out}\n  gone: {kind: sink}\n  out: {kind: sink}\n");
        alone_expect(&run, "first", alone_all_events(&run, "first"), DAYS * 30, 150);
        alone_expect(&run, "second", alone_all_events(&run, "second"), DAYS * 6, 150);
        alone_end(&run);
    }
}

/* Ten seats a day at two gates: twenty people come to one each day, to the other every second day. All seats
 * are taken, some of them at the second. Would catch seats kept for a gate that nobody comes to or that has
 * had its turn, or denied to one that did not ask the day before. */
static void test_seats_shared_with_a_rare_user(void **state)
{
    (void)state;
    static const char *const rare[] = {"aaa", "zzz"}; /* has its turn before or after the other */
    for (size_t r = 0; r < 2; r++) ALONE_FOR_ENGINES(e, 3)
        {
            char text[1024];
            struct alone run;
            snprintf(
                text, sizeof text,
                ALONE_DAYS("2023-01-07") "measures: {first: {}, second: {}}\ncapacities: {seats: {per_day: "
                                         "10}}\nstations:\n  in1: {kind: source, interval: {distribution: "
                                         "constant, mean_days: 0.05}, to: "
                                         "gate}\n  in2: {kind: source, per_day: 0, batches: [{name: a, on: "
                                         "2023-01-02, people: 20}, {name: b, "
                                         "on: 2023-01-04, people: 20}, {name: c, on: 2023-01-06, people: "
                                         "20}], to: %s}\n"
                                         "  gate: {kind: gate, stop_probability: 1, outcomes: [{o: "
                                         "{capacity: seats, counts_as: [first], to: "
                                         "out}}, {rest: {to: out}}], to: out}\n"
                                         "  %s: {kind: gate, stop_probability: 1, outcomes: [{o: {capacity: "
                                         "seats, counts_as: [second], to: "
                                         "out}}, {rest: {to: out}}], to: out}\n  out: {kind: sink}\n",
                rare[r], rare[r]);
            alone_run(&run, *e, text);
            for (size_t day = 1; day < 7; day++)
                alone_expect(&run, "seats taken",
                             alone_events(&run, "first", day) + alone_events(&run, "second", day), 10, 1e-9);
            if (!(alone_all_events(&run, "second") > 0))
                fail_msg("%s: none at the second gate", engine_names[*e]);
            alone_end(&run);
        }
}

/* Two gates share ten seats a day, of which each could use forty; from the eleventh day on nobody is stopped
 * at the second. Would catch seats kept for a gate that does not ask any more. */
static void test_seats_of_a_gate_that_stops_nobody(void **state)
{
    (void)state;
    ALONE_FOR_ENGINES(e, 3)
    {
        struct alone run;
        alone_run(
            &run, *e,
            ALONE_DAYS("2023-01-31") "measures: {first: {}, second: {}}\ncapacities: {seats: {per_day: 10}}\n"
                                     "stations:\n  in1: {kind: source, per_day: 40, to: gate}\n  in2: {kind: "
                                     "source, per_day: 40, to: other}\n"
                                     "  gate: {kind: gate, stop_probability: 1, outcomes: [{o: {capacity: "
                                     "seats, counts_as: [first], to: out}}, "
                                     "{rest: {to: out}}], to: out}\n"
                                     "  other: {kind: gate, stop_probability: 1, outcomes: [{o: {capacity: "
                                     "seats, counts_as: [second], to: out}}, "
                                     "{rest: {to: out}}], to: out}\n  out: {kind: sink}\npolicies:\n  - {on: "
                                     "2023-01-11, why: t, set: "
                                     "{stations.other.stop_probability: 0}}\n");
        for (size_t day = 12; day < 31; day++)
            alone_expect(&run, "seats taken", alone_events(&run, "first", day), 10, 1e-9);
        alone_end(&run);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_shared_staff),
                                       cmocka_unit_test(test_shared_staff_of_many),
                                       cmocka_unit_test(test_staff_shared_with_a_rare_user),
                                       cmocka_unit_test(test_staff_shared_in_a_row),
                                       cmocka_unit_test(test_staff_for_a_second_gate),
                                       cmocka_unit_test(test_seats_shared_with_a_rare_user),
                                       cmocka_unit_test(test_seats_of_a_gate_that_stops_nobody)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
