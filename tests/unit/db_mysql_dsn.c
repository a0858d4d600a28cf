/* DSNs of MySQL and MariaDB: what they say, which driver takes them, and that no password gets through or is shown. */
#include "bench/db/db.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static const struct {
    const char *dsn, *host, *port, *socket, *user, *database, *label;
} good[] = {
    {"mysql://app@db.example:3307/shop", "db.example", "3307", "", "app", "shop",
     "mysql://app@db.example:3307/shop"},
    {"mariadb://db/shop?ssl-mode=REQUIRED", "db", "", "", "", "shop", "mariadb://db/shop"},
    {"mysql://root@localhost/rehearse?socket=/tmp/rh.x/s.sock", "", "", "/tmp/rh.x/s.sock", "root",
     "rehearse", "mysql://root@localhost/rehearse?socket=/tmp/rh.x/s.sock"},
    {"mysql://a%40b@[::1]:3306/d%20e", "::1", "3306", "", "a@b", "d e", "mysql://a%40b@[::1]:3306/d%20e"},
    {"mysql://app:@h/", "h", "", "", "app", "", "mysql://app@h/"},
    {"mysql://", "", "", "", "", "", "mysql://localhost/"},
    {"h=db,P=3307,u=app,D=shop", "db", "3307", "", "app", "shop", "mysql://app@db:3307/shop"},
    {"D=shop,S=/s,F=/my.cnf", "", "", "/s", "", "shop",
     "mysql://localhost/shop?socket=/s&defaults-file=/my.cnf"},
};

static void test_good(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        struct arena arena = {0};
        struct db_target target, again;
        struct err err = {0};
        if (!db_target_parse(&arena, good[i].dsn, &target, &err))
            fail_msg("%s: %s", good[i].dsn, err.message);
        assert_string_equal(db_engine_name(target.driver), "mysql");
        assert_string_equal(target.host, good[i].host);
        assert_string_equal(target.port, good[i].port);
        assert_string_equal(target.socket, good[i].socket);
        assert_string_equal(target.user, good[i].user);
        assert_string_equal(target.database, good[i].database);
        assert_string_equal(target.label, good[i].label);
        assert_true(db_target_parse(&arena, target.label, &again, &err)); /* a label is a DSN */
        assert_string_equal(again.label, target.label);
        arena_free(&arena);
    }
}

static const char *const bad[] = {
    "mysql://app:secret@h/d",
    "mysql://app:secret@w@h/d",
    "mysql://h/d?password=secret",
    "h=db,p=secret",
    "p=secret",
    "mysql://h:0/d",
    "mysql://h:99999/d",
    "mysql://h:3306x/d",
    "mysql://h/%zz",
    "mysql://h/%0",
    "mysql://h/a%00b",
    "mysql://h/d?secret=1",
    "h=db,secret",
    "h=db,x=secret",
    "mysql://h/d?ssl-mode=secret",
    "mysql://h/d?ssl-mode=verify-ca",
};

static void test_bad(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct arena arena = {0};
        struct db_target target;
        struct err err = {0};
        if (db_target_parse(&arena, bad[i], &target, &err))
            fail_msg("taken: %s", bad[i]);
        assert_int_equal(err.kind, ERR_USAGE);
        assert_null(strstr(err.message, "secret"));
        assert_null(strstr(err.hint, "secret"));
        arena_free(&arena);
    }
}

/* libpq's keywords are longer than one letter. */
static void test_others(void **state)
{
    static const char *const dsns[] = {"host=h dbname=d", "dbname=d", "user=u,", "postgresql://u@h/d?a=b"};
    (void)state;
    for (size_t i = 0; i < sizeof dsns / sizeof dsns[0]; i++) {
        struct arena arena = {0};
        struct db_target target;
        struct err err = {0};
        if (db_target_parse(&arena, dsns[i], &target, &err))
            assert_string_equal(db_engine_name(target.driver), "postgresql");
        else
            assert_non_null(strstr(err.hint, "postgresql://"));
        arena_free(&arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_good),
        cmocka_unit_test(test_bad),
        cmocka_unit_test(test_others),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
