#include "bench/run/place.h"

#include "bench/base/log.h"
#include "bench/run/guard.h"

static bool open_sandbox(struct place *place, struct arena *arena, const char *dsn, struct err *err)
{
    int64_t start_ns = clock_ns();
    place->sandbox = sandbox_start(dsn, err);
    if (place->sandbox == NULL || !db_target_parse(arena, sandbox_dsn(place->sandbox), &place->target, err))
        return false;
    place->label = arena_strdup(arena, dsn);
    log_info("started %s (throw-away) in %.1f s", sandbox_server(place->sandbox),
             (double)(clock_ns() - start_ns) / NS_PER_S);
    return true;
}

/* A server that does not answer is told of when it is opened. */
static void ask_lexis(const struct db_target *target, enum sql_lexis *lexis)
{
    struct db_options options = {.application_name = "rehearse/lexis", .connect_timeout_ns = 3 * NS_PER_S};
    struct db_answer answer;
    struct db *db = db_open_outcome(target, &options, &answer);
    if (db != NULL)
        *lexis = db_lexis(db);
    db_close(db);
}

bool place_lexis(struct arena *arena, const char *dsn, enum sql_lexis *lexis, struct err *err)
{
    struct db_target target;
    if (sandbox_is_dsn(dsn))
        return sandbox_lexis(dsn, lexis, err);
    if (!db_target_parse(arena, dsn, &target, err))
        return false;
    *lexis = db_target_lexis(&target);
    if (sql_is_mysql(*lexis))
        ask_lexis(&target, lexis);
    return true;
}

bool place_open(struct place *place, struct arena *arena, const char *dsn, const char *arm_database,
                struct err *err)
{
    *place = (struct place){0};
    if (sandbox_is_dsn(dsn)) {
        if (open_sandbox(place, arena, dsn, err))
            return true;
        place_close(place);
        return false;
    }
    if (!db_target_parse(arena, dsn, &place->target, err))
        return false;
    place->label = place->target.label;
    return guard_check(&place->target, arm_database, arena, &place->identity, err);
}

static bool add_replica(struct place *place, struct arena *arena, const char *dsn, struct err *err)
{
    if (db_target_parse(arena, dsn, &place->replicas[place->replica_count], err)) {
        place->replica_count++;
        return true;
    }
    return err_wrap(err, "target.replicas");
}

bool place_replicas(struct place *place, struct arena *arena, const char *const *dsns, size_t count,
                    struct err *err)
{
    const char *own = place->sandbox == NULL ? NULL : sandbox_replica_dsn(place->sandbox);
    place->replicas = arena_alloc(arena, (count + 1) * sizeof *place->replicas);
    place->replica_count = 0;
    if (own != NULL) {
        if (!add_replica(place, arena, own, err))
            return false;
        place->replicas[0].label = place->label; /* where it lies tells nobody anything */
    }
    for (size_t i = 0; i < count; i++)
        if (!add_replica(place, arena, dsns[i], err))
            return false;
    return true;
}

void place_close(struct place *place)
{
    sandbox_stop(place->sandbox);
    place->sandbox = NULL;
}

struct db *place_connect(const struct place *place, const char *application_name, struct err *err)
{
    struct db_options options = {.application_name = application_name, .expected_identity = place->identity};
    return db_open(&place->target, &options, err);
}
