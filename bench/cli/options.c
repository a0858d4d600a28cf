#include "bench/cli/options.h"

#include "bench/base/clock.h"
#include "bench/base/near.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum option_kind { OPTION_FLAG, OPTION_TEXT, OPTION_LIST, OPTION_COUNT, OPTION_SECONDS };

struct option_row {
    char letter; /* 0: none */
    const char *name, *argument, *help;
    unsigned verbs;
    enum option_kind kind;
    size_t offset;
};

#define MEMBER(member) offsetof(struct options, member)

static const struct option_row rows[] = {
    {'h', "help", NULL, "this text", VERB_ALL, OPTION_FLAG, MEMBER(help)},
    {'q', "quiet", NULL, "warnings and errors only on stderr", VERB_ALL, OPTION_FLAG, MEMBER(quiet)},
    {'v', "verbose", NULL, "say more on stderr", VERB_ALL, OPTION_FLAG, MEMBER(verbose)},
    {0, "color", "WHEN", "auto, always or never (NO_COLOR is honoured)", VERB_ALL, OPTION_TEXT,
     MEMBER(color)},
    {0, "json", NULL, "the record on stdout instead of the summary", VERB_RUN | VERB_DEMO | VERB_REPORT,
     OPTION_FLAG, MEMBER(json)},
    {'o', "out", "DIR", "where result.json, report.html and report.md go", VERB_RUN | VERB_DEMO, OPTION_TEXT,
     MEMBER(out)},
    {0, "dsn", "DSN", "the target: a libpq URI or key=value text, or sandbox:postgresql",
     VERB_RUN | VERB_CHECK | VERB_FILL, OPTION_TEXT, MEMBER(dsn)},
    {0, "arm", "DBNAME", "arm the target for this run only", VERB_RUN | VERB_FILL, OPTION_TEXT, MEMBER(arm)},
    {0, "strategy", "NAME", "only this strategy of the plan (may be repeated)",
     VERB_RUN | VERB_DEMO | VERB_CHECK, OPTION_LIST, MEMBER(strategies)},
    {0, "seed", "N", "seed of data and load", VERB_RUN | VERB_FILL | VERB_DEMO, OPTION_COUNT, MEMBER(seed)},
    {0, "observe", "LEVEL", "full (default), idle or off: how closely locks are watched",
     VERB_RUN | VERB_DEMO, OPTION_TEXT, MEMBER(observe)},
    {'c', "sessions", "N", "sessions of the application", VERB_RUN, OPTION_COUNT, MEMBER(sessions)},
    {'R', "rate", "N",
     "requests a second, open loop; 0: closed loop. Unlike pgbench, without -R a 5 s probe is followed by "
     "an open loop at half of what it reached",
     VERB_RUN, OPTION_TEXT, MEMBER(rate)},
    {'T', "time", "S", "unlike pgbench: seconds of baseline before, and of watching after, the migration",
     VERB_RUN, OPTION_SECONDS, MEMBER(watch_ns)},
    {'f', "file", "FILE@W", "a script of the application with its weight (may be repeated)", VERB_RUN,
     OPTION_LIST, MEMBER(scripts)},
    {'b', "builtin", "NAME@W", "one of pgbench's scripts: tpcb-like, simple-update, select-only", VERB_RUN,
     OPTION_LIST, MEMBER(builtins)},
    {'D', "define", "NAME=VALUE", "a variable of the scripts (may be repeated)", VERB_RUN, OPTION_LIST,
     MEMBER(defines)},
    {'M', "protocol", "MODE", "prepared (default) or simple", VERB_RUN, OPTION_TEXT, MEMBER(protocol)},
    {0, "html", "FILE", "write the HTML report there", VERB_REPORT, OPTION_TEXT, MEMBER(html)},
    {0, "md", "FILE", "write the Markdown report there", VERB_REPORT, OPTION_TEXT, MEMBER(md)},
    {0, "name", "DBNAME", "the database's name, instead of typing it", VERB_ARM, OPTION_TEXT, MEMBER(name)},
    {0, "print-sql", NULL, "print the SQL that a DBA would run, change nothing", VERB_ARM, OPTION_FLAG,
     MEMBER(print_sql)},
    {0, "expires", "DURATION", "how long the marker is good for (default 30d)", VERB_ARM, OPTION_TEXT,
     MEMBER(expires)},
    {0, "engine", "ENGINE", "postgresql (default)", VERB_DEMO, OPTION_TEXT, MEMBER(engine)},
};
enum { ROWS = sizeof rows / sizeof *rows };

static const struct option_row *find(unsigned verb, char letter, const char *name, size_t length)
{
    for (int i = 0; i < ROWS; i++) {
        if (!(rows[i].verbs & verb))
            continue;
        if (letter != 0 ? rows[i].letter == letter
                        : strlen(rows[i].name) == length && strncmp(rows[i].name, name, length) == 0)
            return &rows[i];
    }
    return NULL;
}

static bool unknown(unsigned verb, const char *argument, struct err *err)
{
    const char *names[ROWS + 1] = {0};
    int count = 0;
    for (int i = 0; i < ROWS; i++)
        if (rows[i].verbs & verb)
            names[count++] = rows[i].name;
    err_set(err, ERR_USAGE, "unknown flag %s", argument);
    const char *near = strncmp(argument, "--", 2) == 0 ? near_word(argument + 2, names) : NULL;
    return near != NULL ? err_hint(err, "did you mean --%s?", near) : err_hint(err, "--help lists the flags");
}

static bool set_number(const struct option_row *row, const char *value, void *member, struct err *err)
{
    char *end;
    errno = 0;
    if (row->kind == OPTION_COUNT) {
        long long number = strtoll(value, &end, 10);
        *(int64_t *)member = number;
        if (*end == '\0' && end != value && errno == 0 && number >= 0)
            return true;
    } else {
        double seconds = strtod(value, &end);
        *(int64_t *)member = (int64_t)(seconds * NS_PER_S);
        if (*end == '\0' && end != value && seconds >= 0 && seconds < 1e6)
            return true;
    }
    return err_set(err, ERR_USAGE, "--%s wants a number of %s, not \"%s\"", row->name,
                   row->kind == OPTION_COUNT ? "0 or more" : "seconds", value);
}

static bool set(struct arena *arena, const struct option_row *row, const char *value, struct options *options,
                struct err *err)
{
    void *member = (char *)options + row->offset;
    switch (row->kind) {
    case OPTION_FLAG:
        *(bool *)member = true;
        return true;
    case OPTION_TEXT:
        *(const char **)member = value;
        return true;
    case OPTION_LIST: {
        struct text_list *list = member;
        *ARENA_PUSH(arena, list->items, list->count, list->capacity) = value;
        return true;
    }
    case OPTION_COUNT:
    case OPTION_SECONDS:
        break;
    }
    return set_number(row, value, member, err);
}

/* One flag at argv[*i], its value attached ("-c16", "--rate=400") or in the next word. */
static bool read_flag(struct arena *arena, int argc, char **argv, int *i, unsigned verb,
                      struct options *options, struct err *err)
{
    char *argument = argv[*i], *value = NULL;
    const struct option_row *row;
    if (argument[1] == '-') {
        char *equals = strchr(argument, '=');
        row = find(verb, 0, argument + 2, equals ? (size_t)(equals - argument - 2) : strlen(argument + 2));
        value = equals ? equals + 1 : NULL;
    } else {
        row = find(verb, argument[1], NULL, 0);
        value = argument[2] != '\0' ? argument + 2 : NULL;
    }
    if (row == NULL)
        return unknown(verb, argument, err);
    if (row->kind == OPTION_FLAG && value != NULL)
        return err_set(err, ERR_USAGE, "--%s takes no value", row->name);
    if (row->kind != OPTION_FLAG && value == NULL) {
        if (*i + 1 >= argc)
            return err_set(err, ERR_USAGE, "--%s wants a value: %s", row->name, row->argument);
        value = argv[++*i];
    }
    return set(arena, row, value, options, err);
}

bool options_read(struct arena *arena, int argc, char **argv, unsigned verb, struct options *options,
                  struct err *err)
{
    *options = (struct options){.sessions = -1, .seed = -1, .watch_ns = -1};
    bool flags = true;
    for (int i = 0; i < argc; i++) {
        if (flags && strcmp(argv[i], "--") == 0)
            flags = false;
        else if (flags && argv[i][0] == '-' && argv[i][1] != '\0') {
            if (!read_flag(arena, argc, argv, &i, verb, options, err))
                return false;
        } else {
            *ARENA_PUSH(arena, options->places.items, options->places.count,
                        options->places.capacity) = argv[i];
        }
    }
    return true;
}

void options_print(unsigned verb)
{
    for (int i = 0; i < ROWS; i++) {
        char left[64];
        if (!(rows[i].verbs & verb))
            continue;
        snprintf(left, sizeof left, "%s--%s%s%s",
                 rows[i].letter ? (char[]){'-', rows[i].letter, ',', ' ', 0} : "    ", rows[i].name,
                 rows[i].argument ? " " : "", rows[i].argument ? rows[i].argument : "");
        printf("  %-24s %s\n", left, rows[i].help);
    }
}
