#include "bench/observe/bytes.h"

#include <stdlib.h>

enum { SYNC_ROUNDS = 100, DATABASE_EVERY = 5, SYNC_EVERY = 10 }; /* the last two in points */

static void read_number(void *context, int result, int columns, const char *const *values)
{
    if (result == 0 && columns >= 1 && values[0] != NULL)
        *(int64_t *)context = strtoll(values[0], NULL, 10);
}

/* −1 when the server did not tell. */
static int64_t ask_number(struct bytes *bytes, enum dialect_query query)
{
    int64_t number = -1;
    if (bytes->wire.db == NULL)
        return -1;
    struct db_answer answer = wire_ask(&bytes->wire, query, NULL, 5 * NS_PER_S, read_number, &number);
    if (outcome_ends_session(answer.outcome))
        wire_reopen(&bytes->wire);
    return answer.outcome == OUTCOME_OK ? number : -1;
}

static void keep_point(struct bytes *bytes, int64_t log_bytes, int64_t database_bytes)
{
    if (bytes->count == bytes->capacity) {
        bytes->capacity = bytes->capacity > 0 ? 2 * bytes->capacity : 64;
        bytes->points = mem_realloc(bytes->points, bytes->capacity * sizeof *bytes->points);
    }
    bytes->points[bytes->count++] = (struct bytes_point){
        .at_ns = clock_ns(),
        .log_bytes = log_bytes,
        .database_bytes = database_bytes,
        .blocked_sessions = bytes->watcher->blocked,
    };
}

static void *measure(void *context)
{
    struct bytes *bytes = context;
    int64_t due_ns = clock_ns(), since_sync = 0;
    for (int64_t second = 0; !bytes->pace->stopped; second++, since_sync++) {
        int64_t log_bytes = ask_number(bytes, DIALECT_LOG_BYTES);
        int64_t database_bytes = second % DATABASE_EVERY == 0 ? ask_number(bytes, DIALECT_DATABASE_BYTES)
                                                              : -1;
        if (log_bytes >= 0)
            keep_point(bytes, log_bytes - bytes->log_zero_bytes, database_bytes);
        if (since_sync >= SYNC_EVERY && !bytes->pace->armed && bytes->wire.db != NULL) {
            struct err ignored = {
                0}; /* the offset stays as it was; a lost connection shows at the next point */
            server_clock_sync(bytes->clock, bytes->wire.db, SYNC_ROUNDS, &ignored);
            since_sync = 0;
        }
        due_ns += NS_PER_S;
        while (clock_ns() < due_ns && pace_wait(bytes->pace, due_ns))
            ;
    }
    return NULL;
}

bool bytes_start(struct bytes *bytes, const struct wire_config *wire, struct err *err)
{
    if (!wire_open(&bytes->wire, wire, err) ||
        !server_clock_sync(bytes->clock, bytes->wire.db, SYNC_ROUNDS, err))
        return false;
    bytes->log_zero_bytes = ask_number(bytes, DIALECT_LOG_BYTES);
    if (pthread_create(&bytes->thread, NULL, measure, bytes) != 0)
        return err_set(err, ERR_ENVIRONMENT, "cannot start the observer's control thread");
    bytes->started = true;
    return true;
}

void bytes_join(struct bytes *bytes)
{
    if (bytes->started)
        pthread_join(bytes->thread, NULL);
    bytes->started = false;
    wire_close(&bytes->wire);
}

void bytes_free(struct bytes *bytes)
{
    free(bytes->points);
}
