#include "bench/db/postgres.h"

#include "bench/base/buf.h"

#include <libpq-fe.h>
#include <stdlib.h>

enum { LOAD_CHUNK_BYTES = 64 * 1024 };

/* Sends what fill gives until it ends. Returns why the copy is to be abandoned, NULL when it is complete. Every chunk is
 * flushed before the next is asked for: libpq would otherwise queue the whole table in memory. */
static const char *pump(struct postgres_flight *flight, db_fill_fn *fill, void *context, char *chunk)
{
    struct postgres *pg = flight->pg;
    for (;;) {
        if (clock_ns() >= flight->deadline_ns)
            flight->expired = true;
        if (flight->expired)
            return "the deadline has passed";
        if (atomic_load_explicit(&pg->cancelled, memory_order_relaxed))
            return "the load was cancelled";
        long length = fill(context, chunk, LOAD_CHUNK_BYTES);
        if (length == 0)
            return NULL;
        if (length < 0) {
            atomic_store(&pg->cancelled, true);
            return "the load was abandoned";
        }
        if (PQputCopyData(pg->conn, chunk, (int)length) != 1 || !postgres_flush(flight))
            return "the connection is gone";
    }
}

/* A backend that reads COPY data does not hear a cancel request: the end of the data itself carries the refusal. */
static void copy_in(struct postgres_flight *flight, db_fill_fn *fill, void *context)
{
    char *chunk = mem_alloc(LOAD_CHUNK_BYTES);
    const char *why = pump(flight, fill, context, chunk);
    free(chunk);
    if (flight->expired)
        flight->deadline_ns = clock_ns() + DB_CANCEL_GRACE_NS;
    if (!flight->pg->broken && PQputCopyEnd(flight->pg->conn, why) == 1)
        postgres_flush(flight);
}

struct db_answer postgres_load(struct db *db, const char *table, const char *columns, int64_t deadline_ns,
                               db_fill_fn *fill, void *context)
{
    struct postgres *pg = (struct postgres *)db;
    struct buf sql = {0};
    if (pg->broken)
        return postgres_gone();
    buf_printf(&sql, "COPY %s (%s) FROM STDIN", table, columns);
    struct postgres_flight flight = postgres_flight(pg, sql.data, deadline_ns, NULL, NULL);
    bool sent = PQsendQuery(pg->conn, sql.data) == 1 && postgres_flush(&flight);
    PGresult *result = sent ? postgres_result(&flight) : NULL;
    if (result != NULL && PQresultStatus(result) == PGRES_COPY_IN) {
        PQclear(result);
        copy_in(&flight, fill, context);
    } else if (result != NULL) {
        postgres_take(&flight, result);
    } else {
        pg->broken = true;
    }
    postgres_collect(&flight);
    struct db_answer answer = postgres_land(&flight);
    buf_free(&sql);
    return answer;
}
