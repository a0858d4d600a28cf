#include "bench/db/sql.h"
#include "tests/mutate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static bool split(struct arena *arena, const char *text, size_t length, struct sql_statement **statements,
                  size_t *count, struct err *err)
{
    *statements = NULL;
    *count = 0;
    return sql_split(arena, SQL_POSTGRES, "f.sql", text, length, 1, 1, statements, count, err);
}

/* The text is one statement, which is the text up to its last semicolon. */
static void check_one(const char *text)
{
    struct arena arena = {0};
    struct err err = {0};
    struct sql_statement *statements;
    size_t count;
    if (!split(&arena, text, strlen(text), &statements, &count, &err))
        fail_msg("%s: %d:%d: %s", text, err.line, err.column, err.message);
    if (count != 1)
        fail_msg("%s: %zu statements", text, count);
    size_t length = strlen(text);
    assert_int_equal(strlen(statements[0].text), length - (text[length - 1] == ';'));
    arena_free(&arena);
}

static void test_one_statement(void **state)
{
    static const char *const texts[] = {
        "SELECT ';'",
        "SELECT 'it''s;';",
        "SELECT '\\';",
        "SELECT E'\\';';",
        "SELECT U&'d\\0061;', U&\"x;\";",
        "SELECT \"a\"\";b\";",
        "SELECT $$;$$, $a$ $$;$b$ $a$;",
        "SELECT $1;",
        "SELECT a::text /* ; /* ; */ ; */ -- ;\n FROM t;",
        "SELECT x$y$ FROM t;",
        "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $$ SELECT 1; SELECT 2; $$;",
        "CREATE OR REPLACE FUNCTION f(begin int) RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT 1; "
        "SELECT CASE WHEN true THEN CASE 1 WHEN 1 THEN 2 END END; END;",
        "CREATE PROCEDURE p() LANGUAGE sql BEGIN ATOMIC INSERT INTO t VALUES (1); DELETE FROM t; END;",
        "CREATE RULE r AS ON INSERT TO t DO ALSO (INSERT INTO a VALUES (1); INSERT INTO b VALUES (2));",
        "SELECT 1e-5+1, .5, 1.;",
        "SELECT 'a' 'b' || B'01' || X'1F;' || N'x;';",
    };
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        check_one(texts[i]);
}

static void test_several_with_places(void **state)
{
    static const char text[] = "-- first\n"
                               "  BEGIN; ;\n"
                               "UPDATE \u20ac SET a = 1; /* x */ SELECT 2 -- no semicolon\n"
                               "-- the end\n";
    struct arena arena = {0};
    struct err err = {0};
    struct sql_statement *statements;
    size_t count;
    (void)state;
    assert_true(split(&arena, text, strlen(text), &statements, &count, &err));
    assert_int_equal(count, 3);
    assert_string_equal(statements[0].text, "BEGIN");
    assert_int_equal(statements[0].line, 2);
    assert_int_equal(statements[0].column, 3);
    assert_string_equal(statements[1].text, "UPDATE \u20ac SET a = 1");
    assert_string_equal(statements[2].text, "SELECT 2");
    assert_int_equal(statements[2].line, 3);
    assert_int_equal(statements[2].column, 29);
    arena_free(&arena);
}

static void test_refused(void **state)
{
    static const struct {
        const char *text;
        int line, column;
        const char *message;
    } cases[] = {
        {"SELECT 1;\n SELECT 'abc", 2, 9, "string has no end"},
        {"SELECT E'abc\\'", 1, 8, "string has no end"},
        {"SELECT \"abc", 1, 8, "quoted identifier has no end"},
        {"SELECT U&\"abc", 1, 8, "quoted identifier has no end"},
        {"SELECT 1 /* /* */", 1, 10, "comment has no end"},
        {"SELECT $a$ $$ ", 1, 8, "dollar-quoted string has no end"},
        {"CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1;", 1, 33, "BEGIN ATOMIC has no END"},
        {"SELECT (1 + (2);", 1, 8, "parenthesis is not closed"},
        {"SELECT 1;\n\\d orders\n", 2, 1, "meta-command"},
        {"COPY t FROM stdin;\n1\n\\.\n", 1, 1, "COPY"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct arena arena = {0};
        struct err err = {0};
        struct sql_statement *statements;
        size_t count;
        assert_false(split(&arena, cases[i].text, strlen(cases[i].text), &statements, &count, &err));
        if (strstr(err.message, cases[i].message) == NULL || err.line != cases[i].line ||
            err.column != cases[i].column)
            fail_msg("case %zu: %d:%d: %s", i, err.line, err.column, err.message);
        arena_free(&arena);
    }
}

static void read_any(const char *text, size_t length)
{
    struct arena arena = {0};
    struct err err = {0};
    struct sql_statement *statements;
    size_t count;
    if (split(&arena, text, length, &statements, &count, &err)) {
        const char *names[4];
        for (size_t i = 0; i < count; i++) {
            const char *sql = statements[i].text;
            assert_true(sql[0] != '\0' && statements[i].line > 0 && statements[i].column > 0);
            (void)sql_kind(SQL_POSTGRES, sql);
            (void)sql_forbids_transaction(SQL_POSTGRES, sql);
            (void)sql_target_table(&arena, SQL_POSTGRES, sql);
            (void)sql_removed_columns(&arena, SQL_POSTGRES, sql, names, 4);
            assert_true(strlen(sql_redact(&arena, SQL_POSTGRES, sql, 40)) <= 43);
        }
    } else {
        assert_true(err.line > 0 && err.column > 0);
    }
    arena_free(&arena);
}

static void test_mutations(void **state)
{
    (void)state;
    mutate("ALTER TABLE \"a\".b DROP x, RENAME c TO d; -- x\nSELECT E'\\'', U&\"q\", $t$;$t$, $1::int;",
           read_any);
    mutate("CREATE FUNCTION f() BEGIN ATOMIC SELECT CASE 1 WHEN 1 THEN (2) END; END; /* /**/ */ WITH q AS "
           "(SELECT "
           "1.5e3) UPDATE t SET a = 'x''y';",
           read_any);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_statement),
        cmocka_unit_test(test_several_with_places),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_mutations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
