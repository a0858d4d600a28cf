/* Arming a MariaDB target: unarmed, expired and copied markers open nothing. Needs a MariaDB server. */
#include "bench/load/pool.h"
#include "bench/observe/observer.h"
#include "bench/run/cleaning.h"
#include "bench/run/guard.h"
#include "bench/sandbox/sandbox.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

#include <cmocka.h>

#define HOUR_NS (3600 * NS_PER_S)

struct fixture {
    struct arena arena;
    struct sandbox *sandbox;
    struct db_target target; /* the sandbox by its DSN, as if it were somebody's */
};

static void set_target(struct fixture *fixture, const char *user, const char *database,
                       struct db_target *target)
{
    struct err err = {0};
    const char *dsn = arena_printf(&fixture->arena, "S=%s,u=%s,D=%s", fixture->target.socket, user, database);
    if (!db_target_parse(&fixture->arena, dsn, target, &err))
        fail_msg("%s", err.message);
}

static void command(const struct db_target *target, const char *sql)
{
    struct err err = {0};
    struct db *db = db_open(target, &(struct db_options){.application_name = "dba"}, &err);
    if (db == NULL || !db_command(db, sql, &err))
        fail_msg("%s: %s", sql, err.message);
    db_close(db);
}

static int set_up(void **state)
{
    struct err err = {0};
    struct fixture *fixture = mem_alloc(sizeof *fixture);
    fixture->sandbox = sandbox_start("sandbox:mariadb", &err);
    if (fixture->sandbox == NULL && strstr(err.hint, "install") != NULL) {
        print_message("skipped: %s\n", err.message);
        exit(77);
    }
    if (fixture->sandbox == NULL ||
        !db_target_parse(&fixture->arena, sandbox_dsn(fixture->sandbox), &fixture->target, &err)) {
        print_error("%s\n", err.message);
        return -1;
    }
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    sandbox_stop(fixture->sandbox);
    arena_free(&fixture->arena);
    free(fixture);
    return 0;
}

static void assert_refused(struct fixture *fixture, const struct db_target *target, const char *because)
{
    struct err err = {0};
    const char *identity;
    assert_false(guard_check(target, NULL, &fixture->arena, &identity, &err));
    assert_int_equal(err_exit_code(err.kind), 3);
    if (strstr(err.message, because) == NULL)
        fail_msg("\"%s\" does not say \"%s\"", err.message, because);
    assert_non_null(strstr(err.hint, "rehearse arm 'mysql://"));
    assert_non_null(strstr(err.hint, "--arm "));
}

static void an_unarmed_target_is_refused(void **state)
{
    struct fixture *fixture = *state;
    struct err err = {0};
    const char *identity = NULL;
    assert_refused(fixture, &fixture->target, "is not armed");
    assert_false(guard_check(&fixture->target, "shop", &fixture->arena, &identity, &err));
    assert_true(guard_check(&fixture->target, "rehearse", &fixture->arena, &identity, &err));
    assert_non_null(identity);
    assert_refused(fixture, &fixture->target, "is not armed"); /* it left no marker */
}

static void arming_lasts_until_its_expiry(void **state)
{
    struct fixture *fixture = *state;
    struct err err = {0};
    const char *identity;
    assert_false(guard_arm(&fixture->target, "mysql", HOUR_NS, &err));
    assert_refused(fixture, &fixture->target, "is not armed");
    if (!guard_arm(&fixture->target, "rehearse", 200 * NS_PER_MS, &err))
        fail_msg("%s", err.message);
    clock_sleep_ns(250 * NS_PER_MS);
    assert_refused(fixture, &fixture->target, "was armed until");
    assert_true(guard_arm(&fixture->target, "rehearse", HOUR_NS, &err));
    assert_true(guard_check(&fixture->target, NULL, &fixture->arena, &identity, &err));
}

/* A copy of the armed database has its marker but not its name. */
static void a_copied_marker_opens_nothing(void **state)
{
    struct fixture *fixture = *state;
    struct err err = {0};
    struct db_target copy;
    assert_true(guard_arm(&fixture->target, "rehearse", HOUR_NS, &err));
    command(&fixture->target, "CREATE DATABASE copy; CREATE TABLE copy.rehearse_staging_marker AS"
                              " SELECT * FROM rehearse_staging_marker");
    set_target(fixture, "root", "copy", &copy);
    assert_refused(fixture, &copy, "another server or database");
}

static void a_dba_can_arm_by_sql(void **state)
{
    struct fixture *fixture = *state;
    struct err err = {0};
    struct db_target other, app;
    const char *identity;
    char *sql = NULL;
    command(&fixture->target, "CREATE DATABASE other; CREATE TABLE other.orders (a INT); CREATE USER "
                              "app@localhost; GRANT SELECT, INSERT ON"
                              " other.orders TO app@localhost");
    set_target(fixture, "root", "other", &other);
    assert_true(guard_print_sql(&other, HOUR_NS, &fixture->arena, &sql, &err));
    assert_refused(fixture, &other, "is not armed");
    command(&other, arena_printf(&fixture->arena, "SET time_zone = '+09:00'; %s", sql));
    if (!guard_check(&other, NULL, &fixture->arena, &identity, &err))
        fail_msg("%s", err.message);
    set_target(fixture, "app", "other", &app);
    assert_refused(fixture, &app, "may not read the marker");
    assert_false(guard_arm(&app, "other", HOUR_NS, &err));
    assert_non_null(strstr(err.hint, "--print-sql"));
}

/* What is closed to writers refuses the migration and the load: that would be told as their failure. */
static void a_read_only_server_is_refused(void **state)
{
    struct fixture *fixture = *state;
    struct err err = {0};
    const char *identity;
    command(&fixture->target, "SET GLOBAL read_only = 1");
    bool refused = !guard_check(&fixture->target, "rehearse", &fixture->arena, &identity, &err);
    command(&fixture->target, "SET GLOBAL read_only = 0");
    assert_true(refused);
    assert_int_equal(err_exit_code(err.kind), 3);
    assert_non_null(strstr(err.message, "read-only"));
    assert_true(guard_check(&fixture->target, "rehearse", &fixture->arena, &identity, &err));
}

static void only_a_database_of_the_users_is_armed(void **state)
{
    struct fixture *fixture = *state;
    struct err err = {0};
    struct db_target own, none;
    const char *identity;
    set_target(fixture, "root", "mysql", &own);
    assert_false(guard_arm(&own, "mysql", HOUR_NS, &err));
    assert_non_null(strstr(err.message, "of the server itself"));
    assert_false(guard_check(&own, "mysql", &fixture->arena, &identity, &err));
    set_target(fixture, "root", "", &none);
    assert_false(guard_check(&none, NULL, &fixture->arena, &identity, &err));
    assert_non_null(strstr(err.message, "names no database"));
}

static bool sees_nobody(struct fixture *fixture, const struct db_target *target)
{
    struct err err = {0};
    struct db *db = db_open(target, &(struct db_options){.application_name = "rehearse/clean"}, &err);
    if (db == NULL)
        fail_msg("%s", err.message);
    bool blind = cleaning_is_blind(db, &fixture->arena);
    db_close(db);
    return blind;
}

/* Wrong: such a role takes a run that goes on for one that was killed, and is not told. */
static void who_may_not_see_sessions_is_told(void **state)
{
    struct fixture *fixture = *state;
    struct db_target weak;
    command(&fixture->target, "CREATE USER weak@localhost; GRANT ALL ON rehearse.* TO weak@localhost");
    set_target(fixture, "weak", "rehearse", &weak);
    assert_false(sees_nobody(fixture, &fixture->target));
    assert_true(sees_nobody(fixture, &weak));
}

/* Why a run over one table, looked at as the target's user, would be degraded. */
static const char *why_degraded(struct fixture *fixture, const struct db_target *target)
{
    static const char *const quoted[] = {"`watched`"}, *const names[] = {"watched"};
    struct err err = {0};
    struct server_clock clock = {0};
    struct db *db = db_open(target, &(struct db_options){.application_name = "rehearse/g/test"}, &err);
    if (db == NULL || !server_clock_sync(&clock, db, 5, &err))
        fail_msg("%s", err.message);
    db_close(db);
    struct observer_config config = {.target = target,
                                     .run_id = "g",
                                     .level = OBSERVE_FULL,
                                     .clock = &clock,
                                     .tables = quoted,
                                     .table_names = names,
                                     .table_count = 1};
    struct observer *observer = observer_start(&config, &err);
    if (observer == NULL)
        fail_msg("%s", err.message);
    observer_arm(observer, true);
    clock_sleep_ns(300 * NS_PER_MS);
    observer_stop(observer);
    const char *why = observer_quality(observer).degraded;
    why = arena_strdup(&fixture->arena, why == NULL ? "" : why);
    observer_close(observer);
    return why;
}

/* Right: a role without rights reads which grant gives them. Wrong: it is told to switch on what is on. */
static void who_may_not_see_locks_reads_the_grant(void **state)
{
    struct fixture *fixture = *state;
    struct db_target blind;
    command(&fixture->target, "CREATE TABLE watched (id INT PRIMARY KEY);"
                              " CREATE USER blind@localhost; GRANT ALL ON rehearse.* TO blind@localhost");
    set_target(fixture, "blind", "rehearse", &blind);
    const char *why = why_degraded(fixture, &blind);
    assert_non_null(strstr(why, "GRANT SELECT ON performance_schema.* TO "));
    assert_non_null(strstr(why, "GRANT PROCESS ON *.* TO "));
    command(&fixture->target, "GRANT SELECT ON performance_schema.* TO blind@localhost;"
                              " GRANT PROCESS ON *.* TO blind@localhost");
    why = why_degraded(fixture, &blind);
    assert_null(strstr(why, "GRANT"));
    assert_null(strstr(why, "Latency only"));
    command(&fixture->target, "DROP TABLE watched");
}

/* Right: a load that the role may not make is a matter of the environment (exit 3). Wrong: of the script (exit 2). */
static void a_load_without_the_right_is_no_usage(void **state)
{
    struct fixture *fixture = *state;
    static const char *const scripts[] = {"UPDATE plain SET a = 1;\n", "SELECT nothing FROM plain;\n"};
    struct db_target reader;
    command(&fixture->target,
            "CREATE TABLE plain (id INT PRIMARY KEY, a INT);"
            " CREATE USER reader@localhost; GRANT SELECT ON rehearse.* TO reader@localhost");
    set_target(fixture, "reader", "rehearse", &reader);
    for (int i = 0; i < 2; i++) {
        struct err err = {0};
        struct workload workload;
        struct app_entry entry = {.weight = 1};
        struct app app = {.name = "v1", .entries = &entry, .entry_count = 1, .weight_sum = 1};
        workload_init(&workload, &fixture->arena, SQL_MYSQL);
        if (!workload_add_text(&workload, "v1", scripts[i], &entry.script, &err))
            fail_msg("%s", err.message);
        workload.apps = &app;
        workload.app_count = 1;
        struct pool_config config = {.target = &reader,
                                     .workload = &workload,
                                     .run_id = "g",
                                     .mix = {.parts = {{0, 1}}, .count = 1},
                                     .sessions = 1,
                                     .phases = 1,
                                     .longest_ns = NS_PER_S};
        assert_null(pool_open(&config, &err));
        assert_non_null(strstr(err.message, "the server does not prepare this"));
        assert_int_equal(err_exit_code(err.kind), i == 0 ? 3 : 2);
    }
    command(&fixture->target, "DROP TABLE plain");
}

static void an_unfinished_fill_is_told(void **state)
{
    struct fixture *fixture = *state;
    struct err err = {0};
    const char *schema;
    struct db *db = db_open(&fixture->target, &(struct db_options){.application_name = "rehearse/clean"},
                            &err);
    assert_non_null(db);
    assert_false(cleaning_has_fill(db, &fixture->arena, &schema));
    command(&fixture->target, "CREATE TABLE rehearse_unfinished_fill (a int)");
    assert_true(cleaning_has_fill(db, &fixture->arena, &schema));
    assert_string_equal(schema, "rehearse");
    command(&fixture->target, "DROP TABLE rehearse_unfinished_fill");
    db_close(db);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_unarmed_target_is_refused),
        cmocka_unit_test(arming_lasts_until_its_expiry),
        cmocka_unit_test(a_copied_marker_opens_nothing),
        cmocka_unit_test(a_dba_can_arm_by_sql),
        cmocka_unit_test(a_read_only_server_is_refused),
        cmocka_unit_test(only_a_database_of_the_users_is_armed),
        cmocka_unit_test(who_may_not_see_sessions_is_told),
        cmocka_unit_test(who_may_not_see_locks_reads_the_grant),
        cmocka_unit_test(a_load_without_the_right_is_no_usage),
        cmocka_unit_test(an_unfinished_fill_is_told),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
