#include "bench/run/surroundings.h"

#include "bench/db/dialect.h"

#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

enum { ROUND_TRIPS = 50 };

static int compare_ns(const void *a, const void *b)
{
    int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;
    return (left > right) - (left < right);
}

static int64_t round_trip_p50_us(struct db *db)
{
    int64_t took_ns[ROUND_TRIPS];
    for (int i = 0; i < ROUND_TRIPS; i++) {
        int64_t start_ns = clock_ns();
        db_exec(db, "SELECT 1", start_ns + NS_PER_S, NULL, NULL);
        took_ns[i] = clock_ns() - start_ns;
    }
    qsort(took_ns, ROUND_TRIPS, sizeof *took_ns, compare_ns);
    return took_ns[ROUND_TRIPS / 2] / NS_PER_US;
}

static const char *client_text(struct arena *arena)
{
    struct utsname system;
    uname(&system);
    return arena_printf(arena, "%ld cores, %.1f GiB, %s %s", sysconf(_SC_NPROCESSORS_ONLN),
                        (double)sysconf(_SC_PHYS_PAGES) * (double)sysconf(_SC_PAGESIZE) / (1 << 30),
                        system.sysname, system.release);
}

bool surroundings_record(struct db *db, struct arena *arena, const char *label, struct record *record,
                         struct err *err)
{
    struct db_table version, settings;
    if (!db_query(db, arena, dialect_sql(arena, db, DIALECT_VERSION, NULL), &version, err) ||
        !db_query(db, arena, dialect_sql(arena, db, DIALECT_SETTINGS, NULL), &settings, err))
        return false;
    record->environment.client = client_text(arena);
    record->environment.server.engine = db_dialect(db)->engine;
    record->environment.server.version = db_value(&version, 0, 0);
    record->environment.server.version_num = db_version(db);
    record->environment.server.target = arena_strdup(arena, label);
    for (size_t i = 0; i < settings.rows; i++)
        *RECORD_ADD(arena, record->environment.server.settings) = (struct record_pair){
            db_value(&settings, i, 0), db_value(&settings, i, 1)};
    record->environment.network.rtt_p50_us = round_trip_p50_us(db);
    return true;
}

static bool record_replica(const struct db_target *target, struct arena *arena, struct record *record,
                           struct err *err)
{
    struct db_options options = {.application_name = "rehearse/control"};
    struct db *db = db_open(target, &options, err);
    struct db_table version;
    bool told = db != NULL &&
                db_query(db, arena, dialect_sql(arena, db, DIALECT_VERSION, NULL), &version, err);
    if (told)
        *RECORD_ADD(arena, record->environment.replicas) = (struct record_server){
            .target = arena_strdup(arena, target->label),
            .role = "replica",
            .version = db_value(&version, 0, 0)};
    db_close(db);
    return told || err_wrap(err, "replica %s", target->label);
}

bool surroundings_replicas(const struct db_target *replicas, size_t count, struct arena *arena,
                           struct record *record, struct err *err)
{
    for (size_t i = 0; i < count; i++)
        if (!record_replica(&replicas[i], arena, record, err))
            return false;
    return true;
}

static int64_t rows_of(const struct record_table *tables, size_t count, const char *name, int64_t estimate)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(tables[i].name, name) == 0 && tables[i].rows > 0)
            return tables[i].rows;
    return estimate < 1 ? 1 : estimate;
}

static int64_t pgbench_scale(struct db *db, struct arena *arena, const struct db_table *tables)
{
    for (size_t i = 0; i < tables->rows; i++) {
        struct db_table count;
        struct err ignored;
        if (strcmp(db_value(tables, i, 2), "pgbench_branches") == 0 &&
            db_query(db, arena, "SELECT count(*) FROM pgbench_branches", &count, &ignored))
            return atoll(db_value(&count, 0, 0));
    }
    return 1;
}

bool surroundings_variables(struct db *db, struct arena *arena, const struct record_table *tables,
                            size_t table_count, struct pool_variable **variables, size_t *count,
                            struct err *err)
{
    struct db_table found;
    if (!db_query(db, arena, dialect_sql(arena, db, DIALECT_TABLES, NULL), &found, err))
        return false;
    *count = found.rows + 1;
    *variables = arena_alloc(arena, *count * sizeof **variables);
    for (size_t i = 0; i < found.rows; i++) {
        const char *name = db_value(&found, i, 2);
        int64_t rows = rows_of(tables, table_count, name, atoll(db_value(&found, i, 3)));
        (*variables)[i] = (struct pool_variable){.name = arena_printf(arena, "%s_rows", name),
                                                 .value = {.type = SCRIPT_INTEGER, .integer = rows}};
    }
    (*variables)[found.rows] = (struct pool_variable){
        .name = "scale", .value = {.type = SCRIPT_INTEGER, .integer = pgbench_scale(db, arena, &found)}};
    return true;
}
