/* fill_bench load DSN THREADS[:RANGE] TABLE=ROWS…   fills tables that are there and empty; prints, a line each:
 *     TABLE rows/s of its load, TABLE's rows; then `total` and the seconds of everything, then `rss_kb` and the peak.
 *     RANGE: so many rows are committed at once; a table of more than four is loaded by all threads.
 * fill_bench make DSN THREADS TABLE=ROWS…   makes the first table's rows and drops them: `binary` and `text` rows/s of all
 *     threads together, bytes per row; then `rss_kb` and the peak. */
#include "generators/catalogue.h"
#include "generators/fill.h"
#include "generators/row.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

enum { MAX_TABLES = 16, MAX_THREADS = 64, BATCH = 1024 };

static int fail(const struct err *err)
{
    char text[2048];
    err_text(err, text, sizeof text);
    fprintf(stderr, "fill_bench: %s\n", text);
    return 1;
}

static void print_rss(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    printf("rss_kb %ld\n", usage.ru_maxrss);
}

static int load(const struct db_target *target, const char *streams, const struct fill_table_spec *tables,
                size_t count)
{
    struct arena arena = {0};
    struct err err = {0};
    struct fill_result result;
    const char *range = strchr(streams, ':');
    const struct fill_config config = {.target = target,
                                       .run_id = "bench",
                                       .tables = tables,
                                       .table_count = count,
                                       .seed = 1,
                                       .threads = atoi(streams),
                                       .range_rows = range != NULL ? atoll(range + 1) : 0};
    if (!fill_run(&config, &arena, &result, &err))
        return fail(&err);
    for (size_t i = 0; i < count; i++) {
        const struct fill_table_result *table = &result.tables[i];
        printf("%s %.0f %lld\n", table->name,
               table->filled ? (double)table->rows * NS_PER_S / (double)table->duration_ns : 0.0,
               (long long)table->rows);
    }
    printf("total %.3f\n", (double)result.duration_ns / NS_PER_S);
    print_rss();
    arena_free(&arena);
    return 0;
}

struct making {
    const struct row_maker *maker;
    int64_t first, end, bytes;
    void (*write)(const struct row_maker *maker, int64_t row, struct buf *out);
};

static void *make_rows(void *context)
{
    struct making *making = context;
    struct buf rows = {0};
    for (int64_t row = making->first; row < making->end; row++) {
        making->write(making->maker, row, &rows);
        if (row % BATCH == 0) {
            making->bytes += (int64_t)rows.length;
            buf_clear(&rows);
        }
    }
    making->bytes += (int64_t)rows.length;
    buf_free(&rows);
    return NULL;
}

static void make_all(const struct row_maker *maker, int threads, int64_t rows, const char *name,
                     void (*write)(const struct row_maker *maker, int64_t row, struct buf *out))
{
    pthread_t ids[MAX_THREADS];
    struct making parts[MAX_THREADS];
    int64_t bytes = 0, begin_ns = clock_ns();
    for (int i = 0; i < threads; i++) {
        parts[i] = (struct making){maker, rows * i / threads, rows * (i + 1) / threads, 0, write};
        if (pthread_create(&ids[i], NULL, make_rows, &parts[i]) != 0)
            abort();
    }
    for (int i = 0; i < threads; i++) {
        pthread_join(ids[i], NULL);
        bytes += parts[i].bytes;
    }
    double seconds = (double)(clock_ns() - begin_ns) / NS_PER_S;
    printf("%s %.0f %.1f\n", name, (double)rows / seconds, (double)bytes / (double)rows);
}

static int make(const struct db_target *target, const char *streams, const struct fill_table_spec *tables,
                size_t count)
{
    struct arena arena = {0};
    struct err err = {0};
    struct catalogue catalogue;
    struct row_maker *maker;
    struct db *db = db_open(target, &(struct db_options){.application_name = "rehearse/bench/make"}, &err);
    if (db == NULL || !catalogue_read(db, &arena, &catalogue, &err))
        return fail(&err);
    for (size_t i = 0; i < count; i++) {
        int at = catalogue_find(&catalogue, tables[i].name);
        if (at < 0)
            return 2;
        catalogue.tables[at].rows = tables[i].rows;
    }
    if (!row_maker_make(&arena, 1, &catalogue, (size_t)catalogue_find(&catalogue, tables[0].name), &maker,
                        &err))
        return fail(&err);
    if (row_has_binary(maker))
        make_all(maker, atoi(streams), tables[0].rows, "binary", row_write_binary);
    make_all(maker, atoi(streams), tables[0].rows, "text", row_write);
    print_rss();
    db_close(db);
    arena_free(&arena);
    return 0;
}

int main(int argc, char **argv)
{
    struct arena arena = {0};
    struct err err = {0};
    struct db_target target;
    struct fill_table_spec tables[MAX_TABLES];
    size_t count = 0;
    if (argc < 5 || argc - 4 > MAX_TABLES || atoi(argv[3]) < 1 || atoi(argv[3]) > MAX_THREADS)
        return 2;
    for (int i = 4; i < argc; i++) {
        char *equals = strchr(argv[i], '=');
        if (equals == NULL)
            return 2;
        *equals = '\0';
        tables[count++] = (struct fill_table_spec){argv[i], atoll(equals + 1)};
    }
    if (!db_target_parse(&arena, argv[2], &target, &err))
        return fail(&err);
    int status = (strcmp(argv[1], "load") == 0 ? load : make)(&target, argv[3], tables, count);
    arena_free(&arena);
    return status;
}
