/* The driver's TLS against a real server (MariaDB, or the sandbox that the first argument names) that has it, and one that
 * has it not: what a DSN asks for is there, or there is no session. */
#include "bench/base/buf.h"
#include "bench/db/db.h"
#include "bench/sandbox/sandbox.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static const char *sandbox_to_start = "sandbox:mariadb";

struct world {
    char directory[32];
    struct arena arena;
};

static const char *path_of(struct world *world, const char *name)
{
    return arena_printf(&world->arena, "%s/%s", world->directory, name);
}

/* A certificate that is its own authority, good for a day, and its key. */
static void make_certificate(struct world *world, const char *certificate_name, const char *key_name,
                             const char *host)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *certificate = X509_new();
    X509_NAME *name = X509_get_subject_name(certificate);
    X509_set_version(certificate, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate), -3600);
    X509_gmtime_adj(X509_getm_notAfter(certificate), 86400);
    X509_set_pubkey(certificate, key);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)host, -1, -1, 0);
    X509_set_issuer_name(certificate, name);
    assert_true(X509_sign(certificate, key, EVP_sha256()) > 0);
    FILE *file = fopen(path_of(world, certificate_name), "w");
    assert_true(file != NULL && PEM_write_X509(file, certificate) == 1 && fclose(file) == 0);
    file = fopen(path_of(world, key_name), "w");
    assert_true(file != NULL && PEM_write_PrivateKey(file, key, NULL, NULL, 0, NULL, NULL) == 1 &&
                fclose(file) == 0);
    assert_int_equal(chmod(path_of(world, key_name), 0644), 0); /* the server is somebody else */
    X509_free(certificate);
    EVP_PKEY_free(key);
}

static struct db *connect_to(struct world *world, const char *dsn, struct db_answer *answer)
{
    struct db_target *target = arena_alloc(&world->arena, sizeof *target); /* outlives the session */
    struct err err = {0};
    if (!db_target_parse(&world->arena, dsn, target, &err))
        fail_msg("%s", err.message);
    return db_open_outcome(target, &(struct db_options){0}, answer);
}

static const char *cipher_of(struct world *world, struct db *db)
{
    struct db_table table;
    struct err err = {0};
    if (!db_query(db, &world->arena, "SHOW SESSION STATUS LIKE 'Ssl_cipher'", &table, &err) ||
        table.rows != 1)
        fail_msg("%s", err.message);
    return db_value(&table, 0, 1);
}

static void must(struct db *db, const char *sql)
{
    struct db_answer answer = db_exec(db, sql, CLOCK_NEVER_NS, NULL, NULL);
    if (answer.outcome != OUTCOME_OK)
        fail_msg("%s: %s", sql, answer.message);
}

/* A session that is encrypted, as is the second connection that ends what it does. */
static void expect_encrypted(struct world *world, const char *dsn)
{
    struct db_answer answer;
    struct db *db = connect_to(world, dsn, &answer);
    if (db == NULL)
        fail_msg("%s: %s", dsn, answer.message);
    assert_string_not_equal(cipher_of(world, db), "");
    answer = db_exec(db, "SELECT SLEEP(20)", clock_ns() + 100 * NS_PER_MS, NULL, NULL);
    assert_int_equal(answer.outcome, OUTCOME_DEADLINE);
    must(db, "SELECT 1");
    db_close(db);
}

static void expect_refused(struct world *world, const char *dsn, enum outcome outcome)
{
    struct db_answer answer;
    struct db *db = connect_to(world, dsn, &answer);
    if (db != NULL)
        fail_msg("%s: connected", dsn);
    if (answer.outcome != outcome)
        fail_msg("%s: %s: %s", dsn, outcome_name(answer.outcome), answer.message);
}

static struct sandbox *start_or_skip(const char *dsn)
{
    struct err err = {0};
    struct sandbox *sandbox = sandbox_start(dsn, &err);
    if (sandbox == NULL && strstr(err.message, "server found") != NULL) {
        print_message("skipped: %s\n", err.message);
        exit(77);
    }
    if (sandbox == NULL)
        fail_msg("%s", err.message);
    return sandbox;
}

static void write_options(const char *path)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fprintf(file, "[rehearse]\npassword=swordfish\n");
    fclose(file);
    assert_int_equal(chmod(path, 0600), 0);
}

/* Whose password may pass encrypted only. */
static void expect_password(struct world *world, struct db *root, const char *dsn)
{
    const char *options = path_of(world, "client.cnf");
    const char *host = strstr(dsn, "@localhost");
    const char *app = arena_printf(&world->arena, "mysql://app%s&defaults-file=%s", host, options);
    write_options(options);
    must(root, "CREATE USER app@localhost IDENTIFIED BY 'swordfish' REQUIRE SSL;"
               " GRANT SELECT ON rehearse.* TO app@localhost");
    expect_encrypted(world, arena_printf(&world->arena, "%s&ssl-mode=required", app));
    expect_encrypted(world, arena_printf(&world->arena, "%s&ssl-mode=verify-ca&ssl-ca=%s", app,
                                         path_of(world, "server.pem")));
    expect_refused(world, arena_printf(&world->arena, "%s&ssl-mode=disabled", app), OUTCOME_PERMISSION);
}

static void test_encrypted(void **state)
{
    struct world *world = *state;
    struct db_answer answer;
    struct sandbox *sandbox = start_or_skip(arena_printf(
        &world->arena, "%s?set.ssl-cert=%s&set.ssl-key=%s&set.ssl-ca=%s", sandbox_to_start,
        path_of(world, "server.pem"), path_of(world, "server.key"), path_of(world, "server.pem")));
    const char *dsn = sandbox_dsn(sandbox), *ca = path_of(world, "server.pem");
    const char *other = path_of(world, "other.pem");
    struct db *root = connect_to(world, dsn, &answer);
    assert_non_null(root);
    assert_string_equal(cipher_of(world, root), ""); /* a local socket, and nobody asked */
    expect_encrypted(world, arena_printf(&world->arena, "%s&ssl-mode=required", dsn));
    expect_encrypted(world, arena_printf(&world->arena, "%s&ssl-mode=verify-ca&ssl-ca=%s", dsn, ca));
    expect_encrypted(world, arena_printf(&world->arena, "%s&ssl-mode=verify-identity&ssl-ca=%s", dsn, ca));
    expect_refused(world, arena_printf(&world->arena, "%s&ssl-mode=verify-ca&ssl-ca=%s", dsn, other),
                   OUTCOME_CONNECTION_LOST);
    expect_refused(world, arena_printf(&world->arena, "%s&ssl-mode=verify-identity&ssl-ca=%s", dsn, other),
                   OUTCOME_CONNECTION_LOST);
    expect_password(world, root, dsn);
    db_close(root);
    sandbox_stop(sandbox);
}

static void test_plain(void **state)
{
    struct world *world = *state;
    bool is_mysql = strstr(sandbox_to_start, "mysql") != NULL; /* which has TLS unless it is told otherwise */
    struct sandbox *sandbox = start_or_skip(
        is_mysql ? arena_printf(&world->arena, "%s?set.tls-version=", sandbox_to_start) : sandbox_to_start);
    const char *dsn = sandbox_dsn(sandbox), *ca = path_of(world, "server.pem");
    expect_refused(world, arena_printf(&world->arena, "%s&ssl-mode=required", dsn), OUTCOME_CONNECTION_LOST);
    expect_refused(world, arena_printf(&world->arena, "%s&ssl-mode=verify-ca&ssl-ca=%s", dsn, ca),
                   OUTCOME_CONNECTION_LOST);
    expect_refused(world, arena_printf(&world->arena, "%s&ssl-mode=verify-identity&ssl-ca=%s", dsn, ca),
                   OUTCOME_CONNECTION_LOST);
    sandbox_stop(sandbox);
}

static int set_up(void **state)
{
    static struct world world = {.directory = "/tmp/db-tls-XXXXXX"};
    assert_non_null(mkdtemp(world.directory));
    assert_int_equal(chmod(world.directory, 0755), 0);
    make_certificate(&world, "server.pem", "server.key", "localhost");
    make_certificate(&world, "other.pem", "other.key", "localhost");
    *state = &world;
    return 0;
}

static int tear_down(void **state)
{
    struct world *world = *state;
    static const char *const names[] = {"server.pem", "server.key", "other.pem", "other.key", "client.cnf"};
    for (int i = 0; i < 5; i++)
        unlink(path_of(world, names[i]));
    rmdir(world->directory);
    arena_free(&world->arena);
    return 0;
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_encrypted), cmocka_unit_test(test_plain)};
    if (argc > 1)
        sandbox_to_start = argv[1];
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
