#include "bench/migrate/step.h"

#include "bench/base/log.h"
#include "bench/db/dialect.h"
#include "bench/migrate/command.h"
#include "bench/migrate/journal.h"
#include "bench/migrate/session.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { OUTPUT_LINES = 20, MESSAGE_LINES = 3 };
static const int64_t limit_default_ns = INT64_C(24) * 3600 * NS_PER_S, look_every_ns = 50 * NS_PER_MS,
                     ask_limit_ns = 2 * NS_PER_S;

enum { COLUMN_SESSION, COLUMN_APPLICATION, COLUMN_CLIENT_PROCESS = 9 };

struct known_session {
    int session;
    bool here; /* seen in the look that is under way */
};

/* What runs: the program, and the connection that looks for its sessions. */
struct running {
    struct migrator *migrator;
    struct command command;
    const char *application_name;
    struct db *db; /* NULL: the server cannot tell, or is gone */
    const char *sessions_sql;
    struct known_session *known;
    size_t known_count, known_capacity;
};

/* Its sessions. */

/* /proc/PID/stat: the third field after the name, which may itself hold blanks and brackets. */
static bool is_in_group(const char *process, pid_t group)
{
    char path[64], text[512];
    char *end;
    long pid = strtol(process, &end, 10);
    if (pid <= 0 || *end != '\0')
        return false;
    snprintf(path, sizeof path, "/proc/%ld/stat", pid);
    int file = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t got = file >= 0 ? read(file, text, sizeof text - 1) : -1;
    if (file >= 0)
        close(file);
    text[got > 0 ? got : 0] = '\0';
    const char *after = strrchr(text, ')');
    int parent, found;
    return after != NULL && sscanf(after, ") %*c %d %d", &parent, &found) == 2 && found == group;
}

static void tell(const struct migrator *migrator, int session, bool active)
{
    const struct migrator_hooks *hooks = &migrator->config.hooks;
    log_debug("command: session %d %s", session, active ? "opened" : "went");
    if (hooks->session != NULL)
        hooks->session(hooks->context, session, active);
}

static void see_session(void *context, int result, int columns, const char *const *values)
{
    struct running *running = context;
    if (result != 0 || columns <= COLUMN_CLIENT_PROCESS || values[COLUMN_SESSION] == NULL)
        return;
    const char *name = values[COLUMN_APPLICATION], *process = values[COLUMN_CLIENT_PROCESS];
    int session = atoi(values[COLUMN_SESSION]);
    for (size_t i = 0; i < running->known_count; i++) {
        if (running->known[i].session == session) {
            running->known[i].here = true;
            return;
        }
    }
    if (!(name != NULL && strcmp(name, running->application_name) == 0) &&
        !(process != NULL && is_in_group(process, running->command.pid)))
        return;
    *ARENA_PUSH(&running->migrator->arena, running->known, running->known_count,
                running->known_capacity) = (struct known_session){session, true};
    tell(running->migrator, session, true);
}

/* Those that were not seen have gone. */
static void forget_gone(struct running *running)
{
    size_t kept = 0;
    for (size_t i = 0; i < running->known_count; i++) {
        if (running->known[i].here)
            running->known[kept++] = running->known[i];
        else
            tell(running->migrator, running->known[i].session, false);
    }
    running->known_count = kept;
}

static void look_for_sessions(struct running *running)
{
    if (running->db == NULL)
        return;
    for (size_t i = 0; i < running->known_count; i++)
        running->known[i].here = false;
    struct db_answer answer = db_exec(running->db, running->sessions_sql, clock_ns() + ask_limit_ns,
                                      see_session, running);
    if (answer.outcome == OUTCOME_OK) {
        forget_gone(running);
    } else if (outcome_ends_session(answer.outcome)) {
        log_warn("the sessions of the command are no longer looked for: %s", answer.message);
        db_close(running->db);
        running->db = NULL;
    }
}

static void open_look(struct running *running)
{
    struct migrator *migrator = running->migrator;
    struct err unseen = {0};
    struct db_options options = {
        .application_name = arena_printf(&migrator->arena, "rehearse/%s/look", migrator->config.run_id),
        .expected_identity = migrator->config.expected_identity};
    running->db = db_open(migrator->config.target, &options, &unseen);
    if (running->db != NULL)
        running->sessions_sql = dialect_sql(&migrator->arena, running->db, DIALECT_SESSIONS, NULL);
    if (running->sessions_sql != NULL)
        return;
    log_warn("the sessions of the command cannot be told from others: %s",
             running->db == NULL ? unseen.message : "the server does not say");
    db_close(running->db);
    running->db = NULL;
}

static void close_look(struct running *running)
{
    for (size_t i = 0; i < running->known_count; i++)
        running->known[i].here = false;
    forget_gone(running);
    db_close(running->db);
}

/* Its run. */

static struct db_answer failed(const char *message)
{
    struct db_answer answer = {.outcome = OUTCOME_OTHER};
    snprintf(answer.message, sizeof answer.message, "%.*s", (int)sizeof answer.message - 1, message);
    return answer;
}

/* How it ended, with the last of what it said. */
static struct db_answer judge(struct running *running, const char *program)
{
    struct buf text = {0};
    size_t count;
    const char *how = command_failure(&running->command);
    if (how == NULL)
        return (struct db_answer){.outcome = OUTCOME_OK};
    const char *const *last = command_tail(&running->command, MESSAGE_LINES, &count);
    buf_printf(&text, "%s %s", program, how);
    for (size_t i = 0; i < count; i++)
        buf_printf(&text, "%s%s", i == 0 ? ": " : " / ", last[i]);
    struct db_answer answer = failed(buf_text(&text));
    buf_free(&text);
    return answer;
}

/* Until it ends, is interrupted, or has used up its time. */
static struct db_answer watch(struct running *running, const struct step *step, int64_t limit_ns)
{
    int64_t until_ns = clock_ns() + limit_ns;
    while (!command_ended(&running->command)) {
        if (migration_interrupted(running->migrator)) {
            command_stop(&running->command);
            return (struct db_answer){.outcome = OUTCOME_CANCELLED, .message = "stopped"};
        }
        if (clock_ns() >= until_ns) {
            command_stop(&running->command);
            return failed(arena_printf(&running->migrator->arena, "%s did not end within %lld s: stopped",
                                       step->argv[0], (long long)(limit_ns / NS_PER_S)));
        }
        look_for_sessions(running);
        command_read(&running->command, clock_ns() + look_every_ns);
    }
    return judge(running, step->argv[0]);
}

static struct db_answer run(struct migrator *migrator, const struct step *step, size_t statement,
                            const char *file, const char *const *argv)
{
    struct err unstarted = {0};
    struct strategy_settings settings = migration_settings(migrator, step);
    int64_t limit_ns = settings.statement_timeout_ms > 0 ? settings.statement_timeout_ms * NS_PER_MS
                                                         : limit_default_ns;
    struct running running = {
        .migrator = migrator,
        .application_name = arena_printf(&migrator->arena, "rehearse/%s/command", migrator->config.run_id)};
    open_look(&running);
    migrator->touched = true; /* whatever it did before it failed is permanent */
    struct db_answer answer = command_start(&running.command, &migrator->arena, file, argv,
                                            running.application_name, &unstarted)
                                  ? watch(&running, step, limit_ns)
                                  : failed(unstarted.message);
    struct statement_run *log = journal_statement_at(migrator, statement);
    log->output = command_tail(&running.command, OUTPUT_LINES, &log->output_count);
    command_close(&running.command);
    close_look(&running);
    return answer;
}

/* Its locks are those of its own sessions, not of an attempt of ours: the attempt has none. */
static struct db_answer attempt(struct migrator *migrator, const struct step *step, size_t statement,
                                const char *file, const char *const *argv)
{
    migration_arm(migrator, true);
    size_t index = journal_attempt(migrator, statement);
    struct attempt_span *span = &migrator->log.attempts[index];
    span->session = 0;
    span->sent_ns = clock_ns();
    struct db_answer answer = run(migrator, step, statement, file, argv);
    span->outcome = answer.outcome;
    span->done_ns = clock_ns();
    journal_attempt_end(migrator, index);
    migration_arm(migrator, false);
    return answer;
}

enum migrator_result step_command(struct migrator *migrator, const struct step *step, struct err *err)
{
    const char *file;
    const char *const *argv;
    if (!command_find(&migrator->arena, step->argv[0], &file, err) ||
        !command_resolve(&migrator->arena, step->argv, migrator->config.target, &argv, err))
        return MIGRATOR_FAILED;
    enum migrator_result result = session_ensure(migrator, err);
    if (result != MIGRATOR_DONE)
        return result;
    size_t statement = journal_statement(migrator, step);
    struct db_answer answer = attempt(migrator, step, statement, file, argv);
    journal_statement_end(migrator, statement, &answer);
    return step_verdict(migrator, step, &answer, err);
}
