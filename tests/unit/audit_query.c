/* Queries that an audit asks, and plans that come back. Right: the same seed asks the same, every table and kind has its turn, no
 * value of the profile is in a name, and plans are alike by what they do, whatever they cost. */
#include "generators/audit_side.h"
#include "generators/fill.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct arena arena;

enum { BOUNDS = 101, TABLES = 4, COLUMNS = 4 };

static struct profile_column column(const char *name, const char *base, double nulls, size_t atoms)
{
    struct profile_column c = {.name = name,
                               .type = base,
                               .base = base,
                               .null_ratio = nulls,
                               .distinct = 5000,
                               .correlation = NAN,
                               .mcv_count = atoms,
                               .bound_count = BOUNDS};
    c.mcv = arena_alloc(&arena, (atoms + 1) * sizeof *c.mcv);
    c.bounds = arena_alloc(&arena, BOUNDS * sizeof *c.bounds);
    for (size_t i = 0; i < atoms; i++)
        c.mcv[i] = (struct profile_atom){0.2 / (double)(i + 1), arena_printf(&arena, "secret %zu", i)};
    for (size_t i = 0; i < BOUNDS; i++)
        c.bounds[i] = arena_printf(&arena, "secret %03zu", i);
    return c;
}

/* Each table the parent of the next. */
static struct profile *chain(void)
{
    static const char *const names[TABLES] = {"region", "customer", "orders", "item"};
    struct profile *p = arena_alloc(&arena, sizeof *p);
    *p = (struct profile){.engine = "postgresql", .table_count = TABLES};
    p->tables = arena_alloc(&arena, TABLES * sizeof *p->tables);
    for (size_t t = 0; t < TABLES; t++) {
        struct profile_table *table = &p->tables[t];
        *table = (struct profile_table){.schema = "public",
                                        .name = names[t],
                                        .kind = "",
                                        .rows = 1000 * pow(10, (double)t),
                                        .analyzed = true,
                                        .column_count = COLUMNS,
                                        .reference_count = t > 0};
        table->columns = arena_alloc(&arena, COLUMNS * sizeof *table->columns);
        table->columns[0] = column("parent", "int8", 0, 0);
        table->columns[1] = column("state", "int4", 0.1, 5);
        table->columns[2] = column("note", "text", 0.5, 2);
        table->columns[3] = column("doc", "jsonb", 0, 0);
        table->references = arena_alloc(&arena, sizeof *table->references);
        table->references[0] = (struct profile_reference){
            .name = "up", .column_count = 1, .parent = (int)t - 1};
        table->references[0].columns = table->references[0].parent_columns = arena_alloc(&arena,
                                                                                         sizeof(size_t));
    }
    return p;
}

static int end(void **state)
{
    (void)state;
    arena_free(&arena);
    return 0;
}

static void test_a_seed_asks_the_same(void **state)
{
    (void)state;
    struct audit_query *first, *second, *other;
    size_t count = audit_queries_make(&arena, chain(), 7, 60, NULL, &first), differ = 0;
    assert_int_equal(count, 60);
    assert_int_equal(audit_queries_make(&arena, chain(), 7, 60, NULL, &second), 60);
    assert_int_equal(audit_queries_make(&arena, chain(), 8, 60, NULL, &other), 60);
    for (size_t i = 0; i < count; i++) {
        const char *name = audit_query_name(&arena, &first[i]);
        assert_string_equal(name, audit_query_name(&arena, &second[i]));
        differ += strcmp(name, audit_query_name(&arena, &other[i])) != 0;
        assert_null(strstr(name, "secret"));
        for (size_t j = 0; j < i; j++)
            assert_string_not_equal(name, audit_query_name(&arena, &first[j]));
    }
    assert_true(differ > 50);
}

static void test_every_kind_and_table_has_its_turn(void **state)
{
    (void)state;
    const struct profile *profile = chain();
    struct audit_query *queries;
    size_t kinds[AUDIT_KINDS] = {0}, tables[TABLES] = {0}, operators[AUDIT_IS_NULL + 1] = {0}, long_ones = 0;
    size_t count = audit_queries_make(&arena, profile, 1, 80, NULL, &queries);
    for (size_t i = 0; i < count; i++) {
        const struct audit_query *query = &queries[i];
        kinds[query->kind]++;
        tables[query->tables[0] - profile->tables]++;
        long_ones += query->table_count == 3;
        assert_true(query->predicate_count >= 1 + (query->kind == AUDIT_MULTI));
        assert_int_equal(query->table_count > 1, query->kind == AUDIT_JOIN);
        for (size_t p = 0; p < query->predicate_count; p++) {
            const struct audit_predicate *predicate = &query->predicates[p];
            operators[predicate->operator]++;
            bool range = predicate->operator== AUDIT_BETWEEN || predicate->operator== AUDIT_BELOW ||
                         predicate->
                         operator== AUDIT_FROM;
            assert_true(!range || strcmp(predicate->column->name, "doc") != 0);
            assert_true(predicate->operator!= AUDIT_IS_NULL || predicate->column->null_ratio> 0);
            for (size_t v = 0; v < predicate->place_count; v++)
                assert_true(predicate->places[v] >= 0 && predicate->places[v] <= 1);
        }
    }
    assert_int_equal(count, 80);
    assert_int_equal(kinds[AUDIT_SINGLE], 40);
    assert_int_equal(kinds[AUDIT_JOIN], 20);
    assert_int_equal(kinds[AUDIT_MULTI], 20);
    for (int t = 0; t < TABLES; t++)
        assert_true(tables[t] >= 8);
    for (int o = 0; o <= AUDIT_IS_NULL; o++)
        assert_true(operators[o] > 0);
    assert_true(long_ones > 0);
}

static void test_what_cannot_be_asked(void **state)
{
    static const struct fill_column_spec state_of = {.table = "orders", .name = "state"};
    (void)state;
    struct profile *profile = chain();
    const struct audit_given given = {&state_of, 1};
    struct audit_query *queries;
    size_t count = audit_queries_make(&arena, profile, 1, 80, &given, &queries);
    for (size_t i = 0; i < count; i++)
        for (size_t p = 0; p < queries[i].predicate_count; p++)
            assert_true(queries[i].predicates[p].column != &profile->tables[2].columns[1]);
    for (size_t t = 0; t < TABLES; t++) /* never analysed */
        profile->tables[t].analyzed = false;
    assert_int_equal(audit_queries_make(&arena, profile, 1, 80, NULL, &queries), 0);
    profile = chain();
    profile->table_count = 1; /* no joins; kinds that there are take their place as far as they go */
    profile->tables[0].column_count = 2;
    count = audit_queries_make(&arena, profile, 1, 20, NULL, &queries);
    assert_true(count >= 10);
    for (size_t i = 0; i < count; i++)
        assert_true(queries[i].kind != AUDIT_JOIN);
}

/* A number column of 40 % nulls, one common value in the middle, the others a step apart. */
static struct profile *numbers(double low, double step, double common)
{
    struct profile *p = arena_alloc(&arena, sizeof *p);
    struct profile_table *table = arena_alloc(&arena, sizeof *table);
    struct profile_column *c = arena_alloc(&arena, sizeof *c);
    *c = column("amount", "int4", 0.4, 1);
    c->mcv[0] = (struct profile_atom){common, arena_printf(&arena, "%.1f", low + 50.5 * step)};
    for (size_t i = 0; i < BOUNDS; i++)
        c->bounds[i] = arena_printf(&arena, "%.0f", low + step * (double)i);
    *table = (struct profile_table){.schema = "public",
                                    .name = "t",
                                    .kind = "",
                                    .rows = 9000,
                                    .analyzed = true,
                                    .columns = c,
                                    .column_count = 1};
    *p = (struct profile){.table_count = 1, .tables = table};
    return p;
}

static struct audit_drawn draw(struct profile *p, struct audit_predicate *predicate, bool settle)
{
    struct audit_side side = {.arena = &arena, .profile = p, .server = p};
    struct audit_drawn drawn;
    if (!audit_draw(&side, &p->tables[0], &p->tables[0].columns[0], predicate, settle, &drawn))
        fail_msg("nothing was drawn");
    return drawn;
}

/* Each side's literals are its own, at the same place among its rows. */
static void test_each_side_draws_its_own(void **state)
{
    (void)state;
    struct profile *source = numbers(0, 10, 0.3), *copy = numbers(5000, 3, 0.3);
    struct audit_predicate between = {.column = &source->tables[0].columns[0],
                                      .operator= AUDIT_BETWEEN,
                                      .places = {0.1003, 0.2},
                                      .place_count = 2};
    struct audit_drawn there = draw(source, &between, true), here = draw(copy, &between, false);
    assert_string_equal(there.literals[0],
                        "200"); /* half of the present rows are common: 20 of 100 buckets lie below */
    assert_string_equal(there.literals[1], "400");
    assert_string_equal(here.literals[0], "5060");
    assert_string_equal(here.literals[1], "5120");
    assert_true(fabs(between.places[0] - 0.1) < 1e-9 && fabs(there.share - 0.06) < 1e-9);
    /* The common one is hit by any place that it covers, and asked in its middle. */
    struct audit_predicate equal = {
        .column = between.column, .operator= AUDIT_EQUAL, .places = {0.02}, .place_count = 1};
    there = draw(source, &equal, true);
    assert_string_equal(there.literals[0], "505.0");
    assert_true(fabs(equal.places[0] - 0.25) < 1e-9 && fabs(there.share - 0.3) < 1e-9);
    assert_string_equal(draw(copy, &equal, false).literals[0], "5151.5");
    /* How many rows another has nobody knows who has only a profile, unless each is its own. */
    equal.places[0] = 0.75;
    assert_true(isnan(draw(source, &equal, true).share));
    source->tables[0].columns[0].distinct_by = "unique";
    there = draw(source, &equal, true);
    assert_string_equal(there.literals[0], "500");
    assert_true(fabs(there.share - 1.0 / 9000) < 1e-12);
    /* Where nothing lies between its ends a range is not asked. */
    struct audit_side side = {.arena = &arena, .profile = source, .server = source};
    struct audit_predicate empty = {
        .column = between.column, .operator= AUDIT_BETWEEN, .places = {0.3, 0.3001}, .place_count = 2};
    assert_false(audit_draw(&side, &source->tables[0], between.column, &empty, true, &there));
}

static struct audit_seen seen(const char *text)
{
    const struct json *root;
    struct err err = {0};
    if (!json_parse(&arena, "plan", text, strlen(text), JSON_STRICT, &root, &err))
        fail_msg("%s", err.message);
    return audit_plan_read(&arena, root);
}

static const char *const pg =
    "[{\"Plan\": {\"Node Type\": \"Hash Join\", \"Join Type\": \"Inner\", \"Startup Cost\": 3.5, \"Actual "
    "Rows\": 120,"
    " \"Actual Loops\": 1, \"Hash Cond\": \"(o.id = 'secret')\", \"Shared Hit Blocks\": 40, \"Shared Read "
    "Blocks\": 2,"
    " \"Plans\": [{\"Node Type\": \"Seq Scan\", \"Parent Relationship\": \"Outer\", \"Relation Name\": "
    "\"orders\","
    " \"Alias\": \"q0\", \"Filter\": \"(state = 'secret')\"}, {\"Node Type\": \"Hash\", \"Plans\": [{\"Node "
    "Type\":"
    " \"Index Scan\", \"Relation Name\": \"customer\", \"Index Name\": \"customer_pkey\"}]}]},"
    " \"Planning\": {\"Shared Hit Blocks\": 7}, \"Triggers\": [], \"Execution Time\": 1.5}]";

static void test_plans_by_what_they_do(void **state)
{
    (void)state;
    struct audit_seen is = seen(pg);
    assert_string_equal(is.plan, "Hash Join Inner(Seq Scan orders, Hash(Index Scan customer customer_pkey))");
    assert_true(is.rows == 120 && is.touched == 42);
    /* Costs, estimates and conditions differ, the plan does not; another index, or the other side hashed, is another. */
    struct audit_seen dearer = seen("[{\"Plan\": {\"Node Type\": \"Seq Scan\", \"Relation Name\": \"t\", "
                                    "\"Total Cost\": 9, \"Plan Rows\": 7}}]");
    struct audit_seen cheaper = seen("[{\"Plan\": {\"Node Type\": \"Seq Scan\", \"Relation Name\": \"t\", "
                                     "\"Total Cost\": 1, \"Filter\": \"x\"}}]");
    assert_string_equal(dearer.plan, cheaper.plan);
    assert_true(isnan(dearer.rows) && isnan(dearer.touched));
    assert_string_not_equal(
        seen("[{\"Plan\": {\"Node Type\": \"Index Scan\", \"Relation Name\": \"t\", \"Index Name\": \"a\"}}]")
            .plan,
        seen("[{\"Plan\": {\"Node Type\": \"Index Scan\", \"Relation Name\": \"t\", \"Index Name\": \"b\"}}]")
            .plan);
}

static void test_parts_are_read_in_any_order(void **state)
{
    (void)state;
#define PART(NAME) "{\"Node Type\": \"Seq Scan\", \"Relation Name\": \"" NAME "\"}"
#define WHOLE(TYPE, ONE, OTHER)                                                                              \
    "[{\"Plan\": {\"Node Type\": \"" TYPE "\", \"Plans\": [" PART(ONE) ", " PART(OTHER) "]}}]"
    assert_string_equal(seen(WHOLE("Append", "a", "b")).plan, seen(WHOLE("Append", "b", "a")).plan);
    assert_string_not_equal(seen(WHOLE("Nested Loop", "a", "b")).plan,
                            seen(WHOLE("Nested Loop", "b", "a")).plan);
}

static void test_plans_of_the_other_engine(void **state)
{
    (void)state;
    struct audit_seen is = seen(
        "{\"query_block\": {\"select_id\": 1, \"cost_info\": {\"query_cost\": \"3.5\"}, \"nested_loop\": ["
        "{\"table\": {\"table_name\": \"q0\", \"access_type\": \"ref\", \"possible_keys\": [\"a\", \"b\"], "
        "\"key\": \"a\","
        " \"attached_condition\": \"secret\"}}, {\"table\": {\"table_name\": \"q1\", \"access_type\": "
        "\"eq_ref\", \"key\":"
        " \"PRIMARY\"}}]}}");
    assert_string_equal(is.plan, "nested_loop(q0 ref a, q1 eq_ref PRIMARY)");
    assert_true(isnan(is.rows) && isnan(is.touched));
}

static void test_figures(void **state)
{
    (void)state;
    struct audit_asked asked[10];
    for (int i = 0; i < 10; i++)
        asked[i] = (struct audit_asked){.kind = i < 8 ? AUDIT_SINGLE : AUDIT_JOIN,
                                        .schema = "public",
                                        .table = i < 5 ? "a" : "b",
                                        .rows_q = i == 9 ? (double)NAN : 1 + 0.1 * i,
                                        .touched_q = NAN,
                                        .same_plan = i == 0 ? -1 : i != 3};
    struct audit_figures is = audit_figures(&arena, asked, 10, -1, NULL);
    assert_true(is.count == 10 && is.rows_count == 9 && is.touched_count == 0 && is.plan_count == 9);
    assert_true(fabs(is.rows_median - 1.4) < 1e-9 && fabs(is.rows_p90 - 1.8) < 1e-9 && isnan(is.touched_p90));
    assert_true(fabs(is.same_plan_ratio - 8.0 / 9) < 1e-9);
    const struct audit_table a = {.schema = "public", .name = "a"};
    assert_int_equal(audit_figures(&arena, asked, 10, -1, &a).count, 5);
    assert_int_equal(audit_figures(&arena, asked, 10, AUDIT_JOIN, NULL).count, 2);
    assert_true(audit_query_error(0, 3) == 3 && audit_query_error(10, 5) == 2 &&
                audit_query_error(0, 0) == 1);
    assert_true(isnan(audit_query_error(NAN, 5)));
    struct audit_queries queries = {.beside_source = true, .all = is};
    assert_false(audit_queries_pass(&queries));
    queries.all.rows_median = 1.04;
    queries.all.rows_p90 = 1.69;
    queries.all.same_plan_ratio = 0.96;
    assert_true(audit_queries_pass(&queries));
    queries.all.same_plan_ratio = (double)NAN; /* plans of another engine */
    assert_true(audit_queries_pass(&queries));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_seed_asks_the_same),
        cmocka_unit_test(test_every_kind_and_table_has_its_turn),
        cmocka_unit_test(test_what_cannot_be_asked),
        cmocka_unit_test(test_each_side_draws_its_own),
        cmocka_unit_test(test_plans_by_what_they_do),
        cmocka_unit_test(test_parts_are_read_in_any_order),
        cmocka_unit_test(test_plans_of_the_other_engine),
        cmocka_unit_test(test_figures),
    };
    return cmocka_run_group_tests(tests, NULL, end);
}
