#include "bench/db/dialect_mysql.h"

#include <stdio.h>

enum {
    INTENTION_EXCLUSIVE,
    SHARED,
    SHARED_HIGH_PRIO,
    SHARED_READ,
    SHARED_WRITE,
    SHARED_WRITE_LOW_PRIO,
    SHARED_UPGRADABLE,
    SHARED_READ_ONLY,
    SHARED_NO_WRITE,
    SHARED_NO_READ_WRITE,
    EXCLUSIVE
};

/* Metadata locks, by the compatibility matrix of granted locks in the servers' mdl.cc; then InnoDB's row locks. A plain
 * SELECT takes SHARED READ, a statement that changes rows SHARED WRITE. */
static const struct dialect_lock_mode lock_modes[] = {
    {"INTENTION EXCLUSIVE", 0x402, false, false},
    {"SHARED", 0x401, false, false},
    {"SHARED HIGH PRIO", 0x400, false, false},
    {"SHARED READ", 0x600, false, false},
    {"SHARED WRITE", 0x780, false, false},
    {"SHARED WRITE LOW PRIO", 0x780, false, false},
    {"SHARED UPGRADABLE", 0x740, false, false},
    {"SHARED READ ONLY", 0x630, false, true},
    {"SHARED NO WRITE", 0x770, false, true},
    {"SHARED NO READ WRITE", 0x7F8, true, true},
    {"EXCLUSIVE", 0x7FF, true, true},
    {"ROW SHARED", 0x1000, false, false},
    {"ROW EXCLUSIVE", 0x1800, false, false},
    {NULL, 0, false, false},
};

/* The words of the language, and what a session of ours says first. */
const struct mysql_query mysql_words[] = {
    {DIALECT_BEGIN, MYSQL_BOTH, MYSQL_ANY, MYSQL_NEWEST, "START TRANSACTION"},
    {DIALECT_COMMIT, MYSQL_BOTH, MYSQL_ANY, MYSQL_NEWEST, "COMMIT"},
    {DIALECT_ROLLBACK, MYSQL_BOTH, MYSQL_ANY, MYSQL_NEWEST, "ROLLBACK"},
    {0, 0, 0, 0, NULL},
};

static const struct mysql_query *const chapters[] = {mysql_words, mysql_catalogue, mysql_activity,
                                                     mysql_schema, mysql_bulk};

static const char *find(enum dialect_query query, enum mysql_flavour flavour, int version)
{
    for (size_t i = 0; i < sizeof chapters / sizeof chapters[0]; i++)
        for (const struct mysql_query *row = chapters[i]; row->text != NULL; row++)
            if (row->query == query && (row->flavour == MYSQL_BOTH || row->flavour == flavour) &&
                version >= row->since && version < row->before)
                return row->text;
    return NULL;
}

static const char *text_of_mysql(enum dialect_query query, int version)
{
    return find(query, MYSQL_ONLY, version);
}

static const char *text_of_mariadb(enum dialect_query query, int version)
{
    return find(query, MARIADB_ONLY, version);
}

static const char *version_label(int version, char label[32])
{
    snprintf(label, 32, "%d.%d.%d", version / 10000, version / 100 % 100, version % 100);
    return label;
}

/* Every ALTER TABLE takes EXCLUSIVE at its end, an online one only for a moment. */
static const signed char strongest[] = {
    [SQL_KIND_OTHER] = -1,
    [SQL_KIND_SELECT] = SHARED_READ,
    [SQL_KIND_INSERT] = SHARED_WRITE,
    [SQL_KIND_UPDATE] = SHARED_WRITE,
    [SQL_KIND_DELETE] = SHARED_WRITE,
    [SQL_KIND_ALTER_TABLE_ADD_COLUMN] = EXCLUSIVE,
    [SQL_KIND_ALTER_TABLE_DROP_COLUMN] = EXCLUSIVE,
    [SQL_KIND_ALTER_TABLE_RENAME] = EXCLUSIVE,
    [SQL_KIND_ALTER_TABLE_VALIDATE] = EXCLUSIVE,
    [SQL_KIND_ALTER_TABLE_ADD_FOREIGN_KEY] = EXCLUSIVE,
    [SQL_KIND_ALTER_TABLE_SET_OPTIONS] = EXCLUSIVE,
    [SQL_KIND_ALTER_TABLE_OTHER] = EXCLUSIVE,
    [SQL_KIND_CREATE_INDEX] = EXCLUSIVE,
    [SQL_KIND_CREATE_INDEX_CONCURRENTLY] = -1,
    [SQL_KIND_DROP_INDEX] = EXCLUSIVE,
    [SQL_KIND_DROP_INDEX_CONCURRENTLY] = -1,
    [SQL_KIND_REINDEX_CONCURRENTLY] = -1,
    [SQL_KIND_CREATE_TRIGGER] = EXCLUSIVE,
    [SQL_KIND_DROP_TRIGGER] = EXCLUSIVE,
    [SQL_KIND_CREATE_FUNCTION] = -1,
    [SQL_KIND_DROP_FUNCTION] = -1,
    [SQL_KIND_CREATE_TABLE] = -1,
    [SQL_KIND_DROP_TABLE] = EXCLUSIVE,
    [SQL_KIND_TRUNCATE] = EXCLUSIVE,
    [SQL_KIND_VACUUM] = -1,
    [SQL_KIND_BEGIN] = -1,
    [SQL_KIND_COMMIT] = -1,
    [SQL_KIND_ROLLBACK] = -1,
    [SQL_KIND_COPY] = -1,
    [SQL_KIND_LOCK_TABLE] = -1,
    [SQL_KIND_OTHER_DDL] = -1,
};

static int expected_lock(enum sql_kind kind)
{
    return strongest[kind];
}

const struct dialect dialect_mysql = {
    .engine = "mysql",
    .lexis = SQL_MYSQL,
    .ddl_is_transactional = false,
    .lock_modes = lock_modes,
    .text = text_of_mysql,
    .version_label = version_label,
    .expected_lock = expected_lock,
};

const struct dialect dialect_mariadb = {
    .engine = "mariadb",
    .lexis = SQL_MYSQL,
    .ddl_is_transactional = false,
    .lock_modes = lock_modes,
    .text = text_of_mariadb,
    .version_label = version_label,
    .expected_lock = expected_lock,
};
