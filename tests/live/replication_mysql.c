/* A replica of MariaDB that is well, stands still, comes back and goes away. Needs a MariaDB server. */
#include "tests/live/replication_bed.h"

static int open_mariadb(void **state)
{
    return open_bed(state, "sandbox:mariadb?replica=1", "STOP SLAVE SQL_THREAD", "START SLAVE SQL_THREAD");
}

int main(void)
{
    return cmocka_run_group_tests(replication_tests, open_mariadb, close_bed);
}
