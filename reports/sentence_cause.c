/* sentence_cause: why requests waited, and what would help. */
#include "reports/sentence_cause.h"

#include "reports/view.h"
#include "reports/words.h"

#include <stdio.h>

/* The program that ran the statement: of the phase's external command, where no SQL of the phase is like it. NULL: none. */
static const char *program_behind(const struct record_phase *phase, const char *statement, char *text,
                                  size_t size)
{
    const struct record_statement *command = NULL;
    char like[WORDS_SIZE], ran_like[WORDS_SIZE];
    words_command(statement, like, sizeof like);
    for (size_t i = 0; phase != NULL && i < phase->statements.count; i++) {
        const struct record_statement *ran = &phase->statements.items[i];
        if (view_is(ran->kind, "command"))
            command = ran;
        else if (view_is(words_command(ran->sql, ran_like, sizeof ran_like), like))
            return NULL;
    }
    return command == NULL ? NULL : words_program(command->sql, text, size);
}

const char *sentence_actor(const struct record_phase *phase, const char *statement, char *text, size_t size)
{
    char program[WORDS_SIZE], first[WORDS_SIZE];
    if (program_behind(phase, statement, program, sizeof program) == NULL)
        return words_command(statement, text, size);
    if (statement == NULL || view_is(words_program(statement, first, sizeof first), program))
        snprintf(text, size, "%s", program);
    else
        snprintf(text, size, "%s of %s", words_command(statement, first, sizeof first), program);
    return text;
}

static const struct record_phase *phase_named(const struct record_strategy *strategy, const char *name)
{
    for (size_t i = 0; i < strategy->phases.count; i++)
        if (view_is(strategy->phases.items[i].name, name))
            return &strategy->phases.items[i];
    return NULL;
}

static const char *actor_of(const struct record_strategy *strategy, const struct record_episode *episode,
                            char *text, size_t size)
{
    return sentence_actor(phase_named(strategy, episode->phase), episode->statement, text, size);
}

const struct record_episode *sentence_episode_behind(const struct record_strategy *strategy,
                                                     const char *phase)
{
    const struct record_episode *worst = NULL;
    for (size_t i = 0; i < strategy->episodes.count; i++) {
        const struct record_episode *episode = &strategy->episodes.items[i];
        if (episode->victims.count <= 0 || (phase != NULL && !view_is(episode->phase, phase)))
            continue;
        if (worst == NULL || view_is_worse(episode, worst))
            worst = episode;
    }
    return worst;
}

static const struct record_blocker *foreign_root(const struct record_episode *episode)
{
    if (episode->blockers.count == 0 || view_is(episode->blockers.items[0].role, "migration"))
        return NULL;
    return &episode->blockers.items[0];
}

static void say_root(struct buf *text, const struct record_blocker *root)
{
    char age[WORDS_SIZE], who[2 * WORDS_SIZE];
    buf_puts(text, words_blocker(root, who, sizeof who));
    if (root->state != NULL && root->state[0] != '\0') {
        buf_printf(text, " (%s", root->state);
        if (root->xact_age_us > 0)
            buf_printf(text, ", its transaction %s old", words_us(root->xact_age_us, age, sizeof age));
        buf_puts(text, ")");
    }
}

static int64_t attempts_like(const struct record_strategy *strategy, const struct record_episode *episode)
{
    int64_t count = 0;
    for (size_t i = 0; i < strategy->episodes.count; i++) {
        const struct record_episode *other = &strategy->episodes.items[i];
        count += other->migration_part && view_is(other->outcome, "lock_timeout") &&
                 view_is(other->phase, episode->phase) && other->statement != NULL &&
                 view_is(episode->statement, other->statement);
    }
    return count;
}

/* What a migration statement that queued did in the end. */
static void say_queued(struct buf *text, const struct record_strategy *strategy,
                       const struct record_episode *episode)
{
    char figure[WORDS_SIZE];
    buf_printf(text, " queued %s", words_us(episode->waited_us, figure, sizeof figure));
    const struct record_blocker *root = foreign_root(episode);
    if (root != NULL) {
        buf_puts(text, " behind ");
        say_root(text, root);
    }
    if (episode->lock_mode != NULL)
        buf_printf(text, " for %s on %s", episode->lock_mode,
                   episode->object == NULL ? "its table" : episode->object);
    const int64_t times = attempts_like(strategy, episode);
    if (view_is(episode->outcome, "lock_timeout"))
        buf_puts(text, " until its lock_timeout");
    else if (!view_is(episode->outcome, "ok") && episode->outcome != NULL)
        buf_printf(text, " and ended in %s", episode->outcome);
    else if (episode->held_us > 0)
        buf_printf(text, ", then held it %s", words_us(episode->held_us, figure, sizeof figure));
    if (view_is(episode->outcome, "lock_timeout") && times > 1)
        buf_printf(text, " (one of %lld attempts that gave way)", (long long)times);
}

/* A statement that held long may have queued before, or for a stronger lock: ", after it queued 1.50 s behind session 41877
 * of reporting". */
static void say_queue_before(struct buf *text, const struct record_episode *episode)
{
    char figure[WORDS_SIZE];
    const struct record_blocker *root = foreign_root(episode);
    if (root == NULL || episode->waited_us <= 0)
        return;
    buf_printf(text,
               view_waited_holding(episode) ? ", %s of it waiting for " : ", after it queued %s behind ",
               words_us(episode->waited_us, figure, sizeof figure));
    say_root(text, root);
}

static void say_victims(struct buf *text, const struct record_episode *episode, const char *how)
{
    char count[WORDS_SIZE];
    buf_printf(text, ", and %s %s waited %s it", words_count(episode->victims.count, count, sizeof count),
               episode->victims.count == 1 ? "request" : "requests", how);
}

/* Queue and hold cannot be told apart. */
static bool is_untold(const struct record_episode *episode)
{
    return episode->migration_part && episode->waited_us == RECORD_NONE && episode->held_us == RECORD_NONE;
}

static void say_untold(struct buf *text, const char *actor, const struct record_episode *episode)
{
    char figure[WORDS_SIZE];
    buf_printf(text, "%s shut others out of %s for %s (queued or held: this server lists no locks)", actor,
               episode->object == NULL ? "its table" : episode->object,
               words_us(episode->window_us, figure, sizeof figure));
}

/* "ALTER TABLE queued 2.00 s behind session 41877 of reporting (active) for ACCESS EXCLUSIVE on public.orders until its
 * lock_timeout, and 1 412 requests waited behind it" */
void sentence_say_cause(struct buf *text, const struct record_strategy *strategy,
                        const struct record_episode *episode)
{
    char command[2 * WORDS_SIZE], figure[WORDS_SIZE];
    const bool queued = episode->waited_us > episode->held_us;
    const char *actor = actor_of(strategy, episode, command, sizeof command);
    if (!episode->migration_part) {
        const struct record_blocker *root = foreign_root(episode);
        if (root == NULL)
            buf_puts(text, "a session of others");
        else
            say_root(text, root);
        buf_printf(text, " held a lock on %s, the migration took no part",
                   episode->object == NULL ? "a table" : episode->object);
    } else if (is_untold(episode)) {
        say_untold(text, actor, episode);
    } else if (queued) {
        buf_puts(text, actor);
        say_queued(text, strategy, episode);
    } else {
        buf_printf(text, "%s held %s on %s for %s", actor,
                   episode->lock_mode == NULL ? "a lock" : episode->lock_mode,
                   episode->object == NULL ? "its table" : episode->object,
                   words_us(episode->held_us, figure, sizeof figure));
        say_queue_before(text, episode);
    }
    say_victims(text, episode, queued ? "behind" : "for");
}

/* A lock_timeout that keeps the queue below half of the limit. */
static int64_t lock_timeout_below_ms(double limit_us)
{
    static const int64_t nice_ms[] = {2000, 1000, 500, 200, 100, 50, 20, 10};
    for (size_t i = 0; i < sizeof nice_ms / sizeof nice_ms[0]; i++)
        if ((double)nice_ms[i] * 1000 <= limit_us / 2)
            return nice_ms[i];
    return 0;
}

static bool rewrote(const struct record_strategy *strategy, const char *phase)
{
    for (size_t i = 0; i < strategy->phases.count; i++)
        for (size_t k = 0; k < strategy->phases.items[i].statements.count; k++)
            if (view_is(strategy->phases.items[i].name, phase) &&
                strategy->phases.items[i].statements.items[k].rewrite == 1)
                return true;
    return false;
}

void sentence_say_hint(struct buf *text, const struct record_strategy *strategy,
                       const struct record_threshold *stall, const struct record_episode *episode)
{
    char figure[WORDS_SIZE];
    const int64_t below_ms = lock_timeout_below_ms(stall->limit_value);
    const double limit_us = words_is_relative(stall) ? 0 : stall->limit_value;
    if (!episode->migration_part || limit_us <= 0)
        return;
    if (program_behind(phase_named(strategy, episode->phase), episode->statement, figure, sizeof figure)) {
        if ((double)episode->waited_us >= limit_us)
            buf_printf(text, " How long it waits for a lock is for its own settings to say: less than %s.",
                       sentence_limit_figure(stall));
        return;
    }
    if (is_untold(episode) && (double)episode->window_us >= limit_us) {
        buf_puts(text, " Switch performance_schema on to see which it was");
        if (below_ms > 0)
            buf_printf(text, "; set lock_timeout to %s against a queue, and retry",
                       words_us(below_ms * 1000, figure, sizeof figure));
        buf_puts(text, ".");
    }
    if ((double)episode->waited_us >= limit_us && below_ms > 0)
        buf_printf(text, " Set lock_timeout to %s and retry.",
                   words_us(below_ms * 1000, figure, sizeof figure));
    if ((double)episode->held_us >= limit_us && rewrote(strategy, episode->phase))
        buf_puts(text, " The table was rewritten under the lock: change it in phases that do not rewrite.");
    else if ((double)episode->held_us >= limit_us)
        buf_puts(text, " Split it into phases, so that the lock is not held while rows are changed or read.");
}
