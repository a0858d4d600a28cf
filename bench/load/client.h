/* client: one thread with one session that takes arrivals. Created and joined by its pool. */
#ifndef REHEARSE_LOAD_CLIENT_H
#define REHEARSE_LOAD_CLIENT_H

#include "bench/load/player.h"
#include "bench/load/shared.h"

enum { CLIENT_IDLE = -1 };

struct client {
    /* Published by the client's thread, read by any. */
    _Alignas(CACHE_LINE) _Atomic int deploy; /* of the code it is running (see struct era), or CLIENT_IDLE */
    _Atomic int64_t started, completed, failed, reconnects, unfinished, last_done_ns;
    atomic_bool connected, ended;

    struct shared *shared;
    struct player player;
    int id, stripe;
    int64_t due_ns; /* of the request being served */
    struct rng jitter;
    pthread_t thread;
};

void client_init(struct client *client, struct arena *arena, struct shared *shared, int id,
                 const char *application_name);
bool client_start(struct client *client, struct err *err); /* the session is open; waits at the gate */

#endif
