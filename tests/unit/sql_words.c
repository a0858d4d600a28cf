#include "bench/db/sql.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const struct sample {
    const char *sql;
    enum sql_kind kind;
    const char *table; /* NULL: none */
    bool alone;        /* forbids a transaction */
} samples[] = {
    {"/* c */ select 1", SQL_KIND_SELECT, NULL, false},
    {"(SELECT 1) UNION SELECT 2", SQL_KIND_SELECT, NULL, false},
    {"WITH q AS (DELETE FROM a RETURNING 1) UPDATE ONLY s.t SET a = 1", SQL_KIND_UPDATE, "s.t", false},
    {"INSERT INTO \"Or\"\"ders\" (a) SELECT 1", SQL_KIND_INSERT, "\"Or\"\"ders\"", false},
    {"DELETE FROM orders o", SQL_KIND_DELETE, "orders", false},
    {"ALTER TABLE IF EXISTS ONLY shop . \"O\" ADD IF NOT EXISTS a int", SQL_KIND_ALTER_TABLE_ADD_COLUMN,
     "shop.\"O\"", false},
    {"ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0) NOT VALID", SQL_KIND_ALTER_TABLE_OTHER, "t", false},
    {"ALTER TABLE t ADD CONSTRAINT c FOREIGN KEY (a) REFERENCES u", SQL_KIND_ALTER_TABLE_ADD_FOREIGN_KEY, "t",
     false},
    {"ALTER TABLE t ADD a int, DROP b", SQL_KIND_ALTER_TABLE_DROP_COLUMN, "t", false},
    {"ALTER TABLE t ALTER COLUMN c SET STATISTICS 100", SQL_KIND_ALTER_TABLE_SET_OPTIONS, "t", false},
    {"ALTER TABLE t SET (fillfactor = 70), VALIDATE CONSTRAINT c", SQL_KIND_ALTER_TABLE_VALIDATE, "t", false},
    {"ALTER TABLE t VALIDATE CONSTRAINT c, ALTER COLUMN a SET NOT NULL", SQL_KIND_ALTER_TABLE_OTHER, "t",
     false},
    {"ALTER TABLE t DROP CONSTRAINT c", SQL_KIND_ALTER_TABLE_OTHER, "t", false},
    {"ALTER TABLE t RENAME TO u", SQL_KIND_ALTER_TABLE_RENAME, "t", false},
    {"ALTER TABLE t VALIDATE CONSTRAINT c", SQL_KIND_ALTER_TABLE_VALIDATE, "t", false},
    {"ALTER TABLE t DETACH PARTITION p CONCURRENTLY", SQL_KIND_ALTER_TABLE_OTHER, "t", true},
    {"CREATE UNIQUE INDEX IF NOT EXISTS i ON ONLY t (a)", SQL_KIND_CREATE_INDEX, "t", false},
    {"CREATE INDEX CONCURRENTLY ON t (a)", SQL_KIND_CREATE_INDEX_CONCURRENTLY, "t", true},
    {"CREATE INDEX concurrently_i ON t (a)", SQL_KIND_CREATE_INDEX, "t", false},
    {"DROP INDEX CONCURRENTLY i", SQL_KIND_DROP_INDEX_CONCURRENTLY, NULL, true},
    {"REINDEX (VERBOSE) TABLE CONCURRENTLY t", SQL_KIND_REINDEX_CONCURRENTLY, "t", true},
    {"CREATE TRIGGER x BEFORE INSERT OR UPDATE OF a ON t FOR EACH ROW EXECUTE FUNCTION f()",
     SQL_KIND_CREATE_TRIGGER, "t", false},
    {"DROP TRIGGER x ON t", SQL_KIND_DROP_TRIGGER, "t", false},
    {"CREATE OR REPLACE FUNCTION f() RETURNS int AS $$$$", SQL_KIND_CREATE_FUNCTION, NULL, false},
    {"CREATE TEMP TABLE IF NOT EXISTS t (a int)", SQL_KIND_CREATE_TABLE, "t", false},
    {"TRUNCATE TABLE t, u", SQL_KIND_TRUNCATE, "t", false},
    {"VACUUM (FULL, ANALYZE) t", SQL_KIND_VACUUM, "t", true},
    {"START TRANSACTION", SQL_KIND_BEGIN, NULL, false},
    {"END", SQL_KIND_COMMIT, NULL, false},
    {"ROLLBACK TO SAVEPOINT s", SQL_KIND_OTHER, NULL, false},
    {"ROLLBACK WORK", SQL_KIND_ROLLBACK, NULL, false},
    {"LOCK TABLE ONLY t IN SHARE MODE", SQL_KIND_LOCK_TABLE, "t", false},
    {"ALTER SYSTEM SET x = 1", SQL_KIND_OTHER_DDL, NULL, true},
    {"CREATE DATABASE d", SQL_KIND_OTHER_DDL, NULL, true},
    {"REFRESH MATERIALIZED VIEW CONCURRENTLY v", SQL_KIND_OTHER_DDL, NULL, false},
    {"SELECT 'CREATE INDEX CONCURRENTLY'", SQL_KIND_SELECT, NULL, false},
    {"SET lock_timeout = 1", SQL_KIND_OTHER, NULL, false},
};

static void test_kinds_tables_transactions(void **state)
{
    struct arena arena = {0};
    (void)state;
    for (size_t i = 0; i < sizeof samples / sizeof samples[0]; i++) {
        const struct sample *s = &samples[i];
        const char *table = sql_target_table(&arena, SQL_POSTGRES, s->sql);
        enum sql_kind kind = sql_kind(SQL_POSTGRES, s->sql);
        if (kind != s->kind || sql_forbids_transaction(SQL_POSTGRES, s->sql) != s->alone ||
            strcmp(table ? table : "", s->table ? s->table : "") != 0)
            fail_msg("%s: kind %d, table %s", s->sql, (int)kind, table);
    }
    arena_free(&arena);
}

static void test_removed_columns(void **state)
{
    struct arena arena = {0};
    const char *names[8];
    (void)state;
    size_t count = sql_removed_columns(&arena, SQL_POSTGRES,
                                       "ALTER TABLE s.t DROP COLUMN IF EXISTS Aa CASCADE, ADD x numeric(1, "
                                       "2), DROP \"B b\", DROP CONSTRAINT c, "
                                       "ALTER d DROP NOT NULL, DROP e",
                                       names, 8);
    assert_int_equal(count, 3);
    assert_string_equal(names[0], "aa");
    assert_string_equal(names[1], "B b");
    assert_string_equal(names[2], "e");
    assert_int_equal(sql_removed_columns(&arena, SQL_POSTGRES, "ALTER TABLE t RENAME a TO b", names, 8), 1);
    assert_string_equal(names[0], "a");
    assert_int_equal(sql_removed_columns(&arena, SQL_POSTGRES, "ALTER TABLE t RENAME TO b", names, 8), 0);
    assert_int_equal(sql_removed_columns(&arena, SQL_POSTGRES, "DROP TABLE t", names, 8), 0);
    arena_free(&arena);
}

static void test_mentions(void **state)
{
    (void)state;
    assert_true(sql_mentions(SQL_POSTGRES, "SELECT Tier_Code FROM t", "tier_code"));
    assert_true(sql_mentions(SQL_POSTGRES, "SELECT \"Tier\" FROM t", "Tier"));
    assert_false(sql_mentions(SQL_POSTGRES, "SELECT \"Tier\" FROM t", "tier"));
    assert_false(sql_mentions(SQL_POSTGRES, "SELECT 'tier_code' -- tier_code\n", "tier_code"));
    assert_false(sql_mentions(SQL_POSTGRES, "SELECT tier_codes", "tier_code"));
}

static void test_redact(void **state)
{
    struct arena arena = {0};
    (void)state;
    assert_string_equal(sql_redact(&arena, SQL_POSTGRES,
                                   "UPDATE t\n  SET a = 'secret', b=$$x$$ -- pw\n WHERE id = 42 AND c = $1",
                                   200),
                        "UPDATE t SET a = ?, b=? WHERE id = ? AND c = $1");
    assert_string_equal(sql_redact(&arena, SQL_POSTGRES, "SELECT \"\u20ac\u20ac\"", 10), "SELECT \"…");
    assert_string_equal(sql_redact(&arena, SQL_POSTGRES, "SELECT 'open", 40), "SELECT ?");
    arena_free(&arena);
}

static void test_quote_and_fold(void **state)
{
    char longest[65];
    struct arena arena = {0};
    (void)state;
    memset(longest, 'a', 64);
    longest[64] = '\0';
    assert_string_equal(sql_quote(&arena, SQL_POSTGRES, "s", "a\"b"), "\"s\".\"a\"\"b\"");
    assert_null(sql_quote(&arena, SQL_POSTGRES, NULL, longest));
    assert_non_null(sql_quote(&arena, SQL_POSTGRES, NULL, longest + 1));
    assert_null(sql_quote(&arena, SQL_POSTGRES, NULL, "\xFF"));
    assert_null(sql_quote(&arena, SQL_POSTGRES, NULL, ""));
    assert_string_equal(sql_quote_literal(&arena, SQL_POSTGRES, "it's"), "'it''s'");
    assert_string_equal(sql_quote_literal(&arena, SQL_POSTGRES, "a\\b"), "E'a\\\\b'");
    assert_null(sql_quote_literal(&arena, SQL_POSTGRES, "\x80"));
    assert_string_equal(sql_fold(&arena, SQL_POSTGRES, "FooBar", 3), "foo");
    assert_string_equal(sql_fold(&arena, SQL_POSTGRES, "\"Fo\"\"o\"", 7), "Fo\"o");
    arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_kinds_tables_transactions),
        cmocka_unit_test(test_removed_columns),
        cmocka_unit_test(test_mentions),
        cmocka_unit_test(test_redact),
        cmocka_unit_test(test_quote_and_fold),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
