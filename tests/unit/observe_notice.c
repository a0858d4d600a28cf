/* What PostgreSQL says about lock waits, read back. */
#include "bench/observe/notice.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void reads_both_phrases(void **state)
{
    (void)state;
    struct notice notice = notice_read(
        "ProcSleep",
        "process 4711 still waiting for AccessShareLock on relation 16390 of database 5 after 1.056 ms");
    assert_int_equal(notice.kind, NOTICE_STILL_WAITING);
    assert_int_equal(notice.waited_us, 1056);
    assert_int_equal(notice.object, 16390);
    notice = notice_read(
        "ProcSleep",
        "process 4711 acquired RowExclusiveLock on relation 4294967295 of database 5 after 198.599 ms");
    assert_int_equal(notice.kind, NOTICE_ACQUIRED);
    assert_int_equal(notice.waited_us, 198599);
    assert_true(notice.object == UINT32_MAX);
}

static void other_locks_have_no_relation(void **state)
{
    (void)state;
    struct notice notice = notice_read("ProcSleep",
                                       "process 9 acquired ShareLock on transaction 812 after 2043.000 ms");
    assert_int_equal(notice.kind, NOTICE_ACQUIRED);
    assert_int_equal(notice.waited_us, 2043000);
    assert_int_equal(notice.object, 0);
}

static void anything_else_is_not_one(void **state)
{
    (void)state;
    static const struct {
        const char *routine, *message;
    } OTHERS[] = {
        {"ATRewriteTable", "process 1 acquired AccessShareLock on relation 1 of database 5 after 1.000 ms"},
        {NULL, "process 1 acquired AccessShareLock on relation 1 of database 5 after 1.000 ms"},
        {"ProcSleep", NULL},
        {"ProcSleep", ""},
        {"ProcSleep", "process 1 acquired AccessShareLock on relation 1"},
        {"ProcSleep", "process 1 acquired AccessShareLock on relation 1 after "},
        {"ProcSleep", "process 1 acquired AccessShareLock on relation 1 after -3.0 ms"},
        {"ProcSleep", "process 1 acquired AccessShareLock on relation 1 after 3.0 s"},
        {"ProcSleep", "process 1 acquired AccessShareLock on relation 1 after 1e99 ms"},
        {"ProcSleep", "process 1 detected deadlock while waiting for ShareLock after 1.0 ms"},
    };
    for (size_t i = 0; i < sizeof OTHERS / sizeof *OTHERS; i++)
        assert_int_equal(notice_read(OTHERS[i].routine, OTHERS[i].message).kind, NOTICE_OTHER);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_both_phrases),
        cmocka_unit_test(other_locks_have_no_relation),
        cmocka_unit_test(anything_else_is_not_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
