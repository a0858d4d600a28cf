#include "bench/stat/tally.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static struct tally_cell *collect(const struct tally *tally, int phase, int slot, struct tally_cell *cell)
{
    memset(cell, 0, sizeof *cell);
    tally_collect(tally, phase, slot, cell);
    return cell;
}

static void cells_are_apart_and_stripes_come_together(void **state)
{
    (void)state;
    struct tally *tally = tally_create(3, 2, 4);
    struct tally_cell *cell = mem_alloc(sizeof *cell);
    for (int stripe = 0; stripe < 4; stripe++)
        tally_add(tally, stripe, 1, 0, 500, 200, OUTCOME_OK);
    tally_add(tally, 2, 1, 1, 900, 900, OUTCOME_DEADLOCK);
    tally_add(tally, 0, 2, 0, 70, 7, OUTCOME_LOCK_TIMEOUT);
    tally_retried(tally, 3, 1, 1);

    assert_int_equal(collect(tally, 1, 0, cell)->outcomes[OUTCOME_OK], 4);
    assert_int_equal(cell->response.total, 4);
    assert_int_equal(cell->response.max_us, 500);
    assert_int_equal(cell->service.max_us, 200);
    assert_int_equal(collect(tally, 1, 1, cell)->retried, 1);
    assert_int_equal(cell->outcomes[OUTCOME_DEADLOCK], 1);
    assert_int_equal(collect(tally, 0, -1, cell)->response.total, 0);
    assert_int_equal(collect(tally, -1, 0, cell)->response.total, 5);
    assert_int_equal(collect(tally, -1, -1, cell)->response.total, 6);
    assert_int_equal(cell->response.min_us, 70);
    free(cell);
    tally_destroy(tally);
}

static long resident_pages(void)
{
    long size = 0, resident = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    assert_non_null(file);
    assert_int_equal(fscanf(file, "%ld %ld", &size, &resident), 2);
    fclose(file);
    return resident;
}

static void only_what_is_counted_costs_memory(void **state)
{
    (void)state;
    long before = resident_pages();
    struct tally *tally = tally_create(50, 100, 8); /* 7.5 GB of address space */
    for (int i = 0; i < 1000; i++)
        tally_add(tally, 0, 49, 99, i, i, OUTCOME_OK);
    long touched_bytes = (resident_pages() - before) * sysconf(_SC_PAGESIZE);
    assert_true(touched_bytes < 16L << 20);
    tally_destroy(tally);
    tally_destroy(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cells_are_apart_and_stripes_come_together),
        cmocka_unit_test(only_what_is_counted_costs_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
