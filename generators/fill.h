/* fill: tables full of rows, fast, the same for the same seed whatever the threads.
 *
 * Creates the schema when given one, or a profile and an empty database, takes indexes and constraints off tables that are
 * empty, loads with several threads that take 16 k-row chunks from one counter, puts indexes and
 * constraints back in parallel, sets sequences, ANALYZE.
 * A load that fails leaves empty tables and the schema as it was. One that is interrupted, or whose process is gone, keeps
 * the ranges that it committed: the next fill of the database by the same plan goes on from there; by another it first empties
 * the tables and puts indexes and constraints back. One whose last step, ANALYZE, breaks off is whole and keeps its rows.
 * A table that already holds rows is left alone. Refuses to load before it changes anything when a column's type or
 * constraint cannot be satisfied, naming table and column. */
#ifndef REHEARSE_GENERATORS_FILL_H
#define REHEARSE_GENERATORS_FILL_H

#include "bench/base/arena.h"
#include "bench/db/db.h"
#include "generators/profile.h"

/* What the plan says of a column. Values come by turns; an expression is SQL that the target evaluates before the load for
 * n = 0 … 999. From, after and follows: catalogue_rule. */
struct fill_column_spec {
    const char *table, *name; /* table: as in fill_table_spec */
    enum fill_column_kind {
        FILL_COLUMN_NULL,
        FILL_COLUMN_VALUES,
        FILL_COLUMN_EXPRESSION,
        FILL_COLUMN_FROM,
        FILL_COLUMN_AFTER,
        FILL_COLUMN_FOLLOWS
    } kind;
    const char *const *values; /* of after: for which `when` it is null */
    size_t value_count;
    const char *expression;
    const char *other;        /* column; from: "key.column" too: of the row a foreign key leads to */
    const char *when;         /* column; NULL */
    double share, nulls;      /* nulls: NAN not said */
    double low, median, high; /* of after; median NAN: not said */
    bool moments;             /* these are µs */
    const char *file;         /* where it stands */
    int line, place;
};

struct fill_table_spec {
    const char *name; /* as the plan says: table or schema.table */
    int64_t rows;     /* −1: the profile's × scale */
};

struct fill_progress {
    const char *stage; /* "create", "load", "loaded" (a table, once), "index", "analyze", "views" */
    const char *table; /* NULL: none in particular */
    int64_t rows_done, rows_total, bytes_done; /* of all tables */
    int64_t table_rows_done, table_rows_total;
    double rows_per_s, bytes_per_s, eta_s; /* of the table; bytes as they are sent */
    size_t pieces_done, pieces_total;      /* indexes and constraints that are back */
};

struct fill_config {
    const struct db_target *target;
    const char *run_id; /* application_name is rehearse/<run id>/fill */
    const char *expected_identity;
    const char *schema_file, *schema_text; /* NULL: the profile's, or the tables exist */
    const struct profile *profile;         /* NULL: values from types and constraints alone */
    double scale;                          /* of its rows, in tables that are not named; 0: 1 */
    const struct fill_table_spec *tables;
    size_t table_count;
    const struct fill_column_spec *columns;
    size_t column_count;
    uint64_t seed;
    bool
        unlogged; /* tables are made so before the load and stay so; an error where the server has no such tables */
    bool pin_stats;     /* the server is told the profile's numbers of different values, for good */
    int threads;        /* 0: the number of cores */
    int64_t range_rows; /* at most so many are committed at once by one of them; 0: 1 M */
    void (*progress)(void *context,
                     const struct fill_progress *progress); /* about 4 a second, any of the threads */
    bool (*interrupted)(void *context);
    void *context;
};

struct fill_table_result {
    const char *name;
    int64_t rows; /* exact; of a table that the plan does not name: the server's estimate, where it has one */
    int64_t bytes, index_bytes;
    int64_t source_rows; /* as the profile knows them; −1 not */
    int64_t duration_ns; /* of its load; 0 when it was left alone, or more than one fill loaded it */
    bool filled;
};

struct fill_result {
    struct fill_table_result *tables; /* all tables of the plan, then the others of the database */
    size_t table_count;
    int64_t duration_ns;
};

bool fill_run(const struct fill_config *config, struct arena *arena, struct fill_result *result,
              struct err *err);

#endif
