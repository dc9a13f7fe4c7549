/* Choices and ballots: shares, offices, and whether they sum to one; mixes of sources, to something. */
#include "models/compile.h"

#include <string.h>

/* ---- choices ---- */

static void read_terms(struct compiler *c, struct choice_option *option, const struct node *map,
                       const char *path)
{
    const struct node *terms = node_get(map, "terms");
    struct unit unit;
    const struct key_entry *key = schema_find("term", NULL, "SIGNAL", &unit);
    for (size_t i = 0; terms && terms->kind == NODE_MAP && i < terms->count; i++) {
        const char *own = draft_text(c, "%s.terms.%s", path, terms->key[i]);
        uint32_t signal = names_find(&c->signals, terms->key[i]);
        if (signal == NETWORK_NONE) {
            complain_unknown(c, terms->key_mark[i], own, "signal", terms->key[i], &c->signals);
            continue;
        }
        if (option->term_count == 4) {
            complain(c, terms->key_mark[i], own, "at most 4 terms");
            return;
        }
        struct choice_term *term = &option->term[option->term_count++];
        term->signal = signal;
        struct lever *lever = lever_add(c, own, key, terms->key_mark[i], &term->coefficient, true);
        if (lever) lever_write(c, lever, unit_base, terms->item[i], own);
    }
}

bool read_rest(struct compiler *c, struct choice *choice, struct choice_option *option,
               const struct node *share, const char *path)
{
    if (choice->logit || share->kind != NODE_SCALAR || strcmp(share->text, "rest") != 0) return false;
    if (share->quoted) complain(c, share->mark, path, "\"rest\" is text: write rest without quotes");
    for (uint32_t o = 0; o < choice->option_count; o++)
        if (choice->option[o].rest)
            complain(c, share->mark, path, "only one share can be the rest: '%s' is already",
                     choice->option[o].name);
    option->share.slot = NETWORK_NONE;
    option->rest = true;
    names_add(c, &c->rests, path, option);
    return true;
}

static void read_option(struct compiler *c, uint32_t index, struct choice *choice, const char *name,
                        const struct node *map, const char *path)
{
    struct choice_option *option = &choice->option[choice->option_count++];
    option->name = kept_text(c, name);
    option->share.slot = NETWORK_NONE;
    if (!expect_kind(c, map, path, NODE_MAP)) return;
    const char *weight = choice->logit ? "constant" : "share", *other = choice->logit ? "share" : "constant";
    for (size_t i = 0; i < map->count; i++)
        if (strcmp(map->key[i], other) == 0)
            complain(c, map->key_mark[i], path, "'%s' belongs to a choice with logit: %s", other,
                     choice->logit ? "false" : "true");
    option->classes = all_classes(c);
    for (size_t i = 0; i < map->count; i++) {
        struct unit unit;
        const struct key_entry *key = schema_find("option", NULL, map->key[i], &unit);
        if (key && (key->form == FORM_LIST || key->form == FORM_MAP))
            expect_kind(c, map->item[i], draft_text(c, "%s.%s", path, map->key[i]),
                        key->form == FORM_LIST ? NODE_LIST : NODE_MAP);
        if (key || schema_is_remark(map->key[i])) continue;
        const char *names[16];
        size_t count = schema_names("option", NULL, names, 16);
        const char *nearest = nearest_name(map->key[i], names, count);
        complain(c, map->key_mark[i], draft_text(c, "%s.%s", path, map->key[i]), "unknown key%s%s%s",
                 nearest ? "; did you mean '" : "", nearest ? nearest : "", nearest ? "'?" : "");
    }
    if (node_get(map, "classes"))
        read_class_set(c, node_get(map, "classes"), draft_text(c, "%s.classes", path), &option->classes);
    const struct node *share = node_get(map, "share");
    if (!choice->logit && !share)
        complain(c, map->mark, path, "'share' is missing");
    else if (!share || !read_rest(c, choice, option, share, draft_text(c, "%s.share", path)))
        lever_read(c, "option", weight, map, path, &option->share, true);
    read_terms(c, option, map, path);
    if (!node_get(map, "to")) complain(c, map->mark, path, "'to' is missing");
    option->route = read_route(c, index, name, map, path, "to");
    if (option->route != NETWORK_NONE)
        count_route(c, option->route, map, path);
    else
        leave_open(c, index);
}

void read_choice(struct compiler *c, uint32_t index, const struct node *node, const char *path)
{
    struct choice *choice = &station_at(c, index)->station.choice;
    const struct node *options = node_get(node, "options");
    if (!options || options->kind != NODE_MAP) return;
    choice->option = kept_memory(c, options->count, sizeof *choice->option);
    for (size_t i = 0; i < options->count; i++) {
        const char *own = draft_text(c, "%s.options.%s", path, options->key[i]);
        if (is_entry(c, options, i, own))
            read_option(c, index, choice, options->key[i], options->item[i], own);
    }
    if (choice->option_count == 0) complain(c, options->mark, path, "a choice needs at least one option");
}

/* ---- ballots ---- */

void read_ballots(struct compiler *c, const struct node *node)
{
    if (!node || node->kind != NODE_MAP) return;
    for (size_t i = 0; i < node->count; i++) {
        if (!is_entry(c, node, i, "ballots")) continue;
        const struct node *map = node->item[i];
        const char *path = draft_text(c, "ballots.%s", node->key[i]);
        struct ballot *ballot = draft_memory(c, 1, sizeof *ballot);
        ballot->name = kept_text(c, node->key[i]);
        names_add(c, &c->ballots, ballot->name, ballot);
        if (!read_keys(c, "ballot", NULL, map, path, ballot)) continue;
        if (node_get(map, "lead"))
            read_duration(c, node_get(map, "lead"), draft_text(c, "%s.lead", path), false, &ballot->lead);
        const struct node *offices = node_get(map, "offices");
        if (!offices || offices->kind != NODE_MAP) continue;
        ballot->office = kept_memory(c, offices->count, sizeof *ballot->office);
        for (size_t o = 0; o < offices->count; o++) {
            const char *own = draft_text(c, "%s.offices.%s", path, offices->key[o]);
            if (!is_entry(c, offices, o, own)) continue;
            if (ballot->office_count == NETWORK_MAX_OFFICES) {
                complain(c, offices->key_mark[o], own, "at most %d offices", NETWORK_MAX_OFFICES);
                break;
            }
            struct ballot_office *office = &ballot->office[ballot->office_count++];
            office->name = kept_text(c, offices->key[o]);
            read_keys(c, "office", NULL, offices->item[o], own, office);
        }
    }
}

static uint32_t find_office(struct compiler *c, const struct ballot *ballot, const struct node *map, size_t i,
                            const char *path)
{
    const char *names[NETWORK_MAX_OFFICES];
    for (uint32_t o = 0; o < ballot->office_count; o++) {
        if (strcmp(ballot->office[o].name, map->key[i]) == 0) return o;
        names[o] = ballot->office[o].name;
    }
    const char *nearest = nearest_name(map->key[i], names, ballot->office_count);
    complain(c, map->key_mark[i], path, "ballot %s has no office '%s'%s%s%s", ballot->name, map->key[i],
             nearest ? "; did you mean '" : "", nearest ? nearest : "", nearest ? "'?" : "");
    return NETWORK_NONE;
}

/* How people choose among the offices that the station names. */
static void read_preferences(struct compiler *c, struct ballot_station *here, const struct node *preference,
                             const struct node *offices, const char *path)
{
    struct unit unit;
    const struct key_entry *key = schema_find("preference", NULL, "OFFICE", &unit);
    if (!preference || preference->kind != NODE_MAP) return;
    for (size_t i = 0; i < preference->count; i++) {
        if (schema_is_remark(preference->key[i])) continue;
        const char *own = draft_text(c, "%s.preference.%s", path, preference->key[i]);
        uint32_t office = find_office(c, c->ballots.object[here->ballot], preference, i, own);
        if (office == NETWORK_NONE) continue;
        struct lever *lever =
            lever_add(c, own, key, preference->key_mark[i], &here->preference[office], true);
        if (lever) lever_write(c, lever, unit_base, preference->item[i], own);
        if (!offices || !node_get(offices, preference->key[i]))
            complain(c, preference->key_mark[i], own, "this office is missing under offices");
    }
}

/* Where those go who have their appointment; of a single office nobody needs to say that all prefer it. */
static void read_office_routes(struct compiler *c, uint32_t index, const struct node *preference,
                               const struct node *offices, const char *path)
{
    struct ballot_station *here = &station_at(c, index)->station.ballot;
    struct unit unit;
    const struct key_entry *key = schema_find("preference", NULL, "OFFICE", &unit);
    size_t count = 0;
    if (!offices || offices->kind != NODE_MAP) return;
    for (size_t i = 0; i < offices->count; i++) count += !schema_is_remark(offices->key[i]);
    for (size_t i = 0; i < offices->count; i++) {
        if (schema_is_remark(offices->key[i])) continue;
        const char *own = draft_text(c, "%s.offices.%s", path, offices->key[i]);
        uint32_t office = find_office(c, c->ballots.object[here->ballot], offices, i, own);
        if (office == NETWORK_NONE) continue;
        here->office_route[office] =
            add_route(c, index, draft_text(c, "office.%s", offices->key[i]), offices->item[i], own);
        if (preference || count > 1) continue;
        struct lever *lever = lever_add(c, draft_text(c, "%s.preference.%s", path, offices->key[i]), key,
                                        offices->key_mark[i], &here->preference[office], true);
        if (lever) lever_constant(c, lever, 1);
    }
    if (!preference && count > 1)
        complain(c, station_at(c, index)->mark, path,
                 "'preference' is missing: it is required with more than one office");
}

void read_ballot_station(struct compiler *c, uint32_t index, const struct node *node, const char *path)
{
    struct station_draft *s = station_at(c, index);
    struct ballot_station *here = &s->station.ballot;
    for (int o = 0; o < NETWORK_MAX_OFFICES; o++) {
        here->preference[o] = (struct value){.slot = NETWORK_NONE};
        here->office_route[o] = NETWORK_NONE;
    }
    const struct node *name = node_get(node, "ballot"), *preference = node_get(node, "preference"),
                      *offices = node_get(node, "offices");
    here->ballot = name ? read_reference(c, name, draft_text(c, "%s.ballot", path), "ballot", &c->ballots)
                        : NETWORK_NONE;
    if (here->ballot == NETWORK_NONE) {
        leave_open(c, index);
        return;
    }
    if (offices && offices->kind != NODE_MAP) {
        leave_open(c, index);
        return;
    }
    read_preferences(c, here, preference, offices, path);
    read_office_routes(c, index, preference, offices, path);
    const struct node *patience = node_get(node, "patience");
    here->has_patience =
        patience && read_duration(c, patience, draft_text(c, "%s.patience", path), true, &here->patience);
    if (!patience && node_get(node, "renege"))
        complain(c, s->mark, path, "'patience' is missing: it is required with renege");
    if (patience && !node_get(node, "renege"))
        complain(c, s->mark, path, "'renege' is missing: it is required with patience");
    if (node_get(node, "classes") && !node_get(node, "not_eligible"))
        complain(c, s->mark, path, "'not_eligible' is missing: it is required with classes");
    if (!node_get(node, "classes") && node_get(node, "not_eligible"))
        complain(c, node_get(node, "not_eligible")->mark, path,
                 "'not_eligible' goes with classes: without them everyone is");
    here->renege = read_route(c, index, "renege", node, path, "renege");
    here->no_show = read_route(c, index, "no_show", node, path, "no_show");
    here->not_eligible = read_route(c, index, "not_eligible", node, path, "not_eligible");
    bool complete = here->no_show != NETWORK_NONE && (here->renege != NETWORK_NONE || !patience) &&
                    (here->not_eligible != NETWORK_NONE || !node_get(node, "classes"));
    if (!complete) leave_open(c, index);
}

/* ---- sums ---- */

static const struct lever *share_lever(const struct compiler *c, const struct choice_option *option)
{
    for (uint32_t i = 0; i < c->levers.count; i++) {
        const struct lever *lever = c->levers.object[i];
        if (lever->value == &option->share) return lever;
    }
    return NULL;
}

/* The levers of the shares (NULL for the rest); false when the sum is not to be looked at: weights of a
 * logit, a share that could not be read, or options for some classes without one that is the rest: those are
 * taken in proportion. */
static bool find_shares(const struct compiler *c, const struct choice *choice, const struct lever **lever)
{
    bool rest = false, some_classes = false;
    for (uint32_t o = 0; o < choice->option_count; o++) {
        const struct choice_option *option = &choice->option[o];
        rest = rest || option->rest;
        some_classes = some_classes || option->classes != all_classes(c);
        lever[o] = option->rest ? NULL : share_lever(c, option);
        if (!option->rest && (!lever[o] || lever[o]->misread)) return false;
    }
    return !choice->logit && (rest || !some_classes);
}

/* Whether an option of the class is the rest; `sum` becomes that of the other shares on a day. */
static bool sum_shares(const struct choice *choice, const struct lever *const *lever, size_t class,
                       int32_t day, double *sum)
{
    bool rest = false;
    *sum = 0;
    for (uint32_t o = 0; o < choice->option_count; o++) {
        if (!(choice->option[o].classes >> class & 1)) continue;
        if (lever[o])
            *sum += lever_value(lever[o], class, day);
        else
            rest = true;
    }
    return rest;
}

static bool check_sum(struct compiler *c, const struct station_draft *s, const struct lever *const *lever,
                      size_t class, bool has_rest, int32_t day)
{
    double sum;
    bool rest = sum_shares(&s->station.choice, lever, class, day, &sum);
    if (has_rest && !rest) return true; /* a class that the rest is not for: its shares are proportions */
    if (rest ? sum <= 1 + 1e-6 : fabs(sum - 1) <= 1e-6) return true;
    char date[24] = "the start";
    if (day > INT32_MIN) date_format(c->head.from + day, date);
    if (!rest) return complain(c, s->mark, s->path, "shares sum to %.6g, not 1, from %s on", sum, date);
    return complain(c, s->mark, s->path, "the shares beside the rest sum to %.6g, above 1, from %s on", sum,
                    date);
}

/* On every day on which a share changes, and at the start; what rules will do is not known. */
static void check_choice(struct compiler *c, const struct station_draft *s)
{
    const struct choice *choice = &s->station.choice;
    const struct lever **lever = draft_memory(c, choice->option_count + 1, sizeof *lever);
    bool rest = false;
    if (!find_shares(c, choice, lever)) return;
    for (uint32_t o = 0; o < choice->option_count; o++) rest = rest || choice->option[o].rest;
    for (size_t class = 0; class < c->network->class_count; class ++)
        for (uint32_t o = 0; o < choice->option_count; o++) {
            const struct lane *lane = lever[o] ? &lever[o]->lane[lever[o]->lane_count > 1 ? class : 0] : NULL;
            for (size_t p = 0; lane && p < lane->point_count; p++)
                if (!check_sum(c, s, lever, class, rest, p ? lane->point[p].day : INT32_MIN)) return;
        }
}

/* Where options are for some classes only, each class still needs one. */
static void check_eligible(struct compiler *c, const struct station_draft *s)
{
    uint64_t missing = all_classes(c);
    for (uint32_t o = 0; o < s->station.choice.option_count; o++)
        missing &= ~s->station.choice.option[o].classes;
    if (missing && s->station.choice.option_count > 0)
        complain(c, s->mark, s->path, "class %s has no option",
                 c->network->class[__builtin_ctzll(missing)].name);
}

static bool can_be_positive(const struct lever *lever)
{
    for (size_t l = 0; l < lever->lane_count; l++)
        for (size_t p = 0; p < lever->lane[l].point_count; p++)
            if (lever->lane[l].point[p].high > 0) return true;
    return false;
}

/* Somebody must come, at some time: a mix may be of zeros while nobody does. */
static void check_mix(struct compiler *c, const struct station_draft *s, const struct dimension *dimension)
{
    for (size_t l = 0; l < dimension->label_count; l++) {
        const uint32_t found = names_find(
            &c->levers, draft_text(c, "%s.mix.%s.%s", s->path, dimension->name, dimension->label[l]));
        if (found == NETWORK_NONE) return;
        const struct lever *lever = c->levers.object[found];
        if (lever->misread || can_be_positive(lever)) return;
    }
    complain(c, s->mark, s->path, "mix: all shares of '%s' are 0", dimension->name);
}

/* Whoever registers asks some office, at some time. */
static void check_preferences(struct compiler *c, const struct station_draft *s)
{
    const struct node *preference = node_get(s->node, "preference");
    bool given = preference && preference->kind == NODE_MAP && preference->count == 0;
    if (s->station.ballot.ballot == NETWORK_NONE) return;
    const struct ballot *ballot = c->ballots.object[s->station.ballot.ballot];
    for (uint32_t o = 0; o < ballot->office_count; o++) {
        const uint32_t found =
            names_find(&c->levers, draft_text(c, "%s.preference.%s", s->path, ballot->office[o].name));
        if (found == NETWORK_NONE) continue;
        const struct lever *lever = c->levers.object[found];
        if (lever->misread || can_be_positive(lever)) return;
        given = true;
    }
    if (given) complain(c, s->mark, s->path, "preference: all shares are 0, so nobody can register");
}

void check_shares(struct compiler *c)
{
    for (uint32_t s = 0; s < c->stations.count; s++) {
        if (station_at(c, s)->station.kind == KIND_BALLOT) check_preferences(c, station_at(c, s));
        for (size_t d = 0; station_at(c, s)->station.kind == KIND_SOURCE && d < c->network->dimension_count;
             d++)
            check_mix(c, station_at(c, s), &c->network->dimension[d]);
        if (station_at(c, s)->station.kind != KIND_CHOICE) continue;
        check_choice(c, station_at(c, s));
        check_eligible(c, station_at(c, s));
    }
}
