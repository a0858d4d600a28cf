#include "bench/observe/episode_parts.h"

#include <stdlib.h>
#include <string.h>

enum { BLOCKERS_MAX = 16 };

static size_t lower_bound(const struct session_set *set, int32_t session)
{
    size_t low = 0, high = set->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (set->sessions[middle] < session)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

bool session_set_has(const struct session_set *set, int32_t session)
{
    size_t at = lower_bound(set, session);
    return at < set->count && set->sessions[at] == session;
}

void session_set_add(struct arena *arena, struct session_set *set, int32_t session)
{
    size_t at = lower_bound(set, session);
    if (at < set->count && set->sessions[at] == session)
        return;
    (void)ARENA_PUSH(arena, set->sessions, set->count, set->capacity);
    memmove(&set->sessions[at + 1], &set->sessions[at], (set->count - 1 - at) * sizeof *set->sessions);
    set->sessions[at] = session;
}

/* The blockers of one episode while they are gathered. */
struct gathering {
    const struct episode_join *join;
    struct episode *episode;
    size_t capacity;
};

static void note_blocker(struct gathering *gathering, int32_t session, int depth, int64_t at_ns,
                         int64_t blocking_ns)
{
    struct episode *episode = gathering->episode;
    if (roster_role(gathering->join->evidence->roster, session, at_ns) == ROSTER_OBSERVER)
        return;
    for (size_t i = 0; i < episode->blocker_count; i++) {
        struct episode_blocker *known = &episode->blockers[i];
        if (known->session != session)
            continue;
        known->depth = depth > known->depth ? depth : known->depth;
        known->until_ns = at_ns;
        known->blocking_ns += blocking_ns;
        return;
    }
    *ARENA_PUSH(gathering->join->arena, episode->blockers, episode->blocker_count,
                gathering->capacity) = (struct episode_blocker){
        .session = session, .depth = depth, .until_ns = at_ns, .blocking_ns = blocking_ns, .xact_age_us = -1};
}

/* How much of the episode the snapshots of the run stand for. */
static int64_t stands_ns(const struct gathering *gathering, size_t index)
{
    const struct watcher_log *log = gathering->join->evidence->watcher;
    const struct watcher_run *run = &log->runs[index];
    struct interval whole = {gathering->episode->start_ns, gathering->episode->end_ns};
    struct interval stands = {run->first_sent_ns,
                              index + 1 < log->run_count ? run[1].first_sent_ns : run->last_done_ns};
    return interval_overlap_ns(whole, stands);
}

static struct lock_graph graph_of(const struct episode_join *join, struct arena *scratch,
                                  const struct watcher_run *run)
{
    const struct evidence *evidence = join->evidence;
    return lock_graph(scratch, evidence->dialect->lock_modes, &evidence->watcher->rows[run->row],
                      run->row_count);
}

static bool reaches(const struct lock_graph *graph, int from, int to, struct arena *scratch)
{
    bool *reached = arena_alloc(scratch, graph->node_count * sizeof *reached);
    lock_graph_walk(graph, from, reached);
    return reached[to];
}

/* All that the waiter waits for, and the waiter itself. */
static void note_run(struct gathering *gathering, size_t index, int32_t waiter)
{
    const struct watcher_run *run = &gathering->join->evidence->watcher->runs[index];
    int64_t blocking_ns = stands_ns(gathering, index);
    struct arena scratch = {0};
    struct lock_graph graph = graph_of(gathering->join, &scratch, run);
    int node = lock_graph_node(&graph, waiter);
    if (node >= 0) {
        bool *reached = arena_alloc(&scratch, graph.node_count * sizeof *reached);
        lock_graph_walk(&graph, node, reached);
        reached[node] = true;
        for (size_t i = 0; i < graph.node_count; i++) {
            if (reached[i])
                note_blocker(gathering, graph.sessions[i], graph.depth[i], run->last_sent_ns, blocking_ns);
        }
    }
    arena_free(&scratch);
}

/* The root, and who stands between it and the application's sessions: those are victims, whatever they hold. */
static void note_run_of_root(struct gathering *gathering, size_t index, int32_t root)
{
    const struct watcher_run *run = &gathering->join->evidence->watcher->runs[index];
    int64_t blocking_ns = stands_ns(gathering, index);
    struct arena scratch = {0};
    struct lock_graph graph = graph_of(gathering->join, &scratch, run);
    int node = lock_graph_node(&graph, root);
    for (size_t i = 0; node >= 0 && graph.depth[node] == 0 && i < graph.node_count; i++) {
        int32_t session = graph.sessions[i];
        if (session != root && (session_set_has(&gathering->join->applications, session) ||
                                !reaches(&graph, (int)i, node, &scratch)))
            continue;
        note_blocker(gathering, session, graph.depth[i], run->last_sent_ns, blocking_ns);
    }
    arena_free(&scratch);
}

/* The application's locks pass by all the time: its sessions count where one was in the way for long, as against others and
 * against what the migration then held. */
static void drop_passers(const struct episode_join *join, struct episode *episode, int32_t waiter)
{
    int64_t longest_ns = episode->held_us * NS_PER_US;
    size_t kept = 0;
    for (size_t i = 0; i < episode->blocker_count; i++) {
        const struct episode_blocker *blocker = &episode->blockers[i];
        if (blocker->session != waiter && blocker->blocking_ns > longest_ns)
            longest_ns = blocker->blocking_ns;
    }
    for (size_t i = 0; i < episode->blocker_count; i++) {
        const struct episode_blocker *blocker = &episode->blockers[i];
        if (!session_set_has(&join->applications, blocker->session) || 4 * blocker->blocking_ns >= longest_ns)
            episode->blockers[kept++] = *blocker;
    }
    episode->blocker_count = kept;
}

static void name_blocker(const struct episode_join *join, const struct episode *episode,
                         struct episode_blocker *blocker)
{
    const struct evidence *evidence = join->evidence;
    const struct sighting *seen = attribution_find(evidence->sightings, evidence->sighting_count,
                                                   blocker->session, episode->start_ns);
    blocker->application_name = blocker->state = blocker->query = "";
    blocker->is_migration = roster_role(evidence->roster, blocker->session, blocker->until_ns) ==
                            ROSTER_MIGRATION;
    blocker->is_application = session_set_has(&join->applications, blocker->session);
    if (seen == NULL)
        return;
    blocker->application_name = seen->application_name;
    blocker->state = seen->state;
    blocker->query = seen->query != NULL ? seen->query : "";
    if (seen->xact_start_ns != 0 && seen->xact_start_ns <= episode->start_ns)
        blocker->xact_age_us = (episode->start_ns - seen->xact_start_ns) / NS_PER_US;
}

static int root_first(const void *left, const void *right)
{
    const struct episode_blocker *a = left, *b = right;
    if (a->depth != b->depth)
        return a->depth < b->depth ? -1 : 1;
    return (a->blocking_ns < b->blocking_ns) - (a->blocking_ns > b->blocking_ns);
}

static void name_blockers(const struct episode_join *join, struct episode *episode)
{
    if (episode->blocker_count > 0)
        qsort(episode->blockers, episode->blocker_count, sizeof *episode->blockers, root_first);
    if (episode->blocker_count > BLOCKERS_MAX)
        episode->blocker_count = BLOCKERS_MAX;
    for (size_t i = 0; i < episode->blocker_count; i++)
        name_blocker(join, episode, &episode->blockers[i]);
}

void episode_blockers(const struct episode_join *join, struct episode *episode, int32_t waiter)
{
    const struct watcher_log *log = join->evidence->watcher;
    struct gathering gathering = {.join = join, .episode = episode};
    for (size_t i = evidence_first_run(join->evidence, episode->start_ns);
         i < log->run_count && log->runs[i].first_sent_ns < episode->end_ns; i++)
        note_run(&gathering, i, waiter);
    drop_passers(join, episode, waiter);
    if (episode->blocker_count == 0)
        note_blocker(&gathering, waiter, 0, episode->end_ns, 0);
    if (episode->blocker_count == 1)
        episode->blockers[0].depth = 0; /* it only ever waited for observers, or for what passed by */
    name_blockers(join, episode);
}

void episode_blockers_of_root(const struct episode_join *join, struct episode *episode, int32_t root)
{
    const struct watcher_log *log = join->evidence->watcher;
    struct gathering gathering = {.join = join, .episode = episode};
    for (size_t i = evidence_first_run(join->evidence, episode->start_ns);
         i < log->run_count && log->runs[i].first_sent_ns < episode->end_ns; i++)
        note_run_of_root(&gathering, i, root);
    name_blockers(join, episode);
}

static bool may_be_victim(const struct episode_join *join, int32_t session, int64_t at_ns)
{
    return roster_role(join->evidence->roster, session, at_ns) == ROSTER_OTHER;
}

void episode_waiters(const struct episode_join *join, struct interval window, int32_t blocker,
                     struct session_set *waiters)
{
    const struct watcher_log *log = join->evidence->watcher;
    for (size_t i = evidence_first_run(join->evidence, window.start_ns);
         i < log->run_count && log->runs[i].first_sent_ns < window.end_ns; i++) {
        const struct watcher_run *run = &log->runs[i];
        struct arena scratch = {0};
        struct lock_graph graph = lock_graph(&scratch, join->evidence->dialect->lock_modes,
                                             &log->rows[run->row], run->row_count);
        int target = lock_graph_node(&graph, blocker);
        for (size_t j = 0; target >= 0 && j < graph.node_count; j++) {
            if ((int)j == target || !may_be_victim(join, graph.sessions[j], run->first_sent_ns))
                continue;
            bool *reached = arena_alloc(&scratch, graph.node_count * sizeof *reached);
            lock_graph_walk(&graph, (int)j, reached);
            if (reached[target])
                session_set_add(join->arena, waiters, graph.sessions[j]);
        }
        arena_free(&scratch);
    }
}
