/* surroundings: facts about client, server and network for the record, and the variables that scripts get. One thread. */
#ifndef REHEARSE_RUN_SURROUNDINGS_H
#define REHEARSE_RUN_SURROUNDINGS_H

#include "bench/load/pool.h"
#include "reports/record.h"

bool surroundings_record(struct db *db, struct arena *arena, const char *label, struct record *record,
                         struct err *err);
/* Replicas that are known to follow. */
bool surroundings_replicas(const struct db_target *replicas, size_t count, struct arena *arena,
                           struct record *record, struct err *err);

/* :<table>_rows for every table (rows as filled where `tables` names them, else the server's estimate), :scale (rows of
 * pgbench_branches, else 1). */
bool surroundings_variables(struct db *db, struct arena *arena, const struct record_table *tables,
                            size_t table_count, struct pool_variable **variables, size_t *count,
                            struct err *err);

#endif
