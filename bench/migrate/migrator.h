/* migrator: runs a strategy on one session, phase by phase, forward, or back by its rollbacks.
 *
 * Called from one thread; what happens is told through hooks as it happens and kept in a migration_log. The migration
 * session stamps the server's clock around each statement (MEASURE); lock_timeout, retries with full jitter outside any
 * transaction, and the batches of a backfill are its business. Nothing of it looks at locks: observe does. */
#ifndef REHEARSE_MIGRATE_MIGRATOR_H
#define REHEARSE_MIGRATE_MIGRATOR_H

#include "bench/base/arena.h"
#include "bench/db/db.h"
#include "bench/db/server_clock.h"
#include "bench/migrate/strategy.h"
#include "bench/stat/span.h"

/* All hooks are called on the migrator's thread and may be NULL. */
struct migrator_hooks {
    void *context;
    void (*phase)(void *context, int phase_run, const struct phase *phase); /* a phase (or rollback) begins */
    bool (*app)(void *context, const struct app_share *shares, int count,
                struct err *err);                             /* returns when the old is drained */
    void (*session)(void *context, int session, bool active); /* a session of the migration opened or went */
    void (*armed)(void *context, bool armed); /* a DDL statement may be in flight from now on / no more */
    /* Index in log.attempts, before and after it. In a tx=on phase all are announced before BEGIN; one that the try did not
     * reach is withdrawn, and its index announced again by the next. After: once its locks are gone. */
    void (*attempt)(void *context, int attempt, bool after);
    int64_t (*lag_ns)(void *context);   /* replica lag; −1 unknown. NULL: there is no replica */
    bool (*interrupted)(void *context); /* polled at least every 50 ms while waiting */
};

struct migrator_config {
    const struct db_target *target;
    const char *run_id; /* application_name is rehearse/<run id>/migration */
    const char *expected_identity;
    struct server_clock *clock;
    uint64_t seed; /* of the jitter */
    struct migrator_hooks hooks;
};

/* One statement; in a tx=on phase that was tried again whole, one per statement and try. The statements of a transaction,
 * ours or one that the file began itself, have the end_ns and done_ns of its commit in all their spans. */
struct statement_stage {
    const char *name; /* as the server calls it: "copy to tmp table" */
    int64_t duration_us;
};

struct statement_run {
    int phase_run;
    const struct step *step;
    const char *sql; /* as run; for a backfill the template */
    int64_t start_ns, end_ns;
    int first_attempt, attempt_count; /* in attempts; a backfill has none: see backfills */
    enum outcome outcome;             /* of the last attempt */
    const char *message;              /* of the server when it failed */
    int64_t rows;                     /* of INSERT, UPDATE, DELETE and backfills; 0 for others */
    int backfill;                     /* index, −1 */
    bool notice_rewrite, notice_scan; /* the server said "rewriting table", "verifying table" */
    const struct statement_stage
        *stages; /* of its last attempt, those worth reading; none where the server cannot tell */
    size_t stage_count;
    const char *const *output; /* of a command: the last lines it printed, secrets cut; NULL: none */
    size_t output_count;
};

/* throttled_ns: waiting for the replica and for max_rate; pauses between batches are not in it. retried counts tries after
 * a lock timeout, a deadlock, or a connection lost before COMMIT was sent: when it goes during COMMIT the migration fails and
 * names the range, since running it again might do it twice. */
struct backfill_run {
    int statement;
    int64_t rows, batches, retried, throttled_ns, key_low, key_high;
    int64_t lag_pauses, lag_paused_ns; /* for the replica alone */
    int64_t start_ns, end_ns;
    _Atomic int64_t key_at;   /* progress: any thread */
    double rows_per_s_min10s; /* slowest 10 s window, pauses included; the whole when shorter */
};

struct check_run {
    const struct strategy_check *check;
    int phase_run;
    const char *found;    /* the value as text; NULL when it could not be run */
    const char *expected; /* for "same": the value before */
    const char *message;
    bool passed;
};

struct phase_run {
    const struct phase *phase;
    int64_t start_ns, end_ns;
    bool rollback, completed;
};

struct migration_log {
    struct phase_run *phases;
    size_t phase_count;
    struct statement_run *statements;
    size_t statement_count;
    struct attempt_span *attempts;
    size_t attempt_count;
    struct backfill_run **backfills;
    size_t backfill_count;
    struct check_run *checks;
    size_t check_count;
};

enum migrator_result { MIGRATOR_DONE, MIGRATOR_FAILED, MIGRATOR_INTERRUPTED };

struct migrator;

struct migrator *migrator_open(const struct migrator_config *config, const struct strategy *strategy,
                               struct err *err);
/* First phase run gets index first_phase_run (so that the caller can number a baseline before it). Checks with
 * expect=same take their value before the first phase. */
enum migrator_result migrator_forward(struct migrator *migrator, int first_phase_run, struct err *err);
/* Goes back from where forward came to, rollback by rollback, beginning with the last whose phase was reached. After a
 * failed or interrupted forward that left something of its phase behind, that phase's own rollback runs tolerant: statements
 * that fail because the object is gone, or already back, are skipped. Without a rollback for it the earlier ones run, and
 * migrator_went_back is false. strategy without rollbacks: does nothing, returns DONE. ignore_interrupt: for cleaning up
 * after Ctrl-C. May be called again after it failed or was interrupted: the rollback it was in then runs tolerant. */
enum migrator_result migrator_back(struct migrator *migrator, bool ignore_interrupt, struct err *err);
bool migrator_went_back(
    const struct migrator *migrator); /* everything done forward has been undone, as far as it says */
/* After that: the first phase whose changes no rollback undoes, because none begins at it or behind it; NULL: none. */
const char *migrator_uncovered(const struct migrator *migrator);
/* The statement in flight; any thread. interrupted() must be true by then, else the statement counts as failed. */
void migrator_cancel(struct migrator *migrator);
const struct migration_log *migrator_log(const struct migrator *migrator);
/* Progress of the backfill that runs now: share 0 … 1, or −1 when none does. Any thread. */
double migrator_backfill_share(const struct migrator *migrator, int64_t *rows);
void migrator_close(struct migrator *migrator); /* accepts NULL; frees the log */

#endif
