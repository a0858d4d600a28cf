#include "bench/observe/attempt_work.h"

/* A stretch of time in which one table was shut. */
struct stretch {
    struct interval time;
    int table;
};

static bool is_strong(const struct work *work, int mode)
{
    return locks_mode_is_strong(work->evidence->dialect->lock_modes, mode);
}

static int watched(const struct work *work, uint32_t object)
{
    const struct tables_object *known = tables_object(work->evidence->tables, object);
    return known == NULL ? -1 : known->watched;
}

static bool shuts_hold(const struct work *work, const struct hold *hold, int table)
{
    return watched(work, hold->object) == table && is_strong(work, hold->mode);
}

static bool shuts_wait(const struct work *work, const struct wait *wait, int table)
{
    return wait->relation && watched(work, wait->object) == table && is_strong(work, wait->mode);
}

/* When a look of a probe began to wait; 0: it does not tell of this attempt. */
static int64_t blocked_since(const struct work *work, const struct probe_log *log,
                             const struct probe_sample *sample, int table)
{
    if (log->table != table || !sample->answered || !probe_was_blocked(log, sample) ||
        sample->done_ns <= work->request_ns || sample->sent_ns >= work->attempt->done_ns)
        return 0;
    int64_t waited_ns = sample->waited_us > 0 ? sample->waited_us * NS_PER_US : 0;
    int64_t since_ns = waited_ns > 0 ? later(sample->sent_ns, sample->done_ns - waited_ns) : sample->sent_ns;
    return later(since_ns, work->request_ns);
}

static void add_probes(const struct work *work, int table, struct interval_list *shut)
{
    for (size_t i = 0; i < work->evidence->probe_count; i++) {
        const struct probe_log *log = work->evidence->probes[i];
        for (size_t j = 0; j < log->sample_count; j++) {
            int64_t since_ns = blocked_since(work, log, &log->samples[j], table);
            if (since_ns > 0)
                interval_add(shut, since_ns, earlier(log->samples[j].done_ns, work->attempt->done_ns));
        }
    }
}

/* All that shows the table shut, each as long as it may have lasted, so that what follows at once is joined. True when a
 * snapshot shows the attempt's session in it. */
static bool add_snapshots(const struct work *work, int table, struct interval_list *shut)
{
    size_t before = shut->count;
    for (size_t i = 0; i < work->hold_count; i++)
        if (shuts_hold(work, &work->holds[i], table))
            interval_add(shut, work->holds[i].first_low_ns, work->holds[i].last_high_ns);
    for (size_t i = 0; i < work->wait_count; i++)
        if (shuts_wait(work, &work->waits[i], table))
            interval_add(shut, work->waits[i].start_ns,
                         later(work->waits[i].end_high_ns, work->waits[i].last_seen_ns));
    return shut->count > before;
}

/* Probes count where the session was seen to lock the table, or is known to by its kind of statement. */
static void find_on_table(const struct work *work, int table, struct stretch *longest)
{
    struct interval_list shut = {0};
    bool seen = add_snapshots(work, table, &shut);
    if (seen || (table == work->named && (work->expected < 0 || is_strong(work, work->expected))))
        add_probes(work, table, &shut);
    interval_union(&shut);
    for (size_t i = 0; i < shut.count; i++) {
        struct interval time = shut.items[i];
        if (time.end_ns - time.start_ns > longest->time.end_ns - longest->time.start_ns)
            *longest = (struct stretch){time, table};
    }
    interval_free(&shut);
}

static bool meets(const struct stretch *stretch, int64_t from_ns, int64_t to_ns)
{
    return from_ns <= stretch->time.end_ns && to_ns >= stretch->time.start_ns;
}

/* The first strong hold of the stretch; NULL: too short to be seen. */
static const struct hold *first_hold(const struct work *work, const struct stretch *stretch)
{
    const struct hold *first = NULL;
    for (size_t i = 0; i < work->hold_count; i++) {
        const struct hold *hold = &work->holds[i];
        if (shuts_hold(work, hold, stretch->table) &&
            meets(stretch, hold->first_seen_ns, hold->last_seen_ns) &&
            (first == NULL || hold->first_seen_ns < first->first_seen_ns))
            first = hold;
    }
    return first;
}

/* The wait of the stretch that ended in the hold; without a hold, its longest. */
static const struct wait *wait_for(const struct work *work, const struct stretch *stretch,
                                   const struct hold *hold)
{
    const struct wait *found = NULL;
    for (size_t i = 0; i < work->wait_count; i++) {
        const struct wait *wait = &work->waits[i];
        if (!shuts_wait(work, wait, stretch->table) || !meets(stretch, wait->start_ns, wait->end_high_ns))
            continue;
        if (hold != NULL && (wait->mode != hold->mode || wait->start_ns > hold->first_seen_ns ||
                             wait->end_high_ns + ATTEMPT_SLACK_NS < hold->first_low_ns))
            continue;
        if (found == NULL || wait->last_seen_ns - wait->start_ns > found->last_seen_ns - found->start_ns)
            found = wait;
    }
    return found;
}

/* When the first look of a probe in the stretch began to wait; CLOCK_NEVER_NS: none did. */
static int64_t first_blocked(const struct work *work, const struct stretch *stretch)
{
    int64_t first_ns = CLOCK_NEVER_NS;
    for (size_t i = 0; i < work->evidence->probe_count; i++) {
        const struct probe_log *log = work->evidence->probes[i];
        for (size_t j = 0; j < log->sample_count; j++) {
            int64_t since_ns = blocked_since(work, log, &log->samples[j], stretch->table);
            if (since_ns >= stretch->time.start_ns && since_ns <= stretch->time.end_ns)
                first_ns = earlier(first_ns, since_ns);
        }
    }
    return first_ns;
}

static struct moment between(int64_t low_ns, int64_t high_ns)
{
    high_ns = later(low_ns, high_ns);
    return (struct moment){low_ns, low_ns + (high_ns - low_ns) / 2, high_ns};
}

static void find_grant(struct work *work, const struct stretch *stretch, const struct hold *hold)
{
    const struct wait *wait = work->main_wait;
    if (wait != NULL) {
        work->start = (struct moment){wait->start_ns, wait->start_ns, wait->start_ns};
        if (hold != NULL || work->attempt->outcome == OUTCOME_OK)
            work->grant = between(wait->last_seen_ns, hold != NULL
                                                          ? earlier(wait->end_high_ns, hold->first_seen_ns)
                                                          : wait->end_high_ns);
        return;
    }
    int64_t probe_gap_ns = evidence_probe_gap_ns(work->evidence, stretch->table, stretch->time);
    int64_t blocked_ns = first_blocked(work, stretch);
    int64_t high_ns = hold != NULL ? earlier(hold->first_seen_ns, blocked_ns) : blocked_ns;
    int64_t low_ns = later(work->request_ns, hold != NULL ? hold->first_low_ns : 0);
    if (blocked_ns <= high_ns)
        low_ns = later(low_ns, high_ns - probe_gap_ns);
    work->grant = work->start = between(low_ns, high_ns);
}

static int64_t release_no_sooner_than(const struct work *work, const struct stretch *stretch)
{
    const struct attempt_span *attempt = work->attempt;
    int64_t low_ns = work->grant.high_ns != 0 ? work->grant.low_ns : work->start.low_ns;
    if (attempt->end_ns > attempt->after_ns)
        low_ns = later(low_ns, attempt->end_ns); /* a transaction's last stamp comes before its end */
    for (size_t i = 0; i < work->hold_count; i++)
        if (shuts_hold(work, &work->holds[i], stretch->table) &&
            meets(stretch, work->holds[i].first_seen_ns, work->holds[i].last_seen_ns))
            low_ns = later(low_ns, work->holds[i].last_seen_ns);
    for (size_t i = 0; i < work->wait_count; i++)
        if (shuts_wait(work, &work->waits[i], stretch->table) &&
            meets(stretch, work->waits[i].start_ns, work->waits[i].last_seen_ns))
            low_ns = later(low_ns, work->waits[i].last_seen_ns);
    return earlier(low_ns, attempt->done_ns);
}

static void find_release(struct work *work, const struct stretch *stretch)
{
    const struct attempt_span *attempt = work->attempt;
    bool stamped_after = attempt->end_ns != 0 && attempt->end_ns == attempt->after_ns;
    int64_t low_ns = release_no_sooner_than(work, stretch);
    int64_t high_ns = earlier(stretch->time.end_ns, attempt->done_ns);
    if (stamped_after)
        high_ns = earlier(high_ns, attempt->after_ns + work->evidence->clock_error_ns);
    if (attempt->end_ns > attempt->after_ns)
        high_ns = attempt->done_ns;
    if (!evidence_lists_locks(
            work->evidence)) { /* nothing says how long it was there at least: a look may only be slow */
        work->release = (struct moment){high_ns, high_ns, high_ns};
        work->release_source = "probe";
        return;
    }
    work->release = between(low_ns, high_ns);
    work->release_source = "watcher";
    for (size_t i = 0; i < work->evidence->probe_count; i++) {
        const struct probe_log *log = work->evidence->probes[i];
        for (size_t j = 0; j < log->sample_count; j++) {
            int64_t since_ns = blocked_since(work, log, &log->samples[j], stretch->table);
            int64_t done_ns = log->samples[j].done_ns;
            if (since_ns == 0 || since_ns > work->release.high_ns || done_ns < low_ns ||
                done_ns > work->release.high_ns + ATTEMPT_SLACK_NS ||
                (work->release_source[0] == 'p' && done_ns >= work->release.value_ns))
                continue;
            work->release.high_ns = work->release.value_ns = done_ns;
            work->release_source = "probe";
        }
    }
}

/* Most likely times of each hold, for the list. A lock that was made stronger stays under the stronger one. */
static void time_holds(struct work *work, const struct stretch *stretch, const struct hold *first)
{
    for (size_t i = work->hold_count; i-- > 0;) {
        struct hold *hold = &work->holds[i];
        hold->from_ns = hold == first ? work->grant.value_ns
                                      : between(hold->first_low_ns, hold->first_seen_ns).value_ns;
        hold->to_ns = between(hold->last_seen_ns, hold->last_high_ns).value_ns;
        const struct wait *wait = wait_for(work, stretch, hold);
        if (hold != first && wait != NULL)
            hold->from_ns =
                between(wait->last_seen_ns, earlier(wait->end_high_ns, hold->first_seen_ns)).value_ns;
        if (shuts_hold(work, hold, stretch->table) &&
            hold->last_high_ns + ATTEMPT_SLACK_NS >= work->release.value_ns &&
            hold->last_seen_ns <= work->release.value_ns)
            hold->to_ns = work->release.value_ns;
        for (size_t j = 0; j < work->hold_count; j++) {
            const struct hold *next = &work->holds[j];
            if (j > i && next->object == hold->object && next->mode > hold->mode &&
                next->first_low_ns <= hold->last_high_ns)
                hold->to_ns = later(hold->to_ns, next->to_ns);
        }
        hold->to_ns = later(hold->from_ns, hold->to_ns);
    }
}

/* The wait ended well, but no snapshot fell into what it waited for. */
static void add_unseen_holds(struct work *work, const struct stretch *stretch)
{
    for (size_t i = 0; i < work->wait_count && work->attempt->outcome == OUTCOME_OK; i++) {
        const struct wait *wait = &work->waits[i];
        bool seen = !shuts_wait(work, wait, stretch->table) ||
                    !meets(stretch, wait->start_ns, wait->end_high_ns);
        for (size_t j = 0; j < work->hold_count; j++)
            seen = seen || (work->holds[j].object == wait->object && work->holds[j].mode == wait->mode &&
                            work->holds[j].last_high_ns >= wait->last_seen_ns);
        if (seen)
            continue;
        struct hold *hold = ARENA_PUSH(work->arena, work->holds, work->hold_count, work->hold_capacity);
        *hold = (struct hold){.object = wait->object, .mode = wait->mode};
        hold->from_ns = between(wait->last_seen_ns, wait->end_high_ns).value_ns;
        hold->to_ns = later(hold->from_ns, work->release.value_ns);
    }
}

/* The strong mode under which the table was shut for longest in the stretch. */
static int prevailing_mode(struct work *work, const struct stretch *stretch)
{
    int mode = -1;
    int64_t longest_ns = -1;
    for (size_t i = 0; i < work->hold_count; i++) {
        const struct hold *hold = &work->holds[i];
        if (shuts_hold(work, hold, stretch->table) && meets(stretch, hold->from_ns, hold->to_ns) &&
            hold->to_ns - hold->from_ns > longest_ns) {
            longest_ns = hold->to_ns - hold->from_ns;
            mode = hold->mode;
        }
    }
    if (mode < 0 && work->main_wait != NULL)
        mode = work->main_wait->mode;
    if (mode < 0)
        mode = work->expected;
    return mode >= 0 ? mode : attempt_mode_from_probes(work);
}

/* The wait for which a weaker lock was held longer than for its own sake: what shut others out was the queue for the stronger
 * one. NULL: there is none. */
static const struct wait *upgrade_wait(const struct work *work, const struct stretch *stretch,
                                       const struct hold *first)
{
    const struct wait *longest = NULL;
    for (size_t i = 0; i < work->wait_count && first != NULL; i++) {
        const struct wait *wait = &work->waits[i];
        int64_t waited_ns = wait->last_seen_ns - wait->start_ns;
        if (shuts_wait(work, wait, stretch->table) && meets(stretch, wait->start_ns, wait->end_high_ns) &&
            wait->mode > first->mode && 2 * waited_ns > first->to_ns - first->from_ns &&
            (longest == NULL || waited_ns > longest->last_seen_ns - longest->start_ns))
            longest = wait;
    }
    return longest;
}

/* Grant and mode are those of the stronger lock; others were shut out since the weaker one. */
static int take_upgrade(struct work *work, const struct wait *wait)
{
    bool seen = false;
    int64_t high_ns = wait->end_high_ns;
    for (size_t i = 0; i < work->hold_count; i++) {
        const struct hold *hold = &work->holds[i];
        if (hold->object != wait->object || hold->mode < wait->mode ||
            hold->last_high_ns < wait->last_seen_ns)
            continue;
        seen = true;
        high_ns = hold->first_seen_ns > 0 ? earlier(high_ns, hold->first_seen_ns) : high_ns;
    }
    work->main_wait = wait;
    work->grant = (struct moment){0};
    if (seen || work->attempt->outcome == OUTCOME_OK)
        work->grant = between(wait->last_seen_ns, high_ns);
    return wait->mode;
}

/* Nobody was seen to be shut out: whatever was held was shorter than what a probe can miss. */
static bool bound_unseen(struct work *work, struct attempt_locks *locks)
{
    if (work->named < 0 || work->expected < 0 || !is_strong(work, work->expected) ||
        work->attempt->outcome != OUTCOME_OK)
        return false;
    struct interval statement = {work->request_ns, work->after_ns};
    int64_t most_ns = evidence_probe_gap_ns(work->evidence, work->named, statement) + PROBE_SLOW_NS;
    most_ns = earlier(most_ns, work->after_ns - work->request_ns);
    work->table = work->named;
    locks->strongest = work->expected;
    work->release = (struct moment){work->after_ns, work->after_ns, work->after_ns};
    work->grant = between(work->after_ns - most_ns, work->after_ns);
    work->start = work->grant;
    work->release_source = "bound";
    return true;
}

bool attempt_stages(struct work *work, struct attempt_locks *locks)
{
    struct stretch longest = {.table = -1};
    locks->strongest = -1;
    work->table = -1;
    for (int table = 0; table < (int)work->evidence->tables->count; table++)
        find_on_table(work, table, &longest);
    if (longest.table >= 0) {
        const struct hold *hold = first_hold(work, &longest);
        work->table = longest.table;
        work->main_wait = wait_for(work, &longest, hold);
        find_grant(work, &longest, hold);
        find_release(work, &longest);
        time_holds(work, &longest, hold);
        add_unseen_holds(work, &longest);
        const struct wait *upgrade = work->of_command ? upgrade_wait(work, &longest, hold) : NULL;
        locks->strongest = upgrade != NULL ? take_upgrade(work, upgrade) : prevailing_mode(work, &longest);
    } else if (!bound_unseen(work, locks))
        return false;
    locks->object = work->evidence->tables->names[work->table];
    return true;
}
