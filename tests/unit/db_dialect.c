/* The lock modes are the documentation's table; texts are chosen by version; DSNs are read without showing secrets. */
#include "bench/db/dialect.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

enum { MODES = 8 };

/* Table 13.2 of the PostgreSQL manual, "Conflicting Lock Modes". */
static const char manual[MODES][MODES + 1] = {
    ".......X", "......XX", "....XXXX", "...XXXXX", "..XX.XXX", "..XXXXXX", ".XXXXXXX", "XXXXXXXX",
};

static void test_conflicts(void **state)
{
    const struct dialect_lock_mode *modes = dialect_postgres.lock_modes;
    (void)state;
    assert_null(modes[MODES].name);
    for (int i = 0; i < MODES; i++) {
        for (int j = 0; j < MODES; j++)
            assert_int_equal((modes[i].conflicts >> j) & 1, manual[i][j] == 'X');
        assert_int_equal(modes[i].blocks_reads, manual[i][0] == 'X');
        assert_int_equal(modes[i].blocks_writes, manual[i][2] == 'X');
    }
}

static void test_mode_names(void **state)
{
    (void)state;
    assert_int_equal(dialect_lock_mode(&dialect_postgres, "AccessExclusiveLock"), 7);
    assert_int_equal(dialect_lock_mode(&dialect_postgres, "ACCESS EXCLUSIVE"), 7);
    assert_int_equal(dialect_lock_mode(&dialect_postgres, "share row exclusive"), 5);
    assert_int_equal(dialect_lock_mode(&dialect_postgres, "ShareLock"), 4);
    assert_int_equal(dialect_lock_mode(&dialect_postgres, "SIReadLock"), -1);
    assert_int_equal(dialect_lock_mode(&dialect_postgres, "SHAR"), -1);
}

/* What PostgreSQL tells elsewhere: its locks are in one view and never weaker than held, waits come as notices; a load
 * leaves nothing unproved. */
static bool is_untold(enum dialect_query query)
{
    return query == DIALECT_LOCKS_WEAK || query == DIALECT_ROW_LOCKS || query == DIALECT_PROBE_WAITED ||
           query == DIALECT_STAGES || query == DIALECT_BULK_LOAD;
}

static void test_texts(void **state)
{
    (void)state;
    for (int version = 120000; version <= 180000; version += 10000)
        for (int query = 0; query < DIALECT_QUERY_COUNT; query++)
            if ((dialect_postgres.text((enum dialect_query)query, version) == NULL) !=
                is_untold((enum dialect_query)query))
                fail_msg("query %d has a text for version %d, or none, and should not", query, version);
    assert_null(strstr(dialect_postgres.text(DIALECT_LOCKS, 130000), "waitstart"));
    assert_non_null(strstr(dialect_postgres.text(DIALECT_LOCKS, 140000), "waitstart"));
    assert_null(strstr(dialect_postgres.text(DIALECT_SETUP_MIGRATION, 150000), "deadlock_timeout"));
    assert_int_equal(dialect_postgres.expected_lock(SQL_KIND_DROP_TABLE), 7);
    assert_int_equal(dialect_postgres.expected_lock(SQL_KIND_OTHER), -1);
}

static void test_dsn(void **state)
{
    static const char *const refused[] = {"postgresql://app:hunter2@db/shop", "host=db password=hunter2",
                                          "postgresql://db/shop?password=hunter2",
                                          "host=db password=hun ter2", "mysql://app:hunter2@db/shop"};
    struct arena arena = {0};
    struct db_target target;
    struct err err;
    (void)state;
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        assert_false(db_target_parse(&arena, refused[i], &target, &err));
        assert_int_equal(err.kind, ERR_USAGE);
        assert_null(strstr(err.message, "hun"));
        assert_null(strstr(err.message, "ter2"));
        assert_true(err.hint[0] != '\0');
    }
    assert_true(db_target_parse(&arena, "postgresql://app@db.example:5433/shop", &target, &err));
    assert_string_equal(target.label, "postgresql://app@db.example:5433/shop");
    assert_true(db_target_parse(&arena, "host=/tmp/x user=app dbname=shop", &target, &err));
    assert_string_equal(target.label, "postgresql://app@/shop?host=/tmp/x");
    arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_conflicts),
        cmocka_unit_test(test_mode_names),
        cmocka_unit_test(test_texts),
        cmocka_unit_test(test_dsn),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
