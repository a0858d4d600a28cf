#include "tests/live/fill_resume_bed.h"

static void make(void)
{
    command("DROP SCHEMA IF EXISTS public CASCADE; CREATE SCHEMA public;"
            "CREATE TABLE owner (id int PRIMARY KEY, email varchar(60) NOT NULL UNIQUE);"
            "CREATE TABLE line (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, owner_id int NOT NULL "
            "REFERENCES owner,"
            " amount numeric(10,2) NOT NULL CHECK (amount >= 1), at timestamptz NOT NULL DEFAULT now(), body "
            "text,"
            " code char(12) NOT NULL UNIQUE);"
            "CREATE INDEX line_owner ON line (owner_id, at);"
            "CREATE TABLE note (line_id bigint REFERENCES line, n int, t text, PRIMARY KEY (line_id, n))");
}

static const char *sums(void)
{
    return ask("SELECT (SELECT md5(string_agg(l::text, '|' ORDER BY id)) FROM line l) ||"
               " (SELECT md5(string_agg(o::text, '|' ORDER BY id)) FROM owner o) ||"
               " (SELECT md5(string_agg(n::text, '|' ORDER BY line_id, n)) FROM note n)");
}

static int start(void **state)
{
    (void)state;
    return begin("sandbox:postgresql");
}

static const char *files(void)
{
    return ask("SELECT pg_relation_filenode('line')::text");
}

static void killed_in_the_middle_it_goes_on(void **state)
{
    (void)state;
    const char *whole = undisturbed();
    static const int threads[][2] = {{3, 1}, {1, 4}};
    for (size_t i = 0; i < sizeof threads / sizeof *threads; i++) {
        make();
        const char *before = fingerprint();
        die_with(3, threads[i][0]);
        const char *file = files();
        assert_string_not_equal(ask("SELECT count(*) FROM line"), "50000");
        fill_whole(threads[i][1], 7);
        assert_string_equal(files(), file); /* not emptied */
        assert_string_equal(sums(), whole);
        assert_string_equal(fingerprint(), before);
        assert_string_equal(ask("SELECT count(*) FROM pg_class WHERE relname LIKE 'rehearse%'"), "0");
        assert_string_equal(ask("SELECT count(*) FROM pg_constraint WHERE NOT convalidated"), "0");
        assert_string_equal(ask("SELECT nextval('line_id_seq')"), "50001");
    }
}

static void killed_twice_it_still_goes_on(void **state)
{
    (void)state;
    const char *whole = undisturbed();
    make();
    die_with(2, 2);
    die_with(8, 2);
    const char *file = files();
    fill_whole(2, 7);
    assert_string_equal(files(), file);
    assert_string_equal(sums(), whole);
}

static void another_plan_begins_anew(void **state)
{
    (void)state;
    make();
    const char *before = fingerprint();
    die_with(3, 2);
    const char *file = files();
    fill_whole(2, 8);
    assert_string_not_equal(files(), file);
    assert_string_equal(ask("SELECT count(*) FROM line"), "50000");
    assert_string_not_equal(sums(), undisturbed());
    assert_string_equal(fingerprint(), before);
}

static void interrupted_it_keeps_what_is_committed(void **state)
{
    (void)state;
    const char *whole = undisturbed();
    make();
    struct stop_at at = {.rows = LINES / 4};
    struct fill_config with = config(2, 7);
    struct fill_result result;
    struct err err = {0};
    with.progress = look;
    with.interrupted = reached;
    with.context = &at;
    assert_false(fill_run(&with, &arena, &result, &err));
    assert_int_equal(err.kind, ERR_INTERRUPTED);
    assert_non_null(strstr(err.hint, "goes on from there"));
    const char *file = files();
    fill_whole(2, 7);
    assert_string_equal(files(), file);
    assert_string_equal(sums(), whole);
}

static const char *persistence(void)
{
    return ask("SELECT string_agg(relpersistence, '' ORDER BY relname) FROM pg_class"
               " WHERE relname IN ('line', 'note', 'owner')");
}

static void unlogged_on_request_and_only_then(void **state)
{
    (void)state;
    const char *whole = undisturbed();
    assert_string_equal(persistence(), "ppp");
    make();
    unlogged = true;
    die_with(3, 2);
    const char *file = files();
    fill_whole(2, 7);
    assert_string_equal(files(), file);
    assert_string_equal(persistence(), "uuu");
    assert_string_equal(sums(), whole);
    make();
    die_with(3, 2);
    unlogged = false;
    fill_whole(2, 7);
    assert_string_equal(persistence(), "ppp");
    assert_string_equal(sums(), whole);
}

/* Two sizes, each in a process of its own: what the larger one needs more is not rows. */
static long peak_kb(int64_t rows)
{
    pid_t child = fork();
    int status = 0;
    struct rusage usage;
    if (child == 0) {
        const struct fill_table_spec one[] = {{"line", rows}, {"owner", 100}};
        struct fill_config with = config(4, 7);
        struct fill_result result;
        struct arena own = {0};
        struct err err = {0};
        with.tables = one;
        with.table_count = 2;
        _exit(fill_run(&with, &own, &result, &err) ? 0 : 1);
    }
    assert_int_equal(wait4(child, &status, 0, &usage), child);
    assert_int_equal(status, 0);
    return usage.ru_maxrss;
}

static void memory_is_flat(void **state)
{
    (void)state;
    make();
    long small = peak_kb(20000);
    make();
    long large = peak_kb(200000);
#if defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__
    (void)small, (void)large; /* what they keep of what was freed is more than all this */
#else
    assert_true(large < 100 << 10);
    if (large > small + (8 << 10))
        fail_msg("%ld kB for 20,000 rows, %ld kB for 200,000", small, large);
#endif
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(killed_in_the_middle_it_goes_on),
        cmocka_unit_test(killed_twice_it_still_goes_on),
        cmocka_unit_test(another_plan_begins_anew),
        cmocka_unit_test(interrupted_it_keeps_what_is_committed),
        cmocka_unit_test(unlogged_on_request_and_only_then),
        cmocka_unit_test(memory_is_flat),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
