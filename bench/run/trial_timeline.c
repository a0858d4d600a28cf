#include "bench/run/trial_timeline.h"

#include <math.h>
#include <stdlib.h>

enum {
    BINS_PER_S = (int)(NS_PER_S / SERIES_BIN_NS),
    FINE_MARGIN_BINS = 10, /* a second before and after each attempt */
    FINE_MAX_BINS = 6000   /* ten minutes of 100 ms bins in all: reports stay small */
};

double trial_seconds(const struct trial *trial, int64_t at_ns)
{
    return at_ns == 0 ? NAN : (double)(at_ns - trial->zero_ns) / NS_PER_S;
}

static size_t bin_of(const struct trial *trial, int64_t at_ns)
{
    int64_t since_ns = at_ns - series_zero_ns(pool_series(trial->pool));
    return since_ns < 0 ? 0 : (size_t)(since_ns / SERIES_BIN_NS);
}

/* Observer's bytes at a moment, by linear interpolation; −1 when there is no point on either side. */
static double log_bytes_at(const struct bytes_point *points, size_t count, int64_t at_ns)
{
    for (size_t i = 0; i < count; i++) {
        if (points[i].at_ns < at_ns)
            continue;
        if (i == 0)
            return (double)points[0].log_bytes;
        double span_ns = (double)(points[i].at_ns - points[i - 1].at_ns);
        double share = (double)(at_ns - points[i - 1].at_ns) / span_ns;
        return (double)points[i - 1].log_bytes +
               share * (double)(points[i].log_bytes - points[i - 1].log_bytes);
    }
    return count == 0 ? -1 : (double)points[count - 1].log_bytes;
}

int64_t trial_log_bytes(const struct trial *trial, int64_t start_ns, int64_t end_ns)
{
    size_t count;
    const struct bytes_point *points = observer_bytes(trial->observer, &count);
    double start = log_bytes_at(points, count, start_ns), end = log_bytes_at(points, count, end_ns);
    return start < 0 || end < 0 ? RECORD_NONE : (int64_t)(end - start);
}

int64_t trial_disk_peak_bytes(const struct trial *trial, int64_t start_ns)
{
    size_t count;
    const struct bytes_point *points = observer_bytes(trial->observer, &count);
    int64_t before = -1, peak = -1;
    for (size_t i = 0; i < count; i++) {
        if (points[i].database_bytes < 0)
            continue;
        if (points[i].at_ns <= start_ns || before < 0)
            before = points[i].database_bytes;
        if (points[i].at_ns > start_ns && points[i].database_bytes > peak)
            peak = points[i].database_bytes;
    }
    if (before < 0 || peak < 0)
        return RECORD_NONE;
    return peak > before ? peak - before : 0;
}

int64_t trial_backlog_max(const struct trial *trial)
{
    const struct series *series = pool_series(trial->pool);
    int64_t most = 0;
    for (size_t i = bin_of(trial, trial->zero_ns); i < series_bins(series); i++) {
        int64_t backlog = series_read(series, i, 1).backlog;
        most = backlog > most ? backlog : most;
    }
    return most;
}

double trial_throughput_ratio_min10s(const struct trial *trial, int64_t start_ns)
{
    const struct series *series = pool_series(trial->pool);
    const size_t window = (size_t)10 * BINS_PER_S;
    double worst = NAN;
    for (size_t i = bin_of(trial, start_ns) + 1; i + window < bin_of(trial, trial->end_ns);
         i += BINS_PER_S / 2) {
        struct series_point point = series_read(series, i, window);
        double ratio = point.due > 0 ? (double)point.completed / (double)point.due : 1;
        if (isnan(worst) || ratio < worst)
            worst = ratio;
    }
    return worst > 1 ? 1 : worst;
}

/* The blocked sessions that the watcher saw last before a moment. */
static int64_t blocked_at(const struct bytes_point *points, size_t count, int64_t at_ns)
{
    int64_t blocked = 0;
    for (size_t i = 0; i < count && points[i].at_ns <= at_ns; i++)
        blocked = points[i].blocked_sessions;
    return blocked;
}

static void add_point(struct arena *arena, const struct trial *trial, size_t first, size_t bins,
                      struct record_series *out)
{
    const struct series *series = pool_series(trial->pool);
    size_t count;
    const struct bytes_point *bytes = observer_bytes(trial->observer, &count);
    struct series_point point = series_read(series, first, bins);
    int64_t start_ns = series_zero_ns(series) + (int64_t)first * SERIES_BIN_NS;
    int64_t end_ns = start_ns + (int64_t)bins * SERIES_BIN_NS;
    double seconds = (double)bins / BINS_PER_S;
    int64_t log_bytes = trial_log_bytes(trial, start_ns, end_ns);
    bool measured = point.measured > 0;
    *RECORD_ADD(arena, out->t_s) = (double)(start_ns - trial->zero_ns) / NS_PER_S;
    *RECORD_ADD(arena, out->throughput_per_s) = (double)point.completed / seconds;
    *RECORD_ADD(arena, out->wal_bytes_per_s) = log_bytes == RECORD_NONE ? NAN : (double)log_bytes / seconds;
    *RECORD_ADD(arena, out->replica_lag_s) = trial_lag_s(trial, start_ns, end_ns);
    *RECORD_ADD(arena, out->backlog) = point.backlog;
    *RECORD_ADD(arena, out->in_flight) = point.in_flight;
    *RECORD_ADD(arena, out->p50_us) = measured ? point.p50_us : RECORD_NONE;
    *RECORD_ADD(arena, out->p90_us) = measured ? point.p90_us : RECORD_NONE;
    *RECORD_ADD(arena, out->p99_us) = measured ? point.p99_us : RECORD_NONE;
    *RECORD_ADD(arena, out->max_us) = measured ? point.max_us : RECORD_NONE;
    *RECORD_ADD(arena, out->failed) = point.failed;
    *RECORD_ADD(arena, out->blocked_sessions) = blocked_at(bytes, count, end_ns);
}

static void add_series(struct arena *arena, const struct trial *trial, size_t from, size_t to, size_t bins,
                       struct record_series *out)
{
    *out = (struct record_series){.bin_s = (double)bins / BINS_PER_S};
    for (size_t i = from; i + bins <= to; i += bins)
        add_point(arena, trial, i, bins, out);
}

void trial_timeline(struct arena *arena, const struct trial *trial, struct record_timeline *out)
{
    const struct migration_log *log = migrator_log(trial->migrator);
    size_t first = bin_of(trial, trial->zero_ns), last = bin_of(trial, trial->end_ns);
    add_series(arena, trial, first, last, BINS_PER_S, &out->coarse);
    size_t done = first, left = FINE_MAX_BINS;
    for (size_t i = 0; i < log->attempt_count && left > 0;) {
        size_t from = bin_of(trial, log->attempts[i].sent_ns), to = bin_of(trial, log->attempts[i].done_ns);
        from = from > done + FINE_MARGIN_BINS ? from - FINE_MARGIN_BINS : done;
        to += FINE_MARGIN_BINS + 1;
        for (i++; i < log->attempt_count; i++) { /* attempts that lie close together share one stretch */
            if (bin_of(trial, log->attempts[i].sent_ns) > to + FINE_MARGIN_BINS)
                break;
            to = bin_of(trial, log->attempts[i].done_ns) + FINE_MARGIN_BINS + 1;
        }
        to = to > last ? last : to;
        if (to <= from)
            continue;
        to = to - from > left ? from + left : to;
        add_series(arena, trial, from, to, 1, RECORD_ADD(arena, out->fine));
        left -= to - from;
        done = to;
    }
}
