#include "bench/observe/bytes.h"
#include "bench/observe/evidence.h"

#include <stdlib.h>
#include <unistd.h>

enum { TABLES_FAST = 4, KINDS = 2, PROBES_PER_TABLE_MAX = 2 * KINDS, CPUS_WORTH = 4 };

#define PROBE_ARMED_NS     (1 * NS_PER_MS)
#define TABLES_LIMIT_MS    1000
#define WATCHER_TIMEOUT_MS 1000

struct observer {
    struct observer_config config;
    struct pace pace;
    struct roster roster;
    struct tables tables;
    struct watcher watcher;
    struct attribution attribution;
    struct bytes bytes;
    struct probe *probes; /* probe threads keep pointers into it: never moved */
    size_t probe_count;
    const struct probe_log **logs;
    const struct dialect *dialect;
    bool stopped;
};

static struct wire_config wire_for(struct observer *observer, const char *role, int64_t statement_timeout_ms)
{
    return (struct wire_config){
        .target = observer->config.target,
        .run_id = observer->config.run_id,
        .role = role,
        .identity = observer->config.expected_identity,
        .pace = &observer->pace,
        .roster = &observer->roster,
        .statement_timeout_ms = statement_timeout_ms,
    };
}

/* Looks that all probes together may take in a millisecond: one for each CPU, since the server of a sandbox shares them. */
static int64_t looks_per_ms(void)
{
    int64_t cpus = sysconf(_SC_NPROCESSORS_ONLN);
    return cpus < 1 ? 1 : cpus < CPUS_WORTH ? cpus : CPUS_WORTH;
}

/* The second probe of a kind, half a period apart, is only for a single table: it would cost others their period. */
static bool start_probes_of(struct observer *observer, size_t table, struct err *err)
{
    int64_t tables = observer->config.table_count < TABLES_FAST ? (int64_t)observer->config.table_count
                                                                : TABLES_FAST;
    int64_t shared_ns = tables * KINDS * NS_PER_MS / looks_per_ms();
    int64_t period_ns = shared_ns > PROBE_ARMED_NS ? shared_ns : PROBE_ARMED_NS;
    bool fast = observer->config.level == OBSERVE_FULL && table < TABLES_FAST;
    int copies = fast && 2 * shared_ns <= period_ns ? 2 : 1;
    struct wire_config wire = wire_for(observer, "probe", 0);
    for (int i = 0; i < KINDS * copies; i++) {
        struct probe *probe = &observer->probes[observer->probe_count++];
        *probe = (struct probe){
            .pace = &observer->pace,
            .attribution = &observer->attribution,
            .quoted_table = observer->config.tables[table],
            .fast = fast,
            .spare = i >= KINDS,
            .offset_ns = (i >= KINDS ? period_ns / 2 : 0) + (i % KINDS) * period_ns / 4,
            .log = {.table = (int)table,
                    .write = i % KINDS == 1,
                    .period_ns = fast ? period_ns : PROBE_IDLE_NS},
        };
        if (!probe_start(probe, &wire, err))
            return false;
    }
    return true;
}

static bool start_lookouts(struct observer *observer, struct err *err)
{
    struct wire_config wire = wire_for(observer, "attribution", WATCHER_TIMEOUT_MS);
    observer->attribution.pace = &observer->pace;
    observer->attribution.clock = observer->config.clock;
    if (!attribution_start(&observer->attribution, &wire, err))
        return false;
    wire = wire_for(observer, "watch", WATCHER_TIMEOUT_MS);
    if (!watcher_start(&observer->watcher, &wire, err))
        return false;
    for (size_t i = 0; i < observer->config.table_count; i++) {
        if (!start_probes_of(observer, i, err))
            return false;
    }
    return true;
}

static bool start_all(struct observer *observer, struct err *err)
{
    struct wire_config wire = wire_for(observer, "tables", TABLES_LIMIT_MS);
    wire.lock_timeout_ms = TABLES_LIMIT_MS / 4;
    if (!tables_open(&observer->tables, &observer->config, &wire, err))
        return false;
    observer->dialect = db_dialect(observer->tables.wire.db);
    wire = wire_for(observer, "bytes", 0);
    return bytes_start(&observer->bytes, &wire, err) &&
           (observer->config.level == OBSERVE_OFF || start_lookouts(observer, err));
}

struct observer *observer_start(const struct observer_config *config, struct err *err)
{
    struct observer *observer = mem_alloc(sizeof *observer);
    observer->config = *config;
    pace_init(&observer->pace);
    roster_init(&observer->roster);
    observer->probes = mem_alloc((PROBES_PER_TABLE_MAX * config->table_count + 1) * sizeof *observer->probes);
    observer->watcher = (struct watcher){
        .pace = &observer->pace,
        .roster = &observer->roster,
        .clock = config->clock,
        .attribution = &observer->attribution,
        .fast = config->level == OBSERVE_FULL,
    };
    observer->bytes = (struct bytes){
        .pace = &observer->pace,
        .clock = config->clock,
        .watcher = &observer->watcher,
    };
    if (start_all(observer, err))
        return observer;
    observer_close(observer);
    return NULL;
}

void observer_arm(struct observer *observer, bool armed)
{
    pace_arm(&observer->pace, armed);
}

void observer_migration_session(struct observer *observer, int session, bool active)
{
    if (active)
        roster_join(&observer->roster, session, ROSTER_MIGRATION);
    else
        roster_leave(&observer->roster, session);
}

void observer_mark(struct observer *observer, int attempt, bool after)
{
    tables_mark(&observer->tables, attempt, after);
}

bool observer_sizes(struct observer *observer, struct arena *arena, struct table_size **sizes, size_t *count,
                    struct err *err)
{
    return tables_sizes(&observer->tables, arena, sizes, count, err);
}

bool observer_is_migration(struct observer *observer, int session)
{
    return roster_role(&observer->roster, session, clock_ns()) == ROSTER_MIGRATION;
}

int observer_blocked_now(const struct observer *observer)
{
    return observer->watcher.blocked;
}

void observer_stop(struct observer *observer)
{
    if (observer->stopped)
        return;
    observer->stopped = true;
    pace_stop(&observer->pace);
    for (size_t i = 0; i < observer->probe_count; i++)
        probe_join(&observer->probes[i]);
    watcher_join(&observer->watcher);
    attribution_join(&observer->attribution);
    bytes_join(&observer->bytes);
    tables_close(&observer->tables);
    observer->logs = mem_alloc((observer->probe_count + 1) * sizeof(struct probe_log *));
    for (size_t i = 0; i < observer->probe_count; i++)
        observer->logs[i] = &observer->probes[i].log;
}

void observer_close(struct observer *observer)
{
    if (observer == NULL)
        return;
    observer_stop(observer);
    for (size_t i = 0; i < observer->probe_count; i++)
        probe_free(&observer->probes[i]);
    watcher_free(&observer->watcher);
    attribution_free(&observer->attribution);
    bytes_free(&observer->bytes);
    tables_free(&observer->tables);
    roster_free(&observer->roster);
    pace_free(&observer->pace);
    free(observer->probes);
    free((void *)observer->logs);
    free(observer);
}

const struct bytes_point *observer_bytes(const struct observer *observer, size_t *count)
{
    *count = observer->bytes.count;
    return observer->bytes.points;
}

static struct evidence gather(struct observer *observer)
{
    return (struct evidence){
        .dialect = observer->dialect,
        .watcher = &observer->watcher.log,
        .probes = observer->logs,
        .probe_count = observer->probe_count,
        .sightings = observer->attribution.sightings,
        .sighting_count = observer->attribution.count,
        .tables = &observer->tables,
        .roster = &observer->roster,
        .watcher_period_ns = observer->config.level == OBSERVE_FULL ? observer->watcher.armed_ns
                                                                    : WATCHER_IDLE_NS,
        .clock_error_ns = observer->config.clock->error_ns,
    };
}

static bool all_notices(const struct observer *observer)
{
    bool all = observer->probe_count > 0;
    for (size_t i = 0; i < observer->probe_count; i++)
        all = all && observer->probes[i].log.notices;
    return all;
}

static bool any_refused(const struct observer *observer)
{
    bool any = false;
    for (size_t i = 0; i < observer->probe_count; i++)
        any = any || observer->probes[i].refused;
    return any;
}

static int times_lost(const struct observer *observer)
{
    int lost = observer->watcher.wire.lost + observer->attribution.wire.lost + observer->bytes.wire.lost +
               observer->tables.wire.lost;
    for (size_t i = 0; i < observer->probe_count; i++)
        lost += observer->probes[i].wire.lost;
    return lost;
}

static const char *why_waits_untold(const struct observer *observer)
{
    bool denied = false;
    for (size_t i = 0; i < observer->probe_count; i++)
        denied = denied || observer->probes[i].wire.denied;
    if (denied && observer->dialect->waits_denied != NULL)
        return observer->dialect->waits_denied;
    return observer->dialect->waits_untold != NULL
               ? observer->dialect->waits_untold
               : "Latency only: the server does not say how long a probe waited, so that short waits are "
                 "told from noise by their length alone.";
}

static const char *why_degraded(const struct observer *observer, const struct observer_quality *quality)
{
    if (observer->config.level == OBSERVE_OFF)
        return "Nothing watched the locks: observing was switched off.";
    if (any_refused(observer))
        return "The role may not lock some of the watched tables: their probes did not run, short blocking "
               "may be missed.";
    if (quality->lost_connection)
        return "An observer lost its connection and had to reconnect: blocking in between may be missed.";
    if (observer->watcher.log.source == WATCHER_NOTHING && observer->dialect->locks_untold != NULL)
        return observer->watcher.log.denied && observer->dialect->locks_denied != NULL
                   ? observer->dialect->locks_denied
                   : observer->dialect->locks_untold;
    if (!quality->notices && observer->probe_count > 0)
        return why_waits_untold(observer);
    return observer->watcher.log.source == WATCHER_WEAK ? observer->dialect->modes_untold : NULL;
}

struct observer_quality observer_quality(const struct observer *observer)
{
    struct evidence evidence = {
        .watcher = &observer->watcher.log,
        .probes = observer->logs,
        .probe_count = observer->probe_count,
        .tables = &observer->tables,
    };
    struct interval always = {0, CLOCK_NEVER_NS};
    struct observer_quality quality = {
        .watcher_gap_max_us = observer->watcher.log.holes.longest_ns / NS_PER_US,
        .probe_gap_max_us = evidence_probe_gap_ns(&evidence, -1, always) / NS_PER_US,
        .clock_error_us = observer->config.clock->error_ns / NS_PER_US,
        .notices = all_notices(observer),
        .lost_connection = times_lost(observer) > 0,
    };
    for (size_t i = 0; i < observer->probe_count; i++) {
        int64_t slip_us = observer->probes[i].log.holes.late_longest_ns / NS_PER_US;
        quality.probe_slip_max_us = slip_us > quality.probe_slip_max_us ? slip_us : quality.probe_slip_max_us;
    }
    quality.degraded = why_degraded(observer, &quality);
    return quality;
}

struct attempt_locks *observer_attempt_locks(struct observer *observer, struct arena *arena,
                                             const struct attempt_span *attempts,
                                             const struct attempt_statement *statements, size_t count)
{
    struct evidence evidence = gather(observer);
    struct attempt_locks *locks = arena_alloc(arena, (count + 1) * sizeof *locks);
    for (size_t i = 0; i < count; i++)
        locks[i] = attempt_locks(&evidence, arena, &attempts[i], &statements[i], (int)i);
    return locks;
}

bool observer_episodes(struct observer *observer, struct arena *arena, const struct episode_input *input,
                       struct episode **episodes, size_t *count)
{
    struct evidence evidence = gather(observer);
    episodes_join(&evidence, arena, input, episodes, count);
    return true;
}
