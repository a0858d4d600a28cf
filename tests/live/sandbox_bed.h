/* bed: throw-away servers for tests of them: started or failing the test, asked, in a child that will be killed, followed. */
#ifndef REHEARSE_TESTS_SANDBOX_BED_H
#define REHEARSE_TESTS_SANDBOX_BED_H

#include "bench/base/arena.h"
#include "bench/base/clock.h"
#include "bench/db/db.h"
#include "bench/sandbox/sandbox.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define START_LIMIT_NS   (6 * NS_PER_S) /* twice what a quiet machine needs at most */
#define GONE_LIMIT_NS    (10 * NS_PER_S)
#define REPLICA_LIMIT_NS (2 * NS_PER_S)

static inline struct sandbox *start(const char *dsn)
{
    struct err err = {0};
    struct sandbox *sandbox = sandbox_start(dsn, &err);
    if (sandbox == NULL)
        fail_msg("%s", err.message);
    return sandbox;
}

static inline struct db *connect_by(struct arena *arena, const char *dsn)
{
    struct err err = {0};
    struct db_target *target = arena_alloc(arena, sizeof *target);
    struct db_options options = {.application_name = "rehearse/test"};
    if (!db_target_parse(arena, dsn, target, &err))
        fail_msg("%s", err.message);
    struct db *db = db_open(target, &options, &err);
    if (db == NULL)
        fail_msg("%s", err.message);
    return db;
}

static inline struct db *connect_to(struct arena *arena, const struct sandbox *sandbox)
{
    return connect_by(arena, sandbox_dsn(sandbox));
}

static inline const char *one(struct arena *arena, struct db *db, const char *sql)
{
    struct err err = {0};
    struct db_table table;
    if (!db_query(db, arena, sql, &table, &err))
        fail_msg("%s: %s", sql, err.message);
    return table.rows > 0 ? db_value(&table, 0, 0) : "";
}

/* One statement on a session of its own. */
static inline const char *ask(struct arena *arena, const struct sandbox *sandbox, const char *sql)
{
    struct db *db = connect_to(arena, sandbox);
    const char *value = one(arena, db, sql);
    db_close(db);
    return value;
}

static inline bool gone_soon(pid_t pid, const char *directory)
{
    int64_t deadline_ns = clock_ns() + GONE_LIMIT_NS;
    while (clock_ns() < deadline_ns) {
        if ((pid <= 0 || (kill(pid, 0) != 0 && errno == ESRCH)) && access(directory, F_OK) != 0)
            return true;
        clock_sleep_ns(20 * NS_PER_MS);
    }
    return false;
}

/* A child that starts a sandbox, tells its server's pid and directory through a pipe, and waits to be killed. */
static inline pid_t start_in_child(const char *dsn, const struct passwd *user, pid_t *server,
                                   char directory[64])
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0) {
        struct err err = {0};
        if (user != NULL &&
            (setgroups(0, NULL) != 0 || setgid(user->pw_gid) != 0 || setuid(user->pw_uid) != 0))
            _exit(1);
        struct sandbox *sandbox = sandbox_start(dsn, &err);
        if (sandbox == NULL) {
            fprintf(stderr, "%s\n", err.message);
            _exit(1);
        }
        dprintf(ends[1], "%d %s\n", sandbox_pid(sandbox), sandbox_directory(sandbox));
        pause();
        _exit(0);
    }
    close(ends[1]);
    FILE *told = fdopen(ends[0], "r");
    int pid = 0;
    assert_int_equal(fscanf(told, "%d %63s", &pid, directory), 2);
    fclose(told);
    *server = pid;
    return child;
}

/* The replica counts `rows` rows in table t within 2 s. */
static inline void replica_gets(const struct sandbox *sandbox, const char *rows)
{
    struct arena arena = {0};
    struct db *db = connect_by(&arena, sandbox_replica_dsn(sandbox));
    int64_t deadline_ns = clock_ns() + REPLICA_LIMIT_NS;
    const char *seen = "";
    struct db_table table;
    struct err err = {0};
    while (strcmp(seen, rows) != 0 && clock_ns() < deadline_ns) {
        bool there = db_query(db, &arena, "SELECT count(*) FROM t", &table, &err); /* t comes later than we */
        seen = there ? db_value(&table, 0, 0) : err.message;
        clock_sleep_ns(10 * NS_PER_MS);
    }
    assert_string_equal(seen, rows);
    db_close(db);
    arena_free(&arena);
}

/* Rows come through; after a restore those of later are gone from both, and others come through again. look: at the primary; may be NULL. */
static inline void replica_follows(const char *dsn, void (*look)(const struct sandbox *primary))
{
    struct arena arena = {0};
    struct err err = {0};
    struct sandbox *sandbox = start(dsn);
    pid_t pid = sandbox_replica_pid(sandbox);
    char directory[64];
    snprintf(directory, sizeof directory, "%s", sandbox_directory(sandbox));
    ask(&arena, sandbox, "CREATE TABLE t (id int PRIMARY KEY)");
    ask(&arena, sandbox, "INSERT INTO t VALUES (1), (2)");
    replica_gets(sandbox, "2");
    if (look != NULL)
        look(sandbox);
    if (!sandbox_keep(sandbox, &err))
        fail_msg("%s", err.message);
    ask(&arena, sandbox, "INSERT INTO t VALUES (3), (4), (5)");
    replica_gets(sandbox, "5");
    if (!sandbox_restore(sandbox, &err))
        fail_msg("%s", err.message);
    replica_gets(sandbox, "2");
    ask(&arena, sandbox, "INSERT INTO t VALUES (6)");
    replica_gets(sandbox, "3");
    assert_int_not_equal(sandbox_replica_pid(sandbox), pid);
    pid = sandbox_replica_pid(sandbox);
    assert_int_equal(kill(pid, 0), 0);
    sandbox_stop(sandbox);
    assert_true(gone_soon(pid, directory));
    arena_free(&arena);
}

#endif
