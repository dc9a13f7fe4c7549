/* The length of a step as users write it: 1d, 12h, 90m. */
#ifndef CORRIDOR_CLI_STEP_H
#define CORRIDOR_CLI_STEP_H

#include "sim/engine.h"

#include <stddef.h>

enum { STEP_SIZE = 16, STEP_MESSAGE_SIZE = 160 };

/* Reads a whole number of days, hours or minutes that divides a day. False with what is wrong, and what would
 * do, in `message`. */
bool step_parse(const char *text, uint32_t *steps_per_day, char message[STEP_MESSAGE_SIZE]);

/* The one way to write it, in the largest unit: "1d", "6h", "90m". "" for agents, who take no steps. Returns
 * `text`. */
const char *step_text(char text[STEP_SIZE], struct engine engine);

#endif
