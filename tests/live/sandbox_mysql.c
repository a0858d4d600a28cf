/* Throw-away MariaDB, and MySQL where there is one: quick, instrumented, durable, kept and restored, followed by a replica,
 * and gone however their owner ends. */
#include "tests/live/sandbox_bed.h"

#include <sys/stat.h>

static const char *engine;      /* "sandbox:mariadb" or "sandbox:mysql" */
static struct err refused;      /* what a setting that does not exist is answered with */
static struct sandbox *sandbox; /* of the first three tests */

static void starts_soon(void **state)
{
    (void)state;
    struct arena arena = {0};
    int64_t began_ns = clock_ns();
    sandbox = start(arena_printf(&arena, "%s?set.max_connections=611", engine));
    int64_t took_ns = clock_ns() - began_ns;
    print_message("ready after %.2f s: %s\n", (double)took_ns / (double)NS_PER_S, sandbox_server(sandbox));
    assert_true(took_ns < 2 * START_LIMIT_NS);
    assert_true(sandbox_bytes(sandbox) > INT64_C(10000000));
    assert_null(sandbox_replica_dsn(sandbox));
    assert_int_equal(sandbox_replica_pid(sandbox), 0);
    struct stat status;
    assert_int_equal(stat(sandbox_directory(sandbox), &status), 0);
    assert_int_equal(status.st_mode & 07777, 0700);
    assert_string_equal(ask(&arena, sandbox, "SELECT database()"), "rehearse");
    arena_free(&arena);
}

static void is_durable_and_shows_its_locks(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct db *db = connect_to(&arena, sandbox);
    assert_string_equal(one(&arena, db, "SELECT @@innodb_flush_log_at_trx_commit"), "1");
    assert_string_equal(one(&arena, db, "SELECT @@log_bin"), "1");
    assert_string_equal(one(&arena, db, "SELECT @@binlog_format"), "ROW");
    assert_string_equal(one(&arena, db, "SELECT @@skip_networking"), "1");
    assert_string_equal(one(&arena, db, "SELECT @@max_connections"), "611");
    assert_string_equal(one(&arena, db, "SELECT @@character_set_server"), "utf8mb4");
    assert_string_equal(one(&arena, db, "SELECT @@character_set_database"), "utf8mb4");
    assert_string_equal(one(&arena, db, "SELECT count(*) FROM mysql.user WHERE host <> 'localhost'"), "0");
    assert_string_equal(one(&arena, db,
                            "SELECT enabled FROM performance_schema.setup_instruments"
                            " WHERE name = 'wait/lock/metadata/sql/mdl'"),
                        "YES");
    assert_string_equal(one(&arena, db,
                            "SELECT count(*) FROM performance_schema.setup_consumers WHERE enabled = 'YES'"
                            " AND name IN ('events_waits_current', 'events_waits_history')"),
                        "2");
    db_close(db);
    arena_free(&arena);
}

static void kept_data_comes_back_and_survives_a_crash_and_leaves_nothing(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct err err = {0};
    ask(&arena, sandbox, "CREATE TABLE t AS SELECT 1 AS id UNION SELECT 2");
    assert_true(sandbox_keep(sandbox, &err));
    ask(&arena, sandbox, "DELETE FROM t");
    ask(&arena, sandbox, "CREATE TABLE later (id int)");
    if (!sandbox_restore(sandbox, &err))
        fail_msg("%s", err.message);
    assert_string_equal(ask(&arena, sandbox, "SELECT count(*) FROM t"), "2");
    assert_string_equal(
        ask(&arena, sandbox, "SELECT count(*) FROM information_schema.tables WHERE table_name = 'later'"),
        "0");
    ask(&arena, sandbox, "INSERT INTO t VALUES (3)");
    siginfo_t dead;
    kill(sandbox_pid(sandbox), SIGKILL);
    assert_int_equal(waitid(P_PID, (id_t)sandbox_pid(sandbox), &dead, WEXITED | WNOWAIT), 0);
    if (!sandbox_start_server(sandbox, &err))
        fail_msg("%s", err.message);
    assert_string_equal(ask(&arena, sandbox, "SELECT count(*) FROM t"), "3");
    kill(sandbox_pid(sandbox), SIGSTOP);
    assert_true(sandbox_stop_server(sandbox, true, &err));
    assert_true(sandbox_start_server(sandbox, &err));
    assert_string_equal(ask(&arena, sandbox, "SELECT count(*) FROM t"), "3");
    const char *directory = arena_strdup(&arena, sandbox_directory(sandbox));
    pid_t pid = sandbox_pid(sandbox);
    sandbox_stop(sandbox);
    assert_int_not_equal(kill(pid, 0), 0);
    assert_int_not_equal(access(directory, F_OK), 0);
    arena_free(&arena);
}

static void ends_with_its_killed_owner(void **state)
{
    (void)state;
    const struct passwd *nobody = getpwnam("nobody");
    pid_t server;
    char directory[64];
    pid_t child = start_in_child(engine, geteuid() == 0 ? nobody : NULL, &server, directory);
    assert_int_equal(kill(server, 0), 0);
    assert_int_equal(access(directory, F_OK), 0);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    assert_true(gone_soon(server, directory));
}

static void tells_why_it_cannot_start(void **state)
{
    (void)state;
    struct err err = {0};
    char dsn[64];
    assert_int_equal(refused.kind, ERR_ENVIRONMENT);
    assert_non_null(strstr(refused.message, "no_such_variable"));
    snprintf(dsn, sizeof dsn, "%s?bin=/nowhere", engine);
    assert_null(sandbox_start(dsn, &err));
    assert_non_null(strstr(err.message, "/nowhere"));
}

/* The port that MariaDB's replication needs lets in nobody else: root has no password on the socket only. */
static void guards_its_port(const struct sandbox *primary)
{
    struct arena arena = {0};
    struct err err = {0};
    const char *port = ask(&arena, primary, "SELECT @@port");
    assert_string_equal(ask(&arena, primary, "SELECT @@bind_address"), "127.0.0.1");
    struct db_target target;
    struct db_options options = {.application_name = "rehearse/test"};
    const char *dsn = arena_printf(&arena, "mysql://root@127.0.0.1:%s/rehearse", port);
    assert_true(db_target_parse(&arena, dsn, &target, &err));
    assert_null(db_open(&target, &options, &err));
    assert_non_null(strstr(err.message, "ccess denied"));
    arena_free(&arena);
}

static void replica_follows_by_a_guarded_port(void **state)
{
    (void)state;
    replica_follows("sandbox:mariadb?replica=1", guards_its_port);
}

static void mysql_has_no_replica(void **state)
{
    (void)state;
    struct err err = {0};
    assert_null(sandbox_start("sandbox:mysql?replica=1", &err));
    assert_int_equal(err.kind, ERR_USAGE);
}

static int run(const char *name, const struct CMUnitTest *tests, size_t count)
{
    char dsn[64];
    snprintf(dsn, sizeof dsn, "%s?set.no_such_variable=1", name);
    engine = name;
    refused = (struct err){0};
    struct sandbox *none = sandbox_start(dsn, &refused);
    sandbox_stop(none);
    if (none == NULL && strstr(refused.message, "server found on PATH") != NULL) {
        print_message("SKIPPED: %s: %s\n", name, refused.message);
        return 77;
    }
    return _cmocka_run_group_tests(name, tests, count, NULL, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(starts_soon),
        cmocka_unit_test(is_durable_and_shows_its_locks),
        cmocka_unit_test(kept_data_comes_back_and_survives_a_crash_and_leaves_nothing),
        cmocka_unit_test(ends_with_its_killed_owner),
        cmocka_unit_test(tells_why_it_cannot_start),
        cmocka_unit_test(mysql_has_no_replica),
        cmocka_unit_test(replica_follows_by_a_guarded_port), /* MariaDB's: the last is left out for MySQL */
    };
    size_t count = sizeof tests / sizeof tests[0];
    int mariadb = run("sandbox:mariadb", tests, count), mysql = run("sandbox:mysql", tests, count - 1);
    if (mariadb == 77)
        return mysql;
    return mariadb + (mysql == 77 ? 0 : mysql);
}
