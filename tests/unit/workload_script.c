#include "workloads/script.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct arena arena;

static struct script *parse(const char *text)
{
    struct err err = {0};
    struct script *script;
    if (!script_parse(&arena, SQL_POSTGRES, "load/place_order.sql", text, strlen(text), &script, &err))
        fail_msg("%d:%d: %s", err.line, err.column, err.message);
    return script;
}

static int forget(void **state)
{
    (void)state;
    arena_free(&arena);
    return 0;
}

static void statements_end_at_semicolons_and_may_span_lines(void **state)
{
    (void)state;
    const struct script *script = parse("\\set c random(1, :customers_rows)\n"
                                        "BEGIN;\n"
                                        "INSERT INTO orders (customer_id, note)\n"
                                        "  VALUES (:c, ';');  -- the end; not here\n"
                                        "UPDATE customers SET name = name WHERE id = :c; COMMIT");
    assert_string_equal(script->name, "place_order");
    assert_int_equal(script->command_count, 5);
    assert_int_equal(script->statement_count, 4);
    assert_true(script->writes);
    assert_int_equal(script->commands[0].kind, SCRIPT_SET);
    assert_int_equal(script->commands[1].sql_kind, SQL_KIND_BEGIN);
    assert_string_equal(script->commands[2].sql,
                        "INSERT INTO orders (customer_id, note)\n  VALUES ($1, ';')");
    assert_int_equal(script->commands[2].line, 3);
    assert_int_equal(script->commands[4].line, 5);
    assert_int_equal(script->commands[4].column, 49);
    assert_int_equal(script->commands[4].sql_kind, SQL_KIND_COMMIT);
    assert_int_equal(script->commands[4].statement, 3);
}

static void variables_are_what_a_colon_names_outside_quotes(void **state)
{
    (void)state;
    const struct script *script = parse(
        "SELECT :a::text, ':a', \":a\", '12:30'::time, x[1:2], :a /* :a */, :b FROM t -- :c\n WHERE y = :b;");
    const struct script_command *command = &script->commands[0];
    assert_string_equal(command->sql,
                        "SELECT $1::text, ':a', \":a\", '12:30'::time, x[1:2], $2 /* :a */, $3 FROM t "
                        "-- :c\n WHERE y = $4");
    assert_int_equal(command->param_count, 4);
    assert_int_equal(script->variable_count, 2);
    assert_int_equal(command->params[0], command->params[1]);
    assert_int_equal(command->params[2], command->params[3]);
    assert_false(script->writes);
}

static void the_simple_protocol_gets_the_values_as_text(void **state)
{
    (void)state;
    const struct script *script = parse("INSERT INTO t VALUES (:n, :d, :b, :z, ':n');");
    struct script_scope scope = script_scope(&arena, script, 1);
    const struct script_value values[] = {{.type = SCRIPT_INTEGER, .integer = INT64_MIN},
                                          {.type = SCRIPT_DOUBLE, .real = 0.1},
                                          {.type = SCRIPT_BOOLEAN, .integer = 1},
                                          {.type = SCRIPT_NULL}};
    static const char *const names[] = {"n", "d", "b", "z"};
    for (size_t i = 0; i < 4; i++)
        assert_true(script_define(&scope, names[i], values[i]));
    assert_false(script_define(&scope, "other", values[0]));
    char *text = malloc(script->commands[0].rendered_bytes);
    script_render(&scope, &script->commands[0], text);
    assert_string_equal(text, "INSERT INTO t VALUES (-9223372036854775808, 0.1, true, NULL, ':n')");
    free(text);
}

static void a_name_mark_names_the_next_statement(void **state)
{
    (void)state;
    const struct script *script = parse(
        "-- name: order by id\n-- a remark\n\\set id 1\nSELECT 1 WHERE 2 = :id;\n"
        "SELECT 'secret';\n");
    assert_string_equal(script->commands[1].name, "order by id");
    assert_null(strstr(script->commands[2].name, "secret"));
    assert_non_null(strstr(script->commands[2].name, "SELECT"));
}

static void sleeping_knows_units_and_variables(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t ns;
    } sleeps[] = {{"\\sleep 3", 3000000000},
                  {"\\sleep 20 ms", 20000000},
                  {"\\sleep 5us", 5000},
                  {"\\sleep :h ms", 9000000},
                  {"\\sleep 0 s", 0}};
    for (size_t i = 0; i < sizeof sleeps / sizeof *sleeps; i++) {
        const struct script *script = parse(arena_printf(&arena, "%s\nSELECT 1;", sleeps[i].text));
        struct script_scope scope = script_scope(&arena, script, 1);
        script_define(&scope, "h", (struct script_value){.type = SCRIPT_INTEGER, .integer = 9});
        assert_int_equal(script_sleep_ns(&scope, &script->commands[0]), sleeps[i].ns);
    }
}

static void undefined_variables_are_found_before_the_load(void **state)
{
    (void)state;
    const struct script *script = parse(
        "\\set a :rows + 1\nSELECT :a;\n\\set b :a * (2 + :later)\n\\set later 1\n"
        "SELECT :b");
    struct script_scope scope = script_scope(&arena, script, 1);
    const char *why;
    int line, column;
    assert_string_equal(script_undefined(&scope, &line, &column), "rows");
    assert_int_equal(line, 1);
    assert_int_equal(column, 8);
    script_define(&scope, "rows", (struct script_value){.type = SCRIPT_INTEGER, .integer = 4});
    assert_string_equal(script_undefined(&scope, &line, &column), "later");
    assert_int_equal(line, 3);
    assert_int_equal(column, 18);
    script_define(&scope, "later", (struct script_value){.type = SCRIPT_INTEGER, .integer = 1});
    assert_null(script_undefined(&scope, &line, &column));
    assert_true(script_set(&scope, &script->commands[0], &why));
    assert_true(script_set(&scope, &script->commands[2], &why));
    char text[32];
    assert_string_equal(script_value_text(&scope, script->commands[2].variable, text), "15");
}

static void the_same_draws_give_the_same_values(void **state)
{
    (void)state;
    const struct script *script = parse("\\set a random_zipfian(1, 1000000, 1.1)\nSELECT :a;");
    struct script_scope one = script_scope(&arena, script, 5), two = script_scope(&arena, script, 5);
    const char *why;
    for (int i = 0; i < 100; i++) {
        assert_true(script_set(&one, &script->commands[0], &why) &&
                    script_set(&two, &script->commands[0], &why));
        assert_int_equal(one.values[0].integer, two.values[0].integer);
    }
}

static void what_is_not_understood_is_refused_by_name_and_place(void **state)
{
    (void)state;
    static const struct {
        const char *text, *found;
    } mistakes[] = {
        {"SELECT 1;\n  \\if :x\n", "2:4: \\if is of pgbench's language, but not supported here"},
        {"SELECT 1 \\gset\n", "1:11: \\gset is of pgbench's language, but not supported here"},
        {"\\setshell a date\n", "1:2: \\setshell is of pgbench's language, but not supported here"},
        {"\\startpipeline\n", "1:2: \\startpipeline is of pgbench's language, but not supported here"},
        {"\\sleap 3\n", "1:2: there is no command \\sleap"},
        {"\\set 1a 3\n", "1:6: \\set needs the name of a variable: letters, digits and _"},
        {"\\set a\n", "1:6: \\set needs an expression after the variable's name"},
        {"\\set a 1 + \\\n  zz(1)\n", "2:3: there is no function or constant named zz"},
        {"\\sleep 1 h\n", "1:10: the unit of \\sleep is us, ms or s"},
        {"\\sleep\n", "1:7: \\sleep needs a whole number or a variable, then us, ms or s"},
        {"SELECT 'abc", "1:8: this string, comment or quoted identifier does not end"},
        {"-- nothing\n\\set a 1\n", "1:1: the script holds no SQL statement"},
    };
    for (size_t i = 0; i < sizeof mistakes / sizeof *mistakes; i++) {
        struct err err = {0};
        struct script *script;
        const char *text = mistakes[i].text;
        assert_false(script_parse(&arena, SQL_POSTGRES, "x.sql", text, strlen(text), &script, &err));
        assert_string_equal(arena_printf(&arena, "%d:%d: %s", err.line, err.column, err.message),
                            mistakes[i].found);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(statements_end_at_semicolons_and_may_span_lines),
        cmocka_unit_test(variables_are_what_a_colon_names_outside_quotes),
        cmocka_unit_test(the_simple_protocol_gets_the_values_as_text),
        cmocka_unit_test(a_name_mark_names_the_next_statement),
        cmocka_unit_test(sleeping_knows_units_and_variables),
        cmocka_unit_test(undefined_variables_are_found_before_the_load),
        cmocka_unit_test(the_same_draws_give_the_same_values),
        cmocka_unit_test(what_is_not_understood_is_refused_by_name_and_place),
    };
    return cmocka_run_group_tests(tests, NULL, forget);
}
