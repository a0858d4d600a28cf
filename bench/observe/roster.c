#include "bench/observe/roster.h"

#include "bench/base/clock.h"

#include <stdlib.h>

void roster_init(struct roster *roster)
{
    *roster = (struct roster){0};
    pthread_mutex_init(&roster->lock, NULL);
}

void roster_free(struct roster *roster)
{
    free(roster->entries);
    pthread_mutex_destroy(&roster->lock);
}

void roster_join(struct roster *roster, int session, enum roster_role role)
{
    pthread_mutex_lock(&roster->lock);
    if (roster->count == roster->capacity) {
        roster->capacity = roster->capacity > 0 ? 2 * roster->capacity : 32;
        roster->entries = mem_realloc(roster->entries, roster->capacity * sizeof *roster->entries);
    }
    roster->entries[roster->count++] = (struct roster_entry){session, role, clock_ns(), CLOCK_NEVER_NS};
    pthread_mutex_unlock(&roster->lock);
}

void roster_leave(struct roster *roster, int session)
{
    pthread_mutex_lock(&roster->lock);
    for (size_t i = roster->count; i-- > 0;) {
        if (roster->entries[i].session == session && roster->entries[i].to_ns == CLOCK_NEVER_NS) {
            roster->entries[i].to_ns = clock_ns();
            break;
        }
    }
    pthread_mutex_unlock(&roster->lock);
}

const int32_t *roster_sessions(struct roster *roster, struct arena *arena, enum roster_role role,
                               int64_t from_ns, int64_t to_ns, size_t *count)
{
    int32_t *sessions = NULL;
    size_t capacity = 0;
    *count = 0;
    pthread_mutex_lock(&roster->lock);
    for (size_t i = 0; i < roster->count; i++) {
        const struct roster_entry *entry = &roster->entries[i];
        bool known = entry->role != role || entry->from_ns > to_ns || entry->to_ns < from_ns;
        for (size_t j = 0; j < *count && !known; j++)
            known = sessions[j] == entry->session;
        if (!known)
            *ARENA_PUSH(arena, sessions, *count, capacity) = entry->session;
    }
    pthread_mutex_unlock(&roster->lock);
    return sessions;
}

enum roster_role roster_role(struct roster *roster, int session, int64_t at_ns)
{
    enum roster_role role = ROSTER_OTHER;
    pthread_mutex_lock(&roster->lock);
    for (size_t i = roster->count; i-- > 0 && role == ROSTER_OTHER;) {
        const struct roster_entry *entry = &roster->entries[i];
        if (entry->session == session && entry->from_ns <= at_ns && at_ns <= entry->to_ns)
            role = entry->role;
    }
    pthread_mutex_unlock(&roster->lock);
    return role;
}
