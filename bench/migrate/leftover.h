/* leftover: the invalid index that a failed CREATE INDEX or REINDEX CONCURRENTLY leaves, and its removal. The migrator's
 * thread.
 *
 * Left in place it would cost every writer, and IF NOT EXISTS of the next try would take it for the index. Found by
 * comparing the table's invalid indexes before and after: an index without a name in the statement is found too, and one
 * that was invalid before stays. */
#ifndef REHEARSE_MIGRATE_LEFTOVER_H
#define REHEARSE_MIGRATE_LEFTOVER_H

#include "bench/migrate/migration.h"

struct leftover {
    bool watched;       /* the statement is one that leaves such indexes, and its table was found */
    const char **names; /* quoted, of the indexes invalid before */
    size_t count;
};

struct leftover leftover_before(struct migrator *migrator, const struct step *step);
/* After the statement failed: drops what it left. What cannot be dropped now is kept for leftover_drop. */
void leftover_after(struct migrator *migrator, const struct step *step, const struct leftover *before);
/* Drops what was kept, if anything. False: it is still there. */
bool leftover_drop(struct migrator *migrator, struct err *err);

#endif
