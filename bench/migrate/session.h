/* session: the migration's one session: opened, set up, its timeouts, and opened anew when it was lost.
 *
 * The migrator's thread, but session_cancel, which any thread may call. */
#ifndef REHEARSE_MIGRATE_SESSION_H
#define REHEARSE_MIGRATE_SESSION_H

#include "bench/migrate/migration.h"

bool session_open(struct migrator *migrator, struct err *err);
void session_close(struct migrator *migrator); /* tells the hook; harmless when there is none */
/* There is a session when it returns MIGRATOR_DONE: a lost one is opened anew, with growing pauses, for at most 60 s. */
enum migrator_result session_ensure(struct migrator *migrator, struct err *err);
/* One message; a session that the outcome ends is closed at once. */
struct db_answer session_exec(struct migrator *migrator, const char *sql, int64_t deadline_ns,
                              db_row_fn *rows, void *context);
/* In a message of its own, and only what differs from what is set; what was set inside a transaction that has ended counts
 * as not known. */
struct db_answer session_set_timeouts(struct migrator *migrator, int64_t lock_timeout_ms,
                                      int64_t statement_timeout_ms);
/* Ends what an error left open; nothing when no transaction is open. */
void session_rollback(struct migrator *migrator);
/* For the statement that is sent now: somewhat after the server's own statement_timeout, which a frozen server does not
 * keep; CLOCK_NEVER_NS without one. */
int64_t session_deadline_ns(const struct migrator *migrator);
bool session_in_transaction(const struct migrator *migrator);
void session_cancel(struct migrator *migrator);

#endif
