#include "bench/load/span_log.h"

#include "bench/stat/reserve.h"

#include <stdatomic.h>

void span_log_open(struct span_log *log, size_t capacity)
{
    log->spans = reserve_memory(capacity * sizeof *log->spans);
    log->capacity = capacity;
    atomic_init(&log->claimed, 0);
}

void span_log_close(struct span_log *log)
{
    release_memory(log->spans, log->capacity * sizeof *log->spans);
    log->spans = NULL;
}

void span_log_add(struct span_log *log, const struct request_span *span)
{
    size_t index = atomic_fetch_add_explicit(&log->claimed, 1, memory_order_relaxed);
    if (index < log->capacity)
        log->spans[index] = *span;
}

const struct request_span *span_log_read(const struct span_log *log, size_t *count, uint64_t *lost)
{
    size_t claimed = atomic_load_explicit(&log->claimed, memory_order_relaxed);
    *count = claimed < log->capacity ? claimed : log->capacity;
    *lost = claimed - *count;
    return log->spans;
}
