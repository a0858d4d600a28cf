/* Whole files in and out. */
#include "bench/base/file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

struct place {
    char directory[32], path[64], temporary[96];
};

static int open_place(void **state)
{
    struct place *place = mem_alloc(sizeof *place);
    strcpy(place->directory, "/tmp/base_file.XXXXXX");
    assert_non_null(mkdtemp(place->directory));
    snprintf(place->path, sizeof place->path, "%s/record", place->directory);
    snprintf(place->temporary, sizeof place->temporary, "%s.tmp.%d", place->path, (int)getpid());
    *state = place;
    return 0;
}

static int close_place(void **state)
{
    struct place *place = *state;
    assert_true(file_remove_tree(place->directory));
    free(place);
    return 0;
}

static void assert_holds(const char *path, const char *expected)
{
    struct arena arena = {0};
    struct err err = {0};
    char *text;
    size_t length;
    assert_true(file_read(&arena, path, &text, &length, &err));
    assert_string_equal(text, expected);
    assert_int_equal(length, strlen(expected));
    arena_free(&arena);
}

static void replaces_whole_files(void **state)
{
    const struct place *place = *state;
    struct err err = {0};
    assert_true(file_write_atomic(place->path, "a long one", 10, &err));
    assert_true(file_write_atomic(place->path, "short", 5, &err));
    assert_holds(place->path, "short");
    assert_int_equal(access(place->temporary, F_OK), -1);
}

/* Right: what a killed process of the same number left does not stand in the way. Wrong: "File exists", for ever. */
static void is_not_stopped_by_an_old_temporary(void **state)
{
    const struct place *place = *state;
    struct err err = {0};
    FILE *old = fopen(place->temporary, "w");
    assert_non_null(old);
    fputs("half of a much longer record", old);
    fclose(old);
    assert_true(file_write_atomic(place->path, "whole", 5, &err));
    assert_holds(place->path, "whole");
    assert_int_equal(access(place->temporary, F_OK), -1);
}

static void failures_leave_nothing_and_say_why(void **state)
{
    const struct place *place = *state;
    struct arena arena = {0};
    struct err err = {0};
    char *text;
    size_t length;
    assert_false(file_write_atomic(place->directory, "x", 1, &err));
    assert_non_null(strstr(err.message, "cannot write"));
    assert_false(file_read(&arena, place->directory, &text, &length, &err));
    assert_non_null(strstr(err.message, "directory"));
    assert_false(file_read(&arena, place->temporary, &text, &length, &err));
    assert_int_equal(err.kind, ERR_USAGE);
    arena_free(&arena);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, open_place, close_place)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(replaces_whole_files),
        CASE(is_not_stopped_by_an_old_temporary),
        CASE(failures_leave_nothing_and_say_why),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
