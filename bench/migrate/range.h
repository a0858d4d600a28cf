/* range: the keys of a table, cut into ranges of about so many rows, and the statement of one range. The migrator's thread.
 *
 * Ranges are cut by rows, not by key values: sparse keys do not make empty batches. The end is the highest key at the
 * start: what is inserted later is the dual write's business. */
#ifndef REHEARSE_MIGRATE_RANGE_H
#define REHEARSE_MIGRATE_RANGE_H

#include "bench/base/buf.h"
#include "bench/migrate/migration.h"

struct range {
    int64_t low, high; /* of the table, both inclusive; low > high: no rows */
    int64_t lo, hi;    /* of the batch: lo exclusive, hi inclusive */
};

/* Lowest and highest key. OUTCOME_NO_SUCH_OBJECT: no such table or column, or the key is no integer. */
struct db_answer range_find(struct migrator *migrator, const struct step *step, struct range *range);
/* Moves on to the next rows after hi: *more says whether there are any. */
struct db_answer range_next(struct migrator *migrator, const struct step *step, int64_t rows,
                            struct range *range, bool *more);
/* The statement with :lo and :hi put in, outside strings and comments. */
void range_statement(enum sql_lexis lexis, const char *sql, const struct range *range, struct buf *out);

#endif
