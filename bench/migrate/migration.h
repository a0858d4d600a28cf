/* migration: the inside of a migrator, shared by the files of bench/migrate that run a strategy; nobody else includes it.
 *
 * All of it belongs to the migrator's thread but for three parts: session.db behind session.guard (for migrator_cancel),
 * and the two atomics of the backfill's progress. */
#ifndef REHEARSE_MIGRATE_MIGRATION_H
#define REHEARSE_MIGRATE_MIGRATION_H

#include "bench/base/rng.h"
#include "bench/migrate/migrator.h"

#include <pthread.h>
#include <stdatomic.h>

/* The one session all statements run on. db is NULL while there is none: session_ensure opens it. */
struct session {
    struct db *db;
    pthread_mutex_t guard;                         /* of db, against migrator_cancel */
    const char *begin, *now, *commit, *rollback;   /* the dialect's words */
    int64_t lock_timeout_ms, statement_timeout_ms; /* as set on the server; −1 not known */
    bool provisional;                 /* they were set inside a transaction, whose end may take them back */
    bool notice_rewrite, notice_scan; /* seen since they were last cleared */
};

struct check_before { /* what a check with expect=same gave before the first phase */
    const struct strategy_check *check;
    const char *value;   /* NULL: it could not be run */
    const char *message; /* why */
};

struct migrator {
    struct migrator_config config;
    const struct strategy *strategy;
    const char *application_name;
    struct arena arena;
    struct session session;
    struct rng rng; /* of the jitter */

    struct migration_log log;
    size_t phase_capacity, statement_capacity, attempt_capacity, backfill_capacity, check_capacity;
    struct check_before *before;
    size_t before_count, before_capacity;

    const struct phase *phase; /* that runs now */
    int first_phase_run, phase_run;
    bool ignore_interrupt;
    bool tolerant; /* what fails because its object is gone, or already there, is skipped */
    bool armed;    /* as last told to the hook */
    bool touched;  /* something of the phase that runs now may be permanent */

    /* Where the strategy stands: phases [0, standing) are done; partial: something of phases[standing] is, too. */
    size_t standing;
    bool partial;
    const struct phase *uncovered; /* the first phase that went by and that no rollback undoes; NULL: none */
    size_t open_attempt;    /* the first attempt of the transaction that the strategy itself has open */
    const char **leftovers; /* quoted names of invalid indexes still to be dropped */
    size_t leftover_count, leftover_capacity;

    _Atomic(struct backfill_run *) backfill; /* that runs now */
    _Atomic int64_t backfill_rows;
};

/* A setting of the step, else of its phase, else the default. */
struct strategy_settings migration_settings(const struct migrator *migrator, const struct step *step);
bool migration_interrupted(const struct migrator *migrator);
/* Sleeps, looking for an interrupt every 20 ms. False: interrupted, at once when it already was. */
bool migration_pause(const struct migrator *migrator, int64_t duration_ns);
void migration_arm(struct migrator *migrator, bool armed); /* tells the hook what changed */
/* Sets err and returns MIGRATOR_INTERRUPTED. */
enum migrator_result migration_stop(struct err *err);

#endif
