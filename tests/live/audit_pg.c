/* A shop → its profile, redacted → a copy → audit. Right: what the generator made scores high, a copy that somebody spoiled
 * scores lower and the spoiled column is named, and what is not as wanted is told, never passed over. */
#include "bench/base/json.h"
#include "bench/sandbox/sandbox.h"
#include "fill_profile_shop.h"
#include "generators/audit_query.h"
#include "generators/fill.h"
#include "generators/redact.h"
#include "generators/scan.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct sandbox *server;
static struct arena arena;
static struct db_target target;
static struct profile *shop;
static const struct audit *good; /* of the copy as it was made */

static void run(struct db *session, const char *sql)
{
    struct err err = {0};
    if (!db_command(session, sql, &err))
        fail_msg("%s in %.300s", err.message, sql);
}

static const struct db_target *database(const char *name)
{
    struct db_target *other = arena_alloc(&arena, sizeof *other);
    *other = target;
    other->database_override = name;
    return other;
}

static void run_in(const char *name, const char *sql)
{
    struct err err = {0};
    struct db *session = db_open(database(name),
                                 &(struct db_options){.application_name = "rehearse/test/audit"}, &err);
    if (session == NULL)
        fail_msg("%s", err.message);
    run(session, sql);
    db_close(session);
}

static struct profile *profile_of(const char *name, bool counts)
{
    struct err err = {0};
    struct profile *profile;
    static const char *const none[] = {NULL};
    const struct scan_config config = {
        .target = database(name), .counts = counts, .statement_timeout_ms = 60000};
    if (!scan_run(&config, &arena, &profile, &err) ||
        !redact_profile(profile, &arena, &(struct redact_rules){none}, &err))
        fail_msg("%s", err.message);
    return profile;
}

static void fill(const char *name, double scale)
{
    struct err err = {0};
    struct fill_result result;
    const struct fill_config config = {.target = database(name),
                                       .run_id = "audit",
                                       .profile = shop,
                                       .scale = scale,
                                       .seed = 11,
                                       .threads = 2};
    run_in("postgres", arena_printf(&arena, "CREATE DATABASE %s TEMPLATE template0", name));
    if (!fill_run(&config, &arena, &result, &err))
        fail_msg("%s %s", err.message, err.hint);
}

static int start(void **state)
{
    struct err err = {0};
    (void)state;
    server = sandbox_start("sandbox:postgresql", &err);
    if (server == NULL || !db_target_parse(&arena, sandbox_dsn(server), &target, &err))
        fail_msg("%s", err.message);
    run_in("postgres", "CREATE DATABASE shop TEMPLATE template0");
    run_in("shop", shop_schema);
    run_in("shop", shop_rows);
    run_in("shop", "DROP FUNCTION h");
    run_in("shop", "VACUUM ANALYZE");
    shop = profile_of("shop", true);
    fill("copy", 1);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    sandbox_stop(server);
    arena_free(&arena);
    return 0;
}

static const struct audit *audited(const char *name, const double *rows, bool noise)
{
    struct err err = {0};
    struct audit *audit;
    struct buf text = {0};
    const struct audit_config config = {.target = database(name),
                                        .source = shop,
                                        .rows = rows,
                                        .noise = noise,
                                        .statement_timeout_ms = 60000};
    if (!audit_run(&config, &arena, &audit, &err))
        fail_msg("%s", err.message);
    audit_text(audit, &text);
    printf("%s: %s\n", name, buf_text(&text));
    buf_free(&text);
    return audit;
}

static double score_of(const struct audit *audit, const char *table)
{
    for (size_t i = 0; i < audit->copy->table_count; i++)
        if (strcmp(audit->copy->tables[i].name, table) == 0)
            return audit->copy->tables[i].score;
    fail_msg("no table %s", table);
    return 0;
}

static void test_the_source_is_like_itself(void **state)
{
    (void)state;
    const struct profile *kept = shop;
    struct err err = {0};
    struct profile *unredacted;
    const struct scan_config config = {.target = database("shop"), .statement_timeout_ms = 60000};
    if (!scan_run(&config, &arena, &unredacted, &err))
        fail_msg("%s", err.message);
    shop = unredacted;
    const struct audit *audit = audited("shop", NULL, false);
    shop = (struct profile *)(uintptr_t)kept;
    assert_true(audit->passed);
    for (int m = 0; m < AUDIT_METRICS; m++) /* different values: recovered there, counted here */
        if (m != AUDIT_DISTINCT && m != AUDIT_FANOUT &&
            fabs(audit->copy->is.of[m] - audit_limits[m].ideal) > 1e-9)
            fail_msg("%s is %g", audit_limits[m].name, audit->copy->is.of[m]);
}

static void test_a_copy_scores_high_and_controls_do_not(void **state)
{
    (void)state;
    const struct audit *audit = audited("copy", NULL, true);
    assert_true(audit->copy->missing_count == 0 && audit->copy->table_count == 9);
    assert_true(audit->copy->score > 0.8);
    for (int m = 0; m < AUDIT_METRICS; m++) /* indexes that grew with the rows are no witness */
        if (isnan(audit->copy->is.of[m]) && m != AUDIT_INDEX_PAGES)
            fail_msg("%s was not measured", audit_limits[m].name);
    good = audit;
    assert_true(audit->analysed_again && audit->copy->is.noise[AUDIT_HISTOGRAM] > 0);
    assert_non_null(audit->naive);
    assert_true(audit->naive->score < audit->copy->score);
    for (int s = 0; s < AUDIT_SABOTAGES; s++)
        assert_true(audit->spoiled[s]->score < audit->copy->score - 0.05);
}

/* The same queries of both: the source beside itself differs in nothing; the copy in little; and what was asked is never told by
 * a value. */
static const struct audit_queries *asked(const char *source, const char *name, size_t count)
{
    struct err err = {0};
    struct audit *audit;
    struct buf text = {0}, json = {0};
    const struct audit_statement statement = {"orders: of a week",
                                              "SELECT id FROM orders WHERE status = 'new' AND id < 400"};
    const struct audit_config config = {.target = database(name),
                                        .source = shop,
                                        .source_target = source != NULL ? database(source) : NULL,
                                        .queries = count,
                                        .seed = 5,
                                        .statements = &statement,
                                        .statement_count = 1,
                                        .statement_timeout_ms = 60000};
    if (!audit_run(&config, &arena, &audit, &err))
        fail_msg("%s", err.message);
    audit_text(audit, &text);
    audit_json(audit, &json);
    const char *told = strstr(buf_text(&text), "queries, ");
    assert_non_null(told);
    printf("%s\n", told);
    for (size_t i = 0; i < audit->queries->count; i++)
        for (const char *at = audit->queries->asked[i].name; *at != '\0'; at++)
            assert_true(strchr("'@{\"", *at) == NULL); /* names, and places among rows */
    assert_null(strstr(buf_text(&json), "'new'"));
    buf_free(&text);
    buf_free(&json);
    return audit->queries;
}

static void test_queries_beside_the_source(void **state)
{
    (void)state;
    const struct audit_queries *same = asked("shop", "shop", 40);
    assert_true(same->beside_source && same->count == 41 && same->all.plan_count == 41);
    assert_true(same->of[AUDIT_SINGLE].count >= 15 && same->of[AUDIT_JOIN].count >= 8 &&
                same->of[AUDIT_MULTI].count >= 8 && same->of[AUDIT_WORKLOAD].count == 1);
    assert_true(same->all.rows_count == 41 && same->all.rows_p90 == 1 && same->all.same_plan_ratio == 1);
    const struct audit_queries *copy = asked("shop", "copy", 60);
    assert_true(copy->count >= 55 && copy->all.rows_median < 1.1 && copy->all.same_plan_ratio > 0.85);
    for (size_t i = 0; i < copy->count; i++)
        if (copy->asked[i].copy.failed || copy->asked[i].source.failed || copy->asked[i].copy.plan == NULL)
            fail_msg("%s was not answered", copy->asked[i].name);
}

/* Without the source, what follows from the profile is known, and the rest is not. */
static void test_queries_by_the_profile(void **state)
{
    size_t unknown = 0;
    (void)state;
    const struct audit_queries *queries = asked(NULL, "copy", 40);
    assert_true(!queries->beside_source && queries->all.plan_count == 0 && queries->all.rows_count >= 15);
    assert_true(queries->of[AUDIT_SINGLE].rows_median < 1.1 && queries->of[AUDIT_MULTI].rows_count == 0);
    for (size_t i = 0; i < queries->count; i++)
        unknown += isnan(queries->asked[i].source.rows) && isnan(queries->asked[i].rows_q);
    assert_true(unknown > 0 && unknown + queries->all.rows_count == queries->count);
}

static const struct audit_column *column_of(const struct audit *audit, const char *table, const char *name)
{
    for (size_t t = 0; t < audit->copy->table_count; t++)
        for (size_t c = 0; c < audit->copy->tables[t].column_count; c++)
            if (strcmp(audit->copy->tables[t].name, table) == 0 &&
                strcmp(audit->copy->tables[t].columns[c].name, name) == 0)
                return &audit->copy->tables[t].columns[c];
    fail_msg("no column %s.%s", table, name);
    return NULL;
}

/* Rows spoiled by SQL, not statistics by arithmetic. */
static void test_spoiled_rows_are_found(void **state)
{
    static const char *const faults[] = {
        "UPDATE orders SET status = 'new' WHERE status = 'shipped' AND id % 3 = 0",
        "UPDATE product SET price = 2 * ceil(price / 2)",
        "CREATE TABLE other AS SELECT * FROM orders ORDER BY md5(id::text); DELETE FROM orders; INSERT INTO "
        "orders "
        "SELECT * FROM other; DROP TABLE other",
        "UPDATE session SET customer_id = NULL WHERE get_byte(decode(substr(id::text, 1, 2), 'hex'), 0) < 64",
    };
    static const struct {
        const char *table, *column;
        enum audit_metric metric;
    } found[] = {{"orders", "status", AUDIT_MCV},
                 {"product", "price", AUDIT_DISTINCT},
                 {"orders", "placed_at", AUDIT_CORRELATION},
                 {"session", "customer_id", AUDIT_NULLS}};
    (void)state;
    run_in("postgres", "CREATE DATABASE spoiled TEMPLATE copy");
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++)
        run_in("spoiled", arena_printf(&arena, "SET session_replication_role = replica; %s", faults[i]));
    run_in("spoiled", "VACUUM ANALYZE");
    const struct audit *after = audited("spoiled", NULL, false);
    assert_true(after->copy->score < good->copy->score);
    for (size_t i = 0; i < sizeof found / sizeof *found; i++) {
        const struct audit_column *is = column_of(after, found[i].table, found[i].column);
        const struct audit_column *was = column_of(good, found[i].table, found[i].column);
        double off = audit_excess(found[i].metric, is->is.of[found[i].metric], NAN);
        double before = audit_excess(found[i].metric, was->is.of[found[i].metric], NAN);
        if (!(off > 1 && off > before + 1 && is->score < was->score))
            fail_msg("%s is off by %g limits, was by %g", is->name, off, before);
        assert_true(score_of(after, found[i].table) < score_of(good, found[i].table));
    }
}

static void test_another_scale(void **state)
{
    double *rows = arena_alloc(&arena, shop->table_count * sizeof *rows);
    (void)state;
    for (size_t i = 0; i < shop->table_count; i++)
        rows[i] = round(shop->tables[i].rows * 0.25);
    fill("quarter", 0.25);
    const struct audit *audit = audited("quarter", rows, false);
    assert_true(fabs(audit->copy->is.of[AUDIT_ROWS] - 1) < 0.005 && audit->copy->score > 0.75);
    const struct audit *wrong = audited("quarter", NULL, false); /* as if it had been filled wholly */
    assert_true(!wrong->passed && wrong->copy->score < audit->copy->score);
}

static void test_what_is_missing_is_told(void **state)
{
    struct buf text = {0};
    struct err err = {0};
    const struct json *root;
    (void)state;
    run_in("postgres", "CREATE DATABASE lacking TEMPLATE copy");
    run_in(
        "lacking",
        "DROP TABLE hit; CREATE TABLE wishes AS TABLE wish; ALTER TABLE wishes ADD PRIMARY KEY "
        "(customer_id, product_id); DROP TABLE wish; ALTER TABLE wishes RENAME TO wish; ALTER TABLE customer "
        "DROP COLUMN nick");
    const struct audit *audit = audited("lacking", NULL, false);
    assert_true(!audit->passed && audit->copy->missing_count == 1 && score_of(audit, "hit") == 0);
    assert_true(isnan(score_of(audit, "wish"))); /* made, never analysed */
    audit_json(audit, &text);
    if (!json_parse(&arena, "audit.json", text.data, text.length, JSON_STRICT, &root, &err))
        fail_msg("%s", err.message);
    assert_true(json_get(root, "passed")->type == JSON_FALSE && json_size(json_get(root, "tables")) == 9);
    assert_null(strstr(buf_text(&text), "@")); /* no value of either side */
    buf_free(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_source_is_like_itself),
        cmocka_unit_test(test_a_copy_scores_high_and_controls_do_not),
        cmocka_unit_test(test_queries_beside_the_source),
        cmocka_unit_test(test_queries_by_the_profile),
        cmocka_unit_test(test_spoiled_rows_are_found),
        cmocka_unit_test(test_another_scale),
        cmocka_unit_test(test_what_is_missing_is_told),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
