/* notice: reads what PostgreSQL says about lock waits (log_lock_waits sent to the client). Pure, any thread.
 *
 * "process 4711 still waiting for AccessShareLock on relation 16390 of database 5 after 1.056 ms"
 * "process 4711 acquired AccessShareLock on relation 16390 of database 5 after 198.599 ms", both from routine ProcSleep. */
#ifndef REHEARSE_OBSERVE_NOTICE_H
#define REHEARSE_OBSERVE_NOTICE_H

#include "bench/db/db.h"

enum notice_kind { NOTICE_OTHER, NOTICE_STILL_WAITING, NOTICE_ACQUIRED };

struct notice {
    enum notice_kind kind;
    int64_t waited_us; /* as the server timed it */
    uint32_t object;   /* relation it is about; 0: another kind of lock */
};

struct notice notice_read(const char *routine, const char *message);

#endif
