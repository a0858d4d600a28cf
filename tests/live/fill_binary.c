/* The binary form of every kind of value is the value that its text form is: the same rows are loaded in both, into tables
 * alike, and the server finds no difference. */
#include "bench/base/buf.h"
#include "bench/sandbox/sandbox.h"
#include "generators/catalogue.h"
#include "generators/row.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char schema[] =
    "CREATE TYPE mood AS ENUM ('sad', 'ok', 'it''s, \"great\"');"
    "CREATE DOMAIN positive AS int CHECK (VALUE > 0);"
    "CREATE TABLE country (code char(2) PRIMARY KEY, name text);"
    "INSERT INTO country VALUES ('de', 'Germany'), ('fr', 'France');"
    "CREATE TABLE region (id smallint PRIMARY KEY, name text); INSERT INTO region VALUES (3, 'x'), (-7, "
    "NULL);"
    "CREATE TABLE parent (a int, b uuid, c varchar(9), PRIMARY KEY (a, b), UNIQUE (c));"
    "CREATE TABLE every (i2 int2 UNIQUE, i4 int4, i8 int8 PRIMARY KEY, o oid, p positive, n numeric, n0 "
    "numeric(9),"
    " n2 numeric(12,2), n5 numeric(10,5), n8 numeric(20,8), f4 real, f8 double precision, b bool, t text, v "
    "varchar(11),"
    " c char(7), one \"char\", l text CHECK (l IN ('a', 'tab\there', 'back\\slash')), li int CHECK (li IN "
    "(-1, 40000)), d date,"
    " birth date, ts timestamp, ts0 timestamp(0), tz timestamptz, tz3 timestamptz(3), ti time, tiz timetz, "
    "iv interval,"
    " iv0 interval(0), u uuid, j json, jb jsonb, ba bytea, bi bit(19), bo bit, vb varbit(70), ip inet, net "
    "cidr, mac macaddr, m mood,"
    " ai int[], ats timestamptz[], atx text[], an numeric(8,2)[], au uuid[], ab bool[],"
    " country char(2) REFERENCES country, region smallint REFERENCES region, pa int, pb uuid, pc varchar(9) "
    "REFERENCES parent (c),"
    " g int GENERATED ALWAYS AS (i4 * 0 + 1) STORED, CHECK (n2 > -9000.5 AND n2 < 12.25), CHECK (f4 BETWEEN "
    "-3.5 AND 77777),"
    " FOREIGN KEY (pa, pb) REFERENCES parent);"
    "CREATE TABLE unlike (id bigint PRIMARY KEY, every_id int); CREATE TABLE unranged (id int, r int4range)";

enum { PARENTS = 300, ROWS = 20000 };

static struct sandbox *server;
static struct arena arena;
static struct db *db;

static int start(void **state)
{
    (void)state;
    struct err err = {0};
    struct db_target target;
    server = sandbox_start("sandbox:postgresql", &err);
    if (server == NULL || !db_target_parse(&arena, sandbox_dsn(server), &target, &err))
        fail_msg("%s", err.message);
    db = db_open(&target, &(struct db_options){.application_name = "rehearse/test/binary"}, &err);
    return db == NULL || !db_command(db, "SET TimeZone = 'UTC'", &err) || !db_command(db, schema, &err);
}

static int stop(void **state)
{
    (void)state;
    db_close(db);
    sandbox_stop(server);
    arena_free(&arena);
    return 0;
}

static void command(const char *sql)
{
    struct err err = {0};
    if (!db_command(db, sql, &err))
        fail_msg("%s in %.200s", err.message, sql);
}

static const char *ask(const char *sql)
{
    struct err err = {0};
    struct db_table rows;
    if (!db_query(db, &arena, sql, &rows, &err))
        fail_msg("%s in %.200s", err.message, sql);
    return rows.rows == 0 ? "" : db_value(&rows, 0, 0);
}

struct source {
    const struct row_maker *maker;
    int64_t row, rows;
    enum db_load_format format;
    struct buf bytes;
    size_t sent;
};

static long pull(void *context, char *bytes, size_t capacity)
{
    struct source *source = context;
    if (source->sent == source->bytes.length) {
        buf_clear(&source->bytes);
        source->sent = 0;
        for (int i = 0; i < 64 && source->row < source->rows; i++, source->row++)
            (source->format == DB_LOAD_BINARY ? row_write_binary : row_write)(source->maker, source->row,
                                                                              &source->bytes);
    }
    size_t part = source->bytes.length - source->sent;
    part = part < capacity ? part : capacity;
    if (part > 0)
        memcpy(bytes, source->bytes.data + source->sent, part);
    source->sent += part;
    return (long)part;
}

static void load(const struct row_maker *maker, const char *table, int64_t rows, enum db_load_format format,
                 bool freeze)
{
    struct source source = {.maker = maker, .rows = rows, .format = format};
    const struct db_load load = {table, row_maker_columns(maker), format, freeze};
    struct db_answer answer = db_load(db, &load, CLOCK_NEVER_NS, pull, &source);
    buf_free(&source.bytes);
    if (answer.outcome != OUTCOME_OK)
        fail_msg("%s: %s", table, answer.message);
    assert_int_equal(answer.rows, rows);
}

static struct catalogue catalogue;

static struct row_maker *maker_of(const char *name)
{
    struct row_maker *maker;
    struct err err = {0};
    if (catalogue.count == 0) {
        if (!catalogue_read(db, &arena, &catalogue, &err))
            fail_msg("%s", err.message);
        catalogue.tables[catalogue_find(&catalogue, "parent")].rows = PARENTS;
        catalogue.tables[catalogue_find(&catalogue, "every")].rows = ROWS;
        catalogue.tables[catalogue_find(&catalogue, "unlike")].rows = 10;
        catalogue.tables[catalogue_find(&catalogue, "unranged")].rows = 10;
        struct catalogue_table *every = &catalogue.tables[catalogue_find(&catalogue, "every")];
        static const char *codes[] = {"de", "fr"}, *ids[] = {"-7", "3"};
        for (size_t i = 0; i < every->key_count; i++) {
            struct catalogue_key *key = &every->keys[i];
            const char *parent = key->kind == 'f' ? catalogue.tables[key->parent].name : "";
            if (strcmp(parent, "country") == 0 || strcmp(parent, "region") == 0) {
                key->parent_values = *parent == 'c' ? codes : ids;
                key->parent_value_rows = 2;
            }
        }
    }
    if (!row_maker_make(&arena, 11, &catalogue, (size_t)catalogue_find(&catalogue, name), &maker, &err))
        fail_msg("%s", err.message);
    return maker;
}

static void both_forms_are_the_same_rows(void **state)
{
    (void)state;
    const struct row_maker *parent = maker_of("parent"), *every = maker_of("every");
    assert_true(row_has_binary(parent) && row_has_binary(every));
    load(parent, "parent", PARENTS, DB_LOAD_BINARY, false);
    command("CREATE TABLE as_text (LIKE every INCLUDING GENERATED); CREATE TABLE as_binary (LIKE every "
            "INCLUDING GENERATED)");
    load(every, "as_text", ROWS, DB_LOAD_TEXT, false);
    load(every, "as_binary", ROWS, DB_LOAD_BINARY, false);
    const char *text = ask("SELECT md5(string_agg(t::text, '|' ORDER BY i8)) FROM as_text t");
    const char *binary = ask("SELECT md5(string_agg(t::text, '|' ORDER BY i8)) FROM as_binary t");
    struct err err = {0};
    struct db_table columns;
    assert_true(db_query(db, &arena,
                         "SELECT quote_ident(attname) FROM pg_attribute WHERE attnum > 0 AND attrelid ="
                         " 'every'::regclass",
                         &columns, &err));
    for (size_t i = 0; i < columns.rows; i++) {
        const char *name = db_value(&columns, i, 0);
        const char *differs = ask(arena_printf(&arena,
                                               "SELECT count(*) || ' like ' || min(a.%s::text || ' and ' || "
                                               "b.%s::text) FROM as_text a JOIN as_binary b"
                                               " USING (i8) WHERE (a.%s::text) IS DISTINCT FROM b.%s::text OR"
                                               " pg_column_size(a.%s) <> pg_column_size(b.%s)",
                                               name, name, name, name, name, name));
        if (differs != NULL && strcmp(differs, "0") != 0)
            fail_msg("%s: %s", name, differs);
        if (strcmp(name, "i8") != 0 && strcmp(name, "g") != 0)
            assert_string_not_equal(ask(arena_printf(&arena, "SELECT count(%s) FROM as_binary", name)), "0");
    }
    assert_string_equal(text, binary);
    load(every, "every", ROWS, DB_LOAD_BINARY, false); /* constraints and references hold */
}

static void what_has_no_binary_form_is_known(void **state)
{
    (void)state;
    assert_false(row_has_binary(maker_of("unranged")));
    assert_true(row_has_binary(maker_of("unlike")));
}

static void frozen_rows_need_a_new_table(void **state)
{
    (void)state;
    const struct row_maker *parent = maker_of("parent");
    command("CREATE TABLE cold (LIKE parent)");
    struct source source = {.maker = parent, .rows = 5, .format = DB_LOAD_BINARY};
    const struct db_load late = {"cold", row_maker_columns(parent), DB_LOAD_BINARY, true};
    assert_int_equal(db_load(db, &late, CLOCK_NEVER_NS, pull, &source).outcome, OUTCOME_OTHER);
    buf_free(&source.bytes);
    command("BEGIN; TRUNCATE cold");
    load(parent, "cold", PARENTS, DB_LOAD_BINARY, true);
    command("COMMIT; CREATE EXTENSION pg_visibility");
    assert_string_equal(ask("SELECT count(*) FROM pg_visibility('cold') WHERE NOT all_frozen"), "0");
    assert_string_equal(ask("SELECT count(*) FROM cold"), "300");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_forms_are_the_same_rows),
        cmocka_unit_test(what_has_no_binary_form_is_known),
        cmocka_unit_test(frozen_rows_need_a_new_table),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
