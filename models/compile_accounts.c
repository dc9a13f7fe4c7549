/* Accounts: money, its calendar, unit costs and the order of suspension. */
#include "models/compile.h"

#include <string.h>
#include <strings.h>

/* The currency of an account is the ending of its money keys. */
static const char *find_money(const struct node *map)
{
    for (size_t i = 0; i < map->count; i++) {
        size_t length = strlen(map->key[i]);
        if (length < 5) continue;
        if (strcmp(map->key[i] + length - 4, "_usd") == 0) return "usd";
        if (strcmp(map->key[i] + length - 4, "_mxn") == 0) return "mxn";
    }
    return "mxn";
}

bool is_other_money(const struct compiler *c, const char *key)
{
    if (!c->money) return false;
    const char *wrong = strcmp(c->money, "mxn") == 0 ? "_usd" : "_mxn";
    size_t length = strlen(key);
    return length > 4 && strcmp(key + length - 4, wrong) == 0;
}

static void check_money(struct compiler *c, const struct node *map, const char *path)
{
    for (size_t i = 0; i < map->count; i++) {
        if (is_other_money(c, map->key[i]))
            complain(c, map->key_mark[i], path, "'%s' is in another currency than the account (%s)",
                     map->key[i], c->money);
    }
}

uint32_t find_item(const struct compiler *c, uint32_t account, const char *name)
{
    const struct account *at = c->accounts.object[account];
    for (uint32_t i = 0; i < at->item_count; i++)
        if (strcmp(at->item[i].name, name) == 0) return i;
    return NETWORK_NONE;
}

static const char *nearest_item(const struct account *account, const char *word)
{
    const char *names[64];
    size_t count = 0;
    for (; count < account->item_count && count < 64; count++) names[count] = account->item[count].name;
    return nearest_name(word, names, count);
}

static bool no_item(struct compiler *c, const struct account *account, const struct node *node,
                    const char *path)
{
    const char *nearest = nearest_item(account, node->text);
    if (nearest)
        return complain(c, node->mark, path, "account %s has no unit cost of '%s'; did you mean '%s'?",
                        account->name, node->text, nearest);
    return complain(c, node->mark, path, "account %s has no unit cost of '%s'", account->name, node->text);
}

uint32_t read_item(struct compiler *c, const struct node *node, const char *path, uint32_t account)
{
    if (!read_name(c, node, path) || account == NETWORK_NONE) return NETWORK_NONE;
    uint32_t found = find_item(c, account, node->text);
    if (found == NETWORK_NONE) no_item(c, c->accounts.object[account], node, path);
    return found;
}

static void read_costs(struct compiler *c, struct account *account, const struct node *map, const char *path)
{
    struct unit unit;
    const struct key_entry *key = schema_find("unit_cost", NULL, "ITEM", &unit);
    account->item = kept_memory(c, map->count, sizeof *account->item);
    for (size_t i = 0; i < map->count; i++) {
        if (!is_entry(c, map, i, path)) continue;
        const char *item_path = draft_text(c, "%s.%s", path, map->key[i]);
        struct account_item *item = &account->item[account->item_count++];
        item->name = kept_text(c, map->key[i]);
        struct lever *lever = lever_add(c, item_path, key, map->item[i]->mark, &item->unit_cost, false);
        if (lever) lever_write(c, lever, unit_base, map->item[i], item_path);
    }
}

/* With k items in the list the first is suspended below the whole reserve, the last below 1/k of it. */
static void read_suspension(struct compiler *c, struct account *account, const struct node *list,
                            const char *path)
{
    for (size_t i = 0; i < list->count; i++) {
        const struct node *node = list->item[i];
        if (!read_name(c, node, path)) continue;
        uint32_t found = 0;
        while (found < account->item_count && strcmp(account->item[found].name, node->text) != 0) found++;
        if (found == account->item_count)
            no_item(c, account, node, path);
        else if (account->item[found].threshold > 0)
            complain(c, node->mark, path, "'%s' is listed twice", node->text);
        else
            account->item[found].threshold = (double)(list->count - i) / (double)list->count;
    }
}

static void read_grants(struct compiler *c, struct account *account, const struct node *list,
                        const char *path)
{
    account->grant = kept_memory(c, list->count, sizeof *account->grant);
    for (size_t i = 0; i < list->count; i++) {
        struct dated_head head = {.on = c->head.from};
        const struct node *map = list->item[i];
        if (!read_keys(c, "grant", NULL, map, path, &head) || !head.name) continue;
        check_money(c, map, path);
        struct grant *grant = &account->grant[account->grant_count++];
        const char *own = draft_text(c, "%s.%s", path, head.name);
        grant->day = head.on - c->head.from;
        if (c->dates_known && (grant->day < 0 || grant->day >= c->end)) {
            char from[11], to[11];
            date_format(c->head.from, from);
            date_format(c->head.to, to);
            complain(c, node_get(map, "on") ? node_get(map, "on")->mark : map->mark, own,
                     "the date is not between from and to (%s to %s)", from, to);
        }
        const char *key = strcmp(c->money, "usd") == 0 ? "amount_usd" : "amount_mxn";
        lever_read(c, "grant", key, map, own, &grant->amount, false);
    }
}

static void read_account(struct compiler *c, struct account *account, const struct node *map,
                         const char *path)
{
    struct unit unit;
    c->money = map->kind == NODE_MAP ? find_money(map) : "mxn";
    if (read_keys(c, "account", NULL, map, path, account)) {
        check_money(c, map, path);
        const uint32_t opening = names_find(&c->levers, draft_text(c, "%s.opening_%s", path, c->money));
        if (opening != NETWORK_NONE) ((struct lever *)c->levers.object[opening])->at_start = true;
        const struct node *costs = find_key(map, "unit_cost_mxn", &unit), *suspend = node_get(map, "suspend");
        const struct node *grants = node_get(map, "grants");
        const bool known = account->currency && (strcasecmp(account->currency, "mxn") == 0 ||
                                                 strcasecmp(account->currency, "usd") == 0);
        if (account->currency && !known)
            complain(c, node_get(map, "currency")->mark, path, "the currency is %s (allowed: MXN, USD)",
                     account->currency);
        else if (account->currency && strcasecmp(account->currency, c->money) != 0)
            complain(c, node_get(map, "currency")->mark, path, "the currency is %s, but the keys end in _%s",
                     account->currency, c->money);
        if (!account->currency) account->currency = strcmp(c->money, "usd") == 0 ? "USD" : "MXN";
        if (costs && costs->kind == NODE_MAP)
            read_costs(c, account, costs, draft_text(c, "%s.unit_cost_%s", path, c->money));
        if (suspend && suspend->kind == NODE_LIST)
            read_suspension(c, account, suspend, draft_text(c, "%s.suspend", path));
        if (grants && grants->kind == NODE_LIST)
            read_grants(c, account, grants, draft_text(c, "%s.grants", path));
    }
    c->money = NULL;
}

void read_accounts(struct compiler *c, const struct node *node)
{
    if (!node || node->kind != NODE_MAP) return;
    for (size_t i = 0; i < node->count; i++) {
        if (!is_entry(c, node, i, "accounts")) continue;
        struct account *account = draft_memory(c, 1, sizeof *account);
        account->name = kept_text(c, node->key[i]);
        names_add(c, &c->accounts, account->name, account);
        read_account(c, account, node->item[i], draft_text(c, "accounts.%s", node->key[i]));
    }
}
