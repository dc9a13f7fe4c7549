/* Numbers, dates, bars and tables as text for people. */
#ifndef CORRIDOR_CLI_TEXT_H
#define CORRIDOR_CLI_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum { TEXT_WIDTH = 100, NUMBER_SIZE = 48, BAR_MOST = 40, BAR_SIZE = 3 * BAR_MOST + 1 };

/* Digits after the point that suit numbers up to `largest`. */
int number_decimals(double largest);
/* 12,345.6; "-" for NaN. Returns `text`. */
const char *number_text(char text[NUMBER_SIZE], double number, int decimals);
/* The same with the decimals that suit it. */
const char *number_short(char text[NUMBER_SIZE], double number);
/* 1.5 kB, 20 MB, ...; 1 kB = 1000 bytes. */
const char *bytes_text(char text[NUMBER_SIZE], double bytes);
/* 0.8 s, 12 s, 3 min 20 s, 2 h 5 min. */
const char *seconds_text(char text[NUMBER_SIZE], double seconds);
/* The days first..end-1 by their name: 2023-12 for a whole month, 2023-12-18 for a day, the first day
 * otherwise. */
const char *period_text(char text[NUMBER_SIZE], int32_t first_day, int32_t end_day);

/* Whether the terminal's character set is UTF-8 (after setlocale). */
bool text_is_utf8(void);
/* A bar of at most `width` characters (themselves at most BAR_MOST, of three bytes each in UTF-8) for a
 * fraction in [0, 1]: eighths of blocks in UTF-8, else '#'. */
const char *bar_text(char text[BAR_SIZE], double fraction, int width, bool utf8);

/* What a count adds to its word: "s", or "" for one. */
const char *plural(size_t count);

/* Letters of a UTF-8 text. */
size_t text_letters(const char *text);
/* A text with what could move the cursor shown as '?'. */
void text_print(FILE *stream, const char *text);
/* A JSON or DOT string in double quotes. */
void text_print_quoted(FILE *stream, const char *text);
/* A word for the shell: in single quotes where it needs them. */
void text_print_word(FILE *stream, const char *text);

#endif
