/* Where a dotted path of a scenario leads in the table of keys: "accounts.inm.reserve" are the keys of an
 * account that begin with "reserve". */
#ifndef CORRIDOR_CLI_KEY_PATH_H
#define CORRIDOR_CLI_KEY_PATH_H

#include <stdbool.h>
#include <stddef.h>

enum { KEY_PATH_MOST = 16 };

struct key_path {
    const char *context[KEY_PATH_MOST]; /* that the keys may belong to: a station may be of any kind */
    size_t contexts;
    size_t parent;   /* length of the path up to the keys: "accounts.inm" */
    const char *key; /* what they begin with: "reserve"; perhaps with further parts behind it */
};

/* False when the path begins with nothing that a scenario has. `parent` may end within a name that is missing
 * ("accounts"). */
bool key_path_follow(struct key_path *self, const char *path);

/* Whether the key of the table is meant: it belongs to one of the contexts and begins with (`whole`: is) the
 * first part of `key`, or is the same in another unit. */
bool key_path_matches(const struct key_path *self, const char *context, const char *name, bool whole);

#endif
