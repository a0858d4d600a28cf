/* Limits are read strictly and judged as PRODUCT says: states, precedence, what cannot be measured, where the worst was. */
#include "reports/render.h"
#include "reports/threshold.h"
#include "reports/words.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct fixture {
    struct arena arena;
    struct record *record;
    struct thresholds thresholds;
};

static void set_latency(struct record_latency *latency, int64_t count, int64_t p99_us, int64_t max_us)
{
    *latency = (struct record_latency){"",     count,  p99_us / 4, p99_us / 2, p99_us / 2,
                                       p99_us, max_us, max_us,     NULL};
}

static struct record_phase *add_phase(struct fixture *f, struct record_strategy *strategy, const char *name,
                                      const char *kind, int64_t count, int64_t p99_us, int64_t max_us)
{
    struct record_phase *phase = RECORD_ADD(&f->arena, strategy->phases);
    phase->name = name;
    phase->kind = kind;
    phase->completed = true;
    phase->start_s = 10.0 * (double)(strategy->phases.count - 1);
    phase->end_s = phase->start_s + 10;
    set_latency(&phase->latency.all, count, p99_us, max_us);
    return phase;
}

/* Baseline p99 8 ms; the migration's 12 ms with one wait of 40 ms; the rollback's 900 ms does not count. */
static struct record_strategy *add_strategy(struct fixture *f, const char *name, bool candidate)
{
    struct record_strategy *strategy = RECORD_ADD(&f->arena, f->record->strategies);
    strategy->name = name;
    strategy->candidate = candidate;
    strategy->totals = (struct record_totals){.duration_s = 30,
                                              .stall_max_us = 40000,
                                              .wal_bytes = RECORD_NONE,
                                              .disk_extra_peak_bytes = RECORD_NONE,
                                              .throughput_ratio_min10s = 0.99};
    add_phase(f, strategy, "baseline", "baseline", 1000, 8000, 9000);
    add_phase(f, strategy, "expand", "ddl", 50, 40000, 40000);
    add_phase(f, strategy, "backfill", "data", 1000, 12000, 15000);
    add_phase(f, strategy, "rollback", "rollback", 1000, 900000, 900000);
    strategy->rollback = (struct record_rollback){.rehearsed = true,
                                                  .complete = true,
                                                  .schema_identical = true,
                                                  .duration_s = 5,
                                                  .stall_max_us = 900000};
    return strategy;
}

static struct fixture begin(void)
{
    struct fixture f = {0};
    f.record = arena_alloc(&f.arena, sizeof *f.record);
    return f;
}

static void add_limit(struct fixture *f, const char *metric, const char *expression)
{
    struct err err = {0};
    if (!threshold_parse(&f->arena, metric, expression, &f->thresholds, &err))
        fail_msg("%s", err.message);
}

static const struct record_threshold *judged(struct fixture *f, size_t index)
{
    threshold_judge(&f->arena, &f->thresholds, f->record);
    assert_true(f->record->thresholds.count > index);
    return &f->record->thresholds.items[index];
}

static void expressions_are_read(void **state)
{
    (void)state;
    struct fixture f = begin();
    add_limit(&f, "app.latency.p99{phase=backfill,statement=Q3}", "warn <= 25ms");
    add_limit(&f, "app.latency.p99", "< +50% of baseline");
    add_limit(&f, "app.throughput_ratio.min10s", "> 95%");
    add_limit(&f, "wal.bytes", "<60GB");
    add_limit(&f, "rollback.duration", "< 5min");
    const struct threshold *t = f.thresholds.items;
    assert_string_equal(t[0].phase, "backfill");
    assert_string_equal(t[0].statement, "Q3");
    assert_true(t[0].warn && t[0].compare == 'l' && t[0].limit == 25000);
    assert_true(t[1].of_baseline && t[1].limit == 0.5);
    assert_true(t[2].compare == '>' && fabs(t[2].limit - 0.95) < 1e-12);
    assert_true(t[3].limit == 60e9);
    assert_true(t[4].limit == 300);
    arena_free(&f.arena);
}

static void wrong_expressions_say_what_is_wrong(void **state)
{
    (void)state;
    static const struct {
        const char *metric, *expression, *says, *hint;
    } wrong[] = {
        {"app.stal_max", "< 1s", "app.stal_max", "app.stall_max"},
        {"app.stall_max", "1s", "expected <", ""},
        {"app.stall_max", "<", "a limit is missing", ""},
        {"app.stall_max", "< 5m", "app.stall_max \"< 5m\"", ""},
        {"app.stall_max", "< 500", "app.stall_max \"< 500\"", ""},
        {"app.failed", "< +10% of baseline", "no baseline", ""},
        {"app.latency.p99", "< 110% of baseline", "+100%", ""},
        {"app.latency.p99{phse=x}", "< 1s", "phase=NAME", ""},
        {"app.latency.p99{phase=x", "< 1s", "selector", ""},
        {"rollback.duration{phase=x}", "< 1s", "cannot be selected by phase", ""},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct fixture f = begin();
        struct err err = {0};
        assert_false(threshold_parse(&f.arena, wrong[i].metric, wrong[i].expression, &f.thresholds, &err));
        assert_int_equal(err.kind, ERR_USAGE);
        if (strstr(err.message, wrong[i].says) == NULL || strstr(err.hint, wrong[i].hint) == NULL)
            fail_msg("%s %s: \"%s\" \"%s\"", wrong[i].metric, wrong[i].expression, err.message, err.hint);
        assert_int_equal(f.thresholds.count, 0);
        arena_free(&f.arena);
    }
}

/* The rollback and the baseline do not count; a percentile needs requests, a stall does not. */
static void the_worst_counting_phase_is_measured(void **state)
{
    (void)state;
    struct fixture f = begin();
    add_strategy(&f, "s", false);
    add_limit(&f, "app.latency.p99", "< 25ms");
    add_limit(&f, "app.stall_max", "< 30ms");
    add_limit(&f, "app.latency.p99{phase=rollback}", "< 25ms");
    const struct record_threshold *t = judged(&f, 0);
    assert_true(t[0].measured == 12000);
    assert_string_equal(t[0].phase, "backfill");
    assert_string_equal(t[0].state, "pass");
    assert_true(fabs(t[0].used_ratio - 0.48) < 1e-9);
    assert_true(t[1].measured == 40000);
    assert_string_equal(t[1].phase, "expand");
    assert_string_equal(t[1].state, "fail");
    assert_true(t[2].measured == 900000);
    assert_string_equal(f.record->verdict.state, "fail");
    assert_int_equal(f.record->verdict.causes.count, 2);
    arena_free(&f.arena);
}

static void relative_limits_have_a_floor_only_by_default(void **state)
{
    (void)state;
    struct fixture f = begin();
    struct record_strategy *strategy = add_strategy(&f, "s", false);
    add_limit(&f, "app.latency.p99", "< +40% of baseline");
    const struct record_threshold *t = judged(&f, 0);
    assert_string_equal(t->state, "fail");
    assert_true(fabs(t->measured - 0.5) < 1e-9 && strcmp(t->unit, "ratio") == 0);
    assert_string_equal(t->limit, "< +40 % of baseline");

    set_latency(&strategy->phases.items[0].latency.all, 1000, 1000, 2000);
    set_latency(&strategy->phases.items[2].latency.all, 1000, 9000, 9500);
    f.record->thresholds.count = 0;
    f.thresholds = (struct thresholds){0};
    threshold_defaults(&f.arena, false, &f.thresholds);
    assert_int_equal(f.thresholds.count, 4);
    t = judged(&f, 2);
    assert_string_equal(t->metric, "app.latency.p99");
    assert_string_equal(t->state, "pass"); /* nine times the baseline, and still below 10 ms */
    assert_string_equal(t->limit, "< 10 ms");
    arena_free(&f.arena);
}

static void defaults_give_way_to_what_the_user_wrote(void **state)
{
    (void)state;
    struct fixture f = begin();
    add_limit(&f, "app.stall_max", "< 200ms");
    threshold_defaults(&f.arena, false, &f.thresholds);
    assert_int_equal(f.thresholds.count, 4);
    for (size_t i = 1; i < 4; i++)
        assert_string_not_equal(f.thresholds.items[i].metric, "app.stall_max");
    arena_free(&f.arena);

    f = begin();
    add_limit(&f, "app.stall_max{phase=settle}", "< 50ms");
    threshold_defaults(&f.arena, false, &f.thresholds);
    assert_int_equal(f.thresholds.count, 5);
    arena_free(&f.arena);
}

/* Two limits on one metric are told apart in every report. */
static void a_limit_on_one_phase_says_which(void **state)
{
    (void)state;
    struct fixture f = begin();
    struct buf text = {0}, markdown = {0}, page = {0};
    add_strategy(&f, "s", false);
    add_limit(&f, "app.latency.p99{phase=settle}", "< 1s");
    judged(&f, 0);
    text_render(f.record, false, &text);
    markdown_render(f.record, &markdown);
    html_render(f.record, &page);
    assert_non_null(strstr(buf_text(&text), "p99, worst phase{phase=settle}"));
    assert_non_null(strstr(buf_text(&markdown), "`{phase=settle}`"));
    assert_non_null(strstr(buf_text(&page), "{phase=settle}</span>"));
    buf_free(&text);
    buf_free(&markdown);
    buf_free(&page);
    arena_free(&f.arena);
}

static void what_cannot_be_measured_is_not_passed(void **state)
{
    (void)state;
    struct fixture f = begin();
    add_strategy(&f, "s", false);
    add_limit(&f, "wal.bytes", "< 1GB");
    assert_string_equal(judged(&f, 0)->state, "skipped");
    assert_true(isnan(f.record->thresholds.items[0].measured));
    assert_string_equal(f.record->verdict.state, "invalid");
    assert_non_null(strstr(f.record->verdict.sentence, "wal.bytes could not be measured"));
    arena_free(&f.arena);

    f = begin();
    add_strategy(&f, "s", false);
    f.record->strategies.items[0].phases.count = 0;
    f.record->strategies.items[0].totals.stall_max_us = RECORD_NONE;
    threshold_defaults(&f.arena, false, &f.thresholds);
    assert_string_equal(judged(&f, 0)->state, "skipped");
    assert_string_equal(f.record->verdict.state, "warn");
    arena_free(&f.arena);
}

/* A limit on a phase that only the other strategy has says nothing about this one. */
static void limits_on_a_phase_of_another_strategy_are_left_out(void **state)
{
    (void)state;
    struct fixture f = begin();
    add_strategy(&f, "phased", false);
    add_strategy(&f, "naive", true);
    f.record->strategies.items[1].phases.items[2].name = "all";
    add_limit(&f, "app.latency.p99{phase=backfill}", "< 25ms");
    judged(&f, 0);
    assert_int_equal(f.record->thresholds.count, 1);
    assert_string_equal(f.record->thresholds.items[0].strategy, "phased");
    assert_string_equal(f.record->verdict.state, "pass");
    arena_free(&f.arena);
}

static void the_candidate_decides_else_the_worst(void **state)
{
    (void)state;
    static const struct {
        bool candidate, aborted, invalid;
        const char *run;
    } cases[] = {
        {true, false, false, "pass"},    {false, false, false, "fail"}, {true, false, true, "invalid"},
        {false, false, true, "invalid"}, {true, true, true, "aborted"}, {false, true, false, "aborted"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct fixture f = begin();
        add_strategy(&f, "good", cases[i].candidate);
        add_strategy(&f, "bad", false);
        f.record->strategies.items[1].phases.items[1].latency.all.max_us = 2000000;
        f.record->strategies.items[0].invalid = cases[i].invalid;
        f.record->strategies.items[0].verdict.state = cases[i].aborted ? "aborted" : NULL;
        add_limit(&f, "app.stall_max", "< 1s");
        judged(&f, 0);
        assert_string_equal(f.record->verdict.state, cases[i].run);
        assert_string_equal(f.record->strategies.items[1].verdict.state, "fail");
        assert_non_null(f.record->verdict.sentence);
        arena_free(&f.arena);
    }
}

static struct record_episode *add_episode(struct fixture *f, struct record_strategy *strategy)
{
    struct record_episode *episode = RECORD_ADD(&f->arena, strategy->episodes);
    *episode = (struct record_episode){.start_s = 12,
                                       .end_s = 14,
                                       .phase = "expand",
                                       .statement = "alter table orders add column x int",
                                       .lock_mode = "ACCESS EXCLUSIVE",
                                       .object = "public.orders",
                                       .outcome = "lock_timeout",
                                       .migration_part = true,
                                       .attempt = 1,
                                       .waited_us = 2000000,
                                       .window_us = 2000000};
    episode->victims = (struct record_victims){
        .count = 1412, .sessions = 40, .session_us = 1, .longest_us = 2010000};
    *RECORD_ADD(&f->arena, episode->blockers) = (struct record_blocker){
        .session = "77", .application_name = "reporting", .state = "active", .role = "other"};
    return episode;
}

static void a_stall_names_its_cause(void **state)
{
    (void)state;
    struct fixture f = begin();
    struct record_strategy *strategy = add_strategy(&f, "phased-2s", false);
    struct record_episode *episode = add_episode(&f, strategy);
    add_limit(&f, "app.stall_max", "< 500ms");
    judged(&f, 0);
    assert_string_equal(
        f.record->verdict.sentence,
        "Strategy phased-2s stalled the application for 2.01 s (limit 500 ms) in expand: ALTER TABLE "
        "queued 2.00 s behind session 77 of reporting (active) for ACCESS EXCLUSIVE on public.orders "
        "until its lock_timeout, and 1\xE2\x80\x89"
        "412 requests waited behind it. Set lock_timeout to 200 ms and retry.");
    assert_string_equal(f.record->verdict.causes.items[0],
                        "longest application stall 2.01 s, limit < 500 ms, in expand at 0:12");

    *episode = (struct record_episode){.phase = "expand",
                                       .statement = "UPDATE t SET a = 1",
                                       .outcome = "ok",
                                       .lock_mode = "ACCESS EXCLUSIVE",
                                       .object = "t",
                                       .migration_part = true,
                                       .waited_us = 100,
                                       .held_us = 2000000,
                                       .victims = {.count = 1, .longest_us = 2010000}};
    f.record->thresholds.count = 0;
    f.record->verdict = strategy->verdict = (struct record_verdict){0};
    judged(&f, 0);
    assert_non_null(strstr(f.record->verdict.sentence,
                           "UPDATE held ACCESS EXCLUSIVE on t for 2.00 s, and 1 request waited for it."));
    arena_free(&f.arena);
}

static void judge_again(struct fixture *f, struct record_strategy *strategy)
{
    f->record->thresholds.count = 0;
    f->record->verdict = strategy->verdict = (struct record_verdict){0};
    judged(f, 0);
}

/* A program is called by its name, and gets no advice that is for statements. */
static void an_external_command_is_no_statement(void **state)
{
    (void)state;
    struct fixture f = begin();
    struct record_strategy *strategy = add_strategy(&f, "osc", false);
    struct record_episode *episode = add_episode(&f, strategy);
    struct record_statement *command = RECORD_ADD(&f.arena, strategy->phases.items[1].statements);
    add_limit(&f, "app.stall_max", "< 500ms");
    *command = (struct record_statement){
        .sql = "/usr/bin/pt-osc --alter 'ADD x int'", .kind = "command", .outcome = "ok"};
    episode->statement = "pt-osc --alter ?";
    judge_again(&f, strategy);
    assert_non_null(strstr(f.record->verdict.sentence, " in expand: pt-osc queued 2.00 s behind session 77"));
    assert_non_null(
        strstr(f.record->verdict.sentence,
               " How long it waits for a lock is for its own settings to say: less than 500 ms."));
    assert_null(strstr(f.record->verdict.sentence, "lock_timeout to"));

    episode->statement = "RENAME TABLE a TO b";
    episode->blockers.items[0].session = "";
    judge_again(&f, strategy);
    assert_non_null(strstr(f.record->verdict.sentence,
                           "RENAME TABLE of pt-osc queued 2.00 s behind a session that was not seen"));
    arena_free(&f.arena);
}

/* COPY holds what shuts writers out, and waits under it for the lock that shuts out all. */
static void who_waits_while_it_holds_did_not_queue_before(void **state)
{
    (void)state;
    struct fixture f = begin();
    struct record_strategy *strategy = add_strategy(&f, "copy", false);
    struct record_episode *episode = add_episode(&f, strategy);
    add_limit(&f, "app.stall_max", "< 500ms");
    episode->outcome = "ok";
    episode->waited_us = 830000;
    episode->held_us = episode->window_us = 1500000;
    judge_again(&f, strategy);
    assert_non_null(
        strstr(f.record->verdict.sentence, "for 1.50 s, 830 ms of it waiting for session 77 of reporting"));
    episode->window_us = episode->waited_us + episode->held_us;
    judge_again(&f, strategy);
    assert_non_null(
        strstr(f.record->verdict.sentence, "for 1.50 s, after it queued 830 ms behind session 77"));
    arena_free(&f.arena);
}

/* Right: a server that lists no locks does not tell queue from hold, and neither does the sentence. Wrong: "held EXCLUSIVE for
 * 2.00 s ... Split it into phases", where it queued. */
static void what_is_not_listed_queued_or_held(void **state)
{
    (void)state;
    struct fixture f = begin();
    struct record_strategy *strategy = add_strategy(&f, "queue", false);
    struct record_episode *episode = add_episode(&f, strategy);
    add_limit(&f, "app.stall_max", "< 500ms");
    episode->outcome = "ok";
    episode->waited_us = episode->held_us = RECORD_NONE;
    judge_again(&f, strategy);
    assert_non_null(strstr(f.record->verdict.sentence,
                           " in expand: ALTER TABLE shut others out of public.orders for 2.00 s (queued or "
                           "held: this server lists no locks), and "));
    assert_non_null(strstr(f.record->verdict.sentence,
                           "Switch performance_schema on to see which it was; set lock_timeout to 200 ms"));
    assert_null(strstr(f.record->verdict.sentence, "Split it"));
    arena_free(&f.arena);
}

/* Every limit met, and yet no pass: the change did not go through, or the way back was not gone to its end. */
static void what_did_not_go_through_has_failed(void **state)
{
    (void)state;
    struct fixture f = begin();
    struct record_strategy *strategy = add_strategy(&f, "s", false);
    add_limit(&f, "app.stall_max", "< 1s");
    strategy->phases.items[1].completed = false;
    struct record_statement *statement = RECORD_ADD(&f.arena, strategy->phases.items[1].statements);
    statement->sql = "ALTER TABLE orders ADD x int";
    statement->outcome = "lock_timeout";
    statement->queued.value_us = statement->held.value_us = RECORD_NONE;
    assert_string_equal(judged(&f, 0)->state, "pass");
    assert_string_equal(f.record->verdict.state, "fail");
    assert_string_equal(f.record->verdict.sentence,
                        "Strategy s did not go through: phase expand was not completed: "
                        "ALTER TABLE ended in lock_timeout.");
    arena_free(&f.arena);

    static const struct {
        bool complete, identical;
        const char *run;
    } ways_back[] = {{true, true, "pass"}, {true, false, "warn"}, {false, false, "fail"}};
    for (size_t i = 0; i < sizeof ways_back / sizeof ways_back[0]; i++) {
        f = begin();
        strategy = add_strategy(&f, "s", false);
        strategy->rollback.complete = ways_back[i].complete;
        strategy->rollback.schema_identical = ways_back[i].identical;
        add_limit(&f, "app.stall_max", "< 1s");
        judged(&f, 0);
        assert_string_equal(f.record->verdict.state, ways_back[i].run);
        assert_int_equal(f.record->verdict.causes.count, !ways_back[i].identical);
        arena_free(&f.arena);
    }
}

static void figures_read_as_people_write_them(void **state)
{
    (void)state;
    static const struct {
        double value;
        const char *unit, *text;
    } limits[] = {{500000, "us", "500 ms"}, {60e6, "us", "1 min"},     {1e6, "us", "1 s"},
                  {300, "s", "5 min"},      {60e9, "bytes", "60 GB"},  {0.95, "ratio", "95 %"},
                  {0, "count", "0"},        {0.991, "ratio", "99.1 %"}};
    char text[WORDS_SIZE];
    for (size_t i = 0; i < sizeof limits / sizeof limits[0]; i++)
        assert_string_equal(words_limit(limits[i].value, limits[i].unit, text, sizeof text), limits[i].text);
    assert_string_equal(words_value((double)NAN, "us", text, sizeof text), "–");
    assert_string_equal(words_clock(3728.6, text, sizeof text), "1:02:08");
    assert_string_equal(words_command("  create index concurrently i ON t (a)", text, sizeof text),
                        "CREATE INDEX CONCURRENTLY");
    assert_string_equal(words_command("update t set a=1", text, sizeof text), "UPDATE");
    assert_string_equal(words_shorten("a\n   b\tc", 10, text, sizeof text), "a b c");
    assert_string_equal(words_shorten("éééééé", 3, text, sizeof text), "ééé…");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(expressions_are_read),
        cmocka_unit_test(wrong_expressions_say_what_is_wrong),
        cmocka_unit_test(the_worst_counting_phase_is_measured),
        cmocka_unit_test(relative_limits_have_a_floor_only_by_default),
        cmocka_unit_test(defaults_give_way_to_what_the_user_wrote),
        cmocka_unit_test(a_limit_on_one_phase_says_which),
        cmocka_unit_test(what_cannot_be_measured_is_not_passed),
        cmocka_unit_test(limits_on_a_phase_of_another_strategy_are_left_out),
        cmocka_unit_test(the_candidate_decides_else_the_worst),
        cmocka_unit_test(a_stall_names_its_cause),
        cmocka_unit_test(an_external_command_is_no_statement),
        cmocka_unit_test(who_waits_while_it_holds_did_not_queue_before),
        cmocka_unit_test(what_is_not_listed_queued_or_held),
        cmocka_unit_test(what_did_not_go_through_has_failed),
        cmocka_unit_test(figures_read_as_people_write_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
