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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_queue_behind_a_reader), cmocka_unit_test(two_holders_and_an_earlier_waiter),
        cmocka_unit_test(a_chain_over_two_tables),   cmocka_unit_test(a_cycle_ends),
        cmocka_unit_test(nothing_is_nobody),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
