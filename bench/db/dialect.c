#include "bench/db/dialect.h"

#include "bench/base/buf.h"

#include <assert.h>
#include <ctype.h>
#include <string.h>

char *dialect_sql(struct arena *arena, const struct db *db, enum dialect_query query, const char *argument)
{
    assert(query >= 0 && query < DIALECT_QUERY_COUNT);
    const char *text = db_dialect(db)->text(query, db_version(db));
    if (text == NULL)
        return NULL;
    struct buf sql = {0};
    for (const char *hole; (hole = strstr(text, "{}")) != NULL; text = hole + 2) {
        assert(argument != NULL);
        buf_printf(&sql, "%.*s%s", (int)(hole - text), text, argument);
    }
    buf_puts(&sql, text);
    char *made = arena_strdup(arena, buf_text(&sql));
    buf_free(&sql);
    return made;
}

/* Compares "ACCESS EXCLUSIVE" with "AccessExclusiveLock": letters only, cases folded, "Lock" at the end left out. */
static bool same_mode(const char *mode, const char *name)
{
    for (; *mode != '\0'; mode++) {
        if (*mode == ' ')
            continue;
        while (*name == ' ')
            name++;
        if (tolower((unsigned char)*mode) != tolower((unsigned char)*name++))
            return false;
    }
    return *name == '\0' || strcasecmp(name, "Lock") == 0;
}

int dialect_lock_mode(const struct dialect *dialect, const char *name)
{
    for (int i = 0; dialect->lock_modes[i].name != NULL; i++)
        if (same_mode(dialect->lock_modes[i].name, name))
            return i;
    return -1;
}
