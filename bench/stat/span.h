/* span: intervals on the run's clock that rooms hand to each other. Plain values; written by one thread, read after.
 *
 * load writes requests, migrate writes attempts, observe joins both into episodes. */
#ifndef REHEARSE_STAT_SPAN_H
#define REHEARSE_STAT_SPAN_H

#include "bench/base/outcome.h"

#include <stdint.h>

/* One application request slower than the pool's floor, or one that failed. */
struct request_span {
    int64_t due_ns, sent_ns,
        done_ns;      /* sent_ns is 0 when it was never sent; done_ns is when watching ended, then */
    int32_t session;  /* the server's session id (backend pid), 0 unknown */
    uint16_t script;  /* index into the workload's scripts */
    uint8_t outcome;  /* enum outcome */
    uint8_t finished; /* 0: still waiting when watching ended */
};

/* One attempt of one migration statement (or of a whole tx=on phase). Server stamps are on the run's clock; 0 = not taken. */
struct attempt_span {
    int32_t phase;      /* index of the phase run, as told to the hooks */
    int32_t statement;  /* index into the migration's statement runs */
    int32_t attempt;    /* 1-based */
    int32_t session;    /* the server's session id */
    int64_t sent_ns;    /* client: just before the message */
    int64_t request_ns; /* server: just before the statement */
    int64_t after_ns;   /* server: just after it, its locks still held */
    int64_t end_ns;     /* server: just before COMMIT; 0 when the statement commits by itself or failed */
    int64_t done_ns;    /* client: everything answered, locks gone */
    enum outcome outcome;
};

#endif
