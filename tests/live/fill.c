/* fill against a schema that has one of everything a load must work around: afterwards rows are exact, every constraint is
 * valid, sequences do not collide, and the schema is what it was. */
#include "generators/fill.h"
#include "bench/base/buf.h"
#include "bench/db/dialect.h"
#include "bench/sandbox/sandbox.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static const char schema[] =
    "CREATE SCHEMA \"Shop\";"
    "CREATE TYPE mood AS ENUM ('sad', 'ok', 'it''s, \"great\"');"
    "CREATE DOMAIN positive AS int CHECK (VALUE > 0);"
    "CREATE TABLE \"Shop\".\"Customer Table\" (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,"
    " \"Email\" varchar(80) NOT NULL UNIQUE, mood mood NOT NULL, age positive,"
    " level text NOT NULL CHECK (level IN ('gold', 'silver', 'it''s')), nick text UNIQUE, score numeric(6,2)"
    " CHECK (score >= 10 AND score < 20), created_at timestamptz NOT NULL DEFAULT now(), updated_at "
    "timestamptz,"
    " doubled int GENERATED ALWAYS AS (age * 2) STORED, CHECK (updated_at >= created_at));"
    "CREATE UNIQUE INDEX \"lower Email\" ON \"Shop\".\"Customer Table\" (lower(\"Email\"));"
    "CREATE TABLE category (id serial PRIMARY KEY, parent_id int REFERENCES category, name text NOT NULL);"
    "CREATE TABLE country (code char(2) PRIMARY KEY, name text);"
    "INSERT INTO country VALUES ('de', 'Germany'), ('fr', 'France');"
    "CREATE TABLE orders (id bigserial PRIMARY KEY, customer_id bigint NOT NULL REFERENCES "
    "\"Shop\".\"Customer Table\""
    " DEFERRABLE INITIALLY DEFERRED, country char(2) REFERENCES country, category_id int REFERENCES category,"
    " status text NOT NULL DEFAULT 'new', payload jsonb, tags text[], ref uuid NOT NULL UNIQUE DEFERRABLE,"
    " total_cents bigint NOT NULL, created_at timestamptz NOT NULL DEFAULT now());"
    "CREATE INDEX orders_open ON orders (created_at) WHERE status = 'pending';"
    "CREATE INDEX orders_expression ON orders ((total_cents / 100), customer_id);"
    "ALTER TABLE orders REPLICA IDENTITY USING INDEX orders_pkey; ALTER TABLE orders CLUSTER ON "
    "orders_expression;"
    "COMMENT ON CONSTRAINT orders_category_id_fkey ON orders IS 'kept';"
    "CREATE TABLE order_item (order_id bigint REFERENCES orders, line_no int, quantity smallint NOT NULL"
    " CHECK (quantity BETWEEN 1 AND 9), PRIMARY KEY (order_id, line_no));"
    "CREATE TABLE item_note (order_id bigint NOT NULL, line_no int NOT NULL, body text,"
    " FOREIGN KEY (order_id, line_no) REFERENCES order_item);"
    "CREATE TABLE profile (customer_id bigint PRIMARY KEY REFERENCES \"Shop\".\"Customer Table\", born date, "
    "at inet,"
    " raw bytea, bits bit(7), span int4range, t time, wait interval);"
    "CREATE TABLE event (id bigint NOT NULL, day date NOT NULL, note text, PRIMARY KEY (id, day)) PARTITION "
    "BY HASH (id);"
    "CREATE TABLE event_0 PARTITION OF event FOR VALUES WITH (MODULUS 2, REMAINDER 0);"
    "CREATE TABLE event_1 PARTITION OF event FOR VALUES WITH (MODULUS 2, REMAINDER 1);"
    "CREATE TABLE visit (id bigint, at timestamptz, region text, PRIMARY KEY (id, at, region)) PARTITION BY "
    "RANGE (at);"
    "CREATE TABLE visit_1 PARTITION OF visit FOR VALUES FROM ('2024-02-01') TO ('2024-03-01') PARTITION BY "
    "LIST (region);"
    "CREATE TABLE visit_1_near PARTITION OF visit_1 FOR VALUES IN ('de', 'it''s, far');"
    "CREATE TABLE visit_1_far PARTITION OF visit_1 FOR VALUES IN ('fr');"
    "CREATE TABLE visit_2 PARTITION OF visit FOR VALUES FROM ('2024-03-01') TO ('2024-04-01');"
    "CREATE TABLE audit (n int);"
    "CREATE FUNCTION noted() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO audit VALUES (1); "
    "RETURN NEW; END $$;"
    "CREATE MATERIALIZED VIEW per_status AS SELECT status, count(*) AS n FROM orders GROUP BY 1;"
    "CREATE MATERIALIZED VIEW never AS SELECT 1 AS n FROM orders WITH NO DATA;"
    "CREATE TRIGGER orders_noted AFTER INSERT ON orders FOR EACH ROW EXECUTE FUNCTION noted();"
    "CREATE TRIGGER event_noted AFTER INSERT ON event FOR EACH ROW EXECUTE FUNCTION noted();";

static const struct fill_table_spec specs[] = {
    {"Shop.Customer Table", 500}, {"category", 40}, {"country", 5},  {"orders", 3000}, {"order_item", 7000},
    {"item_note", 900},           {"profile", 300}, {"event", 1000}, {"visit", 1000},
};
enum { SPECS = sizeof specs / sizeof *specs };

static struct sandbox *server;
static struct arena arena;
static struct db *db;
static struct db_target target;

static int start(void **state)
{
    (void)state;
    struct err err = {0};
    server = sandbox_start("sandbox:postgresql", &err);
    if (server == NULL || !db_target_parse(&arena, sandbox_dsn(server), &target, &err))
        fail_msg("%s", err.message);
    db = db_open(&target, &(struct db_options){.application_name = "rehearse/test/fill"}, &err);
    return db == NULL;
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

static const char *fingerprint(void)
{
    struct err err = {0};
    struct db_table rows;
    struct buf all = {0};
    assert_true(db_query(db, &arena, dialect_sql(&arena, db, DIALECT_FINGERPRINT, NULL), &rows, &err));
    for (size_t i = 0; i < rows.rows; i++)
        buf_printf(&all, "%s\n", db_value(&rows, i, 0));
    assert_true(rows.rows > 0);
    const char *kept = arena_strdup(&arena, buf_text(&all));
    buf_free(&all);
    return kept;
}

static void reset(void)
{
    command("DROP SCHEMA IF EXISTS \"Shop\" CASCADE; DROP SCHEMA public CASCADE; CREATE SCHEMA public");
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

static const char *checksums(void)
{
    return ask("SELECT string_agg(h, ' ') FROM (SELECT md5(string_agg(c::text, '|' ORDER BY id)) h FROM"
               " \"Shop\".\"Customer Table\" c UNION ALL SELECT md5(string_agg(o::text, '|' ORDER BY id)) "
               "FROM orders o"
               " UNION ALL SELECT md5(string_agg(i::text, '|' ORDER BY order_id, line_no)) FROM order_item i"
               " UNION ALL SELECT md5(string_agg(n::text, '|' ORDER BY n::text)) FROM item_note n"
               " UNION ALL SELECT md5(string_agg(e::text, '|' ORDER BY id, day)) FROM event e) s");
}

static const char *filled(int threads)
{
    struct err err = {0};
    struct fill_result result;
    struct fill_config with = config(threads);
    reset();
    command(schema);
    const char *before = fingerprint();
    if (!fill_run(&with, &arena, &result, &err))
        fail_msg("%s", err.message);
    assert_string_equal(fingerprint(), before);
    for (size_t i = 0; i < SPECS; i++) {
        assert_string_equal(result.tables[i].name, specs[i].name);
        assert_int_equal(result.tables[i].filled, i != 2);
        assert_int_equal(result.tables[i].rows, i == 2 ? 2 : specs[i].rows);
    }
    return checksums();
}

/* Wrong: tables that hold somebody's rows are counted, however many those are, though the plan does not name them. */
static void the_rows_of_others_are_estimated(void **state)
{
    (void)state;
    struct err err = {0};
    struct fill_result result;
    struct fill_table_spec named[] = {{"kept", 5}, {"made", 20}};
    struct fill_config with = {
        .target = &target, .run_id = "test", .tables = named, .table_count = 2, .seed = 7, .threads = 1};
    reset();
    command("CREATE TABLE made (id int PRIMARY KEY); CREATE TABLE fresh (n int); INSERT INTO fresh VALUES "
            "(1), (2);"
            "CREATE TABLE kept AS SELECT generate_series(1, 30) AS n;"
            "CREATE TABLE others AS SELECT generate_series(1, 1000) AS n; ANALYZE kept, others;"
            "DELETE FROM others WHERE n > 900; DELETE FROM kept WHERE n > 29");
    if (!fill_run(&with, &arena, &result, &err))
        fail_msg("%s", err.message);
    static const char *const names[] = {"kept", "made"};
    static const int64_t rows[] = {29, 20};
    for (size_t i = 0; i < 2; i++) {
        assert_string_equal(result.tables[i].name, names[i]);
        assert_int_equal(result.tables[i].rows, rows[i]);
    }
    for (size_t i = 2; i < 4; i++)
        assert_int_equal(result.tables[i].rows, strcmp(result.tables[i].name, "others") == 0 ? 1000 : 2);
}

static void full_and_whole(void **state)
{
    (void)state;
    const char *one = filled(1);
    const char *four = filled(4);
    assert_string_equal(one, four);
    assert_string_equal(ask("SELECT count(*) FROM orders"), "3000");
    assert_string_equal(ask("SELECT count(*) FROM event"), "1000");
    assert_string_equal(ask("SELECT count(*) FROM audit"), "0");
    assert_string_equal(ask("SELECT count(*) || ' ' || count(DISTINCT tableoid) FROM visit"), "1000 3");
    assert_string_equal(ask("SELECT sum(n) FROM per_status"), "3000");
    assert_string_equal(ask("SELECT count(*) FROM pg_matviews WHERE NOT ispopulated"), "1");
    assert_string_equal(ask("SELECT count(*) FROM pg_constraint WHERE NOT convalidated"), "0");
    assert_string_equal(ask("SELECT count(*) FROM pg_index WHERE NOT indisvalid"), "0");
    assert_string_equal(ask("SELECT string_agg(DISTINCT country, ',') FROM orders"), "de,fr");
    assert_string_equal(ask("SELECT count(*) > 0 AND count(*) < 20 FROM category WHERE parent_id IS NULL"),
                        "t");
    assert_string_equal(ask("SELECT count(DISTINCT mood) FROM \"Shop\".\"Customer Table\""), "3");
    assert_string_equal(ask("SELECT bool_and(o.customer_id = c.id) FROM orders o LEFT JOIN"
                            " \"Shop\".\"Customer Table\" c ON c.id = o.customer_id"),
                        "t");
    assert_string_equal(ask("SELECT nextval('orders_id_seq')"), "3001");
    assert_string_equal(ask("INSERT INTO category (name) VALUES ('x') RETURNING id"), "41");
}

static void what_cannot_be_satisfied_is_refused_unchanged(void **state)
{
    (void)state;
    reset();
    command("CREATE TABLE odd (id int PRIMARY KEY, parity int NOT NULL CONSTRAINT only_odd"
            " CHECK (hashint4(parity) % 2 = 1))");
    static const struct fill_table_spec odd = {"odd", 50};
    struct fill_config with = config(1);
    struct fill_result result;
    struct err err = {0};
    with.tables = &odd;
    with.table_count = 1;
    const char *before = fingerprint();
    assert_false(fill_run(&with, &arena, &result, &err));
    assert_non_null(strstr(err.message, "only_odd"));
    assert_string_equal(ask("SELECT count(*) FROM odd"), "0");
    assert_string_equal(fingerprint(), before);
}

static void what_the_disk_would_not_hold_is_refused_unchanged(void **state)
{
    (void)state;
    reset();
    command("CREATE TABLE heavy (id bigint PRIMARY KEY, body text NOT NULL)");
    static const struct fill_table_spec heavy = {.name = "heavy", .rows = INT64_C(500000000000)};
    struct fill_config with = config(1);
    struct fill_result result;
    struct err err = {0};
    with.tables = &heavy;
    with.table_count = 1;
    const char *before = fingerprint();
    assert_false(fill_run(&with, &arena, &result, &err));
    if (strstr(err.message, "free") == NULL)
        fail_msg("%s", err.message);
    assert_string_equal(fingerprint(), before);
}

static bool at_once(void *context)
{
    return ++*(int *)context > 1;
}

static void interruption_leaves_nothing(void **state)
{
    (void)state;
    reset();
    command(schema);
    const char *before = fingerprint();
    static const struct fill_table_spec many = {"Shop.Customer Table", 2000000};
    struct fill_config with = config(2);
    struct fill_result result;
    struct err err = {0};
    int calls = 0;
    with.tables = &many;
    with.table_count = 1;
    with.interrupted = at_once;
    with.context = &calls;
    assert_false(fill_run(&with, &arena, &result, &err));
    if (err.kind != ERR_INTERRUPTED)
        fail_msg("%s", err.message);
    assert_string_equal(fingerprint(), before);
    assert_string_equal(ask("SELECT count(*) FROM \"Shop\".\"Customer Table\""), "0");
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

static void stand_at(struct fill_config *with, struct stage *stage)
{
    with->progress = watch_stage;
    with->interrupted = stage_reached;
    with->context = stage;
}

static void interrupted_analyze_keeps_the_rows(void **state)
{
    (void)state;
    reset();
    command(schema);
    const char *before = fingerprint();
    struct stage stage = {.name = "analyze"};
    struct fill_config with = config(2);
    struct fill_result result;
    struct err err = {0};
    stand_at(&with, &stage);
    assert_false(fill_run(&with, &arena, &result, &err));
    assert_int_equal(err.kind, ERR_INTERRUPTED);
    assert_string_equal(fingerprint(), before);
    assert_string_equal(ask("SELECT count(*) FROM orders"), "3000");
    assert_string_equal(ask("SELECT nextval('orders_id_seq')"), "3001");
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
        stand_at(&with, &stage);
        fill_run(&with, &own, &result, &err);
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

/* Without the journal the second fill leaves half a load alone, with its indexes off. */
static void a_load_that_died_is_not_taken_for_whole(void **state)
{
    (void)state;
    static const char *const stages[] = {"load", "index"};
    struct fill_config with = config(2);
    struct fill_result result;
    struct err err = {0};
    for (size_t i = 0; i < 2; i++) {
        reset();
        command(schema);
        const char *before = fingerprint();
        die_at(stages[i]);
        assert_string_not_equal(fingerprint(), before);
        if (!fill_run(&with, &arena, &result, &err))
            fail_msg("%s", err.message);
        assert_string_equal(fingerprint(), before);
        assert_string_equal(ask("SELECT count(*) FROM orders"), "3000");
        assert_string_equal(ask("SELECT count(*) FROM event"), "1000");
    }
}

static void two_fills_at_once_do_not_mix(void **state)
{
    (void)state;
    reset();
    command(schema);
    command(
        "CREATE TABLE rehearse_unfinished_fill (position bigint, take_off_rank int, take_off text, put_back "
        "text, finish text)");
    command("INSERT INTO rehearse_unfinished_fill VALUES (0, 4, 'TRUNCATE country CASCADE', NULL, NULL)");
    command("BEGIN; LOCK TABLE rehearse_unfinished_fill IN SHARE MODE");
    struct fill_config with = config(1);
    struct fill_result result;
    struct err err = {0};
    assert_false(fill_run(&with, &arena, &result, &err));
    assert_non_null(strstr(err.message, "another fill"));
    command("COMMIT");
    assert_string_equal(ask("SELECT count(*) FROM country"), "2");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(full_and_whole),
        cmocka_unit_test(the_rows_of_others_are_estimated),
        cmocka_unit_test(what_cannot_be_satisfied_is_refused_unchanged),
        cmocka_unit_test(what_the_disk_would_not_hold_is_refused_unchanged),
        cmocka_unit_test(interruption_leaves_nothing),
        cmocka_unit_test(interrupted_analyze_keeps_the_rows),
        cmocka_unit_test(a_load_that_died_is_not_taken_for_whole),
        cmocka_unit_test(two_fills_at_once_do_not_mix),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
