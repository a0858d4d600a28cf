#include "bench/db/mysql.h"

#include <stdio.h>

/* A kill takes a connection of its own, opened on the caller's thread with a limit on every step, so nothing is left
 * behind when a frozen server does not answer. What it needs is copied before: the session may be closed meanwhile. */

static const int64_t cancel_limit_ns = 2 * NS_PER_S;

bool mysql_cancel_on(MYSQL *second, unsigned long session)
{
    char sql[48];
    snprintf(sql, sizeof sql, "KILL QUERY %lu", session);
    return mysql_query(second, sql) == 0;
}

bool mysql_cancel_send(const struct mysql_address *address, int64_t deadline_ns)
{
    struct mysql_wait wait = {.deadline_ns = deadline_ns};
    MYSQL *second = mysql_open_second(address, deadline_ns);
    if (second == NULL)
        return false;
    mysql_wait_enter(&wait);
    bool sent = mysql_cancel_on(second, address->session);
    mysql_close(second);
    mysql_wait_leave(&wait);
    return sent;
}

void mysql_settle(struct mysql *my)
{
    struct mysql_flight flight = {.my = my,
                                  .deadline_ns = clock_ns() + DB_CANCEL_GRACE_NS,
                                  .expired = true, /* there is nothing to kill */
                                  .look_ns = CLOCK_NEVER_NS};
    struct mysql_wait wait = {.flight = &flight};
    mysql_wait_enter(&wait);
    int tries = 3;
    while (tries-- > 0 && mysql_query(my->conn, "DO 0") != 0 && mysql_is_killed(mysql_errno(my->conn)))
        ;
    my->broken = my->broken || mysql_is_fatal(mysql_errno(my->conn));
    mysql_wait_leave(&wait);
}

bool mysql_cancel_slot(struct db *db)
{
    struct mysql *my = (struct mysql *)db;
    struct mysql_address address = my->address;
    atomic_store(&my->cancelled, true);
    return mysql_cancel_send(&address, clock_ns() + cancel_limit_ns);
}
