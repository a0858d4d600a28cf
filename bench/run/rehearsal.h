/* rehearsal: a whole plan, from an empty or armed database to a judged record. Main thread only.
 *
 * Everything that can be refused without a server is refused first. Once the server has been touched a record is always
 * made: an interrupt, a foreign writer or a lost server end it early, the verdict says aborted, and what had been measured
 * stands in it. */
#ifndef REHEARSE_RUN_REHEARSAL_H
#define REHEARSE_RUN_REHEARSAL_H

#include "bench/observe/observer.h"
#include "bench/run/plan.h"
#include "reports/record.h"

struct rehearsal_options {
    const char *const *only; /* names of strategies to run; none: all */
    size_t only_count;
    const char *arm_database; /* --arm, or NULL */
    bool allow_exec;          /* --allow-exec: the plan's commands may run */
    bool only_fills;          /* no strategy will run: the plan needs none */
    bool unlogged;            /* --unlogged: what is filled goes past the server's log */
    bool pin_stats;           /* --pin-stats: what is filled shows production's numbers of different values */
    const char *run_id;       /* short, unique: names sessions and the run */
    enum observe_level level;
    const char *const *defines; /* NAME=VALUE for scripts, from -D */
    size_t define_count;
    int argc; /* as typed: for the record */
    char **argv;
};

struct rehearsal; /* lives in the arena it was opened with */

/* Reads strategies, scripts and schema, and refuses what can be refused without a server. Plan and options must stay. */
struct rehearsal *rehearsal_open(const struct plan *plan, const struct rehearsal_options *options,
                                 struct arena *arena, struct err *err);

/* The external commands that a run would start, as they would be typed, each after its strategy's name. */
const char *const *rehearsal_commands(const struct rehearsal *rehearsal, size_t *count);

/* False: nothing was touched, err says why. True: *record is complete, with run.exit_code; err says what ended it early. */
bool rehearsal_run(struct rehearsal *rehearsal, struct record **record, struct err *err);

/* Creates and fills the tables of the plan, nothing else. */
bool rehearsal_fill(struct rehearsal *rehearsal, struct err *err);

#endif
