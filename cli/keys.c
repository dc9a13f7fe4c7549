/* corridor keys: what a scenario can set. */
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

static void print_key(const struct key_entry *key)
{
    printf("  %s.%s: %s", key->context, key->name, key->type);
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
    return say_usage(&verb_keys, "no key begins with '%s'; 'corridor keys' prints all", prefix);
}

static int run(const struct parsed *arguments)
{
    const char *prefix = arguments->operand_count ? arguments->operand[0] : "", *context = "";
    size_t count, printed = 0;
    const struct key_entry *keys = model_keys(&count);
    for (size_t i = 0; i < count; i++) {
        if (!matches(&keys[i], prefix)) continue;
        if (strcmp(context, keys[i].context) != 0) printf("%s%s\n", printed ? "\n" : "", keys[i].context);
        context = keys[i].context;
        print_key(&keys[i]);
        printed++;
    }
    return printed ? EXIT_DONE : refuse_prefix(keys, count, prefix);
}

const struct verb verb_keys = {
    .name = "keys",
    .operands = "[PREFIX]",
    .summary = "what a scenario can set",
    .description =
        "Prints the reference of the scenario language: each key with its type, unit, allowed range, default "
        "and "
        "meaning. A prefix is the beginning of a key (stop_p), of a thing (gate), or of both (gate.stop).\n",
    .examples = "  corridor keys gate\n  corridor keys account.monthly\n",
    .least = 0,
    .most = 1,
    .run = run,
};
