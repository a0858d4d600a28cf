/* journal: keeps the migration_log while the strategy runs. The migrator's thread.
 *
 * Pointers into the log's arrays hold only until the next entry of the same sort: keep indexes. A backfill_run stays where
 * it is, since other threads read its progress. */
#ifndef REHEARSE_MIGRATE_JOURNAL_H
#define REHEARSE_MIGRATE_JOURNAL_H

#include "bench/migrate/migration.h"

void journal_phase(struct migrator *migrator, const struct phase *phase,
                   bool rollback); /* and tells the hook */
void journal_phase_end(struct migrator *migrator, bool completed);

size_t journal_statement(struct migrator *migrator, const struct step *step);
struct statement_run *journal_statement_at(struct migrator *migrator, size_t statement);
/* The last answer of a statement, and what the server noticed meanwhile. */
void journal_statement_end(struct migrator *migrator, size_t statement, const struct db_answer *answer);

size_t journal_attempt(struct migrator *migrator, size_t statement); /* and tells the hook, before */
void journal_attempt_end(struct migrator *migrator, size_t attempt); /* tells the hook, after */
/* Takes back statements and attempts from these indexes on: announced, but never sent. */
void journal_withdraw(struct migrator *migrator, size_t statement, size_t attempt);

struct backfill_run *journal_backfill(struct migrator *migrator, size_t statement);
struct check_run *journal_check(struct migrator *migrator, const struct strategy_check *check);

#endif
