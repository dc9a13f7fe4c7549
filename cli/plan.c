#include "cli/plan.h"

#include "cli/step.h"
#include "cli/table.h"
#include "cli/text.h"

#include "analysis/caveats.h"
#include "analysis/estimate.h"

/* Shuffle and deflate make a replication this much smaller (measured on counts: 4.8 times; on numbers like
 * expectations, whose last digits are all different: 1.3 to 1.6 times). */
#define COMPRESSION      5.0
#define COMPRESSION_MEAN 1.5

static void print_engine(const struct study *study, FILE *stream)
{
    char step[STEP_SIZE];
    fprintf(stream, "engine: %s", engine_names[study->engine.kind]);
    if (study->engine.kind == ENGINE_AGENTS)
        fprintf(stream, ", every person in continuous time\n");
    else
        fprintf(stream, ", step %s\n", step_text(step, study->engine));
    if (study->engine.kind == ENGINE_MEAN && study->replications > 1)
        fprintf(stream, "  %s\n",
                study->parameters_fixed
                    ? "without chance and with fixed values all replications are the same: "
                      "-n 1 says it all"
                    : "without chance, the two replications of a pair (0 and 1, 2 and 3, ...), "
                      "which share their values, are the same");
}

static void print_scenarios(const struct study *study, FILE *stream, double *memory)
{
    static const char *const heads[] = {"scenario", "from",   "to",      "bins",  "places",
                                        "stations", "routes", "classes", "people"};
    struct table table;
    table_begin(&table, "lllrrrrrr");
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++) table_add(&table, "%s", heads[i]);
    for (size_t s = 0; s < study->scenario_count; s++) {
        const struct network *network = study->scenarios[s].network;
        char first[11], last[11], people[NUMBER_SIZE];
        double arrivals = estimate_arrivals(network, study->scale), need = estimate_memory(network, arrivals);
        date_format(network->from, first);
        date_format(network->from + network->days - 1, last);
        table_add(&table, "%s", study->scenarios[s].name);
        table_add(&table, "%s", first);
        table_add(&table, "%s", last);
        table_add(&table, "%zu", network->bin_count);
        table_add(&table, "%zu", network->place_count);
        table_add(&table, "%zu", network->station_count);
        table_add(&table, "%zu", network->route_count);
        table_add(&table, "%zu", network->class_count);
        table_add(&table, "%s", number_text(people, arrivals, 0));
        if (need > *memory) *memory = need;
    }
    table_print(&table, stream, 2);
}

struct drawn_table {
    struct table table;
    const struct network *network;
};

static void add_begin(struct drawn_table *self, const struct drawn *drawn)
{
    char date[11];
    if (drawn->rule) {
        table_add(&self->table, "rule %s", drawn->rule);
        return;
    }
    if (drawn->day > INT32_MIN) date_format(self->network->from + drawn->day, date);
    table_add(&self->table, "%s", drawn->day > INT32_MIN ? date : "the start");
}

static void add_drawn(void *context, const struct drawn *drawn)
{
    struct drawn_table *self = context;
    char value[NUMBER_SIZE];
    table_add(&self->table, "%s", drawn->path);
    table_add(&self->table, "%s", number_short(value, drawn->value));
    table_add(&self->table, "%.6g .. %.6g", drawn->low, drawn->high);
    table_add(&self->table, "%s", drawn->shape == SLOT_UNIFORM ? "uniform" : "triangular");
    add_begin(self, drawn);
}

static void print_drawn(const struct study *study, FILE *stream)
{
    static const char *const heads[] = {"value", "central", "range", "shape", "from"};
    struct drawn_table drawn = {.network = study->scenarios[0].network};
    table_begin(&drawn.table, "lrlll");
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++) table_add(&drawn.table, "%s", heads[i]);
    size_t count = estimate_drawn(drawn.network, add_drawn, &drawn);
    if (study->parameters_fixed)
        fprintf(stream, "values: all at their central value (--parameters fixed)\n");
    else
        fprintf(stream, "values drawn in each pair of replications (of %s): %zu\n", study->scenarios[0].name,
                count);
    if (count > 0 && !study->parameters_fixed) table_print(&drawn.table, stream, 2);
    table_free(&drawn.table);
}

static void print_coarse(const struct coarse_queue *coarse, struct engine engine, FILE *stream)
{
    char step[STEP_SIZE], finer[STEP_SIZE];
    const bool service = coarse->service <= coarse->patience;
    const double minutes = 1440 * (service ? coarse->service : coarse->patience);
    fprintf(stream, "note: at '%s' a %s of %.3g %s is short against a step of %s", coarse->station,
            service ? "service" : "patience", minutes < 90 ? minutes : minutes / 60,
            minutes < 90 ? "min" : "h", step_text(step, engine));
    if (coarse->count > 1)
        fprintf(stream, " (and so at %zu more queue%s)", coarse->count - 1, plural(coarse->count - 1));
    fprintf(stream, ": do not rely on waits there, nor on who gives up; ");
    if (coarse->steps_per_day > 0)
        fprintf(stream, "--step %s or ",
                step_text(finer, (struct engine){engine.kind, coarse->steps_per_day}));
    fprintf(stream, "-e agents would do\n");
}

void plan_print_caveats(const struct study *study, FILE *stream)
{
    struct coarse_queue coarse = {0};
    const char *few_servers = NULL, *without_chance = NULL;
    for (size_t s = 0; s < study->scenario_count; s++) {
        const struct network *network = study->scenarios[s].network;
        if (coarse.count == 0) caveat_of_step(network, study->engine, &coarse);
        if (!few_servers && study->scale < 1) few_servers = caveat_of_scale(network);
        if (!without_chance) without_chance = caveat_of_mean(network, study->engine);
    }
    if (coarse.count > 0) print_coarse(&coarse, study->engine, stream);
    if (few_servers)
        fprintf(stream,
                "note: at '%s' fewer servers mean longer waits than the same load at all of them: --scale 1 "
                "would "
                "do\n",
                few_servers);
    if (without_chance)
        fprintf(stream,
                "note: mean has no chance, so at '%s' nobody waits while servers suffice on average\n",
                without_chance);
}

bool plan_print(const struct study *study, const char *path, FILE *stream, struct error *error)
{
    struct recording *recording;
    if (!recording_new(&recording, study->scenarios, study->scenario_count, study->engine,
                       study->replications, study->seed, study->scale, study->trace_fraction > 0,
                       study->texts, study->text_count, error))
        return false;
    double block = (double)recording_layout(recording)->block_bytes, memory = 0;
    double runs = (double)(study->scenario_count * study->replications);
    double compression = study->engine.kind == ENGINE_MEAN ? COMPRESSION_MEAN : COMPRESSION;
    recording_free(recording);
    char text[NUMBER_SIZE], most[NUMBER_SIZE];
    fprintf(stream,
            "%zu scenario%s, %zu replication%s each, seed %llu, scale %g, %d thread%s; nothing is run\n",
            study->scenario_count, plural(study->scenario_count), study->replications,
            plural(study->replications), (unsigned long long)study->seed, study->scale, study_threads(study),
            plural((size_t)study_threads(study)));
    print_engine(study, stream);
    print_scenarios(study, stream, &memory);
    if (study->engine.kind == ENGINE_AGENTS)
        fprintf(stream, "memory: about %s if nobody left, besides the program; usually far less\n",
                bytes_text(most, (memory + block) * study_threads(study)));
    else
        fprintf(stream, "memory: little, and the same for any number of people\n");
    fprintf(stream, "output: %s, about %s", path, bytes_text(text, runs * block / compression));
    fprintf(stream, " (%s before compression)%s\n", bytes_text(text, runs * block),
            study->trace_fraction > 0 ? ", and the trace" : "");
    print_drawn(study, stream);
    return true;
}
