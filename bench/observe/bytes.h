/* bytes: the control thread: log and database bytes once a second, and the server's clock kept in step every 10 s. */
#ifndef REHEARSE_OBSERVE_BYTES_H
#define REHEARSE_OBSERVE_BYTES_H

#include "bench/observe/observer.h"
#include "bench/observe/watcher.h"

struct bytes {
    struct pace *pace;
    struct server_clock *clock; /* synchronised only while not armed */
    const struct watcher *watcher;
    struct wire wire;
    pthread_t thread;
    bool started;
    int64_t log_zero_bytes;
    struct bytes_point *points;
    size_t count, capacity;
};

bool bytes_start(struct bytes *bytes, const struct wire_config *wire,
                 struct err *err); /* synchronises the clock */
void bytes_join(struct bytes *bytes);
void bytes_free(struct bytes *bytes);

#endif
