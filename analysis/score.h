/* A study against published figures: the targets of its scenarios. */
#ifndef CORRIDOR_ANALYSIS_SCORE_H
#define CORRIDOR_ANALYSIS_SCORE_H

#include "analysis/measures.h"
#include "models/document.h"

struct score_row {
    const char *measure, *period, *scope; /* as written in the scenario */
    bool check_only;                      /* never fitted */
    const char *not_comparable;           /* why, or NULL */
    double published, tolerance_percent;
    double mean, low, high; /* simulated: mean and central interval over replications */
    double error_percent;   /* of the mean, from the published figure */
    double z; /* (published - mean) / standard deviation over replications; NaN where they do not vary */
    bool inside_tolerance, inside_interval;
};

struct score {
    struct score_row *row;
    size_t count;
    struct document document; /* keeps the texts alive */
};

/* Scores one scenario by the targets in its stored text. A period that is not made of whole bins is not
 * comparable, nor is a mean wait over several of them. The caller frees with score_free. */
bool score_make(struct score *self, const struct measures *measures, size_t scenario, double level,
                struct error *error);
void score_free(struct score *self);

/* What the comparable rows of one use come to. */
struct score_total {
    size_t count, inside_tolerance, inside_interval;
    double mean_error_percent; /* mean of the errors' absolute values; NaN without rows */
};
struct score_total score_total(const struct score *self, bool check_only);

#endif
