#include "bench/migrate/stamp.h"

#include "bench/base/buf.h"
#include "bench/migrate/session.h"

#include <stdlib.h>

/* The readings of one message, by the number of the statement that reads. */
struct readings {
    int results[2];
    int64_t server_us[2];
};

static void read_clock(void *context, int result, int columns, const char *const *values)
{
    struct readings *readings = context;
    for (int i = 0; i < 2; i++)
        if (readings->results[i] == result && columns == 1 && values[0] != NULL)
            readings->server_us[i] = strtoll(values[0], NULL, 10);
}

static struct db_answer send_read(struct migrator *migrator, const char *sql, struct readings *readings)
{
    return session_exec(migrator, sql, session_deadline_ns(migrator), read_clock, readings);
}

static int64_t to_run_ns(const struct migrator *migrator, int64_t server_us)
{
    return server_us == 0 ? 0 : server_clock_to_run_ns(migrator->config.clock, server_us);
}

static bool counts_rows(enum sql_kind kind)
{
    return kind == SQL_KIND_INSERT || kind == SQL_KIND_UPDATE || kind == SQL_KIND_DELETE;
}

static struct db_answer read_after(struct migrator *migrator, int64_t *after_ns)
{
    struct readings readings = {.results = {0, -1}};
    struct db_answer answer = send_read(migrator, migrator->session.now, &readings);
    *after_ns = to_run_ns(migrator, readings.server_us[0]);
    return answer;
}

struct db_answer stamp_statement(struct migrator *migrator, const struct step *step, bool begin,
                                 struct attempt_span *span)
{
    const struct session *session = &migrator->session;
    bool counted = counts_rows(step->sql_kind);
    struct buf message = {0};
    if (begin)
        buf_printf(&message, "%s; ", session->begin);
    buf_printf(&message, "%s; ", session->now);
    int prefix = (int)message.length; /* all ASCII: bytes are characters */
    buf_puts(&message, step->sql);
    if (!counted)
        buf_printf(&message, "\n; %s", session->now);

    struct readings readings = {.results = {begin ? 1 : 0, begin ? 3 : 2}};
    span->sent_ns = clock_ns();
    struct db_answer answer = send_read(migrator, buf_text(&message), &readings);
    buf_free(&message);
    span->request_ns = to_run_ns(migrator, readings.server_us[0]);
    span->after_ns = to_run_ns(migrator, readings.server_us[1]);
    answer.position = answer.position > prefix ? answer.position - prefix : 0;
    if (!counted)
        answer.rows = 0;
    if (!counted || answer.outcome != OUTCOME_OK)
        return answer;
    struct db_answer after = read_after(migrator, &span->after_ns);
    return after.outcome == OUTCOME_OK ? answer : after;
}

struct db_answer stamp_commit(struct migrator *migrator, const char *commit, struct attempt_span *span)
{
    struct readings readings = {.results = {0, -1}};
    struct buf message = {0};
    buf_printf(&message, "%s; %s", migrator->session.now, commit);
    struct db_answer answer = send_read(migrator, buf_text(&message), &readings);
    buf_free(&message);
    span->end_ns = answer.outcome == OUTCOME_OK ? to_run_ns(migrator, readings.server_us[0]) : 0;
    return answer;
}

struct db_answer stamp_alone(struct migrator *migrator, const struct step *step, struct attempt_span *span)
{
    span->sent_ns = clock_ns();
    struct db_answer answer = read_after(migrator, &span->request_ns);
    return answer.outcome == OUTCOME_OK
               ? session_exec(migrator, step->sql, session_deadline_ns(migrator), NULL, NULL)
               : answer;
}
