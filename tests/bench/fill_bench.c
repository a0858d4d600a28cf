/* fill_bench DSN ROWS THREADS: fills the shop's customers and orders, whose tables are there and empty; prints the rows
 * per second of the load of orders alone, without indexes, which \copy is compared with. */
#include "generators/fill.h"

#include <stdio.h>
#include <stdlib.h>

static int fail(const struct err *err)
{
    char text[2048];
    err_text(err, text, sizeof text);
    fprintf(stderr, "fill_bench: %s\n", text);
    return 1;
}

int main(int argc, char **argv)
{
    if (argc != 4)
        return 2;
    struct arena arena = {0};
    struct err err = {0};
    struct db_target target;
    struct fill_result result;
    const int64_t rows = atoll(argv[2]);
    const struct fill_table_spec tables[] = {{"orders", rows}, {"customers", rows / 10}};
    if (!db_target_parse(&arena, argv[1], &target, &err))
        return fail(&err);
    const struct fill_config config = {.target = &target,
                                       .run_id = "bench",
                                       .tables = tables,
                                       .table_count = 2,
                                       .seed = 1,
                                       .threads = atoi(argv[3])};
    if (!fill_run(&config, &arena, &result, &err))
        return fail(&err);
    const struct fill_table_result *orders = &result.tables[0];
    printf("%.0f\n", orders->filled ? (double)orders->rows * NS_PER_S / (double)orders->duration_ns : 0.0);
    arena_free(&arena);
    return 0;
}
