/* guard: a target that the harness did not make itself must be armed before anything may change it.
 *
 * Arming puts a marker into the database, bound to the server's identity and with an expiry. There is no way around it.
 * One thread per call; a guard_watch belongs to the thread that polls it. */
#ifndef REHEARSE_RUN_GUARD_H
#define REHEARSE_RUN_GUARD_H

#include "bench/base/arena.h"
#include "bench/db/db.h"

/* Writes the marker. typed: the database's name as the user typed it; another name is refused. */
bool guard_arm(const struct db_target *target, const char *typed, int64_t expires_after_ns, struct err *err);
/* The SQL that a DBA would run to arm this target, for `arm --print-sql`. */
bool guard_print_sql(const struct db_target *target, int64_t expires_after_ns, struct arena *arena,
                     char **sql, struct err *err);
/* The name of the database, to be typed. */
bool guard_database(const struct db_target *target, struct arena *arena, const char **name, struct err *err);

/* Refuses (ERR_ENVIRONMENT, exit 3) an unarmed, expired or foreign-marked target and says what opens it. arm_database:
 * --arm for this run only, or NULL; a wrong name is refused. *identity: for db_options.expected_identity. */
bool guard_check(const struct db_target *target, const char *arm_database, struct arena *arena,
                 const char **identity, struct err *err);

/* Looks for sessions that are not ours and write the tables under test. */
struct guard_watch;
struct guard_watch *guard_watch_open(const struct db_target *target, const char *identity,
                                     const char *const *table_ids, size_t count, struct err *err);
bool guard_watch_poll(struct guard_watch *watch,
                      struct err *found); /* false: one writes; found says who and where */
/* Sessions for which ours() is true are the run's own, whatever they call themselves: those of an external command. */
void guard_watch_excuse(struct guard_watch *watch, bool (*ours)(void *context, int session), void *context);
void guard_watch_close(struct guard_watch *watch); /* accepts NULL */

#endif
