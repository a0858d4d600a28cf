/* filling: the tables of a plan filled, its progress told, what came of it in the record. One thread. */
#ifndef REHEARSE_RUN_FILLING_H
#define REHEARSE_RUN_FILLING_H

#include "bench/run/material.h"
#include "bench/run/place.h"
#include "bench/run/plan.h"
#include "bench/run/rehearsal.h"
#include "reports/record.h"

/* Ctrl-C ends it: err's kind is ERR_INTERRUPTED, and the database is as fill.h says. */
bool filling_run(const struct plan *plan, const struct material *material, const struct place *place,
                 const struct rehearsal_options *options, struct arena *arena, struct record *record,
                 struct err *err);

#endif
