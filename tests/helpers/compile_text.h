/* Compiling a scenario that a test holds as text, and a small model to start from. */
#ifndef CORRIDOR_TESTS_COMPILE_TEXT_H
#define CORRIDOR_TESTS_COMPILE_TEXT_H

#include "models/compile.h"

#include <string.h>

#define HEAD "title: t\nfrom: 2023-01-01\nto: 2023-12-31\nspin_up_days: 30\n"
#define CLASSES                                                                                              \
    "classes: {nation: [mexico, guatemala], family: [adult, child]}\n"                                       \
    "schedules: {force: {south: {steps: {2022-01-01: 0.5, 2023-06-01: 1}}}, arrivals: {monthly: "            \
    "{2022-12: 62, 2023-01: 31}, per: month}}\n"                                                             \
    "measures: {stops: {per_person: true}, done: {}}\nsignals: {stopped: {measure: stops}}\n"
#define MIX   "mix: {nation: {mexico: 0.4, guatemala: 0.6}, family: {adult: 1}}"
#define ENTRY "stations:\n  in: {kind: source, per_day: arrivals, " MIX ", to: gate}\n"
#define GATE_KEYS                                                                                            \
    "intensity: force.south, counts_as: [stops], outcomes: [{back: {share: 0.5, to: out}}, {free: {to: "     \
    "road}}], to: road}\n"
#define GATE                                                                                                 \
    "  gate: {kind: gate, stop_probability: {default: 0.1, guatemala: {value: 0.4, range: [0.3, 0.5]}, "     \
    "guatemala/child: 0.2}, " GATE_KEYS
#define REST                                                                                                 \
    "  road: {kind: delay, duration: {distribution: gamma, shape: 2, mean_hours: 36}, to: out}\n"            \
    "  out: {kind: sink, counts_as: [done]}\n"
#define MODEL HEAD CLASSES ENTRY GATE REST

struct compiled {
    struct model model;
    struct problems problems;
    bool good;
};

static inline void compile(struct compiled *self, const char *text)
{
    memset(self, 0, sizeof *self);
    bool read = document_read_text(&self->model.document, &self->problems, "test.yaml", text, strlen(text));
    self->good = read && model_compile(&self->model, &self->problems, NULL);
}

static inline void discard(struct compiled *self)
{
    model_free(&self->model);
    problems_free(&self->problems);
}

static inline void compile_good(struct compiled *self, const char *text)
{
    compile(self, text);
    for (size_t i = 0; i < self->problems.count; i++) print_error("%s\n", self->problems.problem[i].message);
    assert_true(self->good);
    assert_non_null(self->model.network);
}

/* Every message must be there, and nothing else; each is found by a part of it. */
static inline void assert_problems(const char *text, const char *const *parts, size_t count)
{
    struct compiled m;
    compile(&m, text);
    assert_false(m.good);
    assert_null(m.model.network);
    for (size_t i = 0; i < count; i++) {
        size_t found = 0;
        for (size_t p = 0; p < m.problems.count; p++)
            found += strstr(m.problems.problem[p].message, parts[i]) != NULL;
        if (found != 1) print_error("%zu times: %s\n", found, parts[i]);
        for (size_t p = 0; found != 1 && p < m.problems.count; p++)
            print_error("  %s\n", m.problems.problem[p].message);
        assert_int_equal(found, 1);
    }
    for (size_t p = 0; m.problems.count != count && p < m.problems.count; p++)
        print_error("%s\n", m.problems.problem[p].message);
    assert_int_equal(m.problems.count, count);
    discard(&m);
}

#define ASSERT_PROBLEMS(text, ...)                                                                           \
    do {                                                                                                     \
        const char *const parts_[] = {__VA_ARGS__};                                                          \
        assert_problems(text, parts_, sizeof parts_ / sizeof *parts_);                                       \
    } while (0)

#endif
