/* corridor run: scenarios, many times, into one results file. */
#include "cli/csv.h"
#include "cli/outputs.h"
#include "cli/plan.h"
#include "cli/report.h"
#include "cli/scenarios.h"
#include "cli/step.h"
#include "cli/text.h"
#include "cli/verbs.h"
#include "cli/watch.h"

#include <dirent.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

/* Everything that one `corridor run` needs. */
struct job {
    const struct parsed *arguments;
    struct study study;
    struct recording_scenario *scenario;
    struct results_text text[5];
    char trace_text[32], step_text[STEP_SIZE];
    char *path;
    const char *csv;
    enum results_mode mode;
    bool has_targets; /* some scenario says what was published */
};

static int read_numbers(struct job *self)
{
    const struct parsed *arguments = self->arguments;
    uint64_t replications, seed, threads = 0;
    if (!parsed_whole(arguments, "replications", 1, 10000000, &replications) ||
        !parsed_whole(arguments, "seed", 0, UINT64_MAX, &seed) ||
        !parsed_real(arguments, "scale", 1e-6, 100, &self->study.scale) ||
        !parsed_real(arguments, "trace", 0, 1, &self->study.trace_fraction) ||
        (parsed_flag(arguments, "threads") && !parsed_whole(arguments, "threads", 1, 4096, &threads)))
        return EXIT_USAGE;
    self->study.replications = (size_t)replications;
    self->study.seed = seed;
    self->study.threads = (int)threads;
    self->study.parameters_fixed = strcmp(parsed_text(arguments, "parameters"), "fixed") == 0;
    return EXIT_DONE;
}

static int read_engine(struct job *self)
{
    const struct parsed *arguments = self->arguments;
    struct engine *engine = &self->study.engine;
    const char *name = parsed_text(arguments, "engine");
    char message[STEP_MESSAGE_SIZE];
    while (strcmp(engine_names[engine->kind], name) != 0) engine->kind++; /* the options allow no other */
    if (!step_parse(parsed_text(arguments, "step"), &engine->steps_per_day, message))
        return say_usage(&verb_run, "--step: %s", message);
    if (engine->kind == ENGINE_AGENTS && parsed_flag(arguments, "step"))
        return say_usage(&verb_run, "--step: agents move in continuous time and take no steps; "
                                    "use it with -e flows or -e mean");
    if (engine->kind != ENGINE_AGENTS && self->study.trace_fraction > 0)
        return say_usage(&verb_run,
                         "--trace: -e %s moves people in groups, so there is nobody to follow; use -e agents",
                         name);
    return EXIT_DONE;
}

static int read_choices(struct job *self)
{
    const struct parsed *arguments = self->arguments;
    bool resume = parsed_flag(arguments, "resume"), force = parsed_flag(arguments, "force");
    if (resume && force) return say_usage(&verb_run, "--resume and --force exclude each other");
    self->mode = resume ? RESULTS_RESUME : force ? RESULTS_FORCE : RESULTS_NEW;
    self->csv = parsed_text(arguments, "csv");
    return EXIT_DONE;
}

/* What decides the numbers goes into the file, so that resuming with other choices is refused. */
static void keep_texts(struct job *self)
{
    snprintf(self->trace_text, sizeof self->trace_text, "%.10g", self->study.trace_fraction);
    self->text[0] = (struct results_text){"version", -1, CORRIDOR_VERSION};
    self->text[1] = (struct results_text){"engine", -1, engine_names[self->study.engine.kind]};
    self->text[2] = (struct results_text){"parameters", -1, self->study.parameters_fixed ? "fixed" : "drawn"};
    self->text[3] = (struct results_text){"trace_fraction", -1, self->trace_text};
    self->text[4] = (struct results_text){"step", -1, step_text(self->step_text, self->study.engine)};
    self->study.texts = self->text;
    self->study.text_count = self->study.engine.kind == ENGINE_AGENTS ? 4 : 5;
}

/* Results are written beside their file and then renamed: a link would be replaced instead of what it leads
 * to. It may lead to a file that is not there yet. */
static int follow_link(struct job *self)
{
    char target[PATH_MAX];
    const ssize_t length = readlink(self->path, target, sizeof target - 1);
    if (length < 0) return EXIT_DONE;
    target[length] = '\0';
    char *file = realpath(self->path, NULL);
    const char *slash = strrchr(self->path, '/');
    const int folder = slash && *target != '/' ? (int)(slash - self->path) + 1 : 0;
    if (!file && asprintf(&file, "%.*s%s", folder, self->path, target) < 0)
        return say_failure(&verb_run, "not enough memory for the study");
    free(self->path);
    self->path = file;
    return EXIT_DONE;
}

static int take_scenarios(struct job *self, const struct scenarios *scenarios)
{
    self->scenario = calloc(scenarios->count + 1, sizeof *self->scenario);
    if (!self->scenario) return say_failure(&verb_run, "not enough memory for the study");
    for (size_t i = 0; i < scenarios->count; i++) {
        const struct model *model = &scenarios->model[i];
        if (self->study.scale != 1 && !model->network->scalable)
            return say_usage(
                &verb_run,
                "--scale: %s cannot be scaled (scalable: false): with fewer servers, its waits would differ",
                model->name);
        self->scenario[i] =
            (struct recording_scenario){model->name, model->network, model->text, model->data};
        self->has_targets = self->has_targets || model->target_count > 0;
    }
    self->study.scenarios = self->scenario;
    self->study.scenario_count = scenarios->count;
    bool given = parsed_flag(self->arguments, "output");
    if (asprintf(&self->path, "%s%s",
                 given ? parsed_text(self->arguments, "output") : scenarios->model[0].name,
                 given ? "" : ".h5") < 0)
        self->path = NULL;
    return self->path ? follow_link(self) : say_failure(&verb_run, "not enough memory for the study");
}

/* An output must be no input and no other output: --force is not meant so. */
static int tell_apart(const struct job *self, const struct scenarios *scenarios)
{
    const struct output results = {"-o", self->path}, table = {"--csv", self->csv};
    if (self->csv && outputs_same(self->path, self->csv))
        return say_usage(&verb_run, "-o (%s) and --csv (%s) are the same file; give one of them another name",
                         self->path, self->csv);
    int code = output_refuse_read(&verb_run, results, scenarios->file, scenarios->file_count);
    if (code == EXIT_DONE && self->csv)
        code = output_refuse_read(&verb_run, table, scenarios->file, scenarios->file_count);
    return code;
}

static bool holds_something(const char *folder)
{
    DIR *open = opendir(folder);
    bool found = false;
    for (const struct dirent *entry; open && !found && (entry = readdir(open));)
        found = strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
    if (open) closedir(open);
    return found;
}

/* Hours of work are not overwritten, and not refused only at their end. */
static int check_results(const struct job *self)
{
    int code = output_refuse_folder(&verb_run, (struct output){"-o", self->path});
    if (code != EXIT_DONE || self->mode != RESULTS_NEW) return code;
    char *parts = NULL;
    if (asprintf(&parts, "%s.parts", self->path) < 0) return say_failure(&verb_run, "not enough memory");
    bool unfinished = holds_something(parts);
    free(parts);
    if (access(self->path, F_OK) == 0)
        return say_usage(&verb_run,
                         "%s exists: --resume adds to it, --force replaces it, -o names another file",
                         self->path);
    if (unfinished)
        return say_usage(&verb_run,
                         "%s.parts holds an unfinished study: --resume goes on with it, --force starts anew",
                         self->path);
    return EXIT_DONE;
}

static int check_table(const struct job *self)
{
    const struct output table = {"--csv", self->csv};
    if (!self->csv) return EXIT_DONE;
    int code = output_refuse_folder(&verb_run, table);
    if (code == EXIT_DONE) code = output_refuse_existing(&verb_run, table, self->mode != RESULTS_NEW);
    return code == EXIT_DONE ? output_try(&verb_run, table) : code;
}

/* What was done and how fast: events of agents; with cohorts, cells of station and class that held somebody,
 * times steps. */
static void print_pace(const struct job *self, double count, double work)
{
    char counted[NUMBER_SIZE], rate[NUMBER_SIZE], each[NUMBER_SIZE];
    number_text(counted, count, 0);
    number_text(rate, work > 0 ? count / work * 1e-6 : 0, 2);
    if (self->study.engine.kind == ENGINE_AGENTS) {
        printf("%s events, %s million events per second and core", counted, rate);
        return;
    }
    printf("%s cell-steps", counted);
    if (count > 0)
        printf(", %s million a second and core (%s ns each)", rate, number_text(each, work / count * 1e9, 0));
}

/* Commands that can be pasted. */
static void print_next(const struct job *self)
{
    printf("Results: %s\nNext:    corridor show ", self->path);
    text_print_word(stdout, self->path);
    if (self->study.scenario_count > 1) {
        printf("\n         corridor compare ");
        for (size_t s = 0; s < self->study.scenario_count; s++) {
            text_print_word(stdout, self->study.scenarios[s].name);
            putchar(' ');
        }
        text_print_word(stdout, self->path);
    }
    if (self->has_targets) {
        printf("\n         corridor score ");
        text_print_word(stdout, self->path);
    }
    putchar('\n');
}

static void print_cost(const struct job *self, const struct study_progress *progress, double seconds)
{
    char done[NUMBER_SIZE], spent[NUMBER_SIZE], memory[NUMBER_SIZE];
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    size_t complete = atomic_load(&progress->done) - atomic_load(&progress->failed);
    printf("\n%s replication%s; this run: ", number_text(done, (double)complete, 0), plural(complete));
    print_pace(self, (double)atomic_load(&progress->events),
               (double)atomic_load(&progress->nanoseconds) * 1e-9);
    printf(", %s, %s of memory\n", seconds_text(spent, seconds),
           bytes_text(memory, (double)usage.ru_maxrss * 1024));
    print_next(self);
}

static int print_results(const struct job *self)
{
    struct measures measures;
    struct error error;
    bool quiet = parsed_flag(self->arguments, "quiet");
    if (quiet && !self->csv) return EXIT_DONE;
    if (!measures_read(&measures, self->path, &error)) return say_error(&verb_run, &error);
    int code = EXIT_DONE;
    if (self->csv && !csv_write(&measures, self->csv, &error)) code = say_error(&verb_run, &error);
    if (!quiet && memchr(measures.complete, 1, measures.scenarios * measures.replications))
        report_print(&measures, self->path, stdout);
    measures_free(&measures);
    return code;
}

/* What is safe stands in the folder of parts, or in a finished file that was to be extended. */
static int say_stopped(const struct job *self, const struct study_progress *progress)
{
    size_t safe = atomic_load(&progress->done) - atomic_load(&progress->failed);
    size_t total = atomic_load(&progress->total);
    char *parts = NULL;
    if (asprintf(&parts, "%s.parts", self->path) < 0) return say_failure(&verb_run, "not enough memory");
    if (safe == 0)
        fputs("stopped: nothing is stored yet; the same command starts anew\n", stderr);
    else
        fprintf(stderr,
                "stopped: %zu of %zu replication%s are safe in %s; the same command with --resume goes on\n",
                safe, total, plural(total), access(parts, F_OK) == 0 ? parts : self->path);
    free(parts);
    return EXIT_STOPPED;
}

static int run_study(const struct job *self)
{
    struct study_progress progress = {0};
    struct watch watch;
    struct error error = {0};
    bool quiet = parsed_flag(self->arguments, "quiet");
    enum watch_style style = watch_style(parsed_text(self->arguments, "progress"), quiet);
    const char *counted = self->study.engine.kind == ENGINE_AGENTS ? "events" : "cell-steps";
    if (!watch_begin(&watch, &progress, style, counted))
        return say_failure(&verb_run, "no thread can be started");
    const struct study_observer observer = {.failure = watch_failure, .context = &watch};
    bool good = study_run(&self->study, self->path, self->mode, &progress, &observer, &error);
    size_t failed = atomic_load(&progress.failed);
    double seconds = watch_seconds() - watch.began;
    watch_end(&watch);
    if (!good && error.kind == ERROR_STOPPED) return say_stopped(self, &progress);
    if (!good) return say_error(&verb_run, &error);
    int code = print_results(self);
    if (!quiet) print_cost(self, &progress, seconds);
    if (failed)
        code = say_failure(&verb_run, "%zu replication%s failed; what is complete is in %s", failed,
                           plural(failed), self->path);
    return code;
}

static int run(const struct parsed *arguments)
{
    struct job job = {.arguments = arguments};
    struct scenarios scenarios = {0};
    struct error error;
    int code = read_choices(&job);
    if (code == EXIT_DONE) code = read_numbers(&job);
    if (code == EXIT_DONE) code = read_engine(&job);
    if (code == EXIT_DONE) code = scenarios_load(&scenarios, arguments);
    if (code == EXIT_DONE) code = take_scenarios(&job, &scenarios);
    if (code == EXIT_DONE) code = tell_apart(&job, &scenarios);
    if (code == EXIT_DONE) keep_texts(&job);
    if (code == EXIT_DONE && parsed_flag(arguments, "dry-run")) {
        if (!plan_print(&job.study, job.path, stdout, &error)) code = say_error(&verb_run, &error);
        if (code == EXIT_DONE) plan_print_caveats(&job.study, stderr);
    } else if (code == EXIT_DONE) {
        code = check_results(&job);
        if (code == EXIT_DONE) code = check_table(&job);
        if (code == EXIT_DONE && !parsed_flag(arguments, "quiet")) plan_print_caveats(&job.study, stderr);
        if (code == EXIT_DONE) code = run_study(&job);
    }
    free(job.scenario);
    free(job.path);
    scenarios_free(&scenarios);
    return code;
}

static const char *const engines[] = {"agents", "flows", "mean", NULL};
static const char *const parameters[] = {"drawn", "fixed", NULL};
static const char *const styles[] = {"auto", "bar", "lines", "json", "none", NULL};
static const struct option_row options[] = {
    {'n', "replications", "N", "40", "replications of each scenario", NULL},
    {'e', "engine", "ENGINE", "agents",
     "agents: every person in continuous time; flows: groups of people, step by step; mean: the same steps, "
     "each draw replaced by its expectation",
     engines},
    {0, "step", "TIME", "1d", "length of a step of flows and mean: 1d, 6h, 90m, ...; it must divide a day",
     NULL},
    {'j', "threads", "N", "all processors", "threads; the results do not depend on it", NULL},
    {'o', "output", "FILE", "the first scenario's name with .h5, in the current folder", "results file",
     NULL},
    {'s', "seed", "NUMBER", "20231201", "seed of all random numbers", NULL},
    {0, "scale", "FACTOR", "1",
     "simulate this share of the people, capacities and money; measures are scaled back, and noisier", NULL},
    SET_OPTION,
    {0, "parameters", "WORD", "drawn",
     "drawn: values with a range are drawn for each pair of replications; fixed: central values", parameters},
    {0, "resume", NULL, NULL, "go on with a study that was stopped, or add replications to a finished one",
     NULL},
    {0, "force", NULL, NULL, "replace an existing results file and table", NULL},
    {0, "trace", "FRACTION", "0", "share of the people whose every step is kept in the file", NULL},
    {0, "csv", "FILE", NULL, "also write the measures as a long table", NULL},
    {0, "dry-run", NULL, NULL, "say what would be run, needed and written, and stop", NULL},
    {'q', "quiet", NULL, NULL, "print nothing but mistakes and failures", NULL},
    {0, "progress", "STYLE", "auto",
     "bar: one line that is drawn anew; lines: a line every 30 seconds; json: an object each second, one per "
     "line; none: no progress; auto: bar on a terminal, lines elsewhere",
     styles},
};

const struct verb verb_run = {
    .name = "run",
    .operands = "FILE...",
    .summary = "run scenarios many times",
    .description =
        "Runs each scenario many times and writes one results file, which xarray, h5py, R and netCDF tools "
        "open. "
        "All scenarios of one run share their random numbers, so that they can be compared replication by "
        "replication. Prints the main measures with intervals. Ctrl-C stops cleanly; --resume goes on.\n",
    .examples =
        "  corridor run scenarios/history.yaml -n 200\n"
        "  corridor run scenarios/history.yaml scenarios/funding-runs-out.yaml -o funding.h5\n"
        "  corridor run scenarios/history.yaml -e flows --step 6h -n 200\n"
        "  corridor run scenarios/history.yaml --scale 0.1 --set accounts.inm.reserve_mxn=0 --dry-run\n",
    .option = options,
    .option_count = sizeof options / sizeof *options,
    .least = 1,
    .most = SIZE_MAX,
    .run = run,
};
