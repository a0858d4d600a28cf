#include "bench/db/dialect.h"
#include "generators/fill_parts.h"

#include <stdlib.h>
#include <string.h>

enum { ROWS_AT_ONCE = 256 };

/* What one thread is loading: rows of its chunk go to a small buffer, and from there to the driver's. */
struct stream {
    struct fill_crew *crew;
    struct fill_target *target;
    int64_t row, end, chunk_rows;
    struct buf rows;
    size_t sent;
};

/* Small tables are cut finer, so that every thread has something to do. */
static int64_t chunk_rows(int64_t rows)
{
    int64_t part = rows / 256;
    return part > FILL_CHUNK_ROWS ? FILL_CHUNK_ROWS : part > 0 ? part : 1;
}

static bool take_chunk(struct stream *stream)
{
    int64_t rows = stream->target->table->rows;
    stream->row = atomic_fetch_add(&stream->target->next, stream->chunk_rows);
    stream->end = stream->row + stream->chunk_rows < rows ? stream->row + stream->chunk_rows : rows;
    return stream->row < rows;
}

static void make_rows(struct stream *stream)
{
    int64_t first = stream->row;
    int64_t end = first + ROWS_AT_ONCE < stream->end ? first + ROWS_AT_ONCE : stream->end;
    buf_clear(&stream->rows);
    stream->sent = 0;
    for (; stream->row < end; stream->row++)
        row_write(stream->target->maker, stream->row, &stream->rows);
    atomic_fetch_add_explicit(&stream->crew->rows, end - first, memory_order_relaxed);
    atomic_fetch_add_explicit(&stream->crew->bytes, (int64_t)stream->rows.length, memory_order_relaxed);
}

static long pull(void *context, char *bytes, size_t capacity)
{
    struct stream *stream = context;
    size_t length = 0;
    if (atomic_load_explicit(&stream->crew->stop, memory_order_relaxed))
        return -1;
    while (length < capacity) {
        if (stream->sent == stream->rows.length) {
            if (stream->row >= stream->end && !take_chunk(stream))
                break;
            make_rows(stream);
        }
        size_t part = stream->rows.length - stream->sent;
        part = part < capacity - length ? part : capacity - length;
        memcpy(bytes + length, stream->rows.data + stream->sent, part);
        stream->sent += part;
        length += part;
    }
    return (long)length;
}

static bool load_table(struct fill_crew *crew, struct db *session, struct fill_target *target,
                       struct err *err)
{
    struct stream stream = {.crew = crew, .target = target, .chunk_rows = chunk_rows(target->table->rows)};
    if (!take_chunk(&stream))
        return true;
    int64_t none = 0, now_ns = clock_ns();
    atomic_compare_exchange_strong(&target->started_ns, &none, now_ns);
    struct db_answer answer = fill_send(session, target->table->quoted, row_maker_columns(target->maker),
                                        pull, &stream);
    atomic_store(&target->ended_ns, clock_ns());
    buf_free(&stream.rows);
    if (answer.outcome == OUTCOME_OK)
        return true;
    db_answer_error(&answer, err);
    return err_wrap(err, "load %s", target->table->name);
}

/* All threads work on the same table until its rows are handed out, so that it grows in the order of its rows. */
static bool load_all(struct fill_crew *crew, struct db *session, const void *context, struct err *err)
{
    (void)context;
    const struct fill *fill = crew->fill;
    for (size_t i = 0; i < fill->target_count && !atomic_load(&crew->stop); i++) {
        if (!load_table(crew, session, &fill->targets[i], err))
            return false;
        size_t at = atomic_load(&crew->next);
        while (at < i + 1 && !atomic_compare_exchange_weak(&crew->next, &at, i + 1))
            ;
    }
    return true;
}

/* Where a load has its table to itself the threads share tables instead, the largest first. */
static bool load_apart(struct fill_crew *crew, struct db *session, const void *context, struct err *err)
{
    struct fill_target *const *order = context;
    for (;;) {
        size_t at = atomic_fetch_add(&crew->next, 1);
        if (at >= crew->fill->target_count || atomic_load(&crew->stop))
            return true;
        if (!load_table(crew, session, order[at], err))
            return false;
    }
}

static int by_rows(const void *left, const void *right)
{
    int64_t l = (*(struct fill_target *const *)left)->table->rows;
    int64_t r = (*(struct fill_target *const *)right)->table->rows;
    return (l < r) - (l > r);
}

bool fill_load(struct fill_crew *crew)
{
    const struct fill *fill = crew->fill;
    if (!db_dialect(fill->control)->loads_unchecked)
        return fill_crew_run(crew, "load", load_all, NULL);
    struct fill_target **order = arena_alloc(fill->arena,
                                             (fill->target_count + 1) * sizeof(struct fill_target *));
    for (size_t i = 0; i < fill->target_count; i++)
        order[i] = &fill->targets[i];
    qsort(order, fill->target_count, sizeof(struct fill_target *), by_rows);
    return fill_crew_run(crew, "load", load_apart, order);
}
