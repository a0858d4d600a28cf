/* Arming a MariaDB target: unarmed, expired and copied markers open nothing. Needs a MariaDB server. */
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
        cmocka_unit_test(an_unfinished_fill_is_told),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
