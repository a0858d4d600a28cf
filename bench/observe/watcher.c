#include "bench/observe/watcher.h"

#include "bench/base/rng.h"
#include "bench/observe/attribution.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { STATEMENT_BYTES_MAX = 300 };

enum {
    COLUMN_NOW,
    COLUMN_KIND,
    COLUMN_OBJECT,
    COLUMN_TARGET,
    COLUMN_SESSION,
    COLUMN_MODE,
    COLUMN_GRANTED,
    COLUMN_WAIT,
    COLUMN_NAME
};

struct reading {
    const struct server_clock *clock;
    struct lock_rows *rows;
    struct watcher_log *log; /* learns the names */
};

static void learn_name(struct watcher_log *log, uint32_t object, const char *name)
{
    for (size_t i = 0; i < log->name_count; i++) {
        if (log->names[i].object == object)
            return;
    }
    *ARENA_PUSH(&log->arena, log->names, log->name_count,
                log->name_capacity) = (struct watcher_name){object, arena_strdup(&log->arena, name)};
}

static void read_row(void *context, int result, int columns, const char *const *values)
{
    struct reading *reading = context;
    if (result != 0 || columns <= COLUMN_WAIT || values[COLUMN_SESSION] == NULL ||
        values[COLUMN_TARGET] == NULL || values[COLUMN_MODE] == NULL || values[COLUMN_MODE][0] == '-')
        return;
    const char *since = values[COLUMN_WAIT], *object = values[COLUMN_OBJECT];
    struct lock_row row = {
        .target = rng_hash_text(0, values[COLUMN_TARGET]),
        .wait_start_ns = since == NULL ? 0 : server_clock_to_run_ns(reading->clock, strtoll(since, NULL, 10)),
        .object = object == NULL ? 0 : (uint32_t)strtoul(object, NULL, 10),
        .session = (int32_t)strtol(values[COLUMN_SESSION], NULL, 10),
        .mode = (uint8_t)strtoul(values[COLUMN_MODE], NULL, 10),
        .granted = values[COLUMN_GRANTED] != NULL &&
                   (values[COLUMN_GRANTED][0] == '1' || values[COLUMN_GRANTED][0] == 't'),
        .kind = (uint8_t)locks_kind(values[COLUMN_KIND]),
    };
    lock_rows_add(reading->rows, row);
    if (columns > COLUMN_NAME && row.object != 0 && values[COLUMN_NAME] != NULL)
        learn_name(reading->log, row.object, values[COLUMN_NAME]);
}

/* Keeps of the sorted scratch the rows of targets where somebody waits, and the relations that the migration locks. */
static void keep_telling_rows(struct watcher *watcher, int64_t at_ns)
{
    struct lock_row *rows = watcher->scratch.items;
    size_t kept = 0;
    for (size_t first = 0, end; first < watcher->scratch.count; first = end) {
        bool waits = false;
        for (end = first; end < watcher->scratch.count && rows[end].target == rows[first].target; end++)
            waits = waits || !rows[end].granted;
        for (size_t i = first; i < end; i++) {
            if (waits || (rows[i].kind == LOCK_KIND_RELATION &&
                          roster_role(watcher->roster, rows[i].session, at_ns) == ROSTER_MIGRATION))
                rows[kept++] = rows[i];
        }
    }
    watcher->scratch.count = kept;
}

static int count_blocked(struct watcher *watcher, int64_t at_ns)
{
    int blocked = 0;
    for (size_t i = 0; i < watcher->scratch.count; i++) {
        if (!watcher->scratch.items[i].granted &&
            roster_role(watcher->roster, watcher->scratch.items[i].session, at_ns) != ROSTER_OBSERVER)
            blocked++;
    }
    return blocked;
}

static bool equals_last_run(const struct watcher *watcher, int64_t era_ns)
{
    const struct watcher_log *log = &watcher->log;
    const struct watcher_run *last = log->run_count > 0 ? &log->runs[log->run_count - 1] : NULL;
    if (last == NULL || last->era_ns != era_ns || last->row_count != watcher->scratch.count)
        return false;
    return watcher->scratch.count == 0 ||
           memcmp(&log->rows[last->row], watcher->scratch.items,
                  watcher->scratch.count * sizeof *watcher->scratch.items) == 0;
}

static void append_run(struct watcher *watcher, int64_t era_ns, int64_t sent_ns, int64_t done_ns)
{
    struct watcher_log *log = &watcher->log;
    if (log->run_count == log->run_capacity) {
        log->run_capacity = log->run_capacity > 0 ? 2 * log->run_capacity : 256;
        log->runs = mem_realloc(log->runs, log->run_capacity * sizeof *log->runs);
    }
    while (log->row_count + watcher->scratch.count > log->row_capacity) {
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
        .row_count = watcher->scratch.count,
    };
    if (watcher->scratch.count > 0)
        memcpy(&log->rows[log->row_count], watcher->scratch.items,
               watcher->scratch.count * sizeof *watcher->scratch.items);
    log->row_count += watcher->scratch.count;
}

/* Joins the row locks, as last told, to the snapshot, and makes its rows say since when and with what they stand there. */
static void complete(struct watcher *watcher, int64_t sent_ns)
{
    struct lock_rows *rows = &watcher->scratch;
    const struct dialect *dialect = db_dialect(watcher->wire.db);
    for (size_t i = 0; i < watcher->row_locks.count; i++)
        lock_rows_add(rows, watcher->row_locks.items[i]);
    locks_sort(rows->items, rows->count);
    locks_keep_starts(rows->items, rows->count, &watcher->waits, watcher->waits_ns, sent_ns);
    if (watcher->source == WATCHER_WEAK)
        locks_read_upgrades(dialect->lock_modes, dialect->upgradable, rows->items, rows->count);
    watcher->waits.count = 0;
    watcher->waits_ns = sent_ns;
    for (size_t i = 0; i < rows->count; i++) {
        if (!rows->items[i].granted)
            lock_rows_add(&watcher->waits, rows->items[i]);
    }
}

/* A session of the migration that shuts others out, or waits to; 0: none does. */
static int32_t find_shutting(struct watcher *watcher, int64_t at_ns)
{
    const struct dialect_lock_mode *modes = db_dialect(watcher->wire.db)->lock_modes;
    for (size_t i = 0; i < watcher->scratch.count; i++) {
        const struct lock_row *row = &watcher->scratch.items[i];
        if (row->kind == LOCK_KIND_RELATION && locks_mode_is_strong(modes, row->mode) &&
            roster_role(watcher->roster, row->session, at_ns) == ROSTER_MIGRATION)
            return row->session;
    }
    return 0;
}

static void read_statement(void *context, int result, int columns, const char *const *values)
{
    struct watcher *watcher = context;
    struct watcher_log *log = &watcher->log;
    if (result != 0 || columns < 1 || values[0] == NULL)
        return;
    *ARENA_PUSH(&log->arena, log->statements, log->statement_count,
                log->statement_capacity) = (struct watcher_statement){
        .session = watcher->shutting,
        .asked_ns = watcher->asked_ns,
        .told_ns = clock_ns(),
        .text = sql_redact(&log->arena, db_lexis(watcher->wire.db), values[0], STATEMENT_BYTES_MAX),
    };
}

/* Asked at once and here: it may be over before the sessions are listed. */
static void ask_statement(struct watcher *watcher)
{
    char session[16];
    snprintf(session, sizeof session, "%d", (int)watcher->shutting);
    watcher->asked_ns = clock_ns();
    wire_ask(&watcher->wire, DIALECT_STATEMENT, session, NS_PER_S, read_statement, watcher);
}

/* Who waits, or whom the migration shuts out, is asked by another thread. */
static void ask_who(struct watcher *watcher, int64_t at_ns)
{
    int32_t shutting = find_shutting(watcher, at_ns);
    bool began = shutting != 0 && shutting != watcher->shutting;
    watcher->shutting = shutting;
    if (watcher->attribution != NULL && began)
        attribution_urge(watcher->attribution);
    else if (watcher->attribution != NULL && watcher->blocked > 0)
        attribution_ask(watcher->attribution);
    if (began)
        ask_statement(watcher);
}

static void keep_snapshot(struct watcher *watcher, int64_t era_ns, int64_t sent_ns, int64_t done_ns)
{
    complete(watcher, sent_ns);
    keep_telling_rows(watcher, sent_ns);
    watcher->blocked = count_blocked(watcher, sent_ns);
    if (watcher->scratch.count == 0 && watcher->log.run_count == 0)
        return;
    if (!equals_last_run(watcher, era_ns)) {
        append_run(watcher, era_ns, sent_ns, done_ns);
        return;
    }
    struct watcher_run *last = &watcher->log.runs[watcher->log.run_count - 1];
    last->last_sent_ns = sent_ns;
    last->last_done_ns = done_ns;
}

static struct db_answer ask_source(struct watcher *watcher, enum watcher_source source)
{
    struct db_answer answer = {.outcome = OUTCOME_OK};
    struct reading reading = {watcher->clock, &watcher->scratch, &watcher->log};
    int64_t deadline_ns = clock_ns() + 3 * NS_PER_S;
    watcher->scratch.count = 0;
    if (!watcher->prepared) {
        struct arena arena = {0};
        const char *sql = dialect_sql(&arena, watcher->wire.db,
                                      source == WATCHER_WEAK ? DIALECT_LOCKS_WEAK : DIALECT_LOCKS, NULL);
        answer.outcome = OUTCOME_NO_SUCH_OBJECT;
        if (sql != NULL)
            answer = db_prepare(watcher->wire.db, 0, sql, deadline_ns);
        arena_free(&arena);
        watcher->prepared = answer.outcome == OUTCOME_OK;
    }
    return watcher->prepared ? db_run(watcher->wire.db, 0, NULL, 0, deadline_ns, read_row, &reading) : answer;
}

/* True when the server has no such list, or the role no right to it: asking again would not help. */
static bool is_untold(const struct watcher *watcher, const struct db_answer *answer)
{
    return answer->outcome == OUTCOME_NO_SUCH_OBJECT || answer->outcome == OUTCOME_PERMISSION ||
           (answer->outcome == OUTCOME_OK && watcher->scratch.count == 0 &&
            db_dialect(watcher->wire.db)->locks_untold != NULL);
}

/* One snapshot. The first of a session finds out what the server tells. */
static struct db_answer ask(struct watcher *watcher)
{
    if (watcher->source != WATCHER_UNASKED)
        return ask_source(watcher, watcher->source);
    struct db_answer answer = {.outcome = OUTCOME_OTHER};
    enum watcher_source source = WATCHER_TRUE;
    for (; source < WATCHER_NOTHING; source++) {
        watcher->prepared = false;
        answer = ask_source(watcher, source);
        watcher->log.denied = watcher->log.denied || answer.outcome == OUTCOME_PERMISSION;
        if (!is_untold(watcher, &answer))
            break;
    }
    if (answer.outcome == OUTCOME_OK || source == WATCHER_NOTHING)
        watcher->source = source;
    if (watcher->source > watcher->log.source)
        watcher->log.source = watcher->source;
    return answer;
}

bool watcher_rows_due(int64_t last_ns, int64_t now_ns)
{
    _Static_assert(WATCHER_ROWS_NS >= WATCHER_ROWS_LEAST_NS, "row locks would stay as they were");
    return last_ns == 0 || now_ns - last_ns >= WATCHER_ROWS_NS;
}

static struct db_answer ask_row_locks(struct watcher *watcher)
{
    struct db_answer answer = {.outcome = OUTCOME_OK};
    struct wire *wire = &watcher->wire;
    if (!watcher_rows_due(watcher->row_locks_ns, clock_ns()) ||
        db_dialect(wire->db)->text(DIALECT_ROW_LOCKS, db_version(wire->db)) == NULL)
        return answer;
    struct reading reading = {watcher->clock, &watcher->row_locks, &watcher->log};
    watcher->row_locks.count = 0;
    watcher->row_locks_ns = clock_ns();
    return wire_ask(wire, DIALECT_ROW_LOCKS, NULL, NS_PER_S, read_row, &reading);
}

static void look(struct watcher *watcher, int64_t due_ns, int64_t period_ns)
{
    int64_t era_ns = watcher->pace->armed_since_ns, sent_ns = clock_ns();
    struct db_answer answer = watcher->source == WATCHER_NOTHING
                                  ? (struct db_answer){.outcome = OUTCOME_OTHER}
                                  : ask(watcher);
    int64_t done_ns = clock_ns();
    if (answer.outcome == OUTCOME_OK) {
        keep_snapshot(watcher, era_ns, sent_ns, done_ns);
        ask_who(watcher, sent_ns);
        holes_look(&watcher->log.holes, watcher->pace, period_ns, due_ns, sent_ns, done_ns, false);
    }
    if (!outcome_ends_session(answer.outcome))
        answer = ask_row_locks(watcher);
    if (outcome_ends_session(answer.outcome)) {
        watcher->prepared = false;
        watcher->source = WATCHER_UNASKED;
        wire_reopen(&watcher->wire);
    }
}

static void *watch(void *context)
{
    struct watcher *watcher = context;
    int64_t due_ns = clock_ns();
    bool was_fast = false;
    while (!watcher->pace->stopped) {
        bool fast = watcher->fast && watcher->pace->armed;
        int64_t period_ns = fast ? watcher->armed_ns : WATCHER_IDLE_NS;
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
    int64_t told_ns = db_dialect(watcher->wire.db)->watch_ns;
    watcher->armed_ns = told_ns > 0 ? told_ns : WATCHER_ARMED_NS;
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
    holes_end(&watcher->log.holes, watcher->pace, watcher->armed_ns);
    wire_close(&watcher->wire);
}

void watcher_free(struct watcher *watcher)
{
    free(watcher->scratch.items);
    free(watcher->waits.items);
    free(watcher->row_locks.items);
    free(watcher->log.runs);
    free(watcher->log.rows);
    arena_free(&watcher->log.arena);
    holes_free(&watcher->log.holes);
}
