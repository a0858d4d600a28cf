/* roster: which server sessions are the observer's own and which the migration's, and when. Any thread. */
#ifndef REHEARSE_OBSERVE_ROSTER_H
#define REHEARSE_OBSERVE_ROSTER_H

#include "bench/base/arena.h"

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum roster_role { ROSTER_OTHER, ROSTER_OBSERVER, ROSTER_MIGRATION };

struct roster_entry {
    int32_t session;
    enum roster_role role;
    int64_t from_ns, to_ns; /* CLOCK_NEVER_NS while it lasts */
};

struct roster {
    pthread_mutex_t lock;
    struct roster_entry *entries; /* owned */
    size_t count, capacity;
};

void roster_init(struct roster *roster);
void roster_free(struct roster *roster);
void roster_join(struct roster *roster, int session, enum roster_role role);
void roster_leave(struct roster *roster, int session);
/* Sessions that had the role at any moment of the time, each once, in the arena. */
const int32_t *roster_sessions(struct roster *roster, struct arena *arena, enum roster_role role,
                               int64_t from_ns, int64_t to_ns, size_t *count);
enum roster_role roster_role(struct roster *roster, int session, int64_t at_ns);

#endif
