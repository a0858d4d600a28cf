#include "bench/migrate/session.h"

#include "bench/base/log.h"
#include "bench/db/dialect.h"

#include <stdio.h>
#include <string.h>

static const int64_t reopen_limit_ns = 60 * NS_PER_S, reopen_pause_ns = 100 * NS_PER_MS,
                     reopen_pause_most_ns = 2 * NS_PER_S, setup_limit_ns = 10 * NS_PER_S,
                     frozen_margin_ns = 5 * NS_PER_S;

/* Matched by the server's routine: its text changes with the language. ATRewriteTable reports both, a rewrite and a scan
 * that only verifies; there the first word of the text decides. */
static void on_notice(void *context, const struct db_notice *notice)
{
    struct session *session = context;
    if (notice->routine == NULL || strcmp(notice->routine, "ATRewriteTable") != 0)
        return;
    if (strncmp(notice->message, "rewriting", 9) == 0)
        session->notice_rewrite = true;
    else
        session->notice_scan = true;
}

static void publish(struct migrator *migrator, struct db *db)
{
    pthread_mutex_lock(&migrator->session.guard);
    migrator->session.db = db;
    pthread_mutex_unlock(&migrator->session.guard);
}

static void tell(const struct migrator *migrator, int session, bool active)
{
    const struct migrator_hooks *hooks = &migrator->config.hooks;
    if (hooks->session != NULL)
        hooks->session(hooks->context, session, active);
}

/* Notices and profiles are a gift: a role that may not ask for them, or a server without, migrates all the same. */
static struct db_answer set_up(struct migrator *migrator, struct db *db)
{
    const char *sql = dialect_sql(&migrator->arena, db, DIALECT_SETUP_MIGRATION, NULL);
    struct db_answer answer = {.outcome = OUTCOME_OK};
    if (sql != NULL)
        answer = db_exec(db, sql, clock_ns() + setup_limit_ns, NULL, NULL);
    if (answer.outcome == OUTCOME_OK || outcome_ends_session(answer.outcome))
        return answer;
    log_debug("migration session: %s; its notices tell less", answer.message);
    if (db_in_transaction(db))
        return db_exec(db, dialect_sql(&migrator->arena, db, DIALECT_ROLLBACK, NULL), CLOCK_NEVER_NS, NULL,
                       NULL);
    return (struct db_answer){.outcome = OUTCOME_OK};
}

static void forget_timeouts(struct session *session)
{
    session->lock_timeout_ms = session->statement_timeout_ms = -1;
    session->provisional = false;
}

static void learn_words(struct migrator *migrator, struct db *db)
{
    struct session *session = &migrator->session;
    session->begin = dialect_sql(&migrator->arena, db, DIALECT_BEGIN, NULL);
    session->now = dialect_sql(&migrator->arena, db, DIALECT_NOW, NULL);
    session->commit = dialect_sql(&migrator->arena, db, DIALECT_COMMIT, NULL);
    session->rollback = dialect_sql(&migrator->arena, db, DIALECT_ROLLBACK, NULL);
    forget_timeouts(session);
    session->notice_rewrite = session->notice_scan = false;
}

static bool try_open(struct migrator *migrator, struct db_answer *answer)
{
    struct db_options options = {.application_name = migrator->application_name,
                                 .expected_identity = migrator->config.expected_identity,
                                 .as_user = true,
                                 .notice = on_notice,
                                 .notice_context = &migrator->session};
    struct db *db = db_open_outcome(migrator->config.target, &options, answer);
    if (db == NULL)
        return false;
    *answer = set_up(migrator, db);
    if (answer->outcome != OUTCOME_OK) {
        db_close(db);
        return false;
    }
    learn_words(migrator, db);
    publish(migrator, db);
    tell(migrator, db_session(db), true);
    return true;
}

static bool open_error(const struct migrator *migrator, const struct db_answer *answer, struct err *err)
{
    db_answer_error(answer, err);
    return err_wrap(err, "migration session to %s", migrator->config.target->label);
}

bool session_open(struct migrator *migrator, struct err *err)
{
    struct db_answer answer;
    return try_open(migrator, &answer) || open_error(migrator, &answer, err);
}

void session_close(struct migrator *migrator)
{
    struct db *db = migrator->session.db;
    if (db == NULL)
        return;
    tell(migrator, db_session(db), false);
    publish(migrator, NULL);
    db_close(db);
}

enum migrator_result session_ensure(struct migrator *migrator, struct err *err)
{
    int64_t until_ns = clock_ns() + reopen_limit_ns, pause_ns = reopen_pause_ns;
    struct db_answer answer;
    while (migrator->session.db == NULL && !try_open(migrator, &answer)) {
        if (answer.outcome == OUTCOME_WRONG_SERVER || answer.outcome == OUTCOME_PERMISSION ||
            clock_ns() + pause_ns > until_ns)
            return open_error(migrator, &answer, err), MIGRATOR_FAILED;
        if (!migration_pause(migrator, pause_ns))
            return migration_stop(err);
        pause_ns = 2 * pause_ns < reopen_pause_most_ns ? 2 * pause_ns : reopen_pause_most_ns;
    }
    return MIGRATOR_DONE;
}

static struct db_answer gone(void)
{
    return (struct db_answer){.outcome = OUTCOME_CONNECTION_LOST, .message = "the connection is gone"};
}

struct db_answer session_exec(struct migrator *migrator, const char *sql, int64_t deadline_ns,
                              db_row_fn *rows, void *context)
{
    if (migrator->session.db == NULL)
        return gone();
    struct db_answer answer = db_exec(migrator->session.db, sql, deadline_ns, rows, context);
    if (outcome_ends_session(answer.outcome))
        session_close(migrator);
    return answer;
}

static struct db_answer set_lock_timeout(struct migrator *migrator, int64_t timeout_ms)
{
    if (migrator->session.db == NULL)
        return gone();
    struct db_answer answer = db_set_lock_timeout(migrator->session.db, timeout_ms,
                                                  clock_ns() + setup_limit_ns);
    if (outcome_ends_session(answer.outcome))
        session_close(migrator);
    return answer;
}

static struct db_answer set_statement_timeout(struct migrator *migrator, int64_t timeout_ms)
{
    if (migrator->session.db == NULL)
        return gone();
    const char *digits = arena_printf(&migrator->arena, "%lld", (long long)timeout_ms);
    const char *sql = dialect_sql(&migrator->arena, migrator->session.db, DIALECT_SET_STATEMENT_TIMEOUT,
                                  digits);
    return sql == NULL ? (struct db_answer){.outcome = OUTCOME_OK}
                       : session_exec(migrator, sql, clock_ns() + setup_limit_ns, NULL, NULL);
}

/* set, unless the server has it already. */
static struct db_answer set_timeout(struct migrator *migrator,
                                    struct db_answer (*set)(struct migrator *, int64_t), int64_t value_ms,
                                    int64_t *current_ms)
{
    struct db_answer answer = {.outcome = OUTCOME_OK};
    if (*current_ms == value_ms)
        return answer;
    answer = set(migrator, value_ms);
    if (answer.outcome != OUTCOME_OK)
        return answer;
    *current_ms = value_ms;
    migrator->session.provisional = migrator->session.provisional || session_in_transaction(migrator);
    return answer;
}

struct db_answer session_set_timeouts(struct migrator *migrator, int64_t lock_timeout_ms,
                                      int64_t statement_timeout_ms)
{
    struct session *session = &migrator->session;
    if (session->provisional && !session_in_transaction(migrator))
        forget_timeouts(session);
    struct db_answer answer = set_timeout(migrator, set_lock_timeout, lock_timeout_ms,
                                          &session->lock_timeout_ms);
    if (answer.outcome != OUTCOME_OK)
        return answer;
    return set_timeout(migrator, set_statement_timeout, statement_timeout_ms, &session->statement_timeout_ms);
}

int64_t session_deadline_ns(const struct migrator *migrator)
{
    int64_t timeout_ms = migrator->session.statement_timeout_ms;
    return timeout_ms <= 0 ? CLOCK_NEVER_NS : clock_ns() + timeout_ms * NS_PER_MS + frozen_margin_ns;
}

bool session_in_transaction(const struct migrator *migrator)
{
    return migrator->session.db != NULL && db_in_transaction(migrator->session.db);
}

void session_rollback(struct migrator *migrator)
{
    if (session_in_transaction(migrator))
        session_exec(migrator, migrator->session.rollback, clock_ns() + setup_limit_ns, NULL, NULL);
}

void session_cancel(struct migrator *migrator)
{
    pthread_mutex_lock(&migrator->session.guard);
    if (migrator->session.db != NULL)
        db_cancel(migrator->session.db);
    pthread_mutex_unlock(&migrator->session.guard);
}
