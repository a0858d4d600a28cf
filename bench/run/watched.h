/* watched: the tables that a strategy's statements name and that exist: what observers probe and episodes are about.
 *
 * Values in the arena. One thread. */
#ifndef REHEARSE_RUN_WATCHED_H
#define REHEARSE_RUN_WATCHED_H

#include "bench/base/arena.h"
#include "bench/db/db.h"
#include "bench/migrate/strategy.h"
#include "workloads/workload.h"

struct watched {
    const char **names;  /* as people write them: "orders", "audit.orders" */
    const char **quoted; /* for SQL */
    const char **ids;    /* the server's object ids, as text */
    size_t count;
    uint64_t *script_tables; /* by script of the workload: bit t = it mentions table t */
};

enum { WATCHED_MAX = 32 };

bool watched_find(struct db *db, struct arena *arena, const struct strategy *strategy,
                  const struct workload *workload, struct watched *watched, struct err *err);

#endif
