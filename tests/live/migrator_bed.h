/* bed: a migrator and a server for live tests: one table t, strategies by hand, hooks that count. PostgreSQL, unless the file
 * that includes it defines BED_SERVER, BED_LEXIS and BED_TABLE. */
#ifndef REHEARSE_TESTS_MIGRATOR_BED_H
#define REHEARSE_TESTS_MIGRATOR_BED_H

#include "bench/base/clock.h"
#include "bench/db/db.h"
#include "bench/db/server_clock.h"
#include "bench/migrate/fingerprint.h"
#include "bench/migrate/migrator.h"
#include "bench/sandbox/sandbox.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#ifndef BED_SERVER
#define BED_SERVER "sandbox:postgresql"
#define BED_LEXIS  SQL_POSTGRES
#define BED_TABLE                                                                                            \
    "DROP TABLE IF EXISTS t CASCADE; CREATE TABLE t (id bigint PRIMARY KEY, v int);"                         \
    " INSERT INTO t SELECT i * i, 1 FROM generate_series(-100, 899) i ON CONFLICT DO NOTHING"
#endif

struct bed {
    struct sandbox *sandbox;
    struct arena arena;
    struct db_target target;
    struct db *db; /* of the test, beside the migration */
    struct server_clock clock;
    struct migrator *migrator;
    atomic_bool stop;
    int64_t stop_ns;             /* when it was asked for */
    int armed, announced, ended; /* what the hooks told: arming, attempts before and after */
};

static inline void must(bool ok, const struct err *err)
{
    if (!ok)
        fail_msg("%s", err->message);
}

static inline void run(struct bed *bed, const char *sql)
{
    struct err err = {0};
    must(db_command(bed->db, sql, &err), &err);
}

static inline const char *value(struct bed *bed, const char *sql)
{
    struct err err = {0};
    struct db_table table;
    must(db_query(bed->db, &bed->arena, sql, &table, &err), &err);
    return db_value(&table, 0, 0);
}

static inline struct db *connect_beside(struct bed *bed)
{
    struct err err = {0};
    struct db_options options = {.application_name = "test"};
    struct db *db = db_open(&bed->target, &options, &err);
    must(db != NULL, &err);
    return db;
}

static inline int open_bed(void **state)
{
    struct err err = {0};
    struct bed *bed = mem_alloc(sizeof *bed);
    bed->sandbox = sandbox_start(BED_SERVER, &err);
    if (bed->sandbox == NULL && strstr(err.hint, "install") != NULL) {
        print_message("skipped: %s\n", err.message);
        exit(77);
    }
    must(bed->sandbox != NULL, &err);
    must(db_target_parse(&bed->arena, sandbox_dsn(bed->sandbox), &bed->target, &err), &err);
    bed->db = connect_beside(bed);
    must(server_clock_sync(&bed->clock, bed->db, 100, &err), &err);
    *state = bed;
    return 0;
}

static inline int close_bed(void **state)
{
    struct bed *bed = *state;
    db_close(bed->db);
    sandbox_stop(bed->sandbox);
    arena_free(&bed->arena);
    free(bed);
    return 0;
}

/* Every case begins with the table and ends without the migrator. */
static inline int begin(void **state)
{
    struct bed *bed = *state;
    run(bed, BED_TABLE);
    atomic_store(&bed->stop, false);
    return 0;
}

static inline int end(void **state)
{
    struct bed *bed = *state;
    migrator_close(bed->migrator);
    bed->migrator = NULL;
    return 0;
}

/* Strategies by hand. */

static inline struct strategy_settings unset(void)
{
    return (struct strategy_settings){-1, -1, -1, -1, -1};
}

static inline struct step sql_step(const char *sql)
{
    return (struct step){.kind = STEP_SQL,
                         .file = "t.sql",
                         .line = 7,
                         .column = 1,
                         .sql = sql,
                         .sql_kind = sql_kind(BED_LEXIS, sql),
                         .no_transaction = sql_forbids_transaction(BED_LEXIS, sql),
                         .settings = unset()};
}

static inline struct step backfill_step(const char *sql, int64_t batch_rows)
{
    struct step step = sql_step(sql);
    step.kind = STEP_BACKFILL;
    step.table = "t";
    step.key = "id";
    step.batch_rows = batch_rows;
    step.threads = 1;
    step.retry_deadlock = true;
    return step;
}

static inline struct phase phase_of(const char *name, struct step *steps, size_t count)
{
    return (struct phase){
        .name = name, .hold_ns = -1, .settings = unset(), .steps = steps, .step_count = count};
}

static inline bool interrupted(void *context)
{
    return atomic_load(&((struct bed *)context)->stop);
}

static inline void on_armed(void *context, bool armed)
{
    ((struct bed *)context)->armed += armed ? 1 : -1;
}

static inline void on_attempt(void *context, int attempt, bool after)
{
    struct bed *bed = context;
    assert_true(attempt >= 0 && (size_t)attempt < migrator_log(bed->migrator)->attempt_count);
    bed->announced += !after;
    bed->ended += after;
}

static inline void open_migrator(struct bed *bed, const struct strategy *strategy)
{
    struct err err = {0};
    struct migrator_config config = {
        .target = &bed->target,
        .run_id = "test",
        .clock = &bed->clock,
        .seed = 1,
        .hooks = {.context = bed, .interrupted = interrupted, .armed = on_armed, .attempt = on_attempt}};
    bed->armed = bed->announced = bed->ended = 0;
    bed->migrator = migrator_open(&config, strategy, &err);
    must(bed->migrator != NULL, &err);
}

static inline const struct migration_log *forward(struct bed *bed, struct phase *phases, size_t count,
                                                  enum migrator_result expected)
{
    struct err err = {0};
    struct strategy *strategy = arena_alloc(&bed->arena, sizeof *strategy);
    *strategy = (struct strategy){.name = "s", .phases = phases, .phase_count = count};
    open_migrator(bed, strategy);
    enum migrator_result result = migrator_forward(bed->migrator, 0, &err);
    if (result != expected)
        fail_msg("result %d: %s", (int)result, err.message);
    assert_int_equal(bed->armed, 0);
    assert_true(bed->announced >= bed->ended);
    assert_int_equal(bed->ended, migrator_log(bed->migrator)->attempt_count);
    return migrator_log(bed->migrator);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, begin, end)

#endif
