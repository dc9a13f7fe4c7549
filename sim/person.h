/* The record of a person, which agents are made of. Internal to the room. */
#ifndef CORRIDOR_SIM_PERSON_H
#define CORRIDOR_SIM_PERSON_H

#include "sim/calendar.h"
#include "sim/network.h"
#include "sim/random.h"
#include "sim/time.h"

#define PERSON_NONE UINT32_MAX

enum person_state {
    PERSON_ARRIVING, /* created for today, not yet in */
    PERSON_STAYING,  /* delay or stay */
    PERSON_WAITING,  /* queue, ballot, departures */
    PERSON_IN_SERVICE,
    PERSON_APPOINTED, /* ballot: has an appointment */
    PERSON_BOARDED,   /* departures: has a seat of this moment */
    PERSON_GONE,      /* the record is free */
};

/* The day `from`, as `registered` has it: days of the spin-up are before it. */
#define REGISTERED_ORIGIN 32768

struct person {
    uint64_t key; /* order and identity; see calendar_record */
    tick_t wake;
    tick_t since; /* when the present station was entered */
    union {
        tick_t deadline;        /* delay and stay: end of the stay itself, where a hazard may come first */
        tick_t service_began;   /* queue: of somebody who is served; */
        tick_t rest_of_service; /* of somebody sent back to the line */
    };
    union {
        struct {
            uint32_t next, previous; /* neighbours in a line; free records are linked by next */
        };
        tick_t hazard_at; /* delay and stay: when a hazard strikes, if the stay lasts so long */
    };
    uint32_t position; /* in a ballot's list */
    uint32_t visit;    /* counts stations that took time or changed the way */
    uint16_t station;
    uint8_t class;
    uint8_t state;
    union {
        uint8_t hazard;    /* delay and stay: the wake is a hazard's, not the stay's end */
        uint8_t sent_back; /* queue: from service to the line */
    };
    union {
        uint8_t office; /* ballot: the one asked */
        uint8_t level;  /* queue: of priority, the line waited in */
    };
    uint16_t registered; /* day of the first registration + REGISTERED_ORIGIN, 0: never */
    uint16_t batch;      /* 1 + number of the batch; 0: alone */
    uint16_t visited;    /* day of the last visit that was one of every 65,536, as `registered`; 0: never */
    uint8_t memory[NETWORK_MEMORIES];
    uint8_t traced;
};
_Static_assert(sizeof(struct person) == CALENDAR_RECORD_SIZE, "a person is one cache line");

static inline uint64_t person_visit(const struct person *person)
{
    return person->key + (uint64_t)person->visit * UINT64_C(0xA24BAED4963EE407);
}
/* Identity of a person's stream on this visit to this station. */
static inline uint64_t person_identity(const struct person *person, const struct station *station)
{
    return random_mix(person_visit(person), station->hash);
}

/* The start of the day on which somebody registered who has. */
static inline tick_t person_registered(const struct person *person)
{
    return (tick_t)(person->registered - REGISTERED_ORIGIN) * TICKS_PER_DAY;
}

#endif
