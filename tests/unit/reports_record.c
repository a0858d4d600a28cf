/* A record survives writing and reading byte for byte; what is not a record is refused at its place. */
#include "reports/record.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static bool read_text(struct arena *arena, const char *text, struct record **record, struct err *err)
{
    *err = (struct err){0};
    return record_read(arena, "r.json", text, strlen(text), record, err);
}

static struct record *small_record(struct arena *arena)
{
    struct record *record = arena_alloc(arena, sizeof *record);
    record->run.name = "shop \"quoted\" \\ \n </script> \xC3\xA9";
    record->run.exit_code = RECORD_NONE;
    record->run.duration_s = 0.1 + 0.2;
    record->load.rate_per_s = (double)NAN;
    *RECORD_ADD(arena, record->reproduce.strategy_sha256) = (struct record_pair){"naive", "ab"};
    struct record_strategy *strategy = RECORD_ADD(arena, record->strategies);
    strategy->name = "naive";
    *RECORD_ADD(arena, strategy->timeline.coarse.max_us) = RECORD_NONE;
    *RECORD_ADD(arena, strategy->timeline.coarse.max_us) = (INT64_C(1) << 53) - 1;
    *RECORD_ADD(arena, strategy->timeline.coarse.replica_lag_s) = (double)NAN;
    *RECORD_ADD(arena, strategy->timeline.coarse.replica_lag_s) = 1.5e-7;
    RECORD_ADD(arena, strategy->timeline.fine)->bin_s = 0.1;
    struct record_phase *phase = RECORD_ADD(arena, strategy->phases);
    *RECORD_ADD(arena, phase->outcomes.by_class) = (struct record_number){"lock_timeout", 3};
    RECORD_ADD(arena, phase->statements)->rewrite = RECORD_NONE;
    RECORD_ADD(arena, phase->statements)->rewrite = 1;
    return record;
}

static void written_read_written_is_the_same(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct buf first = {0}, second = {0};
    struct err err;
    struct record *back;
    record_write(small_record(&arena), &first);
    assert_true(read_text(&arena, buf_text(&first), &back, &err));
    record_write(back, &second);
    assert_string_equal(buf_text(&first), buf_text(&second));

    assert_true(back->complete);
    assert_true(back->run.exit_code == RECORD_NONE && isnan(back->load.rate_per_s));
    assert_true(back->run.duration_s == 0.1 + 0.2);
    assert_true(back->strategies.items[0].timeline.coarse.max_us.items[1] == (INT64_C(1) << 53) - 1);
    assert_true(back->strategies.items[0].phases.items[0].statements.items[1].rewrite == 1);
    assert_null(back->run.title);
    buf_free(&first);
    buf_free(&second);
    arena_free(&arena);
}

static void keys_stand_in_their_order(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct buf text = {0};
    static const char begin[] = "{\n  \"$schema\": \"https://rehearse.example/schema/result-1.json\",\n"
                                "  \"schema_version\": 1,\n  \"kind\": ";
    static const char end[] = "\"complete\": true\n}\n";
    record_write(small_record(&arena), &text);
    assert_memory_equal(buf_text(&text), begin, sizeof begin - 1);
    assert_string_equal(buf_text(&text) + text.length - (sizeof end - 1), end);
    assert_non_null(strstr(buf_text(&text), "\"rewrite\": null"));
    assert_non_null(strstr(buf_text(&text), "\"max_us\": [null,9007199254740991]"));
    buf_free(&text);
    arena_free(&arena);
}

static void what_is_not_a_record_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *text, *says;
        int line;
    } wrong[] = {
        {"{\"schema_version\": 1}", "not complete", 1},
        {"{\"schema_version\": 1, \"complete\": false}", "not complete", 1},
        {"{\n\"schema_version\": 2, \"complete\": true}", "schema_version 2", 2},
        {"{\"complete\": true}", "schema_version is missing", 1},
        {"[]", "expected an object", 1},
        {"{\"schema_version\": 1,\n\"run\": 7, \"complete\": true}", "run: expected an object", 2},
        {"{\"schema_version\": 1,\n\"strategies\": [{}, {\"phases\": [{\n\"start_s\": \"x\"}]}], "
         "\"complete\": true}",
         "strategies[1].phases[0].start_s: expected a number or null", 3},
        {"{\"schema_version\": 1, \"run\": {\"exit_code\": 1.5}, \"complete\": true}",
         "run.exit_code: expected an integer", 1},
        {"{\"schema_version\": 1, \"run\": {\"argv\": [\"a\", 2]}, \"complete\": true}",
         "run.argv[1]: expected a string", 1},
        {"{\"schema_version\": 1, \"reproduce\": {\"strategy_sha256\": {\"p\": 1}}, \"complete\": true}",
         "reproduce.strategy_sha256.p: expected a string", 1},
        {"{\"schema_version\": 1, \"complete\": true} x", "", 1},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct arena arena = {0};
        struct err err;
        struct record *record;
        assert_false(read_text(&arena, wrong[i].text, &record, &err));
        if (strstr(err.message, wrong[i].says) == NULL)
            fail_msg("\"%s\" does not say \"%s\"", err.message, wrong[i].says);
        assert_int_equal(err.line, wrong[i].line);
        arena_free(&arena);
    }
}

static void strange_keys_are_passed_over_and_absent_ones_are_null(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct err err;
    struct record *record;
    assert_true(read_text(&arena,
                          "{\"schema_version\": 1, \"from_the_future\": {\"a\": [1]},"
                          "\"strategies\": [{\"name\": \"n\"}], \"complete\": true}",
                          &record, &err));
    const struct record_strategy *strategy = &record->strategies.items[0];
    assert_string_equal(strategy->name, "n");
    assert_true(strategy->totals.stall_max_us == RECORD_NONE);
    assert_true(isnan(strategy->totals.duration_s));
    assert_true(record->validity.observer.blind_spot_us == RECORD_NONE);
    assert_false(strategy->candidate);
    assert_int_equal(strategy->phases.count, 0);
    arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(written_read_written_is_the_same),
        cmocka_unit_test(keys_stand_in_their_order),
        cmocka_unit_test(what_is_not_a_record_is_refused),
        cmocka_unit_test(strange_keys_are_passed_over_and_absent_ones_are_null),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
