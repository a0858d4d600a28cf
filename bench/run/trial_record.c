#include "bench/run/trial_record.h"

#include "bench/db/dialect.h"
#include "bench/run/keyload.h"
#include "bench/run/trial_half.h"
#include "bench/run/trial_timeline.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { OWN_MAX = 5 }; /* names of what a strategy added that are told */

/* What the functions below share: one trial on its way into the record. */
struct recorder {
    struct arena *arena;
    struct trial *trial;
    const struct dialect *dialect;
    const struct migration_log *log;
    struct attempt_locks *locks; /* by attempt */
    struct record_strategy *out;
    struct tally_cell *cell; /* scratch */
};

static int64_t to_us(int64_t duration_ns)
{
    return duration_ns / NS_PER_US;
}

struct record_latency trial_record_latency(struct arena *arena, const char *name, const struct hist *hist)
{
    if (hist->total == 0)
        return (struct record_latency){.name = name,
                                       .p50_us = RECORD_NONE,
                                       .p90_us = RECORD_NONE,
                                       .p95_us = RECORD_NONE,
                                       .p99_us = RECORD_NONE,
                                       .p999_us = RECORD_NONE,
                                       .max_us = RECORD_NONE};
    return (struct record_latency){.name = name,
                                   .count = (int64_t)hist->total,
                                   .p50_us = hist_percentile_us(hist, 50),
                                   .p90_us = hist_percentile_us(hist, 90),
                                   .p95_us = hist_percentile_us(hist, 95),
                                   .p99_us = hist_percentile_us(hist, 99),
                                   .p999_us = hist_percentile_us(hist, 99.9),
                                   .max_us = hist->max_us,
                                   .hdr_v2 = hist_encode(arena, hist)};
}

static void collect(struct recorder *r, int phase, int slot)
{
    memset(r->cell, 0, sizeof *r->cell);
    tally_collect(pool_tally(r->trial->pool), phase, slot, r->cell);
}

/* Requests of one phase: the scripts' slots merged. Statements have slots of their own and are left out. */
static void collect_requests(struct recorder *r, int phase)
{
    memset(r->cell, 0, sizeof *r->cell);
    for (size_t s = 0; s < r->trial->config->workload->script_count; s++)
        tally_collect(pool_tally(r->trial->pool), phase, (int)s, r->cell);
}

/* Of r->cell. What never finished stands among the cancelled there; it is counted apart, and has not failed. */
static void record_outcomes(struct recorder *r, int64_t unfinished, struct record_outcomes *out)
{
    r->cell->outcomes[OUTCOME_CANCELLED] -= (uint64_t)unfinished;
    out->unfinished = unfinished;
    out->ok = (int64_t)r->cell->outcomes[OUTCOME_OK];
    out->retried = (int64_t)r->cell->retried;
    for (int i = OUTCOME_OK + 1; i < OUTCOME_COUNT; i++) {
        if (r->cell->outcomes[i] == 0)
            continue;
        out->failed += (int64_t)r->cell->outcomes[i];
        *RECORD_ADD(r->arena, out->by_class) = (struct record_number){outcome_name((enum outcome)i),
                                                                      (int64_t)r->cell->outcomes[i]};
    }
}

static void record_latencies_of(struct recorder *r, int phase, struct record_phase *out)
{
    const struct workload *workload = r->trial->config->workload;
    collect_requests(r, phase);
    out->latency.all = trial_record_latency(r->arena, "", &r->cell->response);
    out->latency.service = trial_record_latency(r->arena, "", &r->cell->service);
    record_outcomes(r, pool_unfinished(r->trial->pool, phase), &out->outcomes);
    for (int slot = 0; slot < workload_slots(workload); slot++) {
        bool script = workload_slot_is_script(workload, slot);
        collect(r, phase, slot);
        if (r->cell->response.total == 0 && r->cell->service.total == 0)
            continue;
        const char *name = arena_strdup(r->arena, workload_slot_name(workload, slot));
        if (script)
            *RECORD_ADD(r->arena, out->latency.by_script) = trial_record_latency(r->arena, name,
                                                                                 &r->cell->response);
        else
            *RECORD_ADD(r->arena, out->latency.by_statement) = trial_record_latency(r->arena, name,
                                                                                    &r->cell->service);
    }
}

/* Statements. */

static struct record_figure record_figure(const struct lock_figure *figure)
{
    return (struct record_figure){figure->value_us, figure->low_us, figure->high_us, figure->gap_us,
                                  figure->source};
}

static void record_locks(struct recorder *r, const struct attempt_locks *locks, struct record_statement *out)
{
    for (size_t i = 0; i < locks->lock_count; i++) {
        const struct lock_held *held = &locks->locks[i];
        const struct dialect_lock_mode *mode = &r->dialect->lock_modes[held->mode];
        struct record_lock *lock = RECORD_ADD(r->arena, out->locks);
        *lock = (struct record_lock){.object = arena_strdup(r->arena, held->object),
                                     .mode = mode->name,
                                     .source = held->seen ? "seen" : "expected",
                                     .held_us = held->held_us,
                                     .waited_us = held->waited_us};
        if (mode->blocks_reads)
            *RECORD_ADD(r->arena, lock->blocks) = "reads";
        if (mode->blocks_writes)
            *RECORD_ADD(r->arena, lock->blocks) = "writes";
    }
}

static void record_attempts(struct recorder *r, const struct statement_run *run, struct record_statement *out)
{
    out->rewrite = RECORD_NONE;
    for (int i = 0; i < run->attempt_count; i++) {
        const struct attempt_span *span = &r->log->attempts[run->first_attempt + i];
        const struct attempt_locks *locks = &r->locks[run->first_attempt + i];
        *RECORD_ADD(r->arena, out->attempts) = (struct record_attempt){
            .outcome = outcome_name(span->outcome),
            .lock_wait_us = locks->queued.value_us,
            .start_s = trial_seconds(r->trial, span->sent_ns),
            .duration_us = to_us(span->done_ns - span->sent_ns)};
        if (i == run->attempt_count - 1) { /* the last attempt is the one that did it, or gave up */
            record_locks(r, locks, out);
            out->queued = record_figure(&locks->queued);
            out->held = record_figure(&locks->held);
            out->window = record_figure(&locks->window);
            out->rewrite = locks->rewrite < 0 ? RECORD_NONE : locks->rewrite;
        }
        out->degraded = out->degraded || locks->degraded;
    }
    if (run->notice_rewrite)
        out->rewrite = 1;
}

static const char *const step_kind_names[] = {[STEP_SQL] = "sql",
                                              [STEP_BACKFILL] = "backfill",
                                              [STEP_APP] = "app",
                                              [STEP_WAIT] = "wait",
                                              [STEP_COMMAND] = "command"};

static void record_statement(struct recorder *r, const struct statement_run *run, struct record_phase *phase)
{
    struct record_statement *out = RECORD_ADD(r->arena, phase->statements);
    *out = (struct record_statement){.sql = arena_strdup(r->arena, run->sql),
                                     .file = arena_strdup(r->arena, run->step->file),
                                     .kind = step_kind_names[run->step->kind],
                                     .line = run->step->line,
                                     .start_s = trial_seconds(r->trial, run->start_ns),
                                     .duration_us = to_us(run->end_ns - run->start_ns),
                                     .outcome = outcome_name(run->outcome),
                                     .message = arena_strdup(r->arena, run->message),
                                     .rows = run->rows};
    for (size_t i = 0; i < run->output_count; i++)
        *RECORD_ADD(r->arena, out->output) = arena_strdup(r->arena, run->output[i]);
    record_attempts(r, run, out);
    for (size_t i = 0; i < run->stage_count; i++)
        *RECORD_ADD(r->arena, out->stages) = (struct record_stage){
            arena_strdup(r->arena, run->stages[i].name), run->stages[i].duration_us};
}

/* Phases. */

static const char *kind_name(const struct trial_phase *phase)
{
    switch (phase->kind) {
    case TRIAL_WARMUP:
        return "warm-up";
    case TRIAL_BASELINE:
        return "baseline";
    case TRIAL_SETTLE:
        return "settle";
    case TRIAL_ROLLBACK:
        return "rollback";
    case TRIAL_MIGRATION:
        break;
    }
    return phase_kind_name(phase->phase->kind);
}

static void record_mix(struct recorder *r, const struct app_mix *mix, record_pairs *out)
{
    for (int i = 0; i < mix->count; i++)
        *RECORD_ADD(r->arena, *out) = (struct record_pair){
            arena_strdup(r->arena, r->trial->config->workload->apps[mix->parts[i].app].name),
            arena_printf(r->arena, "%.0f %%", 100 * mix->parts[i].share)};
}

static void record_phase(struct recorder *r, int index)
{
    const struct trial_phase *phase = &r->trial->phases[index];
    const struct phase_run *run = phase->migrator_phase < 0 ? NULL : &r->log->phases[phase->migrator_phase];
    struct record_phase *out = RECORD_ADD(r->arena, r->out->phases);
    *out = (struct record_phase){.name = arena_strdup(r->arena, phase->name),
                                 .kind = kind_name(phase),
                                 .start_s = trial_seconds(r->trial, phase->start_ns),
                                 .end_s = trial_seconds(r->trial, phase->end_ns),
                                 .completed = run == NULL || run->completed,
                                 .wal_bytes = trial_log_bytes(r->trial, phase->start_ns, phase->end_ns)};
    record_mix(r, &phase->mix, &out->app);
    record_latencies_of(r, index, out);
    for (size_t i = 0; i < r->log->statement_count; i++)
        if (phase->migrator_phase >= 0 && r->log->statements[i].phase_run == phase->migrator_phase)
            record_statement(r, &r->log->statements[i], out);
}

/* Checks, backfills, rollback. */

static const char *phase_run_name(const struct recorder *r, int phase_run)
{
    return phase_run < 0 ? NULL : arena_strdup(r->arena, r->log->phases[phase_run].phase->name);
}

static void record_checks(struct recorder *r)
{
    for (size_t i = 0; i < r->log->check_count; i++) {
        const struct check_run *run = &r->log->checks[i];
        const char *expect = run->expected != NULL ? run->expected : run->check->expect;
        *RECORD_ADD(r->arena,
                    r->out->checks) = (struct record_check){.name = arena_strdup(r->arena, run->check->text),
                                                            .sql = arena_strdup(r->arena, run->check->sql),
                                                            .expect = arena_strdup(r->arena, expect),
                                                            .found = arena_strdup(r->arena, run->found),
                                                            .state = run->passed          ? "pass"
                                                                     : run->found == NULL ? "error"
                                                                                          : "fail",
                                                            .after_phase = phase_run_name(r, run->phase_run),
                                                            .message = arena_strdup(r->arena, run->message)};
    }
}

static void record_backfills(struct recorder *r)
{
    for (size_t i = 0; i < r->log->backfill_count; i++) {
        const struct backfill_run *run = r->log->backfills[i];
        const struct statement_run *statement = &r->log->statements[run->statement];
        double duration_s = (double)(run->end_ns - run->start_ns) / NS_PER_S;
        *RECORD_ADD(r->arena, r->out->backfills) = (struct record_backfill){
            .phase = phase_run_name(r, statement->phase_run),
            .table = arena_strdup(r->arena, statement->step->table),
            .rows = run->rows,
            .batches = run->batches,
            .retried = run->retried,
            .rows_per_s = duration_s > 0 ? (double)run->rows / duration_s : 0,
            .rows_per_s_min = run->rows_per_s_min10s,
            .throttled_s = (double)run->throttled_ns / NS_PER_S,
            .duration_s = duration_s};
    }
}

static void record_rollback(struct recorder *r)
{
    struct trial *trial = r->trial;
    struct record_rollback *out = &r->out->rollback;
    *out = (struct record_rollback){.rehearsed = trial->rollback_ran,
                                    .complete = trial->rollback_complete,
                                    .duration_s = NAN,
                                    .stall_max_us = RECORD_NONE};
    int64_t start_ns = 0, end_ns = 0;
    for (size_t i = 0; i < trial->phase_count; i++) {
        if (trial->phases[i].kind != TRIAL_ROLLBACK)
            continue;
        start_ns = start_ns ? start_ns : trial->phases[i].start_ns;
        end_ns = trial->phases[i].end_ns;
        collect_requests(r, (int)i);
        if (r->cell->response.total > 0 && r->cell->response.max_us > out->stall_max_us)
            out->stall_max_us = r->cell->response.max_us;
    }
    if (!trial->rollback_ran)
        return;
    out->duration_s = (double)(end_ns - start_ns) / NS_PER_S;
    struct fingerprint_change changes[20];
    size_t count = fingerprint_diff(r->arena, &trial->schema_before, &trial->schema_after, changes, 20);
    out->schema_identical = count == 0;
    for (size_t i = 0; i < count && i < 20; i++)
        *RECORD_ADD(r->arena, out->changes) = arena_printf(r->arena, "%c %s", changes[i].sign,
                                                           changes[i].line);
}

/* Totals from the first migration phase to the end of settling: the baseline is what they are compared with, the rollback
 * has figures of its own. */
static void record_totals(struct recorder *r)
{
    struct trial *trial = r->trial;
    struct record_totals *out = &r->out->totals;
    int64_t start_ns = 0, end_ns = 0, unfinished = 0;
    memset(r->cell, 0, sizeof *r->cell);
    for (size_t i = 0; i < trial->phase_count; i++) {
        const struct trial_phase *phase = &trial->phases[i];
        if (phase->kind != TRIAL_MIGRATION && phase->kind != TRIAL_SETTLE)
            continue;
        if (phase->kind == TRIAL_MIGRATION) {
            start_ns = start_ns ? start_ns : phase->start_ns;
            end_ns = phase->end_ns;
        }
        for (size_t s = 0; s < trial->config->workload->script_count; s++)
            tally_collect(pool_tally(trial->pool), (int)i, (int)s, r->cell);
        unfinished += pool_unfinished(trial->pool, (int)i);
    }
    struct record_outcomes outcomes = {0};
    record_outcomes(r, unfinished, &outcomes);
    struct pool_count count = pool_count(trial->pool);
    *out = (struct record_totals){.duration_s = (double)(end_ns - start_ns) / NS_PER_S,
                                  .requests = outcomes.ok + outcomes.failed + unfinished,
                                  .failed = outcomes.failed,
                                  .retried = outcomes.retried,
                                  .unfinished = unfinished,
                                  .stall_max_us = r->cell->response.max_us,
                                  .wal_bytes = trial_log_bytes(trial, start_ns, end_ns),
                                  .disk_extra_peak_bytes = trial_disk_peak_bytes(trial, start_ns),
                                  .backlog_max = trial_backlog_max(trial),
                                  .reconnects = count.reconnects,
                                  .drain_s = (double)count.drain_ns / NS_PER_S,
                                  .throughput_ratio_min10s = trial_throughput_ratio_min10s(trial, start_ns)};
}

/* A request that was due in the baseline may have been shut out by the migration: it belongs to the baseline by its due
 * time, to the stall by its cause. */
static void add_stalls_of_episodes(struct recorder *r)
{
    double end_s = 0;
    for (size_t i = 0; i < r->out->phases.count; i++)
        if (strcmp(r->out->phases.items[i].kind, "rollback") != 0)
            end_s = r->out->phases.items[i].end_s;
    for (size_t i = 0; i < r->out->episodes.count; i++) {
        const struct record_episode *episode = &r->out->episodes.items[i];
        if (episode->start_s < end_s && episode->victims.longest_us > r->out->totals.stall_max_us)
            r->out->totals.stall_max_us = episode->victims.longest_us;
    }
}

/* Where nothing goes back, what was added stays in a database that is somebody's. */
static void note_own_change(struct recorder *r)
{
    const struct objects *own = &r->trial->cleaning.own;
    const char *names = "";
    if (r->trial->config->throw_away || own->count == 0)
        return;
    for (size_t i = 0; i < own->count && i < OWN_MAX; i++)
        names = arena_printf(r->arena, "%s%s%s", names, i > 0 ? ", " : "", own->items[i].name);
    *RECORD_ADD(r->arena, r->out->notes) = arena_printf(
        r->arena, "the strategy has no rollback, its change stays: %s%s", names,
        own->count > OWN_MAX ? ", and more" : "");
}

static void note_uncovered(struct recorder *r)
{
    const char *phase = migrator_uncovered(r->trial->migrator);
    if (phase != NULL && r->trial->rollback_ran)
        *RECORD_ADD(r->arena, r->out->notes) = arena_printf(
            r->arena,
            "phase %s changes the database, but no rollback goes back from it or from a later phase: "
            "that counts as a way back that was not completed",
            phase);
}

static void note_shortcoming_of_load(struct recorder *r)
{
    const char *shortcoming = keyload_shortcoming(r->dialect->lexis);
    if (r->trial->config->plan->app_count == 0 && shortcoming != NULL)
        *RECORD_ADD(r->arena, r->out->notes) = shortcoming;
}

static struct attempt_statement *attempt_statements(struct recorder *r)
{
    struct attempt_statement *statements = arena_alloc(r->arena, r->log->attempt_count * sizeof *statements);
    for (size_t i = 0; i < r->log->attempt_count; i++) {
        const struct step *step = r->log->statements[r->log->attempts[i].statement].step;
        const char *table = step->kind == STEP_COMMAND ? NULL
                                                       : sql_target_table(r->arena, step->lexis, step->sql);
        statements[i] = (struct attempt_statement){step->sql_kind, table};
    }
    return statements;
}

void trial_record(struct arena *arena, struct trial *trial, const struct dialect *dialect,
                  struct record_strategy *strategy, struct tally_cell *baseline)
{
    struct recorder r = {
        arena, trial, dialect, migrator_log(trial->migrator), NULL, strategy, mem_alloc(sizeof *r.cell)};
    r.locks = observer_attempt_locks(trial->observer, arena, r.log->attempts, attempt_statements(&r),
                                     r.log->attempt_count);
    for (size_t i = 0; i < trial->phase_count; i++) {
        if (trial->phases[i].kind == TRIAL_WARMUP)
            continue;
        if (trial->phases[i].kind == TRIAL_BASELINE)
            for (size_t s = 0; s < trial->config->workload->script_count; s++)
                tally_collect(pool_tally(trial->pool), (int)i, (int)s, baseline);
        record_phase(&r, (int)i);
    }
    trial_episodes(arena, trial, dialect, r.locks, strategy);
    trial_timeline(arena, trial, &strategy->timeline);
    record_checks(&r);
    record_backfills(&r);
    trial_replicas(arena, trial, strategy);
    record_rollback(&r);
    trial_half(arena, trial, dialect, strategy);
    note_own_change(&r);
    note_uncovered(&r);
    note_shortcoming_of_load(&r);
    record_totals(&r);
    add_stalls_of_episodes(&r);
    strategy->schedule_lag_p99_us = hist_percentile_us(pool_schedule_lag(trial->pool), 99);
    free(r.cell);
}
