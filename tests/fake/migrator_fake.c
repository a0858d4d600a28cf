/* The migrator against the scripted engine: what no real server does on demand. */
#include "bench/db/db.h"
#include "bench/migrate/migrator.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

struct world {
    struct arena arena;
    struct db_target target;
    struct server_clock clock;
    int64_t lag_ns; /* falls by one second every time it is asked for */
};

static int64_t falling_lag(void *context)
{
    struct world *world = context;
    world->lag_ns -= NS_PER_S;
    return world->lag_ns;
}

static void open_world(struct world *world, const char *script)
{
    char path[] = "/tmp/rh-fake.XXXXXX", dsn[64];
    struct err err = {0};
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, script, strlen(script)), (ssize_t)strlen(script));
    close(fd);
    snprintf(dsn, sizeof dsn, "fake:%s", path);
    bool ok = db_target_parse(&world->arena, dsn, &world->target, &err);
    unlink(path);
    if (!ok)
        fail_msg("%s", err.message);
}

static struct migrator *start(struct world *world, const struct strategy *strategy)
{
    struct err err = {0};
    struct migrator_config config = {.target = &world->target,
                                     .run_id = "test",
                                     .clock = &world->clock,
                                     .hooks = {.context = world, .lag_ns = falling_lag}};
    struct migrator *migrator = migrator_open(&config, strategy, &err);
    if (migrator == NULL)
        fail_msg("%s", err.message);
    return migrator;
}

static const struct strategy_settings unset = {-1, -1, -1, -1, -1};

/* Right: an answer lost during COMMIT fails the migration, says that the outcome is not known, and is not tried again; the
 * phase may be there, so nothing has gone back. */
static void lost_commit_is_not_tried_again(void **state)
{
    (void)state;
    struct world world = {.lag_ns = 0};
    struct err err = {0};
    open_world(&world, "on \"COMMIT\" fails unknown\n");
    struct step step = {.kind = STEP_SQL,
                        .file = "t.sql",
                        .line = 3,
                        .sql = "ALTER TABLE t ADD COLUMN c int",
                        .sql_kind = SQL_KIND_ALTER_TABLE_ADD_COLUMN,
                        .settings = {0, 0, 5, 0, 0}};
    struct phase phase = {.name = "p", .settings = unset, .steps = &step, .step_count = 1};
    struct strategy strategy = {.phases = &phase, .phase_count = 1};
    struct migrator *migrator = start(&world, &strategy);
    assert_int_equal(migrator_forward(migrator, 0, &err), MIGRATOR_FAILED);
    assert_int_equal(migrator_log(migrator)->attempt_count, 1);
    assert_int_equal(migrator_log(migrator)->statements[0].outcome, OUTCOME_UNKNOWN);
    assert_non_null(strstr(err.message, "not known"));
    assert_int_equal(err.line, 3);
    assert_false(migrator_went_back(migrator));
    migrator_close(migrator);
    arena_free(&world.arena);
}

/* Right: the wait ends once the lag is below its limit, an unknown lag is none, and a late one fails the migration. */
static void waits_for_the_replica(void **state)
{
    (void)state;
    struct world world = {.lag_ns = 4 * NS_PER_S};
    struct err err = {0};
    open_world(&world, "latency 0\n");
    struct step step = {.kind = STEP_WAIT,
                        .wait_ns = -1,
                        .wait_lag_ns = NS_PER_S,
                        .wait_timeout_ns = 300 * NS_PER_MS,
                        .settings = unset};
    struct phase phase = {.name = "p", .settings = unset, .steps = &step, .step_count = 1};
    struct strategy strategy = {.phases = &phase, .phase_count = 1};
    struct migrator *migrator = start(&world, &strategy);
    assert_int_equal(migrator_forward(migrator, 0, &err), MIGRATOR_DONE);
    assert_int_equal(world.lag_ns, 0);
    migrator_close(migrator);
    world.lag_ns = 0; /* negative from now on: unknown */
    migrator = start(&world, &strategy);
    assert_int_equal(migrator_forward(migrator, 0, &err), MIGRATOR_FAILED);
    assert_non_null(strstr(err.message, "lag"));
    migrator_close(migrator);
    arena_free(&world.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lost_commit_is_not_tried_again),
        cmocka_unit_test(waits_for_the_replica),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
