/* A load that is killed in its middle goes on: right is that committed ranges stay, every row is there once, and the tables
 * are those of a load that nothing happened to; wrong is a table that begins anew, or rows that come twice. */
#ifndef REHEARSE_TESTS_FILL_RESUME_BED_H
#define REHEARSE_TESTS_FILL_RESUME_BED_H

#include "bench/base/buf.h"
#include "bench/db/dialect.h"
#include "bench/sandbox/sandbox.h"
#include "generators/fill.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum { LINES = 50000, RANGE = 2000 };

static struct sandbox *server;
static struct arena arena;
static struct db *db;
static struct db_target target;

static const struct fill_table_spec specs[] = {{"line", LINES}, {"owner", 5000}, {"note", 6000}};

static void command(const char *sql)
{
    struct err err = {0};
    if (!db_command(db, sql, &err))
        fail_msg("%s in %.200s", err.message, sql);
}

static const char *ask(const char *sql)
{
    struct err err = {0};
    struct db_table rows;
    if (!db_query(db, &arena, sql, &rows, &err))
        fail_msg("%s in %.200s", err.message, sql);
    const char *value = rows.rows == 0 ? NULL : db_value(&rows, 0, 0);
    return value == NULL ? "" : value;
}

static bool unlogged;

static struct fill_config config(int threads, uint64_t seed)
{
    return (struct fill_config){.target = &target,
                                .run_id = "test",
                                .tables = specs,
                                .table_count = sizeof specs / sizeof *specs,
                                .seed = seed,
                                .unlogged = unlogged,
                                .threads = threads,
                                .range_rows = RANGE};
}

static void fill_whole(int threads, uint64_t seed)
{
    struct err err = {0};
    struct fill_result result;
    struct fill_config with = config(threads, seed);
    char text[2048];
    if (fill_run(&with, &arena, &result, &err))
        return;
    err_text(&err, text, sizeof text);
    fail_msg("%s", text);
}

static int64_t ranges(const char *of)
{
    struct db_answer answer = db_exec(
        db, arena_printf(&arena, "SELECT 1 FROM rehearse_unfinished_fill_ranges%s", of), CLOCK_NEVER_NS, NULL,
        NULL);
    return answer.outcome == OUTCOME_OK ? answer.rows : 0;
}

/* Dies at the first moment at which so many ranges of `line` are committed. */

static void die_with(int64_t count, int threads)
{
    pid_t child = fork();
    int status = 0;
    assert_true(child >= 0);
    if (child == 0) {
        struct fill_config with = config(threads, 7);
        struct fill_result result;
        struct arena own = {0};
        struct err err = {0};
        fill_run(&with, &own, &result, &err);
        _exit(0);
    }
    while (ranges("") < count && waitpid(child, &status, WNOHANG) == 0)
        usleep(500);
    kill(child, SIGKILL);
    waitpid(child, &status, 0);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

static void make(void);
static const char *sums(void);

static const char *fingerprint(void)
{
    struct err err = {0};
    struct db_table rows;
    struct buf all = {0};
    assert_true(db_query(db, &arena, dialect_sql(&arena, db, DIALECT_FINGERPRINT, NULL), &rows, &err));
    for (size_t i = 0; i < rows.rows; i++)
        buf_printf(&all, "%s\n", db_value(&rows, i, 0));
    assert_true(rows.rows > 0);
    const char *kept = arena_strdup(&arena, buf_text(&all));
    buf_free(&all);
    return kept;
}

static int begin(const char *dsn)
{
    struct err err = {0};
    server = sandbox_start(dsn, &err);
    if (server == NULL) {
        fprintf(stderr, "skipped: %s\n", err.message);
        exit(77);
    }
    if (!db_target_parse(&arena, sandbox_dsn(server), &target, &err))
        fail_msg("%s", err.message);
    db = db_open(&target, &(struct db_options){.application_name = "rehearse/test/resume"}, &err);
    return db == NULL;
}

static int stop(void **state)
{
    (void)state;
    db_close(db);
    sandbox_stop(server);
    arena_free(&arena);
    return 0;
}

static const char *undisturbed(void)
{
    static const char *kept;
    if (kept == NULL) {
        make();
        fill_whole(1, 7);
        kept = sums();
        assert_string_equal(ask("SELECT count(*) FROM line"), "50000");
    }
    return kept;
}

struct stop_at {
    int64_t rows;
    bool reached;
};

static void look(void *context, const struct fill_progress *progress)
{
    struct stop_at *at = context;
    if (strcmp(progress->stage, "load") == 0 && progress->rows_done >= at->rows && ranges("") > 2)
        at->reached = true;
}

static bool reached(void *context)
{
    return ((struct stop_at *)context)->reached;
}

#endif
