/* fill_journal: what a fill leaves in the database to tell of itself while it is at work: the journal, how to have empty
 * tables and the schema back; the ledger, what is committed. And who goes on from them. Private to fill*.c. */
#ifndef REHEARSE_GENERATORS_FILL_JOURNAL_H
#define REHEARSE_GENERATORS_FILL_JOURNAL_H

#include "generators/fill_parts.h"

/* What is committed, range by range: fill_ledger.c. */
const char *fill_ledger_name(const struct fill *fill, const char *schema);
bool fill_ledger_create(struct fill *fill);
bool fill_ledger_note(const struct fill *fill, struct db *session, const struct fill_target *target,
                      const char *range, struct err *err);
bool fill_ledger_has_ranges(const struct fill *fill, const char *ledger);
bool fill_ledger_read(struct fill *fill);
const char *
fill_ledger_plan(const struct fill *fill); /* of plans that make the same rows in the same chunks */

/* Goes on with an earlier fill of the same plan: sets resumed, or leaves everything as it was. */
bool fill_resume(struct fill *fill);

/* The journal is a table beside the first that is filled: what to do to have empty tables and the schema back. A load of
 * which even the process is gone is never mistaken for a whole one. While it lives, a session holds a lock on it, or on
 * its name: other fills keep away. See fill_journal.c for what holds when the process dies at any point. */
bool fill_journal_create(struct fill *fill);
bool fill_journal_hold(struct fill *fill); /* once is enough */
bool fill_journal_drop(struct fill *fill);
bool fill_journal_schemas(struct fill *fill, struct db_table *schemas); /* that hold a journal, one a row */
bool fill_journal_undo_earlier(struct fill *fill); /* all earlier loads that did not end */
/* Seizes an earlier load's journal for session, in a transaction, and reads it: rank, take off, put back, finish. */
bool fill_journal_seize(struct fill *fill, struct db *session, const char *journal, struct db_table *rows,
                        bool *found, struct err *err);
const char *fill_journal_plan(const struct db_table *rows); /* as fill_ledger_plan; NULL: it does not tell */
/* Everything a journal lists is put back on empty tables, in session's transaction where DDL is transactional. */
bool fill_journal_restore(struct db *session, const struct db_table *rows, struct err *err);
void fill_journal_pieces(struct fill *fill,
                         const struct db_table *rows);                /* the fill's pieces: the journal's */
bool fill_journal_lists(const struct fill *fill, const char *quoted); /* fill->ours empties this table */
const char *fill_journal_name(const struct fill *fill, const char *schema);
/* After a failure: undoes this load; when that fails too, err says who will. */
void fill_journal_rescue(struct fill *fill);

#endif
