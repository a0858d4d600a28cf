/* load_bench DSN SESSIONS SECONDS [SCALE]: prepared select-only in a closed loop; prints requests per second. */
#include "bench/load/pool.h"

#include <stdio.h>
#include <stdlib.h>

static int fail(const struct err *err)
{
    char text[2048];
    err_text(err, text, sizeof text);
    fprintf(stderr, "load_bench: %s\n", text);
    return 1;
}

static double measure(struct pool *pool, double seconds)
{
    pool_go(pool, clock_ns());
    clock_sleep_ns((int64_t)(seconds * 1e9));
    struct pool_progress progress = pool_progress(pool);
    pool_stop(pool, clock_ns() + NS_PER_S);
    return (double)progress.completed / seconds;
}

int main(int argc, char **argv)
{
    if (argc < 4)
        return 2;
    struct arena arena = {0};
    struct err err = {0};
    struct db_target target;
    struct workload workload;
    struct app_entry entry = {.weight = 1};
    struct app app = {.name = "select-only", .entries = &entry, .entry_count = 1, .weight_sum = 1};
    const struct pool_variable scale = {
        .name = "scale", .value = {.type = SCRIPT_INTEGER, .integer = argc > 4 ? atoi(argv[4]) : 1}};
    workload_init(&workload, &arena, SQL_POSTGRES);
    if (!db_target_parse(&arena, argv[1], &target, &err) ||
        !workload_add_builtin(&workload, "select-only", &entry.script, &err))
        return fail(&err);
    workload.apps = &app;
    workload.app_count = 1;
    struct pool_config config = {.target = &target,
                                 .workload = &workload,
                                 .run_id = "bench",
                                 .variables = &scale,
                                 .variable_count = 1,
                                 .mix = {.parts = {{0, 1}}, .count = 1},
                                 .seed = 1,
                                 .sessions = atoi(argv[2]),
                                 .phases = 1};
    struct pool *pool = pool_open(&config, &err);
    if (pool == NULL)
        return fail(&err);
    printf("%.0f\n", measure(pool, atof(argv[3])));
    struct pool_count count = pool_count(pool);
    pool_close(pool);
    arena_free(&arena);
    return count.failed == 0 ? 0 : 1;
}
