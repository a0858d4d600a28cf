/* span_log: requests kept one by one: any thread appends, without locks; read once all have ended.
 *
 * Room for the most is reserved at the start and costs memory only where it is written. What does not fit is counted. */
#ifndef REHEARSE_LOAD_SPAN_LOG_H
#define REHEARSE_LOAD_SPAN_LOG_H

#include "bench/stat/span.h"

#include <stddef.h>

struct span_log {
    struct request_span *spans;
    size_t capacity;
    _Atomic size_t claimed; /* may pass capacity: the rest is lost */
};

void span_log_open(struct span_log *log, size_t capacity);
void span_log_close(struct span_log *log);
void span_log_add(struct span_log *log, const struct request_span *span);
const struct request_span *span_log_read(const struct span_log *log, size_t *count, uint64_t *lost);

#endif
