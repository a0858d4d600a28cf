/* wire: the connection of one observer thread, which comes back after it was lost.
 *
 * The owner thread opens, uses and closes; wire_cancel may be called from any thread meanwhile. */
#ifndef REHEARSE_OBSERVE_WIRE_H
#define REHEARSE_OBSERVE_WIRE_H

#include "bench/db/db.h"
#include "bench/db/dialect.h"
#include "bench/observe/pace.h"
#include "bench/observe/roster.h"

struct wire_config {
    const struct db_target *target;
    const char *run_id, *role; /* application_name is rehearse/<run_id>/<role> */
    const char *identity;
    struct pace *pace; /* reopening ends when it is stopped */
    struct roster *roster;
    int64_t statement_timeout_ms, lock_timeout_ms; /* 0: none */
    bool probe;                                    /* wants to be told how long it waited for locks */
    db_notice_fn *notice;
    void *context;
};

struct wire {
    struct wire_config config;
    char application[128];
    pthread_mutex_t lock; /* around changes of db, for wire_cancel */
    struct db *db;        /* NULL while lost */
    bool denied;          /* the role has no right to what `probe` asks for */
    bool notices;         /* the server gave what `probe` asks for: it tells how long a look waited */
    bool asks;            /* it tells when asked, not by notices: see wire_waited_us */
    _Atomic int lost;     /* times it was lost */
};

bool wire_open(struct wire *wire, const struct wire_config *config, struct err *err);
/* For an answer that ended the session: closes, then tries again with back-off (50 ms … 2 s). False: stopped meanwhile. */
bool wire_reopen(struct wire *wire);
/* How long the last look of a probe waited for a table lock, as the server timed it; −1: not at all, or it does not tell. */
int64_t wire_waited_us(struct wire *wire);
void wire_cancel(struct wire *wire);
void wire_close(struct wire *wire); /* accepts one that never opened, zeroed */
/* Runs one query of the dialect, {} replaced; OUTCOME_OTHER when the server has no text for it.
 * limit_ns is from now; CLOCK_NEVER_NS: none. */
struct db_answer wire_ask(struct wire *wire, enum dialect_query query, const char *argument, int64_t limit_ns,
                          db_row_fn *rows, void *context);

#endif
