#include "workloads/builtin.h"

#include "bench/base/near.h"

#include <stddef.h>
#include <string.h>

#define DRAWS                                                                                                \
    "\\set aid random(1, 100000 * :scale)\n"                                                                 \
    "\\set bid random(1, 1 * :scale)\n"                                                                      \
    "\\set tid random(1, 10 * :scale)\n"                                                                     \
    "\\set delta random(-5000, 5000)\n"
#define UPDATE_ACCOUNT "UPDATE pgbench_accounts SET abalance = abalance + :delta WHERE aid = :aid;\n"
#define SELECT_ACCOUNT "SELECT abalance FROM pgbench_accounts WHERE aid = :aid;\n"
#define UPDATE_TELLER  "UPDATE pgbench_tellers SET tbalance = tbalance + :delta WHERE tid = :tid;\n"
#define UPDATE_BRANCH  "UPDATE pgbench_branches SET bbalance = bbalance + :delta WHERE bid = :bid;\n"
#define INSERT_HISTORY                                                                                       \
    "INSERT INTO pgbench_history (tid, bid, aid, delta, mtime) "                                             \
    "VALUES (:tid, :bid, :aid, :delta, CURRENT_TIMESTAMP);\n"

static const char *const names[] = {"tpcb-like", "simple-update", "select-only", NULL};
static const char *const texts[] = {
    (DRAWS "BEGIN;\n" UPDATE_ACCOUNT SELECT_ACCOUNT UPDATE_TELLER UPDATE_BRANCH INSERT_HISTORY "END;\n"),
    (DRAWS "BEGIN;\n" UPDATE_ACCOUNT SELECT_ACCOUNT INSERT_HISTORY "END;\n"),
    ("\\set aid random(1, 100000 * :scale)\n" SELECT_ACCOUNT),
};

const char *builtin_text(const char *name)
{
    for (size_t i = 0; names[i] != NULL; i++) {
        if (strcmp(names[i], name) == 0)
            return texts[i];
    }
    return NULL;
}

const char *builtin_near(const char *name)
{
    return near_word(name, names);
}
