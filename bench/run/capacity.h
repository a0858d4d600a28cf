/* capacity: how many requests a second the database can do, by a short closed loop. For runs whose rate nobody named. */
#ifndef REHEARSE_RUN_CAPACITY_H
#define REHEARSE_RUN_CAPACITY_H

#include "bench/run/trial.h"

#define CAPACITY_PROBE_NS (5 * NS_PER_S)

/* Runs the first app in a closed loop for CAPACITY_PROBE_NS. Main thread. */
bool capacity_probe(const struct trial_config *config, double *requests_per_s, struct err *err);

#endif
