#include "workloads/workload.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

struct fixture {
    struct arena arena;
    struct workload workload;
    char directory[32];
};

static void write_file(const struct fixture *fixture, const char *name, const char *text)
{
    char path[128];
    snprintf(path, sizeof path, "%s/%s", fixture->directory, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    assert_int_equal(fclose(file), 0);
}

static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);
    strcpy(fixture->directory, "/tmp/rh-apps.XXXXXX");
    assert_non_null(mkdtemp(fixture->directory));
    write_file(fixture, "read.sql", "SELECT total FROM orders WHERE id = 1;\nSELECT 2;\n");
    write_file(fixture, "place.sql", "INSERT INTO orders (tier_code) VALUES ('S');\n");
    workload_init(&fixture->workload, &fixture->arena, SQL_POSTGRES);
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    char path[128];
    for (int i = 0; i < 2; i++) {
        snprintf(path, sizeof path, "%s/%s", fixture->directory, i == 0 ? "read.sql" : "place.sql");
        unlink(path);
    }
    rmdir(fixture->directory);
    arena_free(&fixture->arena);
    free(fixture);
    return 0;
}

static void add_apps(struct fixture *fixture)
{
    static const char *const v1[] = {"read.sql@3", "place.sql"}, *const v2[] = {"read.sql"};
    struct err err = {0};
    assert_true(workload_add_app(&fixture->workload, "v1", fixture->directory, v1, 2, &err));
    assert_true(workload_add_app(&fixture->workload, "v2", fixture->directory, v2, 1, &err));
}

static void a_file_of_two_apps_is_one_script(void **state)
{
    struct fixture *fixture = *state;
    const struct workload *workload = &fixture->workload;
    add_apps(fixture);
    assert_int_equal(workload->script_count, 2);
    assert_int_equal(workload->apps[1].entries[0].script, 0);
    assert_int_equal(workload_app(workload, "v2"), 1);
    assert_int_equal(workload_app(workload, "v9"), -1);
    assert_int_equal(workload_slots(workload), 5);
    assert_true(workload_slot_is_script(workload, 1));
    assert_false(workload_slot_is_script(workload, 2));
    assert_string_equal(workload_slot_name(workload, 1), "place");
    assert_int_equal(workload_slot_of_statement(workload, 1, 0), 4);
    assert_non_null(strstr(workload_slot_name(workload, 4), "INSERT"));
}

/* Fixed seed; for any seed each share is off by more than 5 standard deviations with probability below 10^-6. */
static void arrivals_follow_shares_and_weights(void **state)
{
    struct fixture *fixture = *state;
    enum { DRAWS = 100000 };
    add_apps(fixture);
    const struct app_mix mix = {.parts = {{0, 0.4}, {1, 0.6}}, .count = 2};
    struct rng rng = rng_start(17);
    int places = 0;
    for (int i = 0; i < DRAWS; i++)
        places += workload_pick(&fixture->workload, &mix, &rng) == 1;
    const double chance = 0.4 * 0.25;
    assert_true(fabs(places - DRAWS * chance) < 5 * sqrt(DRAWS * chance * (1 - chance)));
}

static void columns_that_an_app_names_are_found(void **state)
{
    struct fixture *fixture = *state;
    const char *where = NULL;
    add_apps(fixture);
    assert_true(workload_app_names(&fixture->workload, 0, "orders", "tier_code", &where));
    assert_non_null(strstr(where, "place.sql:1"));
    assert_false(workload_app_names(&fixture->workload, 1, "orders", "tier_code", &where));
    assert_false(workload_app_names(&fixture->workload, 0, "customers", "tier_code", &where));
    assert_true(workload_script_touches(&fixture->workload, 0, "orders"));
    assert_false(workload_script_touches(&fixture->workload, 0, "order"));
}

static void built_ins_are_pgbenchs(void **state)
{
    struct fixture *fixture = *state;
    struct err err = {0};
    int script, again;
    assert_true(workload_add_builtin(&fixture->workload, "tpcb-like", &script, &err));
    assert_int_equal(fixture->workload.scripts[script]->statement_count, 7);
    assert_int_equal(fixture->workload.scripts[script]->command_count, 11);
    assert_true(workload_add_builtin(&fixture->workload, "tpcb-like", &again, &err));
    assert_int_equal(again, script);
    assert_true(workload_add_builtin(&fixture->workload, "simple-update", &script, &err));
    assert_true(workload_add_builtin(&fixture->workload, "select-only", &script, &err));
    assert_false(fixture->workload.scripts[script]->writes);
    assert_false(workload_add_builtin(&fixture->workload, "select-onyl", &script, &err));
    assert_string_equal(err.hint, "Did you mean select-only?");
}

static void bad_entries_are_refused(void **state)
{
    struct fixture *fixture = *state;
    static const char *const bad[] = {"read.sql@", "read.sql@x", "read.sql@-1", "read.sql@0", "none.sql"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct err err = {0};
        assert_false(workload_add_app(&fixture->workload, "v1", fixture->directory, &bad[i], 1, &err));
        assert_int_equal(err.kind, ERR_USAGE);
    }
    assert_int_equal(fixture->workload.app_count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_file_of_two_apps_is_one_script, set_up, tear_down),
        cmocka_unit_test_setup_teardown(arrivals_follow_shares_and_weights, set_up, tear_down),
        cmocka_unit_test_setup_teardown(columns_that_an_app_names_are_found, set_up, tear_down),
        cmocka_unit_test_setup_teardown(built_ins_are_pgbenchs, set_up, tear_down),
        cmocka_unit_test_setup_teardown(bad_entries_are_refused, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
