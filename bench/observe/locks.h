/* locks: rows of one lock snapshot, and who blocks whom among them. Pure, any thread.
 *
 * A waiting row is blocked by every other session that holds a conflicting lock on the same target and by every other
 * session that waits there for a conflicting lock since earlier, unless it holds already what that one waits for: the edges
 * of pg_blocking_pids, from one snapshot. */
#ifndef REHEARSE_OBSERVE_LOCKS_H
#define REHEARSE_OBSERVE_LOCKS_H

#include "bench/base/arena.h"
#include "bench/db/dialect.h"

enum lock_kind { LOCK_KIND_RELATION, LOCK_KIND_TRANSACTION, LOCK_KIND_VIRTUALXID, LOCK_KIND_OTHER };

struct lock_row {
    uint64_t target;       /* hash of the dialect's target key */
    int64_t wait_start_ns; /* run clock; 0 when granted, or not told yet */
    uint32_t object;       /* relation, else 0 */
    int32_t session;
    uint8_t mode, granted, kind, unused;
};

/* Rows that grow. */
struct lock_rows {
    struct lock_row *items; /* owned */
    size_t count, capacity;
};
void lock_rows_add(struct lock_rows *rows, struct lock_row row);

enum lock_kind locks_kind(const char *name);          /* as DIALECT_LOCKS names it */
void locks_sort(struct lock_row *rows, size_t count); /* by target, then session, mode, granted */
bool locks_conflict(const struct dialect_lock_mode *modes, int a, int b);
bool locks_mode_is_strong(const struct dialect_lock_mode *modes, int mode); /* blocks reads or writes */
/* Gives each waiting row the start under which it waited in the snapshot before, which was sent at last_ns, else the one it
 * has, else now_ns. Both as locks_sort leaves them; a wait that began after that snapshot is another one. */
void locks_keep_starts(struct lock_row *rows, size_t count, const struct lock_rows *before, int64_t last_ns,
                       int64_t now_ns);
/* For servers that show a granted lock in the mode it was asked for although it was made stronger since (DIALECT_LOCKS_WEAK):
 * where somebody waits and nobody who is shown stands in the way, who holds an upgradable mode there must have made it
 * stronger. Its row gets the weakest mode that shuts out who waits. upgradable: bit i stands for mode i. */
void locks_read_upgrades(const struct dialect_lock_mode *modes, uint32_t upgradable, struct lock_row *rows,
                         size_t count);

struct lock_graph {
    int32_t *sessions; /* every session of the snapshot, ascending: node i is sessions[i] */
    int *depth;        /* 0: waits for nobody; else 1 + the deepest it waits for. Never 0 inside a cycle */
    size_t node_count;
    struct lock_edge {
        int waiter, blocker; /* nodes */
        int row;             /* of the waiter */
    } * edges;
    size_t edge_count, edge_capacity;
};

/* Builds the graph in the arena. rows as locks_sort leaves them. */
struct lock_graph lock_graph(struct arena *arena, const struct dialect_lock_mode *modes,
                             const struct lock_row *rows, size_t count);
int lock_graph_node(const struct lock_graph *graph, int32_t session); /* −1 when it is not in it */
/* Marks in reached[node_count] (zeroed by the caller) all that node waits for, near and far, itself not unless in a cycle. */
void lock_graph_walk(const struct lock_graph *graph, int node, bool *reached);

#endif
