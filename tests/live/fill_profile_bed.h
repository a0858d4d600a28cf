/* fill_profile_bed: a server, databases in it, their profiles and what is filled from these. */
#ifndef REHEARSE_TESTS_FILL_PROFILE_BED_H
#define REHEARSE_TESTS_FILL_PROFILE_BED_H

#include "bench/base/buf.h"
#include "bench/sandbox/sandbox.h"
#include "generators/fill.h"
#include "generators/profile.h"
#include "generators/redact.h"
#include "generators/scan.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct sandbox *server;
static struct arena arena;
static struct db_target target;

static void run(struct db *session, const char *sql)
{
    struct err err = {0};
    if (!db_command(session, sql, &err))
        fail_msg("%s in %.300s", err.message, sql);
}

static struct db_target *database(const char *name)
{
    struct db_target *other = arena_alloc(&arena, sizeof *other);
    *other = target;
    other->database_override = name;
    return other;
}

static struct db *session_in(const struct db_target *where)
{
    struct err err = {0};
    struct db *session = db_open(
        where, &(struct db_options){.application_name = "rehearse/test/fill_profile"}, &err);
    if (session == NULL)
        fail_msg("%s", err.message);
    return session;
}

static struct db_table ask(struct db *session, const char *sql)
{
    struct err err = {0};
    struct db_table rows = {0};
    if (!db_query(session, &arena, sql, &rows, &err))
        fail_msg("%s in %.300s", err.message, sql);
    return rows;
}

static int64_t number(struct db *session, const char *sql)
{
    struct db_table rows = ask(session, sql);
    assert_int_equal(rows.rows, 1);
    return atoll(db_value(&rows, 0, 0));
}

/* As it travels: written and read again. */
static struct profile *profile_of(const char *name, bool counts, bool redact)
{
    struct err err = {0};
    struct profile *made, *read;
    struct buf text = {0};
    const struct scan_config config = {
        .target = database(name), .counts = counts, .statement_timeout_ms = 60000};
    if (!scan_run(&config, &arena, &made, &err))
        fail_msg("%s", err.message);
    static const char *const none[] = {NULL};
    if (redact && !redact_profile(made, &arena, &(struct redact_rules){none}, &err))
        fail_msg("%s", err.message);
    profile_write(made, &text);
    if (!profile_read(&arena, "profile.json", arena_strdup(&arena, buf_text(&text)), text.length, &read,
                      &err))
        fail_msg("%s", err.message);
    buf_free(&text);
    return read;
}

static struct db *filled(const struct profile *profile, const char *name, double scale,
                         const struct fill_table_spec *tables, size_t table_count)
{
    struct err err = {0};
    struct fill_result result;
    struct db_target *where = database(name);
    struct db *session = session_in(&target);
    run(session, arena_printf(&arena, "DROP DATABASE IF EXISTS %s WITH (FORCE)", name));
    run(session, arena_printf(&arena, "CREATE DATABASE %s TEMPLATE template0", name));
    db_close(session);
    const struct fill_config config = {.target = where,
                                       .run_id = "fill_profile",
                                       .profile = profile,
                                       .scale = scale,
                                       .tables = tables,
                                       .table_count = table_count,
                                       .seed = 7,
                                       .threads = 2};
    if (!fill_run(&config, &arena, &result, &err)) {
        char message[2048];
        err_text(&err, message, sizeof message);
        fail_msg("%s %s", message, err.hint);
    }
    return session_in(where);
}

static bool bed_start(void)
{
    struct err err = {0};
    server = sandbox_start("sandbox:postgresql", &err);
    if (server == NULL || !db_target_parse(&arena, sandbox_dsn(server), &target, &err))
        fail_msg("%s", err.message);
    return true;
}

static void bed_stop(void)
{
    sandbox_stop(server);
    arena_free(&arena);
}

/* A database with what sql makes, analysed. */
static struct db *made(const char *name, const char *const *sql)
{
    struct db *session = session_in(&target);
    run(session, arena_printf(&arena, "CREATE DATABASE %s TEMPLATE template0", name));
    db_close(session);
    session = session_in(database(name));
    for (; *sql != NULL; sql++)
        run(session, *sql);
    run(session, "VACUUM");
    run(session, "ANALYZE");
    return session;
}

#endif
