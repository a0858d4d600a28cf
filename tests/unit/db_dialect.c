/* The lock modes are the documentation's table; texts are chosen by version; DSNs are read without showing secrets. */
#include "bench/db/dialect_mysql.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

enum { MODES = 8, ALL_MODES = 13, TABLE_MODES = 11 }; /* of PostgreSQL; of MySQL and MariaDB */

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

/* MySQL's and MariaDB's: two locks shut each other out or neither does, and what blocks a reader or a writer is what shuts
 * out the lock that one takes. The last two are row locks, which meet no table lock. */
static void test_conflicts_are_mutual(void **state)
{
    static const struct dialect *const both[] = {&dialect_mysql, &dialect_mariadb};
    (void)state;
    for (size_t d = 0; d < 2; d++) {
        const struct dialect_lock_mode *modes = both[d]->lock_modes;
        int count = 0, read = dialect_lock_mode(both[d], "SHARED READ"),
            write = dialect_lock_mode(both[d], "SHARED WRITE");
        while (modes[count].name != NULL)
            count++;
        assert_int_equal(count, ALL_MODES);
        for (int i = 0; i < count; i++) {
            for (int j = 0; j < count; j++)
                assert_int_equal((modes[i].conflicts >> j) & 1, (modes[j].conflicts >> i) & 1);
            assert_int_equal(modes[i].conflicts >> count, 0);
            if (i < TABLE_MODES) {
                assert_int_equal(modes[i].blocks_reads, (modes[i].conflicts >> read) & 1);
                assert_int_equal(modes[i].blocks_writes, (modes[i].conflicts >> write) & 1);
            }
        }
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

__extension__ typedef unsigned __int128 query_set;
#define BIT(query) ((query_set)1 << (query))
_Static_assert(DIALECT_QUERY_COUNT <= 128, "a set of queries is one number");

/* What a server cannot tell, or tells elsewhere, by its version: all else has a text.
 * PostgreSQL: its locks are in one view and never weaker than held, waits come as notices, a load leaves nothing unproved, no
 * setting changes how text is quoted, and ANALYZE makes all statistics.
 * MySQL: no command copies a database, no table goes past the log, no view holds rows; a counter is raised by loading, and true modes are told
 * from 8.4 on. MariaDB has sequences. Statistics are of single columns, and no ANALYZE keeps a number of different values. */
#define UNTOLD_POSTGRES                                                                                      \
    (BIT(DIALECT_LOCKS_WEAK) | BIT(DIALECT_ROW_LOCKS) | BIT(DIALECT_PROBE_WAITED) | BIT(DIALECT_STAGES) |    \
     BIT(DIALECT_BULK_LOAD) | BIT(DIALECT_BULK_SHARED) | BIT(DIALECT_LEXIS) | BIT(DIALECT_SETUP_USER) |      \
     BIT(DIALECT_BULK_STATISTICS) | BIT(DIALECT_COMPARE_ROWS) | BIT(DIALECT_COMPARE_TOUCHED))
#define UNTOLD_MARIADB                                                                                       \
    (BIT(DIALECT_COPY_DATABASE) | BIT(DIALECT_BULK_UNLOGGED) | BIT(DIALECT_BULK_LOGGED) |                    \
     BIT(DIALECT_BULK_PIN) | BIT(DIALECT_BULK_VIEWS) | BIT(DIALECT_PROFILE_GROUPS))
#define UNTOLD_MYSQL (UNTOLD_MARIADB | BIT(DIALECT_BULK_SEQUENCE) | BIT(DIALECT_BULK_SHARED))

static const struct {
    const struct dialect *dialect;
    int version;
    query_set untold;
} servers[] = {
    {&dialect_postgres, 120000, UNTOLD_POSTGRES},
    {&dialect_postgres, 130000, UNTOLD_POSTGRES},
    {&dialect_postgres, 140000, UNTOLD_POSTGRES},
    {&dialect_postgres, 150000, UNTOLD_POSTGRES},
    {&dialect_postgres, 160000, UNTOLD_POSTGRES},
    {&dialect_postgres, 170000, UNTOLD_POSTGRES},
    {&dialect_postgres, 180000, UNTOLD_POSTGRES},
    {&dialect_mariadb, 100600, UNTOLD_MARIADB},
    {&dialect_mariadb, 101119, UNTOLD_MARIADB},
    {&dialect_mariadb, 110402, UNTOLD_MARIADB},
    {&dialect_mariadb, 110803, UNTOLD_MARIADB},
    {&dialect_mysql, 80011, UNTOLD_MYSQL | BIT(DIALECT_LOCKS)},
    {&dialect_mysql, 80036, UNTOLD_MYSQL | BIT(DIALECT_LOCKS)},
    {&dialect_mysql, 80400, UNTOLD_MYSQL},
    {&dialect_mysql, 90700, UNTOLD_MYSQL},
};

static void test_texts(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof servers / sizeof servers[0]; i++)
        for (int query = 0; query < DIALECT_QUERY_COUNT; query++) {
            const char *text = servers[i].dialect->text((enum dialect_query)query, servers[i].version);
            bool untold = (servers[i].untold & BIT(query)) != 0;
            if ((text == NULL) != untold || (text != NULL && text[0] == '\0'))
                fail_msg("%s %d: query %d has %s", servers[i].dialect->engine, servers[i].version, query,
                         untold ? "a text, and should not" : "no text");
        }
}

/* No two rows of MySQL's tables fit the same server: which would count is chance. */
static const struct mysql_query *overlapping(const struct mysql_query *row, const struct mysql_query *chapter)
{
    for (const struct mysql_query *other = chapter; other->text != NULL; other++)
        if (other != row && other->query == row->query && other->since < row->before &&
            row->since < other->before &&
            (row->flavour == MYSQL_BOTH || other->flavour == MYSQL_BOTH || row->flavour == other->flavour))
            return other;
    return NULL;
}

static void test_rows_do_not_overlap(void **state)
{
    const struct mysql_query *chapters[] = {mysql_words, mysql_catalogue, mysql_activity, mysql_schema,
                                            mysql_bulk,  mysql_profile,   mysql_travel};
    const size_t count = sizeof chapters / sizeof chapters[0];
    (void)state;
    for (size_t i = 0; i < count * count; i++)
        for (const struct mysql_query *row = chapters[i / count]; row->text != NULL; row++)
            if (overlapping(row, chapters[i % count]) != NULL)
                fail_msg("two rows of query %d fit one server", (int)row->query);
}

static void test_texts_of_postgres(void **state)
{
    (void)state;
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
        cmocka_unit_test(test_conflicts_are_mutual),
        cmocka_unit_test(test_mode_names),
        cmocka_unit_test(test_texts),
        cmocka_unit_test(test_rows_do_not_overlap),
        cmocka_unit_test(test_texts_of_postgres),
        cmocka_unit_test(test_dsn),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
