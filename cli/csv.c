#include "cli/csv.h"

#include "sim/time.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

void csv_text(FILE *stream, const char *text)
{
    if (!strpbrk(text, ",\"\r\n")) {
        fputs(text, stream);
        return;
    }
    fputc('"', stream);
    for (; *text; text++) {
        if (*text == '"') fputc('"', stream);
        fputc(*text, stream);
    }
    fputc('"', stream);
}

void csv_number(FILE *stream, double number)
{
    char text[40];
    if (isnan(number)) return;
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, number);
        if (strtod(text, NULL) == number) break;
    }
    fputs(text, stream);
}

static void write_replication(const struct measures *measures, size_t scenario, size_t replication,
                              FILE *stream)
{
    for (size_t b = 0; b < measures->bins; b++) {
        char date[11];
        date_format(measures->first_day[b], date);
        for (size_t c = 0; c < measures->columns; c++) {
            csv_text(stream, measures->scenario[scenario]);
            fprintf(stream, ",%zu,%s,", replication, date);
            csv_text(stream, measures->column[c]);
            fputc(',', stream);
            csv_number(stream, measures_at(measures, scenario, replication, b, c));
            fputc('\n', stream);
        }
    }
}

bool csv_close(FILE *stream, const char *path, struct error *error)
{
    bool good = fflush(stream) == 0 && !ferror(stream);
    int reason = errno;
    good = fclose(stream) == 0 && good;
    return good || error_set(error, ERROR_FILE, "cannot write %.300s: %s", path, strerror(reason));
}

bool csv_write(const struct measures *measures, const char *path, struct error *error)
{
    FILE *stream = fopen(path, "w");
    if (!stream) return error_set(error, ERROR_FILE, "cannot write %.300s: %s", path, strerror(errno));
    fputs("scenario,replication,bin_start,measure,value\n", stream);
    for (size_t s = 0; s < measures->scenarios; s++)
        for (size_t r = 0; r < measures->replications; r++)
            if (measures->complete[s * measures->replications + r]) write_replication(measures, s, r, stream);
    return csv_close(stream, path, error);
}
