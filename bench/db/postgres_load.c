#include "bench/db/postgres.h"

#include "bench/base/buf.h"

#include <libpq-fe.h>
#include <stdlib.h>

enum { LOAD_CHUNK_BYTES = 64 * 1024 };

/* COPY's signature, no flags, no extension; a tuple of −1 fields is the end. */
static const char binary_head[19] = "PGCOPY\n\377\r\n";
static const char binary_tail[2] = "\377\377";

static bool put(struct postgres_flight *flight, const char *bytes, size_t length)
{
    return PQputCopyData(flight->pg->conn, bytes, (int)length) == 1 && postgres_flush(flight);
}

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
        if (!put(flight, chunk, (size_t)length))
            return "the connection is gone";
    }
}

/* A backend that reads COPY data does not hear a cancel request: the end of the data itself carries the refusal. */
static void copy_in(struct postgres_flight *flight, const struct db_load *load, db_fill_fn *fill,
                    void *context)
{
    char *chunk = mem_alloc(LOAD_CHUNK_BYTES);
    bool binary = load->format == DB_LOAD_BINARY, begun = !binary;
    if (binary)
        begun = put(flight, binary_head, sizeof binary_head);
    const char *why = begun ? pump(flight, fill, context, chunk) : "the connection is gone";
    if (why == NULL && binary && !put(flight, binary_tail, sizeof binary_tail))
        why = "the connection is gone";
    free(chunk);
    if (flight->expired)
        flight->deadline_ns = clock_ns() + DB_CANCEL_GRACE_NS;
    if (!flight->pg->broken && PQputCopyEnd(flight->pg->conn, why) == 1)
        postgres_flush(flight);
}

struct db_answer postgres_load(struct db *db, const struct db_load *load, int64_t deadline_ns,
                               db_fill_fn *fill, void *context)
{
    struct postgres *pg = (struct postgres *)db;
    struct buf sql = {0};
    if (pg->broken)
        return postgres_gone();
    buf_printf(&sql, "COPY %s (%s) FROM STDIN WITH (FORMAT %s%s)", load->table, load->columns,
               load->format == DB_LOAD_BINARY ? "binary" : "text", load->freeze ? ", FREEZE" : "");
    struct postgres_flight flight = postgres_flight(pg, sql.data, deadline_ns, NULL, NULL);
    bool sent = PQsendQuery(pg->conn, sql.data) == 1 && postgres_flush(&flight);
    PGresult *result = sent ? postgres_result(&flight) : NULL;
    if (result != NULL && PQresultStatus(result) == PGRES_COPY_IN) {
        PQclear(result);
        copy_in(&flight, load, fill, context);
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
