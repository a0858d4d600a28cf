/* rate: how fast the batches of a backfill came, at their slowest. Pure. */
#ifndef REHEARSE_MIGRATE_RATE_H
#define REHEARSE_MIGRATE_RATE_H

#include <stddef.h>
#include <stdint.h>

struct rate_mark { /* one batch, when it was committed */
    int64_t at_ns, rows;
};

/* Rows per second in the slowest window of window_ns within start … end; over the whole when that is shorter. Marks are in
 * order of time. */
double rate_slowest(const struct rate_mark *marks, size_t count, int64_t start_ns, int64_t end_ns,
                    int64_t window_ns);

#endif
