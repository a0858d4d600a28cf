#include "bench/observe/roster.h"

#include "bench/base/arena.h"
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
