/* The command line's flags: every way to write a value, and every way to get one wrong. */
#include "bench/base/clock.h"
#include "bench/cli/options.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

enum { WORDS_MAX = 12 };

/* Words are separated by single spaces; ~ stands for a space inside a word. */
static bool read_line(struct arena *arena, const char *line, unsigned verb, struct options *options,
                      struct err *err)
{
    char *argv[WORDS_MAX + 1] = {0}, *rest = arena_strdup(arena, line), *word;
    int argc = 0;
    *err = (struct err){0};
    while ((word = strsep(&rest, " ")) != NULL) {
        assert_true(argc < WORDS_MAX);
        for (char *c = word; *c != '\0'; c++)
            *c = *c == '~' ? ' ' : *c;
        argv[argc++] = word;
    }
    return options_read(arena, argc, argv, verb, options, err);
}

static void a_value_is_attached_or_follows(void **state)
{
    (void)state;
    static const char *const ways[] = {
        "-c 16 -R 400 -T 60 -o out x.sql",
        "-c16 -R400 -T60 -oout x.sql",
        "--sessions=16 --rate=400 --time=60 --out=out x.sql",
        "x.sql --sessions 16 --rate 400 --time 60 --out out",
    };
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        struct arena arena = {0};
        struct options options;
        struct err err;
        if (!read_line(&arena, ways[i], VERB_RUN, &options, &err))
            fail_msg("%s: %s", ways[i], err.message);
        assert_int_equal(options.sessions, 16);
        assert_string_equal(options.rate, "400");
        assert_int_equal(options.watch_ns, 60 * NS_PER_S);
        assert_string_equal(options.out, "out");
        assert_int_equal(options.places.count, 1);
        assert_string_equal(options.places.items[0], "x.sql");
        arena_free(&arena);
    }
}

static void what_is_not_said_is_told_apart_from_zero(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct options options;
    struct err err;
    assert_true(read_line(&arena, "x.sql", VERB_RUN, &options, &err));
    assert_int_equal(options.sessions, -1);
    assert_int_equal(options.seed, -1);
    assert_int_equal(options.watch_ns, -1);
    assert_null(options.rate);
    assert_true(read_line(&arena, "--seed 0 -T 0.5 -R 0 x.sql", VERB_RUN, &options, &err));
    assert_int_equal(options.seed, 0);
    assert_int_equal(options.watch_ns, NS_PER_S / 2);
    assert_string_equal(options.rate, "0");
    arena_free(&arena);
}

static void repeated_flags_add_up_where_many_make_sense(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct options options;
    struct err err;
    assert_true(
        read_line(&arena, "-f a.sql@3 -fb.sql -D x=1 --define=y=2 -c 4 -c 8", VERB_RUN, &options, &err));
    assert_int_equal(options.scripts.count, 2);
    assert_string_equal(options.scripts.items[0], "a.sql@3");
    assert_string_equal(options.scripts.items[1], "b.sql");
    assert_int_equal(options.defines.count, 2);
    assert_string_equal(options.defines.items[1], "y=2"); /* only the first = separates */
    assert_int_equal(options.sessions, 8);                /* else the last word counts */
    arena_free(&arena);
}

static void after_two_dashes_nothing_is_a_flag(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct options options;
    struct err err;
    assert_true(read_line(&arena, "- -q -- -c --rate", VERB_RUN, &options, &err));
    assert_true(options.quiet);
    assert_int_equal(options.places.count, 3);
    assert_string_equal(options.places.items[0], "-"); /* standard input */
    assert_string_equal(options.places.items[1], "-c");
    assert_string_equal(options.places.items[2], "--rate");
    assert_int_equal(options.sessions, -1);
    arena_free(&arena);
}

static void values_may_look_like_flags(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct options options;
    struct err err;
    assert_true(read_line(&arena, "--dsn host=/tmp~dbname=-x -o -", VERB_RUN, &options, &err));
    assert_string_equal(options.dsn, "host=/tmp dbname=-x");
    assert_string_equal(options.out, "-");
    arena_free(&arena);
}

static void mistakes_are_named(void **state)
{
    (void)state;
    static const struct {
        const char *line;
        unsigned verb;
        const char *message, *hint; /* parts of them */
    } mistakes[] = {
        {"--strateg naive", VERB_RUN, "--strateg", "--strategy"},
        {"--sesions=16", VERB_RUN, "--sesions=16", "--sessions"},
        {"--nothing-like-it", VERB_RUN, "--nothing-like-it", "--help"},
        {"-Z", VERB_RUN, "-Z", "--help"},
        {"--html x", VERB_RUN, "--html", "report"}, /* a flag of another verb */
        {"-c", VERB_RUN, "--sessions wants a value", ""},
        {"-c many", VERB_RUN, "--sessions", ""},
        {"-c -5", VERB_RUN, "--sessions", ""},
        {"-c 16x", VERB_RUN, "--sessions", ""},
        {"-c=16", VERB_RUN, "--sessions", ""},
        {"--sessions=", VERB_RUN, "--sessions", ""},
        {"--seed 99999999999999999999", VERB_RUN, "--seed", ""},
        {"-T -1", VERB_RUN, "--time", ""},
        {"-T nan", VERB_RUN, "--time", ""},
        {"-T 1e9", VERB_RUN, "--time", ""},
        {"-T 60s", VERB_RUN, "seconds", ""},
        {"--quiet=yes", VERB_RUN, "--quiet takes no value", ""},
    };
    for (size_t i = 0; i < sizeof mistakes / sizeof *mistakes; i++) {
        struct arena arena = {0};
        struct options options;
        struct err err;
        if (read_line(&arena, mistakes[i].line, mistakes[i].verb, &options, &err))
            fail_msg("accepted: %s", mistakes[i].line);
        assert_int_equal(err.kind, ERR_USAGE);
        if (strstr(err.message, mistakes[i].message) == NULL || strstr(err.hint, mistakes[i].hint) == NULL)
            fail_msg("%s: \"%s\", hint \"%s\"", mistakes[i].line, err.message, err.hint);
        arena_free(&arena);
    }
}

static void short_flags_without_values_stand_together(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct options options;
    struct err err;
    assert_true(read_line(&arena, "-vqc4 x.sql", VERB_RUN, &options, &err));
    assert_true(options.verbose && options.quiet);
    assert_int_equal(options.sessions, 4);
    arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_value_is_attached_or_follows),
        cmocka_unit_test(what_is_not_said_is_told_apart_from_zero),
        cmocka_unit_test(repeated_flags_add_up_where_many_make_sense),
        cmocka_unit_test(after_two_dashes_nothing_is_a_flag),
        cmocka_unit_test(values_may_look_like_flags),
        cmocka_unit_test(mistakes_are_named),
        cmocka_unit_test(short_flags_without_values_stand_together),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
