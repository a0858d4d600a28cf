/* A profile of a database that has one of everything: its statistics are the server's, its statements make the same schema in an
 * empty database, the printed SQL gives the same profile, and a role that may not see statistics is told what it lacks. */
#include "bench/base/buf.h"
#include "bench/db/dialect.h"
#include "bench/sandbox/sandbox.h"
#include "generators/scan.h"
#include "profile_schema.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static struct sandbox *server;
static struct arena arena;
static struct db *db;
static struct db_target target;
static struct profile *profile;

static void run(struct db *session, const char *sql)
{
    struct err err = {0};
    if (!db_command(session, sql, &err))
        fail_msg("%s in %.300s", err.message, sql);
}

static struct db_target database(const char *name)
{
    struct db_target other = target;
    other.database_override = name;
    return other;
}

static struct db *session_in(const struct db_target *where)
{
    struct err err = {0};
    struct db *session = db_open(where, &(struct db_options){.application_name = "rehearse/test/profile"},
                                 &err);
    if (session == NULL)
        fail_msg("%s", err.message);
    return session;
}

static struct profile *scanned(const struct scan_config *config)
{
    struct err err = {0};
    struct profile *made;
    if (!scan_run(config, &arena, &made, &err))
        fail_msg("%s %s", err.message, err.hint);
    return made;
}

static int start(void **state)
{
    struct err err = {0};
    (void)state;
    server = sandbox_start("sandbox:postgresql", &err);
    if (server == NULL || !db_target_parse(&arena, sandbox_dsn(server), &target, &err))
        fail_msg("%s", err.message);
    db = session_in(&target);
    run(db, profile_schema);
    run(db, profile_more);
    run(db, profile_rows);
    run(db, "VACUUM");
    run(db, "ANALYZE");
    run(db, "CREATE TABLE public.never_analysed (id int PRIMARY KEY); CREATE SCHEMA rehearse_staging;"
            " CREATE TABLE rehearse_staging.marker (id int)");
    profile = scanned(&(struct scan_config){.target = &target, .statement_timeout_ms = 60000});
    return 0;
}

static int stop(void **state)
{
    (void)state;
    db_close(db);
    sandbox_stop(server);
    arena_free(&arena);
    return 0;
}

static const struct profile_table *table_called(const struct profile *of, const char *schema,
                                                const char *name)
{
    const struct profile_table *table = profile_find(of, schema, name);
    if (table == NULL)
        fail_msg("no table %s.%s", schema, name);
    return table;
}

static const struct profile_column *column_called(const struct profile_table *table, const char *name)
{
    for (size_t i = 0; i < table->column_count; i++)
        if (strcmp(table->columns[i].name, name) == 0)
            return &table->columns[i];
    fail_msg("no column %s.%s", table->name, name);
    return NULL;
}

static const char *ask(const char *sql)
{
    struct err err = {0};
    struct db_table rows = {0};
    if (!db_query(db, &arena, sql, &rows, &err))
        fail_msg("%s in %.300s", err.message, sql);
    return rows.rows == 0 ? "" : db_value(&rows, 0, 0);
}

static char *written(const struct profile *of)
{
    struct buf out = {0};
    profile_write(of, &out);
    char *text = arena_strdup(&arena, buf_text(&out));
    buf_free(&out);
    return text;
}

static void assert_same(const struct profile *a, const struct profile *b)
{
    struct buf lines = {0};
    if (profile_diff(a, b, &lines) != 0)
        fail_msg("%.2000s", buf_text(&lines));
    assert_string_equal(written(a), written(b));
    buf_free(&lines);
}

static void test_tables(void **state)
{
    (void)state;
    const struct profile_table *orders = table_called(profile, "public", "orders");
    assert_true(orders->rows == 20000 && orders->analyzed && orders->sample_rows == 60000);
    assert_true(orders->pages == atoll(ask("SELECT pg_relation_size('orders') / 8192")));
    assert_true(orders->bytes == atoll(ask("SELECT pg_table_size('orders')")));
    assert_true(orders->index_bytes == atoll(ask("SELECT pg_indexes_size('orders')")));
    assert_string_equal(table_called(profile, "public", "event")->kind, "partitioned");
    assert_true(table_called(profile, "public", "event")->rows == 6000);
    assert_string_equal(table_called(profile, "audit", "event_2024_1")->kind, "partition");
    assert_string_equal(table_called(profile, "public", "dog")->kind, "child");
    assert_true(table_called(profile, "public", "animal")->rows == 49); /* without its children */
    const struct profile_table *unknown = table_called(profile, "public", "never_analysed");
    assert_true(!unknown->analyzed && unknown->rows == -1);
    assert_null(profile_find(profile, "rehearse_staging", "marker"));
}

static void test_statistics(void **state)
{
    (void)state;
    const struct profile_table *orders = table_called(profile, "public", "orders");
    const struct profile_column *status = column_called(orders, "status");
    assert_int_equal(status->mcv_count, 3);
    assert_string_equal(status->mcv[0].value, "0");
    assert_true(status->mcv[0].share > 0.6 && status->mcv[2].share == 0.05);
    assert_true(status->distinct_reported == 3 && status->null_ratio == 0 && status->width_bytes == 2);
    const struct profile_column *note = column_called(orders, "note");
    assert_true(note->null_ratio == 0.75 && note->bound_count == 101);
    assert_string_equal(note->bounds[0], ask("SELECT min(note) FROM orders"));
    const struct profile_column *created = column_called(orders, "created_at");
    assert_string_equal(created->bounds[0], "2024-01-01 00:07:00+00");
    assert_true(created->correlation == 1 && created->bound_count == 101);
    assert_int_equal(column_called(orders, "tags")->element_count, 9);
    assert_int_equal(column_called(orders, "tags")->element_counts[0], 1);
    assert_string_equal(
        column_called(orders, "raw")->mcv[0].value,
        ask("SELECT (most_common_vals::text::text[])[1] FROM pg_stats WHERE tablename = 'orders' AND "
            "attname = 'raw'"));
    assert_string_equal(column_called(orders, "pace")->type, "public.speed");
    assert_true(column_called(orders, "pace")->null_ratio == 1);
    const struct profile_table *event = table_called(profile, "public", "event");
    assert_int_equal(column_called(event, "kind")->mcv_count,
                     5); /* of the whole, which has statistics of its own */
}

static void test_what_the_schema_lists(void **state)
{
    (void)state;
    const struct profile_table *customer = table_called(profile, "Odd schema", "Customer \"Table");
    assert_true(column_called(customer, "mood")->listed && column_called(customer, "level")->listed);
    assert_true(column_called(customer, "grade")->listed && column_called(customer, "active")->listed);
    assert_false(column_called(customer, "age")->listed);
    assert_false(column_called(customer, "E-Mail")->listed);
    assert_string_equal(column_called(customer, "age")->base, "int4");
    assert_true(column_called(customer, "grade")->not_null);
}

static void test_keys(void **state)
{
    (void)state;
    const struct profile_table *orders = table_called(profile, "public", "orders");
    size_t expressions = 0, partial = 0;
    for (size_t i = 0; i < orders->index_count; i++) {
        const struct profile_index *index = &orders->indexes[i];
        expressions += index->columns[0] < 0;
        partial += index->partial;
        if (strcmp(index->name, "orders_customer") == 0)
            assert_true(index->deduplicated && index->pages > 1 && index->rows == 20000 && !index->unique);
        if (strcmp(index->name, "orders_expression") == 0)
            assert_true(!index->deduplicated && index->columns[0] == -1); /* numeric */
        if (strcmp(index->name, "orders_open") == 0)
            assert_int_equal(index->column_count, 1); /* without what it includes */
    }
    assert_true(expressions == 1 && partial == 1 && orders->index_count == 6);
    const struct profile_table *note = table_called(profile, "public", "item_note");
    assert_int_equal(note->references[0].column_count, 2);
    assert_ptr_equal(&profile->tables[note->references[0].parent],
                     table_called(profile, "public", "order_item"));
    const struct profile_table *category = table_called(profile, "public", "category");
    assert_ptr_equal(&profile->tables[category->references[0].parent], category);
    assert_int_equal(orders->group_count, 4); /* three columns: themselves and each two */
    for (size_t i = 0; i < orders->group_count; i++)
        if (orders->groups[i].column_count == 3)
            assert_true(orders->groups[i].mcv_count > 5 && orders->groups[i].dependency_count > 0 &&
                        orders->groups[i].distinct > 0);
}

static void test_same_bytes(void **state)
{
    (void)state;
    struct err err = {0};
    struct profile *again = scanned(&(struct scan_config){.target = &target, .statement_timeout_ms = 60000});
    const char *text = written(profile);
    assert_string_equal(written(again), text);
    if (!profile_read(&arena, "p", text, strlen(text), &again, &err))
        fail_msg("%d:%d: %s", err.line, err.column, err.message);
    assert_string_equal(written(again), text);
}

/* Autovacuum leaves the whole to us: its partitions' statistics together say about what its own would. */
static void test_partitions_together(void **state)
{
    (void)state;
    run(db,
        "CREATE TABLE public.log (at date, n int, word text) PARTITION BY RANGE (at);"
        " CREATE TABLE public.log_a PARTITION OF public.log FOR VALUES FROM ('2024-01-01') TO ('2024-02-01');"
        " CREATE TABLE public.log_b PARTITION OF public.log FOR VALUES FROM ('2024-02-01') TO ('2025-01-01');"
        " INSERT INTO public.log SELECT date '2024-01-01' + i / 100, i, CASE WHEN i % 4 > 0 THEN 'w' || i % "
        "3 END"
        " FROM generate_series(0, 9999) i");
    run(db, "ANALYZE public.log_a; ANALYZE public.log_b");
    static const char *const names[] = {"log", NULL};
    struct scan_config config = {.target = &target, .tables = names, .statement_timeout_ms = 60000};
    const struct profile_table *parts = table_called(scanned(&config), "public", "log");
    assert_true(parts->analyzed && parts->rows == 10000 && parts->sample_rows == 10000);
    run(db, "ANALYZE public.log");
    const struct profile_table *whole = table_called(scanned(&config), "public", "log");
    const struct profile_column *at = column_called(parts, "at"), *n = column_called(parts, "n");
    assert_true(at->mcv_count == 100 && at->bound_count == 0 && at->distinct_reported == 100);
    assert_true(at->mcv[0].share > 0.0099 && at->mcv[99].share < 0.0101);
    assert_true(n->bound_count > 90 && n->distinct_reported == -1 && n->distinct == 10000);
    assert_in_range(atoi(n->bounds[n->bound_count / 2]), 4500, 5500);
    assert_true(atoi(n->bounds[1]) < 400);
    const struct profile_column *word = column_called(parts, "word"), *same = column_called(whole, "word");
    assert_true(word->null_ratio > 0.249 && word->null_ratio < 0.251);
    assert_int_equal(word->mcv_count, same->mcv_count);
    for (size_t i = 0; i < word->mcv_count; i++)
        assert_true(word->mcv[i].share > 0.24 && word->mcv[i].share < 0.26);
    assert_true(word->distinct_reported == same->distinct_reported);
    run(db, "DROP TABLE public.log");
}

static const char *fingerprint(struct db *session)
{
    struct err err = {0};
    struct db_table rows = {0};
    struct buf all = {0};
    assert_true(
        db_query(session, &arena, dialect_sql(&arena, session, DIALECT_FINGERPRINT, NULL), &rows, &err));
    for (size_t i = 0; i < rows.rows; i++)
        buf_printf(&all, "%s\n", db_value(&rows, i, 0));
    const char *kept = arena_strdup(&arena, buf_text(&all));
    buf_free(&all);
    return kept;
}

static struct db *recreated(const struct profile *from, const char *name)
{
    struct db_target other = database(name);
    run(db, arena_printf(&arena, "CREATE DATABASE %s TEMPLATE template0", name));
    struct db *session = session_in(&other);
    for (size_t i = 0; i < from->statement_count; i++)
        run(session, from->statements[i].sql);
    return session;
}

static void test_the_schema_travels(void **state)
{
    (void)state;
    struct db *session = recreated(profile, "travelled");
    const char *there = fingerprint(session);
    db_close(session);
    run(db, "DROP DATABASE travelled");
    const char *here = fingerprint(db);
    for (const char *a = here, *b = there; *a != '\0' || *b != '\0';) {
        int length_a = (int)strcspn(a, "\n"), length_b = (int)strcspn(b, "\n");
        if (length_a != length_b || strncmp(a, b, (size_t)length_a) != 0)
            fail_msg("source: %.*s\n  copy: %.*s", length_a, a, length_b, b);
        a += length_a + (a[length_a] != '\0');
        b += length_b + (b[length_b] != '\0');
    }
}

/* What a table needs comes along: its types, their schema, a function of an index; what it does not need stays. */
static void test_chosen_tables(void **state)
{
    static const char *const names[] = {"Customer \"Table", "audit.event_2023", "orders", NULL};
    (void)state;
    struct profile *some = scanned(
        &(struct scan_config){.target = &target, .tables = names, .statement_timeout_ms = 60000});
    assert_int_equal(some->table_count, 8); /* a partition brings its whole table */
    struct db *session = recreated(some, "chosen");
    db_close(session);
    run(db, "DROP DATABASE chosen");
    for (size_t i = 0; i < some->statement_count; i++)
        assert_true(strstr(some->statements[i].sql, "VIEW") == NULL &&
                    strstr(some->statements[i].sql, "tidy") == NULL);
    static const char *const wrong[] = {"order", NULL};
    struct err err = {0};
    assert_false(
        scan_run(&(struct scan_config){.target = &target, .tables = wrong, .statement_timeout_ms = 60000},
                 &arena, &some, &err));
    assert_int_equal(err.kind, ERR_USAGE);
    assert_non_null(strstr(err.hint, "orders"));
}

/* An operator class does not travel, nor does what needs it; and a database without tables is no profile. */
static void test_left_out(void **state)
{
    (void)state;
    struct db_target other = database("lame");
    struct err err = {0};
    struct profile *some;
    run(db, "CREATE DATABASE lame TEMPLATE template0");
    struct db *session = session_in(&other);
    run(session,
        "CREATE TABLE public.t (a int); CREATE INDEX kept ON public.t (a); CREATE OPERATOR CLASS public.own "
        "FOR TYPE int USING btree"
        " AS OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =, OPERATOR 4 >=, OPERATOR 5 >, FUNCTION 1 "
        "btint4cmp(int, int);"
        " CREATE INDEX lost ON public.t (a public.own)");
    const struct scan_config config = {.target = &other, .statement_timeout_ms = 60000};
    some = scanned(&config);
    assert_int_equal(some->left_out_count, 1);
    assert_non_null(strstr(some->left_out[0], "lost"));
    struct db *copy = recreated(some, "lame_copy");
    db_close(copy);
    run(session, "DROP TABLE public.t");
    db_close(session);
    assert_false(scan_run(&config, &arena, &some, &err));
    assert_int_equal(err.kind, ERR_ENVIRONMENT);
    assert_non_null(strstr(err.hint, "name the database"));
    run(db, "DROP DATABASE lame");
    run(db, "DROP DATABASE lame_copy");
}

static int64_t total(const struct profile_count *counts, size_t count, bool rows)
{
    int64_t sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += rows ? counts[i].rows * counts[i].values : counts[i].values;
    return sum;
}

static void test_counts(void **state)
{
    (void)state;
    struct profile *counted = scanned(
        &(struct scan_config){.target = &target, .counts = true, .statement_timeout_ms = 60000});
    const struct profile_table *orders = table_called(counted, "public", "orders");
    const struct profile_column *customer = column_called(orders, "customer_id");
    assert_int_equal(counted->level, 1);
    assert_int_equal(total(customer->counts, customer->count_count, true), 20000);
    assert_int_equal(total(customer->counts, customer->count_count, false),
                     atoll(ask("SELECT count(DISTINCT customer_id) FROM orders")));
    const struct profile_reference *reference = &orders->references[1];
    assert_string_equal(reference->name, "orders_customer_id_fkey");
    assert_int_equal(reference->counts[0].rows, 0);
    assert_int_equal(total(reference->counts, reference->count_count, false), 3000);
    assert_null(column_called(orders, "id")->counts); /* unique */
    assert_null(column_called(orders, "city")->counts);
    const struct profile_reference *note = &table_called(counted, "public", "item_note")->references[0];
    assert_int_equal(total(note->counts, note->count_count, true), 500);
    assert_int_equal(total(note->counts, note->count_count, false),
                     atoll(ask("SELECT count(*) FROM order_item")));
    assert_null(table_called(profile, "public", "orders")->references[0].counts);
}

/* As a DBA would run it, by psql, as the same role; the profile is the same, byte by byte. */
static void test_printed_sql(void **state)
{
    struct err err = {0};
    struct buf sql = {0}, output = {0};
    struct profile *read;
    char block[65536], script[] = "/tmp/rehearse-profile-XXXXXX";
    struct scan_config config = {.target = &target, .counts = true, .statement_timeout_ms = 60000};
    (void)state;
    if (!scan_print_sql(&config, &sql, &err))
        fail_msg("%s", err.message);
    int file = mkstemp(script);
    assert_true(file >= 0 && write(file, sql.data, sql.length) == (ssize_t)sql.length);
    close(file);
    const char *bin = strrchr(sandbox_server(server), ' ') + 1;
    FILE *psql = popen(
        arena_printf(&arena, "PATH=%s:$PATH psql -X -d '%s' -f %s", bin, sandbox_dsn(server), script), "r");
    assert_non_null(psql);
    for (size_t length; (length = fread(block, 1, sizeof block, psql)) > 0;)
        buf_add(&output, block, length);
    assert_int_equal(pclose(psql), 0);
    unlink(script);
    if (!scan_read(&arena, "output", output.data, output.length, &read, &err))
        fail_msg("line %d: %s", err.line, err.message);
    assert_same(read, scanned(&config));
    assert_false(scan_read(&arena, "output", output.data, output.length / 2, &read, &err));
    assert_false(scan_read(&arena, "output", "nothing\n", 8, &read, &err));
    assert_int_equal(err.kind, ERR_USAGE);
    buf_free(&sql);
    buf_free(&output);
}

static bool refused(const struct db_target *as, struct err *err)
{
    struct profile *none;
    *err = (struct err){0};
    return !scan_run(&(struct scan_config){.target = as, .statement_timeout_ms = 60000}, &arena, &none, err);
}

/* pg_stats is silently empty without SELECT. */
static void test_role_without_select(void **state)
{
    struct err err;
    struct db_target as;
    (void)state;
    run(db,
        "CREATE ROLE \"read er\" LOGIN; GRANT SELECT ON ALL TABLES IN SCHEMA public, audit TO \"read er\";"
        " GRANT SELECT (id, mood) ON \"Odd schema\".\"Customer \"\"Table\" TO \"read er\"");
    const char *dsn = arena_printf(&arena, "host=%s port=%s dbname=%s user='read er'", target.socket,
                                   target.port, target.database);
    if (!db_target_parse(&arena, dsn, &as, &err))
        fail_msg("%s", err.message);
    assert_true(refused(&as, &err));
    assert_int_equal(err_exit_code(err.kind), 3);
    assert_non_null(strstr(err.message, "Odd schema.Customer \"Table"));
    assert_null(strstr(err.message, "orders"));
    const char *grant = "GRANT SELECT ON \"Odd schema\".\"Customer \"\"Table\" TO \"read er\"";
    if (strstr(err.hint, grant) == NULL)
        fail_msg("%s", err.hint);
    run(db, grant);
    struct profile *now = scanned(&(struct scan_config){.target = &as, .statement_timeout_ms = 60000});
    struct buf lines = {0}; /* what CREATE STATISTICS found is the owner's */
    profile_diff(profile, now, &lines);
    assert_string_equal(buf_text(&lines), "public.orders: joint statistics: 4 of 4 differ\n");
    buf_free(&lines);
    const struct profile_group *unseen = table_called(now, "public", "orders")->groups;
    assert_true(unseen->column_count == 3 && unseen->distinct == 0 && unseen->mcv_count == 0);
    run(db, "ALTER TABLE public.category ENABLE ROW LEVEL SECURITY");
    assert_true(refused(&as, &err) && strstr(err.hint, "BYPASSRLS") != NULL &&
                strstr(err.message, "public.category"));
    run(db, "ALTER TABLE public.category DISABLE ROW LEVEL SECURITY; DROP OWNED BY \"read er\"; DROP ROLE "
            "\"read er\"");
}

static bool yes(void *context)
{
    (void)context;
    return true;
}

static void test_interrupted(void **state)
{
    struct profile *none;
    struct err err = {0};
    (void)state;
    assert_false(
        scan_run(&(struct scan_config){.target = &target, .interrupted = yes, .statement_timeout_ms = 60000},
                 &arena, &none, &err));
    assert_int_equal(err.kind, ERR_INTERRUPTED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tables),
        cmocka_unit_test(test_statistics),
        cmocka_unit_test(test_what_the_schema_lists),
        cmocka_unit_test(test_keys),
        cmocka_unit_test(test_same_bytes),
        cmocka_unit_test(test_partitions_together),
        cmocka_unit_test(test_the_schema_travels),
        cmocka_unit_test(test_chosen_tables),
        cmocka_unit_test(test_left_out),
        cmocka_unit_test(test_counts),
        cmocka_unit_test(test_printed_sql),
        cmocka_unit_test(test_role_without_select),
        cmocka_unit_test(test_interrupted),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
