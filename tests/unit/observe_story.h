/* observe_story: what the observer saw of MariaDB, made up by hand. Times below are milliseconds. */
#ifndef REHEARSE_TESTS_UNIT_OBSERVE_STORY_H
#define REHEARSE_TESTS_UNIT_OBSERVE_STORY_H

#include "bench/observe/evidence.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define MS(n) ((int64_t)(n)*NS_PER_MS)

enum {
    READER = 10,
    MIGRATION = 20,
    FIRST_APP = 100,
    APPS = 8,
    ORDERS_ID = 16400,
    NEW_ID = 16401,
    ROW_TARGET = 5
};

enum {
    SHARED_READ = 3,
    SHARED_WRITE = 4,
    SHARED_UPGRADABLE = 6,
    SHARED_NO_WRITE = 8,
    EXCLUSIVE = 10,
    ROW_EXCLUSIVE = 12
};

static const char *const NAMES[] = {"orders"}, *const QUOTED[] = {"`orders`"};
static const char *const SCRIPTS[] = {"read orders", "write orders"};
static const uint64_t SCRIPT_TABLES[] = {1, 1};
static const bool SCRIPT_WRITES[] = {false, true};

struct story {
    struct arena arena;
    struct tables_object object;
    struct tables tables;
    struct roster roster;
    struct watcher_run runs[100];
    struct lock_row rows[1000];
    struct watcher_name name;
    struct watcher_log watcher;
    struct sighting sightings[8];
    struct request_span requests[1000];
    size_t request_count;
    struct evidence evidence;
    struct attempt_locks locks;
    struct episode *episodes;
    size_t episode_count;
};

static inline struct story *story_begin(void)
{
    struct story *story = calloc(1, sizeof *story);
    story->object = (struct tables_object){ORDERS_ID, 0, NAMES[0]};
    story->tables = (struct tables){
        .names = NAMES, .quoted = QUOTED, .count = 1, .objects = &story->object, .object_count = 1};
    roster_init(&story->roster);
    roster_join(&story->roster, MIGRATION, ROSTER_MIGRATION);
    story->roster.entries[0].from_ns = 0;
    story->name = (struct watcher_name){NEW_ID, "_orders_new"};
    story->watcher = (struct watcher_log){
        .runs = story->runs, .rows = story->rows, .names = &story->name, .name_count = 1};
    story->evidence = (struct evidence){
        .dialect = &dialect_mariadb,
        .watcher = &story->watcher,
        .sightings = story->sightings,
        .tables = &story->tables,
        .roster = &story->roster,
        .watcher_period_ns = MS(2),
    };
    return story;
}

static inline void story_end(struct story *story)
{
    roster_free(&story->roster);
    arena_free(&story->arena);
    free(story);
}

/* One row of the snapshot that seen() ends. wait_start_ns 0: granted. */
static inline void lock(struct story *story, int session, int mode, int64_t wait_start_ns)
{
    story->rows[story->watcher.row_count++] = (struct lock_row){
        .target = ORDERS_ID,
        .object = ORDERS_ID,
        .kind = LOCK_KIND_RELATION,
        .session = session,
        .mode = (uint8_t)mode,
        .granted = wait_start_ns == 0,
        .wait_start_ns = wait_start_ns,
    };
}

static inline void row_lock(struct story *story, int target, int session, int64_t wait_start_ns)
{
    lock(story, session, ROW_EXCLUSIVE, wait_start_ns);
    struct lock_row *row = &story->rows[story->watcher.row_count - 1];
    row->target = (uint64_t)target;
    row->object = NEW_ID;
    row->kind = LOCK_KIND_TRANSACTION;
}

/* Ends one run of equal snapshots, the first sent at from and the last at to, of the rows added since the one before. */
static inline void seen(struct story *story, int64_t from_ns, int64_t to_ns)
{
    size_t count = story->watcher.run_count;
    size_t row = count > 0 ? story->runs[count - 1].row + story->runs[count - 1].row_count : 0;
    locks_sort(&story->rows[row], story->watcher.row_count - row);
    story->runs[story->watcher.run_count++] = (struct watcher_run){
        from_ns, from_ns + MS(1) / 2, to_ns, to_ns + MS(1) / 2, 0, row, story->watcher.row_count - row};
}

static inline void told(struct story *story, int session, const char *query, int64_t at_ns, int64_t last_ns)
{
    story->sightings[story->evidence.sighting_count++] = (struct sighting){.at_ns = at_ns,
                                                                           .session = session,
                                                                           .application_name = "pt-osc",
                                                                           .state = "active",
                                                                           .query = query,
                                                                           .told_ns = at_ns + MS(1),
                                                                           .last_ns = last_ns};
}

/* A write every 10 ms, none of which is answered before the end. */
static inline void writes_blocked(struct story *story, int64_t from_ns, int64_t to_ns)
{
    int session = 0;
    for (int64_t due_ns = from_ns; due_ns < to_ns; due_ns += MS(10), session++)
        story->requests[story->request_count++] = (struct request_span){
            .due_ns = due_ns,
            .sent_ns = session < APPS ? due_ns : to_ns + MS(1),
            .done_ns = to_ns + MS(1),
            .session = FIRST_APP + session % APPS,
            .script = 1,
            .finished = 1,
        };
}

/* One attempt from start to end: of a command where its session is 0. */
static inline void join_attempt_of(struct story *story, const struct attempt_span *attempt)
{
    static const struct attempt_statement statement = {SQL_KIND_OTHER, "orders"};
    static const int64_t phase_starts_ns[] = {0};
    story->locks = attempt_locks(&story->evidence, &story->arena, attempt, &statement, 0);
    struct episode_input input = {
        .attempts = attempt,
        .locks = &story->locks,
        .attempt_count = 1,
        .requests = story->requests,
        .request_count = story->request_count,
        .script_names = SCRIPTS,
        .script_tables = SCRIPT_TABLES,
        .script_writes = SCRIPT_WRITES,
        .phase_starts_ns = phase_starts_ns,
        .phase_count = 1,
        .floor_ns = MS(1),
    };
    episodes_join(&story->evidence, &story->arena, &input, &story->episodes, &story->episode_count);
}

static inline void assert_near(int64_t us, int64_t wanted_ms, int64_t tolerance_ms)
{
    if (llabs(us - 1000 * wanted_ms) > 1000 * tolerance_ms)
        fail_msg("%lld us, wanted %lld ms", (long long)us, (long long)wanted_ms);
}

#endif
