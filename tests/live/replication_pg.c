/* A replica of PostgreSQL that is well, stands still, comes back and goes away. Needs a PostgreSQL server. */
#include "tests/live/replication_bed.h"

static int open_postgres(void **state)
{
    return open_bed(state, "sandbox:postgresql?replica=1", "SELECT pg_wal_replay_pause()",
                    "SELECT pg_wal_replay_resume()");
}

int main(void)
{
    return cmocka_run_group_tests(replication_tests, open_postgres, close_bed);
}
