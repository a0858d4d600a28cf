/* replica: a sandbox's second server, which follows the first: a copy of its fresh data, with the same settings. Main thread. */
#ifndef REHEARSE_SANDBOX_REPLICA_H
#define REHEARSE_SANDBOX_REPLICA_H

#include "bench/base/arena.h"
#include "bench/sandbox/sandbox_instance.h"

/* Fills in replica beside the primary, whose data is made and which has not been started yet: it is told to be followed. */
bool sandbox_replica_make(struct arena *arena, struct sandbox_instance *primary,
                          struct sandbox_instance *replica, struct err *err);

#endif
