/* sentence: what a verdict says in words, from the facts of the record. Plain text; the text lives in the arena. Pure. */
#ifndef REHEARSE_REPORTS_SENTENCE_H
#define REHEARSE_REPORTS_SENTENCE_H

#include "reports/record.h"

/* Of a strategy whose thresholds and verdict.state are set: what happened, why, and what to change. */
const char *sentence_strategy(struct arena *arena, const struct record *record,
                              const struct record_strategy *strategy);
/* Why the change did not go through: "phase expand was not completed: ALTER TABLE ended in lock_timeout"; NULL: it did. */
const char *sentence_unfinished(struct arena *arena, const struct record_strategy *strategy);
/* Why the way back was not whole; NULL: it was, or none was rehearsed. */
const char *sentence_rollback(struct arena *arena, const struct record_strategy *strategy);
/* One line for a failed or warned threshold: "longest application stall 2.01 s, limit < 500 ms, in expand at 2:04". */
const char *sentence_threshold(struct arena *arena, const struct record_threshold *threshold);

#endif
