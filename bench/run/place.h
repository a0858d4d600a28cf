/* place: the database that a rehearsal runs against: a sandbox of our own, or an armed server of the user's.
 *
 * Opened and closed by the main thread; what it tells is read by any. */
#ifndef REHEARSE_RUN_PLACE_H
#define REHEARSE_RUN_PLACE_H

#include "bench/base/arena.h"
#include "bench/db/db.h"
#include "bench/sandbox/sandbox.h"

struct place {
    struct sandbox *sandbox; /* NULL: the user's server */
    struct db_target target;
    const char *identity; /* checked on every new connection; NULL for a sandbox */
    const char *label;    /* for people and reports, without a password */
    struct db_target *replicas;
    size_t replica_count;
};

/* The lexis of what is written for the server that a DSN or sandbox names, before anything is started: of MySQL and MariaDB it is
 * asked for its modes. */
bool place_lexis(struct arena *arena, const char *dsn, enum sql_lexis *lexis, struct err *err);
/* Starts a sandbox or connects; refuses what is not armed. arm_database: --arm, or NULL. */
bool place_open(struct place *place, struct arena *arena, const char *dsn, const char *arm_database,
                struct err *err);
/* Where the replicas are: those named, and a sandbox's own. They are only read, and need no arming; whether they follow is
 * for replication_start to see. After place_open. */
bool place_replicas(struct place *place, struct arena *arena, const char *const *dsns, size_t count,
                    struct err *err);
void place_close(struct place *place);
struct db *place_connect(const struct place *place, const char *application_name, struct err *err);

#endif
