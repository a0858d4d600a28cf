#include "bench/run/rehearsal.h"

#include "bench/base/file.h"
#include "bench/base/log.h"
#include "bench/db/dialect.h"
#include "bench/run/capacity.h"
#include "bench/run/commands.h"
#include "bench/run/filling.h"
#include "bench/run/interrupt.h"
#include "bench/run/keyload.h"
#include "bench/run/material.h"
#include "bench/run/place.h"
#include "bench/run/surroundings.h"
#include "bench/run/trial.h"
#include "bench/run/trial_record.h"
#include "bench/run/validity.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What the steps of a rehearsal share. */
struct rehearsal {
    const struct plan *plan;
    const struct rehearsal_options *options;
    struct arena *arena;
    struct material material;
    struct place place;
    struct record *record;
    struct pool_variable *variables;
    size_t variable_count;
    double rate_per_s;
    struct tally_cell *baseline; /* merged over the strategies */
    int64_t baseline_ns;         /* time they took */
    bool left_behind;            /* a database that is not ours did not get back */
};

/* Variables of scripts: tables' rows, :scale, then -D, which wins. */

static bool find_variables(struct rehearsal *r, struct db *db, struct err *err)
{
    struct pool_variable *found;
    size_t count, defines = r->material.define_count;
    if (!surroundings_variables(db, r->arena, r->record->data.tables.items, r->record->data.tables.count,
                                &found, &count, err))
        return false;
    r->variables = arena_alloc(r->arena, (count + defines) * sizeof *r->variables);
    memcpy(r->variables, found, count * sizeof *found);
    memcpy(r->variables + count, r->material.defines, defines * sizeof *found);
    r->variable_count = count + defines;
    return true;
}

/* One strategy. */

static const char *plural(size_t count)
{
    return count == 1 ? "" : "s";
}

static const char *summary_of(struct arena *arena, const struct strategy *strategy)
{
    size_t steps = 0;
    for (size_t i = 0; i < strategy->phase_count; i++)
        steps += strategy->phases[i].step_count;
    if (strategy->file == NULL)
        return commands_summary(arena, strategy->phases[0].steps[0].argv);
    const struct strategy_settings *settings = &strategy->phases[0].settings;
    const char *shape = strategy->marked
                            ? arena_printf(arena, "%zu phase%s, %zu step%s", strategy->phase_count,
                                           plural(strategy->phase_count), steps, plural(steps))
                        : strategy->phases[0].tx
                            ? arena_printf(arena, "bare file, %zu statement%s in one transaction", steps,
                                           plural(steps))
                            : arena_printf(arena, "bare file, %zu statement%s", steps, plural(steps));
    if (settings->lock_timeout_ms <= 0)
        return arena_printf(arena, "%s, no lock_timeout", shape);
    return arena_printf(arena, "%s, lock_timeout %lld ms, %d retries", shape,
                        (long long)settings->lock_timeout_ms, settings->retries);
}

static void tell_end(struct rehearsal *r, const struct trial *trial, struct record_strategy *out)
{
    if (trial->end == TRIAL_MIGRATION_FAILED) {
        out->verdict.state = "fail";
        *RECORD_ADD(r->arena, out->verdict.causes) = arena_printf(r->arena, "did not finish: %s",
                                                                  trial->failure.message);
    }
    if (trial->end == TRIAL_INTERRUPTED || trial->end == TRIAL_STOPPED)
        out->verdict.state = "aborted";
    const struct objects *left = &trial->cleaning.left;
    for (size_t i = 0; i < left->count; i++)
        *RECORD_ADD(r->arena, out->leftovers) = arena_strdup(r->arena, left->items[i].name);
    if (left->count > 0 && r->place.sandbox == NULL)
        *RECORD_ADD(r->arena, out->leftovers) = arena_printf(
            r->arena, "remove with: rehearse clean --dsn '%s' --execute", r->place.label);
    if (left->count == 0 && trial->rollback_ran && !out->rollback.schema_identical)
        for (size_t i = 0; i < out->rollback.changes.count; i++)
            *RECORD_ADD(r->arena, out->leftovers) = out->rollback.changes.items[i];
    bool stays = trial->end != TRIAL_DONE || trial->rollback_ran;
    if (r->place.sandbox == NULL && stays &&
        strcmp(trial->schema_before.sha256, trial->schema_after.sha256) != 0)
        r->left_behind = true;
}

static void record_trial(struct rehearsal *r, const struct material_strategy *which, struct trial *trial,
                         const struct dialect *dialect)
{
    struct record_strategy *out = RECORD_ADD(r->arena, r->record->strategies);
    *out = (struct record_strategy){
        .name = which->plan->name,
        .kind = which->plan->exec != NULL ? "exec" : "migration",
        .file = which->strategy->file,
        .summary = summary_of(r->arena, which->strategy),
        .candidate = which->plan->candidate,
        .target_rate_milli_per_s = r->rate_per_s > 0 ? (int64_t)(r->rate_per_s * 1000) : RECORD_NONE};
    trial_record(r->arena, trial, dialect, out, r->baseline);
    r->baseline_ns += r->plan->baseline_ns;
    validity_of_strategy(r->arena, trial, out, r->record);
    tell_end(r, trial, out);
}

static struct trial_config trial_settings(const struct rehearsal *r, const struct material_strategy *which)
{
    return (struct trial_config){.target = &r->place.target,
                                 .replicas = r->place.replicas,
                                 .replica_count = r->place.replica_count,
                                 .identity = r->place.identity,
                                 .run_id = r->options->run_id,
                                 .plan = r->plan,
                                 .strategy = which->strategy,
                                 .workload = &r->material.workload,
                                 .antagonist_scripts = r->material.antagonist_scripts,
                                 .variables = r->variables,
                                 .variable_count = r->variable_count,
                                 .level = r->options->level,
                                 .rate_per_s = r->rate_per_s,
                                 .throw_away = r->place.sandbox != NULL,
                                 .label = which->plan->name};
}

static bool run_strategy(struct rehearsal *r, const struct material_strategy *which,
                         const struct dialect *dialect, struct err *err)
{
    struct trial_config config = trial_settings(r, which);
    struct trial trial;
    log_info("strategy %s", which->plan->name);
    bool ran = trial_run(&config, &trial, err);
    bool go_on = ran && (trial.end == TRIAL_DONE || trial.end == TRIAL_MIGRATION_FAILED);
    if (ran)
        record_trial(r, which, &trial, dialect);
    if (ran && trial.end == TRIAL_STOPPED)
        *err = trial.failure;
    if (ran && trial.end == TRIAL_INTERRUPTED)
        err_set(err, ERR_INTERRUPTED, "interrupted by signal %d during strategy %s", interrupt_signal(),
                which->plan->name);
    trial_close(&trial);
    return go_on;
}

/* Makes the data equal again before the next strategy. */
static bool reset_data(struct rehearsal *r, size_t next, struct err *err)
{
    if (r->place.sandbox != NULL && r->plan->reset != PLAN_RESET_NONE && r->material.strategy_count > 1)
        return next == 0 ? sandbox_keep(r->place.sandbox, err) : sandbox_restore(r->place.sandbox, err);
    if (r->left_behind)
        return err_set(err, ERR_LEFTOVER,
                       "the rollback of strategy %s did not get back: the next cannot start equal",
                       r->material.strategies[next - 1].plan->name);
    return true;
}

/* Several strategies on a database that is not ours: each but the last must be able to go back. */
static bool check_reset(const struct rehearsal *r, struct err *err)
{
    for (size_t i = 0; i + 1 < r->material.strategy_count && !sandbox_is_dsn(r->plan->dsn); i++) {
        if (r->material.strategies[i].strategy->rollback_count > 0 && r->plan->reset != PLAN_RESET_NONE)
            continue;
        err_set(err, ERR_USAGE, "strategy %s cannot be followed by another: nothing would undo it",
                r->material.strategies[i].plan->name);
        return err_hint(err, "give it a rollback, choose one with --strategy, or use a sandbox");
    }
    return true;
}

/* engine=mysql is for MariaDB too. */
static bool engine_matches(const char *wanted, const char *engine)
{
    return wanted == NULL || strcmp(wanted, engine) == 0 ||
           (strcmp(wanted, "mysql") == 0 && strcmp(engine, "mariadb") == 0);
}

/* label: the server's version, "15.18", "10.11.19". */
static bool is_older(const char *label, const struct strategy *strategy)
{
    const char *dot = strchr(label, '.');
    int major = atoi(label), minor = dot == NULL ? 0 : atoi(dot + 1);
    return major < strategy->min_version || (major == strategy->min_version && minor < strategy->min_minor);
}

/* The strategies' own headers: engine and least version. */
static bool check_server(const struct rehearsal *r, const struct db *db, struct err *err)
{
    const char *engine = db_dialect(db)->engine;
    char label[32];
    db_dialect(db)->version_label(db_version(db), label);
    for (size_t i = 0; i < r->material.strategy_count; i++) {
        const struct strategy *strategy = r->material.strategies[i].strategy;
        if (!engine_matches(strategy->engine, engine))
            return err_set(err, ERR_ENVIRONMENT, "%s is written for %s, the target is %s", strategy->file,
                           strategy->engine, engine);
        if (is_older(label, strategy))
            return err_set(err, ERR_ENVIRONMENT, "%s needs version %d.%d, the target is %s", strategy->file,
                           strategy->min_version, strategy->min_minor, label);
    }
    return true;
}

/* A sandbox's replica may be a new one after each reset. */
static bool find_replicas(struct rehearsal *r, struct err *err)
{
    return place_replicas(&r->place, r->arena, r->plan->replicas, r->plan->replica_count, err);
}

/* Do the replicas follow? Asked before anything is filled. */
static bool check_replicas(struct rehearsal *r, struct err *err)
{
    if (!find_replicas(r, err) || r->place.replica_count == 0)
        return err->kind == ERR_NONE;
    struct replication_config config = {.primary = &r->place.target,
                                        .replicas = r->place.replicas,
                                        .replica_count = r->place.replica_count,
                                        .run_id = r->options->run_id,
                                        .expected_identity = r->place.identity};
    struct replication *replication = replication_start(&config, err);
    replication_close(replication);
    return replication != NULL &&
           surroundings_replicas(r->place.replicas, r->place.replica_count, r->arena, r->record, err);
}

static bool run_strategies(struct rehearsal *r, const struct dialect *dialect, struct err *err)
{
    for (size_t i = 0; i < r->material.strategy_count; i++) {
        if (interrupt_requested())
            return err_set(err, ERR_INTERRUPTED, "interrupted by signal %d", interrupt_signal());
        if (!reset_data(r, i, err) || !find_replicas(r, err) ||
            !run_strategy(r, &r->material.strategies[i], dialect, err))
            return false;
    }
    return true;
}

static bool find_rate(struct rehearsal *r, struct err *err)
{
    r->rate_per_s = r->plan->rate_per_s;
    if (r->rate_per_s >= 0)
        return true;
    struct trial_config config = trial_settings(r, &r->material.strategies[0]);
    double most;
    if (!capacity_probe(&config, &most, err))
        return err_wrap(err, "capacity probe");
    r->rate_per_s = most / 2 < 1 ? 1 : floor(most / 2);
    log_info("capacity probe: %.0f requests/s in a closed loop; the load is half of it, %.0f/s (-R sets it)",
             most, r->rate_per_s);
    return true;
}

/* A run without scripts gets a load from the tables' keys. */
static bool make_load(struct rehearsal *r, struct db *db, struct err *err)
{
    return r->material.workload.app_count > 0 ||
           keyload_add(db, r->arena, r->material.strategies[0].strategy, &r->material.workload, err);
}

/* Everything against the server. False: err; what was measured before is in the record. */
static bool run_all(struct rehearsal *r, struct err *err)
{
    if (!check_replicas(r, err) ||
        !filling_run(r->plan, &r->material, &r->place, r->options, r->arena, r->record, err))
        return false;
    struct db *db = place_connect(&r->place, "rehearse/control", err);
    if (db == NULL)
        return false;
    const struct dialect *dialect = db_dialect(db);
    struct fingerprint schema;
    bool ok = check_server(r, db, err) && surroundings_record(db, r->arena, r->place.label, r->record, err) &&
              find_variables(r, db, err) && fingerprint_take(db, r->arena, &schema, err) &&
              make_load(r, db, err);
    db_close(db);
    if (!ok)
        return false;
    material_record_apps(&r->material, r->arena, r->record);
    r->record->baseline.schema_sha256 = arena_strdup(r->arena, schema.sha256);
    if (!find_rate(r, err))
        return false;
    r->record->load.rate_per_s = r->rate_per_s > 0 ? r->rate_per_s : NAN;
    return run_strategies(r, dialect, err);
}

/* The record's frame. */

static const char *command_line(const struct rehearsal *r)
{
    struct buf line = {0};
    for (int i = 0; i < r->options->argc; i++) {
        const char *word = r->options->argv[i];
        bool plain = word[0] != '\0';
        for (const char *c = word; *c != '\0'; c++)
            plain = plain && (isalnum((unsigned char)*c) || strchr("-_./:=@,+", *c) != NULL);
        buf_printf(&line, plain ? "%s%s" : "%s'%s'", i ? " " : "", i == 0 ? file_name(word) : word);
    }
    char *text = arena_strdup(r->arena, buf_text(&line));
    buf_free(&line);
    return text;
}

static struct record *open_record(const struct rehearsal *r)
{
    struct record *record = arena_alloc(r->arena, sizeof *record);
    char now[32];
    clock_format_rfc3339(clock_wall_us(), now);
    record->kind = "rehearsal";
    record->run.id = r->options->run_id;
    record->run.name = r->plan->name;
    record->run.title = r->plan->title;
    record->run.started_at = arena_strdup(r->arena, now);
    for (int i = 0; i < r->options->argc; i++)
        *RECORD_ADD(r->arena, record->run.argv) = arena_strdup(r->arena, r->options->argv[i]);
    record->tool.name = "rehearse";
    record->tool.version = REHEARSE_VERSION;
    record->tool.build = REHEARSE_BUILD;
    record->reproduce.command = command_line(r);
    for (size_t i = 0; i < r->plan->strategy_count; i++)
        if (r->plan->strategies[i].candidate)
            record->candidate = r->plan->strategies[i].name;
    return record;
}

static int exit_code(const struct rehearsal *r, const struct err *err)
{
    const char *state = r->record->verdict.state;
    if (r->left_behind)
        return err_exit_code(ERR_LEFTOVER);
    if (err->kind == ERR_INTERRUPTED)
        return 128 + interrupt_signal();
    if (err->kind != ERR_NONE)
        return err_exit_code(err->kind);
    if (strcmp(state, "invalid") == 0)
        return err_exit_code(ERR_INVALID);
    return strcmp(state, "fail") == 0;
}

static void close_record(struct rehearsal *r, const struct err *err, int64_t start_ns)
{
    struct record *record = r->record;
    char now[32];
    clock_format_rfc3339(clock_wall_us(), now);
    record->run.ended_at = arena_strdup(r->arena, now);
    record->run.duration_s = (double)(clock_ns() - start_ns) / NS_PER_S;
    record->baseline.latency.all = trial_record_latency(r->arena, "", &r->baseline->response);
    record->baseline.latency.service = trial_record_latency(r->arena, "", &r->baseline->service);
    record->baseline.throughput_per_s = r->baseline_ns > 0 ? (double)r->baseline->response.total * NS_PER_S /
                                                                 (double)r->baseline_ns
                                                           : NAN;
    if (err->kind != ERR_NONE) {
        record->verdict.state = "aborted";
        record->verdict.sentence = arena_strdup(r->arena, err->message);
    }
    validity_of_run(r->arena, record);
    struct thresholds thresholds = r->plan->thresholds;
    threshold_defaults(r->arena, r->place.replica_count > 0, &thresholds);
    threshold_judge(r->arena, &thresholds, record);
    record->run.exit_code = exit_code(r, err);
    record->complete = true;
}

static bool read_all(struct rehearsal *r, struct err *err)
{
    const struct plan *plan = r->plan;
    if (plan->production) {
        err_set(err, ERR_ENVIRONMENT, "the plan says that its target is production (target.role)");
        return err_hint(err, "rehearse on a staging copy; production is only ever profiled");
    }
    if (plan->dsn == NULL) {
        err_set(err, ERR_USAGE, "no target: neither the plan (target.dsn) nor --dsn names one");
        return err_hint(err, "--dsn sandbox:postgresql starts a throw-away server");
    }
    enum sql_lexis lexis;
    return place_lexis(r->arena, plan->dsn, &lexis, err) && find_replicas(r, err) &&
           material_read(plan, r->options, lexis, r->arena, &r->material, err) &&
           commands_allow(&r->material, r->options->allow_exec, r->arena, err) && check_reset(r, err);
}

struct rehearsal *rehearsal_open(const struct plan *plan, const struct rehearsal_options *options,
                                 struct arena *arena, struct err *err)
{
    struct rehearsal *r = arena_alloc(arena, sizeof *r);
    *r = (struct rehearsal){.plan = plan, .options = options, .arena = arena};
    return read_all(r, err) ? r : NULL;
}

const char *const *rehearsal_commands(const struct rehearsal *r, size_t *count)
{
    return commands_list(&r->material, r->arena, count);
}

bool rehearsal_run(struct rehearsal *r, struct record **record, struct err *err)
{
    int64_t start_ns = clock_ns();
    interrupt_set_words("stopping: the load ends, what is in flight is cancelled, the report is written",
                        "left at once; no report was written");
    if (!commands_find(&r->material, r->arena, err) ||
        !place_open(&r->place, r->arena, r->plan->dsn, r->options->arm_database, err))
        return false;
    if (!commands_fill(&r->material, &r->place.target, r->arena, err)) {
        place_close(&r->place);
        return false;
    }
    r->record = open_record(r);
    r->record->tool.client_version = db_client_version(r->place.target.driver);
    material_record(&r->material, r->plan, r->arena, r->record);
    r->baseline = mem_alloc(sizeof *r->baseline);
    struct err failed = {0};
    if (!run_all(r, &failed) && failed.kind == ERR_NONE)
        err_set(&failed, ERR_INTERNAL, "stopped for a reason that was not told");
    close_record(r, &failed, start_ns);
    *err = failed;
    *record = r->record;
    free(r->baseline);
    place_close(&r->place);
    return true;
}

bool rehearsal_fill(struct rehearsal *r, struct err *err)
{
    struct record record = {0};
    if (!place_open(&r->place, r->arena, r->plan->dsn, r->options->arm_database, err))
        return false;
    r->record = &record;
    bool filled = filling_run(r->plan, &r->material, &r->place, r->options, r->arena, r->record, err);
    place_close(&r->place);
    return filled;
}
