/* trial_half: what stays of a migration that stopped half way on a server whose DDL commits by itself. Pure.
 *
 * Of three ALTERs whose second fails the first is there, and a second run of the file fails at it. */
#ifndef REHEARSE_RUN_TRIAL_HALF_H
#define REHEARSE_RUN_TRIAL_HALF_H

#include "bench/db/dialect.h"
#include "bench/run/trial.h"
#include "reports/record.h"

/* Adds each statement that stays to the leftovers, and how a second run will fare to the notes. Nothing where DDL is
 * transactional, or where the rollback got back. */
void trial_half(struct arena *arena, const struct trial *trial, const struct dialect *dialect,
                struct record_strategy *out);

#endif
