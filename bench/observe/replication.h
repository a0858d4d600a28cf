/* replication: how far the replicas are behind, by a heartbeat of our own.
 *
 * A thread writes an ascending number into a one-row table on the primary every 50 ms; a thread per replica reads it there
 * every 50 ms. The lag is the age, on our own clock, of the oldest beat that the replica does not show (lag.h): no clocks of
 * servers are compared, and nothing the server says about itself is believed. The bytes are those that the primary has
 * logged since the beat shown. A replica that has not answered for a second, or shows no beat of this run, has no known lag;
 * nor has any once the primary has taken no beat for a second and the last one is everywhere.
 * Cost: the beats are in the primary's log too, on PostgreSQL 15 about 3.5 KB a second, and 8 KB after each checkpoint.
 * replication_lag_ns may be called from any thread; the points are read after replication_stop. */
#ifndef REHEARSE_OBSERVE_REPLICATION_H
#define REHEARSE_OBSERVE_REPLICATION_H

#include "bench/db/db.h"
#include "bench/observe/lag.h"

struct replication_config {
    const struct db_target *primary;
    const struct db_target *replicas;
    size_t replica_count;
    const char *run_id, *expected_identity; /* of the primary */
};

struct replication;

/* Creates the heartbeat's table and waits, at most 10 s, until every replica shows a beat: err names one that does not, or
 * that is the primary itself. The targets must stay until replication_close. */
struct replication *replication_start(const struct replication_config *config, struct err *err);
int64_t
replication_lag_ns(struct replication *replication);    /* the worst replica's, now; −1: one is unknown */
void replication_stop(struct replication *replication); /* drops the table; idempotent */
/* Every 100 ms, of one replica, in order. After replication_stop. */
const struct lag_point *replication_points(const struct replication *replication, size_t replica,
                                           size_t *count);
void replication_close(struct replication *replication); /* stops; accepts NULL */

#endif
