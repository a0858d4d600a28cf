/* Words of external commands, and secrets cut: right is a password that stands nowhere; wrong is one letter of it. */
#include "bench/migrate/command.h"
#include "bench/migrate/redact.h"
#include "bench/migrate/strategy.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void test_secrets_are_cut(void **state)
{
    static const struct {
        const char *text, *cut;
    } cases[] = {
        {"h=db,p=geheim,u=app", "h=db,p=***,u=app"},
        {"p=geheim", "p=***"},
        {"password=geheim rest", "password=*** rest"},
        {"Password='ge heim' rest", "Password=*** rest"},
        {"PGPASSWORD=geheim psql", "PGPASSWORD=*** psql"},
        {"mysql -pgeheim -u app", "mysql -p*** -u app"},
        {"mysql --password geheim", "mysql --password ***"},
        {"mysql --password=geheim", "mysql --password=***"},
        {"postgresql://app:ge@heim@db/shop", "postgresql://app:***@db/shop"},
        {"postgresql://app@db/shop", "postgresql://app@db/shop"},
        {"http://x/a:b@c", "http://x/a:b@c"},
        {"step=3 top=4", "step=3 top=4"},
        {"the value s3cr3t is known", "the value *** is known"},
        {"", ""},
    };
    struct arena arena = {0};
    (void)state;
    setenv("PGPASSWORD", "s3cr3t", 1);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_string_equal(redact_text(&arena, cases[i].text), cases[i].cut);
    unsetenv("PGPASSWORD");
    arena_free(&arena);
}

static void test_placeholders(void **state)
{
    static const char *const argv[] = {"tool", "S={socket},D={database}", "{user}@{none}", "{}", NULL};
    static const char *const remote[] = {"tool", "-h{host}", NULL};
    struct db_target target = {.host = "", .port = "", .socket = "/s", .user = "app", .database = "shop"};
    struct arena arena = {0};
    struct err err = {0};
    const char *const *filled;
    (void)state;
    assert_true(command_resolve(&arena, argv, &target, &filled, &err));
    assert_string_equal(filled[1], "S=/s,D=shop");
    assert_string_equal(filled[2], "app@{none}");
    assert_string_equal(filled[3], "{}");
    assert_null(filled[4]);
    assert_false(command_resolve(&arena, remote, &target, &filled, &err));
    assert_int_equal(err.kind, ERR_ENVIRONMENT);
    assert_non_null(strstr(err.message, "{host}"));
    arena_free(&arena);
}

static void test_line(void **state)
{
    static const char *const argv[] = {"psql", "-c", "SELECT 'a'", "h=x,p=geheim", "", NULL};
    struct arena arena = {0};
    (void)state;
    assert_string_equal(command_line(&arena, argv), "psql -c 'SELECT '\\''a'\\''' h=x,p=*** ''");
    arena_free(&arena);
}

static void test_mark(void **state)
{
    static const char text[] = "-- rehearse:phase a statement_timeout=3s\n"
                               "-- rehearse:command tool \"two words\" --alter=\"ADD c \"\"x\"\"\" k=v\n"
                               "ALTER TABLE t ADD d int;\n";
    static const char inside[] = "-- rehearse:phase a tx=on\n-- rehearse:command tool\n";
    static const char empty[] = "-- rehearse:phase a\n-- rehearse:command\n";
    struct arena arena = {0};
    struct err err = {0};
    struct strategy *strategy;
    (void)state;
    assert_true(strategy_read(&arena, SQL_MYSQL, "x.sql", text, sizeof text - 1, NULL, &strategy, &err));
    assert_true(strategy_has_command(strategy));
    assert_int_equal(strategy->phases[0].step_count, 2);
    const struct step *step = &strategy->phases[0].steps[0];
    assert_int_equal(step->kind, STEP_COMMAND);
    assert_string_equal(step->argv[1], "two words");
    assert_string_equal(step->argv[2], "--alter=ADD c \"x\"");
    assert_string_equal(step->argv[3], "k=v");
    assert_null(step->argv[4]);
    assert_int_equal(step->settings.statement_timeout_ms, 3000);
    assert_false(strategy_read(&arena, SQL_MYSQL, "x.sql", inside, sizeof inside - 1, NULL, &strategy, &err));
    assert_int_equal(err.line, 2);
    assert_false(strategy_read(&arena, SQL_MYSQL, "x.sql", empty, sizeof empty - 1, NULL, &strategy, &err));
    arena_free(&arena);
}

/* Runs to its end; its output has at most `most` lines. */
static const char *const *run(struct command *command, struct arena *arena, const char *script, size_t *count)
{
    const char *const argv[] = {"sh", "-c", script, NULL};
    struct err err = {0};
    const char *file;
    assert_true(command_find(arena, "sh", &file, &err));
    assert_true(command_start(command, arena, file, argv, "rehearse/x/command", &err));
    while (!command_ended(command))
        command_read(command, clock_ns() + 10 * NS_PER_MS);
    const char *const *tail = command_tail(command, 3, count);
    command_close(command);
    return tail;
}

static void test_runs(void **state)
{
    struct arena arena = {0};
    struct command command;
    size_t count;
    (void)state;
    const char *const *tail = run(&command, &arena, "echo $PGAPPNAME; cat; echo p=x >&2; printf last",
                                  &count);
    assert_int_equal(count, 3);
    assert_string_equal(tail[0], "rehearse/x/command");
    assert_string_equal(tail[1], "p=***");
    assert_string_equal(tail[2], "last");
    assert_null(command_failure(&command));
    tail = run(&command, &arena, "i=0; while [ $i -lt 500 ]; do i=$((i+1)); echo $i; done; exit 3", &count);
    assert_int_equal(count, 3);
    assert_string_equal(tail[2], "500");
    assert_string_equal(command_failure(&command), "exited with status 3");
    run(&command, &arena, "kill -9 $$", &count);
    assert_non_null(strstr(command_failure(&command), "signal 9"));
    arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_secrets_are_cut),
        cmocka_unit_test(test_placeholders),
        cmocka_unit_test(test_line),
        cmocka_unit_test(test_mark),
        cmocka_unit_test(test_runs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
