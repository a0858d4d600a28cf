/* Who blocks whom, from the rows of one snapshot. */
#include "bench/observe/locks.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

enum { ACCESS_SHARE = 0, ROW_EXCLUSIVE = 2, SHARE_UPDATE_EXCLUSIVE = 3, SHARE = 4, ACCESS_EXCLUSIVE = 7 };

enum { ORDERS = 1, ITEMS = 2 };

static struct lock_row row(uint64_t target, int session, int mode, int64_t wait_start_ns)
{
    return (struct lock_row){
        .target = target,
        .session = session,
        .mode = (uint8_t)mode,
        .granted = wait_start_ns == 0,
        .wait_start_ns = wait_start_ns,
    };
}

static struct lock_graph graph_of(struct arena *arena, struct lock_row *rows, size_t count)
{
    locks_sort(rows, count);
    return lock_graph(arena, dialect_postgres.lock_modes, rows, count);
}

static int depth_of(const struct lock_graph *graph, int session)
{
    return graph->depth[lock_graph_node(graph, session)];
}

static bool waits_for(struct arena *arena, const struct lock_graph *graph, int waiter, int blocker)
{
    bool *reached = arena_alloc(arena, graph->node_count);
    lock_graph_walk(graph, lock_graph_node(graph, waiter), reached);
    return reached[lock_graph_node(graph, blocker)];
}

static void the_queue_behind_a_reader(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct lock_row rows[] = {
        row(ORDERS, 10, ACCESS_SHARE, 0),     /* the reader */
        row(ORDERS, 20, ACCESS_EXCLUSIVE, 5), /* the migration */
        row(ORDERS, 30, ACCESS_SHARE, 7),     /* readers behind it, not in each other's way */
        row(ORDERS, 31, ACCESS_SHARE, 8),
    };
    struct lock_graph graph = graph_of(&arena, rows, 4);
    assert_int_equal(graph.edge_count, 3);
    assert_int_equal(depth_of(&graph, 10), 0);
    assert_int_equal(depth_of(&graph, 20), 1);
    assert_int_equal(depth_of(&graph, 31), 2);
    assert_true(waits_for(&arena, &graph, 31, 10));
    assert_false(waits_for(&arena, &graph, 31, 30));
    assert_false(waits_for(&arena, &graph, 20, 30));
    assert_int_equal(lock_graph_node(&graph, 99), -1);
    arena_free(&arena);
}

static void two_holders_and_an_earlier_waiter(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct lock_row rows[] = {
        row(ORDERS, 10, ROW_EXCLUSIVE, 0), row(ORDERS, 11, ROW_EXCLUSIVE, 0),
        row(ORDERS, 20, SHARE, 5),         row(ORDERS, 21, SHARE_UPDATE_EXCLUSIVE, 6),
        row(ORDERS, 22, ROW_EXCLUSIVE, 4), /* came before the SHARE request: not behind it */
    };
    struct lock_graph graph = graph_of(&arena, rows, 5);
    assert_true(waits_for(&arena, &graph, 20, 10));
    assert_true(waits_for(&arena, &graph, 20, 11));
    assert_true(waits_for(&arena, &graph, 20, 22));
    assert_true(waits_for(&arena, &graph, 21, 20));
    assert_false(waits_for(&arena, &graph, 22, 20));
    assert_false(waits_for(&arena, &graph, 20, 21));
    arena_free(&arena);
}

/* Right: who wants more of what it holds waits for the other holder alone, not for those whom it keeps out. */
static void who_holds_goes_ahead(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct lock_row rows[] = {
        row(ORDERS, 10, ACCESS_SHARE, 0),
        row(ORDERS, 20, SHARE, 0),
        row(ORDERS, 30, ROW_EXCLUSIVE, 4),
        row(ORDERS, 20, ACCESS_EXCLUSIVE, 5),
    };
    struct lock_graph graph = graph_of(&arena, rows, 4);
    assert_true(waits_for(&arena, &graph, 20, 10));
    assert_false(waits_for(&arena, &graph, 20, 30));
    assert_int_equal(depth_of(&graph, 20), 1);
    assert_int_equal(depth_of(&graph, 30), 2);
    arena_free(&arena);
}

static void a_chain_over_two_tables(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct lock_row rows[] = {
        row(ITEMS, 10, ACCESS_SHARE, 0),      row(ITEMS, 20, ACCESS_EXCLUSIVE, 3),
        row(ORDERS, 20, ACCESS_EXCLUSIVE, 0), row(ORDERS, 30, ACCESS_SHARE, 4),
        row(ITEMS, 20, ACCESS_SHARE, 0), /* its own weaker lock is not in its way */
    };
    struct lock_graph graph = graph_of(&arena, rows, 5);
    assert_int_equal(depth_of(&graph, 30), 2);
    assert_true(waits_for(&arena, &graph, 30, 10));
    arena_free(&arena);
}

/* Right: a deadlock ends the walk; nobody in it is a root. */
static void a_cycle_ends(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct lock_row rows[] = {
        row(ORDERS, 10, ACCESS_EXCLUSIVE, 0),
        row(ORDERS, 20, ACCESS_EXCLUSIVE, 5),
        row(ITEMS, 20, ACCESS_EXCLUSIVE, 0),
        row(ITEMS, 10, ACCESS_EXCLUSIVE, 6),
    };
    struct lock_graph graph = graph_of(&arena, rows, 4);
    assert_true(waits_for(&arena, &graph, 10, 10));
    assert_true(waits_for(&arena, &graph, 20, 10));
    assert_true(depth_of(&graph, 10) > 0);
    assert_true(depth_of(&graph, 20) > 0);
    arena_free(&arena);
}

static void nothing_is_nobody(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct lock_graph graph = graph_of(&arena, NULL, 0);
    assert_int_equal(graph.node_count, 0);
    assert_int_equal(lock_graph_node(&graph, 1), -1);
    arena_free(&arena);
}

enum { SHARED_READ = 3, SHARED_WRITE = 4, SHARED_UPGRADABLE = 6, SHARED_NO_WRITE = 8, EXCLUSIVE = 10 };

/* MySQL's list shows a lock as it was asked for. Right: who waits for nobody that is shown waits for who may have made his
 * lock stronger, and for no more than it takes. */
static void upgrades_are_read_from_who_waits(void **state)
{
    (void)state;
    const struct dialect *dialect = &dialect_mariadb;
    struct lock_row writer[] = {row(ORDERS, 10, SHARED_UPGRADABLE, 0), row(ORDERS, 20, SHARED_READ, 0),
                                row(ORDERS, 30, SHARED_WRITE, 5)};
    locks_sort(writer, 3);
    locks_read_upgrades(dialect->lock_modes, dialect->upgradable, writer, 3);
    assert_int_equal(writer[0].mode, SHARED_NO_WRITE);
    assert_int_equal(writer[1].mode, SHARED_READ);

    struct lock_row reader[] = {row(ORDERS, 10, SHARED_UPGRADABLE, 0), row(ORDERS, 30, SHARED_READ, 5)};
    locks_sort(reader, 2);
    locks_read_upgrades(dialect->lock_modes, dialect->upgradable, reader, 2);
    assert_true(dialect->lock_modes[reader[0].mode].blocks_reads);

    /* behind the request that waits to be made stronger, nothing is hidden */
    struct lock_row queue[] = {row(ORDERS, 10, SHARED_READ, 0), row(ORDERS, 20, SHARED_UPGRADABLE, 0),
                               row(ORDERS, 20, EXCLUSIVE, 5), row(ORDERS, 30, SHARED_READ, 7)};
    locks_sort(queue, 4);
    locks_read_upgrades(dialect->lock_modes, dialect->upgradable, queue, 4);
    assert_int_equal(queue[1].mode, SHARED_UPGRADABLE);
}

/* Right: a wait keeps the start with which it was first seen, whatever the server's drifting timer says later, until the
 * session waits anew. */
static void a_wait_keeps_its_start(void **state)
{
    (void)state;
    struct lock_row seen = row(ORDERS, 10, EXCLUSIVE, 1000);
    struct lock_rows before = {&seen, 1, 1};
    struct lock_row drifted = row(ORDERS, 10, EXCLUSIVE, 1200), anew = row(ORDERS, 10, EXCLUSIVE, 5100);
    struct lock_row untold = row(ORDERS, 20, EXCLUSIVE, 0), still = untold;
    untold.granted = still.granted = 0;
    locks_keep_starts(&drifted, 1, &before, 5000, 7000);
    locks_keep_starts(&anew, 1, &before, 5000, 7000);
    locks_keep_starts(&untold, 1, &before, 5000, 7000);
    assert_int_equal(drifted.wait_start_ns, 1000);
    assert_int_equal(anew.wait_start_ns, 5100);
    assert_int_equal(untold.wait_start_ns, 7000);
    before.items = &untold;
    locks_keep_starts(&still, 1, &before, 7000, 9000);
    assert_int_equal(still.wait_start_ns, 7000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_queue_behind_a_reader), cmocka_unit_test(two_holders_and_an_earlier_waiter),
        cmocka_unit_test(a_chain_over_two_tables),   cmocka_unit_test(a_cycle_ends),
        cmocka_unit_test(nothing_is_nobody),         cmocka_unit_test(upgrades_are_read_from_who_waits),
        cmocka_unit_test(a_wait_keeps_its_start),    cmocka_unit_test(who_holds_goes_ahead),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
