/* What a server's own statistics are rendered to: a table of every type is ANALYZEd, whole buckets are made of its
 * pg_stats, loaded as text and as binary, and judged by the server's own order. */
#include "generators/render.h"
#include "bench/base/buf.h"
#include "bench/sandbox/sandbox.h"
#include "generators/catalogue.h"
#include "generators/distribution.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define ROWS   "20000"
#define RANDOM "hashtextextended(i::text, 7)"
#define UNIT   "((hashtextextended(i::text, 3) & 1048575) / 1048576.0)"

/* Column, type, expression of row i. What is doubtful about its order follows: u: documents and arrays, which differ but do
 * not ascend; a: arrays, which are drawn; s: ranges. */
static const char *const columns[][4] = {
    {"small", "int2", "(" RANDOM " % 5000)::int2", ""},
    {"dense", "int4", "i", ""},
    {"huge", "int8", RANDOM, ""},
    {"money2", "numeric(12,2)", "round((exp(" UNIT " * 9))::numeric, 2)", ""},
    {"free", "numeric", "(" RANDOM "::numeric / 1000003) * 1.00001", ""},
    {"nan", "numeric", "CASE WHEN i % 400 = 0 THEN 'NaN' ELSE " RANDOM "::numeric % 99999 END", ""},
    {"half", "float8", "(" RANDOM " % 1000) / 2.0", ""},
    {"full", "float8", "exp(" UNIT " * 40 - 20)", ""},
    {"single", "float4", UNIT "::float4", ""},
    {"endless", "float8",
     "CASE WHEN i % 300 = 0 THEN 'Infinity' WHEN i % 299 = 0 THEN '-Infinity' ELSE " UNIT " END", ""},
    {"day", "date", "date '2020-01-01' + (i % 1500)", ""},
    {"far", "date", "CASE WHEN i % 90 = 0 THEN 'infinity' ELSE date '0100-01-01 BC' + i * 3 END", ""},
    {"at", "timestamp", "timestamp '2001-02-03 04:05:06' + i * interval '1 hour 1 second'", ""},
    {"at3", "timestamptz(3)", "timestamptz '2024-01-01 00:00:00+00' + " UNIT " * interval '400 days'", ""},
    {"minute", "timestamptz", "timestamptz '1960-01-01 00:00:00+00' + i * interval '1 minute'", ""},
    {"clock", "time", "time '00:00' + " UNIT " * interval '1 day'", ""},
    {"zoned", "timetz", "(time '00:00' + i * interval '4 seconds')::text::timetz", ""},
    {"lasting", "interval", "(i % 700) * interval '1 day 02:03:04' - interval '30 days'", ""},
    {"months", "interval", "make_interval(months => (i % 3000)::int)", ""},
    {"flag", "bool", "i % 3 = 0", ""},
    {"mood", "mood", "(enum_range(NULL::mood))[1 + i * i % 4]", ""},
    {"id4", "uuid", "gen_random_uuid()", ""},
    {"id", "uuid", "md5(i::text)::uuid", ""},
    {"ip", "inet", "inet '10.0.0.0' + (" RANDOM " & 1048575)", ""},
    {"ip6", "inet", "CASE WHEN i % 2 = 0 THEN inet '2001:db8::' + i * 65537 ELSE inet '10.0.0.0' + i END",
     ""},
    {"net", "cidr", "set_masklen(cidr '10.0.0.0/24' + i * 256, 24)", ""},
    {"mac", "macaddr", "(substr(md5(i::text), 1, 12))::macaddr", ""},
    {"mac8", "macaddr8", "(substr(md5(i::text), 1, 16))::macaddr8", ""},
    {"bits", "bit(19)", "i::bit(19)", ""},
    {"varbits", "varbit(40)", "substr((" RANDOM ")::bit(64)::text, 1, 40)::varbit", ""},
    {"bytes", "bytea", "substr(decode(md5(i::text), 'hex'), 1, 2 + i % 14)", ""},
    {"hash", "text COLLATE \"C\"", "md5(i::text)", ""},
    {"sku", "varchar(12)", "'SKU-' || lpad((i % 9000)::text, 5, '0')", ""},
    {"code", "char(5)", "chr(65 + i % 26) || (i % 971)::text", ""},
    {"person", "text COLLATE \"C\"",
     "initcap(translate(md5(i::text), '0123456789', 'ghijklmnop')) || ' ' || i % 7", ""},
    {"mail", "varchar(60) COLLATE \"C\"",
     "substr(md5(i::text), 1, 3 + i % 9) || '.x@' || (i % 50)::text || '.example'", ""},
    {"hostile", "text COLLATE \"C\"",
     "repeat(chr(9) || '\\' || chr(10), i % 3) || chr(233) || md5((i % 9999)::text) || '\\'", ""},
    {"short", "varchar(3) COLLATE \"C\"", "substr(md5(i::text), 1, i % 4)", ""},
    {"lingual", "text COLLATE \"en-x-icu\"",
     "CASE i % 3 WHEN 0 THEN initcap(substr(md5(i::text), 1, 9))"
     " WHEN 1 THEN 'é' || substr(md5(i::text), 1, 7) ELSE substr(md5(i::text), 1, 4) || '-' || i END",
     ""},
    {"doc", "jsonb",
     "jsonb_build_object('id', i, 'who', md5(i::text), 'ok', i % 2 = 0, 'tags', jsonb_build_array(i % 5))",
     "u"},
    {"numbers", "int[]", "ARRAY[i % 7, i % 900, i]", "a"},
    {"words", "text[]", "ARRAY['a,' || i % 5, '\"x\" ' || i % 77, 'plain']", "a"},
    {"span", "int4range", "int4range((i % 5000)::int, (i % 5000 + 1 + i % 9)::int)", "s"},
};

enum { COLUMNS = sizeof columns / sizeof *columns, PER_BUCKET = 60, SOURCE_ROWS = 20000 };

static struct sandbox *server;
static struct arena arena;
static struct db *db;
static struct catalogue catalogue;

static void command(const char *sql)
{
    struct err err = {0};
    if (!db_command(db, sql, &err))
        fail_msg("%s in %.300s", err.message, sql);
}

static void ask(const char *sql, struct db_table *rows)
{
    struct err err = {0};
    if (!db_query(db, &arena, sql, rows, &err))
        fail_msg("%s in %.300s", err.message, sql);
}

static int start(void **state)
{
    (void)state;
    struct err err = {0};
    struct db_target target;
    server = sandbox_start("sandbox:postgresql", &err);
    if (server == NULL || !db_target_parse(&arena, sandbox_dsn(server), &target, &err))
        fail_msg("%s", err.message);
    db = db_open(&target, &(struct db_options){.application_name = "rehearse/test/render"}, &err);
    if (db == NULL)
        fail_msg("%s", err.message);
    command("CREATE TYPE mood AS ENUM ('sad', 'ok', 'it''s, \"great\"', 'never')");
    struct buf create = {0};
    buf_puts(&create, "CREATE TABLE source AS SELECT ");
    for (size_t i = 0; i < COLUMNS; i++)
        buf_printf(&create, "%s(%s)::%s AS %s", i > 0 ? ", " : "", columns[i][2],
                   arena_strndup(&arena, columns[i][1], strcspn(columns[i][1], " ")), columns[i][0]);
    buf_puts(&create, " FROM generate_series(1, " ROWS ") i");
    command("SET TimeZone = 'UTC'");
    char *sql = arena_strdup(&arena, create.data);
    buf_free(&create);
    command(sql);
    for (size_t i = 0; i < COLUMNS; i++)
        if (strchr(columns[i][1], ' ') != NULL)
            command(
                arena_printf(&arena, "ALTER TABLE source ALTER %s TYPE %s", columns[i][0], columns[i][1]));
    command("ANALYZE source");
    return !catalogue_read(db, &arena, &catalogue, &err);
}

static int stop(void **state)
{
    (void)state;
    db_close(db);
    sandbox_stop(server);
    arena_free(&arena);
    return 0;
}

static const char **texts(const char *expression, const char *name, size_t *count)
{
    struct db_table rows;
    ask(arena_printf(&arena,
                     "SELECT v FROM pg_stats s, unnest((%s)::text::text[]) WITH ORDINALITY AS u (v, n)"
                     " WHERE tablename = 'source' AND attname = '%s' ORDER BY n",
                     expression, name),
        &rows);
    const char **list = arena_alloc(&arena, (rows.rows + 1) * sizeof *list);
    *count = rows.rows;
    for (size_t i = 0; i < rows.rows; i++)
        list[i] = db_value(&rows, i, 0);
    return list;
}

static struct profile_atom *atoms(const char *values, const char *shares, const char *name, size_t *count)
{
    size_t share_count;
    const char **value = texts(values, name, count), **share = texts(shares, name, &share_count);
    struct profile_atom *list = arena_alloc(&arena, (*count + 1) * sizeof *list);
    for (size_t i = 0; i < *count; i++)
        list[i] = (struct profile_atom){strtod(share[i], NULL), value[i]};
    return list;
}

static struct profile_column *statistics_of(const char *name, const struct catalogue_column *column)
{
    struct profile_column *self = arena_alloc(&arena, sizeof *self);
    struct db_table rows;
    ask(arena_printf(&arena,
                     "SELECT null_frac, avg_width, n_distinct FROM pg_stats WHERE tablename = 'source' AND "
                     "attname = '%s'",
                     name),
        &rows);
    *self = (struct profile_column){
        .name = name, .type = column->type, .base = column->base_type, .correlation = NAN};
    self->null_ratio = strtod(db_value(&rows, 0, 0), NULL);
    self->width_bytes = strtod(db_value(&rows, 0, 1), NULL);
    self->distinct_reported = strtod(db_value(&rows, 0, 2), NULL);
    self->distinct = self->distinct_reported < 0 ? -20000 * self->distinct_reported : self->distinct_reported;
    self->mcv = atoms("most_common_vals", "most_common_freqs", name, &self->mcv_count);
    self->bounds = texts("coalesce(histogram_bounds::text, to_jsonb(s) ->> 'range_bounds_histogram')", name,
                         &self->bound_count);
    if (self->bound_count == 0 && strcmp(name, "span") == 0) { /* servers before 17 do not show a range's */
        ask("SELECT DISTINCT ON (lower(span)) span FROM source WHERE lower(span) % 50 = 0 ORDER BY "
            "lower(span), 1",
            &rows);
        self->bounds = arena_alloc(&arena, rows.rows * sizeof *self->bounds);
        for (size_t i = 0; i < rows.rows; i++)
            self->bounds[self->bound_count++] = db_value(&rows, i, 0);
    }
    size_t shares;
    self->elements = atoms("most_common_elems",
                           "(most_common_elem_freqs)[1:cardinality(most_common_elems::text::text[])]", name,
                           &self->element_count);
    const char **counts = texts("elem_count_histogram", name, &shares);
    if (shares > 1) {
        self->element_counts = arena_alloc(&arena, shares * sizeof *self->element_counts);
        for (self->element_count_count = 0; self->element_count_count + 1 < shares;
             self->element_count_count++)
            self->element_counts[self->element_count_count] = strtod(counts[self->element_count_count], NULL);
    }
    return self;
}

static long pull(void *context, char *bytes, size_t capacity)
{
    struct buf *from = context; /* what is left lies behind length in capacity */
    size_t part = from->length < capacity ? from->length : capacity;
    memcpy(bytes, from->data, part);
    from->data += part;
    from->length -= part;
    return (long)part;
}

static void load(const char *table, enum db_load_format format, struct buf *rows)
{
    struct buf rest = *rows;
    const struct db_load what = {table, "n, bucket, v", format, false};
    struct db_answer answer = db_load(db, &what, CLOCK_NEVER_NS, pull, &rest);
    if (answer.outcome != OUTCOME_OK)
        fail_msg("%s: %s", table, answer.message);
}

static void put_4(struct buf *out, uint32_t number)
{
    const char bytes[] = {
        0, 0, 0, 4, (char)(number >> 24), (char)(number >> 16), (char)(number >> 8), (char)number};
    buf_add(out, bytes, sizeof bytes);
}

static int add_row(const struct render *render, struct element element, int n, struct buf *text,
                   struct buf *binary)
{
    int bucket = element.kind == ELEMENT_BUCKET ? (int)element.index : -1;
    buf_printf(text, "%d\t%d\t", n, bucket);
    render_text(render, &element, text);
    buf_putc(text, '\n');
    if (render_has_binary(render)) {
        buf_add(binary, "\0\3", 2);
        put_4(binary, (uint32_t)n);
        put_4(binary, (uint32_t)bucket);
        render_binary(render, &element, binary);
    }
    return n + 1;
}

static int failures;

static void expect_none(const char *name, const char *what, const char *condition)
{
    struct db_table rows;
    ask(arena_printf(&arena, "SELECT count(*), min(n || ': ' || v::text) FROM (%s) q", condition), &rows);
    if (strcmp(db_value(&rows, 0, 0), "0") != 0)
        print_error("%s: %s: %s values, %s\n", name, what, db_value(&rows, 0, 0), db_value(&rows, 0, 1)),
            failures++;
}

static void judge(const char *name, const char *doubt, const struct profile_column *statistics)
{
    struct buf low = {0};
    expect_none(name, "is null", "SELECT * FROM made WHERE v IS NULL");
    for (size_t i = 0; i < statistics->bound_count; i++) {
        buf_printf(&low, "%zu\t%zu\t", i, i);
        for (const char *at = statistics->bounds[i]; *at != '\0'; at++) {
            if (strchr("\t\n\r\\", *at) != NULL)
                buf_putc(&low, '\\');
            buf_putc(&low, *at);
        }
        buf_putc(&low, '\n');
    }
    if (low.length > 0)
        load("bounds", DB_LOAD_TEXT, &low);
    buf_free(&low);
    if (*doubt != 'a')
        expect_none(name, "comes twice",
                    "SELECT max(n) AS n, v FROM made WHERE bucket >= 0 GROUP BY v HAVING count(*) > 1");
    if (*doubt != '\0')
        return;
    expect_none(
        name, "does not ascend",
        "SELECT * FROM (SELECT *, lag(v) OVER (ORDER BY n) AS before, lag(bucket) OVER (ORDER BY n) AS b"
        " FROM made WHERE bucket >= 0) m WHERE NOT before < v");
    expect_none(
        name, "leaves its bucket",
        "SELECT m.* FROM made m JOIN bounds l ON l.n = m.bucket JOIN bounds h ON h.n = m.bucket + 1"
        " WHERE m.v < l.v OR m.v > h.v OR (m.v = h.v AND m.v <> l.v AND h.n < (SELECT max(n) FROM bounds))");
    expect_none(name, "is a common value too",
                "SELECT m.* FROM made m JOIN made a ON a.bucket < 0 AND a.v = m.v WHERE m.bucket >= 0");
}

static void every_type(void **state)
{
    (void)state;
    const struct catalogue_table *table = &catalogue.tables[catalogue_find(&catalogue, "source")];
    for (size_t c = 0; c < COLUMNS; c++) {
        const struct catalogue_column *column = &table->columns[c];
        const char *name = column->name;
        struct profile_column *statistics = statistics_of(name, column);
        struct err err = {0};
        const struct render *render = render_make(&arena, 1234 + c, table, column, statistics, &err);
        if (render == NULL)
            fail_msg("%s", err.message);
        command(arena_printf(
            &arena,
            "DROP TABLE IF EXISTS made, made_binary, bounds; CREATE TABLE made AS SELECT 0 AS n, 0 AS "
            "bucket, %s AS v"
            " FROM source LIMIT 0; CREATE TABLE made_binary (LIKE made); CREATE TABLE bounds (LIKE made)",
            column->quoted));
        struct buf text = {0}, binary = {0};
        int n = 0;
        for (size_t i = 0; i < statistics->mcv_count; i++)
            n = add_row(render, (struct element){ELEMENT_ATOM, (uint32_t)i, 0, 0}, n, &text, &binary);
        size_t buckets = statistics->bound_count > 1 ? statistics->bound_count - 1 : 0;
        for (size_t b = 0; b < buckets; b++) {
            double room = render_capacity(render, b);
            uint64_t values = room < PER_BUCKET ? (uint64_t)room : PER_BUCKET;
            for (uint64_t i = 0; i < values; i++)
                n = add_row(render, (struct element){ELEMENT_BUCKET, (uint32_t)b, i, values}, n, &text,
                            &binary);
        }
        if (n == 0)
            fail_msg("%s has no statistics", name);
        load("made", DB_LOAD_TEXT, &text);
        if (render_has_binary(render)) {
            load("made_binary", DB_LOAD_BINARY, &binary);
            expect_none(name, "differs in binary",
                        "SELECT m.n, m.v FROM made m FULL JOIN made_binary b USING (n)"
                        " WHERE m.v::text IS DISTINCT FROM b.v::text");
        } else if (*columns[c][3] != 's') {
            fail_msg("%s has no binary form", name);
        }
        judge(name, columns[c][3], statistics);
        buf_free(&text), buf_free(&binary);
    }
    assert_int_equal(failures, 0);
}

static const struct distribution *distribution_of(const struct render *render,
                                                  const struct profile_column *statistics, uint64_t stream)
{
    size_t buckets = statistics->bound_count > 1 ? statistics->bound_count - 1 : 0,
           atoms = statistics->mcv_count;
    double *share = arena_alloc(&arena, (atoms + 1) * sizeof *share),
           *within = arena_alloc(&arena, (atoms + 1) * sizeof *within),
           *capacity = arena_alloc(&arena, (buckets + 1) * sizeof *capacity);
    size_t *bucket = arena_alloc(&arena, (atoms + 1) * sizeof *bucket);
    for (size_t i = 0; i < atoms; i++) {
        share[i] = statistics->mcv[i].share;
        render_place(render, i, &bucket[i], &within[i]);
    }
    for (size_t i = 0; i < buckets; i++)
        capacity[i] = render_capacity(render, i);
    struct distribution_spec spec = {.stream = stream,
                                     .rows = SOURCE_ROWS,
                                     .null_ratio = statistics->null_ratio,
                                     .atom_share = share,
                                     .atom_count = atoms,
                                     .atom_bucket = bucket,
                                     .atom_within = within,
                                     .bucket_count = buckets,
                                     .bucket_capacity = capacity,
                                     .distinct = statistics->distinct,
                                     .continuous = render_is_continuous(render),
                                     .correlation = NAN};
    return distribution_make(&arena, &spec);
}

/* Right: the copy has as many different values as its distribution says, and the source's width. */
static void whole_columns(void **state)
{
    (void)state;
    const struct catalogue_table *table = &catalogue.tables[catalogue_find(&catalogue, "source")];
    failures = 0;
    for (size_t c = 0; c < COLUMNS; c++) {
        const struct catalogue_column *column = &table->columns[c];
        const char *name = column->name;
        struct profile_column *statistics = statistics_of(name, column);
        struct err err = {0};
        const struct render *render = render_make(&arena, 99 + c, table, column, statistics, &err);
        const struct distribution *distribution = distribution_of(render, statistics, c);
        command(arena_printf(&arena,
                             "DROP TABLE IF EXISTS made; CREATE TABLE made AS SELECT 0 AS n, 0 AS bucket, %s "
                             "AS v FROM source LIMIT 0",
                             column->quoted));
        struct buf text = {0}, binary = {0};
        for (int row = 0; row < SOURCE_ROWS; row++)
            add_row(render, distribution_at(distribution, row), row, &text, &binary);
        bool has_binary = render_has_binary(render);
        load("made", has_binary ? DB_LOAD_BINARY : DB_LOAD_TEXT, has_binary ? &binary : &text);
        buf_free(&text), buf_free(&binary);
        command("ANALYZE made");
        struct db_table rows;
        ask("SELECT count(DISTINCT v), (SELECT avg_width FROM pg_stats WHERE tablename = 'made' AND attname "
            "= 'v') FROM made",
            &rows);
        int64_t distinct = strtoll(db_value(&rows, 0, 0), NULL, 10);
        double width = strtod(db_value(&rows, 0, 1), NULL);
        if (*columns[c][3] != 'a' && distinct != distribution_distinct(distribution))
            print_error("%s: %lld different values, wanted %lld\n", name, (long long)distinct,
                        (long long)distribution_distinct(distribution)),
                failures++;
        if (fabs(width - statistics->width_bytes) > 0.05 * statistics->width_bytes + 1)
            print_error("%s: %g bytes wide, wanted %g\n", name, width, statistics->width_bytes), failures++;
    }
    assert_int_equal(failures, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_type), cmocka_unit_test(whole_columns)};
    return cmocka_run_group_tests_name("render", tests, start, stop);
}
