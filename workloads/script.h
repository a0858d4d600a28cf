/* script: one transaction in pgbench's language, parsed once, run by many clients.
 *
 * Understood: SQL statements; \set NAME EXPRESSION (see expression.h); \sleep N [us|ms|s]; "-- name: TEXT" names the
 * next statement. Everything else of the language is refused by name with file:line:column. :name is a variable outside
 * strings, quoted identifiers and comments (inside them pgbench puts one too, and its prepared statements then fail); a
 * name does not begin with a digit, :: is a cast. Each use of a variable is a parameter of its own, as with pgbench, so that
 * the server finds a type for each. Variables are resolved to slots at parse time; a client keeps one struct
 * script_scope per script and allocates nothing while running. */
#ifndef REHEARSE_WORKLOADS_SCRIPT_H
#define REHEARSE_WORKLOADS_SCRIPT_H

#include "bench/base/arena.h"
#include "bench/base/err.h"
#include "bench/base/rng.h"
#include "bench/db/sql.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum script_value_type { SCRIPT_NULL, SCRIPT_BOOLEAN, SCRIPT_INTEGER, SCRIPT_DOUBLE };

struct script_value {
    enum script_value_type type;
    int64_t integer; /* also the boolean */
    double real;
};

enum script_command_kind { SCRIPT_SQL, SCRIPT_SET, SCRIPT_SLEEP };

struct expression; /* workloads/expression.h */

/* A stretch of a statement as written, and the variable that follows it (−1: none, the last piece). */
struct script_piece {
    const char *text;
    size_t length;
    int variable;
};

struct script_command {
    enum script_command_kind kind;
    int line, column;
    /* SCRIPT_SQL */
    const char *sql;        /* with $1 … $n for parameters, as prepared */
    const char *sql_simple; /* as written, for reports and the simple protocol */
    const char *name;       /* from "-- name:", or the redacted beginning of the text */
    int statement;          /* 0 … statement_count−1 */
    int param_count;
    const int *params;                 /* variable slot of each $i */
    const struct script_piece *pieces; /* sql_simple, cut at its variables */
    size_t piece_count;
    size_t rendered_bytes; /* the most that script_render writes, with its NUL */
    enum sql_kind sql_kind;
    /* SCRIPT_SET */
    int variable;
    const struct expression *expression;
    /* SCRIPT_SLEEP: a constant, or variable × unit */
    int64_t sleep_unit_ns;
    int64_t sleep_constant; /* used when sleep_variable is −1 */
    int sleep_variable;
};

struct script {
    const char *name; /* as reports name it: the file's name without ".sql" */
    const char *file; /* for errors */
    const char *text_sha256;
    struct script_command *commands;
    size_t command_count;
    const char **variables; /* names by slot */
    size_t variable_count;
    int statement_count;
    bool writes; /* has a statement other than SELECT and transaction control */
};

bool script_parse(struct arena *arena, enum sql_lexis lexis, const char *file, const char *text,
                  size_t length, struct script **script, struct err *err);

/* Values of one client for one script. */
struct script_scope {
    const struct script *script;
    struct script_value *values; /* by variable slot */
    bool *defined;
    struct rng rng;
};

struct script_scope script_scope(struct arena *arena, const struct script *script, uint64_t seed);
/* Gives a variable its value before the first run (:client_id, :orders_rows, -D); false when the script has no such. */
bool script_define(struct script_scope *scope, const char *name, struct script_value value);
/* First variable that a run would read before it is set, NULL when none: checked once before the load starts. */
const char *script_undefined(const struct script_scope *scope, int *line, int *column);
/* Evaluates a SCRIPT_SET into the scope. False: division by zero, out of range …; *why is static text. */
bool script_set(struct script_scope *scope, const struct script_command *command, const char **why);
int64_t script_sleep_ns(const struct script_scope *scope, const struct script_command *command);
/* Writes the statement with its variables as text, for the simple protocol. Needs command->rendered_bytes. */
void script_render(const struct script_scope *scope, const struct script_command *command, char *text);
/* Renders a variable's value as SQL text into text (NULL value: returns NULL). Needs 32 bytes. */
const char *script_value_text(const struct script_scope *scope, int variable, char text[32]);

#endif
