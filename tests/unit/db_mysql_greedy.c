/* A server that turns greedy: it answers every command by asking for a file of this machine. It gets nothing, from no
 * connection. And it has no TLS: a client who needs that says nothing to it. */
#include "bench/db/db.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

enum { MAX_BYTES = 65536, COM_QUIT = 1 };

struct server {
    char directory[32], socket[64], file[64], options[64], password[64];
    int listener;
    pthread_t thread;
    atomic_bool greedy;
    atomic_int asked, bytes; /* how often a client was asked, what it sent */
    atomic_int logins;
};

/* One connection, on a thread of its own. */
struct caller {
    struct server *server;
    pthread_t thread;
    int fd;
};

static bool put(int fd, int number, const void *payload, size_t length)
{
    unsigned char head[4] = {(unsigned char)length, (unsigned char)(length >> 8), 0, (unsigned char)number};
    return write(fd, head, 4) == 4 && write(fd, payload, length) == (ssize_t)length;
}

static bool get_all(int fd, unsigned char *to, size_t length)
{
    for (size_t at = 0; at < length;) {
        ssize_t got = read(fd, to + at, length - at);
        if (got <= 0)
            return false;
        at += (size_t)got;
    }
    return true;
}

/* One packet's length, number and first byte; −1: the client is gone. */
static int get(int fd, int *number, int *first)
{
    unsigned char head[4];
    static _Thread_local unsigned char payload[MAX_BYTES];
    if (!get_all(fd, head, 4))
        return -1;
    int length = head[0] | head[1] << 8;
    *number = head[3];
    if (!get_all(fd, payload, (size_t)length))
        return -1;
    *first = length > 0 ? payload[0] : -1;
    return length;
}

static const char well[] = "\0\0\0\x02\0\0";

static bool greet(struct server *server, int fd)
{
    static const char greeting[] = "\x0a"
                                   "10.11.19-MariaDB\0"
                                   "\x05\0\0\0"
                                   "12345678\0"
                                   "\xFF\xF7\x2D\x02\0\x0F\x80\x15\0\0\0\0\0\0\0\0\0\0"
                                   "123456789012\0"
                                   "mysql_native_password";
    int number, first;
    if (!put(fd, 0, greeting, sizeof greeting) || get(fd, &number, &first) < 0)
        return false;
    atomic_fetch_add(&server->logins, 1);
    return put(fd, number + 1, well, sizeof well);
}

/* What the client sends after it was asked, up to the packet without content. */
static bool take_file(struct server *server, int fd, int *number)
{
    char ask[80];
    int length, first;
    snprintf(ask, sizeof ask, "\xFB%s", server->file);
    atomic_fetch_add(&server->asked, 1);
    if (!put(fd, 1, ask, strlen(ask)))
        return false;
    while ((length = get(fd, number, &first)) > 0)
        atomic_fetch_add(&server->bytes, length);
    return length == 0;
}

static void *serve(void *context)
{
    struct caller *caller = context;
    int number, first;
    bool good = greet(caller->server, caller->fd);
    while (good && get(caller->fd, &number, &first) > 0 && first != COM_QUIT) {
        number = 0;
        good = !atomic_load(&caller->server->greedy) || take_file(caller->server, caller->fd, &number);
        good = good && put(caller->fd, number + 1, well, sizeof well);
    }
    shutdown(caller->fd, SHUT_RDWR);
    return NULL;
}

/* Whoever is still there at the end is shown out. */
static void *take_callers(void *context)
{
    struct caller callers[8];
    struct server *server = context;
    int count = 0;
    for (int fd; count < 8 && (fd = accept(server->listener, NULL, NULL)) >= 0; count++) {
        callers[count] = (struct caller){.server = server, .fd = fd};
        pthread_create(&callers[count].thread, NULL, serve, &callers[count]);
    }
    for (int i = 0; i < count; i++)
        shutdown(callers[i].fd, SHUT_RDWR);
    for (int i = 0; i < count; i++) {
        pthread_join(callers[i].thread, NULL);
        close(callers[i].fd);
    }
    return NULL;
}

static void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static int start(void **state)
{
    static struct server server;
    server = (struct server){.directory = "/tmp/greedy-XXXXXX"};
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    assert_non_null(mkdtemp(server.directory));
    snprintf(server.socket, sizeof server.socket, "%s/socket", server.directory);
    snprintf(server.file, sizeof server.file, "%s/secret", server.directory);
    snprintf(server.options, sizeof server.options, "%s/options", server.directory);
    write_file(server.file, "swordfish\n");
    write_file(server.options, "[rehearse]\nlocal-infile=1\ninit-command=SELECT 1\n");
    snprintf(server.password, sizeof server.password, "%s/password", server.directory);
    write_file(server.password, "[rehearse]\npassword=swordfish\n");
    snprintf(address.sun_path, sizeof address.sun_path, "%s", server.socket);
    server.listener = socket(AF_UNIX, SOCK_STREAM, 0);
    assert_int_equal(bind(server.listener, (const struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(listen(server.listener, 8), 0);
    *state = &server;
    return pthread_create(&server.thread, NULL, take_callers, &server);
}

static int stop(void **state)
{
    struct server *server = *state;
    shutdown(server->listener, SHUT_RDWR);
    pthread_join(server->thread, NULL);
    close(server->listener);
    unlink(server->socket);
    unlink(server->file);
    unlink(server->options);
    unlink(server->password);
    return rmdir(server->directory);
}

static void parse(struct arena *arena, const char *dsn, struct db_target *target)
{
    struct err err = {0};
    if (!db_target_parse(arena, dsn, target, &err))
        fail_msg("%s", err.message);
}

/* The server asked since it had asked `before` times, and nothing came. Returns how often it has asked now. */
static int expect_nothing(const struct server *server, int before)
{
    int asked = atomic_load(&server->asked);
    assert_true(asked > before);
    assert_int_equal(atomic_load(&server->bytes), 0);
    return asked;
}

/* The second connection that kills, a session, and what an option file wants to run before a connection is ours. */
static void test_nothing(void **state)
{
    struct server *server = *state;
    struct arena arena = {0};
    struct db_target target;
    struct db_answer answer;
    const char *dsn = arena_printf(&arena, "mysql://u@localhost/?socket=%s", server->socket);
    parse(&arena, dsn, &target);
    struct db *db = db_open_outcome(&target, &(struct db_options){0}, &answer);
    if (db == NULL)
        fail_msg("%s", answer.message);
    atomic_store(&server->greedy, true);
    (void)db_cancel(db);
    int asked = expect_nothing(server, 0);
    answer = db_exec(db, "SELECT 1", clock_ns() + NS_PER_S, NULL, NULL);
    assert_int_not_equal(answer.outcome, OUTCOME_OK);
    asked = expect_nothing(server, asked);
    db_close(db);
    parse(&arena, arena_printf(&arena, "%s&defaults-file=%s", dsn, server->options), &target);
    assert_null(db_open_outcome(&target, &(struct db_options){0}, &answer));
    (void)expect_nothing(server, asked);
    arena_free(&arena);
}

/* Wrong: the password goes first, and then it is seen that nothing was encrypted. */
static void test_no_password(void **state)
{
    struct server *server = *state;
    struct arena arena = {0};
    struct db_target target;
    struct db_answer answer;
    const char *dsn = arena_printf(&arena, "mysql://u@localhost/?socket=%s&defaults-file=%s", server->socket,
                                   server->password);
    static const char *const needs[] = {"required", "verify-ca&ssl-ca=/none", "verify-identity&ssl-ca=/none"};
    for (int i = 0; i < 3; i++) {
        parse(&arena, arena_printf(&arena, "%s&ssl-mode=%s", dsn, needs[i]), &target);
        assert_null(db_open_outcome(&target, &(struct db_options){0}, &answer));
        assert_int_equal(answer.outcome, OUTCOME_CONNECTION_LOST);
        assert_int_equal(atomic_load(&server->logins), 0);
    }
    parse(&arena, dsn, &target);
    db_close(db_open_outcome(&target, &(struct db_options){0}, &answer));
    assert_int_equal(answer.outcome, OUTCOME_OK);
    assert_int_equal(atomic_load(&server->logins), 1);
    arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test_setup_teardown(test_no_password, start, stop),
                                       cmocka_unit_test_setup_teardown(test_nothing, start, stop)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
