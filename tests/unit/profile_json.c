/* A profile that is written and read again is written the same; what is wrong in one is told at its place; thinned counts keep
 * their sums; two profiles differ where they differ. */
#include "generators/scan_parts.h"

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

static struct profile_atom atoms[] = {{0.5, "new\n\"quoted\""}, {0.1234567, "\xc3\xa9"}};
static const char *bounds[] = {"", "m", "zz"};
static double shares[] = {0.25, 0.75}, halves[] = {1, 2.5};
static struct profile_count counts[] = {{1, 700}, {2, 40}, {900, 1}};
static struct profile_count children[] = {{0, 3}, {1, 700}};
static size_t first[] = {0}, second[] = {1}, both[] = {0, 1};
static int index_columns[] = {1, -1};
static const char *pair[] = {"7", NULL};
static struct profile_group_atom combinations[] = {{0.2, pair}};
static struct profile_dependency dependencies[] = {{first, 1, 1, 0.75}};

static struct profile_column columns[] = {
    {.name = "id",
     .type = "bigint",
     .base = "int8",
     .not_null = true,
     .null_ratio = 0,
     .width_bytes = 8,
     .distinct_reported = -1,
     .distinct = 1000,
     .distinct_by = "unique",
     .distinct_ratio = 1,
     .correlation = NAN},
    {.name = "odd \"name",
     .type = "text",
     .base = "text",
     .values = PROFILE_SHAPE,
     .null_ratio = NAN,
     .width_bytes = NAN,
     .distinct_reported = 12.5,
     .distinct_ratio = NAN,
     .correlation = -0.25,
     .mcv = atoms,
     .mcv_count = 2,
     .bounds = bounds,
     .bound_count = 3,
     .bucket_share = shares,
     .bucket_distinct = halves,
     .elements = atoms,
     .element_count = 1,
     .element_counts = halves,
     .element_count_count = 2,
     .counts = counts,
     .count_count = 3},
};
static struct profile_index indexes[] = {{.name = "i",
                                          .method = "btree",
                                          .columns = index_columns,
                                          .column_count = 2,
                                          .unique = true,
                                          .deduplicated = true,
                                          .bytes = 8192,
                                          .pages = 1,
                                          .rows = -1,
                                          .prefix_distinct = halves}};
static struct profile_reference references[] = {
    {.name = "up",
     .columns = second,
     .parent_columns = first,
     .column_count = 1,
     .parent = 1,
     .counts = children,
     .count_count = 2},
    {.name = "out", .columns = first, .column_count = 1, .parent = -1}};
static struct profile_group groups[] = {{.columns = both,
                                         .column_count = 2,
                                         .distinct = 12,
                                         .mcv = combinations,
                                         .mcv_count = 1,
                                         .dependencies = dependencies,
                                         .dependency_count = 1}};
static struct profile_table tables[] = {
    {.schema = "a",
     .name = "child",
     .kind = "",
     .rows = 1234.5,
     .pages = 10,
     .bytes = -1,
     .toast_bytes = 0,
     .index_bytes = 5,
     .analyzed = true,
     .sample_rows = 30000,
     .columns = columns,
     .column_count = 2,
     .indexes = indexes,
     .index_count = 1,
     .references = references,
     .reference_count = 2,
     .groups = groups,
     .group_count = 1},
    {.schema = "a",
     .name = "parent",
     .kind = "partitioned",
     .rows = -1,
     .pages = -1,
     .bytes = -1,
     .toast_bytes = -1,
     .index_bytes = -1,
     .columns = columns,
     .column_count = 1},
};
static struct profile_statement statements[] = {
    {.stage = "before", .sql = "CREATE SCHEMA a", .table = -1},
    {.stage = "table", .sql = "CREATE TABLE a.child ()", .table = 0}};

static struct profile sample(void)
{
    return (struct profile){.engine = "postgresql",
                            .version = "15.1",
                            .lexis = SQL_POSTGRES,
                            .level = 1,
                            .tables = tables,
                            .table_count = 2,
                            .statements = statements,
                            .statement_count = 2};
}

static char *written(const struct profile *profile)
{
    struct buf out = {0};
    profile_write(profile, &out);
    char *text = arena_strdup(&arena, buf_text(&out));
    buf_free(&out);
    return text;
}

static struct profile *read_back(const char *text)
{
    struct profile *profile;
    struct err err = {0};
    if (!profile_read(&arena, "p.json", text, strlen(text), &profile, &err))
        fail_msg("%d:%d: %s", err.line, err.column, err.message);
    return profile;
}

static void test_round_trip(void **state)
{
    (void)state;
    struct profile source = sample();
    char *text = written(&source);
    struct profile *again = read_back(text);
    assert_string_equal(written(again), text);
    assert_int_equal(again->table_count, 2);
    const struct profile_table *child = profile_find(again, "a", "child");
    assert_ptr_equal(child, &again->tables[0]);
    assert_true(child->rows == 1234.5 && child->bytes == -1 && again->tables[1].rows == -1);
    assert_int_equal(child->references[0].parent, 1);
    assert_int_equal(child->references[1].parent, -1);
    assert_int_equal(child->references[0].counts[0].values, 3);
    assert_string_equal(child->columns[1].mcv[0].value, "new\n\"quoted\"");
    assert_true(child->columns[1].mcv[1].share == 0.1234567);
    assert_true(isnan(child->columns[1].null_ratio) && child->columns[1].bucket_distinct[1] == 2.5);
    assert_int_equal(child->columns[1].values, PROFILE_SHAPE);
    assert_int_equal(child->indexes[0].columns[1], -1);
    assert_null(child->groups[0].mcv[0].values[1]);
    assert_int_equal(child->groups[0].dependencies[0].to, 1);
    assert_int_equal(again->statements[1].table, 0);
}

/* One place changed; the error says what was wrong and stands on that line. */
static void refuse(const char *from, const char *to, const char *message)
{
    struct profile source = sample(), *profile;
    struct err err = {0};
    const char *text = written(&source), *at = strstr(text, from);
    assert_non_null(at);
    char *broken = arena_printf(&arena, "%.*s%s%s", (int)(at - text), text, to, at + strlen(from));
    assert_false(profile_read(&arena, "p.json", broken, strlen(broken), &profile, &err));
    assert_int_equal(err.kind, ERR_USAGE);
    assert_string_equal(err.file, "p.json");
    if (strstr(err.message, message) == NULL || err.line == 0)
        fail_msg("line %d: %s", err.line, err.message);
}

static void test_what_is_wrong(void **state)
{
    (void)state;
    refuse("\"profile_version\": 1", "\"profile_version\": 2", "profile_version 1 is expected");
    refuse("\"engine\": \"postgresql\"", "\"engine\": \"oracle\"", "postgresql, mariadb or mysql");
    refuse("\"not_null\"", "\"notnull\"", "unknown key");
    refuse("\"shape\"", "\"shapes\"", "kept, shape or none");
    refuse("0.1234567", "1.5", "[value, share of the rows]");
    refuse("[2,40]", "[1,40]", "do not ascend");
    refuse("\"parent_columns\":[\"id\"]", "\"parent_columns\":[\"ids\"]", "no such column");
    refuse("\"stage\":\"before\"", "\"stage\":\"later\"", "before, table, index");
    refuse("\"kind\": \"partitioned\"", "\"kind\": \"part\"", "partitioned, partition or child");
}

static void test_diff(void **state)
{
    (void)state;
    struct profile a = sample();
    struct profile *b = read_back(written(&a));
    struct buf lines = {0};
    assert_int_equal(profile_diff(&a, b, &lines), 0);
    assert_string_equal(buf_text(&lines), "");
    b->tables[0].columns[1].mcv[0].share = 0.25;
    b->tables[0].rows = 99;
    b->tables[0].bytes = 12345678901;
    b->tables[1].name = "parents";
    b->statement_count = 1;
    assert_int_equal(profile_diff(&a, b, &lines), 6);
    assert_string_equal(buf_text(&lines), "a.child: rows 1234.5 -> 99\n"
                                          "a.child: bytes -1 -> 12345678901\n"
                                          "a.child.odd \"name: mcv: 1 of 2 differ\n"
                                          "a.parent: table only in the first\n"
                                          "a.parents: table only in the second\n"
                                          "statement only in the first: CREATE TABLE a.child ()\n");
    buf_free(&lines);
}

static void test_thin(void **state)
{
    enum { MANY = 30011, LIMIT = 1000 };
    struct profile_count *many = arena_alloc(&arena, MANY * sizeof *many);
    int64_t rows = 0, values = 0;
    (void)state;
    for (int i = 0; i < MANY; i++) {
        many[i] = (struct profile_count){1 + i + i % 3, 1 + (i * 7) % 5};
        many[i].rows = i == 0 ? 1 : many[i].rows > many[i - 1].rows ? many[i].rows : many[i - 1].rows + 1;
        rows += many[i].rows * many[i].values;
        values += many[i].values;
    }
    assert_int_equal(scan_thin(many, 900, LIMIT), 900);
    size_t left = scan_thin(many, MANY, LIMIT);
    assert_in_range(left, LIMIT / 2 + 1, LIMIT);
    for (size_t i = 0; i < left; i++) {
        assert_true(many[i].values > 0 && (i == 0 || many[i].rows > many[i - 1].rows));
        rows -= many[i].rows * many[i].values;
        values -= many[i].values;
    }
    assert_int_equal(rows, 0);
    assert_int_equal(values, 0);
}

/* "sample": prints the profile that the tests use, for tests/house/profile_schema. */
int main(int argc, char **argv)
{
    struct profile printed = sample();
    if (argc == 2 && strcmp(argv[1], "sample") == 0) {
        fputs(written(&printed), stdout);
        return forget(NULL);
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_what_is_wrong),
        cmocka_unit_test(test_diff),
        cmocka_unit_test(test_thin),
    };
    return cmocka_run_group_tests(tests, NULL, forget);
}
