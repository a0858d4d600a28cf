#include "bench/db/mysql.h"

#include "bench/db/dialect.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { OLDEST_MARIADB = 100600, OLDEST_MYSQL = 80000 };

static const int64_t default_connect_ns = 10 * NS_PER_S;

static pthread_once_t library_once = PTHREAD_ONCE_INIT;

static void start_library(void)
{
    mysql_library_init(0, NULL, NULL);
    mysql_auth_guard();
}

static void fail(struct db_answer *answer, enum outcome outcome, const char *message)
{
    *answer = (struct db_answer){.outcome = outcome};
    snprintf(answer->message, sizeof answer->message, "%.*s", (int)sizeof answer->message - 1, message);
}

/* What the option files say of [client] and [rehearse] comes first; what the DSN says wins. */
static MYSQL *prepare(const struct mysql_world *world, const char *application_name, int64_t limit_ns)
{
    pthread_once(&library_once, start_library);
    MYSQL *conn = mysql_init(NULL);
    if (conn == NULL)
        abort(); /* out of memory */
    unsigned limit_s = (unsigned)((limit_ns + NS_PER_S - 1) / NS_PER_S), local_infile = 1;
    mysql_options(conn, MYSQL_OPT_CONNECT_TIMEOUT, &limit_s);
    if (world->defaults_file != NULL)
        mysql_options(conn, MYSQL_READ_DEFAULT_FILE, world->defaults_file);
    mysql_options(conn, MYSQL_READ_DEFAULT_GROUP, "rehearse");
    mysql_options(conn, MYSQL_SET_CHARSET_NAME, "utf8mb4");
    mysql_options(conn, MYSQL_OPT_LOCAL_INFILE, &local_infile); /* served by mysql_load.c alone */
    mysql_options4(conn, MYSQL_OPT_CONNECT_ATTR_ADD, "program_name",
                   application_name != NULL ? application_name : "rehearse");
    mysql_load_install(conn, NULL);
    mysql_tls_ask(conn, world);
    mysql_wait_install(conn);
    return conn;
}

/* OpenSSL would wait in recv by itself; where it cannot, the library calls our hook as without TLS. */
static void unblock(MYSQL *conn)
{
    int fd = MYSQL_SOCKET_FD(conn);
    if (MYSQL_HAS_IO_WAIT && mysql_get_ssl_cipher(conn) != NULL)
        fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
}

/* With a socket the host is "localhost", whatever an option file says of it. */
static bool connect_to(MYSQL *conn, const struct db_target *target, const char *address, int64_t deadline_ns,
                       bool *refused)
{
    const struct mysql_world *world = target->world;
    struct mysql_wait wait = {.deadline_ns = deadline_ns, .needs_tls = mysql_tls_is_needed(world)};
    const char *host = world->socket != NULL ? "localhost" : address[0] != '\0' ? address : world->host;
    const char *database = target->database_override != NULL ? target->database_override : world->database;
    mysql_wait_enter(&wait);
    bool connected = mysql_real_connect(conn, host, world->user, NULL, database, world->port, world->socket,
                                        CLIENT_MULTI_STATEMENTS | CLIENT_MULTI_RESULTS) != NULL;
    mysql_wait_leave(&wait);
    *refused = wait.refused;
    if (connected)
        unblock(conn);
    return connected;
}

/* A partition of the network is noticed in about 3 s. On a local socket this has no meaning and no effect. */
static void keep_alive(MYSQL *conn)
{
    int fd = MYSQL_SOCKET_FD(conn), on = 1, count = 3;
    unsigned limit_ms = 3000;
    setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
    setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &on, sizeof on);
    setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &on, sizeof on);
    setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &count, sizeof count);
    setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &limit_ms, sizeof limit_ms);
}

/* A certificate that is compared with the host's name needs that name again. */
static void note_peer(struct mysql *my)
{
    struct sockaddr_storage peer = {.ss_family = AF_UNSPEC};
    socklen_t size = sizeof peer;
    const struct mysql_world *world = my->address.target->world;
    if (world->tls == MYSQL_TLS_IDENTITY ||
        getpeername(MYSQL_SOCKET_FD(my->conn), (struct sockaddr *)&peer, &size) != 0)
        return;
    if (peer.ss_family == AF_INET)
        inet_ntop(AF_INET, &((struct sockaddr_in *)&peer)->sin_addr, my->address.host,
                  sizeof my->address.host);
    else if (peer.ss_family == AF_INET6)
        inet_ntop(AF_INET6, &((struct sockaddr_in6 *)&peer)->sin6_addr, my->address.host,
                  sizeof my->address.host);
}

MYSQL *mysql_open_second(const struct mysql_address *address, int64_t deadline_ns)
{
    const struct db_target *target = address->target;
    MYSQL *conn = prepare(target->world, "rehearse/cancel", NS_PER_S);
#if !MYSQL_HAS_IO_WAIT
    unsigned read_limit_s = 1;
    mysql_options(conn, MYSQL_OPT_READ_TIMEOUT, &read_limit_s);
#endif
    bool refused;
    if (connect_to(conn, target, address->host, deadline_ns, &refused) && mysql_tls_have(conn, target->world))
        return conn;
    mysql_close(conn);
    return NULL;
}

/* "10.11.19-MariaDB-…", before which MariaDB writes 5.5.5- for old clients; 8.0.36. */
static void read_version(struct mysql *my)
{
    const char *text = mysql_get_server_info(my->conn);
    bool is_mariadb = strstr(text, "MariaDB") != NULL;
    int part[3] = {0};
    if (is_mariadb && strncmp(text, "5.5.5-", 6) == 0)
        text += 6;
    sscanf(text, "%d.%d.%d", &part[0], &part[1], &part[2]);
    my->db.dialect = is_mariadb ? &dialect_mariadb : &dialect_mysql;
    my->db.version = part[0] * 10000 + part[1] * 100 + part[2];
    my->db.session = (int)my->address.session;
}

static bool check_version(struct mysql *my, struct db_answer *answer)
{
    char label[32];
    read_version(my);
    bool is_mariadb = my->db.dialect == &dialect_mariadb;
    if (my->db.version >= (is_mariadb ? OLDEST_MARIADB : OLDEST_MYSQL))
        return true;
    fail(answer, OUTCOME_OTHER, "");
    snprintf(answer->message, sizeof answer->message, "%s %s is too old: %s or later is needed",
             is_mariadb ? "MariaDB" : "MySQL", my->db.dialect->version_label(my->db.version, label),
             is_mariadb ? "10.6" : "8.0");
    return false;
}

struct identity_check {
    const char *expected;
    bool same;
};

static void compare_identity(void *context, int result, int columns, const char *const *values)
{
    struct identity_check *check = context;
    check->same = result == 0 && columns > 0 && values[0] != NULL && strcmp(values[0], check->expected) == 0;
}

static bool check_identity(struct mysql *my, const char *expected, int64_t deadline_ns,
                           struct db_answer *answer)
{
    struct identity_check check = {.expected = expected};
    if (expected == NULL)
        return true;
    *answer = mysql_exec(&my->db, my->db.dialect->text(DIALECT_IDENTITY, my->db.version), deadline_ns,
                         compare_identity, &check);
    if (answer->outcome == OUTCOME_OK && !check.same)
        fail(answer, OUTCOME_WRONG_SERVER, "this is not the server and database that the run began with");
    return answer->outcome == OUTCOME_OK;
}

static void fail_plain(struct db_answer *answer)
{
    fail(answer, OUTCOME_CONNECTION_LOST, "the connection is not encrypted, and ssl-mode requires it");
}

static void take_lexis(void *context, int result, int columns, const char *const *values)
{
    struct mysql *my = context;
    if (result == 0 && columns == 2 && values[0] != NULL && values[1] != NULL)
        my->db.modes = (values[0][0] == '1' ? SQL_ANSI_QUOTES : 0) |
                       (values[1][0] == '1' ? SQL_PLAIN_BACKSLASH : 0);
}

/* What users wrote is read, and run, in the server's own modes. */
static struct db_answer learn_modes(struct mysql *my, bool as_user, int64_t deadline_ns)
{
    const struct dialect *dialect = my->db.dialect;
    struct db_answer answer = mysql_exec(&my->db, dialect->text(DIALECT_LEXIS, my->db.version), deadline_ns,
                                         take_lexis, my);
    if (answer.outcome != OUTCOME_OK || !as_user)
        return answer;
    my->lexis = db_lexis(&my->db);
    return mysql_exec(&my->db, dialect->text(DIALECT_SETUP_USER, my->db.version), deadline_ns, NULL, NULL);
}

static bool set_up(struct mysql *my, const struct db_options *options, int64_t limit_ns,
                   struct db_answer *answer)
{
    int64_t deadline_ns = clock_ns() + limit_ns;
    if (!mysql_tls_have(my->conn, my->address.target->world)) {
        fail_plain(answer);
        return false;
    }
    if (!check_version(my, answer))
        return false;
    *answer = mysql_exec(&my->db, my->db.dialect->text(DIALECT_SETUP_SESSION, my->db.version), deadline_ns,
                         NULL, NULL);
    if (answer->outcome != OUTCOME_OK || !check_identity(my, options->expected_identity, deadline_ns, answer))
        return false;
    *answer = learn_modes(my, options->as_user, deadline_ns);
    if (answer->outcome == OUTCOME_OK && options->setup_sql != NULL)
        *answer = mysql_exec(&my->db, options->setup_sql, deadline_ns, NULL, NULL);
    return answer->outcome == OUTCOME_OK;
}

/* The client library takes an option file that it cannot read for one that says nothing. */
static bool reads_option_file(const struct mysql_world *world, struct db_answer *answer)
{
    if (world->defaults_file == NULL || access(world->defaults_file, R_OK) == 0)
        return true;
    int why = errno;
    fail(answer, OUTCOME_OTHER, "");
    snprintf(answer->message, sizeof answer->message, "the option file %.200s cannot be read: %s",
             world->defaults_file, strerror(why));
    return false;
}

struct db *mysql_open(const struct db_target *target, const struct db_options *options,
                      struct db_answer *answer)
{
    if (!reads_option_file(target->world, answer))
        return NULL;
    int64_t limit_ns = options->connect_timeout_ns > 0 ? options->connect_timeout_ns : default_connect_ns;
    MYSQL *conn = prepare(target->world, options->application_name, limit_ns);
    bool refused;
    if (!connect_to(conn, target, "", clock_ns() + limit_ns, &refused)) {
        *answer = (struct db_answer){.outcome = OUTCOME_OK};
        mysql_answer_error(mysql_errno(conn), mysql_error(conn), NULL, answer);
        if (refused)
            fail_plain(answer);
        mysql_close(conn);
        return NULL;
    }
    struct mysql *my = mem_alloc(sizeof *my);
    my->db = (struct db){.driver = &db_mysql, .dialect = &dialect_mysql};
    my->lexis = SQL_MYSQL;
    my->conn = conn;
    my->encrypted = mysql_get_ssl_cipher(conn) != NULL;
    my->address = (struct mysql_address){.target = target, .session = mysql_thread_id(conn)};
    my->notice = options->notice;
    my->notice_context = options->notice_context;
    my->prepared = mem_alloc(DB_MAX_PREPARED * sizeof *my->prepared);
    atomic_init(&my->cancelled, false);
    atomic_init(&my->broken, false);
#if !MYSQL_HAS_IO_WAIT
    my->watchdog = mysql_watchdog_start();
#endif
    mysql_load_install(conn, my);
    keep_alive(conn);
    note_peer(my);
    if (!set_up(my, options, limit_ns, answer)) {
        mysql_shut(&my->db);
        return NULL;
    }
    return &my->db;
}

/* The connection goes first: statements are then freed without a word to the server. */
void mysql_shut(struct db *db)
{
    struct mysql *my = (struct mysql *)db;
    struct mysql_wait wait = {.deadline_ns = clock_ns() + NS_PER_S};
#if !MYSQL_HAS_IO_WAIT
    mysql_watchdog_stop(my->watchdog);
    my->watchdog = NULL;
#endif
    mysql_wait_enter(&wait);
    if (my->watch != NULL)
        mysql_close(my->watch);
    mysql_close(my->conn);
    mysql_wait_leave(&wait);
    for (int i = 0; i < DB_MAX_PREPARED; i++)
        mysql_prepared_free(&my->prepared[i]);
    free(my->prepared);
    free(my);
}
