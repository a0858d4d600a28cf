#include "bench/base/buf.h"
#include "bench/base/log.h"
#include "bench/db/dialect.h"
#include "bench/run/guard.h"

#include <stdlib.h>

/* Short: the watch shares a thread with the progress lines. */
#define POLL_LIMIT_NS (2 * NS_PER_S)

struct guard_watch {
    const struct db_target *target;
    struct db_options options;
    struct db *db; /* NULL while the server is away */
    struct arena arena;
    const char *sql; /* NULL: no table to watch */
    bool (*ours)(void *context, int session);
    void *ours_context;
    struct err *found; /* of the poll under way */
    bool blind;        /* the server cannot tell who writes, and that was said */
};

struct guard_watch *guard_watch_open(const struct db_target *target, const char *identity,
                                     const char *const *table_ids, size_t count, struct err *err)
{
    struct guard_watch *watch = mem_alloc(sizeof *watch);
    watch->target = target;
    watch->options = (struct db_options){.application_name = "rehearse/guard",
                                         .connect_timeout_ns = POLL_LIMIT_NS,
                                         .expected_identity = arena_strdup(&watch->arena, identity)};
    watch->db = db_open(target, &watch->options, err);
    if (watch->db == NULL) {
        guard_watch_close(watch);
        return NULL;
    }
    struct buf list = {0};
    for (size_t i = 0; i < count; i++)
        buf_printf(&list, "%s%s", i > 0 ? ", " : "", table_ids[i]);
    if (count > 0)
        watch->sql = dialect_sql(&watch->arena, watch->db, DIALECT_FOREIGN_WRITERS, buf_text(&list));
    buf_free(&list);
    return watch;
}

void guard_watch_excuse(struct guard_watch *watch, bool (*ours)(void *context, int session), void *context)
{
    watch->ours = ours;
    watch->ours_context = context;
}

static void tell_blind(struct guard_watch *watch)
{
    if (!watch->blind)
        log_warn("guard: this server does not tell this role who else writes the tables: nobody is stopped");
    watch->blind = true;
}

/* The first writer; the others would change nothing. */
static void name_writer(void *context, int result, int columns, const char *const *values)
{
    struct guard_watch *watch = context;
    struct err *found = watch->found;
    if (result != 0 || columns < 4 || found->kind != ERR_NONE)
        return;
    if (values[0] == NULL) {
        tell_blind(watch);
        return;
    }
    if (watch->ours != NULL && watch->ours(watch->ours_context, atoi(values[0])))
        return;
    err_set(
        found, ERR_ENVIRONMENT,
        "session %s (application \"%s\", user %s), which is not of this run, writes table %s: the run stops",
        values[0], values[1], values[2], values[3]);
    err_hint(found, "stop that application, or rehearse on a database that nobody else writes");
}

/* A server that is away is no writer: the run sees that by itself. Another server in its place is a reason to stop. */
static bool reopen(struct guard_watch *watch, struct err *found)
{
    struct db_answer answer;
    watch->db = db_open_outcome(watch->target, &watch->options, &answer);
    if (watch->db == NULL && answer.outcome == OUTCOME_WRONG_SERVER)
        return db_answer_error(&answer, found);
    return true;
}

bool guard_watch_poll(struct guard_watch *watch, struct err *found)
{
    *found = (struct err){0};
    if (watch->db == NULL && !reopen(watch, found))
        return false;
    if (watch->db == NULL || watch->sql == NULL)
        return true;
    watch->found = found;
    struct db_answer answer = db_exec(watch->db, watch->sql, clock_ns() + POLL_LIMIT_NS, name_writer, watch);
    if (answer.outcome == OUTCOME_PERMISSION)
        tell_blind(watch);
    if (outcome_ends_session(answer.outcome)) {
        db_close(watch->db);
        watch->db = NULL;
    }
    return found->kind == ERR_NONE;
}

void guard_watch_close(struct guard_watch *watch)
{
    if (watch == NULL)
        return;
    db_close(watch->db);
    arena_free(&watch->arena);
    free(watch);
}
