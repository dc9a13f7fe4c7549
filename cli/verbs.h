/* The verbs; each stands in a file of its own. */
#ifndef CORRIDOR_CLI_VERBS_H
#define CORRIDOR_CLI_VERBS_H

#include "cli/options.h"

extern const struct verb verb_check, verb_show, verb_run, verb_compare, verb_score, verb_keys;

#endif
