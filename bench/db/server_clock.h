/* server_clock: brings the server's clock onto the run's.
 *
 * 100 round trips, the one with the smallest round trip gives the offset, exact to half of it (MEASURE). Updated by one
 * thread (at start, then every 10 s), read by any. A step of the server's clock shows as a jump of the offset. */
#ifndef REHEARSE_DB_SERVER_CLOCK_H
#define REHEARSE_DB_SERVER_CLOCK_H

#include "bench/db/db.h"

struct server_clock {
    _Atomic int64_t offset_ns; /* run clock = server µs × 1000 − offset */
    _Atomic int64_t error_ns;  /* half of the smallest round trip */
    _Atomic int64_t steps;     /* jumps of the offset by more than 5 ms */
};

bool server_clock_sync(struct server_clock *clock, struct db *db, int rounds, struct err *err);
int64_t server_clock_to_run_ns(const struct server_clock *clock, int64_t server_us); /* 0 stays 0 */

#endif
