/* series: what happened in each 100 ms of the run: arrivals, starts, completions, failures, latency by due time.
 *
 * Any thread adds (relaxed atomics); reading wants the adding to be over. Latency bins are coarse histograms (32
 * sub-buckets, 3 % wide) with an exact maximum: for drawing, never for thresholds. A bin's latency is that of the
 * requests *due* in it, so that a stall shows as the slope it is. Memory is reserved for the longest run, touched as used. */
#ifndef REHEARSE_STAT_SERIES_H
#define REHEARSE_STAT_SERIES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SERIES_BIN_NS INT64_C(100000000)

struct series;

struct series_point {
    double t_s;  /* start of the bin, seconds since the series' zero */
    int64_t due; /* arrivals due in the bin (open loop: by schedule; closed: as started) */
    int64_t started, completed, failed;
    int64_t backlog;   /* due and not started at the end of the bin */
    int64_t in_flight; /* started and not completed at the end of the bin */
    int64_t measured;  /* requests with a latency; 0: the next four mean nothing (a gap in the line) */
    int64_t p50_us, p90_us, p99_us, max_us;
};

struct series *series_create(int64_t zero_ns, int64_t longest_ns);
void series_destroy(struct series *series);
void series_due(struct series *series, int64_t due_ns); /* an arrival came due (called once per arrival) */
void series_started(struct series *series, int64_t at_ns);
void series_completed(struct series *series, int64_t due_ns, int64_t done_ns, bool failed);
int64_t series_zero_ns(const struct series *series);
size_t series_bins(const struct series *series); /* bins up to the last one touched */
/* Merges `count` bins from `first` into one point (backlog and in-flight as of the end of the last). */
struct series_point series_read(const struct series *series, size_t first, size_t count);

#endif
