#include "bench/run/trial_timeline.h"

#include <math.h>
#include <stdlib.h>

/* The points of (from, to] of a list with one every LAG_POINT_NS. */
static const struct lag_point *points_between(const struct trial *trial, size_t replica, int64_t from_ns,
                                              int64_t to_ns, size_t *count)
{
    size_t all;
    const struct lag_point *points = replication_points(trial->replication, replica, &all);
    int64_t first = all == 0 || points[0].at_ns > from_ns ? 0
                                                          : (from_ns - points[0].at_ns) / LAG_POINT_NS + 1;
    size_t at = (size_t)first < all ? (size_t)first : all;
    for (*count = 0; at + *count < all && points[at + *count].at_ns <= to_ns;)
        ++*count;
    return points + at;
}

double trial_lag_s(const struct trial *trial, int64_t start_ns, int64_t end_ns)
{
    int64_t worst_ns = -1;
    for (size_t i = 0; i < trial->config->replica_count; i++) {
        size_t count;
        const struct lag_point *points = points_between(trial, i, start_ns, end_ns, &count);
        for (size_t k = 0; k < count; k++) {
            if (points[k].lag_ns < 0)
                return NAN;
            worst_ns = points[k].lag_ns > worst_ns ? points[k].lag_ns : worst_ns;
        }
    }
    return worst_ns < 0 ? NAN : (double)worst_ns / NS_PER_S;
}

/* Of the phases that limits count in. False: none ran. */
static bool find_span(const struct trial *trial, int64_t *start_ns, int64_t *end_ns)
{
    *start_ns = 0;
    for (size_t i = 0; i < trial->phase_count; i++) {
        const struct trial_phase *phase = &trial->phases[i];
        if (phase->kind != TRIAL_MIGRATION && phase->kind != TRIAL_SETTLE)
            continue;
        *start_ns = *start_ns ? *start_ns : phase->start_ns;
        *end_ns = phase->end_ns;
    }
    return *start_ns != 0;
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static struct record_replica summarise(struct arena *arena, const char *label, const struct lag_point *points,
                                       size_t count)
{
    struct record_replica out = {
        .name = arena_strdup(arena, label), .lag_max_s = NAN, .lag_p99_s = NAN, .lag_max_bytes = RECORD_NONE};
    double *lags_s = arena_alloc(arena, (count + 1) * sizeof *lags_s);
    size_t known = 0;
    for (size_t i = 0; i < count; i++) {
        if (points[i].lag_ns >= 0)
            lags_s[known++] = (double)points[i].lag_ns / NS_PER_S;
        if (points[i].lag_bytes >= 0 && points[i].lag_bytes > out.lag_max_bytes)
            out.lag_max_bytes = points[i].lag_bytes;
    }
    out.unknown_s = (double)(count - known) * LAG_POINT_NS / NS_PER_S;
    if (known == 0)
        return out;
    qsort(lags_s, known, sizeof *lags_s, by_size);
    out.lag_max_s = lags_s[known - 1];
    out.lag_p99_s = lags_s[(known * 99 + 99) / 100 - 1];
    return out;
}

static void sum_pauses(const struct trial *trial, struct record_replication *out)
{
    const struct migration_log *log = migrator_log(trial->migrator);
    for (size_t i = 0; i < log->backfill_count; i++) {
        out->pauses += log->backfills[i]->lag_pauses;
        out->paused_s += (double)log->backfills[i]->lag_paused_ns / NS_PER_S;
    }
}

static void add_notes(struct arena *arena, struct record_strategy *out)
{
    const struct record_replication *replication = &out->replication;
    const char *whom = replication->replicas.count == 1 ? "replica" : "replicas";
    if (replication->pauses == 1)
        *RECORD_ADD(arena, out->notes) = arena_printf(arena, "the backfill paused once, %.1f s, for the %s",
                                                      replication->paused_s, whom);
    if (replication->pauses > 1)
        *RECORD_ADD(arena, out->notes) = arena_printf(
            arena, "the backfill paused %lld times, %.1f s in all, for the %s",
            (long long)replication->pauses, replication->paused_s, whom);
    for (size_t i = 0; i < replication->replicas.count; i++)
        if (replication->replicas.items[i].unknown_s > 0)
            *RECORD_ADD(arena, out->notes) = arena_printf(
                arena, "the lag of replica %s was not known for %.1f s", replication->replicas.items[i].name,
                replication->replicas.items[i].unknown_s);
}

void trial_replicas(struct arena *arena, const struct trial *trial, struct record_strategy *out)
{
    int64_t start_ns, end_ns = 0;
    if (trial->config->replica_count == 0)
        return;
    bool ran = find_span(trial, &start_ns, &end_ns);
    for (size_t i = 0; i < trial->config->replica_count; i++) {
        size_t count = 0;
        const struct lag_point *points = ran ? points_between(trial, i, start_ns, end_ns, &count) : NULL;
        *RECORD_ADD(arena, out->replication.replicas) = summarise(arena, trial->config->replicas[i].label,
                                                                  points, count);
    }
    sum_pauses(trial, &out->replication);
    add_notes(arena, out);
}
