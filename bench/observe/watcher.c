#include "bench/observe/watcher.h"

#include "bench/base/rng.h"
#include "bench/observe/attribution.h"

#include <stdlib.h>
#include <string.h>

enum {
    COLUMN_NOW,
    COLUMN_KIND,
    COLUMN_OBJECT,
    COLUMN_TARGET,
    COLUMN_SESSION,
    COLUMN_MODE,
    COLUMN_GRANTED,
    COLUMN_WAIT
};

enum { LAST_CATALOGUE_OBJECT = 16383 }; /* relations of the server's own have object ids up to it */

static void read_row(void *context, int result, int columns, const char *const *values)
{
    struct watcher *watcher = context;
    if (result != 0 || columns <= COLUMN_WAIT || values[COLUMN_SESSION] == NULL ||
        values[COLUMN_TARGET] == NULL || values[COLUMN_MODE] == NULL || values[COLUMN_MODE][0] == '-')
        return;
    if (watcher->scratch_count == watcher->scratch_capacity) {
        watcher->scratch_capacity = watcher->scratch_capacity > 0 ? 2 * watcher->scratch_capacity : 256;
        watcher->scratch = mem_realloc(watcher->scratch,
                                       watcher->scratch_capacity * sizeof *watcher->scratch);
    }
    const char *since = values[COLUMN_WAIT], *object = values[COLUMN_OBJECT];
    watcher->scratch[watcher->scratch_count++] = (struct lock_row){
        .target = rng_hash_text(0, values[COLUMN_TARGET]),
        .wait_start_ns = since == NULL ? 0 : server_clock_to_run_ns(watcher->clock, strtoll(since, NULL, 10)),
        .object = object == NULL ? 0 : (uint32_t)strtoul(object, NULL, 10),
        .session = (int32_t)strtol(values[COLUMN_SESSION], NULL, 10),
        .mode = (uint8_t)strtoul(values[COLUMN_MODE], NULL, 10),
        .granted = values[COLUMN_GRANTED] != NULL &&
                   (values[COLUMN_GRANTED][0] == '1' || values[COLUMN_GRANTED][0] == 't'),
        .kind = (uint8_t)locks_kind(values[COLUMN_KIND]),
    };
}

/* Keeps of the sorted scratch the rows of targets where somebody waits, and the relations that the migration locks. */
static void keep_telling_rows(struct watcher *watcher, int64_t at_ns)
{
    struct lock_row *rows = watcher->scratch;
    size_t kept = 0;
    for (size_t first = 0, end; first < watcher->scratch_count; first = end) {
        bool waits = false;
        for (end = first; end < watcher->scratch_count && rows[end].target == rows[first].target; end++)
            waits = waits || !rows[end].granted;
        for (size_t i = first; i < end; i++) {
            bool user_relation = rows[i].kind == LOCK_KIND_RELATION && rows[i].object > LAST_CATALOGUE_OBJECT;
            if (waits ||
                (user_relation && roster_role(watcher->roster, rows[i].session, at_ns) == ROSTER_MIGRATION))
                rows[kept++] = rows[i];
        }
    }
    watcher->scratch_count = kept;
}

static int count_blocked(struct watcher *watcher, int64_t at_ns)
{
    int blocked = 0;
    for (size_t i = 0; i < watcher->scratch_count; i++) {
        if (!watcher->scratch[i].granted &&
            roster_role(watcher->roster, watcher->scratch[i].session, at_ns) != ROSTER_OBSERVER)
            blocked++;
    }
    return blocked;
}

static bool equals_last_run(const struct watcher *watcher, int64_t era_ns)
{
    const struct watcher_log *log = &watcher->log;
    const struct watcher_run *last = log->run_count > 0 ? &log->runs[log->run_count - 1] : NULL;
    if (last == NULL || last->era_ns != era_ns || last->row_count != watcher->scratch_count)
        return false;
    return watcher->scratch_count == 0 || memcmp(&log->rows[last->row], watcher->scratch,
                                                 watcher->scratch_count * sizeof *watcher->scratch) == 0;
}

static void append_run(struct watcher *watcher, int64_t era_ns, int64_t sent_ns, int64_t done_ns)
{
    struct watcher_log *log = &watcher->log;
    if (log->run_count == log->run_capacity) {
        log->run_capacity = log->run_capacity > 0 ? 2 * log->run_capacity : 256;
        log->runs = mem_realloc(log->runs, log->run_capacity * sizeof *log->runs);
    }
    while (log->row_count + watcher->scratch_count > log->row_capacity) {
        log->row_capacity = log->row_capacity > 0 ? 2 * log->row_capacity : 1024;
        log->rows = mem_realloc(log->rows, log->row_capacity * sizeof *log->rows);
    }
    log->runs[log->run_count++] = (struct watcher_run){
        .first_sent_ns = sent_ns,
        .first_done_ns = done_ns,
        .last_sent_ns = sent_ns,
        .last_done_ns = done_ns,
        .era_ns = era_ns,
        .row = log->row_count,
        .row_count = watcher->scratch_count,
    };
    if (watcher->scratch_count > 0)
        memcpy(&log->rows[log->row_count], watcher->scratch,
               watcher->scratch_count * sizeof *watcher->scratch);
    log->row_count += watcher->scratch_count;
}

static void keep_snapshot(struct watcher *watcher, int64_t era_ns, int64_t sent_ns, int64_t done_ns)
{
    locks_sort(watcher->scratch, watcher->scratch_count);
    keep_telling_rows(watcher, sent_ns);
    watcher->blocked = count_blocked(watcher, sent_ns);
    if (watcher->blocked > 0 && watcher->attribution != NULL)
        attribution_ask(watcher->attribution);
    if (watcher->scratch_count == 0 && watcher->log.run_count == 0)
        return;
    if (!equals_last_run(watcher, era_ns)) {
        append_run(watcher, era_ns, sent_ns, done_ns);
        return;
    }
    struct watcher_run *last = &watcher->log.runs[watcher->log.run_count - 1];
    last->last_sent_ns = sent_ns;
    last->last_done_ns = done_ns;
}

static struct db_answer ask(struct watcher *watcher)
{
    struct db_answer answer = {.outcome = OUTCOME_OK};
    int64_t deadline_ns = clock_ns() + 3 * NS_PER_S;
    if (!watcher->prepared) {
        struct arena arena = {0};
        const char *sql = dialect_sql(&arena, watcher->wire.db, DIALECT_LOCKS, NULL);
        answer.outcome = OUTCOME_OTHER;
        if (sql != NULL)
            answer = db_prepare(watcher->wire.db, 0, sql, deadline_ns);
        arena_free(&arena);
        watcher->prepared = answer.outcome == OUTCOME_OK;
    }
    return watcher->prepared ? db_run(watcher->wire.db, 0, NULL, 0, deadline_ns, read_row, watcher) : answer;
}

static void look(struct watcher *watcher, int64_t due_ns, int64_t period_ns)
{
    watcher->scratch_count = 0;
    int64_t era_ns = watcher->pace->armed_since_ns, sent_ns = clock_ns();
    struct db_answer answer = ask(watcher);
    if (outcome_ends_session(answer.outcome)) {
        watcher->prepared = false;
        wire_reopen(&watcher->wire);
        return;
    }
    if (answer.outcome != OUTCOME_OK)
        return;
    int64_t done_ns = clock_ns();
    keep_snapshot(watcher, era_ns, sent_ns, done_ns);
    holes_look(&watcher->log.holes, watcher->pace, period_ns, due_ns, sent_ns, done_ns, false);
}

static void *watch(void *context)
{
    struct watcher *watcher = context;
    int64_t due_ns = clock_ns();
    bool was_fast = false;
    while (!watcher->pace->stopped) {
        bool fast = watcher->fast && watcher->pace->armed;
        int64_t period_ns = fast ? WATCHER_ARMED_NS : WATCHER_IDLE_NS;
        due_ns = fast != was_fast ? clock_ns() : due_ns + period_ns;
        was_fast = fast;
        if (due_ns < clock_ns() - period_ns)
            due_ns = clock_ns();
        if (!pace_wait(watcher->pace, due_ns))
            break;
        if (!fast && watcher->fast && watcher->pace->armed)
            continue; /* armed meanwhile: look at once */
        look(watcher, due_ns, period_ns);
    }
    return NULL;
}

bool watcher_start(struct watcher *watcher, const struct wire_config *wire, struct err *err)
{
    if (!wire_open(&watcher->wire, wire, err))
        return false;
    if (pthread_create(&watcher->thread, NULL, watch, watcher) != 0)
        return err_set(err, ERR_ENVIRONMENT, "cannot start the observer's watcher thread");
    watcher->started = true;
    return true;
}

void watcher_join(struct watcher *watcher)
{
    if (watcher->started)
        pthread_join(watcher->thread, NULL);
    watcher->started = false;
    holes_end(&watcher->log.holes, watcher->pace, WATCHER_ARMED_NS);
    wire_close(&watcher->wire);
}

void watcher_free(struct watcher *watcher)
{
    free(watcher->scratch);
    free(watcher->log.runs);
    free(watcher->log.rows);
    holes_free(&watcher->log.holes);
}
