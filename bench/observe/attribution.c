#include "bench/observe/attribution.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#define ASK_EVERY_NS (50 * NS_PER_MS)
#define ASK_LIMIT_NS (2 * NS_PER_S)
#define IDLE_LOOK_NS (2 * NS_PER_MS)
#define SLOW_LOOK_NS (20 * NS_PER_MS)

enum { QUERY_BYTES_MAX = 300 };

enum {
    COLUMN_SESSION,
    COLUMN_APPLICATION,
    COLUMN_STATE,
    COLUMN_QUERY,
    COLUMN_XACT_START,
    COLUMN_QUERY_START,
    COLUMN_BACKEND_KIND
};

static const char *or_empty(const char *text)
{
    return text != NULL ? text : "";
}

static bool same_as_before(const struct attribution *attribution, const struct sighting *sighting)
{
    for (size_t i = attribution->count; i-- > 0;) {
        struct sighting *before = &attribution->sightings[i];
        if (before->session != sighting->session)
            continue;
        bool same = before->xact_start_ns / NS_PER_MS == sighting->xact_start_ns / NS_PER_MS &&
                    strcmp(before->state, sighting->state) == 0 &&
                    strcmp(before->query, sighting->query) == 0;
        if (same)
            before->last_ns = sighting->at_ns;
        return same;
    }
    return false;
}

static void read_row(void *context, int result, int columns, const char *const *values)
{
    struct attribution *attribution = context;
    if (result != 0 || columns <= COLUMN_BACKEND_KIND || values[COLUMN_SESSION] == NULL ||
        values[COLUMN_XACT_START] == NULL)
        return;
    struct arena *arena = &attribution->arena;
    struct sighting sighting = {
        .at_ns = attribution->asked_ns,
        .session = (int32_t)strtol(values[COLUMN_SESSION], NULL, 10),
        .state = arena_strdup(arena, or_empty(values[COLUMN_STATE])),
        .query = sql_redact(arena, db_lexis(attribution->wire.db), or_empty(values[COLUMN_QUERY]),
                            QUERY_BYTES_MAX),
        .xact_start_ns = server_clock_to_run_ns(attribution->clock,
                                                strtoll(values[COLUMN_XACT_START], NULL, 10)),
        .told_ns = clock_ns(),
        .last_ns = attribution->asked_ns,
    };
    if (same_as_before(attribution, &sighting))
        return;
    bool named = values[COLUMN_APPLICATION] != NULL && values[COLUMN_APPLICATION][0] != '\0';
    /* a worker of the server's own has no name but its kind: "autovacuum worker" */
    sighting.application_name = arena_strdup(
        arena, or_empty(values[named ? COLUMN_APPLICATION : COLUMN_BACKEND_KIND]));
    *ARENA_PUSH(arena, attribution->sightings, attribution->count, attribution->capacity) = sighting;
}

static void *attribute(void *context)
{
    struct attribution *attribution = context;
    int64_t next_ns = 0;
    while (
        pace_wait(attribution->pace, clock_ns() + (attribution->pace->armed ? IDLE_LOOK_NS : SLOW_LOOK_NS))) {
        bool urged = atomic_exchange(&attribution->urged, false);
        if (!urged && (clock_ns() < next_ns || !atomic_exchange(&attribution->wanted, false)))
            continue;
        attribution->asked_ns = clock_ns();
        next_ns = attribution->asked_ns + ASK_EVERY_NS;
        struct db_answer answer = wire_ask(&attribution->wire, DIALECT_SESSIONS, NULL, ASK_LIMIT_NS, read_row,
                                           attribution);
        if (outcome_ends_session(answer.outcome))
            wire_reopen(&attribution->wire);
    }
    return NULL;
}

bool attribution_start(struct attribution *attribution, const struct wire_config *wire, struct err *err)
{
    if (!wire_open(&attribution->wire, wire, err))
        return false;
    if (pthread_create(&attribution->thread, NULL, attribute, attribution) != 0)
        return err_set(err, ERR_ENVIRONMENT, "cannot start the observer's attribution thread");
    attribution->started = true;
    return true;
}

void attribution_ask(struct attribution *attribution)
{
    attribution->wanted = true;
}

void attribution_urge(struct attribution *attribution)
{
    attribution->urged = true;
}

void attribution_join(struct attribution *attribution)
{
    if (attribution->started)
        pthread_join(attribution->thread, NULL);
    attribution->started = false;
    wire_close(&attribution->wire);
}

void attribution_free(struct attribution *attribution)
{
    arena_free(&attribution->arena);
}

const struct sighting *attribution_find(const struct sighting *sightings, size_t count, int32_t session,
                                        int64_t at_ns)
{
    const struct sighting *nearest = NULL;
    int64_t nearest_ns = CLOCK_NEVER_NS;
    for (size_t i = 0; i < count; i++) {
        int64_t apart_ns = llabs(sightings[i].at_ns - at_ns);
        if (sightings[i].session == session && apart_ns < nearest_ns) {
            nearest = &sightings[i];
            nearest_ns = apart_ns;
        }
    }
    return nearest;
}
