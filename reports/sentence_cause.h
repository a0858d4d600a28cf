/* sentence_cause: parts of a strategy's sentence: who did it, why requests waited, what would help. Pure. */
#ifndef REHEARSE_REPORTS_SENTENCE_CAUSE_H
#define REHEARSE_REPORTS_SENTENCE_CAUSE_H

#include "bench/base/buf.h"
#include "reports/record.h"

/* What of the migration did it: "ALTER TABLE", or of an external command "pt-online-schema-change". phase may be NULL. */
const char *sentence_actor(const struct record_phase *phase, const char *statement, char *text, size_t size);
/* The episode that explains the longest wait: the one with the longest victim in that phase (NULL: any that counts). */
const struct record_episode *sentence_episode_behind(const struct record_strategy *strategy,
                                                     const char *phase);
/* "ALTER TABLE queued 2.00 s behind session 41877 of reporting (active) for ACCESS EXCLUSIVE on public.orders until its
 * lock_timeout, and 1 412 requests waited behind it" */
void sentence_say_cause(struct buf *text, const struct record_strategy *strategy,
                        const struct record_episode *episode);
/* " Set lock_timeout to 200 ms and retry."; nothing where nothing is known to help. */
void sentence_say_hint(struct buf *text, const struct record_strategy *strategy,
                       const struct record_threshold *stall, const struct record_episode *episode);
/* "500 ms" of "< 500 ms". */
const char *sentence_limit_figure(const struct record_threshold *threshold);

#endif
