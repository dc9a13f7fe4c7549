/* Stay: people live at a place for a drawn time, in its shelters or outside (place.c counts who sleeps
 * where). */
#include "sim/kinds/sojourn.h"

const struct kind kind_stay = {.name = "stay",
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
