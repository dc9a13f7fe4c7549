#include "analysis/waits.h"

#include <stdlib.h>

static void summarise(struct waits *self, const struct measures *total, const struct measures *busy,
                      size_t scenario, size_t station)
{
    const struct measures *ended = &self->ended;
    for (size_t r = 0; r < ended->replications; r++) {
        double count = 0, days = 0, server_days = 0, length = 0;
        for (size_t b = 0; b < ended->bins; b++) {
            double bin_days = ended->end_day[b] - ended->first_day[b];
            count += measures_at(ended, scenario, r, b, station);
            days += measures_at(total, scenario, r, b, station);
            server_days += measures_at(busy, scenario, r, b, station) * bin_days;
            length += bin_days;
        }
        size_t at = waits_at(self, scenario, station) + r;
        self->count[at] = count;
        self->mean_days[at] = days / count; /* 0 / 0: NaN */
        self->busy[at] = server_days / length;
    }
}

bool waits_read(struct waits *self, const char *path, struct error *error)
{
    struct measures total = {0}, busy = {0};
    *self = (struct waits){0};
    bool good = measures_read_dataset(&self->ended, path, "waits/ended", "station", error) &&
                measures_read_dataset(&total, path, "waits/total", "station", error) &&
                measures_read_dataset(&busy, path, "waits/servers_busy", "station", error);
    size_t cells = good ? self->ended.scenarios * self->ended.columns * self->ended.replications : 0;
    self->count = calloc(cells + 1, sizeof *self->count);
    self->mean_days = calloc(cells + 1, sizeof *self->mean_days);
    self->busy = calloc(cells + 1, sizeof *self->busy);
    if (good && (!self->count || !self->mean_days || !self->busy))
        good = error_set(error, ERROR_MEMORY, "not enough memory to read the waits");
    for (size_t s = 0; good && s < self->ended.scenarios; s++)
        for (size_t c = 0; c < self->ended.columns; c++) summarise(self, &total, &busy, s, c);
    measures_free(&total);
    measures_free(&busy);
    if (!good) waits_free(self);
    return good;
}

void waits_free(struct waits *self)
{
    measures_free(&self->ended);
    free(self->count);
    free(self->mean_days);
    free(self->busy);
    *self = (struct waits){0};
}
