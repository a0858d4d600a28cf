/* transaction: a phase with tx=on: all its statements in one transaction, tried again whole. The migrator's thread.
 *
 * The locks of each statement are held to the commit of the last: every span of a try ends with it. A try that failed keeps
 * its statement runs: a phase that was tried again has one run per statement and try. */
#ifndef REHEARSE_MIGRATE_TRANSACTION_H
#define REHEARSE_MIGRATE_TRANSACTION_H

#include "bench/migrate/migration.h"

enum migrator_result transaction_run(struct migrator *migrator, const struct phase *phase, struct err *err);

#endif
