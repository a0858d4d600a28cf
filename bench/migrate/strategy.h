/* strategy: one way to make the change, read from an SQL file with `-- rehearse:` marks, or from a bare file.
 *
 * A strategy is phases, a phase is steps. Read once into an arena, immutable afterwards.
 *
 * A bare file is one phase "migration" of kind ddl. Its tx is on, as a migration tool would have it, unless the engine's DDL
 * commits by itself (MySQL, MariaDB), a statement cannot be in a transaction, or the file holds BEGIN or COMMIT itself: then tx is off, and BEGIN and COMMIT are steps like
 * any other, sent on the one session of the migrator, so that the user's own transactions are what they are under psql.
 * Statements of such a file are never retried alone (retries 0). A marked file has no BEGIN or COMMIT.
 *
 * Settings of a step are resolved: the plan's overrides, else `set` inside the phase and the phase's keys (the later wins),
 * else `set` of the file so far, else the defaults. A `set` holds for all that follows, in rollbacks too. */
#ifndef REHEARSE_MIGRATE_STRATEGY_H
#define REHEARSE_MIGRATE_STRATEGY_H

#include "bench/base/arena.h"
#include "bench/base/err.h"
#include "bench/db/sql.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum phase_kind { PHASE_DDL, PHASE_DATA, PHASE_APP, PHASE_CHECK };
enum step_kind { STEP_SQL, STEP_BACKFILL, STEP_APP, STEP_WAIT, STEP_COMMAND };

/* What `set` and the keys of a phase decide. −1: not set, take what is around it (file, then plan, then default). */
struct strategy_settings {
    int64_t lock_timeout_ms;                 /* 0: none. Default 0 */
    int64_t statement_timeout_ms;            /* 0: none. Default 0 */
    int retries;                             /* further attempts after a retryable outcome. Default 0 */
    int64_t backoff_low_ns, backoff_high_ns; /* Default 1 s … 8 s; full jitter */
};

enum { STRATEGY_MAX_SHARES = 16 };
struct app_share {
    const char *name;
    double share; /* 0 … 1 */
};

struct step {
    enum step_kind kind;
    enum sql_kind sql_kind;
    const char *file;
    int line, column;
    const char *sql;      /* STEP_SQL, STEP_BACKFILL */
    enum sql_lexis lexis; /* of that: what a SET before it changed is in it */
    struct strategy_settings settings;
    /* STEP_APP */
    struct app_share shares[STRATEGY_MAX_SHARES];
    int share_count;
    bool no_transaction; /* the statement of STEP_SQL cannot be in one */
    /* STEP_WAIT */
    int64_t wait_ns;                      /* a plain wait; −1 for a condition */
    int64_t wait_lag_ns, wait_timeout_ns; /* wait lag<1s timeout=5min */
    /* STEP_BACKFILL */
    const char *table, *key;      /* as written */
    int64_t batch_rows;           /* default 10000 */
    int64_t target_ns;            /* adaptive batch, 0: fixed */
    int64_t pause_ns, max_lag_ns; /* 0: none */
    double max_rows_per_s;        /* 0: none */
    int threads;                  /* default 1 */
    bool retry_deadlock;          /* on_deadlock=retry (default) or fail */
    /* STEP_COMMAND: NULL-terminated; {host} {port} {socket} {user} {database} still stand in it. Its time limit is
     * settings.statement_timeout_ms */
    const char *const *argv;
};

struct strategy_check {
    const char *text, *sql;
    const char *expect; /* "same" or the value */
    const char *after;  /* phase name; NULL: where it stands */
    int64_t timeout_ns; /* 0: 10 min */
    const char *file;
    int line;
};

struct phase {
    const char *name;
    enum phase_kind kind;
    bool tx;         /* the whole phase is one transaction, retried whole */
    int64_t hold_ns; /* watch this long after; −1 not set */
    struct strategy_settings settings;
    struct step *steps;
    size_t step_count, step_capacity;
    struct strategy_check *checks; /* run after the phase */
    size_t check_count, check_capacity;
    int line;
};

struct strategy {
    const char *name; /* from the mark, else from the plan or the file's name */
    const char *file, *sha256;
    const char *engine; /* NULL: any */
    int min_version;    /* major; 0: any */
    int min_minor;      /* of min=10.11 */
    bool marked;        /* false: a bare file, run as a migration tool would */
    struct phase *phases;
    size_t phase_count, phase_capacity;
    /* rollback[i] undoes everything since the phase named by the rollback before it; from: index of the phase after which
     * it starts going back. Ordered by `from`. Each is a phase named "rollback <phase>". */
    struct strategy_rollback {
        size_t from;
        struct phase phase;
    } * rollbacks;
    size_t rollback_count, rollback_capacity;
};

/* overrides: from the plan's strategies.NAME.set, win over what the file says in `set` and phases; may be NULL. */
bool strategy_read(struct arena *arena, enum sql_lexis lexis, const char *file, const char *text,
                   size_t length, const struct strategy_settings *overrides, struct strategy **strategy,
                   struct err *err);
/* An external command as a strategy: one phase "migration" with one step. */
struct strategy *strategy_of_command(struct arena *arena, const char *name, const char *const *argv,
                                     const struct strategy_settings *overrides);
bool strategy_has_command(const struct strategy *strategy);
struct strategy_settings strategy_settings_unset(void);
/* One key of `set` ("lock_timeout", "200ms"), for the reader and the plan. *why gets static text or a hint on failure. */
bool strategy_settings_read(struct strategy_settings *settings, const char *key, const char *value,
                            const char **why);
/* What upper sets, else what lower sets. */
struct strategy_settings strategy_settings_over(struct strategy_settings upper,
                                                struct strategy_settings lower);
extern const char *const strategy_setting_keys[]; /* NULL-terminated, for "did you mean" */
const char *phase_kind_name(enum phase_kind kind);

#endif
