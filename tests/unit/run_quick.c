/* Plans made by the command line, and flags laid over a plan that was read. */
#include "bench/base/clock.h"
#include "bench/run/quick.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static const struct quick nothing_said = {.rate_per_s = -1, .watch_ns = -1, .sessions = -1};

static void one_file_is_a_plan(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct quick quick = nothing_said;
    quick.dsn = "service=staging";
    const struct plan *plan = quick_plan(&arena, "db/0042_add_tier.sql", &quick);
    assert_string_equal(plan->name, "0042_add_tier");
    assert_string_equal(plan->dsn, "service=staging");
    assert_false(plan->production);
    assert_int_equal(plan->strategy_count, 1);
    assert_string_equal(plan->strategies[0].migration, "db/0042_add_tier.sql");
    assert_true(plan->strategies[0].candidate);
    assert_int_equal(plan->strategies[0].overrides.lock_timeout_ms, -1); /* the file decides */
    assert_float_equal(plan->rate_per_s, -1, 0);                         /* a probe finds it */
    assert_true(plan->sessions > 0 && plan->baseline_ns > 0 && plan->settle_ns > 0);
    assert_int_equal(plan->app_count, 0); /* the load comes from the tables' keys */
    assert_string_equal(quick_plan(&arena, "-", &quick)->name, "stdin");
    assert_string_equal(quick_plan(&arena, ".sql", &quick)->name, ".sql");
    arena_free(&arena);
}

static struct plan read_plan(void)
{
    static struct plan_app app = {.name = "shop"};
    return (struct plan){.dsn = "service=plan",
                         .seed = 7,
                         .rate_per_s = 500,
                         .sessions = 32,
                         .warmup_ns = 3 * NS_PER_S,
                         .baseline_ns = 10 * NS_PER_S,
                         .settle_ns = 5 * NS_PER_S,
                         .apps = &app,
                         .app_count = 1};
}

static void what_is_not_said_stays_as_planned(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct plan plan = read_plan();
    quick_override(&arena, &plan, &nothing_said);
    assert_string_equal(plan.dsn, "service=plan");
    assert_int_equal(plan.seed, 7);
    assert_float_equal(plan.rate_per_s, 500, 0);
    assert_int_equal(plan.sessions, 32);
    assert_int_equal(plan.baseline_ns, 10 * NS_PER_S);
    assert_int_equal(plan.settle_ns, 5 * NS_PER_S);
    assert_false(plan.simple_protocol);
    assert_string_equal(plan.apps[0].name, "shop");
    arena_free(&arena);
}

static void flags_win(void **state)
{
    (void)state;
    struct arena arena = {0};
    const char *const scripts[] = {"a.sql@3", "b.sql"}, *const builtins[] = {"select-only@2"};
    struct plan plan = read_plan();
    struct quick quick = {.dsn = "service=flag",
                          .scripts = scripts,
                          .script_count = 2,
                          .builtins = builtins,
                          .builtin_count = 1,
                          .sessions = 4,
                          .rate_per_s = 0, /* closed loop is something said */
                          .watch_ns = 0,   /* so is no watching */
                          .simple_protocol = true,
                          .has_seed = true,
                          .seed = 0};
    quick_override(&arena, &plan, &quick);
    assert_string_equal(plan.dsn, "service=flag");
    assert_int_equal(plan.seed, 0);
    assert_float_equal(plan.rate_per_s, 0, 0);
    assert_int_equal(plan.sessions, 4);
    assert_int_equal(plan.baseline_ns, 0);
    assert_int_equal(plan.settle_ns, 0);
    assert_int_equal(plan.warmup_ns, 3 * NS_PER_S); /* -T is not about it */
    assert_true(plan.simple_protocol);
    assert_int_equal(plan.app_count, 1);
    assert_int_equal(plan.apps[0].entry_count, 3);
    assert_string_equal(plan.apps[0].entries[0], "a.sql@3");
    assert_string_equal(plan.apps[0].entries[2], QUICK_BUILTIN "select-only@2");
    arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_file_is_a_plan),
        cmocka_unit_test(what_is_not_said_stays_as_planned),
        cmocka_unit_test(flags_win),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
