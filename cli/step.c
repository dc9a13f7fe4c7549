#include "cli/step.h"

#include <stdio.h>
#include <string.h>

enum { DAY_MINUTES = 1440, DIGITS_MOST = 6 };

static uint32_t unit_minutes(const char *unit)
{
    if (strcmp(unit, "d") == 0) return DAY_MINUTES;
    if (strcmp(unit, "h") == 0) return 60;
    return strcmp(unit, "m") == 0 ? 1 : 0;
}

static const char *write_minutes(char text[STEP_SIZE], uint32_t minutes)
{
    if (minutes == DAY_MINUTES)
        snprintf(text, STEP_SIZE, "1d");
    else if (minutes % 60 == 0)
        snprintf(text, STEP_SIZE, "%uh", minutes / 60);
    else
        snprintf(text, STEP_SIZE, "%um", minutes);
    return text;
}

/* The steps that are allowed on both sides of one that is not. */
static void suggest(const char *written, uint32_t minutes, char message[STEP_MESSAGE_SIZE])
{
    char below[STEP_SIZE], above[STEP_SIZE];
    uint32_t shorter = minutes, longer = minutes;
    while (DAY_MINUTES % shorter != 0) shorter--;
    while (DAY_MINUTES % longer != 0) longer++;
    snprintf(message, STEP_MESSAGE_SIZE, "'%s' does not divide a day; %s and %s do", written,
             write_minutes(below, shorter), write_minutes(above, longer));
}

bool step_parse(const char *text, uint32_t *steps_per_day, char message[STEP_MESSAGE_SIZE])
{
    size_t digits = strspn(text, "0123456789");
    uint32_t number = 0, unit = unit_minutes(text + digits);
    if (digits == 0 || digits > DIGITS_MOST || unit == 0) {
        snprintf(message, STEP_MESSAGE_SIZE,
                 "'%.40s' is not a whole number of days, hours or minutes, such as 1d, 6h or 90m", text);
        return false;
    }
    for (size_t i = 0; i < digits; i++) number = number * 10 + (uint32_t)(text[i] - '0');
    uint32_t minutes = number * unit;
    *steps_per_day = 0;
    if (minutes == 0)
        snprintf(message, STEP_MESSAGE_SIZE, "'%s' is no time: the shortest step is a minute, 1m", text);
    else if (minutes > DAY_MINUTES)
        snprintf(message, STEP_MESSAGE_SIZE, "'%s' is too long: the longest step is a day, 1d", text);
    else if (DAY_MINUTES % minutes != 0)
        suggest(text, minutes, message);
    else
        *steps_per_day = DAY_MINUTES / minutes;
    return *steps_per_day > 0;
}

const char *step_text(char text[STEP_SIZE], struct engine engine)
{
    if (engine.kind != ENGINE_AGENTS) return write_minutes(text, DAY_MINUTES / engine.steps_per_day);
    text[0] = '\0';
    return text;
}
