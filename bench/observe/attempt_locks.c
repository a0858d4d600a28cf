#include "bench/observe/attempt_work.h"

#include <string.h>

#define DEGRADED_GAP_NS (5 * NS_PER_MS)

static bool timed_out(const struct work *work)
{
    return work->attempt->outcome == OUTCOME_LOCK_TIMEOUT;
}

static struct lock_figure figure(int64_t value_ns, int64_t low_ns, int64_t high_ns, const char *source,
                                 int64_t gap_ns)
{
    low_ns = later(0, low_ns);
    high_ns = later(low_ns, high_ns);
    value_ns = later(low_ns, earlier(value_ns, high_ns));
    return (struct lock_figure){value_ns / 1000, low_ns / 1000, (high_ns + 999) / 1000, source,
                                gap_ns / 1000};
}

static int watched(const struct work *work, uint32_t object)
{
    const struct tables_object *known = tables_object(work->evidence->tables, object);
    return known == NULL ? -1 : known->watched;
}

/* True when the server told a probe of this kind on the table that it waited while the attempt was under way. */
static bool probe_waited(const struct work *work, int table, bool write)
{
    for (size_t i = 0; i < work->evidence->probe_count; i++) {
        const struct probe_log *log = work->evidence->probes[i];
        for (size_t j = 0; j < log->sample_count && log->table == table && log->write == write; j++) {
            const struct probe_sample *sample = &log->samples[j];
            if (sample->waited_us > 0 && sample->sent_ns >= work->request_ns - ATTEMPT_SLACK_NS &&
                sample->sent_ns < work->attempt->done_ns && sample->done_ns > work->after_ns)
                return true;
        }
    }
    return false;
}

int attempt_mode_from_probes(struct work *work)
{
    const struct dialect_lock_mode *modes = work->evidence->dialect->lock_modes;
    for (int table = 0; table < (int)work->evidence->tables->count; table++) {
        bool reads = probe_waited(work, table, false), writes = probe_waited(work, table, true);
        for (int mode = 0; (reads || writes) && modes[mode].name != NULL; mode++) {
            if ((!reads || modes[mode].blocks_reads) && (!writes || modes[mode].blocks_writes)) {
                work->table = table;
                return mode;
            }
        }
    }
    return -1;
}

/* Chooses the table and mode that shut others out most, and falls back on what such a statement is known to take. */
static void choose_strongest(struct work *work, struct attempt_locks *locks)
{
    locks->strongest = -1;
    work->table = -1;
    for (size_t i = 0; i < work->hold_count; i++) {
        if (watched(work, work->holds[i].object) >= 0 && work->holds[i].mode > locks->strongest) {
            locks->strongest = work->holds[i].mode;
            work->table = watched(work, work->holds[i].object);
        }
    }
    for (size_t i = 0; i < work->wait_count; i++) {
        const struct wait *wait = &work->waits[i];
        if (!wait->relation || watched(work, wait->object) < 0 || wait->mode < locks->strongest)
            continue;
        locks->strongest = wait->mode;
        work->table = watched(work, wait->object);
        if (work->main_wait == NULL || wait->mode >= work->main_wait->mode)
            work->main_wait = wait;
    }
    if (locks->strongest < 0) {
        work->table = work->named;
        locks->strongest = work->table >= 0 ? work->expected : -1;
    }
    if (locks->strongest < 0)
        locks->strongest = attempt_mode_from_probes(work);
    locks->object = work->table >= 0 ? work->evidence->tables->names[work->table] : NULL;
}

static struct interval statement_time(const struct work *work)
{
    return (struct interval){work->request_ns, work->after_ns};
}

static struct lock_figure find_queued(const struct work *work)
{
    int64_t gap_ns = evidence_watcher_gap_ns(work->evidence, statement_time(work));
    int64_t statement_ns = work->after_ns - work->request_ns;
    if (work->wait_count == 0) {
        if (timed_out(work))
            return figure(statement_ns, 0, statement_ns, "stamps", gap_ns);
        return figure(0, 0, earlier(gap_ns, statement_ns), "bound", gap_ns);
    }
    struct interval_list least = {0}, most = {0};
    for (size_t i = 0; i < work->wait_count; i++) {
        interval_add(&least, work->waits[i].start_ns, work->waits[i].last_seen_ns);
        interval_add(&most, work->waits[i].start_ns, work->waits[i].end_high_ns);
    }
    interval_union(&least);
    interval_union(&most);
    int64_t low_ns = interval_total_ns(&least), high_ns = interval_total_ns(&most);
    interval_free(&least);
    interval_free(&most);
    return figure((low_ns + high_ns) / 2, low_ns - work->evidence->clock_error_ns,
                  high_ns + work->evidence->clock_error_ns, "watcher", gap_ns);
}

static bool was_granted(const struct work *work)
{
    if (work->staged)
        return work->grant.high_ns != 0;
    if (timed_out(work))
        return false;
    if (work->attempt->outcome == OUTCOME_OK)
        return true;
    for (size_t i = 0; i < work->hold_count; i++) {
        if (watched(work, work->holds[i].object) == work->table && work->table >= 0)
            return true;
    }
    return false;
}

static void find_grant(struct work *work, int strongest)
{
    struct moment *grant = &work->grant;
    if (work->main_wait != NULL) {
        grant->low_ns = work->main_wait->last_seen_ns;
        grant->high_ns = work->main_wait->end_high_ns;
        grant->value_ns = (grant->low_ns + grant->high_ns) / 2;
        return;
    }
    grant->low_ns = grant->value_ns = work->request_ns;
    grant->high_ns = work->after_ns;
    for (size_t i = 0; i < work->hold_count; i++) {
        if (watched(work, work->holds[i].object) == work->table && work->holds[i].mode == strongest)
            grant->high_ns = earlier(grant->high_ns, work->holds[i].first_seen_ns);
    }
    grant->high_ns = later(grant->high_ns, grant->low_ns);
}

static int64_t release_no_sooner_than(const struct work *work)
{
    int64_t low_ns = later(work->request_ns, work->attempt->end_ns);
    for (size_t i = 0; i < work->hold_count; i++)
        low_ns = later(low_ns, work->holds[i].last_seen_ns);
    if (work->main_wait != NULL)
        low_ns = later(low_ns, work->main_wait->last_seen_ns);
    return earlier(low_ns, work->attempt->done_ns);
}

/* A look of a probe on the attempt's table that waited when the lock was still there and went on after it. */
static bool saw_release(const struct work *work, const struct probe_log *log,
                        const struct probe_sample *sample)
{
    return log->table == work->table && sample->answered && probe_was_blocked(log, sample) &&
           sample->sent_ns < work->attempt->done_ns && sample->done_ns >= work->release.low_ns &&
           sample->done_ns > work->request_ns;
}

static void find_release(struct work *work)
{
    struct moment *release = &work->release;
    release->low_ns = release_no_sooner_than(work);
    release->high_ns = release->value_ns = work->attempt->done_ns;
    work->release_source = work->of_command ? "watcher" : "stamps";
    for (size_t i = 0; i < work->evidence->probe_count; i++) {
        const struct probe_log *log = work->evidence->probes[i];
        for (size_t j = 0; j < log->sample_count; j++) {
            if (saw_release(work, log, &log->samples[j]) && log->samples[j].done_ns < release->high_ns) {
                release->high_ns = release->value_ns = log->samples[j].done_ns;
                work->release_source = "probe";
            }
        }
    }
}

/* The longest wait that a probe was told by the server and that lay inside the window; 0 when there is none. The server
 * times a wait until the woken session runs again: on a busy host that is after the release, so this bounds nothing. */
static int64_t longest_notice_ns(const struct work *work)
{
    int64_t longest_ns = 0;
    for (size_t i = 0; i < work->evidence->probe_count; i++) {
        const struct probe_log *log = work->evidence->probes[i];
        for (size_t j = 0; j < log->sample_count; j++) {
            const struct probe_sample *sample = &log->samples[j];
            int64_t waited_ns = sample->waited_us * NS_PER_US;
            if (sample->waited_us > 0 && saw_release(work, log, sample) &&
                sample->sent_ns >= work->request_ns - ATTEMPT_SLACK_NS)
                longest_ns = later(longest_ns, waited_ns);
        }
    }
    return longest_ns;
}

static struct lock_figure find_window(const struct work *work, const struct attempt_locks *locks)
{
    struct interval span = {work->request_ns, work->release.high_ns};
    int64_t gap_ns = later(evidence_watcher_gap_ns(work->evidence, span),
                           evidence_probe_gap_ns(work->evidence, work->table, span));
    if (!locks_mode_is_strong(work->evidence->dialect->lock_modes, locks->strongest))
        return figure(0, 0, 0, "bound", gap_ns);
    if (work->staged)
        return figure(work->release.value_ns - work->start.value_ns,
                      work->release.low_ns - work->start.high_ns - work->evidence->clock_error_ns,
                      work->release.high_ns - work->start.low_ns + work->evidence->clock_error_ns,
                      work->release_source, gap_ns);
    int64_t start_low_ns = work->main_wait != NULL ? work->main_wait->start_ns : work->request_ns;
    int64_t start_high_ns = work->main_wait != NULL ? start_low_ns : work->grant.high_ns;
    int64_t notice_ns = longest_notice_ns(work), value_ns = work->release.value_ns - start_low_ns;
    int64_t low_ns = work->release.low_ns - start_high_ns - work->evidence->clock_error_ns;
    int64_t high_ns = work->release.high_ns - start_low_ns + work->evidence->clock_error_ns;
    const char *source = work->release_source;
    if (notice_ns > 0 && work->main_wait == NULL) {
        value_ns = notice_ns;
        source = "notice";
    }
    return figure(value_ns, low_ns, high_ns, source, gap_ns);
}

static struct lock_figure find_held(const struct work *work, int strongest, int64_t gap_ns)
{
    if (!was_granted(work))
        return figure(0, 0, 0, "stamps", gap_ns);
    if (strongest < 0)
        return figure(0, 0, 0, "bound", gap_ns);
    int64_t error_ns = work->evidence->clock_error_ns;
    return figure(work->release.value_ns - work->grant.value_ns,
                  work->release.low_ns - work->grant.high_ns - error_ns,
                  work->release.high_ns - work->grant.low_ns + error_ns, work->release_source, gap_ns);
}

static int64_t waited_us(const struct work *work, uint32_t object, int mode)
{
    int64_t waited_ns = 0;
    for (size_t i = 0; i < work->wait_count; i++) {
        const struct wait *wait = &work->waits[i];
        if (wait->relation && wait->object == object && wait->mode == mode)
            waited_ns += (wait->last_seen_ns + wait->end_high_ns) / 2 - wait->start_ns;
    }
    return waited_ns / NS_PER_US;
}

static bool is_listed(const struct attempt_locks *locks, const char *object, int mode)
{
    for (size_t i = 0; i < locks->lock_count; i++) {
        if (locks->locks[i].mode == mode && strcmp(locks->locks[i].object, object) == 0)
            return true;
    }
    return false;
}

/* A mode that was held several times is listed once, with all of its time. */
static bool add_to_listed(struct attempt_locks *locks, const char *object, int mode, int64_t held_us)
{
    for (size_t i = 0; i < locks->lock_count; i++) {
        struct lock_held *listed = &locks->locks[i];
        if (listed->mode == mode && strcmp(listed->object, object) == 0) {
            listed->held_us += held_us;
            return true;
        }
    }
    return false;
}

/* A lock that was seen to be waited for, but not held: it was refused, or gone before the next snapshot. */
static void list_wait(const struct work *work, const struct wait *wait, struct attempt_locks *locks)
{
    const struct tables_object *known = tables_object(work->evidence->tables, wait->object);
    if (!wait->relation || known == NULL || is_listed(locks, known->name, wait->mode))
        return;
    bool is_main = work->main_wait != NULL && wait->object == work->main_wait->object &&
                   wait->mode == work->main_wait->mode;
    locks->locks[locks->lock_count++] = (struct lock_held){
        .object = known->name,
        .mode = wait->mode,
        .held_us = is_main ? locks->held.value_us : 0,
        .waited_us = timed_out(work) && is_main ? locks->queued.value_us
                                                : waited_us(work, wait->object, wait->mode),
        .seen = true,
    };
}

static void list_locks(const struct work *work, struct attempt_locks *locks)
{
    size_t capacity = work->hold_count + work->wait_count + 1;
    locks->locks = arena_alloc(work->arena, capacity * sizeof *locks->locks);
    for (size_t i = 0; i < work->hold_count; i++) {
        const struct hold *hold = &work->holds[i];
        int64_t from_ns = later(work->grant.value_ns, work->request_ns);
        if (work->main_wait == NULL || work->main_wait->object != hold->object)
            from_ns = earlier(hold->first_seen_ns, later(from_ns, work->request_ns));
        const char *object = tables_object(work->evidence->tables, hold->object)->name;
        int64_t held_us = later(0, work->release.value_ns - from_ns) / NS_PER_US;
        if (work->staged) {
            held_us = (hold->to_ns - hold->from_ns) / NS_PER_US;
            if (add_to_listed(locks, object, hold->mode, held_us))
                continue;
        }
        locks->locks[locks->lock_count++] = (struct lock_held){
            .object = object,
            .mode = hold->mode,
            .held_us = held_us,
            .waited_us = waited_us(work, hold->object, hold->mode),
            .seen = true,
        };
    }
    for (size_t i = 0; i < work->wait_count; i++)
        list_wait(work, &work->waits[i], locks);
    if (locks->lock_count == 0 && locks->strongest >= 0)
        locks->locks[locks->lock_count++] = (struct lock_held){
            .object = locks->object, .mode = locks->strongest, .held_us = locks->held.value_us};
}

/* Where no lock is listed, what shut others out was the queue for the lock, or the lock: each may be all of it. What ended in
 * lock_timeout was never granted. */
static void bound_untold(const struct work *work, struct attempt_locks *locks)
{
    locks->degraded = true;
    if (timed_out(work)) {
        locks->held = figure(0, 0, 0, "stamps", 0);
        locks->grant_ns = 0;
        locks->queued = locks->window;
        return;
    }
    locks->untold = true;
    locks->held.low_us = locks->queued.value_us = locks->queued.low_us = 0;
    locks->held.value_us = locks->window.value_us;
    locks->held.high_us = locks->queued.high_us = locks->window.high_us;
    locks->held.source = locks->queued.source = "bound";
}

static struct attempt_locks work_out(struct work work, int8_t rewrite)
{
    const struct attempt_span *attempt = work.attempt;
    const struct evidence *evidence = work.evidence;
    struct attempt_locks locks = {.rewrite = rewrite};
    work.request_ns = attempt->request_ns != 0 ? attempt->request_ns : attempt->sent_ns;
    work.after_ns = later(work.request_ns, attempt->after_ns != 0 ? attempt->after_ns : attempt->done_ns);
    attempt_read(&work);
    work.staged = evidence->dialect->locks_in_stages && attempt_stages(&work, &locks);
    if (!work.staged) {
        choose_strongest(&work, &locks);
        find_grant(&work, locks.strongest);
        find_release(&work);
    }
    locks.queued = find_queued(&work);
    locks.window = find_window(&work, &locks);
    locks.held = find_held(&work, locks.strongest, locks.window.gap_us * NS_PER_US);
    locks.grant_ns = was_granted(&work) ? work.grant.value_ns : 0;
    locks.release_ns = work.release.value_ns;
    if (timed_out(&work) && !was_granted(&work) &&
        locks_mode_is_strong(evidence->dialect->lock_modes, locks.strongest))
        locks.queued = locks.window;
    struct interval span = {work.request_ns, work.release.high_ns};
    locks.degraded = locks.window.gap_us * NS_PER_US > DEGRADED_GAP_NS ||
                     evidence_probes_late(evidence, work.table, span);
    if (!evidence_lists_locks(evidence) &&
        locks_mode_is_strong(evidence->dialect->lock_modes, locks.strongest))
        bound_untold(&work, &locks);
    list_locks(&work, &locks);
    return locks;
}

struct attempt_locks attempt_part_locks(const struct evidence *evidence, struct arena *arena,
                                        const struct attempt_span *part)
{
    return work_out((struct work){.evidence = evidence,
                                  .arena = arena,
                                  .attempt = part,
                                  .named = -1,
                                  .expected = -1,
                                  .of_command = true},
                    -1);
}

struct attempt_locks attempt_locks(const struct evidence *evidence, struct arena *arena,
                                   const struct attempt_span *attempt,
                                   const struct attempt_statement *statement, int index)
{
    if (attempt->session == 0)
        return attempt_command(evidence, arena, attempt, index);
    return work_out((struct work){.evidence = evidence,
                                  .arena = arena,
                                  .attempt = attempt,
                                  .named = tables_find(evidence->tables, statement->table),
                                  .expected = evidence->dialect->expected_lock(statement->kind)},
                    tables_rewritten(evidence->tables, index));
}
