#include "bench/observe/wire.h"

#include "bench/base/log.h"

#include <stdio.h>
#include <stdlib.h>

enum { SETUP_LIMIT_S = 10 };

#define REOPEN_FIRST_NS (50 * NS_PER_MS)
#define REOPEN_LAST_NS  (2 * NS_PER_S)

struct db_answer wire_ask(struct wire *wire, enum dialect_query query, const char *argument, int64_t limit_ns,
                          db_row_fn *rows, void *context)
{
    struct arena arena = {0};
    struct db_answer answer = {.outcome = OUTCOME_OTHER};
    const char *sql = dialect_sql(&arena, wire->db, query, argument);
    if (sql != NULL)
        answer = db_exec(wire->db, sql, limit_ns == CLOCK_NEVER_NS ? limit_ns : clock_ns() + limit_ns, rows,
                         context);
    arena_free(&arena);
    return answer;
}

static struct db_answer set_statement_timeout(struct wire *wire)
{
    char number[24];
    snprintf(number, sizeof number, "%lld", (long long)wire->config.statement_timeout_ms);
    return wire_ask(wire, DIALECT_SET_STATEMENT_TIMEOUT, number, SETUP_LIMIT_S * NS_PER_S, NULL, NULL);
}

static void read_waited(void *context, int result, int columns, const char *const *values)
{
    if (result == 0 && columns >= 1 && values[0] != NULL)
        *(int64_t *)context = strtoll(values[0], NULL, 10);
}

static struct db_answer ask_waited(struct wire *wire, int64_t *waited_us)
{
    *waited_us = -1;
    return wire_ask(wire, DIALECT_PROBE_WAITED, NULL, SETUP_LIMIT_S * NS_PER_S, read_waited, waited_us);
}

int64_t wire_waited_us(struct wire *wire)
{
    int64_t waited_us = -1;
    if (wire->asks)
        ask_waited(wire, &waited_us);
    return waited_us > 0 ? waited_us : -1;
}

static struct db_answer set_up_probe(struct wire *wire)
{
    int64_t waited_us;
    struct db_answer answer = wire_ask(wire, DIALECT_SETUP_PROBE, NULL, SETUP_LIMIT_S * NS_PER_S, NULL, NULL);
    wire->asks = db_dialect(wire->db)->text(DIALECT_PROBE_WAITED, db_version(wire->db)) != NULL;
    wire->notices = answer.outcome == OUTCOME_OK;
    wire->denied = answer.outcome == OUTCOME_PERMISSION;
    if (wire->notices && wire->asks) {
        answer = ask_waited(wire, &waited_us);
        wire->notices = answer.outcome == OUTCOME_OK && waited_us >= 0;
    }
    wire->asks = wire->asks && wire->notices;
    return answer;
}

static struct db_answer set_up(struct wire *wire)
{
    struct db_answer answer = wire_ask(wire, DIALECT_SETUP_SESSION, NULL, SETUP_LIMIT_S * NS_PER_S, NULL,
                                       NULL);
    if (answer.outcome == OUTCOME_OK)
        answer = set_statement_timeout(wire);
    if (answer.outcome == OUTCOME_OK)
        answer = db_set_lock_timeout(wire->db, wire->config.lock_timeout_ms,
                                     clock_ns() + SETUP_LIMIT_S * NS_PER_S);
    if (answer.outcome != OUTCOME_OK || !wire->config.probe)
        return answer;
    answer = set_up_probe(wire);
    if (!outcome_ends_session(answer.outcome))
        answer.outcome = OUTCOME_OK; /* without the right the probe still tells latencies */
    return answer;
}

static void replace(struct wire *wire, struct db *db)
{
    if (wire->db != NULL)
        roster_leave(wire->config.roster, db_session(wire->db));
    pthread_mutex_lock(&wire->lock);
    struct db *old = wire->db;
    wire->db = db;
    pthread_mutex_unlock(&wire->lock);
    db_close(old);
    if (db != NULL)
        roster_join(wire->config.roster, db_session(db), ROSTER_OBSERVER);
}

static struct db_answer connect_once(struct wire *wire)
{
    struct db_options options = {
        .application_name = wire->application,
        .expected_identity = wire->config.identity,
        .notice = wire->config.notice,
        .notice_context = wire->config.context,
    };
    struct db_answer answer = {.outcome = OUTCOME_OTHER};
    struct db *db = db_open_outcome(wire->config.target, &options, &answer);
    if (db == NULL)
        return answer;
    replace(wire, db);
    answer = set_up(wire);
    if (answer.outcome != OUTCOME_OK)
        replace(wire, NULL);
    return answer;
}

bool wire_open(struct wire *wire, const struct wire_config *config, struct err *err)
{
    *wire = (struct wire){.config = *config};
    pthread_mutex_init(&wire->lock, NULL);
    snprintf(wire->application, sizeof wire->application, "rehearse/%s/%s", config->run_id, config->role);
    struct db_answer answer = connect_once(wire);
    if (wire->db != NULL)
        return true;
    if (answer.outcome == OUTCOME_OK)
        answer.outcome = OUTCOME_OTHER;
    db_answer_error(&answer, err);
    return err_wrap(err, "observer (%s)", config->role);
}

bool wire_reopen(struct wire *wire)
{
    wire->lost++;
    replace(wire, NULL);
    log_debug("observer %s: connection lost", wire->config.role);
    int64_t pause_ns = REOPEN_FIRST_NS;
    while (!wire->config.pace->stopped) {
        connect_once(wire);
        if (wire->db != NULL)
            return true;
        int64_t due_ns = clock_ns() + pause_ns;
        while (clock_ns() < due_ns && pace_wait(wire->config.pace, due_ns))
            ;
        pause_ns = 2 * pause_ns < REOPEN_LAST_NS ? 2 * pause_ns : REOPEN_LAST_NS;
    }
    return false;
}

void wire_cancel(struct wire *wire)
{
    pthread_mutex_lock(&wire->lock);
    if (wire->db != NULL)
        db_cancel(wire->db);
    pthread_mutex_unlock(&wire->lock);
}

void wire_close(struct wire *wire)
{
    if (wire->config.target == NULL)
        return;
    replace(wire, NULL);
    pthread_mutex_destroy(&wire->lock);
    wire->config.target = NULL;
}
