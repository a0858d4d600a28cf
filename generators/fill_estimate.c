#include "bench/base/log.h"
#include "bench/base/units.h"
#include "bench/db/dialect.h"
#include "generators/fill_parts.h"

#include <string.h>
#include <sys/statvfs.h>

/* Rough, from a look at rows as they are sent: a row's header and its line pointer, a page that is nearly full; an index
 * has an entry for every row, and is sorted beside itself while it is built. */
enum { LOOKED_AT = 100, ROW_BYTES = 32, ENTRY_BYTES = 16, KEY_BYTES = 8 };

double fill_row_bytes(const struct fill_target *target)
{
    struct buf rows = {0};
    int64_t all = target->table->rows, count = 0;
    for (int64_t row = 0; row < all; row += all / LOOKED_AT + 1, count++)
        target->write(target->maker, row, &rows);
    double bytes = (double)rows.length / (double)(count > 0 ? count : 1);
    buf_free(&rows);
    return bytes;
}

static double stored_bytes(const struct fill_target *target)
{
    double bytes = fill_row_bytes(target);
    double words = target->binary ? 2 * (double)target->table->column_count
                                  : 0; /* of four a column, two are alignment */
    return ROW_BYTES + (bytes > words ? bytes - words : 0);
}

static double index_bytes(const struct fill_target *target)
{
    double bytes = 0;
    for (size_t i = 0; i < target->table->index_count; i++) {
        double keys = 1;
        for (const char *at = target->table->indexes[i].definition; at != NULL && *at != '\0'; at++)
            keys += *at == ',';
        bytes += (double)target->table->rows * (ENTRY_BYTES + KEY_BYTES * keys);
    }
    return bytes;
}

/* −1: the server is elsewhere, or does not say where its files are. */
static double free_bytes(struct fill *fill)
{
    struct err ignored = {0};
    struct db_table rows;
    struct statvfs disk;
    const char *socket = fill->config->target->socket;
    char *sql = dialect_sql(fill->arena, fill->control, DIALECT_DATA_DIRECTORY, NULL);
    if (socket == NULL || *socket == '\0' || sql == NULL ||
        !db_query(fill->control, fill->arena, sql, &rows, &ignored) || rows.rows != 1 ||
        db_value(&rows, 0, 0) == NULL || statvfs(db_value(&rows, 0, 0), &disk) != 0)
        return -1;
    return (double)disk.f_bavail * (double)disk.f_frsize;
}

bool fill_estimate(struct fill *fill)
{
    double tables = 0, indexes = 0, free = free_bytes(fill);
    char rows_text[32], table_text[32], index_text[32], free_text[32];
    for (size_t i = 0; i < fill->target_count; i++) {
        tables += (double)fill->targets[i].table->rows * stored_bytes(&fill->targets[i]);
        indexes += index_bytes(&fill->targets[i]);
    }
    units_format_short(fill->rows_total, rows_text, sizeof rows_text);
    units_format_bytes((int64_t)tables, table_text, sizeof table_text);
    units_format_bytes((int64_t)indexes, index_text, sizeof index_text);
    units_format_bytes((int64_t)free, free_text, sizeof free_text);
    log_info("fill: %s rows, about %s and %s of indexes%s%s%s", rows_text, table_text, index_text,
             free < 0 ? "" : "; the server's disk has ", free < 0 ? "" : free_text, free < 0 ? "" : " free");
    if (free < 0 || tables + 2 * indexes < free)
        return true;
    err_set(fill->err, ERR_ENVIRONMENT,
            "the server's disk has %s free: %s of rows and twice %s to build their indexes"
            " do not fit",
            free_text, table_text, index_text);
    return err_hint(fill->err, "make room, or ask for fewer rows");
}
