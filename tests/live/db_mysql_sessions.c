/* What MariaDB (or the sandbox that the first argument names) tells of sessions: the last statement of an idle transaction,
 * executed as text or prepared; nothing where it could have been another. */
#include "bench/db/db.h"
#include "bench/db/dialect.h"
#include "bench/sandbox/sandbox.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char *sandbox_to_start = "sandbox:mariadb";

enum { APPLICATION_NAME = 1, STATE, QUERY };

struct world {
    struct sandbox *sandbox;
    struct db_target target;
    struct arena arena;
    struct db *watching, *idle;
};

static void must(struct db_answer answer)
{
    if (answer.outcome != OUTCOME_OK)
        fail_msg("%s", answer.message);
}

static struct db *connect_as(struct world *world, const char *name)
{
    struct err err = {0};
    struct db *db = db_open(&world->target, &(struct db_options){.application_name = name}, &err);
    if (db == NULL)
        fail_msg("%s", err.message);
    return db;
}

/* The idle session's row; a server answers a moment before it calls a session idle. */
static size_t idle_row(const struct db_table *table)
{
    for (size_t i = 0; i < table->rows; i++)
        if (strcmp(db_value(table, i, APPLICATION_NAME), "rehearse/idle") == 0 &&
            strcmp(db_value(table, i, STATE), "active") != 0)
            return i;
    return table->rows;
}

/* What is said to be the last statement of the session that is idle in its transaction. */
static const char *last_statement(struct world *world)
{
    struct err err = {0};
    const char *sql = dialect_sql(&world->arena, world->watching, DIALECT_SESSIONS, NULL);
    for (int64_t until_ns = clock_ns() + 5 * NS_PER_S; clock_ns() < until_ns;) {
        struct db_table table;
        if (!db_query(world->watching, &world->arena, sql, &table, &err))
            fail_msg("%s", err.message);
        const size_t row = idle_row(&table);
        if (row < table.rows) {
            assert_string_equal(db_value(&table, row, STATE), "idle in transaction");
            return db_value(&table, row, QUERY);
        }
    }
    fail_msg("the session is not listed as idle");
    return NULL;
}

static void run(struct world *world, int id, const char *value)
{
    must(db_run(world->idle, id, &value, value != NULL, CLOCK_NEVER_NS, NULL, NULL));
}

static void what_was_sent_as_text_is_told(void **state)
{
    struct world *world = *state;
    must(db_exec(world->idle, "BEGIN; SELECT COUNT(*) FROM s", CLOCK_NEVER_NS, NULL, NULL));
    assert_string_equal(last_statement(world), "SELECT COUNT(*) FROM s");
    must(db_exec(world->idle, "ROLLBACK", CLOCK_NEVER_NS, NULL, NULL));
}

/* Told from others of the same session by the rows it sent. */
static void what_was_executed_prepared_is_told(void **state)
{
    struct world *world = *state;
    must(db_prepare(world->idle, 0, "SELECT MAX(a) FROM s", CLOCK_NEVER_NS));
    must(db_prepare(world->idle, 1, "UPDATE s SET b = b + 1 WHERE a = $1", CLOCK_NEVER_NS));
    must(db_exec(world->idle, "BEGIN", CLOCK_NEVER_NS, NULL, NULL));
    for (int i = 0; i < 3; i++)
        run(world, 1, "7");
    run(world, 0, NULL);
    assert_string_equal(last_statement(world), "SELECT MAX(a) FROM s");
    run(world, 1, "8");
    assert_non_null(strstr(last_statement(world), "UPDATE s SET b = b + 1 WHERE a = "));
    must(db_exec(world->idle, "ROLLBACK", CLOCK_NEVER_NS, NULL, NULL));
}

/* Right: the statement, or nothing where both fit. Wrong: the other one. */
static void nothing_is_told_that_is_not_known(void **state)
{
    struct world *world = *state;
    must(db_prepare(world->idle, 0, "SELECT b FROM s WHERE a = $1", CLOCK_NEVER_NS));
    must(db_prepare(world->idle, 1, "SELECT c FROM s WHERE a = $1", CLOCK_NEVER_NS));
    must(db_exec(world->idle, "BEGIN", CLOCK_NEVER_NS, NULL, NULL));
    for (int i = 0; i < 50; i++) {
        run(world, i % 2, "7");
        const char *told = last_statement(world);
        if (told[0] != '\0')
            assert_int_equal(strncmp(told, i % 2 ? "SELECT c" : "SELECT b", 8), 0);
    }
    must(db_exec(world->idle, "ROLLBACK", CLOCK_NEVER_NS, NULL, NULL));
}

static int start(void **state)
{
    static struct world world;
    struct err err = {0};
    *state = &world;
    world.sandbox = sandbox_start(sandbox_to_start, &err);
    if (world.sandbox == NULL) {
        printf("skipped: %s\n", err.message);
        exit(77);
    }
    if (!db_target_parse(&world.arena, sandbox_dsn(world.sandbox), &world.target, &err))
        fail_msg("%s", err.message);
    world.watching = connect_as(&world, "rehearse/watch");
    world.idle = connect_as(&world, "rehearse/idle");
    must(db_exec(world.watching,
                 "CREATE TABLE s (a INT PRIMARY KEY, b INT, c INT);"
                 "INSERT INTO s VALUES (7, 1, 1), (8, 2, 2), (9, 3, 3)",
                 CLOCK_NEVER_NS, NULL, NULL));
    return 0;
}

static int stop(void **state)
{
    struct world *world = *state;
    db_close(world->idle);
    db_close(world->watching);
    sandbox_stop(world->sandbox);
    arena_free(&world->arena);
    return 0;
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_sent_as_text_is_told),
        cmocka_unit_test(what_was_executed_prepared_is_told),
        cmocka_unit_test(nothing_is_told_that_is_not_known),
    };
    if (argc > 1)
        sandbox_to_start = argv[1];
    return cmocka_run_group_tests(tests, start, stop);
}
