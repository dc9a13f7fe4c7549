/* Delay: on the way. People take a drawn time to get to the next station. */
#include "sim/kinds/sojourn.h"

const struct kind kind_delay = {.name = "delay",
                                .takes_time = true,
                                .enter = sojourn_enter,
                                .wake = sojourn_wake,
                                .begin = sojourn_begin,
                                .changed = sojourn_changed,
                                .reuses_memory = true,
                                .cohort_memory = sojourn_memory,
                                .cohort_begin = sojourn_cohort_begin,
                                .release = sojourn_release,
                                .turn = sojourn_turn};
