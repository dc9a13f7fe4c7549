/* Durations: a family and a shape that stay, and a mean that may change. */
#include "models/compile.h"

#include <string.h>

enum duration_form { BY_MEAN, BY_MEAN_AND_SHAPE, BY_BOUNDS, BY_TABLE };

static enum duration_form form_of(int family)
{
    switch ((enum distribution_family)family) {
    case DISTRIBUTION_UNIFORM:
    case DISTRIBUTION_TRIANGULAR:
        return BY_BOUNDS;
    case DISTRIBUTION_EMPIRICAL:
        return BY_TABLE;
    case DISTRIBUTION_CONSTANT:
    case DISTRIBUTION_EXPONENTIAL:
        return BY_MEAN;
    default:
        return BY_MEAN_AND_SHAPE;
    }
}

/* Keys of the other forms would be ignored; whoever wrote them meant something. */
static void refuse_keys(struct compiler *c, const struct node *map, const char *path, enum duration_form form)
{
    static const struct {
        const char *name;
        unsigned forms; /* bit per form that uses it */
    } keys[] = {{"mean_days", 1u << BY_MEAN | 1u << BY_MEAN_AND_SHAPE},
                {"per_day", 1u << BY_MEAN | 1u << BY_MEAN_AND_SHAPE},
                {"shape", 1u << BY_MEAN_AND_SHAPE},
                {"min_days", 1u << BY_BOUNDS},
                {"mode_days", 1u << BY_BOUNDS},
                {"max_days", 1u << BY_BOUNDS},
                {"values_days", 1u << BY_TABLE},
                {"weights", 1u << BY_TABLE},
                {"csv", 1u << BY_TABLE},
                {"column", 1u << BY_TABLE},
                {"weight_column", 1u << BY_TABLE}};
    struct unit unit;
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        const struct node *node = find_key(map, keys[i].name, &unit);
        if (node && !(keys[i].forms >> form & 1))
            complain(c, node->mark, path, "'%s' does not belong to this distribution", keys[i].name);
    }
}

static void add_mean(struct compiler *c, const struct node *map, const char *path, struct duration *duration,
                     double mean, bool by_class)
{
    struct unit unit;
    const struct key_entry *key = schema_find("duration", NULL, "mean_days", &unit);
    struct lever *lever =
        lever_add(c, draft_text(c, "%s.mean_days", path), key, map->mark, &duration->mean_days, by_class);
    if (lever) lever_constant(c, lever, mean);
}

static bool read_mean(struct compiler *c, const struct node *map, const char *path, bool by_class,
                      struct duration *duration)
{
    struct unit unit;
    const struct node *mean = find_key(map, "mean_days", &unit), *rate = find_key(map, "per_day", &unit);
    if (!mean == !rate)
        return complain(c, map->mark, path,
                        mean ? "has both a mean and a rate" : "needs its mean, for example mean_days");
    if (mean)
        return lever_read(c, "duration", "mean_days", map, path, &duration->mean_days, by_class) != NULL;
    const struct key_entry *key = schema_find("duration", NULL, "per_day", &unit);
    struct lever *lever =
        lever_add(c, draft_text(c, "%s.per_day", path), key, rate->mark, &duration->mean_days, by_class);
    if (!lever) return false;
    find_key(map, "per_day", &unit);
    lever->inverse = true;
    lever_constant(c, lever, 1);
    lever_write(c, lever, unit, rate, draft_text(c, "%s.per_day", path));
    return true;
}

static bool read_bounds(struct compiler *c, const struct duration_head *head, const struct node *map,
                        const char *path, bool by_class, struct duration *duration)
{
    bool triangular = head->family == DISTRIBUTION_TRIANGULAR;
    if (isnan(head->low) || isnan(head->high) || (triangular && isnan(head->mode)))
        return complain(c, map->mark, path, "needs min_days%s and max_days", triangular ? ", mode_days" : "");
    if (!triangular && !isnan(head->mode))
        complain(c, map->mark, path, "'mode_days' does not belong to this distribution");
    struct error error;
    double mean;
    if (!distribution_from_bounds(&duration->shape, (enum distribution_family)head->family, head->low,
                                  triangular ? head->mode : head->low, head->high, &mean, &error))
        return complain(c, map->mark, path, "%s", error.message);
    add_mean(c, map, path, duration, mean, by_class);
    return true;
}

static bool read_table(struct compiler *c, const struct duration_head *head, const struct node *map,
                       const char *path, bool by_class, struct duration *duration)
{
    struct empirical table;
    if (!read_empirical(c, head, map, path, &table)) return false;
    double mean, *kept = kept_memory(c, table.count, sizeof *kept);
    double *cumulative = kept_memory(c, table.count, sizeof *cumulative);
    struct error error;
    if (!distribution_from_table(&duration->shape, table.value, table.weight, table.count, kept, cumulative,
                                 &mean, &error))
        return complain(c, table.mark, path, "%s", error.message);
    add_mean(c, map, path, duration, mean, by_class);
    return true;
}

bool read_duration(struct compiler *c, const struct node *node, const char *path, bool by_class,
                   struct duration *duration)
{
    struct duration_head head = {.family = -1};
    struct error error;
    duration->mean_days = (struct value){.slot = NETWORK_NONE};
    if (!read_keys(c, "duration", NULL, node, path, &head) || head.family < 0) return false;
    enum duration_form form = form_of(head.family);
    refuse_keys(c, node, path, form);
    if (form == BY_BOUNDS) return read_bounds(c, &head, node, path, by_class, duration);
    if (form == BY_TABLE) return read_table(c, &head, node, path, by_class, duration);
    if (form == BY_MEAN_AND_SHAPE && isnan(head.shape)) {
        struct unit unit;
        if (!find_key(node, "shape", &unit)) complain(c, node->mark, path, "needs its shape");
        head.shape = 1;
    }
    if (form == BY_MEAN) head.shape = 1;
    if (!distribution_from_shape(&duration->shape, (enum distribution_family)head.family, head.shape, &error))
        complain(c, node->mark, path, "%s", error.message);
    return read_mean(c, node, path, by_class, duration);
}
