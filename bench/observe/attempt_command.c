#include "bench/observe/attempt_work.h"

#include <ctype.h>
#include <string.h>

/* A stretch of time in which a session shut others out, or waited to. */
struct found {
    struct attempt_span span;
    int64_t seen_ns; /* a snapshot that was answered then shows it */
};

/* One session of a command, followed from snapshot to snapshot. */
struct follow {
    const struct evidence *evidence;
    const struct attempt_span *command;
    int32_t session;
    struct found *found; /* so far, of all sessions */
    size_t count, capacity;
    struct arena *arena;
    struct look { /* what one snapshot shows of it on the watched tables */
        bool strong, holds, waits;
        uint64_t target;
        int mode;
        int64_t since_ns;
    } last;
    bool open;
};

static struct look look_at(const struct follow *follow, const struct watcher_run *run)
{
    const struct dialect_lock_mode *modes = follow->evidence->dialect->lock_modes;
    struct look look = {0};
    for (size_t i = 0; i < run->row_count; i++) {
        const struct lock_row *row = &follow->evidence->watcher->rows[run->row + i];
        if (row->session != follow->session || row->kind != LOCK_KIND_RELATION ||
            !locks_mode_is_strong(modes, row->mode))
            continue;
        const struct tables_object *known = tables_object(follow->evidence->tables, row->object);
        if (known == NULL || known->watched < 0)
            continue;
        look.strong = true;
        look.holds = look.holds || row->granted;
        if (!row->granted) {
            look.waits = true;
            look.target = row->target;
            look.mode = row->mode;
            look.since_ns = row->wait_start_ns;
        }
    }
    return look;
}

/* True when what this look shows is asked for by another statement than what the last one showed. */
static bool is_another(const struct look *last, const struct look *look)
{
    if (!look->waits)
        return false;
    if (last->waits)
        return last->target != look->target ||
               (last->mode == look->mode && look->since_ns - last->since_ns > ATTEMPT_SLACK_NS);
    return !look->holds; /* what was held is given back */
}

/* A stretch lasted until the run at index was sent, or less: it shows the session no more. */
static void end_span(struct follow *follow, size_t index)
{
    if (!follow->open)
        return;
    struct attempt_span *span = &follow->found[follow->count - 1].span;
    const struct watcher_log *log = follow->evidence->watcher;
    span->done_ns = follow->command->done_ns;
    if (index < log->run_count)
        span->done_ns = earlier(span->done_ns, log->runs[index].first_done_ns - 1);
    span->outcome = follow->last.waits ? OUTCOME_LOCK_TIMEOUT : OUTCOME_OK; /* judged once all are known */
    follow->open = false;
}

static void begin_span(struct follow *follow, size_t index)
{
    const struct watcher_log *log = follow->evidence->watcher;
    struct found *found = ARENA_PUSH(follow->arena, follow->found, follow->count, follow->capacity);
    struct attempt_span *span = &found->span;
    found->seen_ns = log->runs[index].first_done_ns;
    *span = *follow->command;
    span->session = follow->session;
    span->sent_ns = follow->command->sent_ns;
    if (index > 0)
        span->sent_ns = later(span->sent_ns, log->runs[index - 1].last_sent_ns + 1);
    span->request_ns = span->after_ns = span->end_ns = 0;
    follow->open = true;
}

static void follow_session(struct follow *follow)
{
    const struct watcher_log *log = follow->evidence->watcher;
    size_t i = evidence_first_run(follow->evidence, follow->command->sent_ns);
    for (; i < log->run_count && log->runs[i].first_sent_ns < follow->command->done_ns; i++) {
        struct look look = look_at(follow, &log->runs[i]);
        if (follow->open && (!look.strong || is_another(&follow->last, &look)))
            end_span(follow, i);
        if (look.strong && !follow->open)
            begin_span(follow, i);
        follow->last = look;
    }
    end_span(follow, i);
}

/* True when the statement was seen to run after the stretch was: asked about wholly inside it, or once more in it. */
static bool ran_in(const struct found *found, const struct sighting *seen)
{
    bool inside = seen->at_ns >= found->seen_ns && seen->told_ns <= found->span.done_ns;
    bool again = seen->at_ns < found->seen_ns && seen->last_ns >= found->seen_ns &&
                 seen->last_ns <= found->span.done_ns;
    return inside || again;
}

/* True when the text names the table, not one whose name only holds its name. */
static bool names_table(const char *text, const char *table)
{
    const char *dot = strrchr(table, '.');
    const char *name = dot != NULL ? dot + 1 : table;
    size_t length = strlen(name);
    for (const char *at = strstr(text, name); at != NULL; at = strstr(at + 1, name)) {
        bool begins = at == text || !(isalnum((unsigned char)at[-1]) || at[-1] == '_');
        bool ends = !(isalnum((unsigned char)at[length]) || at[length] == '_');
        if (begins && ends)
            return true;
    }
    return false;
}

/* Who was asked at the edge of the stretch may have told of the statement before it, or after: it counts when it is about a
 * watched table. */
static bool ran_about(const struct evidence *evidence, const struct found *found, const struct sighting *seen)
{
    bool named = false;
    for (size_t i = 0; i < evidence->tables->count && !named; i++)
        named = names_table(seen->query, evidence->tables->names[i]);
    return named && seen->last_ns >= found->span.sent_ns && seen->at_ns <= found->span.done_ns;
}

static const char *statement_of(const struct evidence *evidence, const struct found *found)
{
    const char *about = NULL;
    for (size_t i = 0; i < evidence->watcher->statement_count; i++) {
        const struct watcher_statement *ran = &evidence->watcher->statements[i];
        if (ran->session == found->span.session && ran->asked_ns >= found->seen_ns &&
            ran->told_ns <= found->span.done_ns)
            return ran->text;
    }
    for (size_t i = 0; i < evidence->sighting_count; i++) {
        const struct sighting *seen = &evidence->sightings[i];
        if (seen->session != found->span.session || seen->query == NULL || seen->query[0] == '\0')
            continue;
        if (ran_in(found, seen))
            return seen->query;
        if (about == NULL && ran_about(evidence, found, seen))
            about = seen->query;
    }
    return about;
}

/* A wait that no snapshot shows granted was refused where the session asked again for the same, or ended with the command's
 * failure. Else it was granted, for less time than lies between two snapshots. */
static void judge(const struct evidence *evidence, const struct attempt_span *command, struct found *found,
                  size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (found[i].span.outcome == OUTCOME_OK)
            continue;
        bool is_last = i + 1 == count || found[i + 1].span.session != found[i].span.session;
        const char *statement = statement_of(evidence, &found[i]);
        const char *next = is_last ? NULL : statement_of(evidence, &found[i + 1]);
        bool refused = is_last ? command->outcome != OUTCOME_OK
                               : statement != NULL && next != NULL && strcmp(statement, next) == 0;
        found[i].span.outcome = refused ? OUTCOME_LOCK_TIMEOUT : OUTCOME_OK;
    }
}

static bool is_longer(const struct lock_figure *a, const struct lock_figure *b)
{
    return a->value_us > b->value_us;
}

/* Of a mode that shuts others out, the longest of any part. */
static void list(const struct evidence *evidence, struct arena *arena, const struct lock_held *held,
                 size_t *capacity, struct attempt_locks *locks)
{
    if (!locks_mode_is_strong(evidence->dialect->lock_modes, held->mode))
        return;
    for (size_t i = 0; i < locks->lock_count; i++) {
        struct lock_held *listed = &locks->locks[i];
        if (listed->mode != held->mode || strcmp(listed->object, held->object) != 0)
            continue;
        listed->held_us = later(listed->held_us, held->held_us);
        listed->waited_us = later(listed->waited_us, held->waited_us);
        return;
    }
    *ARENA_PUSH(arena, locks->locks, locks->lock_count, *capacity) = *held;
}

static void add_up(const struct evidence *evidence, struct arena *arena, struct attempt_locks *locks)
{
    size_t capacity = 0;
    for (size_t i = 0; i < locks->part_count; i++) {
        const struct attempt_locks *part = &locks->parts[i].locks;
        if (is_longer(&part->queued, &locks->queued))
            locks->queued = part->queued;
        if (is_longer(&part->held, &locks->held))
            locks->held = part->held;
        if (i == 0 || is_longer(&part->window, &locks->window)) {
            locks->window = part->window;
            locks->grant_ns = part->grant_ns;
            locks->release_ns = part->release_ns;
            locks->strongest = part->strongest;
            locks->object = part->object;
        }
        locks->degraded = locks->degraded || part->degraded;
        for (size_t j = 0; j < part->lock_count; j++)
            list(evidence, arena, &part->locks[j], &capacity, locks);
    }
}

struct attempt_locks attempt_command(const struct evidence *evidence, struct arena *arena,
                                     const struct attempt_span *command, int index)
{
    struct interval time = {command->sent_ns, command->done_ns};
    struct follow follow = {.evidence = evidence, .command = command, .arena = arena};
    size_t session_count;
    const int32_t *sessions = roster_sessions(evidence->roster, arena, ROSTER_MIGRATION, time.start_ns,
                                              time.end_ns, &session_count);
    for (size_t i = 0; i < session_count; i++) {
        follow.session = sessions[i];
        follow.last = (struct look){0};
        follow_session(&follow);
    }
    judge(evidence, command, follow.found, follow.count);
    int64_t gap_us = evidence_watcher_gap_ns(evidence, time) / NS_PER_US;
    struct lock_figure unseen = {0, 0, gap_us, "bound", gap_us};
    struct attempt_part *parts = arena_alloc(arena, (follow.count + 1) * sizeof *parts);
    for (size_t i = 0; i < follow.count; i++)
        parts[i] = (struct attempt_part){
            .span = follow.found[i].span,
            .locks = attempt_part_locks(evidence, arena, &follow.found[i].span),
            .statement = statement_of(evidence, &follow.found[i]),
        };
    struct attempt_locks locks = {.queued = unseen,
                                  .held = unseen,
                                  .window = unseen,
                                  .strongest = -1,
                                  .parts = parts,
                                  .part_count = follow.count,
                                  .rewrite = tables_rewritten(evidence->tables, index)};
    add_up(evidence, arena, &locks);
    return locks;
}
