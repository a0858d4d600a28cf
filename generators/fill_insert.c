#include "bench/base/log.h"
#include "bench/db/dialect.h"
#include "generators/fill_parts.h"

#include <stdlib.h>
#include <string.h>

/* The rows of a load as INSERT statements of many rows, for a server that takes no data from its clients' files.
 *
 * A field of the load format is, between quotes, a string literal of the same value: its escapes are those of MySQL's
 * strings; only quotes are doubled. Whole rows alone go into a statement; what is left of a row waits for the next. */

enum { PULL_BYTES = 65536, STATEMENT_BYTES = 1 << 20, PACKET_MARGIN = 4096 };

struct inserting {
    struct db *session;
    const char *head; /* INSERT INTO … VALUES */
    size_t statement_bytes;
    db_fill_fn *fill;
    void *context;
    struct buf rows; /* raw, as pulled */
    struct buf sql;
    int64_t done;
};

static void put_field(struct buf *sql, const char *text, size_t length)
{
    if (length == 2 && memcmp(text, "\\N", 2) == 0) {
        buf_puts(sql, "NULL");
        return;
    }
    buf_putc(sql, '\'');
    for (size_t i = 0; i < length; i++) {
        if (text[i] == '\'')
            buf_putc(sql, '\'');
        buf_putc(sql, text[i]);
    }
    buf_putc(sql, '\'');
}

static void put_row(struct buf *sql, const char *row, size_t length)
{
    size_t from = 0;
    buf_puts(sql, "(");
    for (size_t to = 0; to <= length; to++)
        if (to == length || row[to] == '\t') {
            if (from > 0)
                buf_putc(sql, ',');
            put_field(sql, row + from, to - from);
            from = to + 1;
        }
    buf_putc(sql, ')');
}

static struct db_answer send_statement(struct inserting *self)
{
    struct db_answer answer = {.outcome = OUTCOME_OK};
    if (self->sql.length > 0)
        answer = db_exec(self->session, buf_text(&self->sql), CLOCK_NEVER_NS, NULL, NULL);
    if (answer.outcome == OUTCOME_OK)
        self->done += answer.rows;
    buf_clear(&self->sql);
    return answer;
}

/* All whole rows that have been pulled. */
static struct db_answer send_rows(struct inserting *self)
{
    struct db_answer answer = {.outcome = OUTCOME_OK};
    const char *at = self->rows.data, *end = at + self->rows.length, *line;
    while (answer.outcome == OUTCOME_OK && at < end &&
           (line = memchr(at, '\n', (size_t)(end - at))) != NULL) {
        if (self->sql.length + 2 * (size_t)(line - at) > self->statement_bytes)
            answer = send_statement(self);
        buf_puts(&self->sql, self->sql.length == 0 ? self->head : ",");
        put_row(&self->sql, at, (size_t)(line - at));
        at = line + 1;
    }
    size_t left = (size_t)(end - at);
    if (left > 0)
        memmove(self->rows.data, at, left);
    self->rows.length = left;
    return answer;
}

static size_t statement_bytes(struct db *session)
{
    struct arena arena = {0};
    struct err ignored = {0};
    struct db_table packet = {0};
    size_t bytes = STATEMENT_BYTES;
    if (db_query(session, &arena, "SELECT @@max_allowed_packet", &packet, &ignored) && packet.rows == 1) {
        size_t most = strtoull(db_value(&packet, 0, 0), NULL, 10);
        if (most > PACKET_MARGIN && most - PACKET_MARGIN < bytes)
            bytes = most - PACKET_MARGIN;
    }
    arena_free(&arena);
    return bytes;
}

static struct db_answer insert_all(struct inserting *self)
{
    char *bytes = malloc(PULL_BYTES);
    struct db_answer answer = {.outcome = OUTCOME_OK};
    long pulled = bytes == NULL ? -1 : 1;
    while (answer.outcome == OUTCOME_OK && pulled > 0) {
        pulled = self->fill(self->context, bytes, PULL_BYTES);
        if (pulled > 0)
            buf_add(&self->rows, bytes, (size_t)pulled);
        if (pulled >= 0)
            answer = send_rows(self);
    }
    if (answer.outcome == OUTCOME_OK && pulled == 0)
        answer = send_statement(self);
    if (answer.outcome == OUTCOME_OK && pulled < 0)
        answer = (struct db_answer){.outcome = OUTCOME_CANCELLED, .message = "the load was abandoned"};
    free(bytes);
    return answer;
}

static struct db_answer insert_rows(struct db *session, const char *table, const char *columns,
                                    db_fill_fn *fill, void *context)
{
    struct arena arena = {0};
    struct inserting self = {.session = session, .fill = fill, .context = context};
    self.head = arena_printf(&arena, "INSERT INTO %s (%s) VALUES ", table, columns);
    self.statement_bytes = statement_bytes(session);
    struct db_answer answer = insert_all(&self);
    answer.rows = self.done;
    buf_free(&self.rows);
    buf_free(&self.sql);
    arena_free(&arena);
    return answer;
}

/* A server that refuses the load has not asked for a single row. */
struct db_answer fill_send(struct db *session, const struct db_load *load, db_fill_fn *fill, void *context)
{
    static _Atomic bool told;
    struct db_answer answer = db_load(session, load, CLOCK_NEVER_NS, fill, context);
    if (answer.outcome != OUTCOME_PERMISSION || !db_dialect(session)->loads_unchecked)
        return answer;
    struct db_answer inserted = insert_rows(session, load->table, load->columns, fill, context);
    if (!atomic_exchange(&told, true))
        log_info("local_infile is off: rows are sent as INSERT statements, which takes about twice as long");
    return inserted;
}
