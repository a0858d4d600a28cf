/* fill against MariaDB, whose DDL commits by itself and whose loads go on after bad rows: rows are exact, every reference
 * leads somewhere, the schema is what it was, and whatever dies in the middle is undone by the next. Needs MariaDB. */
#include "bench/base/buf.h"
#include "bench/db/dialect.h"
#include "bench/sandbox/sandbox.h"
#include "generators/fill.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static const char schema[] =
    "CREATE TABLE `Customer Table` (id bigint unsigned NOT NULL AUTO_INCREMENT PRIMARY KEY,"
    " `Email` varchar(80) NOT NULL UNIQUE, mood enum('sad','ok','it''s, \"great\"') NOT NULL, age tinyint "
    "unsigned"
    " CHECK (age BETWEEN 18 AND 99), level varchar(10) NOT NULL CHECK (level IN ('gold', 'silver', 'it''s')),"
    " nick varchar(30) UNIQUE, score decimal(6,2) CHECK (score >= 10 AND score < 20),"
    " created_at datetime NOT NULL DEFAULT now(), updated_at datetime, CHECK (updated_at >= created_at),"
    " doubled int AS (age * 2) STORED);"
    "CREATE TABLE category (id int AUTO_INCREMENT PRIMARY KEY, parent_id int, name text NOT NULL,"
    " FOREIGN KEY (parent_id) REFERENCES category (id));"
    "CREATE TABLE country (code char(2) PRIMARY KEY, name text);"
    "INSERT INTO country VALUES ('de', 'Germany'), ('fr', 'France');"
    "CREATE TABLE orders (id bigint AUTO_INCREMENT PRIMARY KEY, customer_id bigint unsigned NOT NULL, "
    "country char(2),"
    " category_id int, status varchar(20) NOT NULL DEFAULT 'new', payload json, tags set('a','b'), ref uuid "
    "NOT NULL"
    " UNIQUE, total_cents bigint NOT NULL, created_at timestamp(3) NOT NULL DEFAULT current_timestamp(3),"
    " KEY (status, created_at), FOREIGN KEY (customer_id) REFERENCES `Customer Table` (id),"
    " FOREIGN KEY (country) REFERENCES country (code), FOREIGN KEY (category_id) REFERENCES category (id));"
    "CREATE TABLE order_item (order_id bigint, line_no int, quantity smallint NOT NULL CHECK (quantity "
    "BETWEEN 1 AND 9),"
    " PRIMARY KEY (order_id, line_no), FOREIGN KEY (order_id) REFERENCES orders (id));"
    "CREATE TABLE item_note (order_id bigint NOT NULL, line_no int NOT NULL, body text,"
    " FOREIGN KEY (order_id, line_no) REFERENCES order_item (order_id, line_no));"
    "CREATE TABLE kinds (id mediumint unsigned PRIMARY KEY, yes tinyint(1) NOT NULL, t tinyint, s smallint "
    "unsigned,"
    " m mediumint, u bigint unsigned, f float, d double, c char(10), tt tinytext, b binary(16), v "
    "varbinary(9), l blob,"
    " da date, ti time(2), dt datetime(6), ts timestamp NULL, y year, i6 inet6, bi bit(7), bits bit(20), one "
    "bit(1));"
    "CREATE TABLE event (id bigint NOT NULL, day date NOT NULL, note text, PRIMARY KEY (id, day))"
    " PARTITION BY HASH (id) PARTITIONS 2;"
    "CREATE TABLE visit (id bigint NOT NULL, at datetime NOT NULL, PRIMARY KEY (id, at))"
    " PARTITION BY RANGE (YEAR(at)) SUBPARTITION BY HASH (id) SUBPARTITIONS 2"
    " (PARTITION a VALUES LESS THAN (2023), PARTITION b VALUES LESS THAN (2024));"
    "CREATE TABLE parcel (id int NOT NULL, region varchar(9) NOT NULL, PRIMARY KEY (id, region))"
    " PARTITION BY LIST COLUMNS (region) (PARTITION a VALUES IN ('de', 'it''s, far'), PARTITION b VALUES IN "
    "('fr'));"
    "CREATE TABLE audit (n int);"
    "CREATE TRIGGER orders_noted AFTER INSERT ON orders FOR EACH ROW BEGIN INSERT INTO audit VALUES (1); END;"
    "CREATE TRIGGER `event noted` BEFORE INSERT ON event FOR EACH ROW SET NEW.note = 'noted'";

static const struct fill_table_spec specs[] = {
    {"Customer Table", 500}, {"category", 40}, {"country", 5},  {"orders", 3000}, {"order_item", 7000},
    {"item_note", 900},      {"kinds", 300},   {"event", 1000}, {"visit", 1000},  {"parcel", 900},
};
enum { SPECS = sizeof specs / sizeof *specs };

static struct sandbox *server;
static struct arena arena;
static struct db *db;
static struct db_target target;

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

static const char *fingerprint(void)
{
    struct err err = {0};
    struct db_table rows;
    struct buf all = {0};
    if (!db_query(db, &arena, dialect_sql(&arena, db, DIALECT_FINGERPRINT, NULL), &rows, &err))
        fail_msg("%s", err.message);
    for (size_t i = 0; i < rows.rows; i++)
        buf_printf(&all, "%s\n", db_value(&rows, i, 0));
    assert_true(rows.rows > 0);
    const char *kept = arena_strdup(&arena, buf_text(&all));
    buf_free(&all);
    return kept;
}

static void reset(void)
{
    command("DROP DATABASE rehearse; CREATE DATABASE rehearse; USE rehearse");
}

static int stop(void **state)
{
    (void)state;
    db_close(db);
    sandbox_stop(server);
    arena_free(&arena);
    return 0;
}

static struct fill_config config(int threads)
{
    return (struct fill_config){.target = &target,
                                .run_id = "test",
                                .tables = specs,
                                .table_count = SPECS,
                                .seed = 7,
                                .threads = threads};
}

/* (CHECKSUM TABLE differs between equal rows where a stored generated column is null.) */
static const char *checksums(void)
{
    struct err err = {0};
    struct db_table rows;
    struct buf all = {0};
    assert_true(db_query(db, &arena,
                         "CHECKSUM TABLE category, orders, order_item, item_note, kinds, event,"
                         " visit, parcel",
                         &rows, &err));
    for (size_t i = 0; i < rows.rows; i++)
        buf_printf(&all, "%s ", db_value(&rows, i, 1));
    buf_puts(
        &all,
        ask("SELECT group_concat(md5(concat_ws('|', id, `Email`, mood, age, level, nick, score, created_at,"
            " updated_at, doubled)) ORDER BY id) FROM `Customer Table`"));
    const char *kept = arena_strdup(&arena, buf_text(&all));
    buf_free(&all);
    return kept;
}

static struct fill_result fill_now(int threads)
{
    struct err err = {0};
    struct fill_result result;
    struct fill_config with = config(threads);
    char text[2048];
    if (!fill_run(&with, &arena, &result, &err)) {
        err_text(&err, text, sizeof text);
        fail_msg("%s", text);
    }
    return result;
}

static void fill_whole(int threads)
{
    struct fill_result result = fill_now(threads);
    for (size_t i = 0; i < SPECS; i++) {
        assert_string_equal(result.tables[i].name, specs[i].name);
        assert_int_equal(result.tables[i].filled, i != 2);
        assert_int_equal(result.tables[i].rows, i == 2 ? 2 : specs[i].rows);
    }
}

static const char *filled(int threads)
{
    reset();
    command(schema);
    const char *before = fingerprint();
    fill_whole(threads);
    assert_string_equal(fingerprint(), before);
    return checksums();
}

static void references_lead_to_rows(void)
{
    assert_string_equal(
        ask("SELECT count(*) FROM orders o LEFT JOIN `Customer Table` c ON c.id = o.customer_id"
            " WHERE c.id IS NULL"),
        "0");
    assert_string_equal(
        ask("SELECT count(*) FROM item_note n LEFT JOIN order_item i USING (order_id, line_no)"
            " WHERE i.order_id IS NULL"),
        "0");
    assert_string_equal(ask("SELECT group_concat(DISTINCT country ORDER BY 1) FROM orders"), "de,fr");
    assert_string_equal(ask("SELECT count(*) BETWEEN 1 AND 19 FROM category WHERE parent_id IS NULL"), "1");
}

static void full_and_whole(void **state)
{
    (void)state;
    const char *one = filled(1);
    const char *four = filled(4);
    assert_string_equal(one, four);
    assert_string_equal(ask("SELECT count(*) FROM orders"), "3000");
    assert_string_equal(ask("SELECT count(DISTINCT ref) FROM orders"), "3000");
    assert_string_equal(ask("SELECT count(*) FROM event"), "1000");
    assert_string_equal(ask("SELECT count(*) FROM event WHERE note = 'noted'"), "0");
    assert_string_equal(ask("SELECT count(*) FROM audit"), "0");
    references_lead_to_rows();
    assert_string_equal(ask("SELECT count(DISTINCT mood) FROM `Customer Table`"), "3");
    assert_string_equal(ask("SELECT count(DISTINCT level) FROM `Customer Table`"), "3");
    assert_string_equal(ask("SELECT count(*) BETWEEN 1 AND 499 FROM `Customer Table` WHERE nick IS NULL"),
                        "1");
    assert_string_equal(ask("SELECT sum(payload IS NOT NULL AND json_valid(payload)) > 2000 FROM orders"),
                        "1");
    assert_string_equal(ask("SELECT count(DISTINCT yes) FROM kinds"), "2");
    assert_string_equal(ask("SELECT count(DISTINCT one + 0) FROM kinds WHERE one IS NOT NULL"), "2");
    assert_string_equal(ask("SELECT count(DISTINCT bits + 0) > 100 FROM kinds"), "1");
    command("INSERT INTO category (name) VALUES ('x')");
    assert_string_equal(ask("SELECT last_insert_id()"), "41");
    assert_string_equal(ask("SELECT count(*) FROM audit"), "0");
    command("INSERT INTO event VALUES (5000, '2024-01-01', 'x')");
    assert_string_equal(ask("SELECT note FROM event WHERE id = 5000"), "noted");
}

/* Right: the same rows. Wrong: a server that refuses loads ends the fill, or escapes differ. */
static void without_local_infile_the_rows_are_the_same(void **state)
{
    (void)state;
    const char *loaded = filled(2);
    command("SET GLOBAL local_infile = 0");
    const char *inserted = filled(2);
    command("SET GLOBAL local_infile = 1");
    assert_string_equal(inserted, loaded);
}

static void refused(const char *table_sql, const char *told)
{
    static const struct fill_table_spec odd = {"odd", 50};
    struct fill_config with = config(1);
    struct fill_result result;
    struct err err = {0};
    char text[2048];
    reset();
    command(table_sql);
    const char *before = fingerprint();
    with.tables = &odd;
    with.table_count = 1;
    assert_false(fill_run(&with, &arena, &result, &err));
    err_text(&err, text, sizeof text);
    if (strstr(text, told) == NULL)
        fail_msg("not told of %s: %s", told, text);
    assert_string_equal(ask("SELECT count(*) FROM odd"), "0");
    assert_string_equal(fingerprint(), before);
    assert_string_equal(ask("SELECT count(*) FROM information_schema.tables WHERE table_schema = DATABASE()"),
                        "1");
}

static void what_cannot_be_satisfied_is_refused_unchanged(void **state)
{
    (void)state;
    refused("CREATE TABLE odd (id int PRIMARY KEY, parity int NOT NULL, CONSTRAINT only_odd CHECK (parity % "
            "2 = 1))",
            "only_odd");
    refused("CREATE TABLE odd (id int PRIMARY KEY, place geometry)", "odd.place (geometry)");
}

/* Stands at a stage: the process dies there, or it counts as interrupted from there on. */
struct stage {
    const char *name;
    bool dies, reached;
};

static void watch_stage(void *context, const struct fill_progress *progress)
{
    struct stage *stage = context;
    if (strcmp(progress->stage, stage->name) != 0)
        return;
    stage->reached = true;
    if (stage->dies)
        raise(SIGKILL);
}

static bool stage_reached(void *context)
{
    return ((struct stage *)context)->reached;
}

static void interruption_leaves_nothing(void **state)
{
    (void)state;
    static const struct fill_table_spec many = {"orders", 5000000};
    struct stage stage = {.name = "load"};
    struct fill_config with = config(2);
    struct fill_result result;
    struct err err = {0};
    reset();
    command(schema);
    command("INSERT INTO `Customer Table` (`Email`, mood, level) VALUES ('a', 'ok', 'gold');"
            " INSERT INTO category (name) VALUES ('a')");
    const char *before = fingerprint();
    with.tables = &many;
    with.table_count = 1;
    with.progress = watch_stage;
    with.interrupted = stage_reached;
    with.context = &stage;
    assert_false(fill_run(&with, &arena, &result, &err));
    if (err.kind != ERR_INTERRUPTED)
        fail_msg("%s", err.message);
    assert_string_equal(fingerprint(), before);
    assert_string_equal(ask("SELECT count(*) FROM orders"), "0");
}

static void die_at(const char *name)
{
    pid_t child = fork();
    int status = 0;
    assert_true(child >= 0);
    if (child == 0) {
        struct stage stage = {.name = name, .dies = true};
        struct fill_config with = config(2);
        struct fill_result result;
        struct arena own = {0};
        struct err err = {0};
        with.progress = watch_stage;
        with.context = &stage;
        fill_run(&with, &own, &result, &err);
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

/* Without the journal the second fill leaves half a load alone, without its triggers. */
static void a_load_that_died_is_not_taken_for_whole(void **state)
{
    (void)state;
    static const char *const stages[] = {"load", "index"};
    for (size_t i = 0; i < 2; i++) {
        reset();
        command(schema);
        const char *before = fingerprint();
        die_at(stages[i]);
        assert_string_not_equal(fingerprint(), before);
        fill_whole(2);
        assert_string_equal(fingerprint(), before);
        assert_string_equal(
            ask("SELECT count(*) FROM information_schema.tables WHERE table_schema = DATABASE()"
                " AND table_name LIKE 'rehearse%'"),
            "0");
    }
}

/* A journal in any state that a crash can leave: empty, and with everything still on. */
static void every_crash_point_is_recovered(void **state)
{
    (void)state;
    reset();
    command(schema);
    const char *before = fingerprint();
    command("CREATE TABLE rehearse_unfinished_fill (position bigint, take_off_rank int, take_off text, "
            "put_back text,"
            " finish text); CREATE TABLE rehearse_fill_sample (n int)");
    fill_whole(1);
    assert_string_equal(fingerprint(), before);
    command("CREATE TABLE rehearse_unfinished_fill (position bigint, take_off_rank int, take_off text, "
            "put_back text,"
            " finish text);"
            " INSERT INTO rehearse_unfinished_fill VALUES (0, 4, 'TRUNCATE TABLE orders', NULL, NULL),"
            " (1, 0, 'DROP TRIGGER `event noted`',"
            " 'SET sql_mode = DEFAULT; CREATE TRIGGER `event noted` BEFORE INSERT ON event FOR EACH ROW SET "
            "NEW.note = ''noted''', "
            "NULL)");
    struct fill_result result = fill_now(1);
    assert_int_equal(result.tables[3].rows, 3000);
    assert_true(result.tables[3].filled && !result.tables[4].filled);
    assert_string_equal(fingerprint(), before);
    references_lead_to_rows();
}

static void two_fills_at_once_do_not_mix(void **state)
{
    (void)state;
    struct fill_config with = config(1);
    struct fill_result result;
    struct err err = {0};
    reset();
    command(schema);
    command("CREATE TABLE rehearse_unfinished_fill (position bigint, take_off_rank int, take_off text, "
            "put_back text,"
            " finish text); INSERT INTO rehearse_unfinished_fill VALUES (0, 4, 'DELETE FROM country', NULL, "
            "NULL)");
    command(dialect_sql(&arena, db, DIALECT_BULK_HOLD, ""));
    assert_false(fill_run(&with, &arena, &result, &err));
    if (strstr(err.message, "another fill") == NULL)
        fail_msg("%s", err.message);
    command("DO RELEASE_ALL_LOCKS()");
    assert_string_equal(ask("SELECT count(*) FROM country"), "2");
}

/* What the peak may grow by, far below what is loaded; the thread sanitizer keeps several bytes of its own for each of ours. */
#ifdef __SANITIZE_THREAD__
enum { FLAT_KB = 16 << 10 };
#else
enum { FLAT_KB = 6 << 10 };
#endif

static long peak_kb(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss;
}

static void memory_is_flat(void **state)
{
    (void)state;
    static const struct fill_table_spec many = {"plain", 400000};
    struct fill_config with = config(1);
    struct fill_result result;
    struct err err = {0};
    reset();
    command("CREATE TABLE plain (id int AUTO_INCREMENT PRIMARY KEY, k int NOT NULL, c char(120) NOT NULL, "
            "KEY (k))");
    long before_kb = peak_kb();
    with.tables = &many;
    with.table_count = 1;
    if (!fill_run(&with, &arena, &result, &err))
        fail_msg("%s", err.message);
    assert_true(result.tables[0].bytes > 8 << 20);
    assert_true(peak_kb() - before_kb < FLAT_KB);
}

int main(void)
{
    struct err err = {0};
    server = sandbox_start("sandbox:mariadb", &err);
    if (server == NULL) {
        printf("skipped: %s\n", err.message);
        return 77;
    }
    if (!db_target_parse(&arena, sandbox_dsn(server), &target, &err) ||
        (db = db_open(&target, &(struct db_options){.application_name = "rehearse/test/fill"}, &err)) ==
            NULL) {
        fprintf(stderr, "%s\n", err.message);
        return 1;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory_is_flat),
        cmocka_unit_test(full_and_whole),
        cmocka_unit_test(without_local_infile_the_rows_are_the_same),
        cmocka_unit_test(what_cannot_be_satisfied_is_refused_unchanged),
        cmocka_unit_test(interruption_leaves_nothing),
        cmocka_unit_test(a_load_that_died_is_not_taken_for_whole),
        cmocka_unit_test(every_crash_point_is_recovered),
        cmocka_unit_test(two_fills_at_once_do_not_mix),
    };
    return cmocka_run_group_tests(tests, NULL, stop);
}
