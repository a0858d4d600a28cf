#include "bench/db/dialect.h"
#include "bench/run/trial_timeline.h"

#include "bench/base/log.h"

#include <string.h>

#define EPISODE_FLOOR_NS (1 * NS_PER_MS)
enum { STATEMENT_TEXT_MAX = 200 };

static const char *session_text(struct arena *arena, int session)
{
    return session == 0 ? "" : arena_printf(arena, "%d", session);
}

static void record_blockers(struct arena *arena, const struct trial *trial, const struct episode *episode,
                            struct record_episode *out)
{
    const struct migration_log *log = migrator_log(trial->migrator);
    for (size_t i = 0; i < episode->blocker_count; i++) {
        const struct episode_blocker *blocker = &episode->blockers[i];
        bool is_statement = episode->attempt >= 0 &&
                            blocker->session == log->attempts[episode->attempt].session;
        *RECORD_ADD(arena, out->blockers) = (struct record_blocker){
            .session = session_text(arena, blocker->session),
            .application_name = arena_strdup(arena, blocker->application_name),
            .state = arena_strdup(arena, blocker->state),
            .query = is_statement ? out->statement : arena_strdup(arena, blocker->query),
            .role = blocker->is_migration     ? "migration"
                    : blocker->is_application ? "application"
                                              : "other",
            .xact_age_us = blocker->xact_age_us < 0 ? RECORD_NONE : blocker->xact_age_us,
            .depth = blocker->depth,
            .until_s = trial_seconds(trial, blocker->until_ns)};
    }
}

static void record_victims(struct arena *arena, const struct trial *trial, const struct episode *episode,
                           struct record_victims *out)
{
    *out = (struct record_victims){.count = episode->victim_count,
                                   .sessions = episode->victim_sessions,
                                   .session_us = episode->victim_session_us,
                                   .longest_us = episode->victim_longest_us};
    for (size_t i = 0; i < episode->top_count; i++) {
        const struct episode_victim *victim = &episode->top[i];
        *RECORD_ADD(arena, out->top) = (struct record_victim){
            .session = session_text(arena, victim->session),
            .script = arena_strdup(arena, victim->script),
            .due_s = trial_seconds(trial, victim->due_ns),
            .sent_s = trial_seconds(trial, victim->sent_ns),
            .done_s = trial_seconds(trial, victim->done_ns),
            .response_us = (victim->done_ns - victim->due_ns) / NS_PER_US,
            .finished = victim->finished};
    }
}

/* Of a part of an external command its own statement, where somebody saw it; else the command. */
static void record_attempt(struct arena *arena, const struct migration_log *log,
                           const struct dialect *dialect, const struct attempt_locks *locks,
                           const struct episode *episode, struct record_episode *out)
{
    const struct attempt_span *attempt = &log->attempts[episode->attempt];
    const struct attempt_locks *whole = &locks[episode->attempt];
    const struct attempt_part *part = episode->part >= 0 ? &whole->parts[episode->part] : NULL;
    const struct statement_run *run = &log->statements[attempt->statement];
    out->attempt = attempt->attempt;
    if (!episode->further)
        out->held_us = part != NULL ? part->locks.held.value_us : whole->held.value_us;
    if (episode->untold)
        out->waited_us = out->held_us = out->root_held_us = RECORD_NONE;
    if (part != NULL && part->statement != NULL)
        out->statement = arena_strdup(arena, part->statement);
    else
        out->statement = sql_redact(arena,
                                    run->step->kind == STEP_COMMAND ? dialect->lexis : run->step->lexis,
                                    run->sql, STATEMENT_TEXT_MAX);
}

static void record_episode(struct arena *arena, const struct trial *trial, const struct dialect *dialect,
                           const struct attempt_locks *locks, const struct episode *episode,
                           struct record_strategy *strategy)
{
    const struct migration_log *log = migrator_log(trial->migrator);
    struct record_episode *out = RECORD_ADD(arena, strategy->episodes);
    *out = (struct record_episode){.start_s = trial_seconds(trial, episode->start_ns),
                                   .end_s = trial_seconds(trial, episode->end_ns),
                                   .phase = arena_strdup(arena, trial->phases[episode->phase].name),
                                   .lock_mode = episode->mode < 0 ? NULL
                                                                  : dialect->lock_modes[episode->mode].name,
                                   .object = arena_strdup(arena, episode->object),
                                   .outcome = outcome_name(episode->outcome),
                                   .migration_part = episode->attempt >= 0,
                                   .waited_us = episode->waited_us,
                                   .held_us = episode->held_us,
                                   .root_held_us = episode->held_us,
                                   .window_us = (episode->end_ns - episode->start_ns) / NS_PER_US,
                                   .degraded = episode->degraded};
    if (episode->attempt >= 0)
        record_attempt(arena, log, dialect, locks, episode, out);
    /* Of a session of the migration, but no lock of its statement on a table: an external command's rows. */
    if (episode->attempt < 0 && episode->blocker_count > 0 && episode->blockers[0].is_migration) {
        out->migration_part = true;
        out->statement = arena_strdup(arena, episode->blockers[0].query);
    }
    record_blockers(arena, trial, episode, out);
    record_victims(arena, trial, episode, &out->victims);
}

void trial_episodes(struct arena *arena, struct trial *trial, const struct dialect *dialect,
                    const struct attempt_locks *locks, struct record_strategy *out)
{
    const struct workload *workload = trial->config->workload;
    const struct migration_log *log = migrator_log(trial->migrator);
    const char **names = arena_alloc(arena, workload->script_count * sizeof *names);
    bool *writes = arena_alloc(arena, workload->script_count * sizeof *writes);
    for (size_t i = 0; i < workload->script_count; i++) {
        names[i] = workload->scripts[i]->name;
        writes[i] = workload->scripts[i]->writes;
    }
    int64_t *starts_ns = arena_alloc(arena, trial->phase_count * sizeof *starts_ns);
    for (size_t i = 0; i < trial->phase_count; i++)
        starts_ns[i] = trial->phases[i].start_ns;

    size_t request_count;
    uint64_t lost;
    const struct request_span *requests = pool_spans(trial->pool, &request_count, &lost);
    if (lost > 0)
        *RECORD_ADD(arena, out->notes) = arena_printf(
            arena, "%llu slow requests were too many to keep one by one: victims are undercounted",
            (unsigned long long)lost);
    struct episode_input input = {.attempts = log->attempts,
                                  .locks = locks,
                                  .attempt_count = log->attempt_count,
                                  .requests = requests,
                                  .request_count = request_count,
                                  .script_names = names,
                                  .script_tables = trial->watched.script_tables,
                                  .script_writes = writes,
                                  .phase_starts_ns = starts_ns,
                                  .phase_count = trial->phase_count,
                                  .floor_ns = EPISODE_FLOOR_NS};
    struct episode *episodes;
    size_t count;
    if (!observer_episodes(trial->observer, arena, &input, &episodes, &count))
        return;
    for (size_t i = 0; i < count; i++)
        if (episodes[i].start_ns >= trial->zero_ns)
            record_episode(arena, trial, dialect, locks, &episodes[i], out);
}
