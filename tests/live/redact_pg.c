/* Canaries: a database in which every value is a token that stands nowhere else. None of them is in its profile, in common
 * values, bounds, elements or joint statistics; what is there instead is valid, and in the server's order. */
#include "bench/base/buf.h"
#include "bench/sandbox/sandbox.h"
#include "generators/redact_parts.h"
#include "generators/scan.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char schema[] =
    "CREATE FUNCTION token(text, int) RETURNS text IMMUTABLE LANGUAGE sql AS $$ SELECT"
    " translate(substr(md5($1 || $2), 1, 16), '0123456789', 'ghijKLMnop') $$;"
    "CREATE FUNCTION number(text, int) RETURNS bigint IMMUTABLE LANGUAGE sql AS $$ SELECT"
    " 100000000000 + abs(('x' || substr(md5($1 || $2), 1, 15))::bit(60)::bigint) % 800000000000 $$;"
    "CREATE TYPE mood AS ENUM ('sad', 'content');"
    "CREATE TABLE country (code text PRIMARY KEY, title text NOT NULL, size bigint NOT NULL);"
    "CREATE TABLE customer (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, email text UNIQUE,"
    " name varchar(60) COLLATE \"en-x-icu\", plain text COLLATE \"C\", fixed char(20), country text "
    "REFERENCES country,"
    " city text, born date, balance numeric(14, 2), loose numeric, seen timestamptz, local timestamp, score "
    "float8,"
    " account bigint, wait interval, token uuid, address inet, net cidr, raw bytea, mark bit(64), doc jsonb,"
    " tags text[], amounts bigint[], span tstzrange, spread int8range, status smallint, level text DEFAULT "
    "'low'"
    " CHECK (level IN ('low', 'high')), active boolean, mood mood, moods mood[], secret text);"
    "CREATE INDEX ON customer (city) WHERE status = 3;"
    "CREATE STATISTICS together (mcv) ON city, balance, seen FROM customer";

/* Of each column about a third of the rows share a few values. */
static const char rows[] =
    "INSERT INTO country SELECT token('code', i), token('title', i), number('size', i) FROM "
    "generate_series(1, 300) i;"
    "INSERT INTO customer (email, name, plain, fixed, country, city, born, balance, loose, seen, local, "
    "score, account, wait,"
    " token, address, net, raw, mark, doc, tags, amounts, span, spread, status, level, active, mood, moods, "
    "secret)"
    " SELECT token('mail', i) || '@' || token('host', i % 50) || '.example', initcap(token('name', k)),"
    " token('pl', k) || ' ' || token('ain', i), token('fixed', k), token('code', 1 + k % 300), token('city', "
    "k),"
    " date '1950-01-01' + (number('born', k) % 20000)::int, number('balance', k) / 100.0, number('loose', k) "
    "/ 10000.0,"
    " timestamptz '2001-01-01 00:00+00' + number('seen', k) * interval '1 millisecond' / 1.7,"
    " timestamp '2001-01-01' + number('local', k) * interval '1 millisecond' / 1.7, number('score', k) / 7.0,"
    " number('account', k), number('wait', k) * interval '1 microsecond', md5('uuid' || k)::uuid,"
    " ('10.' || k % 250 || '.' || k / 250 || '.' || k % 13)::inet, ('172.' || k % 250 || '.' || k / 250 || "
    "'.0/24')::cidr,"
    " decode(md5('raw' || k), 'hex'), number('mark', k)::bit(64),"
    " jsonb_build_object('comment', token('comment', k), 'amount', number('amount', k), 'at', "
    "jsonb_build_array("
    "token('list', k), k % 2 = 0, null), token('key', k), jsonb_build_object('inner', token('inner', k))),"
    " ARRAY[token('tag', k % 40), token('rare', k)], ARRAY[number('in', k), number('out', k % 7)],"
    " tstzrange(timestamptz '2001-01-01 00:00+00' + number('span', k) * interval '1 millisecond', NULL),"
    " int8range(number('from', k), number('from', k) + 17), 1 + k % 5, CASE k % 2 WHEN 0 THEN 'low' ELSE "
    "'high' END,"
    " k % 3 = 0, CASE k % 2 WHEN 0 THEN 'sad' ELSE 'content' END::mood, ARRAY['sad']::mood[], "
    "token('secret', k)"
    " FROM (SELECT i, CASE WHEN i % 3 = 0 THEN i % 9 ELSE i END AS k FROM generate_series(1, 3000) i) s";

/* Every token there is. */
static const char tokens[] =
    "SELECT t FROM (SELECT token(word, i) AS t FROM generate_series(0, 3000) i, unnest(ARRAY['title', "
    "'mail', 'host', 'pl',"
    " 'ain', 'fixed', 'code', 'city', 'comment', 'list', 'key', 'inner', 'tag', 'rare', 'secret']) AS word"
    " UNION SELECT initcap(token('name', i)) FROM generate_series(0, 3000) i"
    " UNION SELECT number(word, i)::text FROM generate_series(0, 3000) i, unnest(ARRAY['size', 'account', "
    "'amount', 'in',"
    " 'out', 'from']) AS word UNION SELECT balance::text FROM customer UNION SELECT loose::text FROM customer"
    " UNION SELECT score::text FROM customer UNION SELECT wait::text FROM customer UNION SELECT token::text "
    "FROM customer"
    " UNION SELECT substr(raw::text, 3) FROM customer UNION SELECT mark::text FROM customer"
    " UNION SELECT seen::text FROM customer UNION SELECT local::text FROM customer"
    " UNION SELECT lower(span)::text FROM customer UNION SELECT (number('from', i) + 17)::text FROM"
    " generate_series(0, 3000) i) s ORDER BY t COLLATE \"C\"";

static struct sandbox *server;
static struct arena arena;
static struct db *db;
static struct db_target target;
static struct db_table canaries;

static void run(const char *sql)
{
    struct err err = {0};
    if (!db_command(db, sql, &err))
        fail_msg("%s in %.300s", err.message, sql);
}

static void query(const char *sql, struct db_table *answer)
{
    struct err err = {0};
    *answer = (struct db_table){0};
    if (!db_query(db, &arena, sql, answer, &err))
        fail_msg("%s in %.600s", err.message, sql);
}

static int start(void **state)
{
    struct err err = {0};
    (void)state;
    server = sandbox_start("sandbox:postgresql", &err);
    if (server == NULL || !db_target_parse(&arena, sandbox_dsn(server), &target, &err))
        fail_msg("%s", err.message);
    db = db_open(&target, &(struct db_options){.application_name = "rehearse/test/redact"}, &err);
    if (db == NULL)
        fail_msg("%s", err.message);
    run(schema);
    run(rows);
    run("ANALYZE");
    query(tokens, &canaries);
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

static struct profile *scanned(bool counts)
{
    struct err err = {0};
    struct profile *profile;
    struct scan_config config = {.target = &target, .counts = counts, .statement_timeout_ms = 60000};
    if (!scan_run(&config, &arena, &profile, &err))
        fail_msg("%s", err.message);
    return profile;
}

static struct profile *redacted(bool counts, const char *const *literals)
{
    struct err err = {0};
    struct profile *profile = scanned(counts);
    if (!redact_profile(profile, &arena, &(struct redact_rules){.literals = literals}, &err))
        fail_msg("%s", err.message);
    return profile;
}

static const char *written(const struct profile *profile)
{
    struct buf out = {0};
    profile_write(profile, &out);
    const char *text = arena_strdup(&arena, buf_text(&out));
    buf_free(&out);
    return text;
}

static int by_length(const void *left, const void *right)
{
    size_t a = strlen(*(const char *const *)left), b = strlen(*(const char *const *)right);
    return a < b ? -1 : a > b;
}

/* Which first four bytes there are. */
static unsigned char begins[1 << 20];

static unsigned char *begin_of(const char *text)
{
    uint32_t bytes;
    memcpy(&bytes, text, sizeof bytes);
    return &begins[(bytes * UINT32_C(2654435761)) >> 12];
}

/* The canaries in a text, each sought at every byte of it. */
static size_t canaries_in(const char *text, const char **one)
{
    const char **by_size = arena_alloc(&arena, (canaries.rows + 1) * sizeof *by_size);
    size_t found = 0, length = strlen(text), from = 0;
    assert_true(strlen(db_value(&canaries, 0, 0)) >= 4);
    for (size_t i = 0; i < canaries.rows; i++)
        by_size[i] = db_value(&canaries, i, 0);
    qsort(by_size, canaries.rows, sizeof *by_size, by_length);
    while (from < canaries.rows) {
        size_t size = strlen(by_size[from]), to = from;
        char piece[160];
        while (to < canaries.rows && strlen(by_size[to]) == size)
            to++;
        qsort(by_size + from, to - from, sizeof *by_size, redact_compare);
        memset(begins, 0, sizeof begins);
        for (size_t i = from; i < to; i++)
            *begin_of(by_size[i]) = 1;
        for (size_t at = 0; size < sizeof piece && at + size <= length; at++) {
            if (*begin_of(text + at) == 0)
                continue;
            memcpy(piece, text + at, size);
            piece[size] = '\0';
            if (redact_find(by_size + from, to - from, piece) < to - from) {
                *one = arena_strdup(&arena, piece);
                found++;
            }
        }
        from = to;
    }
    return found;
}

static void assert_clean(const char *text)
{
    const char *one = "";
    if (canaries_in(text, &one) > 0)
        fail_msg("%s leaves", one);
}

static struct profile_column *column_of(const struct profile *profile, const char *table, const char *name)
{
    const struct profile_table *found = profile_find(profile, "public", table);
    for (size_t i = 0; i < found->column_count; i++)
        if (strcmp(found->columns[i].name, name) == 0)
            return &found->columns[i];
    fail_msg("no column %s", name);
    return NULL;
}

static void test_no_canary_leaves(void **state)
{
    const char *one = "";
    (void)state;
    assert_true(canaries.rows > 40000);
    const char *source = written(scanned(false));
    assert_true(canaries_in(source, &one) > 3000); /* the search finds them */
    const struct profile_group *together = profile_find(redacted(false, NULL), "public", "customer")->groups;
    assert_true(together->column_count == 3 && together->mcv_count > 3);
    assert_clean(written(redacted(false, NULL)));
    const char *counted = written(redacted(true, NULL));
    assert_clean(counted);
    assert_string_equal(written(redacted(true, NULL)), counted);
}

static const char **values_of(const struct profile *profile, const char *name, size_t *count)
{
    const struct profile_table *table = profile_find(profile, "public", "customer");
    struct redact_slots values = {0}, elements = {0};
    redact_slots(&arena, table, (size_t)(column_of(profile, "customer", name) - table->columns), &values,
                 &elements);
    const char **texts = arena_alloc(&arena, (values.count + elements.count + 1) * sizeof *texts);
    *count = 0;
    for (size_t i = 0; i < values.count; i++)
        texts[(*count)++] = *values.at[i];
    for (size_t i = 0; i < elements.count; i++)
        texts[(*count)++] = *elements.at[i];
    *count = redact_unique(texts, *count);
    return texts;
}

/* Dates and networks are too few for tokens: no literal of the source's statistics is among the new ones. */
static void test_small_domains(void **state)
{
    static const char *const names[] = {"born", "address", "net", "wait"};
    struct profile *before = scanned(false), *after = redacted(false, NULL);
    (void)state;
    for (size_t n = 0; n < 4; n++) {
        size_t count, left, same = 0;
        const char **source = values_of(before, names[n], &count),
                   **texts = values_of(after, names[n], &left);
        assert_true(count > 100);
        for (size_t i = 0; i < left; i++)
            same += redact_find(source, count, texts[i]) < count;
        assert_true(same <= left / 50);
    }
}

static void test_what_stays(void **state)
{
    struct profile *before = scanned(false), *after = redacted(false, NULL);
    static const char *const kept[] = {"status", "level", "active", "mood", "moods"};
    struct buf audit = {0};
    (void)state;
    for (size_t i = 0; i < 5; i++) {
        size_t count, left;
        const char **source = values_of(before, kept[i], &count), **texts = values_of(after, kept[i], &left);
        assert_int_equal(column_of(after, "customer", kept[i])->values, PROFILE_KEPT);
        assert_true(count > 0 && count == left);
        for (size_t j = 0; j < count; j++)
            assert_string_equal(source[j], texts[j]);
    }
    assert_int_equal(column_of(after, "customer", "id")->values, PROFILE_NONE);
    assert_int_equal(column_of(after, "customer", "id")->bound_count, 0);
    assert_int_equal(column_of(after, "customer", "email")->values, PROFILE_SHAPE);
    assert_int_equal(column_of(after, "customer", "email")->bound_count, 101);
    for (size_t i = 0; i < column_of(after, "customer", "name")->mcv_count; i++)
        assert_true(column_of(after, "customer", "name")->mcv[i].share ==
                    column_of(before, "customer", "name")->mcv[i].share);
    redact_audit(after, &audit);
    const char *lines = buf_text(&audit);
    assert_clean(lines);
    assert_non_null(strstr(lines, "public.customer.status: 3\n"));
    assert_non_null(strstr(lines, "public.customer.mood: content\n"));
    assert_non_null(strstr(lines, "public.customer.doc, member: comment\n"));
    assert_non_null(strstr(lines, "public.customer, schema: 'low'\n"));
    assert_null(strstr(lines, "customer.email:"));
    buf_free(&audit);
}

static void test_named_literals(void **state)
{
    static const char *const names[] = {"customer.secret", NULL}, *const wrong[] = {"customer.sekret", NULL};
    struct profile *before = scanned(false), *after = redacted(false, names);
    struct err err = {0};
    (void)state;
    struct profile_column *source = column_of(before, "customer", "secret"),
                          *open = column_of(after, "customer", "secret");
    assert_true(open->values == PROFILE_KEPT && open->bound_count == 101);
    for (size_t i = 0; i < open->bound_count; i++)
        assert_string_equal(open->bounds[i], source->bounds[i]);
    open->bound_count = open->mcv_count = 0;
    assert_clean(written(after));
    assert_false(redact_profile(before, &arena, &(struct redact_rules){.literals = wrong}, &err));
    assert_int_equal(err.kind, ERR_USAGE);
    assert_non_null(strstr(err.hint, "customer.secret"));
}

/* A customer's country is one of the countries' codes. */
static void test_references_hold(void **state)
{
    struct profile *before = scanned(false), *after = redacted(false, NULL);
    struct profile_column *child = column_of(before, "customer", "country"),
                          *parent = column_of(before, "country", "code"), *new_child, *new_parent;
    size_t shared = 0;
    (void)state;
    new_child = column_of(after, "customer", "country");
    new_parent = column_of(after, "country", "code");
    for (size_t i = 0; i < child->mcv_count; i++)
        for (size_t j = 0; j < parent->bound_count; j++)
            if (strcmp(child->mcv[i].value, parent->bounds[j]) == 0) {
                assert_string_equal(new_child->mcv[i].value, new_parent->bounds[j]);
                shared++;
            }
    assert_true(shared > 10);
}

static void put_literal(struct buf *sql, const char *text)
{
    buf_printf(sql, "%s", sql_quote_literal(&arena, SQL_POSTGRES, text));
}

/* Each literal is one of its type; bounds ascend. */
static void assert_server_takes(const struct profile_column *column, const char *collation)
{
    struct buf sql = {0};
    struct db_table answer;
    bool sorted = strcmp(column->base, "jsonb") != 0;
    buf_puts(&sql, "SELECT count(v)");
    if (sorted)
        buf_puts(&sql, ", bool_and(coalesce(before < v, true))");
    buf_printf(&sql, " FROM (SELECT v%s FROM unnest(ARRAY[",
               sorted ? ", lag(v) OVER (ORDER BY n) AS before" : "");
    for (size_t i = 0; i < column->bound_count; i++) {
        buf_puts(&sql, i > 0 ? ", " : "");
        put_literal(&sql, column->bounds[i]);
    }
    for (size_t i = 0; i < column->mcv_count && !sorted; i++) {
        buf_puts(&sql, ", ");
        put_literal(&sql, column->mcv[i].value);
    }
    buf_printf(&sql, "]::%s[]%s) WITH ORDINALITY AS u (v, n)) s", column->type, collation);
    query(buf_text(&sql), &answer);
    if (sorted && strcmp(db_value(&answer, 0, 1), "t") != 0)
        fail_msg("%s: the bounds are out of order", column->name);
    buf_free(&sql);
}

static void test_server_takes_them(void **state)
{
    struct profile *after = redacted(false, NULL);
    const struct profile_table *table = profile_find(after, "public", "customer");
    size_t checked = 0;
    (void)state;
    for (size_t i = 0; i < table->column_count; i++) {
        const struct profile_column *column = &table->columns[i];
        if (column->bound_count == 0 || column->base[0] == '_')
            continue;
        assert_server_takes(column, strcmp(column->name, "name") == 0    ? " COLLATE \"en-x-icu\""
                                    : strcmp(column->name, "plain") == 0 ? " COLLATE \"C\""
                                                                         : "");
        checked++;
    }
    assert_true(checked > 18);
    for (size_t i = 0; i < table->column_count; i++) {
        struct db_table answer;
        for (size_t j = 0; j < table->columns[i].mcv_count; j++)
            query(arena_printf(&arena, "SELECT (%s)::%s",
                               sql_quote_literal(&arena, SQL_POSTGRES, table->columns[i].mcv[j].value),
                               table->columns[i].type),
                  &answer);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_no_canary_leaves), cmocka_unit_test(test_small_domains),
        cmocka_unit_test(test_what_stays),       cmocka_unit_test(test_named_literals),
        cmocka_unit_test(test_references_hold),  cmocka_unit_test(test_server_takes_them),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
