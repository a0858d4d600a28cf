#include "tests/live/fill_resume_bed.h"

/* `line` has nothing but its primary key, so that several streams load it; the others are loaded whole. */
static void make(void)
{
    command(
        "DROP DATABASE IF EXISTS resumed; CREATE DATABASE resumed; USE resumed;"
        " CREATE TABLE owner (id int PRIMARY KEY, email varchar(60) NOT NULL UNIQUE);"
        " CREATE TABLE line (id bigint AUTO_INCREMENT PRIMARY KEY, amount decimal(10,2) NOT NULL,"
        " at datetime(3) NOT NULL, body text, code char(12) NOT NULL);"
        " CREATE TABLE note (line_id bigint, n int, t text, owner_id int NOT NULL, PRIMARY KEY (line_id, n),"
        " FOREIGN KEY (line_id) REFERENCES line (id), FOREIGN KEY (owner_id) REFERENCES owner (id), KEY (n));"
        " CREATE TRIGGER stamped BEFORE INSERT ON line FOR EACH ROW SET NEW.code = 'triggered'");
}

static const char *sums(void)
{
    struct err err = {0};
    struct db_table rows;
    struct buf all = {0};
    assert_true(db_query(db, &arena, "CHECKSUM TABLE line, owner, note", &rows, &err));
    for (size_t i = 0; i < rows.rows; i++)
        buf_printf(&all, "%s ", db_value(&rows, i, 1));
    const char *kept = arena_strdup(&arena, buf_text(&all));
    buf_free(&all);
    return kept;
}

static int start(void **state)
{
    (void)state;
    if (begin("sandbox:mariadb") != 0)
        return -1;
    make();
    target.database_override = "resumed";
    return 0;
}

/* Another one once it is emptied. */
static const char *file(void)
{
    return ask("SELECT table_id FROM information_schema.innodb_sys_tables WHERE name = 'resumed/line'");
}

static void killed_in_the_middle_it_goes_on(void **state)
{
    (void)state;
    const char *whole = undisturbed();
    static const struct {
        int before, after;
        int64_t ranges;
    } deaths[] = {{2, 2, 3}, {3, 1, 12}, {1, 2, 1}};
    for (size_t i = 0; i < sizeof deaths / sizeof *deaths; i++) {
        make();
        const char *before = fingerprint();
        die_with(deaths[i].ranges, deaths[i].before);
        assert_string_not_equal(fingerprint(), before);
        assert_true(ranges("") >= deaths[i].ranges);
        bool begun = deaths[i].before > 1;
        const char *table = file();
        fill_whole(deaths[i].after, 7);
        assert_true(!begun || strcmp(file(), table) == 0);
        assert_string_equal(sums(), whole);
        assert_string_equal(fingerprint(), before);
        assert_string_equal(
            ask("SELECT count(*) FROM information_schema.tables WHERE table_schema = DATABASE()"
                " AND table_name LIKE 'rehearse%'"),
            "0");
        assert_string_equal(ask("SELECT count(*) FROM line WHERE code = 'triggered'"), "0");
    }
}

static void another_plan_begins_anew(void **state)
{
    (void)state;
    make();
    const char *before = fingerprint();
    die_with(3, 2);
    fill_whole(2, 8);
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
    if (fill_run(&with, &arena, &result, &err))
        return; /* it was quicker */
    assert_int_equal(err.kind, ERR_INTERRUPTED);
    assert_true(ranges("") > 0);
    const char *table = file();
    fill_whole(2, 7);
    assert_string_equal(file(), table);
    assert_string_equal(sums(), whole);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(killed_in_the_middle_it_goes_on),
        cmocka_unit_test(another_plan_begins_anew),
        cmocka_unit_test(interrupted_it_keeps_what_is_committed),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
