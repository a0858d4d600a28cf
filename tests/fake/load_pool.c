#include "bench/load/antagonist.h"
#include "bench/load/pool.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

struct fixture {
    struct arena arena;
    char file[32];
    struct db_target target;
    struct workload workload;
    struct app_entry entries[2];
    struct app apps[2];
    struct pool_config config;
};

static void make_app(struct fixture *fixture, int app, const char *name, const char *text)
{
    struct err err = {0};
    assert_true(workload_add_text(&fixture->workload, name, text, &fixture->entries[app].script, &err));
    fixture->entries[app].weight = 1;
    fixture->apps[app] = (struct app){
        .name = name, .entries = &fixture->entries[app], .entry_count = 1, .weight_sum = 1};
    fixture->workload.app_count = (size_t)app + 1;
}

static struct fixture *world(const char *script)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);
    struct err err = {0};
    char dsn[64];
    strcpy(fixture->file, "/tmp/rh-load.XXXXXX");
    int fd = mkstemp(fixture->file);
    assert_true(fd >= 0 && write(fd, script, strlen(script)) == (ssize_t)strlen(script));
    close(fd);
    snprintf(dsn, sizeof dsn, "fake:%s", fixture->file);
    if (!db_target_parse(&fixture->arena, dsn, &fixture->target, &err))
        fail_msg("%s", err.message);
    workload_init(&fixture->workload, &fixture->arena, SQL_POSTGRES);
    fixture->workload.apps = fixture->apps;
    make_app(fixture, 0, "v1", "\\set id random(1, 1000)\nSELECT total FROM orders WHERE id = :id;");
    fixture->config = (struct pool_config){.target = &fixture->target,
                                           .workload = &fixture->workload,
                                           .run_id = "t",
                                           .mix = {.parts = {{0, 1}}, .count = 1},
                                           .seed = 7,
                                           .rate_per_s = 1000,
                                           .sessions = 8,
                                           .phases = 2,
                                           .longest_ns = 60 * NS_PER_S};
    return fixture;
}

static void end(struct fixture *fixture)
{
    unlink(fixture->file);
    arena_free(&fixture->arena);
    free(fixture);
}

static struct pool *open_pool(struct fixture *fixture)
{
    struct err err = {0};
    struct pool *pool = pool_open(&fixture->config, &err);
    if (pool == NULL)
        fail_msg("%s:%d:%d: %s", err.file, err.line, err.column, err.message);
    return pool;
}

static struct tally_cell *collect(const struct pool *pool, int phase, int slot)
{
    struct tally_cell *cell = mem_alloc(sizeof *cell);
    tally_collect(pool_tally(pool), phase, slot, cell);
    return cell;
}

/* MEASURE's example: 1,000/s for 2 s, a lock of 500 ms. A quarter of the arrivals waits evenly between 0 and 500 ms, so
 * the 99th percentile of all is 480 ms from the due time; sent are only the eight that hang in it. */
static void a_lock_is_charged_from_the_due_time(void **state)
{
    (void)state;
    struct fixture *fixture = world("on \"orders\" takes 200us\nlock \"orders\" from 600ms to 1100ms\n");
    int64_t zero_ns = clock_ns();
    struct pool *pool = open_pool(fixture);
    pool_go(pool, zero_ns + 300 * NS_PER_MS);
    clock_sleep_until_ns(zero_ns + 850 * NS_PER_MS);
    struct pool_progress during = pool_progress(pool);
    pool_enter_phase(pool, 1); /* in the middle of the stall: what was due before stays in phase 0 */
    int64_t entered_ns = clock_ns();
    clock_sleep_until_ns(zero_ns + 2300 * NS_PER_MS);
    pool_stop(pool, clock_ns() + 5 * NS_PER_S);

    assert_in_range(during.backlog, 150, 260);
    assert_true(during.oldest_due_ns > zero_ns && during.oldest_due_ns < zero_ns + 700 * NS_PER_MS);
    struct pool_count count = pool_count(pool);
    assert_in_range(count.requests, 2000, 2100); /* every arrival due before the stop, and none else */
    assert_int_equal(count.failed, 0);
    assert_int_equal(count.unfinished, 0);
    struct tally_cell *all = collect(pool, -1, 0), *before = collect(pool, 0, 0),
                      *statement = collect(pool, -1, 1);
    assert_int_equal(all->response.total, count.requests);
    assert_int_equal(statement->service.total, count.requests);
    assert_in_range(hist_percentile_us(&all->response, 99), 400000, 520000);
    assert_in_range(hist_percentile_us(&all->service, 99), 200, 100000);
    assert_in_range(all->service.max_us, 400000, 540000);
    int64_t due_before = (entered_ns - zero_ns - 300 * NS_PER_MS) / NS_PER_MS;
    assert_in_range(before->response.total, due_before - 20, due_before + 20);
    assert_true(before->response.max_us > 400000);
    struct series_point total = series_read(pool_series(pool), 0, SIZE_MAX);
    assert_int_equal(total.due, count.requests);
    assert_int_equal(total.completed, count.requests);
    assert_true(series_read(pool_series(pool), 5, 1).backlog > 100);
    size_t spans;
    uint64_t lost;
    assert_non_null(pool_spans(pool, &spans, &lost));
    assert_true(spans >= 490);
    assert_int_equal(lost, 0);
    free(all);
    free(before);
    free(statement);
    pool_close(pool);
    end(fixture);
}

static void failures_are_counted_by_class(void **state)
{
    (void)state;
    struct fixture *fixture = world("on \"orders\" fails deadlock 20%\n");
    fixture->config.rate_per_s = 2000;
    struct pool *pool = open_pool(fixture);
    pool_go(pool, clock_ns());
    clock_sleep_ns(500 * NS_PER_MS);
    pool_stop(pool, clock_ns() + NS_PER_S);
    struct tally_cell *all = collect(pool, 0, 0);
    struct pool_count count = pool_count(pool);
    assert_int_equal(count.failed, all->outcomes[OUTCOME_DEADLOCK]);
    assert_int_equal(count.requests, all->outcomes[OUTCOME_OK] + all->outcomes[OUTCOME_DEADLOCK]);
    assert_true(count.failed > count.requests / 10 && count.failed < count.requests * 3 / 10);
    free(all);
    pool_close(pool);
    end(fixture);
}

/* Whatever hangs when the waiting is over, sent or not, counts as unfinished with its stall. */
static void what_never_ends_is_unfinished(void **state)
{
    (void)state;
    struct fixture *fixture = world("lock \"orders\" from 100ms to 60000ms\n");
    struct pool *pool = open_pool(fixture);
    int64_t start_ns = clock_ns();
    pool_go(pool, start_ns);
    clock_sleep_ns(500 * NS_PER_MS);
    pool_stop(pool, clock_ns() + 200 * NS_PER_MS);
    assert_true(clock_ns() - start_ns < 3 * NS_PER_S);
    struct pool_count count = pool_count(pool);
    struct tally_cell *all = collect(pool, 0, 0);
    struct series_point total = series_read(pool_series(pool), 0, SIZE_MAX);
    assert_in_range(count.unfinished, 350, 450);
    assert_in_range(count.requests + count.unfinished, 500, 560);
    assert_int_equal(total.due, count.requests + count.unfinished);
    assert_int_equal(all->outcomes[OUTCOME_CANCELLED], count.unfinished);
    assert_int_equal(pool_unfinished(pool, 0) + pool_unfinished(pool, 1), count.unfinished);
    assert_true(all->response.max_us > 550000);
    assert_int_equal(all->service.total, count.requests + 8);
    size_t spans;
    uint64_t lost;
    const struct request_span *span = pool_spans(pool, &spans, &lost);
    size_t never_sent = 0;
    for (size_t i = 0; i < spans; i++)
        never_sent += span[i].sent_ns == 0 && !span[i].finished;
    assert_int_equal(never_sent, count.unfinished - 8);
    free(all);
    pool_close(pool);
    end(fixture);
}

static void a_deploy_waits_for_the_old_code(void **state)
{
    (void)state;
    struct fixture *fixture = world("on \"old\" takes 300ms\non \"new\" takes 1ms\n");
    make_app(fixture, 0, "v1", "SELECT old;");
    make_app(fixture, 1, "v2", "SELECT new;");
    fixture->config.rate_per_s = 0;
    const struct app_mix next = {.parts = {{1, 1}}, .count = 1};
    struct pool *pool = open_pool(fixture);
    int still_old;
    pool_go(pool, clock_ns());
    clock_sleep_ns(50 * NS_PER_MS);
    assert_false(pool_deploy(pool, &next, clock_ns() + 50 * NS_PER_MS, &still_old));
    assert_int_equal(still_old, 8);
    int64_t deployed_ns = clock_ns();
    assert_true(pool_deploy(pool, &next, clock_ns() + 5 * NS_PER_S, &still_old));
    assert_int_equal(still_old, 0);
    int64_t drained_ns = clock_ns();
    assert_true(drained_ns - deployed_ns > 100 * NS_PER_MS);
    clock_sleep_ns(50 * NS_PER_MS);
    pool_stop(pool, clock_ns() + NS_PER_S);
    struct tally_cell *old = collect(pool, -1, fixture->entries[0].script),
                      *new = collect(pool, -1, fixture->entries[1].script);
    assert_int_equal(old->response.total, 8);
    assert_true(new->response.total > 8);
    size_t spans;
    uint64_t lost;
    const struct request_span *span = pool_spans(pool, &spans, &lost);
    for (size_t i = 0; i < spans; i++)
        assert_true(span[i].script != fixture->entries[0].script || span[i].done_ns <= drained_ns);
    free(old);
    free(new);
    pool_close(pool);
    end(fixture);
}

static void undefined_variables_stop_it_before_the_load(void **state)
{
    (void)state;
    struct fixture *fixture = world("latency 0us\n");
    struct err err = {0};
    make_app(fixture, 0, "v1", "SELECT 1;\n\\set a random(1, :orders_rows)\nSELECT :a;");
    assert_null(pool_open(&fixture->config, &err));
    assert_int_equal(err.kind, ERR_USAGE);
    assert_int_equal(err.line, 2);
    assert_non_null(strstr(err.message, ":orders_rows"));
    end(fixture);
}

static void an_antagonist_holds_and_can_be_stopped(void **state)
{
    (void)state;
    struct fixture *fixture = world("latency 1ms\n");
    struct antagonist_config config = {.pool = &fixture->config,
                                       .start_ns = 20 * NS_PER_MS,
                                       .every_ns = 100 * NS_PER_MS,
                                       .hold_ns = 30 * NS_PER_MS};
    struct err err = {0};
    assert_true(workload_add_text(&fixture->workload, "report",
                                  "BEGIN;\nSELECT count(*) FROM orders;\n\\sleep :hold_ms ms\nCOMMIT;",
                                  &config.script, &err));
    struct antagonist *antagonist = antagonist_open(&config, &err);
    assert_non_null(antagonist);
    int64_t zero_ns = clock_ns();
    antagonist_go(antagonist, zero_ns);
    clock_sleep_ns(280 * NS_PER_MS);
    antagonist_stop(antagonist);
    size_t count;
    const struct request_span *spans = antagonist_spans(antagonist, &count);
    assert_int_equal(count, 3);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(spans[i].due_ns, zero_ns + (20 + 100 * (int64_t)i) * NS_PER_MS);
        assert_true(spans[i].done_ns - spans[i].sent_ns >= 30 * NS_PER_MS);
        assert_int_equal(spans[i].outcome, OUTCOME_OK);
    }
    antagonist_close(antagonist);

    config.hold_ns = 3600 * NS_PER_S;
    antagonist = antagonist_open(&config, &err);
    zero_ns = clock_ns();
    antagonist_go(antagonist, zero_ns);
    clock_sleep_ns(60 * NS_PER_MS);
    antagonist_close(antagonist);
    assert_true(clock_ns() - zero_ns < NS_PER_S);
    end(fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_lock_is_charged_from_the_due_time),
        cmocka_unit_test(failures_are_counted_by_class),
        cmocka_unit_test(what_never_ends_is_unfinished),
        cmocka_unit_test(a_deploy_waits_for_the_old_code),
        cmocka_unit_test(undefined_variables_stop_it_before_the_load),
        cmocka_unit_test(an_antagonist_holds_and_can_be_stopped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
