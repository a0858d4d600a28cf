#include "bench/observe/attempt_work.h"

static void note_wait(struct work *work, const struct lock_row *row, const struct watcher_run *run,
                      int64_t gone_ns)
{
    int64_t start_ns = row->wait_start_ns != 0 ? row->wait_start_ns : run->first_sent_ns;
    start_ns = later(start_ns, work->request_ns);
    if (start_ns > work->after_ns)
        return;
    struct wait *wait = NULL;
    for (size_t i = 0; i < work->wait_count && wait == NULL; i++) {
        if (work->waits[i].target == row->target && work->waits[i].mode == row->mode &&
            start_ns - work->waits[i].start_ns < ATTEMPT_SLACK_NS)
            wait = &work->waits[i];
    }
    if (wait == NULL) {
        wait = ARENA_PUSH(work->arena, work->waits, work->wait_count, work->wait_capacity);
        *wait = (struct wait){row->target, row->object, row->mode, row->kind == LOCK_KIND_RELATION,
                              start_ns,    0,           0};
    }
    wait->start_ns = earlier(wait->start_ns, start_ns);
    wait->last_seen_ns = later(run->last_sent_ns, wait->start_ns);
    wait->end_high_ns = later(wait->last_seen_ns, earlier(gone_ns, work->after_ns));
}

/* True when a snapshot that was answered before the attempt shows the lock already: an earlier statement of the transaction
 * took it. Arming lasts at least as long as a transaction that locks more than rows. */
static bool held_before(const struct work *work, const struct lock_row *row, size_t run)
{
    const struct watcher_log *log = work->evidence->watcher;
    int64_t era_ns = log->runs[run].era_ns;
    for (size_t i = run + 1; i-- > 0 && log->runs[i].era_ns == era_ns;) {
        const struct watcher_run *before = &log->runs[i];
        for (size_t j = 0; j < before->row_count && before->first_done_ns <= work->attempt->sent_ns; j++) {
            const struct lock_row *held = &log->rows[before->row + j];
            if (held->granted && held->session == row->session && held->object == row->object &&
                held->mode == row->mode)
                return true;
        }
    }
    return false;
}

/* True when the statement may well want this lock itself. */
static bool asks_again(const struct work *work, const struct lock_row *row)
{
    const struct tables_object *known = tables_object(work->evidence->tables, row->object);
    if (work->expected >= 0)
        return row->mode == work->expected;
    return work->named >= 0 && known->watched == work->named &&
           locks_mode_is_strong(work->evidence->dialect->lock_modes, row->mode);
}

static void note_hold(struct work *work, const struct lock_row *row, size_t index)
{
    const struct watcher_run *run = &work->evidence->watcher->runs[index];
    if (row->kind != LOCK_KIND_RELATION || tables_object(work->evidence->tables, row->object) == NULL)
        return;
    struct hold *hold = NULL;
    for (size_t i = 0; i < work->hold_count && hold == NULL; i++) {
        struct hold *known = &work->holds[i];
        bool again = work->evidence->dialect->locks_in_stages && known->last_run + 1 < index;
        if (known->object == row->object && known->mode == row->mode && !again)
            hold = known;
    }
    if (hold == NULL) {
        if (index > 0 && run[-1].last_sent_ns > work->after_ns)
            return; /* a later statement of the same transaction took it */
        if (!work->of_command && !asks_again(work, row) && held_before(work, row, index))
            return;
        hold = ARENA_PUSH(work->arena, work->holds, work->hold_count, work->hold_capacity);
        *hold = (struct hold){
            .object = row->object,
            .mode = row->mode,
            .first_seen_ns = later(run->first_done_ns, work->request_ns),
            .first_low_ns = later(index > 0 ? run[-1].last_sent_ns : 0, work->request_ns),
        };
    }
    hold->last_run = index;
    hold->last_high_ns = work->attempt->done_ns;
    if (index + 1 < work->evidence->watcher->run_count)
        hold->last_high_ns = earlier(run[1].first_done_ns, hold->last_high_ns);
    hold->last_seen_ns = earlier(run->last_sent_ns, work->attempt->done_ns);
}

/* True when a snapshot of the run was sent and answered while the attempt was under way, so that what its session has in it
 * is not of another attempt. A run that began before the attempt and goes on after its start is of its transaction. */
static bool is_of_attempt(const struct work *work, const struct watcher_run *run)
{
    const struct attempt_span *attempt = work->attempt;
    if (run->last_sent_ns < attempt->sent_ns || run->first_sent_ns >= attempt->done_ns)
        return false;
    return run->first_sent_ns < attempt->sent_ns || run->first_done_ns <= attempt->done_ns;
}

void attempt_read(struct work *work)
{
    const struct watcher_log *log = work->evidence->watcher;
    for (size_t i = evidence_first_run(work->evidence, work->attempt->sent_ns);
         i < log->run_count && log->runs[i].first_sent_ns < work->attempt->done_ns; i++) {
        const struct watcher_run *run = &log->runs[i];
        if (!is_of_attempt(work, run))
            continue;
        int64_t gone_ns = i + 1 < log->run_count ? log->runs[i + 1].first_done_ns : CLOCK_NEVER_NS;
        for (size_t j = 0; j < run->row_count; j++) {
            const struct lock_row *row = &log->rows[run->row + j];
            if (row->session != work->attempt->session)
                continue;
            if (row->granted)
                note_hold(work, row, i);
            else
                note_wait(work, row, run, gone_ns);
        }
    }
}
