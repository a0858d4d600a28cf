#include "bench/db/server_clock.h"

#include "bench/db/dialect.h"

#include <stdatomic.h>
#include <stdlib.h>

static const int64_t step_limit_ns = 5 * NS_PER_MS;
static const int64_t round_limit_ns = 10 * NS_PER_S;

static void take_number(void *context, int result, int columns, const char *const *values)
{
    int64_t *number = context;
    if (result == 0 && columns > 0 && values[0] != NULL)
        *number = strtoll(values[0], NULL, 10);
}

/* One round trip. The server read its clock somewhere between the sending and the answer: the middle is exact to half. */
static bool measure(struct db *db, int64_t *offset_ns, int64_t *error_ns, struct err *err)
{
    int64_t server_us = 0;
    const char *sql = db_dialect(db)->text(DIALECT_NOW, db_version(db));
    int64_t sent_ns = clock_ns();
    struct db_answer answer = db_exec(db, sql, sent_ns + round_limit_ns, take_number, &server_us);
    int64_t done_ns = clock_ns();
    if (answer.outcome != OUTCOME_OK) {
        db_answer_error(&answer, err);
        err_wrap(err, "read the server's clock");
        return false;
    }
    *error_ns = (done_ns - sent_ns) / 2;
    *offset_ns = server_us * NS_PER_US - (sent_ns + *error_ns);
    return true;
}

static void count_step(struct server_clock *clock, int64_t offset_ns, int64_t error_ns)
{
    int64_t before_ns = atomic_load(&clock->error_ns);
    int64_t jump_ns = llabs(offset_ns - atomic_load(&clock->offset_ns));
    if (before_ns > 0 && jump_ns > step_limit_ns + before_ns + error_ns)
        atomic_fetch_add(&clock->steps, 1);
}

bool server_clock_sync(struct server_clock *clock, struct db *db, int rounds, struct err *err)
{
    int64_t best_offset_ns = 0, best_error_ns = INT64_MAX;
    for (int i = 0; i < rounds; i++) {
        int64_t offset_ns, error_ns;
        if (!measure(db, &offset_ns, &error_ns, err))
            return false;
        if (error_ns < best_error_ns) {
            best_error_ns = error_ns;
            best_offset_ns = offset_ns;
        }
    }
    count_step(clock, best_offset_ns, best_error_ns);
    atomic_store(&clock->offset_ns, best_offset_ns);
    atomic_store(&clock->error_ns, best_error_ns);
    return true;
}

int64_t server_clock_to_run_ns(const struct server_clock *clock, int64_t server_us)
{
    return server_us == 0 ? 0 : server_us * NS_PER_US - atomic_load(&clock->offset_ns);
}
