/* fill_parts: what the files of fill share. Private to fill*.c.
 *
 * The calling thread opens `control`, ticks progress and decides; the crew's threads each own one session and run one
 * kind of job at a time. Shared between them: the atomics of struct fill_crew and of each job list. */
#ifndef REHEARSE_GENERATORS_FILL_PARTS_H
#define REHEARSE_GENERATORS_FILL_PARTS_H

#include "generators/catalogue.h"
#include "generators/fill.h"
#include "generators/row.h"

#include <pthread.h>
#include <stdatomic.h>

enum { FILL_CHUNK_ROWS = 16384, FILL_RANGE_ROWS = 64 * FILL_CHUNK_ROWS, FILL_MAX_THREADS = 64 };

struct fill_target { /* one table to be filled */
    const struct catalogue_table *table;
    const struct row_maker *maker;
    void (*write)(const struct row_maker *maker, int64_t row, struct buf *out);
    bool binary, freeze;
    bool checked; /* with the checks that others on this engine go without */
    bool whole;   /* loaded by one stream in one transaction; else by all, each committing its ranges */
    int64_t chunk_rows, chunk_count, range_chunks;
    bool *done;    /* chunks that an earlier fill committed */
    bool complete; /* all of them */
    _Atomic bool taken;
    _Atomic int64_t next; /* chunk */
    int64_t rows_found;   /* committed by an earlier fill */
    bool told;            /* that it is loaded */
    _Atomic int64_t rows_done, bytes_done;
    _Atomic int64_t started_ns, ended_ns;
};

/* As DIALECT_BULK_PIECES: the order in which pieces are taken off. */
enum fill_rank { RANK_TRIGGER, RANK_FOREIGN_KEY, RANK_KEY, RANK_INDEX, RANK_COUNT };

struct fill_piece {
    enum fill_rank rank;
    const char *take_off, *put_back, *finish;
    bool on; /* a fill that goes on finds it back already */
};

struct fill {
    const struct fill_config *config;
    struct arena *arena;
    struct db *control;
    struct catalogue catalogue;
    const struct fill_table_spec *tables; /* the plan's, then the profile's others */
    size_t table_count;
    struct fill_target *targets;
    size_t target_count;
    struct fill_piece *pieces;
    size_t piece_count;
    int64_t rows_total, rows_resumed;
    const struct db_table
        *ours; /* the journal of the load that goes on: its tables' rows are nobody else's; NULL */
    bool resumed;
    const char *journal, *ledger; /* quoted; NULL while nothing is off */
    struct db *keeper;            /* holds the journal's lock; NULL while nothing is off */
    struct err *err;
};

struct fill_crew {
    const struct fill *fill;
    struct db *sessions[FILL_MAX_THREADS];
    int count;
    _Atomic bool stop;
    _Atomic int running;
    _Atomic size_t next; /* job, or table being loaded */
    _Atomic int64_t rows, bytes;
    _Atomic size_t pieces; /* that are back */
    pthread_mutex_t lock;  /* of failed and err */
    bool failed;
    struct err err;
};

/* One job of one thread: false when it failed, its reason in err. */
typedef bool fill_job_fn(struct fill_crew *crew, struct db *session, const void *context, struct err *err);

/* Of a column that depends on others, as the plan says. */
bool fill_rule_attach(struct fill *fill, const struct catalogue_table *table, struct catalogue_column *column,
                      const struct fill_column_spec *spec);
struct db *fill_open(const struct fill *fill, struct err *err);
int fill_thread_count(const struct fill_config *config);
struct db *fill_open_loader(const struct fill *fill, struct err *err); /* what it loads is to be proved */
bool fill_crew_open(struct fill_crew *crew, const struct fill *fill);
/* Runs job on every thread until all return; the caller ticks progress and listens for the interruption. */
bool fill_crew_run(struct fill_crew *crew, const char *stage, fill_job_fn *job, const void *context);
void fill_crew_close(struct fill_crew *crew);

/* fill_profile.c: the tables to be filled, the profile's among them; its schema; its statistics in the catalogue, beside what
 * the plan says of columns. */
void fill_profile_tables(struct fill *fill);
bool fill_profile_create(struct fill *fill);
bool fill_profile_attach(struct fill *fill);

/* Schema, catalogue, row counts, recipes: everything that can be refused before anything is changed. */
bool fill_plan(struct fill *fill);
bool fill_plan_tables(
    struct fill *fill); /* the same for tables that are there: the catalogue, and what is made of it */
void fill_target_prepare(const struct fill *fill, struct fill_target *target);
int64_t fill_range_rows(const struct fill *fill);
double fill_row_bytes(const struct fill_target *target); /* of a row as it is sent, about */
/* Says how much room the rows will take, and refuses when the server's disk is known and has less. */
bool fill_estimate(struct fill *fill);
/* Loads a sample of every table, in a transaction that is rolled back or into a table apart: constraints, domains,
 * partitions agree or not. */
bool fill_sample(struct fill *fill);

bool fill_load(struct fill_crew *crew);
/* db_load, or INSERT statements with the same rows where the server takes no loads. */
struct db_answer fill_send(struct db *session, const struct db_load *load, db_fill_fn *fill, void *context);
/* Counts and follows what the load left unproved. */
bool fill_prove(struct fill_crew *crew);

bool fill_pieces_read(struct fill *fill);
bool fill_pieces_take_off(struct fill *fill);
bool fill_pieces_put_back(struct fill_crew *crew);
bool fill_unlog(struct fill *fill, const char *table); /* when the fill is asked to */
bool fill_pieces_find(struct fill *fill);              /* which are on, where an earlier fill took them off */

#endif
