#include "bench/cli/command.h"

#include "bench/base/log.h"
#include "bench/base/near.h"
#include "bench/run/interrupt.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct command {
    const char *name, *usage, *summary;
    unsigned verb;
    command_fn *run;      /* NULL: in the contract, not built yet */
    const char *examples; /* lines, or NULL */
};

static const struct command commands[] = {
    {"run", "[PLAN|FILE.sql]", "fill, baseline, migrate under load, validate, roll back, report", VERB_RUN,
     command_run,
     "  rehearse run                                     the plan ./rehearse.json\n"
     "  rehearse run --strategy phased -o out            one of its strategies\n"
     "  rehearse run x.sql --dsn service=staging -T 60   no plan: load from the tables' keys\n"
     "  manage.py sqlmigrate shop 0042 | rehearse run - --dsn service=staging -f orders.sql\n"},
    {"check", "[PLAN|FILE.sql]", "read everything and follow the apps through it; no server", VERB_CHECK,
     command_check, NULL},
    {"fill", "[PLAN]", "create and fill the staging tables", VERB_FILL, command_fill, NULL},
    {"profile", "--dsn SOURCE", "what production looks like: schema and statistics, no rows", VERB_PROFILE,
     command_profile,
     "  rehearse profile --dsn service=shop -o profile.json     catalogue and statistics, values redacted\n"
     "  rehearse profile --dsn service=shop --print-sql >s.sql  for a DBA to run\n"
     "  rehearse profile output.txt -o profile.json             what came of it\n"
     "  rehearse profile diff old.json new.json                 what changed; status 1 when something did\n"},
    {"audit", "[PLAN]", "how near a filled copy is to its profile, with a score", VERB_AUDIT, command_audit,
     "  rehearse audit --dsn service=staging --profile profile.json           by the copy's statistics\n"
     "  rehearse audit --dsn service=staging --profile profile.json --counts  and by its rows\n"},
    {"report", "RESULT.json", "render a record again", VERB_REPORT, command_report,
     "  rehearse report out/result.json --html report.html\n"},
    {"arm", "DSN", "mark a database as staging, so that runs may change it", VERB_ARM, command_arm,
     "  rehearse arm service=staging --name shop_staging --expires 7d\n"},
    {"clean", "[PLAN]", "list, or with --execute remove, what a run left behind", VERB_CLEAN, command_clean,
     "  rehearse clean --dsn service=staging             the statements that would run\n"
     "  rehearse clean --dsn service=staging --execute   run them\n"},
    {"demo", "", "a throw-away server, a sample shop, naive against phased", VERB_DEMO, command_demo, NULL},
    {"init", NULL, NULL, 0, NULL, NULL},
    {"compare", NULL, NULL, 0, NULL, NULL},
    {"locks", NULL, NULL, 0, NULL, NULL},
    {"completions", NULL, NULL, 0, NULL, NULL},
};
enum { COMMANDS = sizeof commands / sizeof *commands };

/* Ten lines, the last two of them examples. */
static void print_overview(void)
{
    static const unsigned in_pairs = VERB_ARM | VERB_CLEAN | VERB_PROFILE | VERB_AUDIT;
    puts("rehearse VERB: a schema change under production's load, before production");
    for (int i = 0; i < COMMANDS; i++)
        if (commands[i].run != NULL && !(commands[i].verb & in_pairs))
            printf("  rehearse %-7s %-15s %s\n", commands[i].name, commands[i].usage, commands[i].summary);
    puts("  rehearse profile, audit         production without its rows; how near a copy is to it");
    puts("  rehearse arm, clean             mark a database as staging; remove what a run left behind");
    puts("for example:  rehearse demo        (rehearse VERB --help lists its flags)\n"
         "              rehearse run add_column.sql --dsn service=staging -T 60");
}

static void print_exit_codes(void)
{
    puts("\nexit codes: 0 pass, 1 a threshold failed, 2 usage or plan, 3 database, environment or guard\n"
         "refused, 4 the run cannot be trusted, 5 something was left behind, 6 rows lost or changed,\n"
         "70 internal error, 130 and 143 interrupted");
}

static const struct command *find_command(const char *name, struct err *err)
{
    const char *names[COMMANDS + 1] = {0};
    for (int i = 0; i < COMMANDS; i++) {
        names[i] = commands[i].name;
        if (strcmp(commands[i].name, name) != 0)
            continue;
        if (commands[i].run != NULL)
            return &commands[i];
        err_set(err, ERR_USAGE, "rehearse %s is not built yet", name);
        return NULL;
    }
    const char *near = near_word(name, names), *dot = strrchr(name, '.');
    err_set(err, ERR_USAGE, "there is no verb \"%s\"", name);
    if (near != NULL)
        err_hint(err, "did you mean %s?", near);
    else if (dot != NULL && (strcmp(dot, ".sql") == 0 || strcmp(dot, ".json") == 0))
        err_hint(err, "did you mean rehearse run %s?", name);
    else
        err_hint(err, "the verb comes first: rehearse --help lists the verbs");
    return NULL;
}

static bool wants_colour(const struct options *options)
{
    if (options->color != NULL && strcmp(options->color, "always") == 0)
        return true;
    if (options->color != NULL && strcmp(options->color, "never") == 0)
        return false;
    const char *no_color = getenv("NO_COLOR");
    return isatty(STDOUT_FILENO) && (no_color == NULL || no_color[0] == '\0');
}

static int print_help(const struct command *command)
{
    printf("rehearse %s%s%s: %s\n\n", command->name, command->usage[0] != '\0' ? " " : "", command->usage,
           command->summary);
    options_print(command->verb);
    if (command->examples != NULL)
        printf("\n%s", command->examples);
    return 0;
}

static bool check_color(const struct options *options, struct err *err)
{
    static const char *const known[] = {"auto", "always", "never", NULL};
    for (int i = 0; options->color != NULL && known[i] != NULL; i++)
        if (strcmp(options->color, known[i]) == 0)
            return true;
    return options->color == NULL || err_set(err, ERR_USAGE, "--color is auto, always or never");
}

static int run_command(int argc, char **argv, struct arena *arena, struct err *err)
{
    const struct command *command = find_command(argv[1], err);
    struct invocation invocation = {.arena = arena, .argc = argc, .argv = argv};
    if (command == NULL ||
        !options_read(arena, argc - 2, argv + 2, command->verb, &invocation.options, err) ||
        !check_color(&invocation.options, err))
        return err_exit_code(err->kind);
    if (invocation.options.help)
        return print_help(command);
    if (invocation.options.quiet)
        log_set_level(LOG_LEVEL_WARN);
    else if (invocation.options.verbose)
        log_set_level(LOG_LEVEL_DEBUG);
    invocation.colour = wants_colour(&invocation.options);
    return command->run(&invocation, err);
}

static void print_error(const struct err *err)
{
    char text[sizeof err->message + sizeof err->file + 32];
    err_text(err, text, (int)sizeof text);
    for (char *c = text; *c != '\0'; c++)
        if ((unsigned char)*c < ' ' || *c == 0x7f)
            *c = ' '; /* servers' messages may hold anything */
    fprintf(stderr, "rehearse: %s\n", text);
    if (err->hint[0] != '\0')
        fprintf(stderr, "hint: %s\n", err->hint);
}

int main(int argc, char **argv)
{
    struct arena arena = {0};
    struct err err = {0};
    bool help = argc >= 2 && (strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "--help") == 0);
    if (argc < 2 || help) {
        print_overview();
        if (help)
            print_exit_codes();
        return 0;
    }
    if (strcmp(argv[1], "-V") == 0 || strcmp(argv[1], "--version") == 0) {
        puts("rehearse " REHEARSE_VERSION);
        return 0;
    }
    if (!interrupt_start()) {
        fputs("rehearse: cannot set up signals\n", stderr);
        return err_exit_code(ERR_INTERNAL);
    }
    int code = run_command(argc, argv, &arena, &err);
    if (err.kind != ERR_NONE) {
        print_error(&err);
        code = code != 0 ? code : err_exit_code(err.kind);
    }
    arena_free(&arena);
    if (fflush(stdout) != 0) {
        fputs("rehearse: cannot write standard output\n", stderr);
        return err_exit_code(ERR_ENVIRONMENT);
    }
    return code;
}
