/* SQLSTATE to outcome, and what a lost answer may have left behind. */
#include "bench/db/fate.h"
#include "bench/db/postgres.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void test_states(void **state)
{
    static const struct {
        const char *code;
        enum outcome outcome;
    } cases[] = {
        {NULL, OUTCOME_OTHER},
        {"", OUTCOME_OTHER},
        {"XX000", OUTCOME_OTHER},
        {"25P02", OUTCOME_OTHER},
        {"55P03", OUTCOME_LOCK_TIMEOUT},
        {"57014", OUTCOME_STATEMENT_TIMEOUT},
        {"40P01", OUTCOME_DEADLOCK},
        {"40001", OUTCOME_SERIALIZATION},
        {"23505", OUTCOME_CONSTRAINT},
        {"23514", OUTCOME_CONSTRAINT},
        {"42P01", OUTCOME_NO_SUCH_OBJECT},
        {"42703", OUTCOME_NO_SUCH_OBJECT},
        {"42883", OUTCOME_NO_SUCH_OBJECT},
        {"42601", OUTCOME_SYNTAX},
        {"42501", OUTCOME_PERMISSION},
        {"28000", OUTCOME_PERMISSION},
        {"53300", OUTCOME_TOO_MANY_CONNECTIONS},
        {"53200", OUTCOME_OTHER},
        {"57P01", OUTCOME_CONNECTION_LOST},
        {"57P03", OUTCOME_CONNECTION_LOST},
        {"08006", OUTCOME_CONNECTION_LOST},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_int_equal(postgres_outcome(cases[i].code), cases[i].outcome);
}

static void test_connect_text(void **state)
{
    struct db_answer answer;
    (void)state;
    postgres_answer_connect(
        "connection to server on socket \"/tmp/x\" failed: FATAL:  53300: sorry, too many clients "
        "already\nLOCATION:  InitProcess, proc.c:352\n",
        &answer);
    assert_int_equal(answer.outcome, OUTCOME_TOO_MANY_CONNECTIONS);
    assert_string_equal(answer.code, "53300");
    assert_string_equal(answer.message, "sorry, too many clients already");
    postgres_answer_connect("could not translate host name \"x\" to address: Name or service not known\n",
                            &answer);
    assert_int_equal(answer.outcome, OUTCOME_CONNECTION_LOST);
    assert_string_equal(answer.code, "");
}

static void test_fate(void **state)
{
    static const struct {
        const char *sql;
        bool in_transaction, applied;
    } cases[] = {
        {"SELECT 1", false, false},
        {"INSERT INTO t VALUES (1)", false, true},
        {"INSERT INTO t VALUES (1)", true, false},
        {"/* note */ COMMIT", true, true},
        {"END", true, true},
        {"ROLLBACK", true, false},
        {"ROLLBACK; INSERT INTO t VALUES (1)", true, true},
        {"ROLLBACK TO s; INSERT INTO t VALUES (1)", true, false},
        {"BEGIN; ALTER TABLE t ADD c int; SELECT 1", false, false},
        {"BEGIN; ALTER TABLE t ADD c int; COMMIT", false, true},
        {"CREATE INDEX CONCURRENTLY i ON t (a)", false, true},
        {"WITH x AS (DELETE FROM t RETURNING 1) SELECT * FROM x", false, true},
        {"WITH x AS (SELECT 1) SELECT * FROM x", false, false},
        {"PREPARE TRANSACTION 'x'", true, true},
        {"SELECT 'COMMIT; DELETE FROM t'", false, false},
        {"SELECT a FROM t FOR UPDATE", false, false},
        {"SELECT a INTO u FROM t", false, true},
        {"WITH x AS (SELECT 1 AS a) SELECT a INTO u FROM x", false, true},
        {"", false, false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        if (fate_may_have_applied(SQL_POSTGRES, cases[i].sql, cases[i].in_transaction) != cases[i].applied)
            fail_msg("fate of: %s", cases[i].sql);
}

static void test_says_rollback(void **state)
{
    (void)state;
    assert_true(fate_says_rollback(SQL_POSTGRES, "rollback", 0));
    assert_true(fate_says_rollback(SQL_POSTGRES, "SELECT 1; /* x */ ABORT;", 1));
    assert_false(fate_says_rollback(SQL_POSTGRES, "SELECT 1; COMMIT", 1));
    assert_false(fate_says_rollback(SQL_POSTGRES, "ROLLBACK", 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_states),
        cmocka_unit_test(test_connect_text),
        cmocka_unit_test(test_fate),
        cmocka_unit_test(test_says_rollback),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
