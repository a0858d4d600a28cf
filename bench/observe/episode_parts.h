/* episode_parts: what episode.c puts an episode together from. Pure, over evidence that no longer grows. */
#ifndef REHEARSE_OBSERVE_EPISODE_PARTS_H
#define REHEARSE_OBSERVE_EPISODE_PARTS_H

#include "bench/observe/evidence.h"

/* A set of sessions, ascending. */
struct session_set {
    int32_t *sessions;
    size_t count, capacity;
};
bool session_set_has(const struct session_set *set, int32_t session);
void session_set_add(struct arena *arena, struct session_set *set, int32_t session);

/* What the joining of all episodes shares. */
struct episode_join {
    const struct evidence *evidence;
    const struct episode_input *input;
    struct arena *arena;
    struct session_set applications; /* sessions of the application under load */
    struct episode *episodes;
    size_t count, capacity;
};

/* Fills blockers, root first: all sessions that the migration's `waiter` waited for inside the window, and itself. Sessions of
 * the application that were in the way for less than a quarter of the longest's time, or of the migration's hold, are left
 * out. */
void episode_blockers(const struct episode_join *join, struct episode *episode, int32_t waiter);
/* The same of an episode whose root is known: it and who waited for it, sessions of the application left out. */
void episode_blockers_of_root(const struct episode_join *join, struct episode *episode, int32_t root);
/* Sessions that waited for `blocker` inside the window, near or far; observers and the migration are left out. */
void episode_waiters(const struct episode_join *join, struct interval window, int32_t blocker,
                     struct session_set *waiters);

/* Who counts as held up: requests of scripts that the tables are shut to, or of one of these sessions. */
struct victim_rule {
    uint64_t shut_to_reads, shut_to_writes; /* watched tables */
    const struct session_set *sessions;     /* NULL: judged by tables alone */
};
void episode_victims(const struct episode_join *join, struct episode *episode,
                     const struct victim_rule *rule);

#endif
