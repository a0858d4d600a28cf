/* attempt_work: one attempt while its locks are worked out, and what the watcher saw of it. Values; one thread.
 *
 * attempt_read.c fills waits and holds from the snapshots; attempt_locks.c makes figures of them, attempt_stages.c where locks
 * come in stages; attempt_command.c finds the parts of a command, each of which is worked out like an attempt. */
#ifndef REHEARSE_OBSERVE_ATTEMPT_WORK_H
#define REHEARSE_OBSERVE_ATTEMPT_WORK_H

#include "bench/observe/evidence.h"

#define ATTEMPT_SLACK_NS (2 * NS_PER_MS) /* stamps of different clocks and threads are compared with it */

/* A moment known to lie between two others. */
struct moment {
    int64_t low_ns, value_ns, high_ns;
};

struct wait {
    uint64_t target;
    uint32_t object;
    int mode;
    bool relation;
    int64_t start_ns, last_seen_ns, end_high_ns;
};

struct hold {
    uint32_t object;
    int mode;
    int64_t first_seen_ns, last_seen_ns;
    int64_t first_low_ns, last_high_ns; /* it was not there before the one, and is gone at the other */
    int64_t from_ns, to_ns;             /* most likely; worked out by attempt_stages */
    size_t last_run;
};

/* One attempt while it is being worked out. */
struct work {
    const struct evidence *evidence;
    struct arena *arena;
    const struct attempt_span *attempt;
    int64_t request_ns, after_ns; /* of the statement; after is its reply when the server did not stamp */
    struct wait *waits;
    size_t wait_count, wait_capacity;
    struct hold *holds;
    size_t hold_count, hold_capacity;
    int table;                    /* watched, −1 */
    int named;                    /* watched table that the statement names, −1 */
    int expected;                 /* lock mode that such a statement takes, −1 */
    const struct wait *main_wait; /* for the strongest lock; NULL: it did not wait */
    struct moment grant, release;
    const char *release_source;
    struct moment start; /* others were shut out from then on; only where locks come in stages */
    bool staged;         /* attempt_stages has worked it out */
    bool of_command;     /* its statement is not known, nor when it was sent */
};

/* Waits and holds of the attempt's session, from the snapshots that lie wholly inside the attempt. */
void attempt_read(struct work *work);

/* The weakest mode that shuts out what waited on the first table where a probe was told that it did; −1 when none was. Sets
 * the table. */
int attempt_mode_from_probes(struct work *work);

/* For servers whose DDL makes its locks stronger and weaker as it goes and gives them back before it answers. Finds the longest
 * stretch in which the attempt shut others out of a table, by holding or by waiting: chooses table and mode (the one that
 * was held longest in it), main wait, start, grant and release. False when nobody can have been shut out. */
bool attempt_stages(struct work *work, struct attempt_locks *locks);

/* All that the sessions of an external command did. index: of its attempt, for its storage marks. */
struct attempt_locks attempt_command(const struct evidence *evidence, struct arena *arena,
                                     const struct attempt_span *command, int index);
struct attempt_locks attempt_part_locks(const struct evidence *evidence, struct arena *arena,
                                        const struct attempt_span *part);

static inline int64_t later(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static inline int64_t earlier(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

#endif
