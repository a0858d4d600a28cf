/* checks: what constraints demand is understood, and rows are made so that they keep it: of a table whose columns agree only as
 * its CHECKs say, no row breaks one, and each column is null as often as its source was. */
#include "generators/check_tree.h"
#include "generators/profile.h"
#include "generators/row.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { ROWS = 4000, COLUMNS = 8 };

static struct arena arena;

static int forget(void **state)
{
    (void)state;
    arena_free(&arena);
    return 0;
}

static struct catalogue_column column(const char *name, const char *type, bool not_null)
{
    return (struct catalogue_column){.name = name,
                                     .quoted = name,
                                     .type = type,
                                     .base_type = type,
                                     .max_length = -1,
                                     .precision = -1,
                                     .scale = -1,
                                     .not_null = not_null};
}

static void constraints_are_understood(void **state)
{
    (void)state;
    struct catalogue_column columns[] = {column("a", "int4", false), column("b", "int4", false),
                                         column("t", "text", false), column("Odd Name", "text", false)};
    const struct catalogue_table table = {.lexis = SQL_POSTGRES, .columns = columns, .column_count = 4};
    static const struct {
        const char *check;
        const char *values[4];
        bool holds;
    } cases[] = {
        {"CHECK ((a < b))", {"9", "10"}, true},
        {"CHECK ((a < b))", {"10", "9"}, false},
        {"CHECK ((a < b))", {"10", NULL}, true},
        {"CHECK (((a > 0) AND ((b)::numeric < 1e2)))", {"1", "100"}, false},
        {"CHECK (((t <> 'done'::text) OR (a IS NOT NULL)))", {NULL, NULL, "done"}, false},
        {"CHECK (((t <> 'done'::text) OR (a IS NOT NULL)))", {NULL, NULL, "open"}, true},
        {"CHECK ((num_nonnulls(a, b) = 1))", {"1", "2"}, false},
        {"CHECK ((num_nonnulls(a, b) = 1))", {NULL, "2"}, true},
        {"CHECK ((length(t) = 3)) NOT VALID", {NULL, NULL, "äöü"}, true},
        {"CHECK (((t)::text = ANY ((ARRAY['x'::character varying, 'y'::character varying])::text[])))",
         {NULL, NULL, "y"},
         true},
        {"CHECK (((t)::text = ANY (ARRAY[('x'::character varying)::text, ('y'::character varying)::text])))",
         {NULL, NULL, "z"},
         false},
        {"CHECK ((t <> ALL (ARRAY['x'::text, 'y'::text])))", {NULL, NULL, "x"}, false},
        {"CHECK ((t ~ '^[^@]+@[^@]+$'::text))", {NULL, NULL, "a@b"}, true},
        {"CHECK ((t ~ '^[^@]+@[^@]+$'::text))", {NULL, NULL, "a@b@c"}, false},
        {"CHECK ((t ~ '^\\d{2,3}-(ab|c)+x?$'::text))", {NULL, NULL, "12-abcab"}, true},
        {"CHECK ((t ~* '^[A-Z]\\w*$'::text))", {NULL, NULL, "abc_1"}, true},
        {"CHECK ((t ~~ 'k\\_%'::text))", {NULL, NULL, "k_1"}, true},
        {"CHECK ((t ~~ 'k\\_%'::text))", {NULL, NULL, "kx1"}, false},
        {"CHECK ((b = (a * 2)))", {"3", "6"}, true},
        {"CHECK (((a IS NULL) = (b IS NULL)))", {"3", NULL}, false},
        {"CHECK ((\"Odd Name\" = lower(\"Odd Name\")))", {NULL, NULL, NULL, "Up"}, false},
        {"CHECK ((NOT ((a >= 5) AND (a <= 7))))", {"6"}, false},
        {"CHECK ((a IS DISTINCT FROM b))", {"6", "6"}, false},
        {"CHECK ((COALESCE(a, b) > '-1'::integer))", {NULL, "0"}, true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct check_tree *tree = check_tree_read(&arena, &table, cases[i].check);
        if (tree == NULL || check_tree_holds(tree, cases[i].values) != cases[i].holds)
            fail_msg("%s: %s", cases[i].check, tree == NULL ? "not understood" : "wrong");
    }
    static const char *const others[] = {"CHECK ((a < f(b)))",
                                         "CHECK ((t < now()))",
                                         "CHECK ((c < 1))",
                                         "CHECK ((a + '1 day'::interval) < b)",
                                         "CHECK (",
                                         ""};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        assert_null(check_tree_read(&arena, &table, others[i]));
}

static void constraints_of_the_other_lexis_are_understood(void **state)
{
    (void)state;
    struct catalogue_column columns[] = {column("a", "int4", false), column("t", "varchar", false)};
    const struct catalogue_table table = {.lexis = SQL_MYSQL, .columns = columns, .column_count = 2};
    static const char *const checks[] = {"CHECK (`a` between 1 and 5 and `t` like 'x%')",
                                         "CHECK (`t` in ('xa','xb') or `a` is null)",
                                         "CHECK (`t` regexp '^x' and `a` <> 3)", "CHECK (!(`a` > 5))"};
    static const char *const good[] = {"2", "xb"}, *const bad[] = {"3", "no"};
    for (size_t i = 0; i < 3; i++) {
        const struct check_tree *tree = check_tree_read(&arena, &table, checks[i]);
        assert_non_null(tree);
        assert_true(check_tree_holds(tree, good));
        assert_false(check_tree_holds(tree, bad));
    }
    assert_null(check_tree_read(&arena, &table, checks[3]));
}

static struct profile_column statistics_of(const char *type, double null_ratio, int low, int step)
{
    enum { BOUNDS = 41 };
    const char **bounds = arena_alloc(&arena, BOUNDS * sizeof *bounds);
    for (int i = 0; i < BOUNDS; i++)
        bounds[i] = arena_printf(&arena, "%d", low + i * step);
    return (struct profile_column){.type = type,
                                   .base = type,
                                   .null_ratio = null_ratio,
                                   .distinct = 1000,
                                   .distinct_reported = 1000,
                                   .bounds = bounds,
                                   .bound_count = BOUNDS,
                                   .width_bytes = 4,
                                   .distinct_ratio = NAN,
                                   .correlation = NAN};
}

/* Columns: id, from, to (a little later, or null), one of x, y, z, done and when. */
static void rows_keep_what_constraints_demand(void **state)
{
    (void)state;
    static const char *const labels[] = {"done", "new"};
    static struct profile_atom common[] = {{0.6, "done"}, {0.4, "new"}};
    static const double nulls[COLUMNS] = {0, 0, 0.3, 0.5, 0.7, 0.8, 0, 0.4};
    struct catalogue_check checks[] = {{"order", "CHECK (((t > f) OR (t IS NULL)))"},
                                       {"one", "CHECK ((num_nonnulls(x, y, z) = 1))"},
                                       {"when", "CHECK (((s <> 'done'::text) OR (w IS NOT NULL)))"}};
    struct catalogue_column columns[COLUMNS] = {column("id", "int4", true), column("f", "int4", true),
                                                column("t", "int4", false), column("x", "int4", false),
                                                column("y", "int4", false), column("z", "int4", false),
                                                column("s", "text", true),  column("w", "int4", false)};
    struct profile_column statistics[COLUMNS];
    for (int i = 0; i < COLUMNS; i++) {
        statistics[i] = statistics_of("int4", nulls[i], i == 2 ? 25 : 0, 100);
        columns[i].statistics = &statistics[i];
    }
    statistics[6] = (struct profile_column){.type = "text",
                                            .base = "text",
                                            .mcv = common,
                                            .mcv_count = 2,
                                            .distinct = 2,
                                            .distinct_reported = 2,
                                            .width_bytes = 5,
                                            .correlation = NAN,
                                            .distinct_ratio = NAN};
    columns[6].labels = labels;
    columns[6].label_count = 2;
    struct profile_table source = {.name = "t", .rows = ROWS, .sample_rows = ROWS};
    struct catalogue_table table = {.schema = "public",
                                    .name = "t",
                                    .quoted = "t",
                                    .kind = "",
                                    .rows = ROWS,
                                    .profile = &source,
                                    .columns = columns,
                                    .column_count = COLUMNS,
                                    .checks = checks,
                                    .check_count = 3};
    const struct catalogue catalogue = {&table, 1};
    struct row_maker *maker;
    struct err err = {0};
    const struct check_tree *trees[3];
    if (!row_maker_make(&arena, 7, &catalogue, 0, &maker, &err))
        fail_msg("%s", err.message);
    for (size_t c = 0; c < 3; c++)
        assert_non_null(trees[c] = check_tree_read(&arena, &table, checks[c].definition));
    double null[COLUMNS] = {0}, done = 0;
    for (int64_t row = 0; row < ROWS; row++) {
        struct buf out = {0};
        const char *values[COLUMNS];
        row_write(maker, row, &out);
        char *rest = out.data;
        for (int i = 0; i < COLUMNS; i++) {
            values[i] = strsep(&rest, "\t\n");
            values[i] = strcmp(values[i], "\\N") == 0 ? NULL : values[i];
            null[i] += values[i] == NULL;
        }
        done += strcmp(values[6], "done") == 0;
        for (size_t c = 0; c < 3; c++)
            if (!check_tree_holds(trees[c], values))
                fail_msg("row %lld breaks %s", (long long)row, checks[c].name);
        buf_free(&out);
    }
    assert_true(fabs(done / ROWS - 0.6) < 1e-9);
    for (int i = 0; i < COLUMNS; i++)
        if (fabs(null[i] / ROWS - nulls[i]) > 0.02)
            fail_msg("%s is null in %g of the rows, not in %g", columns[i].name, null[i] / ROWS, nulls[i]);
}

static void heads_of_texts_are_found(void **state)
{
    (void)state;
    struct catalogue_column columns[] = {column("t", "text", false)};
    const struct catalogue_table table = {.lexis = SQL_POSTGRES, .columns = columns, .column_count = 1};
    static const char *const cases[][2] = {{"CHECK ((t ~~ 'k\\_%'::text))", "k_"},
                                           {"CHECK ((t ~ '^INV-\\d+$'::text))", "INV-"},
                                           {"CHECK ((t ~ '^ab?c'::text))", "a"},
                                           {"CHECK ((t ~~ '%x'::text))", NULL},
                                           {"CHECK ((t ~ '^a|b'::text))", NULL}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *head = check_tree_head(&arena, check_tree_read(&arena, &table, cases[i][0]), 0);
        assert_int_equal(head == NULL, cases[i][1] == NULL);
        if (head != NULL)
            assert_string_equal(head, cases[i][1]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(constraints_are_understood),
        cmocka_unit_test(constraints_of_the_other_lexis_are_understood),
        cmocka_unit_test(heads_of_texts_are_found),
        cmocka_unit_test(rows_keep_what_constraints_demand),
    };
    return cmocka_run_group_tests(tests, NULL, forget);
}
