#include "bench/db/dialect.h"
#include "bench/db/mysql.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

static const int64_t look_every_ns = NS_PER_S;        /* for a cancel, while an answer is waited for */
static const int64_t kill_limit_ns = 2 * NS_PER_S;    /* for a second connection and its KILL */
static const int64_t glance_least_ns = 5 * NS_PER_MS; /* between two looks for a lock wait */
static const int64_t glance_most_ns = 20 * NS_PER_MS;
static const int64_t glance_limit_ns = NS_PER_S; /* for the answer of one look */

/* What the library call that this thread is in waits for: the library tells its hook the socket alone. */
static _Thread_local struct mysql_wait *waiting;

void mysql_wait_enter(struct mysql_wait *wait)
{
    wait->outer = waiting;
    waiting = wait;
    if (wait->flight != NULL && wait->flight->my->watchdog != NULL)
        mysql_watchdog_enter(wait->flight->my->watchdog, wait->flight);
}

void mysql_wait_leave(struct mysql_wait *wait)
{
    waiting = wait->outer;
    if (wait->flight != NULL && wait->flight->my->watchdog != NULL)
        mysql_watchdog_leave(wait->flight->my->watchdog);
}

bool mysql_wait_refuses_plain(void)
{
    if (waiting != NULL && waiting->needs_tls)
        waiting->refused = true;
    return waiting != NULL && waiting->needs_tls;
}

static void lose(struct mysql *my)
{
    my->broken = true;
    shutdown(MYSQL_SOCKET_FD(my->conn), SHUT_RDWR);
}

/* The deadline passed: first a kill and the grace, then the socket is shut. False: the session is lost. */
static bool expire(struct mysql_flight *flight)
{
    if (flight->expired) {
        lose(flight->my);
        return false;
    }
    flight->expired = true;
    mysql_cancel_send(&flight->my->address, clock_ns() + kill_limit_ns);
    flight->deadline_ns = clock_ns() + DB_CANCEL_GRACE_NS;
    return true;
}

/* The statement's deadline, moved nearer once somebody cancelled it. */
static int64_t due_ns(struct mysql_flight *flight, int64_t now_ns)
{
    if (!flight->hurried && atomic_load_explicit(&flight->my->cancelled, memory_order_relaxed)) {
        flight->hurried = true;
        if (flight->deadline_ns > now_ns + DB_CANCELLED_NS)
            flight->deadline_ns = now_ns + DB_CANCELLED_NS;
    }
    return flight->deadline_ns;
}

static void stop_watching(struct mysql *my)
{
    if (my->watch != NULL)
        mysql_close(my->watch);
    my->watch = NULL;
}

/* Whether the session waits for a lock that the server's own timeout counts in whole seconds. Row locks are not among them:
 * their state is not told, and innodb_lock_wait_timeout ends them. */
static bool names_lock_wait(const char *state)
{
    size_t length = state != NULL ? strlen(state) : 0;
    return length > 16 && strncmp(state, "Waiting for ", 12) == 0 &&
           (strcmp(state + length - 4, "lock") == 0 || strcmp(state + length - 5, "flush") == 0);
}

static bool ask_state(struct mysql *my, bool *waits)
{
    char sql[128];
    bool has_threads = my->db.dialect == &dialect_mysql && my->db.version >= 80022;
    snprintf(sql, sizeof sql,
             has_threads
                 ? "SELECT PROCESSLIST_STATE FROM performance_schema.threads WHERE PROCESSLIST_ID = %lu"
                 : "SELECT STATE FROM information_schema.PROCESSLIST WHERE ID = %lu",
             my->address.session);
    if (mysql_query(my->watch, sql) != 0)
        return false;
    MYSQL_RES *result = mysql_store_result(my->watch);
    MYSQL_ROW row = result != NULL ? mysql_fetch_row(result) : NULL;
    *waits = row != NULL && names_lock_wait(row[0]);
    mysql_free_result(result);
    return result != NULL;
}

static int64_t glance_ns(const struct mysql *my)
{
    int64_t part_ns = my->db.lock_timeout_ms * NS_PER_MS / 40;
    return part_ns < glance_least_ns ? glance_least_ns : part_ns > glance_most_ns ? glance_most_ns : part_ns;
}

/* A look at the session from outside. A wait began, as far as can be told, in the middle between two looks; each wait
 * counts from its own begin. */
static void glance(struct mysql_flight *flight)
{
    struct mysql *my = flight->my;
    int64_t step_ns = glance_ns(my), limit_ns = my->db.lock_timeout_ms * NS_PER_MS;
    struct mysql_wait wait = {.deadline_ns = clock_ns() + glance_limit_ns};
    bool waits = false;
    mysql_wait_enter(&wait);
    bool asked = ask_state(my, &waits);
    int64_t now_ns = clock_ns();
    flight->look_ns = now_ns + step_ns;
    if (!waits)
        flight->wait_began_ns = 0;
    else if (flight->wait_began_ns == 0)
        flight->wait_began_ns = now_ns - step_ns / 2;
    else if (now_ns - flight->wait_began_ns >= limit_ns) {
        flight->waited = true;
        flight->look_ns = CLOCK_NEVER_NS;
        asked = mysql_cancel_on(my->watch, my->address.session);
    }
    if (waits && !flight->waited && flight->wait_began_ns + limit_ns < flight->look_ns)
        flight->look_ns = flight->wait_began_ns + limit_ns;
    if (!asked) {
        flight->look_ns = CLOCK_NEVER_NS;
        stop_watching(my);
    }
    mysql_wait_leave(&wait);
}

int64_t mysql_wait_next_ns(struct mysql_flight *flight)
{
    int64_t now_ns = clock_ns(), due = due_ns(flight, now_ns), wake_ns = now_ns + look_every_ns;
    wake_ns = due < wake_ns ? due : wake_ns;
    return flight->look_ns < wake_ns ? flight->look_ns : wake_ns;
}

bool mysql_wait_tend(struct mysql_flight *flight)
{
    if (clock_ns() >= flight->look_ns)
        glance(flight);
    int64_t now_ns = clock_ns();
    return now_ns < due_ns(flight, now_ns) || expire(flight);
}

#if MYSQL_HAS_IO_WAIT
static const int64_t try_again_ns = 20 * NS_PER_MS; /* where the library does not say what it waits for */

static int sleep_until(int fd, short events, int64_t due)
{
    int64_t left_ns = due - clock_ns();
    left_ns = left_ns < 0 ? 0 : left_ns;
    struct pollfd poll_fd = {.fd = fd, .events = events};
    struct timespec left = {.tv_sec = left_ns / NS_PER_S, .tv_nsec = left_ns % NS_PER_S};
    int count = ppoll(&poll_fd, 1, &left, NULL);
    return count < 0 && errno == EINTR ? 0 : count;
}

/* Connector/C says "read" too when OpenSSL cannot write. A socket that is full now is waited for both ways; one that is not
 * may have been a moment ago, so the library tries again soon. */
static int sleep_encrypted(int fd, int64_t due)
{
    bool is_full = sleep_until(fd, POLLOUT, 0) == 0;
    int64_t soon_ns = clock_ns() + try_again_ns;
    int count = sleep_until(fd, is_full ? POLLIN | POLLOUT : POLLIN, due < soon_ns ? due : soon_ns);
    return count == 0 && due > clock_ns() ? 1 : count;
}

static int give_up(void)
{
    errno = ETIMEDOUT;
    return 0;
}

/* As poll answers: > 0 ready, 0 the limit passed and the session is lost, < 0 error. */
static int wait_flight(struct mysql_flight *flight, int fd, short events)
{
    for (;;) {
        int64_t wake_ns = mysql_wait_next_ns(flight);
        int count = flight->my->encrypted ? sleep_encrypted(fd, wake_ns) : sleep_until(fd, events, wake_ns);
        if (count != 0)
            return count;
        if (!mysql_wait_tend(flight))
            return give_up();
    }
}

static int wait_socket(my_socket fd, mysql_bool is_read, int timeout_ms)
{
    short events = is_read ? POLLIN : POLLOUT;
    if (waiting == NULL)
        return sleep_until(fd, events, timeout_ms > 0 ? clock_ns() + timeout_ms * NS_PER_MS : CLOCK_NEVER_NS);
    if (waiting->flight != NULL)
        return wait_flight(waiting->flight, fd, events);
    int count = 0;
    while (count == 0 && clock_ns() < waiting->deadline_ns)
        count = is_read ? sleep_encrypted(fd, waiting->deadline_ns)
                        : sleep_until(fd, events, waiting->deadline_ns);
    return count != 0 ? count : give_up();
}
#endif

void mysql_wait_install(MYSQL *conn)
{
#if MYSQL_HAS_IO_WAIT
    union {
        int (*function)(my_socket, mysql_bool, int);
        const void *pointer;
    } hook = {.function = wait_socket};
    mysql_options(conn, MARIADB_OPT_IO_WAIT, hook.pointer);
#else
    (void)conn;
#endif
}

bool mysql_wait_check(struct mysql_flight *flight)
{
    if (flight->my->watchdog != NULL)
        return !flight->my->broken;
    return clock_ns() < due_ns(flight, clock_ns()) || expire(flight);
}

bool mysql_wait_overdue(struct mysql_flight *flight)
{
    struct mysql_watchdog *dog = flight->my->watchdog;
    if (dog != NULL)
        mysql_watchdog_lock(dog);
    if (!flight->expired && clock_ns() >= flight->deadline_ns) {
        flight->expired = true;
        flight->deadline_ns = clock_ns() + DB_CANCEL_GRACE_NS;
    }
    bool expired = flight->expired;
    if (dog != NULL)
        mysql_watchdog_unlock(dog);
    return expired;
}

void mysql_wait_watch(struct mysql *my)
{
    bool wanted = my->db.lock_timeout_ms % 1000 != 0;
    if (!wanted)
        stop_watching(my);
    else if (my->watch == NULL)
        my->watch = mysql_open_second(&my->address, clock_ns() + kill_limit_ns);
}
