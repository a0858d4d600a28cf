#include "bench/observe/episode_parts.h"

#include <stdlib.h>
#include <string.h>

#define TOGETHER_NS (120 * NS_PER_MS) /* foreign blocking by one root seen again within this is one episode */
#define SLACK_NS    (5 * NS_PER_MS)

/* Sessions of the application: those of its requests, and those that carry its name. */
static void find_applications(struct episode_join *join)
{
    int32_t last = 0;
    for (size_t i = 0; i < join->input->request_count; i++) {
        int32_t session = join->input->requests[i].session;
        if (session != 0 && session != last)
            session_set_add(join->arena, &join->applications, session);
        last = session;
    }
    for (size_t i = 0; i < join->evidence->sighting_count; i++) {
        const char *name = join->evidence->sightings[i].application_name;
        const char *role = strrchr(name, '/');
        if (strncmp(name, "rehearse/", 9) == 0 && role != NULL && strcmp(role, "/app") == 0)
            session_set_add(join->arena, &join->applications, join->evidence->sightings[i].session);
    }
}

static int phase_at(const struct episode_input *input, int64_t at_ns)
{
    int phase = 0;
    for (size_t i = 0; i < input->phase_count; i++) {
        if (input->phase_starts_ns[i] <= at_ns)
            phase = (int)i;
    }
    return phase;
}

static struct interval window_of(const struct attempt_locks *locks)
{
    return (struct interval){locks->release_ns - locks->window.value_us * NS_PER_US, locks->release_ns};
}

static void shut(const struct episode_join *join, const char *object, int mode, struct victim_rule *rule)
{
    const struct tables *tables = join->evidence->tables;
    const struct dialect_lock_mode *modes = join->evidence->dialect->lock_modes;
    for (size_t i = 0; i < tables->count && i < 64 && object != NULL && mode >= 0; i++) {
        uint64_t bit = strcmp(tables->names[i], object) == 0 ? UINT64_C(1) << i : 0;
        rule->shut_to_reads |= modes[mode].blocks_reads ? bit : 0;
        rule->shut_to_writes |= modes[mode].blocks_writes ? bit : 0;
    }
}

/* The requests of scripts that the attempt shut out of watched tables. */
static struct victim_rule shut_out_by(const struct episode_join *join, const struct attempt_locks *locks)
{
    struct victim_rule rule = {0};
    shut(join, locks->object, locks->strongest, &rule);
    for (size_t i = 0; i < locks->lock_count; i++)
        shut(join, locks->locks[i].object, locks->locks[i].mode, &rule);
    return rule;
}

/* How long the root held its lock, as far as it is known: a transaction's locks are at most as old as it is. A migration's whose
 * locks come in stages are not: they are as old as they are seen to be. */
static int64_t foreign_hold_us(const struct episode_join *join, const struct episode *episode)
{
    const struct episode_blocker *root = &episode->blockers[0];
    int64_t seen_us = (root->until_ns - episode->start_ns) / NS_PER_US;
    bool ages = !(root->is_migration && join->evidence->dialect->locks_in_stages);
    return (seen_us > 0 ? seen_us : 0) + (ages && root->xact_age_us > 0 ? root->xact_age_us : 0);
}

static bool is_covered(const struct episode_join *join, const struct episode *episode, int32_t session)
{
    for (size_t i = 0; i < join->count; i++) {
        const struct episode *other = &join->episodes[i];
        if (other->attempt >= 0 && join->input->attempts[other->attempt].session == session &&
            other->object == episode->object && other->start_ns <= episode->start_ns + SLACK_NS &&
            other->end_ns >= episode->end_ns - SLACK_NS)
            return true; /* a later statement of the transaction that has shut the table already */
    }
    return false;
}

/* What was seen nearest to the start may be the statement before. */
static void name_part(struct episode *episode, const struct attempt_part *part)
{
    for (size_t i = 0; i < episode->blocker_count; i++) {
        struct episode_blocker *blocker = &episode->blockers[i];
        if (blocker->session == part->span.session && part->statement != NULL) {
            blocker->query = part->statement;
            blocker->is_migration = true;
        }
    }
}

/* What an attempt, or one part of a command, shut out. */
static void join_span(struct episode_join *join, const struct attempt_span *span,
                      const struct attempt_locks *locks, int attempt, int part)
{
    struct interval window = window_of(locks);
    if (window.end_ns - window.start_ns < join->input->floor_ns || locks->object == NULL)
        return;
    struct episode episode = {
        .start_ns = window.start_ns,
        .end_ns = window.end_ns,
        .attempt = attempt,
        .part = part,
        .phase = phase_at(join->input, window.start_ns),
        .object = locks->object,
        .mode = locks->strongest,
        .waited_us = locks->queued.value_us,
        .held_us = locks->held.value_us,
        .outcome = span->outcome,
        .untold = locks->untold,
        .degraded = locks->degraded,
    };
    if (part < 0 && is_covered(join, &episode, span->session))
        return;
    struct session_set waiters = {0};
    struct victim_rule rule = shut_out_by(join, locks);
    episode_waiters(join, window, span->session, &waiters);
    episode_victims(join, &episode, &rule);
    if (episode.victim_count == 0 && waiters.count == 0)
        return;
    episode_blockers(join, &episode, span->session);
    if (part >= 0)
        name_part(&episode, &join->input->locks[attempt].parts[part]);
    if (episode.blockers[0].session != span->session)
        episode.held_us = foreign_hold_us(join, &episode);
    *ARENA_PUSH(join->arena, join->episodes, join->count, join->capacity) = episode;
}

static void join_attempt(struct episode_join *join, size_t index)
{
    const struct attempt_locks *locks = &join->input->locks[index];
    for (size_t i = 0; i < locks->part_count; i++)
        join_span(join, &locks->parts[i].span, &locks->parts[i].locks, (int)index, (int)i);
    if (locks->part_count == 0)
        join_span(join, &join->input->attempts[index], locks, (int)index, -1);
}

/* Blocking outside the attempts while it is followed from snapshot to snapshot. */
struct foreign {
    int32_t root; /* 0: none is being followed */
    struct episode episode;
    struct session_set waiters;
};

/* The whole of what it may have blocked: its window at its longest. */
static bool meets_window(const struct attempt_locks *locks, struct interval seen)
{
    struct interval longest = {locks->release_ns - locks->window.high_us * NS_PER_US, locks->release_ns};
    return locks->window.value_us > 0 && interval_overlap_ns(seen, longest) > 0;
}

static bool inside_attempt(const struct episode_join *join, const struct watcher_run *run)
{
    struct interval seen = {run->first_sent_ns - SLACK_NS, run->last_done_ns + 1};
    bool inside = false;
    for (size_t i = 0; i < join->input->attempt_count && !inside; i++) {
        const struct attempt_locks *locks = &join->input->locks[i];
        inside = locks->part_count == 0 && meets_window(locks, seen);
        for (size_t j = 0; j < locks->part_count && !inside; j++)
            inside = meets_window(&locks->parts[j].locks, seen);
    }
    return inside;
}

/* The foreign or migration session at the root of what node waits for, −1 when it is the application itself. */
static int foreign_root(const struct episode_join *join, const struct lock_graph *graph, int node,
                        int64_t at_ns, struct arena *scratch)
{
    bool *reached = arena_alloc(scratch, graph->node_count * sizeof *reached);
    lock_graph_walk(graph, node, reached);
    for (size_t i = 0; i < graph->node_count; i++) {
        if (reached[i] && graph->depth[i] == 0 && !session_set_has(&join->applications, graph->sessions[i]) &&
            roster_role(join->evidence->roster, graph->sessions[i], at_ns) != ROSTER_OBSERVER)
            return (int)i;
    }
    return -1;
}

/* Neighbours on one session are nearer to each other than the clocks: what an attempt never held was not its doing. */
static bool held_so_strongly(const struct attempt_locks *locks, int mode)
{
    return locks->strongest < 0 || locks->strongest >= mode;
}

/* The attempt of ours in which this session was the root all the time; −1: none. Commands have parts instead. */
static int attempt_of_root(const struct episode_join *join, const struct episode *episode, int32_t root)
{
    for (size_t i = 0; i < join->input->attempt_count; i++) {
        const struct attempt_span *attempt = &join->input->attempts[i];
        if (attempt->session == root && attempt->sent_ns <= episode->start_ns + SLACK_NS &&
            attempt->done_ns >= episode->end_ns - SLACK_NS &&
            held_so_strongly(&join->input->locks[i], episode->mode))
            return (int)i;
    }
    return -1;
}

static void end_foreign(struct episode_join *join, struct foreign *foreign)
{
    struct episode *episode = &foreign->episode;
    if (foreign->root != 0 && episode->end_ns - episode->start_ns >= join->input->floor_ns) {
        struct victim_rule rule = {.sessions = &foreign->waiters};
        episode->phase = phase_at(join->input, episode->start_ns);
        episode_victims(join, episode, &rule);
        episode_blockers_of_root(join, episode, foreign->root);
        if (episode->blocker_count > 0) {
            episode->held_us = foreign_hold_us(join, episode);
            episode->attempt = attempt_of_root(join, episode, foreign->root);
            episode->further = episode->attempt >= 0;
            *ARENA_PUSH(join->arena, join->episodes, join->count, join->capacity) = *episode;
        }
    }
    *foreign = (struct foreign){0};
}

static void begin_foreign(const struct episode_join *join, struct foreign *foreign, int32_t root,
                          const struct lock_row *row, const struct watcher_run *run)
{
    foreign->root = root;
    foreign->episode = (struct episode){
        .start_ns = row->wait_start_ns != 0 ? row->wait_start_ns : run->first_sent_ns,
        .attempt = -1,
        .part = -1,
        .object = evidence_object_name(join->evidence, row->object),
        .mode = row->mode,
        .outcome = OUTCOME_OK,
    };
}

/* The strongest lock that the root holds on what row waits for. */
static int held_mode(const struct watcher_log *log, const struct watcher_run *run, const struct lock_row *row,
                     int32_t root)
{
    int mode = -1;
    for (size_t i = 0; i < run->row_count; i++) {
        const struct lock_row *held = &log->rows[run->row + i];
        if (held->granted && held->session == root && held->target == row->target && held->mode > mode)
            mode = held->mode;
    }
    return mode >= 0 ? mode : row->mode;
}

/* True when the run shows what is followed once more: at once, or somebody who waits for the root since then. */
static bool goes_on(const struct episode_join *join, const struct foreign *foreign,
                    const struct lock_graph *graph, const struct watcher_run *run, struct arena *scratch)
{
    const struct lock_row *rows = &join->evidence->watcher->rows[run->row];
    if (run->first_sent_ns <= foreign->episode.end_ns + TOGETHER_NS)
        return true;
    for (size_t i = 0; i < run->row_count; i++) {
        if (rows[i].granted || rows[i].wait_start_ns == 0 ||
            rows[i].wait_start_ns > foreign->episode.end_ns ||
            !session_set_has(&join->applications, rows[i].session))
            continue;
        int node = foreign_root(join, graph, lock_graph_node(graph, rows[i].session), run->first_sent_ns,
                                scratch);
        if (node >= 0 && graph->sessions[node] == foreign->root)
            return true;
    }
    return false;
}

static void follow_run(struct episode_join *join, struct foreign *foreign, size_t index)
{
    const struct watcher_log *log = join->evidence->watcher;
    const struct watcher_run *run = &log->runs[index];
    struct arena scratch = {0};
    struct lock_graph graph = lock_graph(&scratch, join->evidence->dialect->lock_modes, &log->rows[run->row],
                                         run->row_count);
    if (foreign->root != 0 && !goes_on(join, foreign, &graph, run, &scratch))
        end_foreign(join, foreign);
    for (size_t i = 0; i < run->row_count; i++) {
        const struct lock_row *row = &log->rows[run->row + i];
        if (row->granted || !session_set_has(&join->applications, row->session))
            continue;
        int node = foreign_root(join, &graph, lock_graph_node(&graph, row->session), run->first_sent_ns,
                                &scratch);
        if (node < 0)
            continue;
        if (foreign->root != graph.sessions[node]) {
            end_foreign(join, foreign);
            begin_foreign(join, foreign, graph.sessions[node], row, run);
            foreign->episode.mode = held_mode(log, run, row, graph.sessions[node]);
        }
        if (row->wait_start_ns != 0 && row->wait_start_ns < foreign->episode.start_ns)
            foreign->episode.start_ns = row->wait_start_ns;
        foreign->episode.end_ns = run->last_done_ns;
        session_set_add(join->arena, &foreign->waiters, row->session);
    }
    arena_free(&scratch);
}

static void join_foreign(struct episode_join *join)
{
    struct foreign foreign = {0};
    for (size_t i = 0; i < join->evidence->watcher->run_count; i++) {
        if (!inside_attempt(join, &join->evidence->watcher->runs[i]))
            follow_run(join, &foreign, i);
    }
    end_foreign(join, &foreign);
}

static int by_start(const void *left, const void *right)
{
    const struct episode *a = left, *b = right;
    return (a->start_ns > b->start_ns) - (a->start_ns < b->start_ns);
}

void episodes_join(const struct evidence *evidence, struct arena *arena, const struct episode_input *input,
                   struct episode **episodes, size_t *count)
{
    struct episode_join join = {.evidence = evidence, .input = input, .arena = arena};
    find_applications(&join);
    for (size_t i = 0; i < input->attempt_count; i++)
        join_attempt(&join, i);
    join_foreign(&join);
    if (join.count > 0)
        qsort(join.episodes, join.count, sizeof *join.episodes, by_start);
    *episodes = join.episodes;
    *count = join.count;
}
