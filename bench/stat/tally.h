/* tally: latencies and outcomes of one (phase, slot). A slot is a script (its requests) or one named statement of one.
 *
 * Every request counts in the histograms, whatever its outcome: a lock timeout after 10 s was felt for 10 s.
 * Striped: a thread adds to the stripe it was given, with relaxed atomics; tally_collect merges the stripes. Memory is
 * reserved for all cells and touched only where something was counted. */
#ifndef REHEARSE_STAT_TALLY_H
#define REHEARSE_STAT_TALLY_H

#include "bench/base/outcome.h"
#include "bench/stat/hist.h"

struct tally_cell {
    struct hist response; /* from due to done: what the user of the application felt */
    struct hist service;  /* from sent to done */
    uint64_t outcomes[OUTCOME_COUNT];
    uint64_t retried;
};

struct tally; /* owns its cells */

struct tally *tally_create(int phases, int slots, int stripes);
void tally_destroy(struct tally *tally); /* accepts NULL */
/* service_us −1: it was never sent, and has no service time. */
void tally_add(struct tally *tally, int stripe, int phase, int slot, int64_t response_us, int64_t service_us,
               enum outcome outcome);
void tally_retried(struct tally *tally, int stripe, int phase, int slot);
/* Adds what (phase, slot) holds to *into; phase or slot −1: all of them. */
void tally_collect(const struct tally *tally, int phase, int slot, struct tally_cell *into);

#endif
