/* corridor keys: what a scenario can set. */
#include "cli/key_path.h"
#include "cli/text.h"
#include "cli/verbs.h"

#include "models/model.h"

#include <math.h>
#include <string.h>

enum { INDENT = 8, LINE = 92 };

static void print_range(const struct key_entry *key)
{
    char low[NUMBER_SIZE], high[NUMBER_SIZE];
    bool below = !isnan(key->high) && key->high < 1e12, above = !isnan(key->low) && key->low > -1e12;
    snprintf(low, sizeof low, "%.10g", key->low);
    snprintf(high, sizeof high, "%.10g", key->high);
    if (below && above)
        printf(", %s to %s", low, high);
    else if (above)
        printf(", at least %s", low);
    else if (below)
        printf(", at most %s", high);
}

static void print_default(const struct key_entry *key)
{
    if (!*key->fallback)
        fputs("; required", stdout);
    else if (strcmp(key->fallback, "-") == 0 && strstr(key->meaning, "required"))
        fputs("; sometimes required", stdout);
    else if (strcmp(key->fallback, "-") == 0)
        fputs("; optional", stdout);
    else
        printf("; default %s", key->fallback);
    if (*key->source) printf(" (%s)", key->source);
}

static void print_words(const struct key_entry *key)
{
    size_t at = INDENT + 7;
    printf("%*sone of:", INDENT, "");
    for (const char *const *word = key->words; *word; word++) {
        at += strlen(*word) + 2;
        if (at > LINE) {
            printf("\n%*s", INDENT + 7, "");
            at = INDENT + 9 + strlen(*word);
        }
        printf(" %s%s", *word, word[1] ? "," : "");
    }
    putchar('\n');
}

static void print_key(const struct key_entry *key, const char *parent, size_t length)
{
    printf("  %.*s%s%s: %s", (int)length, parent, length ? "." : "", key->name, key->type);
    if (*key->unit) printf(" (%s)", key->unit);
    print_range(key);
    print_default(key);
    printf("\n%*s%s\n", INDENT, "", key->meaning);
    if (key->words) print_words(key);
}

/* "gate" finds all keys of gates, "gate.st" those that begin so, "stop_p" keys of any context. */
static bool matches(const struct key_entry *key, const char *prefix)
{
    size_t context = strlen(key->context), length = strlen(prefix);
    if (strncmp(key->name, prefix, length) == 0) return true;
    if (length <= context) return strncmp(key->context, prefix, length) == 0;
    return strncmp(key->context, prefix, context) == 0 && prefix[context] == '.' &&
           strncmp(key->name, prefix + context + 1, length - context - 1) == 0;
}

static int refuse_prefix(const struct key_entry *keys, size_t count, const char *prefix)
{
    const char *names[512];
    size_t name_count = 0;
    for (size_t i = 0; i < count && name_count + 2 < sizeof names / sizeof *names; i++) {
        names[name_count++] = keys[i].name;
        if (i == 0 || strcmp(keys[i].context, keys[i - 1].context) != 0)
            names[name_count++] = keys[i].context;
    }
    const char *nearest = nearest_name(prefix, names, name_count);
    if (nearest) return say_usage(&verb_keys, "no key begins with '%s'; did you mean '%s'?", prefix, nearest);
    if (strchr(prefix, '.'))
        return say_usage(
            &verb_keys,
            "no key begins with '%s'; if it is a schedule of a scenario, 'corridor keys schedule' "
            "says how it is written",
            prefix);
    return say_usage(&verb_keys, "no key begins with '%s'; 'corridor keys' prints all", prefix);
}

static bool print_heading(const char *context, const char *before)
{
    if (strcmp(context, before) == 0) return false;
    printf("%s%s\n", *before ? "\n" : "", context);
    return true;
}

static size_t print_matching(const struct key_entry *keys, size_t count, const char *prefix)
{
    const char *context = "";
    size_t printed = 0;
    for (size_t i = 0; i < count; i++) {
        if (!matches(&keys[i], prefix)) continue;
        if (print_heading(keys[i].context, context)) context = keys[i].context;
        print_key(&keys[i], context, strlen(context));
        printed++;
    }
    return printed;
}

/* ---- dotted paths of a scenario ---- */

static int refuse_path(const struct key_entry *keys, size_t count, const struct key_path *path,
                       const char *written)
{
    const char *names[256];
    char word[64];
    size_t name_count = 0;
    for (size_t i = 0; i < count && name_count < sizeof names / sizeof *names; i++)
        for (size_t c = 0; c < path->contexts; c++)
            if (strcmp(keys[i].context, path->context[c]) == 0) names[name_count++] = keys[i].name;
    snprintf(word, sizeof word, "%.*s", (int)strcspn(path->key, "."), path->key);
    const char *nearest = nearest_name(word, names, name_count);
    return say_usage(&verb_keys, "%.*s has no key that begins with '%s'%s%s%s", (int)path->parent, written,
                     word, nearest ? "; did you mean '" : "", nearest ? nearest : "", nearest ? "'?" : "");
}

static int print_path(const struct key_entry *keys, size_t count, const struct key_path *path,
                      const char *written)
{
    const char *context = "";
    bool whole = false;
    for (size_t i = 0; i < count; i++)
        whole = whole || key_path_matches(path, keys[i].context, keys[i].name, true);
    for (size_t i = 0; i < count; i++) {
        if (!key_path_matches(path, keys[i].context, keys[i].name, whole)) continue;
        if (print_heading(keys[i].context, context)) context = keys[i].context;
        print_key(&keys[i], written, path->parent);
    }
    if (!*context) return refuse_path(keys, count, path, written);
    puts("\nSet one with --set PATH=VALUE or in the file; a policy can set what is called a value: "
         "set: {PATH: VALUE}");
    return EXIT_DONE;
}

static int run(const struct parsed *arguments)
{
    const char *prefix = arguments->operand_count ? arguments->operand[0] : "";
    size_t count;
    struct key_path path;
    const struct key_entry *keys = model_keys(&count);
    if (print_matching(keys, count, prefix) > 0) return EXIT_DONE;
    if (strchr(prefix, '.') && key_path_follow(&path, prefix)) return print_path(keys, count, &path, prefix);
    return refuse_prefix(keys, count, prefix);
}

/* What a key may begin with: things, and the maps of a scenario. */
static void print_groups(FILE *stream)
{
    size_t count;
    const struct key_entry *keys = model_keys(&count);
    for (size_t i = 0; i < count; i++) {
        if (strcmp(keys[i].context, "scenario") == 0) fprintf(stream, "%s ", keys[i].name);
        bool known = false;
        for (size_t j = 0; j < i; j++) known = known || strcmp(keys[i].context, keys[j].context) == 0;
        if (!known) fprintf(stream, "%s ", keys[i].context);
    }
}

const struct verb verb_keys = {
    .name = "keys",
    .operands = "[PREFIX|PATH]",
    .summary = "what a scenario can set",
    .description =
        "Prints the reference of the scenario language: each key with its type, unit, allowed range, default "
        "and meaning. A prefix is the beginning of a key (stop_p), of a thing (gate), or of both "
        "(gate.stop); a "
        "path is that of a value in a scenario (accounts.inm.reserve_mxn). Any map of a scenario may also "
        "hold why, source and note: text for readers.\n"
        "A file that extends another merges maps key by key and lists of named things by name; it replaces "
        "other values and lists, and ~ removes one. Policies apply by date, those of one day in the order in "
        "which they are written. A plain number has no range and is the same in all replications; only a "
        "policy that sets the value in force, alone or with its range, leaves it as it was drawn.\n",
    .examples = "  corridor keys gate\n  corridor keys account.monthly\n"
                "  corridor keys stations.huixtla_gate.stop_probability\n",
    .least = 0,
    .most = 1,
    .run = run,
    .print_operands = print_groups,
};
