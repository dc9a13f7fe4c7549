/* The table of keys. Rows: name, unit, range or words, default ("" required, "-" absent means off), meaning,
 * source of the default, and the place in the struct being filled. */
#include "models/schema.h"

#include <math.h>
#include <stddef.h>

#define LARGE 1e15

static const char *const bin_words[] = {"month", "week", "day", NULL};
static const char *const family_words[] = {"constant", "exponential", "erlang",     "gamma",     "lognormal",
                                           "weibull",  "uniform",     "triangular", "empirical", NULL};
static const char *const per_words[] = {"day", "month", NULL};
static const char *const status_words[] = {"unsaid", "measured", "calibrated", "assumed", NULL};
static const char *const shape_words[] = {"triangular", "uniform", NULL};
static const char *const kind_words[] = {"source",     "delay", "gate",   "queue", "ballot",
                                         "departures", "stay",  "choice", "sink",  NULL};
static const char *const discipline_words[] = {"fifo", "priority", "lottery", NULL};
static const char *const use_words[] = {"fit", "check", NULL};

/* One macro for each form; OF is the struct being filled. */
#define ROW(c, n, u, t, lo, hi, d, m, s, w, f, o)                                                            \
    {                                                                                                        \
        c, n, u, t, lo, hi, d, m, s, w, f, o                                                                 \
    }
#define TEXT(c, n, d, m, of, field)                                                                          \
    ROW(c, n, "", "text", NAN, NAN, d, m, "", NULL, FORM_TEXT, offsetof(of, field))
#define DATE(c, n, d, m, of, field)                                                                          \
    ROW(c, n, "", "date", NAN, NAN, d, m, "", NULL, FORM_DATE, offsetof(of, field))
#define NUMBER(c, n, u, lo, hi, d, m, s, of, field)                                                          \
    ROW(c, n, u, "number", lo, hi, d, m, s, NULL, FORM_NUMBER, offsetof(of, field))
#define WHOLE(c, n, u, lo, hi, d, m, s, of, field)                                                           \
    ROW(c, n, u, "whole number", lo, hi, d, m, s, NULL, FORM_WHOLE, offsetof(of, field))
#define FLAG(c, n, d, m, of, field)                                                                          \
    ROW(c, n, "", "true or false", NAN, NAN, d, m, "", NULL, FORM_FLAG, offsetof(of, field))
#define WORD(c, n, w, d, m, of, field)                                                                       \
    ROW(c, n, "", "word", NAN, NAN, d, m, "", w, FORM_WORD, offsetof(of, field))
#define VALUE(c, n, u, lo, hi, d, m, s, of, field)                                                           \
    ROW(c, n, u, "value", lo, hi, d, m, s, NULL, FORM_VALUE, offsetof(of, field))
#define CLASSED(c, n, u, lo, hi, d, m, s, of, field)                                                         \
    ROW(c, n, u, "value, by class", lo, hi, d, m, s, NULL, FORM_CLASS_VALUE, offsetof(of, field))
/* A value that the compiler stores itself (into a capacity, a list, ...). */
#define LOOSE(c, n, u, lo, hi, d, m) ROW(c, n, u, "value", lo, hi, d, m, "", NULL, FORM_LOOSE, 0)
#define CLASSES(c, n, m, of, field)                                                                          \
    ROW(c, n, "", "list of classes", NAN, NAN, "-", m, "", NULL, FORM_CLASSES, offsetof(of, field))
#define NAME(c, n, d, m)  ROW(c, n, "", "name", NAN, NAN, d, m, "", NULL, FORM_NAME, 0)
#define ROUTE(c, n, d, m) ROW(c, n, "", "station", NAN, NAN, d, m, "", NULL, FORM_ROUTE, 0)
#define MAP(c, n, d, m)   ROW(c, n, "", "map", NAN, NAN, d, m, "", NULL, FORM_MAP, 0)
#define LIST(c, n, d, m)  ROW(c, n, "", "list", NAN, NAN, d, m, "", NULL, FORM_LIST, 0)

static const struct key_entry keys[] = {

    TEXT("scenario", "title", "", "what the scenario is about", struct scenario_head, title),
    NAME("scenario", "model", "-", "the model that the scenario builds on, by name"),
    NAME("scenario", "extends", "-", "another scenario file that this one changes"),
    DATE("scenario", "from", "", "first day recorded", struct scenario_head, from),
    DATE("scenario", "to", "", "last day, inclusive", struct scenario_head, to),
    WHOLE("scenario", "spin_up_days", "days", 0, 3650, "0", "days simulated before `from` and not recorded",
          "", struct scenario_head, spin_up_days),
    WHOLE("scenario", "warm_up_days", "days", 0, 3650, "0", "days after `from` that are not recorded", "",
          struct scenario_head, warm_up_days),
    FLAG("scenario", "scalable", "true", "false: --scale is refused", struct scenario_head, scalable),
    MAP("scenario", "record", "-", "what is recorded, and in which bins"),
    MAP("scenario", "classes", "-",
        "dimensions of the customer classes, each a list of labels; one class if absent"),
    MAP("scenario", "places", "-", "places by name"),
    MAP("scenario", "measures", "-", "named counts of events"),
    MAP("scenario", "schedules", "-", "values that change on dates, by name"),
    MAP("scenario", "capacities", "-", "staff, seats or desks shared between stations, by name"),
    MAP("scenario", "accounts", "-", "money, by name"),
    MAP("scenario", "ballots", "-", "rules of appointment draws, by name"),
    MAP("scenario", "signals", "-", "measured values that choices and rules look at, by name"),
    MAP("scenario", "stations", "", "stations by name"),
    LIST("scenario", "policies", "-", "dated or conditional changes of values"),
    LIST("scenario", "targets", "-", "published figures to reproduce"),

    WORD("record", "bins", bin_words, "month", "width of the time bins", struct network, bins),
    LIST("record", "wait_edges_days", "0, 0.25, 1, 2, 4, ... 365",
         "lower edges of the bins of waits, ascending"),
    FLAG("record", "flows", "true", "people along each route", struct network, record_flows),
    FLAG("record", "stocks", "true", "people at each place, harm and nights without shelter there",
         struct network, record_stocks),
    FLAG("record", "waits", "true", "waits at each station where people wait", struct network, record_waits),

    NAME("place", "name", "-", "name for readers (results use the key)"),
    TEXT("place", "country", "-", "country", struct place, country),
    TEXT("place", "zone", "-", "part of the country", struct place, zone),
    NUMBER("place", "latitude", "degrees", -90, 90, "-", "latitude", "", struct place, latitude),
    NUMBER("place", "longitude", "degrees", -180, 180, "-", "longitude", "", struct place, longitude),
    VALUE("place", "shelter_places", "people", 0, LARGE, "-",
          "places to sleep; absent: everyone is sheltered", "", struct place, shelter_places),
    CLASSED("place", "harm_per_day_sheltered", "events per person and day", 0, 100, "-",
            "harm to those sheltered", "", struct place, harm_per_day_sheltered),
    CLASSED("place", "harm_per_day_unsheltered", "events per person and day", 0, 100, "-",
            "harm to those who find no place", "", struct place, harm_per_day_unsheltered),

    TEXT("measure", "long_name", "-", "name for readers", struct tally, long_name),
    MAP("classes", "DIMENSION", "-", "labels of one dimension (a list); labels differ between dimensions"),
    ROW("measure", "per_person", "", "true or false", NAN, NAN, "false",
        "true: each person remembers how often it was counted (at most 3 measures)", "", NULL, FORM_NAME, 0),

    LOOSE("schedule", "value", "", NAN, NAN, "-", "a constant"),
    MAP("schedule", "steps", "-", "date: value; the first value also holds before its date"),
    LIST("schedule", "season", "-", "twelve factors, January first"),
    MAP("schedule", "monthly", "-", "YYYY-MM: value; first and last are held outside the series"),
    TEXT("schedule", "csv", "-", "file with the series, looked up beside the scenario", struct schedule_head,
         csv),
    TEXT("schedule", "column", "-", "column of the file with the values; empty cells are skipped",
         struct schedule_head, column),
    TEXT("schedule", "time_column", "-", "column with YYYY-MM or YYYY-MM-DD; the first if absent",
         struct schedule_head, time_column),
    WORD("schedule", "per", per_words, "day", "month: values are divided by the days of their month",
         struct schedule_head, per),
    WHOLE("schedule", "lag_days", "days", -3650, 3650, "0", "the series holds this many days later", "",
          struct schedule_head, lag_days),

    NUMBER("value", "value", "", NAN, NAN, "", "the central value", "", struct value_head, value),
    LIST("value", "range", "-", "lowest and highest value; pairs of replications draw from it"),
    WORD("value", "status", status_words, "unsaid", "calibrated and assumed values need a range",
         struct value_head, status),
    WORD("value", "shape", shape_words, "triangular",
         "distribution over the range (triangular: mode at the value)", struct value_head, shape),

    LOOSE("capacity", "at_once", "people at once", 0, LARGE, "-", "how many can be served at the same time"),
    LOOSE("capacity", "per_day", "people per day", 0, LARGE, "-", "how many can be served each day"),

    WHOLE("account", "allotment_day", "day of the month", 1, 28, "1", "when the monthly release arrives", "",
          struct account, allotment_day),
    TEXT("account", "currency", "-", "ISO 4217; must agree with the ending of the keys", struct account,
         currency),
    VALUE("account", "opening_mxn", "MXN (or _usd: USD)", -LARGE, LARGE, "0", "balance at `from`", "",
          struct account, opening),
    VALUE("account", "monthly_release_mxn", "MXN (or _usd: USD)", 0, LARGE, "0", "credited each month", "",
          struct account, monthly_release),
    VALUE("account", "reserve_mxn", "MXN (or _usd: USD)", 0, LARGE, "0",
          "below it, items are suspended one after the other", "", struct account, reserve),
    VALUE("account", "carry_limit_mxn", "MXN (or _usd: USD)", 0, LARGE, "-",
          "what is above it on the day of a release lapses; absent: nothing lapses", "", struct account,
          carry_limit),
    VALUE("account", "arrears_limit_mxn", "MXN (or _usd: USD)", 0, LARGE, "0",
          "how far below zero spending may go; refills pay it back", "", struct account, arrears_limit),
    MAP("account", "unit_cost_mxn", "-", "cost of one unit of each item"),
    LIST("account", "suspend", "-",
         "items in the order in which they are suspended; items not listed stop only when "
         "arrears_limit_mxn is reached"),
    LIST("account", "grants", "-", "money received once"),
    LOOSE("unit_cost", "ITEM", "currency units", 0, LARGE, "", "cost of one event (or person-day)"),
    TEXT("grant", "name", "", "name of the grant", struct dated_head, name),
    DATE("grant", "on", "", "day of payment", struct dated_head, on),
    LOOSE("grant", "amount_mxn", "MXN (or _usd: USD)", 0, LARGE, "", "amount"),

    VALUE("ballot", "oldest_share", "1", 0, 1, "0", "share of the slots for those registered longest", "",
          struct ballot, oldest_share),
    VALUE("ballot", "overbooking", "1", 0, 10, "1", "appointments given per slot", "", struct ballot,
          overbooking),
    VALUE("ballot", "no_show", "1", 0, 1, "0", "probability of not coming", "", struct ballot, no_show),
    MAP("ballot", "lead", "", "duration from draw to appointment"),
    MAP("ballot", "offices", "", "offices by name"),
    VALUE("office", "slots_per_day", "people per day", 0, LARGE, "", "appointments per day", "",
          struct ballot_office, slots_per_day),

    NAME("signal", "measure", "",
         "wait (days), stock (people) or stop_share (0 to 1) of a station, or a measure (people a day)"),
    NAME("signal", "of", "-", "the station"),
    WHOLE("signal", "window_days", "days", 1, 60, "7", "days over which the mean is taken", "assumed",
          struct signal, window),
    WHOLE("signal", "lag_days", "days", 0, 59, "0", "how many days ago the window ended", "", struct signal,
          lag),

    WORD("duration", "distribution", family_words, "", "family", struct duration_head, family),
    LOOSE("duration", "mean_days", "days", 0, 36500, "-",
          "mean, by class but for a ballot's lead (families given by mean and shape)"),
    LOOSE("duration", "per_day", "1 per day", 1e-6, 1e8, "-", "1 / mean, instead of the mean"),
    NUMBER("duration", "shape", "1", 1e-3, 1e6, "-",
           "gamma and weibull: shape; erlang: stages; lognormal: variation", "", struct duration_head, shape),
    NUMBER("duration", "min_days", "days", 0, 36500, "-", "uniform and triangular: lowest", "",
           struct duration_head, low),
    NUMBER("duration", "mode_days", "days", 0, 36500, "-", "triangular: most frequent", "",
           struct duration_head, mode),
    NUMBER("duration", "max_days", "days", 0, 36500, "-", "uniform and triangular: highest", "",
           struct duration_head, high),
    LIST("duration", "values_days", "-", "empirical: values, ascending"),
    LIST("duration", "weights", "-", "empirical: a weight for each value"),
    TEXT("duration", "csv", "-", "empirical: file with the values instead, looked up beside the scenario",
         struct duration_head, csv),
    TEXT("duration", "column", "-",
         "empirical: column of the file with the values in days, in any order; empty cells are skipped",
         struct duration_head, column),
    TEXT("duration", "weight_column", "-", "empirical: column with their weights; all alike if absent",
         struct duration_head, weight_column),

    CLASSED("hazard", "per_day", "1 per person and day", 0, 1e6, "", "rate", "", struct hazard, per_day),
    LIST("hazard", "counts_as", "-", "measures that count whoever leaves this way"),
    ROUTE("hazard", "to", "", "where it leads"),

    WORD("station", "kind", kind_words, "", "what happens at the station", struct station, kind),
    NAME("station", "at", "-", "the place; absent: a place of the station's own name"),
    FLAG("station", "sleeps", "-", "people here need a place to sleep; true for stay and ballot if absent",
         struct station, sleeps),
    LIST("station", "counts_as", "-", "measures that count entries (gate: stops; source: arrivals)"),

    VALUE("source", "per_day", "people per day", 0, LARGE, "-", "mean arrivals", "", struct station,
          source.per_day),
    MAP("source", "interval", "-", "duration between single arrivals, instead of per_day"),
    VALUE("source", "level", "1", 0, 1e6, "1", "factor on per_day", "", struct station, source.level),
    VALUE("source", "season", "1", 0, 1e6, "1", "factor on per_day", "", struct station, source.season),
    VALUE("source", "dispersion", "1", 0, 1e6, "0", "variance of the factor on each day's rate (0: Poisson)",
          "", struct station, source.dispersion),
    MAP("source", "mix", "-", "dimension: {label: share}; shares are normalised"),
    LOOSE("mix", "LABEL", "1", 0, LARGE, "0", "share of the label"),
    LIST("source", "batches", "-", "people who arrive together on a day"),
    VALUE("source", "cohesion_days", "days", 0, 3650, "0", "how long a batch keeps together", "",
          struct station, source.cohesion_days),
    ROUTE("source", "to", "", "next station"),
    TEXT("batch", "name", "", "name of the batch", struct dated_head, name),
    DATE("batch", "on", "", "day of arrival", struct dated_head, on),
    LOOSE("batch", "people", "people", 0, 1e8, "", "size"),

    MAP("delay", "duration", "", "how long people are on the way"),
    MAP("delay", "hazards", "-", "rates at which people leave otherwise, by name (at most 4)"),
    LOOSE("delay", "room", "people at once", 0, LARGE, "-",
          "hard limit; those who find it full go to `full`"),
    ROUTE("delay", "full", "-", "where those go who find it full; required with room"),
    ROUTE("delay", "to", "", "next station"),
    MAP("stay", "duration", "", "how long people stay"),
    MAP("stay", "hazards", "-", "rates at which people leave otherwise, by name (at most 4)"),
    LOOSE("stay", "room", "people at once", 0, LARGE, "-", "hard limit; those who find it full go to `full`"),
    ROUTE("stay", "full", "-", "where those go who find it full; required with room"),
    ROUTE("stay", "to", "", "next station"),

    CLASSED("gate", "stop_probability", "1", 0, 1, "", "probability of being stopped", "", struct station,
            gate.stop_probability),
    CLASSED("gate", "intensity", "1", 0, 1e6, "1", "factor on stop_probability; the product is cut to 0..1",
            "", struct station, gate.intensity),
    CLASSED("gate", "batch_factor", "1", 0, 1e6, "1", "further factor for people in a batch", "",
            struct station, gate.batch_factor),
    LOOSE("gate", "capacity_per_day", "people per day", 0, LARGE, "-", "stops per day"),
    NAME("gate", "capacity", "-", "a shared capacity instead"),
    NAME("gate", "pays", "-", "account"),
    NAME("gate", "stop_item", "stop", "cost item of a stop, if the account has it"),
    LIST("gate", "outcomes", "", "what happens to those stopped, tried in order"),
    ROUTE("gate", "to", "", "next station of those not stopped"),
    NAME("outcome", "name", "-", "name (or write the outcome as {NAME: {...}})"),
    LOOSE("outcome", "share", "1", 0, 1, "1", "probability that it is tried when reached, by class"),
    CLASSES("outcome", "classes", "who is eligible; absent: everyone", struct outcome, classes),
    LOOSE("outcome", "seats_per_day", "people per day", 0, LARGE, "-", "seats"),
    NAME("outcome", "capacity", "-", "a shared capacity instead"),
    NAME("outcome", "item", "-", "cost item"),
    CLASSED("outcome", "item_units", "units", 0, 1e6, "1", "units of the item (days of detention)", "",
            struct outcome, item_units),
    LIST("outcome", "counts_as", "-", "measures that count it"),
    ROUTE("outcome", "to", "", "next station"),

    LOOSE("queue", "servers", "people at once", 0, LARGE, "-", "servers (or per_day, or capacity)"),
    VALUE("queue", "per_day", "people per day", 0, LARGE, "-", "people served per day, one after another", "",
          struct station, queue.per_day),
    NAME("queue", "capacity", "-", "servers shared with other stations"),
    MAP("queue", "service", "-", "duration of service; required with servers or capacity"),
    WORD("queue", "discipline", discipline_words, "fifo", "who is next", struct station, queue.discipline),
    CLASSED("queue", "priority", "0 (first) to 3", 0, 3, "0", "for discipline: priority", "", struct station,
            queue.priority),
    VALUE("queue", "room", "people", 0, LARGE, "-", "waiting and in service at most; others go to `balk`", "",
          struct station, queue.room),
    MAP("queue", "patience", "-", "duration after which those waiting leave by `renege`"),
    CLASSED("queue", "balk_probability", "1", 0, 1, "0", "probability of not joining", "", struct station,
            queue.balk_probability),
    FLAG("queue", "preempt", "false", "true: servers that are withdrawn stop at once", struct station,
         queue.preempt),
    ROUTE("queue", "renege", "-", "required with patience"),
    ROUTE("queue", "balk", "-", "required with room or balk_probability"),
    ROUTE("queue", "to", "", "next station"),

    NAME("ballot_station", "ballot", "", "the ballot"),
    VALUE("ballot_station", "inside_fence", "1", 0, 1, "1", "above 0: takes part in draws", "",
          struct station, ballot.inside_fence),
    CLASSES("ballot_station", "classes", "who may register; absent: everyone", struct station,
            ballot.classes),
    MAP("ballot_station", "preference", "-", "office: share of the registrations"),
    LOOSE("preference", "OFFICE", "1", 0, LARGE, "0", "share of the registrations, by class"),
    MAP("ballot_station", "offices", "", "office: station where the appointment is"),
    MAP("ballot_station", "patience", "-", "duration after which people leave by `renege`"),
    ROUTE("ballot_station", "no_show", "", "next station of those who miss their appointment"),
    ROUTE("ballot_station", "renege", "-", "required with patience"),
    ROUTE("ballot_station", "not_eligible", "-", "required with classes"),

    VALUE("departures", "seats", "people", 0, LARGE, "", "seats of each departure", "", struct station,
          departures.seats),
    WHOLE("departures", "every_days", "days", 1, 3650, "1", "days between departures", "", struct station,
          departures.every_days),
    DATE("departures", "starting", "-", "day of one departure; `from` if absent", struct station,
         departures.first_day),
    NAME("departures", "pays", "-", "account"),
    NAME("departures", "item", "-", "cost item of a seat; required with pays"),
    MAP("departures", "patience", "-", "duration after which people leave by `renege`"),
    ROUTE("departures", "renege", "-", "required with patience"),
    ROUTE("departures", "to", "", "next station"),

    FLAG("choice", "logit", "false", "true: weights exp(constant + terms) instead of shares", struct station,
         choice.logit),
    MAP("choice", "options", "", "options by name"),
    LOOSE("option", "share", "1", 0, 1, "-",
          "share, by class; required unless the choice says logit: true; one option may say rest: what the "
          "others leave of 1, as they are drawn and set"),
    LOOSE("option", "constant", "1", -1e3, 1e3, "0", "constant of the utility, by class (logit)"),
    CLASSES("option", "classes", "who may choose it; absent: everyone", struct choice_option, classes),
    MAP("option", "terms", "-", "signal: coefficient (logit, at most 4)"),
    LOOSE("term", "SIGNAL", "1 per unit of the signal", -1e6, 1e6, "", "coefficient of the utility"),
    LIST("option", "counts_as", "-", "measures that count it"),
    ROUTE("option", "to", "", "next station"),
    LOOSE("to", "STATION", "1", 0, 1, "",
          "share of those who go there, by class (`to` written as a map); one may say rest"),

    TEXT("policy", "name", "-", "name, for merging and messages", struct policy_head, name),
    TEXT("policy", "why", "", "what the policy is", struct policy_head, why),
    DATE("policy", "on", "-", "first day (or when)", struct policy_head, on),
    MAP("policy", "when", "-", "condition instead of a date"),
    FLAG("policy", "enabled", "true", "false: left out", struct policy_head, enabled),
    MAP("policy", "set", "", "dotted path: value"),
    NAME("when", "signal", "", "signal that is looked at each day"),
    LOOSE("when", "above",
          "of the signal: days waited, people in stock, share stopped (0 to 1), or counted people a day",
          -LARGE, LARGE, "-", "the policy starts the day after it is exceeded"),
    LOOSE("when", "below",
          "of the signal: days waited, people in stock, share stopped (0 to 1), or counted people a day",
          -LARGE, LARGE, "-", "the policy starts the day after it falls below"),
    DATE("when", "not_before", "-", "first day on which it can start; `from` if absent",
         struct condition_head, not_before),

    NAME("target", "name", "-", "name, for merging"),
    TEXT("target", "measure", "", "a measure", struct target_head, target.measure),
    TEXT("target", "period", "", "YYYY, YYYY-MM, YYYY-MM-DD or first/last day", struct target_head,
         target.period),
    NUMBER("target", "value", "", NAN, NAN, "", "the published figure", "", struct target_head, target.value),
    NUMBER("target", "tolerance_percent", "%", 0, 1e6, "", "accepted deviation", "", struct target_head,
           target.tolerance_percent),
    TEXT("target", "scope", "-", "what the figure covers", struct target_head, target.scope),
    TEXT("target", "source", "-", "where it was published", struct target_head, target.source),
    WORD("target", "use", use_words, "fit", "check: never fitted", struct target_head, use),
};

const struct key_entry *model_keys(size_t *count)
{
    *count = sizeof keys / sizeof *keys;
    return keys;
}
