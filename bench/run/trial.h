/* trial: one strategy under load: baseline, the migration forward, settling, and back. Everything of it runs and ends here.
 *
 * trial_run is called from the main thread. It wires pool, antagonists, observer and migrator together and keeps what they
 * measured until trial_close; trial_record.h turns it into a strategy of the record. */
#ifndef REHEARSE_RUN_TRIAL_H
#define REHEARSE_RUN_TRIAL_H

#include "bench/db/server_clock.h"
#include "bench/load/antagonist.h"
#include "bench/load/pool.h"
#include "bench/migrate/fingerprint.h"
#include "bench/migrate/migrator.h"
#include "bench/observe/observer.h"
#include "bench/observe/replication.h"
#include "bench/run/cleaning.h"
#include "bench/run/guard.h"
#include "bench/run/plan.h"
#include "bench/run/watched.h"

struct trial_config {
    const struct db_target *target;
    const struct db_target *replicas;
    size_t replica_count;
    const char *identity, *run_id;
    const struct plan *plan;
    const struct strategy *strategy;
    const struct workload *workload;
    const int *antagonist_scripts; /* by plan->antagonists */
    const struct pool_variable *variables;
    size_t variable_count;
    enum observe_level level;
    double rate_per_s; /* 0: closed loop */
    bool throw_away;   /* a sandbox: after an interrupt nothing needs going back */
    const char *label; /* strategy's name, for progress lines */
};

enum trial_phase_kind { TRIAL_WARMUP, TRIAL_BASELINE, TRIAL_MIGRATION, TRIAL_SETTLE, TRIAL_ROLLBACK };

struct trial_phase {
    enum trial_phase_kind kind;
    const char *name;
    const struct phase *phase; /* of the strategy; NULL for ours */
    int migrator_phase;        /* index into the migrator's phases, −1 */
    int64_t start_ns, end_ns;
    struct app_mix mix; /* live at its end */
};

enum trial_end {
    TRIAL_DONE,
    TRIAL_MIGRATION_FAILED, /* why is in trial->failure; it went back as far as it could */
    TRIAL_INTERRUPTED,      /* by the user */
    TRIAL_STOPPED           /* by the guard: why is in trial->failure */
};

struct trial {
    const struct trial_config *config;
    struct arena arena;
    struct server_clock clock;
    struct pool *pool;
    struct observer *observer;
    struct replication *replication; /* NULL: no replica */
    struct migrator *migrator;
    struct antagonist **antagonists;
    size_t antagonist_count;
    struct watched watched;
    struct trial_phase *phases;
    size_t phase_count, phase_capacity;
    enum trial_end end;
    struct err failure;
    struct table_size *sizes_before, *sizes_after;
    size_t sizes_before_count, sizes_after_count;
    struct fingerprint schema_before, schema_after;
    struct cleaning cleaning; /* cleaning.left: what a strategy that did not end well left behind */
    bool rollback_ran, rollback_complete;
    int64_t zero_ns;         /* start of the baseline: 0.0 s of the record */
    int64_t load_end_ns;     /* when the load was told to stop: the end of the last phase under load */
    int64_t end_ns;          /* when all of it was over */
    int64_t cpu_ns, wall_ns; /* of this process, baseline to end */
    _Atomic(const char *) phase_name; /* of the phase that runs now, for the ticker */
    _Atomic int stop;                 /* set by the guard's watch: the migrator sees it as an interrupt */
    struct err stop_reason;
};

/* The load as the trial offers it. */
struct pool_config trial_pool_config(const struct trial_config *config);

/* False only when it could not be carried out at all (err); what the server or the migration did wrong is in *trial. */
bool trial_run(const struct trial_config *config, struct trial *trial, struct err *err);
void trial_close(struct trial *trial); /* accepts one that was only zeroed */

#endif
