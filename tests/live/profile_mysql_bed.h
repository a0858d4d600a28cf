/* profile_mysql_bed: a sandbox of the engine under test with the schema and rows of profile_mysql_schema; after cmocka.h. */
#ifndef REHEARSE_TESTS_PROFILE_MYSQL_BED_H
#define REHEARSE_TESTS_PROFILE_MYSQL_BED_H

#include "bench/sandbox/sandbox.h"
#include "generators/scan.h"
#include "profile_mysql_schema.h"

static const char *engine; /* "sandbox:mariadb" or "sandbox:mysql" */
static struct sandbox *server;
static struct arena arena;
static struct db *db;
static struct db_target target;

static bool is_mariadb(void)
{
    return strcmp(engine, "sandbox:mariadb") == 0;
}

static void run(struct db *session, const char *sql)
{
    struct err err = {0};
    if (!db_command(session, sql, &err))
        fail_msg("%s in %.600s", err.message, sql);
}

static void run_all(struct db *session, const char *const *list)
{
    for (; *list != NULL; list++)
        run(session, *list);
}

static struct db *session_in(const struct db_target *where)
{
    struct err err = {0};
    struct db *session = db_open(where, &(struct db_options){.application_name = "rehearse/test/profile"},
                                 &err);
    if (session == NULL)
        fail_msg("%s", err.message);
    return session;
}

static struct db_target parsed(const char *user, const char *database)
{
    struct err err = {0};
    struct db_target made;
    const char *dsn = arena_printf(&arena, "S=%s,u=%s,D=%s", target.socket, user, database);
    if (!db_target_parse(&arena, dsn, &made, &err))
        fail_msg("%s", err.message);
    return made;
}

static struct profile *scanned(const struct scan_config *config)
{
    struct err err = {0};
    struct profile *made;
    if (!scan_run(config, &arena, &made, &err))
        fail_msg("%s %s", err.message, err.hint);
    return made;
}

static struct profile *profile_of(const struct db_target *source)
{
    return scanned(&(struct scan_config){.target = source, .statement_timeout_ms = 60000});
}

static void analyze(void)
{
    run(db, is_mariadb()
                ? "ANALYZE TABLE item, category, `Odd ``Table` PERSISTENT FOR ALL"
                : "ANALYZE TABLE item UPDATE HISTOGRAM ON status, price, day, at, quantity, name, ok, "
                  "category_id WITH 100 BUCKETS");
    run(db, "ANALYZE TABLE item, category, `Odd ``Table`");
}

static int start(void **state)
{
    struct err err = {0};
    (void)state;
    if (!db_target_parse(&arena, sandbox_dsn(server), &target, &err)) {
        print_message("%s\n", err.message);
        return -1;
    }
    db = session_in(&target);
    run_all(db, is_mariadb() ? profile_mariadb : profile_mysql);
    run_all(db, profile_common);
    run_all(db, profile_filling);
    analyze();
    return 0;
}

static int stop(void **state)
{
    (void)state;
    db_close(db);
    sandbox_stop(server);
    arena_free(&arena);
    return 0;
}

#endif
