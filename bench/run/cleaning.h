/* cleaning: what runs leave behind: the journal in the target, written before a strategy changes anything, and what
 * `rehearse clean` makes of it. Main thread.
 *
 * The journal is a table of the harness's own. Its row holds what was there before; when a strategy did not end well, also
 * what it left, so that what others add later is not taken for it. A row without that is of a run that was killed. */
#ifndef REHEARSE_RUN_CLEANING_H
#define REHEARSE_RUN_CLEANING_H

#include "bench/run/objects.h"

struct cleaning { /* one strategy on one target */
    const struct db_target *target;
    const char *identity, *run_id, *strategy;
    bool journal;          /* false for a sandbox, which is thrown away */
    struct objects before; /* filled by cleaning_begin */
    struct objects left;   /* filled by cleaning_end: of a strategy that did not end well */
    struct objects own;    /* of one that did: its own change, which stays */
};

bool cleaning_begin(struct cleaning *cleaning, struct arena *arena, struct err *err);
/* well: the strategy ended as it should; what it added then is its own change, and stays. */
bool cleaning_end(struct cleaning *cleaning, bool well, struct arena *arena, struct err *err);

/* A run that the journal knows. */
struct unfinished_run {
    const char *run_id, *strategy;
    int64_t started_us;
    bool running;        /* sessions of it are there */
    struct objects left; /* of what is there now */
};
bool cleaning_read(struct db *db, struct arena *arena, struct unfinished_run **runs, size_t *count,
                   struct err *err);
/* True: a fill was left in its middle; *schema: where. The next fill takes it back. */
bool cleaning_has_fill(struct db *db, struct arena *arena, const char **schema);
/* True: this server does not tell whose sessions are there; a run that goes on is taken for one that was killed. */
bool cleaning_is_blind(struct db *db, struct arena *arena);
/* Removes what the run left and then its row. *kept: what could not be removed; why is in the log. */
bool cleaning_remove(struct db *db, struct arena *arena, const struct unfinished_run *run,
                     struct objects *kept, struct err *err);

/* The statement that removes the table by which replicas were timed, when a run left it; NULL: it is not there, or a run
 * that lives writes it. Waits 2 s where there is one. */
const char *cleaning_heartbeat(struct db *db, struct arena *arena);
bool cleaning_drop_heartbeat(struct db *db, const char *statement, struct err *err);

#endif
