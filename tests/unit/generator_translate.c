/* A schema of one engine as the other's statements: types, keys, defaults, checks; what is left out is told. */
#include "generators/translate.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct arena arena;

static int forget(void **state)
{
    (void)state;
    arena_free(&arena);
    return 0;
}

static const struct translate_target mariadb = {"mariadb", 101119, SQL_MYSQL},
                                     old_mariadb = {"mariadb", 100600, SQL_MYSQL},
                                     mysql = {"mysql", 90704, SQL_MYSQL},
                                     postgres = {"postgresql", 150018, SQL_POSTGRES};

static const char *all_of(const struct translation *made)
{
    struct buf text = {0};
    for (size_t i = 0; i < made->statement_count; i++)
        buf_printf(&text, "%s: %s\n", made->statements[i].stage, made->statements[i].sql);
    for (size_t i = 0; i < made->note_count; i++)
        buf_printf(&text, "note: %s\n", made->notes[i]);
    const char *kept = arena_strdup(&arena, buf_text(&text));
    buf_free(&text);
    return kept;
}

static void expect(const char *text, const char *part)
{
    if (strstr(text, part) == NULL)
        fail_msg("no \"%s\" in:\n%s", part, text);
}

static void expect_not(const char *text, const char *part)
{
    if (strstr(text, part) != NULL)
        fail_msg("\"%s\" in:\n%s", part, text);
}

/* One table with one column. */
static const char *type_of(enum sql_lexis lexis, const char *type, const char *base, const char *seen,
                           const struct translate_target *target)
{
    struct profile_atom atom = {0.5, seen};
    struct profile_column column = {
        .name = "c", .type = type, .base = base, .mcv = &atom, .mcv_count = seen != NULL};
    struct profile_table table = {
        .schema = "public", .name = "t", .kind = "", .columns = &column, .column_count = 1};
    const struct profile profile = {.lexis = lexis, .tables = &table, .table_count = 1};
    struct translation made = translate_schema(&arena, &profile, target);
    const char *from = strchr(made.statements[made.statement_count - 1].sql, '(') + 1;
    from = strchr(from, ' ') + 1;
    const char *to = strstr(from, ") ENGINE");
    return arena_strndup(&arena, from, to != NULL ? (size_t)(to - from) : strlen(from) - 1);
}

static void test_types(void **state)
{
    static const struct {
        enum sql_lexis lexis;
        const char *type, *base, *seen;
        const struct translate_target *target;
        const char *made;
    } cases[] = {
        {SQL_POSTGRES, "boolean", "bool", NULL, &mariadb, "tinyint(1)"},
        {SQL_POSTGRES, "smallint", "int2", NULL, &mariadb, "smallint"},
        {SQL_POSTGRES, "bigint", "int8", NULL, &mysql, "bigint"},
        {SQL_POSTGRES, "numeric(8,2)", "numeric", NULL, &mariadb, "decimal(8,2)"},
        {SQL_POSTGRES, "numeric", "numeric", "12.375", &mariadb, "decimal(38,3)"},
        {SQL_POSTGRES, "real", "float4", NULL, &mariadb, "float"},
        {SQL_POSTGRES, "double precision", "float8", NULL, &mariadb, "double"},
        {SQL_POSTGRES, "text", "text", NULL, &mariadb, "longtext"},
        {SQL_POSTGRES, "character varying(90)", "varchar", NULL, &mariadb, "varchar(90)"},
        {SQL_POSTGRES, "character varying", "varchar", NULL, &mariadb, "longtext"},
        {SQL_POSTGRES, "character(2)", "bpchar", NULL, &mariadb, "char(2)"},
        {SQL_POSTGRES, "bytea", "bytea", NULL, &mariadb, "longblob"},
        {SQL_POSTGRES, "uuid", "uuid", NULL, &mariadb, "uuid"},
        {SQL_POSTGRES, "uuid", "uuid", "00000000-0000-4000-8000-000000000000", &mariadb, "uuid"},
        {SQL_POSTGRES, "uuid", "uuid", "00000000-0000-4000-1000-000000000000", &mariadb, "char(36)"},
        {SQL_POSTGRES, "uuid", "uuid", NULL, &old_mariadb, "char(36)"},
        {SQL_POSTGRES, "uuid", "uuid", NULL, &mysql, "char(36)"},
        {SQL_POSTGRES, "jsonb", "jsonb", NULL, &mysql, "json"},
        {SQL_POSTGRES, "date", "date", NULL, &mysql, "date"},
        {SQL_POSTGRES, "timestamp with time zone", "timestamptz", NULL, &mysql, "datetime(6)"},
        {SQL_POSTGRES, "timestamp(0) without time zone", "timestamp", NULL, &mysql, "datetime"},
        {SQL_POSTGRES, "timestamp(3) without time zone", "timestamp", NULL, &mysql, "datetime(3)"},
        {SQL_POSTGRES, "inet", "inet", NULL, &mysql, "varchar(43)"},
        {SQL_POSTGRES, "bit(8)", "bit", NULL, &mysql, "varchar(8)"},
        {SQL_POSTGRES, "text[]", "_text", NULL, &mysql, "longtext"},
        {SQL_POSTGRES, "int4range", "int4range", NULL, &mysql, "longtext"},
        {SQL_MYSQL, "tinyint(1)", "bool", "1", &postgres, "boolean"},
        {SQL_MYSQL, "tinyint(1)", "bool", "7", &postgres, "smallint"},
        {SQL_MYSQL, "tinyint(3) unsigned", "uint1", NULL, &postgres, "smallint"},
        {SQL_MYSQL, "smallint(5) unsigned", "uint2", NULL, &postgres, "integer"},
        {SQL_MYSQL, "mediumint", "int3", NULL, &postgres, "integer"},
        {SQL_MYSQL, "int(10) unsigned", "uint4", NULL, &postgres, "bigint"},
        {SQL_MYSQL, "bigint(20) unsigned", "uint8", "77", &postgres, "bigint"},
        {SQL_MYSQL, "bigint(20) unsigned", "uint8", "9223372036854775808", &postgres, "numeric(20)"},
        {SQL_MYSQL, "decimal(10,2)", "numeric", NULL, &postgres, "numeric(10,2)"},
        {SQL_MYSQL, "double", "float8", NULL, &postgres, "double precision"},
        {SQL_MYSQL, "varchar(80)", "varchar", NULL, &postgres, "varchar(80)"},
        {SQL_MYSQL, "mediumtext", "text", NULL, &postgres, "text"},
        {SQL_MYSQL, "varbinary(9)", "bytes", NULL, &postgres, "bytea"},
        {SQL_MYSQL, "uuid", "uuid", NULL, &postgres, "uuid"},
        {SQL_MYSQL, "json", "json", NULL, &postgres, "jsonb"},
        {SQL_MYSQL, "datetime", "timestamp", NULL, &postgres, "timestamp(0)"},
        {SQL_MYSQL, "datetime(6)", "timestamp", NULL, &postgres, "timestamp(6)"},
        {SQL_MYSQL, "timestamp", "timestamp", NULL, &postgres, "timestamp(0) with time zone"},
        {SQL_MYSQL, "enum('a','it''s')", "enum", NULL, &postgres, "\"t_c\""},
        {SQL_MYSQL, "year(4)", "year", NULL, &postgres, "smallint"},
        {SQL_MYSQL, "inet6", "inet6", NULL, &postgres, "inet"},
        {SQL_MYSQL, "set('a','b')", "set", NULL, &postgres, "text"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *made = type_of(cases[i].lexis, cases[i].type, cases[i].base, cases[i].seen,
                                   cases[i].target);
        if (strcmp(made, cases[i].made) != 0)
            fail_msg("%s: %s, wanted %s", cases[i].type, made, cases[i].made);
    }
}

static int id_column[] = {0}, email_column[] = {1}, expression[] = {-1}, body_column[] = {5};
static size_t first[] = {0}, fourth[] = {3};
static struct profile_index account_keys[] = {
    {.name = "account_pkey",
     .method = "btree",
     .columns = id_column,
     .column_count = 1,
     .unique = true,
     .primary = true},
    {.name = "account_email", .method = "btree", .columns = email_column, .column_count = 1, .unique = true},
    {.name = "account_lower", .method = "btree", .columns = expression, .column_count = 1},
    {.name = "account_some", .method = "btree", .columns = email_column, .column_count = 1, .partial = true},
    {.name = "account_gin", .method = "gin", .columns = body_column, .column_count = 1},
    {.name = "account_body", .method = "btree", .columns = body_column, .column_count = 1},
};
static struct profile_reference boss[] = {
    {.name = "account_boss", .columns = fourth, .parent_columns = first, .column_count = 1, .parent = 0}};
static struct profile_column account_columns[] = {
    {.name = "id", .type = "bigint", .base = "int8", .not_null = true},
    {.name = "email", .type = "text", .base = "text", .not_null = true},
    {.name = "mood", .type = "public.mood", .base = "mood"},
    {.name = "boss", .type = "integer", .base = "int4"},
    {.name = "price", .type = "public.price", .base = "numeric"},
    {.name = "body", .type = "text", .base = "text"},
    {.name = "at", .type = "timestamp with time zone", .base = "timestamptz"},
    {.name = "vip", .type = "boolean", .base = "bool"},
    {.name = "twice", .type = "integer", .base = "int4"},
    {.name = "state", .type = "text", .base = "text"},
    {.name = "later", .type = "date", .base = "date"},
};
static struct profile_table account_tables[] = {{.schema = "public",
                                                 .name = "account",
                                                 .kind = "",
                                                 .columns = account_columns,
                                                 .column_count = 11,
                                                 .indexes = account_keys,
                                                 .index_count = 6,
                                                 .references = boss,
                                                 .reference_count = 1}};
static struct profile_statement account_statements[] = {
    {"before", "CREATE TYPE public.mood AS ENUM ('sad', 'it''s ok', E'a\\\\b')", -1},
    {"before",
     "CREATE DOMAIN public.price AS numeric(9,2) DEFAULT 1 CONSTRAINT p CHECK ((VALUE > (0)::numeric))", -1},
    {"before", "CREATE OR REPLACE FUNCTION public.f() RETURNS int LANGUAGE sql AS 'SELECT 1'", -1},
    {"table",
     "CREATE TABLE public.account (id bigint DEFAULT nextval('public.account_id_seq'::regclass) NOT NULL, "
     "email text NOT"
     " NULL, mood public.mood DEFAULT 'sad'::public.mood, boss integer, price public.price, body text DEFAULT"
     " 'a\\z'::text, at timestamp with time zone DEFAULT now(), vip boolean DEFAULT true, twice integer "
     "GENERATED"
     " ALWAYS AS ((boss * 2)) STORED, state text, later date DEFAULT (CURRENT_DATE + 7), CONSTRAINT "
     "account_state CHECK ((state ="
     " ANY (ARRAY['new'::text, 'old'::text]))), CONSTRAINT account_odd CHECK ((length(body) > 2)))",
     0},
    {"reference",
     "ALTER TABLE public.account ADD CONSTRAINT account_boss FOREIGN KEY (boss) REFERENCES "
     "public.account(id) ON DELETE"
     " SET NULL",
     0},
    {"after", "CREATE VIEW public.v AS SELECT 1", -1},
    {"after", "CREATE TRIGGER noted AFTER INSERT ON public.account FOR EACH ROW EXECUTE FUNCTION public.f()",
     0},
};
static const struct profile account = {.lexis = SQL_POSTGRES,
                                       .tables = account_tables,
                                       .table_count = 1,
                                       .statements = account_statements,
                                       .statement_count = 7};

static void test_to_mariadb(void **state)
{
    (void)state;
    struct translation made = translate_schema(&arena, &account, &mariadb);
    const char *text = all_of(&made);
    expect(
        text,
        "table: CREATE TABLE `account` (`id` bigint NOT NULL AUTO_INCREMENT, `email` varchar(191) NOT NULL,"
        " `mood` enum('sad', 'it''s ok', X'615C62') DEFAULT 'sad', `boss` bigint, `price` decimal(9,2) "
        "DEFAULT 1,"
        " `body` longtext DEFAULT (CONVERT(X'615C7A' USING utf8mb4)), `at` datetime(6) DEFAULT "
        "CURRENT_TIMESTAMP(6),"
        " `vip` tinyint(1) DEFAULT 1, `twice` int, `state` longtext, `later` date, PRIMARY KEY (`id`)");
    expect(text, "CHECK (`state` IN ('new', 'old'))");
    expect(text, "CHECK (`price` > 0)");
    expect(text, "COLLATE utf8mb4_nopad_bin");
    expect(text, "index: CREATE INDEX `account_body` ON `account` (`body`(191))\n");
    expect(text, "key: CREATE UNIQUE INDEX `account_email` ON `account` (`email`)\n");
    expect(text,
           "reference: ALTER TABLE `account` ADD CONSTRAINT `account_boss` FOREIGN KEY (`boss`) REFERENCES"
           " `account` (`id`) ON DELETE SET NULL\n");
    static const char *const notes[] = {"function public.f", "view public.v",     "trigger noted",
                                        "account_lower",     "account_some",      "account_gin",
                                        "column twice",      "check account_odd", "column later"};
    for (size_t i = 0; i < sizeof notes / sizeof *notes; i++)
        expect(strstr(text, "note: "), notes[i]);
    assert_int_equal(made.note_count, sizeof notes / sizeof *notes);
    expect_not(text, "public.account");
    made = translate_schema(&arena, &account, &mysql);
    expect(all_of(&made), "COLLATE utf8mb4_0900_bin");
}

static struct profile_column shop_columns[] = {
    {.name = "id", .type = "bigint(20) unsigned", .base = "uint8", .not_null = true},
    {.name = "Mail", .type = "varchar(80)", .base = "varchar", .not_null = true},
    {.name = "mood", .type = "enum('sad','it''s')", .base = "enum"},
    {.name = "boss", .type = "bigint(20) unsigned", .base = "uint8"},
    {.name = "vip", .type = "tinyint(1)", .base = "bool", .not_null = true},
    {.name = "at", .type = "timestamp", .base = "timestamp", .not_null = true},
};
static struct profile_index shop_keys[] = {
    {.name = "PRIMARY",
     .method = "BTREE",
     .columns = id_column,
     .column_count = 1,
     .unique = true,
     .primary = true},
    {.name = "mail", .method = "BTREE", .columns = email_column, .column_count = 1, .unique = true},
    {.name = "words", .method = "FULLTEXT", .columns = email_column, .column_count = 1},
};
static struct profile_table shop_tables[] = {{.schema = "shop",
                                              .name = "mail",
                                              .kind = "",
                                              .columns = shop_columns,
                                              .column_count = 6,
                                              .indexes = shop_keys,
                                              .index_count = 3,
                                              .references = boss,
                                              .reference_count = 1}};
static struct profile_statement shop_statements[] = {
    {"table",
     "CREATE TABLE `mail` (`id` bigint(20) unsigned NOT NULL AUTO_INCREMENT, `Mail` varchar(80) COLLATE"
     " utf8mb4_general_ci NOT NULL DEFAULT 'a\\'b' COMMENT 'who, where (not) DEFAULT', `mood` "
     "enum('sad','it''s') NULL"
     " DEFAULT NULL, `boss` bigint(20) unsigned NULL DEFAULT NULL CHECK (`boss` > 3), `vip` tinyint(1) NOT "
     "NULL DEFAULT"
     " 0, `at` timestamp NOT NULL DEFAULT current_timestamp() on update current_timestamp(), PRIMARY KEY "
     "(`id`), UNIQUE"
     " KEY `mail` (`Mail`), FULLTEXT KEY `words` (`Mail`), CONSTRAINT `sane` CHECK (`vip` in (0,1))) "
     "ENGINE=InnoDB"
     " COLLATE=utf8mb4_general_ci PARTITION BY HASH (`id`) PARTITIONS 2",
     0},
    {"reference",
     "ALTER TABLE `mail` ADD CONSTRAINT `account_boss` FOREIGN KEY (`boss`) REFERENCES `mail` (`id`) ON "
     "DELETE CASCADE"
     " ON UPDATE RESTRICT",
     0},
};
static const struct profile shop = {.lexis = SQL_MYSQL,
                                    .tables = shop_tables,
                                    .table_count = 1,
                                    .statements = shop_statements,
                                    .statement_count = 2};

static void test_to_postgres(void **state)
{
    (void)state;
    struct translation made = translate_schema(&arena, &shop, &postgres);
    const char *text = all_of(&made);
    expect(text, "before: CREATE TYPE \"mail_mood\" AS ENUM ('sad', 'it''s')\n");
    expect(text,
           "table: CREATE TABLE \"mail\" (\"id\" bigint NOT NULL GENERATED BY DEFAULT AS IDENTITY, \"Mail\""
           " varchar(80) NOT NULL DEFAULT 'a''b', \"mood\" \"mail_mood\", \"boss\" bigint,"
           " \"vip\" boolean NOT NULL DEFAULT '0', \"at\" timestamp(0) with time zone NOT NULL DEFAULT"
           " CURRENT_TIMESTAMP, CONSTRAINT \"boss_check\" CHECK (\"boss\" > 3), CONSTRAINT \"sane\" CHECK"
           " (\"vip\" IN ('0', '1')))\n");
    expect(text, "key: ALTER TABLE \"mail\" ADD CONSTRAINT \"mail_pkey\" PRIMARY KEY (\"id\")\n");
    /* An index is a name beside the tables': the first has it. */
    expect(text, "key: ALTER TABLE \"mail\" ADD CONSTRAINT \"mail_mail\" UNIQUE (\"Mail\")\n");
    expect(text, "REFERENCES \"mail\" (\"id\") ON DELETE CASCADE ON UPDATE RESTRICT\n");
    expect(text, "note: table mail, index words: FULLTEXT has no counterpart\n");
    expect(text, "note: table mail, column at: the target does not set it at each UPDATE\n");
    expect(text, "note: table mail: its partitions do not translate, it is one table\n");
    assert_int_equal(made.note_count, 3);
}

static void test_names(void **state)
{
    (void)state;
    char long_name[100];
    memset(long_name, 'n', 64);
    long_name[64] = 0;
    struct profile_column column = {.name = long_name, .type = "int", .base = "int4"};
    struct profile_table two[] = {
        {.schema = "a", .name = long_name, .kind = "", .columns = &column, .column_count = 1},
        {.schema = "b", .name = long_name, .kind = "", .columns = &column, .column_count = 1}};
    const struct profile profile = {.lexis = SQL_MYSQL, .tables = two, .table_count = 2};
    struct translation made = translate_schema(&arena, &profile, &postgres);
    assert_int_equal(made.statement_count, 1);
    long_name[63] = 0;
    assert_string_equal(made.statements[0].sql,
                        arena_printf(&arena, "CREATE TABLE \"%s\" (\"%s\" integer)", long_name, long_name));
    assert_int_equal(made.note_count, 3); /* the table's, the column's, the second table */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_types, forget),
        cmocka_unit_test_teardown(test_to_mariadb, forget),
        cmocka_unit_test_teardown(test_to_postgres, forget),
        cmocka_unit_test_teardown(test_names, forget),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
