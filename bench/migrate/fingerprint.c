#include "bench/migrate/fingerprint.h"

#include "bench/base/buf.h"
#include "bench/base/hash.h"
#include "bench/db/dialect.h"

#include <stdlib.h>
#include <string.h>

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Sorted here, by bytes: the server sorts by a collation, which two servers need not share. */
static void hash_lines(struct fingerprint *fingerprint)
{
    struct buf text = {0};
    qsort(fingerprint->lines, fingerprint->count, sizeof *fingerprint->lines, by_text);
    for (size_t i = 0; i < fingerprint->count; i++) {
        buf_puts(&text, fingerprint->lines[i]);
        buf_putc(&text, '\n');
    }
    hash_sha256(buf_text(&text), text.length, fingerprint->sha256);
    buf_free(&text);
}

bool fingerprint_take(struct db *db, struct arena *arena, struct fingerprint *fingerprint, struct err *err)
{
    struct db_table table;
    const char *sql = dialect_sql(arena, db, DIALECT_FINGERPRINT, NULL);
    if (sql == NULL)
        return err_set(err, ERR_ENVIRONMENT, "this server cannot tell its schema");
    if (!db_query(db, arena, sql, &table, err))
        return err_wrap(err, "reading the schema");
    *fingerprint = (struct fingerprint){.lines = arena_alloc(arena, (table.rows + 1) * sizeof(char *))};
    for (size_t row = 0; row < table.rows; row++)
        if (db_value(&table, row, 0) != NULL)
            fingerprint->lines[fingerprint->count++] = db_value(&table, row, 0);
    hash_lines(fingerprint);
    return true;
}

size_t fingerprint_diff(struct arena *arena, const struct fingerprint *before,
                        const struct fingerprint *after, struct fingerprint_change *changes, size_t max)
{
    size_t i = 0, j = 0, count = 0;
    while (i < before->count || j < after->count) {
        int order = 0;
        if (i < before->count && j < after->count)
            order = strcmp(before->lines[i], after->lines[j]);
        else
            order = i < before->count ? -1 : 1;
        if (order != 0 && count < max) {
            const char *line = order < 0 ? before->lines[i] : after->lines[j];
            changes[count] = (struct fingerprint_change){order < 0 ? '-' : '+', arena_strdup(arena, line)};
        }
        count += order != 0;
        i += order <= 0;
        j += order >= 0;
    }
    return count;
}
