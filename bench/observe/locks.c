#include "bench/observe/locks.h"

#include <stdlib.h>
#include <string.h>

static const char *const KINDS[] = {
    [LOCK_KIND_RELATION] = "relation",
    [LOCK_KIND_TRANSACTION] = "transaction",
    [LOCK_KIND_VIRTUALXID] = "virtualxid",
};

enum lock_kind locks_kind(const char *name)
{
    for (size_t i = 0; i < sizeof KINDS / sizeof *KINDS; i++) {
        if (name != NULL && strcmp(name, KINDS[i]) == 0)
            return (enum lock_kind)i;
    }
    return LOCK_KIND_OTHER;
}

static int compare(uint64_t a, uint64_t b)
{
    return (a > b) - (a < b);
}

static int by_target(const void *left, const void *right)
{
    const struct lock_row *a = left, *b = right;
    int order = compare(a->target, b->target);
    if (order == 0)
        order = (a->session > b->session) - (a->session < b->session);
    if (order == 0)
        order = (a->mode > b->mode) - (a->mode < b->mode);
    return order != 0 ? order : (a->granted > b->granted) - (a->granted < b->granted);
}

void locks_sort(struct lock_row *rows, size_t count)
{
    if (count > 0)
        qsort(rows, count, sizeof *rows, by_target);
}

bool locks_conflict(const struct dialect_lock_mode *modes, int a, int b)
{
    return (modes[a].conflicts >> b & 1) != 0;
}

bool locks_mode_is_strong(const struct dialect_lock_mode *modes, int mode)
{
    return mode >= 0 && (modes[mode].blocks_reads || modes[mode].blocks_writes);
}

static bool blocks(const struct dialect_lock_mode *modes, const struct lock_row *waiter,
                   const struct lock_row *other)
{
    if (other->session == waiter->session || !locks_conflict(modes, waiter->mode, other->mode))
        return false;
    if (other->granted)
        return true;
    return other->wait_start_ns != 0 && waiter->wait_start_ns != 0 &&
           other->wait_start_ns < waiter->wait_start_ns;
}

void lock_rows_add(struct lock_rows *rows, struct lock_row row)
{
    if (rows->count == rows->capacity) {
        rows->capacity = rows->capacity > 0 ? 2 * rows->capacity : 256;
        rows->items = mem_realloc(rows->items, rows->capacity * sizeof *rows->items);
    }
    rows->items[rows->count++] = row;
}

static const struct lock_row *find_wait(const struct lock_rows *before, const struct lock_row *row)
{
    for (size_t i = 0; i < before->count; i++) {
        const struct lock_row *known = &before->items[i];
        if (known->target == row->target && known->session == row->session && known->mode == row->mode &&
            !known->granted)
            return known;
    }
    return NULL;
}

void locks_keep_starts(struct lock_row *rows, size_t count, const struct lock_rows *before, int64_t last_ns,
                       int64_t now_ns)
{
    for (size_t i = 0; i < count; i++) {
        struct lock_row *row = &rows[i];
        if (row->granted)
            continue;
        const struct lock_row *known = find_wait(before, row);
        if (known != NULL && row->wait_start_ns <= last_ns)
            row->wait_start_ns = known->wait_start_ns;
        else if (row->wait_start_ns == 0)
            row->wait_start_ns = now_ns;
    }
}

/* Who holds already what another waits for does not queue behind that one. */
static bool goes_ahead(const struct dialect_lock_mode *modes, const struct lock_row *rows, size_t first,
                       size_t end, size_t waiter, size_t other)
{
    for (size_t i = first; i < end && !rows[other].granted; i++) {
        if (rows[i].granted && rows[i].session == rows[waiter].session &&
            locks_conflict(modes, rows[other].mode, rows[i].mode))
            return true;
    }
    return false;
}

static bool is_blocked_by_shown(const struct dialect_lock_mode *modes, const struct lock_row *rows,
                                size_t first, size_t end, size_t waiter)
{
    for (size_t i = first; i < end; i++) {
        if (blocks(modes, &rows[waiter], &rows[i]) && !goes_ahead(modes, rows, first, end, waiter, i))
            return true;
    }
    return false;
}

/* The weakest mode that shuts out who waits and conflicts with all that the upgradable one conflicts with; −1: there is none. */
static int weakest_upgrade(const struct dialect_lock_mode *modes, int upgradable, int waits_for)
{
    for (int mode = 0; modes[mode].name != NULL; mode++) {
        if (locks_mode_is_strong(modes, mode) && locks_conflict(modes, waits_for, mode) &&
            (modes[upgradable].conflicts & ~modes[mode].conflicts) == 0)
            return mode;
    }
    return -1;
}

static void read_upgrades_for(const struct dialect_lock_mode *modes, uint32_t upgradable,
                              struct lock_row *rows, size_t first, size_t end, size_t waiter)
{
    for (size_t i = first; i < end; i++) {
        if (!rows[i].granted || rows[i].session == rows[waiter].session ||
            (upgradable >> rows[i].mode & 1) == 0)
            continue;
        int upgrade = weakest_upgrade(modes, rows[i].mode, rows[waiter].mode);
        if (upgrade >= 0)
            rows[i].mode = (uint8_t)upgrade;
    }
}

void locks_read_upgrades(const struct dialect_lock_mode *modes, uint32_t upgradable, struct lock_row *rows,
                         size_t count)
{
    for (size_t first = 0, end; first < count; first = end) {
        for (end = first; end < count && rows[end].target == rows[first].target;)
            end++;
        for (size_t i = first; i < end; i++) {
            if (!rows[i].granted && !is_blocked_by_shown(modes, rows, first, end, i))
                read_upgrades_for(modes, upgradable, rows, first, end, i);
        }
    }
}

static int by_number(const void *left, const void *right)
{
    const int32_t *a = left, *b = right;
    return (*a > *b) - (*a < *b);
}

static void add_nodes(struct arena *arena, struct lock_graph *graph, const struct lock_row *rows,
                      size_t count)
{
    graph->sessions = arena_alloc(arena, (count + 1) * sizeof *graph->sessions);
    for (size_t i = 0; i < count; i++)
        graph->sessions[i] = rows[i].session;
    qsort(graph->sessions, count, sizeof *graph->sessions, by_number);
    for (size_t i = 0; i < count; i++) {
        if (graph->node_count == 0 || graph->sessions[graph->node_count - 1] != graph->sessions[i])
            graph->sessions[graph->node_count++] = graph->sessions[i];
    }
}

static void add_edges_of(struct arena *arena, struct lock_graph *graph, const struct dialect_lock_mode *modes,
                         const struct lock_row *rows, size_t first, size_t end, size_t waiter)
{
    for (size_t other = first; other < end; other++) {
        if (!blocks(modes, &rows[waiter], &rows[other]) || goes_ahead(modes, rows, first, end, waiter, other))
            continue;
        struct lock_edge *edge = ARENA_PUSH(arena, graph->edges, graph->edge_count, graph->edge_capacity);
        *edge = (struct lock_edge){
            .waiter = lock_graph_node(graph, rows[waiter].session),
            .blocker = lock_graph_node(graph, rows[other].session),
            .row = (int)waiter,
        };
    }
}

static void add_edges(struct arena *arena, struct lock_graph *graph, const struct dialect_lock_mode *modes,
                      const struct lock_row *rows, size_t count)
{
    for (size_t first = 0, end; first < count; first = end) {
        for (end = first; end < count && rows[end].target == rows[first].target;)
            end++;
        for (size_t i = first; i < end; i++) {
            if (!rows[i].granted)
                add_edges_of(arena, graph, modes, rows, first, end, i);
        }
    }
}

enum { DEPTH_UNKNOWN = -1, DEPTH_OPEN = -2 };

static int find_depth(struct lock_graph *graph, int node)
{
    if (graph->depth[node] == DEPTH_OPEN)
        return 0; /* the cycle closes here */
    if (graph->depth[node] != DEPTH_UNKNOWN)
        return graph->depth[node];
    graph->depth[node] = DEPTH_OPEN;
    int deepest = 0;
    for (size_t i = 0; i < graph->edge_count; i++) {
        if (graph->edges[i].waiter != node)
            continue;
        int below = find_depth(graph, graph->edges[i].blocker) + 1;
        deepest = below > deepest ? below : deepest;
    }
    graph->depth[node] = deepest;
    return deepest;
}

struct lock_graph lock_graph(struct arena *arena, const struct dialect_lock_mode *modes,
                             const struct lock_row *rows, size_t count)
{
    struct lock_graph graph = {0};
    add_nodes(arena, &graph, rows, count);
    add_edges(arena, &graph, modes, rows, count);
    graph.depth = arena_alloc(arena, (graph.node_count + 1) * sizeof *graph.depth);
    for (size_t i = 0; i < graph.node_count; i++)
        graph.depth[i] = DEPTH_UNKNOWN;
    for (size_t i = 0; i < graph.node_count; i++)
        find_depth(&graph, (int)i);
    return graph;
}

int lock_graph_node(const struct lock_graph *graph, int32_t session)
{
    const int32_t *found = graph->node_count == 0 ? NULL
                                                  : bsearch(&session, graph->sessions, graph->node_count,
                                                            sizeof *graph->sessions, by_number);
    return found == NULL ? -1 : (int)(found - graph->sessions);
}

void lock_graph_walk(const struct lock_graph *graph, int node, bool *reached)
{
    for (size_t i = 0; i < graph->edge_count; i++) {
        if (graph->edges[i].waiter != node || reached[graph->edges[i].blocker])
            continue;
        reached[graph->edges[i].blocker] = true;
        lock_graph_walk(graph, graph->edges[i].blocker, reached);
    }
}
