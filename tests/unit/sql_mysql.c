#include "bench/db/sql.h"
#include "bench/db/fate.h"
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
    return sql_split(arena, SQL_MYSQL, "f.sql", text, length, 1, 1, statements, count, err);
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
        fail_msg("%s: %zu statements, the first: %s", text, count, statements[0].text);
    size_t length = strlen(text);
    assert_int_equal(strlen(statements[0].text), length - (text[length - 1] == ';'));
    arena_free(&arena);
}

static void test_one_statement(void **state)
{
    static const char *const texts[] = {
        "SELECT ';'",
        "SELECT 'it''s;\\';', \"a;\\\"b\"\";\", `c``;`;",
        "SELECT 5--1, 5 -- ; comment\n, 6 # ; too\n, 7 --\t; tab\n, 8;",
        "SELECT /* ; /* ; */ 1 /*+ ; hint */ + 1;",
        "SELECT 1 /*!50000 + 1 */ /*M!100100 + `a;` */;",
        "/*!50003 CREATE*/ /*!50017 DEFINER=`root`@`localhost`*/ /*!50003 TRIGGER t BEFORE INSERT ON o FOR "
        "EACH ROW "
        "BEGIN SET NEW.a = 1; END */;",
        "SELECT N'x;', _utf8'y;', X'3B', b'01', 0x3B, @x, @`y;`, @'z;', @@session.sql_mode;",
        "CREATE PROCEDURE p() BEGIN SELECT 1; SELECT 2; END;",
        "CREATE OR REPLACE DEFINER = 'a'@'%' PROCEDURE p(IN begin_at INT) COMMENT 'x;' BEGIN DECLARE EXIT "
        "HANDLER FOR "
        "SQLEXCEPTION BEGIN ROLLBACK; RESIGNAL; END; IF a > 1 THEN SET a = IF(b, 1, 2); ELSEIF (b) THEN SET "
        "c = 1; ELSE "
        "IF (c) THEN SET d = 1; END IF; END IF; END;",
        "CREATE DEFINER=root@localhost TRIGGER t BEFORE UPDATE ON o FOR EACH ROW IF NEW.a THEN SET NEW.b = "
        "1; SET NEW.c = "
        "2; END IF;",
        "CREATE TRIGGER t AFTER INSERT ON o FOR EACH ROW SET NEW.a = CASE WHEN IF(x, 1, 0) THEN 1 ELSE 2 "
        "END;",
        "CREATE TRIGGER t AFTER INSERT ON o FOR EACH ROW CASE NEW.a WHEN 1 THEN IF b THEN SET @x = 1; END "
        "IF; ELSE SET "
        "@y = 2; END CASE;",
        "CREATE PROCEDURE p() l: LOOP SET a = a + 1; IF a > 3 THEN LEAVE l; END IF; END LOOP l;",
        "CREATE PROCEDURE p() WHILE a < 3 DO SET a = REPEAT('x', 3); END WHILE;",
        "CREATE PROCEDURE p() REPEAT SET a = 1; REPEAT SET b = 2; UNTIL b END REPEAT; UNTIL a END REPEAT;",
        "CREATE PROCEDURE p() BEGIN FOR i IN 1..3 DO SELECT i FROM t FOR UPDATE; END FOR; DROP TABLE IF "
        "EXISTS x; END;",
        "CREATE FUNCTION f(a INT) RETURNS INT DETERMINISTIC RETURN CASE a WHEN 1 THEN 2 END;",
        "CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO BEGIN DELETE FROM t; INSERT INTO u VALUES (1); END;",
        "ALTER DEFINER=CURRENT_USER() EVENT e DO BEGIN SELECT 1; END;",
        "CREATE PACKAGE q AS PROCEDURE a(); FUNCTION b() RETURN INT; END;",
        "BEGIN NOT ATOMIC DECLARE a INT; SET a = 1; END;",
        "IF (SELECT 1) THEN SELECT 2; END IF;",
        "CREATE TABLE event (begin INT, `end` INT);",
        "SELECT 2fa.`x`, 1e5, .5, 1.5e-3, 0xAF FROM 2fa;",
    };
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        check_one(texts[i]);
}

struct splitting {
    const char *text;
    const char *parts[6]; /* NULL-terminated */
};

static void check_parts(const struct splitting *wanted)
{
    struct arena arena = {0};
    struct err err = {0};
    struct sql_statement *statements;
    size_t count, i = 0;
    if (!split(&arena, wanted->text, strlen(wanted->text), &statements, &count, &err))
        fail_msg("%s: %d:%d: %s", wanted->text, err.line, err.column, err.message);
    for (; i < count && wanted->parts[i] != NULL; i++)
        if (strcmp(statements[i].text, wanted->parts[i]) != 0)
            fail_msg("%s: part %zu is %s", wanted->text, i, statements[i].text);
    if (i != count || wanted->parts[i] != NULL)
        fail_msg("%s: %zu parts", wanted->text, count);
    arena_free(&arena);
}

static void test_several(void **state)
{
    static const struct splitting cases[] = {
        {"SELECT 1;\n-- c ; c\nSELECT 5--1;# ;\n;;SELECT 3", {"SELECT 1", "SELECT 5--1", "SELECT 3"}},
        {"DELIMITER //\nCREATE PROCEDURE p() BEGIN SELECT 1; END//\nSELECT 2; //\ndelimiter ;\nSELECT 3;",
         {"CREATE PROCEDURE p() BEGIN SELECT 1; END", "SELECT 2;", "SELECT 3"}},
        {"DELIMITER $$\r\nSELECT a$$SELECT '$$', b -- $$\n$$\r\nDELIMITER ;\r\nSELECT c;",
         {"SELECT a", "SELECT '$$', b", "SELECT c"}},
        {"DELIMITER ';;'\nSELECT 1;;\nSELECT 2\n  DELIMITER ;\nSELECT 3;",
         {"SELECT 1", "SELECT 2", "SELECT 3"}},
        {"CREATE TABLE t (a INT,\n delimiter INT);\nSELECT 1;",
         {"CREATE TABLE t (a INT,\n delimiter INT)", "SELECT 1"}},
        {"SET sql_mode='ANSI_QUOTES';SELECT \"a\\\";SELECT 1;",
         {"SET sql_mode='ANSI_QUOTES'", "SELECT \"a\\\"", "SELECT 1"}},
        {"SET SESSION sql_mode = CONCAT(@@sql_mode, ',NO_BACKSLASH_ESCAPES'), a=1;SELECT 'a\\';SELECT 1",
         {"SET SESSION sql_mode = CONCAT(@@sql_mode, ',NO_BACKSLASH_ESCAPES'), a=1", "SELECT 'a\\'",
          "SELECT 1"}},
        {"SET @@sql_mode=ANSI; SET sql_mode=''; SELECT \"a\\\";\";",
         {"SET @@sql_mode=ANSI", "SET sql_mode=''", "SELECT \"a\\\";\""}},
        {"SET GLOBAL sql_mode='ANSI'; SELECT \"a\\\";\"",
         {"SET GLOBAL sql_mode='ANSI'", "SELECT \"a\\\";\""}},
        {"/*!40101 SET NAMES utf8 */;\n/* c */ SELECT 1 /* d */;",
         {"/*!40101 SET NAMES utf8 */", "SELECT 1"}},
        {"BEGIN; UPDATE t SET a = 1; COMMIT;", {"BEGIN", "UPDATE t SET a = 1", "COMMIT"}},
        {"USE shop; CREATE TRIGGER IF NOT EXISTS t AFTER INSERT ON o FOR EACH ROW SET @a = IF(NEW.b, 1, 2); "
         "SELECT 1",
         {"USE shop",
          "CREATE TRIGGER IF NOT EXISTS t AFTER INSERT ON o FOR EACH ROW SET @a = IF(NEW.b, 1, 2)",
          "SELECT 1"}},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        check_parts(&cases[i]);
}

static void test_refused(void **state)
{
    static const struct {
        const char *text;
        int line, column;
        const char *message;
    } cases[] = {
        {"SELECT 1;\n SELECT 'abc\\'", 2, 9, "string has no end"},
        {"SELECT \"abc", 1, 8, "string has no end"},
        {"SET sql_mode='ansi_quotes';\nSELECT \"abc", 2, 8, "quoted identifier has no end"},
        {"SELECT `abc", 1, 8, "quoted identifier has no end"},
        {"SELECT @`abc", 1, 8, "quoted identifier has no end"},
        {"SELECT 1 /* x", 1, 10, "comment has no end"},
        {"SELECT 1 /*!50000 x", 1, 10, "versioned comment has no end"},
        {"SELECT 1 /*!50000 ; SELECT 2 */", 1, 10, "versioned comment has no end"},
        {"CREATE PROCEDURE p() BEGIN SELECT 1;", 1, 22, "BEGIN has no END"},
        {"CREATE PROCEDURE p() BEGIN IF a THEN SELECT 1; END IF;", 1, 22, "BEGIN has no END"},
        {"CREATE TRIGGER t AFTER INSERT ON o FOR EACH ROW IF a THEN SET b = 1;", 1, 49, "IF has no END"},
        {"SELECT (1 + (2); SELECT 1)", 1, 8, "parenthesis is not closed"},
        {"SELECT 1\\G\n", 1, 9, "meta-command"},
        {"SELECT 1;\nsource x.sql\n", 2, 1, "command of mysql"},
        {"DELIMITER\nSELECT 1;", 1, 1, "DELIMITER"},
        {"DELIMITER \\\\\nSELECT 1;", 1, 1, "DELIMITER"},
        {"LOAD DATA CONCURRENT LOCAL INFILE 'x' INTO TABLE t;", 1, 1, "LOAD DATA LOCAL"},
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

static const struct sample {
    const char *sql;
    const char *table; /* NULL: none */
    enum sql_kind kind;
    bool commits;
} samples[] = {
    {"# c\nselect 1", NULL, SQL_KIND_SELECT, false},
    {"WITH q AS (SELECT 1) UPDATE LOW_PRIORITY t JOIN q SET a = 1", "t", SQL_KIND_UPDATE, false},
    {"INSERT IGNORE INTO `Or``ders` (a) SELECT 1", "`Or``ders`", SQL_KIND_INSERT, false},
    {"REPLACE t VALUES (1)", "t", SQL_KIND_INSERT, false},
    {"DELETE QUICK FROM orders", "orders", SQL_KIND_DELETE, false},
    {"CALL p(1)", NULL, SQL_KIND_OTHER, false},
    {"/*!50000 ALTER */ ONLINE TABLE IF EXISTS shop . `O` WAIT 5 ADD COLUMN a INT, ALGORITHM=INSTANT",
     "shop.`O`", SQL_KIND_ALTER_TABLE_ADD_COLUMN, true},
    {"ALTER TABLE t ADD (a INT, b INT)", "t", SQL_KIND_ALTER_TABLE_ADD_COLUMN, true},
    {"ALTER TABLE t ADD KEY k (a), ALGORITHM=INPLACE, LOCK=NONE", "t", SQL_KIND_ALTER_TABLE_OTHER, true},
    {"ALTER TABLE t ADD CONSTRAINT FOREIGN KEY (a) REFERENCES u (b)", "t",
     SQL_KIND_ALTER_TABLE_ADD_FOREIGN_KEY, true},
    {"ALTER TABLE t MODIFY a INT NOT NULL", "t", SQL_KIND_ALTER_TABLE_OTHER, true},
    {"ALTER TABLE t CHANGE a `A` BIGINT", "t", SQL_KIND_ALTER_TABLE_OTHER, true},
    {"ALTER TABLE t CHANGE COLUMN a b BIGINT", "t", SQL_KIND_ALTER_TABLE_RENAME, true},
    {"ALTER TABLE t DROP KEY k, DROP PRIMARY KEY", "t", SQL_KIND_ALTER_TABLE_OTHER, true},
    {"ALTER TABLE t DROP KEY k, DROP COLUMN a", "t", SQL_KIND_ALTER_TABLE_DROP_COLUMN, true},
    {"ALTER TABLE t RENAME INDEX a TO b", "t", SQL_KIND_ALTER_TABLE_OTHER, true},
    {"ALTER TABLE t RENAME TO u", "t", SQL_KIND_ALTER_TABLE_RENAME, true},
    {"ALTER TABLE t COMMENT='x', LOCK=NONE", "t", SQL_KIND_ALTER_TABLE_SET_OPTIONS, true},
    {"ALTER TABLE t FORCE", "t", SQL_KIND_ALTER_TABLE_OTHER, true},
    {"CREATE UNIQUE INDEX i ON t (a)", "t", SQL_KIND_CREATE_INDEX, true},
    {"CREATE FULLTEXT INDEX IF NOT EXISTS i ON t (a)", "t", SQL_KIND_CREATE_INDEX, true},
    {"DROP INDEX i ON t", "t", SQL_KIND_DROP_INDEX, true},
    {"RENAME TABLE a TO b, c TO d", "a", SQL_KIND_ALTER_TABLE_RENAME, true},
    {"OPTIMIZE NO_WRITE_TO_BINLOG TABLE t", "t", SQL_KIND_ALTER_TABLE_OTHER, true},
    {"CREATE DEFINER=`a`@`b` TRIGGER x BEFORE INSERT ON t FOR EACH ROW SET @a = 1", "t",
     SQL_KIND_CREATE_TRIGGER, true},
    {"CREATE OR REPLACE DEFINER = root @ localhost PROCEDURE p() SELECT 1", NULL, SQL_KIND_CREATE_FUNCTION,
     true},
    {"DROP TRIGGER IF EXISTS x", NULL, SQL_KIND_DROP_TRIGGER, true},
    {"CREATE TEMPORARY TABLE IF NOT EXISTS t (a INT)", "t", SQL_KIND_CREATE_TABLE, false},
    {"DROP TEMPORARY TABLE t", "t", SQL_KIND_DROP_TABLE, false},
    {"DROP TABLE IF EXISTS s.t, u", "s.t", SQL_KIND_DROP_TABLE, true},
    {"TRUNCATE t", "t", SQL_KIND_TRUNCATE, true},
    {"ANALYZE TABLE t", "t", SQL_KIND_VACUUM, true},
    {"LOCK TABLES t WRITE, u READ", "t", SQL_KIND_LOCK_TABLE, true},
    {"UNLOCK TABLES", NULL, SQL_KIND_OTHER, true},
    {"LOAD DATA INFILE 'f' REPLACE INTO TABLE t", "t", SQL_KIND_COPY, false},
    {"SET PASSWORD = 'x'", NULL, SQL_KIND_OTHER, true},
    {"BEGIN WORK", NULL, SQL_KIND_BEGIN, false},
    {"BEGIN NOT ATOMIC SELECT 1; END", NULL, SQL_KIND_OTHER, false},
    {"START TRANSACTION READ ONLY", NULL, SQL_KIND_BEGIN, false},
    {"COMMIT AND CHAIN", NULL, SQL_KIND_COMMIT, false},
    {"ROLLBACK TO s", NULL, SQL_KIND_OTHER, false},
    {"SELECT 'DROP TABLE t'", NULL, SQL_KIND_SELECT, false},
};

static void test_kinds_tables_commits(void **state)
{
    struct arena arena = {0};
    (void)state;
    for (size_t i = 0; i < sizeof samples / sizeof samples[0]; i++) {
        const struct sample *s = &samples[i];
        const char *table = sql_target_table(&arena, SQL_MYSQL, s->sql);
        enum sql_kind kind = sql_kind(SQL_MYSQL, s->sql);
        bool commits = sql_commits_implicitly(SQL_MYSQL, s->sql);
        if (kind != s->kind || commits != s->commits ||
            sql_forbids_transaction(SQL_MYSQL, s->sql) != commits ||
            strcmp(table ? table : "", s->table ? s->table : "") != 0)
            fail_msg("%s: kind %d, table %s, commits %d", s->sql, (int)kind, table, commits);
    }
    assert_false(sql_commits_implicitly(SQL_POSTGRES, "DROP TABLE t"));
    assert_string_equal(sql_target_table(&arena, SQL_MYSQL | SQL_ANSI_QUOTES, "UPDATE \"t\" SET a = 1"),
                        "\"t\"");
    arena_free(&arena);
}

static void test_columns_and_names(void **state)
{
    struct arena arena = {0};
    const char *names[8];
    (void)state;
    size_t count = sql_removed_columns(
        &arena, SQL_MYSQL,
        "ALTER TABLE s.t DROP COLUMN IF EXISTS Aa, DROP `B``b`, DROP INDEX i, "
        "CHANGE c D INT, CHANGE e E INT, RENAME COLUMN F TO g, DROP PRIMARY KEY, "
        "DROP CONSTRAINT x, MODIFY y INT, RENAME INDEX a TO b, ALGORITHM=COPY",
        names, 8);
    assert_int_equal(count, 4);
    assert_string_equal(names[0], "aa");
    assert_string_equal(names[1], "b`b");
    assert_string_equal(names[2], "c");
    assert_string_equal(names[3], "f");
    assert_true(sql_mentions(SQL_MYSQL, "SELECT `Tier_Code` FROM t", "tier_code"));
    assert_false(sql_mentions(SQL_MYSQL, "SELECT \"tier_code\" # tier_code\n", "tier_code"));
    assert_string_equal(sql_fold(&arena, SQL_MYSQL, "FooBar", 3), "Foo");
    assert_string_equal(sql_fold(&arena, SQL_MYSQL, "`Fo``o`", 7), "Fo`o");
    arena_free(&arena);
}

static void test_quote_and_redact(void **state)
{
    char longest[66];
    struct arena arena = {0};
    (void)state;
    memset(longest, 'a', 65);
    longest[65] = '\0';
    assert_string_equal(sql_quote(&arena, SQL_MYSQL, "s", "a`\"b"), "`s`.`a``\"b`");
    assert_null(sql_quote(&arena, SQL_MYSQL, NULL, longest));
    assert_non_null(sql_quote(&arena, SQL_MYSQL, NULL, longest + 1));
    assert_null(sql_quote(&arena, SQL_MYSQL, NULL, "\xFF"));
    assert_null(sql_quote(&arena, SQL_MYSQL, NULL, "a "));
    assert_null(sql_quote(&arena, SQL_MYSQL, NULL, "\xF0\x9F\x90\xAC"));
    assert_null(sql_quote(&arena, SQL_MYSQL, NULL, ""));
    assert_string_equal(sql_quote_literal(&arena, SQL_MYSQL, "it's"), "'it''s'");
    assert_string_equal(sql_quote_literal(&arena, SQL_MYSQL, "a\\'"), "_utf8mb4 X'615C27'");
    assert_string_equal(
        sql_redact(&arena, SQL_MYSQL,
                   "UPDATE t\n  SET a = \"se\\\"cret\", b=N'x' # pw\n WHERE id = 42 AND c = $1 AND d=@v "
                   "/*!50000 AND e = 0xFF */ OR u@'host'",
                   200),
        "UPDATE t SET a = ?, b=? WHERE id = ? AND c = $1 AND d=@v /*!50000 AND e = ? */ OR u?");
    arena_free(&arena);
}

static void test_fate(void **state)
{
    static const struct {
        const char *sql;
        bool inside, applies;
    } cases[] = {
        {"SELECT SYSDATE(6); ALTER TABLE t ADD a INT; SELECT SYSDATE(6)", false, true},
        {"ALTER TABLE t ADD a INT", true, true},
        {"START TRANSACTION; UPDATE t SET a = 1", false, false},
        {"START TRANSACTION", true, true},
        {"UPDATE t SET a = 1", true, false},
        {"UPDATE t SET a = 1", false, true},
        {"SELECT 1 INTO @x; SET a = 1; SHOW TABLES", false, false},
        {"CALL p()", true, true},
        {"BEGIN NOT ATOMIC SELECT 1; END", false, true},
        {"CREATE TEMPORARY TABLE t (a INT)", true, false},
        {"LOCK TABLES t READ", true, true},
        {"COMMIT", true, true},
        {"ROLLBACK", true, false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        if (fate_may_have_applied(SQL_MYSQL, cases[i].sql, cases[i].inside) != cases[i].applies)
            fail_msg("%s", cases[i].sql);
}

/* Every byte is in one token, in order. */
static void check_tokens(enum sql_lexis lexis, const char *text, size_t length)
{
    struct sql_scan scan = sql_scan(lexis, text, length, 1, 1);
    size_t at = 0;
    for (struct sql_token token = sql_next(&scan); token.kind != SQL_END; token = sql_next(&scan)) {
        assert_true(token.length > 0 && token.text == text + at);
        at += token.length;
    }
    assert_int_equal(at, length);
}

static void check_statement(struct arena *arena, const struct sql_statement *statement)
{
    const char *names[4], *sql = statement->text;
    assert_true(sql[0] != '\0' && statement->line > 0 && statement->column > 0);
    (void)sql_kind(statement->lexis, sql);
    (void)sql_forbids_transaction(statement->lexis, sql);
    (void)sql_target_table(arena, statement->lexis, sql);
    (void)sql_removed_columns(arena, statement->lexis, sql, names, 4);
    (void)fate_may_have_applied(statement->lexis, sql, true);
    assert_true(strlen(sql_redact(arena, statement->lexis, sql, 40)) <= 43);
}

/* No word outside comments is lost between the statements: what they hold is in the text, in order. */
static void read_any(const char *text, size_t length)
{
    struct arena arena = {0};
    struct err err = {0};
    struct sql_statement *statements;
    size_t count;
    const char *at = text;
    check_tokens(SQL_MYSQL, text, length);
    check_tokens(SQL_MYSQL_MODES, text, length);
    if (split(&arena, text, length, &statements, &count, &err)) {
        for (size_t i = 0; i < count; i++) {
            size_t own = strlen(statements[i].text);
            at = memmem(at, (size_t)(text + length - at), statements[i].text, own);
            assert_non_null(at);
            at += own;
            check_statement(&arena, &statements[i]);
        }
    } else {
        assert_true(err.line > 0 && err.column > 0);
    }
    arena_free(&arena);
}

static void test_mutations(void **state)
{
    (void)state;
    mutate("ALTER TABLE `a`.b DROP x, CHANGE c d INT; # x\nSELECT '\\'', \"q\", /*!50000 @x */ 0x1, @'h';",
           read_any);
    mutate("DELIMITER $$\nCREATE DEFINER=a@b PROCEDURE p() BEGIN IF a THEN SELECT CASE 1 WHEN 1 THEN 2 END; "
           "END IF; "
           "END$$\nDELIMITER ;\nSET sql_mode='ANSI';SELECT \"x\";",
           read_any);
    mutate("CREATE TRIGGER t AFTER INSERT ON o FOR EACH ROW WHILE a DO SET b = 1.5e3; END WHILE; -- e\n/*M!1 "
           "UPDATE t*/ "
           "SET a = N'x''y';",
           read_any);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_statement),
        cmocka_unit_test(test_several),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_kinds_tables_commits),
        cmocka_unit_test(test_columns_and_names),
        cmocka_unit_test(test_quote_and_redact),
        cmocka_unit_test(test_fate),
        cmocka_unit_test(test_mutations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
