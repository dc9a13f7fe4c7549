/* Known answers of queueing models, from the stationary distribution of birth and death. */
#ifndef CORRIDOR_TESTS_QUEUE_THEORY_H
#define CORRIDOR_TESTS_QUEUE_THEORY_H

#include <math.h>

struct queue_answer {
    double in_system, waiting, busy; /* means over time */
    double wait; /* mean wait of those who begin service, in the time unit of the rates; NAN with patience */
    double lost, left; /* shares of arrivals turned away, and of those who came in who lost patience */
};

/* M/M/c with room for `room` in all (0: no limit) and exponential patience at rate `impatience` (0: none):
 * birth rate `arrival`, death rate min(n, c) x `service` + max(0, n - c) x `impatience` (Kleinrock 1975, ch.
 * 3; Garnett et al. 2002). */
static inline struct queue_answer queue_birth_death(double arrival, double service, int servers, int room,
                                                    double impatience)
{
    int states = room > 0 ? room : 20000;
    double weight = 1, total = 0, system = 0, waiting = 0, busy = 0, last = 0, abandoned = 0;
    for (int n = 0; n <= states; n++) {
        if (n > 0)
            weight *= arrival /
                      ((n < servers ? n : servers) * service + (n > servers ? n - servers : 0) * impatience);
        total += weight;
        system += n * weight;
        busy += (n < servers ? n : servers) * weight;
        waiting += (n > servers ? n - servers : 0) * weight;
        last = weight;
        if (n > servers && weight < 1e-18 * total) {
            last = 0;
            break;
        }
    }
    double accepted = arrival * (1 - (room > 0 ? last / total : 0));
    abandoned = impatience * waiting / total;
    return (struct queue_answer){.in_system = system / total,
                                 .waiting = waiting / total,
                                 .busy = busy / total,
                                 .wait = impatience > 0 ? NAN : waiting / total / accepted,
                                 .lost = room > 0 ? last / total : 0,
                                 .left = abandoned / accepted};
}

/* M/G/1 (Pollaczek 1930, Khinchine 1932): `cv2` = squared coefficient of variation of the service. */
static inline struct queue_answer queue_mg1(double arrival, double service_mean, double cv2)
{
    double load = arrival * service_mean;
    double wait = load * service_mean * (1 + cv2) / (2 * (1 - load));
    return (struct queue_answer){
        .in_system = arrival * wait + load, .waiting = arrival * wait, .busy = load, .wait = wait};
}

#endif
