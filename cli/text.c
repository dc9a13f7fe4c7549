#include "cli/text.h"

#include "models/problems.h"
#include "sim/time.h"

#include <langinfo.h>
#include <math.h>
#include <string.h>

int number_decimals(double largest)
{
    double size = fabs(largest);
    if (!(size > 0) || size >= 1000) return 0;
    return size >= 10 ? 1 : size >= 1 ? 2 : 4;
}

const char *number_text(char text[NUMBER_SIZE], double number, int decimals)
{
    if (isnan(number)) return strcpy(text, "-");
    if (!(fabs(number) < 1e15)) {
        snprintf(text, NUMBER_SIZE, "%.3g", number);
        return text;
    }
    char plain[NUMBER_SIZE];
    snprintf(plain, sizeof plain, "%.*f", decimals, number);
    bool zero = strspn(plain, "-0.") == strlen(plain);
    const char *digits = plain + (plain[0] == '-');
    size_t whole = strcspn(digits, "."), at = 0;
    if (plain[0] == '-' && !zero) text[at++] = '-';
    for (size_t i = 0; i < whole; i++) {
        text[at++] = digits[i];
        if (i + 1 < whole && (whole - i - 1) % 3 == 0) text[at++] = ',';
    }
    strcpy(text + at, digits + whole);
    return text;
}

const char *number_short(char text[NUMBER_SIZE], double number)
{
    return number_text(text, number, number_decimals(number));
}

const char *bytes_text(char text[NUMBER_SIZE], double bytes)
{
    static const char *const units[] = {"bytes", "kB", "MB", "GB", "TB"};
    size_t unit = 0;
    for (; bytes >= 1000 && unit < 4; unit++) bytes /= 1000;
    snprintf(text, NUMBER_SIZE, "%.*f %s", unit && bytes < 10 ? 1 : 0, bytes, units[unit]);
    return text;
}

const char *seconds_text(char text[NUMBER_SIZE], double seconds)
{
    long whole = lround(fmin(seconds, 1e9));
    if (seconds < 9.95)
        snprintf(text, NUMBER_SIZE, "%.1f s", seconds);
    else if (whole < 60)
        snprintf(text, NUMBER_SIZE, "%ld s", whole);
    else if (whole < 3600)
        snprintf(text, NUMBER_SIZE, "%ld min %ld s", whole / 60, whole % 60);
    else
        snprintf(text, NUMBER_SIZE, "%ld h %ld min", whole / 3600, whole / 60 % 60);
    return text;
}

const char *period_text(char text[NUMBER_SIZE], int32_t first_day, int32_t end_day)
{
    struct date first = date_from_days(first_day);
    date_format(first_day, text);
    if (first.day == 1 && end_day - first_day == date_days_in_month(first.year, first.month)) text[7] = '\0';
    return text;
}

bool text_is_utf8(void)
{
    return strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
}

const char *bar_text(char text[BAR_SIZE], double fraction, int width, bool utf8)
{
    int eighths = fraction > 0 ? (int)lround(fmin(fraction, 1) * 8 * width) : 0;
    char *at = text;
    if (!utf8) {
        int marks = (eighths + 4) / 8;
        memset(text, '#', (size_t)marks);
        text[marks] = '\0';
        return text;
    }
    for (; eighths >= 8; eighths -= 8) at = stpcpy(at, "\xE2\x96\x88");
    /* U+258F is one eighth, U+2589 seven. */
    if (eighths > 0) {
        const char block[] = {'\xE2', '\x96', (char)(0x90 - eighths), '\0'};
        at = stpcpy(at, block);
    }
    *at = '\0';
    return text;
}

const char *plural(size_t count)
{
    return count == 1 ? "" : "s";
}

size_t text_letters(const char *text)
{
    size_t letters = 0;
    for (; *text; text++) letters += ((unsigned char)*text & 0xC0) != 0x80;
    return letters;
}

void text_print(FILE *stream, const char *text)
{
    problems_print_text(stream, text);
}

void text_print_quoted(FILE *stream, const char *text)
{
    fputc('"', stream);
    for (; *text; text++) {
        if ((unsigned char)*text < 0x20) {
            fprintf(stream, "\\u%04x", (unsigned)*text);
            continue;
        }
        if (*text == '"' || *text == '\\') fputc('\\', stream);
        fputc(*text, stream);
    }
    fputc('"', stream);
}

void text_print_word(FILE *stream, const char *text)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./+,:@%";
    if (*text == '-') fputs("./", stream); /* a file whose name begins like an option */
    if (*text && text[strspn(text, plain)] == '\0') {
        fputs(text, stream);
        return;
    }
    fputc('\'', stream);
    for (; *text; text++) {
        if (*text == '\'')
            fputs("'\\''", stream);
        else
            fputc(*text, stream);
    }
    fputc('\'', stream);
}
