/* fake: a scripted engine, so that whole rehearsals run with no server. DSN `fake:FILE`. Used by bench/db/fake*.c only.
 *
 * FILE is lines; # starts a comment; texts stand in double quotes; a text matches a statement that holds it, whatever
 * the case. All rules that match count; of two that say the same thing the later one wins.
 *
 *   seed 7                                 of the draws below; default 1
 *   latency 200us                          how long a statement takes that no rule names; default 0
 *   unarmed                                the database carries no marker of the guard; without this line it does
 *   table "public.orders" rows 1000        a table that the catalogue shows
 *   on "INSERT INTO orders" takes 2ms
 *   on "SELECT count" rows 3               three rows come back, or are said to have changed; default 1 and none
 *   on "SELECT count" returns "42"         one value of each row; several texts are several columns
 *   on "UPDATE stock" fails deadlock 1%    an outcome's name; without a percentage always
 *   lock "orders" from 300ms to 800ms      matching statements wait while it is held; counted from the first connection
 *
 * SET lock_timeout (milliseconds), BEGIN, COMMIT and ROLLBACK are understood. Draws depend on the seed, the number of the
 * connection and the number of the statement alone. Sleeps honour deadlines and db_cancel. */
#ifndef REHEARSE_DB_FAKE_H
#define REHEARSE_DB_FAKE_H

#include "bench/db/dialect.h"
#include "bench/db/driver.h"

#include <stdatomic.h>

enum fake_verb { FAKE_TAKES, FAKE_ROWS, FAKE_RETURNS, FAKE_FAILS, FAKE_LOCK };
enum { FAKE_MAX_VALUES = 16 };

struct fake_rule {
    enum fake_verb verb;
    const char *match;
    int64_t from_ns, to_ns; /* FAKE_LOCK; FAKE_TAKES: to_ns */
    int64_t rows;
    const char *values[FAKE_MAX_VALUES];
    int value_count;
    enum outcome outcome;
    double share; /* 0 … 1 */
};

struct fake_table {
    const char *schema, *name;
    int64_t rows;
};

/* One script, shared by all sessions of a target; read-only but for the atomics. */
struct fake_world {
    const char *file;
    uint64_t seed;
    int64_t latency_ns;
    bool unarmed;
    struct fake_rule *rules;
    size_t rule_count, rule_capacity;
    struct fake_table *tables;
    size_t table_count, table_capacity;
    _Atomic int64_t start_ns; /* 0 until the first connection */
    atomic_int sessions;
};

/* fake_script.c */
bool fake_script_read(struct arena *arena, const char *file, struct fake_world *world, struct err *err);

/* dialect_fake.c */
extern const struct dialect dialect_fake;
/* Answers a question of the dialect. False: sql is none of them. */
bool fake_catalogue(const struct fake_world *world, const char *sql, db_row_fn *rows, void *context,
                    int64_t *count);

#endif
