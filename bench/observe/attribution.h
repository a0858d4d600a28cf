/* attribution: who the sessions in a lock queue are, asked the moment somebody waits, by a thread with its own connection.
 *
 * Asked at most 20 times a second, and once more when the migration shuts a table: its statement may be a short one. Only sessions inside a transaction or a statement are kept, their query redacted. */
#ifndef REHEARSE_OBSERVE_ATTRIBUTION_H
#define REHEARSE_OBSERVE_ATTRIBUTION_H

#include "bench/db/server_clock.h"
#include "bench/observe/wire.h"

struct sighting {
    int64_t at_ns;
    int32_t session;
    const char *application_name, *state, *query;
    int64_t xact_start_ns; /* 0: in no transaction */
    int64_t told_ns;       /* asked at at_ns, answered then */
    int64_t last_ns;       /* last asked with the same answer */
};

struct attribution {
    struct pace *pace;
    struct server_clock *clock;
    struct wire wire;
    pthread_t thread;
    bool started;
    _Atomic bool wanted, urged;
    struct arena arena;
    struct sighting *sightings;
    size_t count, capacity;
    int64_t asked_ns; /* of the answer being read */
};

bool attribution_start(struct attribution *attribution, const struct wire_config *wire, struct err *err);
void attribution_ask(struct attribution *attribution);  /* any thread; does not wait */
void attribution_urge(struct attribution *attribution); /* the same, at once */
void attribution_join(struct attribution *attribution);
void attribution_free(struct attribution *attribution);

/* The sighting of session nearest to the time, NULL when it was never seen. */
const struct sighting *attribution_find(const struct sighting *sightings, size_t count, int32_t session,
                                        int64_t at_ns);

#endif
