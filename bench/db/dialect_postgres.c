#include "bench/db/dialect_postgres.h"

#include <stdio.h>

/* The modes of the documentation's table "Conflicting Lock Modes", weakest first, as pg_locks orders them. */
const struct dialect_lock_mode postgres_lock_modes[] = {
    {"ACCESS SHARE", 0x80, false, false},
    {"ROW SHARE", 0xC0, false, false},
    {"ROW EXCLUSIVE", 0xF0, false, false},
    {"SHARE UPDATE EXCLUSIVE", 0xF8, false, false},
    {"SHARE", 0xEC, false, true},
    {"SHARE ROW EXCLUSIVE", 0xFC, false, true},
    {"EXCLUSIVE", 0xFE, false, true},
    {"ACCESS EXCLUSIVE", 0xFF, true, true},
    {NULL, 0, false, false},
};
enum {
    ACCESS_SHARE,
    ROW_SHARE,
    ROW_EXCLUSIVE,
    SHARE_UPDATE_EXCLUSIVE,
    SHARE,
    SHARE_ROW_EXCLUSIVE,
    EXCLUSIVE,
    ACCESS_EXCLUSIVE
};

/* The words of the language, and what a session of ours says first. */
const struct postgres_query postgres_words[] = {
    {DIALECT_NOW, PG_ANY, PG_NEWEST,
     "SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint AS now_us"},
    {DIALECT_VERSION, PG_ANY, PG_NEWEST,
     "SELECT current_setting('server_version') AS text, current_setting('server_version_num')::int AS "
     "number"},
    {DIALECT_SCHEMA, PG_ANY, PG_NEWEST, "SELECT coalesce(current_schema(), 'public')"},
    {DIALECT_BEGIN, PG_ANY, PG_NEWEST, "BEGIN"},
    {DIALECT_COMMIT, PG_ANY, PG_NEWEST, "COMMIT"},
    {DIALECT_ROLLBACK, PG_ANY, PG_NEWEST, "ROLLBACK"},
    {DIALECT_SET_LOCK_TIMEOUT, PG_ANY, PG_NEWEST, "SET lock_timeout = {}"},
    {DIALECT_SET_STATEMENT_TIMEOUT, PG_ANY, PG_NEWEST, "SET statement_timeout = {}"},
    {DIALECT_SETUP_SESSION, PG_ANY, PG_14,
     "SET DateStyle = 'ISO, YMD'; SET IntervalStyle = 'postgres'; SET TimeZone = 'UTC'; SET bytea_output = "
     "'hex';"
     " SET extra_float_digits = 1; SET client_min_messages = warning"},
    {DIALECT_SETUP_SESSION, PG_14, PG_NEWEST,
     "SET DateStyle = 'ISO, YMD'; SET IntervalStyle = 'postgres'; SET TimeZone = 'UTC'; SET bytea_output = "
     "'hex';"
     " SET extra_float_digits = 1; SET client_min_messages = warning;"
     " SET client_connection_check_interval = '1s'"},
    /* What anybody may set is committed before what needs a right: a refusal (42501) then costs the lock waits only. */
    {DIALECT_SETUP_MIGRATION, PG_ANY, PG_NEWEST,
     "BEGIN; SET client_min_messages = debug1; COMMIT; SET log_lock_waits = on; SET lc_messages = 'C'"},
    {DIALECT_SETUP_PROBE, PG_ANY, PG_NEWEST,
     "SET log_lock_waits = on; SET deadlock_timeout = '1ms'; SET client_min_messages = log;"
     " SET log_min_messages = fatal; SET lc_messages = 'C'; SET lock_timeout = 0; SET statement_timeout = 0"},
    {DIALECT_PROBE_READ, PG_ANY, PG_NEWEST, "SELECT 1 FROM {} LIMIT 0"},
    {DIALECT_PROBE_WRITE, PG_ANY, PG_NEWEST, "LOCK TABLE {} IN ROW EXCLUSIVE MODE; SELECT 1"},
    {DIALECT_COPY_DATABASE, PG_ANY, PG_NEWEST, "CREATE DATABASE {}"},
    /* No schema of ours has a name that a role may have: what such a role creates without a schema would land in it. */
    {DIALECT_MARKER_CREATE, PG_ANY, PG_NEWEST,
     "CREATE SCHEMA IF NOT EXISTS rehearse_staging;"
     " CREATE TABLE IF NOT EXISTS rehearse_staging.marker (identity text NOT NULL, expires timestamptz NOT "
     "NULL,"
     " armed_by text NOT NULL DEFAULT current_user, armed_at timestamptz NOT NULL DEFAULT now())"},
    {DIALECT_MARKER_READ, PG_ANY, PG_NEWEST,
     "SELECT identity, (extract(epoch FROM expires) * 1000000)::bigint AS expires_us"
     " FROM rehearse_staging.marker ORDER BY expires DESC"},
    {DIALECT_MARKER_WRITE, PG_ANY, PG_NEWEST,
     "INSERT INTO rehearse_staging.marker (identity, expires)"
     " SELECT m.identity, to_timestamp(m.expires_us / 1000000.0) FROM (VALUES ({})) AS m (identity, "
     "expires_us)"},
    {DIALECT_MARKER_DROP, PG_ANY, PG_NEWEST,
     "DROP TABLE IF EXISTS rehearse_staging.marker; DROP SCHEMA IF EXISTS rehearse_staging"},
    /* A schema of its own, gone with it. */
    {DIALECT_HEARTBEAT_CREATE, PG_ANY, PG_NEWEST,
     "CREATE SCHEMA IF NOT EXISTS rehearse_heartbeat;"
     " CREATE TABLE IF NOT EXISTS rehearse_heartbeat.beat (id int PRIMARY KEY, beat bigint NOT NULL)"},
    /* A beat waits for its own log, never for a synchronous standby: one that stands still shall lag, not stop the beat. */
    {DIALECT_HEARTBEAT_BEAT, PG_ANY, PG_NEWEST,
     "SET LOCAL synchronous_commit = local; INSERT INTO rehearse_heartbeat.beat (id, beat) VALUES (1, {})"
     " ON CONFLICT (id) DO UPDATE SET beat = excluded.beat"},
    {DIALECT_HEARTBEAT_READ, PG_ANY, PG_NEWEST, "SELECT beat FROM rehearse_heartbeat.beat"},
    {DIALECT_HEARTBEAT_DROP, PG_ANY, PG_NEWEST, "DROP SCHEMA IF EXISTS rehearse_heartbeat CASCADE"},
    {DIALECT_COMPARE_SETUP, PG_ANY, PG_NEWEST,
     "SET default_transaction_read_only = on; SET lock_timeout = '5s'; SET statement_timeout = {}"},
    {DIALECT_COMPARE_PLANNER, PG_ANY, PG_NEWEST,
     "SELECT format('SET %I = %L', name, setting) FROM pg_catalog.pg_settings WHERE context = 'user'"
     " AND (category LIKE 'Query Tuning%' OR name IN ('work_mem', 'hash_mem_multiplier', "
     "'effective_io_concurrency')) ORDER BY name"},
    {DIALECT_COMPARE_PLAN, PG_ANY, PG_NEWEST, "EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON) {}"},
    {0, 0, 0, NULL},
};

static const struct postgres_query *const chapters[] = {
    postgres_words, postgres_catalogue, postgres_activity, postgres_schema,
    postgres_bulk,  postgres_journal,   postgres_profile,  postgres_travel};

static const char *text(enum dialect_query query, int version)
{
    for (size_t i = 0; i < sizeof chapters / sizeof chapters[0]; i++)
        for (const struct postgres_query *row = chapters[i]; row->text != NULL; row++)
            if (row->query == query && version >= row->since && version < row->before)
                return row->text;
    return NULL;
}

static const char *version_label(int version, char label[32])
{
    snprintf(label, 32, "%d.%d", version / 10000, version % 10000);
    return label;
}

static const signed char strongest[] = {
    [SQL_KIND_OTHER] = -1,
    [SQL_KIND_SELECT] = ACCESS_SHARE,
    [SQL_KIND_INSERT] = ROW_EXCLUSIVE,
    [SQL_KIND_UPDATE] = ROW_EXCLUSIVE,
    [SQL_KIND_DELETE] = ROW_EXCLUSIVE,
    [SQL_KIND_ALTER_TABLE_ADD_COLUMN] = ACCESS_EXCLUSIVE,
    [SQL_KIND_ALTER_TABLE_DROP_COLUMN] = ACCESS_EXCLUSIVE,
    [SQL_KIND_ALTER_TABLE_RENAME] = ACCESS_EXCLUSIVE,
    [SQL_KIND_ALTER_TABLE_VALIDATE] = SHARE_UPDATE_EXCLUSIVE,
    [SQL_KIND_ALTER_TABLE_ADD_FOREIGN_KEY] = SHARE_ROW_EXCLUSIVE,
    [SQL_KIND_ALTER_TABLE_SET_OPTIONS] = SHARE_UPDATE_EXCLUSIVE,
    [SQL_KIND_ALTER_TABLE_OTHER] = ACCESS_EXCLUSIVE, /* what the manual does not say otherwise of */
    [SQL_KIND_CREATE_INDEX] = SHARE,
    [SQL_KIND_CREATE_INDEX_CONCURRENTLY] = SHARE_UPDATE_EXCLUSIVE,
    [SQL_KIND_DROP_INDEX] = ACCESS_EXCLUSIVE,
    [SQL_KIND_DROP_INDEX_CONCURRENTLY] = SHARE_UPDATE_EXCLUSIVE,
    [SQL_KIND_REINDEX_CONCURRENTLY] = SHARE_UPDATE_EXCLUSIVE,
    [SQL_KIND_CREATE_TRIGGER] = SHARE_ROW_EXCLUSIVE,
    [SQL_KIND_DROP_TRIGGER] = ACCESS_EXCLUSIVE,
    [SQL_KIND_CREATE_FUNCTION] = -1,
    [SQL_KIND_DROP_FUNCTION] = -1,
    [SQL_KIND_CREATE_TABLE] = -1,
    [SQL_KIND_DROP_TABLE] = ACCESS_EXCLUSIVE,
    [SQL_KIND_TRUNCATE] = ACCESS_EXCLUSIVE,
    [SQL_KIND_VACUUM] = SHARE_UPDATE_EXCLUSIVE,
    [SQL_KIND_BEGIN] = -1,
    [SQL_KIND_COMMIT] = -1,
    [SQL_KIND_ROLLBACK] = -1,
    [SQL_KIND_COPY] = ROW_EXCLUSIVE,
    [SQL_KIND_LOCK_TABLE] = -1,
    [SQL_KIND_OTHER_DDL] = -1,
};

int postgres_expected_lock(enum sql_kind kind)
{
    return strongest[kind];
}

const struct dialect dialect_postgres = {
    .engine = "postgresql",
    .lexis = SQL_POSTGRES,
    .ddl_is_transactional = true,
    .loads_binary = true,
    .lock_modes = postgres_lock_modes,
    .text = text,
    .version_label = version_label,
    .expected_lock = postgres_expected_lock,
    .waits_untold =
        "Latency only: the role may not set log_lock_waits and deadlock_timeout, so that short waits "
        "are told from noise by their length alone: GRANT SET ON PARAMETER log_lock_waits, "
        "deadlock_timeout, log_min_messages, lc_messages TO it (PostgreSQL 15 and later).",
};
