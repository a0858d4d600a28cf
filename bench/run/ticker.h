/* ticker: a thread beside a trial that tells how it goes and watches for foreign writers.
 *
 * Progress on stderr: a redrawn line on a terminal, else one grep-able line every 10 s. Once a second it asks the guard
 * whether a session that is not ours writes the watched tables; if so it stops the trial (trial->stop, stop_reason). */
#ifndef REHEARSE_RUN_TICKER_H
#define REHEARSE_RUN_TICKER_H

#include "bench/run/trial.h"

struct ticker;

struct ticker *ticker_start(struct trial *trial, struct err *err);
void ticker_stop(struct ticker *ticker); /* joins, frees */

#endif
