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
    {0, "json", NULL, "JSON on stdout instead of the table", VERB_AUDIT, OPTION_FLAG, MEMBER(json)},
    {'o', "out", "DIR", "where result.json, report.html and report.md go", VERB_RUN | VERB_DEMO, OPTION_TEXT,
     MEMBER(out)},
    {0, "dsn", "DSN", "the target: a libpq URI or key=value text, a mysql:// URI, or sandbox:ENGINE",
     VERB_RUN | VERB_CHECK | VERB_FILL | VERB_CLEAN, OPTION_TEXT, MEMBER(dsn)},
    {0, "dsn", "DSN", "the source: a libpq URI or key=value text, or a mysql:// URI; it is only read",
     VERB_PROFILE, OPTION_TEXT, MEMBER(dsn)},
    {0, "dsn", "DSN", "the copy: a libpq URI or key=value text, or a mysql:// URI; it is only read",
     VERB_AUDIT, OPTION_TEXT, MEMBER(dsn)},
    {0, "profile", "FILE", "what the copy was made from (default: the plan's data.profile)", VERB_AUDIT,
     OPTION_TEXT, MEMBER(profile)},
    {0, "scale", "N", "rows of the copy for each of the profile's (default: the plan's data.scale, else 1)",
     VERB_AUDIT, OPTION_TEXT, MEMBER(scale)},
    {0, "counts", NULL,
     "count different values and children per parent instead of estimating them: reads all rows", VERB_AUDIT,
     OPTION_FLAG, MEMBER(counts)},
    {0, "source", "DSN",
     "the source itself, which is only read: the same queries are asked there, with values that are as "
     "common",
     VERB_AUDIT, OPTION_TEXT, MEMBER(source)},
    {0, "queries", "N", "how many queries are generated and asked (default 60; 0: none)", VERB_AUDIT,
     OPTION_COUNT, MEMBER(queries)},
    {0, "noise", NULL,
     "analyse the copy, which must be armed, once more: limits become twice what it differs from itself by",
     VERB_AUDIT, OPTION_FLAG, MEMBER(noise)},
    {'o', "out", "FILE", "where the profile goes (default: standard output)", VERB_PROFILE, OPTION_TEXT,
     MEMBER(out)},
    {0, "tables", "A,B", "only these tables, as table or schema.table, and what they need", VERB_PROFILE,
     OPTION_TEXT, MEMBER(tables)},
    {0, "counts", NULL,
     "count how many keys occur how often: reads the tables, so give it a replica; no value leaves the "
     "server",
     VERB_PROFILE, OPTION_FLAG, MEMBER(counts)},
    {0, "literals", "T.C,..", "columns whose values may stand in the profile to the letter", VERB_PROFILE,
     OPTION_TEXT, MEMBER(literals)},
    {0, "audit", NULL, "list every value that would leave instead of writing the profile", VERB_PROFILE,
     OPTION_FLAG, MEMBER(audit)},
    {0, "statement-timeout", "TIME", "how long one statement may take (default 60s)",
     VERB_PROFILE | VERB_AUDIT, OPTION_TEXT, MEMBER(statement_timeout)},
    {0, "arm", "DBNAME", "arm the target for this run only", VERB_RUN | VERB_FILL | VERB_CLEAN | VERB_AUDIT,
     OPTION_TEXT, MEMBER(arm)},
    {0, "allow-exec", NULL, "let the plan's external commands run (check lists them)", VERB_RUN | VERB_DEMO,
     OPTION_FLAG, MEMBER(allow_exec)},
    {0, "strategy", "NAME", "only this strategy of the plan (may be repeated)",
     VERB_RUN | VERB_DEMO | VERB_CHECK, OPTION_LIST, MEMBER(strategies)},
    {0, "seed", "N", "seed of data and load", VERB_RUN | VERB_FILL | VERB_DEMO, OPTION_COUNT, MEMBER(seed)},
    {0, "seed", "N", "seed of the queries", VERB_AUDIT, OPTION_COUNT, MEMBER(seed)},
    {0, "unlogged", NULL,
     "PostgreSQL: make the tables UNLOGGED and leave them so: quicker, but empty after a crash, and on no "
     "replica",
     VERB_FILL, OPTION_FLAG, MEMBER(unlogged)},
    {0, "pin-stats", NULL,
     "PostgreSQL: statistics go on showing the profile's n_distinct, whatever an ANALYZE finds in the rows: "
     "production's plans rather than the best",
     VERB_FILL, OPTION_FLAG, MEMBER(pin_stats)},
    {0, "observe", "LEVEL", "full (default), idle or off: how closely locks are watched",
     VERB_RUN | VERB_DEMO, OPTION_TEXT, MEMBER(observe)},
    {'c', "sessions", "N", "sessions of the application", VERB_RUN, OPTION_COUNT, MEMBER(sessions)},
    {'R', "rate", "N",
     "requests a second, open loop; 0: closed loop. Unlike pgbench: without -R a 5 s capacity probe is "
     "followed by "
     "an open loop at half of what it reached",
     VERB_RUN, OPTION_TEXT, MEMBER(rate)},
    {'T', "time", "S",
     "seconds of baseline before, and of watching after, the migration. Unlike pgbench: not the length of "
     "the run",
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
    {0, "print-sql", NULL, "print the SQL that a DBA would run, change nothing", VERB_ARM | VERB_PROFILE,
     OPTION_FLAG, MEMBER(print_sql)},
    {0, "expires", "DURATION", "how long the marker is good for (default 30 days; 12h, 7d)", VERB_ARM,
     OPTION_TEXT, MEMBER(expires)},
    {0, "execute", NULL, "remove what is listed, in that order", VERB_CLEAN, OPTION_FLAG, MEMBER(execute)},
    {0, "engine", "ENGINE", "postgresql (default), mariadb or mysql", VERB_DEMO, OPTION_TEXT, MEMBER(engine)},
};
enum { ROWS = sizeof rows / sizeof *rows, LEFT_COLUMNS = 24 };

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

/* A verb that knows this flag, NULL when none does. */
static const char *verb_with(const char *name, size_t length)
{
    static const char *const verbs[] = {"run",  "check", "fill",    "report", "arm",
                                        "demo", "clean", "profile", "audit"};
    for (unsigned i = 0; i < sizeof verbs / sizeof *verbs; i++)
        if (find(1U << i, 0, name, length) != NULL)
            return verbs[i];
    return NULL;
}

static bool unknown(unsigned verb, const char *argument, struct err *err)
{
    const char *names[ROWS + 1] = {0};
    char name[64];
    int count = 0;
    for (int i = 0; i < ROWS; i++)
        if (rows[i].verbs & verb)
            names[count++] = rows[i].name;
    err_set(err, ERR_USAGE, "unknown flag %s", argument);
    if (strncmp(argument, "--", 2) != 0)
        return err_hint(err, "--help lists the flags");
    snprintf(name, sizeof name, "%.*s", (int)strcspn(argument + 2, "="), argument + 2);
    const char *other = verb_with(name, strlen(name)), *near = near_word(name, names);
    if (other != NULL)
        return err_hint(err, "--%s is a flag of rehearse %s", name, other);
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

/* The words of the command line, read one by one. */
struct words {
    struct arena *arena;
    int argc, at;
    char **argv;
    unsigned verb;
    struct options *options;
};

/* A flag that takes a value: attached, or the next word. */
static bool take_value(struct words *words, const struct option_row *row, const char *attached,
                       struct err *err)
{
    if (attached == NULL && words->at + 1 >= words->argc)
        return err_set(err, ERR_USAGE, "--%s wants a value: %s", row->name, row->argument);
    return set(words->arena, row, attached != NULL ? attached : words->argv[++words->at], words->options,
               err);
}

/* "--rate=400", "--rate 400", "--quiet". */
static bool read_name(struct words *words, const char *argument, struct err *err)
{
    const char *equals = strchr(argument, '=');
    size_t length = equals != NULL ? (size_t)(equals - argument - 2) : strlen(argument + 2);
    const struct option_row *row = find(words->verb, 0, argument + 2, length);
    if (row == NULL)
        return unknown(words->verb, argument, err);
    if (row->kind != OPTION_FLAG)
        return take_value(words, row, equals != NULL ? equals + 1 : NULL, err);
    if (equals != NULL)
        return err_set(err, ERR_USAGE, "--%s takes no value", row->name);
    return set(words->arena, row, NULL, words->options, err);
}

/* "-c16", "-c 16", "-qv". */
static bool read_letters(struct words *words, const char *argument, struct err *err)
{
    for (const char *letter = argument + 1; *letter != '\0'; letter++) {
        const struct option_row *row = find(words->verb, *letter, NULL, 0);
        if (row == NULL)
            return unknown(words->verb, argument, err);
        if (row->kind != OPTION_FLAG)
            return take_value(words, row, letter[1] != '\0' ? letter + 1 : NULL, err);
        set(words->arena, row, NULL, words->options, err);
    }
    return true;
}

bool options_read(struct arena *arena, int argc, char **argv, unsigned verb, struct options *options,
                  struct err *err)
{
    struct words words = {.arena = arena, .argc = argc, .argv = argv, .verb = verb, .options = options};
    *options = (struct options){.sessions = -1, .seed = -1, .queries = -1, .watch_ns = -1};
    bool flags = true;
    for (; words.at < argc; words.at++) {
        const char *word = argv[words.at];
        if (!flags || word[0] != '-' || word[1] == '\0')
            *ARENA_PUSH(arena, options->places.items, options->places.count, options->places.capacity) = word;
        else if (strcmp(word, "--") == 0)
            flags = false;
        else if (!(word[1] == '-' ? read_name(&words, word, err) : read_letters(&words, word, err)))
            return false;
    }
    return true;
}

/* Broken between words; the first line begins where the cursor stands. */
static void print_wrapped(const char *text, int indent, int width)
{
    int used = 0;
    while (*text != '\0') {
        int length = (int)strcspn(text, " ");
        if (used > 0 && used + 1 + length > width) {
            printf("\n%*s", indent, "");
            used = 0;
        }
        used += printf("%s%.*s", used > 0 ? " " : "", length, text);
        text += length;
        text += strspn(text, " ");
    }
    putchar('\n');
}

void options_print(unsigned verb)
{
    for (int i = 0; i < ROWS; i++) {
        if (!(rows[i].verbs & verb))
            continue;
        char left[64], letter[] = {'-', rows[i].letter, ',', ' ', '\0'};
        snprintf(left, sizeof left, "%s--%s%s%s", rows[i].letter ? letter : "    ", rows[i].name,
                 rows[i].argument ? " " : "", rows[i].argument ? rows[i].argument : "");
        printf("  %-*s ", LEFT_COLUMNS, left);
        print_wrapped(rows[i].help, LEFT_COLUMNS + 3, 80 - LEFT_COLUMNS - 3);
    }
}
