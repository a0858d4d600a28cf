/* The sample record, judged and rendered, against files of what is right. REHEARSE_GOLDEN=write makes them anew. */
#include "bench/base/file.h"
#include "reports/record.h"
#include "reports/render.h"
#include "reports/threshold.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define SAMPLE GOLDEN_DIRECTORY "/sample-record.json"

static const char *const limits[][2] = {
    {"app.stall_max", "< 500ms"},
    {"app.failed", "== 0"},
    {"app.latency.p99", "< 25ms"},
    {"app.latency.p99", "< +100% of baseline"},
    {"app.throughput_ratio.min10s", "> 95%"},
    {"lock.exclusive_held_max", "< 100ms"},
    {"lock.wait_max", "< 1s"},
    {"replica.lag_max", "< 10s"},
    {"replica.lag_max", "warn < 5s"},
    {"wal.bytes", "< 60GB"},
    {"disk.extra_peak_ratio", "< 20%"},
    {"checks.failed", "== 0"},
    {"rollback.duration", "< 5min"},
};

static struct record *read_sample(struct arena *arena)
{
    struct err err = {0};
    char *text;
    size_t length;
    struct record *record = NULL;
    if (!file_read(arena, SAMPLE, &text, &length, &err) ||
        !record_read(arena, "sample-record.json", text, length, &record, &err))
        fail_msg("%s:%d: %s", err.file, err.line, err.message);
    return record;
}

static void judge_anew(struct arena *arena, struct record *record)
{
    struct thresholds thresholds = {0};
    struct err err = {0};
    for (size_t i = 0; i < sizeof limits / sizeof limits[0]; i++)
        assert_true(threshold_parse(arena, limits[i][0], limits[i][1], &thresholds, &err));
    threshold_defaults(arena, true, &thresholds);
    assert_int_equal(thresholds.count, sizeof limits / sizeof limits[0]);
    record->thresholds.count = 0;
    record->verdict = (struct record_verdict){0};
    for (size_t i = 0; i < record->strategies.count; i++)
        record->strategies.items[i].verdict = (struct record_verdict){0};
    threshold_judge(arena, &thresholds, record);
}

static size_t first_difference(const char *a, const char *b)
{
    size_t at = 0;
    while (a[at] != '\0' && a[at] == b[at])
        at++;
    return at;
}

static void assert_golden(const char *path, const struct buf *found)
{
    struct arena arena = {0};
    struct err err = {0};
    char *expected;
    size_t length;
    const char *mode = getenv("REHEARSE_GOLDEN");
    if (mode != NULL && strcmp(mode, "write") == 0)
        assert_true(file_write_atomic(path, buf_text(found), found->length, &err));
    if (!file_read(&arena, path, &expected, &length, &err))
        fail_msg("%s", err.message);
    const size_t at = first_difference(expected, buf_text(found));
    const size_t from = at < 60 ? 0 : at - 60;
    if (length != found->length || at != length)
        fail_msg("%s differs at byte %zu:\nexpected: %.160s\nfound:    %.160s", path, at, expected + from,
                 buf_text(found) + from);
    arena_free(&arena);
}

/* The verdicts, sentences and thresholds of the sample are what judging its numbers gives. */
static void judging_the_sample_gives_the_sample(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct buf text = {0};
    struct record *record = read_sample(&arena);
    judge_anew(&arena, record);
    record_write(record, &text);
    assert_golden(SAMPLE, &text);
    buf_free(&text);
    arena_free(&arena);
}

static void markdown_is_as_before(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct buf text = {0};
    markdown_render(read_sample(&arena), &text);
    assert_true(text.length < 60000);
    assert_golden(GOLDEN_DIRECTORY "/expected/sample.md", &text);
    buf_free(&text);
    arena_free(&arena);
}

/* The style sheet and its digest are left out: how a page looks is not what it says. */
static void scrub(struct buf *page)
{
    const char *text = buf_text(page), *rest = strstr(text, "</style>"), *style = strstr(text, "<style>");
    const char *digest = strstr(text, "'sha256-");
    struct buf scrubbed = {0};
    assert_true(digest != NULL && style != NULL && rest != NULL && digest < style);
    buf_add(&scrubbed, text, (size_t)(digest - text));
    buf_puts(&scrubbed, "'sha256-DIGEST");
    digest = strchr(digest + 1, '\'');
    buf_add(&scrubbed, digest, (size_t)(style - digest));
    buf_printf(&scrubbed, "<style>%s", rest);
    buf_free(page);
    *page = scrubbed;
}

static void html_is_as_before(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct buf page = {0};
    html_render(read_sample(&arena), &page);
    scrub(&page);
    assert_golden(GOLDEN_DIRECTORY "/expected/sample.html", &page);
    buf_free(&page);
    arena_free(&arena);
}

static void text_is_as_before(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct buf text = {0};
    text_render(read_sample(&arena), false, &text);
    assert_null(strchr(buf_text(&text), '\033'));
    assert_golden(GOLDEN_DIRECTORY "/expected/sample.txt", &text);
    buf_free(&text);
    arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(judging_the_sample_gives_the_sample),
        cmocka_unit_test(markdown_is_as_before),
        cmocka_unit_test(html_is_as_before),
        cmocka_unit_test(text_is_as_before),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
