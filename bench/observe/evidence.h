/* evidence: what the observer's threads saw, as the joiners read it after they ended. Values; nothing here is owned. */
#ifndef REHEARSE_OBSERVE_EVIDENCE_H
#define REHEARSE_OBSERVE_EVIDENCE_H

#include "bench/observe/attribution.h"
#include "bench/observe/observer.h"
#include "bench/observe/probe.h"
#include "bench/observe/tables.h"
#include "bench/observe/watcher.h"

struct evidence {
    const struct dialect *dialect;
    const struct watcher_log *watcher;
    const struct probe_log *const *probes;
    size_t probe_count;
    const struct sighting *sightings;
    size_t sighting_count;
    const struct tables *tables;
    struct roster *roster;
    int64_t watcher_period_ns; /* while armed */
    int64_t clock_error_ns;
};

/* First run with a snapshot sent at the time or after it: one sent before may tell what was before. run_count: none. */
size_t evidence_first_run(const struct evidence *evidence, int64_t at_ns);
int64_t evidence_watcher_gap_ns(const struct evidence *evidence, struct interval window);
/* Largest stretch of the window's surroundings in which no probe of one kind on the table looked; table −1: all. */
int64_t evidence_probe_gap_ns(const struct evidence *evidence, int table, struct interval window);
bool evidence_probes_late(const struct evidence *evidence, int table, struct interval window);

/* False: the server, or the role's rights, show nothing of locks: probes alone tell that a table was shut. */
bool evidence_lists_locks(const struct evidence *evidence);
const char *evidence_object_name(const struct evidence *evidence,
                                 uint32_t object); /* "" when it is not known */

/* Locks of one attempt (attempt_locks.c). index: of the attempt, for its storage marks. */
struct attempt_locks attempt_locks(const struct evidence *evidence, struct arena *arena,
                                   const struct attempt_span *attempt,
                                   const struct attempt_statement *statement, int index);
/* Episodes (episode.c). */
void episodes_join(const struct evidence *evidence, struct arena *arena, const struct episode_input *input,
                   struct episode **episodes, size_t *count);

#endif
