/* A throw-away server: quick, durable, kept and restored, and gone however its owner ends. Needs a PostgreSQL server. */
#include "bench/base/file.h"
#include "tests/live/sandbox_bed.h"

#include <sys/stat.h>

static void starts_soon_and_leaves_nothing(void **state)
{
    (void)state;
    struct arena arena = {0};
    int64_t began_ns = clock_ns();
    struct sandbox *sandbox = start("sandbox:postgresql");
    int64_t took_ns = clock_ns() - began_ns;
    print_message("ready after %.2f s: %s\n", (double)took_ns / (double)NS_PER_S, sandbox_server(sandbox));
    assert_true(took_ns < START_LIMIT_NS);
    assert_true(sandbox_bytes(sandbox) > INT64_C(10000000));
    const char *directory = arena_strdup(&arena, sandbox_directory(sandbox));
    pid_t pid = sandbox_pid(sandbox);
    struct stat status;
    assert_int_equal(stat(directory, &status), 0);
    assert_int_equal(status.st_mode & 07777, 0700);
    assert_string_equal(ask(&arena, sandbox, "SELECT current_database()"), "rehearse");
    sandbox_stop(sandbox);
    assert_int_not_equal(kill(pid, 0), 0);
    assert_int_not_equal(access(directory, F_OK), 0);
    arena_free(&arena);
}

static void is_as_durable_as_a_real_one(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct sandbox *sandbox = start("sandbox:postgresql?set.work_mem=7MB&set.log_min_messages=info");
    struct db *db = connect_to(&arena, sandbox);
    assert_string_equal(one(&arena, db, "SHOW fsync"), "on");
    assert_string_equal(one(&arena, db, "SHOW full_page_writes"), "on");
    assert_string_equal(one(&arena, db, "SHOW synchronous_commit"), "on");
    assert_string_equal(one(&arena, db, "SHOW autovacuum"), "on");
    assert_string_equal(one(&arena, db, "SHOW listen_addresses"), "");
    assert_string_equal(one(&arena, db, "SHOW server_encoding"), "UTF8");
    assert_string_equal(one(&arena, db, "SHOW work_mem"), "7MB");
    assert_true(atoi(one(&arena, db, "SHOW max_connections")) >= 600);
    db_close(db);
    sandbox_stop(sandbox);
    arena_free(&arena);
}

static void kept_data_comes_back(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct err err = {0};
    struct sandbox *sandbox = start("sandbox:postgresql");
    ask(&arena, sandbox, "CREATE TABLE t AS SELECT generate_series(1, 1000) AS id");
    assert_true(sandbox_keep(sandbox, &err));
    ask(&arena, sandbox, "DELETE FROM t WHERE id > 10");
    ask(&arena, sandbox, "CREATE TABLE later ()");
    for (int again = 0; again < 2; again++) {
        if (!sandbox_restore(sandbox, &err))
            fail_msg("%s", err.message);
        assert_string_equal(ask(&arena, sandbox, "SELECT count(*) FROM t"), "1000");
        assert_string_equal(ask(&arena, sandbox, "SELECT to_regclass('later') IS NULL"), "t");
        ask(&arena, sandbox, "DROP TABLE t");
    }
    sandbox_stop(sandbox);
    arena_free(&arena);
}

static void starts_again_after_a_crash(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct err err = {0};
    struct sandbox *sandbox = start("sandbox:postgresql");
    ask(&arena, sandbox, "CREATE TABLE t AS SELECT 42 AS answer");
    siginfo_t dead;
    kill(sandbox_pid(sandbox), SIGKILL);
    assert_int_equal(waitid(P_PID, (id_t)sandbox_pid(sandbox), &dead, WEXITED | WNOWAIT), 0);
    if (!sandbox_start_server(sandbox, &err))
        fail_msg("%s", err.message);
    assert_string_equal(ask(&arena, sandbox, "SELECT answer FROM t"), "42");
    kill(sandbox_pid(sandbox), SIGSTOP);
    assert_true(sandbox_stop_server(sandbox, true, &err));
    assert_true(sandbox_start_server(sandbox, &err));
    assert_string_equal(ask(&arena, sandbox, "SELECT answer FROM t"), "42");
    sandbox_stop(sandbox);
    arena_free(&arena);
}

static void ends_with_its_killed_owner(void **state)
{
    (void)state;
    pid_t server;
    char directory[64];
    pid_t child = start_in_child("sandbox:postgresql", NULL, &server, directory);
    assert_int_equal(kill(server, 0), 0);
    assert_int_equal(access(directory, F_OK), 0);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    assert_true(gone_soon(server, directory));
}

static void runs_as_an_ordinary_user(void **state)
{
    (void)state;
    const struct passwd *nobody = getpwnam("nobody");
    if (geteuid() != 0 || nobody == NULL) {
        skip();
        return;
    }
    pid_t server;
    char directory[64];
    pid_t child = start_in_child("sandbox:postgresql", nobody, &server, directory);
    struct stat status;
    assert_int_equal(stat(directory, &status), 0);
    assert_int_equal(status.st_uid, nobody->pw_uid);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    assert_true(gone_soon(server, directory));
}

static void make_directory_of(const char *path, const char *owner)
{
    char name[128];
    assert_int_equal(mkdir(path, 0700), 0);
    snprintf(name, sizeof name, "%s/owner", path);
    FILE *file = fopen(name, "w");
    assert_non_null(file);
    fputs(owner, file);
    fclose(file);
    snprintf(name, sizeof name, "%s/data", path);
    assert_int_equal(mkdir(name, 0700), 0);
}

/* A pid that lives now but started at another time is another process: its directory is an orphan. One without an owner
 * file is nobody's, and stays. */
static void removes_orphans_only(void **state)
{
    (void)state;
    char orphan[64], foreign[64], elsewhere[64], owner[128], space[64] = "";
    assert_true(readlink("/proc/self/ns/pid", space, sizeof space - 1) > 0);
    snprintf(orphan, sizeof orphan, "/tmp/rh.o%05d", (int)(getpid() % 100000));
    snprintf(foreign, sizeof foreign, "/tmp/rh.f%05d", (int)(getpid() % 100000));
    snprintf(elsewhere, sizeof elsewhere, "/tmp/rh.e%05d", (int)(getpid() % 100000));
    snprintf(owner, sizeof owner, "%d 1 %s\n", (int)getpid(), space);
    make_directory_of(orphan, owner);
    snprintf(owner, sizeof owner, "%d 1 pid:[1]\n", (int)getpid()); /* another container's */
    make_directory_of(elsewhere, owner);
    assert_int_equal(mkdir(foreign, 0700), 0);
    struct sandbox *first = start("sandbox:postgresql");
    assert_int_not_equal(access(orphan, F_OK), 0);
    assert_int_equal(access(foreign, F_OK), 0);
    assert_int_equal(access(elsewhere, F_OK), 0);
    assert_true(file_remove_tree(elsewhere));
    struct sandbox *second = start("sandbox:postgresql");
    assert_int_equal(access(sandbox_directory(first), F_OK), 0);
    assert_int_equal(kill(sandbox_pid(first), 0), 0);
    sandbox_stop(first);
    assert_int_equal(access(sandbox_directory(second), F_OK), 0);
    sandbox_stop(second);
    assert_int_equal(rmdir(foreign), 0);
}

static void tells_why_it_cannot_start(void **state)
{
    (void)state;
    struct err err = {0};
    assert_null(sandbox_start("sandbox:postgresql?set.shared_buffers=lots", &err));
    assert_int_equal(err.kind, ERR_ENVIRONMENT);
    assert_non_null(strstr(err.message, "invalid value for parameter \"shared_buffers\""));
    assert_null(sandbox_start("sandbox:postgresql?bin=/nowhere", &err));
    assert_non_null(strstr(err.message, "/nowhere"));
    assert_null(sandbox_start("sandbox:nosuch", &err));
    assert_int_equal(err.kind, ERR_USAGE);
    assert_non_null(strstr(err.message, "nosuch"));
    assert_null(sandbox_start("sandbox:postgresql?replica=2", &err));
    assert_non_null(strstr(err.message, "replica=2"));
}

static void replica_follows_the_socket(void **state)
{
    (void)state;
    replica_follows("sandbox:postgresql?replica=1", NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(starts_soon_and_leaves_nothing), cmocka_unit_test(is_as_durable_as_a_real_one),
        cmocka_unit_test(kept_data_comes_back),           cmocka_unit_test(starts_again_after_a_crash),
        cmocka_unit_test(ends_with_its_killed_owner),     cmocka_unit_test(runs_as_an_ordinary_user),
        cmocka_unit_test(removes_orphans_only),           cmocka_unit_test(tells_why_it_cannot_start),
        cmocka_unit_test(replica_follows_the_socket),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
