/* A shop on PostgreSQL → its profile → an empty MariaDB, and a shop on MariaDB → an empty PostgreSQL: rows, nulls and common
 * values are the source's, and every key and reference is there, because the server has accepted it. Needs both. */
#include "bench/base/buf.h"
#include "bench/sandbox/sandbox.h"
#include "fill_profile_shop.h"
#include "generators/fill.h"
#include "generators/profile.h"
#include "generators/scan.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct sandbox *postgres_server, *mariadb_server;
static struct arena arena;
static struct db_target postgres, mariadb;
static int wrong;

__attribute__((format(printf, 1, 2))) static void complain(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vprintf(format, arguments);
    va_end(arguments);
    printf("\n");
    wrong++;
}

static struct db_target database(const struct db_target *server, const char *name)
{
    struct db_target other = *server;
    other.database_override = name;
    return other;
}

static struct db *session_in(const struct db_target *where)
{
    struct err err = {0};
    struct db *session = db_open(where, &(struct db_options){.application_name = "rehearse/test/translate"},
                                 &err);
    if (session == NULL)
        fail_msg("%s", err.message);
    return session;
}

static void run(struct db *session, const char *sql)
{
    struct err err = {0};
    if (!db_command(session, sql, &err))
        fail_msg("%s in %.300s", err.message, sql);
}

static void run_all(struct db *session, const char *const *list)
{
    for (; *list != NULL; list++)
        run(session, *list);
}

static long number(struct db *session, const char *sql)
{
    struct err err = {0};
    struct db_table rows = {0};
    if (!db_query(session, &arena, sql, &rows, &err))
        fail_msg("%s in %.300s", err.message, sql);
    assert_int_equal(rows.rows, 1);
    return atol(db_value(&rows, 0, 0));
}

/* As it travels: written and read again. */
static struct profile *profile_of(const struct db_target *where)
{
    struct err err = {0};
    struct profile *made, *read;
    struct buf text = {0};
    const struct scan_config config = {.target = where, .statement_timeout_ms = 60000};
    if (!scan_run(&config, &arena, &made, &err))
        fail_msg("%s", err.message);
    profile_write(made, &text);
    if (!profile_read(&arena, "profile.json", arena_strdup(&arena, buf_text(&text)), text.length, &read,
                      &err))
        fail_msg("%s", err.message);
    buf_free(&text);
    return read;
}

static struct db *filled(const struct profile *profile, const struct db_target *where)
{
    struct err err = {0};
    struct fill_result result;
    const struct fill_config config = {
        .target = where, .run_id = "translate", .profile = profile, .seed = 7, .threads = 2};
    if (!fill_run(&config, &arena, &result, &err)) {
        char message[2048];
        err_text(&err, message, sizeof message);
        fail_msg("%s %s", message, err.hint);
    }
    return session_in(where);
}

static long rows_where(struct db *copy, const char *table, const char *condition)
{
    return number(copy, arena_printf(&arena, "SELECT count(*) FROM %s%s%s", table,
                                     *condition != 0 ? " WHERE " : "", condition));
}

/* Of a reference the children per parent are the source's, whichever parents they are. */
static bool refers(const struct profile_table *table, const struct profile_column *column)
{
    for (size_t i = 0; i < table->reference_count; i++)
        for (size_t j = 0; j < table->references[i].column_count; j++)
            if (&table->columns[table->references[i].columns[j]] == column)
                return true;
    return false;
}

static void check_column(struct db *copy, const struct profile_table *table,
                         const struct profile_column *column)
{
    double rows = round(table->rows), shares = column->null_ratio;
    const char *name = sql_quote(&arena, db_lexis(copy), NULL, column->name);
    long nulls = rows_where(copy, table->name, arena_printf(&arena, "%s IS NULL", name));
    if (nulls != lround(column->null_ratio * rows))
        complain("%s.%s: %ld nulls, wanted %.1f", table->name, column->name, nulls,
                 column->null_ratio * rows);
    for (size_t i = 0; i < column->mcv_count; i++)
        shares += column->mcv[i].share;
    for (size_t i = 0; !refers(table, column) && i < column->mcv_count; i++) {
        const char *value = column->mcv[i].value;
        if (strcmp(column->base, "bool") == 0 && sql_is_mysql(db_lexis(copy)))
            value = *value == 't' ? "1" : "0";
        const char *literal = sql_quote_literal(&arena, db_lexis(copy), value);
        double found = (double)rows_where(copy, table->name, arena_printf(&arena, "%s = %s", name, literal));
        double wanted = column->mcv[i].share * rows;
        if (fabs(found - wanted) > (shares > 0.999 ? 1.001 : 0.5001))
            complain("%s.%s = %s: %g rows, wanted %.2f", table->name, column->name, value, found, wanted);
    }
}

struct wanted {
    const char *table, *column;
};

static void check_copy(struct db *copy, const struct profile *profile, const struct wanted *columns)
{
    wrong = 0;
    for (size_t i = 0; i < profile->table_count; i++) {
        const struct profile_table *table = &profile->tables[i];
        if (rows_where(copy, table->name, "") != lround(table->rows))
            complain("%s: %ld rows, wanted %g", table->name, rows_where(copy, table->name, ""), table->rows);
        for (const struct wanted *wanted = columns; wanted->table != NULL; wanted++)
            for (size_t j = 0; strcmp(wanted->table, table->name) == 0 && j < table->column_count; j++)
                if (strcmp(table->columns[j].name, wanted->column) == 0) {
                    bool told = table->columns[j].mcv_count > 0 || table->columns[j].null_ratio > 0 ||
                                table->columns[j].bound_count > 0;
                    if (!told)
                        complain("%s.%s: the profile tells nothing", table->name, wanted->column);
                    check_column(copy, table, &table->columns[j]);
                }
    }
    assert_int_equal(wrong, 0);
}

static int start(void **state)
{
    struct err err = {0};
    (void)state;
    mariadb_server = sandbox_start("sandbox:mariadb", &err);
    if (mariadb_server == NULL) {
        printf("no MariaDB here: %s\n", err.message);
        exit(77);
    }
    postgres_server = sandbox_start("sandbox:postgresql", &err);
    if (postgres_server == NULL || !db_target_parse(&arena, sandbox_dsn(postgres_server), &postgres, &err) ||
        !db_target_parse(&arena, sandbox_dsn(mariadb_server), &mariadb, &err))
        fail_msg("%s", err.message);
    static const char *const of_mariadb[] = {"CREATE DATABASE source", "CREATE DATABASE copy", NULL};
    static const char *const of_postgres[] = {"CREATE DATABASE shop TEMPLATE template0",
                                              "CREATE DATABASE copy TEMPLATE template0", NULL};
    struct db *session = session_in(&mariadb);
    run_all(session, of_mariadb);
    db_close(session);
    session = session_in(&postgres);
    run_all(session, of_postgres);
    db_close(session);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    sandbox_stop(postgres_server);
    sandbox_stop(mariadb_server);
    arena_free(&arena);
    return 0;
}

static void test_postgres_to_mariadb(void **state)
{
    static const struct wanted columns[] = {
        {"customer", "mood"}, {"customer", "nick"},       {"customer", "vip"}, {"customer", "settings"},
        {"orders", "status"}, {"orders", "ship_country"}, {"orders", "note"},  {"orders", "level"},
        {"product", "price"}, {"item", "quantity"},       {"hit", "path"},     {"session", "customer_id"},
        {"session", "ip"},    {"product", "brand"},       {NULL, NULL}};
    (void)state;
    const struct db_target from = database(&postgres, "shop"), to = database(&mariadb, "copy");
    struct db *source = session_in(&from);
    run(source, shop_schema);
    run(source, shop_rows);
    run(source, "DROP FUNCTION h");
    run(source, "CREATE VIEW paid AS SELECT * FROM orders WHERE status = 'paid'");
    run(source, "CREATE INDEX orders_new ON orders (placed_at) WHERE status = 'new'");
    run(source, "CREATE INDEX product_brand ON product (brand, line)");
    run(source, "VACUUM ANALYZE");
    const struct profile *profile = profile_of(&from);
    struct db *copy = filled(profile, &to);
    check_copy(copy, profile, columns);
    assert_int_equal(number(copy, "SELECT count(*) FROM information_schema.REFERENTIAL_CONSTRAINTS WHERE"
                                  " CONSTRAINT_SCHEMA = DATABASE()"),
                     number(source, "SELECT count(*) FROM pg_constraint WHERE contype = 'f'"));
    assert_int_equal(
        number(copy, "SELECT count(*) FROM information_schema.TABLE_CONSTRAINTS WHERE CONSTRAINT_SCHEMA ="
                     " DATABASE() AND CONSTRAINT_TYPE IN ('PRIMARY KEY', 'UNIQUE')"),
        number(source, "SELECT count(*) FROM pg_constraint WHERE contype IN ('p', 'u') AND connamespace = "
                       "'public'::regnamespace"));
    assert_int_equal(
        number(copy, "SELECT count(*) FROM item LEFT JOIN orders ON id = order_id WHERE id IS NULL"), 0);
    assert_int_equal(number(copy,
                            "SELECT count(*) FROM hit LEFT JOIN session s ON s.id = session_id WHERE s.id IS"
                            " NULL"),
                     0);
    assert_int_equal(
        number(copy, "SELECT count(*) FROM customer WHERE score < 0 OR NOT JSON_VALID(settings)"), 0);
    run(copy, "INSERT INTO category (title) VALUES ('the next number')");
    db_close(copy);
    db_close(source);
}

static const char *const mariadb_shop[] = {
    "CREATE TABLE customer (id int unsigned NOT NULL AUTO_INCREMENT PRIMARY KEY, `Mail` varchar(80) NOT NULL,"
    " mood enum('sad','ok','it''s') DEFAULT 'ok', vip tinyint(1) NOT NULL DEFAULT 0, age tinyint unsigned "
    "CHECK (age"
    " BETWEEN 18 AND 99), score decimal(8,2), born date, doc json, token binary(8), ref uuid, ip inet6,"
    " UNIQUE KEY mail (`Mail`), KEY word (mood, age))",
    "CREATE TABLE orders (id bigint unsigned NOT NULL AUTO_INCREMENT PRIMARY KEY, customer_id int unsigned "
    "NOT NULL,"
    " status varchar(10) NOT NULL DEFAULT 'new' CHECK (status IN ('new', 'paid', 'void')), placed_at "
    "datetime(3) NOT NULL,"
    " changed timestamp NULL, note varchar(60), weight double, KEY (status), FULLTEXT KEY (note),"
    " CONSTRAINT whose FOREIGN KEY (customer_id) REFERENCES customer (id) ON DELETE CASCADE)",
    "CREATE TABLE item (order_id bigint unsigned NOT NULL, line smallint unsigned NOT NULL, cents int "
    "unsigned NOT NULL,"
    " flags set('a','b'), PRIMARY KEY (order_id, line), FOREIGN KEY (order_id) REFERENCES orders (id))",
    "CREATE VIEW paid AS SELECT * FROM orders WHERE status = 'paid'",
    "INSERT INTO customer (`Mail`, mood, vip, age, score, born, doc, token, ref, ip) SELECT CONCAT('u', "
    "MD5(seq), '@example.com'),"
    " ELT(1 + seq % 3, 'sad', 'ok', 'ok'), seq % 40 = 0, IF(seq % 5 = 0, NULL, 18 + seq % 60), seq % 700 / 4,"
    " '1960-01-01' + INTERVAL seq % 9000 DAY, IF(seq % 4 = 0, NULL, JSON_OBJECT('n', seq % 90)), "
    "UNHEX(LEFT(MD5(seq), 16)),"
    " UUID(), CONCAT('2001:db8::', HEX(seq % 900)) FROM seq_1_to_3000",
    "INSERT INTO orders (customer_id, status, placed_at, changed, note, weight) SELECT 1 + "
    "FLOOR(POW(CRC32(seq) / 4294967296, 2)"
    " * 3000), ELT(1 + seq % 5, 'new', 'paid', 'paid', 'paid', 'void'), '2023-01-01' + INTERVAL seq * 7 "
    "MINUTE,"
    " IF(seq % 3 = 0, NULL, '2023-02-01' + INTERVAL seq MINUTE), IF(seq % 10 < 7, NULL, CONCAT('note ', seq "
    "% 50)), seq % 97 / 8"
    " FROM seq_1_to_9000",
    "INSERT INTO item SELECT 1 + seq % 9000, 1 + seq DIV 9000, 100 * (1 + seq % 20), ELT(1 + seq % 3, '', "
    "'a', 'a,b')"
    " FROM seq_0_to_19999",
    "SET SESSION histogram_size = 254, histogram_type = 'JSON_HB'",
    "ANALYZE TABLE customer PERSISTENT FOR ALL",
    "ANALYZE TABLE orders PERSISTENT FOR ALL",
    "ANALYZE TABLE item PERSISTENT FOR ALL",
    NULL,
};

static void test_mariadb_to_postgres(void **state)
{
    static const struct wanted columns[] = {
        {"customer", "mood"},  {"customer", "vip"}, {"customer", "age"},       {"orders", "status"},
        {"orders", "changed"}, {"orders", "note"},  {"orders", "customer_id"}, {"item", "line"},
        {"item", "cents"},     {NULL, NULL}};
    (void)state;
    const struct db_target from = database(&mariadb, "source"), to = database(&postgres, "copy");
    struct db *source = session_in(&from);
    run_all(source, mariadb_shop);
    db_close(source);
    const struct profile *profile = profile_of(&from);
    struct db *copy = filled(profile, &to);
    check_copy(copy, profile, columns);
    assert_int_equal(
        number(copy, "SELECT count(*) FROM pg_constraint WHERE contype IN ('p', 'u') AND connamespace ="
                     " 'public'::regnamespace"),
        4);
    assert_int_equal(number(copy, "SELECT count(*) FROM pg_constraint WHERE contype = 'f' AND convalidated"),
                     2);
    assert_int_equal(number(copy, "SELECT count(*) FROM pg_constraint WHERE contype = 'c' AND connamespace ="
                                  " 'public'::regnamespace"),
                     2);
    assert_int_equal(number(copy,
                            "SELECT count(*) FROM pg_attribute WHERE attrelid = 'customer'::regclass AND"
                            " (attname, atttypid::regtype::text) IN (('vip', 'boolean'), ('doc', 'jsonb'),"
                            " ('ref', 'uuid'), ('ip', 'inet'), ('token', 'bytea'), ('id', 'bigint'))"),
                     6);
    run(copy, "INSERT INTO customer (\"Mail\") VALUES ('the next number')");
    assert_int_equal(
        number(copy, "SELECT count(*) FROM customer WHERE mood = 'ok' AND \"Mail\" LIKE 'the next%' AND NOT"
                     " vip"),
        1);
    db_close(copy);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_postgres_to_mariadb),
        cmocka_unit_test(test_mariadb_to_postgres),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
