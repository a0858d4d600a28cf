#include "bench/run/trial.h"

#include "bench/base/log.h"
#include "bench/run/interrupt.h"
#include "bench/run/reach.h"
#include "bench/run/ticker.h"

#include <stdatomic.h>
#include <string.h>

#define DRAIN_NS                                                                                             \
    (60 * NS_PER_S) /* how long backlog may drain after the last arrival before it counts as unfinished */
#define DEPLOY_NS (60 * NS_PER_S) /* how long old code may take to finish its requests in a rolling change */
#define POLL_NS   (20 * NS_PER_MS)

static bool stop_asked(const struct trial *trial)
{
    return interrupt_requested() || atomic_load_explicit(&trial->stop, memory_order_relaxed) != 0;
}

static int64_t now_or(int64_t given_ns)
{
    return given_ns != 0 ? given_ns : clock_ns();
}

static void enter_phase(struct trial *trial, enum trial_phase_kind kind, const char *name,
                        const struct phase *phase, int migrator_phase, int64_t start_ns)
{
    int64_t at_ns = now_or(start_ns);
    struct app_mix mix = {0};
    if (trial->phase_count > 0) {
        struct trial_phase *last = &trial->phases[trial->phase_count - 1];
        last->end_ns = at_ns;
        mix = last->mix;
    }
    struct trial_phase *entered = ARENA_PUSH(&trial->arena, trial->phases, trial->phase_count,
                                             trial->phase_capacity);
    *entered = (struct trial_phase){kind, name, phase, migrator_phase, at_ns, 0, mix};
    if (trial->phase_count > 1)
        pool_enter_phase(trial->pool, (int)trial->phase_count - 1);
    atomic_store(&trial->phase_name, name);
    log_debug("%s: phase %s", trial->config->label, name);
}

/* Hooks: what the migrator tells as it happens. */

static void on_phase(void *context, int phase_run, const struct phase *phase)
{
    struct trial *trial = context;
    const struct phase_run *run = &migrator_log(trial->migrator)->phases[phase_run];
    enter_phase(trial, run->rollback ? TRIAL_ROLLBACK : TRIAL_MIGRATION, phase->name, phase, phase_run, 0);
}

static bool on_app(void *context, const struct app_share *shares, int count, struct err *err)
{
    struct trial *trial = context;
    struct app_mix mix = {.count = count};
    for (int i = 0; i < count; i++) {
        mix.parts[i].app = workload_app(trial->config->workload, shares[i].name);
        mix.parts[i].share = shares[i].share;
        if (mix.parts[i].app < 0)
            return err_set(err, ERR_USAGE, "the plan has no app named %s", shares[i].name);
    }
    trial->phases[trial->phase_count - 1].mix = mix;
    int still_old = 0;
    if (!pool_deploy(trial->pool, &mix, clock_ns() + DEPLOY_NS, &still_old) && !stop_asked(trial))
        return err_set(err, ERR_ENVIRONMENT,
                       "%d requests of the old code did not finish within %d s of the change of app",
                       still_old, (int)(DEPLOY_NS / NS_PER_S));
    return true;
}

static void on_session(void *context, int session, bool active)
{
    struct trial *trial = context;
    observer_migration_session(trial->observer, session, active);
}

static void on_armed(void *context, bool armed)
{
    struct trial *trial = context;
    observer_arm(trial->observer, armed);
}

static void on_attempt(void *context, int attempt, bool after)
{
    struct trial *trial = context;
    observer_mark(trial->observer, attempt, after);
}

static int64_t on_lag(void *context)
{
    const struct trial *trial = context;
    return replication_lag_ns(trial->replication);
}

static bool on_interrupted(void *context)
{
    return stop_asked(context);
}

static void cancel_in_flight(void *context)
{
    struct trial *trial = context;
    pool_interrupt(trial->pool);
    migrator_cancel(trial->migrator);
}

/* Opening: control sessions first, so that max_connections cannot lock the harness out; the load last. */

static bool take_schema(struct trial *trial, struct fingerprint *schema, struct err *err)
{
    struct db_options options = {.application_name = "rehearse/schema",
                                 .expected_identity = trial->config->identity};
    struct db *db = db_open(trial->config->target, &options, err);
    bool ok = db != NULL && fingerprint_take(db, &trial->arena, schema, err);
    db_close(db);
    return ok;
}

static bool find_watched(struct trial *trial, struct err *err)
{
    struct db_options options = {.application_name = "rehearse/schema",
                                 .expected_identity = trial->config->identity};
    struct db *db = db_open(trial->config->target, &options, err);
    const struct strategy *strategy = trial->config->strategy;
    bool ok = db != NULL && (trial->config->throw_away || reach_check(db, &trial->arena, strategy, err)) &&
              watched_find(db, &trial->arena, strategy, trial->config->workload, &trial->watched, err);
    db_close(db);
    return ok;
}

static bool open_observer(struct trial *trial, struct err *err)
{
    const struct trial_config *config = trial->config;
    struct observer_config observer = {.target = config->target,
                                       .run_id = config->run_id,
                                       .expected_identity = config->identity,
                                       .level = config->level,
                                       .clock = &trial->clock,
                                       .tables = trial->watched.quoted,
                                       .table_names = trial->watched.names,
                                       .table_count = trial->watched.count};
    trial->observer = observer_start(&observer, err);
    return trial->observer != NULL;
}

static bool open_replication(struct trial *trial, struct err *err)
{
    const struct trial_config *config = trial->config;
    struct replication_config replication = {.primary = config->target,
                                             .replicas = config->replicas,
                                             .replica_count = config->replica_count,
                                             .run_id = config->run_id,
                                             .expected_identity = config->identity};
    if (config->replica_count == 0)
        return true;
    trial->replication = replication_start(&replication, err);
    return trial->replication != NULL;
}

static bool open_migrator(struct trial *trial, struct err *err)
{
    const struct trial_config *config = trial->config;
    struct migrator_config migrator = {.target = config->target,
                                       .run_id = config->run_id,
                                       .expected_identity = config->identity,
                                       .clock = &trial->clock,
                                       .seed = config->plan->seed,
                                       .hooks = {.context = trial,
                                                 .phase = on_phase,
                                                 .app = on_app,
                                                 .session = on_session,
                                                 .armed = on_armed,
                                                 .attempt = on_attempt,
                                                 .lag_ns = trial->replication == NULL ? NULL : on_lag,
                                                 .interrupted = on_interrupted}};
    trial->migrator = migrator_open(&migrator, config->strategy, err);
    return trial->migrator != NULL;
}

/* Warm-up, baseline, settling; and a rollback that was interrupted is entered a second time. */
static int phases_at_most(const struct strategy *strategy)
{
    return (int)(strategy->phase_count + 2 * strategy->rollback_count) + 3;
}

struct pool_config trial_pool_config(const struct trial_config *config)
{
    const struct strategy *strategy = config->strategy;
    return (struct pool_config){.target = config->target,
                                .workload = config->workload,
                                .run_id = config->run_id,
                                .expected_identity = config->identity,
                                .variables = config->variables,
                                .variable_count = config->variable_count,
                                .mix = {.parts = {{.app = 0, .share = 1.0}}, .count = 1},
                                .seed = config->plan->seed,
                                .rate_per_s = config->rate_per_s,
                                .sessions = config->plan->sessions,
                                .protocol = config->plan->simple_protocol ? POOL_SIMPLE : POOL_PREPARED,
                                .phases = phases_at_most(strategy)};
}

static bool open_load(struct trial *trial, const struct pool_config *settings, struct err *err)
{
    const struct plan *plan = trial->config->plan;
    trial->pool = pool_open(settings, err);
    if (trial->pool == NULL)
        return false;
    trial->antagonists = arena_alloc(&trial->arena, plan->antagonist_count * sizeof *trial->antagonists);
    for (size_t i = 0; i < plan->antagonist_count; i++) {
        const struct plan_antagonist *wanted = &plan->antagonists[i];
        struct antagonist_config antagonist = {.pool = settings,
                                               .script = trial->config->antagonist_scripts[i],
                                               .start_ns = wanted->start_ns,
                                               .every_ns = wanted->every_ns,
                                               .hold_ns = wanted->hold_ns};
        trial->antagonists[i] = antagonist_open(&antagonist, err);
        if (trial->antagonists[i] == NULL)
            return err_wrap(err, "antagonist %s", wanted->script);
        trial->antagonist_count = i + 1;
    }
    return true;
}

/* Running. */

static void wait_until(const struct trial *trial, int64_t until_ns)
{
    while (!stop_asked(trial) && clock_ns() < until_ns) {
        int64_t step_ns = clock_ns() + POLL_NS;
        clock_sleep_until_ns(step_ns < until_ns ? step_ns : until_ns);
    }
}

static void run_baseline(struct trial *trial)
{
    const struct plan *plan = trial->config->plan;
    int64_t start_ns = clock_ns() + 50 * NS_PER_MS;
    pool_go(trial->pool, start_ns);
    if (plan->warmup_ns > 0) {
        enter_phase(trial, TRIAL_WARMUP, "warm-up", NULL, -1, start_ns);
        trial->phases[0].mix = trial_pool_config(trial->config).mix;
        wait_until(trial, start_ns + plan->warmup_ns);
        start_ns = 0;
    }
    enter_phase(trial, TRIAL_BASELINE, "baseline", NULL, -1, start_ns);
    trial->phases[trial->phase_count - 1].mix = trial_pool_config(trial->config).mix;
    trial->zero_ns = trial->phases[trial->phase_count - 1].start_ns;
    observer_arm(trial->observer, true); /* the observers' own cost is the same in baseline and migration */
    wait_until(trial, trial->zero_ns + plan->baseline_ns);
    observer_arm(trial->observer, false);
}

static void stop_load(struct trial *trial, int64_t drain_ns)
{
    for (size_t i = 0; i < trial->antagonist_count; i++)
        antagonist_stop(trial->antagonists[i]);
    trial->load_end_ns = clock_ns(); /* draining what is due belongs to no phase's time */
    pool_stop(trial->pool, trial->load_end_ns + drain_ns);
}

static void went_back(struct trial *trial, enum migrator_result result, struct err *back)
{
    trial->rollback_ran = trial->config->strategy->rollback_count > 0;
    trial->rollback_complete = result == MIGRATOR_DONE && migrator_went_back(trial->migrator);
    if (result == MIGRATOR_FAILED && trial->end == TRIAL_DONE) {
        trial->end = TRIAL_MIGRATION_FAILED;
        trial->failure = *back;
    }
}

/* After the user or the guard stopped it: no more load; a database that stays is brought back. */
static void go_back_without_load(struct trial *trial)
{
    struct err back = {0};
    stop_load(trial, 2 * NS_PER_S);
    if (!trial->config->throw_away && trial->config->strategy->rollback_count > 0) {
        log_info("going back to the schema before");
        went_back(trial, migrator_back(trial->migrator, true, &back), &back);
        if (back.kind != ERR_NONE)
            log_warn("going back: %s", back.message);
    }
    trial->end = interrupt_requested() ? TRIAL_INTERRUPTED : TRIAL_STOPPED;
    if (trial->end == TRIAL_STOPPED)
        trial->failure = trial->stop_reason;
}

static enum migrator_result go_forward(struct trial *trial)
{
    for (size_t i = 0; i < trial->antagonist_count; i++)
        antagonist_go(trial->antagonists[i], clock_ns());
    enum migrator_result forward = migrator_forward(trial->migrator, 0, &trial->failure);
    if (forward == MIGRATOR_FAILED) {
        trial->end = TRIAL_MIGRATION_FAILED;
        log_warn("%s: %s", trial->config->label, trial->failure.message);
    }
    return forward;
}

static void run_phases(struct trial *trial)
{
    struct err back = {0};
    run_baseline(trial);
    if (stop_asked(trial) || go_forward(trial) == MIGRATOR_INTERRUPTED) {
        go_back_without_load(trial);
        return;
    }
    if (trial->config->plan->settle_ns > 0) {
        enter_phase(trial, TRIAL_SETTLE, "settle", NULL, -1, 0);
        wait_until(trial, clock_ns() + trial->config->plan->settle_ns);
    }
    enum migrator_result result = stop_asked(trial) ? MIGRATOR_INTERRUPTED
                                                    : migrator_back(trial->migrator, false, &back);
    if (result == MIGRATOR_INTERRUPTED)
        go_back_without_load(trial);
    else
        went_back(trial, result, &back);
    stop_load(trial, DRAIN_NS);
}

/* What a strategy with no way back has changed is its own; what one that went back, or broke off, has left is not. */
static void look_for_leftovers(struct trial *trial)
{
    struct err untold = {0};
    bool same = strcmp(trial->schema_before.sha256, trial->schema_after.sha256) == 0;
    bool well = trial->end == TRIAL_DONE && (!trial->rollback_ran || same);
    bool told = cleaning_end(&trial->cleaning, well || same, &trial->arena, &untold);
    if (!told)
        log_warn("%s: looking for what it left: %s", trial->config->label, untold.message);
    else if (trial->cleaning.left.count == 0)
        interrupt_set_last_words(NULL);
}

static bool open_all(struct trial *trial, struct err *err)
{
    trial->cleaning = (struct cleaning){.target = trial->config->target,
                                        .identity = trial->config->identity,
                                        .run_id = trial->config->run_id,
                                        .strategy = trial->config->label,
                                        .journal = !trial->config->throw_away};
    const struct pool_config settings = trial_pool_config(trial->config);
    return find_watched(trial, err) && open_replication(trial, err) && open_observer(trial, err) &&
           observer_sizes(trial->observer, &trial->arena, &trial->sizes_before, &trial->sizes_before_count,
                          err) &&
           take_schema(trial, &trial->schema_before, err) && open_migrator(trial, err) &&
           open_load(trial, &settings, err) && cleaning_begin(&trial->cleaning, &trial->arena, err);
}

static const char *last_words(struct trial *trial)
{
    const struct trial_config *config = trial->config;
    const char *back = config->strategy->rollback_count == 0
                           ? ""
                           : arena_printf(&trial->arena, "; its rollbacks in %s go back",
                                          config->strategy->file);
    return arena_printf(&trial->arena,
                        "what strategy %s had changed is still there%s;\n"
                        "rehearse clean --dsn '%s' lists what it added, with --execute removes it\n",
                        config->label, back, config->target->label);
}

bool trial_run(const struct trial_config *config, struct trial *trial, struct err *err)
{
    *trial = (struct trial){.config = config};
    if (!open_all(trial, err))
        return err_wrap(err, "%s", config->label);
    struct ticker *ticker = ticker_start(trial, err);
    if (ticker == NULL)
        return false;
    int64_t wall_ns = clock_ns(), cpu_ns = clock_cpu_ns();
    if (!config->throw_away)
        interrupt_set_last_words(last_words(trial));
    interrupt_set_action(cancel_in_flight, trial);
    run_phases(trial);
    interrupt_set_action(NULL, NULL);
    trial->wall_ns = clock_ns() - wall_ns;
    trial->cpu_ns = clock_cpu_ns() - cpu_ns;
    ticker_stop(ticker);
    trial->end_ns = clock_ns();
    struct trial_phase *last = &trial->phases[trial->phase_count - 1];
    last->end_ns = last->start_ns < trial->load_end_ns ? trial->load_end_ns : trial->end_ns;

    struct err after = {0}; /* the server may be gone by now: what was measured is kept all the same */
    if (!observer_sizes(trial->observer, &trial->arena, &trial->sizes_after, &trial->sizes_after_count,
                        &after) ||
        !take_schema(trial, &trial->schema_after, &after))
        log_warn("%s: after the run: %s", config->label, after.message);
    look_for_leftovers(trial);
    observer_stop(trial->observer);
    if (trial->replication != NULL)
        replication_stop(trial->replication);
    return true;
}

void trial_close(struct trial *trial)
{
    interrupt_set_last_words(NULL);
    for (size_t i = 0; i < trial->antagonist_count; i++)
        antagonist_close(trial->antagonists[i]);
    pool_close(trial->pool);
    migrator_close(trial->migrator);
    observer_close(trial->observer);
    replication_close(trial->replication);
    arena_free(&trial->arena);
}
