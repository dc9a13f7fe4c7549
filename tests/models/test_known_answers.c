/* Queueing models against theory: every scenario of scenarios/queues at several settings. Each check is a
 * t-test of the mean over independent replications; Holm's test (1979) over all of them at 0.1 % decides. The
 * seed stands fixed since before the first look, and the runs are long enough to see an error of 2 %
 * (asserted: standard error below 0.45 %). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/helpers/queue_theory.h"
#include "tests/helpers/run_model.h"

#include <gsl/gsl_cdf.h>
#include <math.h>

#define SEED         20231201
#define REPLICATIONS 24
#define MAX_CHECKS   400

struct check {
    char name[96];
    double p;
};

struct checks {
    struct check check[MAX_CHECKS];
    size_t count;
    double widest; /* largest standard error, relative */
};

static void check_mean(struct checks *checks, const char *setting, const char *what, const double number[],
                       double expected)
{
    double sum = 0, squares = 0;
    for (int r = 0; r < REPLICATIONS; r++) sum += number[r];
    double mean = sum / REPLICATIONS;
    for (int r = 0; r < REPLICATIONS; r++) squares += (number[r] - mean) * (number[r] - mean);
    double error = sqrt(squares / (REPLICATIONS - 1) / REPLICATIONS);
    assert_true(checks->count < MAX_CHECKS);
    struct check *check = &checks->check[checks->count++];
    snprintf(check->name, sizeof check->name, "%s %s: %.6g, theory %.6g, error %.2g", setting, what, mean,
             expected, error);
    check->p =
        error > 0 ? 2 * gsl_cdf_tdist_Q(fabs(mean - expected) / error, REPLICATIONS - 1) : mean == expected;
    if (error / expected > checks->widest) checks->widest = error / expected;
    if (getenv("CORRIDOR_SHOW_CHECKS")) printf("%.3f %% %s\n", 100 * error / expected, check->name);
}

struct setting {
    const char *name, *file;
    const char *set[5];
    int servers, room;
    double arrival, impatience; /* per minute; service has mean 1 minute */
    double cv2;                 /* M/G/1: squared coefficient of variation; else -1 */
};

#define MM1        "scenarios/queues/mm1.yaml"
#define MM8        "scenarios/queues/mm8.yaml"
#define MG1        "scenarios/queues/mg1.yaml"
#define MMCK       "scenarios/queues/mmck.yaml"
#define MMNM       "scenarios/queues/reneging.yaml"
#define RATE(x)    "stations.arrivals.interval.per_minute=" #x
#define SERVERS(x) "stations.desk.servers=" #x

static const struct setting settings[] = {
    {"M/M/1 0.3", MM1, {RATE(0.3), "to=2023-05-31"}, 1, 0, 0.3, 0, -1},
    {"M/M/1 0.5", MM1, {RATE(0.5), "to=2023-05-31"}, 1, 0, 0.5, 0, -1},
    {"M/M/1 0.7", MM1, {RATE(0.7), "to=2023-06-30"}, 1, 0, 0.7, 0, -1},
    {"M/M/1 0.8", MM1, {RATE(0.8), "to=2023-10-31"}, 1, 0, 0.8, 0, -1},
    {"M/M/1 0.9", MM1, {"to=2025-06-30", "warm_up_days=5"}, 1, 0, 0.9, 0, -1},
    {"M/M/2 1.6", MM1, {RATE(1.6), SERVERS(2), "to=2023-07-31"}, 2, 0, 1.6, 0, -1},
    {"M/M/3 2", MM1, {RATE(2), SERVERS(3), "to=2023-05-15"}, 3, 0, 2, 0, -1},
    {"M/M/8 7.2", MM8, {"to=2023-06-30"}, 8, 0, 7.2, 0, -1},
    {"M/M/8 6", MM8, {RATE(6), "to=2023-04-30"}, 8, 0, 6, 0, -1},
    {"M/M/20 17", MM8, {RATE(17), SERVERS(20), "to=2023-04-10"}, 20, 0, 17, 0, -1},
    {"M/M/2/6 1.8", MMCK, {"to=2023-02-28"}, 2, 6, 1.8, 0, -1},
    {"M/M/1/5 0.9", MMCK, {RATE(0.9), SERVERS(1), "stations.desk.room=5", "to=2023-03-31"}, 1, 5, 0.9, 0, -1},
    {"M/M/4/4 3 (Erlang B)",
     MMCK,
     {RATE(3), SERVERS(4), "stations.desk.room=4", "to=2023-01-20"},
     4,
     4,
     3,
     0,
     -1},
    {"M/M/3/10 3.6",
     MMCK,
     {RATE(3.6), SERVERS(3), "stations.desk.room=10", "to=2023-02-10"},
     3,
     10,
     3.6,
     0,
     -1},
    {"M/M/4+M 4.4", MMNM, {"to=2023-01-20"}, 4, 0, 4.4, 0.5, -1},
    {"M/M/4+M 3", MMNM, {RATE(3), "to=2023-02-10"}, 4, 0, 3, 0.5, -1},
    {"M/M/1+M 2", MMNM, {RATE(2), SERVERS(1), "to=2023-01-20"}, 1, 0, 2, 0.5, -1},
    {"M/M/10+M 12",
     MMNM,
     {RATE(12), SERVERS(10), "to=2023-01-15", "stations.desk.patience.mean_minutes=5"},
     10,
     0,
     12,
     0.2,
     -1},
    {"M/G/1 gamma", MG1, {"to=2024-03-31"}, 1, 0, 0.8, 0, 2.25},
    {"M/D/1",
     MG1,
     {"stations.desk.service={distribution: constant, shape: ~, mean_minutes: 1}", "to=2023-06-30"},
     1,
     0,
     0.8,
     0,
     0},
    {"M/E4/1",
     MG1,
     {"stations.desk.service={distribution: erlang, shape: 4, mean_minutes: 1}", RATE(0.7), "to=2023-05-31"},
     1,
     0,
     0.7,
     0,
     0.25},
    {"M/LN/1",
     MG1,
     {"stations.desk.service={distribution: lognormal, shape: 1, mean_minutes: 1}", RATE(0.6),
      "to=2023-10-31"},
     1,
     0,
     0.6,
     0,
     1},
};

/* ---- Little's law inside a run ----
 *
 * With the event log of everyone: when each person came to the desk and left it. */

#define LOG_RECORDS ((size_t)1 << 21)
#define LOG_SLOTS                                                                                            \
    ((size_t)1 << 21) /* of the table of persons: a power of 2, far more than persons in a log */

static void keep_log(struct run_model *run)
{
    run->replication.trace_fraction = 1;
    run->replication.trace = malloc(LOG_RECORDS * sizeof *run->replication.trace);
    run->replication.trace_capacity = LOG_RECORDS;
    assert_non_null(run->replication.trace);
}

struct visit {
    int64_t person; /* 0: free */
    double came;
};

static struct visit *visit_of(struct visit *table, int64_t person)
{
    size_t at = (size_t)((uint64_t)person * UINT64_C(0x9E3779B97F4A7C15) >> 43);
    while (table[at].person != 0 && table[at].person != person) at = (at + 1) & (LOG_SLOTS - 1);
    return &table[at];
}

/* Person-days at the desk within the days recorded, and those of people who lost patience, from the log. */
static void read_log(const struct run_model *run, double *in_system, double *of_those_who_left)
{
    const struct network *n = run->model.network;
    struct visit *table = calloc(LOG_SLOTS, sizeof *table);
    assert_non_null(table);
    double start = n->warm_up_days, present = 0, sum = 0;
    *of_those_who_left = 0;
    for (size_t i = 0; i < run->replication.trace_count; i++) {
        const struct trace_record *record = &run->replication.trace[i];
        const char *to = n->station[record->station].name;
        struct visit *visit = visit_of(table, record->person);
        if (strcmp(to, "desk") == 0) {
            *visit = (struct visit){record->person, record->day};
            present++;
            sum -= record->day;
            continue;
        }
        if (strcmp(n->station[n->route[record->route].from].name, "desk") != 0) continue;
        if (strcmp(to, "left") == 0) *of_those_who_left += record->day - fmax(visit->came, start);
        present--;
        sum += record->day;
    }
    double at_end = run_model_at(run, run_model_dataset(run, "stocks", "people_end"), n->bin_count - 1,
                                 run_model_index(run, "place", "desk"), 0);
    *in_system = sum + at_end * n->days - (at_end - present) * start;
    free(table);
}

static void assert_littles_law(const struct run_model *run, const struct setting *s, double system,
                               double busy, double waited)
{
    double days = run->model.network->days - run->model.network->warm_up_days, of_those_who_left = 0;
    if (s->impatience > 0) {
        double in_system;
        read_log(run, &in_system, &of_those_who_left);
        /* The people present on average are the time that all of them spent, to the tick. */
        if (fabs(in_system / days - system) > 1e-6 * system)
            fail_msg("%s: %.9g present, %.9g by the log", s->name, system, in_system / days);
    }
    /* Those who wait are the waits that ended, with or without service, up to those present at the ends. */
    if (fabs(system - busy - (waited + of_those_who_left) / days) > 0.005 * system + 0.002)
        fail_msg("%s: %g wait, %g by their waits", s->name, system - busy,
                 (waited + of_those_who_left) / days);
}

static void run_setting(struct checks *checks, const struct setting *s)
{
    size_t sets = 0;
    while (sets < 5 && s->set[sets]) sets++;
    struct run_model run;
    assert_true(run_model_open(&run, s->file, s->set, sets, 1));
    if (s->impatience > 0) keep_log(&run);
    const struct network *n = run.model.network;
    double minutes = (n->days - n->warm_up_days) * 1440.0, days = n->days - n->warm_up_days;
    double system[REPLICATIONS], busy[REPLICATIONS], wait[REPLICATIONS], lost[REPLICATIONS],
        left[REPLICATIONS];
    for (uint32_t r = 0; r < REPLICATIONS; r++) {
        assert_true(run_model_go(&run, SEED, r, 1, true));
        double ended = run_model_sum(&run, "waits", "ended", "station", "desk");
        double waited = run_model_sum(&run, "waits", "total", "station", "desk"); /* person-days */
        system[r] = run_model_sum(&run, "stocks", "people", "place", "desk") / days;
        busy[r] = run_model_sum(&run, "waits", "servers_busy", "station", "desk") / days;
        wait[r] = waited / ended * 1440;
        lost[r] = s->room
                      ? run_model_sum(&run, "events", "events", "event_kind", "lost") / (s->arrival * minutes)
                      : 0;
        left[r] = s->impatience > 0
                      ? run_model_sum(&run, "events", "events", "event_kind", "left") / (s->arrival * minutes)
                      : 0;
        assert_littles_law(&run, s, system[r], busy[r], waited);
    }
    run_model_close(&run);
    struct queue_answer answer = s->cv2 >= 0
                                     ? queue_mg1(s->arrival, 1, s->cv2)
                                     : queue_birth_death(s->arrival, 1, s->servers, s->room, s->impatience);
    check_mean(checks, s->name, "in system", system, answer.in_system);
    check_mean(checks, s->name, "servers busy", busy, answer.busy);
    if (s->impatience == 0 && answer.wait > 0) check_mean(checks, s->name, "wait", wait, answer.wait);
    if (s->room) check_mean(checks, s->name, "lost", lost, answer.lost);
    if (s->impatience > 0) check_mean(checks, s->name, "left", left, answer.left);
}

/* Jackson (1957): each station of the open network is an M/M/2 of its own throughput. */
static void run_network(struct checks *checks)
{
    static const struct {
        const char *name;
        double arrival, service;
    } station[] = {{"first", 1 / 0.872, 1 / 1.3952},
                   {"second", 0.64 / 0.872, 1 / 2.18},
                   {"third", 0.4 / 0.872, 1 / 3.488}};
    struct run_model run;
    static const char *const sets[] = {"to=2024-03-31"};
    assert_true(run_model_open(&run, "scenarios/queues/network3.yaml", sets, 1, 1));
    double system[3][REPLICATIONS], busy[3][REPLICATIONS], wait[3][REPLICATIONS];
    double days = run.model.network->days - run.model.network->warm_up_days;
    for (uint32_t r = 0; r < REPLICATIONS; r++) {
        assert_true(run_model_go(&run, SEED, r, 1, true));
        for (int s = 0; s < 3; s++) {
            double ended = run_model_sum(&run, "waits", "ended", "station", station[s].name),
                   waited = run_model_sum(&run, "waits", "total", "station", station[s].name);
            system[s][r] = run_model_sum(&run, "stocks", "people", "place", station[s].name) / days;
            busy[s][r] = run_model_sum(&run, "waits", "servers_busy", "station", station[s].name) / days;
            wait[s][r] = waited / ended * 1440;
            if (fabs(system[s][r] - busy[s][r] - waited / days) > 0.005 * system[s][r] + 0.002)
                fail_msg("%s: %g wait, %g by their waits", station[s].name, system[s][r] - busy[s][r],
                         waited / days);
        }
    }
    run_model_close(&run);
    for (int s = 0; s < 3; s++) {
        struct queue_answer answer = queue_birth_death(station[s].arrival, station[s].service, 2, 0, 0);
        check_mean(checks, station[s].name, "in system", system[s], answer.in_system);
        check_mean(checks, station[s].name, "servers busy", busy[s], answer.busy);
        check_mean(checks, station[s].name, "wait", wait[s], answer.wait);
    }
}

static int by_p(const void *a, const void *b)
{
    double x = ((const struct check *)a)->p, y = ((const struct check *)b)->p;
    return (x > y) - (x < y);
}

/* Would catch a wrong sampler, a lost or doubled event, a server counted twice, a wait measured from the
 * wrong moment. */
static void test_theory(void **state)
{
    (void)state;
    static struct checks checks;
    for (size_t s = 0; s < sizeof settings / sizeof *settings; s++) run_setting(&checks, &settings[s]);
    run_network(&checks);
    qsort(checks.check, checks.count, sizeof *checks.check, by_p);
    bool holds = true;
    for (size_t i = 0; i < checks.count; i++) {
        if (checks.check[i].p >= 0.001 / (double)(checks.count - i)) break;
        printf("differs from theory: %s (p = %.2g)\n", checks.check[i].name, checks.check[i].p);
        holds = false;
    }
    printf("%zu checks, smallest p %.3g (%s), widest standard error %.2f %%\n", checks.count,
           checks.check[0].p, checks.check[0].name, checks.widest * 100);
    assert_true(holds);
    assert_true(checks.widest < 0.0045);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_theory)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
