#include "bench/db/fake.h"

#include "bench/base/rng.h"
#include "bench/db/sql.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FAKE_VERSION = 10000 };

struct fake {
    struct db db; /* first: the driver casts */
    struct fake_world *world;
    char *prepared[DB_MAX_PREPARED]; /* owned */
    uint64_t statement;              /* counts, for the draws */
    int64_t lock_timeout_ns;         /* 0: none */
    bool failed;                     /* the open transaction has failed */
    bool broken;
    pthread_mutex_t lock;
    pthread_cond_t woken;
    bool busy, cancelled; /* under lock */
};

/* One statement of a message under way. */
struct play {
    struct fake *fake;
    const char *sql;
    int64_t deadline_ns;
    db_row_fn *rows;
    void *context;
    struct db_answer *answer;
};

static bool fake_accepts(const char *dsn)
{
    return strncmp(dsn, "fake:", 5) == 0;
}

static bool fake_parse(struct arena *arena, const char *dsn, struct db_target *target, struct err *err)
{
    struct fake_world *world = arena_alloc(arena, sizeof *world);
    target->label = target->dsn;
    target->world = world;
    return fake_script_read(arena, dsn + 5, world, err);
}

static void fail(struct db_answer *answer, enum outcome outcome, const char *code, const char *message)
{
    answer->outcome = outcome;
    snprintf(answer->code, sizeof answer->code, "%s", code);
    snprintf(answer->message, sizeof answer->message, "%.*s", (int)sizeof answer->message - 1, message);
}

/* Sleeps until due, or a cancel, or the deadline. Returns what ended it; OUTCOME_OK: it is due. */
static enum outcome sleep_until(struct fake *fake, int64_t due_ns, int64_t deadline_ns)
{
    int64_t until_ns = due_ns < deadline_ns ? due_ns : deadline_ns;
    struct timespec until = {.tv_sec = until_ns / NS_PER_S, .tv_nsec = until_ns % NS_PER_S};
    pthread_mutex_lock(&fake->lock);
    while (!fake->cancelled && clock_ns() < until_ns)
        pthread_cond_timedwait(&fake->woken, &fake->lock, &until);
    bool cancelled = fake->cancelled;
    pthread_mutex_unlock(&fake->lock);
    if (cancelled)
        return OUTCOME_CANCELLED;
    return due_ns <= deadline_ns ? OUTCOME_OK : OUTCOME_DEADLINE;
}

static bool matches(const struct play *play, const struct fake_rule *rule)
{
    return strcasestr(play->sql, rule->match) != NULL;
}

/* When the locks that this statement meets are all free. Locks may follow each other without a gap. */
static int64_t free_at_ns(const struct play *play, int64_t now_ns)
{
    const struct fake_world *world = play->fake->world;
    int64_t start_ns = atomic_load(&world->start_ns), free_ns = now_ns;
    for (bool moved = true; moved;) {
        moved = false;
        for (size_t i = 0; i < world->rule_count; i++) {
            const struct fake_rule *rule = &world->rules[i];
            if (rule->verb == FAKE_LOCK && free_ns >= start_ns + rule->from_ns &&
                free_ns < start_ns + rule->to_ns && matches(play, rule)) {
                free_ns = start_ns + rule->to_ns;
                moved = true;
            }
        }
    }
    return free_ns;
}

static bool wait_locks(struct play *play)
{
    struct fake *fake = play->fake;
    int64_t now_ns = clock_ns(), free_ns = free_at_ns(play, now_ns);
    if (free_ns == now_ns)
        return true;
    bool times_out = fake->lock_timeout_ns > 0 && free_ns - now_ns > fake->lock_timeout_ns;
    enum outcome end = sleep_until(fake, times_out ? now_ns + fake->lock_timeout_ns : free_ns,
                                   play->deadline_ns);
    if (end != OUTCOME_OK)
        fail(play->answer, end, "57014", "the wait for a lock was cut short");
    else if (times_out)
        fail(play->answer, OUTCOME_LOCK_TIMEOUT, "55P03", "canceling statement due to lock timeout");
    return play->answer->outcome == OUTCOME_OK;
}

static bool take_time(struct play *play)
{
    const struct fake_world *world = play->fake->world;
    int64_t takes_ns = world->latency_ns;
    for (size_t i = 0; i < world->rule_count; i++)
        if (world->rules[i].verb == FAKE_TAKES && matches(play, &world->rules[i]))
            takes_ns = world->rules[i].to_ns;
    if (takes_ns == 0)
        return true;
    enum outcome end = sleep_until(play->fake, clock_ns() + takes_ns, play->deadline_ns);
    if (end != OUTCOME_OK)
        fail(play->answer, end, "57014", "the statement was cut short");
    return end == OUTCOME_OK;
}

static bool draw_failure(struct play *play)
{
    const struct fake_world *world = play->fake->world;
    uint64_t stream = rng_hash(world->seed, (uint64_t)play->fake->db.session, play->fake->statement);
    for (size_t i = 0; i < world->rule_count; i++) {
        const struct fake_rule *rule = &world->rules[i];
        if (rule->verb != FAKE_FAILS || !matches(play, rule))
            continue;
        struct rng rng = rng_start(rng_hash(stream, i, 0));
        if (rng_unit(&rng) < rule->share) {
            fail(play->answer, rule->outcome, "FAKE0", "the script says so");
            play->fake->broken = outcome_ends_session(rule->outcome);
            return false;
        }
    }
    return true;
}

static void give_rows(struct play *play)
{
    const struct fake_world *world = play->fake->world;
    const struct fake_rule *values = NULL;
    int64_t count = -1;
    for (size_t i = 0; i < world->rule_count; i++) {
        const struct fake_rule *rule = &world->rules[i];
        if (rule->verb == FAKE_ROWS && matches(play, rule))
            count = rule->rows;
        if (rule->verb == FAKE_RETURNS && matches(play, rule))
            values = rule;
    }
    play->answer->rows = count >= 0 ? count : 1;
    if (values == NULL && count < 0)
        return;
    for (int64_t i = 0; play->rows != NULL && i < play->answer->rows; i++) {
        char number[24];
        snprintf(number, sizeof number, "%lld", (long long)i + 1);
        const char *const counted[] = {number};
        play->rows(play->context, play->answer->result, values != NULL ? values->value_count : 1,
                   values != NULL ? values->values : counted);
    }
}

/* BEGIN, COMMIT, ROLLBACK, SET lock_timeout. A COMMIT after a failure does not commit, and says so. */
static bool play_control(struct play *play)
{
    struct fake *fake = play->fake;
    long long milliseconds;
    if (sscanf(play->sql, "SET lock_timeout = %lld", &milliseconds) == 1) {
        fake->lock_timeout_ns = milliseconds * NS_PER_MS;
        return true;
    }
    enum sql_kind kind = sql_kind(SQL_POSTGRES, play->sql);
    if (kind != SQL_KIND_BEGIN && kind != SQL_KIND_COMMIT && kind != SQL_KIND_ROLLBACK)
        return false;
    if (kind == SQL_KIND_COMMIT && fake->failed)
        fail(play->answer, OUTCOME_OTHER, "25P02",
             "COMMIT became ROLLBACK: the transaction had failed before");
    fake->db.in_transaction = kind == SQL_KIND_BEGIN;
    fake->failed = false;
    return true;
}

static void play_statement(struct play *play)
{
    struct fake *fake = play->fake;
    fake->statement++;
    if (fake_catalogue(fake->world, play->sql, play->rows, play->context, &play->answer->rows))
        return;
    if (fake->failed && sql_kind(SQL_POSTGRES, play->sql) != SQL_KIND_ROLLBACK &&
        sql_kind(SQL_POSTGRES, play->sql) != SQL_KIND_COMMIT) {
        fail(play->answer, OUTCOME_OTHER, "25P02", "the transaction has failed");
        return;
    }
    if (wait_locks(play) && take_time(play) && draw_failure(play) && !play_control(play))
        give_rows(play);
}

static void set_busy(struct fake *fake, bool busy)
{
    pthread_mutex_lock(&fake->lock);
    fake->busy = busy;
    fake->cancelled = false;
    pthread_mutex_unlock(&fake->lock);
}

static struct db_answer play_one(struct fake *fake, const char *sql, int64_t deadline_ns, int result,
                                 db_row_fn *rows, void *context)
{
    struct db_answer answer = {.outcome = OUTCOME_OK, .result = result};
    struct play play = {.fake = fake,
                        .sql = sql,
                        .deadline_ns = deadline_ns,
                        .rows = rows,
                        .context = context,
                        .answer = &answer};
    if (fake->broken) {
        fail(&answer, OUTCOME_CONNECTION_LOST, "", "the connection is gone");
        return answer;
    }
    set_busy(fake, true);
    play_statement(&play);
    set_busy(fake, false);
    if (answer.outcome == OUTCOME_OK)
        answer.result++;
    else if (fake->db.in_transaction)
        fake->failed = true;
    if (fake->broken)
        fake->db.in_transaction = false;
    return answer;
}

static struct db_answer fake_exec(struct db *db, const char *sql, int64_t deadline_ns, db_row_fn *rows,
                                  void *context)
{
    struct arena arena = {0};
    struct err err;
    struct sql_statement *statements;
    size_t count;
    struct db_answer answer = {.outcome = OUTCOME_OK};
    if (!sql_split(&arena, SQL_POSTGRES, "", sql, strlen(sql), 1, 1, &statements, &count, &err)) {
        fail(&answer, OUTCOME_SYNTAX, "42601", err.message);
        count = 0;
    }
    for (size_t i = 0; i < count && answer.outcome == OUTCOME_OK; i++)
        answer = play_one((struct fake *)db, statements[i].text, deadline_ns, (int)i, rows, context);
    arena_free(&arena);
    return answer;
}

static struct db_answer fake_prepare(struct db *db, int id, const char *sql, int64_t deadline_ns)
{
    struct fake *fake = (struct fake *)db;
    (void)deadline_ns;
    free(fake->prepared[id]);
    fake->prepared[id] = mem_strdup(sql);
    return (struct db_answer){.outcome = OUTCOME_OK};
}

static struct db_answer fake_run(struct db *db, int id, const char *const *values, int count,
                                 int64_t deadline_ns, db_row_fn *rows, void *context)
{
    struct fake *fake = (struct fake *)db;
    struct db_answer answer = {.outcome = OUTCOME_OK};
    (void)values;
    (void)count;
    if (fake->prepared[id] != NULL)
        return play_one(fake, fake->prepared[id], deadline_ns, 0, rows, context);
    fail(&answer, OUTCOME_NO_SUCH_OBJECT, "26000", "no statement was prepared under this number");
    return answer;
}

/* Takes all bytes and counts the rows; the table's name is what rules match. */
static struct db_answer fake_load(struct db *db, const struct db_load *load, int64_t deadline_ns,
                                  db_fill_fn *fill, void *context)
{
    char *sql, *chunk = mem_alloc(65536);
    int64_t rows = 0;
    long length;
    if (asprintf(&sql, "COPY %s (%s) FROM STDIN", load->table, load->columns) < 0)
        abort();
    while ((length = fill(context, chunk, 65536)) > 0)
        for (long i = 0; i < length; i++)
            rows += chunk[i] == '\n';
    struct db_answer answer = play_one((struct fake *)db, sql, deadline_ns, 0, NULL, NULL);
    if (length < 0)
        fail(&answer, OUTCOME_CANCELLED, "57014", "the load was abandoned");
    else if (answer.outcome == OUTCOME_OK)
        answer.rows = rows;
    free(chunk);
    free(sql);
    return answer;
}

static bool fake_cancel(struct db *db)
{
    struct fake *fake = (struct fake *)db;
    pthread_mutex_lock(&fake->lock);
    fake->cancelled = fake->busy;
    pthread_cond_broadcast(&fake->woken);
    pthread_mutex_unlock(&fake->lock);
    return true;
}

static void fake_close(struct db *db)
{
    struct fake *fake = (struct fake *)db;
    for (int i = 0; i < DB_MAX_PREPARED; i++)
        free(fake->prepared[i]);
    pthread_cond_destroy(&fake->woken);
    pthread_mutex_destroy(&fake->lock);
    free(fake);
}

static bool begin(struct fake *fake, const struct db_options *options, struct db_answer *answer)
{
    char name[300];
    snprintf(name, sizeof name, "fake/%s", fake->world->file);
    *answer = (struct db_answer){.outcome = OUTCOME_OK};
    if (options->expected_identity != NULL && strcmp(options->expected_identity, name) != 0)
        fail(answer, OUTCOME_WRONG_SERVER, "", "this is not the server and database that the run began with");
    else if (options->setup_sql != NULL)
        *answer = fake_exec(&fake->db, options->setup_sql, CLOCK_NEVER_NS, NULL, NULL);
    return answer->outcome == OUTCOME_OK;
}

static struct db *fake_open(const struct db_target *target, const struct db_options *options,
                            struct db_answer *answer)
{
    struct fake *fake = mem_alloc(sizeof *fake);
    struct fake_world *world = target->world;
    int64_t unset = 0;
    pthread_condattr_t monotonic;
    atomic_compare_exchange_strong(&world->start_ns, &unset, clock_ns());
    fake->db = (struct db){.driver = &db_fake, .dialect = &dialect_fake, .version = FAKE_VERSION};
    fake->db.session = atomic_fetch_add(&world->sessions, 1) + 1;
    fake->world = world;
    pthread_mutex_init(&fake->lock, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&fake->woken, &monotonic);
    pthread_condattr_destroy(&monotonic);
    if (begin(fake, options, answer))
        return &fake->db;
    fake_close(&fake->db);
    return NULL;
}

static const char *fake_client_version(void)
{
    return "fake 1.0";
}

const struct db_driver db_fake = {
    .engine = "fake",
    .lexis = SQL_POSTGRES,
    .accepts = fake_accepts,
    .parse = fake_parse,
    .open = fake_open,
    .close = fake_close,
    .exec = fake_exec,
    .prepare = fake_prepare,
    .run = fake_run,
    .load = fake_load,
    .cancel = fake_cancel,
    .client_version = fake_client_version,
};
