/* A profile of a MariaDB, then of a MySQL where one is found, that has one of everything: statistics say what the rows say, the
 * statements make the same schema in another database, the printed SQL gives the same profile, and a role that may not see
 * something is told what it lacks. */
#include "bench/base/buf.h"
#include "bench/db/dialect.h"
#include "bench/sandbox/sandbox.h"
#include "generators/scan.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "profile_mysql_bed.h"

static const struct profile_table *table_called(const struct profile *of, const char *name)
{
    const struct profile_table *table = profile_find(of, "rehearse", name);
    if (table == NULL)
        fail_msg("no table %s", name);
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

static const struct profile_index *index_called(const struct profile_table *table, const char *name)
{
    for (size_t i = 0; i < table->index_count; i++)
        if (strcmp(table->indexes[i].name, name) == 0)
            return &table->indexes[i];
    fail_msg("no index %s.%s", table->name, name);
    return NULL;
}

static double number(const char *sql)
{
    struct err err = {0};
    struct db_table rows = {0};
    if (!db_query(db, &arena, sql, &rows, &err))
        fail_msg("%s in %.300s", err.message, sql);
    const char *text = rows.rows == 0 ? NULL : db_value(&rows, 0, 0);
    return text == NULL ? NAN : strtod(text, NULL);
}

static char *written(const struct profile *of)
{
    struct buf out = {0};
    profile_write(of, &out);
    char *text = arena_strdup(&arena, buf_text(&out));
    buf_free(&out);
    return text;
}

static void test_sizes(void **state)
{
    (void)state;
    const struct profile *profile = profile_of(&target);
    const struct profile_table *item = table_called(profile, "item");
    assert_true(item->analyzed && fabs(item->rows / 10000 - 1) < (is_mariadb() ? 1e-9 : 0.1));
    assert_true(item->bytes == item->pages * 16384 && item->bytes > 400000 && item->index_bytes > 100000);
    assert_string_equal(item->kind, "");
    assert_null(profile_find(profile, "rehearse", "rehearse_digit"));
    assert_true(table_called(profile, "by_day")->column_count == 3);
    const struct profile_index *status = index_called(item, "by_status");
    assert_true(status->pages > 1 && status->bytes == status->pages * 16384 && !status->unique);
    if (fabs(status->prefix_distinct[0] - 4) > 0.5 || fabs(status->prefix_distinct[1] / 1500 - 1) > 0.2)
        fail_msg("by_status: %g, %g", status->prefix_distinct[0], status->prefix_distinct[1]);
    assert_true(index_called(item, "PRIMARY")->primary);
    const struct profile_index *prefix = index_called(table_called(profile, "Odd `Table"), "prefix_part");
    assert_int_equal(prefix->columns[0], -1);
}

/* Shares of values that the profile names, by the rows. */
static void check_atoms(const struct profile_column *column, double within)
{
    double sum = 0;
    assert_true(column->mcv_count > 0);
    for (size_t i = 0; i < column->mcv_count; i++) {
        const char *value = sql_quote_literal(&arena, SQL_MYSQL, column->mcv[i].value);
        double share = number(
            arena_printf(&arena, "SELECT count(*) / 10000 FROM item WHERE %s = %s", column->name, value));
        if (fabs(share - column->mcv[i].share) > within)
            fail_msg("%s = %s: %g, but %g in the profile", column->name, value, share, column->mcv[i].share);
        sum += column->mcv[i].share;
    }
    assert_true(sum < 1.001);
}

/* Rows below each bound, of those that no common value holds: what is asked for is their place among all. */
static void check_bounds(const struct profile_column *column, double within)
{
    double atoms = 0, below = 0;
    size_t buckets = column->bound_count - 1;
    assert_true(column->bound_count > 20);
    for (size_t i = 0; i < column->mcv_count; i++)
        atoms += column->mcv[i].share;
    double rest = 1 - column->null_ratio - atoms;
    for (size_t b = 0; b <= buckets; b++) {
        const char *bound = sql_quote_literal(&arena, SQL_MYSQL, column->bounds[b]);
        double expected = number(
            arena_printf(&arena, "SELECT count(*) / 10000 FROM item WHERE %s < %s", column->name, bound));
        for (size_t i = 0; i < column->mcv_count; i++)
            if (number(arena_printf(&arena, "SELECT CAST(%s AS DOUBLE) < CAST(%s AS DOUBLE)",
                                    column->mcv[i].value, column->bounds[b])) > 0)
                expected -= column->mcv[i].share;
        if (fabs(expected - below * rest) > within)
            fail_msg("%s < %s: %g of the rows, but %g in the profile", column->name, bound, expected,
                     below * rest);
        if (b < buckets)
            below += column->bucket_share == NULL ? 1 / (double)buckets : column->bucket_share[b];
    }
    assert_true(fabs(below - 1) < 1e-6);
}

/* A histogram with room for every value has no ranges. */
static void check_values(const struct profile_column *column, double within)
{
    if (column->bound_count > 0)
        check_bounds(column, within);
    else
        check_atoms(column, within);
}

static void check_statistics(double within)
{
    const struct profile_table *item = table_called(profile_of(&target), "item");
    const struct profile_column *status = column_called(item, "status"),
                                *quantity = column_called(item, "quantity");
    assert_true(status->listed && status->not_null && status->null_ratio == 0);
    assert_true(fabs(status->mcv[0].share - 0.7) < within && strcmp(status->mcv[0].value, "new") == 0);
    check_atoms(status, within);
    check_atoms(column_called(item, "ok"), within);
    assert_true(fabs(quantity->mcv[0].share - 0.5) < within && strcmp(quantity->mcv[0].value, "1") == 0);
    check_values(quantity, within);
    check_values(column_called(item, "price"), within);
    check_bounds(column_called(item, "day"), within);
    check_bounds(column_called(item, "at"), within);
    assert_true(fabs(column_called(item, "category_id")->null_ratio - 0.25) < 0.001);
    assert_true(fabs(column_called(item, "quantity")->distinct - 150) < 4);
    assert_true(fabs(column_called(item, "name")->distinct / 700 - 1) < 0.05);
    assert_true(fabs(column_called(item, "day")->distinct / 1500 - 1) < 0.05);
    assert_string_equal(column_called(item, "at")->base, "timestamp");
    assert_int_equal(strlen(column_called(item, "at")->bounds[3]), strlen("2020-01-01 00:07:00.000"));
}

static void test_statistics(void **state)
{
    (void)state;
    if (is_mariadb())
        run(db, "SET SESSION histogram_type = 'JSON_HB'");
    analyze();
    check_statistics(0.012);
}

/* The kind that MariaDB makes by default before 11.0 says where bounds lie in 65536 parts of the whole. */
/* Of texts they tell how many rows each of a few has, though not which it is. */
static void check_texts(void)
{
    static const double shares[] = {0.5, 0.3, 0.15, 0.05};
    run(db, "CREATE TABLE told (id int AUTO_INCREMENT PRIMARY KEY, word varchar(10))");
    run(db, "INSERT INTO told (word) SELECT CASE WHEN n MOD 20 < 10 THEN 'new' WHEN n MOD 20 < 16 THEN 'paid'"
            " WHEN n MOD 20 < 19 THEN 'shipped' ELSE 'void' END FROM"
            " (SELECT ROW_NUMBER() OVER () AS n FROM item) numbered");
    run(db, "ANALYZE TABLE told PERSISTENT FOR ALL");
    const struct profile_column *word = column_called(table_called(profile_of(&target), "told"), "word");
    assert_int_equal(word->mcv_count, 4);
    for (size_t i = 0; i < 4; i++)
        assert_true(fabs(word->mcv[i].share - shares[i]) < 0.006);
    assert_string_equal(word->mcv[0].value, "new");
    assert_string_equal(word->mcv[3].value, "void");
    run(db, "DROP TABLE told");
}

static void test_older_histograms(void **state)
{
    (void)state;
    if (!is_mariadb())
        return;
    run(db, "SET SESSION histogram_type = 'DOUBLE_PREC_HB'");
    analyze();
    check_statistics(0.017);
    check_texts();
    run(db, "SET SESSION histogram_type = 'SINGLE_PREC_HB', histogram_size = 100");
    analyze();
    const struct profile_table *item = table_called(profile_of(&target), "item");
    check_bounds(column_called(item, "price"), 0.03);
    run(db, "SET SESSION histogram_type = DEFAULT, histogram_size = DEFAULT");
    analyze();
}

static void test_unique_and_unknown(void **state)
{
    (void)state;
    const struct profile *profile = profile_of(&target);
    const struct profile_table *customer = table_called(profile, "Odd `Table");
    assert_true(fabs(column_called(customer, "E-Mail")->distinct / 1000 - 1) < 0.1);
    assert_true(column_called(customer, "word")->listed && !column_called(customer, "age")->listed);
    assert_true(column_called(customer, "b")->mcv_count == 0);
    const struct profile_table *item = table_called(profile, "item");
    assert_int_equal(item->reference_count, 2);
    assert_ptr_equal(&profile->tables[item->references[1].parent], customer);
}

/* Without the comment that ends it. */
static const char *uncommented(const char *line)
{
    const char *comment = strstr(line, " comment '");
    bool last = strncmp(line, "column ", 7) == 0 || strncmp(line, "table ", 6) == 0;
    return last && comment != NULL ? arena_strndup(&arena, line, (size_t)(comment - line)) : line;
}

static const char *fingerprint(struct db *session, const char *name)
{
    struct err err = {0};
    struct db_table rows = {0};
    struct buf all = {0};
    const char *own = arena_printf(&arena, "`%s`.", name);
    if (!db_query(session, &arena, dialect_sql(&arena, session, DIALECT_FINGERPRINT, NULL), &rows, &err))
        fail_msg("%s", err.message);
    for (size_t i = 0; i < rows.rows; i++)
        for (const char *at = uncommented(db_value(&rows, i, 0)), *next; at != NULL; at = next) {
            const char *found = strstr(at, own);
            next = found == NULL ? NULL : found + strlen(own);
            buf_printf(&all, "%.*s%s", found == NULL ? (int)strlen(at) : (int)(found - at), at,
                       found == NULL ? "\n" : "");
        }
    const char *kept = arena_strdup(&arena, buf_text(&all));
    buf_free(&all);
    return kept;
}

static void test_the_schema_travels(void **state)
{
    (void)state;
    const struct profile *profile = profile_of(&target);
    for (size_t i = 0; i < profile->statement_count; i++) /* what people write there may be anything */
        assert_null(strstr(profile->statements[i].sql, "COMMENT"));
    run(db, "CREATE DATABASE travelled");
    struct db_target other = parsed("root", "travelled");
    struct db *session = session_in(&other);
    for (size_t i = 0; i < profile->statement_count; i++)
        run(session, profile->statements[i].sql);
    const char *there = fingerprint(session, "travelled"), *here = fingerprint(db, "rehearse");
    db_close(session);
    run(db, "DROP DATABASE travelled");
    assert_true(strlen(here) > 5000);
    for (const char *a = here, *b = there; *a != '\0' || *b != '\0';) {
        int length_a = (int)strcspn(a, "\n"), length_b = (int)strcspn(b, "\n");
        if (length_a != length_b || strncmp(a, b, (size_t)length_a) != 0)
            fail_msg("source: %.*s\n  copy: %.*s", length_a, a, length_b, b);
        a += length_a + (a[length_a] != '\0');
        b += length_b + (b[length_b] != '\0');
    }
}

static void test_chosen_tables(void **state)
{
    static const char *const names[] = {"category", "rehearse.item", NULL}, *const wrong[] = {"itme", NULL};
    struct err err = {0};
    struct profile *none;
    (void)state;
    const struct profile *some = scanned(
        &(struct scan_config){.target = &target, .tables = names, .statement_timeout_ms = 60000});
    assert_int_equal(some->table_count, 2);
    for (size_t i = 0; i < some->statement_count; i++)
        assert_true(strstr(some->statements[i].sql, "Odd") == NULL &&
                    strstr(some->statements[i].sql, "VIEW") == NULL);
    assert_false(
        scan_run(&(struct scan_config){.target = &target, .tables = wrong, .statement_timeout_ms = 60000},
                 &arena, &none, &err));
    assert_int_equal(err.kind, ERR_USAGE);
    assert_non_null(strstr(err.hint, "item"));
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
    const struct profile *counted = scanned(
        &(struct scan_config){.target = &target, .counts = true, .statement_timeout_ms = 60000});
    const struct profile_table *item = table_called(counted, "item");
    const struct profile_column *customer = column_called(item, "customer");
    assert_int_equal(total(customer->counts, customer->count_count, true), 10000);
    assert_int_equal(total(customer->counts, customer->count_count, false), 997);
    const struct profile_reference *reference = &item->references[1];
    assert_string_equal(reference->name, "to_customer");
    assert_true(reference->counts[0].rows == 0 && reference->counts[0].values == 3);
    assert_int_equal(total(reference->counts, reference->count_count, false), 1000);
}

/* As a DBA would run it, by the engine's client; the profile is the same, byte by byte. */
static void test_printed_sql(void **state)
{
    struct err err = {0};
    struct buf sql = {0}, output = {0};
    struct profile *read;
    char block[65536], script[] = "/tmp/rehearse-profile-XXXXXX";
    struct scan_config config = {.target = &target, .counts = true, .statement_timeout_ms = 60000};
    (void)state;
    if (system("command -v mariadb > /dev/null") != 0) {
        print_message("no client that would run the printed SQL: not tried\n");
        return;
    }
    if (!scan_print_sql(&config, &sql, &err))
        fail_msg("%s", err.message);
    int file = mkstemp(script);
    assert_true(file >= 0 && write(file, sql.data, sql.length) == (ssize_t)sql.length);
    close(file);
    FILE *client = popen(arena_printf(&arena,
                                      "mariadb --no-defaults -S '%s' -u root --batch --raw "
                                      "--skip-column-names rehearse < %s",
                                      target.socket, script),
                         "r");
    assert_non_null(client);
    for (size_t length; (length = fread(block, 1, sizeof block, client)) > 0;)
        buf_add(&output, block, length);
    assert_int_equal(pclose(client), 0);
    unlink(script);
    if (!scan_read(&arena, "output", output.data, output.length, &read, &err))
        fail_msg("line %d: %s", err.line, err.message);
    assert_string_equal(written(read), written(scanned(&config)));
    buf_free(&sql);
    buf_free(&output);
}

static void note_advice(void *context, const char *table, const char *what)
{
    struct buf *heard = context;
    if (table != NULL)
        buf_printf(heard, "%s\n", what);
}

static void test_rights(void **state)
{
    struct err err = {0};
    struct buf heard = {0};
    struct profile *none;
    (void)state;
    run(db, "CREATE USER few@localhost; CREATE USER none@localhost; GRANT INSERT ON item TO none@localhost;"
            " GRANT SELECT, SHOW VIEW ON rehearse.* TO few@localhost");
    struct db_target few = parsed("few", "rehearse"), no = parsed("none", "rehearse");
    assert_false(
        scan_run(&(struct scan_config){.target = &no, .statement_timeout_ms = 60000}, &arena, &none, &err));
    assert_int_equal(err_exit_code(err.kind), 3);
    assert_non_null(strstr(err.hint, "GRANT SELECT ON `rehearse`.`item` TO 'none'@'localhost'"));
    const struct profile *seen = scanned(&(struct scan_config){
        .target = &few, .statement_timeout_ms = 60000, .progress = note_advice, .context = &heard});
    assert_non_null(
        strstr(buf_text(&heard), "GRANT SELECT ON mysql.innodb_index_stats TO 'few'@'localhost'"));
    const struct profile_table *item = table_called(seen, "item");
    const struct profile_index *status = index_called(item, "by_status");
    assert_true(status->pages == -1 && fabs(status->prefix_distinct[0] - 4) < 2);
    assert_true(item->analyzed != is_mariadb());
    if (is_mariadb())
        assert_non_null(strstr(buf_text(&heard), "GRANT SELECT ON mysql.column_stats TO 'few'@'localhost'"));
    buf_free(&heard);
}

static int of(const char *dsn)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sizes),
        cmocka_unit_test(test_statistics),
        cmocka_unit_test(test_older_histograms),
        cmocka_unit_test(test_unique_and_unknown),
        cmocka_unit_test(test_the_schema_travels),
        cmocka_unit_test(test_chosen_tables),
        cmocka_unit_test(test_counts),
        cmocka_unit_test(test_printed_sql),
        cmocka_unit_test(test_rights),
    };
    struct err err = {0};
    engine = dsn;
    server = sandbox_start(engine, &err);
    if (server == NULL) {
        print_message("skipped: %s\n", err.message);
        return 77;
    }
    return cmocka_run_group_tests_name(dsn, tests, start, stop);
}

int main(void)
{
    int mariadb = of("sandbox:mariadb"), mysql = of("sandbox:mysql");
    if (mariadb == 77)
        return mysql;
    return mariadb + (mysql == 77 ? 0 : mysql);
}
