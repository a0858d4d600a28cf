/* fidelity: how near what was filled is to the plan's profile, in the record.
 * One thread. */
#ifndef REHEARSE_RUN_FIDELITY_H
#define REHEARSE_RUN_FIDELITY_H

#include "bench/run/place.h"
#include "bench/run/plan.h"
#include "generators/profile.h"
#include "reports/record.h"

struct record_fidelity fidelity_unknown(void);

/* By the statistics of the target, small tables by their rows too, and by a few seconds of queries, if wanted; told in a
 * line. After the tables are in the record. A target whose statistics cannot be
 * read is warned of and left unmeasured; false: interrupted. */
bool fidelity_measure(const struct plan *plan, const struct profile *profile, const struct place *place,
                      bool with_queries, struct arena *arena, struct record *record, struct err *err);

#endif
