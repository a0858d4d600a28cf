/* Of a DDL's stages those worth reading: of 1 ms or more, at most the ten longest, in their order. */
#include "bench/migrate/stages.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

/* Right: what took less than a millisecond goes, the rest stays where it stood. */
static void short_ones_go(void **state)
{
    (void)state;
    struct statement_stage stages[] = {
        {"starting", 24}, {"opening tables", 1000}, {"end", 999}, {"commit", 6407}};
    assert_int_equal(stages_keep(stages, 4), 2);
    assert_string_equal(stages[0].name, "opening tables");
    assert_string_equal(stages[1].name, "commit");
    assert_int_equal(stages[1].duration_us, 6407);
    assert_int_equal(stages_keep(stages, 0), 0);
}

/* Right: of twelve the two shortest go, wherever they stand. */
static void ten_are_enough(void **state)
{
    (void)state;
    struct statement_stage stages[12];
    for (int i = 0; i < 12; i++)
        stages[i] = (struct statement_stage){i == 5 || i == 11 ? "short" : "long",
                                             i == 5 || i == 11 ? 2000 : 9000 - i};
    assert_int_equal(stages_keep(stages, 12), 10);
    for (int i = 0; i < 10; i++) {
        assert_string_equal(stages[i].name, "long");
        assert_int_equal(stages[i].duration_us, 9000 - (i < 5 ? i : i + 1));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(short_ones_go), cmocka_unit_test(ten_are_enough)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
