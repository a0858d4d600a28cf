/* Loads made from keys on MariaDB: tables and columns of odd names, generated and unwritable columns; and which tables a
 * migration's statements mean. Needs a MariaDB server. */
#include "bench/run/keyload.h"
#include "bench/run/watched.h"
#include "bench/sandbox/sandbox.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct world {
    struct arena arena;
    struct sandbox *sandbox;
    struct db *db;
};

static void must(struct db *db, const char *sql)
{
    struct err err = {0};
    if (!db_command(db, sql, &err))
        fail_msg("%s: %s", sql, err.message);
}

static int set_up(void **state)
{
    struct err err = {0};
    struct db_target target;
    struct world *world = mem_alloc(sizeof *world);
    world->sandbox = sandbox_start("sandbox:mariadb", &err);
    if (world->sandbox == NULL && strstr(err.hint, "install") != NULL) {
        print_message("skipped: %s\n", err.message);
        exit(77);
    }
    struct db_options options = {.application_name = "rehearse/test"};
    if (world->sandbox == NULL ||
        !db_target_parse(&world->arena, sandbox_dsn(world->sandbox), &target, &err) ||
        (world->db = db_open(&target, &options, &err)) == NULL) {
        print_error("%s\n", err.message);
        return -1;
    }
    *state = world;
    return 0;
}

static int tear_down(void **state)
{
    struct world *world = *state;
    db_close(world->db);
    sandbox_stop(world->sandbox);
    arena_free(&world->arena);
    free(world);
    return 0;
}

static const struct strategy *strategy_of(struct world *world, const char *text)
{
    struct strategy *strategy;
    struct err err = {0};
    if (!strategy_read(&world->arena, SQL_MYSQL, "m.sql", text, strlen(text), NULL, &strategy, &err))
        fail_msg("%s: %s", text, err.message);
    return strategy;
}

/* Every statement of the load runs, with a key that is there. */
static void run_scripts(struct world *world, const struct workload *workload)
{
    for (size_t i = 0; i < workload->script_count; i++) {
        const struct script *script = workload->scripts[i];
        struct script_scope scope = script_scope(&world->arena, script, 1);
        struct err err = {0};
        const char *why = NULL;
        assert_int_equal(script->command_count, 2);
        if (!script_set(&scope, &script->commands[0], &why))
            fail_msg("%s: %s", script->name, why);
        char *sql = arena_alloc(&world->arena, script->commands[1].rendered_bytes);
        script_render(&scope, &script->commands[1], sql);
        if (!db_command(world->db, sql, &err))
            fail_msg("%s: %s", sql, err.message);
    }
}

static void expect_load(struct world *world, const char *migration, size_t scripts)
{
    struct err err = {0};
    struct workload workload;
    workload_init(&workload, &world->arena, SQL_MYSQL);
    if (!keyload_add(world->db, &world->arena, strategy_of(world, migration), &workload, &err))
        fail_msg("%s: %s", migration, err.message);
    assert_int_equal(workload.script_count, scripts);
    assert_int_equal(workload.apps[0].entry_count, scripts);
    run_scripts(world, &workload);
}

static void odd_tables_get_a_load(void **state)
{
    struct world *world = *state;
    must(world->db,
         "CREATE TABLE `weird table` (`id col` int PRIMARY KEY, `na``me` varchar(20), `quo\"te` int);"
         " INSERT INTO `weird table` VALUES (1, 'a', 1), (2, 'b', 2);"
         " CREATE TABLE `t\u00e4ble` (`\u00efd` bigint unsigned PRIMARY KEY, `v\u00e4lue` int);"
         " INSERT INTO `t\u00e4ble` VALUES (1, 1);"
         " CREATE TABLE gen (v int AS (a + 1) VIRTUAL, p int AS (a * 2) PERSISTENT, id int PRIMARY KEY,"
         " a int, hidden int INVISIBLE DEFAULT 7); INSERT INTO gen (id, a) VALUES (1, 1);"
         " CREATE TABLE parts (id int PRIMARY KEY, d int) PARTITION BY HASH (id) PARTITIONS 3;"
         " INSERT INTO parts VALUES (1, 1);"
         " CREATE TABLE keyonly (id int PRIMARY KEY); INSERT INTO keyonly VALUES (1);"
         " CREATE TABLE Cased (id int PRIMARY KEY, a int); INSERT INTO Cased VALUES (1, 1)");
    expect_load(world, "ALTER TABLE `weird table` ADD x int;", 2);
    expect_load(world, "ALTER TABLE `t\u00e4ble` ADD x int;", 2);
    expect_load(world, "ALTER TABLE gen ADD x int;", 2);
    expect_load(world, "ALTER TABLE parts ADD x int;", 2);
    expect_load(world, "ALTER TABLE keyonly ADD x int;", 1);
    expect_load(world, "SET sql_mode = 'ANSI_QUOTES';\nALTER TABLE \"gen\" ADD x int;", 2);
    expect_load(world, "ALTER TABLE rehearse . `gen` ADD x int;\nUPDATE parts SET d = 1;", 4);
}

static void tables_without_such_a_key_are_refused(void **state)
{
    struct world *world = *state;
    static const char *const migrations[] = {"ALTER TABLE nokey ADD x int;", "ALTER TABLE twokeys ADD x int;",
                                             "ALTER TABLE nowhere ADD x int;",
                                             "ALTER TABLE empty ADD x int;"};
    must(world->db, "CREATE TABLE nokey (a int); INSERT INTO nokey VALUES (1);"
                    " CREATE TABLE twokeys (a int, b int, PRIMARY KEY (a, b));"
                    " CREATE TABLE empty (id int PRIMARY KEY)");
    for (size_t i = 0; i < sizeof migrations / sizeof *migrations; i++) {
        struct err err = {0};
        struct workload workload;
        workload_init(&workload, &world->arena, SQL_MYSQL);
        assert_false(
            keyload_add(world->db, &world->arena, strategy_of(world, migrations[i]), &workload, &err));
        assert_non_null(strstr(err.hint, "-f"));
    }
}

static size_t watched_count(struct world *world, const char *migration)
{
    struct err err = {0};
    struct workload workload;
    struct watched watched;
    workload_init(&workload, &world->arena, SQL_MYSQL);
    if (!watched_find(world->db, &world->arena, strategy_of(world, migration), &workload, &watched, &err))
        fail_msg("%s", err.message);
    return watched.count;
}

/* A server with lower_case_table_names=1 lists the table in small letters, however a statement writes it. */
static void a_table_is_found_in_any_case_unless_one_is_exactly_so_called(void **state)
{
    struct world *world = *state;
    must(world->db,
         "CREATE TABLE Both1 (id int PRIMARY KEY); CREATE TABLE both1 (id int PRIMARY KEY);"
         " CREATE TABLE single1 (id int PRIMARY KEY); CREATE TABLE `dot.ted` (id int PRIMARY KEY)");
    assert_int_equal(watched_count(world, "ALTER TABLE Both1 ADD x int;"), 1);
    assert_int_equal(watched_count(world, "ALTER TABLE SINGLE1 ADD x int;"), 1);
    assert_int_equal(watched_count(world, "ALTER TABLE REHEARSE.Single1 ADD x int;"), 1);
    assert_int_equal(watched_count(world, "ALTER TABLE `dot.ted` ADD x int;"), 1);
    assert_int_equal(watched_count(world, "ALTER TABLE other.single1 ADD x int;"), 0);
}

static void what_an_update_to_the_same_value_does_not_show_is_said(void **state)
{
    (void)state;
    assert_null(keyload_shortcoming(SQL_POSTGRES));
    assert_non_null(strstr(keyload_shortcoming(SQL_MYSQL), "writes nothing"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(odd_tables_get_a_load),
        cmocka_unit_test(tables_without_such_a_key_are_refused),
        cmocka_unit_test(a_table_is_found_in_any_case_unless_one_is_exactly_so_called),
        cmocka_unit_test(what_an_update_to_the_same_value_does_not_show_is_said),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
