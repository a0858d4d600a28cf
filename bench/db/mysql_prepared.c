#include "bench/db/mysql.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_COLUMN_BYTES = 256, ROWS_BETWEEN_CHECKS = 1024 };
enum { NOT_PREPARABLE = 1295 }; /* ER_UNSUPPORTED_PS */

void mysql_prepared_free(struct mysql_prepared *prepared)
{
    if (prepared->stmt != NULL)
        mysql_stmt_close(prepared->stmt);
    for (int i = 0; i < prepared->columns; i++)
        free(prepared->column[i].text);
    free(prepared->column);
    free(prepared->result);
    free(prepared->row);
    free(prepared->bind);
    free(prepared->lengths);
    free(prepared->order);
    free(prepared->sql);
    *prepared = (struct mysql_prepared){.stmt = NULL};
}

/* Connector/C leaves an error that comes instead of a row with the connection. */
static void fail_stmt(struct mysql_flight *flight, MYSQL_STMT *stmt)
{
    MYSQL *conn = flight->my->conn;
    if (mysql_stmt_errno(stmt) != 0)
        mysql_fail(flight, mysql_stmt_errno(stmt), mysql_stmt_error(stmt));
    else
        mysql_fail(flight, mysql_errno(conn), mysql_error(conn));
}

/* $n becomes ?, which the server counts by place: a value that is named twice is sent twice. */
static void translate(struct mysql_prepared *prepared, enum sql_lexis lexis, const char *sql)
{
    struct sql_scan scan = sql_scan(lexis, sql, strlen(sql), 1, 1);
    struct buf out = {0}, order = {0};
    for (struct sql_token token = sql_next(&scan); token.kind != SQL_END; token = sql_next(&scan)) {
        if (token.kind != SQL_PARAM) {
            buf_add(&out, token.text, token.length);
            continue;
        }
        buf_putc(&order, (char)(strtoul(token.text + 1, NULL, 10) - 1));
        buf_putc(&out, '?');
    }
    buf_puts(&out, "");
    prepared->sql = mem_strdup(buf_text(&out));
    prepared->params = (int)order.length;
    prepared->order = mem_alloc(order.length + 1);
    memcpy(prepared->order, buf_text(&order), order.length);
    prepared->bind = mem_alloc(((size_t)order.length + 1) * sizeof *prepared->bind);
    prepared->lengths = mem_alloc((order.length + 1) * sizeof *prepared->lengths);
    for (size_t i = 0; i < order.length; i++)
        prepared->bind[i] = (MYSQL_BIND){.length = &prepared->lengths[i]};
    buf_free(&out);
    buf_free(&order);
}

static void point_column(struct mysql_prepared *prepared, int i)
{
    struct mysql_column *column = &prepared->column[i];
    prepared->result[i] = (MYSQL_BIND){
        .buffer_type = MYSQL_TYPE_STRING,
        .buffer = column->text,
        .buffer_length = column->size,
        .length = &column->length,
        .is_null = &column->is_null,
        .error = &column->is_cut,
    };
}

static void make_columns(struct mysql_prepared *prepared)
{
    int columns = (int)mysql_stmt_field_count(prepared->stmt);
    prepared->columns = columns;
    prepared->column = mem_alloc(((size_t)columns + 1) * sizeof *prepared->column);
    prepared->result = mem_alloc(((size_t)columns + 1) * sizeof *prepared->result);
    prepared->row = mem_alloc(((size_t)columns + 1) * sizeof *prepared->row);
    for (int i = 0; i < columns; i++) {
        prepared->column[i].size = FIRST_COLUMN_BYTES;
        prepared->column[i].text = mem_alloc(FIRST_COLUMN_BYTES);
        point_column(prepared, i);
    }
}

/* MariaDB prepares whatever it knows; MySQL not BEGIN, LOCK TABLES and others, which have no parameters. */
static void fail_prepare(struct mysql_flight *flight, struct mysql_prepared *prepared)
{
    prepared->plain = mysql_stmt_errno(prepared->stmt) == NOT_PREPARABLE && prepared->params == 0;
    if (!prepared->plain) {
        fail_stmt(flight, prepared->stmt);
        mysql_prepared_free(prepared);
        return;
    }
    mysql_stmt_close(prepared->stmt);
    prepared->stmt = NULL;
}

struct db_answer mysql_prepare(struct db *db, int id, const char *sql, int64_t deadline_ns)
{
    struct mysql *my = (struct mysql *)db;
    if (my->broken)
        return mysql_gone();
    struct mysql_prepared *prepared = &my->prepared[id];
    struct mysql_flight flight = mysql_flight(my, "", deadline_ns, NULL, NULL);
    struct mysql_wait wait = {.flight = &flight};
    mysql_wait_enter(&wait);
    mysql_prepared_free(prepared); /* a number given again names a new statement */
    translate(prepared, my->lexis, sql);
    prepared->stmt = mysql_stmt_init(my->conn);
    if (prepared->stmt == NULL)
        abort(); /* out of memory */
    if (mysql_stmt_prepare(prepared->stmt, prepared->sql, strlen(prepared->sql)) != 0)
        fail_prepare(&flight, prepared);
    else
        make_columns(prepared);
    mysql_wait_leave(&wait);
    return mysql_land(&flight);
}

/* Values are text: the server reads them as what the place needs. */
static bool bind_values(struct mysql_prepared *prepared, const char *const *values, int count)
{
    for (int i = 0; i < prepared->params; i++) {
        int at = prepared->order[i];
        const char *value = at < count ? values[at] : NULL;
        MYSQL_BIND *bind = &prepared->bind[i];
        bind->buffer_type = value != NULL ? MYSQL_TYPE_STRING : MYSQL_TYPE_NULL;
        memcpy(&bind->buffer, &value, sizeof value); /* the library's pointer is not const, but only read */
        prepared->lengths[i] = bind->buffer_length = value != NULL ? strlen(value) : 0;
    }
    return prepared->params == 0 || mysql_stmt_bind_param(prepared->stmt, prepared->bind) == 0;
}

/* A value longer than its buffer is fetched again into a longer one, which then stays. */
static bool fetch_rest(struct mysql_prepared *prepared, int i)
{
    struct mysql_column *column = &prepared->column[i];
    column->size = column->length + 1;
    column->text = mem_realloc(column->text, column->size);
    point_column(prepared, i);
    prepared->bound = false;
    return mysql_stmt_fetch_column(prepared->stmt, &prepared->result[i], (unsigned)i, 0) == 0;
}

static bool give_row(struct mysql_flight *flight, struct mysql_prepared *prepared)
{
    for (int i = 0; i < prepared->columns; i++) {
        struct mysql_column *column = &prepared->column[i];
        if (!column->is_null && column->length >= column->size && !fetch_rest(prepared, i))
            return false;
        if (!column->is_null)
            column->text[column->length] = '\0';
        prepared->row[i] = column->is_null ? NULL : column->text;
    }
    flight->rows(flight->rows_context, flight->answer.result, prepared->columns, prepared->row);
    return true;
}

/* Buffers that moved are made known before the next row is read into them. */
static bool bind_columns(struct mysql_prepared *prepared)
{
    if (!prepared->bound)
        prepared->bound = mysql_stmt_bind_result(prepared->stmt, prepared->result) == 0;
    return prepared->bound;
}

static void take_rows(struct mysql_flight *flight, struct mysql_prepared *prepared)
{
    MYSQL_STMT *stmt = prepared->stmt;
    int64_t count = 0;
    for (;;) {
        int status = bind_columns(prepared) ? mysql_stmt_fetch(stmt) : 1;
        if (status == MYSQL_NO_DATA)
            break;
        if (status == 1 || (flight->rows != NULL && !give_row(flight, prepared))) {
            fail_stmt(flight, stmt);
            break;
        }
        if (++count % ROWS_BETWEEN_CHECKS == 0 && !mysql_wait_check(flight))
            break;
    }
    flight->answer.rows = count;
    mysql_stmt_free_result(stmt);
}

/* A procedure's further results are not for the caller. */
static void drain(struct mysql_flight *flight, MYSQL_STMT *stmt)
{
    while (!flight->my->broken && mysql_more_results(flight->my->conn)) {
        int more = mysql_stmt_next_result(stmt);
        if (more > 0)
            fail_stmt(flight, stmt);
        if (more != 0)
            return;
        mysql_stmt_free_result(stmt);
    }
}

/* What was well when it was prepared: other columns of the table or of the result. Rows that came are let go. */
static void fail_execute(struct mysql_flight *flight, MYSQL_STMT *stmt)
{
    unsigned number = mysql_stmt_errno(stmt);
    fail_stmt(flight, stmt);
    if (number == 1136)
        flight->answer.outcome = OUTCOME_SCHEMA_CHANGED;
    if (!flight->my->broken)
        mysql_stmt_free_result(stmt);
}

static void execute(struct mysql_flight *flight, struct mysql_prepared *prepared)
{
    MYSQL_STMT *stmt = prepared->stmt;
    if (mysql_stmt_execute(stmt) != 0) {
        fail_execute(flight, stmt);
        return;
    }
    if (prepared->columns > 0)
        take_rows(flight, prepared);
    else
        flight->answer.rows = (int64_t)mysql_stmt_affected_rows(stmt);
    drain(flight, stmt);
    if (flight->answer.outcome == OUTCOME_OK)
        flight->answer.result++;
}

struct db_answer mysql_run(struct db *db, int id, const char *const *values, int count, int64_t deadline_ns,
                           db_row_fn *rows, void *context)
{
    struct mysql *my = (struct mysql *)db;
    struct mysql_prepared *prepared = &my->prepared[id];
    if (my->broken)
        return mysql_gone();
    if (prepared->plain)
        return mysql_exec(db, prepared->sql, deadline_ns, rows, context);
    struct mysql_flight flight = mysql_flight(my, prepared->sql != NULL ? prepared->sql : "", deadline_ns,
                                              rows, context);
    struct mysql_wait wait = {.flight = &flight};
    mysql_wait_enter(&wait);
    if (prepared->stmt == NULL)
        mysql_fail(&flight, 1243, "this statement is not prepared");
    else if (!bind_values(prepared, values, count))
        fail_stmt(&flight, prepared->stmt);
    else
        execute(&flight, prepared);
    mysql_wait_leave(&wait);
    return mysql_land(&flight);
}
