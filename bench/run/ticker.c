#include "bench/run/ticker.h"

#include "bench/base/log.h"
#include "bench/base/units.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define TICK_NS        (200 * NS_PER_MS)
#define LINE_EVERY_NS  (10 * NS_PER_S) /* where stderr is no terminal */
#define GUARD_EVERY_NS NS_PER_S

struct ticker {
    struct trial *trial;
    struct guard_watch *watch;
    pthread_t thread;
    _Atomic bool stop;
    struct hist recent; /* scratch of pool_recent */
    int64_t last_ns, last_completed;
    bool suspected; /* a writer was seen in the poll before */
    char line[400];
};

/* " 62.1 %" while a backfill runs, else "". */
static void backfill_share(const struct ticker *ticker, char *text, size_t size)
{
    int64_t rows;
    double share = migrator_backfill_share(ticker->trial->migrator, &rows);
    text[0] = '\0';
    if (share >= 0)
        snprintf(text, size, " %.1f %%", 100 * share);
}

/* ", lag 1.9 s" where there are replicas, else "". */
static void replica_lag(const struct ticker *ticker, char *text, size_t size)
{
    struct replication *replication = ticker->trial->replication;
    char figure[32];
    text[0] = '\0';
    if (replication == NULL)
        return;
    int64_t lag_ns = replication_lag_ns(replication);
    snprintf(text, size, ", lag %s",
             lag_ns < 0 ? "unknown" : units_format_duration(lag_ns, figure, sizeof figure));
}

static void make_line(struct ticker *ticker)
{
    struct trial *trial = ticker->trial;
    struct pool_progress load = pool_progress(trial->pool);
    int64_t now_ns = clock_ns(), p50_us, p99_us, max_us;
    pool_recent(trial->pool, &ticker->recent, &p50_us, &p99_us, &max_us);
    double elapsed_s = (double)(now_ns - ticker->last_ns) / NS_PER_S;
    double rate = elapsed_s > 0 ? (double)(load.completed - ticker->last_completed) / elapsed_s : 0;
    const char *phase = atomic_load(&trial->phase_name);
    char share[32], p50[32], p99[32], max[32], lag[48], waiting[64] = "";
    backfill_share(ticker, share, sizeof share);
    replica_lag(ticker, lag, sizeof lag);
    if (load.backlog > 0)
        snprintf(waiting, sizeof waiting, ", backlog %lld", (long long)load.backlog);
    snprintf(ticker->line, sizeof ticker->line,
             "%s: %.1f s, phase %s%s, %.1f/s, p50 %s, p99 %s, max %s, blocked %d%s%s, failed %lld",
             trial->config->label, trial->zero_ns ? (double)(now_ns - trial->zero_ns) / NS_PER_S : 0.0,
             phase ? phase : "connecting", share, rate,
             units_format_duration(p50_us * NS_PER_US, p50, sizeof p50),
             units_format_duration(p99_us * NS_PER_US, p99, sizeof p99),
             units_format_duration(max_us * NS_PER_US, max, sizeof max),
             observer_blocked_now(trial->observer), lag, waiting, (long long)load.failed);
    ticker->last_ns = now_ns;
    ticker->last_completed = load.completed;
}

static void watch_writers(struct ticker *ticker)
{
    struct trial *trial = ticker->trial;
    if (ticker->watch == NULL || atomic_load(&trial->stop) != 0)
        return;
    struct err found = {0};
    bool clear = guard_watch_poll(ticker->watch, &found), again = ticker->suspected;
    ticker->suspected = !clear;
    /* A command's session may write before it has been recognised: a writer is one when it is still there. */
    if (clear || (!again && strategy_has_command(trial->config->strategy)))
        return;
    trial->stop_reason = found;
    atomic_store(&trial->stop, 1);
    migrator_cancel(trial->migrator);
    log_warn("%s", found.message);
}

static void *tick(void *context)
{
    struct ticker *ticker = context;
    bool terminal = isatty(STDERR_FILENO) != 0;
    int64_t line_ns = clock_ns() + (terminal ? 0 : LINE_EVERY_NS), guard_ns = clock_ns();
    while (!atomic_load(&ticker->stop)) {
        clock_sleep_ns(TICK_NS);
        int64_t now_ns = clock_ns();
        if (now_ns >= guard_ns || ticker->suspected) {
            watch_writers(ticker);
            guard_ns = now_ns + GUARD_EVERY_NS;
        }
        if (now_ns < line_ns)
            continue;
        make_line(ticker);
        line_ns = now_ns + (terminal ? NS_PER_S / 2 : LINE_EVERY_NS);
        if (terminal)
            log_status(ticker->line);
        else
            log_info("progress: %s", ticker->line);
    }
    log_status("");
    return NULL;
}

static bool is_of_migration(void *context, int session)
{
    const struct trial *trial = context;
    return observer_is_migration(trial->observer, session);
}

struct ticker *ticker_start(struct trial *trial, struct err *err)
{
    struct ticker *ticker = mem_alloc(sizeof *ticker);
    ticker->trial = trial;
    ticker->last_ns = clock_ns();
    if (!trial->config->throw_away) {
        ticker->watch = guard_watch_open(trial->config->target, trial->config->identity, trial->watched.ids,
                                         trial->watched.count, err);
        if (ticker->watch == NULL) {
            free(ticker);
            return NULL;
        }
        guard_watch_excuse(ticker->watch, is_of_migration, trial);
    }
    if (pthread_create(&ticker->thread, NULL, tick, ticker) != 0) {
        err_set(err, ERR_INTERNAL, "no thread for the progress line");
        guard_watch_close(ticker->watch);
        free(ticker);
        return NULL;
    }
    return ticker;
}

void ticker_stop(struct ticker *ticker)
{
    atomic_store(&ticker->stop, true);
    pthread_join(ticker->thread, NULL);
    guard_watch_close(ticker->watch);
    free(ticker);
}
