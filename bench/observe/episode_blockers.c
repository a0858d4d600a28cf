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

static void note_blocker(const struct episode_join *join, struct episode *episode, int32_t session, int depth,
                         int64_t at_ns)
{
    if (roster_role(join->evidence->roster, session, at_ns) == ROSTER_OBSERVER)
        return;
    for (size_t i = 0; i < episode->blocker_count; i++) {
        struct episode_blocker *known = &episode->blockers[i];
        if (known->session != session)
            continue;
        known->depth = depth > known->depth ? depth : known->depth;
        known->until_ns = at_ns;
        return;
    }
    if (episode->blocker_count == BLOCKERS_MAX)
        return;
    episode->blockers[episode->blocker_count++] = (struct episode_blocker){
        .session = session, .depth = depth, .until_ns = at_ns, .xact_age_us = -1};
}

static void note_run(const struct episode_join *join, struct episode *episode, const struct watcher_run *run,
                     const struct session_set *waiters, bool waiters_block)
{
    const struct evidence *evidence = join->evidence;
    struct arena scratch = {0};
    struct lock_graph graph = lock_graph(&scratch, evidence->dialect->lock_modes,
                                         &evidence->watcher->rows[run->row], run->row_count);
    for (size_t i = 0; i < waiters->count; i++) {
        int node = lock_graph_node(&graph, waiters->sessions[i]);
        if (node < 0)
            continue;
        bool *reached = arena_alloc(&scratch, graph.node_count * sizeof *reached);
        lock_graph_walk(&graph, node, reached);
        for (size_t j = 0; j < graph.node_count; j++) {
            if (reached[j] && (int)j != node)
                note_blocker(join, episode, graph.sessions[j], graph.depth[j], run->last_sent_ns);
        }
        if (waiters_block)
            note_blocker(join, episode, waiters->sessions[i], graph.depth[node], run->last_sent_ns);
    }
    arena_free(&scratch);
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
    return (a->until_ns < b->until_ns) - (a->until_ns > b->until_ns);
}

void episode_blockers(const struct episode_join *join, struct episode *episode,
                      const struct session_set *waiters, bool waiters_block)
{
    const struct watcher_log *log = join->evidence->watcher;
    episode->blockers = arena_alloc(join->arena, BLOCKERS_MAX * sizeof *episode->blockers);
    for (size_t i = evidence_first_run(join->evidence, episode->start_ns);
         i < log->run_count && log->runs[i].first_sent_ns < episode->end_ns; i++)
        note_run(join, episode, &log->runs[i], waiters, waiters_block);
    if (episode->blocker_count == 0 && waiters_block && waiters->count > 0)
        note_blocker(join, episode, waiters->sessions[0], 0, episode->end_ns);
    if (episode->blocker_count == 1)
        episode->blockers[0].depth = 0; /* it only ever waited for observers */
    qsort(episode->blockers, episode->blocker_count, sizeof *episode->blockers, root_first);
    for (size_t i = 0; i < episode->blocker_count; i++)
        name_blocker(join, episode, &episode->blockers[i]);
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
