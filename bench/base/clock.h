/* clock: one clock for the whole run, nanoseconds of CLOCK_MONOTONIC. Any thread.
 *
 * Times of the run are int64_t *_ns on this clock. Wall time is only printed, never subtracted; the server's clock is
 * brought onto this one by bench/db/server_clock.h. */
#ifndef REHEARSE_BASE_CLOCK_H
#define REHEARSE_BASE_CLOCK_H

#include <stdint.h>

#define NS_PER_US      INT64_C(1000)
#define NS_PER_MS      INT64_C(1000000)
#define NS_PER_S       INT64_C(1000000000)
#define CLOCK_NEVER_NS INT64_MAX /* as a deadline: none */

int64_t clock_ns(void);
int64_t clock_wall_us(void);               /* microseconds since 1970, UTC */
int64_t clock_cpu_ns(void);                /* CPU time of this process */
void clock_sleep_until_ns(int64_t due_ns); /* returns at once when due has passed; restarts after signals */
void clock_sleep_ns(int64_t duration_ns);

/* "2026-11-20T22:41:05.123Z" (RFC 3339, 24 characters and NUL) */
void clock_format_rfc3339(int64_t wall_us, char text[32]);

#endif
