#include "bench/run/plan.h"
#include "tests/mutate.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const char sample[] =
    "{ // one rehearsal\n"
    "  \"target\": {\"dsn\": \"sandbox:postgresql\", \"role\": \"staging\"}, \"seed\": 7,\n"
    "  \"data\": {\"schema\": \"schema.sql\", \"tables\": {\"b\": {\"rows\": \"24M\"}, \"a\": {\"rows\": "
    "12}}, "
    "\"reset\": \"none\"},\n"
    "  \"load\": {\"rate\": \"90/min\", \"sessions\": 32, \"warmup\": \"3s\", \"baseline\": 0, \"protocol\": "
    "\"simple\",\n"
    "    \"apps\": {\"v2\": [\"r.sql@40\", \"w.sql\"], \"v1\": [\"r.sql\"]},\n"
    "    \"antagonists\": [{\"script\": \"l.sql\", \"every\": \"5min\", \"hold\": \"10s\"}]},\n"
    "  \"strategies\": {\"naive\": {\"migration\": \"n.sql\"},\n"
    "    \"phased\": {\"migration\": \"p.sql\", \"candidate\": true, \"set\": {\"lock_timeout\": \"2s\", "
    "\"retries\": "
    "3}}},\n"
    "  \"thresholds\": {\"app.failed\": \"== 0\", \"app.latency.p99\": [\"< 25ms\", \"< +100% of "
    "baseline\"],},\n"
    "}\n";

static struct plan *read_good(struct arena *arena, const char *file, const char *text)
{
    struct plan *plan = NULL;
    struct err err = {0};
    if (!plan_read(arena, file, text, strlen(text), &plan, &err))
        fail_msg("%d:%d: %s", err.line, err.column, err.message);
    return plan;
}

static void test_whole_plan(void **state)
{
    struct arena arena = {0};
    (void)state;
    const struct plan *p = read_good(&arena, "dir/orders.json", sample);
    assert_string_equal(p->name, "orders");
    assert_string_equal(p->directory, "dir");
    assert_int_equal(strlen(p->sha256), 64);
    assert_string_equal(p->dsn, "sandbox:postgresql");
    assert_false(p->production);
    assert_int_equal(p->seed, 7);
    assert_int_equal(p->table_count, 2);
    assert_string_equal(p->tables[0].name, "b");
    assert_int_equal(p->tables[0].rows, 24000000);
    assert_int_equal(p->tables[1].rows, 12);
    assert_int_equal(p->reset, PLAN_RESET_NONE);
    assert_float_equal(p->rate_per_s, 1.5, 0);
    assert_int_equal(p->sessions, 32);
    assert_true(p->simple_protocol);
    assert_int_equal(p->baseline_ns, 0);
    assert_int_equal(p->warmup_ns, INT64_C(3000000000));
    assert_string_equal(p->apps[0].name, "v2");
    assert_int_equal(p->apps[0].entry_count, 2);
    assert_int_equal(p->apps[0].place.line, 5);
    assert_int_equal(p->antagonists[0].every_ns, INT64_C(300000000000));
    assert_int_equal(p->antagonists[0].start_ns, 0);
    assert_string_equal(p->strategies[1].migration, "p.sql");
    assert_true(p->strategies[1].candidate);
    assert_int_equal(p->strategies[1].overrides.lock_timeout_ms, 2000);
    assert_int_equal(p->strategies[1].overrides.retries, 3);
    assert_int_equal(p->strategies[0].overrides.lock_timeout_ms, -1);
    assert_int_equal(p->thresholds.count, 3);
    arena_free(&arena);
}

static void test_profile(void **state)
{
    struct arena arena = {0};
    (void)state;
    const struct plan *p = read_good(
        &arena, "p.json",
        "{\"data\": {\"profile\": \"p/prod.json\", \"scale\": 0.1, \"tables\": {\"t\": {\"columns\": {"
        "\"a\": {\"constant\": 7}, \"b\": {\"values\": [\"x\", 1.5, true]}, \"c\": {\"null\": true},"
        "\"d\": {\"expression\": \"point(n, n)\"}}}, \"u\": {\"rows\": \"2k\"}}}}");
    assert_string_equal(p->profile, "p/prod.json");
    assert_float_equal(p->scale, 0.1, 0);
    assert_int_equal(p->tables[0].rows, -1);
    assert_int_equal(p->tables[1].rows, 2000);
    assert_int_equal(p->column_count, 4);
    const struct fill_column_spec *columns = p->columns;
    assert_string_equal(columns[3].table, "t");
    assert_true(columns[0].kind == FILL_COLUMN_VALUES && columns[0].value_count == 1);
    assert_string_equal(columns[0].values[0], "7");
    assert_int_equal(columns[1].value_count, 3);
    assert_string_equal(columns[1].values[1], "1.5");
    assert_string_equal(columns[1].values[2], "true");
    assert_int_equal(columns[2].kind, FILL_COLUMN_NULL);
    assert_int_equal(columns[3].kind, FILL_COLUMN_EXPRESSION);
    assert_string_equal(columns[3].expression, "point(n, n)");
    arena_free(&arena);
}

static void test_rules(void **state)
{
    struct arena arena = {0};
    (void)state;
    const struct plan *p = read_good(
        &arena, "p.json",
        "{\"data\": {\"profile\": \"p\", \"tables\": {\"t\": {\"columns\": {\n"
        "\"a\": {\"from\": \"b.c\", \"share\": \"93%\"},\n"
        "\"d\": {\"after\": \"a\", \"by\": {\"min\": \"1h\", \"median\": \"31h\", \"max\": \"5d\"},"
        " \"nulls\": 0.25, \"null_when\": {\"e\": [\"new\", 1]}},\n"
        "\"f\": {\"follows\": \"d\"}, \"g\": {\"after\": \"f\", \"by\": 2.5}}}}}}");
    const struct fill_column_spec *columns = p->columns;
    assert_int_equal(p->column_count, 4);
    assert_int_equal(columns[0].kind, FILL_COLUMN_FROM);
    assert_string_equal(columns[0].other, "b.c");
    assert_float_equal(columns[0].share, 0.93, 1e-12);
    assert_int_equal(columns[0].line, 2);
    assert_int_equal(columns[0].place, 6);
    assert_int_equal(columns[1].kind, FILL_COLUMN_AFTER);
    assert_true(columns[1].moments && columns[1].low == 3600e6 && columns[1].median == 31 * 3600e6 &&
                columns[1].high == 120 * 3600e6 && columns[1].nulls == 0.25);
    assert_string_equal(columns[1].when, "e");
    assert_int_equal(columns[1].value_count, 2);
    assert_string_equal(columns[1].values[1], "1");
    assert_true(columns[2].kind == FILL_COLUMN_FOLLOWS && columns[2].share == 1);
    assert_true(!columns[3].moments && columns[3].low == 2.5 && columns[3].high == 2.5 &&
                isnan(columns[3].median) && isnan(columns[3].nulls));
    arena_free(&arena);
}

static void test_defaults(void **state)
{
    struct arena arena = {0};
    (void)state;
    const struct plan *p = read_good(&arena, "shop/rehearse.json", "{}");
    assert_string_equal(p->name, "shop");
    assert_int_equal(p->seed, 1);
    assert_int_equal(p->sessions, 16);
    assert_float_equal(p->rate_per_s, -1, 0);
    assert_int_equal(p->baseline_ns, INT64_C(10000000000));
    assert_int_equal(p->settle_ns, INT64_C(10000000000));
    assert_int_equal(p->warmup_ns, 0);
    assert_int_equal(p->reset, PLAN_RESET_DEFAULT);
    arena_free(&arena);
}

#define COLUMN_C(text)                                                                                       \
    "{\"data\": {\"profile\": \"p\", \"tables\": {\"t\": {\"columns\": {\n\"c\": {" text "}}}}}}"
static void test_refused(void **state)
{
    static const struct {
        const char *text;
        int line, column;
        const char *message, *hint;
    } cases[] = {
        {"{\"strategys\": {}}", 1, 2, "unknown key", "\"strategies\""},
        {"{\n \"load\": {\"ratee\": 1}}", 2, 11, "unknown key", "\"rate\""},
        {"{\"load\": {\"warmup\": \"5m\"}}", 1, 21, "ambiguous", ""},
        {"{\"load\": {\"warmup\": 5}}", 1, 21, "duration in quotes", ""},
        {"{\"load\": {\"rate\": 500}}", 1, 19, "rate in quotes", ""},
        {"{\"load\": {\"rate\": \"500\"}}", 1, 19, "/s", ""},
        {"{\"load\": {\"rate\": \"500/s\"}}", 1, 19, "no apps", "apps"},
        {"{\"load\": {\"sessions\": 0}}", 1, 23, "from 1 to", ""},
        {"{\"load\": {\"apps\": {\"v1\": []}}}", 1, 26, "no scripts", ""},
        {"{\"load\": {\"arrival\": \"poisson\"}}", 1, 22, "not built yet", "constant"},
        {"{\"load\": {\"pool\": {}}}", 1, 11, "pool is not built yet", "Take"},
        {"{\"load\": {\"antagonists\": [{\"hold\": \"1s\"}]}}", 1, 27, "needs a script", ""},
        {"{\"target\": {\"replicas\": \"d\"}}", 1, 25, "replicas: a list", ""},
        {"{\"target\": {\"replicas\": [\"d\", 1]}}", 1, 31, "a replica's DSN", ""},
        {"{\"target\": {\"replicas\": [\"\"]}}", 1, 26, "empty", ""},
        {"{\"target\": {\"role\": \"prod\"}}", 1, 21, "role", ""},
        {"{\"data\": {\"profile\": \"\"}}", 1, 22, "empty", ""},
        {"{\"data\": {\"scale\": 2}}", 1, 20, "data.profile is missing", ""},
        {"{\"data\": {\"profile\": \"p\", \"scale\": 0}}", 1, 36, "above 0", ""},
        {"{\"data\": {\"profile\": \"p\", \"tables\": {\"t\": {\"columns\": {\"c\": {}}}}}}", 1, 61,
         "one of expression, constant, values, null", ""},
        {"{\"data\": {\"profile\": \"p\", \"tables\": {\"t\": {\"columns\": {\"c\": {\"values\": []}}}}}}", 1,
         72, "at least one", ""},
        {"{\"data\": {\"profile\": \"p\", \"tables\": {\"t\": {\"columns\": {\"c\": {\"constnat\": 1}}}}}}",
         1, 62, "unknown key", "\"constant\""},
        {"{\"data\": {\"profile\": \"p\", \"tables\": {\"t\": {\"columns\": {\"c\": {\"constant\": [1]}}}}}}",
         1, 74, "a value is expected", ""},
        {COLUMN_C("\"from\": \"a\", \"null\": true"), 2, 6, "one of expression", ""},
        {COLUMN_C("\"from\": \"a\", \"by\": 1"), 2, 20, "unknown key", ""},
        {COLUMN_C("\"from\": 7"), 2, 15, "a string", ""},
        {COLUMN_C("\"from\": \"a\", \"share\": 93"), 2, 29, "a share of the rows", ""},
        {COLUMN_C("\"after\": \"a\""), 2, 6, "\"by\" is missing", ""},
        {COLUMN_C("\"after\": \"a\", \"by\": \"1 hour\""), 2, 27, "bad duration", ""},
        {COLUMN_C("\"after\": \"a\", \"by\": {\"min\": 1}"), 2, 27, "min and max", ""},
        {COLUMN_C("\"after\": \"a\", \"by\": {\"min\": 1, \"max\": \"2h\"}"), 2, 45, "either all", ""},
        {COLUMN_C("\"after\": \"a\", \"by\": {\"min\": 2, \"max\": 1}"), 2, 45, "below min", ""},
        {COLUMN_C("\"after\": \"a\", \"by\": {\"min\": 1, \"max\": 2, \"median\": 2}"), 2, 58, "not between",
         ""},
        {COLUMN_C("\"after\": \"a\", \"by\": {\"mni\": 1, \"max\": 2}"), 2, 28, "unknown key", "\"min\""},
        {COLUMN_C("\"after\": \"a\", \"by\": 1, \"null_when\": {\"b\": 1}"), 2, 43, "null_when", ""},
        {"{\"data\": {\"reset\": \"refill\"}}", 1, 20, "not built yet", "copy"},
        {"{\"data\": {\"reset\": \"nnoe\"}}", 1, 20, "unknown reset", "\"none\""},
        {"{\"data\": {\"tables\": {\"t\": {\"rows\": \"24m\"}}}}", 1, 36, "unit", ""},
        {"{\"data\": {\"tables\": {\"t\": {\"rows\": -1}}}}", 1, 36, "whole number", ""},
        {"{\"data\": {\"tables\": {\"t\": {}}}}", 1, 27, "needs rows", ""},
        {"{\"report\": {}}", 1, 2, "report is not built yet", ""},
        {"{\"strategies\": {\"a\": {\"exec\": []}}}", 1, 31, "exec: the program is missing", ""},
        {"{\"strategies\": {\"a\": {\"exec\": [\"\"]}}}", 1, 32, "exec: the program has no name", ""},
        {"{\"strategies\": {\"a\": {\"exec\": [1]}}}", 1, 32, "a word of the command", ""},
        {"{\"strategies\": {\"a\": {\"migration\": \"a.sql\", \"exec\": [\"b\"]}}}", 1, 22,
         "both a migration and exec", ""},
        {"{\"strategies\": {\"a\": {}}}", 1, 22, "needs a migration", ""},
        {"{\"strategies\": {\"a\": {\"migration\": \"m\", \"set\": {\"retrys\": 1}}}}", 1, 49, "unknown key",
         "\"retries\""},
        {"{\"strategies\": {\"a\": {\"migration\": \"m\", \"candidate\": true},\n\"b\": {\"migration\": "
         "\"m\", "
         "\"candidate\": true}}}",
         2, 6, "only one", ""},
        {"{\"strategies\": {}}", 1, 16, "no strategy", ""},
        {"{\"seed\": 1.5}", 1, 10, "whole number", ""},
        {"{\"seed\": 99999999999999999999}", 1, 10, "does not fit", ""},
        {"{\"thresholds\": {\"app.stall_maxx\": \"< 1s\"}}", 1, 35, "app.stall_maxx", "app.stall_max"},
        {"{\"thresholds\": {\"app.failed\": 3}}", 1, 31, "limit", ""},
        {"[]", 1, 1, "a plan", ""},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct arena arena = {0};
        struct err err = {0};
        struct plan *plan = NULL;
        if (plan_read(&arena, "p.json", cases[i].text, strlen(cases[i].text), &plan, &err))
            fail_msg("case %zu is accepted: %s", i, cases[i].text);
        if (strstr(err.message, cases[i].message) == NULL || err.line != cases[i].line ||
            err.column != cases[i].column || strstr(err.hint, cases[i].hint) == NULL)
            fail_msg("case %zu: %d:%d: %s (%s)", i, err.line, err.column, err.message, err.hint);
        arena_free(&arena);
    }
}

static void read_any(const char *text, size_t length)
{
    struct arena arena = {0};
    struct err err = {0};
    struct plan *plan = NULL;
    if (!plan_read(&arena, "p.json", text, length, &plan, &err)) {
        assert_int_equal(err.kind, ERR_USAGE);
        assert_true(err.line > 0 && err.column > 0);
    }
    arena_free(&arena);
}

static void test_mutations(void **state)
{
    (void)state;
    mutate("{\"load\":{\"rate\":\"1/"
           "s\",\"apps\":{\"v\":[\"r@1\"]}},\"strategies\":{\"n\":{\"migration\":\"n\"}}}",
           read_any);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_whole_plan), cmocka_unit_test(test_profile), cmocka_unit_test(test_rules),
        cmocka_unit_test(test_defaults),   cmocka_unit_test(test_refused), cmocka_unit_test(test_mutations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
