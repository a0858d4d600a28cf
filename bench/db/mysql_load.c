#include "bench/db/mysql.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Never a file: whatever name a server asks for, at whatever time, what it gets is what fill gives, and nothing outside a
 * load. A connection refuses from before its first byte; one that is no session refuses always. */

enum { REFUSED = 2068 }; /* CR_LOAD_DATA_LOCAL_INFILE_REJECTED */

struct mysql_load {
    struct mysql_flight *flight;
    db_fill_fn *fill;
    void *context;
    const char *why; /* it was abandoned; NULL: not */
};

static int load_begin(void **pointer, const char *name, void *data)
{
    const struct mysql *my = data;
    (void)name;
    *pointer = data;
    return my == NULL || my->load == NULL;
}

static int load_read(void *pointer, char *bytes, unsigned capacity)
{
    const struct mysql *my = pointer;
    struct mysql_load *load = my->load;
    if (mysql_wait_overdue(load->flight) && load->why == NULL)
        load->why = "the deadline has passed";
    if (load->why == NULL && atomic_load_explicit(&my->cancelled, memory_order_relaxed))
        load->why = "the load was cancelled";
    long length = load->why == NULL ? load->fill(load->context, bytes, capacity) : 0;
    if (length < 0)
        load->why = "the load was abandoned";
    return length < 0 ? 0 : (int)length;
}

static void load_end(void *pointer)
{
    (void)pointer;
}

static int load_error(void *pointer, char *message, unsigned capacity)
{
    (void)pointer;
    snprintf(message, capacity, "no file is read here");
    return REFUSED;
}

void mysql_load_install(MYSQL *conn, struct mysql *my)
{
    mysql_set_local_infile_handler(conn, load_begin, load_read, load_end, load_error, my);
}

struct warning {
    unsigned number;
    char message[300];
};

static void keep_warning(void *context, int result, int columns, const char *const *values)
{
    struct warning *warning = context;
    if (result != 0 || columns < 3 || warning->number != 0)
        return;
    warning->number = (unsigned)strtoul(values[1], NULL, 10);
    snprintf(warning->message, sizeof warning->message, "%s", values[2]);
}

/* LOCAL makes the server go on after bad rows and say so in warnings: for us they are errors. */
static void judge_warnings(struct db *db, struct db_answer *answer, int64_t deadline_ns)
{
    const struct mysql *my = (const struct mysql *)db;
    struct warning warning = {0};
    if (answer->outcome != OUTCOME_OK || mysql_warning_count(my->conn) == 0)
        return;
    struct db_answer asked = mysql_exec(db, "SHOW WARNINGS LIMIT 1", deadline_ns, keep_warning, &warning);
    if (asked.outcome != OUTCOME_OK)
        *answer = asked;
    else if (warning.number != 0)
        mysql_answer_error(warning.number, warning.message, NULL, answer);
}

static void judge_end(struct mysql_load *load, struct db_answer *answer)
{
    if (load->why == NULL || answer->outcome != OUTCOME_OK)
        return;
    answer->outcome = load->flight->expired ? OUTCOME_DEADLINE : OUTCOME_CANCELLED;
    snprintf(answer->message, sizeof answer->message, "%s", load->why);
}

static struct db_answer load_rows(struct mysql *my, const char *sql, int64_t deadline_ns, db_fill_fn *fill,
                                  void *context)
{
    struct mysql_flight flight = mysql_flight(my, sql, deadline_ns, NULL, NULL);
    struct mysql_load load = {.flight = &flight, .fill = fill, .context = context};
    struct mysql_wait wait = {.flight = &flight};
    my->load = &load;
    mysql_wait_enter(&wait);
    if (mysql_real_query(my->conn, sql, strlen(sql)) != 0)
        mysql_fail(&flight, mysql_errno(my->conn), mysql_error(my->conn));
    else
        flight.answer.rows = (int64_t)mysql_affected_rows(my->conn);
    mysql_wait_leave(&wait);
    my->load = NULL;
    judge_end(&load, &flight.answer);
    return mysql_land(&flight);
}

/* The end of the data is all that a client can say, and the server keeps what it has read by then: so a load is a transaction
 * of its own, or a savepoint of the caller's, which goes back when the load did not end well. */
struct db_answer mysql_load_run(struct db *db, const struct db_load *load, int64_t deadline_ns,
                                db_fill_fn *fill, void *context)
{
    struct mysql *my = (struct mysql *)db;
    bool inside = my->db.in_transaction;
    struct buf sql = {0};
    struct db_answer answer = mysql_exec(db, inside ? "SAVEPOINT rehearse_load" : "START TRANSACTION",
                                         CLOCK_NEVER_NS, NULL, NULL);
    if (answer.outcome != OUTCOME_OK)
        return answer;
    buf_printf(
        &sql,
        "LOAD DATA LOCAL INFILE 'rehearse' INTO TABLE %s CHARACTER SET utf8mb4 FIELDS TERMINATED BY '\\t'"
        " ENCLOSED BY '' ESCAPED BY '\\\\' LINES TERMINATED BY '\\n' (%s)",
        load->table, load->columns);
    answer = load_rows(my, buf_text(&sql), deadline_ns, fill, context);
    judge_warnings(db, &answer, clock_ns() + DB_CANCEL_GRACE_NS);
    buf_free(&sql);
    if (my->broken)
        return answer;
    const char *end = inside ? (answer.outcome == OUTCOME_OK ? "RELEASE SAVEPOINT rehearse_load"
                                                             : "ROLLBACK TO SAVEPOINT rehearse_load")
                             : (answer.outcome == OUTCOME_OK ? "COMMIT" : "ROLLBACK");
    struct db_answer ended = mysql_exec(db, end, CLOCK_NEVER_NS, NULL, NULL);
    return answer.outcome == OUTCOME_OK && ended.outcome != OUTCOME_OK ? ended : answer;
}
