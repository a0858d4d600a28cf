/* What may be changed: armed targets only, and only while nobody else writes. Needs a PostgreSQL server. */
#include "bench/run/guard.h"
#include "bench/db/dialect.h"
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

static void set_target(struct fixture *fixture, const char *database, struct db_target *target)
{
    struct err err = {0};
    const char *dsn = arena_printf(&fixture->arena, "%s dbname=%s", sandbox_dsn(fixture->sandbox), database);
    if (!db_target_parse(&fixture->arena, dsn, target, &err))
        fail_msg("%s", err.message);
}

static struct db *connect_as(const struct fixture *fixture, const char *application)
{
    struct err err = {0};
    struct db_options options = {.application_name = application};
    struct db *db = db_open(&fixture->target, &options, &err);
    if (db == NULL)
        fail_msg("%s", err.message);
    return db;
}

static void command(struct db *db, const char *sql)
{
    struct err err = {0};
    if (!db_command(db, sql, &err))
        fail_msg("%s: %s", sql, err.message);
}

static int set_up(void **state)
{
    struct err err = {0};
    struct fixture *fixture = mem_alloc(sizeof *fixture);
    fixture->sandbox = sandbox_start("sandbox:postgresql", &err);
    if (fixture->sandbox == NULL)
        fail_msg("%s", err.message);
    set_target(fixture, "rehearse", &fixture->target);
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

/* Refused, exit 3, and the user learns both ways in. */
static void assert_refused(struct fixture *fixture, const struct db_target *target, const char *because)
{
    struct err err = {0};
    const char *identity;
    assert_false(guard_check(target, NULL, &fixture->arena, &identity, &err));
    assert_int_equal(err_exit_code(err.kind), 3);
    if (strstr(err.message, because) == NULL)
        fail_msg("\"%s\" does not say \"%s\"", err.message, because);
    assert_non_null(strstr(err.hint, "rehearse arm 'postgresql://"));
    assert_non_null(strstr(err.hint, "--arm "));
}

static void an_unarmed_target_is_refused(void **state)
{
    struct fixture *fixture = *state;
    assert_refused(fixture, &fixture->target, "is not armed");
}

static void arm_for_this_run_needs_the_name(void **state)
{
    struct fixture *fixture = *state;
    struct err err = {0};
    const char *identity = NULL, *name = NULL;
    assert_false(guard_check(&fixture->target, "shop", &fixture->arena, &identity, &err));
    assert_int_equal(err_exit_code(err.kind), 3);
    assert_false(guard_check(&fixture->target, "", &fixture->arena, &identity, &err));
    assert_true(guard_check(&fixture->target, "rehearse", &fixture->arena, &identity, &err));
    assert_non_null(identity);
    assert_true(guard_database(&fixture->target, &fixture->arena, &name, &err));
    assert_string_equal(name, "rehearse");
    assert_refused(fixture, &fixture->target, "is not armed"); /* it left no marker */
}

static void arming_lasts_until_its_expiry(void **state)
{
    struct fixture *fixture = *state;
    struct err err = {0};
    const char *identity;
    assert_false(guard_arm(&fixture->target, "postgres", HOUR_NS, &err));
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
    struct db_target copy, postgres;
    assert_true(guard_arm(&fixture->target, "rehearse", HOUR_NS, &err));
    set_target(fixture, "postgres", &postgres);
    struct db *db = db_open(&postgres, &(struct db_options){.application_name = "test"}, &err);
    assert_non_null(db);
    command(db, "CREATE DATABASE copy TEMPLATE rehearse");
    db_close(db);
    set_target(fixture, "copy", &copy);
    assert_refused(fixture, &copy, "another server or database");
}

static void a_dba_can_arm_by_sql(void **state)
{
    struct fixture *fixture = *state;
    struct err err = {0};
    struct db_target postgres;
    const char *identity;
    char *sql = NULL;
    set_target(fixture, "postgres", &postgres);
    assert_true(guard_print_sql(&postgres, HOUR_NS, &fixture->arena, &sql, &err));
    assert_refused(fixture, &postgres, "is not armed");
    struct db *db = db_open(&postgres, &(struct db_options){.application_name = "psql"}, &err);
    assert_non_null(db);
    command(db, sql);
    db_close(db);
    if (!guard_check(&postgres, NULL, &fixture->arena, &identity, &err))
        fail_msg("%s", err.message);
}

static struct guard_watch *watch_table(struct fixture *fixture, struct db *db, const char *table)
{
    struct err err = {0};
    struct db_table id;
    const char *identity;
    assert_true(guard_check(&fixture->target, "rehearse", &fixture->arena, &identity, &err));
    assert_true(db_query(db, &fixture->arena,
                         arena_printf(&fixture->arena, "SELECT '%s'::regclass::oid", table), &id, &err));
    const char *ids[] = {db_value(&id, 0, 0)};
    struct guard_watch *watch = guard_watch_open(&fixture->target, identity, ids, 1, &err);
    if (watch == NULL)
        fail_msg("%s", err.message);
    return watch;
}

static void a_foreign_writer_is_found(void **state)
{
    struct fixture *fixture = *state;
    struct err found;
    struct db *theirs = connect_as(fixture, "billing"), *ours = connect_as(fixture, "rehearse/1/client");
    command(theirs, "CREATE TABLE orders AS SELECT 1 AS id; CREATE TABLE other AS SELECT 1 AS id");
    struct guard_watch *watch = watch_table(fixture, theirs, "orders");
    command(theirs, "BEGIN; SELECT * FROM orders; UPDATE other SET id = 2");
    command(ours, "BEGIN; UPDATE orders SET id = id");
    assert_true(guard_watch_poll(watch, &found)); /* theirs reads it and writes another, ours is ours */
    command(ours, "ROLLBACK");
    command(theirs, "LOCK TABLE orders IN ACCESS EXCLUSIVE MODE");
    assert_true(guard_watch_poll(watch, &found)); /* who only locks is an episode */
    command(theirs, "UPDATE orders SET id = id");
    assert_false(guard_watch_poll(watch, &found));
    assert_int_equal(err_exit_code(found.kind), 3);
    assert_non_null(strstr(found.message, "\"billing\""));
    assert_non_null(strstr(found.message, "orders"));
    assert_null(strstr(found.message, "UPDATE"));
    command(theirs, "ROLLBACK");
    assert_true(guard_watch_poll(watch, &found));
    guard_watch_close(watch);
    db_close(theirs);
    db_close(ours);
}

static void a_restarted_server_is_watched_again(void **state)
{
    struct fixture *fixture = *state;
    struct err err = {0}, found;
    struct db *theirs = connect_as(fixture, "billing");
    command(theirs, "CREATE TABLE restarted AS SELECT 1 AS id");
    struct guard_watch *watch = watch_table(fixture, theirs, "restarted");
    db_close(theirs);
    assert_true(sandbox_stop_server(fixture->sandbox, true, &err));
    assert_true(guard_watch_poll(watch, &found));
    assert_true(guard_watch_poll(watch, &found));
    assert_true(sandbox_start_server(fixture->sandbox, &err));
    theirs = connect_as(fixture, "billing");
    command(theirs, "BEGIN; DELETE FROM restarted");
    assert_false(guard_watch_poll(watch, &found));
    guard_watch_close(watch);
    db_close(theirs);
}

/* The sandbox's role is called rehearse. Wrong: what it creates without a schema lands in one of ours, where it is taken for
 * the harness's own. */
static void no_role_creates_into_our_schema(void **state)
{
    struct fixture *fixture = *state;
    struct err err = {0};
    if (!guard_arm(&fixture->target, "rehearse", HOUR_NS, &err))
        fail_msg("%s", err.message);
    struct db *db = connect_as(fixture, "app");
    command(db, "CREATE TABLE unqualified (id int PRIMARY KEY)");
    struct db_table tables;
    if (!db_query(db, &fixture->arena, dialect_sql(&fixture->arena, db, DIALECT_TABLES, NULL), &tables, &err))
        fail_msg("%s", err.message);
    bool found = false;
    for (size_t row = 0; row < tables.rows; row++)
        found = found || (strcmp(db_value(&tables, row, 1), "public") == 0 &&
                          strcmp(db_value(&tables, row, 2), "unqualified") == 0);
    assert_true(found);
    command(db, "DROP TABLE unqualified");
    db_close(db);
}

/* A standby, or a role whose transactions are read-only. */
static void a_read_only_session_is_refused(void **state)
{
    struct fixture *fixture = *state;
    struct err err = {0};
    const char *identity;
    struct db *admin = connect_as(fixture, "admin");
    command(admin, "ALTER DATABASE rehearse SET default_transaction_read_only = on");
    bool refused = !guard_check(&fixture->target, "rehearse", &fixture->arena, &identity, &err);
    command(admin, "ALTER DATABASE rehearse RESET default_transaction_read_only");
    db_close(admin);
    assert_true(refused);
    assert_int_equal(err_exit_code(err.kind), 3);
    assert_non_null(strstr(err.message, "read-only"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_unarmed_target_is_refused),
        cmocka_unit_test(arm_for_this_run_needs_the_name),
        cmocka_unit_test(arming_lasts_until_its_expiry),
        cmocka_unit_test(a_copied_marker_opens_nothing),
        cmocka_unit_test(a_dba_can_arm_by_sql),
        cmocka_unit_test(no_role_creates_into_our_schema),
        cmocka_unit_test(a_read_only_session_is_refused),
        cmocka_unit_test(a_foreign_writer_is_found),
        cmocka_unit_test(a_restarted_server_is_watched_again),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
